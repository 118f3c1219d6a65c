/* bench_search.c: how long a search takes in a large hub, in the process itself.
 *   bench_search build DIR POSTS RESOURCES    fills a new hub (baraza init) by the journal, as the writer does
 *   bench_search query DIR QUERIES            prints p50, p99 and the longest, by the clock and by processor time
 * All is drawn from fixed seeds. Words follow Zipf's law, in three languages; texts are of 4 to 40 words. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/env.h"
#include "base/limits.h"
#include "store/apply.h"
#include "store/journal.h"
#include "store/statement.h"
#include "store/query.h"

#define WORDS 30000
#define LANGUAGES 3
#define ROOMS 40
#define MEMBERS 300
#define THREADS 12000        /* beside the resources */
#define PER_COMMIT 4000

static char *words[LANGUAGES][WORDS];
static double share[WORDS];
static const char *const tags[LANGUAGES] = { "en", "fr", "es" };
static struct db *db;
static struct journal *journal;
static struct bz_error e;
static int64_t seq, at_ms = 1600000000000;
static unsigned long long state = 88172645463325252ull;

static unsigned rnd(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 20) % n;
}

static void must(enum bz_err rc)
{
    if (rc == BZ_OK)
        return;
    fprintf(stderr, "bench_search: %s\n", e.text);
    exit(1);
}

static void make_words(void)
{
    static const char *const known[LANGUAGES][8] = {
        { "the", "of", "bus", "city", "transport", "mobility", "street", "fare" },
        { "de", "les", "bus", "ville", "transport", "mobilité", "rue", "tarif" },
        { "de", "los", "bus", "ciudad", "transporte", "movilidad", "calle", "tarifa" },
    };
    static const char *const starts[] = { "con", "tra", "mo", "bi", "pla", "ve", "lo", "ci", "ta", "ri", "fa", "per", "ma", "na", "ger",
        "por", "sta", "re", "de", "me", "pro", "par", "king", "wal", "ka", "le", "sen", "ti", "er", "an", "po", "lis", "gu", "ho", "ju",
        "ex", "im", "qua", "sub", "inter", "vo", "zo", "ya", "ni", "du", "el" };
    static const char *const ends[LANGUAGES][4] = { { "tion", "ing", "er", "s" }, { "ment", "tion", "eur", "es" }, { "ción", "dad", "os", "a" } };
    double sum = 0;
    for (int l = 0; l < LANGUAGES; l++)
        for (int i = 0; i < WORDS; i++) {
            char text[64] = "";
            for (int k = 0, n = 1 + (int)rnd(3); i >= 8 && k < n; k++)
                strcat(text, starts[rnd(sizeof starts / sizeof *starts)]);
            strcat(text, i < 8 ? known[l][i] : ends[l][rnd(4)]);
            words[l][i] = strdup(text);
        }
    for (int i = 0; i < WORDS; i++)
        share[i] = sum += 1.0 / (i + 4);
    for (int i = 0; i < WORDS; i++)
        share[i] /= sum;
}

static const char *draw(int language)
{
    double x = rnd(1 << 24) / (double)(1 << 24);
    int low = 0, high = WORDS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (share[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return words[language][low];
}

static size_t say(char *to, int language, int count)
{
    size_t len = 0;
    for (int i = 0; i < count; i++)
        len += (size_t)sprintf(to + len, i == 0 ? "%s" : " %s", draw(language));
    return len;
}

static int64_t id_of(int64_t n) { return n; }   /* of hub 0 */

static int64_t write_entry(enum entry_kind kind, bz_id actor, bz_id room, bz_id thread, const char *body)
{
    bool is_made = kind != ENTRY_ROOM_JOIN;
    struct entry entry = { .seq = seq + 1, .at_ms = at_ms, .actor = actor, .kind = kind, .body = span_of(body),
                           .room = kind == ENTRY_ROOM ? seq + 1 : room, .thread = kind == ENTRY_THREAD ? seq + 1 : thread,
                           .subject = is_made ? seq + 1 : actor };
    must(journal->ops->append(journal, seq, &entry, 1, &e));
    must(apply_entry(db, &entry, &e));
    seq++;
    if (seq % PER_COMMIT == 0) {
        must(db_commit(db, &e));
        must(db_begin(db, &e));
    }
    return id_of(seq);
}

static int64_t rooms[ROOMS], lobbies[ROOMS], members[MEMBERS];
static struct { int64_t id; int room, language; } threads[THREADS + 100000];
static int threads_count;

static void make_places(void)
{
    char body[400];
    int64_t regions[3];
    for (int i = 0; i < 3; i++) {
        snprintf(body, sizeof body, "{\"slug\":\"region-%d\",\"name\":\"Region %d\",\"lang\":\"%s\"}", i, i, tags[i]);
        regions[i] = write_entry(ENTRY_REGION, 0, 0, 0, body);
    }
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(body, sizeof body, "{\"handle\":\"m%d\",\"name\":\"%s %s\",\"role\":\"%s\",\"region\":\"africa-%lld\",\"lang\":\"%s\"}", i,
                 words[i % 3][i + 40], words[i % 3][i + 400], i % 50 == 0 ? "moderator" : "member", (long long)regions[i % 3], tags[i % 3]);
        members[i] = write_entry(ENTRY_MEMBER, 0, 0, 0, body);
    }
    for (int i = 0; i < ROOMS; i++) {
        static const char *const access[] = { "open", "open", "open", "members", "private" };
        snprintf(body, sizeof body, "{\"region\":\"africa-%lld\",\"slug\":\"room-%d\",\"name\":\"Room %d\",\"access\":\"%s\",\"lang\":\"%s\"}",
                 (long long)regions[i % 3], i, i, access[i % 5], tags[i % 3]);
        rooms[i] = write_entry(ENTRY_ROOM, members[0], 0, 0, body);
        lobbies[i] = write_entry(ENTRY_THREAD, members[0], rooms[i], 0, "{\"title\":\"Lobby\",\"type\":\"chat\",\"lang\":\"en\"}");
        for (int m = i % 7; m < MEMBERS; m += 7)
            write_entry(ENTRY_ROOM_JOIN, members[m], rooms[i], 0, "{}");
    }
}

static void make_post(int64_t thread, int room, int language, int count)
{
    char body[4000] = "{\"text\":\"";
    size_t len = strlen(body);
    len += say(body + len, language, count);
    strcpy(body + len, "\"}");
    at_ms += 1 + rnd(300000);
    write_entry(ENTRY_POST, members[rnd(4) == 0 ? 0 : rnd(MEMBERS)], rooms[room], thread, body);
}

static void make_thread(bool is_resource)
{
    char body[1000], title[600];
    int room = (int)(rnd(ROOMS) * rnd(ROOMS) / ROOMS), language = (int)rnd(LANGUAGES);
    (void)say(title, language, 3 + (int)rnd(6));
    if (is_resource)
        snprintf(body, sizeof body, "{\"title\":\"%s\",\"type\":\"resource\",\"lang\":\"%s\",\"fields\":{\"url\":\"https://example.org/%lld\",\"language\":\"%s\"}}",
                 title, tags[language], (long long)seq, tags[language]);
    else
        snprintf(body, sizeof body, "{\"title\":\"%s\",\"type\":\"%s\",\"lang\":\"%s\"}", title, rnd(3) ? "discussion" : "question", tags[language]);
    threads[threads_count].id = write_entry(ENTRY_THREAD, members[rnd(MEMBERS)], rooms[room], 0, body);
    threads[threads_count].room = room;
    threads[threads_count++].language = language;
    make_post(id_of(seq), room, language, 20 + (int)rnd(20));
}

static int build(const char *dir, long posts, long resources)
{
    struct db_config config = { .dir = dir, .env = &env_real };
    must(db_open(&config, DB_WRITE, false, &db, &e));
    journal = journal_sqlite(db);
    must(db_begin(db, &e));
    must(db_head(db, &seq, &at_ms, &e));
    make_places();
    for (long i = 0; i < posts; i++) {
        if (i % (posts / (THREADS + resources) + 1) == 0 && threads_count < THREADS + (int)resources)
            make_thread(threads_count % (int)(1 + (THREADS + resources) / (resources + 1)) == 0 && resources > 0);
        int lobby = (int)(rnd(ROOMS) * rnd(ROOMS) / ROOMS), t = (int)rnd((unsigned)threads_count);
        if (rnd(2) == 0)
            make_post(lobbies[lobby], lobby, lobby % LANGUAGES, 4 + (int)rnd(20));
        else
            make_post(threads[t].id, threads[t].room, threads[t].language, 8 + (int)rnd(33));
    }
    while (threads_count < THREADS + (int)resources)
        make_thread(true);
    must(db_commit(db, &e));
    journal->ops->free(journal);
    db_close(db);
    printf("entries=%lld threads=%d\n", (long long)seq, threads_count);
    return 0;
}

/* ---- questions */

static const char *const kinds[] = { "typed", "filtered", "common", "beginning", "many words", "phrase", "rare filter", "operators", "spaceless", "pages" };
#define KINDS 10
struct taken { double ms, cpu_ms; };
static struct taken *taken[KINDS];
static int taken_count[KINDS];
static long hits, partial, late;

static double clock_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void on_hit(void *ctx, const struct hit_row *row) { hits += row->snippet.len > 0; }

static void ask(int kind, struct viewer v, struct search q, char next[SEARCH_NEXT_CHARS])
{
    struct taken t = { clock_of(CLOCK_MONOTONIC), clock_of(CLOCK_THREAD_CPUTIME_ID) };
    must(db_begin(db, &e));
    db_deadline(db, QUERY_DEADLINE_MS);
    enum bz_err rc = query_search(db, v, &q, on_hit, NULL, next, &e);
    db_deadline(db, 0);
    db_rollback(db);
    t.ms = clock_of(CLOCK_MONOTONIC) - t.ms;
    t.cpu_ms = clock_of(CLOCK_THREAD_CPUTIME_ID) - t.cpu_ms;
    if (rc == BZ_ERR_DEADLINE)
        late++;
    else
        must(rc);
    partial += next[0] != '\0';
    taken[kind][taken_count[kind]++] = t;
    if (getenv("BENCH_SLOW") != NULL && t.cpu_ms > atof(getenv("BENCH_SLOW")))
        printf("%.1f ms: %s: %.*s\n", t.cpu_ms, kinds[kind], (int)q.text.len, q.text.at);
}

/* What people type: one to three words, often not to its end. */
static void type(char *text, int language)
{
    size_t len = say(text, language, 1 + (int)rnd(3));
    if (rnd(3) == 0) {
        char *last = strrchr(text, ' ');
        size_t from = last == NULL ? 0 : (size_t)(last + 1 - text), keep = from + 3 + rnd(4);
        if (keep < len && ((unsigned char)text[keep] & 0xc0) != 0x80)
            text[keep] = '\0';
    }
}

static void fill(int kind, char *text, struct search *q)
{
    int language = (int)rnd(LANGUAGES);
    type(text, language);
    if (kind == 1) {
        q->room = rnd(2) ? rooms[rnd(ROOMS)] : 0;
        q->kind = rnd(3) == 0 ? THREAD_KIND_RESOURCE : 0;
        q->has_file = false;
        q->from_ms = rnd(3) == 0 ? 1640995200000 : 0;
        q->to_ms = q->from_ms != 0 ? 1672531200000 : 0;
    } else if (kind == 2) {
        strcpy(text, words[language][rnd(8)]);
    } else if (kind == 3) {
        strcpy(text, words[language][rnd(2000)]);
        if (((unsigned char)text[3] & 0xc0) != 0x80)
            text[3 + rnd(2)] = '\0';
    } else if (kind == 4) {
        say(text, language, 16);
        text[BZ_LIMIT_SEARCH_BYTES - 8] = '\0';
    } else if (kind == 5) {
        snprintf(text, 300, "\"%s %s\"", words[language][rnd(8)], words[rnd(4) ? language : 0][rnd(8)]);
    } else if (kind == 6) {   /* very common words, and next to nothing passes */
        strcpy(text, words[language][rnd(8)]);
        q->by = rnd(2) ? 4 + (int64_t)rnd(MEMBERS) : 0;
        q->lang = rnd(2) ? SPAN("th") : (struct span){ 0 };
        q->has_file = q->by == 0 || rnd(2);
    } else if (kind == 7) {
        static const char *const forms[][3] = { { "", " NEAR ", "" }, { "", "* ", "*" }, { "\"", "\" OR \"", "" }, { "text:", " -", "" },
            { "^", " AND (", "" }, { "NEAR(", " ", ", 5)" }, { "{text}:", "*", "" } };
        const char *const *form = forms[rnd(7)];
        snprintf(text, 300, "%s%s%s%s%s", form[0], words[language][rnd(8)], form[1], words[language][rnd(300)], form[2]);
    } else if (kind == 8) {
        static const char *const spaceless[] = { "公共交通", "公", "รถเมล์", "公共 bus", "の", "交通 城市 公共" };
        strcpy(text, spaceless[rnd(6)]);
    }
}

static int by_cpu(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    return (x->cpu_ms > y->cpu_ms) - (x->cpu_ms < y->cpu_ms);
}
static int by_clock(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    return (x->ms > y->ms) - (x->ms < y->ms);
}

static void tell(const char *name, struct taken *t, int n)
{
    qsort(t, (size_t)n, sizeof *t, by_cpu);
    printf("%-12s queries=%d cpu_p50_ms=%.2f cpu_p99_ms=%.2f cpu_max_ms=%.2f", name, n, t[n / 2].cpu_ms, t[n * 99 / 100].cpu_ms, t[n - 1].cpu_ms);
    qsort(t, (size_t)n, sizeof *t, by_clock);
    printf(" p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", t[n / 2].ms, t[n * 99 / 100].ms, t[n - 1].ms);
}

static void on_room(void *ctx, const struct room_row *row)
{
    static int count;
    if (count < ROOMS)
        rooms[count++] = row->id;
}

static int query(const char *dir, int queries)
{
    struct db_config config = { .dir = dir, .env = &env_real };
    struct taken *all = calloc((size_t)queries, sizeof *all);
    char text[4000], next[SEARCH_NEXT_CHARS], before[SEARCH_NEXT_CHARS];
    int64_t first_member = 10;
    must(db_open(&config, DB_READ, false, &db, &e));
    must(db_begin(db, &e));
    must(query_rooms(db, (struct viewer){ 5, ROLE_ADMIN }, on_room, NULL, &e));
    db_rollback(db);
    for (int k = 0; k < KINDS; k++)
        taken[k] = calloc((size_t)queries, sizeof **taken);
    for (int i = 0; i < 200; i++) {   /* a reader that serves has read before */
        struct search q = { .text = { text, 0 }, .limit = 20 };
        type(text, i % 3);
        q.text.len = strlen(text);
        ask(0, (struct viewer){ first_member + i % MEMBERS, ROLE_MEMBER }, q, next);
    }
    taken_count[0] = 0;
    hits = partial = late = 0;
    for (int i = 0; i < queries; i++) {
        int kind = i % 2 == 0 ? 0 : (i / 2) % KINDS;   /* half is what people type */
        struct viewer v = { first_member + (int64_t)rnd(MEMBERS), rnd(50) == 0 ? ROLE_ADMIN : ROLE_MEMBER };
        struct search q = { .limit = rnd(10) == 0 ? 100 : 20 };
        fill(kind, text, &q);
        q.text = span_of(text);
        if (kind == 9 && next[0] != '\0') {
            memcpy(before, next, sizeof before);
            q.before = span_of(before);
        }
        ask(kind, v, q, next);
    }
    int n = 0;
    for (int k = 0; k < KINDS; k++) {
        memcpy(all + n, taken[k], (size_t)taken_count[k] * sizeof *all);
        n += taken_count[k];
        if (taken_count[k] > 0)
            tell(kinds[k], taken[k], taken_count[k]);
    }
    tell("all", all, n);
    printf("hits=%ld pages_that_go_on=%ld deadline=%ld\n", hits, partial, late);
    db_close(db);
    return 0;
}

int main(int argc, char **argv)
{
    make_words();
    if (argc == 5 && strcmp(argv[1], "build") == 0)
        return build(argv[2], atol(argv[3]), atol(argv[4]));
    if (argc == 4 && strcmp(argv[1], "query") == 0)
        return query(argv[2], atoi(argv[3]));
    fprintf(stderr, "usage: bench_search build DIR POSTS RESOURCES | query DIR QUERIES\n");
    return 64;
}
