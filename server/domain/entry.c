#include "domain/entry.h"

#include "base/json_out.h"

static const struct { const char *wire; bool has_room, has_thread; const char *subject; } kinds[] = {
#define ROW(number, name, wire, room, thread, subject) [number] = { wire, room, thread, subject },
    BZ_ENTRY_KINDS(ROW)
#undef ROW
};

const char *entry_kind_wire(enum entry_kind kind) { return kinds[kind].wire; }
bool entry_kind_is_known(int kind)
{
    return kind > 0 && kind < (int)(sizeof kinds / sizeof *kinds) && kinds[kind].wire != NULL;
}
bool entry_kind_has_room(enum entry_kind kind) { return kinds[kind].has_room; }
bool entry_kind_has_thread(enum entry_kind kind) { return kinds[kind].has_thread; }
const char *entry_kind_subject(enum entry_kind kind) { return kinds[kind].subject; }

/* Bodies are canonical: inside a string every quote is escaped, so the sequence stands nowhere else. */
static bool says(struct span body, const char *name)
{
    return body.at != NULL && memmem(body.at, body.len, name, strlen(name)) != NULL;
}

bool entry_is_for_moderators(const struct entry *entry) { return entry->kind >= 40 && entry->kind <= 49; }

bool entry_is_of_member(const struct entry *entry)
{
    return entry->kind == ENTRY_MEMBER_SANCTION || entry->kind == ENTRY_MEMBER_PARDON;
}

bool entry_acts_in_role(const struct entry *entry)
{
    static const bool in_role[] = {
        [ENTRY_THREAD_LOCK] = true, [ENTRY_THREAD_PIN] = true, [ENTRY_THREAD_FEATURE] = true, [ENTRY_POST_LOCK] = true,
        [ENTRY_THREAD_MOVED_OUT] = true,
        [ENTRY_THREAD_MOVED_IN] = true, [ENTRY_POSTS_MOVED_OUT] = true, [ENTRY_POSTS_MOVED_IN] = true,
        [ENTRY_MEMBER_ROLE] = true, [ENTRY_THREAD_ARCHIVE] = true, [ENTRY_POST_HIDE] = true, [ENTRY_POST_RESTORE] = true,
        [ENTRY_ROOM_SET] = true,
        [ENTRY_MEMBER_SANCTION] = true, [ENTRY_MEMBER_PARDON] = true,
        [ENTRY_REPORT] = true,   /* who reported is for who decides: the queue tells them */
    };
    if (entry->kind == ENTRY_POST_REDACT || entry->kind == ENTRY_THREAD_RENAME || entry->kind == ENTRY_THREAD_CLOSE
        || entry->kind == ENTRY_THREAD_KIND || entry->kind == ENTRY_THREAD_FIELDS)   /* else its author did it */
        return says(entry->body, "\"as\":\"");
    if (entry->kind == ENTRY_THREAD)   /* made of somebody's posts */
        return says(entry->body, "\"author\":\"");
    return (size_t)entry->kind < sizeof in_role / sizeof *in_role && in_role[entry->kind];
}

void entry_put_head(const struct entry *entry, const struct hubs *hubs, bool names_person, struct buf *ret)
{
    json_put_text(ret, "hub", span_of(hubs->code[entry->hub % BZ_HUBS_MAX]));
    json_put_int(ret, "seq", entry->seq);
    json_put_int(ret, "at", entry->at_ms);
    json_put_id(ret, hubs, "by", entry_acts_in_role(entry) && !names_person ? 0 : entry->actor);
    json_put_text(ret, "kind", span_of(entry_kind_wire(entry->kind)));
    if (entry_kind_has_room(entry->kind) && entry->room != 0)
        json_put_id(ret, hubs, "room", entry->room);
    if (entry_kind_has_thread(entry->kind) && entry->thread != 0)
        json_put_id(ret, hubs, "thread", entry->thread);
    if (entry_kind_subject(entry->kind)[0] != '\0')
        json_put_id(ret, hubs, entry_kind_subject(entry->kind), entry->subject);
}

void entry_put_body(const struct entry *entry, struct buf *ret)
{
    if (entry->kind == ENTRY_ERASE)   /* what is left of others' bodies is told with these, to who may read them */
        return;
    if (entry->body.at == NULL)
        buf_add_text(ret, ENTRY_ERASED);
    else if (entry->body.len > 2)   /* the body is an object: its members go on where the head's end */
        buf_printf(ret, ",%.*s", (int)(entry->body.len - 2), entry->body.at + 1);
}

static void put_id(struct buf *ret, const struct hubs *hubs, bz_id id)
{
    char text[BZ_ID_TEXT];
    if (id != 0)
        buf_add(ret, text, id_format(hubs, id, text));
    buf_add_char(ret, '\n');
}

static void put_int(struct buf *ret, int64_t n)
{
    buf_add_int(ret, n);
    buf_add_char(ret, '\n');
}

void entry_canonical(const struct entry *entry, const struct hubs *hubs, struct buf *ret)
{
    buf_add_text(ret, hubs->code[entry->hub]);
    buf_add_char(ret, '\n');
    put_int(ret, entry->seq);
    put_int(ret, entry->at_ms);
    buf_add_text(ret, entry_kind_wire(entry->kind));
    buf_add_char(ret, '\n');
    put_id(ret, hubs, entry->actor);
    put_id(ret, hubs, entry->room);
    put_id(ret, hubs, entry->thread);
    put_id(ret, hubs, entry->subject);
    if (entry->cid.at != NULL)
        buf_add_span(ret, entry->cid);
    buf_add_char(ret, '\n');
}
