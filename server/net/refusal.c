#include "net/refusal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void refusal_network(uint64_t address, char ret[32])
{
    char text[INET6_ADDRSTRLEN] = "";
    bool is_v4 = address >> 32 == 0;
    if (is_v4) {
        struct in_addr v4 = { htonl((uint32_t)address & 0xffffff00u) };
        (void)inet_ntop(AF_INET, &v4, text, sizeof text);
    } else {
        struct in6_addr v6 = { 0 };
        uint64_t half = address ^ 0x8000000000000000u;
        memcpy(v6.s6_addr, &half, 6);
        (void)inet_ntop(AF_INET6, &v6, text, sizeof text);
    }
    (void)snprintf(ret, 32, "%.26s/%s", text, is_v4 ? "24" : "48");
}

void refusal_log(struct refusals *r, struct log *log, const struct refusal *refusal)
{
    if (r->lines >= REFUSAL_LINES) {
        r->left_out++;
        return;
    }
    r->lines++;
    char network[32], code[16], connection[24];
    refusal_network(refusal->address, network);
    (void)snprintf(code, sizeof code, "%d", refusal->code);
    (void)snprintf(connection, sizeof connection, "%llu", (unsigned long long)refusal->connection);
    log_line(log, refusal->code == 500 ? LOG_ERROR : LOG_INFO, refusal->event, "code", code, "reason",
             refusal->reason, "connection", connection, "network", network, NULL);
}

void refusal_tick(struct refusals *r, struct log *log)
{
    if (r->left_out > 0)
        log_num(log, LOG_INFO, "refusals left out", "lines", (int64_t)r->left_out);
    *r = (struct refusals){ 0 };
}
