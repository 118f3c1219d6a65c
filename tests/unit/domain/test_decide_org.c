#include "decide_check.h"

static void test_create(void **state)
{
    (void)state;
    /* Proves what an organisation is made of, and what is refused. */
    struct facts f = facts_usual();
    struct command cmd = command_usual(COMMAND_ORG_CREATE);
    f.actor.role = ROLE_ADMIN;
    cmd.organisation = 0;
    cmd.org_kind = SPAN("city");
    cmd.name = SPAN("City of Accra");
    cmd.country = SPAN("GH");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    assert_string_equal(error.field, "city");
    cmd.city = SPAN("Accra");
    cmd.langs = SPAN("[\"en\"]");
    cmd.contact = SPAN("1 Road");
    cmd.size = SPAN("large");
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_int_equal(decision.id, 100);
    assert_int_equal(decision.entries[0].kind, ENTRY_ORG);
    assert_int_equal(decision.entries[0].room, 0);
    assert_body(&decision.entries[0], "{\"type\":\"city\",\"name\":\"City of Accra\",\"country\":\"GH\",\"city\":\"Accra\",\"region\":\"africa-2\","
                                      "\"langs\":[\"en\"],\"contact\":\"1 Road\",\"size\":\"large\"}");
    f.name_taken = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.name_taken = false;
    f.region = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);
    cmd.region = 0;
    cmd.size = SPAN("huge");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    cmd.size = (struct span){ NULL, 0 };
    cmd.country = SPAN("ghana");
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
}

static void test_set(void **state)
{
    (void)state;
    /* Proves that delegates say how their office is reached and no more, and that nothing new is no entry. */
    struct facts f = facts_usual();
    struct command cmd = { .kind = COMMAND_ORG_SET, .actor = 10, .organisation = 75, .contact = SPAN("New"), .langs = SPAN("[\"fr\"]") };
    f.org.is_delegate = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.entries[0].subject, 75);
    assert_body(&decision.entries[0], "{\"langs\":[\"fr\"],\"contact\":\"New\"}");
    f.org.contact = cmd.contact;
    f.org.langs = cmd.langs;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    cmd.name = SPAN("Mine");
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.actor.role = ROLE_ADMIN;   /* of its region */
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"name\":\"Mine\"}");
    cmd.region = 3;
    f.region = 3;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.actor.hub_role = ROLE_ADMIN;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_body(&decision.entries[0], "{\"name\":\"Mine\",\"region\":\"africa-3\"}");
}

static enum bz_err member(struct facts *f, bool says, bool is_delegate, bool is_gone)
{
    struct command cmd = { .kind = COMMAND_ORG_MEMBER, .actor = 10, .organisation = 75, .member = 13, .is_delegate = is_delegate,
                           .is_gone = is_gone, .sets = says ? SETS_DELEGATE : 0 };
    return run(f, &cmd);
}

static void test_members(void **state)
{
    (void)state;
    /* Proves that delegates bring colleagues in and out, raise nobody, and take nobody from another organisation. */
    struct facts f = facts_usual();
    f.org.is_delegate = true;
    assert_int_equal(member(&f, false, false, false), BZ_OK);
    assert_body(&decision.entries[0], "{\"member\":\"africa-13\"}");
    assert_int_equal(member(&f, true, true, false), BZ_ERR_FORBIDDEN);
    assert_int_equal(member(&f, true, false, false), BZ_ERR_FORBIDDEN);
    f.org.member_org = 76;
    assert_int_equal(member(&f, false, false, false), BZ_ERR_CONFLICT);
    assert_int_equal(member(&f, false, false, true), BZ_OK);   /* is not in it: nothing to do */
    assert_int_equal(decision.count, 0);
    f.org.member_org = 75;
    assert_int_equal(member(&f, false, false, false), BZ_OK);
    assert_int_equal(decision.count, 0);
    assert_int_equal(member(&f, false, false, true), BZ_OK);
    assert_body(&decision.entries[0], "{\"member\":\"africa-13\",\"gone\":true}");
    f.org.member_is_delegate = true;
    assert_int_equal(member(&f, false, false, true), BZ_ERR_FORBIDDEN);
    f.member.id = 10;   /* oneself: leaves, comes in by nobody but a delegate */
    assert_int_equal(member(&f, false, false, true), BZ_OK);
    f.org.is_delegate = f.org.member_is_delegate = false;
    f.org.member_org = 0;
    assert_int_equal(member(&f, false, false, false), BZ_ERR_FORBIDDEN);
    f.member.id = 13;
    f.actor.role = ROLE_ADMIN;   /* of the region */
    assert_int_equal(member(&f, true, true, false), BZ_OK);
    assert_body(&decision.entries[0], "{\"member\":\"africa-13\",\"delegate\":true}");
    f.org.member_org = 76;
    assert_int_equal(member(&f, true, true, false), BZ_ERR_CONFLICT);
    f.actor.hub_role = ROLE_ADMIN;
    assert_int_equal(member(&f, true, true, false), BZ_OK);
    f.member.id = 0;
    assert_int_equal(member(&f, true, true, false), BZ_ERR_NOT_FOUND);
}

static void test_confirm(void **state)
{
    (void)state;
    /* Proves that one entry confirms who is there, and that nobody is none. */
    struct facts f = facts_usual();
    struct command cmd = { .kind = COMMAND_ORG_CONFIRM, .actor = 10, .organisation = 75 };
    f.org.is_delegate = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_INVALID);
    f.org.confirmed_count = 2;
    f.org.confirmed[0] = 13;
    f.org.confirmed[1] = 14;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 1);
    assert_body(&decision.entries[0], "{\"members\":[\"africa-13\",\"africa-14\"],\"confirmed\":true}");
}

static void test_requests(void **state)
{
    (void)state;
    /* Proves what an approval makes, that a refusal makes nothing, and that nobody decides otherwise or elsewhere. */
    struct facts f = facts_usual();
    struct command cmd = { .kind = COMMAND_REQUEST_DECIDE, .actor = 10, .request = 7, .on = true };
    f.org.id = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);   /* a member */
    f.actor.role = ROLE_ADMIN;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.id, 100);
    assert_body(&decision.entries[0], "{\"type\":\"city\",\"name\":\"Kumasi\",\"country\":\"GH\",\"region\":\"africa-2\"}");
    f.name_taken = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    assert_string_equal(error.field, "org");
    cmd.on = false;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    f.request.is_decided = true;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    cmd.on = true;
    assert_int_equal(run(&f, &cmd), BZ_ERR_CONFLICT);
    f.request.is_decided = f.name_taken = false;
    cmd.organisation = 75;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);
    f.org.id = 75;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    assert_int_equal(decision.count, 0);
    assert_int_equal(decision.id, 75);
    f.org.region = 3;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    cmd.organisation = 0;
    cmd.region = f.region = 3;
    assert_int_equal(run(&f, &cmd), BZ_ERR_FORBIDDEN);
    f.actor.hub_role = ROLE_ADMIN;
    assert_int_equal(run(&f, &cmd), BZ_OK);
    f.region = 0;
    assert_int_equal(run(&f, &cmd), BZ_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create), cmocka_unit_test(test_set), cmocka_unit_test(test_members), cmocka_unit_test(test_confirm),
        cmocka_unit_test(test_requests),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
