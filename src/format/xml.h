// A SAX reader that OpenDRIVE, OpenSCENARIO and CommonRoad share: elements with local names and attribute slices,
// errors with a position, explicit limits. Nothing is kept: memory use does not grow with the file. Private to format.
//
// It refuses document type declarations, and with them every entity but the five predefined ones, and never opens
// anything. A byte order mark, UTF-8, Latin-1 and a wrong XML version number are read.
#ifndef CAUSEWAY_FORMAT_XML_H
#define CAUSEWAY_FORMAT_XML_H

#include "causeway/base.h"

typedef struct cw_xml cw_xml; // one parse

// value[0..length) is not terminated. Valid during the callback only.
typedef struct cw_xml_attr {
    const char *name; // local name; attributes with a namespace prefix are left out
    const char *value;
    size_t length;
} cw_xml_attr;

// Valid during the callback only.
typedef struct cw_xml_element {
    const char *name; // local name: a prefix or a default namespace makes no difference
    int depth;        // the root has 1
    unsigned count;
    const cw_xml_attr *attrs;
} cw_xml_element;

// Any callback may be NULL. One that returns false stops the parse; it must have called cw_xml_fail.
typedef struct cw_xml_handler {
    void *context;
    bool (*start)(void *context, cw_xml *xml, const cw_xml_element *element);
    bool (*end)(void *context, cw_xml *xml, const char *name, int depth);
    bool (*text)(void *context, cw_xml *xml, const char *text, size_t length); // also CDATA; may come in pieces
} cw_xml_handler;

// Zero members mean the defaults named here.
typedef struct cw_xml_limits {
    int depth;           // 64
    unsigned attributes; // 64 for each element (at most 256)
    size_t name;         // 256 bytes for an element's; libxml2 itself bounds those of attributes
    size_t value;        // 1 MiB for each attribute value
    size_t bytes;        // 1 GiB for the file
} cw_xml_limits;

// Parses bytes[0..count). `path` is for messages. limits may be NULL. On failure *err holds file, line, column and
// cause.
cw_status cw_xml_parse(const char *bytes, size_t count, const char *path, const cw_xml_handler *handler,
                       const cw_xml_limits *limits, cw_error *err);

// Where the element that is being started begins (inside `start`), or where the parser stands (in `end` and `text`).
void cw_xml_where(cw_xml *xml, int *line, int *column);
// Where the attribute's value begins; the element where that is unknown. Only inside `start`.
void cw_xml_where_attr(cw_xml *xml, const cw_xml_attr *attr, int *line, int *column);
// Sets the error at the attribute (NULL: at the element or the parser's place). Always false, to be returned.
bool cw_xml_fail(cw_xml *xml, const cw_xml_attr *attr, cw_status code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// The attribute of that name, or NULL.
const cw_xml_attr *cw_xml_find(const cw_xml_element *element, const char *name);
// Does the value equal the text?
bool cw_xml_is(const cw_xml_attr *attr, const char *text);

#endif
