// A light tree over the SAX reader for files that are small and refer forward (OpenSCENARIO and its catalogs). Nodes
// and texts live in the caller's arena. Private to format.
#ifndef CAUSEWAY_FORMAT_TREE_H
#define CAUSEWAY_FORMAT_TREE_H

#include "causeway/base.h"

typedef struct cw_node_attr {
    const char *name, *value; // terminated
    int line, column;         // where the value begins
} cw_node_attr;

typedef struct cw_node {
    const char *name; // local name
    const char *text; // of this element itself, white space trimmed at both ends; "" where it has none
    int line, column; // of its '<'
    unsigned attr_count;
    const cw_node_attr *attrs;
    const struct cw_node *parent; // NULL for the root
    const struct cw_node *child;  // first child
    const struct cw_node *next;   // next sibling
} cw_node;

// Reads the whole file. On success *root is the root element; it lives as long as the arena.
cw_status cw_tree_read(const char *bytes, size_t count, const char *path, cw_arena *arena, const cw_node **root,
                       cw_error *err);

const cw_node_attr *cw_node_find(const cw_node *node, const char *name); // attribute, or NULL
const char *cw_node_value(const cw_node *node, const char *name);        // attribute's value, or NULL
const cw_node *cw_node_child(const cw_node *node, const char *name); // first child of that name (NULL: any), or NULL
const cw_node *cw_node_next(const cw_node *node, const char *name);  // next sibling of that name (NULL: any)

#endif
