// What the files of the OpenDRIVE writer share. Private to format.
#ifndef CAUSEWAY_FORMAT_OPENDRIVE_WRITE_H
#define CAUSEWAY_FORMAT_OPENDRIVE_WRITE_H

#include "causeway/format.h"
#include "scribe.h"

void odr_write_objects(cw_scribe *pen, const cw_map *map, uint32_t road);
void odr_write_signals(cw_scribe *pen, const cw_map *map, uint32_t road);

#endif
