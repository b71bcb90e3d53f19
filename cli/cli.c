#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int exit_of(cw_status status) {
    switch (status) {
    case CW_OK:
        return EXIT_FINE;
    case CW_ERR_USAGE:
        return EXIT_USAGE;
    case CW_ERR_IO:
    case CW_ERR_INPUT:
    case CW_ERR_LIMIT:
        return EXIT_INPUT;
    case CW_ERR_UNSUPPORTED:
        return EXIT_UNSUPPORTED;
    case CW_ERR_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case CW_ERR_MEMORY:
    case CW_ERR_INTERNAL:
        break;
    }
    return EXIT_INTERNAL;
}

int exit_worse(int a, int b) {
    static const int order[] = {EXIT_FINE,  EXIT_FAILED,   EXIT_USAGE,      EXIT_UNSUPPORTED,
                                EXIT_INPUT, EXIT_INTERNAL, EXIT_INTERRUPTED};
    size_t ia = 0, ib = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (order[i] == a)
            ia = i;
        if (order[i] == b)
            ib = i;
    }
    return order[ia > ib ? ia : ib];
}

int fail(const cw_error *err) {
    char text[640];
    cw_error_print(err, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    return exit_of(err->code);
}

int usage_error(const char *verb, const char *format, ...) {
    const char *space = verb ? " " : "", *name = verb ? verb : "";
    fprintf(stderr, "causeway%s%s: ", space, name);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry 'causeway%s%s --help'.\n", space, name);
    return EXIT_USAGE;
}

volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

void catch_interrupt(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)SA_RESETHAND; // a second one ends the program at once
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool color_wanted(void) {
    const char *none = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(none && *none);
}

void progress_start(progress *p, const char *what, const char *unit) {
    *p = (progress){.what = what, .unit = unit, .start = cw_seconds(), .terminal = isatty(STDERR_FILENO) != 0};
    p->last = p->start;
}

void progress_show(progress *p, double done, double total) {
    double now = cw_seconds(), elapsed = now - p->start;
    if (now - p->last < (p->terminal ? 0.1 : 10.0))
        return;
    p->last = now;
    double rate = elapsed > 0 ? done / elapsed : 0;
    double left = rate > 0 ? (total - done) / rate : 0;
    fprintf(stderr,
            p->terminal ? "\r\033[K%s: %.0f of %.0f %s, %.1f %s/s, %.0f s left"
                        : "%s: %.0f of %.0f %s, %.1f %s/s, %.0f s left\n",
            p->what, done, total, p->unit, rate, p->unit, left);
    fflush(stderr);
    p->shown = true;
}

void progress_end(progress *p) {
    if (p->terminal && p->shown)
        fprintf(stderr, "\r\033[K");
}

bool settings_add(settings *s, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return false;
    const char *dot = memchr(text, '.', (size_t)(equals - text));
    if (strncmp(text, "town.", 5) == 0) {
        if (!CW_GROW(s->town, s->town_capacity, s->town_count + 1))
            abort();
        s->town[s->town_count++] = text;
    } else if (dot) {
        if (!CW_GROW(s->keys, s->key_capacity, s->key_count + 1))
            abort();
        s->keys[s->key_count++] = text;
    } else {
        if (!CW_GROW(s->parameters, s->parameter_capacity, s->parameter_count + 1))
            abort();
        s->parameters[s->parameter_count++] = text;
    }
    return true;
}

static char *trim(char *text) {
    while (*text == ' ' || *text == '\t' || *text == '\r')
        text++;
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t' || text[length - 1] == '\r'))
        text[--length] = 0;
    return text;
}

cw_status settings_read(settings *s, const char *path, cw_error *err) {
    char *bytes;
    size_t count;
    cw_status status = cw_file_read(path, 1 << 20, &bytes, &count, err);
    if (status != CW_OK)
        return status;
    char section[64] = "";
    int line_number = 0;
    for (char *line = bytes, *next; line && status == CW_OK; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        line_number++;
        char *text = trim(line);
        if (*text == 0 || *text == '#' || *text == ';')
            continue;
        size_t length = strlen(text);
        char *equals = strchr(text, '=');
        if (*text == '[' && text[length - 1] == ']' && length < sizeof section) {
            memcpy(section, text + 1, length - 2);
            section[length - 2] = 0;
        } else if (equals && equals != text) {
            *equals = 0;
            char *entry = NULL;
            if (asprintf(&entry, "%s%s%s=%s", section, *section ? "." : "", trim(text), trim(equals + 1)) < 0 ||
                !CW_GROW(s->owned, s->owned_capacity, s->owned_count + 1))
                abort();
            s->owned[s->owned_count++] = entry;
            settings_add(s, entry);
        } else {
            status = cw_error_set(err, CW_ERR_INPUT, path, line_number, 1, "neither [section] nor key = value");
        }
    }
    free(bytes);
    return status;
}

void settings_free(settings *s) {
    for (size_t i = 0; i < s->owned_count; i++)
        free(s->owned[i]);
    free(s->owned);
    free(s->parameters);
    free(s->keys);
    free(s->town);
    *s = (settings){0};
}

void file_stem(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    const char *dot = strrchr(name, '.');
    if (dot && dot != name)
        length = (size_t)(dot - name);
    if (length >= size)
        length = size - 1;
    memcpy(out, name, length);
    out[length] = 0;
}

const char *padded(const char *text, int columns, char *out, size_t size) {
    int wide = 0, least = columns < 0 ? -columns : columns;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        wide += *at >= 0xE1 ? 2 : (*at & 0xC0) != 0x80;
    int spaces = wide < least ? least - wide : 0;
    snprintf(out, size, "%*s%s%*s", columns < 0 ? spaces : 0, "", text, columns < 0 ? 0 : spaces, "");
    return out;
}
