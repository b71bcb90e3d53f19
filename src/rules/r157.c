// Distances and times of UN Regulation 157 and of the newer European law.
#include "causeway/rules.h"

double cw_r157_time_gap(double speed) {
    // 1.0 s at 2 m/s to 1.1 s at 10 km/h, then 0.1 s more for each 10 km/h: linear between the rows of 5.2.3.3
    double kmh = 3.6 * speed;
    return kmh < 10 ? 1 + (cw_max(2, speed) - 2) / 7.8 : 1 + kmh / 100;
}

double cw_r157_min_gap(double speed) {
    return cw_max(2, speed * cw_r157_time_gap(speed));
}

double cw_r157_cut_in_ttc(double closing) {
    return cw_max(0, closing) / 12 + 0.35;
}

double cw_eu_cut_in_ttc(double closing, bool standing_passengers) {
    double brake = standing_passengers ? 2.4 : 6.0, lag = standing_passengers ? 0.12 : 0.3;
    return cw_max(0, closing) / (2 * brake) + lag / 2 + 0.1;
}
