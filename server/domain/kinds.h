/* kinds.h: the table of thread kinds and their typed fields. A new kind is a new row, no new machinery. */
#ifndef BZ_DOMAIN_KINDS_H
#define BZ_DOMAIN_KINDS_H
#include "baraza/kinds.h"
#include "base/err.h"
#include "base/span.h"

enum field_type { FIELD_TEXT, FIELD_URL, FIELD_LANG, FIELD_COUNTRY, FIELD_THEME, FIELD_INT, FIELD_TIME_MS };

/* min, max: bytes of text, else the number. list_max: 0: one value, else a list of at most so many, each once. */
struct field_spec { const char *name; enum field_type type; int64_t min, max; size_t list_max; bool is_required; };
struct kind_spec {
    enum thread_kind kind;
    const char *wire;
    bool is_creatable;           /* by thread.create (a lobby comes with its room) */
    bool can_have_answer;
    const struct field_spec *fields;
    size_t fields_count;
};

const struct kind_spec *kind_spec(enum thread_kind kind);             /* never NULL for a valid kind */
const struct kind_spec *kind_by_wire(struct span wire);               /* NULL: unknown */
/* One value against its spec. number for INT, TIME_MS; text for the others. Whether a theme is there is for facts to say. */
enum bz_err field_check(const struct field_spec *spec, struct span text, int64_t number, struct bz_error *e);

const char *role_wire(enum role role);
bool role_by_wire(struct span wire, enum role *ret);
bool scope_by_wire(struct span wire, unsigned *ret);   /* one of BZ_SCOPES */
const char *scope_wire(unsigned scope);               /* NULL: none of them */
const char *access_wire(enum access access);
bool access_by_wire(struct span wire, enum access *ret);
const char *level_wire(enum follow_level level);
bool level_by_wire(struct span wire, enum follow_level *ret);
const char *from_wire(enum from from);
bool from_by_wire(struct span wire, enum from *ret);
const char *posting_wire(enum posting posting);
bool posting_by_wire(struct span wire, enum posting *ret);
const char *sanction_wire(enum sanction act);
bool sanction_by_wire(struct span wire, enum sanction *ret);
const char *hold_wire(enum hold hold);
bool hold_by_wire(struct span wire, enum hold *ret);
const char *links_wire(enum links links);
bool links_by_wire(struct span wire, enum links *ret);
bool word_act_by_wire(struct span wire, enum word_act *ret);
const char *profile_field_wire(enum profile_field field);
bool profile_field_by_wire(struct span wire, enum profile_field *ret);
bool circle_by_wire(struct span wire, enum circle *ret);
const char *ask_wire(enum ask ask);
bool ask_is_act(enum ask ask);         /* of moderation: it waits for a second moderator */
bool is_reaction(struct span emoji);
bool is_decision(struct span word);    /* one of BZ_DECISIONS */
bool is_rule(struct span word);        /* one of BZ_RULES */
bool handle_valid(struct span s);      /* [a-z0-9.]{2,24}, no dot first or last, no two dots in a row */
bool slug_valid(struct span s);        /* [a-z0-9-]{1,40} */
bool country_valid(struct span s);     /* form of an ISO 3166-1 alpha-2 code: AA */
bool is_resource_type(struct span word);                  /* one of BZ_RESOURCE_TYPES */
bool is_org_kind(struct span word);
bool is_city_size(struct span word);
const char *resource_type_of(struct span media_type);     /* of a file; "other" for what none of them is */
bool url_valid(struct span s);         /* http or https with a host, no spaces, controls or backslashes */
bool lang_valid(struct span s);        /* form of a BCP 47 tag: aa[a][-Xx…], at most 11 characters */
#endif
