#include <stdlib.h>

#include "fanout/fanout_in.h"

struct room *audience_room(struct fanout *f, bz_id id) { return map_get(&f->rooms, id); }

struct member *audience_member(struct fanout *f, bz_id id)
{
    struct member *m = map_get(&f->members, id);
    if (m != NULL)
        return m;
    m = calloc(1, sizeof *m);
    if (m == NULL)
        abort();
    m->id = id;
    m->f = f;
    map_put(&f->members, id, m);
    return m;
}

static bool has_joined(const struct member *m, bz_id room)
{
    for (size_t i = 0; i < m->joined_count; i++)
        if (m->joined[i] == room)
            return true;
    return false;
}

enum sanction audience_held(const struct fanout *f, const struct member *m, const struct room *room)
{
    enum sanction act = SANCTION_NONE;
    int64_t now_ms = m->held_count == 0 ? 0 : f->config.env->now_ms(f->config.env->ctx);
    for (size_t i = 0; i < m->held_count; i++) {
        const struct held *h = &m->held[i];
        bool is_here = h->scope == 0 || (room != NULL && (h->scope == room->id || h->scope == room->region));
        if (is_here && h->until_ms > now_ms && h->act > act)
            act = h->act;
    }
    return act;
}

static bool is_suspended(const struct member *m, const struct room *room)
{
    return m->held_count > 0 && audience_held(m->f, m, room) >= SANCTION_SUSPEND;
}

static enum role role_in(const struct member *m, const struct room *room)
{
    if (is_suspended(m, room))
        return ROLE_GUEST;
    enum role role = m->role;
    for (size_t i = 0; i < m->given_count; i++)
        if ((m->given[i].scope == room->id || m->given[i].scope == room->region) && m->given[i].role > role)
            role = m->given[i].role;
    return policy_role_in(role, room->access);
}

bool audience_can_read(const struct member *m, const struct room *room)
{
    return policy_can_read(role_in(m, room), room->access, has_joined(m, room->id) && !is_suspended(m, room));
}

bool audience_moderates_hub(const struct member *m) { return m->role >= ROLE_MODERATOR && !is_suspended(m, NULL); }

bool audience_moderates(const struct member *m, const struct room *room)
{
    return role_in(m, room) >= ROLE_MODERATOR && audience_can_read(m, room);
}

struct id_list *rooms_owned(const struct id_list *rooms)
{
    if (rooms == NULL)
        return NULL;
    struct id_list *ret = malloc(sizeof *ret + rooms->count * sizeof *ret->at);
    if (ret == NULL)
        abort();
    *ret = (struct id_list){ .at = (bz_id *)(ret + 1), .count = rooms->count, .is_present = true };
    memcpy(ret->at, rooms->at, rooms->count * sizeof *ret->at);
    return ret;
}

static bool is_within(const struct subscriber *s, const struct room *room)
{
    if (s->within == NULL)
        return true;
    for (size_t i = 0; room != NULL && i < s->within->count; i++)
        if (s->within->at[i] == room->id)
            return true;
    return false;
}

bool subscriber_reads(const struct subscriber *s, const struct room *room)
{
    return is_within(s, room) && audience_can_read(s->member, room);
}

bool subscriber_moderates(const struct subscriber *s, const struct room *room)
{
    if (s->is_plain || !is_within(s, room))
        return false;
    return room == NULL ? audience_moderates_hub(s->member) : audience_moderates(s->member, room);
}

bool subscriber_watches(const struct subscriber *s, const struct room *room)
{
    if (!subscriber_reads(s, room))
        return false;
    if (s->watch == NULL || room->access == ACCESS_DIRECT)   /* of one that begins, nobody could have known to ask */
        return true;
    for (uint32_t i = 0; i < s->watch_count; i++)
        if (s->watch[i] == room->id)
            return true;
    return false;
}

static void leave_seat(struct subscriber *s, uint32_t at)
{
    struct seat seat = s->seats[at];
    struct room *room = seat.room;
    struct subscriber **list = seat.is_listener ? room->listeners : room->subs;
    size_t *count = seat.is_listener ? &room->listeners_count : &room->subs_count;
    struct subscriber *moved = list[--*count];
    list[seat.index] = moved;
    for (uint32_t i = 0; moved != s && i < moved->seats_count; i++)
        if (moved->seats[i].room == room)
            moved->seats[i].index = seat.index;
    s->seats[at] = s->seats[--s->seats_count];
    room->is_online_changed = true;
}

static void take_seat(struct subscriber *s, struct room *room, bool is_listener)
{
    struct subscriber ***list = is_listener ? &room->listeners : &room->subs;
    size_t *count = is_listener ? &room->listeners_count : &room->subs_count;
    *list = array_grow(*list, *count, is_listener ? &room->listeners_cap : &room->subs_cap, sizeof **list);
    size_t cap = s->seats_cap;
    s->seats = array_grow(s->seats, s->seats_count, &cap, sizeof *s->seats);
    s->seats_cap = (uint32_t)cap;
    s->seats[s->seats_count++] = (struct seat){ room, (uint32_t)*count, is_listener };
    (*list)[(*count)++] = s;
    room->is_online_changed = true;
}

void audience_seat(struct subscriber *s, struct room *room)
{
    bool is_watching = subscriber_watches(s, room);
    bool is_listening = !is_watching && has_joined(s->member, room->id) && subscriber_reads(s, room);
    for (uint32_t i = 0; i < s->seats_count; i++) {
        if (s->seats[i].room != room)
            continue;
        if (is_watching || is_listening) {
            if (s->seats[i].is_listener == is_listening)
                return;
        }
        leave_seat(s, i);
        break;
    }
    s->rights++;
    if (is_watching || is_listening)
        take_seat(s, room, is_listening);
}

void audience_seat_all(struct subscriber *s)
{
    for (size_t i = 0; i < s->f->rooms.cap; i++)
        if (s->f->rooms.slots[i].key != 0)
            audience_seat(s, s->f->rooms.slots[i].value);
}

void audience_unseat_all(struct subscriber *s)
{
    while (s->seats_count > 0)
        leave_seat(s, s->seats_count - 1);
}

static void reseat(struct member *m, struct room *room)
{
    for (struct subscriber *s = m->subs; s != NULL; s = s->next_of_member)
        audience_seat(s, room);
}

/* What waits for a line that fetches was for the rights of before: it gets it while it still has them. */
static void fetch_all(struct member *m)
{
    for (struct subscriber *s = m->subs; s != NULL; s = s->next_of_member)
        if (s->ops->wake != NULL && s->state == SUB_BLOCKED)
            catchup_go(s);
}

void audience_fetch_all(struct fanout *f)
{
    for (size_t i = 0; i < f->members.cap; i++)
        if (f->members.slots[i].key != 0)
            fetch_all(f->members.slots[i].value);
}

static void set_joined(struct member *m, bz_id room, bool is_joined)
{
    for (size_t i = 0; i < m->joined_count; i++) {
        if (m->joined[i] != room)
            continue;
        if (!is_joined)
            m->joined[i] = m->joined[--m->joined_count];
        return;
    }
    if (!is_joined)
        return;
    m->joined = array_grow(m->joined, m->joined_count, &m->joined_cap, sizeof *m->joined);
    m->joined[m->joined_count++] = room;
}

static void set_given(struct member *m, bz_id scope, enum role role)
{
    size_t at = 0;
    while (at < m->given_count && m->given[at].scope != scope)
        at++;
    if (at == m->given_count) {
        m->given = array_grow(m->given, m->given_count, &m->given_cap, sizeof *m->given);
        m->given_count++;
    }
    m->given[at] = (struct given){ scope, role };
    if (role == ROLE_GUEST)
        m->given[at] = m->given[--m->given_count];
}

/* The body of a `room`, `member` or `member.role` entry is canonical JSON: the value of a member that holds a plain word. */
bool body_word(struct span body, const char *name, struct span *ret)
{
    const char *at = body.at == NULL ? NULL : memmem(body.at, body.len, name, strlen(name));
    if (at == NULL)
        return false;
    at += strlen(name);
    const char *close = memchr(at, '"', (size_t)(body.at + body.len - at));
    if (close == NULL)
        return false;
    *ret = (struct span){ at, (size_t)(close - at) };
    return true;
}

static bool body_number(struct span body, const char *name, int64_t *ret)
{
    const char *at = body.at == NULL ? NULL : memmem(body.at, body.len, name, strlen(name));
    if (at == NULL)
        return false;
    *ret = strtoll(at + strlen(name), NULL, 10);   /* a digit, and the object's end or a comma, follow */
    return true;
}

static struct room *add_room(struct fanout *f, bz_id id, bz_id region, enum access access)
{
    struct room *room = map_get(&f->rooms, id);
    if (room == NULL) {
        room = calloc(1, sizeof *room);
        if (room == NULL)
            abort();
        room->id = id;
        map_put(&f->rooms, id, room);
    }
    room->region = region;
    room->access = access;
    return room;
}

bool audience_changes(const struct entry *entry)
{
    return entry->kind == ENTRY_ROOM || entry->kind == ENTRY_MEMBER || entry->kind == ENTRY_ROOM_JOIN ||
           entry->kind == ENTRY_ROOM_LEAVE || entry->kind == ENTRY_ROOM_INVITE || entry->kind == ENTRY_MEMBER_ROLE ||
           entry_is_of_member(entry);
}

/* A room of two begins with both of them in it. */
static void join_two(struct fanout *f, const struct entry *entry)
{
    static const char name[] = "{\"members\":[\"";
    struct span body = entry->body, word;
    for (int i = 0; i < 2; i++) {
        bz_id who;
        if (!body_word(body, i == 0 ? name : "\"", &word) || !id_parse(f->config.hubs, word, &who))
            return;
        struct member *m = audience_member(f, who);
        fetch_all(m);
        set_joined(m, entry->subject, true);
        body = (struct span){ word.at + word.len + 1, (size_t)(body.at + body.len - word.at - word.len - 1) };
    }
}

static void room_made(struct fanout *f, const struct entry *entry)
{
    struct span word;
    enum access access = ACCESS_PRIVATE;   /* what cannot be read is closed */
    if (body_word(entry->body, ",\"access\":\"", &word) && !access_by_wire(word, &access))
        access = ACCESS_PRIVATE;
    bz_id region = 0;
    if (body_word(entry->body, "\"region\":\"", &word))
        (void)id_parse(f->config.hubs, word, &region);
    struct room *room = add_room(f, entry->subject, region, access);
    if (access == ACCESS_DIRECT)
        join_two(f, entry);
    for (struct subscriber *s = f->subs; s != NULL; s = s->next)
        audience_seat(s, room);
}

static void member_made(struct fanout *f, const struct entry *entry)
{
    struct span word;
    struct member *m = audience_member(f, entry->subject);
    if (!body_word(entry->body, ",\"role\":\"", &word) || !role_by_wire(word, &m->role))
        m->role = ROLE_MEMBER;
}

/* An entry that cannot be read gives nothing. */
static struct given given_by(const struct fanout *f, const struct entry *entry)
{
    struct given ret = { .role = ROLE_GUEST };
    struct span word;
    if (body_word(entry->body, "{\"scope\":\"", &word) && !id_parse(f->config.hubs, word, &ret.scope))
        return ret;
    if (body_word(entry->body, "\"role\":\"", &word) && !role_by_wire(word, &ret.role))
        ret.role = ROLE_GUEST;
    return ret;
}

/* A sanction that cannot be read holds all the same, without an end. */
static struct held held_by(const struct fanout *f, const struct entry *entry)
{
    struct held ret = { id_make(entry->hub, entry->seq), 0, SANCTION_SUSPEND, INT64_MAX };
    struct span word;
    if (body_word(entry->body, "{\"scope\":\"", &word))
        (void)id_parse(f->config.hubs, word, &ret.scope);
    if (body_word(entry->body, "\"act\":\"", &word))
        (void)sanction_by_wire(word, &ret.act);
    (void)body_number(entry->body, ",\"until\":", &ret.until_ms);
    return ret;
}

static void reseat_all(struct member *m)
{
    for (struct subscriber *s = m->subs; s != NULL; s = s->next_of_member)
        audience_seat_all(s);
}

static void set_held(struct fanout *f, struct member *m, struct held held)
{
    if (held.act <= SANCTION_WARN)
        return;
    m->held = array_grow(m->held, m->held_count, &m->held_cap, sizeof *m->held);
    m->held[m->held_count++] = held;
    if (held.until_ms < f->release_ms)
        f->release_ms = held.until_ms;
}

static void drop_held(struct member *m, size_t at) { m->held[at] = m->held[--m->held_count]; }

static void member_held(struct fanout *f, const struct entry *entry)
{
    struct member *m = audience_member(f, entry->subject);
    fetch_all(m);
    if (entry->kind == ENTRY_MEMBER_SANCTION)
        set_held(f, m, held_by(f, entry));
    struct span word;
    bz_id lifted = 0;
    if (entry->kind == ENTRY_MEMBER_PARDON && body_word(entry->body, "\"sanction\":\"", &word))
        (void)id_parse(f->config.hubs, word, &lifted);
    for (size_t i = m->held_count; i-- > 0;)
        if (m->held[i].id == lifted)
            drop_held(m, i);
    reseat_all(m);
}

void audience_release(struct fanout *f)
{
    int64_t now_ms = f->config.env->now_ms(f->config.env->ctx);
    if (f->release_ms > now_ms)
        return;
    f->release_ms = INT64_MAX;
    for (size_t i = 0; i < f->members.cap; i++) {
        struct member *m = f->members.slots[i].key == 0 ? NULL : f->members.slots[i].value;
        size_t before = m == NULL ? 0 : m->held_count;
        for (size_t k = before; k-- > 0;) {
            if (m->held[k].until_ms <= now_ms)
                drop_held(m, k);
            else if (m->held[k].until_ms < f->release_ms)
                f->release_ms = m->held[k].until_ms;
        }
        if (m != NULL && m->held_count < before)
            reseat_all(m);
    }
}

bool audience_loses(struct fanout *f, const struct entry *entry)
{
    if (entry->kind == ENTRY_MEMBER_SANCTION)
        return true;
    if (entry->kind != ENTRY_MEMBER_ROLE)
        return entry->kind == ENTRY_ROOM_LEAVE;
    struct given to = given_by(f, entry);
    const struct member *m = audience_member(f, entry->subject);
    enum role from = to.scope == 0 ? m->role : ROLE_GUEST;
    for (size_t i = 0; i < m->given_count; i++)
        if (to.scope != 0 && m->given[i].scope == to.scope)
            from = m->given[i].role;
    return to.role < from;
}

/* A role may open rooms to somebody and close them. */
static void role_given(struct fanout *f, const struct entry *entry)
{
    struct given to = given_by(f, entry);
    struct member *m = audience_member(f, entry->subject);
    fetch_all(m);
    if (to.scope != 0)
        set_given(m, to.scope, to.role);
    else
        m->role = to.role;
    reseat_all(m);
}

void audience_apply(struct fanout *f, const struct entry *entry)
{
    if (entry->kind == ENTRY_ROOM) {
        room_made(f, entry);
    } else if (entry->kind == ENTRY_MEMBER) {
        member_made(f, entry);
    } else if (entry->kind == ENTRY_MEMBER_ROLE) {
        role_given(f, entry);
    } else if (entry_is_of_member(entry)) {
        member_held(f, entry);
    } else if (audience_changes(entry)) {
        bz_id who = entry->kind == ENTRY_ROOM_INVITE ? entry->subject : entry->actor;
        struct room *room = audience_room(f, entry->room);
        struct member *m = audience_member(f, who);
        fetch_all(m);
        set_joined(m, entry->room, entry->kind != ENTRY_ROOM_LEAVE);
        if (room != NULL)
            reseat(m, room);
    }
}

static void load_room(void *ctx, bz_id id, bz_id region, enum access access) { (void)add_room(ctx, id, region, access); }
static void load_member(void *ctx, bz_id id, enum role role) { audience_member(ctx, id)->role = role; }
static void load_given(void *ctx, bz_id id, bz_id scope, enum role role)
{
    set_given(audience_member(ctx, id), scope, role);
}
static void load_held(void *ctx, const struct held_row *row)
{
    set_held(ctx, audience_member(ctx, row->member), (struct held){ row->id, row->scope, row->act, row->until_ms });
}
static void load_joined(void *ctx, bz_id room, bz_id member) { set_joined(audience_member(ctx, member), room, true); }

enum bz_err fanout_load(struct fanout *f, struct db *db, struct bz_error *e)
{
    static const struct audience_visit visit = { load_room, load_member, load_given, load_held, load_joined };
    int64_t head = 0;
    enum bz_err rc = query_audience(db, &visit, f, e);
    if (rc == BZ_OK)
        rc = query_head(db, &head, e);
    f->ring.first = f->ring.next = head + 1;
    f->flushed = f->news.upto = head;
    return rc;
}

void audience_done(struct fanout *f)
{
    for (size_t i = 0; i < f->rooms.cap; i++) {
        struct room *room = f->rooms.slots[i].value;
        if (room == NULL)
            continue;
        free(room->subs);
        free(room->listeners);
        free(room);
    }
    for (size_t i = 0; i < f->members.cap; i++) {
        struct member *m = f->members.slots[i].value;
        if (m == NULL)
            continue;
        free(m->joined);
        free(m->given);
        free(m->held);
        free(m);
    }
    map_done(&f->rooms);
    map_done(&f->members);
}

bool fanout_can_read(const struct fanout *f, struct viewer viewer, bz_id room)
{
    const struct room *r = map_get(&f->rooms, room);
    const struct member *m = map_get(&f->members, viewer.member);
    return r != NULL && m != NULL && audience_can_read(m, r);
}

bool fanout_is_barred(const struct fanout *f, bz_id member, int64_t *ret_until_ms)
{
    const struct member *m = map_get(&f->members, member);
    if (m == NULL || !is_suspended(m, NULL))
        return false;
    *ret_until_ms = 0;
    for (size_t i = 0; i < m->held_count; i++)
        if (m->held[i].scope == 0 && m->held[i].act >= SANCTION_SUSPEND && m->held[i].until_ms > *ret_until_ms)
            *ret_until_ms = m->held[i].until_ms;
    return true;
}

enum role fanout_role(const struct fanout *f, bz_id member)
{
    const struct member *m = map_get(&f->members, member);
    return m == NULL ? ROLE_GUEST : m->role;
}
