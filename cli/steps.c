#include "steps.h"

#include "agent/columns.h"
#include "causeway/assumptions.h"
#include "causeway/evaluator.h"

#include <math.h>

static const cw_column decision_columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);
static const cw_column actor_columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);

#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)

// The ego in the actors' message of that time; `next` goes on from call to call. NAN: it is not there.
static double speed_at(const cw_view *view, int64_t time_ns, uint32_t ego, size_t *next) {
    while (*next < view->messages && cw_trace_message(view->trace, view->channel, *next).time_ns < time_ns)
        ++*next;
    if (*next == view->messages)
        return NAN;
    cw_message message = cw_trace_message(view->trace, view->channel, *next);
    const char *end = (const char *)message.bytes + message.size;
    for (const char *row = message.bytes; message.time_ns == time_ns && row < end; row += view->row_size) {
        cw_actor_row actor;
        cw_view_row(view, row, &actor);
        if (actor.actor == ego)
            return (double)actor.speed_mps;
    }
    return NAN;
}

static void print_number(FILE *out, double value, int width) {
    if (isfinite(value))
        fprintf(out, "  %*.2f", width, value);
    else
        fprintf(out, "  %*s", width, "-");
}

static const char *actor_name(const cw_scene *scene, uint32_t number) {
    const char *name = number >= 1 && number <= scene->actor_count ? scene->actors[number - 1].name : NULL;
    return name && name[0] ? name : "-";
}

void steps_print(const cw_trace *trace, const cw_scene *scene, FILE *out) {
    cw_view decisions = cw_trace_view(trace, CW_DECISION_CHANNEL, COLUMNS(decision_columns));
    cw_view actors = cw_trace_view(trace, CW_ACTORS_CHANNEL, COLUMNS(actor_columns));
    size_t next = 0;
    fprintf(out, "# %6s  %9s  %10s  %-9s  %-15s  %-12s  %-12s  %-11s  %8s  %s\n", "time_s", "speed_kmh", "accel_mps2",
            "source", "decision", "manoeuvre", "evaluator", "refused_by", "margin_m", "road_user");
    for (size_t i = 0; i < decisions.messages; i++) {
        cw_message message = cw_trace_message(trace, decisions.channel, i);
        cw_decision_row row;
        cw_view_row(&decisions, message.bytes, &row);
        fprintf(out, "%8.1f", (double)message.time_ns * 1e-9);
        print_number(out, speed_at(&actors, message.time_ns, scene->ego, &next) * 3.6, 9);
        print_number(out, (double)row.accel_mps2, 10);
        fprintf(out, "  %-9s  %-15s  %-12s  %-12s  %-11s", cw_source_name((cw_source)row.source),
                cw_longitudinal_name((cw_longitudinal)row.longitudinal), cw_lateral_name((cw_lateral)row.lateral),
                cw_evaluator_state_name((cw_evaluator_state)row.state),
                row.refused ? cw_clause_name((cw_clause)row.clause) : "-");
        print_number(out, (double)row.margin_m, 8);
        fprintf(out, "  %s\n", row.refused ? actor_name(scene, row.clause_actor) : "-");
    }
}
