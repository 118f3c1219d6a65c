/* What a snapshot names is not removed while it is taken along; a copy or a restore that fails leaves nothing that looks whole. */
#include "world.h"

#include <sys/stat.h>

static struct world *w;

static int setup(void **state)
{
    w = world_hub();
    return 0;
}

static int teardown(void **state)
{
    world_free(w);
    return 0;
}

#define ID "0123456789abcdef0123456789abcdef"
#define BYTES "the plan of the city"

static bool is_there(const char *root)
{
    unsigned char hash[32];
    char name[65], path[300];
    struct stat st;
    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)BYTES, strlen(BYTES), NULL, 0);
    (void)sodium_bin2hex(name, sizeof name, hash, sizeof hash);
    (void)snprintf(path, sizeof path, "%s/%.2s/%s", root, name, name);
    return stat(path, &st) == 0 && st.st_size == (off_t)strlen(BYTES);
}

static void tend(int64_t now_ms)
{
    struct bz_error e = { 0 };
    bool has_more = true;
    for (int folder = 0; has_more;) {
        must(db_begin(w->db, &e), &e);
        must(upload_tend(w->db, w->dir, now_ms, &folder, &has_more, &e), &e);
        must(db_commit(w->db, &e), &e);
    }
}

static void what_is_held_stays(void **state)
{
    struct bz_error e = { 0 };
    char files[100];
    int hold;
    add_upload(w, w->admin, ID, "plan.txt", BYTES, NULL);
    world_upload(w, (struct command){ .kind = COMMAND_UPLOAD_DROP, .actor = w->admin, .upload = SPAN(ID) });
    (void)snprintf(files, sizeof files, "%s/files", w->dir);
    must(blob_hold(w->dir, &hold, &e), &e);
    tend(w->clock_ms + 2 * UNNAMED_MS);
    assert_true(is_there(files));
    int other;
    must(blob_hold(w->dir, &other, &e), &e);   /* two copies at once */
    close(hold);
    tend(w->clock_ms + 2 * UNNAMED_MS);
    assert_true(is_there(files));
    close(other);
    tend(w->clock_ms + 2 * UNNAMED_MS);
    assert_false(is_there(files));
    (void)rmdir(files);
    must(blob_hold("/tmp/baraza-no-such-folder", &hold, &e), &e);
    assert_int_equal(hold, -1);
}

static bool exists(const char *name, const char *suffix)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s%s", name, suffix);
    return access(path, F_OK) == 0;
}

static void what_fails_leaves_nothing_that_looks_whole(void **state)
{
    struct bz_error e = { 0 };
    struct kept kept;
    char copy[100], back[100], files[120];
    add_upload(w, w->admin, ID, "plan.txt", BYTES, NULL);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", w->dir);
    (void)snprintf(back, sizeof back, "%s-restored", w->dir);
    w->fault = "store.backup.rename";
    assert_int_equal(store_backup(w->reader, w->dir, copy, &kept, &e), BZ_ERR_STORE);
    w->fault = NULL;
    assert_false(exists(copy, "") || exists(copy, ".part") || exists(copy, ".files") || exists(copy, ".files.part"));
    must(store_backup(w->reader, w->dir, copy, &kept, &e), &e);
    assert_int_equal(kept.files, 1);
    assert_int_equal(kept.bytes, strlen(BYTES));
    (void)snprintf(files, sizeof files, "%s.files", copy);
    assert_true(is_there(files));

    struct restore_request request = { .path = copy, .db = { .dir = back, .env = &w->env } };
    w->fault = "store.keep.file";
    assert_int_equal(store_restore(&request, &kept, &e), BZ_ERR_STORE);
    w->fault = NULL;
    assert_false(exists(back, "/baraza.db"));
    must(store_restore(&request, &kept, &e), &e);
    assert_int_equal(kept.files, 1);
    (void)snprintf(files, sizeof files, "%s/files", back);
    assert_true(is_there(files));
    remove_dir(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_held_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_fails_leaves_nothing_that_looks_whole, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
