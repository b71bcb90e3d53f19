#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contacts.h"

enum { FIELDS = 6, NUMBERS = 4 };

static int line_number;

static void wrong(const char *what, const char *word) {
    fail_msg("contacts.txt:%d: error: %s '%s'", line_number, what, word);
}

// The next part of *text up to one of the separators, without blanks around it; NULL: there is none left.
static char *part(char **text, const char *separators) {
    if (!*text)
        return NULL;
    char *from = strsep(text, separators);
    from += strspn(from, " ");
    size_t length = strlen(from);
    while (length > 0 && from[length - 1] == ' ')
        from[--length] = 0;
    return from;
}

// "1,2" or "1:2:3" or "8x2x3": exactly `count` numbers; lanes may be named.
static const double *numbers(char *word, int count) {
    static double out[NUMBERS];
    static const struct {
        const char *name;
        double y;
    } lanes[] = {{"inner", LANE_INNER}, {"outer", LANE_OUTER}, {"back", LANE_BACK}};
    char *rest = word, *item, *end;
    int got = 0;
    while ((item = part(&rest, ",:x")) != NULL && got < count) {
        double value = strtod(item, &end);
        bool known = *item && !*end;
        for (int i = 0; i < 3 && !known; i++)
            if (strcmp(item, lanes[i].name) == 0) {
                value = lanes[i].y;
                known = true;
            }
        if (!known)
            wrong("not a number", item);
        out[got++] = value;
    }
    if (item || got != count)
        wrong("not as many numbers as there must be, at", word);
    return out;
}

static double number(char *word) {
    return *numbers(word, 1);
}
static double angle(char *word) {
    return number(word) * CW_PI / 180;
}

// Splits "name=value"; the value is "" where there is none.
static char *value_of(char *word) {
    char *at = strchr(word, '=');
    if (!at)
        return word + strlen(word);
    *at = 0;
    return at + 1;
}

static void scene_word(stage *s, char *word) {
    char *value = value_of(word);
    const double *n;
    if (strcmp(word, "for") == 0)
        s->duration = number(value);
    else if (strcmp(word, "light") == 0) { // place:red from
        n = numbers(value, 2);
        s->light_s = n[0];
        s->light_red = n[1];
    } else if (strcmp(word, "sidelight") == 0)
        s->side_light = number(value);
    else if (strcmp(word, "post") == 0) {
        n = numbers(value, 2);
        s->post_x = n[0];
        s->post_y = n[1];
    } else if (strcmp(word, "house") == 0) { // middle, length, width
        n = numbers(value, 4);
        s->house = (cw_box){.x = n[0], .y = n[1], .ux = 1, .half_length = n[2] / 2, .half_width = n[3] / 2};
    } else if (strcmp(word, "zebra") == 0)
        s->zebra_x = number(value);
    else if (strcmp(word, "slope") == 0)
        s->slope = number(value);
    else if (strcmp(word, "mu") == 0)
        s->friction = number(value);
    else if (strcmp(word, "limit") == 0)
        s->limit = number(value);
    else if (strcmp(word, "town") == 0)
        s->town = true;
    else if (strcmp(word, "narrow") == 0)
        s->road = STAGE_NARROW;
    else if (strcmp(word, "crossroads") == 0)
        s->road = STAGE_CROSSROADS;
    else if (strcmp(word, "priority") == 0)
        s->priority = strcmp(value, "ego") == 0 ? 1 : strcmp(value, "side") == 0 ? -1 : 0;
    else if (strcmp(word, "unsafe") == 0)
        s->without = 4;
    else if (strcmp(word, "mitigates") == 0)
        s->without = 3;
    else if (strcmp(word, "a1") == 0)
        s->a1 = value;
    else
        wrong("unknown word of a scene", word);
}

static const struct {
    const char *name;
    cw_actor_kind kind;
    double length, width, height;
} bodies[] = {{"car", CW_ACTOR_CAR, 4.5, 1.8, 1.5},
              {"truck", CW_ACTOR_TRUCK, 8, 2.5, 3.5},
              {"bus", CW_ACTOR_BUS, 12, 2.5, 3},
              {"motorcycle", CW_ACTOR_MOTORCYCLE, 2.2, 0.8, 1.4},
              {"cyclist", CW_ACTOR_BICYCLE, 1.8, 0.6, 1.7},
              {"walker", CW_ACTOR_PEDESTRIAN, 0.5, 0.6, 1.8},
              {"child", CW_ACTOR_PEDESTRIAN, 0.4, 0.4, 1.1},
              {"animal", CW_ACTOR_ANIMAL, 1.2, 0.4, 1},
              {"load", CW_ACTOR_OBSTACLE, 1, 1, 0.5}};

static void body_of(stage_actor *a, const char *name) {
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (strcmp(name, bodies[i].name) == 0) {
            a->kind = bodies[i].kind;
            a->length = bodies[i].length;
            a->width = bodies[i].width;
            a->height = bodies[i].height;
            return;
        }
    wrong("unknown actor", name);
}

static void actor_word(stage_actor *a, char *word) {
    char *value = value_of(word);
    const double *n;
    if (strcmp(word, "at") == 0) {
        n = numbers(value, 2);
        a->x = n[0];
        a->y = n[1];
    } else if (strcmp(word, "v") == 0)
        a->speed = number(value);
    else if (strcmp(word, "head") == 0)
        a->heading = angle(value);
    else if (strcmp(word, "push") == 0) {
        int i = 0;
        while (i < STAGE_BRAKES && a->push[i].until > 0)
            i++;
        if (i == STAGE_BRAKES)
            wrong("too many pushes, at", value);
        n = numbers(value, 3);
        a->push[i].from = n[0];
        a->push[i].until = n[1];
        a->push[i].accel = n[2];
    } else if (strcmp(word, "shift") == 0) {
        int i = 0;
        while (i < STAGE_SHIFTS && a->shift[i].until > 0)
            i++;
        if (i == STAGE_SHIFTS)
            wrong("too many shifts, at", value);
        n = numbers(value, 3);
        a->shift[i].from = n[0];
        a->shift[i].until = n[1];
        a->shift[i].by = n[2];
    } else if (strcmp(word, "turn") == 0) {
        n = numbers(value, 3);
        a->turn.from = n[0];
        a->turn.until = n[1];
        a->turn.by = n[2] * CW_PI / 180;
    } else if (strcmp(word, "from") == 0)
        a->appears = number(value);
    else if (strcmp(word, "reverse") == 0)
        a->reverse = true;
    else
        wrong("unknown word of an actor", word);
}

static void read_case(contact_case *c, char *line) {
    char *field[FIELDS], *rest = line, *word;
    static const char *const faults[] = {"none", "ego", "other", "shared"};
    for (int i = 0; i < FIELDS; i++)
        if (!(field[i] = part(&rest, "|")))
            wrong("too few fields, after", field[i > 0 ? i - 1 : 0]);
    *c = (contact_case){.line = line_number, .fault = (cw_fault)-1, .why = field[5], .scene = {.duration = 9}};
    word = part(&field[0], " ");
    for (int i = 0; i < 4; i++)
        if (strcmp(word, faults[i]) == 0)
            c->fault = (cw_fault)i;
    if (c->fault == (cw_fault)-1)
        wrong("unknown fault", word);
    c->rule = (unsigned)number(part(&field[0], " "));
    c->told = strcmp(field[1], "-") == 0 ? "" : field[1];
    while ((word = part(&field[2], " ")) != NULL)
        if (*word && strcmp(word, "-") != 0)
            scene_word(&c->scene, word);
    char *actors[2] = {field[3], field[4]};
    for (int k = 0; k < 2; k++) {
        char *actor;
        while ((actor = part(&actors[k], ";")) != NULL) {
            if (strcmp(actor, "-") == 0)
                continue;
            if (c->scene.actors == STAGE_ACTORS)
                wrong("too many actors, at", actor);
            stage_actor *a = &c->scene.actor[c->scene.actors++];
            body_of(a, k == 0 ? "car" : part(&actor, " "));
            while ((word = part(&actor, " ")) != NULL)
                if (*word)
                    actor_word(a, word);
        }
    }
    if (*c->why == 0)
        wrong("no reason given for", field[1]);
}

unsigned contacts_read(contact_case cases[CONTACTS_MOST]) {
    const char *source = getenv("CAUSEWAY_SOURCE");
    char path[4096], line[1024];
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/tests/judge/contacts.txt", source);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be read", path);
    unsigned count = 0;
    for (line_number = 1; fgets(line, sizeof line, file); line_number++) {
        line[strcspn(line, "\n")] = 0;
        if (*line == '#' || *line == 0)
            continue;
        if (count == CONTACTS_MOST)
            wrong("too many contacts, at", line);
        char *kept = strdup(line); // what a case points into
        assert_non_null(kept);
        read_case(&cases[count++], kept);
    }
    fclose(file);
    return count;
}
