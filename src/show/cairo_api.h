// cairo, opened when the first picture is drawn: linking it would cost every start of the program. Each function is named
// once, in the table; its type comes from cairo's own header.
#ifndef CW_SHOW_CAIRO_API_H
#define CW_SHOW_CAIRO_API_H

#if __has_include(<cairo/cairo.h>)
#define CW_HAVE_CAIRO 1

#include <cairo/cairo.h>
#include <stdbool.h>

#define CAIRO_FUNCTIONS(X)                                                                                             \
    X(image_surface_create)                                                                                            \
    X(image_surface_get_data)                                                                                          \
    X(image_surface_get_stride)                                                                                        \
    X(surface_mark_dirty)                                                                                              \
    X(surface_flush)                                                                                                   \
    X(surface_destroy)                                                                                                 \
    X(surface_status)                                                                                                  \
    X(surface_write_to_png)                                                                                            \
    X(create)                                                                                                          \
    X(destroy)                                                                                                         \
    X(status)                                                                                                          \
    X(status_to_string)                                                                                                \
    X(save)                                                                                                            \
    X(restore)                                                                                                         \
    X(translate)                                                                                                       \
    X(rotate)                                                                                                          \
    X(scale)                                                                                                           \
    X(identity_matrix)                                                                                                 \
    X(set_source_rgba)                                                                                                 \
    X(set_source)                                                                                                      \
    X(pattern_create_linear)                                                                                           \
    X(pattern_add_color_stop_rgba)                                                                                     \
    X(pattern_destroy)                                                                                                 \
    X(paint)                                                                                                           \
    X(new_path)                                                                                                        \
    X(new_sub_path)                                                                                                    \
    X(move_to)                                                                                                         \
    X(line_to)                                                                                                         \
    X(curve_to)                                                                                                        \
    X(arc)                                                                                                             \
    X(rectangle)                                                                                                       \
    X(close_path)                                                                                                      \
    X(clip)                                                                                                            \
    X(fill)                                                                                                            \
    X(fill_preserve)                                                                                                   \
    X(stroke)                                                                                                          \
    X(set_line_width)                                                                                                  \
    X(set_line_cap)                                                                                                    \
    X(set_line_join)                                                                                                   \
    X(set_dash)                                                                                                        \
    X(set_antialias)                                                                                                   \
    X(set_tolerance)                                                                                                   \
    X(select_font_face)                                                                                                \
    X(set_font_size)                                                                                                   \
    X(show_text)                                                                                                       \
    X(text_extents)

typedef struct cairo_api {
#define X(name) __typeof__(&cairo_##name) name;
    CAIRO_FUNCTIONS(X)
#undef X
} cairo_api;

// False with *missing naming what was not found.
bool cairo_api_open(cairo_api *out, const char **missing);

#endif
#endif
