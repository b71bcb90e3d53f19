// Parameters, expressions in attributes, constraints and variables.
#include "expression.h"
#include "openscenario.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_PARAMETERS = 4096, MOST_CHAIN = 64 };

static bool evaluate(cw_osc *o, const cw_osc_scope *scope, cw_osc_parameter *item);

typedef struct search {
    cw_osc *o;
    const cw_osc_scope *scope;
} search;

static bool find_text(void *context, const char *name, size_t length, const char **text, char *why, size_t size) {
    search *s = context;
    for (const cw_osc_scope *scope = s->scope; scope != NULL; scope = scope->outer)
        for (uint32_t i = 0; i < scope->count; i++) {
            cw_osc_parameter *item = &scope->items[i];
            if (strlen(item->name) != length || memcmp(item->name, name, length) != 0)
                continue;
            if (item->state == 1) {
                snprintf(why, size, "parameter '%.80s' refers to itself", item->name);
                return false;
            }
            if (item->state == 0 && !evaluate(s->o, scope, item)) {
                snprintf(why, size, "parameter '%.80s' has no value", item->name);
                return false;
            }
            *text = item->text;
            return true;
        }
    snprintf(why, size, "parameter '%.*s' is not declared", (int)(length < 80 ? length : 80), name);
    return false;
}

static const char *number_text(cw_osc *o, double value) {
    char text[40];
    return cw_arena_text(o->scratch, text, cw_print_double(text, sizeof text, value, 17));
}

static bool resolve_in(cw_osc *o, const cw_osc_scope *scope, const cw_node *node, const cw_node_attr *attr, bool texts,
                       const char **text) {
    const char *value = attr->value;
    *text = value;
    if (value[0] != '$')
        return true;
    search s = {o, scope};
    cw_lookup lookup = {&s, find_text};
    size_t length = strlen(value);
    if (value[1] == '{') {
        if (value[length - 1] != '}')
            return cw_osc_fail(o, node, attr->name, CW_ERR_INPUT, "'}' is missing at the end of '%.60s'", value);
        cw_value result;
        cw_expression_error error;
        cw_status status = cw_expression_evaluate(value + 2, length - 3, &lookup, texts, o->scratch, &result, &error);
        if (status != CW_OK)
            return cw_osc_fail(o, node, attr->name, status, "in the expression '%.60s' at character %zu: %s", value,
                               error.at + 3, error.text);
        *text = result.kind == CW_VALUE_NUMBER    ? number_text(o, result.number)
                : result.kind == CW_VALUE_BOOLEAN ? (result.flag ? "true" : "false")
                                                  : result.text;
        return *text != NULL || cw_osc_no_memory(o);
    }
    char why[160] = "";
    if (!find_text(&s, value + 1, length - 1, text, why, sizeof why))
        return cw_osc_fail(o, node, attr->name, CW_ERR_INPUT, "%s", why);
    return true;
}

bool cw_osc_resolve(cw_osc *o, const cw_node *node, const cw_node_attr *attr, bool texts, const char **text) {
    return resolve_in(o, o->scope, node, attr, texts, text);
}

// ---- types and constraints -------------------------------------------------------------------------------------------

static bool is_integer_type(const char *type) {
    return strcmp(type, "integer") == 0 || strcmp(type, "int") == 0 || strcmp(type, "unsignedInt") == 0 ||
           strcmp(type, "unsignedShort") == 0;
}

static bool check_type(cw_osc *o, const cw_node *node, const char *attr, const char *name, const char *type,
                       const char *text) {
    cw_value value = cw_value_of(text);
    const char *wanted = NULL;
    if (is_integer_type(type)) {
        if (value.kind != CW_VALUE_NUMBER || value.number != floor(value.number))
            wanted = "an integer";
        else if (type[0] == 'u' && value.number < 0)
            wanted = "not negative";
    } else if (strcmp(type, "double") == 0) {
        if (value.kind != CW_VALUE_NUMBER)
            wanted = "a finite number";
    } else if (strcmp(type, "boolean") == 0) {
        if (value.kind != CW_VALUE_BOOLEAN && strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
            wanted = "true or false";
    } else if (strcmp(type, "dateTime") == 0) {
        double seconds;
        if (!cw_osc_day_seconds(text, &seconds))
            wanted = "a date and time";
    } else if (strcmp(type, "string") != 0) {
        cw_osc_note(o, node, type, "unknown parameter type, taken as text");
    }
    if (wanted == NULL)
        return true;
    return cw_osc_fail(o, node, attr, CW_ERR_INPUT, "'%.60s' is '%.40s', but must be %s", name, text, wanted);
}

static const char *const rules[] = {"greaterThan",    "lessThan",    "equalTo",
                                    "greaterOrEqual", "lessOrEqual", "notEqualTo"};

static bool holds(const char *left, int rule, const char *right) {
    cw_value a = cw_value_of(left), b = cw_value_of(right);
    int order;
    if (a.kind == CW_VALUE_NUMBER && b.kind == CW_VALUE_NUMBER)
        order = (a.number > b.number) - (a.number < b.number);
    else
        order = strcmp(left, right);
    switch (rule) {
    case CW_GREATER:
        return order > 0;
    case CW_LESS:
        return order < 0;
    case CW_EQUAL:
        return order == 0;
    case CW_GREATER_OR_EQUAL:
        return order >= 0;
    case CW_LESS_OR_EQUAL:
        return order <= 0;
    default:
        return order != 0;
    }
}

// Groups are joined by OR, the constraints of a group by AND.
static bool check_constraints(cw_osc *o, const cw_osc_parameter *item) {
    const cw_node *first_broken = NULL;
    char said[100] = "";
    for (const cw_node *group = cw_osc_child(o, item->node, "ConstraintGroup"); group != NULL;
         group = cw_osc_next(o, group, "ConstraintGroup")) {
        bool all = true;
        for (const cw_node *one = cw_osc_child(o, group, "ValueConstraint"); one != NULL;
             one = cw_osc_next(o, one, "ValueConstraint")) {
            uint8_t rule;
            const char *text;
            if (!cw_osc_word(o, one, "rule", rules, 6, -1, &rule) || !cw_osc_text(o, one, "value", &text))
                return false;
            if (all && !holds(item->text, rule, text)) {
                all = false;
                if (first_broken == NULL) {
                    first_broken = one;
                    snprintf(said, sizeof said, "%s %.60s", rules[rule], text);
                }
            }
        }
        if (all)
            first_broken = item->node; // satisfied; the groups that follow are read for their errors only
    }
    if (first_broken == NULL || first_broken == item->node)
        return true;
    if (o->options != NULL && o->options->constraint_broken != NULL)
        *o->options->constraint_broken = true;
    return cw_osc_fail(o, first_broken, "value", CW_ERR_INPUT,
                       "parameter '%.60s' is %.40s and breaks its constraint: %s", item->name, item->text, said);
}

// ---- scopes ----------------------------------------------------------------------------------------------------------

static bool evaluate(cw_osc *o, const cw_osc_scope *scope, cw_osc_parameter *item) {
    static const char value_name[] = "value";
    const cw_node_attr *attr = cw_node_find(item->node, value_name);
    const char *type = "string";
    // What the user gives may be an expression too, as a distribution file's values are; an assignment in the file has
    // been resolved where it stands.
    cw_node_attr user = {.name = value_name, .value = item->given};
    if (item->given != NULL && attr != NULL)
        cw_osc_see(o, attr);
    if (item->given != NULL && item->given[0] == '$')
        attr = &user;
    if (item->given != NULL && item->given[0] != '$') {
        item->text = item->given;
    } else {
        if (attr == NULL)
            return cw_osc_fail(o, item->node, NULL, CW_ERR_INPUT, "parameter '%.60s' has no value", item->name);
        if (attr != &user)
            cw_osc_see(o, attr);
        if (++o->parameter_depth > MOST_CHAIN)
            return cw_osc_fail(o, item->node, value_name, CW_ERR_LIMIT,
                               "parameters refer to each other more than %d deep", MOST_CHAIN);
        item->state = 1;
        const char *path = o->path;
        o->path = scope->path;
        if (!resolve_in(o, scope, item->node, attr, true, &item->text))
            return false;
        o->path = path;
        o->parameter_depth--;
    }
    const cw_node_attr *typed = cw_node_find(item->node, "parameterType");
    if (typed != NULL) {
        cw_osc_see(o, typed);
        type = typed->value;
    }
    if (!check_type(o, item->node, value_name, item->name, type, item->text))
        return false;
    item->state = 2;
    return true;
}

static void fill_variable(cw_variable *variable, const char *name, const char *type, const char *text) {
    cw_value value = cw_value_of(text);
    variable->name = name;
    variable->text = text;
    variable->kind = 1;
    if (strcmp(type, "boolean") == 0) {
        variable->kind = 2;
        variable->number = text[0] == 't' || text[0] == '1';
    } else if (strcmp(type, "double") == 0 || is_integer_type(type)) {
        variable->kind = 0;
        variable->number = value.number;
    }
}

bool cw_osc_open_scope(cw_osc *o, const cw_node *node, const cw_osc_scope *outer, const cw_osc_given *given,
                       uint32_t given_count) {
    const cw_node *list = cw_osc_child(o, node, "ParameterDeclarations");
    uint32_t count = list != NULL ? cw_osc_count(list, "ParameterDeclaration") : 0;
    if (count > MOST_PARAMETERS)
        return cw_osc_fail(o, list, NULL, CW_ERR_LIMIT, "more than %d parameters", MOST_PARAMETERS);
    cw_osc_scope *scope = cw_arena_alloc(o->scratch, sizeof *scope);
    cw_osc_parameter *items = cw_arena_array(o->scratch, count, sizeof *items);
    if (scope == NULL || items == NULL)
        return cw_osc_no_memory(o);
    *scope = (cw_osc_scope){.outer = outer, .path = o->path, .count = 0, .items = items};
    const cw_node *one = list != NULL ? cw_osc_child(o, list, "ParameterDeclaration") : NULL;
    for (; one != NULL; one = cw_osc_next(o, one, "ParameterDeclaration")) {
        const cw_node_attr *name = cw_node_find(one, "name");
        if (name == NULL || name->value[0] == '\0')
            return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "a parameter without a name");
        cw_osc_see(o, name);
        bool known = false;
        for (uint32_t i = 0; i < scope->count; i++)
            known |= strcmp(items[i].name, name->value) == 0;
        if (known) {
            cw_osc_note(o, one, "ParameterDeclaration", "declared twice: the first counts");
            cw_osc_see_all(o, one);
            continue;
        }
        items[scope->count++] = (cw_osc_parameter){.name = name->value, .node = one, .variable = CW_NONE};
    }
    for (uint32_t i = 0; i < given_count; i++) {
        uint32_t k = 0;
        while (k < scope->count && strcmp(items[k].name, given[i].name) != 0)
            k++;
        if (k < scope->count)
            items[k].given = given[i].value;
        else if (given[i].node != NULL)
            cw_osc_note(o, given[i].node, given[i].name, "assigned, but the catalog entry declares no such parameter");
    }
    o->scope = scope;
    count = scope->count;
    for (uint32_t i = 0; i < count; i++)
        if (items[i].state != 2 && !evaluate(o, scope, &items[i]))
            return false;
    uint32_t first = CW_OSC_ADD(o, variables, count);
    if (first == CW_NONE)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!check_constraints(o, &items[i]))
            return false;
        items[i].variable = first + i;
        const char *type = cw_node_value(items[i].node, "parameterType");
        const char *name = cw_osc_keep(o, items[i].name), *text = cw_osc_keep(o, items[i].text);
        if (name == NULL || text == NULL)
            return false;
        fill_variable(&o->variables[first + i], name, type != NULL ? type : "string", text);
    }
    return true;
}

bool cw_osc_read_assignments(cw_osc *o, const cw_node *node, cw_osc_given **given, uint32_t *count) {
    const cw_node *list = cw_osc_child(o, node, "ParameterAssignments");
    uint32_t n = list != NULL ? cw_osc_count(list, "ParameterAssignment") : 0;
    *count = 0;
    *given = cw_arena_array(o->scratch, n, sizeof **given);
    if (*given == NULL)
        return cw_osc_no_memory(o);
    if (list == NULL)
        return true;
    for (const cw_node *one = cw_osc_child(o, list, "ParameterAssignment"); one != NULL;
         one = cw_osc_next(o, one, "ParameterAssignment")) {
        const cw_node_attr *name = cw_node_find(one, "parameterRef");
        const char *value;
        if (name == NULL)
            return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "the attribute 'parameterRef' is missing");
        cw_osc_see(o, name);
        if (!cw_osc_text(o, one, "value", &value))
            return false;
        (*given)[(*count)++] =
            (cw_osc_given){.name = name->value[0] == '$' ? name->value + 1 : name->value, .value = value, .node = one};
    }
    return true;
}

const cw_osc_parameter *cw_osc_find_parameter(const cw_osc *o, const char *name) {
    if (name[0] == '$')
        name++;
    for (const cw_osc_scope *scope = o->scope; scope != NULL; scope = scope->outer)
        for (uint32_t i = 0; i < scope->count; i++)
            if (strcmp(scope->items[i].name, name) == 0)
                return &scope->items[i];
    return NULL;
}

// ---- variables -------------------------------------------------------------------------------------------------------

bool cw_osc_read_variables(cw_osc *o, const cw_node *root) {
    const cw_node *list = cw_osc_child(o, root, "VariableDeclarations");
    if (list == NULL)
        return true;
    for (const cw_node *one = cw_osc_child(o, list, "VariableDeclaration"); one != NULL;
         one = cw_osc_next(o, one, "VariableDeclaration")) {
        const char *name, *type, *text;
        if (!cw_osc_text(o, one, "name", &name) || !cw_osc_text_or(o, one, "variableType", "string", &type) ||
            !cw_osc_text(o, one, "value", &text) || !check_type(o, one, "value", name, type, text))
            return false;
        if (cw_osc_find_variable(o, name) != CW_NONE)
            return cw_osc_fail(o, one, "name", CW_ERR_INPUT, "variable '%.60s' is declared twice", name);
        fill_variable(&o->variables[o->variables_own++], name, type, text); // the rows are reserved
    }
    return true;
}

uint32_t cw_osc_find_variable(const cw_osc *o, const char *name) {
    if (name[0] == '$')
        name++;
    for (uint32_t i = 0; i < o->variables_own; i++)
        if (strcmp(o->variables[i].name, name) == 0)
            return i;
    return CW_NONE;
}
