#include "viewer_schema.h"

// One macro for a shape of JSON schema; a property list and the list of its names stand side by side, for all are required.
#define KEY(name, schema) "\"" #name "\":" schema
#define PROPERTIES(list) "\"type\":\"object\",\"properties\":{" list "}"
#define REQUIRED(names) ",\"required\":[" names "]"
#define OBJECT(list, names) "{" PROPERTIES(list) REQUIRED(names) "}"
#define TITLED(title, list, names) "{\"title\":\"" title "\"," PROPERTIES(list) REQUIRED(names) "}"
#define LIST(item) "{\"type\":\"array\",\"items\":" item "}"
#define ONE(title, value) "{\"title\":\"" title "\",\"const\":" value "}"
#define ONE_OF(list) "{\"oneOf\":[" list "]}"
#define NUMBER "{\"type\":\"number\"}"
#define STRING "{\"type\":\"string\"}"
#define BOOLEAN "{\"type\":\"boolean\"}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define NANOSECONDS "{\"type\":\"integer\",\"minimum\":0,\"maximum\":999999999}"

// Published without a list of what is required.
#define TIME "{\"title\":\"time\"," PROPERTIES(KEY(sec, COUNT) "," KEY(nsec, NANOSECONDS)) "}"
#define DURATION                                                                                                       \
    "{\"title\":\"duration\"," PROPERTIES(KEY(sec, "{\"type\":\"integer\"}") "," KEY(nsec, NANOSECONDS)) "}"

#define VECTOR TITLED("foxglove.Vector3", KEY(x, NUMBER) "," KEY(y, NUMBER) "," KEY(z, NUMBER), "\"x\",\"y\",\"z\"")
#define POINT TITLED("foxglove.Point3", KEY(x, NUMBER) "," KEY(y, NUMBER) "," KEY(z, NUMBER), "\"x\",\"y\",\"z\"")
#define QUATERNION                                                                                                     \
    TITLED("foxglove.Quaternion", KEY(x, NUMBER) "," KEY(y, NUMBER) "," KEY(z, NUMBER) "," KEY(w, NUMBER),             \
           "\"x\",\"y\",\"z\",\"w\"")
#define POSE                                                                                                           \
    TITLED("foxglove.Pose", KEY(position, VECTOR) "," KEY(orientation, QUATERNION), "\"position\",\"orientation\"")
#define COLOR                                                                                                          \
    TITLED("foxglove.Color", KEY(r, NUMBER) "," KEY(g, NUMBER) "," KEY(b, NUMBER) "," KEY(a, NUMBER),                  \
           "\"r\",\"g\",\"b\",\"a\"")

#define PAIR TITLED("foxglove.KeyValuePair", KEY(key, STRING) "," KEY(value, STRING), "\"key\",\"value\"")
#define ARROW                                                                                                          \
    TITLED("foxglove.ArrowPrimitive",                                                                                  \
           KEY(pose, POSE) "," KEY(shaft_length, NUMBER) "," KEY(shaft_diameter, NUMBER) "," KEY(                      \
               head_length, NUMBER) "," KEY(head_diameter, NUMBER) "," KEY(color, COLOR),                              \
           "\"pose\",\"shaft_length\",\"shaft_diameter\",\"head_length\",\"head_diameter\",\"color\"")
#define CUBE                                                                                                           \
    TITLED("foxglove.CubePrimitive", KEY(pose, POSE) "," KEY(size, VECTOR) "," KEY(color, COLOR),                      \
           "\"pose\",\"size\",\"color\"")
#define SPHERE                                                                                                         \
    TITLED("foxglove.SpherePrimitive", KEY(pose, POSE) "," KEY(size, VECTOR) "," KEY(color, COLOR),                    \
           "\"pose\",\"size\",\"color\"")
#define CYLINDER                                                                                                       \
    TITLED("foxglove.CylinderPrimitive",                                                                               \
           KEY(pose, POSE) "," KEY(size, VECTOR) "," KEY(bottom_scale, NUMBER) "," KEY(top_scale,                      \
                                                                                       NUMBER) "," KEY(color, COLOR),  \
           "\"pose\",\"size\",\"bottom_scale\",\"top_scale\",\"color\"")
#define LINE_TYPE ONE_OF(ONE("LINE_STRIP", "0") "," ONE("LINE_LOOP", "1") "," ONE("LINE_LIST", "2"))
#define LINE                                                                                                           \
    TITLED(                                                                                                            \
        "foxglove.LinePrimitive",                                                                                      \
        KEY(type, LINE_TYPE) "," KEY(pose, POSE) "," KEY(thickness, NUMBER) "," KEY(scale_invariant, BOOLEAN) "," KEY( \
            points, LIST(POINT)) "," KEY(color, COLOR) "," KEY(colors, LIST(COLOR)) "," KEY(indices, LIST(COUNT)),     \
        "\"type\",\"pose\",\"thickness\",\"scale_invariant\",\"points\",\"color\",\"colors\",\"indices\"")
#define TRIANGLES                                                                                                      \
    TITLED("foxglove.TriangleListPrimitive",                                                                           \
           KEY(pose, POSE) "," KEY(points, LIST(POINT)) "," KEY(color, COLOR) "," KEY(colors, LIST(COLOR)) "," KEY(    \
               indices, LIST(COUNT)),                                                                                  \
           "\"pose\",\"points\",\"color\",\"colors\",\"indices\"")
#define TEXT                                                                                                           \
    TITLED("foxglove.TextPrimitive",                                                                                   \
           KEY(pose, POSE) "," KEY(billboard, BOOLEAN) "," KEY(font_size, NUMBER) "," KEY(                             \
               scale_invariant, BOOLEAN) "," KEY(color, COLOR) "," KEY(text, STRING),                                  \
           "\"pose\",\"billboard\",\"font_size\",\"scale_invariant\",\"color\",\"text\"")
#define MODEL                                                                                                          \
    TITLED("foxglove.ModelPrimitive",                                                                                  \
           KEY(pose, POSE) "," KEY(scale, VECTOR) "," KEY(color, COLOR) "," KEY(override_color, BOOLEAN) "," KEY(      \
               url, STRING) "," KEY(media_type, STRING) "," KEY(data, STRING),                                         \
           "\"pose\",\"scale\",\"color\",\"override_color\",\"url\",\"media_type\",\"data\"")
#define ENTITY                                                                                                                                                               \
    TITLED(                                                                                                                                                                  \
        "foxglove.SceneEntity",                                                                                                                                              \
        KEY(timestamp, TIME) "," KEY(frame_id, STRING) "," KEY(id, STRING) "," KEY(lifetime, DURATION) "," KEY(frame_locked, BOOLEAN) "," KEY(metadata, LIST(PAIR)) "," KEY( \
            arrows,                                                                                                                                                          \
            LIST(                                                                                                                                                            \
                ARROW)) "," KEY(cubes,                                                                                                                                       \
                                LIST(                                                                                                                                        \
                                    CUBE)) "," KEY(spheres,                                                                                                                  \
                                                   LIST(                                                                                                                     \
                                                       SPHERE)) "," KEY(cylinders,                                                                                           \
                                                                        LIST(                                                                                                \
                                                                            CYLINDER)) "," KEY(lines,                                                                        \
                                                                                               LIST(                                                                         \
                                                                                                   LINE)) "," KEY(triangles,                                                 \
                                                                                                                  LIST(                                                      \
                                                                                                                      TRIANGLES)) "," KEY(texts,                             \
                                                                                                                                          LIST(                              \
                                                                                                                                              TEXT)) "," KEY(models,         \
                                                                                                                                                             LIST(           \
                                                                                                                                                                 MODEL)),    \
        "\"timestamp\",\"frame_id\",\"id\",\"lifetime\",\"frame_locked\",\"metadata\",\"arrows\",\"cubes\","                                                                 \
        "\"spheres\",\"cylinders\",\"lines\",\"triangles\",\"texts\",\"models\"")
#define DELETION_TYPE ONE_OF(ONE("MATCHING_ID", "0") "," ONE("ALL", "1"))
#define DELETION                                                                                                       \
    TITLED("foxglove.SceneEntityDeletion", KEY(timestamp, TIME) "," KEY(type, DELETION_TYPE) "," KEY(id, STRING),      \
           "\"timestamp\",\"type\",\"id\"")
#define LEVEL                                                                                                          \
    ONE_OF(ONE("UNKNOWN", "0") "," ONE("DEBUG", "1") "," ONE("INFO", "2") "," ONE("WARNING", "3") "," ONE(             \
        "ERROR", "4") "," ONE("FATAL", "5"))

// C promises strings of 4095 bytes only; the compilers that we use know longer ones.
#pragma GCC diagnostic ignored "-Woverlength-strings"

const char viewer_scene_schema[] =
    // cppcheck-suppress unknownMacro ; a macro within its own argument is beyond it
    TITLED("foxglove.SceneUpdate", KEY(deletions, LIST(DELETION)) "," KEY(entities, LIST(ENTITY)),
           "\"deletions\",\"entities\"");

const char viewer_transform_schema[] =
    TITLED("foxglove.FrameTransform",
           KEY(timestamp, TIME) "," KEY(parent_frame_id, STRING) "," KEY(child_frame_id, STRING) "," KEY(
               translation, VECTOR) "," KEY(rotation, QUATERNION),
           "\"timestamp\",\"parent_frame_id\",\"child_frame_id\",\"translation\",\"rotation\"");

const char viewer_pose_schema[] =
    TITLED("foxglove.PoseInFrame", KEY(timestamp, TIME) "," KEY(frame_id, STRING) "," KEY(pose, POSE),
           "\"timestamp\",\"frame_id\",\"pose\"");

const char viewer_log_schema[] = TITLED("foxglove.Log",
                                        KEY(timestamp, TIME) "," KEY(level, LEVEL) "," KEY(message, STRING) "," KEY(
                                            name, STRING) "," KEY(file, STRING) "," KEY(line, COUNT),
                                        "\"timestamp\",\"level\",\"message\",\"name\",\"file\",\"line\"");
