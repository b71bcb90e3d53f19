// Any bytes as a scenario: read or refused with a place, never a crash. Its catalogs and its map come from the same
// bytes, so that they are damaged too; a scene that was read is read back from its own attachments, to the same hash.
#include "causeway/format.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char map[] =
    "<OpenDRIVE><header revMajor='1' revMinor='6'/><road name='' length='1000' id='0' junction='-1'><planView>"
    "<geometry s='0' x='0' y='0' hdg='0' length='1000'><line/></geometry></planView><lanes><laneSection s='0'>"
    "<left><lane id='1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></left>"
    "<center><lane id='0' type='none' level='false'/></center><right><lane id='-1' type='driving' level='false'>"
    "<width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></right></laneSection></lanes></road></OpenDRIVE>";

typedef struct input {
    const char *bytes;
    size_t size;
} input;

static cw_status give(char **bytes, size_t *count, const char *from, size_t size, cw_error *err) {
    *bytes = malloc(size + 1);
    if (*bytes == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    memcpy(*bytes, from, size);
    (*bytes)[size] = '\0';
    *count = size;
    return CW_OK;
}

static cw_status open_any(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const input *in = context;
    size_t length = strlen(path);
    if (length > 0 && path[length - 1] == '/')
        return give(bytes, count, "a.xosc\nb.xosc\n", 14, err);
    if (length > 5 && strcmp(path + length - 5, ".xosc") == 0)
        return give(bytes, count, in->bytes, in->size, err); // every catalog is the scenario file itself
    return give(bytes, count, map, sizeof map - 1, err);
}

static cw_status open_attached(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const cw_scene *scene = context;
    for (uint32_t i = 0; i < scene->attachment_count; i++)
        if (strcmp(scene->attachments[i].path, path) == 0)
            return give(bytes, count, scene->attachments[i].bytes, scene->attachments[i].count, err);
    return cw_error_set(err, CW_ERR_IO, path, 0, 0, "not attached");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    input in = {(const char *)bytes, size};
    cw_scenario_options options = {.open = open_any, .context = &in};
    cw_scene *scene = NULL, *again = NULL;
    cw_error err = {0};
    cw_status status = cw_openscenario_read(in.bytes, in.size, "fuzz.xosc", &options, &scene, &err);
    if ((status == CW_OK) != (scene != NULL) || (status != CW_OK && (err.code != status || err.text[0] == '\0')))
        abort();
    if (status != CW_OK)
        return 0;
    options.open = open_attached;
    options.context = scene;
    if (cw_openscenario_read(in.bytes, in.size, "fuzz.xosc", &options, &again, &err) != CW_OK ||
        again->hash != scene->hash)
        abort();
    cw_scene_free(again);
    cw_scene_free(scene);
    return 0;
}
