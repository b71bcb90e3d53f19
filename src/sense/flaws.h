// What a camera's lens and electronics add to a picture that is otherwise without flaws.
#ifndef CW_SENSE_FLAWS_H
#define CW_SENSE_FLAWS_H

#include "causeway/camera.h"

// Draws out what moves: color (height x width) is averaged along `flow` (pixels to where it was one `period` before, NAN:
// unknown) over the camera's shutter time. `copy` has room for a picture.
void flaws_blur(const cw_camera *camera, uint32_t *color, const float (*flow)[2], double period, uint32_t *copy);
// Dirt on the lens by the seed, then noise by seed and time.
void flaws_draw(const cw_camera *camera, uint32_t *color, uint64_t seed, int64_t time_ns);

#endif
