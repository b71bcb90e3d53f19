#include "run/proposal.h"

#include "agent/columns.h"

#include <string.h>

static const cw_column columns[] = CW_COLUMN_TABLE(CW_PROPOSAL_COLUMNS);
enum { COLUMNS = sizeof columns / sizeof *columns };

uint32_t cw_proposal_channel(cw_trace *trace) {
    return cw_trace_rows(trace, CW_PROPOSAL_CHANNEL, columns, COLUMNS);
}

bool cw_proposal_record(cw_trace *trace, uint32_t channel, int64_t time_ns, const cw_decision *d) {
    const cw_reason *reason = &d->reason;
    cw_proposal_row row = {.step = (uint64_t)d->step,
                           .valid = d->valid,
                           .accel_mps2 = d->control.accel,
                           .steer_rad = d->control.steer,
                           .lamps = d->control.lamps,
                           .source = d->source,
                           .margin_m = d->margin,
                           .longitudinal = reason->longitudinal,
                           .lateral = reason->lateral,
                           .reason_kind = reason->kind,
                           .cause_count = reason->count,
                           .reason_accel_mps2 = reason->accel,
                           .reason_speed_mps = reason->speed};
    memcpy(row.x_m, d->trajectory.x, sizeof row.x_m);
    memcpy(row.y_m, d->trajectory.y, sizeof row.y_m);
    memcpy(row.heading_rad, d->trajectory.heading, sizeof row.heading_rad);
    memcpy(row.speed_mps, d->trajectory.speed, sizeof row.speed_mps);
    for (int i = 0; i < CW_CAUSES; i++) {
        const cw_cause *cause = &reason->cause[i];
        row.cause_kind[i] = cause->kind;
        row.cause_relation[i] = cause->relation;
        row.cause_quantity[i] = cause->quantity;
        row.cause_id[i] = cause->id;
        row.cause_item[i] = cause->item;
        row.cause_value[i] = cause->value;
        row.cause_effect_m[i] = cause->effect;
    }
    return cw_trace_add(trace, channel, time_ns, &row, sizeof row);
}

static void unpack(const cw_proposal_row *row, cw_decision *d) {
    cw_reason *reason = &d->reason;
    *d = (cw_decision){.step = (int64_t)row->step,
                       .valid = row->valid == 1,
                       .control = {.accel = row->accel_mps2, .steer = row->steer_rad, .lamps = row->lamps},
                       .source = row->source,
                       .margin = row->margin_m};
    memcpy(d->trajectory.x, row->x_m, sizeof row->x_m);
    memcpy(d->trajectory.y, row->y_m, sizeof row->y_m);
    memcpy(d->trajectory.heading, row->heading_rad, sizeof row->heading_rad);
    memcpy(d->trajectory.speed, row->speed_mps, sizeof row->speed_mps);
    reason->longitudinal = row->longitudinal;
    reason->lateral = row->lateral;
    reason->kind = row->reason_kind;
    reason->count = row->cause_count;
    reason->accel = row->reason_accel_mps2;
    reason->speed = row->reason_speed_mps;
    for (int i = 0; i < CW_CAUSES; i++)
        reason->cause[i] = (cw_cause){.kind = row->cause_kind[i],
                                      .relation = row->cause_relation[i],
                                      .quantity = row->cause_quantity[i],
                                      .id = row->cause_id[i],
                                      .item = row->cause_item[i],
                                      .value = row->cause_value[i],
                                      .effect = row->cause_effect_m[i]};
}

bool cw_proposal_open(const cw_trace *trace, uint32_t *channel) {
    const cw_column *found;
    *channel = cw_trace_find(trace, CW_PROPOSAL_CHANNEL);
    if (*channel == UINT32_MAX || cw_trace_columns(trace, *channel, &found) != COLUMNS)
        return false;
    for (int i = 0; i < COLUMNS; i++)
        if (strcmp(found[i].name, columns[i].name) != 0 || found[i].type != columns[i].type ||
            found[i].count != columns[i].count)
            return false;
    return true;
}

bool cw_proposal_find(const cw_trace *trace, uint32_t channel, int64_t time_ns, size_t *next, cw_decision *decision) {
    for (size_t count = cw_trace_count(trace, channel); *next < count; ++*next) {
        cw_message message = cw_trace_message(trace, channel, *next);
        if (message.time_ns < time_ns)
            continue;
        cw_proposal_row row;
        if (message.time_ns > time_ns || message.size != sizeof row)
            return false;
        memcpy(&row, message.bytes, sizeof row);
        unpack(&row, decision);
        return true;
    }
    return false;
}
