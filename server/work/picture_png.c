#include <stdlib.h>

#include <png.h>

#include "work/picture.h"

#define CHUNK_BYTES (1u << 20)   /* of what a chunk may unpack to */

static void give_up(png_structp png, png_const_charp what) { png_longjmp(png, 1); }
static void warn(png_structp png, png_const_charp what) {}

static void read_bytes(png_structp png, png_bytep to, size_t bytes)
{
    struct span *rest = png_get_io_ptr(png);
    if (bytes > rest->len)
        png_error(png, "it ends early");
    memcpy(to, rest->at, bytes);
    rest->at += bytes;
    rest->len -= bytes;
}

static void set_limits(png_structp png)
{
    static const uint8_t unread[] = "iCCP\0zTXt\0iTXt\0tEXt\0eXIf\0sPLT\0hIST\0tIME\0pCAL\0sCAL\0oFFs";
    png_set_user_limits(png, LOOK_SIDE_MAX, LOOK_SIDE_MAX);
    png_set_chunk_malloc_max(png, CHUNK_BYTES);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, sizeof unread / 5);
}

/* Lines as they come: of an interlaced picture every pass draws its own pixels, so that none is kept. */
static void draw(png_structp png, const struct shape *shape, bool is_interlaced, png_bytep line, struct canvas *ret)
{
    for (int pass = 0; pass < (is_interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1); pass++) {
        uint32_t x = is_interlaced ? PNG_PASS_START_COL(pass) : 0, y = is_interlaced ? PNG_PASS_START_ROW(pass) : 0;
        uint32_t step_x = is_interlaced ? 1u << PNG_PASS_COL_SHIFT(pass) : 1, step_y = is_interlaced ? 1u << PNG_PASS_ROW_SHIFT(pass) : 1;
        uint32_t count = is_interlaced ? PNG_PASS_COLS(shape->width, pass) : shape->width;
        for (; count > 0 && y < shape->height; y += step_y) {
            png_read_row(png, line, NULL);
            canvas_draw(ret, y, x, step_x, count, line);
        }
    }
}

static bool decode(png_structp png, png_infop info, const struct shape *shape, png_bytep line, struct canvas *ret)
{
    png_read_info(png, info);
    if (png_get_image_width(png, info) != shape->width || png_get_image_height(png, info) != shape->height)
        return false;
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    png_start_read_image(png);
    if (png_get_rowbytes(png, info) > (size_t)8 * shape->width)
        return false;
    draw(png, shape, png_get_interlace_type(png, info) != PNG_INTERLACE_NONE, line, ret);
    png_read_end(png, info);
    return true;
}

bool picture_png(struct span file, const struct shape *shape, struct canvas *ret)
{
    volatile bool is_ok = false;
    struct span rest = file;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, give_up, warn);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    png_bytep line = calloc(shape->width, 8);
    if (info != NULL && line != NULL && canvas_init(ret, shape->width, shape->height)) {
        if (setjmp(png_jmpbuf(png)) == 0) {
            set_limits(png);
            png_set_read_fn(png, &rest, read_bytes);
            is_ok = decode(png, info, shape, line, ret);
        } else {
            is_ok = false;
        }
    }
    png_destroy_read_struct(&png, &info, NULL);
    free(line);
    return is_ok;
}
