#include "libxml.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static libxml functions;
static bool opened;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
    // Never closed: the parser keeps state of its own for each thread.
    void *library = dlopen("libxml2.so.2", RTLD_NOW | RTLD_LOCAL);
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
