// Writing XML: a growing text, attributes in the shortest form that reads back exactly. Private to format.
#ifndef CAUSEWAY_FORMAT_SCRIBE_H
#define CAUSEWAY_FORMAT_SCRIBE_H

#include "causeway/base.h"

typedef struct cw_scribe {
    char *bytes; // malloc'ed
    size_t count, capacity;
    int depth;
    bool open;   // the last tag is not closed yet
    bool failed; // memory is out
} cw_scribe;

void cw_scribe_start(cw_scribe *pen, const char *name); // <name
void cw_scribe_end(cw_scribe *pen, const char *name);   // </name>, or /> where it has no children
void cw_scribe_text(cw_scribe *pen, const char *name, const char *value);
void cw_scribe_number(cw_scribe *pen, const char *name,
                      double value); // infinities as INF and -INF, as XML Schema has them
void cw_scribe_whole(cw_scribe *pen, const char *name, int64_t value);
void cw_scribe_inside(cw_scribe *pen, const char *text); // between the tags

#endif
