// What causeway and a driver in another process say to each other: a JSON object a line (schema/driver.json). Private to
// drive.
#ifndef CW_DRIVE_MESSAGE_H
#define CW_DRIVE_MESSAGE_H

#include "causeway/agent.h"

enum {
    MESSAGE_PROTOCOL = 1,
    MESSAGE_MOST = 128 * 1024,    // bytes of a line that a driver may send
    MESSAGE_STATE_MOST = 64 << 10 // bytes of a state that it may save
};

// ---- to the driver ---------------------------------------------------------------------------------------------------

// A growing text, from malloc. Zeroed: empty. `failed`: memory ran out, and the text is not whole.
typedef struct message_text {
    char *bytes;
    size_t count, capacity;
    bool failed;
} message_text;
void message_text_free(message_text *text);

// Each writes one line over what the text held. timeout: s.
void message_write_start(message_text *text, const cw_driver_def *def, double timeout);
void message_write_observe(message_text *text, const cw_obs *obs);
void message_write_plain(message_text *text, const char *type); // "save", "close"
void message_write_restore(message_text *text, const void *bytes, size_t count);

// ---- from the driver -------------------------------------------------------------------------------------------------

typedef enum message_kind {
    MESSAGE_READY,
    MESSAGE_DRIVE,
    MESSAGE_STATE,
    MESSAGE_RESTORED,
    MESSAGE_ERROR,
    MESSAGE_KINDS
} message_kind;
extern const char *const message_names[MESSAGE_KINDS]; // as they stand in `type`

typedef struct message {
    message_kind kind;
    bool saves; // ready: it answers save and restore
    cw_decision
        decision;     // drive; `valid` false: nothing to say. All numbers are finite, all of the reason is known words
    bool has_control; // drive: the control was sent too
    bool reason_dropped;  // drive: a reason stood there that is none; `text` says why
    uint32_t state_count; // state
    unsigned char state[MESSAGE_STATE_MOST];
    char text[224]; // error: what the driver says; UTF-8, no control characters
    int line;       // error: in the driver's file; 0: not said. decision.step: which it answers; INT64_MAX: not said
} message;

// Any bytes. False when they are no message; *why then says what is wrong with them, without control characters.
bool message_read(const char *bytes, size_t count, message *out, char why[224]);

// Makes text printable: control characters become blanks, bytes that are no UTF-8 '?', a character that was cut is dropped.
void message_clean(char *text);

#endif
