// libxml2, opened when the first XML file is read: linked, it and the libraries behind it would cost each start of the
// program 3 ms.
#ifndef CW_FORMAT_LIBXML_H
#define CW_FORMAT_LIBXML_H

#include <stdbool.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#define LIBXML_FUNCTIONS(X)                                                                                            \
    X(xmlInitParser)                                                                                                   \
    X(xmlCreateIOParserCtxt)                                                                                           \
    X(xmlCtxtUseOptions)                                                                                               \
    X(xmlParseDocument)                                                                                                \
    X(xmlByteConsumed)                                                                                                 \
    X(xmlStopParser)                                                                                                   \
    X(xmlFreeDoc)                                                                                                      \
    X(xmlFreeParserCtxt)

typedef struct libxml {
#define X(name) __typeof__(&name) name;
    LIBXML_FUNCTIONS(X)
#undef X
} libxml;

// The functions, ready to use; NULL where the library is not to be had. Thread-safe.
const libxml *libxml_open(void);

#endif
