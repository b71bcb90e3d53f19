#include "learn/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct cw_folder {
    int lock;
    char path[3072], file[4096];
};

const char *cw_folder_file(cw_folder *f, const char *name) {
    snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
    return f->file;
}

bool cw_folder_has(cw_folder *f, const char *name) {
    return access(cw_folder_file(f, name), F_OK) == 0;
}

cw_status cw_folder_open(const char *path, cw_folder **folder, cw_error *err) {
    *folder = NULL;
    cw_folder *f = calloc(1, sizeof *f);
    if (!f)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    if (strlen(path) >= sizeof f->path) {
        free(f);
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "the path is too long");
    }
    memcpy(f->path, path, strlen(path) + 1);
    f->lock = open(cw_folder_file(f, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    cw_status status = CW_OK;
    if (f->lock < 0)
        status = cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot write into this folder: %s", strerror(errno));
    else if (flock(f->lock, LOCK_EX | LOCK_NB) != 0)
        status = cw_error_set(err, CW_ERR_IO, path, 0, 0, "another process trains in this folder");
    if (status != CW_OK) {
        cw_folder_close(f);
        return status;
    }
    *folder = f;
    return CW_OK;
}

void cw_folder_close(cw_folder *f) {
    if (!f)
        return;
    if (f->lock >= 0)
        close(f->lock); // gives the lock up; the file stays, as another may be waiting for it
    free(f);
}

cw_status cw_folder_append(cw_folder *f, const char *name, const char *heading, const char *line, cw_error *err) {
    const char *path = cw_folder_file(f, name);
    bool fresh = access(path, F_OK) != 0;
    FILE *out = fopen(path, "a");
    bool fine = out != NULL && (!fresh || fprintf(out, "%s\n", heading) > 0) && fprintf(out, "%s\n", line) > 0;
    if (out && fclose(out) != 0)
        fine = false;
    return fine ? CW_OK : cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot be written: %s", strerror(errno));
}
