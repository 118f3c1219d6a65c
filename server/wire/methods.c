#include "wire/method.h"

#include <stddef.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"
#include "domain/link.h"
#include "wire/exchange.h"
#include "wire/people.h"
#include "wire/poll.h"
#include "wire/queries.h"
#include "wire/session.h"

#define SEQ_MAX (((int64_t)1 << BZ_ID_SEQ_BITS) - 1)
#define TIME_MAX 8640000000000000   /* the last millisecond of JavaScript's calendar */
#define CMD(member) offsetof(struct command, member)
#define ARG(member) offsetof(struct query_args, member)
#define SES(member) offsetof(struct session_args, member)

/* Rows of a parameter list: required, optional. */
#define REQ(name, type, at) { name, PARAM_##type, true, false, 0, 0, at }
#define OPT(name, type, at) { name, PARAM_##type, false, false, 0, 0, at }
#define REQ_N(name, type, min, max, at) { name, PARAM_##type, true, false, min, max, at }
#define OPT_N(name, type, min, max, at) { name, PARAM_##type, false, false, min, max, at }
#define CID REQ("cid", CID, CMD(cid))
#define LANG OPT("lang", LANG, CMD(lang))
#define BODY REQ_N("text", TEXT, 1, BZ_LIMIT_POST_BYTES, CMD(text))
#define FILES OPT_N("files", FILES, 0, BZ_LIMIT_FILES_MAX, CMD(files))
/* Words, files, or both. */
#define BODY_OR_FILES OPT_N("text", TEXT, 0, BZ_LIMIT_POST_BYTES, CMD(text)), FILES
#define NAME(name, at) REQ_N(name, NAME, 1, BZ_LIMIT_NAME_CHARS, at)
#define NAME_OPT(name, at) OPT_N(name, NAME, 1, BZ_LIMIT_NAME_CHARS, at)
#define TITLE REQ_N("title", NAME, 1, BZ_LIMIT_TITLE_CHARS, CMD(title))
#define PAGE_BEFORE OPT("before", ID, ARG(before))
#define PAGE_LIMIT OPT_N("limit", INT, 1, BZ_LIMIT_PAGE_MAX, ARG(limit))

static const struct param_spec room_write[] = { REQ("room", ID, CMD(room)), CID };
static const struct param_spec room_invite[] = {
    REQ("room", ID, CMD(room)), REQ("member", ID, CMD(member)), CID,
};
static const struct param_spec room_set[] = {
    REQ("room", ID, CMD(room)), OPT_N("slow_s", INT, 0, BZ_LIMIT_SLOW_S, CMD(set.slow_s)),
    OPT("posting", POSTING, CMD(set.posting)), OPT_N("lock_days", INT, 0, BZ_LIMIT_LOCK_DAYS, CMD(set.lock_days)),
    OPT("hold", HOLD, CMD(set.hold)), OPT("hold_threads", BOOL, CMD(set.hold_threads)),
    OPT_N("words", WORDS, 0, BZ_LIMIT_WORDS_MAX, CMD(set.words)), OPT("links", LINKS, CMD(set.links)),
    OPT("approve_join", BOOL, CMD(set.approve_join)), OPT_N("new_posts", INT, 0, BZ_LIMIT_NEW_POSTS, CMD(set.new_posts)),
    OPT_N("new_hour", INT, 0, BZ_LIMIT_NEW_HOUR, CMD(set.new_hour)), OPT("new_links", LINKS, CMD(set.new_links)),
    OPT("new_files", LINKS, CMD(set.new_files)), OPT("previews", BOOL, CMD(set.previews)), CID,
};
static const struct param_spec room_words[] = { REQ("room", ID, ARG(room)) };
static const struct param_spec room_create[] = {
    REQ("region", ID, CMD(region)), REQ("slug", SLUG, CMD(slug)), NAME("name", CMD(name)),
    OPT_N("about", TEXT, 0, BZ_LIMIT_ABOUT_BYTES, CMD(about)), OPT("access", ACCESS, CMD(access)), LANG, CID,
};
static const struct param_spec region_create[] = {
    REQ("slug", SLUG, CMD(slug)), NAME("name", CMD(name)), LANG, CID,
};
static const struct param_spec member_add[] = {
    REQ("handle", HANDLE, CMD(handle)), NAME("name", CMD(name)), OPT("role", ROLE, CMD(role)),
    NAME_OPT("org", CMD(org)), NAME_OPT("city", CMD(city)), NAME_OPT("country", CMD(country)),
    OPT("region", ID, CMD(region)), LANG, CID,
};
#define NULL_OPT(name, type, min, max, at) { name, PARAM_##type, false, true, min, max, at }
static const struct param_spec member_set[] = {
    OPT("member", ID, CMD(member)), NAME_OPT("name", CMD(name)), NULL_OPT("org", NAME, 1, BZ_LIMIT_NAME_CHARS, CMD(org)),
    NULL_OPT("city", NAME, 1, BZ_LIMIT_NAME_CHARS, CMD(city)), NULL_OPT("country", COUNTRY, 0, 0, CMD(country)),
    NULL_OPT("region", ID, 0, 0, CMD(region)), LANG, CID,
};
#define SAID(name, type, min, max, field) NULL_OPT(name, type, min, max, CMD(profile.value[PROFILE_##field]))
#define SAID_TEXT(name, field) SAID(name, TEXT, 1, BZ_LIMIT_PROFILE_BYTES, field)
static const struct param_spec profile_set[] = {
    SAID("title", NAME, 1, BZ_LIMIT_NAME_CHARS, TITLE), SAID("languages", LANGS, 0, BZ_LIMIT_LANGUAGES_MAX, LANGUAGES),
    SAID("themes", SLUGS, 0, BZ_LIMIT_PROFILE_LIST, THEMES), SAID_TEXT("can", CAN),
    SAID("can_themes", SLUGS, 0, BZ_LIMIT_PROFILE_LIST, CAN_THEMES), SAID_TEXT("seeks", SEEKS), SAID_TEXT("about", ABOUT),
    SAID("size", CITY_SIZE, 0, 0, SIZE), SAID("contact", NAME, 1, BZ_LIMIT_CONTACT_CHARS, CONTACT),
    OPT("shown", SHOWN, CMD(profile)), OPT("peers", BOOL, CMD(on)),
};
static const struct param_spec profile_get[] = { OPT("member", ID, ARG(member)) };
static const struct param_spec member_facets[] = { OPT("region", ID, ARG(region)) };
static const struct param_spec member_find[] = {
    OPT("region", ID, ARG(region)), OPT("country", COUNTRY, ARG(country)), NAME_OPT("city", ARG(city)), NAME_OPT("org", ARG(org_name)),
    OPT("lang", LANG, ARG(lang)), OPT("theme", SLUG, ARG(theme)), OPT_N("can", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(can)),
    OPT_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(text)), PAGE_BEFORE, PAGE_LIMIT,
};
static const struct param_spec peer_find[] = {
    OPT("thread", ID, ARG(thread)), OPT_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(text)), NAME_OPT("city", ARG(city)),
    OPT("theme", SLUG, ARG(theme)),
};
static const struct param_spec member_role[] = {
    REQ("member", ID, CMD(member)), REQ("role", ROLE, CMD(role)), OPT("room", ID, CMD(room)),
    OPT("region", ID, CMD(region)), OPT_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
static const struct param_spec member_erase[] = {
    OPT("member", ID, CMD(member)), REQ("handle", HANDLE, CMD(handle)), OPT("keep_posts", BOOL, CMD(on)), CID,
};
static const struct param_spec member_block[] = { REQ("member", ID, CMD(member)), REQ("on", BOOL, CMD(on)) };
static const struct param_spec direct_open[] = {
    REQ("member", ID, CMD(member)), BODY, OPT("thread", ID, CMD(to_thread)), LANG, CID,
};
static const struct param_spec direct_set[] = { REQ("from", FROM, CMD(from)) };
static const struct param_spec direct_list[] = { PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec thread_create[] = {
    REQ("room", ID, CMD(room)), TITLE, OPT("kind", NEW_KIND, CMD(thread_kind)),
    OPT("fields", FIELDS, CMD(fields)), BODY_OR_FILES, LANG, CID,
};
static const struct param_spec thread_rename[] = { REQ("thread", ID, CMD(thread)), TITLE, CID };
static const struct param_spec thread_lock[] = {
    REQ("thread", ID, CMD(thread)), REQ("locked", BOOL, CMD(on)), CID,
};
static const struct param_spec thread_pin[] = {
    REQ("thread", ID, CMD(thread)), REQ("pinned", BOOL, CMD(on)),
    OPT_N("until", INT, 1, TIME_MAX, CMD(until_ms)), CID,
};
static const struct param_spec thread_feature[] = {
    REQ("thread", ID, CMD(thread)), REQ("featured", BOOL, CMD(on)),
    OPT_N("until", INT, 1, TIME_MAX, CMD(until_ms)), CID,
};
static const struct param_spec thread_answer[] = {
    REQ("thread", ID, CMD(thread)), { "post", PARAM_ID, true, true, 0, 0, CMD(post) }, CID,
};
static const struct param_spec thread_close[] = { REQ("thread", ID, CMD(thread)), REQ("closed", BOOL, CMD(on)), CID };
static const struct param_spec thread_archive[] = { REQ("thread", ID, CMD(thread)), REQ("archived", BOOL, CMD(on)), CID };
static const struct param_spec thread_kind[] = {
    REQ("thread", ID, CMD(thread)), REQ("kind", NEW_KIND, CMD(thread_kind)), CID,
};
static const struct param_spec thread_fields[] = { REQ("thread", ID, CMD(thread)), REQ("fields", FIELDS, CMD(fields)), CID };
static const struct param_spec resource_list[] = {
    OPT("region", ID, ARG(region)), OPT("room", ID, ARG(room)), OPT("theme", SLUG, ARG(theme)), NAME_OPT("city", ARG(city)),
    OPT("country", COUNTRY, ARG(country)), OPT("language", LANG, ARG(lang)), OPT_N("year", INT, 1900, 2100, ARG(year)),
    OPT("type", RESOURCE_TYPE, ARG(type)), OPT("collection", ID, ARG(collection)),
    OPT_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(text)), PAGE_BEFORE, PAGE_LIMIT,
};
static const struct param_spec resource_facets[] = { OPT("region", ID, ARG(region)), OPT("room", ID, ARG(room)) };
static const struct param_spec resource_promote[] = {
    REQ("post", ID, CMD(post)), OPT_N("file", INT, 0, BZ_LIMIT_FILES_MAX - 1, CMD(file_n)),
    OPT_N("url", TEXT, 8, 2000, CMD(url)), TITLE, OPT("fields", FIELDS, CMD(fields)),
    OPT_N("text", TEXT, 0, BZ_LIMIT_POST_BYTES, CMD(text)), LANG, CID,
};
static const struct param_spec theme_set[] = {
    REQ("slug", SLUG, CMD(slug)), OPT("parent", SLUG, CMD(parent)), OPT_N("names", NAMES, 1, BZ_LIMIT_NAME_CHARS, CMD(names)),
    OPT("retired", BOOL, CMD(on)), CID,
};
static const struct param_spec collection_create[] = {
    REQ("region", ID, CMD(region)), TITLE, OPT_N("about", TEXT, 0, BZ_LIMIT_ABOUT_BYTES, CMD(about)), CID,
};
static const struct param_spec collection_set[] = {
    REQ("collection", ID, CMD(collection)), OPT_N("title", NAME, 1, BZ_LIMIT_TITLE_CHARS, CMD(title)),
    OPT_N("about", TEXT, 0, BZ_LIMIT_ABOUT_BYTES, CMD(about)), OPT("retired", BOOL, CMD(on)), CID,
};
static const struct param_spec collection_put[] = {
    REQ("collection", ID, CMD(collection)), REQ("thread", ID, CMD(thread)), REQ("on", BOOL, CMD(on)), CID,
};
static const struct param_spec collection_list[] = { OPT("region", ID, ARG(region)) };
#define ORG_SAYS OPT_N("langs", LANGS, 0, BZ_LIMIT_LANGUAGES_MAX, CMD(langs)), \
    OPT_N("contact", TEXT, 0, BZ_LIMIT_CONTACT_BYTES, CMD(contact)), OPT("size", CITY_SIZE, CMD(size))
static const struct param_spec org_create[] = {
    REQ("kind", ORG_KIND, CMD(org_kind)), NAME("name", CMD(name)), REQ("country", COUNTRY, CMD(country)),
    NAME_OPT("city", CMD(city)), OPT("region", ID, CMD(region)), ORG_SAYS, CID,
};
static const struct param_spec org_set[] = {
    REQ("org", ID, CMD(organisation)), OPT("kind", ORG_KIND, CMD(org_kind)), NAME_OPT("name", CMD(name)),
    OPT("country", COUNTRY, CMD(country)), NAME_OPT("city", CMD(city)), OPT("region", ID, CMD(region)), ORG_SAYS, CID,
};
static const struct param_spec org_member[] = {
    REQ("org", ID, CMD(organisation)), REQ("member", ID, CMD(member)), OPT("delegate", BOOL, CMD(is_delegate)),
    OPT("gone", BOOL, CMD(is_gone)), CID,
};
static const struct param_spec org_confirm[] = {
    REQ("org", ID, CMD(organisation)), REQ_N("members", IDS, 0, BZ_LIMIT_IDS_MAX, CMD(members)), CID,
};
static const struct param_spec org_list[] = {
    OPT("kind", ORG_KIND, ARG(type)), OPT("region", ID, ARG(region)), OPT("country", COUNTRY, ARG(country)),
    OPT_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(text)), OPT("member", ID, ARG(member)), PAGE_BEFORE, PAGE_LIMIT,
};
static const struct param_spec org_get[] = { REQ("org", ID, ARG(org)) };
static const struct param_spec resource_get[] = { REQ("thread", ID, ARG(thread)) };
static const struct param_spec thread_move[] = {
    REQ("thread", ID, CMD(thread)), REQ("room", ID, CMD(to_room)), CID,
};
static const struct param_spec thread_merge[] = {
    REQ("thread", ID, CMD(thread)), REQ("into", ID, CMD(to_thread)), CID,
};
static const struct param_spec thread_undo[] = { REQ_N("entry", INT, 1, SEQ_MAX, CMD(seq)), CID };
static const struct param_spec post_move[] = {
    REQ_N("posts", IDS, 0, BZ_LIMIT_IDS_MAX, CMD(posts)), OPT("to", ID, CMD(to_thread)),
    OPT_N("title", NAME, 1, BZ_LIMIT_TITLE_CHARS, CMD(title)), OPT("kind", NEW_KIND, CMD(thread_kind)),
    OPT("room", ID, CMD(to_room)), CID,
};
static const struct param_spec thread_follow[] = {
    REQ("thread", ID, CMD(thread)), REQ("level", LEVEL, CMD(level)),
};
static const struct param_spec post_create[] = {
    REQ("thread", ID, CMD(thread)), BODY_OR_FILES, LANG, OPT("reply_to", ID, CMD(reply_to)),
    OPT("version", BOOL, CMD(is_version)), CID,
};
static const struct param_spec post_edit[] = { REQ("post", ID, CMD(post)), BODY, LANG, CID };
static const struct param_spec post_redact[] = {
    REQ("post", ID, CMD(post)), REQ_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
static const struct param_spec post_moderate[] = {
    REQ("post", ID, CMD(post)), OPT("rule", RULE, CMD(rule)),
    OPT_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
#define WHY OPT("rule", RULE, CMD(rule)), OPT_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason))
static const struct param_spec post_lock[] = {
    REQ("post", ID, CMD(post)), REQ("locked", BOOL, CMD(on)), WHY, CID,
};
static const struct param_spec report_create[] = {
    OPT("post", ID, CMD(post)), OPT("thread", ID, CMD(thread)), OPT("member", ID, CMD(member)),
    OPT("room", ID, CMD(room)), WHY, CID,
};
static const struct param_spec report_claim[] = { REQ("report", ID, CMD(matter)), REQ("on", BOOL, CMD(on)), CID };
static const struct param_spec report_decide[] = {
    REQ("report", ID, CMD(matter)), REQ("decision", DECISION, CMD(decision)),
    OPT_N("until", INT, 1, TIME_MAX, CMD(until_ms)), WHY, CID,
};
static const struct param_spec member_sanction[] = {
    REQ("member", ID, CMD(member)), REQ("act", SANCTION, CMD(act)), OPT("room", ID, CMD(room)),
    OPT("region", ID, CMD(region)), OPT_N("until", INT, 1, TIME_MAX, CMD(until_ms)), REQ("rule", RULE, CMD(rule)),
    OPT_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
static const struct param_spec member_pardon[] = { REQ("sanction", ID, CMD(sanction)), WHY, CID };
static const struct param_spec sanction_appeal[] = {
    REQ("sanction", ID, CMD(sanction)), REQ_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
static const struct param_spec sanction_list[] = { REQ("member", ID, ARG(member)), PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec appeal_create[] = {
    REQ("post", ID, CMD(post)), REQ_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
static const struct param_spec post_react[] = {
    REQ("post", ID, CMD(post)), REQ("emoji", EMOJI, CMD(emoji)), REQ("on", BOOL, CMD(on)), CID,
};
static const struct param_spec read_mark[] = {
    REQ("thread", ID, CMD(thread)), REQ_N("seq", INT, 0, SEQ_MAX, CMD(seq)),
};
static const struct param_spec read_room[] = {
    REQ("room", ID, CMD(room)), REQ_N("seq", INT, 0, SEQ_MAX, CMD(seq)),
};
static const struct param_spec draft_set[] = {
    OPT("thread", ID, CMD(thread)), OPT("room", ID, CMD(room)),
    OPT_N("title", NAME, 1, BZ_LIMIT_TITLE_CHARS, CMD(title)), OPT("kind", NEW_KIND, CMD(thread_kind)),
    REQ_N("text", TEXT, 0, BZ_LIMIT_POST_BYTES, CMD(text)), OPT("reply_to", ID, CMD(reply_to)),
    REQ_N("at", INT, 1, TIME_MAX, CMD(edited_ms)),
};

static const struct param_spec draft_list[] = { OPT("thread", ID, ARG(thread)), OPT("room", ID, ARG(room)) };
static const struct param_spec member_list[] = {
    OPT_N("ids", IDS, 0, BZ_LIMIT_IDS_MAX, ARG(ids)), NAME_OPT("prefix", ARG(prefix)),
    OPT("room", ID, ARG(room)), PAGE_LIMIT,
};
static const struct param_spec thread_list[] = {
    REQ("room", ID, ARG(room)), PAGE_BEFORE, PAGE_LIMIT, OPT("kind", KIND, ARG(kind)),
    OPT("archived", BOOL, ARG(is_archive)),
};
static const struct param_spec thread_get[] = { REQ("thread", ID, ARG(thread)) };
static const struct param_spec post_list[] = {
    REQ("thread", ID, ARG(thread)), OPT("after", ID, ARG(after)), PAGE_BEFORE, OPT("around", ID, ARG(around)),
    PAGE_LIMIT,
};
static const struct param_spec post_history[] = { REQ("post", ID, ARG(post)) };
static const struct param_spec queue_list[] = { OPT("decided", BOOL, ARG(is_on)), PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec report_mine[] = { PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec log_list[] = { OPT("room", ID, ARG(room)), PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec link_posts[] = { REQ_N("url", TEXT, 1, BZ_LIMIT_LINK_BYTES, ARG(text)), PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec catchup_list[] = { PAGE_BEFORE, PAGE_LIMIT };
static const struct param_spec search_save[] = {
    REQ("id", SLUG, CMD(slug)), REQ_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, CMD(text)), OPT("room", ID, CMD(room)),
    OPT("region", ID, CMD(region)), OPT("kind", KIND, CMD(thread_kind)), OPT("lang", LANG, CMD(lang)), OPT("by", ID, CMD(member)),
    OPT("file", BOOL, CMD(has_file)), OPT_N("year", INT, 1970, 9999, CMD(year)), OPT("notify", BOOL, CMD(on)),
};
static const struct param_spec search_id[] = { REQ("id", SLUG, CMD(slug)) };
static const struct param_spec search_query[] = {
    REQ_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(text)), OPT("room", ID, ARG(room)),
    OPT("region", ID, ARG(region)), OPT("kind", KIND, ARG(kind)), OPT("lang", LANG, ARG(lang)), OPT("by", ID, ARG(by)),
    OPT("file", BOOL, ARG(has_file)), OPT_N("year", INT, 1970, 9999, ARG(year)), OPT("theme", SLUG, ARG(theme)),
    OPT("before", NEXT, ARG(next)), PAGE_LIMIT,
};
static const struct param_spec thread_similar[] = {
    REQ_N("text", NAME, 1, BZ_LIMIT_TITLE_CHARS, ARG(text)), OPT("room", ID, ARG(room)),
    OPT_N("limit", INT, 1, BZ_LIMIT_SIMILAR_MAX, ARG(limit)),
};
static const struct param_spec post_preview[] = { REQ_N("text", TEXT, 1, BZ_LIMIT_POST_BYTES, ARG(text)) };
static const struct param_spec thread_unanswered[] = { OPT_N("limit", INT, 1, BZ_LIMIT_UNANSWERED_MAX, ARG(limit)) };

static const struct param_spec session_hello[] = {
    OPT("token", TOKEN, SES(token)), OPT("cursor", CURSOR, SES(cursor)),
    OPT_N("watch", IDS, 0, BZ_LIMIT_WATCH_MAX, SES(watch)), OPT("lang", LANG, SES(lang)),
};
static const struct param_spec session_open[] = { REQ("code", TOKEN, SES(code)) };
static const struct param_spec session_poll[] = {
    OPT("cursor", CURSOR, SES(cursor)), OPT_N("watch", IDS, 0, BZ_LIMIT_WATCH_MAX, SES(watch)),
    OPT_N("wait_ms", INT, 0, BZ_LIMIT_POLL_WAIT_MS, SES(wait_ms)),
};
static const struct param_spec session_watch[] = { REQ_N("rooms", IDS, 0, BZ_LIMIT_WATCH_MAX, SES(watch)) };
static const struct param_spec signal_send[] = {
    REQ("kind", SIGNAL, 0), REQ("thread", ID, SES(thread)),
};

static enum bz_err finish_member(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "role") == NULL)
        ((struct command *)target)->role = ROLE_MEMBER;
    return BZ_OK;
}

/* What is named is set, to nothing by null. */
static enum bz_err finish_member_set(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    static const struct { const char *name; unsigned sets; } said[] = {
        { "name", SETS_NAME }, { "org", SETS_ORG }, { "city", SETS_CITY }, { "country", SETS_COUNTRY }, { "region", SETS_REGION },
        { "lang", SETS_LANG },
    };
    struct command *cmd = target;

    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        if (json_object_get(params, said[i].name) != NULL)
            cmd->sets |= said[i].sets;
    return BZ_OK;
}

static enum bz_err finish_profile(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    for (int i = 1; i < PROFILE_END; i++) {
        const char *name = profile_field_wire((enum profile_field)i);
        if (json_object_get(params, name) == NULL)
            continue;
        cmd->sets |= 1u << i;
        if (span_is(cmd->profile.value[i], "[]"))
            cmd->profile.value[i] = (struct span){ NULL, 0 };
        if (cmd->profile.value[i].at != NULL && utf8_chars(cmd->profile.value[i]) > BZ_LIMIT_PROFILE_CHARS)
            return bz_invalid(e, name, "%s: at most %d characters.", name, BZ_LIMIT_PROFILE_CHARS);
    }
    if (json_object_get(params, "peers") != NULL)
        cmd->sets |= SETS_PEERS;
    return BZ_OK;
}

/* A thread says by itself what it is about. */
static enum bz_err finish_peers(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "thread") != NULL && json_object_size(params) > 1)
        return bz_invalid(e, "thread", "thread stands alone, without text, city and theme.");
    return BZ_OK;
}

/* What is named is set, and nothing else. */
static enum bz_err finish_room_set(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    static const struct { const char *name; unsigned sets; } settings[] = {
        { "slow_s", SETS_SLOW }, { "lock_days", SETS_LOCK_DAYS }, { "posting", SETS_POSTING },
        { "hold", SETS_HOLD }, { "hold_threads", SETS_HOLD_THREADS }, { "links", SETS_LINKS }, { "words", SETS_WORDS },
        { "approve_join", SETS_APPROVE_JOIN }, { "new_posts", SETS_NEW_POSTS }, { "new_hour", SETS_NEW_HOUR },
        { "new_links", SETS_NEW_LINKS }, { "new_files", SETS_NEW_FILES }, { "previews", SETS_PREVIEWS },
    };
    struct command *cmd = target;

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (json_object_get(params, settings[i].name) != NULL)
            cmd->sets |= settings[i].sets;
    return BZ_OK;
}

static enum bz_err finish_said(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    (void)params;
    (void)arena;
    if (cmd->text.len == 0 && cmd->files.count == 0)
        return bz_invalid(e, "text", "text: words or files are required.");
    if (cmd->text.at == NULL)
        cmd->text = SPAN("");
    return BZ_OK;
}

static enum bz_err finish_thread(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    if (cmd->thread_kind == 0)
        cmd->thread_kind = THREAD_KIND_DISCUSSION;
    enum bz_err rc = params_fields(json_object_get(params, "fields"), cmd->thread_kind, arena, &cmd->fields, e);
    return rc == BZ_OK ? finish_said(params, target, arena, e) : rc;
}

/* Only resources have some: what is of another kind is told so when its thread is looked at. */
static enum bz_err finish_fields(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    return params_fields(json_object_get(params, "fields"), THREAD_KIND_RESOURCE, arena, &cmd->fields, e);
}

/* A file or a link of the post. A link is the resource's address, and without other words what its first post says. */
static enum bz_err finish_promote(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;
    const json_t *url = json_object_get(params, "url"), *given = json_object_get(params, "fields");

    if ((json_object_get(params, "file") == NULL) == (url == NULL))
        return bz_invalid(e, url == NULL ? "file" : "url", "file or url: one of the two is required.");
    if (url != NULL && !url_valid(cmd->url))
        return bz_invalid(e, "url", "url: an address that begins with https:// or http://.");
    if (url != NULL && json_object_get(given, "url") != NULL && !json_equal(json_object_get(given, "url"), url))
        return bz_invalid(e, "fields.url", "fields.url: the link itself, or left out.");
    json_t *fields = given == NULL ? json_object() : json_copy((json_t *)given);
    if (url != NULL)
        json_object_set(fields, "url", (json_t *)url);
    enum bz_err rc = params_fields(fields, THREAD_KIND_RESOURCE, arena, &cmd->fields, e);
    json_decref(fields);
    cmd->thread_kind = THREAD_KIND_RESOURCE;
    if (cmd->text.len == 0)
        cmd->text = url != NULL ? cmd->url : SPAN("");
    return rc;
}

static enum bz_err finish_retired(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_get(params, "retired") != NULL)
        ((struct command *)target)->sets |= SETS_RETIRED;
    return BZ_OK;
}

static enum bz_err finish_org_member(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct command *cmd = target;

    if (json_object_get(params, "delegate") != NULL)
        cmd->sets |= SETS_DELEGATE;
    if (cmd->is_gone && cmd->is_delegate)
        return bz_invalid(e, "gone", "gone: who is not there any more is no delegate.");
    return BZ_OK;
}

/* Into a thread that is there, or into one that is made: with a title, and maybe a kind and another room. */
static enum bz_err finish_post_move(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    bool is_new = json_object_get(params, "to") == NULL;

    if (json_array_size(json_object_get(params, "posts")) == 0)
        return bz_invalid(e, "posts", "posts: one or more.");
    for (int i = 0; !is_new && i < 3; i++) {
        static const char *const names[] = { "title", "kind", "room" };
        if (json_object_get(params, names[i]) != NULL)
            return bz_invalid(e, names[i], "%s: only for a new thread.", names[i]);
    }
    return BZ_OK;
}

/* A reply has a thread and maybe a quoted post; a new thread has a title and a kind, and a room once it is chosen. */
static enum bz_err finish_draft(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    bool is_reply = json_object_get(params, "thread") != NULL;

    if (is_reply && json_object_get(params, "room") != NULL)
        return bz_invalid(e, "room", "room: a draft is of a thread or of a room.");
    if (is_reply && json_object_get(params, "title") != NULL)
        return bz_invalid(e, "title", "title: a reply has none.");
    if (is_reply && json_object_get(params, "kind") != NULL)
        return bz_invalid(e, "kind", "kind: a reply has none.");
    if (!is_reply && json_object_get(params, "reply_to") != NULL)
        return bz_invalid(e, "reply_to", "reply_to: only in a thread.");
    return BZ_OK;
}

static enum bz_err finish_drafts(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    if (json_object_size(params) > 1)
        return bz_invalid(e, "room", "room: thread and room exclude each other.");
    return BZ_OK;
}

static enum bz_err finish_similar(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->limit == 0)
        args->limit = BZ_LIMIT_SIMILAR_MAX;
    return BZ_OK;
}

static enum bz_err finish_unanswered(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->limit == 0)
        args->limit = BZ_LIMIT_UNANSWERED_MAX;
    return BZ_OK;
}

static enum bz_err finish_page(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->limit == 0)
        args->limit = BZ_LIMIT_PAGE_DEFAULT;
    if (json_object_get(params, "around") != NULL &&
        (json_object_get(params, "before") != NULL || json_object_get(params, "after") != NULL))
        return bz_invalid(e, "around", "around stands alone, without before and after.");
    if (json_object_get(params, "before") != NULL && json_object_get(params, "after") != NULL)
        return bz_invalid(e, "before", "before and after exclude each other.");
    return BZ_OK;
}

static enum bz_err finish_link(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    char url[BZ_LIMIT_LINK_BYTES];

    if (link_url(((const struct query_args *)target)->text, url) == 0)
        return bz_invalid(e, "url", "url: an address that begins with https:// or http://.");
    return finish_page(params, target, arena, e);
}

static enum bz_err finish_members(const json_t *params, void *target, struct arena *arena, struct bz_error *e)
{
    struct query_args *args = target;

    if (args->ids.is_present && json_object_size(params) > 1)
        return bz_invalid(e, "ids", "ids stand alone, without prefix, room and limit.");
    if (args->limit == 0)
        args->limit = BZ_LIMIT_PAGE_DEFAULT;
    return BZ_OK;
}

#define LIST(list) .params = list, .params_count = sizeof(list) / sizeof(list)[0]
#define QUERY(f) .class = METHOD_QUERY, .run = f
#define WRITE(c) .class = METHOD_WRITE, .command = COMMAND_##c
#define PERSONAL(c) .class = METHOD_PERSONAL, .command = COMMAND_##c

const struct method methods[] = {
    { "appeal.create", WRITE(APPEAL_CREATE), LIST(appeal_create), .makes_id = true },
    { "catchup.list", QUERY(run_catchup_list), LIST(catchup_list), .finish = finish_page },
    { "collection.create", WRITE(COLLECTION_CREATE), LIST(collection_create), .least = ROLE_MEMBER, .makes_id = true },
    { "collection.list", QUERY(run_collection_list), LIST(collection_list) },
    { "collection.put", WRITE(COLLECTION_PUT), LIST(collection_put) },
    { "collection.set", WRITE(COLLECTION_SET), LIST(collection_set), .finish = finish_retired, .least = ROLE_MEMBER },
    { "desk.numbers", QUERY(run_desk_numbers) },
    { "direct.get", QUERY(run_direct_get) },
    { "direct.list", QUERY(run_direct_list), LIST(direct_list), .finish = finish_page },
    { "direct.open", WRITE(DIRECT_OPEN), LIST(direct_open), .least = ROLE_MEMBER, .makes_id = true, .extra = "thread",
      .third = "post" },
    { "direct.set", PERSONAL(DIRECT_SET), LIST(direct_set) },
    { "draft.list", QUERY(run_draft_list), LIST(draft_list), .finish = finish_drafts },
    { "draft.set", PERSONAL(DRAFT_SET), LIST(draft_set), .finish = finish_draft, .least = ROLE_MEMBER },
    { "link.posts", QUERY(run_link_posts), LIST(link_posts), .finish = finish_link },
    { "log.list", QUERY(run_log_list), LIST(log_list), .finish = finish_page },
    { "member.add", WRITE(MEMBER_ADD), LIST(member_add), .finish = finish_member, .least = ROLE_ADMIN,
      .makes_id = true },
    { "member.block", PERSONAL(MEMBER_BLOCK), LIST(member_block) },
    { "member.blocked", QUERY(run_member_blocked) },
    { "member.erase", WRITE(MEMBER_ERASE), LIST(member_erase), .is_for_barred = true, .needs_http = true },
    { "member.facets", QUERY(run_member_facets), LIST(member_facets) },
    { "member.find", QUERY(run_member_find), LIST(member_find), .finish = finish_page },
    { "member.list", QUERY(run_member_list), LIST(member_list), .finish = finish_members },
    { "member.pardon", WRITE(MEMBER_PARDON), LIST(member_pardon), .least = ROLE_MEMBER },
    { "member.role", WRITE(MEMBER_ROLE), LIST(member_role), .least = ROLE_MEMBER },
    { "member.sanction", WRITE(MEMBER_SANCTION), LIST(member_sanction), .least = ROLE_MEMBER, .makes_id = true },
    { "member.set", WRITE(MEMBER_SET), LIST(member_set), .finish = finish_member_set },
    { "org.confirm", WRITE(ORG_CONFIRM), LIST(org_confirm) },
    { "org.create", WRITE(ORG_CREATE), LIST(org_create), .least = ROLE_MEMBER, .makes_id = true },
    { "org.due", QUERY(run_org_due) },
    { "org.get", QUERY(run_org_get), LIST(org_get) },
    { "org.list", QUERY(run_org_list), LIST(org_list), .finish = finish_page },
    { "org.member", WRITE(ORG_MEMBER), LIST(org_member), .finish = finish_org_member },
    { "org.set", WRITE(ORG_SET), LIST(org_set) },
    { "peer.find", QUERY(run_peer_find), LIST(peer_find), .finish = finish_peers },
    { "post.create", WRITE(POST_CREATE), LIST(post_create), .finish = finish_said, .makes_id = true, .may_wait = true },
    { "post.edit", WRITE(POST_EDIT), LIST(post_edit) },
    { "post.hide", WRITE(POST_HIDE), LIST(post_moderate), .least = ROLE_MEMBER },
    { "post.history", QUERY(run_post_history), LIST(post_history) },
    { "post.list", QUERY(run_post_list), LIST(post_list), .finish = finish_page },
    { "post.lock", WRITE(POST_LOCK), LIST(post_lock), .least = ROLE_MEMBER },
    { "post.move", WRITE(POST_MOVE), LIST(post_move), .may_wait = true, .finish = finish_post_move, .least = ROLE_MEMBER },
    { "post.preview", QUERY(run_post_preview), LIST(post_preview) },
    { "post.react", WRITE(POST_REACT), LIST(post_react) },
    { "post.redact", WRITE(POST_REDACT), LIST(post_redact) },
    { "post.restore", WRITE(POST_RESTORE), LIST(post_moderate), .least = ROLE_MEMBER },
    { "profile.get", QUERY(run_profile_get), LIST(profile_get) },
    { "profile.set", PERSONAL(PROFILE_SET), LIST(profile_set), .finish = finish_profile },
    { "queue.list", QUERY(run_queue_list), LIST(queue_list), .finish = finish_page },
    { "read.mark", PERSONAL(READ_MARK), LIST(read_mark) },
    { "read.room", PERSONAL(READ_ROOM), LIST(read_room) },
    { "region.create", WRITE(REGION_CREATE), LIST(region_create), .least = ROLE_ADMIN, .makes_id = true },
    { "report.claim", WRITE(REPORT_CLAIM), LIST(report_claim) },
    { "report.create", WRITE(REPORT_CREATE), LIST(report_create), .makes_id = true },
    { "report.decide", WRITE(REPORT_DECIDE), LIST(report_decide) },
    { "report.mine", QUERY(run_report_mine), LIST(report_mine), .finish = finish_page },
    { "resource.facets", QUERY(run_resource_facets), LIST(resource_facets) },
    { "resource.get", QUERY(run_resource_get), LIST(resource_get) },
    { "resource.list", QUERY(run_resource_list), LIST(resource_list), .finish = finish_page },
    { "resource.promote", WRITE(RESOURCE_PROMOTE), LIST(resource_promote), .finish = finish_promote, .makes_id = true,
      .may_wait = true, .extra = "post" },
    { "room.create", WRITE(ROOM_CREATE), LIST(room_create), .least = ROLE_MEMBER, .makes_id = true,
      .extra = "chat" },
    { "room.invite", WRITE(ROOM_INVITE), LIST(room_invite), .least = ROLE_MEMBER },
    { "room.join", WRITE(ROOM_JOIN), LIST(room_write), .may_wait = true },
    { "room.leave", WRITE(ROOM_LEAVE), LIST(room_write) },
    { "room.list", QUERY(run_room_list) },
    { "room.set", WRITE(ROOM_SET), LIST(room_set), .finish = finish_room_set, .least = ROLE_MEMBER },
    { "room.words", QUERY(run_room_words), LIST(room_words) },
    { "rpc.discover", .class = METHOD_QUERY, .act = act_discover, .is_public = true },
    { "sanction.appeal", WRITE(SANCTION_APPEAL), LIST(sanction_appeal), .makes_id = true, .is_for_barred = true },
    { "sanction.list", QUERY(run_sanction_list), LIST(sanction_list), .finish = finish_page },
    { "sanction.mine", QUERY(run_sanction_mine), LIST(report_mine), .finish = finish_page, .is_for_barred = true },
    { "search.drop", PERSONAL(SEARCH_DROP), LIST(search_id) },
    { "search.query", QUERY(run_search_query), LIST(search_query), .finish = finish_page },
    { "search.save", PERSONAL(SEARCH_SAVE), LIST(search_save) },
    { "search.saved", QUERY(run_search_saved) },
    { "search.seen", PERSONAL(SEARCH_SEEN), LIST(search_id) },
    { "session.close", .class = METHOD_SESSION, .act = act_close, .is_for_barred = true },
    { "session.hello", .class = METHOD_SESSION, .act = act_hello, LIST(session_hello), .is_public = true,
      .needs_socket = true },
    { "session.open", .class = METHOD_SESSION, .act = act_open, LIST(session_open), .is_public = true },
    { "session.poll", .class = METHOD_SESSION, .act = act_poll, LIST(session_poll), .needs_http = true },
    { "session.watch", .class = METHOD_SESSION, .act = act_watch, LIST(session_watch), .needs_socket = true },
    { "signal.send", .class = METHOD_SIGNAL, .act = act_signal, LIST(signal_send), .needs_socket = true },
    { "theme.list", QUERY(run_theme_list) },
    { "theme.set", WRITE(THEME_SET), LIST(theme_set), .finish = finish_retired, .least = ROLE_MEMBER },
    { "thread.answer", WRITE(THREAD_ANSWER), LIST(thread_answer) },
    { "thread.archive", WRITE(THREAD_ARCHIVE), LIST(thread_archive), .least = ROLE_MEMBER },
    { "thread.close", WRITE(THREAD_CLOSE), LIST(thread_close) },
    { "thread.create", WRITE(THREAD_CREATE), LIST(thread_create), .finish = finish_thread, .makes_id = true,
      .may_wait = true, .extra = "post" },
    { "thread.feature", WRITE(THREAD_FEATURE), LIST(thread_feature), .least = ROLE_MEMBER },
    { "thread.fields", WRITE(THREAD_FIELDS), LIST(thread_fields), .finish = finish_fields },
    { "thread.follow", PERSONAL(THREAD_FOLLOW), LIST(thread_follow) },
    { "thread.get", QUERY(run_thread_get), LIST(thread_get) },
    { "thread.kind", WRITE(THREAD_KIND), LIST(thread_kind) },
    { "thread.list", QUERY(run_thread_list), LIST(thread_list), .finish = finish_page },
    { "thread.lock", WRITE(THREAD_LOCK), LIST(thread_lock), .least = ROLE_MEMBER },
    { "thread.merge", WRITE(THREAD_MERGE), LIST(thread_merge), .may_wait = true, .least = ROLE_MEMBER },
    { "thread.move", WRITE(THREAD_MOVE), LIST(thread_move), .least = ROLE_MEMBER },
    { "thread.pin", WRITE(THREAD_PIN), LIST(thread_pin), .least = ROLE_MEMBER },
    { "thread.rename", WRITE(THREAD_RENAME), LIST(thread_rename) },
    { "thread.similar", QUERY(run_thread_similar), LIST(thread_similar), .finish = finish_similar },
    { "thread.unanswered", QUERY(run_thread_unanswered), LIST(thread_unanswered), .finish = finish_unanswered },
    { "thread.undo", WRITE(THREAD_UNDO), LIST(thread_undo), .least = ROLE_MEMBER },
};
const size_t methods_count = sizeof methods / sizeof methods[0];

const struct method *method_by_name(struct span name)
{
    size_t low = 0, high = methods_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *text = methods[middle].name;
        size_t len = strlen(text);
        int order = memcmp(name.at, text, name.len < len ? name.len : len);
        if (order == 0 && name.len == len)
            return &methods[middle];
        if (order < 0 || (order == 0 && name.len < len))
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *method_class_wire(enum method_class class)
{
    static const char *const words[] = {
#define BZ_METHOD_CLASS_W(name, wire, bucket) [METHOD_##name] = wire,
        BZ_METHOD_CLASSES(BZ_METHOD_CLASS_W)
#undef BZ_METHOD_CLASS_W
    };
    return words[class];
}
