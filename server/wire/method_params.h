/* method_params.h: the parameters of every method, of methods.c alone: in a file of their own because there are so many. */
#ifndef BZ_WIRE_METHOD_PARAMS_H
#define BZ_WIRE_METHOD_PARAMS_H
#include <stddef.h>

#include "base/limits.h"
#include "domain/command.h"
#include "wire/method.h"
#include "wire/params.h"

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
    OPT("region", ID, CMD(region)), LANG, OPT("email", EMAIL, CMD(email)), CID,
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
    OPT_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), OPT("field", SAID, CMD(field)), CID,
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
static const struct param_spec session_code[] = {
    REQ("email", EMAIL, CMD(email)), LANG, OPT("invite", SECRET, CMD(invitation)), OPT("join", BOOL, CMD(on)),
};
#define TICKET REQ("ticket", SECRET, CMD(secret)), REQ("code", CODE, CMD(code))
#define DEVICE OPT_N("device", NAME, 1, BZ_LIMIT_DEVICE_CHARS, CMD(device))
static const struct param_spec session_enter[] = { TICKET, DEVICE };
static const struct param_spec session_second[] = {
    REQ("ticket", SECRET, CMD(secret)), REQ_N("code", NAME, 1, 32, CMD(factor.code)), DEVICE,
};
static const struct param_spec factor_drop[] = { REQ_N("id", INT, 1, SEQ_MAX, CMD(seq)) };
#define CREDENTIAL REQ("ticket", TOKEN, CMD(code)), REQ("credential", CREDENTIAL, CMD(factor.credential))
static const struct param_spec passkey_enter[] = { CREDENTIAL, DEVICE };
static const struct param_spec passkey_add[] = { CREDENTIAL, NAME("name", CMD(name)) };
static const struct param_spec totp_add[] = { REQ("ticket", SECRET, CMD(ticket)), REQ_N("code", NAME, 1, 32, CMD(factor.code)) };
static const struct param_spec password_set[] = {
    REQ_N("password", TEXT, 1, 512, SES(password)), OPT_N("old", TEXT, 1, 512, SES(old)),
};
static const struct param_spec password_enter[] = {
    REQ("email", EMAIL, SES(email)), REQ_N("password", TEXT, 1, 512, SES(password)),
    OPT_N("device", NAME, 1, BZ_LIMIT_DEVICE_CHARS, SES(device)),
};
static const struct param_spec session_end[] = { OPT("id", NAME_HEX, CMD(slug)) };
static const struct param_spec address_code[] = { REQ("email", EMAIL, CMD(email)), LANG };
static const struct param_spec address_add[] = { TICKET };
static const struct param_spec address_drop[] = { REQ("email", EMAIL, CMD(email)) };
static const struct param_spec invite_create[] = {
    OPT("role", ROLE, CMD(role)), OPT("room", ID, CMD(room)), OPT("region", ID, CMD(region)), OPT("org", ID, CMD(organisation)),
    OPT("delegate", BOOL, CMD(is_delegate)), OPT("email", EMAIL, CMD(email)),
    OPT_N("uses", INT, 1, BZ_LIMIT_INVITATION_USES, CMD(uses)), OPT_N("days", INT, 1, BZ_LIMIT_INVITATION_DAYS, CMD(days)), LANG,
};
static const struct param_spec invite_drop[] = { REQ("id", NAME_HEX, CMD(slug)) };
static const struct param_spec invite_list[] = { OPT("all", BOOL, ARG(is_on)), OPT("next", NAME_HEX, ARG(next)) };
static const struct param_spec invite_look[] = { REQ("code", SECRET, ARG(secret)) };
static const struct param_spec invite_take[] = {
    REQ("invite", SECRET, CMD(invitation)), REQ("ticket", SECRET, CMD(secret)), OPT("code", CODE, CMD(code)),
    NAME("name", CMD(name)), NAME_OPT("org", CMD(org)), NAME_OPT("city", CMD(city)),
    NAME_OPT("country", CMD(country)), LANG, DEVICE,
};
static const struct param_spec invite_bulk[] = {
    REQ_N("csv", CSV, 1, BZ_LIMIT_BULK_BYTES, CMD(text)), REQ("dry", BOOL, CMD(on)), OPT("org", ID, CMD(organisation)),
    OPT("region", ID, CMD(region)), OPT("room", ID, CMD(room)),
};
static const struct param_spec request_create[] = {
    TICKET, REQ("kind", ORG_KIND, CMD(org_kind)), NAME("org", CMD(org)), REQ("country", COUNTRY, CMD(country)),
    NAME_OPT("city", CMD(city)), OPT("region", ID, CMD(region)), OPT_N("langs", LANGS, 0, BZ_LIMIT_LANGUAGES_MAX, CMD(langs)),
    NAME("name", CMD(name)), NAME_OPT("title", CMD(title)), OPT_N("website", NAME, 1, BZ_LIMIT_LINK_TITLE_CHARS, CMD(website)),
    OPT_N("text", TEXT, 1, BZ_LIMIT_REQUEST_BYTES, CMD(text)), LANG,
};
static const struct param_spec desk_members[] = {
    OPT_N("text", TEXT, 1, BZ_LIMIT_SEARCH_BYTES, ARG(text)), OPT("region", ID, ARG(region)), OPT("org", ID, ARG(org)),
    OPT("role", ROLE, ARG(role)), OPT("only", SLUG, ARG(theme)), PAGE_BEFORE, PAGE_LIMIT,
};
static const struct param_spec request_list[] = { OPT("decided", BOOL, ARG(is_on)), OPT_N("next", INT, 1, SEQ_MAX, ARG(request)) };
static const struct param_spec request_decide[] = {
    REQ_N("request", INT, 1, SEQ_MAX, CMD(request)), REQ("approve", BOOL, CMD(on)), OPT("org", ID, CMD(organisation)),
    OPT("region", ID, CMD(region)),
    OPT("delegate", BOOL, CMD(is_delegate)), OPT_N("reason", TEXT, 1, BZ_LIMIT_REASON_BYTES, CMD(reason)), CID,
};
static const struct param_spec token_create[] = {
    REQ_N("name", NAME, 1, BZ_LIMIT_DEVICE_CHARS, CMD(name)), REQ("scopes", SCOPES, CMD(scopes)),
    OPT_N("rooms", IDS, 0, BZ_LIMIT_TOKEN_ROOMS, CMD(rooms)), REQ_N("days", INT, 1, BZ_LIMIT_TOKEN_DAYS, CMD(days)),
};
static const struct param_spec token_drop[] = { REQ("id", NAME_HEX, CMD(slug)) };
static const struct param_spec oidc_begin[] = { REQ_N("provider", NAME, 1, 32, SES(provider)), OPT("invite", SECRET, SES(invitation)) };
static const struct param_spec oidc_finish[] = {
    REQ("ticket", TOKEN, SES(token)), REQ_N("provider", NAME, 1, 32, SES(provider)), REQ_N("code", TEXT, 1, 2048, SES(code)),
    REQ_N("state", TEXT, 1, 512, SES(state)), OPT_N("iss", TEXT, 1, 512, SES(issuer)),
    OPT_N("device", NAME, 1, BZ_LIMIT_DEVICE_CHARS, SES(device)),
};
static const struct param_spec oidc_link[] = { REQ("ticket", SECRET, CMD(ticket)) };
static const struct param_spec oidc_unlink[] = { REQ_N("id", INT, 1, SEQ_MAX, CMD(seq)) };
static const struct param_spec qr_draw[] = { REQ_N("text", TEXT, 1, BZ_LIMIT_QR_BYTES, SES(text)) };
static const struct param_spec session_open[] = {
    REQ("code", TOKEN, SES(code)), OPT_N("device", NAME, 1, BZ_LIMIT_DEVICE_CHARS, SES(device)),
};
static const struct param_spec session_poll[] = {
    OPT("cursor", CURSOR, SES(cursor)), OPT_N("watch", IDS, 0, BZ_LIMIT_WATCH_MAX, SES(watch)),
    OPT_N("wait_ms", INT, 0, BZ_LIMIT_POLL_WAIT_MS, SES(wait_ms)),
};
static const struct param_spec session_watch[] = { REQ_N("rooms", IDS, 0, BZ_LIMIT_WATCH_MAX, SES(watch)) };
static const struct param_spec signal_send[] = {
    REQ("kind", SIGNAL, 0), REQ("thread", ID, SES(thread)),
};
#endif
