// OpenDRIVE signals: what each country's numbers mean.
#include "opendrive.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

typedef struct sign {
    const char *type, *subtype; // subtype NULL: any
    cw_signal_kind kind;
} sign;

// "OpenDRIVE" uses the German catalogue's numbers and 10000nn for lights.
static const sign german[] = {
    {"1000001", NULL, CW_SIGNAL_LIGHT},       {"1000002", NULL, CW_SIGNAL_PEDESTRIAN_LIGHT},
    {"1000003", NULL, CW_SIGNAL_CROSSWALK},   {"1000007", NULL, CW_SIGNAL_PEDESTRIAN_LIGHT}, // pedestrians and cyclists
    {"1000008", NULL, CW_SIGNAL_LIGHT},       {"1000009", NULL, CW_SIGNAL_LIGHT},
    {"1000010", NULL, CW_SIGNAL_LIGHT},       {"1000011", NULL, CW_SIGNAL_LIGHT},
    {"1000012", NULL, CW_SIGNAL_LIGHT},       {"206", NULL, CW_SIGNAL_STOP},
    {"205", NULL, CW_SIGNAL_YIELD},           {"301", NULL, CW_SIGNAL_PRIORITY},
    {"306", NULL, CW_SIGNAL_PRIORITY},        {"102", NULL, CW_SIGNAL_RIGHT_BEFORE_LEFT},
    {"274", NULL, CW_SIGNAL_SPEED_LIMIT},     {"274.1", NULL, CW_SIGNAL_SPEED_LIMIT},
    {"278", NULL, CW_SIGNAL_SPEED_LIMIT_END}, {"282", NULL, CW_SIGNAL_SPEED_LIMIT_END},
    {"294", NULL, CW_SIGNAL_STOP_LINE},       {"341", NULL, CW_SIGNAL_STOP_LINE},
    {"267", NULL, CW_SIGNAL_NO_ENTRY},        {"350", NULL, CW_SIGNAL_CROSSWALK},
    {"293", NULL, CW_SIGNAL_CROSSWALK},
};

static const sign american[] = {
    {"R1-1", NULL, CW_SIGNAL_STOP},     {"R1", "1", CW_SIGNAL_STOP},           {"R1-2", NULL, CW_SIGNAL_YIELD},
    {"R1", "2", CW_SIGNAL_YIELD},       {"R2-1", NULL, CW_SIGNAL_SPEED_LIMIT}, {"R2", "1", CW_SIGNAL_SPEED_LIMIT},
    {"R5-1", NULL, CW_SIGNAL_NO_ENTRY}, {"R5", "1", CW_SIGNAL_NO_ENTRY},
};

static const sign swedish[] = {
    {"b", "1", CW_SIGNAL_YIELD},    {"b", "2", CW_SIGNAL_STOP},         {"b", "3", CW_SIGNAL_CROSSWALK},
    {"b", "4", CW_SIGNAL_PRIORITY}, {"c", "31", CW_SIGNAL_SPEED_LIMIT}, {"c", "32", CW_SIGNAL_SPEED_LIMIT_END},
    {"c", "1", CW_SIGNAL_NO_ENTRY}, {"m", "13", CW_SIGNAL_STOP_LINE},
};

static bool same_word(cw_build_text text, const char *word) {
    size_t length = strlen(word);
    if (text.text == NULL || text.length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)text.text[i]) != tolower((unsigned char)word[i]))
            return false;
    return true;
}

static cw_signal_kind find_kind(const sign *signs, size_t count, cw_build_text type, cw_build_text subtype) {
    for (size_t i = 0; i < count; i++)
        if (same_word(type, signs[i].type) && (signs[i].subtype == NULL || same_word(subtype, signs[i].subtype)))
            return signs[i].kind;
    return CW_SIGNAL_OTHER;
}

static cw_signal_kind kind_of(const cw_build_signal *signal) {
    if (same_word(signal->country, "US") || same_word(signal->country, "USA"))
        return find_kind(american, sizeof american / sizeof *american, signal->type, signal->subtype);
    if (same_word(signal->country, "se") || same_word(signal->country, "swe"))
        return find_kind(swedish, sizeof swedish / sizeof *swedish, signal->type, signal->subtype);
    return find_kind(german, sizeof german / sizeof *german, signal->type, signal->subtype);
}

// A speed sign's number in m/s. Where none is stated the German subtype codes it (55: 50 km/h), and a Swedish one counts
// in tens.
static double speed_of(const cw_build_signal *signal, const cw_xml_attr *unit) {
    bool swedish_sign = same_word(signal->country, "se") || same_word(signal->country, "swe");
    double value = signal->value, speed, code;
    if (swedish_sign && value > 0 && value <= 13)
        value *= 10;
    if (!(value > 0) && signal->subtype.text != NULL &&
        cw_parse_double(signal->subtype.text, signal->subtype.length, &code)) {
        if (code > 50 && code <= 64)
            return (code - 50) * 10 / 3.6;
    }
    if (!(value > 0))
        return 0;
    if (unit != NULL && unit->length > 0 && odr_speed(unit, value, &speed))
        return speed;
    bool miles = same_word(signal->country, "US") || same_word(signal->country, "USA") ||
                 same_word(signal->country, "GB") || same_word(signal->country, "GBR");
    return miles ? value * 0.44704 : value / 3.6;
}

static int8_t orientation_of(const cw_xml_element *e) {
    const cw_xml_attr *attr = cw_xml_find(e, "orientation");
    return cw_xml_is(attr, "+") ? 1 : cw_xml_is(attr, "-") ? -1 : 0;
}

// A zebra drawn as a signal: value is its length along the road, width what it spans.
static void add_zebra(odr_reader *r, const cw_build_signal *signal) {
    double along = signal->value > 0 && signal->value <= 20 ? signal->value : 4;
    cw_build_object zebra = {.id = signal->id,
                             .name = signal->name,
                             .kind = CW_OBJECT_CROSSWALK,
                             .s = signal->s,
                             .t = signal->t,
                             .length = along,
                             .width = signal->width > 0 ? signal->width : 4};
    cw_build_object_add(r->builder, &zebra);
}

static bool start_signal(odr_reader *r, cw_xml *xml, const cw_xml_element *e) {
    cw_build_signal signal = {.id = odr_text(e, "id"),
                              .name = odr_text(e, "name"),
                              .country = odr_text(e, "country"),
                              .type = odr_text(e, "type"),
                              .subtype = odr_text(e, "subtype"),
                              .dynamic = cw_xml_is(cw_xml_find(e, "dynamic"), "yes"),
                              .orientation = orientation_of(e)};
    if (!odr_number(xml, e, "s", NAN, 1e7, &signal.s) || !odr_number(xml, e, "t", 0, 1e6, &signal.t) ||
        !odr_number(xml, e, "zOffset", 0, 1e6, &signal.z) || !odr_number(xml, e, "value", 0, 1e12, &signal.value) ||
        !odr_number(xml, e, "hOffset", 0, 1e5, &signal.heading) ||
        !odr_number(xml, e, "height", 0, 1e6, &signal.height) || !odr_number(xml, e, "width", 0, 1e6, &signal.width))
        return false;
    signal.kind = kind_of(&signal);
    if (signal.kind == CW_SIGNAL_OTHER && signal.dynamic && signal.type.length == 7 &&
        memcmp(signal.type.text, "10000", 5) == 0)
        signal.kind = CW_SIGNAL_LIGHT;
    if (signal.kind == CW_SIGNAL_SPEED_LIMIT || signal.kind == CW_SIGNAL_SPEED_LIMIT_END)
        signal.value = speed_of(&signal, cw_xml_find(e, "unit"));
    if (signal.kind == CW_SIGNAL_SPEED_LIMIT && !(signal.value > 0))
        odr_notice(r, xml, "signal", "a speed limit without a value is read over");
    if (signal.kind == CW_SIGNAL_OTHER)
        odr_notice(r, xml, "signal", "signs of kinds that are not known have no effect on the drive");
    cw_build_signal_add(r->builder, &signal);
    if (signal.kind == CW_SIGNAL_CROSSWALK && same_word(signal.type, "1000003"))
        add_zebra(r, &signal);
    return true;
}

odr_tag odr_start_signal(odr_reader *r, cw_xml *xml, const cw_xml_element *e, odr_tag parent, bool *fine) {
    if (parent == ODR_SIGNALS) {
        if (strcmp(e->name, "signal") == 0) {
            *fine = start_signal(r, xml, e);
            return ODR_SIGNAL;
        }
        if (strcmp(e->name, "signalReference") == 0) {
            double s;
            int line, column;
            *fine = odr_number(xml, e, "s", NAN, 1e7, &s);
            cw_xml_where(xml, &line, &column);
            cw_build_signal_reference(r->builder, odr_text(e, "id"), s, orientation_of(e), line, column);
            return ODR_SIGNAL;
        }
        return ODR_SKIP;
    }
    if (strcmp(e->name, "validity") == 0) {
        int32_t from, to;
        *fine = odr_integer(xml, e, "fromLane", &from) && odr_integer(xml, e, "toLane", &to);
        if (*fine)
            cw_build_validity(r->builder, from, to);
    } else if (strcmp(e->name, "dependency") == 0) {
        odr_notice(r, xml, "dependency", "that one signal depends on another is read over");
    } else if (strcmp(e->name, "staticBoard") == 0 || strcmp(e->name, "vmsBoard") == 0) {
        odr_notice(r, xml, e->name, "the signs on a board are read over");
    }
    return ODR_SKIP;
}
