// Procedural towns: a scene that is a pure function of a 64-bit seed and a definition.
//
// Seeds are set apart by their top two bits, so that nothing is ever tested on what it learned from: the top bit set is
// the test set, the second-highest alone is validation, neither is training.
#ifndef CAUSEWAY_SYNTH_H
#define CAUSEWAY_SYNTH_H

#include "causeway/base.h"
#include "causeway/scene.h"

typedef enum cw_seed_set { CW_SEED_TRAINING, CW_SEED_VALIDATION, CW_SEED_TEST } cw_seed_set;

cw_seed_set cw_seed_set_of(uint64_t seed);
const char *cw_seed_set_name(cw_seed_set set); // "training", "validation", "test"
// Seed number `index` of a set: another one for each index, the same for ever. For training 0, 1, 2 ... themselves.
uint64_t cw_seed_in(cw_seed_set set, uint64_t index); // index below 2^62
// Refuses a test seed: CW_ERR_USAGE. Whatever is learned from or selected on calls this first.
cw_status cw_seed_may_learn(uint64_t seed, cw_error *err);

// What a town is made of. Shares are of those places where the feature fits.
typedef struct cw_town_def {
    uint64_t seed;
    int size;           // blocks along each side, 2..12
    double block;       // m from one crossing to the next, 130..300
    double density;     // 0..1: houses, trees and parked cars along the streets
    double lights;      // of the crossings on main streets: lights, else signs
    double roundabouts; // of the crossings of side streets
    double gaps;        // of the side streets left out, which makes larger blocks and T-junctions
    double curves;      // 0..1: how far streets bend
    double hills;       // m of height between valley and hill, 0..12
    double parking;     // of the side streets: cars parked along them
    double crosswalks;  // of the crossings with lights or signs
    double lane_drops;  // of the main streets at the edge of town: from two lanes to one
    double traffic;     // 0..400: road users around the car, and in proportion on the motorway
    bool motorway;      // with an interchange south of the town
    bool left_hand;     // traffic keeps left
    uint32_t cookie;    // set by cw_town_defaults; catches a definition that it did not fill
} cw_town_def;

cw_town_def cw_town_defaults(uint64_t seed);
// "size", "density" and so on, the members' names. CW_ERR_USAGE: no such key, or the value does not fit.
cw_status cw_town_set(cw_town_def *def, const char *key, const char *value, cw_error *err);

// A scene with one car, which is to drive from one place of the town to another through traffic; the run stops when it is
// there, or late. It belongs to the caller
// (cw_scene_free). CW_ERR_USAGE where the definition is out of its ranges, else only CW_ERR_MEMORY.
cw_status cw_town_make(const cw_town_def *def, cw_scene **scene, cw_error *err);

#endif
