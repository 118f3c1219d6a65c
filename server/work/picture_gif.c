#include <stdlib.h>

#include <gif_lib.h>

#include "work/picture.h"

struct frame {
    int transparent;          /* the colour that is none, or -1 */
    GifPixelType *line;
    uint8_t *rgba;
};

static int read_bytes(GifFileType *gif, GifByteType *to, int bytes)
{
    struct span *rest = gif->UserData;
    size_t n = bytes < 0 ? 0 : (size_t)bytes < rest->len ? (size_t)bytes : rest->len;
    memcpy(to, rest->at, n);
    rest->at += n;
    rest->len -= n;
    return (int)n;
}

static bool draw_line(GifFileType *gif, const struct frame *f, uint32_t y, struct canvas *ret)
{
    const GifImageDesc *image = &gif->Image;
    const ColorMapObject *map = image->ColorMap != NULL ? image->ColorMap : gif->SColorMap;
    if (DGifGetLine(gif, f->line, image->Width) != GIF_OK)
        return false;
    for (int x = 0; x < image->Width; x++) {
        int colour = f->line[x];
        uint8_t *p = f->rgba + (size_t)4 * (unsigned)x;
        bool is_drawn = colour < map->ColorCount && colour != f->transparent;
        p[0] = is_drawn ? map->Colors[colour].Red : 0;
        p[1] = is_drawn ? map->Colors[colour].Green : 0;
        p[2] = is_drawn ? map->Colors[colour].Blue : 0;
        p[3] = is_drawn ? 255 : 0;
    }
    canvas_draw(ret, (uint32_t)image->Top + y, (uint32_t)image->Left, 1, (uint32_t)image->Width, f->rgba);
    return true;
}

static bool draw(GifFileType *gif, struct frame *f, struct canvas *ret)
{
    static const struct { uint32_t from, step; } passes[] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 }, { 0, 1 } };
    const GifImageDesc *image = &gif->Image;
    if (image->Width < 1 || image->Height < 1 || image->Left < 0 || image->Top < 0
        || (uint64_t)image->Width * (uint64_t)image->Height > LOOK_PIXELS_MAX || (image->ColorMap == NULL && gif->SColorMap == NULL))
        return false;
    f->line = calloc((size_t)image->Width, sizeof *f->line);
    f->rgba = calloc((size_t)image->Width, 4);
    bool is_ok = f->line != NULL && f->rgba != NULL;
    for (int pass = image->Interlace ? 0 : 4; is_ok && pass < (image->Interlace ? 4 : 5); pass++)
        for (uint32_t y = passes[pass].from; is_ok && y < (uint32_t)image->Height; y += passes[pass].step)
            is_ok = draw_line(gif, f, y, ret);
    free(f->line);
    free(f->rgba);
    return is_ok;
}

static bool read_extension(GifFileType *gif, struct frame *f)
{
    int code;
    GifByteType *bytes;
    GraphicsControlBlock control;
    if (DGifGetExtension(gif, &code, &bytes) != GIF_OK)
        return false;
    if (code == GRAPHICS_EXT_FUNC_CODE && bytes != NULL && DGifExtensionToGCB(bytes[0], bytes + 1, &control) == GIF_OK)
        f->transparent = control.TransparentColor;
    while (bytes != NULL)
        if (DGifGetExtensionNext(gif, &bytes) != GIF_OK)
            return false;
    return true;
}

static bool read_first(GifFileType *gif, struct canvas *ret)
{
    struct frame f = { .transparent = NO_TRANSPARENT_COLOR };
    for (GifRecordType type; DGifGetRecordType(gif, &type) == GIF_OK;) {
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(gif) == GIF_OK && draw(gif, &f, ret);
        if (type != EXTENSION_RECORD_TYPE || !read_extension(gif, &f))
            return false;
    }
    return false;
}

bool picture_gif(struct span file, const struct shape *shape, struct canvas *ret)
{
    int error;
    struct span rest = file;
    GifFileType *gif = DGifOpen(&rest, read_bytes, &error);
    if (gif == NULL)
        return false;
    bool is_ok = canvas_init(ret, shape->width, shape->height) && read_first(gif, ret);
    (void)DGifCloseFile(gif, &error);
    return is_ok;
}
