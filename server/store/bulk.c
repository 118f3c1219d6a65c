#include <stdio.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/csv.h"
#include "domain/mailbox.h"
#include "store/account.h"
#include "store/allowance.h"
#include "store/mail.h"
#include "store/request.h"
#include "store/statement.h"

#define INVITED_MS   ((int64_t)30 * 24 * 3600 * 1000)
#define REPORT_BYTES (1u << 20)
#define CODE_CHARS   43                 /* as a token's: base64url of 32 bytes */

#define BULK_STATEMENTS(X)                                                                                           \
    X(SQL_IS_MEMBER, "SELECT 1 FROM address WHERE key = ?1")                                                         \
    X(SQL_IS_INVITED, "SELECT 1 FROM invitation WHERE key = ?1 AND used < uses AND expires_ms > ?2")                 \
    /* By its name, in the country if one is said as a code; of two of a name neither. */                            \
    X(SQL_ORG_CALLED, "SELECT min(id), count(*), min(region) FROM org WHERE fold_of(name) = fold_of(?1)"             \
                      " AND (?2 IS NULL OR country = ?2)")                                                           \
    X(SQL_NAME, "SELECT name FROM member WHERE id = ?1")                                                             \
    X(SQL_WAITS, "SELECT count(*) FROM mail")
STATEMENTS(BULK_STATEMENTS, bulk, true)

#define BIND(name, ...) db_bind(db, LIST_BULK, name, __VA_ARGS__)

/* One call's work: a row after the other, what becomes of each into the report. */
struct bulk {
    struct db *db;
    const struct command *cmd;
    const struct facts *facts;
    int64_t now_ms;
    struct csv csv;
    struct roster roster;
    struct buf *out;
    struct span by;                /* the actor's name */
    int64_t rows;
    struct span *keys;             /* of the rows above that are invited, or would be */
    size_t keys_count;
};

static enum bz_err is_row(struct db *db, sqlite3_stmt *s, bool *ret, struct bz_error *e)
{
    enum bz_err rc = db_step(db, s, ret, e);
    if (rc == BZ_OK && *ret)
        db_reset(s);
    return rc;
}

/* The code and its hash follow from the call's secret and the row: nothing but the call is random. */
static void make_code(const struct command *cmd, int64_t row, char ret[CODE_CHARS + 1], unsigned char ret_hash[SECRET_BYTES])
{
    unsigned char bytes[32];
    (void)crypto_generichash(bytes, sizeof bytes, (const unsigned char *)&row, sizeof row, cmd->new_secret, sizeof cmd->new_secret);
    sodium_bin2base64(ret, CODE_CHARS + 1, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    (void)crypto_generichash(ret_hash, SECRET_BYTES, (const unsigned char *)ret, CODE_CHARS, NULL, 0);
    sodium_memzero(bytes, sizeof bytes);
}

/* Which of their columns cannot be, or ROSTER_COLUMNS. */
static enum roster_column bad_column(const struct bulk *b, char ret_key[MAILBOX_BYTES + 1], char ret_lang[3])
{
    static const enum roster_column lines[] = { ROSTER_NAME, ROSTER_ORG, ROSTER_CITY, ROSTER_COUNTRY, ROSTER_TITLE };
    struct span lang = roster_field(&b->roster, &b->csv, ROSTER_LANG), email = roster_field(&b->roster, &b->csv, ROSTER_EMAIL);
    if (email.at == NULL || !mailbox_key(email, ret_key))
        return ROSTER_EMAIL;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct span text = roster_field(&b->roster, &b->csv, lines[i]);
        if (text.at != NULL && !utf8_is_name(text, BZ_LIMIT_NAME_CHARS))
            return lines[i];
    }
    memcpy(ret_lang, "en", 3);
    return lang.at != NULL && !roster_lang(lang, ret_lang) ? ROSTER_LANG : ROSTER_COLUMNS;
}

/* The organisation that they come into: of who is a delegate their own, else one of this name, where the actor may bring people
 * into it. None of this name is no mistake: the mail calls it so, and the secretariat makes it when it wants it. */
static enum bz_err find_org(struct bulk *b, bz_id *ret, struct bz_error *e)
{
    struct span name = roster_field(&b->roster, &b->csv, ROSTER_ORG), country = roster_field(&b->roster, &b->csv, ROSTER_COUNTRY);
    bool has_row;
    *ret = b->cmd->organisation;
    if (*ret != 0 || name.at == NULL)
        return BZ_OK;
    if (country.len != 2)
        country = (struct span){ NULL, 0 };
    struct db *db = b->db;
    sqlite3_stmt *s = BIND(SQL_ORG_CALLED, "ss", name, country);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc != BZ_OK)
        return rc;
    bz_id region = b->facts->room_is_named ? b->facts->room.region : b->cmd->region;
    bool is_of_region = region != 0 && sqlite3_column_int64(s, 2) == region && b->facts->region_role >= ROLE_ADMIN;
    bool may = b->facts->actor.hub_role >= ROLE_ADMIN || is_of_region;
    if (sqlite3_column_int64(s, 1) == 1 && may)
        *ret = sqlite3_column_int64(s, 0);
    db_reset(s);
    return BZ_OK;
}

/* In the words of the list: the member finds them filled in. */
static struct span said_of(const struct bulk *b, struct buf *ret)
{
    static const enum roster_column told[] = { ROSTER_NAME, ROSTER_CITY, ROSTER_COUNTRY, ROSTER_TITLE };
    json_open(ret, '{');
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        json_put_text_opt(ret, roster_wire(told[i]), roster_field(&b->roster, &b->csv, told[i]));
    json_close(ret, '}');
    return buf_span(ret);
}

static enum bz_err send_one(struct bulk *b, const char *key, const char *lang, bz_id org, struct bz_error *e)
{
    const struct command *cmd = b->cmd;
    char code[CODE_CHARS + 1];
    unsigned char hash[SECRET_BYTES];
    struct buf said;
    make_code(cmd, b->rows, code, hash);
    buf_init(&said, 4096);
    const struct invitation i = { .by = cmd->actor, .org = org, .region = cmd->region, .room = cmd->room, .role = ROLE_MEMBER,
                                  .key = span_of(key), .lang = span_of(lang), .uses = 1, .expires_ms = b->now_ms + INVITED_MS,
                                  .said = said_of(b, &said) };
    struct span called = roster_field(&b->roster, &b->csv, ROSTER_ORG);
    const struct mail_new mail = { .kind = MAIL_INVITE, .to_address = span_of(key), .lang = span_of(lang), .expires_ms = i.expires_ms,
                                   .args = { .code = span_of(code), .by = b->by,
                                             .org = org == cmd->organisation && org != 0 ? b->facts->org.name : called } };
    enum bz_err rc = invitation_add(b->db, hash, &i, b->now_ms, e);
    if (rc == BZ_OK)
        rc = mail_put(b->db, &mail, e);
    if (rc == BZ_OK)
        rc = allowance_spend(b->db, &(struct allowed){ .allowance = ALLOWANCE_INVITE_LIST, .member = cmd->actor }, b->now_ms, e);
    if (rc == BZ_OK)
        rc = allowance_spend(b->db, &(struct allowed){ .allowance = ALLOWANCE_INVITE_ADDRESS, .key = i.key }, b->now_ms, e);
    sodium_memzero(code, sizeof code);
    buf_done(&said);
    return rc;
}

static void report(struct bulk *b, const char *state, const char *column, bool lacks_org)
{
    struct span name = roster_field(&b->roster, &b->csv, ROSTER_NAME), email = roster_field(&b->roster, &b->csv, ROSTER_EMAIL);
    json_open(b->out, '{');
    json_put_int(b->out, "line", b->csv.line);
    json_put_text(b->out, "state", span_of(state));
    if (email.at != NULL && utf8_is_name(email, 254))
        json_put_text(b->out, "email", email);
    if (name.at != NULL && utf8_is_name(name, BZ_LIMIT_NAME_CHARS))
        json_put_text(b->out, "name", name);
    if (column != NULL)
        json_put_text(b->out, "column", span_of(column));
    if (lacks_org)
        json_put_bool(b->out, "no_org", true);
    json_close(b->out, '}');
}

static bool is_above(const struct bulk *b, const char *key)
{
    for (size_t i = 0; i < b->keys_count; i++)
        if (span_is(b->keys[i], key))
            return true;
    return false;
}

static enum bz_err take_row(struct bulk *b, struct arena *arena, struct bz_error *e)
{
    struct db *db = b->db;
    char key[MAILBOX_BYTES + 1], lang[3];
    bool is_member = false, is_invited = false;
    int64_t left = 1;
    bz_id org = 0;
    enum roster_column bad = bad_column(b, key, lang);
    if (bad != ROSTER_COLUMNS) {
        report(b, "error", roster_wire(bad), false);
        return BZ_OK;
    }
    if (is_above(b, key)) {
        report(b, "twice", NULL, false);
        return BZ_OK;
    }
    enum bz_err rc = is_row(db, BIND(SQL_IS_MEMBER, "s", span_of(key)), &is_member, e);
    if (rc == BZ_OK)
        rc = is_row(db, BIND(SQL_IS_INVITED, "si", span_of(key), b->now_ms), &is_invited, e);
    if (rc == BZ_OK)
        rc = allowance_left(db, &(struct allowed){ .allowance = ALLOWANCE_INVITE_ADDRESS, .key = span_of(key) }, b->now_ms, &left, e);
    is_invited = is_invited || left == 0;   /* often enough today, and taken back each time */
    bool is_new = !is_member && !is_invited;
    if (rc == BZ_OK && is_new)
        rc = find_org(b, &org, e);
    if (rc == BZ_OK && is_new && !b->cmd->on)
        rc = send_one(b, key, lang, org, e);
    if (is_new)
        b->keys[b->keys_count++] = arena_copy(arena, span_of(key));
    report(b, is_member ? "member" : is_invited ? "invited" : "ok", NULL,
           is_new && org == 0 && roster_field(&b->roster, &b->csv, ROSTER_ORG).at != NULL);
    return rc;
}

/* Looked at before anything is written: there is room in the queue for all of it, and in what the actor may send in a day. */
static enum bz_err need_room(struct bulk *b, int64_t count, struct bz_error *e)
{
    struct db *db = b->db;
    int64_t waits = 0, left = 0;
    const struct allowed lists = { .allowance = ALLOWANCE_INVITE_LIST, .member = b->cmd->actor };
    enum bz_err rc = db_number(db, BIND(SQL_WAITS, ""), &waits, e);
    if (rc == BZ_OK)
        rc = allowance_left(db, &lists, b->now_ms, &left, e);
    if (rc == BZ_OK && count > left)
        return bz_fail(e, BZ_ERR_RATE_LIMITED, "you sent many invitations today; %lld more can go now", (long long)left);
    return rc != BZ_OK || waits + BZ_LIMIT_BULK_ROWS <= MAIL_QUEUE - MAIL_QUEUE_CODES ? rc
         : bz_fail(e, BZ_ERR_RATE_LIMITED, "too much mail waits to be sent; try again later");
}

static enum bz_err load_name(struct bulk *b, struct arena *arena, struct bz_error *e)
{
    struct db *db = b->db;
    bool has_row;
    sqlite3_stmt *s = BIND(SQL_NAME, "i", b->cmd->actor);
    enum bz_err rc = db_step(db, s, &has_row, e);
    if (rc == BZ_OK && has_row) {
        b->by = arena_copy(arena, column_span(s, 0));
        db_reset(s);
    }
    return rc;
}

/* How many rows there are, or what is wrong with the list as a whole. */
static enum bz_err count_rows(struct bulk *b, struct arena *arena, int64_t *ret, struct bz_error *e)
{
    enum csv_read read;
    csv_open(&b->csv, b->cmd->text);
    if (csv_next(&b->csv, arena) != CSV_ROW || !roster_open(&b->csv, &b->roster))
        return bz_invalid(e, "csv", "csv: the first row names the columns, and one of them is e-mail");
    for (*ret = 0; (read = csv_next(&b->csv, arena)) == CSV_ROW;)
        ++*ret;
    if (read == CSV_BAD)
        return bz_invalid(e, "csv", "csv: line %lld cannot be read: a quote that does not end, or too many fields",
                          (long long)b->csv.line);
    return *ret > 0 && *ret <= BZ_LIMIT_BULK_ROWS ? BZ_OK
         : bz_invalid(e, "csv", "csv: 1 to %d rows below the first, not %lld", BZ_LIMIT_BULK_ROWS, (long long)*ret);
}

enum bz_err bulk_invite(struct db *db, const struct command *cmd, const struct facts *facts, struct arena *arena, int64_t now_ms,
                        struct span *ret, struct bz_error *e)
{
    struct bulk b = { .db = db, .cmd = cmd, .facts = facts, .now_ms = now_ms };
    struct buf out;
    int64_t count = 0;
    enum bz_err rc = count_rows(&b, arena, &count, e);
    if (rc == BZ_OK)
        rc = need_room(&b, count, e);
    if (rc == BZ_OK)
        rc = load_name(&b, arena, e);
    if (rc == BZ_OK)
        rc = invitations_fit(db, cmd->actor, count, now_ms, e);
    if (rc != BZ_OK)
        return rc;
    b.keys = arena_alloc(arena, (size_t)count * sizeof *b.keys);
    buf_init(&out, REPORT_BYTES);
    b.out = &out;
    csv_open(&b.csv, cmd->text);
    (void)csv_next(&b.csv, arena);
    json_open(&out, '[');
    for (; rc == BZ_OK && csv_next(&b.csv, arena) == CSV_ROW; b.rows++)
        rc = take_row(&b, arena, e);
    json_close(&out, ']');
    if (rc == BZ_OK)
        *ret = arena_copy(arena, buf_span(&out));
    buf_done(&out);
    return rc;
}
