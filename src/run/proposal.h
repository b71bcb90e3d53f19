// What a driver proposed, as a row of the trace: of one that does not repeat by itself, so that its run does.
#ifndef CW_RUN_PROPOSAL_H
#define CW_RUN_PROPOSAL_H

#include "causeway/agent.h"
#include "causeway/record.h"

// Declares the channel; UINT32_MAX when out of memory.
uint32_t cw_proposal_channel(cw_trace *trace);
// False when out of memory.
bool cw_proposal_record(cw_trace *trace, uint32_t channel, int64_t time_ns, const cw_decision *decision);
// The proposal of that time; *next is where to look on, 0 at first. False: there is none, or none in this form.
bool cw_proposal_find(const cw_trace *trace, uint32_t channel, int64_t time_ns, size_t *next, cw_decision *decision);
// Has the trace proposals that can be read? *channel: theirs.
bool cw_proposal_open(const cw_trace *trace, uint32_t *channel);

#endif
