// The labelled contacts of contacts.txt, which says how a line is written.
#ifndef CW_TESTS_JUDGE_CONTACTS_H
#define CW_TESTS_JUDGE_CONTACTS_H

#include "stage.h"

enum { CONTACTS_MOST = 256 };

typedef struct contact_case {
    int line; // of the file
    cw_fault fault;
    unsigned rule;
    const char *told; // part of what is said of it; "": nothing may be said; "*": anything
    const char *why;
    stage scene;
} contact_case;

// Reads $CAUSEWAY_SOURCE/tests/judge/contacts.txt; fails the test, with its line, when that is not well formed. Texts live
// until the program ends.
unsigned contacts_read(contact_case cases[CONTACTS_MOST]);

#endif
