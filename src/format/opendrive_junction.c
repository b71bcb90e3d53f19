// OpenDRIVE junctions and controllers.
#include "opendrive.h"

#include <string.h>

enum { DEFAULT, DIRECT, VIRTUAL, CROSSING };

static void copy_id(char *out, size_t size, const cw_xml_attr *attr) {
    size_t length = attr == NULL ? 0 : attr->length < size - 1 ? attr->length : size - 1;
    if (length > 0)
        memcpy(out, attr->value, length);
    out[length] = '\0';
}

static odr_tag start_top(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    if (strcmp(e->name, "controller") == 0) {
        copy_id(r->controller, sizeof r->controller, cw_xml_find(e, "id"));
        return ODR_CONTROLLER;
    }
    const cw_xml_attr *type = cw_xml_find(e, "type");
    r->junction_kind = cw_xml_is(type, "direct")     ? DIRECT
                       : cw_xml_is(type, "virtual")  ? VIRTUAL
                       : cw_xml_is(type, "crossing") ? CROSSING
                                                     : DEFAULT;
    if (r->junction_kind == VIRTUAL)
        odr_notice(r, xml, "junction virtual",
                   "roads that branch off between its ends are not linked to the main road");
    cw_build_junction(r->builder, odr_text(e, "id"), r->junction_kind);
    return ODR_JUNCTION;
}

static odr_tag start_connection(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_build_text other = odr_text(e, "connectingRoad");
    int line, column;
    if (other.text == NULL)
        other = odr_text(e, "linkedRoad");
    cw_xml_where(xml, &line, &column);
    if (r->junction_kind == VIRTUAL || cw_xml_is(cw_xml_find(e, "type"), "virtual"))
        other.text = NULL;
    cw_build_connection(r->builder, odr_text(e, "incomingRoad"), other,
                        cw_xml_is(cw_xml_find(e, "contactPoint"), "end"), line, column);
    return ODR_CONNECTION;
}

odr_tag odr_start_junction(odr_reader *r, cw_xml *xml, const cw_xml_element *e, odr_tag parent, bool *fine) {
    if (parent == ODR_ROOT)
        return start_top(r, xml, e);
    if (parent == ODR_CONTROLLER) {
        if (strcmp(e->name, "control") == 0)
            cw_build_control(r->builder, (cw_build_text){r->controller, strlen(r->controller)},
                             odr_text(e, "signalId"));
        return ODR_SKIP;
    }
    if (parent == ODR_CONNECTION) {
        if (strcmp(e->name, "laneLink") == 0) {
            int32_t from, to;
            int line, column;
            *fine = odr_integer(xml, e, "from", &from) && odr_integer(xml, e, "to", &to);
            cw_xml_where(xml, &line, &column);
            if (*fine)
                cw_build_lane_pair(r->builder, from, to, line, column);
        }
        return ODR_SKIP;
    }
    if (strcmp(e->name, "connection") == 0)
        return start_connection(r, xml, e);
    if (strcmp(e->name, "priority") == 0)
        cw_build_priority(r->builder, odr_text(e, "high"), odr_text(e, "low"));
    else if (strcmp(e->name, "crossPath") == 0)
        odr_notice(r, xml, "crossPath", "the path of pedestrians across a junction is read over");
    else if (strcmp(e->name, "boundary") == 0 || strcmp(e->name, "elevationGrid") == 0)
        odr_notice(r, xml, e->name, "the junction's area is that of its roads");
    else if (strcmp(e->name, "surface") == 0)
        odr_notice(r, xml, "surface",
                   "a measured surface is read over: the road is even, with the friction of its lanes");
    return ODR_SKIP;
}
