// What a run's trace holds, row by row: every channel of rows with its columns, listed here and nowhere else. From a list
// come the struct that is one row, packed as the trace packs it, the table of columns that declares the channel, and the
// numbers of its columns for whoever asks whether a trace has one.
//
// A list is called with two macros: ONE(column, type, unit) and MANY(column, type, count, unit). A column's name ends with
// its unit; new columns come last, so that rows of older traces are a beginning of newer ones.
#ifndef CW_AGENT_COLUMNS_H
#define CW_AGENT_COLUMNS_H

#include "causeway/agent.h"

#define CW_ACTORS_CHANNEL "/causeway/actors" // all present actors at a decision, one message
#define CW_ACTOR_COLUMNS(ONE, MANY)                                                                                    \
    ONE(actor, U32, "")                                                                                                \
    ONE(kind, U8, "")                                                                                                  \
    ONE(mover, U8, "")                                                                                                 \
    ONE(lamps, U8, "")                                                                                                 \
    ONE(seen, U8, "")                                                                                                  \
    ONE(x_m, F64, "m")                                                                                                 \
    ONE(y_m, F64, "m")                                                                                                 \
    ONE(z_m, F32, "m")                                                                                                 \
    ONE(heading_rad, F32, "rad")                                                                                       \
    ONE(speed_mps, F32, "m/s")                                                                                         \
    ONE(lateral_speed_mps, F32, "m/s")                                                                                 \
    ONE(accel_mps2, F32, "m/s^2")                                                                                      \
    ONE(yaw_rate_radps, F32, "rad/s")                                                                                  \
    ONE(steer_rad, F32, "rad")                                                                                         \
    ONE(pitch_rad, F32, "rad")                                                                                         \
    ONE(roll_rad, F32, "rad")                                                                                          \
    ONE(traveled_m, F64, "m")

#define CW_DECISION_CHANNEL "/causeway/decision"
#define CW_DECISION_COLUMNS(ONE, MANY)                                                                                 \
    ONE(source, U8, "")                                                                                                \
    ONE(longitudinal, U8, "")                                                                                          \
    ONE(lateral, U8, "")                                                                                               \
    ONE(reason_kind, U8, "")                                                                                           \
    ONE(cause_count, U8, "")                                                                                           \
    MANY(cause_kind, U8, CW_CAUSES, "")                                                                                \
    MANY(cause_relation, U8, CW_CAUSES, "")                                                                            \
    MANY(cause_quantity, U8, CW_CAUSES, "")                                                                            \
    MANY(cause_id, U32, CW_CAUSES, "")                                                                                 \
    MANY(cause_item, U32, CW_CAUSES, "")                                                                               \
    MANY(cause_value, F32, CW_CAUSES, "")                                                                              \
    ONE(reason_accel_mps2, F32, "m/s^2")                                                                               \
    ONE(reason_speed_mps, F32, "m/s")                                                                                  \
    ONE(accel_mps2, F32, "m/s^2")                                                                                      \
    ONE(steer_rad, F32, "rad")                                                                                         \
    ONE(margin_m, F32, "m")                                                                                            \
    ONE(refused, U8, "")                                                                                               \
    ONE(clause, U8, "")                                                                                                \
    ONE(state, U8, "")                                                                                                 \
    ONE(clause_actor, U32, "")

#define CW_PLAN_CHANNEL "/causeway/plan"
#define CW_PLAN_COLUMNS(ONE, MANY)                                                                                     \
    MANY(plan_x_m, F32, CW_TRAJECTORY_POINTS, "m")                                                                     \
    MANY(plan_y_m, F32, CW_TRAJECTORY_POINTS, "m")                                                                     \
    MANY(plan_speed_mps, F32, CW_TRAJECTORY_POINTS, "m/s")                                                             \
    MANY(failsafe_x_m, F32, CW_TRAJECTORY_POINTS, "m")                                                                 \
    MANY(failsafe_y_m, F32, CW_TRAJECTORY_POINTS, "m")                                                                 \
    ONE(failsafe_count, U8, "")                                                                                        \
    ONE(tube_m, F32, "m")

#define CW_STEP_CHANNEL "/causeway/step" // after each physics step
#define CW_STEP_COLUMNS(ONE, MANY) ONE(hash, U64, "")

#define CW_CONTACT_CHANNEL "/causeway/contact"
#define CW_CONTACT_COLUMNS(ONE, MANY)                                                                                  \
    ONE(a, U32, "")                                                                                                    \
    ONE(b, U32, "")                                                                                                    \
    ONE(object, U32, "")                                                                                               \
    ONE(speed_a_mps, F32, "m/s")                                                                                       \
    ONE(speed_b_mps, F32, "m/s")                                                                                       \
    ONE(impact_mps, F32, "m/s")                                                                                        \
    ONE(x_m, F64, "m")                                                                                                 \
    ONE(y_m, F64, "m")

#define CW_SIGNALS_CHANNEL "/causeway/signals" // a signal's light, when it changes
#define CW_SIGNAL_COLUMNS(ONE, MANY)                                                                                   \
    ONE(signal, U32, "")                                                                                               \
    ONE(light, U8, "")

// What a driver that does not repeat by itself answered, refused or not; whole, so that the run repeats from it.
#define CW_PROPOSAL_CHANNEL "/causeway/proposal"
#define CW_PROPOSAL_COLUMNS(ONE, MANY)                                                                                 \
    ONE(step, U64, "")                                                                                                 \
    ONE(valid, U8, "")                                                                                                 \
    MANY(x_m, F32, CW_TRAJECTORY_POINTS, "m")                                                                          \
    MANY(y_m, F32, CW_TRAJECTORY_POINTS, "m")                                                                          \
    MANY(heading_rad, F32, CW_TRAJECTORY_POINTS, "rad")                                                                \
    MANY(speed_mps, F32, CW_TRAJECTORY_POINTS, "m/s")                                                                  \
    ONE(accel_mps2, F32, "m/s^2")                                                                                      \
    ONE(steer_rad, F32, "rad")                                                                                         \
    ONE(lamps, U8, "")                                                                                                 \
    ONE(source, U8, "")                                                                                                \
    ONE(margin_m, F32, "m")                                                                                            \
    ONE(longitudinal, U8, "")                                                                                          \
    ONE(lateral, U8, "")                                                                                               \
    ONE(reason_kind, U8, "")                                                                                           \
    ONE(cause_count, U8, "")                                                                                           \
    ONE(reason_accel_mps2, F32, "m/s^2")                                                                               \
    ONE(reason_speed_mps, F32, "m/s")                                                                                  \
    MANY(cause_kind, U8, CW_CAUSES, "")                                                                                \
    MANY(cause_relation, U8, CW_CAUSES, "")                                                                            \
    MANY(cause_quantity, U8, CW_CAUSES, "")                                                                            \
    MANY(cause_id, U32, CW_CAUSES, "")                                                                                 \
    MANY(cause_item, U32, CW_CAUSES, "")                                                                               \
    MANY(cause_value, F32, CW_CAUSES, "")                                                                              \
    MANY(cause_effect_m, F32, CW_CAUSES, "m")

// ---- what comes from the lists ---------------------------------------------------------------------------------------

#define CW_HELD_U8 uint8_t
#define CW_HELD_U32 uint32_t
#define CW_HELD_U64 uint64_t
#define CW_HELD_F32 float
#define CW_HELD_F64 double

#define CW_MEMBER_ONE(name, type, unit) CW_HELD_##type name;
#define CW_MEMBER_MANY(name, type, count, unit) CW_HELD_##type name[count];
#define CW_ROW(tag, LIST)                                                                                              \
    typedef struct __attribute__((packed)) tag {                                                                       \
        LIST(CW_MEMBER_ONE, CW_MEMBER_MANY)                                                                            \
    } tag

CW_ROW(cw_actor_row, CW_ACTOR_COLUMNS);
CW_ROW(cw_decision_row, CW_DECISION_COLUMNS);
CW_ROW(cw_plan_row, CW_PLAN_COLUMNS);
CW_ROW(cw_step_row, CW_STEP_COLUMNS);
CW_ROW(cw_contact_row, CW_CONTACT_COLUMNS);
CW_ROW(cw_signal_row, CW_SIGNAL_COLUMNS);
CW_ROW(cw_proposal_row, CW_PROPOSAL_COLUMNS);

// The initialiser of a table of cw_column (record.h, which whoever writes this includes):
// static const cw_column columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);
#define CW_COLUMN_ONE(name, type, unit) {#name, CW_##type, 1, unit},
#define CW_COLUMN_MANY(name, type, count, unit) {#name, CW_##type, count, unit},
#define CW_COLUMN_TABLE(LIST)                                                                                          \
    { LIST(CW_COLUMN_ONE, CW_COLUMN_MANY) }

#endif
