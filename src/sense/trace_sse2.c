// The kernel for SSE2: 4 rays at once.
#define LANES 4
#define TILE_WIDTH 2
#define TILE_HEIGHT 2
#define KERNEL trace_sse2
#include "trace_lanes.h"

#ifndef CW_HAVE_EMBREE
typedef int cw_trace_absent; // a translation unit must declare something
#endif
