/* operation.h: what the operator asks for on the command line, as steps that run inline or inside a daemon alike:
 * operation_check, then operation_resolve inside a snapshot, then jobs until operation_next answers NULL.
 * One thread at a time; a whole value may move to another. */
#ifndef BZ_ADMIN_OPERATION_H
#define BZ_ADMIN_OPERATION_H
#include <jansson.h>

#include "domain/mailbox.h"
#include "engine/engine.h"
#include "store/keep.h"
#include "wire/token.h"

#define BZ_OPERATIONS(X)            \
    X(MEMBER_ADD, "member.add")     \
    X(TOKEN,      "token")          \
    X(LINK,       "link")           \
    X(ADDRESS,    "address")        \
    X(INVITE,     "invite")         \
    X(REBUILD,    "rebuild")        \
    X(BACKUP,     "backup")

/* The same words are flags of the command line and members of `args` on the control socket. */
#define BZ_OPERATION_ARGS(X)                                                                 \
    X(HANDLE, "handle") X(NAME, "name") X(ROLE, "role") X(REGION, "region") X(LANG, "lang")  \
    X(CITY, "city") X(COUNTRY, "country") X(ORG, "org") X(USES, "uses") X(HOURS, "hours")    \
    X(FILE, "file") X(EMAIL, "email") X(SCOPES, "scopes") X(DAYS, "days")

enum operation_kind {
#define BZ_OPERATION_E(name, wire) OPERATION_##name,
    BZ_OPERATIONS(BZ_OPERATION_E)
#undef BZ_OPERATION_E
    OPERATION_COUNT
};
enum operation_arg {
#define BZ_ARG_E(name, wire) ARG_##name,
    BZ_OPERATION_ARGS(BZ_ARG_E)
#undef BZ_ARG_E
    ARG_COUNT
};

#define OPERATION_ARG_BYTES 4096   /* the longest is a path */

struct operation {
    enum operation_kind kind;
    char *arg[ARG_COUNT];                /* owned; NULL: not given */
    int stage;
    enum role role;
    int64_t uses, hours, days;
    unsigned scopes;                     /* of a token; 0: all that the member may */
    bz_id member, region;
    char email[MAILBOX_BYTES + 1];       /* as it is kept; "": none */
    char secret[TOKEN_CHARS + 1];        /* wiped by operation_done */
    const struct env *env;
    char id[BZ_ID_TEXT];                 /* of a member that was added */
    struct kept kept;                    /* files of a backup */
};

void operation_init(struct operation *op, enum operation_kind kind, const struct env *env);
void operation_done(struct operation *op);
void operation_set(struct operation *op, enum operation_arg arg, const char *value);

/* INVALID: an argument is missing or out of bounds. */
enum bz_err operation_check(struct operation *op, struct bz_error *e);
/* Handles and slugs to ids; inside db_begin..db_rollback. NOT_FOUND with a remedy. */
enum bz_err operation_resolve(struct operation *op, struct db *db, struct bz_error *e);
struct job *operation_next(struct operation *op);                     /* the caller's; NULL: done */
/* Takes in what became of the last job. */
enum bz_err operation_outcome(struct operation *op, const struct hubs *hubs, const struct outcome *outcome,
                              struct bz_error *e);
/* OPERATION_BACKUP, carried out by a thread of its own. STORE also if the copy was made without files that are missing in the hub. */
enum bz_err operation_backup(struct operation *op, const struct db_config *config, struct bz_error *e);
/* What the command prints: a token, a link's path, a sentence. */
void operation_text(const struct operation *op, struct buf *ret);

/* {"command": …, "args": {…}} */
json_t *operation_json(const struct operation *op);
enum bz_err operation_from_json(struct operation *op, const json_t *doc, const struct env *env, struct bz_error *e);
#endif
