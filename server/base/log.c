#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/utf8.h"

#define LINE_BYTES 4096
#define VALUE_BYTES 512

struct log {
    int fd;
    enum log_level least;
};

struct log *log_new(int fd, enum log_level least)
{
    struct log *l = calloc(1, sizeof *l);
    if (l != NULL)
        *l = (struct log){ fd, least };
    return l;
}

void log_free(struct log *l) { free(l); }

static void begin(struct buf *line, enum log_level level, const char *event)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    struct timespec now;
    struct tm utc;
    char stamp[40];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    buf_init(line, LINE_BYTES);
    json_open(line, '{');
    json_name(line, "time");
    buf_add_char(line, '"');
    buf_add(line, stamp, len);
    buf_printf(line, ".%03ldZ\"", now.tv_nsec / 1000000);
    json_put_text(line, "level", span_of(names[level]));
    json_put_text(line, "event", span_of(event));
}

static void end(struct log *l, struct buf *line)
{
    buf_add_text(line, "}\n");
    if (!line->failed) {
        ssize_t n;
        do
            n = write(l->fd, line->at, line->len);
        while (n < 0 && errno == EINTR);   /* a log that cannot be written must not stop the daemon */
    }
    buf_done(line);
}

/* What is not UTF-8 is shown as question marks, so that a line is always JSON. */
static void put_value(struct buf *line, const char *name, const char *value)
{
    char safe[VALUE_BYTES];
    struct span s = span_of(value);
    if (s.len >= sizeof safe)
        for (s.len = sizeof safe - 1; s.len > 0 && ((unsigned char)s.at[s.len] & 0xc0) == 0x80;)
            s.len--;   /* cut between two characters */
    if (s.at != NULL && !utf8_valid(s)) {
        for (size_t i = 0; i < s.len; i++)
            safe[i] = (unsigned char)s.at[i] < 0x80 ? s.at[i] : '?';
        s.at = safe;
    }
    json_put_text(line, name, s);
}

void log_line(struct log *l, enum log_level level, const char *event, ...)
{
    if (l == NULL || level < l->least)
        return;
    struct buf line;
    begin(&line, level, event);
    va_list args;
    va_start(args, event);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;)
        put_value(&line, name, va_arg(args, const char *));
    va_end(args);
    end(l, &line);
}

void log_num(struct log *l, enum log_level level, const char *event, const char *name, int64_t value)
{
    if (l == NULL || level < l->least)
        return;
    struct buf line;
    begin(&line, level, event);
    json_put_int(&line, name, value);
    end(l, &line);
}
