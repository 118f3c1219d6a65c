/* demo.h: the sample community: texts that travel in the binary, and the loader that says them through the engine. */
#ifndef BZ_ADMIN_DEMO_H
#define BZ_ADMIN_DEMO_H
#include "base/buf.h"
#include "base/err.h"
#include "engine/engine.h"

#define DEMO_TYPES(X)                                                                                 \
    X(REGION, "region") X(ROOM, "room") X(MEMBER, "member") X(THREAD, "thread") X(POST, "post")       \
    X(REACT, "react") X(ANSWER, "answer") X(PIN, "pin") X(PROFILE, "profile")        \
    X(DIRECT, "direct")
#define DEMO_KEYS(X)                                                                                  \
    X(SLUG, "slug") X(REGION, "region") X(ACCESS, "access") X(LANG, "lang") X(NAME, "name")           \
    X(HANDLE, "handle") X(ROLE, "role") X(COUNTRY, "country") X(CITY, "city") X(ORG, "org")           \
    X(KEY, "key") X(ROOM, "room") X(KIND, "kind") X(BY, "by") X(AT, "at") X(TITLE, "title")           \
    X(RE, "re") X(POST, "post") X(EMOJI, "emoji")                                                     \
    X(URL, "url") X(LANGUAGES, "languages") X(THEMES, "themes") X(YEAR, "year")                       \
    X(LICENCE, "licence") X(SOURCE, "source") X(FILE, "file")                                         \
    X(SIZE, "size") X(CAN_THEMES, "can_themes") X(PEERS, "peers") X(SHOWN, "shown")           \
    X(TO, "to")

enum demo_type {
#define DEMO_E(name, wire) DEMO_##name,
    DEMO_TYPES(DEMO_E)
#undef DEMO_E
    DEMO_TYPE_COUNT
};
enum demo_key {
#define DEMO_E(name, wire) KEY_##name,
    DEMO_KEYS(DEMO_E)
#undef DEMO_E
    KEY_COUNT
};

/* One record of the texts; spans borrow from the arena. Indices name other records; NONE: not there. */
#define DEMO_NONE ((size_t)-1)
struct demo_record {
    enum demo_type type;
    const char *file;
    int line;
    struct span key[KEY_COUNT], text;
    int64_t at_ms;
    size_t order;                 /* in which it was read */
    size_t thread, place, post, by;   /* thread: of posts and acts; post: aimed at;
                                         place: room or region, of a direct message the other one */
    bz_id id, extra;              /* what it became; extra: a room's lobby, a thread's first post; of a direct message its lobby */
};
struct demo {
    struct arena arena;
    struct demo_record *records;
    size_t count, cap;
    int64_t anchor_ms;            /* 06:00 UTC of the day that counts as today */
};

void demo_init(struct demo *d, int64_t now_ms);
void demo_done(struct demo *d);
/* Appends the records of one text. INVALID: file and line of the first fault. */
enum bz_err demo_parse(struct demo *d, const char *file, struct span text, struct bz_error *e);
/* Ties records to each other after the last text and sets every time. INVALID as above. */
enum bz_err demo_tie(struct demo *d, struct bz_error *e);
enum bz_err demo_fault(const struct demo_record *r, const char *what, struct bz_error *e);

/* What follows a line of three dashes in a thread's text is the file that is shared with it; in a profile's, what is looked for. */
struct demo_words { struct span said, inside; };
struct demo_words demo_words_of(const struct demo_record *r);

/* Says it all to an empty database, in whose folder its files lie. ret: counts by type. */
enum bz_err demo_load(struct engine *en, const char *dir, int64_t now_ms, size_t ret[DEMO_TYPE_COUNT], struct bz_error *e);
#endif
