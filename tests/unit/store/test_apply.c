/* Proves that replaying the journal ends in identical tables for every kind of entry, erased bodies included. */
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static void digest(unsigned char ret[32])
{
    struct bz_error e = { 0 };
    must(store_digest(w->db, ret, &e), &e);
}

static void same_after_rebuild(void)
{
    struct bz_error e = { 0 };
    unsigned char before[32], after[32];
    struct verify_result result;
    int64_t entries, head, at_ms;
    must(w->journal->ops->head(w->journal, 0, &head, &at_ms, &e), &e);
    digest(before);
    must(store_rebuild(w->db, &entries, &e), &e);
    assert_int_equal(entries, head);
    digest(after);
    assert_memory_equal(before, after, 32);
    must(store_verify(&(struct verify_request){ .db = w->config, .say = (void (*)(void *, const char *))(void *)puts }, &result, &e), &e);
    assert_int_equal(result.findings, 0);
}

static void every_kind_replays_the_same(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana Núñez", ROLE_MEMBER);
    bz_id ben = add_member(w, "ben", "Ben Otieno", ROLE_MEMBER);
    bz_id room = add_room(w, "closed", ACCESS_PRIVATE);
    (void)world_do(w, (struct command){ .kind = COMMAND_REGION_CREATE, .actor = w->admin, .slug = SPAN("latam"),
                                        .name = SPAN("Latin America"), .lang = SPAN("es") });
    join(w, ana, w->general);
    join(w, ben, w->general);
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_INVITE, .actor = w->admin, .room = room, .member = ana });
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_LEAVE, .actor = ben, .room = w->general });
    bz_id thread = add_thread(w, ana, w->general, "Buses in Kisumu", "How do **you** do it, @ben?");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_RENAME, .actor = ana, .thread = thread,
                                        .title = SPAN("Buses in Kisumu 公交车") });
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_PIN, .actor = w->admin, .thread = thread, .on = true });
    join(w, ben, w->general);
    bz_id answer = add_post(w, ben, thread, "Like this: 公共交通很好");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = ana, .thread = thread, .post = answer });
    react(w, ana, answer, true);
    react(w, w->admin, answer, true);
    react(w, ana, answer, false);
    edit(w, ben, answer, "Like this: 公共交通很好 and that, @ana");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_LOCK, .actor = w->admin, .thread = thread, .on = true });
    assert_int_equal(world_count(w, "SELECT count(*) FROM mention"), 2);
    assert_int_equal(world_count(w, "SELECT count(*) FROM post_tri_words WHERE term = '公共交' AND doc = 1"), 1);
    assert_int_equal(world_count(w, "SELECT members FROM room WHERE slug = 'general'"),
                     world_count(w, "SELECT count(*) FROM membership WHERE room = 3"));
    same_after_rebuild();
}

static void a_redacted_text_is_nowhere(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    join(w, ana, w->general);
    bz_id first = world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = ana, .thread = w->lobby,
                                                .text = SPAN("one kanarienvogel **x** @admin"), .lang = SPAN("de") });
    bz_id post = world_do(w, (struct command){ .kind = COMMAND_POST_CREATE, .actor = ana, .thread = w->lobby,
                                               .reply_to = first, .text = SPAN("two kanarienvogel 金丝雀鸟 @admin") });
    edit(w, ana, post, "three kanarienvogel");
    edit(w, ana, post, "four kanarienvogel 金丝雀鸟");
    react(w, ana, post, true);
    redact(w, w->admin, post);
    redact(w, ana, first);
    assert_int_equal(world_count(w, "SELECT count(*) FROM journal WHERE body LIKE '%kanarien%' OR body LIKE '%金丝%'"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM journal WHERE body IS NULL"), 4);
    assert_int_equal(world_count(w, "SELECT count(*) FROM post_version"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mention"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM reaction"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM post_fts WHERE post_fts MATCH 'kanarienvogel'"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM post_tri WHERE post_tri MATCH '金丝雀'"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM post_words WHERE term = 'kanarienvogel' AND doc > 0"), 0);
    same_after_rebuild();
}

static void move(bz_id thread, bz_id room)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = w->admin, .thread = thread, .to_room = room });
}

static bool count_bodies(void *ctx, const struct entry *entry)
{
    *(int *)ctx += entry->body.at != NULL && memmem(entry->body.at, entry->body.len, "kiwi", 4) != NULL;
    return true;
}

/* Entries of the open room alone that bear the thread's words. */
static int words_told(bz_id room)
{
    struct bz_error e = { 0 };
    char rooms[32];
    int count = 0;
    (void)snprintf(rooms, sizeof rooms, "[%lld]", (long long)room);
    must(query_entries(look(w), &(struct reach){ .rooms = span_of(rooms) }, 0, INT64_MAX, 1000, count_bodies, &count, &e), &e);
    return count;
}

static void a_thread_lives_where_it_was_moved(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    bz_id closed = add_room(w, "closed", ACCESS_PRIVATE), open = add_room(w, "open", ACCESS_OPEN);
    bz_id thread = add_thread(w, ana, w->general, "A kiwi", "kiwi one @admin"), post = w->extra;
    edit(w, ana, post, "kiwi two");
    int64_t threads = world_count(w, "SELECT threads FROM room WHERE slug = 'general'");
    assert_int_equal(words_told(w->general), 3);
    move(thread, closed);
    assert_int_equal(world_count(w, "SELECT threads FROM room WHERE slug = 'general'"), threads - 1);
    assert_int_equal(world_count(w, "SELECT threads FROM room WHERE slug = 'closed'"), 1);
    assert_int_equal(words_told(w->general), 0);   /* who reads the old room alone is told of them no more */
    assert_int_equal(words_told(closed), 1);       /* its title, where it came in */
    redact(w, w->admin, post);
    same_after_rebuild();
    move(thread, open);
    assert_int_equal(words_told(w->general), 1);   /* of its first title; the texts were redacted */
    assert_int_equal(words_told(closed), 1);
    move(thread, w->general);
    assert_int_equal(world_count(w, "SELECT sum(threads) FROM room"), 1);
    same_after_rebuild();
}

static bool list_shows(bool is_archive, bz_id thread);

static void threads_are_set_aside(void **state)
{
    struct bz_error e = { 0 };
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), thread = add_thread(w, ana, w->general, "Old", "words"), post = w->extra;
    struct command cmd = { .kind = COMMAND_THREAD_PIN, .actor = w->admin, .thread = thread, .on = true, .until_ms = w->clock_ms + 1000 };
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = ana, .thread = thread, .post = post });
    (void)world_do(w, cmd);
    assert_int_equal(world_count(w, "SELECT count(*) FROM thread WHERE is_pinned AND pinned_until > now_ms()"), 1);
    w->clock_ms += 2000;
    assert_int_equal(world_count(w, "SELECT count(*) FROM thread WHERE is_pinned AND pinned_until > now_ms()"), 0);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_CLOSE, .actor = ana, .thread = thread, .on = true });
    cmd = (struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = thread, .text = SPAN("late") };
    assert_int_equal(world_try(w, &cmd, NULL, &e), BZ_ERR_CONFLICT);
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_CLOSE, .actor = ana, .thread = thread });
    (void)add_post(w, w->admin, thread, "in time");
    assert_true(list_shows(false, thread));
    assert_false(list_shows(true, thread));
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ARCHIVE, .actor = w->admin, .thread = thread, .on = true });
    assert_false(list_shows(false, thread));
    assert_true(list_shows(true, thread));
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_KIND, .actor = ana, .thread = thread, .thread_kind = THREAD_KIND_DISCUSSION });
    assert_int_equal(world_count(w, "SELECT count(*) FROM thread WHERE kind = 2 AND answer IS NULL AND is_archived"), 1);
    same_after_rebuild();
}

struct seen { bz_id thread; bool is_shown; };
static void look_for(void *ctx, const struct thread_row *row) { ((struct seen *)ctx)->is_shown |= row->id == ((struct seen *)ctx)->thread; }

static bool list_shows(bool is_archive, bz_id thread)
{
    struct bz_error e = { 0 };
    struct seen seen = { thread, false };
    must(query_threads(look(w), (struct viewer){ w->admin, ROLE_ADMIN }, w->general, 0,
                       (struct page){ .limit = 50, .is_archive = is_archive }, look_for, &seen, &e), &e);
    return seen.is_shown;
}

static int64_t put(struct command cmd)
{
    (void)world_do(w, cmd);
    return w->last_seq;
}

/* What a thread shows of its posts: their places must be 1, 2, 3, and the turns those of a first reading. */
static void is_whole(bz_id thread, int64_t posts)
{
    char sql[400];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM thread AS t WHERE id = %lld AND posts = %lld AND"
                   " posts = (SELECT count(*) FROM post WHERE thread = t.id) AND posts = (SELECT coalesce(max(n), 0) FROM post"
                   " WHERE thread = t.id) AND last = coalesce((SELECT max(id) FROM post WHERE thread = t.id), t.id)",
                   (long long)thread, (long long)posts);
    assert_int_equal(world_count(w, sql), 1);
    assert_int_equal(world_count(w, "SELECT count(*) FROM (SELECT thread, first, by FROM turn EXCEPT SELECT thread, id, by FROM (SELECT"
                            " thread, id, by, lag(by) OVER (PARTITION BY thread ORDER BY id) AS o FROM post)"
                            " WHERE o IS NULL OR o <> by)"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM mention AS m JOIN post AS p ON p.id = m.post WHERE p.thread <> m.thread"), 0);
}

static void posts_move_and_come_back(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), ben = add_member(w, "ben", "Ben", ROLE_MEMBER), posts[6];
    bz_id from = add_thread(w, ana, w->general, "From", "zero"), to = add_thread(w, ben, w->general, "To", "other");
    for (int i = 0; i < 6; i++)
        posts[i] = add_post(w, i % 3 == 0 ? ana : ben, from, i == 2 ? "kiwi @admin" : "words");
    (void)world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = ana, .thread = from, .post = posts[2] });
    unsigned char before[32], after[32];
    digest(before);
    bz_id chosen[] = { posts[4], posts[2], posts[1] };
    int64_t entry = put((struct command){ .kind = COMMAND_POST_MOVE, .actor = w->admin, .posts = { chosen, 3, true }, .to_thread = to });
    is_whole(from, 4);
    is_whole(to, 4);
    assert_int_equal(world_count(w, "SELECT count(*) FROM thread WHERE answer IS NOT NULL"), 0);
    same_after_rebuild();
    (void)put((struct command){ .kind = COMMAND_THREAD_UNDO, .actor = w->admin, .seq = entry });
    is_whole(from, 7);
    is_whole(to, 1);
    assert_int_equal(world_count(w, "SELECT answer FROM thread WHERE title = 'From'"), posts[2]);
    same_after_rebuild();
    (void)world_count(w, "SELECT 1");
    must(db_begin(w->db, &(struct bz_error){ 0 }), &(struct bz_error){ 0 });
    assert_int_equal(sqlite3_exec(w->db->sq, "UPDATE post SET moved = NULL", NULL, NULL, NULL), SQLITE_OK);
    digest(after);
    db_rollback(w->db);
    assert_memory_equal(before, after, 32);   /* all but the note of the move is as it was */
}

static void a_merged_thread_leads_on(void **state)
{
    struct bz_error e = { 0 };
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), closed = add_room(w, "closed", ACCESS_PRIVATE);
    bz_id one = add_thread(w, ana, w->general, "One", "kiwi one"), two = add_thread(w, ana, w->general, "Two", "two"), id = one;
    bz_id first = add_post(w, ana, one, "kiwi again");
    int64_t merged = put((struct command){ .kind = COMMAND_THREAD_MERGE, .actor = w->admin, .thread = one, .to_thread = two });
    assert_int_equal(world_count(w, "SELECT threads FROM room WHERE slug = 'general'"), 1);
    is_whole(one, 0);
    is_whole(two, 3);
    must(query_place(look(w), (struct viewer){ ana, ROLE_MEMBER }, 0, &id, &e), &e);
    assert_int_equal(id, two);
    bz_id late = add_post(w, ana, one, "written before it was known");   /* goes where the thread is shown */
    is_whole(two, 4);
    (void)put((struct command){ .kind = COMMAND_THREAD_UNDO, .actor = w->admin, .seq = merged });
    is_whole(one, 2);
    is_whole(two, 2);
    assert_int_equal(world_count(w, "SELECT threads FROM room WHERE slug = 'general'"), 2);
    same_after_rebuild();
    id = two;
    must(query_place(look(w), (struct viewer){ ana, ROLE_MEMBER }, first, &id, &e), &e);
    assert_int_equal(id, one);   /* a link to a post finds it where it stands */
    (void)late;
    bz_id three = add_thread(w, ana, w->general, "Three", "three");
    (void)put((struct command){ .kind = COMMAND_THREAD_MERGE, .actor = w->admin, .thread = two, .to_thread = three });
    (void)put((struct command){ .kind = COMMAND_THREAD_MERGE, .actor = w->admin, .thread = three, .to_thread = one });
    id = two;
    must(query_place(look(w), (struct viewer){ ana, ROLE_MEMBER }, 0, &id, &e), &e);
    assert_int_equal(id, one);   /* from one to the next */
    same_after_rebuild();
    /* One post into a new thread of a private room: its words leave the chain of the old one for who reads that alone. */
    assert_int_equal(words_told(w->general), 2);
    merged = put((struct command){ .kind = COMMAND_POST_MOVE, .actor = w->admin, .posts = { &first, 1, true },
                                   .title = SPAN("Apart"), .to_room = closed });
    assert_int_equal(words_told(w->general), 1);
    assert_int_equal(world_count(w, "SELECT by FROM thread WHERE title = 'Apart'"), ana);
    (void)put((struct command){ .kind = COMMAND_THREAD_UNDO, .actor = w->admin, .seq = merged });
    assert_int_equal(words_told(w->general), 2);
    assert_int_equal(world_count(w, "SELECT threads FROM room WHERE slug = 'closed'"), 0);
    assert_int_equal(world_count(w, "SELECT count(*) FROM thread WHERE title = 'Apart' AND merged_into IS NOT NULL"), 1);
    same_after_rebuild();
}

static int64_t read_of(bz_id member, bz_id thread)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT coalesce((SELECT seq FROM read_pos WHERE member = %lld AND thread = %lld), 0)",
                   (long long)member, (long long)thread);
    return world_count(w, sql);
}

static void what_was_read_stays_read_and_nothing_else(void **state)
{
    struct bz_error e = { 0 };
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), ben = add_member(w, "ben", "Ben", ROLE_MEMBER), posts[4];
    join(w, ana, w->general);
    join(w, ben, w->general);
    bz_id from = add_thread(w, w->admin, w->general, "From", "zero");
    for (int i = 0; i < 4; i++)
        posts[i] = add_post(w, w->admin, from, "words");
    bz_id to = add_thread(w, w->admin, w->general, "To", "other"), end = w->extra;
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = ana, .thread = from, .seq = posts[3] });
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = ben, .thread = from, .seq = posts[1] });
    world_personal(w, (struct command){ .kind = COMMAND_THREAD_FOLLOW, .actor = ben, .thread = from, .level = LEVEL_FOLLOW });
    world_personal(w, (struct command){ .kind = COMMAND_THREAD_FOLLOW, .actor = ana, .thread = from, .level = LEVEL_MUTE });
    for (int i = 0; i < 2; i++)
        world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = i ? ana : ben, .thread = to, .seq = end });
    (void)put((struct command){ .kind = COMMAND_THREAD_MERGE, .actor = w->admin, .thread = from, .to_thread = to });
    struct entry moved = { .seq = w->last_seq, .thread = to, .subject = from };
    must(db_begin(w->db, &e), &e);
    must(personal_moved(w->db, &moved, MOVED_OVER, &e), &e);
    must(db_commit(w->db, &e), &e);
    assert_int_equal(read_of(ana, to), end);           /* had read all of both */
    assert_int_equal(read_of(ben, to), posts[2] - 1);  /* up to the first that ben had not */
    assert_int_equal(world_count(w, "SELECT count(*) FROM follow WHERE level = 1"), 2);
    assert_int_equal(world_count(w, "SELECT count(*) FROM follow WHERE level = 2"), 1);   /* a mute is not spread */
    must(db_begin(w->db, &e), &e);
    moved.thread = w->lobby;
    must(personal_moved(w->db, &moved, MOVED_APART, &e), &e);
    must(db_commit(w->db, &e), &e);
    assert_int_equal(read_of(ben, w->lobby), posts[1]);
    assert_int_equal(world_count(w, "SELECT count(*) FROM follow"), 5);
}

static void personal_tables_outlive_a_rebuild(void **state)
{
    bz_id post = add_post(w, w->admin, w->lobby, "x");
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = w->admin, .thread = w->lobby, .seq = post });
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = w->admin, .thread = w->lobby, .seq = 1 });
    world_personal(w, (struct command){ .kind = COMMAND_THREAD_FOLLOW, .actor = w->admin, .thread = w->lobby,
                                        .level = LEVEL_MUTE });
    same_after_rebuild();
    assert_int_equal(world_count(w, "SELECT seq FROM read_pos"), post);
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = w->admin, .thread = w->lobby, .seq = 999 });
    assert_int_equal(world_count(w, "SELECT seq FROM read_pos"), post);   /* never beyond the head */
    assert_int_equal(world_count(w, "SELECT level FROM follow"), LEVEL_MUTE);
}

static int64_t pos_of(bz_id thread)
{
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT coalesce(max(seq), 0) FROM read_pos WHERE thread = %lld", (long long)thread);
    return world_count(w, sql);
}

/* A room is read up to an entry: its threads alone, none lower than before, and none that has nothing to read. */
static void a_whole_room_is_read_at_once(void **state)
{
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER);
    join(w, ana, w->general);
    bz_id room = add_room(w, "elsewhere", ACCESS_OPEN), other = add_thread(w, w->admin, room, "Other", "x");
    bz_id one = add_thread(w, w->admin, w->general, "One", "x"), two = add_thread(w, w->admin, w->general, "Two", "x");
    bz_id last = add_post(w, w->admin, two, "words");
    add_post(w, w->admin, two, "more words");
    world_personal(w, (struct command){ .kind = COMMAND_READ_MARK, .actor = ana, .thread = one, .seq = last + 1 });
    world_personal(w, (struct command){ .kind = COMMAND_READ_ROOM, .actor = ana, .room = w->general, .seq = last });
    assert_int_equal(pos_of(one), last + 1);
    assert_int_equal(pos_of(two), last);
    assert_int_equal(pos_of(other), 0);
    world_personal(w, (struct command){ .kind = COMMAND_READ_ROOM, .actor = ana, .room = w->general, .seq = 1 << 30 });
    assert_int_equal(pos_of(two), last + 1);   /* never beyond the head */
    assert_int_equal(world_count(w, "SELECT count(*) FROM read_pos"), 2);
}

static struct command draft(bz_id thread, const char *text, int64_t edited_ms)
{
    return (struct command){ .kind = COMMAND_DRAFT_SET, .actor = w->admin, .thread = thread, .text = span_of(text),
                             .edited_ms = edited_ms };
}

static enum bz_err draft_try(struct command cmd, bool *ret_changed)
{
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = draft_set(w->db, &cmd, 1, ret_changed, &e);
    must(db_commit(w->db, &e), &e);
    return rc;
}

static size_t sent(struct command cmd)
{
    struct bz_error e = { 0 };
    struct draft_end ends[DRAFT_ENDS];
    size_t count;
    must(db_begin(w->db, &e), &e);
    must(draft_sent(w->db, &cmd, ends, &count, &e), &e);
    must(db_commit(w->db, &e), &e);
    return count;
}

static void drafts_merge_end_and_outlive_a_rebuild(void **state)
{
    bool changed;
    assert_int_equal(draft_try(draft(w->lobby, "one", 10), &changed), BZ_OK);
    assert_true(changed);
    assert_int_equal(draft_try(draft(w->lobby, "again", 10), &changed), BZ_OK);   /* a repeat */
    assert_false(changed);
    assert_int_equal(draft_try(draft(w->lobby, "older", 9), &changed), BZ_ERR_CONFLICT);
    assert_int_equal(draft_try(draft(w->lobby, "newer", 11), &changed), BZ_OK);
    assert_int_equal(draft_try(draft(w->general, "a room is no thread", 12), &changed), BZ_ERR_NOT_FOUND);
    assert_int_equal(world_count(w, "SELECT count(*) FROM draft WHERE text = 'newer' AND at_ms = 11"), 1);
    same_after_rebuild();
    assert_int_equal(world_count(w, "SELECT count(*) FROM draft WHERE text = 'newer' AND at_ms = 11"), 1);
    assert_int_equal(sent((struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby }), 1);
    assert_int_equal(sent((struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .thread = w->lobby }), 0);
    assert_int_equal(draft_try(draft(w->lobby, "newer", 11), &changed), BZ_OK);   /* came late: it is sent already */
    assert_false(changed);
    assert_int_equal(draft_try(draft(w->lobby, "older", 10), &changed), BZ_ERR_CONFLICT);
    assert_int_equal(world_count(w, "SELECT count(*) FROM draft WHERE text IS NOT NULL"), 0);
    assert_int_equal(draft_try(draft(w->lobby, "the next", 12), &changed), BZ_OK);
    assert_int_equal(draft_try(draft(w->lobby, "", 13), &changed), BZ_OK);
    assert_true(changed);
    assert_int_equal(world_count(w, "SELECT count(*) FROM draft WHERE text IS NULL AND title IS NULL AND at_ms = 13"), 1);
    assert_int_equal(draft_try(draft(0, "", 14), &changed), BZ_OK);   /* nothing to end */
    assert_false(changed);
}

static void drafts_are_bounded(void **state)
{
    bool changed;
    bz_id threads[2 * BZ_LIMIT_DRAFTS_MAX + 1];
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
        threads[i] = add_thread(w, w->admin, w->general, "Title", "text");
    for (int i = 0; i < BZ_LIMIT_DRAFTS_MAX; i++)
        assert_int_equal(draft_try(draft(threads[i], "words", i + 1), &changed), BZ_OK);
    assert_int_equal(draft_try(draft(threads[BZ_LIMIT_DRAFTS_MAX], "one more", 500), &changed), BZ_ERR_CONFLICT);
    assert_int_equal(draft_try(draft(threads[7], "other words", 500), &changed), BZ_OK);   /* none more */
    assert_int_equal(draft_try(draft(threads[7], "", 501), &changed), BZ_OK);
    assert_int_equal(draft_try(draft(threads[BZ_LIMIT_DRAFTS_MAX], "one more", 500), &changed), BZ_OK);
    for (int i = 0; i <= 2 * BZ_LIMIT_DRAFTS_MAX; i++) {   /* what ended is forgotten in time: the oldest first */
        (void)draft_try(draft(threads[i], "words", 1000 + i), &changed);
        assert_int_equal(draft_try(draft(threads[i], "", 2000 + i), &changed), BZ_OK);
    }
    assert_int_equal(world_count(w, "SELECT count(*) FROM draft"), 100);
    assert_int_equal(world_count(w, "SELECT min(at_ms) FROM draft"), 2000 + 2 * BZ_LIMIT_DRAFTS_MAX - 99);
}

static void facts_are_what_the_tables_say(void **state)
{
    struct bz_error e = { 0 };
    static struct facts f;
    bz_id ana = add_member(w, "ana", "Ana", ROLE_MEMBER), ben = add_member(w, "ben", "Ben", ROLE_MEMBER);
    bz_id room = add_room(w, "closed", ACCESS_PRIVATE);
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_INVITE, .actor = w->admin, .room = room, .member = ana });
    bz_id thread = add_thread(w, ana, room, "Title", "text");
    bz_id post = w->extra;
    react(w, ana, post, true);
    must(db_begin(w->db, &e), &e);
    struct command cmd = { .kind = COMMAND_POST_EDIT, .actor = ana, .post = post, .emoji = SPAN("💡"), .member = ben,
                           .text = SPAN("for @ben @ana @admin and @nobody") };
    must(facts_load(w->db, &cmd, &w->arena, &f, &e), &e);
    assert_int_equal(f.actor.id, ana);
    assert_int_equal(f.post.thread, thread);
    assert_int_equal(f.thread.id, thread);
    assert_int_equal(f.room.id, room);
    assert_true(f.room.is_joined);
    assert_true(f.post.has_reaction);
    assert_false(f.member_is_joined);
    assert_true(span_is(f.post.text, "text"));
    assert_int_equal(f.mentions_count, 2);   /* ben cannot read the room; nobody is nobody */
    cmd = (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = SPAN("ana"), .region = 999 };
    must(facts_load(w->db, &cmd, &w->arena, &f, &e), &e);
    assert_true(f.name_taken);
    assert_true(f.is_operator);
    assert_int_equal(f.region, 0);
    cmd = (struct command){ .kind = COMMAND_POST_CREATE, .actor = 4711, .thread = 4712 };
    must(facts_load(w->db, &cmd, &w->arena, &f, &e), &e);
    assert_int_equal(f.actor.id, 0);
    assert_int_equal(f.thread.id, 0);
    assert_int_equal(f.room.id, 0);
    db_rollback(w->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_replays_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_redacted_text_is_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thread_lives_where_it_was_moved, setup, teardown),
        cmocka_unit_test_setup_teardown(threads_are_set_aside, setup, teardown),
        cmocka_unit_test_setup_teardown(posts_move_and_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_merged_thread_leads_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_read_stays_read_and_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(personal_tables_outlive_a_rebuild, setup, teardown),
        cmocka_unit_test_setup_teardown(a_whole_room_is_read_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(drafts_merge_end_and_outlive_a_rebuild, setup, teardown),
        cmocka_unit_test_setup_teardown(drafts_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(facts_are_what_the_tables_say, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
