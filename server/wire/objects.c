#include "wire/objects.h"

#include "base/json_out.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"

#define MARK_OPENS  0xE000u    /* as struct hit_row says */
#define MARK_CLOSES 0xE001u
#define MARKS_MAX   64         /* in one snippet; more are not shown */

/* Optional members are left out when they say nothing: bytes are money. */
static void put_some(struct buf *b, const char *name, struct span s)
{
    if (s.len > 0)
        json_put_text(b, name, s);
}

static void put_id_opt(struct buf *b, const struct hubs *hubs, const char *name, bz_id id)
{
    if (id != 0)
        json_put_id(b, hubs, name, id);
}

static void put_raw_opt(struct buf *b, const char *name, struct span json)
{
    if (json.len > 0)
        json_put_raw(b, name, json);
}

/* numbers: decimal, with commas. */
static void put_ids(struct buf *b, const struct hubs *hubs, const char *name, struct span numbers)
{
    char id[BZ_ID_TEXT];

    json_name(b, name);
    json_open(b, '[');
    for (size_t i = 0; i < numbers.len; i++) {
        bz_id member = 0;
        while (i < numbers.len && numbers.at[i] != ',')
            member = member * 10 + (numbers.at[i++] - '0');
        json_text(b, (struct span){ id, id_format(hubs, member, id) });
    }
    json_close(b, ']');
}

void put_member(struct buf *b, const struct hubs *hubs, const struct member_row *row)
{
    json_open(b, '{');
    bool has_left = row->handle.len > 0 && row->handle.at[0] == '~';   /* what stands there is no handle */
    json_put_id(b, hubs, "id", row->id);
    json_put_text(b, "handle", has_left ? SPAN("") : row->handle);
    json_put_text(b, "name", row->name);
    if (has_left)
        json_put_bool(b, "former", true);
    json_put_text(b, "role", span_of(role_wire(row->role)));
    put_some(b, "org", row->org);
    put_some(b, "city", row->city);
    put_some(b, "country", row->country);
    put_id_opt(b, hubs, "region", row->region);
    json_put_text(b, "lang", row->lang);
    if (row->blocked.len > 0)
        put_ids(b, hubs, "blocked", row->blocked);
    json_close(b, '}');
}

void put_region(struct buf *b, const struct hubs *hubs, const struct region_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    json_put_text(b, "slug", row->slug);
    json_put_text(b, "name", row->name);
    json_put_text(b, "lang", row->lang);
    json_close(b, '}');
}

/* Those that are not as in a new room. */
static void put_set(struct buf *b, const struct room_set *set, enum access access)
{
    json_name(b, "set");
    json_open(b, '{');
    if (set->slow_s != 0)
        json_put_int(b, "slow_s", set->slow_s);
    if (set->lock_days != 0)
        json_put_int(b, "lock_days", set->lock_days);
    if (set->posting != POSTING_ALL)
        json_put_text(b, "posting", span_of(posting_wire(set->posting)));
    if (set->hold != HOLD_NONE)
        json_put_text(b, "hold", span_of(hold_wire(set->hold)));
    if (set->hold_threads)
        json_put_bool(b, "hold_threads", true);
    if (set->links != LINKS_ALL)
        json_put_text(b, "links", span_of(links_wire(set->links)));
    if (set->has_words)
        json_put_bool(b, "words", true);
    if (set->approve_join)
        json_put_bool(b, "approve_join", true);
    if (set->new_posts != 0)
        json_put_int(b, "new_posts", set->new_posts);
    if (set->new_hour != 0)
        json_put_int(b, "new_hour", set->new_hour);
    if (set->new_links != LINKS_ALL)
        json_put_text(b, "new_links", span_of(links_wire(set->new_links)));
    if (set->new_files != LINKS_ALL)
        json_put_text(b, "new_files", span_of(links_wire(set->new_files)));
    if (set->previews != (access < ACCESS_PRIVATE))
        json_put_bool(b, "previews", set->previews);
    json_close(b, '}');
}

static bool is_set(const struct room_set *set, enum access access)
{
    return set->slow_s != 0 || set->lock_days != 0 || set->posting != POSTING_ALL || set->hold != HOLD_NONE
        || set->hold_threads || set->links != LINKS_ALL || set->has_words || set->approve_join
        || set->new_posts != 0 || set->new_hour != 0 || set->new_links != LINKS_ALL || set->new_files != LINKS_ALL
        || set->previews != (access < ACCESS_PRIVATE);
}

void put_room(struct buf *b, const struct hubs *hubs, const struct room_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    if (row->access == ACCESS_DIRECT) {
        json_put_id(b, hubs, "with", row->with);
    } else {
        json_put_id(b, hubs, "region", row->region);
        json_put_text(b, "slug", row->slug);
        json_put_text(b, "name", row->name);
    }
    put_some(b, "about", row->about);
    json_put_text(b, "access", span_of(access_wire(row->access)));
    json_put_text(b, "lang", row->lang);
    json_put_id(b, hubs, "chat", row->chat);
    json_put_bool(b, "joined", row->is_joined);
    json_put_text(b, "role", span_of(role_wire(row->role)));
    if (row->moderators.len > 0)
        put_ids(b, hubs, "moderators", row->moderators);
    json_put_int(b, "threads", row->threads);
    json_put_int(b, "members", row->members);
    json_put_int(b, "unread", row->unread);
    json_put_int(b, "mentions", row->mentions);
    json_put_int(b, "last_seq", row->last_seq);
    if (is_set(&row->set, row->access))
        put_set(b, &row->set, row->access);
    if (row->has_asked)
        json_put_bool(b, "asked", true);
    if (row->last_own_ms != 0)
        json_put_int(b, "posted_at", row->last_own_ms);
    json_close(b, '}');
}

void put_thread(struct buf *b, const struct hubs *hubs, const struct thread_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    json_put_id(b, hubs, "room", row->room);
    json_put_text(b, "kind", span_of(kind_spec(row->kind)->wire));
    json_put_text(b, "title", row->title);
    json_put_id(b, hubs, "by", row->by);
    json_put_int(b, "at", row->at_ms);
    json_put_text(b, "lang", row->lang);
    put_raw_opt(b, "fields", row->fields);
    json_put_int(b, "posts", row->posts);
    json_put_int(b, "last_seq", row->last_seq);
    json_put_int(b, "last_at", row->last_at_ms);
    json_put_id(b, hubs, "last_by", row->last_by);
    json_put_int(b, "unread", row->unread);
    json_put_int(b, "mentions", row->mentions);
    json_put_int(b, "read_seq", row->read_seq);
    put_id_opt(b, hubs, "first_unread", row->first_unread);
    json_put_bool(b, "pinned", row->is_pinned);
    json_put_bool(b, "locked", row->is_locked);
    if (row->is_pinned && row->pinned_until_ms != 0)
        json_put_int(b, "pinned_until", row->pinned_until_ms);
    if (row->is_closed)
        json_put_bool(b, "closed", true);
    if (row->is_archived)
        json_put_bool(b, "archived", true);
    if (row->is_featured)
        json_put_bool(b, "featured", true);
    put_id_opt(b, hubs, "answer", row->answer);
    put_id_opt(b, hubs, "from", row->source);
    put_id_opt(b, hubs, "with", row->with);
    json_put_text(b, "level", span_of(level_wire(row->level)));
    put_some(b, "excerpt", row->excerpt);
    json_close(b, '}');
}

static void put_reactions(struct buf *b, const struct post_row *row)
{
    json_name(b, "reactions");
    json_open(b, '[');
    for (size_t i = 0; i < row->reactions_count; i++) {
        json_open(b, '{');
        json_put_text(b, "emoji", row->reactions[i].emoji);
        json_put_int(b, "count", row->reactions[i].count);
        json_put_bool(b, "mine", row->reactions[i].is_mine);
        json_close(b, '}');
    }
    json_close(b, ']');
}

void put_post(struct buf *b, const struct hubs *hubs, const struct post_row *row)
{
    bool is_redacted = row->redacted_at_ms != 0;

    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    json_put_int(b, "seq", row->seq);
    json_put_id(b, hubs, "thread", row->thread);
    json_put_int(b, "at", row->at_ms);
    json_put_id(b, hubs, "by", row->by);
    json_put_text(b, "lang", row->lang);
    json_put_text(b, "text", is_redacted || row->text.at == NULL ? SPAN("") : row->text);
    if (!is_redacted)
        put_raw_opt(b, "md", row->md);
    put_raw_opt(b, "files", row->files);
    if (row->is_version)
        json_put_bool(b, "version", true);
    put_raw_opt(b, "links", row->links);
    put_id_opt(b, hubs, "reply_to", row->reply_to);
    put_id_opt(b, hubs, "about", row->about);
    if (row->edited_at_ms != 0)
        json_put_int(b, "edited_at", row->edited_at_ms);
    if (is_redacted) {
        json_name(b, "redacted");
        json_open(b, '{');
        json_put_id(b, hubs, "by", row->redacted_by);
        json_put_int(b, "at", row->redacted_at_ms);
        json_put_text(b, "reason", row->redact_reason);
        json_close(b, '}');
    }
    if (row->hidden_at_ms != 0) {
        json_name(b, "hidden");
        json_open(b, '{');
        json_put_int(b, "at", row->hidden_at_ms);
        put_id_opt(b, hubs, "by", row->hidden_by);
        put_some(b, "rule", row->hide_rule);
        put_some(b, "reason", row->hide_reason);
        if (row->is_appealed)
            json_put_bool(b, "appealed", true);
        json_close(b, '}');
    }
    if (row->is_locked)
        json_put_bool(b, "locked", true);
    if (row->reactions_count > 0)
        put_reactions(b, row);
    json_put_int(b, "n", row->n);
    json_close(b, '}');
}

void put_draft(struct buf *b, const struct hubs *hubs, const struct draft_row *row)
{
    json_open(b, '{');
    put_id_opt(b, hubs, "thread", row->thread);
    put_id_opt(b, hubs, "room", row->room);
    json_put_int(b, "at", row->at_ms);
    if (row->kind != 0)
        json_put_text(b, "kind", span_of(kind_spec(row->kind)->wire));
    put_some(b, "title", row->title);
    json_put_text(b, "text", row->text.at == NULL ? SPAN("") : row->text);
    put_id_opt(b, hubs, "reply_to", row->reply_to);
    json_close(b, '}');
}

void put_act(struct buf *b, const struct hubs *hubs, const struct act_row *row)
{
    json_open(b, '{');
    json_name(b, "entry");
    json_open(b, '{');
    entry_put_head(&row->entry, hubs, row->names_person, b);
    entry_put_body(&row->entry, b);
    json_close(b, '}');
    put_some(b, "title", row->title);
    put_id_opt(b, hubs, "of", row->of);
    put_id_opt(b, hubs, "second", row->second);
    json_close(b, '}');
}

static void put_why(struct buf *b, struct span rule, struct span reason)
{
    put_some(b, "rule", rule);
    put_some(b, "reason", reason);
}

void put_matter_open(struct buf *b, const struct hubs *hubs, const struct matter_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    put_id_opt(b, hubs, "room", row->room);
    put_id_opt(b, hubs, "thread", row->thread);
    put_id_opt(b, hubs, "post", row->post);
    put_id_opt(b, hubs, "member", row->member);
    put_id_opt(b, hubs, "sanction", row->sanction);
    json_put_int(b, "at", row->at_ms);
    if (row->is_appeal)
        json_put_bool(b, "appeal", true);
    if (row->ask != 0)
        json_put_text(b, "ask", span_of(ask_wire(row->ask)));
    put_some(b, "why", row->held_why);
    put_some(b, "word", row->word);
    put_raw_opt(b, "does", row->does);
    put_some(b, "title", row->title);
    put_some(b, "to_title", row->to_title);
    put_id_opt(b, hubs, "of", row->of);
    put_some(b, "text", row->text);
    put_raw_opt(b, "files", row->files);
    put_id_opt(b, hubs, "hidden_by", row->hidden_by);
    if (row->asked != ASKED_NOBODY)
        json_put_text(b, "asked", span_of(row->asked == ASKED_ROOM ? "room" : row->asked == ASKED_REGION ? "region" : "hub"));
    if (row->is_for_viewer)
        json_put_bool(b, "yours", true);
    if (row->asked != ASKED_NOBODY && !row->may_viewer)
        json_put_bool(b, "not_yours", true);
    if (row->claimed_by != 0) {
        json_name(b, "claimed");
        json_open(b, '{');
        json_put_id(b, hubs, "by", row->claimed_by);
        json_put_int(b, "at", row->claimed_ms);
        json_close(b, '}');
    }
    if (row->decided_ms != 0) {
        json_name(b, "decided");
        json_open(b, '{');
        json_put_int(b, "at", row->decided_ms);
        put_id_opt(b, hubs, "by", row->decided_by);
        json_put_text(b, "decision", row->decision);
        put_why(b, row->rule, row->reason);
        json_close(b, '}');
    }
    json_name(b, "reports");
    json_open(b, '[');
}

void put_report(struct buf *b, const struct hubs *hubs, const struct report_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "by", row->by);
    json_put_int(b, "at", row->at_ms);
    put_why(b, row->rule, row->reason);
    json_close(b, '}');
}

void put_matter_close(struct buf *b)
{
    json_close(b, ']');
    json_close(b, '}');
}

void put_sanction(struct buf *b, const struct hubs *hubs, const struct sanction_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    json_put_id(b, hubs, "member", row->member);
    put_id_opt(b, hubs, row->room != 0 ? "room" : "region", row->scope);
    json_put_text(b, "act", span_of(sanction_wire(row->act)));
    json_put_text_opt(b, "field", row->field);
    json_put_int(b, "at", row->at_ms);
    if (row->until_ms != 0)
        json_put_int(b, "until", row->until_ms);
    json_put_text(b, "as", span_of(role_wire(row->role)));
    put_id_opt(b, hubs, "by", row->by);
    put_why(b, row->rule, row->reason);
    if (row->pardoned_ms != 0) {
        json_name(b, "pardoned");
        json_open(b, '{');
        json_put_int(b, "at", row->pardoned_ms);
        json_put_text(b, "as", span_of(role_wire(row->pardon_role)));
        put_why(b, row->pardon_rule, row->pardon_reason);
        json_close(b, '}');
    }
    if (row->is_appealed)
        json_put_bool(b, "appealed", true);
    put_some(b, "decision", row->decision);
    json_close(b, '}');
}

void put_version(struct buf *b, const struct hubs *hubs, const struct version_row *row)
{
    json_open(b, '{');
    json_put_int(b, "at", row->at_ms);
    json_put_id(b, hubs, "by", row->by);
    json_put_text(b, "text", row->text.at == NULL ? SPAN("") : row->text);
    put_raw_opt(b, "md", row->md);
    json_put_text(b, "lang", row->lang);
    json_close(b, '}');
}

/* Takes the two mark characters out of the snippet and says where they stood, in UTF-16 units of what is left. */
static void put_snippet(struct buf *b, struct span snippet)
{
    struct buf text;
    struct { int64_t from, to; } marks[MARKS_MAX];
    size_t count = 0, pos = 0;
    int64_t units = 0, open = -1;

    buf_init(&text, ANSWER_BYTES);
    while (pos < snippet.len) {
        size_t from = pos;
        uint32_t c = utf8_next(snippet, &pos);
        if (c == MARK_OPENS) {
            open = units;
        } else if (c == MARK_CLOSES) {
            if (open >= 0 && units > open && count < MARKS_MAX)
                marks[count].from = open, marks[count++].to = units;
            open = -1;
        } else {
            buf_add(&text, snippet.at + from, pos - from);
            units += c > 0xFFFF ? 2 : 1;
        }
    }
    json_put_text(b, "snippet", text.len == 0 ? SPAN("") : buf_span(&text));
    buf_done(&text);
    json_name(b, "marks");
    json_open(b, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(b, '[');
        json_int(b, marks[i].from);
        json_int(b, marks[i].to);
        json_close(b, ']');
    }
    json_close(b, ']');
}

/* The first file of a post, as its entry tells of it, and where it is to be had. */
static void put_file_of(struct buf *b, const struct hubs *hubs, bz_id post, struct span file)
{
    if (file.len < 2)
        return;
    json_name(b, "file");
    json_open(b, '{');
    json_put_id(b, hubs, "post", post);
    json_put_int(b, "n", 0);
    buf_add_char(b, ',');
    buf_add(b, file.at + 1, file.len - 1);   /* its members, and the object's end */
}

void put_resource(struct buf *b, const struct hubs *hubs, const struct resource_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "thread", row->thread);
    json_put_id(b, hubs, "room", row->room);
    json_put_text(b, "title", row->title);
    json_put_text(b, "lang", row->lang);
    json_put_text(b, "type", row->type);
    json_put_raw(b, "fields", row->fields.at != NULL ? row->fields : SPAN("{}"));
    json_put_id(b, hubs, "by", row->by);
    json_put_int(b, "at", row->at_ms);
    json_put_int(b, "last_at", row->last_at_ms);
    put_file_of(b, hubs, row->post, row->file);
    json_put_int(b, "versions", row->versions);
    json_put_int(b, "posts", row->posts);
    json_close(b, '}');
}

void put_edition(struct buf *b, const struct hubs *hubs, const struct edition_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "post", row->post);
    json_put_int(b, "n", row->n);
    json_put_int(b, "at", row->at_ms);
    json_put_id(b, hubs, "by", row->by);
    put_some(b, "text", row->text);
    put_file_of(b, hubs, row->post, row->file);
    json_close(b, '}');
}

void put_collection(struct buf *b, const struct hubs *hubs, const struct collection_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    json_put_id(b, hubs, "region", row->region);
    json_put_text(b, "title", row->title);
    put_some(b, "about", row->about);
    json_put_int(b, "count", row->count);
    json_put_id(b, hubs, "by", row->by);
    json_put_int(b, "at", row->at_ms);
    if (row->is_retired)
        json_put_bool(b, "retired", true);
    json_close(b, '}');
}

void put_theme(struct buf *b, const struct hubs *hubs, const struct theme_row *row)
{
    json_open(b, '{');
    json_put_text(b, "slug", row->slug);
    put_some(b, "parent", row->parent);
    json_put_raw(b, "names", row->names);
    if (row->is_retired)
        json_put_bool(b, "retired", true);
    json_close(b, '}');
}

void put_org(struct buf *b, const struct hubs *hubs, const struct org_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "id", row->id);
    json_put_text(b, "kind", row->kind);
    json_put_text(b, "name", row->name);
    json_put_text(b, "country", row->country);
    put_some(b, "city", row->city);
    put_id_opt(b, hubs, "region", row->region);
    if (row->langs.len > 2)
        json_put_raw(b, "langs", row->langs);
    put_some(b, "contact", row->contact);
    put_some(b, "size", row->size);
    json_put_int(b, "members", row->members);
    json_put_int(b, "at", row->at_ms);
    if (row->is_own)
        json_put_bool(b, "mine", true);
    if (row->is_delegate)
        json_put_bool(b, "delegate", true);
    json_close(b, '}');
}

void put_org_member(struct buf *b, const struct hubs *hubs, const struct org_member_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "org", row->org);
    json_put_text(b, "name", row->name);
    json_put_id(b, hubs, "member", row->member);
    if (row->is_delegate)
        json_put_bool(b, "delegate", true);
    json_put_int(b, "since", row->since_ms);
    json_put_int(b, "confirmed_at", row->confirmed_ms);
    json_close(b, '}');
}

void put_shared(struct buf *b, const struct hubs *hubs, const struct shared_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "thread", row->thread);
    json_put_id(b, hubs, "post", row->post);
    json_put_text(b, "title", row->title);
    json_put_id(b, hubs, "room", row->room);
    json_put_id(b, hubs, "by", row->by);
    json_put_int(b, "at", row->at_ms);
    json_close(b, '}');
}

void put_hit(struct buf *b, const struct hubs *hubs, const struct hit_row *row)
{
    json_open(b, '{');
    json_put_id(b, hubs, "thread", row->thread);
    put_id_opt(b, hubs, "post", row->post);
    json_put_id(b, hubs, "room", row->room);
    json_put_text(b, "kind", span_of(kind_spec(row->kind)->wire));
    json_put_text(b, "title", row->title);
    json_put_id(b, hubs, "by", row->by);
    json_put_int(b, "at", row->at_ms);
    json_put_text(b, "lang", row->lang);
    if (row->is_answered)
        json_put_bool(b, "answered", true);
    put_snippet(b, row->snippet);
    if (row->file.at != NULL)
        json_put_text(b, "file", row->file);
    if (row->link.at != NULL)
        json_put_text(b, "link", row->link);
    json_close(b, '}');
}

void put_saved(struct buf *b, const struct hubs *hubs, const struct saved_row *row)
{
    const struct search *q = row->search;

    json_open(b, '{');
    json_put_text(b, "id", row->id);
    json_put_text(b, "text", q->text);
    put_id_opt(b, hubs, "region", q->region);
    put_id_opt(b, hubs, "room", q->room);
    if (q->kind != 0)
        json_put_text(b, "kind", span_of(kind_spec(q->kind)->wire));
    put_some(b, "lang", q->lang);
    put_id_opt(b, hubs, "by", q->by);
    if (q->has_file)
        json_put_bool(b, "file", true);
    if (row->year != 0)
        json_put_int(b, "year", row->year);
    json_put_bool(b, "notify", row->is_notifying);
    if (row->fresh >= 0)
        json_put_int(b, "fresh", row->fresh);
    json_close(b, '}');
}
