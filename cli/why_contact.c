#include "why_contact.h"

#include "cli.h"
#include "why_json.h"

#include "causeway/drive.h"
#include "causeway/fork.h"
#include "causeway/run.h"
#include "causeway/why_contact.h"
#include "causeway/world.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *partner(const cw_scene *scene, const cw_judged_contact *c, cw_language language) {
    return c->actor < scene->actor_count ? scene->actors[c->actor].name : cw_judge_label("map object", language);
}

static void name_change(const cw_contact_change *c, const cw_labels *labels, cw_said *out) {
    *out = (cw_said){0};
    if (c->row == CW_SIGNAL_GREEN) {
        cw_why_name(&c->what, labels, out);
        cw_say_words(out, " at green", "이(가) 녹색이면");
        return;
    }
    cw_say_words(out, "without ", "");
    cw_why_name(&c->what, labels, out);
    cw_say_words(out, "", " 없이");
}

// ---- as text ---------------------------------------------------------------------------------------------------------

static void print_contact(const cw_contact_why *w, const cw_scene *scene, cw_language language) {
    const cw_judged_contact *c = &w->contact;
    bool korean = language == CW_KOREAN;
    cw_labels labels = cw_scene_labels(scene);
    printf(korean ? "%.2f초: %s와(과) 접촉, 충격 시속 %.1f km. 책임: %s (조항 %u)"
                  : "%.2f s: contact with %s at %.1f km/h. Fault: %s (clause %u)",
           (double)c->time_ns * 1e-9, partner(scene, c, language), (double)c->impact_mps * 3.6,
           cw_judge_label(cw_fault_name((cw_fault)c->fault), language), c->clause);
    printf("%s%s.\n", c->broken.in[language][0] ? ": " : "", c->broken.in[language]);
    if (w->untestable) {
        cw_said note = {0};
        cw_why_note(w->untestable, &note);
        printf(korean ? "  시험할 수 없음: %s\n" : "  not testable: %s\n", note.in[language]);
        return;
    }
    puts(korean ? "  피할 수 있었던 마지막 순간" : "  The last moment at which it was avoidable by");
    for (int r = 0; r < CW_RESCUERS; r++) {
        cw_said said = {0};
        cw_rescue_say(w, (cw_rescuer)r, &said);
        printf("    %s\n", said.in[language]);
    }
    printf(korean ? "  하나만 바꾸면 피했을 것 (%u개 시험, %u개)\n"
                  : "  Single changes that avoid it (%u tried, %u do)\n",
           w->change_count, w->avoiding);
    for (uint32_t i = 0; i < w->change_count; i++)
        if (w->changes[i].ran && w->changes[i].avoids) {
            cw_said said;
            name_change(&w->changes[i], &labels, &said);
            printf("    %s\n", said.in[language]);
        }
}

// ---- as JSON ---------------------------------------------------------------------------------------------------------

static json_t *said_json(const cw_said *said) {
    return json_pack("{s:s, s:s}", "en", said->in[CW_ENGLISH], "ko", said->in[CW_KOREAN]);
}

static json_t *rescue_json(const cw_contact_why *w, cw_rescuer r) {
    static const char *const ways[] = {"braking", "swerving_left", "swerving_right", "both_left", "both_right"};
    const cw_rescue *it = &w->rescue[r];
    cw_said said = {0};
    cw_rescue_say(w, r, &said);
    json_t *root = json_pack("{s:b, s:b, s:o, s:o, s:o}", "tried", it->ran, "avoids", it->avoids, "last_s",
                             it->avoids ? json_real((double)it->last_ns * 1e-9) : json_null(), "before_s",
                             it->avoids ? json_real((double)it->lead) : json_null(), "words", said_json(&said));
    if (r == CW_RESCUE_PHYSICS && it->avoids)
        json_object_set_new(root, "by", json_string(ways[it->by]));
    return root;
}

static json_t *change_json(const cw_contact_change *c, const cw_labels *labels) {
    char hash[24];
    cw_said said;
    name_change(c, labels, &said);
    snprintf(hash, sizeof hash, "%016" PRIx64, c->hash);
    return json_pack("{s:s, s:s, s:o, s:b, s:b, s:s}", "intervention",
                     cw_intervention_name((cw_intervention_kind)c->row), "kind",
                     cw_cause_name((cw_cause_kind)c->what.cause.kind), "words", said_json(&said), "ran", c->ran,
                     "avoids", c->avoids, "hash", hash);
}

static json_t *contact_json(const cw_contact_why *w, const cw_scene *scene) {
    const cw_judged_contact *c = &w->contact;
    cw_labels labels = cw_scene_labels(scene);
    json_t *rescues = json_object(), *changes = json_array();
    for (int r = 0; r < CW_RESCUERS; r++)
        json_object_set_new(rescues, cw_rescuer_name((cw_rescuer)r), rescue_json(w, (cw_rescuer)r));
    for (uint32_t i = 0; i < w->change_count; i++)
        json_array_append_new(changes, change_json(&w->changes[i], &labels));
    json_t *root = json_pack("{s:f, s:s, s:f, s:s, s:i, s:o, s:f, s:f, s:o, s:o}", "time_s", (double)c->time_ns * 1e-9,
                             "with", partner(scene, c, CW_ENGLISH), "impact_mps", (double)c->impact_mps, "fault",
                             cw_fault_name((cw_fault)c->fault), "clause", c->clause, "broken", said_json(&c->broken),
                             "from_s", (double)w->from_ns * 1e-9, "until_s", (double)w->until_ns * 1e-9, "avoidable_by",
                             rescues, "changes", changes);
    if (w->untestable) {
        cw_said note = {0};
        cw_why_note(w->untestable, &note);
        json_object_set_new(root, "not_testable", said_json(&note));
    }
    return root;
}

// ---- the whole -------------------------------------------------------------------------------------------------------

static cw_status judge(const cw_why_def *def, cw_verdict *verdict, cw_error *err) {
    const cw_episode_def *e = def->episode;
    cw_fork *fork;
    cw_status status = cw_fork_open(e, &fork, err);
    if (status != CW_OK)
        return status;
    cw_judge_def judged = {.scene = e->scene,
                           .trace = def->trace,
                           .goal_time_ns = -1,
                           .mission = cw_fork_mission(fork),
                           .seed = e->seed,
                           .dt_ns = e->dt_ns,
                           .period_ns = e->period_ns};
    status = cw_judge(&judged, verdict, err);
    cw_fork_close(fork);
    return status;
}

int why_contact(const cw_why_def *def, const char *path, bool json, cw_language language, cw_error *err) {
    cw_verdict *verdict = calloc(1, sizeof *verdict);
    cw_contact_why *why = calloc(1, sizeof *why);
    if (!verdict || !why)
        abort();
    cw_contact_why_def contact = {
        .why = *def, .human = cw_driver_find("human"), .fsm = cw_driver_find("fsm"), .verdict = verdict};
    cw_status status = judge(def, verdict, err);
    json_t *list = json_array();
    uint32_t told = 0;
    for (uint32_t i = 0; i < verdict->contact_count && status == CW_OK && !interrupted; i++) {
        status = cw_why_contact(&contact, i, why, err);
        if (status != CW_OK || interrupted)
            break;
        told++;
        if (json)
            json_array_append_new(list, contact_json(why, def->episode->scene));
        else
            print_contact(why, def->episode->scene, language);
    }
    if (status == CW_OK && json) {
        json_t *root = json_pack("{s:s, s:s, s:s, s:O}", "schema", "causeway.why_contact/1", "trace", path, "driver",
                                 def->episode->driver->name, "contacts", list);
        why_print_json(root, 17);
        json_decref(root);
    } else if (status == CW_OK && told == 0 && !interrupted) {
        puts(language == CW_KOREAN ? "접촉이 없다" : "The ego touched nobody.");
    }
    json_decref(list);
    free(verdict);
    free(why);
    if (status != CW_OK && !err->path[0])
        snprintf(err->path, sizeof err->path, "%s", path);
    return status == CW_OK ? EXIT_FINE : fail(err);
}
