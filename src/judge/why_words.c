// The outcome of a test of reasons in words.
#include "causeway/why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct both { // languages
    const char *english, *korean;
} both;

static const both longitudinal_words[] = {{"keep speed", "속도 유지"},
                                          {"follow the lead", "앞차 추종"},
                                          {"adapt speed", "속도 조절"},
                                          {"yield", "양보"},
                                          {"stop", "정지"},
                                          {"wait", "대기"},
                                          {"creep", "서행"},
                                          {"go", "출발"},
                                          {"accelerate", "가속"},
                                          {"brake hard", "급제동"}};
static const both lateral_words[] = {{"keep the lane", "차로 유지"},
                                     {"turn left", "좌회전"},
                                     {"turn right", "우회전"},
                                     {"go straight", "직진"},
                                     {"change to the left", "왼쪽 차로 변경"},
                                     {"change to the right", "오른쪽 차로 변경"},
                                     {"abort the change", "차로 변경 중단"},
                                     {"nudge to the left", "왼쪽으로 비키기"},
                                     {"nudge to the right", "오른쪽으로 비키기"},
                                     {"pull over", "길가에 서기"}};
static const both kind_words[] = {{"nothing", "없음"},
                                  {"vehicle", "차량"},
                                  {"pedestrian", "보행자"},
                                  {"cyclist", "자전거"},
                                  {"animal", "동물"},
                                  {"obstacle", "장애물"},
                                  {"signal", "신호"},
                                  {"sign", "표지"},
                                  {"the speed limit", "제한 속도"},
                                  {"the bend", "굽은 길"},
                                  {"the route", "경로"},
                                  {"what hides the view", "시야를 가리는 것"},
                                  {"the slippery surface", "미끄러운 노면"}};
static const both verdict_words[] = {{"no cause", "원인 아님"},
                                     {"tested true", "시험 결과 참"},
                                     {"sight only", "시야를 가릴 뿐"},
                                     {"joint cause", "공동 원인"},
                                     {"refuted", "반증됨"},
                                     {"missed", "말하지 않은 원인"},
                                     {"untested", "시험하지 못함"},
                                     {"not testable", "시험할 수 없음"}};

#define WORD(table, index) (table)[(unsigned)(index) < sizeof(table) / sizeof *(table) ? (index) : 0]

static both note_words(const char *note) {
    static const both notes[] = {
        {"the driver had not seen it", "운전자가 보지 못했다"},
        {"this driver does not take a map with other speeds", "이 운전자는 속도가 다른 지도를 받지 않는다"},
        {"there is no other way to go on", "달리 갈 길이 없다"},
        {"the end of a lane or a goal cannot be taken away", "차로의 끝이나 목적지는 없앨 수 없다"},
        {"what it names is not in the scene", "말한 것이 장면에 없다"},
        {"decided by one intervention: there is no harmless variant", "해롭지 않은 변형이 없어 개입 하나로 판정했다"},
        {"the driver does not repeat", "운전자가 되풀이되지 않는다"},
        {"without an intervention the run is another", "개입하지 않아도 주행이 달라진다"},
        {"the run ends too soon after it", "그 뒤 주행이 너무 일찍 끝난다"},
        {"the driver did not have the ego", "운전자가 차를 몰고 있지 않았다"}};
    for (unsigned i = 0; note && i < sizeof notes / sizeof *notes; i++)
        if (strcmp(notes[i].english, note) == 0)
            return notes[i];
    return (both){note ? note : "", note ? note : ""};
}

void cw_why_note(const char *note, cw_said *out) {
    both words = note_words(note);
    cw_say_words(out, words.english, words.korean);
}

void cw_why_verdict_say(cw_why_verdict verdict, cw_said *out) {
    both words = WORD(verdict_words, verdict);
    cw_say_words(out, words.english, words.korean);
}

void cw_why_name(const cw_why_candidate *c, const cw_labels *labels, cw_said *out) {
    both kind = WORD(kind_words, c->cause.kind);
    const char *label = NULL;
    if (c->cause.kind == CW_CAUSE_SIGNAL || c->cause.kind == CW_CAUSE_SIGN)
        label = labels && labels->map && c->cause.item < labels->map->signal_count
                    ? labels->map->signals[c->cause.item].id
                    : NULL;
    else if (c->cause.id != 0 && labels && labels->user)
        label = labels->user(labels->context, c->cause.id);
    if (c->cause.kind == CW_CAUSE_OCCLUSION && label && label[0])
        cw_say(out, "sight blocked by %s", "%s이(가) 가린 시야", label);
    else if (label && label[0]) {
        cw_say_words(out, kind.english, kind.korean);
        cw_say(out, " %s", " %s", label);
    } else
        cw_say_words(out, kind.english, kind.korean);
}

// What taking it away does to the path: the larger of along and across.
static void say_path(const cw_why_branch *b, double horizon, cw_said *out) {
    double along = fabs((double)b->further), across = fabs((double)b->aside);
    if (along < 0.05 && across < 0.05)
        cw_say(out, "%.1f m moved on average over %g s", "평균 %.1f m 달라지고(%g초 동안)", (double)b->moved, horizon);
    else if (along >= across && b->further > 0)
        cw_say(out, "%.1f m further after %g s", "%.1f m 더 나아가고(%g초 뒤)", along, horizon);
    else if (along >= across)
        cw_say(out, "%.1f m less far after %g s", "%.1f m 덜 나아가고(%g초 뒤)", along, horizon);
    else if (b->aside > 0)
        cw_say(out, "%.1f m to the left after %g s", "왼쪽으로 %.1f m 옮겨지고(%g초 뒤)", across, horizon);
    else
        cw_say(out, "%.1f m to the right after %g s", "오른쪽으로 %.1f m 옮겨지고(%g초 뒤)", across, horizon);
}

static void say_decision(const cw_why_result *r, const cw_why_branch *b, cw_said *out) {
    bool along = b->longitudinal != r->reason.longitudinal, across = b->lateral != r->reason.lateral;
    both l = WORD(longitudinal_words, b->longitudinal), s = WORD(lateral_words, b->lateral);
    if (along && across) {
        cw_say_words(out, ", and the decision becomes ", " 결정은 ");
        cw_say_words(out, l.english, l.korean);
        cw_say_words(out, ", ", ", ");
        cw_say_words(out, s.english, s.korean);
    } else if (along || across) {
        cw_say_words(out, ", and the decision becomes ", " 결정은 ");
        cw_say_words(out, along ? l.english : s.english, along ? l.korean : s.korean);
    } else {
        cw_say_words(out, ", and the decision stays the same", " 결정은 그대로이다");
        return;
    }
    cw_say_words(out, "", "(으)로 바뀐다");
}

static void say_effect(const cw_why_result *r, const cw_why_candidate *c, const cw_labels *labels,
                       const cw_why_branch *b, cw_said *out) {
    cw_say_words(out, "without ", "");
    cw_why_name(c, labels, out);
    for (uint32_t k = 0; b == &c->joint && k < c->with_count; k++) {
        cw_say_words(out, " and ", "와(과) ");
        cw_why_name(&r->candidates[c->with[k]], labels, out);
    }
    cw_say_words(out, ", ", "이(가) 없으면 ");
    say_path(b, r->horizon, out);
    say_decision(r, b, out);
}

void cw_why_say(const cw_why_result *r, uint32_t index, const cw_labels *labels, cw_said *out) {
    const cw_why_candidate *c = &r->candidates[index];
    *out = (cw_said){0};
    both verdict = WORD(verdict_words, c->verdict);
    char head[32];
    snprintf(head, sizeof head, "%s", verdict.english);
    head[0] = (char)(head[0] >= 'a' && head[0] <= 'z' ? head[0] - 'a' + 'A' : head[0]);
    cw_say_words(out, head, verdict.korean);
    cw_say_words(out, ": ", ": ");
    both note = note_words(c->note);
    if (c->verdict == CW_WHY_UNTESTABLE || c->verdict == CW_WHY_UNTESTED || (c->named && !c->seen)) {
        cw_why_name(c, labels, out);
        cw_say_words(out, note.english[0] ? " (" : "", note.english[0] ? " (" : "");
        cw_say_words(out, note.english, note.korean);
        cw_say_words(out, note.english[0] ? ")." : ".", note.english[0] ? ")." : ".");
        return;
    }
    bool joint = c->with_count > 0 && !c->removal.changed;
    say_effect(r, c, labels, joint ? &c->joint : &c->removal, out);
    if (c->verdict == CW_WHY_SIGHT && c->actor == CW_NONE)
        cw_say_words(out, "; its harmless variant changes nothing", "; 해롭지 않은 변형으로는 달라지지 않는다");
    else if (c->verdict == CW_WHY_SIGHT)
        cw_say_words(out, "; moved aside but hiding the same, it changes nothing",
                     "; 옆으로 옮기고 같은 것을 가리게 하면 달라지지 않는다");
    else if (c->verdict == CW_WHY_REFUTED && c->variant.changed)
        cw_say_words(out, "; the harmless variant alone changes it", "; 해롭지 않은 변형만이 결정을 바꾼다");
    cw_say_words(out, ".", ".");
}
