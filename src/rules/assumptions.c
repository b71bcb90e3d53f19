// The numbers of assumption set A1, each with its name, unit, range and meaning.
#include "causeway/assumptions.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

cw_assumptions cw_assumptions_a1(void) {
    return (cw_assumptions){.tick = 0.1,
                            .actuation_delay = 0.2,
                            .jerk = 20,
                            .brake_share = 0.72,
                            .tube_along = 0.3,
                            .tube_across = 0.2,
                            .gravity = 9.81,
                            .turn_share = 0.5,
                            .slip = 0.06,
                            .range = 120,
                            .position_error = 0.3,
                            .speed_error = 0.5,
                            .age = 0.1,
                            .missed = 3,
                            .leader_brake = 9.81,
                            .follower_response = 1,
                            .follower_brake = 4,
                            .follower_entry = 3,
                            .cut_in_over = 0.3,
                            .cut_in_rate = 12,
                            .cut_in_time = 0.35,
                            .cut_in_visible = 0.72,
                            .cut_in_brake = 1,
                            .cut_in_hold = 2,
                            .wander = 0.3,
                            .cut_out_time = 2,
                            .oncoming_response = 1,
                            .oncoming_brake = 3,
                            .oncoming_drift = 1,
                            .junction_response = 1,
                            .junction_brake = 4,
                            .junction_over_limit = 1.1,
                            .vehicle_gain = 4,
                            .cyclist_speed = 8,
                            .cyclist_swerve = 1,
                            .seen_hold = 1.5,
                            .hidden_walker = 1.39,
                            .hidden_creep = 1.5,
                            .walker_speed = 2,
                            .walker_accel = 2,
                            .engaged_crossing = 3,
                            .engaged_edge = 1.5,
                            .engaged_angle = CW_PI / 3,
                            .pass_speed = 30 / 3.6,
                            .pass_clearance = 1.5,
                            .risk_after = 0.5,
                            .risk_brake = 4,
                            .rearm = 3};
}

#define ROW(field, unit, low, high, text)                                                                              \
    { #field, unit, text, offsetof(cw_assumptions, field), low, high }

static const cw_assumption table[] = {
    ROW(tick, "s", 0.01, 1, "time between decisions"),
    ROW(actuation_delay, "s", 0, 2, "from a command to its effect, at most"),
    ROW(jerk, "m/s^3", 1, 1000, "change of acceleration that the brakes reach"),
    ROW(brake_share, "1", 0.05, 1, "share of mu_lo g that the fail-safe brakes with"),
    ROW(tube_along, "m", 0, 10, "deviation from a verified trajectory, along"),
    ROW(tube_across, "m", 0, 5, "deviation from a verified trajectory, across"),
    ROW(gravity, "m/s^2", 1, 30, "acceleration of gravity"),
    ROW(turn_share, "1", 0.01, 1, "share of mu_lo g that a verified plan uses across, at most"),
    ROW(slip, "rad", 0.001, 1, "slip of the rear axle in a verified plan, at most"),
    ROW(range, "m", 1, 10000, "every unoccluded road user within it is tracked"),
    ROW(position_error, "m", 0, 10, "of a track, at most"),
    ROW(speed_error, "m/s", 0, 10, "of a track, at most"),
    ROW(age, "s", 0, 2, "of an observation, at most"),
    ROW(missed, "frames", 0, 100, "a detection may be missed in a row"),
    ROW(leader_brake, "m/s^2", 0.1, 30, "a leader brakes at most, times mu_hi; it never reverses"),
    ROW(follower_response, "s", 0, 5, "a follower responds within"),
    ROW(follower_brake, "m/s^2", 0.1, 20, "a follower brakes at least"),
    ROW(follower_entry, "m/s^2", 0.1, 20, "braking that entering a lane may ask of a follower"),
    ROW(cut_in_over, "m", 0, 3, "of its tyre over the line: the moment of a cut-in"),
    ROW(cut_in_rate, "m/s^2", 1, 100, "TTC at a cut-in exceeds v_rel / this + cut_in_time"),
    ROW(cut_in_time, "s", 0, 5, "see cut_in_rate"),
    ROW(cut_in_visible, "s", 0, 5, "its lateral motion is visible before, at least"),
    ROW(cut_in_brake, "m/s^2", 0, 20, "it brakes at most, after, for cut_in_hold"),
    ROW(cut_in_hold, "s", 0, 10, "see cut_in_brake"),
    ROW(wander, "m", 0, 3, "of a vehicle within its lane"),
    ROW(cut_out_time, "s", 0, 20, "a leader swerves before reaching what it hid, at least"),
    ROW(oncoming_response, "s", 0, 10, "until who comes against ego brakes where width forbids passing, at most"),
    ROW(oncoming_brake, "m/s^2", 0.1, 20, "its braking then, at least"),
    ROW(oncoming_drift, "m/s", 0, 10, "its drift towards the edge of its side, at most"),
    ROW(junction_response, "s", 0, 5, "until who has no priority at a junction brakes for it, at most"),
    ROW(junction_brake, "m/s^2", 0.1, 20, "its braking then; who cannot stop with it counts as having priority"),
    ROW(junction_over_limit, "1", 1, 5, "times the speed limit: nobody is faster at a junction, but as observed"),
    ROW(vehicle_gain, "m/s^2", 0.1, 20, "a vehicle that comes to a junction speeds up, at most"),
    ROW(cyclist_speed, "m/s", 0, 30, "a cyclist, at most, or as observed"),
    ROW(cyclist_swerve, "m", 0, 5, "a cyclist, to each side of its way, at most"),
    ROW(hidden_walker, "m/s", 0.1, 10, "a walker that comes out of hiding at the road's edge in towns, at most"),
    ROW(hidden_creep, "m/s", 0, 10, "up to which what may hide a walker is passed however near"),
    ROW(seen_hold, "s", 0, 5, "what was seen of the lane counts as seen for so long while somebody passes before it"),
    ROW(walker_speed, "m/s", 0, 10, "a pedestrian, at most, or as observed"),
    ROW(walker_accel, "m/s^2", 0.1, 20, "a pedestrian, at most, in any direction"),
    ROW(engaged_crossing, "m", 0, 50, "a pedestrian this near to a marked crossing is engaged"),
    ROW(engaged_edge, "m", 0, 50, "or this near to the carriageway and heading for it"),
    ROW(engaged_angle, "rad", 0, 3.2, "between its heading and the shortest way to the edge"),
    ROW(pass_speed, "m/s", 0, 50, "past the unengaged, at most"),
    ROW(pass_clearance, "m", 0, 10, "below which pass_speed holds"),
    ROW(risk_after, "s", 0, 10, "on the fail-safe, then the minimal-risk manoeuvre begins"),
    ROW(risk_brake, "m/s^2", 0.5, 10, "of the minimal-risk manoeuvre unless more is needed"),
    ROW(rearm, "s", 0, 60, "of valid proposals at standstill end it"),
};

const cw_assumption *cw_assumption_table(uint32_t *count) {
    *count = sizeof table / sizeof *table;
    return table;
}

double cw_assumptions_get(const cw_assumptions *set, const cw_assumption *item) {
    double value;
    memcpy(&value, (const char *)set + item->offset, sizeof value);
    return value;
}

cw_status cw_assumptions_set(cw_assumptions *set, const char *name, double value, cw_error *err) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        if (!(value >= table[i].low && value <= table[i].high))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "a1.%s must be between %g and %g %s", name, table[i].low,
                                table[i].high, table[i].unit);
        memcpy((char *)set + table[i].offset, &value, sizeof value);
        return CW_OK;
    }
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "no assumption is called a1.%s", name);
}

size_t cw_assumptions_write(const cw_assumptions *set, char *out, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        used += (size_t)snprintf(used < size ? out + used : NULL, used < size ? size - used : 0, "%s%s=%.17g",
                                 i > 0 ? " " : "", table[i].name, cw_assumptions_get(set, &table[i]));
    return used;
}

cw_status cw_assumptions_read(cw_assumptions *set, const char *text, cw_error *err) {
    while (*text) {
        size_t length = strcspn(text, " "), name = strcspn(text, "=");
        char item[64];
        double value;
        if (name >= length || name >= sizeof item || !cw_parse_double(text + name + 1, length - name - 1, &value))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "'%.40s' is not NAME=NUMBER", text);
        memcpy(item, text, name);
        item[name] = 0;
        cw_status status = cw_assumptions_set(set, item, value, err);
        if (status != CW_OK)
            return status;
        text += length + (text[length] == ' ');
    }
    return CW_OK;
}

uint64_t cw_assumptions_hash(const cw_assumptions *set) {
    uint64_t hash = CW_A1_VERSION;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double value = cw_assumptions_get(set, &table[i]);
        hash = cw_hash_bytes(hash, table[i].name, strlen(table[i].name));
        hash = cw_hash_bytes(hash, &value, sizeof value);
    }
    return hash;
}

void cw_assumptions_friction(cw_surface_kind kind, double *mu_low, double *mu_high) {
    static const double mu[][2] = {{0.9, 1.0}, {0.5, 0.8}, {0.2, 0.35}, {0.08, 0.15}};
    assert((unsigned)kind < sizeof mu / sizeof *mu);
    *mu_low = mu[kind][0];
    *mu_high = mu[kind][1];
}

double cw_assumptions_brake(const cw_assumptions *set, double mu_low, double slope) {
    return set->brake_share * mu_low * set->gravity + set->gravity * cw_sin(slope);
}

static const struct {
    const char *name, *english, *korean;
    bool promised;
} clauses[CW_CLAUSES] = {
    [CW_CLAUSE_NONE] = {"none", "verified", "검증됨", false},
    [CW_CLAUSE_MISSING] = {"missing", "no proposal came", "제안 없음", false},
    [CW_CLAUSE_LATE] = {"late", "the proposal answers another step", "늦은 제안", false},
    [CW_CLAUSE_NOT_FINITE] = {"not_finite", "the proposal is not a number", "숫자가 아닌 제안", false},
    [CW_CLAUSE_ABSURD] = {"absurd", "the body cannot do what is proposed", "차량이 수행할 수 없는 제안", false},
    [CW_CLAUSE_STOP] = {"stop", "no standstill within the horizon", "정지 불가", true},
    [CW_CLAUSE_GRIP] = {"grip", "needs more grip than the tyres surely give", "타이어 접지력 한계 초과", true},
    [CW_CLAUSE_OFF_ROAD] = {"off_road", "would leave the road", "도로 이탈", true},
    [CW_CLAUSE_LEADER] = {"leader", "too near to the vehicle ahead if it brakes hard", "앞차 급제동 시 충돌", true},
    [CW_CLAUSE_FOLLOWER] = {"follower", "would force a follower to brake too hard", "뒤차에 과도한 제동 요구", true},
    [CW_CLAUSE_CUT_IN] = {"cut_in", "no room for a vehicle that may cut in", "끼어들기 대비 공간 부족", true},
    [CW_CLAUSE_CUT_OUT] = {"cut_out", "the leader may hide a standing obstacle", "앞차가 가린 장애물 가능", true},
    [CW_CLAUSE_PEDESTRIAN] = {"pedestrian", "a pedestrian may reach the path", "보행자 진입 가능", true},
    [CW_CLAUSE_PASSING] = {"passing", "too fast past a pedestrian near by", "보행자 근접 통과 속도 초과", true},
    [CW_CLAUSE_OCCLUSION] = {"occlusion", "cannot stop within the visible lane", "보이는 차로 안에서 정지 불가", true},
    [CW_CLAUSE_BESIDE] = {"beside", "a vehicle is beside", "옆 차량과 접촉 위험", true},
    [CW_CLAUSE_PREDICTION] = {"prediction", "another's predicted path crosses", "다른 차량의 예상 경로와 교차", false},
    [CW_CLAUSE_HYSTERESIS] = {"hysteresis", "verified by too little to end the fail-safe",
                              "여유 부족으로 안전 제동 유지", false},
    [CW_CLAUSE_REARM] = {"rearm", "standing after a minimal-risk manoeuvre", "최소 위험 정지 후 대기", false},
    [CW_CLAUSE_KEEP_CLEAR] = {"keep_clear", "would have to stop where nobody may stand", "정차 금지 구역 안 정지 우려",
                              true},
    [CW_CLAUSE_ONCOMING] = {"oncoming", "somebody who comes could not stop before it", "마주 오는 차가 멈출 수 없음",
                            true},
    [CW_CLAUSE_CYCLIST] = {"cyclist", "a cyclist may ride into the path", "자전거 진입 가능", true},
    [CW_CLAUSE_HIDDEN] = {"hidden", "somebody on foot may come from behind it", "가려진 곳에서 보행자가 나올 수 있음",
                          true},
    [CW_CLAUSE_JUNCTION] = {"junction", "somebody may come across who goes first", "우선 통행 차량이 교차할 수 있음",
                            true},
    [CW_CLAUSE_SIGNAL] = {"signal", "could no longer stop at the light", "신호에 멈출 수 없음", true},
};

const char *cw_clause_name(cw_clause clause) {
    return (unsigned)clause < CW_CLAUSES ? clauses[clause].name : "?";
}

const char *cw_clause_text(cw_clause clause, bool korean) {
    if ((unsigned)clause >= CW_CLAUSES)
        return "?";
    return korean ? clauses[clause].korean : clauses[clause].english;
}

bool cw_clause_promised(cw_clause clause) {
    return (unsigned)clause < CW_CLAUSES && clauses[clause].promised;
}
