// How a proposal moves across the corridor: d as a smooth function of s, with one transition or one there and one back.
#ifndef CW_DRIVE_LATERAL_H
#define CW_DRIVE_LATERAL_H

typedef struct lateral {
    double s0, s1, d0, slope0, bend0, d1; // from d0 (with slope and second derivative) at s0 to d1 at s1
    double s2, s3, d2;                    // on to d2 between s2 and s3; s2 = INFINITY: it stays at d1
} lateral;

lateral cw_lateral_make(double s0, double length, double d0, double slope0, double bend0, double d1);
lateral cw_lateral_back(lateral there, double s2, double length, double d2);
double cw_lateral_at(const lateral *l, double s, double *slope, double *bend); // slope, bend may be NULL
void cw_lateral_shift(lateral *l, double ds, double dd);                       // into another corridor

#endif
