// Embree, opened when the first rays are cast: linking it would cost every start of the program, and a build without its
// headers works without pictures. Each function is named once, in the table; its type comes from Embree's own header.
#ifndef CW_SENSE_EMBREE_H
#define CW_SENSE_EMBREE_H

#if __has_include(<embree3/rtcore.h>)
#define CW_HAVE_EMBREE 1

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <embree3/rtcore.h>
#pragma GCC diagnostic pop

#include <stdbool.h>

#define EMBREE_FUNCTIONS(X)                                                                                            \
    X(rtcNewDevice)                                                                                                    \
    X(rtcReleaseDevice)                                                                                                \
    X(rtcGetDeviceError)                                                                                               \
    X(rtcNewScene)                                                                                                     \
    X(rtcReleaseScene)                                                                                                 \
    X(rtcSetSceneFlags)                                                                                                \
    X(rtcSetSceneBuildQuality)                                                                                         \
    X(rtcCommitScene)                                                                                                  \
    X(rtcNewGeometry)                                                                                                  \
    X(rtcReleaseGeometry)                                                                                              \
    X(rtcCommitGeometry)                                                                                               \
    X(rtcEnableGeometry)                                                                                               \
    X(rtcDisableGeometry)                                                                                              \
    X(rtcAttachGeometryByID)                                                                                           \
    X(rtcSetGeometryBuildQuality)                                                                                      \
    X(rtcSetNewGeometryBuffer)                                                                                         \
    X(rtcGetGeometryBufferData)                                                                                        \
    X(rtcUpdateGeometryBuffer)                                                                                         \
    X(rtcSetGeometryMask)                                                                                              \
    X(rtcIntersect1)                                                                                                   \
    X(rtcIntersect4)                                                                                                   \
    X(rtcIntersect8)                                                                                                   \
    X(rtcIntersect16)                                                                                                  \
    X(rtcOccluded1)                                                                                                    \
    X(rtcOccluded4)                                                                                                    \
    X(rtcOccluded8)                                                                                                    \
    X(rtcOccluded16)

typedef struct embree {
#define X(name) __typeof__(&name) name;
    EMBREE_FUNCTIONS(X)
#undef X
} embree;

// Opens the library and looks every function up. False with *missing naming what was not found.
bool embree_open(embree *out, const char **missing);

#endif
#endif
