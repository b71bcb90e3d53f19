// The process at the other end of a socket: a child of ours, or whoever connected. It may hang, die or write anything; no
// call here waits longer than it is told to. Private to drive.
#ifndef CW_DRIVE_PEER_H
#define CW_DRIVE_PEER_H

#include "drive/message.h"

#include <sys/types.h>

enum { PEER_LATE_MOST = 3 }; // answers in a row that may be late before the peer is given up

typedef struct peer {
    int fd;      // -1: given up, or none yet
    pid_t child; // 0: not a process of ours
    int late;    // answers in a row
    char trouble[224];
    char *in; // [MESSAGE_MOST + 1], from malloc
    size_t filled, taken;
} peer;

typedef enum peer_reply { PEER_REPLY, PEER_LATE, PEER_GONE } peer_reply;

// Starts a child, with the other end of a socket at its descriptor 3, nothing to read at 0, and what it prints at 2, in a
// process group of its own that ends with us. `body` runs in the child and should not return.
cw_status peer_fork(peer *p, void (*body)(void *context), void *context, cw_error *err);
// Waits at the path of a Unix socket, which it makes and takes away again, for one who connects; until `deadline` (of
// cw_seconds) or *interrupt (may be NULL).
cw_status peer_accept(peer *p, const char *path, double deadline, const volatile int *interrupt, cw_error *err);

// Sends all of it by the deadline, or gives the peer up.
bool peer_send(peer *p, const void *bytes, size_t count, double deadline);
// The next line, without its end; valid until the next call. Gives up who closes, or sends one that is too long.
peer_reply peer_line(peer *p, double deadline, const char **line, size_t *count);
// The next byte, where bytes are all that is said.
peer_reply peer_byte(peer *p, double deadline, char *byte);
// Is there something to read, or an end, by the deadline? *interrupt (may be NULL) ends the waiting with false.
bool peer_wait(peer *p, double deadline, const volatile int *interrupt);

// An answer was late: after PEER_LATE_MOST in a row the peer is given up.
void peer_was_late(peer *p, double timeout);
// Ends the connection, and a child with all that it started. `trouble`, in printf's way, is kept where none is known yet.
void peer_give_up(peer *p, const char *trouble, ...) __attribute__((format(printf, 2, 3)));
// Lets a child that was told to close do so within `seconds`, then ends it.
void peer_close(peer *p, double seconds);

#endif
