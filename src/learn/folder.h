// The folder of a training: one process at a time, files that are whole or not there.
#ifndef CW_LEARN_FOLDER_H
#define CW_LEARN_FOLDER_H

#include "causeway/base.h"

typedef struct cw_folder cw_folder;
// Takes the folder for this process. CW_ERR_IO: it is not there, cannot be written, or another process holds it.
cw_status cw_folder_open(const char *path, cw_folder **folder, cw_error *err);
void cw_folder_close(cw_folder *folder); // NULL is fine
// The path of a file in it; valid until the next call.
const char *cw_folder_file(cw_folder *folder, const char *name);
bool cw_folder_has(cw_folder *folder, const char *name);
// Adds a line to a file; what it is to begin with, where it is new. CW_ERR_IO.
cw_status cw_folder_append(cw_folder *folder, const char *name, const char *heading, const char *line, cw_error *err);

#endif
