#include "domain/csv.h"

/* The first line alone: what is quoted there counts for neither. */
static char separator_of(struct span text)
{
    size_t commas = 0, semicolons = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < text.len && (is_quoted || (text.at[i] != '\n' && text.at[i] != '\r')); i++) {
        if (text.at[i] == '"')
            is_quoted = !is_quoted;
        commas += !is_quoted && text.at[i] == ',';
        semicolons += !is_quoted && text.at[i] == ';';
    }
    return semicolons > commas ? ';' : ',';
}

void csv_open(struct csv *c, struct span text)
{
    static const char bom[] = "\xEF\xBB\xBF";
    if (text.len >= 3 && memcmp(text.at, bom, 3) == 0)
        text = (struct span){ text.at + 3, text.len - 3 };
    *c = (struct csv){ .text = text, .next_line = 1, .separator = separator_of(text) };
}

static bool is_end(const struct csv *c) { return c->at >= c->text.len; }
static char here(const struct csv *c) { return c->text.at[c->at]; }
static bool is_line_end(const struct csv *c) { return is_end(c) || here(c) == '\n' || here(c) == '\r'; }

static void step_line(struct csv *c)
{
    if (is_end(c))
        return;
    bool is_cr = here(c) == '\r';
    c->at++;
    if (is_cr && !is_end(c) && here(c) == '\n')
        c->at++;
    c->next_line++;
}

static bool read_quoted(struct csv *c, struct arena *arena, struct span *ret)
{
    size_t from = ++c->at, len = 0, doubled = 0;
    while (!is_end(c) && (here(c) != '"' || (c->at + 1 < c->text.len && c->text.at[c->at + 1] == '"'))) {
        bool is_pair = here(c) == '"';
        doubled += is_pair;
        c->next_line += here(c) == '\n' || (here(c) == '\r' && (c->at + 1 >= c->text.len || c->text.at[c->at + 1] != '\n'));
        c->at += is_pair ? 2 : 1;
    }
    if (is_end(c))
        return false;
    *ret = (struct span){ c->text.at + from, c->at - from };
    c->at++;
    if (doubled == 0)
        return true;
    char *plain = arena_alloc(arena, ret->len);
    for (size_t i = 0; i < ret->len; i++) {
        plain[len++] = ret->at[i];
        i += ret->at[i] == '"';
    }
    *ret = (struct span){ plain, len };
    return true;
}

static void skip_blanks(struct csv *c)
{
    while (!is_end(c) && (here(c) == ' ' || here(c) == '\t'))
        c->at++;
}

static bool read_field(struct csv *c, struct arena *arena, struct span *ret)
{
    skip_blanks(c);
    if (!is_end(c) && here(c) == '"') {
        bool is_whole = read_quoted(c, arena, ret);
        skip_blanks(c);
        return is_whole && (is_line_end(c) || here(c) == c->separator);
    }
    size_t from = c->at, end = from;
    for (; !is_line_end(c) && here(c) != c->separator; c->at++)
        if (here(c) != ' ' && here(c) != '\t')
            end = c->at + 1;
    *ret = (struct span){ c->text.at + from, end - from };
    return true;
}

static enum csv_read read_row(struct csv *c, struct arena *arena)
{
    c->count = 0;
    c->line = c->next_line;
    for (;;) {
        if (c->count == CSV_FIELDS_MAX || !read_field(c, arena, &c->fields[c->count])) {
            c->at = c->text.len;
            return CSV_BAD;
        }
        c->count++;
        if (is_line_end(c))
            break;
        c->at++;   /* the separator */
    }
    step_line(c);
    return CSV_ROW;
}

static bool is_empty(const struct csv *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->fields[i].len > 0)
            return false;
    return true;
}

enum csv_read csv_next(struct csv *c, struct arena *arena)
{
    while (!is_end(c)) {
        enum csv_read read = read_row(c, arena);
        if (read != CSV_ROW || !is_empty(c))
            return read;
    }
    return CSV_END;
}

/* ---- Lists of people. */

static const char *const wires[] = {
#define BZ_ROSTER_W(name, wire) wire,
    BZ_ROSTER_COLUMNS(BZ_ROSTER_W)
#undef BZ_ROSTER_W
};

const char *roster_wire(enum roster_column column) { return wires[column]; }

static const struct { const char *word; enum roster_column column; } headers[] = {
    { "name", ROSTER_NAME }, { "nom", ROSTER_NAME }, { "nombre", ROSTER_NAME }, { "nome", ROSTER_NAME }, { "full name", ROSTER_NAME },
    { "nom complet", ROSTER_NAME }, { "nombre completo", ROSTER_NAME }, { "nome completo", ROSTER_NAME },
    { "email", ROSTER_EMAIL }, { "e-mail", ROSTER_EMAIL }, { "mail", ROSTER_EMAIL }, { "courriel", ROSTER_EMAIL },
    { "adresse e-mail", ROSTER_EMAIL }, { "correo", ROSTER_EMAIL }, { "correo electrónico", ROSTER_EMAIL },
    { "correo electronico", ROSTER_EMAIL }, { "endereço de e-mail", ROSTER_EMAIL }, { "email address", ROSTER_EMAIL },
    { "e-mail address", ROSTER_EMAIL },
    { "organisation", ROSTER_ORG }, { "organization", ROSTER_ORG }, { "organisme", ROSTER_ORG }, { "organización", ROSTER_ORG },
    { "organizacion", ROSTER_ORG }, { "entidad", ROSTER_ORG }, { "organização", ROSTER_ORG }, { "organizacao", ROSTER_ORG },
    { "entidade", ROSTER_ORG },
    { "city", ROSTER_CITY }, { "ville", ROSTER_CITY }, { "ciudad", ROSTER_CITY }, { "cidade", ROSTER_CITY },
    { "country", ROSTER_COUNTRY }, { "pays", ROSTER_COUNTRY }, { "país", ROSTER_COUNTRY }, { "pais", ROSTER_COUNTRY },
    { "language", ROSTER_LANG }, { "lang", ROSTER_LANG }, { "langue", ROSTER_LANG }, { "idioma", ROSTER_LANG },
    { "lengua", ROSTER_LANG }, { "língua", ROSTER_LANG }, { "lingua", ROSTER_LANG },
    { "role title", ROSTER_TITLE }, { "title", ROSTER_TITLE }, { "job title", ROSTER_TITLE }, { "role", ROSTER_TITLE },
    { "position", ROSTER_TITLE }, { "fonction", ROSTER_TITLE }, { "poste", ROSTER_TITLE }, { "titre", ROSTER_TITLE },
    { "cargo", ROSTER_TITLE }, { "puesto", ROSTER_TITLE }, { "función", ROSTER_TITLE }, { "funcion", ROSTER_TITLE },
    { "função", ROSTER_TITLE }, { "funcao", ROSTER_TITLE },
};

/* Small letters of ASCII and of Latin-1 in UTF-8, which is all that the words have; `_` is a blank. */
static bool is_word(struct span s, const char *word)
{
    size_t len = strlen(word);
    if (s.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s.at[i], before = i > 0 ? (unsigned char)s.at[i - 1] : 0;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        else if (before == 0xC3 && c >= 0x80 && c <= 0x9E)
            c = (unsigned char)(c + 32);
        else if (c == '_')
            c = ' ';
        if (c != (unsigned char)word[i])
            return false;
    }
    return true;
}

bool roster_open(const struct csv *header, struct roster *ret)
{
    for (int i = 0; i < ROSTER_COLUMNS; i++)
        ret->at[i] = -1;
    for (size_t i = 0; i < header->count; i++)
        for (size_t k = 0; k < sizeof headers / sizeof *headers; k++)
            if (ret->at[headers[k].column] < 0 && is_word(header->fields[i], headers[k].word))
                ret->at[headers[k].column] = (int)i;
    return ret->at[ROSTER_EMAIL] >= 0;
}

bool roster_lang(struct span said, char ret[3])
{
    static const struct { const char *word, *code; } names[] = {
        { "english", "en" }, { "anglais", "en" }, { "inglés", "en" }, { "inglês", "en" }, { "ingles", "en" },
        { "french", "fr" }, { "français", "fr" }, { "francais", "fr" }, { "francés", "fr" }, { "francês", "fr" }, { "frances", "fr" },
        { "spanish", "es" }, { "espagnol", "es" }, { "español", "es" }, { "espanol", "es" }, { "espanhol", "es" },
        { "portuguese", "pt" }, { "portugais", "pt" }, { "portugués", "pt" }, { "português", "pt" }, { "portugues", "pt" },
        { "en", "en" }, { "fr", "fr" }, { "es", "es" }, { "pt", "pt" },
    };
    if (said.len > 2 && said.at[2] == '-')   /* pt-BR */
        said.len = 2;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_word(said, names[i].word)) {
            memcpy(ret, names[i].code, 3);
            return true;
        }
    return false;
}

struct span roster_field(const struct roster *r, const struct csv *row, enum roster_column column)
{
    int at = r->at[column];
    bool has = at >= 0 && (size_t)at < row->count && row->fields[at].len > 0;
    return has ? row->fields[at] : (struct span){ NULL, 0 };
}
