#include "base/id.h"

#include "base/json_out.h"

bool hub_code_valid(struct span text)
{
    if (text.at == NULL || text.len < 2 || text.len > BZ_HUB_CODE || text.at[0] < 'a' || text.at[0] > 'z')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') || (text.at[i] >= '0' && text.at[i] <= '9')))
            return false;
    return true;
}

size_t id_format(const struct hubs *hubs, bz_id id, char ret[BZ_ID_TEXT])
{
    const char *code = hubs->code[id_hub(id) % BZ_HUBS_MAX];
    size_t len = strlen(code);
    memcpy(ret, code, len);
    ret[len++] = '-';
    char digits[16];
    size_t n = 0;
    int64_t rest = id_seq(id);
    do
        digits[n++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    while (n > 0)
        ret[len++] = digits[--n];
    ret[len] = '\0';
    return len;
}

bool id_parse(const struct hubs *hubs, struct span text, bz_id *ret)
{
    const char *dash = text.at == NULL ? NULL : memchr(text.at, '-', text.len);
    if (dash == NULL)
        return false;
    struct span code = { text.at, (size_t)(dash - text.at) };
    struct span digits = { dash + 1, text.len - code.len - 1 };
    if (digits.len == 0 || digits.len > 12 || digits.at[0] == '0')
        return false;
    int64_t seq = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
        seq = seq * 10 + (digits.at[i] - '0');
    }
    if (seq >> BZ_ID_SEQ_BITS != 0)
        return false;
    for (unsigned hub = 0; hub < hubs->count; hub++) {
        if (span_is(code, hubs->code[hub])) {
            *ret = id_make(hub, seq);
            return true;
        }
    }
    return false;
}

void json_put_id(struct buf *b, const struct hubs *hubs, const char *name, bz_id id)
{
    char text[BZ_ID_TEXT];
    json_name(b, name);
    if (id == 0) {
        json_nil(b);
        return;
    }
    size_t len = id_format(hubs, id, text);
    json_text(b, (struct span){ text, len });
}
