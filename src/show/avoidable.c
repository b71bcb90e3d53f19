// The avoidable region of each driver in the cut-in experiment, as one SVG: a row for each driver, a column for each speed
// of the ego; across the gap at the start, upwards the lateral speed. The darker, the more of the other's speeds end in a
// contact.
#include "causeway/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_WIDTH = 150, CELL_HEIGHT = 110, LEFT = 150, TOP = 70 };

static const char *const words[][CW_LANGUAGES] = {
    {"Cut-in: which cases each driver avoids", "끼어들기: 운전자마다 피하는 경우"},
    {"white: avoided at each speed of the other; dark: contact; red frame: hit though the careful human avoids it",
     "흰색: 상대의 모든 속도에서 피함, 짙은 색: 접촉, 붉은 테두리: 주의 깊은 사람은 피하는데 부딪침"},
    {"gap at the start", "처음 간격"},
    {"lateral speed", "횡속도"}};

static void panel(FILE *f, const cw_avoidable *a, uint32_t driver, uint32_t speed, int x, int y) {
    uint32_t gaps = a->gap_count[speed];
    double w = (double)(CELL_WIDTH - 16) / gaps, h = (double)(CELL_HEIGHT - 16) / a->lateral_count;
    for (uint32_t g = 0; g < gaps; g++)
        for (uint32_t l = 0; l < a->lateral_count; l++) {
            const cw_avoidable_cell *c = cw_avoidable_at(a, driver, speed, g, l);
            if (c->hits == 0)
                continue; // white is the ground
            unsigned shade = 255U - 205U * c->hits / c->cases;
            double left = x + g * w, top = y + (a->lateral_count - 1 - l) * h;
            fprintf(f, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"#%02x%02x%02x\"%s/>\n", left,
                    top, w, h, shade, shade, shade < 235 ? shade + 20 : 255,
                    c->worse > 0 ? " stroke=\"#d00\" stroke-width=\"1.5\"" : "");
        }
    fprintf(f,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#777\"/>\n"
            "<text x=\"%d\" y=\"%d\" class=\"tick\">%g..%g m</text>\n",
            x, y, CELL_WIDTH - 16, CELL_HEIGHT - 16, x, y + CELL_HEIGHT - 6, a->gaps[speed][0],
            a->gaps[speed][gaps - 1]);
}

const cw_avoidable_cell *cw_avoidable_at(const cw_avoidable *a, uint32_t driver, uint32_t speed, uint32_t gap,
                                         uint32_t lateral) {
    return &a->cells[((driver * CW_AVOIDABLE_SPEEDS + speed) * CW_AVOIDABLE_GAPS + gap) * CW_AVOIDABLE_LATERALS +
                     lateral];
}

cw_status cw_show_avoidable(const cw_avoidable *a, cw_language language, const char *path, cw_error *err) {
    char name[4096];
    snprintf(name, sizeof name, "%s.part", path);
    FILE *f = fopen(name, "w");
    if (!f)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot be written");
    int width = LEFT + (int)a->speed_count * CELL_WIDTH + 20, height = TOP + (int)a->driver_count * CELL_HEIGHT + 40;
    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
            "<style>text{font-family:sans-serif;font-size:13px;fill:#222}.tick{font-size:10px;fill:#666}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text x=\"12\" y=\"22\" style=\"font-size:17px\">%s</text>\n<text x=\"12\" y=\"40\" "
            "class=\"tick\">%s</text>\n",
            width, height, width, height, words[0][language], words[1][language]);
    for (uint32_t s = 0; s < a->speed_count; s++)
        fprintf(f, "<text x=\"%d\" y=\"%d\">%.0f km/h</text>\n", LEFT + (int)s * CELL_WIDTH, TOP - 8,
                a->speeds[s] * 3.6);
    for (uint32_t d = 0; d < a->driver_count; d++) {
        int y = TOP + (int)d * CELL_HEIGHT;
        fprintf(f,
                "<text x=\"12\" y=\"%d\">%s</text>\n<text x=\"12\" y=\"%d\" class=\"tick\">%u / %u</text>\n"
                "<text x=\"12\" y=\"%d\" class=\"tick\"%s>%u</text>\n",
                y + 20, a->drivers[d], y + 38, a->hits[d], a->cases[d], y + 54,
                a->worse[d] > 0 ? " style=\"fill:#d00\"" : "", a->worse[d]);
        for (uint32_t s = 0; s < a->speed_count; s++)
            panel(f, a, d, s, LEFT + (int)s * CELL_WIDTH, y);
    }
    fprintf(f, "<text x=\"%d\" y=\"%d\" class=\"tick\">&#8594; %s &#160; &#8593; %s 0..1.7 m/s</text>\n</svg>\n", LEFT,
            height - 12, words[2][language], words[3][language]);
    bool fine = !ferror(f);
    fine = fclose(f) == 0 && fine && rename(name, path) == 0;
    if (!fine)
        remove(name);
    return fine ? CW_OK : cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot be written");
}
