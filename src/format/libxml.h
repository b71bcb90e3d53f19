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
    X(xmlFreeParserCtxt)                                                                                               \
    X(xmlSetGenericErrorFunc)                                                                                          \
    X(xmlSetStructuredErrorFunc)                                                                                       \
    X(__xmlGenericError)                                                                                               \
    X(__xmlGenericErrorContext)                                                                                        \
    X(__xmlStructuredError)                                                                                            \
    X(__xmlStructuredErrorContext)

typedef struct libxml {
#define X(name) __typeof__(&name) name;
    LIBXML_FUNCTIONS(X)
#undef X
} libxml;

// The functions, ready to use; NULL where the library is not to be had. Thread-safe.
const libxml *libxml_open(void);

// Where this thread's libxml2 reports what belongs to no parser, such as bytes that do not fit their encoding. Unless told
// otherwise it prints to stderr, which a library may not. Between the two calls it is silent; what the caller's program
// had set itself is back after them.
typedef struct libxml_voice {
    xmlGenericErrorFunc generic;
    xmlStructuredErrorFunc structured;
    void *generic_context, *structured_context;
} libxml_voice;

libxml_voice libxml_hush(const libxml *lib);
void libxml_speak(const libxml *lib, const libxml_voice *voice);

#endif
