/* Proves that a demo text becomes records tied to each other, and that each fault in one is told with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/demo.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define NOW_MS (20000 * DAY_MS + 12 * 3600 * 1000)
#define PLACES "@@ region slug=r lang=en name=A region\nWords.\n@@ room slug=a region=r access=open lang=en name=A room\n" \
               "@@ member handle=ana region=r lang=en org=City_of_Gao name=Ana Diop\n"
#define THREAD "@@ thread key=t room=r/a kind=question lang=en by=ana at=-3d09:15 title=What = this\nFirst line.\n\nSecond.\n\n"

static enum bz_err load(struct demo *d, const char *text, struct bz_error *e)
{
    demo_init(d, NOW_MS);
    enum bz_err rc = demo_parse(d, "t", span_of(text), e);
    return rc == BZ_OK ? demo_tie(d, e) : rc;
}

static void a_text_becomes_tied_records(void **state)
{
    struct demo d;
    struct bz_error e = { 0 };
    assert_int_equal(load(&d, "# a comment\n" PLACES THREAD "@@ post by=ana at=-3d09:20 re=1\nYes.\n@@ react by=ana post=2 emoji=👍\n"
                              "@@ answer post=2\n@@ pin", &e), BZ_OK);
    assert_int_equal(d.count, 8);
    const struct demo_record *member = &d.records[2], *thread = &d.records[3], *post = &d.records[4];
    assert_true(span_is(member->key[KEY_ORG], "City of Gao"));
    assert_true(span_is(member->key[KEY_NAME], "Ana Diop"));
    assert_int_equal(member->place, 0);
    assert_true(span_is(thread->key[KEY_TITLE], "What = this"));
    assert_true(span_is(thread->text, "First line.\n\nSecond."));
    assert_int_equal(thread->line, 6);
    assert_int_equal(thread->place, 1);
    assert_int_equal(thread->at_ms, 19997 * DAY_MS + (9 * 60 + 15) * 60000);
    assert_int_equal(post->thread, 3);
    assert_int_equal(post->by, 2);
    assert_int_equal(post->post, 3);          /* re=1: the thread's opening text */
    assert_int_equal(d.records[5].post, 4);
    assert_true(d.records[7].at_ms > d.records[6].at_ms);   /* acts follow their post, in order */
    demo_done(&d);
}

static void each_fault_is_told_with_its_line(void **state)
{
    static const struct { const char *text, *told; } faults[] = {
        { "words\n" PLACES, "t.txt:1: text before the first record" },
        { "@@ city name=x\n", "t.txt:1: unknown type of record" },
        { "@@ region slug\n", "t.txt:1: expected key=value" },
        { "@@ region slug=a slug=b\n", "t.txt:1: a key is unknown or stands twice" },
        { "@@ region colour=a\n", "t.txt:1: a key is unknown or stands twice" },
        { "@@ room slug=a region=none\n", "t.txt:1: there is no such region" },
        { PLACES "@@ post by=ana at=-1d10:00\n", "t.txt:5: there is no thread before it" },
        { PLACES "@@ thread room=r/b by=ana at=-1d10:00 title=x\n", "t.txt:5: there is no such room" },
        { PLACES "@@ thread room=r/a by=bob at=-1d10:00 title=x\n", "t.txt:5: there is no such member" },
        { PLACES "@@ thread room=r/a by=ana at=-1d24:00 title=x\n", "t.txt:5: at= is no time" },
        { PLACES "@@ thread room=r/a by=ana at=-1d10:00x title=x\n", "t.txt:5: at= is no time" },
        { PLACES THREAD "@@ post by=ana at=-4d09:20\n", "t.txt:10: at= is no time such as -3d09:15, or lies before" },
        { PLACES THREAD "@@ post by=ana at=-2d09:20 re=2\n", "t.txt:10: re= names no post above" },
        { PLACES THREAD "@@ react by=ana post=2 emoji=x\n", "t.txt:10: the thread has no such post" },
        { PLACES "@@ direct by=ana to=bob at=-1d10:00\n", "t.txt:5: by= and to= are two members" },
        { PLACES "@@ direct by=ana to=ana at=-1d10:00\n", "t.txt:5: by= and to= are two members" },
        { PLACES THREAD "@@ react by=bob post=1 emoji=x\n", "t.txt:10: there is no such member" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct demo d;
        struct bz_error e = { 0 };
        assert_int_equal(load(&d, faults[i].text, &e), BZ_ERR_INVALID);
        if (strncmp(e.text, faults[i].told, strlen(faults[i].told)) != 0)
            fail_msg("told: %s\nexpected: %s", e.text, faults[i].told);
        demo_done(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_becomes_tied_records),
        cmocka_unit_test(each_fault_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
