/* The hub's key is a file that is whole or not there, and of this user alone; a broken one says what is to be done. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "folder.h"
#include "store/key.h"

static char dir[FOLDER_BYTES], path[100];
static const char *fault;

static int64_t now(void *ctx) { return 1; }
static void random_bytes(void *ctx, void *ret, size_t bytes) { randombytes_buf(ret, bytes); }
static bool does_fail(void *ctx, const char *site) { return fault != NULL && strcmp(site, fault) == 0; }
static const struct env env = { .now_ms = now, .random = random_bytes, .fault = does_fail };

static int setup(void **state)
{
    fault = NULL;
    assert_true(folder_make(dir, "key"));
    snprintf(path, sizeof path, "%s/hub.key", dir);
    return sodium_init() < 0;
}

static int teardown(void **state)
{
    char part[120];
    snprintf(part, sizeof part, "%s.part", path);
    (void)unlink(part);
    (void)unlink(path);
    return rmdir(dir);
}

static void put(const char *text, size_t len, mode_t mode)
{
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0 && write(fd, text, len) == (ssize_t)len && fchmod(fd, mode) == 0);
    close(fd);
}

static size_t contents(char ret[100])
{
    int fd = open(path, O_RDONLY);
    ssize_t got = fd < 0 ? -1 : read(fd, ret, 100);
    close(fd);
    assert_true(got >= 0);
    return (size_t)got;
}

static void refused(const char *with)
{
    struct hub_key key;
    struct bz_error e = { 0 };
    errno = EEXIST;   /* what happened before is not the reason */
    assert_int_equal(hub_key_load(dir, &env, &key, &e), BZ_ERR_STORE);
    if (strstr(e.text, with) == NULL || strstr(e.text, "File exists") != NULL)
        fail_msg("it says: %s", e.text);
}

static void it_is_made_once_and_read_again(void **state)
{
    struct hub_key key, again;
    struct bz_error e = { 0 };
    struct stat st;
    (void)umask(0);
    must(hub_key_load(dir, &env, &key, &e), &e);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 44);
    must(hub_key_load(dir, &env, &again, &e), &e);
    assert_memory_equal(&again, &key, sizeof key);
    char text[100], part[120];
    size_t len = contents(text);
    put(text, len - 1, 0400);   /* an editor that ends no lines, and a file that is only read */
    must(hub_key_load(dir, &env, &again, &e), &e);
    assert_memory_equal(&again, &key, sizeof key);
    snprintf(part, sizeof part, "%s.part", path);
    assert_int_not_equal(access(part, F_OK), 0);
}

static void a_broken_one_is_left_and_named(void **state)
{
    struct hub_key key;
    struct bz_error e = { 0 };
    char text[100], after[100];
    must(hub_key_load(dir, &env, &key, &e), &e);
    size_t whole = contents(text);
    put("", 0, 0600);
    refused("hub.key is empty; put it back");
    for (size_t len = 1; len < whole - 1; len++) {
        put(text, len, 0600);
        refused("hub.key is damaged; put it back");
        assert_int_equal(contents(after), len);
    }
    text[5] = '!';
    put(text, whole, 0600);
    refused("damaged");
    text[whole] = 'x';
    put(text, whole + 1, 0600);
    refused("damaged");
}

static void one_that_others_can_open_is_refused(void **state)
{
    struct hub_key key, again;
    struct bz_error e = { 0 };
    must(hub_key_load(dir, &env, &key, &e), &e);
    static const mode_t open_modes[] = { 0640, 0620, 0610, 0604, 0602, 0601, 0666 };
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        assert_int_equal(chmod(path, open_modes[i]), 0);
        refused("close it with `chmod 600`");
    }
    assert_int_equal(chmod(path, 0600), 0);
    must(hub_key_load(dir, &env, &again, &e), &e);
    if (geteuid() == 0) {   /* only root can give a file away */
        assert_int_equal(chown(path, 1234, 0), 0);
        refused("belongs to user 1234");
    }
    char other[120];
    snprintf(other, sizeof other, "%s.part", path);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    refused("is a link");
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    refused("not a plain file");
}

static void making_it_is_all_or_nothing(void **state)
{
    struct hub_key key;
    struct bz_error e = { 0 };
    char part[120];
    snprintf(part, sizeof part, "%s.part", path);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL, 0600);   /* of a start that was cut off */
    assert_int_equal(write(fd, "half", 4), 4);
    close(fd);
    fault = "store.key.rename";
    refused("could not make hub.key");
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(part, F_OK), 0);
    fault = NULL;
    must(hub_key_load(dir, &env, &key, &e), &e);
    assert_int_not_equal(access(part, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_made_once_and_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_one_is_left_and_named, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_others_can_open_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(making_it_is_all_or_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
