/* Files that are shared along with a post: uploads of its author that are complete. The entry names their bytes by their
 * hash; under which name, and what a picture shows, is the author's word. */
#include <sodium.h>

#include "domain/decide_parts.h"

static bool names_twice(const struct file_refs *files, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (span_eq(files->at[k].upload, files->at[i].upload))
            return true;
    return false;
}

enum bz_err need_files(struct decider *d)
{
    const struct facts *f = d->facts;
    int64_t bytes = f->room_bytes;
    if (d->cmd->files.count > BZ_LIMIT_FILES_MAX)
        return bz_invalid(d->e, "files", "files: at most %d", BZ_LIMIT_FILES_MAX);
    for (size_t i = 0; i < d->cmd->files.count; i++) {
        const struct file_facts *file = &f->files[i];
        if (names_twice(&d->cmd->files, i))
            return bz_invalid(d->e, "files", "files: each upload once");
        if (file->state == UPLOAD_UNKNOWN)
            return bz_fail(d->e, BZ_ERR_NOT_FOUND, "there is no such upload, or it ended: send the file again");
        if (file->state == UPLOAD_OPEN)
            return bz_fail(d->e, BZ_ERR_CONFLICT, "an upload is not complete yet");
        bytes += file->blob.bytes;
    }
    if (d->cmd->files.count > 0 && f->room_bytes_max > 0 && bytes > f->room_bytes_max)
        return bz_fail(d->e, BZ_ERR_TOO_LARGE, "this room has no space left for files; its moderators may remove some");
    return BZ_OK;
}

enum bz_err need_words_or_files(struct decider *d)
{
    enum bz_err rc = need_files(d);
    bool may_be_empty = d->cmd->files.count > 0 && d->cmd->text.len == 0;
    return rc != BZ_OK || may_be_empty ? rc : need_text(d, "text", d->cmd->text, BZ_LIMIT_POST_BYTES);
}

static void put_file(struct decider *d, const struct file_facts *file)
{
    char hash[2 * BLOB_HASH_BYTES + 1];
    const struct blob *blob = &file->blob;
    sodium_bin2hex(hash, sizeof hash, blob->hash, sizeof blob->hash);
    json_open(&d->body, '{');
    json_put_text(&d->body, "hash", span_of(hash));
    json_put_text(&d->body, "name", file->name);
    json_put_text(&d->body, "type", blob->type);
    json_put_int(&d->body, "bytes", blob->bytes);
    if (blob->width > 0) {
        json_put_int(&d->body, "w", blob->width);
        json_put_int(&d->body, "h", blob->height);
    }
    json_put_text_opt(&d->body, "dot", blob->dot);
    if (blob->has_thumb)
        json_put_bool(&d->body, "thumb", true);
    json_put_text_opt(&d->body, "alt", file->alt);
    json_close(&d->body, '}');
}

void put_files(struct decider *d)
{
    if (d->facts->files_count == 0)
        return;
    json_name(&d->body, "files");
    json_open(&d->body, '[');
    for (size_t i = 0; i < d->facts->files_count; i++)
        put_file(d, &d->facts->files[i]);
    json_close(&d->body, ']');
}
