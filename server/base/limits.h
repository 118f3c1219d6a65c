/* limits.h: the size of every queue, batch and buffer inside the daemon. What the wire relies on is in baraza/limits.h. */
#ifndef BZ_BASE_LIMITS_H
#define BZ_BASE_LIMITS_H
#include "baraza/limits.h"

#define INBOX_JOBS          4096            /* commands waiting for the writer; more: `unavailable` */
#define INBOX_BYTES         (32u << 20)     /* and their bytes */
#define COMMIT_JOBS         512             /* commands that share one commit at most */
#define READER_THREADS      2
#define READER_JOBS         1024            /* queries waiting for a reader; more: `unavailable` */
#define QUERY_DEADLINE_MS   200             /* of the processor, any one query; search included */
#define NUMBERS_DEADLINE_MS 2000            /* of the secretariat's numbers: they read half a year of posts */
#define ANSWER_BYTES        (4u << 20)      /* one query's JSON */
#define RING_ENTRIES        16384           /* committed entries kept encoded in memory */
#define RING_BYTES          (8u << 20)      /* and their bytes */
#define SESSION_READS       2               /* messages of one connection with queries under way; what is more waits its turn */
#define SESSION_HELD_BYTES  (9u << 20)      /* answers of one connection that wait for its full line: those two, and small ones */
#define RESUME_PAGE         500             /* entries read from the journal at a time by a session that catches up */
#define CONNECTIONS_MAX     20000
#define POLLS_MAX           4096            /* requests held by session.poll, in all; more: `unavailable` */
#define POLLS_ADDRESS       256             /* and of one address (loopback excepted) */
#define POLLS_SESSION       8               /* and of one session: the oldest gives way */
#define POLL_BYTES          (64u << 10)     /* of signals in one answer; entries come in parts of as much */
#define POLL_GATHER_MS      30              /* from the first thing to tell to the answer: a burst is one */
#define POLL_READ_MS        5000            /* longest wait for the journal when the client wants an answer at once */
#define ADDRESS_SHARE       4               /* one address has at most a 4th of all connections, when not set (loopback excepted) */
#define HANDSHAKES_MAX      256             /* connections that have not finished their handshake, in all */
#define HANDSHAKES_ADDRESS  64              /* and of one address (loopback excepted) */
#define FRAGMENTS_MAX       1024            /* fragments of one message */
#define MESSAGE_DEADLINE_MS 30000           /* first to last byte of one message */
#define PING_MS             30000           /* silence after which a connection is pinged */
#define SILENCE_MS          45000           /* silence after which it is closed */
#define HELLO_MS            30000           /* a socket without session.hello is closed after */
#define LASTING_ASKS        16              /* questions at once whether who sends or fetches a file still may */
#define LASTING_ASKS_SECOND 2000            /* and in a second: who moderates much does not keep the readers from others */
#define LOOK_WORKERS        2               /* files looked into at once, each by a process of its own */
#define LOOK_QUEUE          256             /* files waiting for one, each with its descriptor; more: `unavailable` */
#define LOOK_DEADLINE_MS    10000           /* a worker that is not done is killed */
#define LOOK_CPU_SECONDS    5               /* and its share of the processor */
#define LOOK_MEMORY_BYTES   (512u << 20)    /* of address space; a progressive JPEG of 40 megapixels takes 240 MB of it */
#define LOOK_FILE_BYTES     (128u << 20)    /* of a larger file only the type is told, by its beginning */
#define BARE_FILE_BYTES     (64u << 20)     /* a larger picture is kept with all that stands beside its pixels */
#define LOOK_PIXELS_MAX     40000000u       /* a picture with more is not decoded */
#define LOOK_SIDE_MAX       30000u
#define LOOK_THUMB_SIDE     480u
#define LOOK_THUMB_BYTES    (20u << 10)
#define LOOK_TEXT_BYTES     (256u << 10)    /* words found in a file, for the search */
#define LOOK_INFLATE_BYTES  (8u << 20)      /* unpacked from one document in all */
#define LOOK_TEXT_MS        2500            /* processor time after which the text found so far is taken */
#define LOOK_RECORD_BYTES   (LOOK_THUMB_BYTES + LOOK_TEXT_BYTES + 64)   /* a worker's answer */
#define NEWS_MEMBERS        256             /* members whose saved searches are looked for by one reader at a time, once a second */
#define NEWS_FOUND          512             /* and what is found for them */
#define LINK_WORKERS        2               /* links asked at once, each by a process of its own, never two of one host */
#define LINK_DUE            32              /* looked up at a time of those that are to be asked */
#define LINK_BODY_BYTES     (480u << 10)    /* of a page, inflated; with what curl reads beyond it and the heads, 512 KiB of the line */
#define FETCH_MS            4700            /* for all of it: names, redirects, bodies; with the start of the worker 5 s */
#define FETCH_DEADLINE_MS   8000            /* a worker that is not done is killed */
#define FETCH_RECORD_BYTES  4096            /* a worker's answer */
#define MAIL_QUEUE          10000           /* mails that wait to be sent; more are refused */
#define MAIL_QUEUE_CODES    1000            /* of these, kept for codes: no invitations keep anybody from signing in */
#define MAIL_ARGS_BYTES     (16u << 10)     /* what one of them tells */
#define MAIL_ARG_CHARS      200             /* a name in it */
#define HASH_THREADS        2               /* passwords hashed at once, each in 64 MiB */
#define HASH_JOBS           64              /* and waiting for it; more: `unavailable` */
#define ASK_WORKERS         16              /* questions to providers of sign-ins at once, each by a process of its own */
#define ASK_MS              9000            /* for one: the name, the connection, the answer */
#define ASK_DEADLINE_MS     10000           /* a worker that is not done is killed */
#define ASK_ORDER_BYTES     (16u << 10)     /* what it gets */
#define ASK_BODY_BYTES      (64u << 10)     /* an answer, as it comes over the line */
#define SEND_MS             30000           /* for one mail: the server's name, its connection, all that is said */
#define SEND_DEADLINE_MS    35000           /* a worker that is not done is killed */
#define SEND_ORDER_BYTES    (80u << 10)     /* what it gets: where to, as whom, a mail */
#define SEND_RECORD_BYTES   1024            /* its answer */
#define MAIL_KEEP_MS        (7 * 24 * 3600000LL)   /* a mail that was written to a file */
#define DRAIN_MS            5000            /* SIGTERM: longest wait for work under way */
#endif
