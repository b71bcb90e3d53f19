// FFmpeg, opened when the first video is: linking it would cost every start of the program some 16 ms, and its GPL build
// stays optional. Each function is named once, in the table; its type comes from FFmpeg's own header.
#ifndef CW_RECORD_FFMPEG_H
#define CW_RECORD_FFMPEG_H

#if __has_include(<libavcodec/avcodec.h>) && __has_include(<libavformat/avformat.h>)
#define CW_HAVE_FFMPEG 1

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#pragma GCC diagnostic pop

#include <stdbool.h>
#include <stddef.h>

// library, function
#define FFMPEG_FUNCTIONS(X)                                                                                            \
    X(UTIL, av_log_set_level)                                                                                          \
    X(UTIL, av_opt_set)                                                                                                \
    X(UTIL, av_dict_set)                                                                                               \
    X(UTIL, av_dict_free)                                                                                              \
    X(UTIL, av_strerror)                                                                                               \
    X(UTIL, av_frame_alloc)                                                                                            \
    X(UTIL, av_frame_free)                                                                                             \
    X(UTIL, av_frame_get_buffer)                                                                                       \
    X(UTIL, av_frame_make_writable)                                                                                    \
    X(CODEC, av_packet_alloc)                                                                                          \
    X(CODEC, av_packet_free)                                                                                           \
    X(CODEC, av_packet_rescale_ts)                                                                                     \
    X(CODEC, avcodec_find_encoder_by_name)                                                                             \
    X(CODEC, avcodec_alloc_context3)                                                                                   \
    X(CODEC, avcodec_free_context)                                                                                     \
    X(CODEC, avcodec_open2)                                                                                            \
    X(CODEC, avcodec_parameters_from_context)                                                                          \
    X(CODEC, avcodec_send_frame)                                                                                       \
    X(CODEC, avcodec_receive_packet)                                                                                   \
    X(FORMAT, avformat_alloc_output_context2)                                                                          \
    X(FORMAT, avformat_free_context)                                                                                   \
    X(FORMAT, avformat_new_stream)                                                                                     \
    X(FORMAT, avformat_write_header)                                                                                   \
    X(FORMAT, av_interleaved_write_frame)                                                                              \
    X(FORMAT, av_write_trailer)                                                                                        \
    X(FORMAT, avio_open)                                                                                               \
    X(FORMAT, avio_closep)

typedef struct ffmpeg {
#define X(library, name) __typeof__(&name) name;
    FFMPEG_FUNCTIONS(X)
#undef X
} ffmpeg;

// Opens the libraries and looks every function up. False with *missing naming what was not found.
bool ffmpeg_open(ffmpeg *out, const char **missing);

#endif
#endif
