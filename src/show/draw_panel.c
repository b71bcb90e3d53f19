// The panel: speed, time, source, decision and reason in words; the timeline; the legend; the verdict.
#include "causeway/judge.h"
#include "stage.h"

#ifdef CW_HAVE_CAIRO

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEFT = 20, TOP = 20, WIDTH = 348, PADDING = 18, TIMELINE = 12, LINE_MOST = 256 };
static const uint32_t INK = 0xF1F3F5, FAINT = 0xB3BDC7, CARD = 0x12171B;

// ---- text ------------------------------------------------------------------------------------------------------------

static void font(const stage *of, double size, bool bold) {
    of->api.select_font_face(of->cr, "NanumGothic", CAIRO_FONT_SLANT_NORMAL,
                             bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    of->api.set_font_size(of->cr, size);
}

static double width_of(const stage *of, const char *words) {
    cairo_text_extents_t size;
    of->api.text_extents(of->cr, words, &size);
    return size.x_advance;
}

static void say(const stage *of, double x, double y, const char *words, uint32_t color, double alpha) {
    stage_color(of, color, alpha);
    of->api.move_to(of->cr, x, y);
    of->api.show_text(of->cr, words);
}

static size_t character(const char *at) { // bytes of the UTF-8 character
    size_t n = 1;
    while ((at[n] & 0xC0) == 0x80)
        n++;
    return n;
}

// One line of at most `room` pixels from *words on, broken at a space where there is one; false when nothing is left.
static bool next_line(const stage *of, const char **words, double room, char line[LINE_MOST]) {
    while (**words == ' ')
        (*words)++;
    if (**words == '\0')
        return false;
    size_t n = 0, at_space = 0;
    while ((*words)[n] != '\0') {
        size_t size = character(*words + n);
        if (n + size >= LINE_MOST)
            break;
        memcpy(line, *words, n + size);
        line[n + size] = '\0';
        // A number stays with its unit.
        if ((*words)[n] == ' ' && !(n > 0 && (*words)[n - 1] >= '0' && (*words)[n - 1] <= '9'))
            at_space = n;
        else if (n > 0 && width_of(of, line) > room)
            break;
        n += size;
    }
    if ((*words)[n] != '\0' && at_space > 0)
        n = at_space;
    memcpy(line, *words, n);
    line[n] = '\0';
    *words += n;
    return true;
}

// Cut to fit, with an ellipsis.
static void say_within(const stage *of, double x, double y, double room, const char *words, uint32_t color,
                       double alpha) {
    char line[LINE_MOST];
    const char *rest = words;
    if (width_of(of, words) <= room) {
        say(of, x, y, words, color, alpha);
        return;
    }
    size_t n = 0;
    while (rest[n] != '\0' && n + 8 < LINE_MOST) {
        size_t size = character(rest + n);
        memcpy(line + n, rest + n, size);
        memcpy(line + n + size, "…", sizeof "…");
        if (width_of(of, line) > room)
            break;
        n += size;
    }
    memcpy(line + n, "…", sizeof "…");
    say(of, x, y, line, color, alpha);
}

static void card(const stage *of, double x, double y, double width, double height, double alpha) {
    stage_round(of, x, y, width, height, 12.0);
    stage_color(of, CARD, 0.86 * alpha);
    of->api.fill_preserve(of->cr);
    stage_color(of, 0xFFFFFF, 0.10 * alpha);
    of->api.set_line_width(of->cr, 1.0);
    of->api.stroke(of->cr);
}

static double chip(const stage *of, double x, double y, const char *words, uint32_t color) {
    font(of, 14.0, true);
    double width = width_of(of, words) + 20.0;
    stage_round(of, x, y - 17.0, width, 24.0, 12.0);
    stage_color(of, color, 0.22);
    of->api.fill_preserve(of->cr);
    stage_color(of, color, 0.9);
    of->api.set_line_width(of->cr, 1.2);
    of->api.stroke(of->cr);
    say(of, x + 10.0, y, words, INK, 1.0);
    return width;
}

// ---- the card --------------------------------------------------------------------------------------------------------

static const char *reason_words(const stage *of, double time) {
    const replay_words *words = replay_words_at(&of->replay, (int64_t)(time * 1e9 + 0.5));
    return words != NULL ? words->text[of->def.language] : names_of(WORD_NO_REASON, of->def.language);
}

void draw_subtitle(stage *of, double time) {
    double row = stage_cameras_row(of);
    if (row <= 0.0)
        return;
    char line[LINE_MOST];
    const char *words = reason_words(of, time);
    double room = of->def.width - LEFT - WIDTH - 4.0 * LEFT, middle = (LEFT + WIDTH + of->def.width) * 0.5;
    font(of, 18.0, false);
    if (!next_line(of, &words, room, line))
        return;
    double width = width_of(of, line), y = of->def.height - TIMELINE - row - 14.0;
    card(of, middle - 0.5 * width - 14.0, y - 23.0, width + 28.0, 34.0, 0.9);
    say(of, middle - 0.5 * width, y, line, INK, 1.0);
}

// A bar from the middle: braking to the left, red; accelerating to the right, green.
static void accel_bar(const stage *of, double x, double y, double width, double accel) {
    const cairo_api *c = &of->api;
    stage_round(of, x, y, width, 6.0, 3.0);
    stage_color(of, 0xFFFFFF, 0.12);
    c->fill(of->cr);
    double middle = x + width * 0.5, length = cw_clamp(fabs(accel) / 8.0, 0.0, 1.0) * width * 0.5;
    c->rectangle(of->cr, accel < 0.0 ? middle - length : middle, y, length, 6.0);
    stage_color(of, accel < 0.0 ? 0xFF5C5C : 0x51CF66, 1.0);
    c->fill(of->cr);
    c->rectangle(of->cr, middle - 0.75, y - 2.0, 1.5, 10.0);
    stage_color(of, INK, 0.7);
    c->fill(of->cr);
}

static void legend(const stage *of, double y) {
    const cairo_api *c = &of->api;
    cw_language language = of->def.language;
    const double x = LEFT + PADDING;
    font(of, 12.5, false);
    for (int i = 0; i < 60; i++) { // the plan's scale of speed
        c->rectangle(of->cr, x + i, y - 8.0, 1.2, 8.0);
        stage_color(of, draw_speed_color(i / 59.0), 0.9);
        c->fill(of->cr);
    }
    char scale[96];
    snprintf(scale, sizeof scale, "%s 0–%.0f km/h", names_of(WORD_PLAN, language), of->fastest * 3.6);
    say(of, x + 70.0, y, scale, FAINT, 1.0);
    y += 21.0;
    double dashes[2] = {7.0, 5.0};
    c->set_dash(of->cr, dashes, 2, 0.0);
    c->set_line_width(of->cr, 1.8);
    stage_color(of, 0xFFB86B, 1.0);
    c->move_to(of->cr, x, y - 4.0);
    c->line_to(of->cr, x + 34.0, y - 4.0);
    c->stroke(of->cr);
    c->set_dash(of->cr, NULL, 0, 0.0);
    say(of, x + 42.0, y, names_of(WORD_FAILSAFE, language), FAINT, 1.0);
    c->new_path(of->cr);
    c->arc(of->cr, x + 210.0, y - 4.0, 6.0, 0.0, 2.0 * CW_PI);
    c->set_line_width(of->cr, 2.0);
    stage_color(of, 0xFF9F1C, 1.0);
    c->stroke(of->cr);
    say(of, x + 224.0, y, names_of(WORD_CAUSE, language), FAINT, 1.0);
    y += 21.0;
    double small[2] = {3.0, 2.5};
    stage_round(of, x, y - 10.0, 22.0, 11.0, 3.0);
    stage_color(of, 0xC9D1D9, 0.35);
    c->fill_preserve(of->cr);
    c->set_dash(of->cr, small, 2, 0.0);
    c->set_line_width(of->cr, 1.1);
    stage_color(of, 0xFFFFFF, 0.7);
    c->stroke(of->cr);
    c->set_dash(of->cr, NULL, 0, 0.0);
    say(of, x + 42.0, y, names_of(WORD_UNSEEN, language), FAINT, 1.0);
}

// "refused: no room for a vehicle that may cut in (-0.6 m, Lorry)"; false: nothing was.
static bool refusal_words(const stage *of, const replay_decision *decision, char *out, size_t size) {
    if (decision == NULL || !decision->refused)
        return false;
    cw_language language = of->def.language;
    int used =
        snprintf(out, size, "%s: %s", names_of(WORD_REFUSED, language), cw_judge_clause(decision->clause, language));
    char margin[32] = "";
    if (isfinite(decision->margin))
        snprintf(margin, sizeof margin, "%.1f m", (double)decision->margin);
    const char *who = decision->clause_actor != CW_NONE ? of->replay.actors[decision->clause_actor].name : "";
    if ((margin[0] != '\0' || who[0] != '\0') && used > 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, " (%s%s%s)", margin, margin[0] != '\0' && who[0] != '\0' ? ", " : "",
                 who);
    return true;
}

// The last breach of A1 by another, while it is new; NULL: none.
static const replay_event *breach_at(const stage *of, int64_t now) {
    for (size_t i = of->replay.event_count; i-- > 0;)
        if (of->replay.events[i].breach && of->replay.events[i].time_ns <= now)
            return now - of->replay.events[i].time_ns < 3000000000 ? &of->replay.events[i] : NULL;
    return NULL;
}

void draw_panel(stage *of, double time) {
    const cairo_api *c = &of->api;
    cw_language language = of->def.language;
    const double x = LEFT + PADDING, room = WIDTH - 2 * PADDING;
    int64_t now = (int64_t)(time * 1e9 + 0.5);
    const replay_decision *decision = replay_decision_at(&of->replay, now);
    replay_state ego = {0};
    if (of->replay.ego != CW_NONE)
        replay_between(&of->replay, time, of->replay.ego, &ego);
    char lines[7][LINE_MOST];
    int count = 0;
    const char *words = reason_words(of, time);
    font(of, 17.0, false);
    while (count < 7 && next_line(of, &words, room, lines[count]))
        count++;
    // What the evaluator refused, and what another did against A1: below the reason, in their own colours.
    char notes[4][LINE_MOST], note[400];
    uint32_t colors[4] = {0};
    int note_count = 0;
    font(of, 14.0, false);
    const replay_event *breach = breach_at(of, now);
    for (int k = 0; k < 2; k++) {
        const char *from = k == 0           ? (refusal_words(of, decision, note, sizeof note) ? note : "")
                           : breach != NULL ? breach->text[language]
                                            : "";
        for (int lines_of = 0; lines_of < 2 && next_line(of, &from, room, notes[note_count]); lines_of++)
            colors[note_count++] = k == 0 ? 0xFFB86B : 0xFF7B7B;
    }
    double height = 198.0 + 24.0 * (count < 3 ? 3 : count) + (note_count > 0 ? 8.0 + 20.0 * note_count : 0.0);
    card(of, LEFT, TOP, WIDTH, height, 1.0);

    double y = TOP + 30.0;
    font(of, 13.5, false);
    char text[64];
    snprintf(text, sizeof text, "%.1f s", time);
    double width = width_of(of, text);
    say(of, x + room - width, y, text, INK, 0.9);
    say_within(of, x, y, room - width - 12.0, of->replay.name, FAINT, 1.0);

    y += 58.0;
    font(of, 54.0, true);
    snprintf(text, sizeof text, "%.0f", fabs((double)ego.speed) * 3.6);
    say(of, x - 2.0, y, text, INK, 1.0);
    width = width_of(of, text);
    font(of, 17.0, false);
    say(of, x + width + 8.0, y, "km/h", FAINT, 1.0);
    font(of, 14.0, false);
    snprintf(text, sizeof text, "%+.1f m/s2", (double)ego.accel);
    say(of, x + room - width_of(of, text), y - 14.0, text, INK, 0.9);
    accel_bar(of, x + room - 110.0, y - 5.0, 110.0, (double)ego.accel);

    y += 38.0;
    if (decision != NULL) {
        double at = x + chip(of, x, y, names_source(decision->source, language), names_source_color(decision->source));
        chip(of, at + 8.0, y, names_longitudinal(decision->longitudinal, language),
             names_longitudinal_color(decision->longitudinal));
        font(of, 14.0, false);
        say(of, x, y + 30.0, names_lateral(decision->lateral, language), FAINT, 1.0);
        // Has what is said been tested by simulating the world again without it?
        const replay_words *said = replay_words_at(&of->replay, now);
        uint8_t tested = said != NULL ? said->tested : (uint8_t)REPLAY_UNTESTED;
        const char *mark = names_of(tested == REPLAY_TRUE      ? WORD_TESTED
                                    : tested == REPLAY_REFUTED ? WORD_REFUTED
                                                               : WORD_UNTESTED,
                                    language);
        uint32_t color = tested == REPLAY_TRUE ? 0x69DB7C : tested == REPLAY_REFUTED ? 0xFF7B7B : FAINT;
        say(of, x + room - width_of(of, mark), y + 30.0, mark, color, tested == REPLAY_UNTESTED ? 0.8 : 1.0);
    }
    y += 50.0;
    c->rectangle(of->cr, x, y - 6.0, room, 1.0);
    stage_color(of, 0xFFFFFF, 0.14);
    c->fill(of->cr);
    y += 19.0;
    font(of, 17.0, false);
    for (int i = 0; i < count; i++, y += 24.0)
        say(of, x, y, lines[i], INK, 1.0);
    y += count < 3 ? 24.0 * (3 - count) : 0.0;
    font(of, 14.0, false);
    for (int i = 0; i < note_count; i++)
        say(of, x, y + 20.0 * i, notes[i], colors[i], 1.0);

    double bottom = of->def.height - TIMELINE - 20.0 - 82.0;
    card(of, LEFT, bottom, WIDTH, 82.0, 1.0);
    legend(of, bottom + 24.0);
}

// ---- the timeline ----------------------------------------------------------------------------------------------------

void draw_timeline(stage *of, double time) {
    const cairo_api *c = &of->api;
    double y = of->def.height - TIMELINE, width = of->def.width, span = cw_max(of->replay.duration, 1e-3);
    c->rectangle(of->cr, 0.0, y, width, TIMELINE);
    stage_color(of, CARD, 1.0);
    c->fill(of->cr);
    for (size_t i = 0; i < of->replay.decision_count;) { // runs of one decision
        const replay_decision *run = &of->replay.decisions[i];
        size_t end = i + 1;
        while (end < of->replay.decision_count && of->replay.decisions[end].longitudinal == run->longitudinal)
            end++;
        double x0 = (double)run->time_ns * 1e-9 / span * width;
        double x1 =
            end < of->replay.decision_count ? (double)of->replay.decisions[end].time_ns * 1e-9 / span * width : width;
        bool past = (double)run->time_ns * 1e-9 <= time;
        c->rectangle(of->cr, x0, y + 3.0, x1 - x0, TIMELINE - 3.0);
        stage_color(of, names_longitudinal_color(run->longitudinal), past ? 0.95 : 0.35);
        c->fill(of->cr);
        i = end;
    }
    double at = cw_clamp(time / span, 0.0, 1.0) * width;
    c->rectangle(of->cr, at, y + 3.0, width - at, TIMELINE - 3.0);
    stage_color(of, CARD, 0.6);
    c->fill(of->cr);
    for (size_t i = 0; i < of->replay.contact_count; i++) {
        c->rectangle(of->cr, (double)of->replay.contacts[i].time_ns * 1e-9 / span * width - 1.5, y, 3.0, TIMELINE);
        stage_color(of, 0xFF2D2D, 1.0);
        c->fill(of->cr);
    }
    c->rectangle(of->cr, at - 1.5, y - 2.0, 3.0, TIMELINE + 2.0);
    stage_color(of, 0xFFFFFF, 1.0);
    c->fill(of->cr);
}

// ---- the verdict -----------------------------------------------------------------------------------------------------

static void tick_mark(const stage *of, double x, double y, bool passed, double alpha) {
    const cairo_api *c = &of->api;
    c->set_line_width(of->cr, 2.6);
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_ROUND);
    stage_color(of, passed ? 0x51CF66 : 0xFF5C5C, alpha);
    if (passed) {
        c->move_to(of->cr, x, y - 4.0);
        c->line_to(of->cr, x + 4.0, y);
        c->line_to(of->cr, x + 12.0, y - 10.0);
    } else {
        c->move_to(of->cr, x + 1.0, y - 10.0);
        c->line_to(of->cr, x + 11.0, y);
        c->move_to(of->cr, x + 11.0, y - 10.0);
        c->line_to(of->cr, x + 1.0, y);
    }
    c->stroke(of->cr);
    c->set_line_cap(of->cr, CAIRO_LINE_CAP_BUTT);
}

static bool is_absent(const json *criterion, const char *key) {
    const json *value = json_get(criterion, key);
    return value != NULL && value->kind == JSON_FALSE;
}

void draw_verdict(stage *of, double alpha) {
    enum { MOST = 14 };
    const json *list = json_get(of->replay.verdict, "criteria");
    if (list == NULL || alpha <= 0.0)
        return;
    const json *rows[MOST];
    int count = 0;
    bool passed = true;
    for (const json *item = list->first; item != NULL; item = item->next) {
        if (is_absent(item, "applies"))
            continue;
        if (!json_holds(item, "passed") && !is_absent(item, "demanded"))
            passed = false;
        if (count < MOST)
            rows[count++] = item;
    }
    const json *whole = json_get(of->replay.verdict, "passed");
    if (whole != NULL && (whole->kind == JSON_TRUE || whole->kind == JSON_FALSE))
        passed = whole->kind == JSON_TRUE;
    double width = 840.0, height = 92.0 + 27.0 * count;
    double x = (LEFT + WIDTH + of->def.width) * 0.5 - width * 0.5, y = TOP;
    card(of, x, y, width, height, alpha);
    card(of, x, y, width, height, alpha * 0.5);
    font(of, 28.0, true);
    const char *word = names_of(passed ? WORD_PASSED : WORD_FAILED, of->def.language);
    say(of, x + 28.0, y + 48.0, word, passed ? 0x51CF66 : 0xFF5C5C, alpha);
    double at = y + 82.0;
    for (int i = 0; i < count; i++, at += 27.0) {
        bool good = json_holds(rows[i], "passed"), told = is_absent(rows[i], "demanded");
        tick_mark(of, x + 28.0, at, good, told ? 0.5 * alpha : alpha);
        const char *name = cw_judge_label(json_text(rows[i], "name", ""), of->def.language);
        font(of, 15.0, true);
        say_within(of, x + 52.0, at, 180.0, name, INK, told ? 0.6 * alpha : alpha);
        font(of, 15.0, false);
        say_within(of, x + 242.0, at, width - 266.0, json_text(rows[i], "text", ""), FAINT, alpha);
    }
}

#else

typedef int cw_draw_panel_absent; // a translation unit must declare something

#endif
