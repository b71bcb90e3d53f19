// Any bytes as a scenario and, behind the first zero byte, the catalog that it asks for: read or refused with a place,
// never a crash. A scene that was read is read back from its own attachments, to the same hash.
#include "causeway/format.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define LANE(id) "<lane id='" id "' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane>"
#define ROAD(id)                                                                                                       \
    "<road name='' length='1000' id='" id "' junction='-1'><planView><geometry s='0' x='0' y='0' hdg='0' "             \
    "length='1000'><line/></geometry></planView><lanes><laneSection s='0'><left>" LANE("3") LANE("2")                  \
        LANE("1") "</left><center><lane id='0' type='none' level='false'/></center><right>" LANE("-1") LANE("-2")      \
            LANE("-3") LANE("-4") "</right></laneSection></lanes></road>"

static const char map[] = "<OpenDRIVE><header revMajor='1' revMinor='6'/>" ROAD("0") ROAD("1") "</OpenDRIVE>";

typedef struct input {
    const char *bytes, *catalog;
    size_t size, catalog_size;
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
        return give(bytes, count, in->catalog, in->catalog_size, err);
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
    const uint8_t *zero = size > 0 ? memchr(bytes, 0, size) : NULL;
    size_t head = zero != NULL ? (size_t)(zero - bytes) : size;
    input in = {.bytes = (const char *)bytes,
                .size = head,
                .catalog = zero != NULL ? (const char *)zero + 1 : "",
                .catalog_size = zero != NULL ? size - head - 1 : 0};
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
