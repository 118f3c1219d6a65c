#include "work/export.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>

#include "base/json_out.h"
#include "base/utf8.h"
#include "store/blob.h"

#define TABLES_MAX 64
#define NAME_BYTES 160

struct shared { struct shared *next; char path[BLOB_PATH_BYTES], name[NAME_BYTES]; };

struct making {
    const struct export_work *work;
    struct db *db;
    zip_t *zip;
    FILE *json, *page;         /* of the table under way; of all */
    struct buf row;
    int64_t rows;              /* of the table under way */
    bool is_files;             /* that is the one of files */
    const char *table;
    char lang[4];              /* of the member, whose row comes first */
    struct shared *shared;
    char parts[TABLES_MAX + 1][EXPORT_PATH_BYTES];   /* what lies beside the ZIP until it is closed; the page is the last */
};

static enum bz_err failed(const char *what, struct bz_error *e)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT;
    return bz_fail(e, is_full ? BZ_ERR_STORAGE_FULL : BZ_ERR_STORE, "cannot %s: %s", what, strerror(errno));
}

/* ---- The page. */

static void put_html(FILE *to, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        const char *as = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
        if (as != NULL)
            (void)fputs(as, to);
        else if (c >= 0x20 || c == '\n' || c == '\t')
            (void)fputc(c, to);
    }
}

struct words { const char *lang, *title, *about; };   /* about: %s is the day */
static const struct words words[] = {
    { "en", "Everything about you", "What this hub has about you, as of %s. The same is in the files named .json, for programs; what you"
                                    " shared is in the folder files." },
    { "fr", "Tout ce qui vous concerne", "Ce que ce hub sait de vous au %s. Les fichiers .json disent la même chose aux programmes ; ce"
                                         " que vous avez partagé est dans le dossier files." },
    { "es", "Todo sobre usted", "Lo que este hub tiene sobre usted a fecha de %s. Los archivos .json dicen lo mismo a los programas; lo que"
                                " compartió está en la carpeta files." },
    { "pt", "Tudo sobre você", "O que este hub tem sobre você em %s. Os arquivos .json dizem o mesmo a programas; o que você"
                               " compartilhou está na pasta files." },
};

static const struct words *words_of(const char *lang)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(words[i].lang, lang, 2) == 0)
            return &words[i];
    return &words[0];
}

static void page_begin(struct making *m)
{
    const struct words *w = words_of(m->lang);
    char day[32] = "";
    time_t now = (time_t)(m->work->db.env->now_ms(m->work->db.env->ctx) / 1000);
    struct tm tm;
    if (gmtime_r(&now, &tm) != NULL)
        (void)strftime(day, sizeof day, "%Y-%m-%d %H:%M UTC", &tm);
    (void)fprintf(m->page, "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\""
                  " content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width\">"
                  "<title>%s</title><style>body{font:1rem/1.5 system-ui;max-width:45rem;margin:1rem auto;padding:0 1rem;"
                  "color-scheme:light dark}dl{border-top:1px solid;padding-top:.5rem}dt{font-weight:600}"
                  "dd{margin:0 0 .25rem;white-space:pre-wrap;overflow-wrap:anywhere}"
                  "</style><h1>%s</h1><p><bdi>", w->lang, w->title, w->title);
    put_html(m->page, span_of(m->work->hub_name));
    const char *at = strstr(w->about, "%s");
    (void)fprintf(m->page, "</bdi></p><p>%.*s%s%s</p>\n", (int)(at - w->about), w->about, day, at + 2);
}

static void page_row(struct making *m, const struct export_cell *cells, size_t count)
{
    (void)fputs("<dl>", m->page);
    for (size_t i = 0; i < count; i++) {
        if (cells[i].type == EXPORT_NULL)
            continue;
        (void)fprintf(m->page, "<dt>%s</dt><dd dir=\"auto\">", cells[i].name);
        if (cells[i].type == EXPORT_INT)
            (void)fprintf(m->page, "%lld", (long long)cells[i].n);
        else
            put_html(m->page, cells[i].text);
        (void)fputs("</dd>", m->page);
    }
    (void)fputs("</dl>\n", m->page);
}

/* ---- Rows. */

static void json_row(struct making *m, const struct export_cell *cells, size_t count)
{
    buf_clear(&m->row);
    json_open(&m->row, '{');
    for (size_t i = 0; i < count; i++) {
        json_name(&m->row, cells[i].name);
        if (cells[i].type == EXPORT_NULL)
            json_nil(&m->row);
        else if (cells[i].type == EXPORT_INT)
            json_int(&m->row, cells[i].n);
        else if (cells[i].type == EXPORT_JSON)
            json_raw(&m->row, cells[i].text);
        else
            json_text(&m->row, cells[i].text);
    }
    json_close(&m->row, '}');
    (void)fputs(m->rows == 0 ? "[\n" : ",\n", m->json);
    (void)fwrite(m->row.at, 1, m->row.len, m->json);
}

static struct span cell_text(const struct export_cell *cells, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(cells[i].name, name) == 0)
            return cells[i].text;
    return (struct span){ "", 0 };
}

/* Names of folders, and what other systems take for more than a letter, are none here. */
static void name_file(const struct export_cell *cells, size_t count, struct shared *ret)
{
    struct span post = cell_text(cells, count, "post"), name = cell_text(cells, count, "name");
    int64_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(cells[i].name, "n") == 0)
            n = cells[i].n;
    size_t len = (size_t)snprintf(ret->name, sizeof ret->name, "files/%.*s-%lld-", (int)post.len, post.at, (long long)n);
    for (size_t i = 0; i < name.len && len + 5 < sizeof ret->name;) {
        size_t from = i;
        uint32_t c = utf8_next(name, &i);
        if (c < 0x20 || c == 0x7f || (c < 0x80 && strchr("/\\:*?\"<>|", (int)c) != NULL))
            ret->name[len++] = '_';
        else
            for (size_t k = from; k < i; k++)
                ret->name[len++] = name.at[k];
    }
    ret->name[len] = '\0';
}

static void on_row(void *ctx, const struct export_cell *cells, size_t count)
{
    struct making *m = ctx;
    struct span lang = cell_text(cells, count, "lang");
    if (m->lang[0] == '\0') {
        (void)snprintf(m->lang, sizeof m->lang, "%.2s", lang.len >= 2 ? lang.at : "en");
        page_begin(m);
    }
    if (m->rows == 0)
        (void)fprintf(m->page, "<h2>%s</h2>\n", m->table);
    json_row(m, cells, count);
    page_row(m, cells, count);
    m->rows++;
    if (!m->is_files)
        return;
    struct shared *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    blob_path(m->work->db.dir, cell_text(cells, count, "hash"), s->path);
    name_file(cells, count, s);
    s->next = m->shared;
    m->shared = s;
}

/* ---- The parts, and the ZIP. */

static enum bz_err put_part(struct making *m, const char *path, const char *name, bool is_packed, struct bz_error *e)
{
    zip_source_t *source = zip_source_file(m->zip, path, 0, -1);
    zip_int64_t at = source == NULL ? -1 : zip_file_add(m->zip, name, source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
        zip_source_free(source);
        return bz_fail(e, BZ_ERR_STORE, "cannot put %.80s into the ZIP: %s", name, zip_strerror(m->zip));
    }
    if (!is_packed)   /* pictures and films are that already */
        (void)zip_set_file_compression(m->zip, (zip_uint64_t)at, ZIP_CM_STORE, 0);
    return BZ_OK;
}

static FILE *new_part(struct making *m, size_t part, char *path)
{
    char suffix[32];
    (void)snprintf(suffix, sizeof suffix, ".%zu.part", part);
    export_path(m->work->db.dir, m->work->due.id, suffix, path);
    return fopen(path, "wxe");
}

static enum bz_err close_part(FILE *f, struct bz_error *e)
{
    bool is_whole = ferror(f) == 0 && fflush(f) == 0;
    return fclose(f) == 0 && is_whole ? BZ_OK : failed("write a part of the export", e);
}

static enum bz_err make_table(struct making *m, size_t table, struct bz_error *e)
{
    char name[NAME_BYTES];
    m->table = export_table_name(table);
    m->rows = 0;
    m->is_files = strcmp(m->table, "post_file") == 0;
    m->json = new_part(m, table, m->parts[table]);
    if (m->json == NULL)
        return failed("write a part of the export", e);
    enum bz_err rc = export_table(m->db, table, m->work->due.member, on_row, m, e);
    (void)fputs(m->rows == 0 ? "[]\n" : "\n]\n", m->json);
    enum bz_err closed = close_part(m->json, rc == BZ_OK ? e : NULL);
    if (rc == BZ_OK)
        rc = closed;
    if (rc == BZ_OK && m->row.failed)
        rc = bz_fail(e, BZ_ERR_STORE, "out of memory");
    (void)snprintf(name, sizeof name, "%s.json", m->table);
    return rc == BZ_OK && m->rows > 0 ? put_part(m, m->parts[table], name, true, e) : rc;
}

static bool is_stopped(const struct making *m) { return atomic_load_explicit(m->work->stop, memory_order_relaxed); }

static enum bz_err stopped(struct bz_error *e) { return bz_fail(e, BZ_ERR_DEADLINE, "the export was stopped"); }

static enum bz_err make_tables(struct making *m, struct bz_error *e)
{
    m->page = new_part(m, TABLES_MAX, m->parts[TABLES_MAX]);
    if (m->page == NULL)
        return failed("write a part of the export", e);
    enum bz_err rc = BZ_OK;
    for (size_t i = 0; i < export_tables && rc == BZ_OK; i++)
        rc = is_stopped(m) ? stopped(e) : make_table(m, i, e);
    (void)fputs("</html>\n", m->page);
    enum bz_err closed = close_part(m->page, rc == BZ_OK ? e : NULL);
    rc = rc == BZ_OK ? closed : rc;
    return rc == BZ_OK ? put_part(m, m->parts[TABLES_MAX], "index.html", true, e) : rc;
}

static enum bz_err put_files(struct making *m, struct bz_error *e)
{
    enum bz_err rc = BZ_OK;
    struct stat st;
    for (const struct shared *s = m->shared; s != NULL && rc == BZ_OK; s = s->next)
        if (stat(s->path, &st) == 0)   /* one that is missing on the server is named in post_file.json all the same */
            rc = put_part(m, s->path, s->name, false, e);
    return rc;
}

static int on_cancel(zip_t *zip, void *ctx) { return is_stopped(ctx) ? 1 : 0; }

static enum bz_err close_zip(struct making *m, const char *part, int64_t *ret_bytes, struct bz_error *e)
{
    char path[EXPORT_PATH_BYTES];
    struct stat st;
    export_path(m->work->db.dir, m->work->due.id, "", path);
    (void)zip_register_cancel_callback_with_state(m->zip, on_cancel, NULL, m);
    if (zip_close(m->zip) != 0) {
        enum bz_err rc = is_stopped(m) ? stopped(e) : bz_fail(e, BZ_ERR_STORE, "cannot write the ZIP: %s", zip_strerror(m->zip));
        zip_discard(m->zip);
        return rc;
    }
    if (chmod(part, 0600) != 0 || stat(part, &st) != 0 || rename(part, path) != 0)
        return failed("put the export in place", e);
    *ret_bytes = st.st_size;
    return BZ_OK;
}

static void clean(struct making *m)
{
    for (size_t i = 0; i <= TABLES_MAX; i++)
        if (m->parts[i][0] != '\0')
            (void)unlink(m->parts[i]);
    for (struct shared *s = m->shared, *next; s != NULL; s = next) {
        next = s->next;
        free(s);
    }
    buf_done(&m->row);
}

/* Of a run that was cut off: its parts have the same names. */
static enum bz_err make_way(const struct export_work *work, char ret_part[EXPORT_PATH_BYTES], struct bz_error *e)
{
    char path[EXPORT_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/export", work->db.dir);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return failed("make the folder of exports", e);
    for (size_t i = 0; i <= TABLES_MAX; i++) {
        char suffix[32];
        (void)snprintf(suffix, sizeof suffix, ".%zu.part", i);
        export_path(work->db.dir, work->due.id, suffix, path);
        (void)unlink(path);
    }
    export_path(work->db.dir, work->due.id, ".part", ret_part);
    (void)unlink(ret_part);
    return BZ_OK;
}

static enum bz_err make(struct making *m, const char *part, int64_t *ret_bytes, struct bz_error *e)
{
    int code = 0, hold = -1;
    enum bz_err rc = blob_hold(m->work->db.dir, &hold, e);   /* what the snapshot names stays until it is taken along */
    if (rc != BZ_OK)
        return rc;
    m->zip = zip_open(part, ZIP_CREATE | ZIP_EXCL, &code);
    if (m->zip == NULL)
        rc = bz_fail(e, BZ_ERR_STORE, "cannot make the ZIP (%d)", code);
    if (rc == BZ_OK)
        rc = db_begin(m->db, e);
    if (rc == BZ_OK) {
        rc = make_tables(m, e);
        db_rollback(m->db);
    }
    if (rc == BZ_OK)
        rc = put_files(m, e);
    if (rc == BZ_OK)
        rc = close_zip(m, part, ret_bytes, e);
    else if (m->zip != NULL)
        zip_discard(m->zip);
    if (hold >= 0)
        (void)close(hold);
    return rc;
}

enum bz_err export_make(const struct export_work *work, int64_t *ret_bytes, struct bz_error *e)
{
    char part[EXPORT_PATH_BYTES];
    struct making *m = calloc(1, sizeof *m);
    if (m == NULL)
        return bz_fail(e, BZ_ERR_STORE, "out of memory");
    m->work = work;
    buf_init(&m->row, 4u << 20);
    enum bz_err rc = make_way(work, part, e);
    if (rc == BZ_OK)
        rc = db_open(&work->db, DB_READ, false, &m->db, e);
    if (rc == BZ_OK)
        rc = make(m, part, ret_bytes, e);
    db_close(m->db);
    if (rc != BZ_OK)
        (void)unlink(part);
    clean(m);
    free(m);
    return rc;
}
