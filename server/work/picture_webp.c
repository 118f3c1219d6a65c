#include <stdlib.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "work/picture.h"

static uint32_t part(int n, uint32_t of, uint32_t whole) { return (uint32_t)((uint64_t)(unsigned)n * of / whole); }

/* The library makes it small itself, while it decodes. */
static bool draw(const WebPIterator *frame, const struct shape *shape, struct canvas *ret)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config) || frame->width < 1 || frame->height < 1 || frame->x_offset < 0 || frame->y_offset < 0
        || !frame->complete)
        return false;
    uint32_t width = part(frame->width, ret->width, shape->width), height = part(frame->height, ret->height, shape->height);
    config.options.use_scaling = 1;
    config.options.scaled_width = width > 0 ? (int)width : 1;
    config.options.scaled_height = height > 0 ? (int)height : 1;
    config.output.colorspace = MODE_RGBA;
    bool is_ok = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config) == VP8_STATUS_OK;
    const WebPRGBABuffer *pixels = &config.output.u.RGBA;
    for (int y = 0; is_ok && y < config.output.height; y++)
        canvas_draw(ret, part(frame->y_offset, ret->height, shape->height) + (uint32_t)y,
                    part(frame->x_offset, ret->width, shape->width), 1, (uint32_t)config.output.width,
                    pixels->rgba + (size_t)y * (size_t)pixels->stride);
    WebPFreeDecBuffer(&config.output);
    return is_ok;
}

bool picture_webp(struct span file, const struct shape *shape, struct canvas *ret)
{
    const WebPData data = { (const uint8_t *)file.at, file.len };
    WebPDemuxer *demuxer = WebPDemux(&data);
    WebPIterator frame;
    if (demuxer == NULL)
        return false;
    uint32_t width, height;
    scaled_size(shape->width, shape->height, CANVAS_SIDE, &width, &height);
    bool is_ok = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH) == shape->width
                 && WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT) == shape->height && canvas_init(ret, width, height);
    if (is_ok && (is_ok = WebPDemuxGetFrame(demuxer, 1, &frame))) {
        is_ok = draw(&frame, shape, ret);
        WebPDemuxReleaseIterator(&frame);
    }
    WebPDemuxDelete(demuxer);
    return is_ok;
}
