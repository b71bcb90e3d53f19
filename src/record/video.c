// Pictures to H.264 in MP4.
#include "causeway/record.h"
#include "ffmpeg.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef CW_HAVE_FFMPEG

enum { QUALITY = 23, THREADS = 2, SECONDS_BETWEEN_KEYS = 2 };

struct cw_video {
    ffmpeg av;
    cw_video_def def;
    char *path, *part; // where it will stand; where it is being written
    AVFormatContext *format;
    AVStream *stream;
    AVCodecContext *codec;
    AVFrame *frame;
    AVPacket *packet;
    int64_t count; // frames
    bool begun;    // the part exists
};

static cw_status fail(const cw_video *video, cw_error *err, const char *what, int code) {
    char text[128] = "";
    if (code != 0)
        video->av.av_strerror(code, text, sizeof text);
    return cw_error_set(err, code == AVERROR(ENOMEM) ? CW_ERR_MEMORY : CW_ERR_IO, video->path, 0, 0, "%s%s%s", what,
                        code != 0 ? ": " : "", text);
}

void cw_video_abandon(cw_video *video) {
    if (video == NULL)
        return;
    if (video->packet != NULL)
        video->av.av_packet_free(&video->packet);
    if (video->frame != NULL)
        video->av.av_frame_free(&video->frame);
    if (video->codec != NULL)
        video->av.avcodec_free_context(&video->codec);
    if (video->format != NULL) {
        if (video->format->pb != NULL)
            video->av.avio_closep(&video->format->pb);
        video->av.avformat_free_context(video->format);
    }
    if (video->begun)
        unlink(video->part + strlen("file:"));
    free(video->path);
    free(video->part);
    free(video);
}

static cw_status open_codec(cw_video *video, cw_error *err) {
    const ffmpeg *av = &video->av;
    const AVCodec *encoder = av->avcodec_find_encoder_by_name("libx264");
    if (encoder == NULL)
        return cw_error_set(err, CW_ERR_UNSUPPORTED, video->path, 0, 0,
                            "this build of FFmpeg has no H.264 encoder (libx264)");
    video->codec = av->avcodec_alloc_context3(encoder);
    if (video->codec == NULL)
        return fail(video, err, "cannot set the encoder up", AVERROR(ENOMEM));
    AVCodecContext *codec = video->codec;
    codec->width = video->def.width;
    codec->height = video->def.height;
    codec->pix_fmt = AV_PIX_FMT_YUV420P;
    codec->time_base = (AVRational){1, video->def.frames_per_second};
    codec->framerate = (AVRational){video->def.frames_per_second, 1};
    codec->gop_size = SECONDS_BETWEEN_KEYS * video->def.frames_per_second;
    codec->color_range = AVCOL_RANGE_MPEG;
    codec->colorspace = AVCOL_SPC_BT709;
    codec->color_primaries = AVCOL_PRI_BT709;
    codec->color_trc = AVCOL_TRC_BT709;
    codec->thread_count = THREADS; // fixed: the bits depend on it
    codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    char quality[16];
    snprintf(quality, sizeof quality, "%d", video->def.quality > 0 ? video->def.quality : QUALITY);
    av->av_opt_set(codec->priv_data, "preset", "superfast", 0);
    av->av_opt_set(codec->priv_data, "crf", quality, 0);
    int code = av->avcodec_open2(codec, encoder, NULL);
    return code < 0 ? fail(video, err, "cannot open the H.264 encoder", code) : CW_OK;
}

static cw_status open_file(cw_video *video, cw_error *err) {
    const ffmpeg *av = &video->av;
    int code = av->avformat_alloc_output_context2(&video->format, NULL, "mp4", video->part);
    if (code < 0)
        return fail(video, err, "cannot set the MP4 writer up", code);
    video->format->flags |= AVFMT_FLAG_BITEXACT;
    video->stream = av->avformat_new_stream(video->format, NULL);
    if (video->stream == NULL)
        return fail(video, err, "cannot set the MP4 writer up", AVERROR(ENOMEM));
    video->stream->time_base = video->codec->time_base;
    video->stream->avg_frame_rate = video->codec->framerate;
    code = av->avcodec_parameters_from_context(video->stream->codecpar, video->codec);
    if (code < 0)
        return fail(video, err, "cannot set the MP4 writer up", code);
    code = av->avio_open(&video->format->pb, video->part, AVIO_FLAG_WRITE);
    if (code < 0)
        return fail(video, err, "cannot write", code);
    video->begun = true;
    AVDictionary *options = NULL;
    av->av_dict_set(&options, "movflags", "+faststart", 0);
    code = av->avformat_write_header(video->format, &options);
    av->av_dict_free(&options);
    return code < 0 ? fail(video, err, "cannot write", code) : CW_OK;
}

static cw_status open_frame(cw_video *video, cw_error *err) {
    video->frame = video->av.av_frame_alloc();
    video->packet = video->av.av_packet_alloc();
    if (video->frame == NULL || video->packet == NULL)
        return fail(video, err, "cannot make a picture", AVERROR(ENOMEM));
    video->frame->format = AV_PIX_FMT_YUV420P;
    video->frame->width = video->def.width;
    video->frame->height = video->def.height;
    int code = video->av.av_frame_get_buffer(video->frame, 0);
    return code < 0 ? fail(video, err, "cannot make a picture", code) : CW_OK;
}

cw_status cw_video_open(const char *path, const cw_video_def *def, cw_video **out, cw_error *err) {
    assert(path != NULL && def != NULL && out != NULL);
    assert(def->width > 0 && def->height > 0 && def->width % 2 == 0 && def->height % 2 == 0);
    assert(def->frames_per_second > 0 && def->quality >= 0 && def->quality <= 51);
    *out = NULL;
    cw_video *video = calloc(1, sizeof *video);
    if (video == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    const char *missing = "";
    if (!ffmpeg_open(&video->av, &missing)) {
        free(video);
        return cw_error_set(err, CW_ERR_UNSUPPORTED, path, 0, 0,
                            "a video needs FFmpeg (%s is missing): apt-get install libavcodec59 libavformat59",
                            missing);
    }
    video->av.av_log_set_level(AV_LOG_QUIET);
    video->def = *def;
    // "file:" keeps a name with a colon from being taken for a protocol; the process number keeps two runs apart.
    size_t size = strlen(path) + 64;
    video->path = malloc(size);
    video->part = malloc(size);
    cw_status status = CW_OK;
    if (video->path == NULL || video->part == NULL) {
        status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    } else {
        snprintf(video->path, size, "%s", path);
        snprintf(video->part, size, "file:%s.part-%ld", path, (long)getpid());
        status = open_codec(video, err);
    }
    if (status == CW_OK)
        status = open_file(video, err);
    if (status == CW_OK)
        status = open_frame(video, err);
    if (status != CW_OK) {
        cw_video_abandon(video);
        return status;
    }
    *out = video;
    return CW_OK;
}

// BT.709, limited range, in 8-bit fixed point that fits 16 bits, which every instruction set multiplies fast. The
// coefficients of colour add up to nothing, so that grey stays grey; colour is the mean of four pixels.
static void convert_luma(uint8_t *restrict luma, const uint32_t *restrict row, int width) {
    for (int x = 0; x < width; x++) {
        uint16_t r = (uint16_t)(row[x] >> 16 & 255), g = (uint16_t)(row[x] >> 8 & 255), b = (uint16_t)(row[x] & 255);
        luma[x] = (uint8_t)((((uint16_t)(47 * r + 157 * g + 16 * b + 128)) >> 8) + 16);
    }
}

static void convert_color(uint8_t *restrict cb, uint8_t *restrict cr, const uint32_t *restrict upper,
                          const uint32_t *restrict lower, int width) {
    for (int x = 0; x < width / 2; x++) {
        // Two channels at once, each with room for the sum of four.
        uint32_t p = upper[2 * x], q = upper[2 * x + 1], s = lower[2 * x], t = lower[2 * x + 1];
        uint32_t rb = (p & 0xFF00FF) + (q & 0xFF00FF) + (s & 0xFF00FF) + (t & 0xFF00FF) + 0x20002;
        uint32_t green = (p >> 8 & 255) + (q >> 8 & 255) + (s >> 8 & 255) + (t >> 8 & 255) + 2;
        int16_t r = (int16_t)(rb >> 18), g = (int16_t)(green >> 2), b = (int16_t)((rb & 0xFFFF) >> 2);
        cb[x] = (uint8_t)(((int16_t)(-26 * r - 86 * g + 112 * b + 128) >> 8) + 128);
        cr[x] = (uint8_t)(((int16_t)(112 * r - 102 * g - 10 * b + 128) >> 8) + 128);
    }
}

static void convert(AVFrame *frame, const void *pixels, size_t stride, int width, int height) {
    for (int y = 0; y < height; y += 2) {
        const uint32_t *upper = (const void *)((const char *)pixels + (size_t)y * stride);
        const uint32_t *lower = (const void *)((const char *)pixels + (size_t)(y + 1) * stride);
        convert_luma(frame->data[0] + (ptrdiff_t)y * frame->linesize[0], upper, width);
        convert_luma(frame->data[0] + (ptrdiff_t)(y + 1) * frame->linesize[0], lower, width);
        convert_color(frame->data[1] + (ptrdiff_t)(y / 2) * frame->linesize[1],
                      frame->data[2] + (ptrdiff_t)(y / 2) * frame->linesize[2], upper, lower, width);
    }
}

// Writes what the encoder has ready.
static cw_status drain(cw_video *video, cw_error *err) {
    const ffmpeg *av = &video->av;
    for (;;) {
        int code = av->avcodec_receive_packet(video->codec, video->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            return CW_OK;
        if (code < 0)
            return fail(video, err, "the encoder failed", code);
        video->packet->duration = 1; // the encoder leaves it out, and the last frame would have none
        av->av_packet_rescale_ts(video->packet, video->codec->time_base, video->stream->time_base);
        video->packet->stream_index = video->stream->index;
        code = av->av_interleaved_write_frame(video->format, video->packet);
        if (code < 0)
            return fail(video, err, "cannot write", code);
    }
}

cw_status cw_video_add(cw_video *video, const void *pixels, size_t stride, cw_error *err) {
    assert(video != NULL && pixels != NULL && stride >= (size_t)video->def.width * 4 && stride % 4 == 0);
    int code = video->av.av_frame_make_writable(video->frame);
    if (code < 0)
        return fail(video, err, "cannot make a picture", code);
    convert(video->frame, pixels, stride, video->def.width, video->def.height);
    video->frame->pts = video->count++;
    code = video->av.avcodec_send_frame(video->codec, video->frame);
    if (code < 0)
        return fail(video, err, "the encoder failed", code);
    return drain(video, err);
}

cw_status cw_video_close(cw_video *video, cw_error *err) {
    assert(video != NULL);
    int code = video->av.avcodec_send_frame(video->codec, NULL);
    cw_status status = code < 0 ? fail(video, err, "the encoder failed", code) : drain(video, err);
    if (status == CW_OK) {
        code = video->av.av_write_trailer(video->format);
        if (code >= 0)
            code = video->av.avio_closep(&video->format->pb);
        if (code < 0)
            status = fail(video, err, "cannot write", code);
    }
    if (status == CW_OK && rename(video->part + strlen("file:"), video->path) != 0)
        status = cw_error_set(err, CW_ERR_IO, video->path, 0, 0, "cannot rename: %s", strerror(errno));
    else if (status == CW_OK)
        video->begun = false;
    cw_video_abandon(video);
    return status;
}

#else

struct cw_video {
    char unused;
};

cw_status cw_video_open(const char *path, const cw_video_def *def, cw_video **video, cw_error *err) {
    assert(path != NULL && def != NULL && video != NULL);
    (void)def;
    *video = NULL;
    return cw_error_set(err, CW_ERR_UNSUPPORTED, path, 0, 0,
                        "built without video: apt-get install libavcodec-dev libavformat-dev, then build again");
}

// No video is ever opened, so that none of these is ever called rightly.
cw_status cw_video_add(cw_video *video, const void *pixels, size_t stride, cw_error *err) {
    (void)video, (void)pixels, (void)stride;
    return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0, "built without video");
}

cw_status cw_video_close(cw_video *video, cw_error *err) {
    (void)video;
    return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0, "built without video");
}

void cw_video_abandon(cw_video *video) {
    (void)video;
}

#endif
