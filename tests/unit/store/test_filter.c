/* Proves which words of a room's list are found in what is about to be said there, however it is written: as its readers
 * see it, in letters that look alike, and where nothing is found in words that only resemble them. */
#include "store/filter.h"
#include "world.h"

static struct world *w;
static int setup(void **state) { w = world_hub(); return 0; }
static int teardown(void **state) { world_free(w); return 0; }

static bool in_files;

static void list(const char *words)
{
    (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_SET, .actor = w->admin, .room = w->general, .sets = SETS_WORDS,
                                        .set = { .words = span_of(words) } });
}

static enum bz_err find(struct command cmd, enum word_act *ret_act, struct span *ret_word)
{
    struct bz_error e = { 0 };
    *ret_act = 0;
    in_files = false;
    *ret_word = (struct span){ NULL, 0 };
    must(db_begin(w->db, &e), &e);
    enum bz_err rc = filter_find(w->db, w->general, &cmd, &w->arena, ret_act, ret_word, &in_files, &e);
    db_rollback(w->db);
    return rc;
}

static void finds(const char *text, const char *want)
{
    enum word_act act;
    struct span word;
    assert_int_equal(find((struct command){ .kind = COMMAND_POST_CREATE, .text = span_of(text) }, &act, &word), BZ_OK);
    bool is_right = want == NULL ? act == 0 : act != 0 && span_is(word, want);
    if (!is_right)
        print_error("%s\n   found %.*s\n  wanted %s\n", text, (int)word.len, word.at ? word.at : "", want ? want : "nothing");
    assert_true(is_right);
}

static void what_is_written_otherwise_is_found(void **state)
{
    list("[{\"word\":\"casino\",\"act\":\"block\"},{\"word\":\"Scheiße\",\"act\":\"block\"},{\"word\":\"get rich quick\",\"act\":\"block\"},"
         "{\"word\":\"赌博\",\"act\":\"block\"},{\"word\":\"сука\",\"act\":\"block\"},{\"word\":\"lotería\",\"act\":\"block\"},"
         "{\"word\":\"カジノ\",\"act\":\"block\"},{\"word\":\"AV女优\",\"act\":\"block\"},{\"word\":\"сор\",\"act\":\"block\"}]");
    static const struct { const char *text, *want; } cases[] = {
        { "a Casino!", "casino" }, { "CASINO", "casino" }, { "cásíno", "casino" }, { "una LOTERIA", "lotería" },
        { "lotería", "lotería" }, { "lotería", "lotería" }, { "So eine SCHEIßE", "Scheiße" },
        { "get\nrich -- quick", "get rich quick" },
        /* Compatibility letters. */
        { "ｃａｓｉｎｏ", "casino" }, { "ＣＡＳＩＮＯ", "casino" }, { "𝐜𝐚𝐬𝐢𝐧𝐨", "casino" }, { "𝕮𝖆𝖘𝖎𝖓𝖔", "casino" }, { "ⓒⓐⓢⓘⓝⓞ", "casino" },
        { "caſino", "casino" }, { "ｶｼﾞﾉ", "カジノ" }, { "ＡＶ女优", "AV女优" }, { "看av女优吧", "AV女优" },
        /* Letters that look alike. */
        { "cаsіnо", "casino" }, { "СASINО", "casino" }, { "саsino", "casino" }, { "саѕіпо is all Cyrillic", "casino" },
        { "cαsιnο", "casino" }, { "CΑSΙΝΟ", "casino" }, { "ᴄᴀsɪɴᴏ", "casino" }, { "cası­no", "casino" }, { "lоtеríа", "lotería" },
        { "gеt riсh quiсk", "get rich quick" }, { "Ｃаｓіｎο", "casino" }, { "cа́sino", "casino" },
        { "вот сука", "сука" }, { "**сор** из избы", "сор" }, { "сор", "сор" },
        /* What nobody sees. */
        { "ca\u200bsino", "casino" }, { "ca\u2060si\u00adno", "casino" }, { "c\u034fasino", "casino" }, { "ca\u180esino", "casino" },
        { "ca\u2065sino", "casino" }, { "ca\U000e0061sino", "casino" }, { "ca\U000e0fffsino", "casino" }, { "ca\u3164sino", "casino" }, { "赌\u200d博", "赌博" },
        { "c\u0336a\u0336s\u0336i\u0336n\u0336o\u0336", "casino" }, { "c\u20d2asino", "casino" },
        /* Markup. */
        { "cas**in**o", "casino" }, { "c*a*sino", "casino" }, { "c_a_s_i_n_o", "casino" }, { "ca~~si~~no", "casino" },
        { "c[asin](https://example.org)o", "casino" }, { "[ca](https://a.example)[sino](https://b.example)", "casino" },
        { "ca[si](javascript:x)no", "casino" }, { "ca![si](https://example.org/i.png)no", "casino" }, { "ca[si](<https://example.org/(a)> \"t\")no", "casino" },
        { "&#99;asino", "casino" }, { "c&#x61;sino", "casino" }, { "ca&#8203;sino", "casino" }, { "c&#1072;sino", "casino" },
        { "ca\\sino", "casino" }, { "ca`sin`o", "casino" }, { "| casino | b |\n|---|---|\n| c | d |", "casino" },
        { "[here](https://casino.example)", "casino" }, { "# Ca**si**no\n\n- one", "casino" }, { "```\ncasino\n```", "casino" },
        { "get [rich](https://example.org) **quick**", "get rich quick" }, { "get rich\\\nquick", "get rich quick" },
        { "see https://casino.example/x", "casino" }, { "赌**博**", "赌博" }, { "赌[博](https://a.example)", "赌博" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        finds(cases[i].text, cases[i].want);
}

static void what_only_resembles_it_is_not(void **state)
{
    list("[{\"word\":\"casino\",\"act\":\"block\"},{\"word\":\"cop\",\"act\":\"block\"},{\"word\":\"ass\",\"act\":\"block\"},"
         "{\"word\":\"get rich quick\",\"act\":\"block\"},{\"word\":\"pot\",\"act\":\"block\"},{\"word\":\"бой\",\"act\":\"block\"},"
         "{\"word\":\"か\",\"act\":\"block\"},{\"word\":\"…\",\"act\":\"block\"}]");
    static const char *const cases[] = {
        "casinos", "casin o", "c4sino", "cas1no", "pass the grass", "a$$", "ca-sino", "get rich. Then slowly, quick", "quick get rich", "*quick* get rich", "get [rich](https://example.org)",
        "сор из избы", "открыл рот и сор", "Bus lane: вынести сор из избы", "и бои", "όχι ποτ, ναι", "が", "...", "", "ca\n\nsino",
        "- ca\n- sino", "| ca | sino |\n|---|---|\n| a | b |", "ca\\\nsino", "ca<br>sino", "co\n# p", "IT-отдел, SMSка", "5 µm", "ﬁne",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        finds(cases[i], NULL);
}

static void the_strongest_counts_and_a_new_list_at_once(void **state)
{
    enum word_act act;
    struct span word;
    list("[{\"word\":\"bus\",\"act\":\"flag\"},{\"word\":\"bus lane\",\"act\":\"hold\"},{\"word\":\"bus lane closed\",\"act\":\"block\"},"
         "{\"word\":\"lane\",\"act\":\"hold\"}]");
    static const struct { const char *text; enum word_act act; const char *word; } cases[] = {
        { "a bus", WORD_FLAG, "bus" }, { "the bus lane", WORD_HOLD, "bus lane" }, { "bus, bus lane, bus lane closed", WORD_BLOCK, "bus lane closed" },
        { "lane bus", WORD_HOLD, "lane" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(find((struct command){ .text = span_of(cases[i].text) }, &act, &word), BZ_OK);
        assert_int_equal(act, cases[i].act);
        assert_true(span_is(word, cases[i].word));
    }
    list("[{\"word\":\"tram\",\"act\":\"block\"}]");
    finds("the bus lane", NULL);
    finds("the tram", "tram");
    list("[]");
    finds("the tram", NULL);
    /* A title is shown as it is written, and fields hold words, too. */
    list("[{\"word\":\"tram\",\"act\":\"block\"}]");
    assert_int_equal(find((struct command){ .title = SPAN("Тrаm"), .text = SPAN("x") }, &act, &word), BZ_OK);
    assert_int_equal(act, WORD_BLOCK);
    assert_int_equal(find((struct command){ .title = SPAN("&#116;ram"), .text = SPAN("x") }, &act, &word), BZ_OK);
    assert_int_equal(act, 0);
    assert_int_equal(find((struct command){ .title = SPAN("*a* tr"), .text = SPAN("am") }, &act, &word), BZ_OK);
    assert_int_equal(act, 0);
    assert_int_equal(find((struct command){ .fields = SPAN("{\"city\":\"ｔｒａｍ\"}"), .text = SPAN("x") }, &act, &word), BZ_OK);
    assert_int_equal(act, WORD_BLOCK);
}

/* What the fields hold is read, not how they are called nor how they are kept. */
static void fields_are_what_they_hold(void **state)
{
    list("[{\"word\":\"city\",\"act\":\"block\"},{\"word\":\"tram\",\"act\":\"block\"},{\"word\":\"dakar theme\",\"act\":\"block\"},"
         "{\"word\":\"2026\",\"act\":\"block\"}]");
    static const struct { const char *fields; bool is_found; } cases[] = {
        { "{\"city\":\"Dakar\",\"theme\":\"Buses\"}", false }, { "{\"theme\":\"a city\"}", true },
        { "{\"theme\":\"bus\\ntram\"}", true }, { "{\"theme\":\"\\\"tram\\\"\"}", true }, { "{\"theme\":\"\\u0074ram\"}", true },
        { "{\"theme\":\"tr&#97;m\"}", false }, { "{\"year\":2026}", true }, { "{}", false }, { "no JSON", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum word_act act;
        struct span word;
        assert_int_equal(find((struct command){ .fields = span_of(cases[i].fields), .text = SPAN("x") }, &act, &word), BZ_OK);
        if ((act != 0) != cases[i].is_found)
            print_error("%s: %.*s\n", cases[i].fields, (int)word.len, word.at ? word.at : "");
        assert_int_equal(act != 0, cases[i].is_found);
    }
}

/* Each room has its own list, however many rooms there are. */
static void rooms_do_not_mix(void **state)
{
    enum { ROOMS_MANY = 40 };
    static char words[ROOMS_MANY][64];
    bz_id rooms[ROOMS_MANY];
    for (int i = 0; i < ROOMS_MANY; i++) {
        char slug[16];
        (void)snprintf(slug, sizeof slug, "r%d", i);
        rooms[i] = add_room(w, slug, ACCESS_OPEN);
        (void)snprintf(words[i], sizeof words[i], "[{\"word\":\"word%d\",\"act\":\"block\"}]", i);
        (void)world_do(w, (struct command){ .kind = COMMAND_ROOM_SET, .actor = w->admin, .room = rooms[i], .sets = SETS_WORDS,
                                            .set = { .words = span_of(words[i]) } });
    }
    for (int n = 0; n < 3 * ROOMS_MANY; n++) {
        int i = n * 7 % ROOMS_MANY;
        char text[16];
        for (int other = 0; other < 2; other++) {
            struct bz_error e = { 0 };
            enum word_act act = 0;
            struct span word;
            (void)snprintf(text, sizeof text, "word%d", (i + other) % ROOMS_MANY);
            struct command cmd = { .text = span_of(text) };
            must(db_begin(w->db, &e), &e);
            must(filter_find(w->db, rooms[i], &cmd, &w->arena, &act, &word, &in_files, &e), &e);
            db_rollback(w->db);
            assert_int_equal(act, other == 0 ? WORD_BLOCK : 0);
        }
    }
}

/* What swells when it is folded does not push the words behind it out of sight. */
static void the_longest_texts_are_looked_through(void **state)
{
    static const char *const units[] = { "\uFDFA", "x ", "\u0390", "&#1072;", "\u0130", "\u321d", "*a*", "[a](b) " };
    static char text[BZ_LIMIT_POST_BYTES + 1];
    list("[{\"word\":\"casino\",\"act\":\"block\"}]");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = 0, unit = strlen(units[i]);
        for (; len + unit + 16 < sizeof text; len += unit)
            memcpy(text + len, units[i], unit);
        (void)strcpy(text + len, " casino");
        finds(text, "casino");
    }
    char *longer = calloc(1, 60001);   /* is refused for its length alone */
    for (size_t len = 0; len < 60000; len += 3)
        memcpy(longer + len, "\u3316", 3);
    finds(longer, NULL);
    free(longer);
}

#define UPLOAD "0123456789abcdef0123456789abcdef"

static void files_are_looked_at_by_name_and_alt(void **state)
{
    list("[{\"word\":\"casino\",\"act\":\"hold\"},{\"word\":\"赌博\",\"act\":\"hold\"},{\"word\":\"lotería\",\"act\":\"block\"}]");
    add_upload(w, w->admin, UPLOAD, "My_Casino-2026.pdf", "bytes", "a lotería inside is nobody's saying");
    static const struct { const char *text, *name, *alt, *want; bool is_in_files; } cases[] = {
        { "fine", NULL, NULL, "casino", true }, { "fine", "plan.pdf", NULL, NULL, false }, { "fine", "плαn c\u0430sino.pdf", NULL, "casino", true },
        { "fine", "plan.pdf", "the LOTERIA", "lotería", true }, { "fine", "plan.pdf", "看赌博图", "赌博", true },
        { "fine", "plan.pdf", "cas", NULL, false }, { "a casino", NULL, NULL, "casino", false },
        { "a casino", "plan.pdf", "loteria", "lotería", true }, { "loteria", "casino", NULL, "lotería", false }, { "", "casino.txt", NULL, "casino", true },
        { "get", "rich", "cas\nino", NULL, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file_ref file = { .upload = SPAN(UPLOAD), .name = span_of(cases[i].name), .alt = span_of(cases[i].alt) };
        enum word_act act;
        struct span word;
        assert_int_equal(find((struct command){ .kind = COMMAND_POST_CREATE, .actor = w->admin, .text = span_of(cases[i].text),
                                                .files = { &file, 1 } }, &act, &word), BZ_OK);
        bool is_right = cases[i].want == NULL ? act == 0 : act != 0 && span_is(word, cases[i].want);
        if (!is_right || in_files != cases[i].is_in_files)
            fail_msg("case %zu: found %.*s, in files %d", i, (int)word.len, word.at ? word.at : "", in_files);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_otherwise_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(what_only_resembles_it_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(the_strongest_counts_and_a_new_list_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(fields_are_what_they_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(rooms_do_not_mix, setup, teardown),
        cmocka_unit_test_setup_teardown(the_longest_texts_are_looked_through, setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_looked_at_by_name_and_alt, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
