#include "tree.h"

#include "xml.h"

#include <string.h>

enum { MOST_DEPTH = 64 };

// A piece of text of an open element; pieces are joined when it ends.
typedef struct text_piece {
    struct text_piece *next;
    size_t length;
    const char *text;
} text_piece;

typedef struct open_node {
    cw_node *node, *last_child;
    text_piece *first, *last;
} open_node;

typedef struct builder {
    cw_arena *arena;
    cw_node *root;
    int depth;
    open_node open[MOST_DEPTH + 1];
} builder;

static bool no_memory(cw_xml *xml) {
    return cw_xml_fail(xml, NULL, CW_ERR_MEMORY, "out of memory");
}

static bool on_start(void *context, cw_xml *xml, const cw_xml_element *element) {
    builder *b = context;
    cw_node *node = cw_arena_alloc(b->arena, sizeof *node);
    cw_node_attr *attrs = cw_arena_array(b->arena, element->count, sizeof *attrs);
    if (node == NULL || attrs == NULL)
        return no_memory(xml);
    node->name = cw_arena_text(b->arena, element->name, strlen(element->name));
    if (node->name == NULL)
        return no_memory(xml);
    node->text = "";
    cw_xml_where(xml, &node->line, &node->column);
    for (unsigned i = 0; i < element->count; i++) {
        const cw_xml_attr *from = &element->attrs[i];
        attrs[i].name = cw_arena_text(b->arena, from->name, strlen(from->name));
        attrs[i].value = cw_arena_text(b->arena, from->value, from->length);
        if (attrs[i].name == NULL || attrs[i].value == NULL)
            return no_memory(xml);
        cw_xml_where_attr(xml, from, &attrs[i].line, &attrs[i].column);
    }
    node->attr_count = element->count;
    node->attrs = attrs;
    if (b->depth == 0) {
        b->root = node;
    } else {
        open_node *above = &b->open[b->depth - 1];
        node->parent = above->node;
        if (above->last_child != NULL)
            above->last_child->next = node;
        else
            above->node->child = node;
        above->last_child = node;
    }
    b->open[b->depth++] = (open_node){.node = node};
    return true;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool on_end(void *context, cw_xml *xml, const char *name, int depth) {
    (void)name, (void)depth;
    builder *b = context;
    open_node *open = &b->open[--b->depth];
    size_t total = 0;
    for (text_piece *piece = open->first; piece != NULL; piece = piece->next)
        total += piece->length;
    if (total == 0)
        return true;
    char *joined = cw_arena_alloc(b->arena, total + 1);
    if (joined == NULL)
        return no_memory(xml);
    size_t at = 0;
    for (text_piece *piece = open->first; piece != NULL; piece = piece->next) {
        memcpy(joined + at, piece->text, piece->length);
        at += piece->length;
    }
    while (at > 0 && is_space(joined[at - 1]))
        at--;
    joined[at] = '\0';
    while (is_space(*joined))
        joined++;
    open->node->text = joined;
    return true;
}

static bool on_text(void *context, cw_xml *xml, const char *text, size_t length) {
    builder *b = context;
    if (b->depth == 0)
        return true;
    open_node *open = &b->open[b->depth - 1];
    size_t blank = 0;
    while (blank < length && is_space(text[blank]))
        blank++;
    if (blank == length && open->first == NULL) // indentation
        return true;
    text_piece *piece = cw_arena_alloc(b->arena, sizeof *piece);
    if (piece == NULL)
        return no_memory(xml);
    piece->length = length;
    piece->text = cw_arena_text(b->arena, text, length);
    if (piece->text == NULL)
        return no_memory(xml);
    if (open->last != NULL)
        open->last->next = piece;
    else
        open->first = piece;
    open->last = piece;
    return true;
}

cw_status cw_tree_read(const char *bytes, size_t count, const char *path, cw_arena *arena, const cw_node **root,
                       cw_error *err) {
    builder b = {.arena = arena};
    cw_xml_handler handler = {&b, on_start, on_end, on_text};
    cw_xml_limits limits = {.depth = MOST_DEPTH, .bytes = (size_t)64 << 20};
    cw_status status = cw_xml_parse(bytes, count, path, &handler, &limits, err);
    *root = status == CW_OK ? b.root : NULL;
    return status;
}

const cw_node_attr *cw_node_find(const cw_node *node, const char *name) {
    for (unsigned i = 0; i < node->attr_count; i++)
        if (strcmp(node->attrs[i].name, name) == 0)
            return &node->attrs[i];
    return NULL;
}

const char *cw_node_value(const cw_node *node, const char *name) {
    const cw_node_attr *attr = cw_node_find(node, name);
    return attr != NULL ? attr->value : NULL;
}

static const cw_node *named(const cw_node *node, const char *name) {
    while (node != NULL && name != NULL && strcmp(node->name, name) != 0)
        node = node->next;
    return node;
}

const cw_node *cw_node_child(const cw_node *node, const char *name) {
    return named(node->child, name);
}

const cw_node *cw_node_next(const cw_node *node, const char *name) {
    return named(node->next, name);
}
