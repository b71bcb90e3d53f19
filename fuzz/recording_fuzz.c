// Any bytes as a recorded world in JSON: read or refused with a place, never a crash. What was read is finite and in order,
// and a second reading gives the same scene.
#include "sane.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    cw_scene *scene = NULL, *again = NULL;
    cw_error err = {0};
    cw_status status = cw_recording_read((const char *)bytes, size, "fuzz.json", NULL, &scene, &err);
    if (status != CW_OK) {
        require(scene == NULL && err.text[0] != '\0');
        return 0;
    }
    require(cw_recording_read((const char *)bytes, size, "fuzz.json", NULL, &again, NULL) == CW_OK);
    require(again->hash == scene->hash && again->map->hash == scene->map->hash);
    require_sane(scene);
    cw_scene_free(scene);
    cw_scene_free(again);
    return 0;
}
