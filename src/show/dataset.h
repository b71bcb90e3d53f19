// What a labelled data set holds beside its files: gathered while the drive is seen again, written as tables at its end.
#ifndef CW_SHOW_DATASET_H
#define CW_SHOW_DATASET_H

#include "causeway/camera.h"
#include "causeway/show.h"

typedef struct dataset_pose { // global frame
    double place[3];          // m
    double turn[4];           // quaternion: w, x, y, z
} dataset_pose;

typedef struct dataset_box { // of an actor at a sample
    uint32_t sample, actor;
    dataset_pose pose;   // of its centre
    double visible;      // share of its pixels that is seen, 0..1
    uint32_t points;     // of the LiDARs
    bool moves, at_rest; // at_rest: during all of the drive
} dataset_box;

typedef struct dataset {
    const cw_scene *scene;
    const cw_rig *rig;
    const char *name, *source, *vehicle; // of the scene, of its file, of who carries the rig
    uint32_t carrier;
    uint32_t sample_count;
    int64_t *times;      // (samples) ns of the drive
    dataset_pose *poses; // (samples) of the carrier
    dataset_box *boxes;
    size_t box_count, time_room, pose_room, box_room;
} dataset;

// Rows of a rotation as a quaternion with w >= 0.
void dataset_turn(const double rows[9], double turn[4]);
// "CAM_FRONT" of the camera "front", "LIDAR_TOP" of the LiDAR "top": the published names where there is one.
void dataset_channel(const char *name, bool lidar, char *out, size_t size);
// A file of a sample, relative to the set's folder: "samples/CAM_FRONT/000012_CAM_FRONT.png".
void dataset_file(const char *channel, uint32_t sample, bool lidar, char *out, size_t size);
// The file of the map's mask, relative to the set's folder.
void dataset_mask(const dataset *set, char *out, size_t size);
// The 13 tables: folder/v1.0-causeway/NAME.json.
cw_status dataset_write(const dataset *set, const char *folder, cw_error *err);

#endif
