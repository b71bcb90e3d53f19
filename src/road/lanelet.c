#include "builder.h"

bool cw_lanelets_lay(cw_map_builder *b) {
    return !b->failed;
}
bool cw_lanelets_link(cw_map_builder *b) {
    return !b->failed;
}
bool cw_lanelets_signals(cw_map_builder *b, cw_stop_table *stops) {
    (void)stops;
    return !b->failed;
}
