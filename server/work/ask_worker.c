/* The worker's side: reads what it is to ask, locks itself in, asks, answers, ends. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "work/ask.h"
#include "work/child.h"
#include "work/jail.h"
#include "work/names.h"

int ask_worker(int argc, char **argv)
{
    struct names names = { 0 };
    struct grab_rules rules = { .resolve = names_resolve, .ctx = &names };
    struct span field[ASK_FIELDS];
    struct buf order, ca, body, why, record;
    char head[8];
    long status = 0;
    buf_init(&order, ASK_ORDER_BYTES);
    buf_init(&ca, 4u << 20);
    buf_init(&body, ASK_BODY_BYTES);
    buf_init(&why, GRAB_WHY_BYTES);
    buf_init(&record, ASK_BODY_BYTES + 3);
    if (argc != 6 || !jail_prepare(CHILD_OUT + 2) || !grab_load() || !names_read_ca(argv[4], &ca) || !names_load(&names, argv[2])
        || !child_read_all(CHILD_IN, &order) || !ask_take(buf_span(&order), field))
        return 70;
    rules.ca = buf_span(&ca);
    rules.agent = argv[5];
    rules.is_inside = strcmp(argv[3], "inside") == 0;
    if (!jail_lock_net())
        return 70;
    const struct grab_ask ask = { field[ASK_URL], field[ASK_USER], field[ASK_PASSWORD], field[ASK_FORM] };
    bool is_read = grab_ask(&rules, &ask, grab_now_ms() + ASK_MS, &body, &why, &status) == FETCH_READ && status >= 100 && status <= 599;
    (void)snprintf(head, sizeof head, "%03ld", is_read ? status : 0);
    buf_add_text(&record, head);
    buf_add_span(&record, buf_span(is_read ? &body : &why));
    _exit(!record.failed && child_send_all(buf_span(&record)) ? 0 : 70);   /* without what libraries do at exit */
}
