#include "embree.h"

#ifdef CW_HAVE_EMBREE

#include <dlfcn.h>
#include <string.h>

static const char library_name[] = "libembree3.so.3";

bool embree_open(embree *out, const char **missing) {
    // Never closed: its threads and their storage outlive a device.
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        *missing = library_name;
        return false;
    }
#define X(name)                                                                                                        \
    {                                                                                                                  \
        void *at = dlsym(library, #name);                                                                              \
        if (at == NULL) {                                                                                              \
            *missing = #name;                                                                                          \
            return false;                                                                                              \
        }                                                                                                              \
        memcpy(&out->name, &at, sizeof at);                                                                            \
    }
    EMBREE_FUNCTIONS(X)
#undef X
    return true;
}

#else

typedef int cw_embree_absent; // a translation unit must declare something

#endif
