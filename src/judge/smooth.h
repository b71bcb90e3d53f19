// Savitzky-Golay filters: a polynomial is fitted to each window of equally spaced samples and evaluated, or its
// derivative, in the middle.
#ifndef CW_JUDGE_SMOOTH_H
#define CW_JUDGE_SMOOTH_H

#include "causeway/base.h"

enum { CW_SMOOTH_ORDER_MOST = 5, CW_SMOOTH_WINDOW_MOST = 32 };

// in, out: (count) samples, `step` apart; out may not be in. A window longer than the samples is cut to them; an even
// window of w covers the samples i - w/2 + 1 .. i + w/2 and is evaluated between the two in its middle, half a sample
// late, as the library does that nuPlan's figures come from. The first and the last w/2 values come from the polynomials
// of the first and the last window. False when there are not more samples than `order`; out is then zero.
bool cw_smooth(const double *in, uint32_t count, uint32_t window, uint32_t order, uint32_t derivative, double step,
               double *out);

#endif
