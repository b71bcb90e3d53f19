// What falls between a camera and the world: rain and snow, drawn over the picture.
#ifndef CW_SENSE_FALLING_H
#define CW_SENSE_FALLING_H

#include "causeway/camera.h"
#include "light.h"

// speed: of the camera along the road, m/s: what falls slants towards it. A function of its arguments alone.
void falling_draw(uint32_t *color, const cw_camera *camera, const cw_light_field *light, int64_t time_ns, float speed);

#endif
