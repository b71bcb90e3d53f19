#include "xml.h"

#include "libxml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ATTRIBUTES = 256 };

struct cw_xml {
    const cw_xml_handler *handler;
    cw_xml_limits limits;
    const char *bytes, *path;
    size_t count, fed; // fed: bytes handed to libxml2 so far
    const libxml *lib;
    xmlParserCtxtPtr parser;
    cw_error *err;
    cw_status status;
    int depth;
    bool starting;     // inside a start callback
    size_t seen;       // offset up to which lines were counted
    size_t line_start; // offset of that line's first byte
    int line;          // 1-based line at `seen`
    cw_xml_attr attrs[MOST_ATTRIBUTES];
};

// ---- position -------------------------------------------------------------------------------------------------------

// libxml2's own line numbers saturate, so lines are counted in the bytes themselves, onward from the last question.
static void position(cw_xml *xml, size_t offset, int *line, int *column) {
    if (offset > xml->count)
        offset = xml->count;
    if (offset < xml->seen) {
        xml->seen = 0;
        xml->line_start = 0;
        xml->line = 1;
    }
    const char *from = xml->bytes + xml->seen, *to = xml->bytes + offset;
    while (from < to) {
        const char *newline = memchr(from, '\n', (size_t)(to - from));
        if (newline == NULL)
            break;
        from = newline + 1;
        xml->line++;
        xml->line_start = (size_t)(from - xml->bytes);
    }
    xml->seen = offset;
    *line = xml->line;
    *column = (int)(offset - xml->line_start) + 1;
}

static size_t parser_offset(const cw_xml *xml) {
    long offset = xml->parser != NULL && xml->parser->input != NULL ? xml->lib->xmlByteConsumed(xml->parser) : 0;
    return offset < 0 ? 0 : (size_t)offset;
}

void cw_xml_where(cw_xml *xml, int *line, int *column) {
    size_t offset = parser_offset(xml);
    if (offset > xml->count)
        offset = xml->count;
    if (xml->starting) { // a tag holds no other '<' than its first character
        const char *open = memrchr(xml->bytes, '<', offset);
        if (open != NULL)
            offset = (size_t)(open - xml->bytes);
    }
    position(xml, offset, line, column);
}

void cw_xml_where_attr(cw_xml *xml, const cw_xml_attr *attr, int *line, int *column) {
    const xmlParserInput *input = xml->parser->input;
    const xmlChar *value = (const xmlChar *)attr->value;
    bool raw = input != NULL && (input->buf == NULL || input->buf->encoder == NULL);
    if (raw && value >= input->base && value < input->end)
        position(xml, (size_t)input->consumed + (size_t)(value - input->base), line, column);
    else
        cw_xml_where(xml, line, column);
}

bool cw_xml_fail(cw_xml *xml, const cw_xml_attr *attr, cw_status code, const char *format, ...) {
    if (xml->status != CW_OK)
        return false;
    int line, column;
    if (attr != NULL && xml->starting)
        cw_xml_where_attr(xml, attr, &line, &column);
    else
        cw_xml_where(xml, &line, &column);
    char text[256];
    va_list rest;
    va_start(rest, format);
    vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    xml->status = cw_error_set(xml->err, code, xml->path, line, column, "%s", text);
    return false;
}

// ---- attributes -----------------------------------------------------------------------------------------------------

const cw_xml_attr *cw_xml_find(const cw_xml_element *element, const char *name) {
    for (unsigned i = 0; i < element->count; i++)
        if (element->attrs[i].name[0] == name[0] && strcmp(element->attrs[i].name, name) == 0)
            return &element->attrs[i];
    return NULL;
}

bool cw_xml_is(const cw_xml_attr *attr, const char *text) {
    return attr != NULL && strlen(text) == attr->length && memcmp(attr->value, text, attr->length) == 0;
}

// ---- callbacks of libxml2 -------------------------------------------------------------------------------------------

static void stop_if(cw_xml *xml, bool go_on) {
    if (!go_on && xml->status == CW_OK)
        cw_xml_fail(xml, NULL, CW_ERR_INTERNAL, "the reader stopped without a cause");
    if (xml->status != CW_OK)
        xml->lib->xmlStopParser(xml->parser);
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int spaces,
                     const xmlChar **namespaces, int count, int defaulted, const xmlChar **attributes) {
    (void)prefix, (void)uri, (void)spaces, (void)namespaces, (void)defaulted;
    cw_xml *xml = data;
    if (xml->status != CW_OK)
        return;
    xml->depth++;
    xml->starting = true;
    bool fine = true;
    unsigned kept = 0;
    if (xml->depth > xml->limits.depth)
        fine = cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "elements nest deeper than %d", xml->limits.depth);
    else if ((unsigned)count > xml->limits.attributes)
        fine = cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "more than %u attributes", xml->limits.attributes);
    else if (strlen((const char *)name) > xml->limits.name)
        fine = cw_xml_fail(xml, NULL, CW_ERR_LIMIT, "a name is longer than %zu bytes", xml->limits.name);
    for (int i = 0; fine && i < count; i++) {
        const xmlChar **five = attributes + (ptrdiff_t)i * 5; // name, prefix, namespace, value, end of value
        if (five[1] != NULL)
            continue;
        cw_xml_attr *attr = &xml->attrs[kept++];
        *attr = (cw_xml_attr){(const char *)five[0], (const char *)five[3], (size_t)(five[4] - five[3])};
        if (attr->length > xml->limits.value)
            fine = cw_xml_fail(xml, attr, CW_ERR_LIMIT, "an attribute is too long");
    }
    if (fine && xml->handler->start != NULL) {
        cw_xml_element element = {(const char *)name, xml->depth, kept, xml->attrs};
        fine = xml->handler->start(xml->handler->context, xml, &element);
    }
    stop_if(xml, fine);
    xml->starting = false;
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    (void)prefix, (void)uri;
    cw_xml *xml = data;
    if (xml->status != CW_OK)
        return;
    if (xml->handler->end != NULL)
        stop_if(xml, xml->handler->end(xml->handler->context, xml, (const char *)name, xml->depth));
    xml->depth--;
}

static void on_text(void *data, const xmlChar *text, int length) {
    cw_xml *xml = data;
    if (xml->status == CW_OK && xml->handler->text != NULL && length > 0)
        stop_if(xml, xml->handler->text(xml->handler->context, xml, (const char *)text, (size_t)length));
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
    (void)name, (void)external, (void)system;
    cw_xml *xml = data;
    cw_xml_fail(xml, NULL, CW_ERR_INPUT, "a document type declaration is not accepted");
    stop_if(xml, false);
}

static void on_error(void *data, xmlErrorPtr error) {
    cw_xml *xml = data;
    if (xml->status != CW_OK || error == NULL || error->level < XML_ERR_FATAL)
        return;
    char text[200];
    snprintf(text, sizeof text, "%s", error->message != NULL ? error->message : "not well-formed");
    text[strcspn(text, "\r\n")] = '\0';
    cw_xml_fail(xml, NULL, error->code == XML_ERR_NO_MEMORY ? CW_ERR_MEMORY : CW_ERR_INPUT, "XML: %s", text);
}

static int feed(void *context, char *buffer, int length) {
    cw_xml *xml = context;
    size_t left = xml->count - xml->fed, take = left < (size_t)length ? left : (size_t)length;
    memcpy(buffer, xml->bytes + xml->fed, take);
    xml->fed += take;
    return (int)take;
}

// ---- parse ----------------------------------------------------------------------------------------------------------

static cw_xml_limits with_defaults(const cw_xml_limits *given) {
    cw_xml_limits limits = given != NULL ? *given : (cw_xml_limits){0};
    limits.depth = limits.depth > 0 ? limits.depth : 64;
    limits.attributes = limits.attributes > 0 ? limits.attributes : 64;
    limits.attributes = limits.attributes < MOST_ATTRIBUTES ? limits.attributes : MOST_ATTRIBUTES;
    limits.name = limits.name > 0 ? limits.name : 256;
    limits.value = limits.value > 0 ? limits.value : (size_t)1 << 20;
    limits.bytes = limits.bytes > 0 ? limits.bytes : (size_t)1 << 30;
    return limits;
}

cw_status cw_xml_parse(const char *bytes, size_t count, const char *path, const cw_xml_handler *handler,
                       const cw_xml_limits *limits, cw_error *err) {
    cw_xml xml = {.lib = libxml_open(),
                  .handler = handler,
                  .limits = with_defaults(limits),
                  .bytes = bytes,
                  .path = path,
                  .count = count,
                  .err = err,
                  .line = 1};
    if (xml.lib == NULL)
        return cw_error_set(err, CW_ERR_UNSUPPORTED, path, 0, 0,
                            "reading XML needs libxml2 (libxml2.so.2), which is not to be had: install libxml2");
    if (count == 0)
        return cw_error_set(err, CW_ERR_INPUT, path, 1, 1, "the file is empty");
    if (count > xml.limits.bytes)
        return cw_error_set(err, CW_ERR_LIMIT, path, 0, 0, "the file is larger than %zu bytes", xml.limits.bytes);
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_doctype,
        .serror = on_error,
    };
    xml.parser = xml.lib->xmlCreateIOParserCtxt(&sax, &xml, feed, NULL, &xml, XML_CHAR_ENCODING_NONE);
    if (xml.parser == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    // NOENT replaces &amp; and the like in attribute values; a document type, which any other entity would need, is
    // refused above. Without HUGE libxml2 keeps its own limits as well.
    libxml_voice voice = libxml_hush(xml.lib);
    xml.lib->xmlCtxtUseOptions(xml.parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    xml.lib->xmlParseDocument(xml.parser);
    if (xml.status == CW_OK && !xml.parser->wellFormed)
        cw_xml_fail(&xml, NULL, CW_ERR_INPUT, "XML: not well-formed");
    if (xml.parser->myDoc != NULL)
        xml.lib->xmlFreeDoc(xml.parser->myDoc);
    xml.lib->xmlFreeParserCtxt(xml.parser);
    libxml_speak(xml.lib, &voice);
    return xml.status;
}
