// Latitude and longitude to the plane of a map's georeference. Private to format.
#ifndef CAUSEWAY_FORMAT_GEOREFERENCE_H
#define CAUSEWAY_FORMAT_GEOREFERENCE_H

#include <stdbool.h>

// `text` as PROJ writes it: +proj=tmerc or +proj=utm with their parameters; ellipsoids by name, by +a with +b, +rf or +f, or
// +R. Latitude and longitude in rad; x (east) and y (north) in m. No change of datum is made: they are taken as of the
// georeference's own. False: another projection, or a parameter that is no number.
bool cw_georeference_project(const char *text, double latitude, double longitude, double *x, double *y);

#endif
