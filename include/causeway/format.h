// Bytes to maps and scenes. One function for each format takes memory and length; `path` is for messages and for what
// the file refers to. On failure nothing is handed out and *err names file, line, column and cause.
#ifndef CAUSEWAY_FORMAT_H
#define CAUSEWAY_FORMAT_H

#include "causeway/base.h"
#include "causeway/road.h"
#include "causeway/scene.h"

// ---- notices
// ---------------------------------------------------------------------------------------------------------

// What a reader read over: once for each kind (name and text together), with its first place and the number of places.
typedef struct cw_notices cw_notices;

cw_notices *cw_notices_new(void);          // NULL when out of memory
void cw_notices_free(cw_notices *notices); // NULL is fine
// name: the element or attribute; text: what it means for the run. A NULL list takes nothing.
void cw_notices_add(cw_notices *notices, const char *path, int line, int column, const char *name, const char *text);
uint32_t cw_notices_count(const cw_notices *notices); // NULL: 0
const cw_notice *cw_notices_at(const cw_notices *notices, uint32_t index);
// Copies them into an arena (a scene's). False when memory is out.
bool cw_notices_copy(const cw_notices *notices, cw_arena *arena, const cw_notice **items, uint32_t *count);

// ---- OpenDRIVE 1.4 to 1.8
// --------------------------------------------------------------------------------------------

// On success *map belongs to the caller (cw_map_free). notices may be NULL.
cw_status cw_opendrive_read(const char *bytes, size_t count, const char *path, cw_map **map, cw_notices *notices,
                            cw_error *err);

#endif
