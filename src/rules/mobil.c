// Lane changes: MOBIL, and what assumption set A1 asks of one who enters a lane.
#include "causeway/rules.h"

#include <math.h>

cw_mobil_params cw_mobil_defaults(void) {
    return (cw_mobil_params){.politeness = 0.3, .threshold = 0.2, .safe_brake = 2.5};
}

bool cw_mobil_wants(const cw_mobil_params *p, const cw_mobil_case *now, double bias) {
    if (now->new_follower_after < -p->safe_brake)
        return false;
    double own = now->own_after - now->own_before;
    double others =
        now->new_follower_after - now->new_follower_before + now->old_follower_after - now->old_follower_before;
    return own + p->politeness * others > p->threshold - bias;
}

bool cw_entry_keeps_a1(double gap, double closing, double rate, double time, double brake, double response) {
    if (gap <= 0)
        return false;
    if (closing <= 0)
        return true;
    return gap / closing > closing / rate + time && cw_drac_response(gap, closing, response) <= brake;
}
