// The well-known JSON schemas that MCAP viewers know by title, as published for version 1 of each, without their
// descriptions and without the optional "message_id" and "lineage", which we do not write.
#ifndef CW_SHOW_VIEWER_SCHEMA_H
#define CW_SHOW_VIEWER_SCHEMA_H

extern const char viewer_scene_schema[];     // foxglove.SceneUpdate
extern const char viewer_transform_schema[]; // foxglove.FrameTransform
extern const char viewer_pose_schema[];      // foxglove.PoseInFrame
extern const char viewer_log_schema[];       // foxglove.Log

#endif
