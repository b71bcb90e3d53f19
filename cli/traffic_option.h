// --traffic, --traffic-driver, --set traffic.key=value and the beginning of --route, applied to a scene and its episode.
#ifndef CW_TRAFFIC_OPTION_H
#define CW_TRAFFIC_OPTION_H

#include "cli.h"

#include "causeway/run.h"

typedef struct traffic_option {
    unsigned count;     // others that the scene gets
    const char *driver; // idm, human, or a driver's NAME[:OPTIONS]; NULL: idm
    const char *route;  // FROM,TO or NULL
} traffic_option;

cw_status traffic_apply(const traffic_option *option, const settings *set, cw_scene *scene, cw_error *err);
// Who of them a driver drives (def->others): after traffic_apply, which has checked the words.
void traffic_drive(const traffic_option *option, const settings *set, cw_episode_def *def);

#endif
