#include "domain/entry.h"

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
bool entry_kind_acts_in_role(enum entry_kind kind) { return kind == ENTRY_POST_HIDE || kind == ENTRY_POST_RESTORE; }
const char *entry_kind_subject(enum entry_kind kind) { return kinds[kind].subject; }

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
