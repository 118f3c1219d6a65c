#include <stdio.h>
#include <stdlib.h>

#include "admin/demo.h"

#define MINUTE_MS (60 * INT64_C(1000))
#define DAY_MS    (24 * 60 * MINUTE_MS)
#define ANCHOR_MS (6 * 60 * MINUTE_MS)

static const char *const types[] = {
#define ROW(name, wire) wire,
    DEMO_TYPES(ROW)
};
static const char *const keys[] = { DEMO_KEYS(ROW) };
#undef ROW

void demo_init(struct demo *d, int64_t now_ms)
{
    memset(d, 0, sizeof *d);
    arena_init(&d->arena);
    d->anchor_ms = (now_ms - ANCHOR_MS) / DAY_MS * DAY_MS + ANCHOR_MS;
}

void demo_done(struct demo *d)
{
    arena_done(&d->arena);
    free(d->records);
}

enum bz_err demo_fault(const struct demo_record *r, const char *what, struct bz_error *e)
{
    return bz_fail(e, BZ_ERR_INVALID, "%s.txt:%d: %s", r->file, r->line, what);
}

static struct demo_record *add(struct demo *d, const char *file, int line)
{
    if (d->count == d->cap) {
        d->cap = d->cap == 0 ? 256 : d->cap * 2;
        d->records = realloc(d->records, d->cap * sizeof *d->records);
        if (d->records == NULL)
            abort();
    }
    struct demo_record *r = &d->records[d->count];
    memset(r, 0, sizeof *r);
    r->file = file;
    r->line = line;
    r->order = d->count++;
    r->thread = r->place = r->post = r->by = DEMO_NONE;
    return r;
}

static int find(const char *const *names, int count, struct span word)
{
    for (int i = 0; i < count; i++)
        if (span_is(word, names[i]))
            return i;
    return -1;
}

static struct span word(struct span *rest, char end)
{
    const char *at = memchr(rest->at, end, rest->len);
    struct span w = { rest->at, at == NULL ? rest->len : (size_t)(at - rest->at) };
    size_t used = at == NULL ? rest->len : w.len + 1;
    rest->at += used;
    rest->len -= used;
    return w;
}

/* Names of places and organisations are one word in a record; their underscores stand for blanks.
 */
static struct span unfolded(struct demo *d, struct span s)
{
    struct span copy = arena_copy(&d->arena, s);
    for (char *at = (char *)copy.at; at < copy.at + copy.len; at++)
        if (*at == '_')
            *at = ' ';
    return copy;
}

static enum bz_err head(struct demo *d, struct demo_record *r, struct span line, struct bz_error *e)
{
    struct span name = word(&line, ' ');
    int type = find(types, DEMO_TYPE_COUNT, name);
    if (type < 0)
        return demo_fault(r, "unknown type of record", e);
    r->type = (enum demo_type)type;
    while (line.len > 0) {
        if (memchr(line.at, '=', line.len) == NULL)
            return demo_fault(r, "expected key=value", e);
        int key = find(keys, KEY_COUNT, word(&line, '='));
        if (key < 0 || r->key[key].at != NULL)
            return demo_fault(r, "a key is unknown or stands twice", e);
        struct span value =
            key == KEY_NAME || key == KEY_TITLE ? word(&line, '\n') : word(&line, ' ');
        bool is_folded = key == KEY_CITY || key == KEY_ORG || key == KEY_LICENCE || key == KEY_SOURCE;
        r->key[key] = is_folded ? unfolded(d, value) : value;
    }
    return BZ_OK;
}

static struct span trimmed(struct span s)
{
    while (s.len > 0 && (*s.at == '\n' || *s.at == ' '))
        s.at++, s.len--;
    while (s.len > 0 && (s.at[s.len - 1] == '\n' || s.at[s.len - 1] == ' '))
        s.len--;
    return s;
}

struct demo_words demo_words_of(const struct demo_record *r)
{
    static const char line[] = "\n---\n";
    struct demo_words ret = { r->text, { NULL, 0 } };
    const char *at = r->key[KEY_FILE].at == NULL && r->type != DEMO_PROFILE ? NULL : memmem(r->text.at, r->text.len, line, sizeof line - 1);
    if (at == NULL)
        return ret;
    ret.said = trimmed((struct span){ r->text.at, (size_t)(at - r->text.at) });
    ret.inside = (struct span){ at + sizeof line - 1, (size_t)(r->text.at + r->text.len - at) - (sizeof line - 1) };
    return ret;
}

enum bz_err demo_parse(struct demo *d, const char *file, struct span text, struct bz_error *e)
{
    struct demo_record *r = NULL;
    int number = 0;
    enum bz_err rc;
    while (text.len > 0) {
        struct span line = word(&text, '\n');
        number++;
        if (line.len >= 3 && memcmp(line.at, "@@ ", 3) == 0) {
            r = add(d, file, number);
            if ((rc = head(d, r, (struct span){ line.at + 3, line.len - 3 }, e)) != BZ_OK)
                return rc;
            r->text = (struct span){ text.at, 0 };
        } else if (r != NULL) {
            r->text.len = (size_t)(line.at + line.len - r->text.at);
        } else if (line.len > 0 && line.at[0] != '#') {
            return bz_fail(e, BZ_ERR_INVALID, "%s.txt:%d: text before the first record", file,
                           number);
        }
    }
    return BZ_OK;
}

static size_t lookup(const struct demo *d, enum demo_type type, enum demo_key key,
                     struct span value)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->records[i].type == type && span_eq(d->records[i].key[key], value))
            return i;
    return DEMO_NONE;
}

/* region/slug */
static size_t lookup_room(const struct demo *d, struct span path)
{
    struct span region = word(&path, '/');
    for (size_t i = 0; i < d->count; i++)
        if (d->records[i].type == DEMO_ROOM && span_eq(d->records[i].key[KEY_SLUG], path)
            && span_eq(d->records[i].key[KEY_REGION], region))
            return i;
    return DEMO_NONE;
}

/* -142d09:12: that many days before the day of the anchor, at that time UTC. */
static bool read_time(const struct demo *d, struct span at, int64_t *ret)
{
    char text[24], rest;
    int days, hours, minutes;
    if (at.len >= sizeof text)
        return false;
    memcpy(text, at.at, at.len);
    text[at.len] = '\0';
    if (sscanf(text, "-%dd%2d:%2d%c", &days, &hours, &minutes, &rest) != 3 || hours > 23
        || minutes > 59)
        return false;
    *ret = d->anchor_ms - ANCHOR_MS - days * DAY_MS + (hours * 60 + minutes) * MINUTE_MS;
    return *ret <= d->anchor_ms;
}

/* The n-th post of a thread: its opening text is the first. */
static size_t nth_post(const struct demo *d, size_t thread, struct span number)
{
    size_t wanted = 0;
    for (size_t i = 0;
         i < number.len && number.at[i] >= '0' && number.at[i] <= '9' && wanted < 100000; i++)
        wanted = wanted * 10 + (size_t)(number.at[i] - '0');
    for (size_t i = thread; wanted > 0 && i < d->count; i++) {
        const struct demo_record *r = &d->records[i];
        if ((i == thread || (r->type == DEMO_POST && r->thread == thread)) && --wanted == 0)
            return i;
    }
    return DEMO_NONE;
}

struct tying {
    struct demo *d;
    size_t thread;
    int64_t last_ms;
    int acts;
};

static enum bz_err tie_words(struct tying *t, struct demo_record *r, struct bz_error *e)
{
    struct demo *d = t->d;
    if (r->type == DEMO_THREAD) {
        t->thread = r->order;
        t->last_ms = 0;
        r->place = lookup_room(d, r->key[KEY_ROOM]);
        if (r->place == DEMO_NONE)
            return demo_fault(r, "there is no such room", e);
    } else if (t->thread == DEMO_NONE) {
        return demo_fault(r, "there is no thread before it", e);
    }
    r->thread = t->thread;
    r->by = lookup(d, DEMO_MEMBER, KEY_HANDLE, r->key[KEY_BY]);
    if (r->by == DEMO_NONE)
        return demo_fault(r, "there is no such member", e);
    if (!read_time(d, r->key[KEY_AT], &r->at_ms) || r->at_ms < t->last_ms)
        return demo_fault(r, "at= is no time such as -3d09:15, or lies before the post above it",
                          e);
    t->last_ms = r->at_ms;
    t->acts = 0;
    return BZ_OK;
}

/* Reactions and the like carry no time: they follow the post above them by minutes. */
static enum bz_err tie_act(struct tying *t, struct demo_record *r, struct bz_error *e)
{
    struct demo *d = t->d;
    if (t->thread == DEMO_NONE)
        return demo_fault(r, "there is no thread before it", e);
    r->thread = t->thread;
    r->at_ms = t->last_ms + ++t->acts * 2 * MINUTE_MS;
    if (r->at_ms > d->anchor_ms)
        r->at_ms = d->anchor_ms;
    if (r->type == DEMO_REACT)
        r->by = lookup(d, DEMO_MEMBER, KEY_HANDLE, r->key[KEY_BY]);
    if (r->type == DEMO_REACT && r->by == DEMO_NONE)
        return demo_fault(r, "there is no such member", e);
    if (r->type != DEMO_PIN)
        r->post = nth_post(d, r->thread, r->key[KEY_POST]);
    if (r->type != DEMO_PIN && r->post == DEMO_NONE)
        return demo_fault(r, "the thread has no such post", e);
    return BZ_OK;
}

static enum bz_err tie_one(struct tying *t, struct demo_record *r, struct bz_error *e)
{
    struct demo *d = t->d;
    enum bz_err rc = BZ_OK;
    r->text = trimmed(r->text);
    switch (r->type) {
    case DEMO_REGION: break;
    case DEMO_ROOM:
    case DEMO_MEMBER:
        r->place = lookup(d, DEMO_REGION, KEY_SLUG, r->key[KEY_REGION]);
        if (r->place == DEMO_NONE)
            rc = demo_fault(r, "there is no such region", e);
        break;
    case DEMO_THREAD:
    case DEMO_POST: rc = tie_words(t, r, e); break;
    case DEMO_REACT:
    case DEMO_ANSWER:
    case DEMO_PIN: rc = tie_act(t, r, e); break;
    case DEMO_PROFILE:
        r->by = lookup(d, DEMO_MEMBER, KEY_HANDLE, r->key[KEY_BY]);
        if (r->by == DEMO_NONE)
            rc = demo_fault(r, "there is no such member", e);
        break;
    case DEMO_DIRECT:
        r->by = lookup(d, DEMO_MEMBER, KEY_HANDLE, r->key[KEY_BY]);
        r->place = lookup(d, DEMO_MEMBER, KEY_HANDLE, r->key[KEY_TO]);
        if (r->by == DEMO_NONE || r->place == DEMO_NONE || r->by == r->place)
            rc = demo_fault(r, "by= and to= are two members", e);
        else if (!read_time(d, r->key[KEY_AT], &r->at_ms))
            rc = demo_fault(r, "at= is no time such as -3d09:15", e);
        break;
    case DEMO_TYPE_COUNT: break;
    }
    return rc;
}

enum bz_err demo_tie(struct demo *d, struct bz_error *e)
{
    struct tying t = { .d = d, .thread = DEMO_NONE };
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; rc == BZ_OK && i < d->count; i++) {
        if (i > 0 && d->records[i].file != d->records[i - 1].file)
            t.thread = DEMO_NONE;
        rc = tie_one(&t, &d->records[i], e);
    }
    for (size_t i = 0; rc == BZ_OK && i < d->count; i++) {
        struct demo_record *r = &d->records[i];
        if (r->type != DEMO_POST || r->key[KEY_RE].at == NULL)
            continue;
        r->post = nth_post(d, r->thread, r->key[KEY_RE]);
        if (r->post == DEMO_NONE || r->post >= i)
            rc = demo_fault(r, "re= names no post above", e);
    }
    return rc;
}
