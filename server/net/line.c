#include "net/line.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/limits.h"

bool line_look(int fd, struct line_state *ret)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    int waiting = 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked ||
        ioctl(fd, SIOCOUTQ, &waiting) != 0)
        return false;
    *ret = (struct line_state){ info.tcpi_bytes_acked, (uint32_t)waiting };
    return true;
}

void line_watch(struct line *l, const struct line_state *state, unsigned now)
{
    *l = (struct line){ state->acked, now, true };
}

enum line_pace line_pace(struct line *l, const struct line_state *state, bool is_full, unsigned now)
{
    if (!is_full && state->waiting < LINE_LEAST_BYTES) {
        l->is_watched = false;
        return LINE_IDLE;
    }
    if (!l->is_watched || state->acked - l->acked >= LINE_LEAST_BYTES)
        line_watch(l, state, now);
    return now - l->since < SILENCE_MS / 1000 ? LINE_TAKES : LINE_STUCK;
}
