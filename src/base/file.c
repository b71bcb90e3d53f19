// Whole files: read with a limit, written beside and renamed.
#include "causeway/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_LIMIT ((size_t)1 << 30)
#define NAME_TRIES 1000

static cw_status fail_io(cw_error *err, const char *path, const char *what, int cause) {
    char text[128];
    return cw_error_set(err, CW_ERR_IO, path, 0, 0, "%s: %s", what, strerror_r(cause, text, sizeof text));
}

static cw_status read_all(int fd, size_t expected, size_t limit, const char *path, char **bytes, size_t *count,
                          cw_error *err) {
    size_t capacity = expected + 1; // the terminating zero; also shows that the file has not grown meanwhile
    char *buffer = malloc(capacity);
    size_t length = 0;
    while (buffer != NULL) {
        if (length == capacity - 1) {
            char probe;
            ssize_t more = read(fd, &probe, 1);
            if (more < 0 && errno == EINTR) {
                continue;
            }
            if (more < 0) {
                break;
            }
            if (more == 0) {
                buffer[length] = '\0';
                *bytes = buffer;
                *count = length;
                return CW_OK;
            }
            if (length == limit) {
                free(buffer);
                return cw_error_set(err, CW_ERR_LIMIT, path, 0, 0, "larger than %zu bytes", limit);
            }
            size_t target = capacity < limit / 2 ? capacity * 2 + 4096 : limit + 1;
            char *grown = realloc(buffer, target);
            if (grown == NULL) {
                free(buffer);
                buffer = NULL;
                break;
            }
            buffer = grown;
            capacity = target;
            buffer[length++] = probe;
        }
        ssize_t got = read(fd, buffer + length, capacity - 1 - length);
        if (got < 0 && errno != EINTR) {
            break;
        }
        if (got == 0 && length < capacity - 1) {
            buffer[length] = '\0';
            *bytes = buffer;
            *count = length;
            return CW_OK;
        }
        length += got > 0 ? (size_t)got : 0;
    }
    if (buffer == NULL) {
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    }
    int cause = errno;
    free(buffer);
    return fail_io(err, path, "cannot read", cause);
}

cw_status cw_file_read(const char *path, size_t limit, char **bytes, size_t *count, cw_error *err) {
    *bytes = NULL;
    *count = 0;
    if (limit == 0 || limit > SIZE_MAX / 4) {
        limit = DEFAULT_LIMIT;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_io(err, path, "cannot open", errno);
    }
    cw_status status;
    struct stat about;
    if (fstat(fd, &about) != 0) {
        status = fail_io(err, path, "cannot read", errno);
    } else if (S_ISDIR(about.st_mode)) {
        status = fail_io(err, path, "cannot read", EISDIR);
    } else if (S_ISREG(about.st_mode) && (uint64_t)about.st_size > limit) {
        status = cw_error_set(err, CW_ERR_LIMIT, path, 0, 0, "larger than %zu bytes", limit);
    } else {
        size_t expected = S_ISREG(about.st_mode) ? (size_t)about.st_size : 0;
        status = read_all(fd, expected, limit, path, bytes, count, err);
    }
    close(fd);
    return status;
}

// 0, or the errno of what failed.
static int write_all(int fd, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t done = write(fd, at, count);
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        if (done > 0) {
            at += done;
            count -= (size_t)done;
        }
    }
    return 0;
}

// Pipes and devices cannot be replaced by a rename: they take the bytes as they are.
static cw_status write_through(const char *path, const void *bytes, size_t count, cw_error *err) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_io(err, path, "cannot open", errno);
    }
    int cause = write_all(fd, bytes, count);
    if (close(fd) != 0 && cause == 0) {
        cause = errno;
    }
    return cause != 0 ? fail_io(err, path, "cannot write", cause) : CW_OK;
}

// Writes a new file beside `target` and renames it. `shown` is the path that errors name.
static cw_status replace(const char *target, const char *shown, mode_t mode, bool keep_mode, const void *bytes,
                         size_t count, cw_error *err) {
    size_t size = strlen(target) + 48;
    char *name = malloc(size);
    if (name == NULL) {
        return cw_error_set(err, CW_ERR_MEMORY, shown, 0, 0, "out of memory");
    }
    int fd = -1;
    for (int number = 0; fd < 0 && number < NAME_TRIES; number++) {
        snprintf(name, size, "%s.%ld-%d.part", target, (long)getpid(), number);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (fd < 0) {
        int cause = errno;
        free(name);
        return fail_io(err, shown, "cannot create", cause);
    }
    int cause = keep_mode && fchmod(fd, mode & 07777) != 0 ? errno : 0;
    if (cause == 0) {
        cause = write_all(fd, bytes, count);
    }
    if (close(fd) != 0 && cause == 0) {
        cause = errno;
    }
    if (cause == 0 && rename(name, target) != 0) {
        cause = errno;
    }
    if (cause != 0) {
        unlink(name);
    }
    free(name);
    return cause != 0 ? fail_io(err, shown, "cannot write", cause) : CW_OK;
}

cw_status cw_file_write(const char *path, const void *bytes, size_t count, cw_error *err) {
    struct stat about;
    if (stat(path, &about) != 0) {
        return replace(path, path, 0, false, bytes, count, err);
    }
    if (S_ISDIR(about.st_mode)) {
        return fail_io(err, path, "cannot write", EISDIR);
    }
    if (!S_ISREG(about.st_mode)) {
        return write_through(path, bytes, count, err);
    }
    char *target = realpath(path, NULL); // a link keeps pointing where it did
    if (target == NULL) {
        return fail_io(err, path, "cannot write", errno);
    }
    cw_status status = replace(target, path, about.st_mode, true, bytes, count, err);
    free(target);
    return status;
}
