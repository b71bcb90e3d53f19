// --traffic, --traffic-driver, --set traffic.key=value and the beginning of --route, applied to a scene.
#ifndef CW_TRAFFIC_OPTION_H
#define CW_TRAFFIC_OPTION_H

#include "cli.h"

typedef struct traffic_option {
    unsigned count;     // others that the scene gets
    const char *driver; // idm, human; NULL: idm
    const char *route;  // FROM,TO or NULL
} traffic_option;

cw_status traffic_apply(const traffic_option *option, const settings *set, cw_scene *scene, cw_error *err);

#endif
