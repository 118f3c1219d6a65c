/* Proves that similar titles are found by any of their words, the most alike first, and only where the asker may read;
 * and that titles which they may not see move nothing. */
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

struct found { size_t count; bz_id thread[BZ_LIMIT_SIMILAR_MAX]; };
static void on_thread(void *ctx, const struct thread_row *row)
{
    struct found *f = ctx;
    assert_true(f->count < BZ_LIMIT_SIMILAR_MAX);
    f->thread[f->count++] = row->id;
}

static struct found similar(struct viewer v, bz_id room, const char *text)
{
    struct bz_error e = { 0 };
    struct found f = { 0 };
    must(query_similar(look(w), v, span_of(text), room, BZ_LIMIT_SIMILAR_MAX, on_thread, &f, &e), &e);
    return f;
}

static bz_id title(bz_id room, const char *text) { return add_thread(w, w->admin, room, text, "text"); }

static void the_most_alike_comes_first(void **state)
{
    const struct viewer admin = { w->admin, ROLE_ADMIN };
    bz_id pay = title(w->general, "How do cities pay minibus drivers?");
    bz_id drivers = title(w->general, "Training for drivers");
    bz_id stops = title(w->general, "Où mettre les arrêts de minibus à Dakar");
    struct found f = similar(admin, 0, "How to pay the minibus drivers");
    assert_int_equal(f.count, 3);
    assert_int_equal(f.thread[0], pay);
    assert_int_equal(f.thread[1], stops);      /* one word of seven letters each: the newer first */
    assert_int_equal(f.thread[2], drivers);
    f = similar(admin, 0, "ARRETS a dak");     /* folded, the last word a beginning */
    assert_int_equal(f.count, 1);
    assert_int_equal(f.thread[0], stops);
    assert_int_equal(similar(admin, 0, "how much does it cost").count, 0);   /* "how" alone is chance */
    assert_int_equal(similar(admin, 0, "?! \"*\" -").count, 0);
    assert_int_equal(similar(admin, 0, "general").count, 0);                 /* a lobby is no thread to point to */
    bz_id room = add_room(w, "other", ACCESS_OPEN);
    bz_id elsewhere = title(room, "Minibus drivers");
    assert_int_equal(similar(admin, room, "minibus drivers").thread[0], elsewhere);
    assert_int_equal(similar(admin, room, "minibus drivers").count, 1);
    bz_id spaceless = title(w->general, "城市的公共交通");
    assert_int_equal(similar(admin, 0, "公共交通").thread[0], spaceless);
    for (int i = 0; i < 10; i++)
        (void)title(room, "Minibus drivers again");
    assert_int_equal(similar(admin, 0, "minibus drivers").count, BZ_LIMIT_SIMILAR_MAX);
}

static void what_is_hidden_is_not_found_and_moves_nothing(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MODERATOR);
    const struct viewer outside = { ana, ROLE_MODERATOR }, inside = { w->admin, ROLE_ADMIN };
    (void)title(w->general, "walnut harvest");
    (void)title(w->general, "almond harvest");
    struct found before = similar(outside, 0, "walnut almond");
    assert_int_equal(before.count, 2);
    bz_id closed = add_room(w, "closed", ACCESS_PRIVATE);
    for (int i = 0; i < 20; i++)
        (void)title(closed, "almond almond");
    struct found after = similar(outside, 0, "walnut almond");
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(similar(outside, closed, "almond").count, 0);
    assert_int_equal(similar(inside, closed, "almond").count, BZ_LIMIT_SIMILAR_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_most_alike_comes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_hidden_is_not_found_and_moves_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
