#include "causeway/base.h"

#include <stdio.h>

int main(void) {
    printf("causeway %d.%d.%d\n", CW_VERSION_MAJOR, CW_VERSION_MINOR, CW_VERSION_PATCH);
    return 0;
}
