// What surfaces are made of, and the colours of what has one by its number.
#include "sense/mesh.h"

#define MATT(name, r, g, b, rough)                                                                                     \
    {                                                                                                                  \
        name, {r, g, b}, rough, 0, {                                                                                   \
            0, 0, 0                                                                                                    \
        }                                                                                                              \
    }
#define METAL(name, r, g, b, rough, metal)                                                                             \
    {                                                                                                                  \
        name, {r, g, b}, rough, metal, {                                                                               \
            0, 0, 0                                                                                                    \
        }                                                                                                              \
    }
#define LAMP(name, r, g, b, er, eg, eb)                                                                                \
    {                                                                                                                  \
        name, {r, g, b}, 0.15F, 0, {                                                                                   \
            er, eg, eb                                                                                                 \
        }                                                                                                              \
    }

const cw_material cw_materials[CW_MAT_KINDS] = {
    [CW_MAT_ASPHALT] = MATT("asphalt", 0.060F, 0.060F, 0.063F, 0.85F),
    [CW_MAT_ASPHALT_OLD] = MATT("old asphalt", 0.095F, 0.093F, 0.092F, 0.9F),
    [CW_MAT_CONCRETE] = MATT("concrete", 0.30F, 0.29F, 0.27F, 0.85F),
    [CW_MAT_PAVING] = MATT("paving", 0.24F, 0.23F, 0.215F, 0.85F),
    [CW_MAT_KERB] = MATT("kerb", 0.36F, 0.35F, 0.33F, 0.8F),
    [CW_MAT_BIKE_LANE] = MATT("bike lane", 0.23F, 0.075F, 0.055F, 0.85F),
    [CW_MAT_GRAVEL] = MATT("gravel", 0.17F, 0.155F, 0.14F, 1),
    [CW_MAT_RAIL] = METAL("rail", 0.42F, 0.38F, 0.35F, 0.35F, 0.9F),
    [CW_MAT_GRASS] = MATT("grass", 0.075F, 0.125F, 0.038F, 1),
    [CW_MAT_SOIL] = MATT("soil", 0.15F, 0.11F, 0.075F, 1),
    [CW_MAT_MARK_WHITE] = MATT("white paint", 0.70F, 0.70F, 0.68F, 0.6F),
    [CW_MAT_MARK_YELLOW] = MATT("yellow paint", 0.70F, 0.44F, 0.055F, 0.6F),
    [CW_MAT_MARK_BLUE] = MATT("blue paint", 0.06F, 0.18F, 0.60F, 0.6F),
    [CW_MAT_MARK_GREEN] = MATT("green paint", 0.06F, 0.42F, 0.14F, 0.6F),
    [CW_MAT_MARK_RED] = MATT("red paint", 0.58F, 0.055F, 0.045F, 0.6F),
    [CW_MAT_MARK_ORANGE] = MATT("orange paint", 0.72F, 0.25F, 0.03F, 0.6F),
    [CW_MAT_MARK_VIOLET] = MATT("violet paint", 0.33F, 0.11F, 0.50F, 0.6F),
    [CW_MAT_MARK_BLACK] = MATT("black paint", 0.02F, 0.02F, 0.02F, 0.6F),
    [CW_MAT_MARK_WORN_WHITE] = MATT("worn white paint", 0.33F, 0.33F, 0.32F, 0.75F),
    [CW_MAT_MARK_WORN_YELLOW] = MATT("worn yellow paint", 0.33F, 0.22F, 0.06F, 0.75F),
    [CW_MAT_STUD] = MATT("stud", 0.75F, 0.74F, 0.70F, 0.3F),
    [CW_MAT_PLASTER_WHITE] = MATT("white plaster", 0.68F, 0.66F, 0.61F, 0.95F),
    [CW_MAT_PLASTER_SAND] = MATT("sand plaster", 0.56F, 0.44F, 0.28F, 0.95F),
    [CW_MAT_PLASTER_GREY] = MATT("grey plaster", 0.36F, 0.37F, 0.38F, 0.95F),
    [CW_MAT_PLASTER_ROSE] = MATT("rose plaster", 0.52F, 0.31F, 0.25F, 0.95F),
    [CW_MAT_BRICK] = MATT("brick", 0.30F, 0.12F, 0.08F, 0.95F),
    [CW_MAT_FACADE_GLASS] = METAL("facade glass", 0.07F, 0.11F, 0.14F, 0.08F, 0.35F),
    [CW_MAT_ROOF_TILE] = MATT("roof tile", 0.32F, 0.105F, 0.06F, 0.9F),
    [CW_MAT_ROOF_SLATE] = MATT("roof slate", 0.085F, 0.09F, 0.105F, 0.8F),
    [CW_MAT_ROOF_FLAT] = MATT("flat roof", 0.20F, 0.20F, 0.20F, 0.95F),
    [CW_MAT_WINDOW] = METAL("window", 0.04F, 0.055F, 0.07F, 0.08F, 0.25F),
    [CW_MAT_WINDOW_LIT] = {"lit window", {0.05F, 0.06F, 0.07F}, 0.08F, 0.25F, {0.9F, 0.62F, 0.30F}},
    [CW_MAT_DOOR] = MATT("door", 0.13F, 0.07F, 0.04F, 0.7F),
    [CW_MAT_WOOD] = MATT("wood", 0.24F, 0.14F, 0.07F, 0.85F),
    [CW_MAT_BARK] = MATT("bark", 0.11F, 0.08F, 0.055F, 1),
    [CW_MAT_LEAVES] = MATT("leaves", 0.065F, 0.13F, 0.028F, 1),
    [CW_MAT_LEAVES_DARK] = MATT("needles", 0.027F, 0.065F, 0.027F, 1),
    [CW_MAT_HEDGE] = MATT("hedge", 0.045F, 0.10F, 0.025F, 1),
    [CW_MAT_GALVANISED] = METAL("galvanised steel", 0.50F, 0.52F, 0.54F, 0.45F, 0.7F),
    [CW_MAT_POLE_DARK] = MATT("dark paint", 0.035F, 0.04F, 0.042F, 0.5F),
    [CW_MAT_SIGN_WHITE] = MATT("sign white", 0.80F, 0.80F, 0.80F, 0.35F),
    [CW_MAT_SIGN_RED] = MATT("sign red", 0.58F, 0.02F, 0.025F, 0.35F),
    [CW_MAT_SIGN_YELLOW] = MATT("sign yellow", 0.82F, 0.52F, 0.02F, 0.35F),
    [CW_MAT_SIGN_BLUE] = MATT("sign blue", 0.02F, 0.09F, 0.45F, 0.35F),
    [CW_MAT_SIGN_GREEN] = MATT("sign green", 0.01F, 0.22F, 0.09F, 0.35F),
    [CW_MAT_SIGN_BLACK] = MATT("sign black", 0.015F, 0.015F, 0.015F, 0.35F),
    [CW_MAT_SIGN_BACK] = METAL("sign back", 0.42F, 0.43F, 0.44F, 0.5F, 0.4F),
    [CW_MAT_SIGNAL_RED] = LAMP("signal red", 0.10F, 0.012F, 0.01F, 6.0F, 0.25F, 0.12F),
    [CW_MAT_SIGNAL_YELLOW] = LAMP("signal yellow", 0.10F, 0.06F, 0.01F, 6.0F, 3.0F, 0.15F),
    [CW_MAT_SIGNAL_GREEN] = LAMP("signal green", 0.01F, 0.08F, 0.045F, 0.25F, 5.0F, 2.3F),
    [CW_MAT_STREET_LAMP] = LAMP("street lamp", 0.70F, 0.70F, 0.66F, 8.0F, 6.4F, 4.0F),
    [CW_MAT_PAINT] = METAL("car paint", 0.50F, 0.50F, 0.50F, 0.22F, 0.1F),
    [CW_MAT_TRIM] = MATT("trim", 0.022F, 0.022F, 0.024F, 0.55F),
    [CW_MAT_CHROME] = METAL("chrome", 0.62F, 0.63F, 0.65F, 0.12F, 1),
    [CW_MAT_GLASS] = METAL("glass", 0.025F, 0.032F, 0.038F, 0.05F, 0.2F),
    [CW_MAT_RUBBER] = MATT("rubber", 0.022F, 0.022F, 0.022F, 0.9F),
    [CW_MAT_WHEEL_RIM] = METAL("wheel rim", 0.50F, 0.51F, 0.53F, 0.3F, 0.9F),
    [CW_MAT_UNDERBODY] = MATT("underbody", 0.015F, 0.015F, 0.016F, 0.95F),
    [CW_MAT_PLATE] = MATT("number plate", 0.74F, 0.74F, 0.70F, 0.4F),
    [CW_MAT_LAMP_HEAD] = LAMP("head lamp", 0.66F, 0.68F, 0.70F, 12.0F, 11.4F, 10.0F),
    [CW_MAT_LAMP_TAIL] = LAMP("tail lamp", 0.30F, 0.015F, 0.015F, 1.2F, 0.04F, 0.03F),
    [CW_MAT_LAMP_BRAKE] = LAMP("brake lamp", 0.36F, 0.018F, 0.018F, 7.0F, 0.25F, 0.18F),
    [CW_MAT_LAMP_LEFT] = LAMP("left indicator", 0.52F, 0.22F, 0.03F, 6.5F, 2.7F, 0.12F),
    [CW_MAT_LAMP_RIGHT] = LAMP("right indicator", 0.52F, 0.22F, 0.03F, 6.5F, 2.7F, 0.12F),
    [CW_MAT_LAMP_REVERSE] = LAMP("reversing lamp", 0.62F, 0.62F, 0.62F, 4.5F, 4.5F, 4.2F),
    [CW_MAT_CARGO_WHITE] = MATT("box body", 0.66F, 0.66F, 0.65F, 0.5F),
    [CW_MAT_SKIN] = MATT("skin", 0.42F, 0.25F, 0.17F, 0.7F),
    [CW_MAT_HAIR] = MATT("hair", 0.05F, 0.032F, 0.02F, 0.8F),
    [CW_MAT_CLOTH_UPPER] = MATT("upper cloth", 0.30F, 0.30F, 0.30F, 0.95F),
    [CW_MAT_CLOTH_LOWER] = MATT("lower cloth", 0.08F, 0.09F, 0.13F, 0.95F),
    [CW_MAT_SHOE] = MATT("shoe", 0.04F, 0.035F, 0.03F, 0.7F),
    [CW_MAT_HELMET] = MATT("helmet", 0.55F, 0.55F, 0.55F, 0.3F),
    [CW_MAT_FUR] = MATT("fur", 0.20F, 0.12F, 0.065F, 1),
    [CW_MAT_CARDBOARD] = MATT("cardboard", 0.36F, 0.24F, 0.13F, 0.95F),
    [CW_MAT_CONE] = MATT("cone", 0.82F, 0.17F, 0.02F, 0.6F),
    [CW_MAT_STRIPE_RED] = MATT("red stripe", 0.60F, 0.03F, 0.03F, 0.4F),
    [CW_MAT_PAINT_WHITE] = METAL("white car paint", 0.74F, 0.74F, 0.73F, 0.22F, 0.1F),
    [CW_MAT_PAINT_BLACK] = METAL("black car paint", 0.018F, 0.018F, 0.02F, 0.22F, 0.1F),
    [CW_MAT_PAINT_SILVER] = METAL("silver car paint", 0.40F, 0.41F, 0.42F, 0.22F, 0.2F),
    [CW_MAT_PAINT_BLUE] = METAL("blue car paint", 0.025F, 0.065F, 0.21F, 0.22F, 0.1F),
    [CW_MAT_PAINT_RED] = METAL("red car paint", 0.42F, 0.02F, 0.022F, 0.22F, 0.1F),
    [CW_MAT_STRIPE_WHITE] = MATT("white stripe", 0.78F, 0.78F, 0.77F, 0.4F),
};

// Shares follow what is seen on roads: white, black, grey and silver before blue, red and the rest.
void cw_paint(uint32_t instance, float out[3]) {
    static const struct paint {
        double share;
        float color[3];
    } paints[] = {
        {0.20, {0.74F, 0.74F, 0.73F}},   {0.17, {0.018F, 0.018F, 0.02F}}, {0.17, {0.12F, 0.125F, 0.13F}},
        {0.13, {0.43F, 0.44F, 0.45F}},   {0.11, {0.025F, 0.065F, 0.21F}}, {0.09, {0.42F, 0.02F, 0.022F}},
        {0.04, {0.045F, 0.13F, 0.085F}}, {0.03, {0.40F, 0.30F, 0.19F}},   {0.03, {0.09F, 0.28F, 0.48F}},
        {0.02, {0.66F, 0.21F, 0.025F}},  {0.01, {0.70F, 0.52F, 0.03F}},
    };
    double draw = cw_rng_uniform((cw_rng_key){.seed = 1, .agent = instance, .purpose = 0x7061}, 0);
    size_t i = 0;
    while (i + 1 < sizeof paints / sizeof *paints && draw >= paints[i].share)
        draw -= paints[i++].share;
    for (int k = 0; k < 3; k++)
        out[k] = paints[i].color[k];
}

void cw_cloth(uint32_t instance, bool lower, float out[3]) {
    static const float cloths[2][8][3] = {{{0.55F, 0.06F, 0.05F},
                                           {0.07F, 0.15F, 0.40F},
                                           {0.60F, 0.58F, 0.54F},
                                           {0.03F, 0.03F, 0.035F},
                                           {0.10F, 0.28F, 0.14F},
                                           {0.62F, 0.42F, 0.08F},
                                           {0.30F, 0.31F, 0.33F},
                                           {0.35F, 0.12F, 0.28F}},
                                          {{0.03F, 0.05F, 0.12F},
                                           {0.025F, 0.025F, 0.028F},
                                           {0.14F, 0.14F, 0.15F},
                                           {0.30F, 0.24F, 0.16F},
                                           {0.06F, 0.10F, 0.20F},
                                           {0.09F, 0.06F, 0.045F},
                                           {0.05F, 0.07F, 0.05F},
                                           {0.20F, 0.21F, 0.24F}}};
    uint64_t draw = cw_rng_u64((cw_rng_key){.seed = 1, .agent = instance, .purpose = 0x636c}, lower ? 1 : 0);
    for (int k = 0; k < 3; k++)
        out[k] = cloths[lower ? 1 : 0][draw >> 61][k];
}

const char *cw_class_name(cw_class of) {
    static const char *const names[CW_CLASSES] = {
        "none",       "sky",     "road",   "marking",    "sidewalk",      "terrain",      "vegetation",
        "building",   "barrier", "bridge", "pole",       "traffic_light", "traffic_sign", "object",
        "rail",       "car",     "van",    "truck",      "bus",           "trailer",      "train",
        "motorcycle", "bicycle", "rider",  "pedestrian", "animal",        "cone",         "cargo"};
    return of < CW_CLASSES ? names[of] : "none";
}
