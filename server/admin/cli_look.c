/* What a hub would make of a file that is shared in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/cli.h"
#include "admin/serve.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "work/look.h"

#define SHOWN_BYTES 300   /* of the words found */

static void print_text(struct span text)
{
    size_t words = 0, shown = 0;
    bool is_in_word = false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_blank = text.at[i] == ' ' || text.at[i] == '\n' || text.at[i] == '\t';
        words += !is_blank && !is_in_word;
        is_in_word = !is_blank;
    }
    (void)printf("words      %zu\n", words);
    if (words == 0)
        return;
    (void)printf("text       ");
    while (shown < text.len && shown < SHOWN_BYTES) {   /* whole characters; none that would turn the terminal's line around */
        size_t from = shown;
        (void)utf8_next(text, &shown);
        struct span one = { text.at + from, shown - from };
        bool is_plain = one.len > 1 ? utf8_is_name(one, 1) : one.at[0] != '\n' && one.at[0] != '\t';
        (void)printf("%.*s", is_plain ? (int)one.len : 1, is_plain ? one.at : " ");
    }
    (void)printf("%s\n", shown < text.len ? " ..." : "");
}

static void print(void *ctx, const struct look *look)
{
    if (look == NULL)
        return;
    (void)printf("type       %s\nbytes      %lld\n", look->media_type, (long long)*(const off_t *)ctx);
    if (look->is_image)
        (void)printf("shown      inline, %u x %u\nthumbnail  %zu bytes\n", look->width, look->height, look->thumb.len);
    else
        (void)printf("shown      as a download\n");
    print_text(look->text);
}

static int look_at(int take_fd, off_t bytes)
{
    uv_loop_t loop;
    struct bz_error e = { 0 };
    struct look_pool *pool;
    struct log *log = log_new(STDERR_FILENO, LOG_WARN);
    if (uv_loop_init(&loop) != 0) {
        close(take_fd);
        log_free(log);
        return complain(74, "out of memory");
    }
    const struct look_config config = { &loop, log, &env_real, LOOK_DEADLINE_MS };
    enum bz_err rc = look_pool_new(&config, &pool, &e);
    if (rc == BZ_OK) {
        rc = look_start(pool, take_fd, print, &bytes, &e);
        (void)uv_run(&loop, UV_RUN_DEFAULT);
        look_pool_stop(pool);
        (void)uv_run(&loop, UV_RUN_DEFAULT);
    } else {
        close(take_fd);
    }
    (void)uv_loop_close(&loop);
    log_free(log);
    return rc == BZ_OK ? 0 : complain(exit_status(rc), "%s", e.text);
}

int cli_look(struct cli *cli)
{
    struct stat st;
    int fd = open(cli->positional, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return complain(74, "%s: %s", cli->positional, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return complain(74, "%s: not a file", cli->positional);
    }
    return look_at(fd, st.st_size);
}
