// When a reason is put into words: at a change of decision and at least once a second, but not at each tick of two
// decisions that take turns.
#ifndef CW_AGENT_SPEECH_H
#define CW_AGENT_SPEECH_H

#include "causeway/agent.h"

typedef struct cw_speech { // zeroed: nothing said yet
    cw_reason said, waiting;
    int64_t said_ns, since_ns; // when it was last said; since when `waiting` has been the reason
    bool anything, pending, wavered;
} cw_speech;

typedef enum cw_speaks { CW_SPEAKS_NOT, CW_SPEAKS_AGAIN, CW_SPEAKS_CHANGE } cw_speaks;

// Hears the reason of each decision, in order of time. What holds the car back more than what was said, and a manoeuvre
// that begins, is a change at once; anything else once it has been the reason for half a second. So a driver that would
// speed up whenever the evaluator lets it for a few ticks is heard only when it may. Only the reason heard is ever said.
cw_speaks cw_speech_hear(cw_speech *speech, int64_t time_ns, const cw_reason *reason);

#endif
