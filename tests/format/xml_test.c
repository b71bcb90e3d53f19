// The shared XML reader: positions, limits, what it refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/tree.h"
#include "format/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static cw_status parse(const char *text, size_t length, cw_error *err) {
    cw_arena *arena = cw_arena_new(0, 0);
    const cw_node *root;
    *err = (cw_error){0};
    cw_status status = cw_tree_read(text, length, "f.xml", arena, &root, err);
    cw_arena_free(arena);
    return status;
}

static void refuse(const char *text, cw_status status, int line, int column) {
    cw_error err;
    assert_int_equal(parse(text, strlen(text), &err), status);
    assert_string_equal(err.path, "f.xml");
    assert_true(err.text[0] != '\0');
    if (line > 0)
        assert_int_equal(err.line, line);
    if (column > 0)
        assert_int_equal(err.column, column);
}

static void bad_input_is_refused_with_its_place(void **state) {
    (void)state;
    refuse("", CW_ERR_INPUT, 1, 1);
    refuse("not xml", CW_ERR_INPUT, 1, 0);
    refuse("<a>\n<b>\n</a>", CW_ERR_INPUT, 3, 0);
    refuse("<a>\n  <b x='1'/>\n", CW_ERR_INPUT, 3, 0);
    refuse("<a b='1' b='2'/>", CW_ERR_INPUT, 1, 0);
    refuse("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", CW_ERR_INPUT, 1, 0);
    refuse("<!DOCTYPE a SYSTEM 'http://x.invalid/a.dtd'><a/>", CW_ERR_INPUT, 1, 0);
    refuse("<a>&e;</a>", CW_ERR_INPUT, 1, 0);
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    char text[4096] = "";
    for (int i = 0; i < 500; i++)
        memcpy(text + 4 * i, "<d>\n", 5);
    refuse(text, CW_ERR_LIMIT, 65, 1);
}

static void lines_beyond_65535_are_counted(void **state) {
    (void)state;
    enum { LINES = 70000 };
    char *text = malloc(LINES + 100);
    assert_non_null(text);
    strcpy(text, "<a>");
    memset(text + 3, '\n', LINES);
    strcpy(text + 3 + LINES, "  <b x='&none;'/></a>");
    cw_error err;
    assert_int_equal(parse(text, strlen(text), &err), CW_ERR_INPUT);
    assert_int_equal(err.line, LINES + 1);
    free(text);
}

static void a_tree_knows_where_it_stands(void **state) {
    (void)state;
    const char *text =
        "\xEF\xBB\xBF<?xml version=\"1.3\"?>\n<r xmlns='urn:x' k='a&amp;b'>\n  <c  v = '1'\n   w='2'>  hi <!-- "
        "no --> <![CDATA[<you>]]> </c><d/></r>";
    cw_arena *arena = cw_arena_new(0, 0);
    const cw_node *root;
    cw_error err = {0};
    assert_int_equal(cw_tree_read(text, strlen(text), "f.xml", arena, &root, &err), CW_OK);
    assert_string_equal(root->name, "r");
    assert_int_equal(root->line, 2);
    assert_int_equal(root->column, 1);
    assert_string_equal(cw_node_value(root, "k"), "a&b");
    const cw_node *c = cw_node_child(root, "c");
    assert_int_equal(c->line, 3);
    assert_int_equal(c->column, 3);
    assert_int_equal(cw_node_find(c, "v")->line, 3);
    assert_int_equal(cw_node_find(c, "v")->column, 12);
    assert_int_equal(cw_node_find(c, "w")->line, 4);
    assert_int_equal(cw_node_find(c, "w")->column, 7);
    assert_string_equal(c->text, "hi  <you>");
    assert_ptr_equal(cw_node_next(c, NULL), cw_node_child(root, "d"));
    assert_null(cw_node_next(c, "c"));
    assert_null(cw_node_value(c, "x"));
    cw_arena_free(arena);
}

static void latin_1_becomes_utf_8(void **state) {
    (void)state;
    const char *text = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<r n='M\xFCnchen'><c/></r>";
    cw_arena *arena = cw_arena_new(0, 0);
    const cw_node *root;
    assert_int_equal(cw_tree_read(text, strlen(text), "f.xml", arena, &root, NULL), CW_OK);
    assert_string_equal(cw_node_value(root, "n"), "M\xC3\xBCnchen");
    assert_int_equal(cw_node_child(root, "c")->line, 2);
    cw_arena_free(arena);
}

#define BYTES(text)                                                                                                    \
    { text, sizeof(text) - 1 }

// What the library prints is the program's to decide: bytes that do not fit their encoding are told by the error alone.
static void bad_encodings_are_told_by_the_error_alone(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } inputs[] = {
        BYTES("<?xml version='1.0' encoding='UTF-8'?>\n<r n='\xFF\xFE'/>"),
        BYTES("<?xml version='1.0' encoding='UTF-16'?>\n<r/>"),
        BYTES("<?xml version='1.0' encoding='no-such-thing'?>\n<r/>"),
        BYTES("\xFF\xFE<\0r\0>\0\x00\xD8<\0/\0r\0>\0"),
        BYTES("<?xml version='1.0' encoding='EUC-JP'?>\n<r>\x8F\xFF</r>"),
    };
    fflush(stderr);
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    unsigned refused = 0;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        cw_error err;
        refused += parse(inputs[i].text, inputs[i].length, &err) != CW_OK && err.text[0] != '\0';
    }
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    long printed = lseek(fileno(file), 0, SEEK_END);
    fclose(file);
    assert_int_equal(printed, 0);
    assert_true(refused >= 4);
}

static bool stop_at(void *context, cw_xml *xml, const cw_xml_element *element) {
    (void)context;
    const cw_xml_attr *attr = cw_xml_find(element, "bad");
    return attr == NULL || cw_xml_fail(xml, attr, CW_ERR_UNSUPPORTED, "stop");
}

static void an_error_points_at_its_attribute(void **state) {
    (void)state;
    const char *text = "<a>\n <b good='1'\n    bad='2'/>\n</a>";
    cw_xml_handler handler = {.start = stop_at};
    cw_error err = {0};
    assert_int_equal(cw_xml_parse(text, strlen(text), "g.xml", &handler, NULL, &err), CW_ERR_UNSUPPORTED);
    char line[300];
    cw_error_print(&err, line, sizeof line);
    assert_string_equal(line, "g.xml:3:10: error: stop");
}

static void limits_hold(void **state) {
    (void)state;
    const char *text = "<a b='1' c='2' d='3'/>";
    cw_xml_handler handler = {0};
    cw_xml_limits few = {.attributes = 2}, small = {.bytes = 10}, fine = {.attributes = 3};
    assert_int_equal(cw_xml_parse(text, strlen(text), "f", &handler, &few, NULL), CW_ERR_LIMIT);
    assert_int_equal(cw_xml_parse(text, strlen(text), "f", &handler, &small, NULL), CW_ERR_LIMIT);
    assert_int_equal(cw_xml_parse(text, strlen(text), "f", &handler, &fine, NULL), CW_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_is_refused_with_its_place),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(lines_beyond_65535_are_counted),
        cmocka_unit_test(a_tree_knows_where_it_stands),
        cmocka_unit_test(latin_1_becomes_utf_8),
        cmocka_unit_test(bad_encodings_are_told_by_the_error_alone),
        cmocka_unit_test(an_error_points_at_its_attribute),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
