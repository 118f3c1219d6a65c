/* params.h: parameters by their table: one function checks every parameter of every method and puts it where the row
 * says, in a zeroed struct (command, query_args or session_args). Pure; any thread. */
#ifndef BZ_WIRE_PARAMS_H
#define BZ_WIRE_PARAMS_H
#include <jansson.h>

#include "domain/command.h"
#include "wire/codec.h"

#define PARAMS_MAX 16          /* of one method */

/* The type decides what min and max count, and the type of the member at offset. */
enum param_type {
    PARAM_ID,        /* bz_id. NOT_FOUND when well formed but of no hub we know */
    PARAM_IDS,       /* struct id_list; at most max; ids of unknown hubs are left out */
    PARAM_TEXT,      /* span: text for many lines, min..max bytes, not blank */
    PARAM_CSV,       /* span: text for a table, min..max bytes; lines may end with CR, too */
    PARAM_NAME,      /* span: one line, at most max code points, not blank */
    PARAM_SLUG,      /* span */
    PARAM_HANDLE,    /* span */
    PARAM_LANG,      /* span */
    PARAM_COUNTRY,   /* span */
    PARAM_SLUGS,     /* span: canonical JSON array of at most max, each once */
    PARAM_SHOWN,     /* struct profile_set: its `shown` */
    PARAM_RESOURCE_TYPE,  /* span: one of BZ_RESOURCE_TYPES */
    PARAM_ORG_KIND,  /* span: one of BZ_ORG_KINDS */
    PARAM_CITY_SIZE, /* span: one of BZ_CITY_SIZES */
    PARAM_LANGS,     /* span: canonical JSON array of at most max languages, each once */
    PARAM_CID,       /* span */
    PARAM_NEXT,      /* span: where a list of hits goes on, as it said */
    PARAM_TOKEN,     /* span: 43 characters of base64url */
    PARAM_SECRET,    /* unsigned char[SECRET_BYTES]: the hash of such characters */
    PARAM_CODE,      /* span: six digits, however they were grouped */
    PARAM_EMAIL,     /* span: in the form of mailbox.h */
    PARAM_CREDENTIAL,  /* struct credential: what a passkey gave */
    PARAM_NAME_HEX,  /* span: 16 of 0 to 9 and a to f: the public name of a session or an invitation */
    PARAM_SCOPES,    /* unsigned: BZ_SCOPES, each once, at least one */
    PARAM_INT,       /* int64_t: min..max */
    PARAM_BOOL,      /* bool */
    PARAM_EMOJI,     /* span: one of BZ_REACTIONS */
    PARAM_RULE,      /* span: one of BZ_RULES */
    PARAM_DECISION,  /* span: one of BZ_DECISIONS */
    PARAM_ROLE,      /* enum role */
    PARAM_SANCTION,  /* enum sanction */
    PARAM_ACCESS,    /* enum access */
    PARAM_POSTING,   /* enum posting */
    PARAM_HOLD,      /* enum hold */
    PARAM_LINKS,     /* enum links */
    PARAM_WORDS,     /* span: canonical JSON of at most max {word, act} */
    PARAM_NAMES,     /* span: canonical JSON of names of at most max code points, by language */
    PARAM_LEVEL,     /* enum follow_level */
    PARAM_FROM,      /* enum from */
    PARAM_SAID,      /* enum profile_field */
    PARAM_KIND,      /* enum thread_kind: any */
    PARAM_NEW_KIND,  /* enum thread_kind: one that can be created */
    PARAM_SIGNAL,    /* nothing is stored: "typing" is the only one */
    PARAM_FIELDS,    /* nothing is stored: the method's finish checks it against the kind */
    PARAM_FILES,     /* struct file_refs: at most max {upload, name?, alt?} */
    PARAM_CURSOR,    /* struct cursor: the member of this hub */
};

struct cursor { int64_t seq; bool is_present; };

struct param_spec {
    const char *name;
    enum param_type type;
    bool is_required, may_be_null;    /* null: stored as if absent */
    int64_t min, max;
    size_t offset;
};

struct method;

/* params may be NULL (none given). INVALID names the field; NOT_FOUND as at PARAM_ID. Spans move to the arena. */
enum bz_err params_check(const struct method *m, const json_t *params, const struct hubs *hubs, struct arena *arena,
                         void *target, struct bz_error *e);

/* Pairs of a URL, typed by the method's rows, as the same object (json_decref): numbers, booleans, ids by commas. */
enum bz_err params_from_pairs(const struct method *m, const struct pair *pairs, size_t count, json_t **ret,
                              struct bz_error *e);

/* A thread's typed fields against its kind, written canonically (in the kind's order); absent when there are none. */
enum bz_err params_fields(const json_t *fields, enum thread_kind kind, struct arena *arena, struct span *ret,
                          struct bz_error *e);
#endif
