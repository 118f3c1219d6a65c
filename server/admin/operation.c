#include "admin/operation.h"

#include <sodium.h>
#include <stdlib.h>

#include "baraza/limits.h"
#include "base/utf8.h"
#include "domain/kinds.h"
#include "store/leavers.h"
#include "store/query.h"
#include "store/upkeep.h"

#define HOUR_MS    (3600 * INT64_C(1000))

static const char *const names[OPERATION_COUNT] = {
#define ROW(name, wire) wire,
    BZ_OPERATIONS(ROW)
#undef ROW
};
static const char *const args[ARG_COUNT] = {
#define ROW(name, wire) wire,
    BZ_OPERATION_ARGS(ROW)
#undef ROW
};

void operation_init(struct operation *op, enum operation_kind kind, const struct env *env)
{
    memset(op, 0, sizeof *op);
    op->kind = kind;
    op->env = env;
    op->role = ROLE_MEMBER;
    op->uses = 1;
    op->hours = 24;
    op->days = BZ_LIMIT_TOKEN_DAYS;
}

void operation_done(struct operation *op)
{
    for (int i = 0; i < ARG_COUNT; i++)
        free(op->arg[i]);
    sodium_memzero(op, sizeof *op);
}

void operation_set(struct operation *op, enum operation_arg arg, const char *value)
{
    free(op->arg[arg]);
    op->arg[arg] = strdup(value);
    if (op->arg[arg] == NULL)
        abort();
}

static enum bz_err number(const char *text, const char *field, int64_t max, int64_t *ret,
                          struct bz_error *e)
{
    if (text == NULL)
        return BZ_OK;
    size_t digits = strspn(text, "0123456789");
    long value = digits > 0 && digits < 8 && text[digits] == '\0' ? strtol(text, NULL, 10) : 0;
    if (value < 1 || value > max)
        return bz_invalid(e, field, "--%s must be a number from 1 to %lld", field, (long long)max);
    *ret = value;
    return BZ_OK;
}

/* read,post,moderate: some of them. */
static enum bz_err scopes_of(const char *text, unsigned *ret, struct bz_error *e)
{
    for (const char *at = text; at != NULL; at = *at == ',' ? at + 1 : NULL) {
        unsigned one;
        size_t len = strcspn(at, ",");
        if (!scope_by_wire((struct span){ at, len }, &one))
            return bz_invalid(e, "scopes", "--scopes is some of read, post and moderate, with commas between");
        *ret |= one;
        at += len;
    }
    return BZ_OK;
}

enum bz_err operation_check(struct operation *op, struct bz_error *e)
{
    bool is_about_member = op->kind != OPERATION_REBUILD && op->kind != OPERATION_BACKUP;
    bool is_new = op->kind == OPERATION_MEMBER_ADD || op->kind == OPERATION_INVITE;
    const char *role = op->arg[ARG_ROLE];

    if (is_about_member
        && (op->arg[ARG_HANDLE] == NULL || !handle_valid(span_of(op->arg[ARG_HANDLE]))))
        return bz_invalid(
            e, "handle",
            "a handle is 2 to 24 of a-z, 0-9 and single dots inside, such as amina.diop");
    if (is_new && (op->arg[ARG_NAME] == NULL || !utf8_valid(span_of(op->arg[ARG_NAME]))))
        return bz_invalid(e, "name", "--name is required: the name that people see");
    if (op->kind == OPERATION_BACKUP && (op->arg[ARG_FILE] == NULL || op->arg[ARG_FILE][0] != '/'))
        return bz_invalid(e, "file", "the backup's file must be an absolute path");
    if (role != NULL && !role_by_wire(span_of(role), &op->role))
        return bz_invalid(e, "role", "--role must be guest, member, moderator or admin");
    if (op->kind == OPERATION_INVITE && op->role > ROLE_MEMBER)
        return bz_invalid(e, "role",
                          "an invitation is for a guest or a member; use `member add` and `link` "
                          "for other roles");
    if (op->arg[ARG_LANG] != NULL && !lang_valid(span_of(op->arg[ARG_LANG])))
        return bz_invalid(e, "lang", "--lang must be a language tag such as en, fr or es");
    const char *country = op->arg[ARG_COUNTRY];
    if (country != NULL && (strlen(country) != 2 || strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
        return bz_invalid(e, "country", "--country is the two capital letters of a country, such as SN");
    if (op->kind == OPERATION_ADDRESS && op->arg[ARG_EMAIL] == NULL)
        return bz_invalid(e, "email", "--email is required: the address that codes to sign in are sent to");
    if (op->arg[ARG_EMAIL] != NULL && !mailbox_key(span_of(op->arg[ARG_EMAIL]), op->email))
        return bz_invalid(e, "email", "--email must be one address such as amina@example.org");
    if (op->kind == OPERATION_TOKEN && op->arg[ARG_NAME] != NULL && !utf8_is_name(span_of(op->arg[ARG_NAME]), BZ_LIMIT_DEVICE_CHARS))
        return bz_invalid(e, "name", "--name is one line of at most %d characters", BZ_LIMIT_DEVICE_CHARS);
    if (scopes_of(op->arg[ARG_SCOPES], &op->scopes, e) != BZ_OK
        || number(op->arg[ARG_DAYS], "days", BZ_LIMIT_TOKEN_DAYS, &op->days, e) != BZ_OK)
        return BZ_ERR_INVALID;
    if (number(op->arg[ARG_USES], "uses", 10000, &op->uses, e) != BZ_OK
        || number(op->arg[ARG_HOURS], "hours", 24 * 366, &op->hours, e) != BZ_OK)
        return BZ_ERR_INVALID;
    return BZ_OK;
}

struct region_search {
    const char *slug;
    bz_id id;
};

static void on_region(void *ctx, const struct region_row *row)
{
    struct region_search *search = ctx;
    if (span_is(row->slug, search->slug))
        search->id = row->id;
}

static void on_member(void *ctx, const struct member_row *row) { *(bz_id *)ctx = row->id; }

enum bz_err operation_resolve(struct operation *op, struct db *db, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    if (op->arg[ARG_REGION] != NULL) {
        struct region_search search = { op->arg[ARG_REGION], 0 };
        rc = query_regions(db, on_region, &search, e);
        if (rc == BZ_OK && search.id == 0)
            rc = bz_fail(e, BZ_ERR_NOT_FOUND, "there is no region `%.40s` in this hub",
                         op->arg[ARG_REGION]);
        op->region = search.id;
    }
    if (rc == BZ_OK && (op->kind == OPERATION_TOKEN || op->kind == OPERATION_LINK || op->kind == OPERATION_ADDRESS)) {
        rc = query_member_by_handle(db, span_of(op->arg[ARG_HANDLE]), on_member, &op->member, e);
        if (rc == BZ_ERR_NOT_FOUND || (rc == BZ_OK && op->member == 0))
            rc = bz_fail(e, BZ_ERR_NOT_FOUND,
                         "there is no member `%s`; add them with `baraza member add`",
                         op->arg[ARG_HANDLE]);
    }
    return rc;
}

static struct span copied(struct job *job, const char *text)
{
    return text == NULL ? (struct span){ NULL, 0 } : arena_copy(&job->arena, span_of(text));
}

static struct job *add_member(struct operation *op)
{
    struct job *job = job_new(COMMAND_MEMBER_ADD);
    struct command *cmd = &job->cmd;
    cmd->handle = copied(job, op->arg[ARG_HANDLE]);
    cmd->name = copied(job, op->arg[ARG_NAME]);
    cmd->lang = copied(job, op->arg[ARG_LANG] != NULL ? op->arg[ARG_LANG] : "en");
    cmd->city = copied(job, op->arg[ARG_CITY]);
    cmd->country = copied(job, op->arg[ARG_COUNTRY]);
    cmd->org = copied(job, op->arg[ARG_ORG]);
    cmd->role = op->role;
    cmd->region = op->region;
    cmd->email = op->email[0] == '\0' ? (struct span){ NULL, 0 } : copied(job, op->email);
    return job;
}

static struct job *issue(struct operation *op, enum command_kind kind)
{
    struct job *job = job_new(kind);
    int64_t hours = kind == COMMAND_TOKEN_ISSUE ? op->days * 24 : op->hours;
    token_make(op->env, op->secret);
    (void)token_hash(span_of(op->secret), job->cmd.new_secret);
    job->cmd.member = op->member;
    job->cmd.uses = op->uses;
    job->cmd.scopes = op->scopes;
    if (kind == COMMAND_TOKEN_ISSUE)
        job->cmd.name = copied(job, op->arg[ARG_NAME]);
    job->cmd.expires_ms = op->env->now_ms(op->env->ctx) + hours * HOUR_MS;
    return job;
}

static struct job *put_address(struct operation *op)
{
    struct job *job = job_new(COMMAND_ADDRESS_PUT);
    job->cmd.member = op->member;
    job->cmd.email = copied(job, op->email);
    return job;
}

struct job *operation_next(struct operation *op)
{
    int stage = op->stage++;
    switch (op->kind) {
    case OPERATION_MEMBER_ADD: return stage == 0 ? add_member(op) : NULL;
    case OPERATION_TOKEN: return stage == 0 ? issue(op, COMMAND_TOKEN_ISSUE) : NULL;
    case OPERATION_ADDRESS: return stage == 0 ? put_address(op) : NULL;
    case OPERATION_LINK: return stage == 0 ? issue(op, COMMAND_LINK_ISSUE) : NULL;
    case OPERATION_INVITE:
        return stage == 0 ? add_member(op) : stage == 1 ? issue(op, COMMAND_LINK_ISSUE) : NULL;
    case OPERATION_REBUILD:
    case OPERATION_BACKUP:
    case OPERATION_COUNT: return NULL;
    }
    return NULL;
}

enum bz_err operation_outcome(struct operation *op, const struct hubs *hubs,
                              const struct outcome *outcome, struct bz_error *e)
{
    if (outcome->error.code != BZ_OK) {
        *e = outcome->error;
        return outcome->error.code;
    }
    if (outcome->id != 0) {
        op->member = outcome->id;
        (void)id_format(hubs, outcome->id, op->id);
    }
    return BZ_OK;
}

/* The list of who left goes along, for all copies in that folder: older ones are put back with it, too. */
static enum bz_err bring_list(struct db *db, const char *dir, const char *file, struct bz_error *e)
{
    char from[OPERATION_ARG_BYTES + 32], to[OPERATION_ARG_BYTES + 32];
    const char *slash = strrchr(file, '/');
    (void)snprintf(from, sizeof from, "%s/" LEAVERS_NAME, dir);
    (void)snprintf(to, sizeof to, "%.*s/%s.erased", slash == NULL ? 0 : (int)(slash - file), file, db_hubs(db)->code[0]);
    enum bz_err rc = leavers_copy(from, to, e);
    return rc == BZ_ERR_NOT_FOUND ? BZ_OK : rc;   /* a hub that was never served has none */
}

enum bz_err operation_backup(struct operation *op, const struct db_config *config, struct bz_error *e)
{
    struct db *db;
    enum bz_err rc = db_open(config, DB_READ, false, &db, e);
    if (rc != BZ_OK)
        return rc;
    rc = store_backup(db, config->dir, op->arg[ARG_FILE], &op->kept, e);
    if (rc == BZ_OK)
        rc = bring_list(db, config->dir, op->arg[ARG_FILE], e);
    db_close(db);
    if (rc == BZ_OK && op->kept.missing > 0)
        rc = bz_fail(e, BZ_ERR_STORE, "the copy was made, but without %lld shared files that are missing or damaged in the hub: "
                     "`baraza verify` names them", (long long)op->kept.missing);
    return rc;
}

void operation_text(const struct operation *op, struct buf *ret)
{
    switch (op->kind) {
    case OPERATION_MEMBER_ADD: buf_printf(ret, "added %s (%s)", op->arg[ARG_HANDLE], op->id); break;
    case OPERATION_ADDRESS: buf_printf(ret, "%s signs in by codes sent to %s", op->arg[ARG_HANDLE], op->email); break;
    case OPERATION_TOKEN: buf_add_text(ret, op->secret); break;
    case OPERATION_LINK:
    case OPERATION_INVITE: buf_printf(ret, "/#in=%s", op->secret); break;
    case OPERATION_BACKUP:
        buf_printf(ret, "written to %s", op->arg[ARG_FILE]);
        if (op->kept.files > 0)
            buf_printf(ret, ", with %lld shared files in %s" KEEP_SUFFIX, (long long)op->kept.files, op->arg[ARG_FILE]);
        break;
    case OPERATION_REBUILD: buf_add_text(ret, "rebuilt"); break;
    case OPERATION_COUNT: break;
    }
}

json_t *operation_json(const struct operation *op)
{
    json_t *members = json_object();
    for (int i = 0; i < ARG_COUNT; i++)
        if (op->arg[i] != NULL)
            (void)json_object_set_new(members, args[i], json_string(op->arg[i]));
    return json_pack("{s:s, s:o}", "command", names[op->kind], "args", members);
}

static enum bz_err read_args(struct operation *op, const json_t *members, struct bz_error *e)
{
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)members, name, value)
    {
        int i = 0;
        while (i < ARG_COUNT && strcmp(args[i], name) != 0)
            i++;
        if (i == ARG_COUNT || !json_is_string(value)
            || json_string_length(value) >= OPERATION_ARG_BYTES)
            return bz_invalid(e, "args", "an argument is unknown, too long or no string");
        operation_set(op, (enum operation_arg)i, json_string_value(value));
    }
    return BZ_OK;
}

enum bz_err operation_from_json(struct operation *op, const json_t *doc, const struct env *env,
                                struct bz_error *e)
{
    const char *command = json_string_value(json_object_get(doc, "command"));
    const json_t *members = json_object_get(doc, "args");
    if (command == NULL || !json_is_object(members) || json_object_size(doc) != 2)
        return bz_fail(e, BZ_ERR_REQUEST, "expected an object with command and args");
    for (int i = 0; i < OPERATION_COUNT; i++)
        if (strcmp(names[i], command) == 0) {
            operation_init(op, (enum operation_kind)i, env);
            enum bz_err rc = read_args(op, members, e);
            return rc == BZ_OK ? operation_check(op, e) : rc;
        }
    return bz_fail(e, BZ_ERR_METHOD,
                   "the running daemon does not know this command; is it an older release?");
}
