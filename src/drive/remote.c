// Drivers in other processes that speak messages (schema/driver.json): `unix`, whoever connects to a socket; `python`, a
// class in a child process.
//
// The state holds a pointer to the session. What is saved is the peer's own state; its bytes stand behind a length.
#include "causeway/drive.h"
#include "drive/message.h"
#include "drive/peer.h"
#include "drive/runner.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double usual_timeout = 1, usual_start = 60; // s
static const double farewell = 0.5;                      // s that a child has to end after "close"

typedef struct session {
    peer peer;
    message_text out;
    message in;
    double timeout;
    bool saves, trouble;
} session;

typedef struct saved { // as it stands in a keyframe, followed by `count` bytes
    uint32_t kept, count;
} saved;

static session *of(const void *state) {
    return *(session *const *)state;
}

static size_t state_size(const cw_driver_def *def) {
    return def ? sizeof(saved) + MESSAGE_STATE_MOST : 0;
}

// The next message that does not answer an observation before `step`; INT64_MAX: none is waited for.
static bool await_message(session *s, int64_t step, double deadline, double timeout) {
    char why[224];
    for (;;) {
        const char *line;
        size_t count;
        peer_reply reply = peer_line(&s->peer, deadline, &line, &count);
        if (reply == PEER_LATE)
            peer_was_late(&s->peer, timeout);
        s->trouble = reply != PEER_REPLY;
        if (s->trouble)
            return false;
        if (!message_read(line, count, &s->in, why)) {
            s->peer.late = 0;
            snprintf(s->peer.trouble, sizeof s->peer.trouble, "%s", why);
            s->trouble = true;
            return false;
        }
        bool answers = s->in.kind == MESSAGE_DRIVE || s->in.kind == MESSAGE_ERROR;
        if (!answers || s->in.decision.step >= step)
            break; // others are late: their tick is over
    }
    s->peer.late = 0;
    if (s->in.kind == MESSAGE_ERROR || s->in.reason_dropped) {
        snprintf(s->peer.trouble, sizeof s->peer.trouble, "%s", s->in.text);
        s->trouble = true;
    }
    return true;
}

static bool unexpected(session *s, message_kind asked) {
    if (s->in.kind != asked && s->in.kind != MESSAGE_ERROR) {
        snprintf(s->peer.trouble, sizeof s->peer.trouble, "it says %s when %s is due", message_names[s->in.kind],
                 message_names[asked]);
        s->trouble = true;
    }
    return s->in.kind != asked;
}

static bool ask(session *s, message_kind asked, int64_t step) {
    double deadline = cw_seconds() + s->timeout;
    s->trouble = s->out.failed || !peer_send(&s->peer, s->out.bytes, s->out.count, deadline);
    return !s->trouble && await_message(s, step, deadline, s->timeout) && !unexpected(s, asked);
}

static void end(session *s) {
    if (s->peer.fd >= 0) {
        message_write_plain(&s->out, "close");
        if (!s->out.failed)
            peer_send(&s->peer, s->out.bytes, s->out.count, cw_seconds() + farewell);
    }
    peer_close(&s->peer, farewell);
    message_text_free(&s->out);
    free(s);
}

static cw_status greet(session *s, const cw_driver_def *def, double deadline, cw_error *err) {
    const char *path = def->weights;
    message_write_start(&s->out, def, s->timeout);
    if (s->out.failed)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    bool sent = peer_send(&s->peer, s->out.bytes, s->out.count, deadline);
    while (sent && s->peer.taken == s->peer.filled && !peer_wait(&s->peer, deadline, def->interrupt)) {
        if (def->interrupt && *def->interrupt)
            return cw_error_set(err, CW_ERR_INTERRUPTED, path, 0, 0, "interrupted: the driver is not ready yet");
        break;
    }
    if (!sent || !await_message(s, INT64_MAX, deadline, 0)) {
        if (sent && s->peer.fd >= 0 && s->peer.late > 0)
            return cw_error_set(err, CW_ERR_IO, path, 0, 0,
                                "the driver was not ready in time (--set driver.start_timeout=S waits longer)");
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver did not get ready: %s", s->peer.trouble);
    }
    if (s->in.kind == MESSAGE_ERROR)
        return cw_error_set(err, CW_ERR_INPUT, path, s->in.line, 0, "%s", s->in.text);
    if (unexpected(s, MESSAGE_READY))
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "the driver did not get ready: %s", s->peer.trouble);
    s->saves = s->in.saves;
    return CW_OK;
}

static session *session_new(const cw_driver_def *def, cw_error *err) {
    session *s = calloc(1, sizeof *s);
    if (!s) {
        cw_error_set(err, CW_ERR_MEMORY, def->weights, 0, 0, "out of memory");
        return NULL;
    }
    s->peer.fd = -1;
    s->timeout = def->timeout > 0 ? def->timeout : usual_timeout;
    return s;
}

static double start_deadline(const cw_driver_def *def) {
    return cw_seconds() + (def->start_timeout > 0 ? def->start_timeout : usual_start);
}

// status: of connecting.
static cw_status begin(session *s, cw_status status, void *state, const cw_driver_def *def, double deadline,
                       cw_error *err) {
    if (status == CW_OK)
        status = greet(s, def, deadline, err);
    if (status != CW_OK) {
        end(s);
        return status;
    }
    *(session **)state = s;
    return CW_OK;
}

static cw_status reset_unix(void *state, const cw_driver_def *def, cw_error *err) {
    if (!def->weights || !*def->weights)
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "--driver unix:PATH names the socket's path");
    double deadline = start_deadline(def);
    session *s = session_new(def, err);
    return s ? begin(s, peer_accept(&s->peer, def->weights, deadline, def->interrupt, err), state, def, deadline, err)
             : CW_ERR_MEMORY;
}

// In the child.
static void run_python(void *path) {
    static const char missing[] = "{\"type\":\"error\",\"text\":\"cannot run python3: it is not on the PATH\"}\n";
    execlp("python3", "python3", "-c", runner_source, (const char *)path, (char *)NULL);
    char rest[256];
    if (write(3, missing, sizeof missing - 1) > 0)
        while (read(3, rest, sizeof rest) > 0) // it is read before the connection ends
            continue;
}

static cw_status reset_python(void *state, const cw_driver_def *def, cw_error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s", def->weights ? def->weights : "");
    if (access(path, R_OK) != 0)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot read the driver: %s", strerror(errno));
    double deadline = start_deadline(def);
    session *s = session_new(def, err);
    return s ? begin(s, peer_fork(&s->peer, run_python, path, err), state, def, deadline, err) : CW_ERR_MEMORY;
}

static void decide(void *state, const cw_obs *obs, cw_decision *decision) {
    session *s = of(state);
    *decision = (cw_decision){.step = -1};
    message_write_observe(&s->out, obs);
    if (!ask(s, MESSAGE_DRIVE, obs->step))
        return;
    if (s->in.decision.step != obs->step) {
        snprintf(s->peer.trouble, sizeof s->peer.trouble, "it answers a step that was not asked for yet");
        s->trouble = true;
        return;
    }
    *decision = s->in.decision;
    if (decision->valid && !s->in.has_control) {
        uint8_t lamps = decision->control.lamps;
        decision->control = cw_obs_follow(obs, &decision->trajectory);
        decision->control.lamps |= lamps;
    }
}

static void save(const void *state, void *bytes) {
    session *s = of(state);
    saved head = {0};
    s->trouble = false;
    message_write_plain(&s->out, "save");
    if (s->saves && ask(s, MESSAGE_STATE, INT64_MAX)) {
        head = (saved){1, s->in.state_count};
        memcpy((char *)bytes + sizeof head, s->in.state, s->in.state_count);
    }
    memcpy(bytes, &head, sizeof head);
}

static bool restore(void *state, const void *bytes) {
    session *s = of(state);
    saved head;
    memcpy(&head, bytes, sizeof head);
    if (!head.kept || !s->saves || head.count > MESSAGE_STATE_MOST) {
        snprintf(s->peer.trouble, sizeof s->peer.trouble,
                 "it does not save its state: it drives on only from the start");
        s->trouble = true;
        return false;
    }
    message_write_restore(&s->out, (const char *)bytes + sizeof head, head.count);
    return ask(s, MESSAGE_RESTORED, INT64_MAX);
}

static void close_session(void *state) {
    end(of(state));
}

static const char *trouble(const void *state) {
    const session *s = of(state);
    return s->trouble ? s->peer.trouble : NULL;
}

#define REMOTE(driver_name, how)                                                                                       \
    {                                                                                                                  \
        .name = driver_name, .state_size = state_size, .reset = how, .decide = decide, .save = save,                   \
        .restore = restore, .close = close_session, .trouble = trouble                                                 \
    }

const cw_driver cw_driver_unix = REMOTE("unix", reset_unix);
const cw_driver cw_driver_python = REMOTE("python", reset_python);
