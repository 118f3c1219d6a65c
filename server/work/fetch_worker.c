/* The worker's side: reads what it is to ask, locks itself in, asks, answers, ends. */
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "work/child.h"
#include "work/grab.h"
#include "work/jail.h"
#include "work/names.h"

static struct span told(const struct buf *b) { return b->len > 0 ? buf_span(b) : (struct span){ NULL, 0 }; }

int fetch_worker(int argc, char **argv)
{
    struct names names = { 0 };
    struct grab_rules rules = { .resolve = names_resolve, .ctx = &names };
    struct buf url, ca, record;
    struct page page = { 0 };
    buf_init(&url, BZ_LIMIT_LINK_BYTES);
    buf_init(&ca, 4u << 20);
    buf_init(&record, FETCH_RECORD_BYTES);
    if (argc != 7 || !jail_prepare(CHILD_OUT + 2) || !grab_load() || !names_read_ca("", &ca) || !names_load(&names, argv[3])
        || !grab_ports(argv[4], &rules) || !grab_inside(argv[5], &rules) || !child_read_all(CHILD_IN, &url))
        return 70;
    rules.ca = buf_span(&ca);
    rules.agent = argv[6];
    page_load();
    if (!jail_lock_net())
        return 70;
    struct fetched found = { .end = grab(&rules, buf_span(&url), strcmp(argv[2], "check") == 0, &page) };
    found.title = told(&page.title);
    found.about = told(&page.about);
    found.lang = told(&page.lang);
    fetch_write(&record, &found);
    _exit(!record.failed && child_send_all(buf_span(&record)) ? 0 : 70);   /* without what libraries do at exit */
}
