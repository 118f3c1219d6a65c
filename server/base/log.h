/* log.h: JSON lines on one file descriptor. Values are escaped here and nowhere else; never pass a token, code,
 * password, whole address or the text of a post. Thread-safe: one write(2) per line. */
#ifndef BZ_BASE_LOG_H
#define BZ_BASE_LOG_H
#include "base/span.h"
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log;                                                     /* owner: main */
struct log *log_new(int fd, enum log_level least);              /* fd is borrowed */
void log_free(struct log *l);

/* log_line(l, LOG_INFO, "listening", "addr", "127.0.0.1:8080", NULL): pairs of name and text, closed by NULL.
 * l may be NULL: nothing is written. */
void log_line(struct log *l, enum log_level level, const char *event, ...) __attribute__((sentinel));
void log_num(struct log *l, enum log_level level, const char *event, const char *name, int64_t value);
#endif
