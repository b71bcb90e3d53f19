// Writes the report of the drive of our own.
#include "show/cutin.h"

#include "causeway/show.h"

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    cw_map *map = cutin_map(0.0, 0.0);
    cw_trace *trace = cutin_trace(map);
    cw_error err = {0};
    cw_status status = cw_show_report(trace, map, NULL, argv[1], &err);
    if (status != CW_OK)
        fprintf(stderr, "%s\n", err.text);
    cw_trace_free(trace);
    cw_map_free(map);
    return status == CW_OK ? 0 : 1;
}
