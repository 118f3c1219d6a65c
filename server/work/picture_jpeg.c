#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "work/picture.h"

struct errors {
    struct jpeg_error_mgr base;
    jmp_buf out;
};

static void give_up(j_common_ptr jpeg) { longjmp(((struct errors *)jpeg->err)->out, 1); }

static void warn(j_common_ptr jpeg, int level)   /* pixels that are not there are no picture; the rest is let be */
{
    if (level < 0 && (jpeg->err->msg_code == JWRN_JPEG_EOF || jpeg->err->msg_code == JWRN_HIT_MARKER))
        give_up(jpeg);
}

static void keep_quiet(j_common_ptr jpeg) {}

/* Print colours, as Adobe stores them: inverted. */
static void from_cmyk(uint8_t *line, uint32_t count)
{
    for (uint8_t *p = line; count > 0; count--, p += 4) {
        unsigned black = p[3];
        for (int i = 0; i < 3; i++)
            p[i] = (uint8_t)(p[i] * black / 255);
        p[3] = 255;
    }
}

static void set_output(struct jpeg_decompress_struct *jpeg, const struct shape *shape)
{
    uint32_t longer = shape->width > shape->height ? shape->width : shape->height;
    bool is_print = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = is_print ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg->scale_num = 1;   /* halving while it decodes: up to 64 times less to add up */
    for (jpeg->scale_denom = 1; jpeg->scale_denom < 8 && longer / (jpeg->scale_denom * 2) >= CANVAS_SIDE;)
        jpeg->scale_denom *= 2;
}

static bool decode(struct jpeg_decompress_struct *jpeg, struct span file, const struct shape *shape, struct canvas *ret)
{
    jpeg_mem_src(jpeg, (const unsigned char *)file.at, file.len);
    if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK || jpeg->image_width != shape->width || jpeg->image_height != shape->height)
        return false;
    set_output(jpeg, shape);
    if (!jpeg_start_decompress(jpeg) || jpeg->output_components != 4 || !canvas_init(ret, jpeg->output_width, jpeg->output_height))
        return false;
    JSAMPARRAY line = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint32_t y = jpeg->output_scanline;
        if (jpeg_read_scanlines(jpeg, line, 1) != 1)
            return false;
        if (jpeg->out_color_space == JCS_CMYK)
            from_cmyk(line[0], jpeg->output_width);
        canvas_draw(ret, y, 0, 1, jpeg->output_width, line[0]);
    }
    return jpeg_finish_decompress(jpeg);
}

bool picture_jpeg(struct span file, const struct shape *shape, struct canvas *ret)
{
    struct errors errors;
    struct jpeg_decompress_struct jpeg;
    volatile bool is_ok = false;
    jpeg.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = give_up;
    errors.base.emit_message = warn;
    errors.base.output_message = keep_quiet;
    if (setjmp(errors.out) == 0) {
        jpeg_create_decompress(&jpeg);
        is_ok = decode(&jpeg, file, shape, ret);
    } else {
        is_ok = false;
    }
    jpeg_destroy_decompress(&jpeg);
    return is_ok;
}
