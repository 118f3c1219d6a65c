/* Proves that each field of a profile is told to its circle and to nobody else, whatever way it is asked for: read, found, counted,
 * ranked; and that a name that changes is found by what it is now, also after a replay. */
#include "store/people.h"
#include "world.h"

static struct world *w;
static bz_id south, club;
enum who { OWN, ROOMMATE, NEIGHBOUR, STRANGER, BOSS, WHO };
static bz_id ids[WHO];

/* Ana of the hub's region; one who shares a members' room with her, from the south; one of her region; one of the south who shares
 * nothing; an admin of the south who is part of nothing. */
static int setup(void **state)
{
    w = world_hub();
    south = world_do(w, (struct command){ .kind = COMMAND_REGION_CREATE, .actor = w->admin, .slug = SPAN("south"), .name = SPAN("South") });
    club = add_room(w, "club", ACCESS_MEMBERS);
    static const char *const handles[WHO] = { "ana", "rob", "nel", "sam", "boss" };
    for (int i = 0; i < WHO; i++)
        ids[i] = world_do(w, (struct command){ .kind = COMMAND_MEMBER_ADD, .handle = span_of(handles[i]), .name = span_of(handles[i]),
                                               .role = i == BOSS ? ROLE_ADMIN : ROLE_MEMBER,
                                               .region = i == OWN || i == NEIGHBOUR ? w->region : south, .lang = SPAN("en"),
                                               .city = i == OWN ? SPAN("Lomé") : (struct span){ NULL, 0 } });
    join(w, ids[OWN], club);
    join(w, ids[ROOMMATE], club);
    return 0;
}
static int teardown(void **state) { world_free(w); return 0; }

/* By hand: a row for each circle, a letter for each viewer. */
static const char *const sees[] = { "y....", "yy...", "y.y..", "yyyyy" };

static const struct { const char *name, *value; } fields[PROFILE_END] = {
    [PROFILE_TITLE] = { "title", "Plumeauhead" }, [PROFILE_LANGUAGES] = { "languages", "[\"qu\"]" }, [PROFILE_THEMES] = { "themes", "[\"brt\"]" },
    [PROFILE_CAN] = { "can", "Zanzibarwords help" }, [PROFILE_CAN_THEMES] = { "can_themes", "[\"cycling\"]" },
    [PROFILE_SEEKS] = { "seeks", "Quokkawords" }, [PROFILE_ABOUT] = { "about", "Wombatwords" }, [PROFILE_SIZE] = { "size", "large" },
    [PROFILE_CONTACT] = { "contact", "Telephonewords" },
};

static void say(bz_id who, enum profile_field field, enum circle circle, bool peers)
{
    struct command cmd = { .kind = COMMAND_PROFILE_SET, .actor = who, .sets = 1u << field | SETS_PEERS, .on = peers };
    cmd.profile.value[field] = span_of(fields[field].value);
    cmd.profile.shown[field] = (unsigned char)(1 + circle);
    world_personal(w, cmd);
}

struct seen { size_t count; bz_id ids[16]; char profile[16][512]; };
static void on_person(void *ctx, const struct person_row *row)
{
    struct seen *s = ctx;
    assert_true(s->count < 16);
    s->ids[s->count] = row->member.id;
    (void)snprintf(s->profile[s->count++], 512, "%.*s", (int)row->profile.len, row->profile.at);
}

static struct viewer viewer_of(enum who who) { return (struct viewer){ ids[who], who == BOSS ? ROLE_ADMIN : ROLE_MEMBER }; }

static bool finds(enum who who, struct directory find)
{
    struct seen s = { 0 };
    struct bz_error e = { 0 };
    find.limit = 16;
    must(db_begin(w->db, &e), &e);
    must(query_directory(w->db, viewer_of(who), &find, on_person, &s, &e), &e);
    db_rollback(w->db);
    for (size_t i = 0; i < s.count; i++)
        if (s.ids[i] == ids[OWN])
            return true;
    return false;
}

static void on_facet(void *ctx, const struct facet_row *row)
{
    char *out = ctx;
    (void)snprintf(out + strlen(out), 512 - strlen(out), "%.*s=%d ", (int)row->value.len, row->value.at, (int)row->count);
}

static bool counts(enum who who, enum people_facet of, const char *value)
{
    char out[512] = "";
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_people_facet(w->db, viewer_of(who), 0, of, on_facet, out, &e), &e);
    db_rollback(w->db);
    return strstr(out, value) != NULL;
}

struct proposed { bool is_there; int64_t score; struct peer_signs signs; size_t cities; };
static void on_peer(void *ctx, const struct peer_row *row)
{
    struct proposed *p = ctx;
    if (row->person.member.id != ids[OWN])
        return;
    p->is_there = true;
    p->score = row->score;
    p->signs = row->signs;
}
static void on_city(void *ctx, const struct peer_city_row *row) { ((struct proposed *)ctx)->cities++; }

static struct proposed propose(enum who who, struct peer_wish wish)
{
    struct proposed p = { 0 };
    struct bz_error e = { 0 };
    const struct peer_visit visit = { on_peer, on_city, &p };
    must(db_begin(w->db, &e), &e);
    must(query_peers(w->db, viewer_of(who), &wish, &visit, &e), &e);
    db_rollback(w->db);
    return p;
}

/* Every way in which a field could show. */
static void check_field(enum who who, enum profile_field field, bool may_see)
{
    struct seen s = { 0 };
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_person(w->db, viewer_of(who), ids[OWN], on_person, &s, &e), &e);
    db_rollback(w->db);
    if ((strcmp(s.profile[0], "{}") != 0) != may_see)
        fail_msg("%s for viewer %d: %s", fields[field].name, who, s.profile[0]);
    const struct span word = span_of(fields[field].value);
    switch (field) {
    case PROFILE_TITLE: case PROFILE_SEEKS: case PROFILE_ABOUT:
        assert_int_equal(finds(who, (struct directory){ .text = word }), may_see);
        assert_false(finds(who, (struct directory){ .can = word }));
        break;
    case PROFILE_CAN:
        assert_int_equal(finds(who, (struct directory){ .text = SPAN("zanzibarw") }), may_see);
        assert_int_equal(finds(who, (struct directory){ .can = SPAN("zanzibarwords") }), may_see);
        if (who != OWN)
            assert_int_equal(propose(who, (struct peer_wish){ .text = SPAN("zanzibarwords") }).is_there, may_see);
        break;
    case PROFILE_CONTACT:
        assert_false(finds(who, (struct directory){ .text = word }));
        break;
    case PROFILE_LANGUAGES:
        assert_int_equal(finds(who, (struct directory){ .lang = SPAN("qu") }), may_see);
        assert_int_equal(counts(who, PEOPLE_LANG, "qu=1"), may_see);
        break;
    case PROFILE_THEMES: case PROFILE_CAN_THEMES: {
        struct span theme = field == PROFILE_THEMES ? SPAN("brt") : SPAN("cycling");
        struct span parent = field == PROFILE_THEMES ? SPAN("public-transport") : SPAN("active-mobility");
        assert_int_equal(finds(who, (struct directory){ .theme = theme }), may_see);
        assert_int_equal(finds(who, (struct directory){ .theme = parent }), may_see);
        assert_int_equal(counts(who, PEOPLE_THEME, field == PROFILE_THEMES ? "brt=1" : "cycling=1"), may_see);
        if (who != OWN) {
            struct proposed p = propose(who, (struct peer_wish){ .theme = theme });
            assert_int_equal(p.is_there, may_see);
            assert_int_equal(p.cities, may_see);
            assert_int_equal(p.signs.count[field == PROFILE_THEMES ? PEER_THEME : PEER_CAN_THEME], may_see);
        }
        break;
    }
    case PROFILE_SIZE:
        if (who != OWN) {
            say(ids[who], PROFILE_SIZE, CIRCLE_NOBODY, false);
            assert_int_equal(propose(who, (struct peer_wish){ .city = SPAN("lome") }).signs.count[PEER_SIZE], may_see);
        }
        break;
    case PROFILE_END: break;
    }
}

static void test_circles(void **state)
{
    for (int field = 1; field < PROFILE_END; field++)
        for (int circle = 0; circle < 4; circle++) {
            setup(state);
            say(ids[OWN], (enum profile_field)field, (enum circle)circle, true);
            for (int who = 0; who < WHO; who++)
                check_field((enum who)who, (enum profile_field)field, sees[circle][who] == 'y');
            teardown(state);
        }
}

static void test_circle_alone(void **state)
{
    /* Proves that a new circle leaves what is said, and the other way round; that what is taken away is gone everywhere; and what
     * is said without a circle has a narrow one. */
    say(ids[OWN], PROFILE_CAN, CIRCLE_ALL, true);
    struct command cmd = { .kind = COMMAND_PROFILE_SET, .actor = ids[OWN] };
    cmd.profile.shown[PROFILE_CAN] = 1 + CIRCLE_ROOMS;
    world_personal(w, cmd);
    check_field(STRANGER, PROFILE_CAN, false);
    check_field(ROOMMATE, PROFILE_CAN, true);
    cmd = (struct command){ .kind = COMMAND_PROFILE_SET, .actor = ids[OWN], .sets = 1u << PROFILE_CAN | 1u << PROFILE_CONTACT | 1u << PROFILE_TITLE };
    cmd.profile.value[PROFILE_CONTACT] = SPAN("+1 555");
    cmd.profile.value[PROFILE_TITLE] = SPAN("Head");
    world_personal(w, cmd);
    struct seen s = { 0 };
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_person(w->db, viewer_of(ROOMMATE), ids[OWN], on_person, &s, &e), &e);
    assert_string_equal(s.profile[0], "{\"title\":\"Head\"}");
    s.count = 0;
    must(query_person(w->db, viewer_of(OWN), ids[OWN], on_person, &s, &e), &e);
    assert_string_equal(s.profile[0], "{\"title\":\"Head\",\"contact\":\"+1 555\"}");
    db_rollback(w->db);
    check_field(OWN, PROFILE_SIZE, true);
    assert_false(finds(OWN, (struct directory){ .can = SPAN("zanzibarwords") }));
}

static void test_suspended(void **state)
{
    /* Proves that who is suspended from the room that they share sees no more there than a stranger; that who is banned is listed
     * and counted no more, and their profile told to nobody. */
    say(ids[OWN], PROFILE_CAN, CIRCLE_ROOMS, true);
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SANCTION, .actor = w->admin, .member = ids[ROOMMATE], .act = SANCTION_SUSPEND,
                                  .room = club, .rule = SPAN("spam") });
    check_field(ROOMMATE, PROFILE_CAN, false);
    say(ids[OWN], PROFILE_CAN, CIRCLE_ALL, true);
    check_field(STRANGER, PROFILE_CAN, true);
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SANCTION, .actor = w->admin, .member = ids[OWN], .act = SANCTION_BAN,
                                  .rule = SPAN("spam") });
    assert_false(finds(STRANGER, (struct directory){ .region = w->region }));
    check_field(STRANGER, PROFILE_CAN, false);
    assert_false(counts(STRANGER, PEOPLE_CITY, "Lomé"));
}

static void test_silenced(void **state)
{
    /* Proves that who is silenced in the hub says nothing of themselves that others see, and that no theme is made up. */
    struct bz_error e = { 0 };
    bz_id member;
    struct command cmd = { .kind = COMMAND_PROFILE_SET, .actor = ids[OWN], .sets = 1u << PROFILE_THEMES | 1u << PROFILE_ABOUT };
    cmd.profile.value[PROFILE_THEMES] = SPAN("[\"brt\",\"dragons\"]");
    cmd.profile.value[PROFILE_ABOUT] = SPAN("half");
    must(db_begin(w->db, &e), &e);
    assert_int_equal(personal_apply(w->db, &cmd, w->clock_ms, &member, &e), BZ_ERR_INVALID);
    assert_string_equal(e.field, "themes");
    must(db_commit(w->db, &e), &e);
    assert_false(finds(OWN, (struct directory){ .text = SPAN("half") }));
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SANCTION, .actor = w->admin, .member = ids[OWN], .act = SANCTION_SILENCE,
                                  .rule = SPAN("spam") });
    must(db_begin(w->db, &e), &e);
    cmd.profile.value[PROFILE_THEMES] = SPAN("[\"brt\"]");
    assert_int_equal(personal_apply(w->db, &cmd, w->clock_ms, &member, &e), BZ_ERR_FORBIDDEN);
    db_rollback(w->db);
}

static void test_opt_in(void **state)
{
    /* Proves that nobody is proposed who did not say so, is themselves the one who looks, is out, or blocks or is blocked. */
    struct peer_wish wish = { .theme = SPAN("cycling") };
    say(ids[OWN], PROFILE_CAN_THEMES, CIRCLE_ALL, false);
    assert_false(propose(STRANGER, wish).is_there);
    say(ids[OWN], PROFILE_CAN_THEMES, CIRCLE_ALL, true);
    assert_true(propose(STRANGER, wish).is_there);
    assert_false(propose(OWN, wish).is_there);
    for (int turn = 0; turn < 2; turn++) {
        struct command block = { .kind = COMMAND_MEMBER_BLOCK, .actor = ids[turn ? OWN : STRANGER], .member = ids[turn ? STRANGER : OWN], .on = true };
        world_personal(w, block);
        assert_false(propose(STRANGER, wish).is_there);
        assert_true(propose(ROOMMATE, wish).is_there);
        block.on = false;
        world_personal(w, block);
        assert_true(propose(STRANGER, wish).is_there);
    }
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SANCTION, .actor = w->admin, .member = ids[OWN], .act = SANCTION_SUSPEND,
                                  .rule = SPAN("spam") });
    assert_false(propose(STRANGER, wish).is_there);
}

static void test_evidence(void **state)
{
    /* Proves that what speaks for somebody is what they wrote where the viewer may read, and that the score is its sum. */
    say(ids[OWN], PROFILE_SIZE, CIRCLE_NOBODY, true);
    bz_id thread = add_thread(w, ids[STRANGER], w->general, "Ferry tickets at night", "How?");
    bz_id post = add_post(w, ids[OWN], thread, "Like this");
    (void)add_post(w, ids[OWN], thread, "And so on");
    world_do(w, (struct command){ .kind = COMMAND_THREAD_ANSWER, .actor = ids[STRANGER], .thread = thread, .post = post });
    bz_id mine = add_thread(w, ids[NEIGHBOUR], w->general, "Ferry tickets by day", "How?");
    struct proposed p = propose(NEIGHBOUR, (struct peer_wish){ .thread = mine });
    assert_true(p.is_there);
    assert_int_equal(p.signs.count[PEER_ACCEPTED], 1);
    assert_int_equal(p.signs.count[PEER_POSTS], 1);
    assert_int_equal(p.signs.count[PEER_REGION], 1);
    assert_int_equal(p.signs.count[PEER_LANGUAGE], 1);
    assert_int_equal(p.score, 30 + 4 + 5 + 10);
    assert_int_equal(p.cities, 1);
    world_do(w, (struct command){ .kind = COMMAND_THREAD_MOVE, .actor = w->admin, .thread = thread, .to_room = club });
    assert_false(propose(NEIGHBOUR, (struct peer_wish){ .thread = mine }).is_there);
    assert_true(propose(ROOMMATE, (struct peer_wish){ .thread = mine }).is_there);

    struct contributions count = { 0 };
    struct bz_error e = { 0 };
    must(db_begin(w->db, &e), &e);
    must(query_contributions(w->db, viewer_of(ROOMMATE), ids[OWN], &count, &e), &e);
    assert_true(count.posts == 2 && count.answers == 1 && count.resources == 0);
    must(query_contributions(w->db, viewer_of(NEIGHBOUR), ids[OWN], &count, &e), &e);
    assert_true(count.posts == 0 && count.answers == 0);
    db_rollback(w->db);
}

static void test_hidden_thread(void **state)
{
    /* Proves that a thread that may not be read answers as if there were none. */
    struct bz_error e = { 0 };
    const struct peer_visit visit = { on_peer, on_city, &(struct proposed){ 0 } };
    bz_id thread = add_thread(w, ids[OWN], club, "Ferry tickets", "How?");
    must(db_begin(w->db, &e), &e);
    assert_int_equal(query_peers(w->db, viewer_of(STRANGER), &(struct peer_wish){ .thread = thread }, &visit, &e), BZ_ERR_NOT_FOUND);
    assert_int_equal(query_peers(w->db, viewer_of(STRANGER), &(struct peer_wish){ .thread = 999999 }, &visit, &e), BZ_ERR_NOT_FOUND);
    db_rollback(w->db);
}

static void test_names(void **state)
{
    /* Proves that what all see of a member is what was set last, found by it and by nothing older, and the same after a replay. */
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SET, .actor = ids[OWN], .name = SPAN("Anaïs Gbedema"), .org = SPAN("Ville de Lomé"),
                                  .country = SPAN("TG"), .sets = SETS_NAME | SETS_ORG | SETS_CITY | SETS_COUNTRY | SETS_REGION });
    assert_true(finds(STRANGER, (struct directory){ .text = SPAN("gbede anais") }));
    assert_true(finds(STRANGER, (struct directory){ .org = SPAN("ville de lome") }));
    assert_true(finds(STRANGER, (struct directory){ .country = SPAN("TG") }));
    assert_false(finds(STRANGER, (struct directory){ .city = SPAN("Lomé") }));
    assert_false(finds(STRANGER, (struct directory){ .region = w->region }));
    int64_t before = w->last_seq;
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SET, .actor = ids[OWN], .name = SPAN("Anaïs Gbedema"), .sets = SETS_NAME });
    assert_int_equal(w->last_seq, 0);   /* changes nothing */
    assert_true(before > 0);
    world_do(w, (struct command){ .kind = COMMAND_MEMBER_SET, .actor = w->admin, .member = ids[STRANGER], .city = SPAN("Lomé"), .sets = SETS_CITY });
    struct bz_error e = { 0 };
    struct command other = { .kind = COMMAND_MEMBER_SET, .actor = ids[STRANGER], .member = ids[OWN], .city = SPAN("Tsévié"), .sets = SETS_CITY };
    assert_int_equal(world_try(w, &other, NULL, &e), BZ_ERR_FORBIDDEN);
    unsigned char hash[2][32];
    int64_t entries = 0;
    must(store_digest(w->db, hash[0], &e), &e);
    must(store_rebuild(w->db, &entries, &e), &e);
    must(store_digest(w->db, hash[1], &e), &e);
    assert_memory_equal(hash[0], hash[1], 32);
    assert_true(finds(STRANGER, (struct directory){ .text = SPAN("gbedema") }));
}

static void test_common_words(void **state)
{
    static const struct { const char *words, *wanted; int common; } rows[] = {
        { "Réforme des minibus, à Lomé", "minibuses", 1 }, { "Réforme des minibus", "reforme MINIBUS tram", 2 },
        { "bus", "bus", 0 },   /* too short to say much */
        { "", "minibus", 0 }, { "minibus", "", 0 }, { "a", "minibus", 0 }, { "le tramway", "tramways tramway", 2 },
    };
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(w->db->sq, "SELECT common_words(words_of(?1), words_of(?2))", -1, &s, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++, sqlite3_reset(s)) {
        (void)sqlite3_bind_text(s, 1, rows[i].words, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(s, 2, rows[i].wanted, -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int(s, 0), rows[i].common);
    }
    (void)sqlite3_finalize(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_circles),
        cmocka_unit_test_setup_teardown(test_circle_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_suspended, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silenced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opt_in, setup, teardown),
        cmocka_unit_test_setup_teardown(test_evidence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hidden_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_common_words, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
