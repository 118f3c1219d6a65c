#include "work/picture.h"

#include <stdlib.h>

void scaled_size(uint32_t width, uint32_t height, uint32_t side, uint32_t *ret_width, uint32_t *ret_height)
{
    uint32_t longer = width > height ? width : height;
    *ret_width = longer <= side ? width : (uint32_t)(((uint64_t)width * side + longer / 2) / longer);
    *ret_height = longer <= side ? height : (uint32_t)(((uint64_t)height * side + longer / 2) / longer);
    *ret_width = *ret_width > 0 ? *ret_width : 1;
    *ret_height = *ret_height > 0 ? *ret_height : 1;
}

bool canvas_init(struct canvas *c, uint32_t width, uint32_t height)
{
    *c = (struct canvas){ .width = width, .height = height };
    scaled_size(width, height, CANVAS_SIDE, &c->cells_x, &c->cells_y);
    c->sums = calloc((size_t)c->cells_x * c->cells_y, 4 * sizeof *c->sums);
    c->column = calloc(width, sizeof *c->column);
    if (c->sums == NULL || c->column == NULL)
        return false;
    for (uint32_t x = 0; x < width; x++)
        c->column[x] = (uint16_t)((uint64_t)x * c->cells_x / width);
    return true;
}

void canvas_done(struct canvas *c)
{
    free(c->sums);
    free(c->column);
    *c = (struct canvas){ 0 };
}

void canvas_draw(struct canvas *c, uint32_t y, uint32_t x, uint32_t step, uint32_t count, const uint8_t *rgba)
{
    if (y >= c->height)
        return;
    uint32_t *line = c->sums + (size_t)4 * c->cells_x * (uint32_t)((uint64_t)y * c->cells_y / c->height);
    for (uint32_t i = 0; i < count && x < c->width; i++, x += step, rgba += 4) {
        uint32_t *cell = line + (size_t)4 * c->column[x], alpha = rgba[3];
        cell[0] += rgba[0] * alpha;
        cell[1] += rgba[1] * alpha;
        cell[2] += rgba[2] * alpha;
        cell[3] += alpha;
    }
}

bool picture_look(struct span file, struct buf *thumb, struct look *ret)
{
    struct shape shape;
    struct canvas canvas = { 0 };
    bool is_ok = shape_read(file, &shape)
                 && (shape.type == LOOK_PNG    ? picture_png(file, &shape, &canvas)
                     : shape.type == LOOK_JPEG ? picture_jpeg(file, &shape, &canvas)
                     : shape.type == LOOK_GIF  ? picture_gif(file, &shape, &canvas)
                                               : picture_webp(file, &shape, &canvas))
                 && thumb_make(&canvas, shape.turn, thumb, ret->placeholder);
    canvas_done(&canvas);
    if (!is_ok)
        return false;
    bool is_turned = shape.turn >= 5;
    ret->type = shape.type;
    ret->width = is_turned ? shape.height : shape.width;
    ret->height = is_turned ? shape.width : shape.height;
    ret->thumb = buf_span(thumb);
    return true;
}
