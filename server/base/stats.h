/* stats.h: counters and gauges, each once; /metrics writes them out as Prometheus text. Any thread may add. */
#ifndef BZ_BASE_STATS_H
#define BZ_BASE_STATS_H
#include <stdatomic.h>
#include <stdint.h>

/*    member             type       metric name                            help */
#define BZ_STATS(X)                                                                                            \
    X(connections,       "gauge",   "baraza_connections",                  "open WebSocket connections")        \
    X(handshakes,        "counter", "baraza_handshakes_total",             "accepted TCP connections")          \
    X(refused,           "counter", "baraza_refused_total",                "connections and requests refused by a guard") \
    X(address_full,      "counter", "baraza_address_full_total",           "connections refused because their address has its share") \
    X(no_hello,          "counter", "baraza_no_hello_total",               "sockets closed because they did not say hello") \
    X(accept_failed,     "counter", "baraza_accept_failed_total",          "pauses because the system had no room for a connection") \
    X(requests,          "counter", "baraza_http_requests_total",          "HTTP requests")                     \
    X(calls,             "counter", "baraza_calls_total",                  "JSON-RPC calls")                    \
    X(calls_failed,      "counter", "baraza_calls_failed_total",           "JSON-RPC calls answered with an error") \
    X(rate_limited,      "counter", "baraza_rate_limited_total",           "calls refused by a rate limit")     \
    X(commits,           "counter", "baraza_commits_total",                "commits to the journal")            \
    X(entries,           "counter", "baraza_entries_total",                "entries committed")                 \
    X(commit_us,         "counter", "baraza_commit_microseconds_total",    "time spent in commits")             \
    X(commit_failed,     "counter", "baraza_commit_failed_total",          "commits that failed and were rolled back") \
    X(inbox,             "gauge",   "baraza_inbox_jobs",                   "commands waiting for the writer")   \
    X(queries,           "counter", "baraza_queries_total",                "queries run by the readers")        \
    X(query_deadline,    "counter", "baraza_query_deadline_total",         "queries stopped by their deadline") \
    X(deliveries,        "counter", "baraza_deliveries_total",             "entries handed to connections")     \
    X(delivery_writes,   "counter", "baraza_delivery_writes_total",        "writes that carried them")          \
    X(delivery_bytes,    "counter", "baraza_delivery_bytes_total",         "bytes of them")                     \
    X(laggards,          "counter", "baraza_laggards_total",               "connections sent back to the journal because they read slowly") \
    X(held,              "gauge",   "baraza_held_requests",                "requests held by session.poll")     \
    X(signals_dropped,   "counter", "baraza_signals_dropped_total",        "signals not sent because the line was busy") \
    X(hashes,            "counter", "baraza_password_hashes_total",        "passwords hashed or checked")       \
    X(hashes_refused,    "counter", "baraza_password_refused_total",       "passwords not looked at because too many waited") \
    X(storage_full,      "gauge",   "baraza_storage_full",                 "1 while the disk refuses writes")    \
    X(mail_queue,        "gauge",   "baraza_mail_queue_depth",             "mails that wait to be sent")        \
    X(mail_sent,         "counter", "baraza_mail_sent_total",              "mails that a mail server took, or that were written to a file") \
    X(mail_retried,      "counter", "baraza_mail_retried_total",           "tries that failed and are made again") \
    X(mail_failed,       "counter", "baraza_mail_failed_total",            "mails that were refused or given up") \
    X(damaged,           "gauge",   "baraza_database_damaged",             "1 when the check after the start found damage")

struct stats {
#define BZ_STAT_M(member, type, name, help) _Atomic int64_t member;
    BZ_STATS(BZ_STAT_M)
#undef BZ_STAT_M
};

static inline void stat_add(_Atomic int64_t *counter, int64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}
#endif
