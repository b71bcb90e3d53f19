// Which of the planted faults is made: the one that CAUSEWAY_PLANTED names.
#include "drive/planted.h"

#include <stdlib.h>
#include <string.h>

bool cw_planted(const char *fault) {
    static const char *made;
    if (!made && !(made = getenv("CAUSEWAY_PLANTED")))
        made = "";
    return strcmp(made, fault) == 0;
}
