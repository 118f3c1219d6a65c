#include "domain/kinds.h"

#include <strings.h>

#include "base/utf8.h"
#include "baraza/limits.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct field_spec resource_fields[] = {
    { .name = "url",      .type = FIELD_URL,  .min = 1,    .max = 2000 },
    { .name = "language", .type = FIELD_LANG, .min = 2,    .max = BZ_LIMIT_LANG_CHARS },   /* of before there could be several */
    { .name = "year",     .type = FIELD_INT,  .min = 1900, .max = 2100 },
    { .name = "licence",  .type = FIELD_TEXT, .min = 1,    .max = 80 },
    { .name = "city",     .type = FIELD_TEXT, .min = 1,    .max = 80 },
    { .name = "languages", .type = FIELD_LANG, .min = 2,   .max = BZ_LIMIT_LANG_CHARS, .list_max = BZ_LIMIT_LANGUAGES_MAX },
    { .name = "country",  .type = FIELD_COUNTRY, .min = 2, .max = 2 },
    { .name = "themes",   .type = FIELD_THEME, .min = 1,   .max = BZ_LIMIT_SLUG_CHARS, .list_max = BZ_LIMIT_THEMES_OF_MAX },
    { .name = "source",   .type = FIELD_TEXT, .min = 1,    .max = 200 },
};

static const struct kind_spec kinds[] = {
    [THREAD_KIND_CHAT] = { .kind = THREAD_KIND_CHAT, .wire = "chat" },
    [THREAD_KIND_DISCUSSION] = { .kind = THREAD_KIND_DISCUSSION, .wire = "discussion", .is_creatable = true },
    [THREAD_KIND_QUESTION] = { .kind = THREAD_KIND_QUESTION, .wire = "question", .is_creatable = true,
                               .can_have_answer = true },
    [THREAD_KIND_RESOURCE] = { .kind = THREAD_KIND_RESOURCE, .wire = "resource", .is_creatable = true,
                               .fields = resource_fields, .fields_count = COUNT(resource_fields) },
};

const struct kind_spec *kind_spec(enum thread_kind kind) { return &kinds[kind]; }

const struct kind_spec *kind_by_wire(struct span wire)
{
    for (size_t i = 1; i < COUNT(kinds); i++)
        if (span_is(wire, kinds[i].wire))
            return &kinds[i];
    return NULL;
}

static enum bz_err text_check(const struct field_spec *spec, struct span text, struct bz_error *e)
{
    if (text.at == NULL)
        return bz_invalid(e, spec->name, "%s: a text is required", spec->name);
    if (text.len < (size_t)spec->min || text.len > (size_t)spec->max)
        return bz_invalid(e, spec->name, "%s: %d to %d bytes", spec->name, (int)spec->min, (int)spec->max);
    if (spec->type == FIELD_URL && !url_valid(text))
        return bz_invalid(e, spec->name, "%s: an address that begins with https:// or http://", spec->name);
    if (spec->type == FIELD_LANG && !lang_valid(text))
        return bz_invalid(e, spec->name, "%s: a language tag like en or pt-BR", spec->name);
    if (spec->type == FIELD_COUNTRY && !country_valid(text))
        return bz_invalid(e, spec->name, "%s: a country's code like SN or BR", spec->name);
    if (spec->type == FIELD_THEME && !slug_valid(text))
        return bz_invalid(e, spec->name, "%s: names of themes: a-z, 0-9 and -", spec->name);
    if (!utf8_is_name(text, (size_t)spec->max))
        return bz_invalid(e, spec->name, "%s: one line of text, without control characters", spec->name);
    return BZ_OK;
}

enum bz_err field_check(const struct field_spec *spec, struct span text, int64_t number, struct bz_error *e)
{
    switch (spec->type) {
    case FIELD_TEXT:
    case FIELD_URL:
    case FIELD_LANG:
    case FIELD_COUNTRY:
    case FIELD_THEME:
        return text_check(spec, text, e);
    case FIELD_INT:
    case FIELD_TIME_MS:
        break;
    }
    if (number < spec->min || number > spec->max)
        return bz_invalid(e, spec->name, "%s: a number from %lld to %lld", spec->name, (long long)spec->min,
                          (long long)spec->max);
    return BZ_OK;
}

static const char *const roles[] = {
#define ROW(number, name, wire) [number] = wire,
    BZ_ROLES(ROW)
};
static const char *const accesses[] = { BZ_ACCESSES(ROW) };
static const char *const levels[] = { BZ_LEVELS(ROW) };
static const char *const froms[] = { BZ_FROMS(ROW) };
static const char *const postings[] = { BZ_POSTINGS(ROW) };
static const char *const sanctions[] = { [SANCTION_NONE] = "", BZ_SANCTIONS(ROW) };
static const char *const holds[] = { BZ_HOLDS(ROW) };
static const char *const links_words[] = { BZ_LINKS(ROW) };
static const char *const word_acts[] = { [0] = "", BZ_WORD_ACTS(ROW) };
static const char *const asks[] = { [0] = "", BZ_ASKS(ROW) };
static const char *const profile_fields[] = { [0] = "", BZ_PROFILE_FIELDS(ROW) };
static const char *const circles[] = { BZ_CIRCLES(ROW) };
#undef ROW
static const char *const reactions[] = {
#define ROW(emoji) emoji,
    BZ_REACTIONS(ROW)
#undef ROW
};

static const char *const rules[] = {
#define ROW(word) word,
    BZ_RULES(ROW)
#undef ROW
};

static const char *const decisions[] = {
#define ROW(word) word,
    BZ_DECISIONS(ROW)
#undef ROW
};

static const char *const resource_types[] = {
#define ROW(word) word,
    BZ_RESOURCE_TYPES(ROW)
#undef ROW
};

static const char *const org_kinds[] = {
#define ROW(word) word,
    BZ_ORG_KINDS(ROW)
#undef ROW
};
static const char *const city_sizes[] = {
#define ROW(word) word,
    BZ_CITY_SIZES(ROW)
#undef ROW
};

static int find(const char *const *names, size_t count, struct span wire)
{
    for (size_t i = 0; i < count; i++)
        if (span_is(wire, names[i]))
            return (int)i;
    return -1;
}

const char *role_wire(enum role role) { return roles[role]; }
bool scope_by_wire(struct span wire, unsigned *ret)
{
#define ROW_SCOPE(bit, name, word) if (span_is(wire, word)) { *ret = bit; return true; }
    BZ_SCOPES(ROW_SCOPE)
#undef ROW_SCOPE
    return false;
}

const char *scope_wire(unsigned scope)
{
#define ROW_SCOPE(bit, name, word) if (scope == (bit)) return word;
    BZ_SCOPES(ROW_SCOPE)
#undef ROW_SCOPE
    return NULL;
}

const char *access_wire(enum access access) { return accesses[access]; }
const char *level_wire(enum follow_level level) { return levels[level]; }
const char *from_wire(enum from from) { return froms[from]; }
const char *posting_wire(enum posting posting) { return postings[posting]; }
const char *sanction_wire(enum sanction act) { return sanctions[act]; }
const char *hold_wire(enum hold hold) { return holds[hold]; }
const char *links_wire(enum links links) { return links_words[links]; }
const char *ask_wire(enum ask ask) { return asks[ask]; }
bool ask_is_act(enum ask ask) { return ask == ASK_MOVE || ask == ASK_MERGE; }
bool is_reaction(struct span emoji) { return find(reactions, COUNT(reactions), emoji) >= 0; }

bool is_decision(struct span word) { return find(decisions, COUNT(decisions), word) >= 0; }
bool is_resource_type(struct span word) { return find(resource_types, COUNT(resource_types), word) >= 0; }
bool is_org_kind(struct span word) { return find(org_kinds, COUNT(org_kinds), word) >= 0; }
bool is_city_size(struct span word) { return find(city_sizes, COUNT(city_sizes), word) >= 0; }
const char *profile_field_wire(enum profile_field field) { return profile_fields[field]; }
bool is_rule(struct span word) { return find(rules, COUNT(rules), word) >= 0; }

bool role_by_wire(struct span wire, enum role *ret)
{
    int i = find(roles, COUNT(roles), wire);
    if (i >= 0)
        *ret = (enum role)i;
    return i >= 0;
}

bool access_by_wire(struct span wire, enum access *ret)
{
    int i = find(accesses, COUNT(accesses), wire);
    if (i >= 0)
        *ret = (enum access)i;
    return i >= 0;
}

bool level_by_wire(struct span wire, enum follow_level *ret)
{
    int i = find(levels, COUNT(levels), wire);
    if (i >= 0)
        *ret = (enum follow_level)i;
    return i >= 0;
}

bool from_by_wire(struct span wire, enum from *ret)
{
    int i = find(froms, COUNT(froms), wire);
    if (i >= 0)
        *ret = (enum from)i;
    return i >= 0;
}

bool profile_field_by_wire(struct span wire, enum profile_field *ret)
{
    int i = wire.len > 0 ? find(profile_fields, COUNT(profile_fields), wire) : -1;
    if (i > 0)
        *ret = (enum profile_field)i;
    return i > 0;
}

bool posting_by_wire(struct span wire, enum posting *ret)
{
    int i = find(postings, COUNT(postings), wire);
    if (i >= 0)
        *ret = (enum posting)i;
    return i >= 0;
}

bool sanction_by_wire(struct span wire, enum sanction *ret)
{
    int i = find(sanctions, COUNT(sanctions), wire);
    if (i > 0)
        *ret = (enum sanction)i;
    return i > 0;
}

bool hold_by_wire(struct span wire, enum hold *ret)
{
    int i = find(holds, COUNT(holds), wire);
    if (i >= 0)
        *ret = (enum hold)i;
    return i >= 0;
}

bool links_by_wire(struct span wire, enum links *ret)
{
    int i = find(links_words, COUNT(links_words), wire);
    if (i >= 0)
        *ret = (enum links)i;
    return i >= 0;
}

bool circle_by_wire(struct span wire, enum circle *ret)
{
    int i = find(circles, COUNT(circles), wire);
    if (i >= 0)
        *ret = (enum circle)i;
    return i >= 0;
}

bool word_act_by_wire(struct span wire, enum word_act *ret)
{
    int i = find(word_acts, COUNT(word_acts), wire);
    if (i > 0)
        *ret = (enum word_act)i;
    return i > 0;
}

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool handle_valid(struct span s)
{
    if (s.at == NULL || s.len < 2 || s.len > BZ_LIMIT_HANDLE_CHARS || s.at[0] == '.' || s.at[s.len - 1] == '.')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool is_dot = s.at[i] == '.' && s.at[i - 1] != '.';   /* never the first: checked above */
        if (!is_lower(s.at[i]) && !is_digit(s.at[i]) && !is_dot)
            return false;
    }
    return true;
}

bool slug_valid(struct span s)
{
    if (s.at == NULL || s.len < 1 || s.len > BZ_LIMIT_SLUG_CHARS)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_lower(s.at[i]) && !is_digit(s.at[i]) && s.at[i] != '-')
            return false;
    return true;
}

bool lang_valid(struct span s)
{
    if (s.at == NULL || s.len < 2 || s.len > BZ_LIMIT_LANG_CHARS)
        return false;
    size_t i = 0;
    while (i < s.len && is_lower(s.at[i]))
        i++;
    if (i < 2 || i > 3)
        return false;
    while (i < s.len) {
        size_t from = ++i;
        if (s.at[from - 1] != '-')
            return false;
        while (i < s.len && (is_lower(s.at[i]) || is_upper(s.at[i]) || is_digit(s.at[i])))
            i++;
        if (i == from || i - from > 8)
            return false;
    }
    return true;
}

bool country_valid(struct span s) { return s.len == 2 && is_upper(s.at[0]) && is_upper(s.at[1]); }

const char *resource_type_of(struct span media_type)
{
    /* The first whose beginning fits. */
    static const struct { const char *begins, *type; } types[] = {
        { "image/", "image" }, { "audio/", "audio" }, { "video/", "video" }, { "text/csv", "sheet" }, { "text/", "document" },
        { "application/pdf", "document" },
        { "application/x-pdf", "document" }, { "application/msword", "document" }, { "application/rtf", "document" },
        { "application/epub+zip", "document" }, { "application/vnd.openxmlformats-officedocument.word", "document" },
        { "application/vnd.oasis.opendocument.text", "document" }, { "application/vnd.ms-excel", "sheet" },
        { "application/vnd.openxmlformats-officedocument.spread", "sheet" },
        { "application/vnd.oasis.opendocument.spread", "sheet" }, { "application/vnd.ms-powerpoint", "slides" },
        { "application/vnd.openxmlformats-officedocument.present", "slides" },
        { "application/vnd.oasis.opendocument.present", "slides" }, { "application/zip", "archive" },
        { "application/gzip", "archive" },
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        size_t n = strlen(types[i].begins);
        if (media_type.len >= n && memcmp(media_type.at, types[i].begins, n) == 0)
            return types[i].type;
    }
    return "other";
}

bool url_valid(struct span s)
{
    size_t scheme = 0;
    if (s.at != NULL && s.len > 8 && strncasecmp(s.at, "https://", 8) == 0)
        scheme = 8;
    else if (s.at != NULL && s.len > 7 && strncasecmp(s.at, "http://", 7) == 0)
        scheme = 7;
    if (scheme == 0 || strchr("/?#:@.", s.at[scheme]) != NULL || !utf8_valid(s))
        return false;
    for (size_t i = scheme; i < s.len; i++)
        if ((unsigned char)s.at[i] <= ' ' || s.at[i] == 0x7f || s.at[i] == '\\')
            return false;
    return true;
}
