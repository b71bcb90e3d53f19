// The big map: reading it, and finding a place on it.
#include "figure.h"

#include "causeway/base.h"
#include "causeway/format.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POINTS = 100000, BLOCK = 100, BLOCKS = POINTS / BLOCK };

// Peak memory that reading adds to a fresh process, bytes.
static double peak_of_reading(const char *bytes, size_t count, const char *path) {
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0)
        return NAN;
    pid_t pid = fork();
    if (pid == 0) {
        struct rusage before, after;
        getrusage(RUSAGE_SELF, &before);
        cw_map *map;
        cw_error err = {0};
        double grown = -1;
        if (cw_opendrive_read(bytes, count, path, &map, NULL, &err) == CW_OK) {
            getrusage(RUSAGE_SELF, &after);
            grown = (double)(after.ru_maxrss - before.ru_maxrss) * 1024;
        }
        _exit(write(pipe_ends[1], &grown, sizeof grown) == (ssize_t)sizeof grown ? 0 : 1);
    }
    double grown = NAN;
    int status;
    waitpid(pid, &status, 0);
    if (read(pipe_ends[0], &grown, sizeof grown) != (ssize_t)sizeof grown)
        grown = NAN;
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return grown;
}

// Random places on driving lanes. The clock counts in steps as long as a query or two: it is read around blocks of them,
// whose queries stand ready, and the blocks' medians are what is printed.
static void locate_figures(int argc, char **argv, const cw_map *map, const char *town) {
    cw_locate *queries = malloc(POINTS * sizeof *queries);
    double *times = malloc(BLOCKS * sizeof *times);
    uint32_t *lanes = malloc(map->lane_count * sizeof *lanes);
    if (!queries || !times || !lanes)
        abort();
    uint32_t lane_count = 0;
    for (uint32_t i = 0; i < map->lane_count; i++)
        if (map->lanes[i].kind == CW_LANE_DRIVING && map->lanes[i].length > 1)
            lanes[lane_count++] = i;
    cw_rng_key key = {.seed = 1};
    for (int hinted = 0; hinted < 2; hinted++) {
        char name[64];
        snprintf(name, sizeof name, "locate_%s_ns/%s", hinted ? "hint" : "random", town);
        if (!figure_wanted(argc, argv, name))
            continue;
        for (uint32_t i = 0; i < POINTS; i++) {
            uint32_t lane = lanes[(uint32_t)(cw_rng_uniform(key, 4 * i) * lane_count)];
            const cw_lane *l = &map->lanes[lane];
            double s = cw_lerp(l->s0, l->s1, cw_rng_uniform(key, 4 * i + 1));
            cw_lane_place from = {.lane = lane, .s = s};
            double moved = cw_rng_uniform(key, 4 * i + 2);
            double to = cw_clamp(s + (double)l->direction * moved, l->s0, l->s1);
            cw_pose pose = cw_lane_pose(map, (cw_lane_place){lane, to, 0}, NULL);
            queries[i] = cw_locate_at(pose.x, pose.y);
            queries[i].kinds = 1u << CW_LANE_DRIVING;
            if (hinted) {
                queries[i].hint = from;
                queries[i].heading = pose.heading;
            }
        }
        uint64_t found = 0;
        for (uint32_t block = 0; block < BLOCKS; block++) {
            const cw_locate *query = queries + (size_t)block * BLOCK;
            cw_lane_place place;
            double start = cw_seconds();
            for (uint32_t i = 0; i < BLOCK; i++)
                found += cw_map_locate(map, &query[i], &place);
            times[block] = (cw_seconds() - start) / BLOCK;
        }
        double middle = median(times, BLOCKS); // sorts
        figure(name, middle * 1e9, "ns", AT_MOST, hinted ? 300 : 1500,
               "median of %d blocks of %d places on driving lanes, %s, %.2f%% found; quickest block %.0f ns", BLOCKS,
               BLOCK, hinted ? "hint moved at most 1 m" : "no hint", 100.0 * (double)found / POINTS, times[0] * 1e9);
    }
    free(queries);
    free(times);
    free(lanes);
}

int main(int argc, char **argv) {
    const char *data = test_data();
    if (!data) {
        fprintf(stderr, "roads_bench: CAUSEWAY_TEST_DATA is not set\n");
        return 0;
    }
    char path[1024];
    snprintf(path, sizeof path, "%s/opendrive/carla/Town04.xodr", data);
    char *bytes;
    size_t count;
    cw_error err = {0};
    if (cw_file_read(path, 0, &bytes, &count, &err) != CW_OK) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        return 1;
    }
    if (figure_wanted(argc, argv, "map_memory/Town04"))
        figure("map_memory/Town04", peak_of_reading(bytes, count, path) / (double)count, "times the file", AT_MOST, 4,
               "peak resident memory added by reading %.2f MB", (double)count * 1e-6);
    double times[11];
    cw_map *map = NULL;
    for (int i = 0; i < 11; i++) {
        cw_map_free(map);
        double start = cw_seconds();
        if (cw_opendrive_read(bytes, count, path, &map, NULL, &err) != CW_OK) {
            fprintf(stderr, "%s: %s\n", path, err.text);
            return 1;
        }
        times[i] = (cw_seconds() - start) * 1e3;
    }
    if (figure_wanted(argc, argv, "map_read_ms/Town04"))
        figure("map_read_ms/Town04", median(times, 11), "ms", AT_MOST, 50, "bytes to finished map, median of 11");
    locate_figures(argc, argv, map, "Town04");
    cw_map_free(map);
    free(bytes);
    return 0;
}
