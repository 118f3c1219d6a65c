/* Conversations of two: a room that is its two members' alone, with nothing but its lobby. The words of its making stand in
 * its own chain, so that nobody else hears of it. */
#include "domain/decide_parts.h"
#include "domain/kinds.h"

static bz_id room_add(struct decider *d, struct span lang)
{
    bz_id room = next_id(d);
    body_open(d);
    json_name(&d->body, "members");
    json_open(&d->body, '[');
    const bz_id two[] = { d->cmd->actor, d->cmd->member };
    for (size_t i = 0; i < 2; i++) {
        char id[BZ_ID_TEXT];
        size_t len = id_format(d->facts->hubs, two[i], id);
        json_text(&d->body, (struct span){ id, len });
    }
    json_close(&d->body, ']');
    json_put_text(&d->body, "access", span_of(access_wire(ACCESS_DIRECT)));
    json_put_text(&d->body, "lang", lang);
    entry_add(d, ENTRY_ROOM, (struct place){ .room = room, .subject = room });
    lobby_add(d, room, SPAN(""), lang);
    return room;
}

enum bz_err decide_direct_open(struct decider *d)
{
    const struct facts *f = d->facts;
    enum bz_err rc;
    if ((rc = need_text(d, "text", d->cmd->text, BZ_LIMIT_POST_BYTES)) != BZ_OK || (rc = need_lang_opt(d)) != BZ_OK)
        return rc;
    bool is_first = f->room.id == 0;
    struct span lang = is_first ? lang_or(d, "en") : span_of(f->thread.lang);
    d->ret->id = is_first ? room_add(d, lang) : f->room.id;
    d->ret->extra = is_first ? id_make(0, id_seq(d->ret->id) + 1) : f->room.chat;   /* the lobby follows its room */
    d->ret->third = next_id(d);
    body_open(d);
    post_body(d, d->cmd->lang, lang, 0);
    put_id_opt(d, "about", f->to_thread.id);
    entry_add(d, ENTRY_POST, (struct place){ .room = d->ret->id, .thread = d->ret->extra, .subject = d->ret->third });
    return BZ_OK;
}
