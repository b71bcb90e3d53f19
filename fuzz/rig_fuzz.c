// Any bytes as a rig file: read or refused with a place, never a crash. What was read is within the limits and finite.
#include "causeway/camera.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static cw_rig rig; // large
    cw_error err = {0};
    if (cw_rig_read(bytes, size, "fuzz.json", &rig, &err) != CW_OK) {
        require(err.text[0] != '\0');
        return 0;
    }
    require(rig.camera_count <= CW_RIG_CAMERAS_MOST && rig.lidar_count <= CW_RIG_LIDARS_MOST);
    for (uint32_t i = 0; i < rig.camera_count; i++) {
        const cw_camera *c = &rig.cameras[i];
        require(c->lens.width > 0 && c->lens.height > 0 && isfinite(c->exposure));
    }
    for (uint32_t i = 0; i < rig.lidar_count; i++)
        require(rig.lidars[i].beam_count <= CW_LIDAR_BEAMS_MOST && isfinite(rig.lidars[i].range));
    cw_error why = {0};
    const cw_actor car = {.length = 4.5f, .width = 1.8f, .height = 1.5f, .center_x = 1.35f};
    if (cw_rig_check(&rig, &car, &why) != CW_OK)
        require(why.text[0] != '\0');
    return 0;
}
