// A keyframe on its way into the trace and back: most of a state is what it was a second ago, or zero, so that only the
// words that changed are written. Every tenth stands alone.
#ifndef CW_RUN_KEYFRAME_H
#define CW_RUN_KEYFRAME_H

#include "causeway/base.h"

// The packed form of `now` in out[cw_keyframe_bound(size)]; returns its length. before: the keyframe before, of the same
// size; NULL: it stands alone. Both have cw_keyframe_room(size) bytes, those behind `size` the same in both.
size_t cw_keyframe_pack(const unsigned char *now, const unsigned char *before, size_t size, unsigned char *out);
size_t cw_keyframe_bound(size_t size);
size_t cw_keyframe_room(size_t size);

#endif
