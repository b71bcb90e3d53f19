// Files that a scenario refers to: catalogs and the road network.
#include "openscenario.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CATALOG_DEPTH = 8, MOST_CATALOG_USES = 10000, MOST_LISTED = 256, MOST_PATH = 1024 };
static const size_t most_catalog_bytes = (size_t)64 << 20;

// ---- opening ---------------------------------------------------------------------------------------------------------

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The names of a folder's .xosc files, sorted, one on each line.
static cw_status list_folder(const char *path, char **bytes, size_t *count) {
    DIR *dir = opendir(path);
    if (dir == NULL)
        return CW_ERR_IO;
    char *names[MOST_LISTED] = {0};
    size_t held = 0, total = 1;
    for (struct dirent *entry = readdir(dir); entry != NULL && held < MOST_LISTED; entry = readdir(dir)) {
        size_t n = strlen(entry->d_name);
        if (n < 6 || strcmp(entry->d_name + n - 5, ".xosc") != 0)
            continue;
        char *copy = malloc(n + 1);
        if (copy == NULL)
            continue;
        memcpy(copy, entry->d_name, n + 1);
        names[held++] = copy;
        total += n + 1;
    }
    closedir(dir);
    qsort(names, held, sizeof names[0], by_text);
    char *text = malloc(total);
    size_t at = 0;
    for (size_t i = 0; i < held; i++) {
        size_t n = strlen(names[i]);
        if (text != NULL) {
            memcpy(text + at, names[i], n);
            text[at + n] = '\n';
            at += n + 1;
        }
        free(names[i]);
    }
    if (text == NULL)
        return CW_ERR_MEMORY;
    text[at] = '\0';
    *bytes = text;
    *count = at;
    return CW_OK;
}

bool cw_osc_attach(cw_osc *o, const char *path, const char *bytes, size_t count) {
    for (uint32_t i = 0; i < o->attachments_count; i++)
        if (strcmp(o->attachments[i].path, path) == 0)
            return true;
    uint32_t index = CW_OSC_ADD(o, attachments, 1);
    if (index == CW_NONE)
        return false;
    cw_attachment *attachment = &o->attachments[index];
    attachment->path = cw_osc_keep(o, path);
    attachment->bytes = cw_arena_text(o->arena, bytes, count);
    if (attachment->path == NULL || attachment->bytes == NULL)
        return cw_osc_no_memory(o);
    attachment->count = count;
    cw_sha256_hex(bytes, count, attachment->sha256);
    return true;
}

// Opens `path` under the name that it is attached by; both the same but for files of the search path.
static bool open_as(cw_osc *o, const char *path, const char *name, char **bytes, size_t *count, cw_error *cause) {
    cw_status status;
    size_t length = strlen(path);
    if (o->options != NULL && o->options->open != NULL)
        status = o->options->open(o->options->context, path, bytes, count, cause);
    else if (length > 0 && path[length - 1] == '/')
        status = list_folder(path, bytes, count);
    else
        status = cw_file_read(path, 0, bytes, count, cause);
    if (status != CW_OK)
        return false;
    if (!cw_osc_attach(o, name, *bytes, *count)) {
        free(*bytes);
        *bytes = NULL;
        return false;
    }
    return true;
}

// "folder" + name with '/' for '\'; false when it is too long.
static bool join(const char *folder, const char *name, const char *end, char out[MOST_PATH]) {
    int n = snprintf(out, MOST_PATH, "%s%s%s", name[0] == '/' || name[0] == '\\' ? "" : folder, name, end);
    if (n < 0 || n >= MOST_PATH)
        return false;
    for (char *c = out; *c != '\0'; c++)
        if (*c == '\\')
            *c = '/';
    return true;
}

// Opens a file or, where the name ends in '/', a folder: beside the scenario, else in the folders of the search path, there
// by the whole name, by its last part, and by the last two (a folder is not looked for by the last part, which is empty).
// `path` becomes where it was found. False with *cause, and o->err where no other place would help.
static bool open_found(cw_osc *o, const char *name, const char *end, char **bytes, size_t *count, char path[MOST_PATH],
                       cw_error *cause) {
    char plain[MOST_PATH];
    cw_error ignored = {0};
    if (!join("", name, end, plain) || !join(o->folder, name, end, path)) {
        cw_error_set(cause, CW_ERR_LIMIT, "", 0, 0, "its path is too long");
        return false;
    }
    if (open_as(o, path, plain, bytes, count, cause))
        return true;
    if (o->err->code != CW_OK)
        return false;
    const char *tries[3] = {plain, plain, plain};
    for (const char *c = plain; *c != '\0'; c++)
        if (*c == '/') {
            tries[2] = tries[1];
            tries[1] = c + 1;
        }
    for (const char *at = o->options != NULL ? o->options->data_path : NULL; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, ":");
        for (int i = 0; length > 0 && i < 3; i++) {
            int n = snprintf(path, MOST_PATH, "%.*s/%s", (int)length, at, tries[i]);
            if (tries[i][0] == '/' || tries[i][0] == '\0' || (i > 0 && tries[i] == plain) || n < 0 || n >= MOST_PATH)
                continue;
            if (open_as(o, path, plain, bytes, count, &ignored))
                return true;
            if (o->err->code != CW_OK)
                return false;
        }
        at += length + (at[length] == ':');
    }
    return false;
}

// ---- catalogs --------------------------------------------------------------------------------------------------------

bool cw_osc_read_locations(cw_osc *o, const cw_node *root) {
    const cw_node *list = cw_osc_child(o, root, "CatalogLocations");
    if (list == NULL)
        return true;
    for (const cw_node *one = cw_osc_child(o, list, NULL); one != NULL; one = cw_osc_next(o, one, NULL)) {
        const cw_node *directory = cw_osc_child(o, one, "Directory");
        const char *path;
        if (directory == NULL)
            continue;
        if (!cw_osc_text(o, directory, "path", &path))
            return false;
        bool known = false;
        for (uint32_t i = 0; i < o->folders_count; i++)
            known |= strcmp(o->folders[i], path) == 0;
        if (known)
            continue;
        uint32_t index = CW_OSC_ADD(o, folders, 1);
        if (index == CW_NONE)
            return false;
        o->folders[index] = path;
    }
    return true;
}

// The root of a catalog file, read once; *root NULL when there is no such file.
static bool catalog_at(cw_osc *o, const char *name, const cw_node **root) {
    *root = NULL;
    for (uint32_t i = 0; i < o->catalogs_count; i++)
        if (strcmp(o->catalogs[i].path, name) == 0) {
            *root = o->catalogs[i].root;
            return true;
        }
    uint32_t index = CW_OSC_ADD(o, catalogs, 1);
    if (index == CW_NONE)
        return false;
    o->catalogs[index].path = cw_osc_keep(o, name);
    if (o->catalogs[index].path == NULL)
        return false;
    char *bytes, path[MOST_PATH] = "";
    size_t count;
    cw_error cause = {0};
    if (!open_found(o, name, "", &bytes, &count, path, &cause))
        return o->err->code == CW_OK; // not there is fine until something is needed from it
    const char *found = cw_osc_keep(o, path);
    o->catalogs[index].found = found;
    if (found == NULL) {
        free(bytes);
        return false;
    }
    bool good = count <= most_catalog_bytes ||
                cw_osc_fail(o, NULL, NULL, CW_ERR_LIMIT, "the catalog '%.100s' is too large", name);
    good = good && cw_tree_read(bytes, count, found, o->scratch, root, o->err) == CW_OK;
    free(bytes);
    o->catalogs[index].root = *root;
    return good;
}

// Where the catalog of that name was found.
static const char *place_of(const cw_osc *o, const char *name) {
    for (uint32_t i = 0; i < o->catalogs_count; i++)
        if (strcmp(o->catalogs[i].path, name) == 0)
            return o->catalogs[i].found;
    return NULL;
}

static bool is_kind(const char *name, const char *kinds) {
    size_t n = strlen(name);
    for (const char *at = kinds; *at != '\0';) {
        size_t length = strcspn(at, ",");
        if (length == n && memcmp(at, name, n) == 0)
            return true;
        at += length + (at[length] == ',');
    }
    return false;
}

static const cw_node *entry_in(cw_osc *o, const cw_node *root, const char *catalog, const char *entry,
                               const char *kinds) {
    const cw_node *list = cw_node_child(root, "Catalog");
    if (list == NULL)
        return NULL;
    const char *name = cw_node_value(list, "name");
    if (catalog != NULL && (name == NULL || strcmp(name, catalog) != 0))
        return NULL;
    for (const cw_node *one = list->child; one != NULL; one = one->next) {
        const cw_node_attr *attr = cw_node_find(one, "name");
        if (attr != NULL && strcmp(attr->value, entry) == 0 && is_kind(one->name, kinds)) {
            cw_osc_see(o, one);
            cw_osc_see(o, attr);
            return one;
        }
    }
    return NULL;
}

// By file name first, then by the name that the catalog gives itself: in practice the file's name is what is meant.
static bool find_entry(cw_osc *o, const char *catalog, const char *entry, const char *kinds, const cw_node **found,
                       const char **file, bool *exists) {
    char path[MOST_PATH];
    *found = NULL;
    *exists = false;
    for (uint32_t i = 0; i < o->folders_count && *found == NULL; i++) {
        int n =
            snprintf(path, sizeof path, "%s%s%s.xosc", o->folders[i],
                     o->folders[i][0] != '\0' && o->folders[i][strlen(o->folders[i]) - 1] == '/' ? "" : "/", catalog);
        const cw_node *root;
        if (n < 0 || n >= MOST_PATH)
            continue;
        if (!catalog_at(o, path, &root))
            return false;
        if (root == NULL)
            continue;
        *exists = true;
        *found = entry_in(o, root, NULL, entry, kinds);
        *file = place_of(o, path);
    }
    for (uint32_t i = 0; i < o->folders_count && *found == NULL; i++) {
        const char *folder = o->folders[i];
        const char *slash = folder[0] != '\0' && folder[strlen(folder) - 1] == '/' ? "" : "/";
        int n = snprintf(path, sizeof path, "%s%s", folder, slash);
        if (n < 0 || n >= MOST_PATH)
            continue;
        char *names, where[MOST_PATH];
        size_t count;
        cw_error cause = {0};
        if (!open_found(o, path, "", &names, &count, where, &cause)) {
            if (o->err->code != CW_OK)
                return false;
            continue;
        }
        bool good = true;
        for (size_t at = 0; good && at < count && *found == NULL;) {
            size_t length = strcspn(names + at, "\n");
            int m = snprintf(path, sizeof path, "%s%s%.*s", folder, slash, (int)length, names + at);
            at += length + 1;
            const cw_node *root;
            if (m < 0 || m >= MOST_PATH)
                continue;
            good = catalog_at(o, path, &root);
            if (!good || root == NULL)
                continue;
            const cw_node *list = cw_node_child(root, "Catalog");
            const char *name = list != NULL ? cw_node_value(list, "name") : NULL;
            *exists |= name != NULL && strcmp(name, catalog) == 0;
            *found = entry_in(o, root, catalog, entry, kinds);
            *file = place_of(o, path);
        }
        free(names);
        if (!good)
            return false;
    }
    return true;
}

bool cw_osc_enter(cw_osc *o, const cw_node *reference, const char *kinds, cw_osc_visit *visit) {
    const char *catalog, *entry, *file = NULL;
    if (!cw_osc_text(o, reference, "catalogName", &catalog) || !cw_osc_text(o, reference, "entryName", &entry))
        return false;
    if (o->catalog_depth == MOST_CATALOG_DEPTH)
        return cw_osc_fail(o, reference, NULL, CW_ERR_LIMIT, "catalog entries refer to each other more than %d deep",
                           MOST_CATALOG_DEPTH);
    if (++o->catalog_uses > MOST_CATALOG_USES)
        return cw_osc_fail(o, reference, NULL, CW_ERR_LIMIT, "more than %d catalog references", MOST_CATALOG_USES);
    const cw_node *found;
    bool exists;
    if (!find_entry(o, catalog, entry, kinds, &found, &file, &exists))
        return false;
    if (found == NULL && o->folders_count == 0)
        return cw_osc_fail(o, reference, "catalogName", CW_ERR_INPUT,
                           "no catalog '%.60s': the scenario names no catalog folders", catalog);
    if (found == NULL && !exists)
        return cw_osc_fail(o, reference, "catalogName", CW_ERR_INPUT, "no catalog '%.60s' in '%.60s'%s", catalog,
                           o->folders[0], o->folders_count > 1 ? " or the other catalog folders" : "");
    if (found == NULL)
        return cw_osc_fail(o, reference, "entryName", CW_ERR_INPUT, "the catalog '%.60s' has no %.60s '%.60s'", catalog,
                           strchr(kinds, ',') == NULL ? kinds : "entry", entry);
    cw_osc_given *given;
    uint32_t count;
    if (!cw_osc_read_assignments(o, reference, &given, &count))
        return false;
    *visit = (cw_osc_visit){.scope = o->scope, .path = o->path, .entry = found};
    o->path = file;
    o->catalog_depth++;
    return cw_osc_open_scope(o, found, o->root, given, count);
}

void cw_osc_leave(cw_osc *o, cw_osc_visit *visit) {
    cw_osc_report_unseen(o, visit->entry);
    o->scope = visit->scope;
    o->path = visit->path;
    o->catalog_depth--;
}

// ---- the road network ------------------------------------------------------------------------------------------------

static bool has_extension(const char *name) {
    const char *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
    return dot != NULL && (slash == NULL || dot > slash);
}

// CARLA names a map "Town01": such a name is also looked for as Town01.xodr, beside the scenario and in the folders of
// the search path.
static bool open_map(cw_osc *o, const cw_node *file, const char *name, char **bytes, size_t *count,
                     char path[MOST_PATH]) {
    cw_error cause = {0};
    if (open_found(o, name, has_extension(name) ? "" : ".xodr", bytes, count, path, &cause))
        return true;
    if (o->err->code != CW_OK)
        return false;
    return cw_osc_fail(o, file, "filepath", CW_ERR_INPUT, "the road file '%.100s' cannot be read%s%.60s%s", name,
                       cause.text[0] != '\0' ? " (" : "", cause.text, cause.text[0] != '\0' ? ")" : "");
}

bool cw_osc_read_map(cw_osc *o, const cw_node *root) {
    const cw_node *network = cw_osc_need(o, root, "RoadNetwork");
    if (network == NULL)
        return false;
    const cw_node *graph = cw_osc_child(o, network, "SceneGraphFile"), *area = cw_osc_child(o, network, "UsedArea");
    if (graph != NULL)
        cw_osc_see_all(o, graph);
    if (area != NULL)
        cw_osc_see_all(o, area);
    const cw_node *file = cw_osc_child(o, network, "LogicFile");
    const char *name;
    if (file == NULL)
        return cw_osc_fail(o, network, NULL, CW_ERR_UNSUPPORTED, "the scenario names no road file (LogicFile)");
    if (!cw_osc_text(o, file, "filepath", &name))
        return false;
    if (name[0] == '\0')
        return cw_osc_fail(o, file, "filepath", CW_ERR_INPUT, "the name of the road file is empty");
    char *bytes = NULL, path[MOST_PATH];
    size_t count = 0;
    if (!open_map(o, file, name, &bytes, &count, path))
        return false;
    cw_status status = cw_opendrive_read(bytes, count, path, &o->map, o->notices, o->err);
    free(bytes);
    return status == CW_OK;
}
