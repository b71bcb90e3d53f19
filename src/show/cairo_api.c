#include "cairo_api.h"

#ifdef CW_HAVE_CAIRO

#include <dlfcn.h>
#include <string.h>

bool cairo_api_open(cairo_api *out, const char **missing) {
    *missing = "libcairo.so.2";
    void *library = dlopen(*missing, RTLD_NOW | RTLD_LOCAL); // never closed: it keeps caches of fonts
    if (library == NULL)
        return false;
#define X(name)                                                                                                        \
    {                                                                                                                  \
        void *at = dlsym(library, "cairo_" #name);                                                                     \
        if (at == NULL) {                                                                                              \
            *missing = "cairo_" #name;                                                                                 \
            return false;                                                                                              \
        }                                                                                                              \
        memcpy(&out->name, &at, sizeof at);                                                                            \
    }
    CAIRO_FUNCTIONS(X)
#undef X
    return true;
}

#else

typedef int cw_cairo_absent; // a translation unit must declare something

#endif
