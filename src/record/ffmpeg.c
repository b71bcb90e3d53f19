#include "ffmpeg.h"

#ifdef CW_HAVE_FFMPEG

#include <dlfcn.h>
#include <string.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

enum { UTIL, CODEC, FORMAT, LIBRARIES };

// The libraries must be those that the headers belong to: the layout of their structs is in this object file.
static const char *const names[LIBRARIES] = {"libavutil.so." TEXT(LIBAVUTIL_VERSION_MAJOR),
                                             "libavcodec.so." TEXT(LIBAVCODEC_VERSION_MAJOR),
                                             "libavformat.so." TEXT(LIBAVFORMAT_VERSION_MAJOR)};

bool ffmpeg_open(ffmpeg *out, const char **missing) {
    void *library[LIBRARIES];
    for (int i = 0; i < LIBRARIES; i++) {
        // Never closed: encoders leave threads' storage behind that points into the code.
        library[i] = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library[i] == NULL) {
            *missing = names[i];
            return false;
        }
    }
#define X(from, name)                                                                                                  \
    {                                                                                                                  \
        void *at = dlsym(library[from], #name);                                                                        \
        if (at == NULL) {                                                                                              \
            *missing = #name;                                                                                          \
            return false;                                                                                              \
        }                                                                                                              \
        memcpy(&out->name, &at, sizeof at);                                                                            \
    }
    FFMPEG_FUNCTIONS(X)
#undef X
    return true;
}

#else

typedef int cw_ffmpeg_absent; // a translation unit must declare something

#endif
