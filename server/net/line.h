/* line.h: what the system knows about a peer that is being sent to: how much of it has arrived. Pure but for the socket.
 * A line below 6 KB/s takes longer for a full queue than any silence may last, so a peer that goes on acknowledging is
 * alive, whatever it says. */
#ifndef BZ_NET_LINE_H
#define BZ_NET_LINE_H
#include <stdbool.h>
#include <stdint.h>

#define LINE_LEAST_BYTES 1024     /* acknowledged within SILENCE_MS: who takes less is gone; with less on its way nothing is said */

struct line {
    uint64_t acked;               /* bytes, when progress was seen last */
    unsigned since;               /* second of that */
    bool is_watched;              /* both are set */
};

/* The state of a socket; false: the system does not tell. */
struct line_state { uint64_t acked; uint32_t waiting; };   /* waiting: sent or to be sent, not acknowledged yet */
bool line_look(int fd, struct line_state *ret);

/* Begins to watch from here on. */
void line_watch(struct line *l, const struct line_state *state, unsigned now);
enum line_pace {
    LINE_IDLE,                    /* next to nothing is on its way; no longer watched */
    LINE_TAKES,                   /* LINE_LEAST_BYTES arrived within SILENCE_MS, or it is watched for less than that */
    LINE_STUCK,
};
/* is_full: there is more to send than the system took. now: seconds. Begins to watch what is not watched yet. */
enum line_pace line_pace(struct line *l, const struct line_state *state, bool is_full, unsigned now);
#endif
