// Drivers in shared libraries, each in a process of its own. The process is a copy of this one, so the map and all that the
// public headers declare are there; what it sees and says lies on a desk, memory that both share. Over the socket go only
// single letters: what is to be done, and that it is done. Nothing on the desk is believed.
#include "causeway/drive.h"
#include "drive/peer.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIGNALS_MOST = 256, WALLS_MOST = 1024, LANES_MOST = 4096 };

static const double usual_timeout = 1, usual_start = 60; // s
static const double farewell = 0.5;                      // s that it has to close

typedef enum request { READY = 'r', DECIDE = 'd', SAVE = 's', RESTORE = 't', CLOSE = 'c' } request;

typedef struct desk {
    // what it is given
    const cw_driver_def *def;
    cw_obs obs;
    cw_mission mission;
    uint32_t lanes[LANES_MOST];
    cw_track tracks[CW_TRACKS_MAX];
    cw_signal_view signals[SIGNALS_MOST];
    cw_wall walls[WALLS_MOST];
    // what it gives
    int status; // of starting, a cw_status
    cw_error err;
    unsigned char saves, restored;
    cw_decision decision;
    char trouble[224]; // "" none
    // both
    uint32_t state_count;
    unsigned char state[MESSAGE_STATE_MOST];
} desk;

// ---- in the child ----------------------------------------------------------------------------------------------------

typedef struct opened {
    const cw_driver *driver;
    void *state;
    size_t size;
} opened;

static cw_status open_library(desk *d, opened *o) {
    cw_status status = cw_driver_open(d->def->weights, &o->driver, &d->err);
    if (status != CW_OK)
        return status;
    o->size = o->driver->state_size(d->def);
    o->state = calloc(1, o->size + 1);
    if (!o->state)
        return cw_error_set(&d->err, CW_ERR_MEMORY, d->def->weights, 0, 0, "out of memory for the driver's state");
    d->saves = o->size <= MESSAGE_STATE_MOST;
    d->state_count = d->saves ? (uint32_t)o->size : 0;
    return o->driver->reset(o->state, d->def, &d->err);
}

static void save_state(desk *d, const opened *o) {
    memset(d->state, 0, o->size);
    if (o->driver->save)
        o->driver->save(o->state, d->state);
    else
        memcpy(d->state, o->state, o->size);
}

static bool restore_state(desk *d, const opened *o) {
    if (o->driver->restore)
        return o->driver->restore(o->state, d->state);
    memcpy(o->state, d->state, o->size);
    return true;
}

static void tell_trouble(desk *d, const opened *o) {
    const char *trouble = o->driver->trouble ? o->driver->trouble(o->state) : NULL;
    snprintf(d->trouble, sizeof d->trouble, "%s", trouble ? trouble : "");
}

static void serve(void *context) {
    desk *d = context;
    opened o = {0};
    char letter = READY;
    __fpurge(stdout); // what was not written yet is not the child's to write
    d->status = (int)open_library(d, &o);
    while (write(3, &letter, 1) == 1 && read(3, &letter, 1) == 1) {
        if (d->status != CW_OK || letter == CLOSE)
            break;
        if (letter == DECIDE) {
            cw_decision decision = {.step = -1};
            o.driver->decide(o.state, &d->obs, &decision);
            d->decision = decision;
        } else if (letter == SAVE) {
            save_state(d, &o);
        } else if (letter == RESTORE) {
            d->restored = restore_state(d, &o);
        }
        tell_trouble(d, &o);
    }
    if (d->status == CW_OK && o.driver->close)
        o.driver->close(o.state);
    _exit(0);
}

// ---- here ------------------------------------------------------------------------------------------------------------

typedef struct keeper {
    peer peer;
    desk *desk;
    double timeout;
    request asked; // what is not done yet; 0: nothing
    bool saves, trouble;
    uint32_t state_count;
} keeper;

typedef struct saved { // as it stands in a keyframe, followed by `count` bytes
    uint32_t kept, count;
} saved;

static keeper *of(const void *state) {
    return *(keeper *const *)state;
}

static size_t state_size(const cw_driver_def *def) {
    return def ? sizeof(saved) + MESSAGE_STATE_MOST : 0;
}

// What was asked is done: until then the desk is the child's.
static bool done(keeper *k, double deadline) {
    char letter = 0;
    peer_reply reply = k->asked ? peer_byte(&k->peer, deadline, &letter) : PEER_REPLY;
    if (reply == PEER_LATE)
        peer_was_late(&k->peer, k->timeout);
    else if (reply == PEER_REPLY && k->asked && letter != (char)k->asked)
        peer_give_up(&k->peer, "it writes to a socket that is not its own");
    else if (reply == PEER_REPLY)
        k->asked = 0;
    k->trouble = k->asked != 0 || k->peer.fd < 0;
    return !k->trouble;
}

static bool ask(keeper *k, request what, double deadline) {
    char byte = (char)what;
    k->asked = what;
    if (!peer_send(&k->peer, &byte, 1, deadline) || !done(k, deadline)) {
        k->trouble = true;
        return false;
    }
    k->peer.late = 0;
    char trouble[sizeof k->desk->trouble];
    memcpy(trouble, k->desk->trouble, sizeof trouble);
    trouble[sizeof trouble - 1] = 0;
    if (trouble[0]) {
        message_clean(trouble);
        snprintf(k->peer.trouble, sizeof k->peer.trouble, "%s", trouble);
        k->trouble = true;
    }
    return true;
}

static void end(keeper *k) {
    char byte = CLOSE;
    if (k->peer.fd >= 0 && !k->asked)
        peer_send(&k->peer, &byte, 1, cw_seconds() + farewell);
    peer_close(&k->peer, k->asked ? 0 : farewell);
    if (k->desk)
        munmap(k->desk, sizeof *k->desk);
    free(k);
}

// The error that the child has left on the desk.
static cw_status told(const keeper *k, const char *path, cw_error *err) {
    cw_error left = k->desk->err;
    int code = k->desk->status;
    left.text[sizeof left.text - 1] = 0;
    message_clean(left.text);
    if (code == CW_OK)
        return CW_OK;
    return cw_error_set(err, code > CW_OK && code <= CW_ERR_MEMORY ? (cw_status)code : CW_ERR_INPUT, path, 0, 0, "%s",
                        left.text[0] ? left.text : "the driver does not start and does not say why");
}

static cw_status start(keeper *k, const cw_driver_def *def, cw_error *err) {
    const char *path = def->weights;
    double deadline = cw_seconds() + (def->start_timeout > 0 ? def->start_timeout : usual_start);
    k->desk = mmap(NULL, sizeof *k->desk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (k->desk == MAP_FAILED) {
        k->desk = NULL;
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    }
    k->desk->def = def;
    cw_status status = peer_fork(&k->peer, serve, k->desk, err);
    if (status != CW_OK)
        return status;
    k->asked = READY;
    if (!peer_wait(&k->peer, deadline, def->interrupt)) {
        if (def->interrupt && *def->interrupt)
            return cw_error_set(err, CW_ERR_INTERRUPTED, path, 0, 0, "interrupted: the driver is not ready yet");
        return cw_error_set(err, CW_ERR_IO, path, 0, 0,
                            "the driver was not ready in time (--set driver.start_timeout=S waits longer)");
    }
    if (!done(k, deadline))
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver did not get ready: %s", k->peer.trouble);
    k->saves = k->desk->saves == 1;
    k->state_count = k->desk->state_count < MESSAGE_STATE_MOST ? k->desk->state_count : MESSAGE_STATE_MOST;
    return told(k, path, err);
}

static cw_status reset(void *state, const cw_driver_def *def, cw_error *err) {
    if (!def->weights || !*def->weights)
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "a driver in a library needs the library's path");
    keeper *k = calloc(1, sizeof *k);
    if (!k)
        return cw_error_set(err, CW_ERR_MEMORY, def->weights, 0, 0, "out of memory");
    k->peer.fd = -1;
    k->timeout = def->timeout > 0 ? def->timeout : usual_timeout;
    cw_status status = start(k, def, err);
    if (status != CW_OK)
        end(k);
    else
        *(keeper **)state = k;
    return status;
}

static uint32_t at_most(uint32_t count, uint32_t most) {
    return count < most ? count : most;
}

static void copy(void *to, const void *from, size_t size) {
    if (size > 0)
        memcpy(to, from, size);
}

static void put_on_desk(desk *d, const cw_obs *obs) {
    d->obs = *obs;
    d->mission = *obs->mission;
    d->mission.route.count = at_most(obs->mission->route.count, LANES_MOST);
    d->obs.track_count = at_most(obs->track_count, CW_TRACKS_MAX);
    d->obs.signal_count = at_most(obs->signal_count, SIGNALS_MOST);
    d->obs.wall_count = at_most(obs->wall_count, WALLS_MOST);
    copy(d->lanes, obs->mission->route.lanes, d->mission.route.count * sizeof *d->lanes);
    copy(d->tracks, obs->tracks, d->obs.track_count * sizeof *d->tracks);
    copy(d->signals, obs->signals, d->obs.signal_count * sizeof *d->signals);
    copy(d->walls, obs->walls, d->obs.wall_count * sizeof *d->walls);
    d->mission.route.lanes = d->lanes;
    d->obs.mission = &d->mission;
    d->obs.tracks = d->tracks;
    d->obs.signals = d->signals;
    d->obs.walls = d->walls;
}

static void decide(void *state, const cw_obs *obs, cw_decision *decision) {
    keeper *k = of(state);
    double deadline = cw_seconds() + k->timeout;
    *decision = (cw_decision){.step = -1};
    if (!done(k, deadline))
        return;
    put_on_desk(k->desk, obs);
    if (!ask(k, DECIDE, deadline))
        return;
    unsigned char valid; // a bool that others wrote may be none
    memcpy(&valid, (const char *)&k->desk->decision + offsetof(cw_decision, valid), 1);
    memcpy(decision, &k->desk->decision, sizeof *decision);
    memset((char *)decision + offsetof(cw_decision, valid), valid == 1, 1);
    decision->source = CW_FROM_OUTSIDE;
}

static void save(const void *state, void *bytes) {
    keeper *k = of(state);
    double deadline = cw_seconds() + k->timeout;
    saved head = {0};
    if (k->saves && done(k, deadline) && ask(k, SAVE, deadline)) {
        head = (saved){1, k->state_count};
        memcpy((char *)bytes + sizeof head, k->desk->state, k->state_count);
    }
    memcpy(bytes, &head, sizeof head);
}

static bool restore(void *state, const void *bytes) {
    keeper *k = of(state);
    double deadline = cw_seconds() + k->timeout;
    saved head;
    memcpy(&head, bytes, sizeof head);
    if (!head.kept || !k->saves || head.count != k->state_count) {
        snprintf(k->peer.trouble, sizeof k->peer.trouble,
                 "its state was not saved (it has more than %d bytes, or was late): it drives on only from the start",
                 MESSAGE_STATE_MOST);
        k->trouble = true;
        return false;
    }
    if (!done(k, deadline))
        return false;
    memcpy(k->desk->state, (const char *)bytes + sizeof head, head.count);
    return ask(k, RESTORE, deadline) && k->desk->restored == 1;
}

static void close_library(void *state) {
    end(of(state));
}

static const char *trouble(const void *state) {
    const keeper *k = of(state);
    return k->trouble ? k->peer.trouble : NULL;
}

const cw_driver cw_driver_library = {.name = "library",
                                     .state_size = state_size,
                                     .reset = reset,
                                     .decide = decide,
                                     .save = save,
                                     .restore = restore,
                                     .close = close_library,
                                     .trouble = trouble};
