#include "base/json_out.h"

static void comma(struct buf *b)
{
    if (b->len == 0)
        return;
    char before = b->at[b->len - 1];
    if (before != '{' && before != '[' && before != ':' && before != ',')
        buf_add_char(b, ',');
}

void json_open(struct buf *b, char bracket)
{
    comma(b);
    buf_add_char(b, bracket);
}

void json_close(struct buf *b, char bracket) { buf_add_char(b, bracket); }

/* How many bytes at s[i] must be escaped, and how: 0 none. U+2028/9 end a line in older script parsers. */
static size_t escape(struct span s, size_t i, char ret[8], size_t *ret_len)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = (unsigned char)s.at[i];
    const char *two = c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : NULL;
    if (two != NULL) {
        memcpy(ret, two, 2);
        *ret_len = 2;
        return 1;
    }
    if (c < 0x20 || c == 0x7f) {
        memcpy(ret, "\\u00", 4);
        ret[4] = hex[c >> 4];
        ret[5] = hex[c & 15];
        *ret_len = 6;
        return 1;
    }
    if (c == 0xe2 && s.len - i >= 3 && (unsigned char)s.at[i + 1] == 0x80 && ((unsigned char)s.at[i + 2] & 0xfe) == 0xa8) {
        memcpy(ret, (unsigned char)s.at[i + 2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
        *ret_len = 6;
        return 3;
    }
    return 0;
}

static void quoted(struct buf *b, struct span s)
{
    buf_add_char(b, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.len;) {
        char text[8];
        size_t len = 0;
        size_t eaten = escape(s, i, text, &len);
        if (eaten == 0) {
            i++;
            continue;
        }
        buf_add(b, s.at + from, i - from);
        buf_add(b, text, len);
        i += eaten;
        from = i;
    }
    buf_add(b, s.at + from, s.len - from);
    buf_add_char(b, '"');
}

void json_name(struct buf *b, const char *name)
{
    comma(b);
    quoted(b, span_of(name));
    buf_add_char(b, ':');
}

void json_text(struct buf *b, struct span s)
{
    comma(b);
    if (s.at == NULL)
        buf_add_text(b, "null");
    else
        quoted(b, s);
}

void json_int(struct buf *b, int64_t n)
{
    comma(b);
    buf_add_int(b, n);
}

void json_bool(struct buf *b, bool is_true)
{
    comma(b);
    buf_add_text(b, is_true ? "true" : "false");
}

void json_nil(struct buf *b)
{
    comma(b);
    buf_add_text(b, "null");
}

void json_raw(struct buf *b, struct span json)
{
    if (json.at == NULL) {
        json_nil(b);
        return;
    }
    comma(b);
    buf_add_span(b, json);
}

void json_put_text(struct buf *b, const char *name, struct span s)
{
    json_name(b, name);
    json_text(b, s);
}

void json_put_text_opt(struct buf *b, const char *name, struct span s)
{
    if (s.at != NULL)
        json_put_text(b, name, s);
}

void json_put_int(struct buf *b, const char *name, int64_t n)
{
    json_name(b, name);
    json_int(b, n);
}

void json_put_bool(struct buf *b, const char *name, bool is_true)
{
    json_name(b, name);
    json_bool(b, is_true);
}

void json_put_raw(struct buf *b, const char *name, struct span json)
{
    json_name(b, name);
    json_raw(b, json);
}
