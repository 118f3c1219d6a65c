/* Proves that every read shows what policy lets its viewer see, no more and no less, and counts what is unread. */
#include "domain/policy.h"
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

struct seen {
    size_t count;
    bz_id ids[64];
    struct room_row room;      /* of `want` */
    struct thread_row thread;
    bz_id want;
    char text[64][128];
};
static void see(struct seen *s, bz_id id, struct span text)
{
    assert_true(s->count < 64);
    (void)snprintf(s->text[s->count], 128, "%.*s", (int)text.len, text.at == NULL ? "" : text.at);
    s->ids[s->count++] = id;
}
static void on_room(void *ctx, const struct room_row *r)
{
    struct seen *s = ctx;
    see(s, r->id, r->slug);
    if (r->id == s->want)
        s->room = *r;
}
static void on_thread(void *ctx, const struct thread_row *t)
{
    struct seen *s = ctx;
    see(s, t->id, t->title);
    if (t->id == s->want || s->want == 0)
        s->thread = *t;
}
static void on_post(void *ctx, const struct post_row *p) { see(ctx, p->id, p->text); }
static void on_version(void *ctx, const struct version_row *v) { see(ctx, v->by, v->text); }
static void on_member(void *ctx, const struct member_row *m) { see(ctx, m->id, m->handle); }
static void on_hit(void *ctx, const struct hit_row *h) { see(ctx, h->post, h->snippet); }
static bool on_entry(void *ctx, const struct entry *entry) { see(ctx, entry->seq, SPAN("")); return true; }

static bool has(const struct seen *s, bz_id id)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->ids[i] == id)
            return true;
    return false;
}

static void the_rule_of_sql_is_the_rule_of_policy(void **state)
{
    static const enum role roles[] = { ROLE_GUEST, ROLE_MEMBER, ROLE_MODERATOR, ROLE_ADMIN };
    static const enum access accesses[] = { ACCESS_OPEN, ACCESS_MEMBERS, ACCESS_PRIVATE };
    static const char *const slugs[] = { "open", "members", "private" };
    struct bz_error e = { 0 };
    for (int a = 0; a < 3; a++) {
        bz_id room = add_room(w, slugs[a], accesses[a]);
        bz_id thread = add_thread(w, w->admin, room, "wombat", "a wombat here");
        bz_id post = w->extra;
        for (int r = 0; r < 4; r++) {
            for (int part = 0; part < 2; part++) {
                char handle[20];
                (void)snprintf(handle, sizeof handle, "m%d%d%d", a, r, part);
                struct viewer v = { add_member(w, handle, handle, roles[r]), roles[r] };
                if (part == 1)
                    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_INVITE, .actor = w->admin, .room = room,
                                                        .member = v.member });
                bool may_read = policy_can_read(v.role, accesses[a], part == 1);
                bool may_find = policy_can_find(v.role, accesses[a], part == 1);
                enum bz_err expected = may_read ? BZ_OK : BZ_ERR_NOT_FOUND;
                struct db *db = look(w);
                struct page page = { .limit = 50 };
                struct seen rooms = { .want = room }, s = { 0 };
                must(query_rooms(db, v, on_room, &rooms, &e), &e);
                assert_int_equal(has(&rooms, room), may_find);
                assert_int_equal(rooms.room.threads, may_read ? 1 : 0);
                assert_int_equal(query_threads(db, v, room, 0, page, on_thread, &s, &e), expected);
                assert_int_equal(query_thread(db, v, thread, on_thread, &s, &e), expected);
                assert_int_equal(query_posts(db, v, thread, page, on_post, &s, &e), expected);
                assert_int_equal(query_history(db, v, post, on_version, &s, &e), expected);
                struct seen hits = { 0 }, people = { 0 };
                struct search search = { .text = SPAN("wombat"), .room = room, .limit = 10 };
                char next[SEARCH_NEXT_CHARS];
                must(query_search(db, v, &search, on_hit, &hits, next, &e), &e);
                assert_int_equal(hits.count, may_read ? 2 : 0);
                assert_int_equal(query_members(db, v, SPAN(""), room, 100, on_member, &people, &e),
                                 may_find ? BZ_OK : BZ_ERR_NOT_FOUND);
                assert_int_equal(has(&people, v.member), may_read);
                bz_id member;
                struct command mark = { .kind = COMMAND_READ_MARK, .actor = v.member, .thread = thread, .seq = 1 };
                must(db_begin(w->db, &e), &e);
                assert_int_equal(personal_apply(w->db, &mark, 1, &member, &e), expected);
                db_rollback(w->db);
            }
        }
    }
}

static void a_room_of_two_is_theirs_whatever_the_role(void **state)
{
    static const enum role roles[] = { ROLE_GUEST, ROLE_MEMBER, ROLE_MODERATOR, ROLE_ADMIN };
    struct bz_error e = { 0 };
    bz_id two[2] = { add_member(w, "ana", "Ana", ROLE_ADMIN), add_member(w, "ben", "Ben", ROLE_MODERATOR) };
    for (int i = 0; i < 2; i++)
        join(w, two[i], w->general);
    bz_id room = world_do(w, (struct command){ .kind = COMMAND_DIRECT_OPEN, .actor = two[0], .member = two[1], .text = SPAN("a wombat here") });
    bz_id thread = w->extra;
    assert_int_equal(world_do(w, (struct command){ .kind = COMMAND_DIRECT_OPEN, .actor = two[1], .member = two[0], .text = SPAN("yes") }), room);
    for (int r = 0; r < 6; r++) {
        char handle[20];
        (void)snprintf(handle, sizeof handle, "m%d", r);
        struct viewer v = r < 4 ? (struct viewer){ add_member(w, handle, handle, roles[r]), roles[r] }
                                : (struct viewer){ two[r - 4], r == 4 ? ROLE_ADMIN : ROLE_MODERATOR };
        bool may = policy_can_read(v.role, ACCESS_DIRECT, r >= 4);
        assert_int_equal(may, r >= 4);
        struct db *db = look(w);
        struct page page = { .limit = 50 };
        struct seen rooms = { .want = room }, s = { 0 }, talks = { 0 }, hits = { 0 }, people = { 0 };
        enum bz_err expected = may ? BZ_OK : BZ_ERR_NOT_FOUND;
        must(query_rooms(db, v, on_room, &rooms, &e), &e);
        assert_int_equal(has(&rooms, room), may);
        assert_true(!may || (rooms.room.role == ROLE_MEMBER && rooms.room.with == two[5 - r]));
        assert_int_equal(query_threads(db, v, room, 0, page, on_thread, &s, &e), expected);
        assert_int_equal(query_posts(db, v, thread, page, on_post, &s, &e), expected);
        must(query_talks(db, v, page, on_thread, &talks, &e), &e);
        assert_int_equal(talks.count, may ? 1 : 0);
        struct search search = { .text = SPAN("wombat"), .limit = 10 };
        char next[SEARCH_NEXT_CHARS];
        must(query_search(db, v, &search, on_hit, &hits, next, &e), &e);
        assert_int_equal(hits.count, may ? 1 : 0);
        assert_int_equal(query_members(db, v, SPAN(""), room, 100, on_member, &people, &e), expected);
    }
}

static void a_hidden_id_marks_the_edge_of_no_page(void **state)
{
    struct bz_error e = { 0 };
    struct viewer ana = { add_member(w, "ana", "Ana", ROLE_MEMBER), ROLE_MEMBER };
    bz_id room = add_room(w, "private", ACCESS_PRIVATE);
    bz_id hidden = add_thread(w, w->admin, room, "hidden", "a quoll");
    join(w, ana.member, w->general);
    (void)add_thread(w, w->admin, w->general, "quoll", "a quoll");
    (void)add_post(w, w->admin, hidden, "another quoll");
    bz_id post = w->last_seq;
    struct db *db = look(w);
    struct seen threads = { 0 }, hits = { 0 }, all = { 0 };
    struct page page = { .before = hidden, .limit = 50 };
    must(query_catchup(db, ana, page, on_thread, &threads, &e), &e);
    assert_int_equal(threads.count, 0);
    struct search search = { .text = SPAN("quoll"), .limit = 10 };
    char next[SEARCH_NEXT_CHARS];
    must(query_search(db, ana, &search, on_hit, &all, next, &e), &e);
    char edge[SEARCH_NEXT_CHARS];
    struct search_page from = { .titles.top = post, .posts.top = post };
    search_page_format(&from, edge);
    search.before = span_of(edge);
    must(query_search(db, ana, &search, on_hit, &hits, next, &e), &e);
    assert_int_equal(all.count, 2);
    assert_int_equal(hits.count, all.count);
}

static void unread_counts_what_others_wrote_since(void **state)
{
    struct bz_error e = { 0 };
    struct viewer ana = { add_member(w, "ana", "Ana", ROLE_MEMBER), ROLE_MEMBER };
    bz_id ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    bz_id old = add_thread(w, ben, w->general, "Before", "old news");
    join(w, ana.member, w->general);
    bz_id quiet = add_thread(w, ben, w->general, "Quiet", "muted @ana");
    bz_id named = add_thread(w, ben, w->general, "Named", "for @ana");
    bz_id first = w->extra;
    bz_id last = add_post(w, ben, named, "more");
    (void)add_post(w, ana.member, named, "my own");
    bz_id plain = add_thread(w, ben, w->general, "Plain", "nothing special");
    world_personal(w, (struct command){ .kind = COMMAND_THREAD_FOLLOW, .actor = ana.member, .thread = quiet,
                                        .level = LEVEL_MUTE });
    struct db *db = look(w);
    struct seen s = { .want = w->general };
    must(query_rooms(db, ana, on_room, &s, &e), &e);
    assert_int_equal(s.room.unread, 3);
    assert_int_equal(s.room.mentions, 1);
    assert_true(s.room.is_joined);
    s = (struct seen){ 0 };
    struct page page = { .limit = 1 };
    must(query_catchup(db, ana, page, on_thread, &s, &e), &e);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.ids[0], named);           /* a mention goes before newer news */
    assert_int_equal(s.thread.unread, 2);
    assert_int_equal(s.thread.mentions, 1);
    assert_int_equal(s.thread.first_unread, first);
    page = (struct page){ .before = named, .limit = 10 };
    s = (struct seen){ 0 };
    must(query_catchup(db, ana, page, on_thread, &s, &e), &e);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.ids[0], plain);
    assert_false(has(&s, old));
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = ana.member, .thread = named, .seq = last });
    db = look(w);
    s = (struct seen){ .want = named };
    must(query_thread(db, ana, named, on_thread, &s, &e), &e);
    assert_int_equal(s.thread.unread, 0);
    assert_int_equal(s.thread.first_unread, 0);
    assert_int_equal(s.thread.read_seq, last);
    for (int i = 0; i < 120; i++)
        (void)add_post(w, ben, plain, "many");
    s = (struct seen){ .want = w->general };
    must(query_rooms(look(w), ana, on_room, &s, &e), &e);
    assert_int_equal(s.room.unread, BZ_LIMIT_UNREAD_MAX);
}

static bz_id ask(bz_id by, bz_id room, enum thread_kind kind, const char *lang)
{
    return world_do(w, (struct command){ .kind = COMMAND_THREAD_CREATE, .actor = by, .room = room, .title = SPAN("Title"),
                                         .thread_kind = kind, .text = SPAN("please"),
                                         .lang = span_of(lang) });
}

static void unanswered_questions_fit_who_reads_them(void **state)
{
    struct bz_error e = { 0 };
    struct viewer ana = { add_member(w, "ana", "Ana", ROLE_MEMBER), ROLE_MEMBER };
    bz_id ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    bz_id far = add_room(w, "far", ACCESS_OPEN);
    join(w, ana.member, w->general);
    join(w, ben, w->general);
    bz_id mine = ask(ben, w->general, THREAD_KIND_QUESTION, "en");
    bz_id foreign = ask(ben, w->general, THREAD_KIND_QUESTION, "fr");
    bz_id newer = ask(ben, w->general, THREAD_KIND_QUESTION, "fr");
    (void)ask(ben, far, THREAD_KIND_QUESTION, "en");
    (void)ask(ana.member, w->general, THREAD_KIND_QUESTION, "en");
    (void)ask(ben, w->general, THREAD_KIND_DISCUSSION, "en");
    bz_id locked = ask(ben, w->general, THREAD_KIND_QUESTION, "en");
    bz_id muted = ask(ben, w->general, THREAD_KIND_QUESTION, "en");
    bz_id done = ask(ben, w->general, THREAD_KIND_QUESTION, "en");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_LOCK, .actor = w->admin, .thread = locked, .on = true });
    world_personal(w, (struct command){ .kind = COMMAND_THREAD_FOLLOW, .actor = ana.member, .thread = muted,
                                        .level = LEVEL_MUTE });
    bz_id answer = add_post(w, ana.member, done, "so");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = ben, .thread = done, .post = answer });
    struct seen s = { 0 };
    must(query_unanswered(look(w), ana, 20, on_thread, &s, &e), &e);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.ids[0], mine);
    assert_int_equal(s.ids[1], newer);
    assert_int_equal(s.ids[2], foreign);
    s = (struct seen){ 0 };
    must(query_unanswered(look(w), ana, 1, on_thread, &s, &e), &e);
    assert_int_equal(s.count, 1);
}

static void posts_come_in_pages(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v = { w->admin, ROLE_ADMIN };
    bz_id ids[10];
    for (int i = 0; i < 10; i++)
        ids[i] = add_post(w, w->admin, w->lobby, "p");
    struct db *db = look(w);
    static const struct { int before, after, around, limit, from, count; } cases[] = {
        { -1, -1, -1, 3, 7, 3 }, { 7, -1, -1, 3, 4, 3 }, { 1, -1, -1, 3, 0, 1 }, { 0, -1, -1, 3, 0, 0 },
        { -1, 3, -1, 3, 4, 3 },  { -1, 9, -1, 3, 0, 0 }, { -1, -1, 5, 4, 3, 4 }, { -1, -1, 0, 4, 0, 2 },
        { -1, -1, 5, 1, 5, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct page page = { cases[i].before < 0 ? 0 : ids[cases[i].before], cases[i].after < 0 ? 0 : ids[cases[i].after],
                             cases[i].around < 0 ? 0 : ids[cases[i].around], cases[i].limit, false };
        struct seen s = { 0 };
        must(query_posts(db, v, w->lobby, page, on_post, &s, &e), &e);
        assert_int_equal(s.count, cases[i].count);
        for (int k = 0; k < cases[i].count; k++)
            assert_int_equal(s.ids[k], ids[cases[i].from + k]);
    }
}

static void threads_are_pinned_first_and_paged(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v = { w->admin, ROLE_ADMIN };
    bz_id a = add_thread(w, w->admin, w->general, "a", "x"), b = add_thread(w, w->admin, w->general, "b", "x");
    bz_id c = add_thread(w, w->admin, w->general, "c", "x");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_PIN, .actor = w->admin, .thread = a, .on = true });
    (void)add_post(w, w->admin, b, "newest");
    struct seen s = { 0 };
    must(query_threads(look(w), v, w->general, 0, (struct page){ .limit = 2 }, on_thread, &s, &e), &e);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.ids[0], a);
    assert_int_equal(s.ids[1], b);
    s = (struct seen){ 0 };
    must(query_threads(w->reader, v, w->general, 0, (struct page){ .before = b, .limit = 9 }, on_thread, &s, &e), &e);
    assert_int_equal(s.ids[0], c);
    assert_int_equal(s.ids[s.count - 1], w->lobby);
    assert_false(has(&s, a));
    s = (struct seen){ 0 };
    must(query_threads(w->reader, v, w->general, THREAD_KIND_CHAT, (struct page){ .limit = 9 }, on_thread, &s, &e), &e);
    assert_int_equal(s.count, 1);
}

static void history_has_every_text_until_it_is_redacted(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v = { w->admin, ROLE_ADMIN };
    bz_id post = add_post(w, w->admin, w->lobby, "one");
    edit(w, w->admin, post, "two");
    edit(w, w->admin, post, "three");
    struct seen s = { 0 };
    must(query_history(look(w), v, post, on_version, &s, &e), &e);
    assert_int_equal(s.count, 3);
    assert_string_equal(s.text[0], "one");
    assert_string_equal(s.text[1], "two");
    assert_string_equal(s.text[2], "three");
    redact(w, w->admin, post);
    s = (struct seen){ 0 };
    must(query_history(look(w), v, post, on_version, &s, &e), &e);
    assert_int_equal(s.count, 0);
}

static void members_are_found_by_their_names(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v = { w->admin, ROLE_ADMIN };
    static const struct { const char *prefix; size_t count; } cases[] = {
        { "nu", 1 }, { "ANA", 1 }, { "ana nu", 1 }, { "jean.l", 1 }, { "x", 0 }, { "\"*", 0 }, { "", 3 }, { "b OR a", 0 },
    };
    (void)add_member(w, "ana", "Ana Núñez", ROLE_MEMBER);
    (void)add_member(w, "jean.luc", "Jean-Luc", ROLE_MEMBER);
    struct db *db = look(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen s = { 0 };
        must(query_members(db, v, span_of(cases[i].prefix), 0, 50, on_member, &s, &e), &e);
        assert_int_equal(s.count, cases[i].count);
    }
}

static bz_id works_in(const char *handle, const char *name, const char *org, const char *city)
{
    return world_do(w, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = span_of(handle), .name = span_of(name), .role = ROLE_MEMBER,
                                         .region = w->region, .org = span_of(org), .city = span_of(city) });
}

static void people_are_found_by_where_they_work_after_those_of_that_name(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v = { w->admin, ROLE_ADMIN };
    (void)works_in("awa", "Awa Diop", "CETUD", "Dakar");
    (void)works_in("zoe", "Zoé Dakar", NULL, "Abidjan");
    (void)works_in("ben", "Ben", "Dakar Dem Dikk", "Thiès");
    (void)works_in("ali", "Ali", NULL, "Bogotá");
    static const struct { const char *text; int limit; const char *handles; } cases[] = {
        { "dakar", 5, "zoe awa ben " }, { "dakar", 2, "zoe awa " }, { "dakar", 1, "zoe " }, { "awa dakar", 5, "awa " }, { "dak", 5, "zoe awa ben " },
        { "bogota", 5, "ali " }, { "cetud", 5, "awa " }, { "zoe", 5, "zoe " }, { "lagos", 5, "" }, { "dakar OR lagos", 5, "" },
        { ") NOT (", 5, "" }, { "\xf3\xa0\x80\x81 dakar", 5, "zoe awa ben " },
    };
    struct db *db = look(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen s = { 0 };
        char handles[100] = "";
        must(query_members_found(db, span_of(cases[i].text), cases[i].limit, on_member, &s, &e), &e);
        for (size_t k = 0; k < s.count; k++)
            (void)snprintf(handles + strlen(handles), sizeof handles - strlen(handles), "%s ", s.text[k]);
        assert_string_equal(handles, cases[i].handles);
    }
    struct seen s = { 0 };
    must(query_members(db, v, SPAN("dakar"), 0, 50, on_member, &s, &e), &e);
    assert_int_equal(s.count, 1);   /* who completes a name is not offered a city */
}

static void resume_gives_the_hubs_entries_and_the_rooms_asked_for(void **state)
{
    struct bz_error e = { 0 };
    bz_id room = add_room(w, "other", ACCESS_OPEN);
    bz_id a = add_post(w, w->admin, w->lobby, "a");
    bz_id thread = add_thread(w, w->admin, room, "t", "b");
    bz_id c = add_member(w, "cara", "Cara", ROLE_MEMBER);
    int64_t head, count;
    struct db *db = look(w);
    must(query_head(db, &head, &e), &e);
    struct seen s = { 0 };
    must(query_entries(db, &(struct reach){ .rooms = SPAN("[3]") }, a - 1, head, 100, on_entry, &s, &e), &e);
    assert_true(has(&s, a) && has(&s, c) && !has(&s, thread));
    for (size_t i = 1; i < s.count; i++)
        assert_true(s.ids[i] > s.ids[i - 1]);
    must(query_entries_count(db, &(struct reach){ .rooms = SPAN("[3]") }, a - 1, head, 100, &count, &e), &e);
    assert_int_equal(count, s.count);
    must(query_entries_count(db, &(struct reach){ .rooms = SPAN("[]") }, 0, head, 2, &count, &e), &e);
    assert_int_equal(count, 2);
    s = (struct seen){ 0 };
    must(query_entries(db, &(struct reach){ .rooms = SPAN("[]") }, a - 1, head, 100, on_entry, &s, &e), &e);
    assert_int_equal(s.count, 1);
}

struct shown { int64_t unread; bz_id first; };
static void on_shown(void *ctx, const struct thread_row *row)
{
    *(struct shown *)ctx = (struct shown){ row->unread, row->first_unread };
}

struct written { bz_id id, by; };

/* What a plain look at all posts says. */
static struct shown by_hand(const struct written *posts, int count, bz_id viewer, int64_t pos)
{
    struct shown s = { 0 };
    for (int i = 0; i < count; i++)
        if (posts[i].id > pos && posts[i].by != viewer) {
            s.first = s.first == 0 ? posts[i].id : s.first;
            s.unread += s.unread < BZ_LIMIT_UNREAD_MAX;
        }
    return s;
}

static void unread_counts_are_right_from_every_place(void **state)
{
    struct bz_error e = { 0 };
    bz_id people[3] = { w->admin, add_member(w, "ana", "Ana", ROLE_MEMBER), add_member(w, "ben", "Ben", ROLE_MEMBER) };
    join(w, people[1], w->general);
    join(w, people[2], w->general);
    struct written posts[150];
    unsigned seed = 7;
    for (int i = 0; i < 150; i++) {   /* turns of all lengths */
        seed = seed * 1103515245 + 12345;
        int who = i > 0 && (seed >> 16) % 3 > 0 ? -1 : (int)((seed >> 20) % 3);
        posts[i].by = who < 0 ? posts[i - 1].by : people[who];
        posts[i].id = add_post(w, posts[i].by, w->lobby, "words");
    }
    for (int person = 0; person < 3; person++)
        for (int i = -1; i < 150; i++) {
            struct viewer v = { people[person], ROLE_MEMBER };
            struct shown got = { 0 };
            if (i >= 0)
                world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = v.member, .thread = w->lobby,
                                                    .seq = posts[i].id });
            must(query_thread(look(w), v, w->lobby, on_shown, &got, &e), &e);
            struct shown want = by_hand(posts, 150, v.member, i < 0 ? 0 : posts[i].id);
            assert_int_equal(got.unread, want.unread);
            assert_int_equal(got.first, want.first);
        }
}

/* Steps of SQLite's machine, not time: the same on every machine. */
static void on_no_room(void *ctx, const struct room_row *row) { }

static int steps;
static int count_steps(void *ctx) { steps++; return 0; }

static void what_one_wrote_oneself_costs_nothing_to_count(void **state)
{
    struct bz_error e = { 0 };
    struct viewer v = { w->admin, ROLE_ADMIN };
    struct shown got = { 0 };
    int cost[2];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < (round == 0 ? 10 : 1000); i++)
            (void)add_post(w, w->admin, w->lobby, "my own words");
        struct db *db = look(w);
        sqlite3_progress_handler(db->sq, 1, count_steps, NULL);
        steps = 0;
        must(query_thread(db, v, w->lobby, on_shown, &got, &e), &e);
        must(query_rooms(db, v, on_no_room, NULL, &e), &e);
        cost[round] = steps;
        sqlite3_progress_handler(db->sq, 0, NULL, NULL);
        assert_int_equal(got.unread, 0);
    }
    assert_true(cost[0] > 0 && cost[1] <= cost[0] + 10);
}

struct asked_seen { bz_id id; enum asked_whom asked; bool is_for_viewer; };
static void on_matter(void *ctx, const struct matter_row *row)
{
    struct asked_seen *s = ctx;
    if (row->id == s->id)
        *s = (struct asked_seen){ row->id, row->asked, row->is_for_viewer };
}
static void on_report(void *ctx, const struct report_row *row) {}
static void on_matter_end(void *ctx, const struct matter_row *row) {}

/* Whom it waits for `days` after it was reported, and whether for this viewer. */
static void asked(bz_id matter, bz_id viewer, enum role role, int days, enum asked_whom whom, bool is_for_viewer)
{
    struct bz_error e = { 0 };
    struct asked_seen s = { .id = matter };
    const struct matter_visit visit = { on_matter, on_report, on_matter_end, &s };
    const struct queue_page page = { .limit = 10, .now_ms = w->clock_ms + days * OVERDUE_MS };
    must(query_queue(look(w), (struct viewer){ viewer, role }, &page, &visit, &e), &e);
    assert_int_equal(s.asked, whom);
    assert_int_equal(s.is_for_viewer, is_for_viewer);
}

static void a_report_goes_up_when_nobody_decides(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), near = add_member(w, "near", "Near", ROLE_MEMBER);
    bz_id region = add_member(w, "region", "Region", ROLE_MEMBER), hub = add_member(w, "hub", "Hub", ROLE_MODERATOR);
    bz_id thread = add_thread(w, w->admin, w->general, "wombat", "a wombat here");
    struct command report = { .kind = COMMAND_REPORT_CREATE, .actor = ana, .thread = thread, .rule = SPAN("spam") };
    bz_id alone = world_do(w, report);
    asked(alone, hub, ROLE_MODERATOR, 0, ASKED_HUB, true);

    struct command role = { .kind = COMMAND_MEMBER_ROLE, .actor = w->admin, .member = near, .room = w->general, .role = ROLE_MODERATOR };
    (void)world_do(w, role);
    asked(alone, near, ROLE_MEMBER, 0, ASKED_ROOM, true);
    asked(alone, hub, ROLE_MODERATOR, 0, ASKED_ROOM, false);
    asked(alone, hub, ROLE_MODERATOR, 1, ASKED_HUB, true);   /* nobody stands between them */

    role = (struct command){ .kind = COMMAND_MEMBER_ROLE, .actor = w->admin, .member = region, .region = w->region, .role = ROLE_MODERATOR };
    (void)world_do(w, role);
    asked(alone, region, ROLE_MEMBER, 0, ASKED_ROOM, false);
    asked(alone, region, ROLE_MEMBER, 1, ASKED_REGION, true);
    asked(alone, near, ROLE_MEMBER, 1, ASKED_REGION, true);  /* still */
    asked(alone, hub, ROLE_MODERATOR, 1, ASKED_REGION, false);
    asked(alone, hub, ROLE_MODERATOR, 2, ASKED_HUB, true);
    asked(alone, hub, ROLE_MODERATOR, 9, ASKED_HUB, true);

    bz_id post = add_post(w, near, thread, "by the room's only moderator");   /* who may not decide about it */
    bz_id about = world_do(w, (struct command){ .kind = COMMAND_REPORT_CREATE, .actor = ana, .post = post, .rule = SPAN("rude") });
    asked(about, region, ROLE_MEMBER, 0, ASKED_REGION, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_rule_of_sql_is_the_rule_of_policy, setup, teardown),
        cmocka_unit_test_setup_teardown(a_room_of_two_is_theirs_whatever_the_role, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hidden_id_marks_the_edge_of_no_page, setup, teardown),
        cmocka_unit_test_setup_teardown(unread_counts_are_right_from_every_place, setup, teardown),
        cmocka_unit_test_setup_teardown(what_one_wrote_oneself_costs_nothing_to_count, setup, teardown),
        cmocka_unit_test_setup_teardown(unread_counts_what_others_wrote_since, setup, teardown),
        cmocka_unit_test_setup_teardown(unanswered_questions_fit_who_reads_them, setup, teardown),
        cmocka_unit_test_setup_teardown(posts_come_in_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(threads_are_pinned_first_and_paged, setup, teardown),
        cmocka_unit_test_setup_teardown(history_has_every_text_until_it_is_redacted, setup, teardown),
        cmocka_unit_test_setup_teardown(members_are_found_by_their_names, setup, teardown),
        cmocka_unit_test_setup_teardown(people_are_found_by_where_they_work_after_those_of_that_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_report_goes_up_when_nobody_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(resume_gives_the_hubs_entries_and_the_rooms_asked_for, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
