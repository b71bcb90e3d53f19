// The oracle on the labelled contacts of contacts.txt: fault, rule and clause, and the same from elsewhere.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "contacts.h"

static contact_case cases[CONTACTS_MOST];
static unsigned count;

static int read_cases(void **state) {
    (void)state;
    count = contacts_read(cases);
    return 0;
}

// Prints what is wrong with a case; all are looked at before the test fails.
static bool right(const contact_case *c, const stage *s, const char *how) {
    stage_result out;
    stage_judge(s, &out);
    const cw_judged_contact *k = &out.verdict.contacts[0];
    bool charged = c->fault == CW_FAULT_EGO || c->fault == CW_FAULT_SHARED, good = false;
    bool told = strcmp(c->told, "*") == 0 ||
                (*c->told ? strstr(k->broken.in[CW_ENGLISH], c->told) != NULL : !*k->broken.in[CW_ENGLISH]);
    if (out.verdict.contact_count == 0)
        print_error("contacts.txt:%d%s: no contact (%s)\n", c->line, how, c->why);
    else if (k->fault != c->fault || k->clause != c->rule || !told)
        print_error(
            "contacts.txt:%d%s: %s by rule %u, \"%s\"; expected %s by rule %u, \"%s\" (%s); at %.2f s, %.1f m/s\n",
            c->line, how, cw_fault_name((cw_fault)k->fault), k->clause, k->broken.in[CW_ENGLISH],
            cw_fault_name(c->fault), c->rule, c->told, c->why, (double)k->time_ns * 1e-9, (double)k->impact_mps);
    else if (out.verdict.contact_count == 1 && stage_criterion(&out, "contact")->passed == charged)
        print_error("contacts.txt:%d%s: the criterion does not follow the fault\n", c->line, how);
    else if (!stage_korean(k->broken.in[CW_KOREAN]) != !k->broken.in[CW_ENGLISH][0])
        print_error("contacts.txt:%d%s: in Korean \"%s\"\n", c->line, how, k->broken.in[CW_KOREAN]);
    else
        good = true;
    stage_free(&out);
    return good;
}

static void faults(void **state) {
    (void)state;
    unsigned good = 0;
    for (unsigned i = 0; i < count; i++)
        good += right(&cases[i], &cases[i].scene, "");
    print_message("fault oracle %u of %u\n", good, count);
    assert_true(count >= 100);
    assert_int_equal(good, count);
}

// The verdict may not hang on where the road lies, which way it runs, on which side one drives, who has which number, or
// how fine the ticks are.
static void elsewhere(void **state) {
    (void)state;
    unsigned good = 0;
    for (unsigned i = 0; i < count; i++) {
        stage s = cases[i].scene;
        s.east = 10000;
        s.north = -7000;
        s.turn = 0.7;
        good += right(&cases[i], &s, ", moved");
        s = cases[i].scene;
        s.mirror = true;
        good += right(&cases[i], &s, ", mirrored");
        s = cases[i].scene;
        s.renumber = true;
        good += right(&cases[i], &s, ", renumbered");
        s = cases[i].scene;
        s.period = 0.05;
        good += right(&cases[i], &s, ", at 20 Hz");
    }
    assert_int_equal(good, 4 * count);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults), cmocka_unit_test(elsewhere)};
    return cmocka_run_group_tests(tests, read_cases, NULL);
}
