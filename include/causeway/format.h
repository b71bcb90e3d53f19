// Bytes to maps and scenes. One function for each format takes memory and length; `path` is for messages and for what
// the file refers to. On failure nothing is handed out and *err names file, line, column and cause.
#ifndef CAUSEWAY_FORMAT_H
#define CAUSEWAY_FORMAT_H

#include "causeway/base.h"
#include "causeway/road.h"
#include "causeway/scene.h"

// ---- notices --------------------------------------------------------------------------------------------------------

// What a reader read over: once for each kind (name and text together), with its first place and the number of places.
typedef struct cw_notices cw_notices;

cw_notices *cw_notices_new(void);          // NULL when out of memory
void cw_notices_free(cw_notices *notices); // NULL is fine
// name: the element or attribute; text: what it means for the run. A NULL list takes nothing.
void cw_notices_add(cw_notices *notices, const char *path, int line, int column, const char *name, const char *text);
uint32_t cw_notices_count(const cw_notices *notices); // NULL: 0
const cw_notice *cw_notices_at(const cw_notices *notices, uint32_t index);
// Copies them into an arena (a scene's). False when memory is out.
bool cw_notices_copy(const cw_notices *notices, cw_arena *arena, const cw_notice **items, uint32_t *count);

// ---- OpenDRIVE 1.4 to 1.8 --------------------------------------------------------------------------------------------

// On success *map belongs to the caller (cw_map_free). notices may be NULL.
cw_status cw_opendrive_read(const char *bytes, size_t count, const char *path, cw_map **map, cw_notices *notices,
                            cw_error *err);

// The map as OpenDRIVE 1.8; reading it gives the same map. *bytes comes from malloc. CW_ERR_UNSUPPORTED: a map of
// lanelets.
cw_status cw_opendrive_write(const cw_map *map, char **bytes, size_t *count, cw_error *err);

// ---- OpenSCENARIO XML 1.0 to 1.3 -------------------------------------------------------------------------------------

// Zero members mean the defaults named here; a NULL pointer to the whole is the same.
typedef struct cw_scenario_options {
    const char *const *set; // "Name=value": parameters of the scenario; an unknown name is CW_ERR_USAGE
    unsigned set_count;
    // Set to true when what is wrong with the scenario is that `set` breaks a constraint of its parameters; may be NULL.
    bool *constraint_broken;
    const char *data_path; // folders searched for maps and catalogs, joined by ':'
    unsigned problem;      // which planning problem of a CommonRoad file, from 0
    const char *ego;       // of a recording: the id of the object that is driven; NULL: `problem` says who
    const char *remove; // of a recording: ids of objects that are left out, joined by ','; "all": everyone but the ego
    bool strict;        // whatever would be reported as unsupported is an error, CW_ERR_UNSUPPORTED
    // How a file is read that the scenario refers to: *bytes from malloc. NULL: from disk. A path that ends in '/' asks
    // for the names of the .xosc files in that folder, sorted, one on each line (catalogs that go by another name than
    // their file's). Every file is attached to the scene under the name that makes this call again with the scenario
    // named without a folder, so that a scene is read back from its own attachments.
    cw_status (*open)(void *context, const char *path, char **bytes, size_t *count, cw_error *err);
    void *context;
} cw_scenario_options;

// Reads a scenario, its catalogs and its road network. On success *scene belongs to the caller (cw_scene_free); the
// first attachment is the scenario itself. Parameters are resolved, names of storyboard elements are indices.
cw_status cw_openscenario_read(const char *bytes, size_t count, const char *path, const cw_scenario_options *options,
                               cw_scene **scene, cw_error *err);

// The scene as OpenSCENARIO XML 1.3 on the road network `map_path`: entities, what happens at the start, signal programs,
// environment. *bytes comes from malloc. CW_ERR_UNSUPPORTED names what it has no words for: stories, recorded actors,
// goals, actions other than being placed, given a speed and sent somewhere.
cw_status cw_openscenario_write(const cw_scene *scene, const char *map_path, char **bytes, size_t *count,
                                cw_error *err);

// ---- parameter distributions of OpenSCENARIO XML 1.1 to 1.3 ----------------------------------------------------------

// What a ParameterValueDistribution makes of its scenario: sets of parameter values, by number. Deterministic ones are
// the product of all that varies, the last fastest; a stochastic one is a pure function of its file's seed and the number.
typedef struct cw_distribution cw_distribution;

// On success *out belongs to the caller (cw_distribution_free).
cw_status cw_distribution_read(const char *bytes, size_t count, const char *path, cw_distribution **out, cw_error *err);
void cw_distribution_free(cw_distribution *distribution);                  // NULL is fine
const char *cw_distribution_scenario(const cw_distribution *distribution); // the file it varies, relative to its own
uint64_t cw_distribution_count(const cw_distribution *distribution);       // combinations or test runs, at least 1
bool cw_distribution_is_stochastic(const cw_distribution *distribution);
// The parameters of number `index`, below the count, as cw_scenario_options.set takes them; in `arena` or the
// distribution, which must outlive them. CW_ERR_INPUT when a law gives no value inside its range.
cw_status cw_distribution_at(const cw_distribution *distribution, uint64_t index, cw_arena *arena,
                             const char *const **set, uint32_t *set_count, cw_error *err);

// ---- CommonRoad 2018b and 2020a --------------------------------------------------------------------------------------

// Lanelets become the map's lanes, obstacles recorded actors, one planning problem (options->problem) the ego, its start
// and its goals; a file without one has no ego. Time zero is the problem's initial state. Of the options only problem and
// strict matter here; NULL is fine.
cw_status cw_commonroad_read(const char *bytes, size_t count, const char *path, const cw_scenario_options *options,
                             cw_scene **scene, cw_error *err);

// ---- recorded worlds -------------------------------------------------------------------------------------------------

// The JSON form of motion data that GPUDrive and PufferDrive read. The recording car is the ego (options->problem 0), or the
// n-th of the tracks to predict (problem n); everyone else is replayed. NULL options are fine.
cw_status cw_recording_read(const char *bytes, size_t count, const char *path, const cw_scenario_options *options,
                            cw_scene **scene, cw_error *err);

// ---- any scenario ----------------------------------------------------------------------------------------------------

// Reads the file and recognises it by its root element: an OpenSCENARIO scenario, a CommonRoad scenario, or an
// OpenDRIVE map, which becomes a scene with one ego car on a long driving lane.
cw_status cw_scene_read_file(const char *path, const cw_scenario_options *options, cw_scene **scene, cw_error *err);

// The hash of what a run of the scene depends on; names and places in files left out. Readers store it as scene->hash.
uint64_t cw_scene_digest(const cw_scene *scene);

#endif
