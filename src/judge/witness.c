// What the others do against A1 while a run goes on, told in its trace.
#include "causeway/judge.h"
#include "judge/monitor.h"

#include "causeway/record.h"
#include "causeway/world.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const int64_t apart = 2000000000; // ns: one who goes on breaking a clause is told again after that

struct cw_witness {
    cw_monitor *monitor;
    double period;
    uint32_t count[CW_MONITOR_CLAUSES], actor[CW_MONITOR_CLAUSES];
    int64_t time[CW_MONITOR_CLAUSES];
};

static const char *const said[][CW_LANGUAGES] = {
    [CW_MONITOR_LEADER] = {" brakes harder than A1 allows, or reverses", "이(가) A1보다 세게 제동하거나 후진함"},
    [CW_MONITOR_CUT_IN] = {" cuts in with less time than A1 allows", "이(가) A1이 정한 시간보다 촉박하게 끼어듦"},
    [CW_MONITOR_ONCOMING] = {" is on the wrong side with somebody coming",
                             "이(가) 마주 오는 이가 있는데 반대쪽에 있음"},
    [CW_MONITOR_RED] = {" crosses a line later than 1 s after red", "이(가) 적신호 1초 뒤에 정지선을 넘음"},
    [CW_MONITOR_SPEED] = {" goes through the junction too fast", "이(가) 교차로를 너무 빨리 지남"},
    [CW_MONITOR_PEDESTRIAN] = {" is faster than a walker", "이(가) 보행자보다 빠름"},
    [CW_MONITOR_CYCLIST] = {" is faster than a cyclist", "이(가) 자전거보다 빠름"},
    [CW_MONITOR_FOLLOWER] = {" follows without braking as it must", "이(가) 필요한 만큼 제동하지 않고 따라옴"},
    [CW_MONITOR_WANDER] = {" wanders within its lane towards one beside", "이(가) 차로 안에서 옆 차 쪽으로 쏠림"},
    [CW_MONITOR_CUT_OUT] = {" leaves its lane late before what stands there",
                            "이(가) 서 있는 것 바로 앞에서 차로를 비켜남"},
    [CW_MONITOR_SEEN] = {" comes over with hardly any motion to be seen before",
                         "이(가) 움직임을 거의 보이지 않고 넘어옴"},
    [CW_MONITOR_JUNCTION] = {" gets in the way of one that has priority", "이(가) 우선권 있는 이의 길을 막음"},
    [CW_MONITOR_JAYWALKER] = {" steps towards the road too near before somebody",
                              "이(가) 다가오는 차 바로 앞에서 차도로 향함"},
};
_Static_assert(sizeof said / sizeof *said == CW_MONITOR_CLAUSES, "each clause says how it is broken");

cw_witness *cw_witness_new(double period) {
    cw_witness *w = calloc(1, sizeof *w);
    if (w)
        w->period = period;
    return w;
}

void cw_witness_free(cw_witness *w) {
    if (w)
        cw_monitor_free(w->monitor);
    free(w);
}

static bool tell(cw_trace *trace, const cw_scene *scene, int64_t time_ns, cw_monitor_clause clause, uint32_t actor) {
    cw_said line = {0};
    const char *name = scene->actors[actor].name;
    cw_say_words(&line, "A1 broken: ", "A1 위반: ");
    cw_say_words(&line, name ? name : "", name ? name : "");
    cw_say_words(&line, said[clause][CW_ENGLISH], said[clause][CW_KOREAN]);
    json_t *object = json_pack("{s:s, s:s, s:s, s:I}", "text", line.in[CW_ENGLISH], "ko", line.in[CW_KOREAN], "breach",
                               cw_monitor_clause_name(clause), "actor", (json_int_t)actor);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    uint32_t channel = cw_trace_find(trace, "/causeway/events");
    bool good = text && channel != UINT32_MAX && cw_trace_add(trace, channel, time_ns, text, strlen(text));
    free(text);
    json_decref(object);
    return good;
}

bool cw_witness_look(void *witness, const struct cw_world *world, cw_trace *trace) {
    cw_witness *w = witness;
    if (!w->monitor)
        w->monitor = cw_monitor_new(world, w->period);
    if (!w->monitor)
        return false;
    cw_monitor_look(w->monitor, world);
    const cw_scene *scene = cw_world_scene(world);
    int64_t now = cw_world_time(world);
    for (int k = 0; k < CW_MONITOR_CLAUSES; k++) {
        uint32_t actor;
        uint32_t count = cw_monitor_count(w->monitor, (cw_monitor_clause)k, &actor, NULL);
        bool again = w->count[k] > 0 && w->actor[k] == actor && now - w->time[k] < apart;
        bool more = count > w->count[k] && actor != scene->ego;
        w->count[k] = count;
        if (!more)
            continue;
        w->actor[k] = actor;
        w->time[k] = now;
        if (!again && !tell(trace, scene, now, (cw_monitor_clause)k, actor))
            return false;
    }
    return true;
}
