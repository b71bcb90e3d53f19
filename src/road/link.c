// The lane graph: what follows what in the direction of travel, across sections, roads and junctions.
#include "builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- ids -------------------------------------------------------------------------------------------------------------

uint32_t cw_builder_find_road(const cw_map_builder *b, const char *id) {
    uint32_t low = 0, high = b->map->road_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(b->map->roads[b->by_road_id[middle]].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == b->map->road_count || strcmp(b->map->roads[b->by_road_id[low]].id, id) != 0)
        return CW_NONE;
    return b->by_road_id[low];
}

typedef struct id_entry {
    const char *id;
    uint32_t index;
} id_entry;

static int by_id(const void *a, const void *b) {
    const id_entry *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static id_entry *sort_junctions(cw_map_builder *b) {
    id_entry *entries = calloc(b->junctions.count + 1, sizeof *entries);
    if (entries == NULL)
        return NULL;
    for (size_t i = 0; i < b->junctions.count; i++)
        entries[i] = (id_entry){b->junctions.items[i].id, (uint32_t)i};
    qsort(entries, b->junctions.count, sizeof *entries, by_id);
    return entries;
}

static uint32_t find_junction(const id_entry *entries, size_t count, const char *id) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(entries[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && strcmp(entries[low].id, id) == 0 ? entries[low].index : CW_NONE;
}

// ---- edges -----------------------------------------------------------------------------------------------------------

static void add_edge(cw_map_builder *b, uint32_t from, uint32_t to) {
    cw_edge *edge = CW_ADD(b, &b->edges);
    if (edge != NULL)
        *edge = (cw_edge){from, to};
}

// Two lane ends touch. Traffic passes from the lane that leaves by its end into one that enters by its own.
static bool join(cw_map_builder *b, uint32_t x, bool x_at_end, uint32_t y, bool y_at_end) {
    bool x_leaves = (b->final_lanes[x].direction > 0) == x_at_end;
    bool y_leaves = (b->final_lanes[y].direction > 0) == y_at_end;
    if (x_leaves && !y_leaves)
        add_edge(b, x, y);
    else if (y_leaves && !x_leaves)
        add_edge(b, y, x);
    else // people on a pavement walk both ways, so only cars' lanes that meet head on are worth a word
        return b->final_lanes[x].both_ways || b->final_lanes[y].both_ways || !cw_lane_drivable(&b->final_lanes[x]) ||
               !cw_lane_drivable(&b->final_lanes[y]);
    return true;
}

static uint32_t lane_in(const cw_map *map, uint32_t section, int32_t id) {
    const cw_section *s = &map->sections[section];
    int64_t guess = (int64_t)s->center - id; // where ids run without a gap
    if (guess >= s->lanes.first && guess < (int64_t)s->lanes.first + s->lanes.count && map->lanes[guess].id == id)
        return (uint32_t)guess;
    for (uint32_t i = 0; i < s->lanes.count; i++)
        if (map->lanes[s->lanes.first + i].id == id)
            return s->lanes.first + i;
    return CW_NONE;
}

static uint32_t end_section(const cw_map *map, uint32_t road, bool at_end) {
    cw_span sections = map->roads[road].sections;
    return sections.count == 0 ? CW_NONE : at_end ? sections.first + sections.count - 1 : sections.first;
}

// ---- sections and roads ----------------------------------------------------------------------------------------------

static void dangling_lane(cw_map_builder *b, const cw_raw_lane_link *link) {
    cw_builder_note(b, link->line, link->column, link->successor ? "lane successor" : "lane predecessor",
                    "names a lane that is not there; the link is dropped");
}

static void opposing(cw_map_builder *b, int line, int column) {
    cw_builder_note(b, line, column, "lane link", "joins lanes that run against each other; the link is dropped");
}

static void link_lane(cw_map_builder *b, uint32_t lane, const cw_raw_lane_link *link) {
    const cw_map *map = b->map;
    const cw_lane *l = &map->lanes[lane];
    const cw_road *road = &map->roads[l->road];
    uint32_t last = road->sections.first + road->sections.count - 1;
    uint32_t section = CW_NONE;
    bool other_at_end = !link->successor;
    if (link->successor && l->section < last) {
        section = l->section + 1;
    } else if (!link->successor && l->section > road->sections.first) {
        section = l->section - 1;
    } else {
        const cw_raw_road *raw = &b->roads.items[l->road];
        if ((link->successor ? raw->successor : raw->predecessor).in_between)
            return;
        const cw_road_link *out = link->successor ? &road->successor : &road->predecessor;
        if (out->kind != CW_LINK_ROAD) // lanes into a junction are linked by its connections
            return;
        section = end_section(map, out->index, out->at_end);
        other_at_end = out->at_end;
    }
    if (link->id == 0)
        return;
    uint32_t other = section != CW_NONE ? lane_in(map, section, link->id) : CW_NONE;
    if (other == CW_NONE)
        dangling_lane(b, link);
    else if (!join(b, lane, link->successor, other, other_at_end))
        opposing(b, link->line, link->column);
}

static cw_road_link resolve_link(cw_map_builder *b, const cw_raw_link *raw, const id_entry *junctions) {
    cw_road_link link = {CW_LINK_NONE, false, CW_NONE};
    if (raw->id == NULL || raw->kind == CW_LINK_NONE)
        return link;
    uint32_t index = raw->kind == CW_LINK_ROAD ? cw_builder_find_road(b, raw->id)
                                               : find_junction(junctions, b->junctions.count, raw->id);
    if (index == CW_NONE) {
        cw_builder_note(b, raw->line, raw->column, raw->kind == CW_LINK_ROAD ? "road link" : "junction link",
                        "names an element that is not there; the road ends here");
        return link;
    }
    return (cw_road_link){raw->kind, raw->at_end, index};
}

// ---- junctions -------------------------------------------------------------------------------------------------------

// Which end of the incoming road touches the junction? Where both do, the one nearer to the other road's end.
static bool incoming_end(const cw_map *map, uint32_t incoming, uint32_t junction, uint32_t other, bool other_at_end,
                         bool *at_end) {
    const cw_road *road = &map->roads[incoming];
    bool start = road->predecessor.kind == CW_LINK_JUNCTION && road->predecessor.index == junction;
    bool end = road->successor.kind == CW_LINK_JUNCTION && road->successor.index == junction;
    if (!start && !end) { // a road link may name the connecting road itself
        start = road->predecessor.kind == CW_LINK_ROAD && road->predecessor.index == other;
        end = road->successor.kind == CW_LINK_ROAD && road->successor.index == other;
    }
    if (!start && !end) { // or only the connecting road names the incoming one
        const cw_road_link *back = other_at_end ? &map->roads[other].successor : &map->roads[other].predecessor;
        if (back->kind != CW_LINK_ROAD || back->index != incoming)
            return false;
        *at_end = back->at_end;
        return true;
    }
    *at_end = end;
    if (start && end) {
        cw_road_point here, there[2];
        cw_road_at(map, other, other_at_end ? map->roads[other].length : 0, 0, &here);
        cw_road_at(map, incoming, 0, 0, &there[0]);
        cw_road_at(map, incoming, road->length, 0, &there[1]);
        *at_end =
            cw_hypot(here.x - there[1].x, here.y - there[1].y) < cw_hypot(here.x - there[0].x, here.y - there[0].y);
    }
    return true;
}

static void link_connection(cw_map_builder *b, const cw_raw_connection *connection) {
    const cw_map *map = b->map;
    if (connection->incoming == NULL || connection->other == NULL)
        return; // a virtual junction's, or one of its crossing paths
    uint32_t incoming = cw_builder_find_road(b, connection->incoming);
    uint32_t other = cw_builder_find_road(b, connection->other);
    if (incoming == CW_NONE || other == CW_NONE) {
        cw_builder_note(b, connection->line, connection->column, "connection",
                        "names a road that is not there; the connection is dropped");
        return;
    }
    bool at_end;
    if (!incoming_end(map, incoming, connection->junction, other, connection->at_end, &at_end)) {
        cw_builder_note(b, connection->line, connection->column, "connection",
                        "its incoming road does not lead to the junction; the connection is dropped");
        return;
    }
    uint32_t here = end_section(map, incoming, at_end), there = end_section(map, other, connection->at_end);
    if (here == CW_NONE || there == CW_NONE)
        return;
    for (uint32_t i = 0; i < connection->pairs.count; i++) {
        const cw_raw_pair *pair = &b->pairs.items[connection->pairs.first + i];
        if (pair->from == 0 || pair->to == 0)
            continue;
        uint32_t from = lane_in(map, here, pair->from), to = lane_in(map, there, pair->to);
        if (from == CW_NONE || to == CW_NONE)
            cw_builder_note(b, pair->line, pair->column, "laneLink",
                            "names a lane that is not there; the link is dropped");
        else if (!join(b, from, at_end, to, connection->at_end))
            opposing(b, pair->line, pair->column);
    }
}

static bool list_junction_roads(cw_map_builder *b, cw_junction *junctions) {
    cw_map *map = b->map;
    uint32_t *indices = cw_arena_array(map->arena, map->road_count, sizeof *indices);
    uint32_t *fill = calloc((size_t)map->junction_count + 1, sizeof *fill);
    if (indices == NULL || fill == NULL) {
        free(fill);
        return false;
    }
    for (uint32_t i = 0; i < map->road_count; i++)
        if (map->roads[i].junction != CW_NONE)
            junctions[map->roads[i].junction].roads.count++;
    uint32_t at = 0;
    for (uint32_t i = 0; i < map->junction_count; i++) {
        junctions[i].roads.first = fill[i] = at;
        at += junctions[i].roads.count;
    }
    for (uint32_t i = 0; i < map->road_count; i++)
        if (map->roads[i].junction != CW_NONE)
            indices[fill[map->roads[i].junction]++] = i;
    free(fill);
    map->indices = indices;
    return true;
}

// ---- neighbours ------------------------------------------------------------------------------------------------------

static void link_neighbours(const cw_map *map, cw_lane *lanes) {
    for (uint32_t i = 0; i < map->section_count; i++) {
        cw_span span = map->sections[i].lanes;
        for (uint32_t k = span.first; k < span.first + span.count; k++) {
            if (lanes[k].id == 0)
                continue;
            uint32_t up = k > span.first ? k - 1 : CW_NONE; // towards rising t
            uint32_t down = k + 1 < span.first + span.count ? k + 1 : CW_NONE;
            if (up != CW_NONE && lanes[up].id == 0)
                up = up > span.first ? up - 1 : CW_NONE;
            if (down != CW_NONE && lanes[down].id == 0)
                down = down + 1 < span.first + span.count ? down + 1 : CW_NONE;
            lanes[k].left = lanes[k].direction > 0 ? up : down;
            lanes[k].right = lanes[k].direction > 0 ? down : up;
        }
    }
}

// ---- all of it -------------------------------------------------------------------------------------------------------

bool cw_links_resolve(cw_map_builder *b, cw_index *index) {
    cw_map *map = b->map;
    (void)index;
    id_entry *junctions = sort_junctions(b);
    cw_junction *own = cw_arena_array(map->arena, b->junctions.count, sizeof *own);
    if (junctions == NULL || own == NULL) {
        free(junctions);
        return false;
    }
    for (size_t i = 0; i < b->junctions.count; i++)
        own[i] = b->junctions.items[i];
    map->junctions = own;
    map->junction_count = (uint32_t)b->junctions.count;
    for (uint32_t i = 0; i < map->road_count; i++) {
        const cw_raw_road *raw = &b->roads.items[i];
        cw_road *road = &b->final_roads[i];
        if (i > 0 && cw_builder_find_road(b, road->id) != i && road->id[0] != '\0')
            cw_builder_note(b, 0, 0, "road", "its id is taken; links to that id lead to the first");
        road->predecessor = resolve_link(b, &raw->predecessor, junctions);
        road->successor = resolve_link(b, &raw->successor, junctions);
        if (raw->junction != NULL) {
            road->junction = find_junction(junctions, b->junctions.count, raw->junction);
            if (road->junction == CW_NONE)
                cw_builder_note(b, 0, 0, "road", "its junction is not there; it counts as outside junctions");
        }
    }
    free(junctions);
    for (uint32_t i = 0; i < map->lane_count; i++)
        b->final_lanes[i].junction = map->roads[map->lanes[i].road].junction;
    for (uint32_t i = 0; i < map->lane_count; i++) {
        cw_span links = b->lanes.items[i].links;
        for (uint32_t k = 0; k < links.count && map->lanes[i].id != 0; k++)
            link_lane(b, i, &b->lane_links.items[links.first + k]);
    }
    for (size_t i = 0; i < b->connections.count; i++)
        link_connection(b, &b->connections.items[i]);
    link_neighbours(map, b->final_lanes);
    return !b->failed && list_junction_roads(b, own);
}

static int by_from(const void *a, const void *b) {
    const cw_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static int by_to(const void *a, const void *b) {
    const cw_edge *x = a, *y = b;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

// How far apart the end of one lane and the start of the next lie.
static double joint_gap(const cw_map *map, const cw_edge *edge) {
    const cw_lane *a = &map->lanes[edge->from], *b = &map->lanes[edge->to];
    if (map->roads[a->road].geometry.count == 0 || map->roads[b->road].geometry.count == 0)
        return 0;
    cw_pose end = cw_lane_pose(map, (cw_lane_place){edge->from, a->direction > 0 ? a->s1 : a->s0, 0}, NULL);
    cw_pose start = cw_lane_pose(map, (cw_lane_place){edge->to, b->direction > 0 ? b->s0 : b->s1, 0}, NULL);
    return cw_hypot(end.x - start.x, end.y - start.y);
}

static const double most_gap = 8; // m, wider than any lane: such a link joins what does not touch

bool cw_links_store(cw_map_builder *b) {
    cw_map *map = b->map;
    cw_edge *edges = b->edges.items;
    size_t count = 0;
    for (size_t i = 0; i < b->edges.count; i++) {
        if (joint_gap(map, &edges[i]) <= most_gap)
            edges[count++] = edges[i];
        else
            cw_builder_note(b, 0, 0, "lane link", "joins lanes that do not touch; it is dropped");
    }
    b->edges.count = count;
    count = 0;
    if (b->edges.count > 0)
        qsort(edges, b->edges.count, sizeof *edges, by_from);
    for (size_t i = 0; i < b->edges.count; i++) // both sides of a joint often state it
        if (count == 0 || edges[count - 1].from != edges[i].from || edges[count - 1].to != edges[i].to)
            edges[count++] = edges[i];
    b->edges.count = count;
    uint32_t *links = cw_arena_array(map->arena, 2 * count, sizeof *links);
    if (links == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        cw_span *next = &b->final_lanes[edges[i].from].next;
        if (next->count++ == 0)
            next->first = (uint32_t)i;
        links[i] = edges[i].to;
    }
    if (count > 0)
        qsort(edges, count, sizeof *edges, by_to);
    for (size_t i = 0; i < count; i++) {
        cw_span *previous = &b->final_lanes[edges[i].to].previous;
        if (previous->count++ == 0)
            previous->first = (uint32_t)(count + i);
        links[count + i] = edges[i].from;
    }
    map->links = links;
    return true;
}
