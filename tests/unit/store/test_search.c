/* Proves that search finds words whatever their accents or script, and takes every text as words, in bounded time. */
#include <time.h>

#include "store/forms.h"
#include "store/migrate.h"
#include "store/words.h"
#include "world.h"

static struct world *w;
static struct viewer viewer;
static int setup(void **state)
{
    w = world_hub();
    viewer = (struct viewer){ w->admin, ROLE_ADMIN };
    return 0;
}
static int teardown(void **state) { world_free(w); return 0; }

struct hits { size_t count; bz_id thread[100], post[100]; char snippet[512], file[100], next[SEARCH_NEXT_CHARS]; };
static void on_hit(void *ctx, const struct hit_row *h)
{
    struct hits *s = ctx;
    assert_true(s->count < 100);
    if (s->count == 0)
        (void)snprintf(s->file, sizeof s->file, "%.*s", (int)h->file.len, h->file.at == NULL ? "" : h->file.at);
    if (s->count == 0)
        (void)snprintf(s->snippet, sizeof s->snippet, "%.*s", (int)h->snippet.len, h->snippet.at);
    s->thread[s->count] = h->thread;
    s->post[s->count++] = h->post;
}
static struct hits find(struct search q)
{
    struct bz_error e = { 0 };
    struct hits hits = { 0 };
    q.limit = q.limit == 0 ? 50 : q.limit;
    must(query_search(look(w), viewer, &q, on_hit, &hits, hits.next, &e), &e);
    return hits;
}
static size_t count(const char *text) { return find((struct search){ .text = span_of(text) }).count; }

static void accents_and_case_are_folded(void **state)
{
    (void)add_post(w, w->admin, w->lobby, "La movilité à São Paulo: vélos et piétons");
    assert_int_equal(count("mobilite"), 0);
    assert_int_equal(count("MOVILITE sao"), 1);
    assert_int_equal(count("piet"), 1);          /* the last word may be a beginning */
    assert_int_equal(count("pi"), 0);            /* not so short a one */
    assert_int_equal(count("piet velos"), 0);    /* nor an earlier one */
    struct hits hits = find((struct search){ .text = SPAN("velos") });
    assert_non_null(strstr(hits.snippet, "\xee\x80\x80" "vélos" "\xee\x80\x81"));
}

static void scripts_without_spaces_are_found(void **state)
{
    (void)add_thread(w, w->admin, w->general, "公共交通", "城市的公共交通很重要 bus");
    (void)add_post(w, w->admin, w->lobby, "รถเมล์กรุงเทพฯ สาย 8");
    assert_int_equal(count("公共交通"), 2);   /* title and post */
    assert_int_equal(count("公交"), 0);
    assert_int_equal(count("公共"), 2);       /* shorter than three characters */
    assert_int_equal(count("重要 bus"), 1);
    assert_int_equal(count("กรุงเทพ"), 1);
    assert_int_equal(count("火车"), 0);
    struct hits hits = find((struct search){ .text = SPAN("重要") });
    assert_non_null(strstr(hits.snippet, "\xee\x80\x80" "重要" "\xee\x80\x81"));
}

static void filters_and_pages_hold(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    bz_id room = add_room(w, "other", ACCESS_OPEN);
    bz_id thread = add_thread(w, ana, room, "tram plans", "the tram");
    bz_id in_other = w->extra;
    bz_id titled = add_thread(w, ana, w->general, "another tram", "nothing");
    bz_id es = world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby,
                                             .text = SPAN("el tram"), .lang = SPAN("es-MX") });
    struct hits h = find((struct search){ .text = SPAN("tram") });
    assert_int_equal(h.count, 4);   /* titles first, then posts, newest first in each */
    assert_int_equal(h.thread[0], titled);
    assert_int_equal(h.thread[1], thread);
    assert_int_equal(h.post[2], es);
    assert_int_equal(h.post[3], in_other);
    assert_string_equal(h.next, "");
    struct hits one = { 0 };
    for (size_t i = 0; i < 4; i++) {
        char before[SEARCH_NEXT_CHARS];
        memcpy(before, one.next, sizeof before);
        one = find((struct search){ .text = SPAN("tram"), .before = i == 0 ? (struct span){ 0 } : span_of(before), .limit = 1 });
        assert_int_equal(one.count, 1);
        assert_int_equal(one.thread[0], h.thread[i]);
        assert_int_equal(one.post[0], h.post[i]);
    }
    assert_string_equal(one.next, "");
    assert_int_equal(find((struct search){ .text = SPAN("tram"), .room = room }).count, 2);
    assert_int_equal(find((struct search){ .text = SPAN("tram"), .by = ana }).count, 3);
    assert_int_equal(find((struct search){ .text = SPAN("tram"), .lang = SPAN("es") }).count, 1);
    assert_int_equal(find((struct search){ .text = SPAN("tram"), .lang = SPAN("es-MX") }).count, 1);
    assert_int_equal(find((struct search){ .text = SPAN("tram"), .kind = THREAD_KIND_CHAT }).count, 1);
}

static void what_is_edited_or_redacted_follows(void **state)
{
    bz_id post = add_post(w, w->admin, w->lobby, "the heron");
    edit(w, w->admin, post, "the egret");
    assert_int_equal(count("heron"), 0);
    assert_int_equal(count("egret"), 1);
    redact(w, w->admin, post);
    assert_int_equal(count("egret"), 0);
    bz_id thread = add_thread(w, w->admin, w->general, "stork", "x");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_RENAME, .actor = w->admin, .thread = thread,
                                        .title = SPAN("crane") });
    assert_int_equal(count("stork"), 0);
    assert_int_equal(count("crane"), 1);
}

static void marks_of_a_hit_cannot_be_written_by_people(void **state)
{
    (void)add_post(w, w->admin, w->lobby, "a \xee\x80\x80" "fake\xee\x80\x81 mark and a pelican");
    struct hits h = find((struct search){ .text = SPAN("pelican") });
    assert_int_equal(h.count, 1);
    assert_null(strstr(h.snippet, "\xee\x80\x80" "fake"));
    assert_non_null(strstr(h.snippet, "\xee\x80\x80" "pelican\xee\x80\x81"));
    (void)world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby,
                                        .text = SPAN("\xee\x80\x80") });   /* nothing is left of it: still applied */
}

/* Two files along with a text; ids of uploads must differ. */
static bz_id share(const char *text, const char *name, const char *alt, const char *inside, const char *other)
{
    static unsigned next;
    static char ids[2][UPLOAD_CHARS + 1];
    struct file_ref files[2] = { { .alt = span_of(alt) } };
    const char *names[] = { name, "budget.txt" }, *words[] = { inside, other };
    for (size_t i = 0; i < 2; i++) {
        char bytes[40];
        (void)snprintf(ids[i], sizeof ids[i], "%032x", ++next);
        (void)snprintf(bytes, sizeof bytes, "bytes %u", next);
        add_upload(w, w->admin, ids[i], names[i], bytes, words[i]);
        files[i].upload = span_of(ids[i]);
    }
    return world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby,
                                         .text = span_of(text), .files = { files, 2 } });
}

static void a_post_is_found_by_its_files(void **state)
{
    bz_id post = share("the heron", "Mobilité_2026.pdf", "an egret", "lanes for bicycles in the city of Quito", "a tram for Quito");
    static const struct { const char *words, *file, *mark; } found[] = {
        { "heron", "", "heron" }, { "mobilite", "Mobilité_2026.pdf", "Mobilité" }, { "pdf", "Mobilité_2026.pdf", "pdf" },
        { "egret", "Mobilité_2026.pdf", "egret" }, { "BICYCLES", "Mobilité_2026.pdf", "bicycles" }, { "tram", "budget.txt", "tram" },
        { "budg", "budget.txt", "budget" }, { "heron tram", "", "heron" }, { "egret tram", "Mobilité_2026.pdf", "egret" },
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        struct hits h = find((struct search){ .text = span_of(found[i].words) });
        char mark[60];
        (void)snprintf(mark, sizeof mark, "\xee\x80\x80%s\xee\x80\x81", found[i].mark);
        assert_int_equal(h.count, 1);
        assert_int_equal(h.post[0], post);
        assert_string_equal(h.file, found[i].file);
        assert_non_null(strstr(h.snippet, mark));
    }
    edit(w, w->admin, post, "the stork");
    assert_int_equal(count("heron"), 0);
    assert_int_equal(count("stork tram"), 1);
    redact(w, w->admin, post);
    assert_int_equal(count("mobilite") + count("egret") + count("bicycles") + count("tram"), 0);
    post = share("", "公共交通.pdf", NULL, "รถเมล์กรุงเทพฯ สาย 8", NULL);
    assert_int_equal(find((struct search){ .text = SPAN("公共交通") }).post[0], post);
    assert_string_equal(find((struct search){ .text = SPAN("公共") }).file, "公共交通.pdf");
    assert_string_equal(find((struct search){ .text = SPAN("กรุงเทพ") }).file, "公共交通.pdf");
    assert_string_equal(find((struct search){ .text = SPAN("สาย") }).file, "公共交通.pdf");
    assert_int_equal(count("火车"), 0);
}

static void sql(const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(w->db->sq, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
}

static void run_migration(const char *name)
{
    int i = 0;
    while (strstr(migrations[i].name, name) == NULL)
        i++;
    sql(migrations[i].sql);
}

/* As the entry says it that a worker's answer makes. */
static void link_told(bz_id post, const char *title)
{
    struct bz_error e = { 0 };
    char body[200];
    (void)snprintf(body, sizeof body, "{\"url\":\"https://a.org/\",\"title\":\"%s\"}", title);
    struct entry en = { .seq = w->last_seq + 1, .kind = ENTRY_LINK, .at_ms = w->clock_ms, .room = w->general, .thread = w->lobby, .subject = post,
                        .body = span_of(body) };
    must(db_begin(w->db, &e), &e);
    must(w->journal->ops->append(w->journal, w->last_seq, &en, 1, &e), &e);
    must(apply_entry(w->db, &en, &e), &e);
    must(db_commit(w->db, &e), &e);
}

/* The schema of a release before, as far as the migrations care, becomes the one of today. */
static void words_of_files_are_rebuilt_and_upgraded(void **state)
{
    struct bz_error e = { 0 };
    struct verify_result result;
    int64_t entries;
    unsigned char before[32], after[32];
    bz_id gone = share("", "gone.txt", NULL, "the quetzal", NULL);
    (void)share("the heron", "kept.txt", "a map", "the toucan 公共交通", "公");
    link_told(add_post(w, w->admin, w->lobby, "https://a.org/"), "The bittern 公共");
    redact(w, w->admin, gone);
    must(store_digest(w->db, before, &e), &e);
    must(store_rebuild(w->db, &entries, &e), &e);
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, 32);
    assert_int_equal(count("toucan"), 1);
    assert_int_equal(count("quetzal"), 0);
    must(store_verify(&(struct verify_request){ .db = w->config, .say = (void (*)(void *, const char *))(void *)puts }, &result, &e), &e);
    assert_int_equal(result.findings, 0);

    sql("DROP TABLE post_words; DROP TABLE post_tri_words; DROP TABLE post_fts; DROP TABLE post_tri; DROP VIEW post_text;"
        "ALTER TABLE post_file DROP COLUMN alt; CREATE VIEW post_text AS SELECT id, text FROM post;"
        "CREATE VIRTUAL TABLE post_fts USING fts5(text, content='post_text', content_rowid='id');"
        "CREATE VIRTUAL TABLE post_tri USING fts5(text, content='post_text', content_rowid='id', tokenize = \"trigram\");"
        "CREATE VIRTUAL TABLE post_words USING fts5vocab(post_fts, row);"
        "CREATE VIRTUAL TABLE post_tri_words USING fts5vocab(post_tri, row); DELETE FROM post_spaceless;");
    char version[64];
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %d", migrations_count);
    run_migration("_file_words.sql");
    run_migration("_link_words.sql");
    sql(version);
    must(store_digest(w->db, after, &e), &e);
    assert_memory_equal(before, after, 32);
    db_close(w->reader);
    must(db_open(&w->config, DB_READ, false, &w->reader, &e), &e);
    assert_int_equal(count("toucan") + count("map") + count("公共") + count("bittern"), 5);
}

/* How many pages of the database are asked for. */
static int pages_of(const char *match)
{
    int now, high, before = 0, after = 0;
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->db->sq, "SELECT rowid FROM post_fts WHERE post_fts MATCH ?1 ORDER BY rowid DESC LIMIT 1", -1, &s, NULL), SQLITE_OK);
    for (int i = SQLITE_DBSTATUS_CACHE_HIT; i <= SQLITE_DBSTATUS_CACHE_MISS; i++) {
        (void)sqlite3_db_status(w->db->sq, i, &now, &high, 0);
        before += now;
    }
    assert_int_equal(sqlite3_bind_text(s, 1, match, -1, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    (void)sqlite3_finalize(s);
    for (int i = SQLITE_DBSTATUS_CACHE_HIT; i <= SQLITE_DBSTATUS_CACHE_MISS; i++) {
        (void)sqlite3_db_status(w->db->sq, i, &now, &high, 0);
        after += now;
    }
    return after - before;
}

static void a_beginning_of_three_letters_costs_no_walk_over_all_that_hold_it(void **state)
{
    char text[4000];
    for (uint32_t i = 0; i < 40; i++) {
        *text = '\0';
        for (uint32_t k = 0; k < 150; k++)
            (void)snprintf(text + strlen(text), sizeof text - strlen(text), "wxyz%08x%04x ", (i * 150 + k) * 2654435761U, k);
        (void)add_post(w, w->admin, w->lobby, text);
    }
    sql("INSERT INTO post_fts(post_fts) VALUES('optimize')");
    (void)pages_of("\"wxy\"*");   /* what is looked up once */
    int three = pages_of("\"wxy\"*"), four = pages_of("\"wxyz\"*");
    if (three * 3 > four)
        fail_msg("%d pages for three letters, %d for the same words by four", three, four);
    assert_int_equal(count("wxy"), 40);
}

static void hostile_texts_are_words(void **state)
{
    static const char *const texts[] = {
        "\"", "\"\"\"", "a\" OR \"b", "text:pelican", "pelican NEAR pelican", "NEAR(pelican tern, 5)", "pelican AND",
        "OR", "NOT", "^pelican", "pelican*", "* *", "(((", "-pelican", "{text} : x", "pelican\\", "'; DROP TABLE post; --",
        "ab* cd* ef* gh* ij* kl* mn*", "\xf3\xa0\x80\x81", "公\"", "\xee\x80\x80", "%_%", " \t\n ", "",
    };
    (void)add_post(w, w->admin, w->lobby, "a pelican");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        (void)count(texts[i]);
    assert_int_equal(count("pelican*"), 1);
    assert_int_equal(count("\"pelican\""), 1);
    assert_int_equal(count("-pelican"), 1);
    char *many = calloc(1, 200000);
    for (int i = 0; i < 10000; i++)
        strcat(many + i * 8, "pelican ");
    assert_int_equal(count(many), 1);
    free(many);
}

/* Each finds the other, alone and before another word, and both count as one word in a hit. */
static void other_forms_of_a_word_are_found(void **state)
{
    static const char *const pairs[][2] = {
        { "minibus", "minibuses" }, { "tarifa", "tarifas" }, { "véhicule", "véhicules" }, { "city", "cities" },
        { "bicicleta", "bicicletas" }, { "estación", "estaciones" }, { "estacion", "estaciones" }, { "canal", "canaux" },
        { "luz", "luces" }, { "estação", "estações" }, { "estacao", "estações" }, { "walk", "walking" }, { "plan", "plans" },
        { "metre", "metres" }, { "vehicule", "véhicules" }, { "reforma", "reformas" }, { "park", "parked" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        for (int way = 0; way < 2; way++) {
            char text[100], asked[100];
            (void)snprintf(text, sizeof text, "zebra%zu%d %s quagga", i, way, pairs[i][way]);
            bz_id post = add_post(w, w->admin, w->lobby, text);
            (void)snprintf(asked, sizeof asked, "%s zebra%zu%d", pairs[i][1 - way], i, way);
            struct hits h = find((struct search){ .text = span_of(asked) });
            if (h.count != 1 || h.post[0] != post)
                fail_msg("%s does not find %s", pairs[i][1 - way], pairs[i][way]);
            assert_non_null(strstr(h.snippet, pairs[i][way]));
            (void)snprintf(asked, sizeof asked, "zebra%zu%d \"%s\"", i, way, pairs[i][1 - way]);
            if (i != 6 && i != 10 && i != 14)   /* what differs by accents alone is the same word */
                if (count(asked) != 0)
                    fail_msg("%s finds %s", asked, text);
        }
    }
    (void)add_post(w, w->admin, w->lobby, "news of the bus 8A");
    assert_int_equal(count("bu 8A"), 0);
    assert_int_equal(count("buses 8a"), 1);
}

static void forms_are_bounded(void **state)
{
    struct asked asked;
    struct asked_match match;
    struct forms *forms = forms_new();
    asked_read(SPAN("walk talk park plan bike lane road card rate fare"), &asked);
    forms_add(forms, &asked);
    size_t all = 0;
    for (size_t i = 0; i < asked.count; i++) {
        assert_true(asked.forms[i].count <= ASKED_FORMS_MAX);
        all += asked.forms[i].count;
    }
    assert_int_equal(all, ASKED_FORMS_ALL);
    asked_match(&asked, true, &match);
    assert_int_equal(strlen(match.map), asked.count + ASKED_FORMS_ALL + 1);   /* and the beginning */
    assert_true(match.len < sizeof match.text);
    forms_free(forms);
}

static void words_are_cut_where_they_should_be(void **state)
{
    struct words words;
    char match[WORDS_MATCH_BYTES];
    words_split(SPAN("  BRT-lite, \"métro\"* (2026)  co"), &words);
    words_match(&words, 3, match);
    assert_string_equal(match, "\"BRT\" \"lite\" \"métro\" \"2026\" \"co\"");
    words_split(SPAN("a b c d e f g h i j k l m n o p q r s"), &words);
    assert_int_equal(words.count, BZ_LIMIT_SEARCH_WORDS);
}

static void a_deadline_stops_a_query(void **state)
{
    struct bz_error e = { 0 };
    for (int i = 0; i < 400; i++)
        (void)add_post(w, w->admin, w->lobby, "公共公共公共公共公共公共公共公共公共公共公共公共公共公共");
    struct db *db = look(w);
    struct hits hits = { 0 };
    struct search q = { .text = SPAN("共公 没有"), .limit = 50 };
    struct timespec pause = { 0, 3000000 };
    db_deadline(db, 1);
    nanosleep(&pause, NULL);   /* waiting costs nothing, up to ten times as long by the clock */
    bool is_stopped = false;
    for (int i = 0; i < 5 && !is_stopped; i++) {   /* what is looked for is not there: the whole of it is walked */
        enum bz_err rc = query_search(db, viewer, &q, on_hit, &hits, hits.next, &e);
        assert_true(rc == BZ_OK || rc == BZ_ERR_DEADLINE);
        is_stopped = rc == BZ_ERR_DEADLINE;
    }
    assert_true(is_stopped);

    db_deadline(db, 1);
    pause.tv_nsec = 12000000;
    nanosleep(&pause, NULL);
    assert_int_equal(query_search(db, viewer, &q, on_hit, &hits, hits.next, &e), BZ_ERR_DEADLINE);

    db_deadline(db, 200);
    pause.tv_nsec = 250000000;
    nanosleep(&pause, NULL);   /* a busy machine is no fault of the query */
    must(query_search(db, viewer, &q, on_hit, &hits, hits.next, &e), &e);
    db_deadline(db, 0);
    must(query_search(db, viewer, &q, on_hit, &hits, hits.next, &e), &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(accents_and_case_are_folded, setup, teardown),
        cmocka_unit_test_setup_teardown(scripts_without_spaces_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(filters_and_pages_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_edited_or_redacted_follows, setup, teardown),
        cmocka_unit_test_setup_teardown(marks_of_a_hit_cannot_be_written_by_people, setup, teardown),
        cmocka_unit_test_setup_teardown(a_post_is_found_by_its_files, setup, teardown),
        cmocka_unit_test_setup_teardown(words_of_files_are_rebuilt_and_upgraded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_beginning_of_three_letters_costs_no_walk_over_all_that_hold_it, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_texts_are_words, setup, teardown),
        cmocka_unit_test_setup_teardown(other_forms_of_a_word_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(forms_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(words_are_cut_where_they_should_be, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_stops_a_query, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
