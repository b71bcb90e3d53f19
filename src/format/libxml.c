#include "libxml.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static libxml functions;
static bool opened;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
    // Never closed: the parser keeps state of its own for each thread.
    // Lazily bound: it brings ICU along, of which no parser here calls anything and whose binding takes milliseconds.
    void *library = dlopen("libxml2.so.2", RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL)
        return;
#define X(name)                                                                                                        \
    {                                                                                                                  \
        void *at = dlsym(library, #name);                                                                              \
        if (at == NULL)                                                                                                \
            return;                                                                                                    \
        memcpy(&functions.name, &at, sizeof at);                                                                       \
    }
    LIBXML_FUNCTIONS(X)
#undef X
    functions.xmlInitParser();
    opened = true;
}

const libxml *libxml_open(void) {
    pthread_once(&once, open_library);
    return opened ? &functions : NULL;
}

static void drop_text(void *context, const char *format, ...) {
    (void)context, (void)format;
}

static void drop_error(void *context, xmlErrorPtr error) {
    (void)context, (void)error;
}

libxml_voice libxml_hush(const libxml *lib) {
    libxml_voice before = {.generic = *lib->__xmlGenericError(),
                           .structured = *lib->__xmlStructuredError(),
                           .generic_context = *lib->__xmlGenericErrorContext(),
                           .structured_context = *lib->__xmlStructuredErrorContext()};
    lib->xmlSetGenericErrorFunc(NULL, drop_text);
    lib->xmlSetStructuredErrorFunc(NULL, drop_error);
    return before;
}

void libxml_speak(const libxml *lib, const libxml_voice *voice) {
    lib->xmlSetGenericErrorFunc(voice->generic_context, voice->generic);
    lib->xmlSetStructuredErrorFunc(voice->structured_context, voice->structured);
}
