#include "domain_check.h"

#include "base/arena.h"
#include "domain/csv.h"

static struct arena arena;

/* Rows joined by '/', fields by '|'; '!' at the end: it is broken there. */
static const char *rows_of(struct span text)
{
    static char out[4096];
    struct csv c;
    size_t len = 0;
    enum csv_read read;
    csv_open(&c, text);
    while ((read = csv_next(&c, &arena)) == CSV_ROW) {
        for (size_t i = 0; i < c.count; i++) {
            if (i > 0)
                out[len++] = '|';
            memcpy(out + len, c.fields[i].at, c.fields[i].len);
            len += c.fields[i].len;
        }
        out[len++] = '/';
    }
    if (read == CSV_BAD)
        out[len++] = '!';
    out[len] = '\0';
    return out;
}

static void test_rows(void **state)
{
    (void)state;
    /* Proves what spreadsheets write: quotes, separators, line ends, a BOM, blank lines; and where it is broken. */
    static const struct { const char *text, *want; } cases[] = {
        { "", "" }, { "\n\r\n,,\n", "" }, { "a,b\r\nc,d\r\n", "a|b/c|d/" }, { "a;b\nc,5;d\n", "a|b/c,5|d/" },
        { "\xEF\xBB\xBFname,email\rAna,a@b", "name|email/Ana|a@b/" }, { "a, b ,\tc d\t\n", "a|b|c d/" },
        { "\"a,b\",\"c \"\"d\"\"\",\"\"\n", "a,b|c \"d\"|/" }, { "\"two\nlines\", x\ny,z", "two\nlines|x/y|z/" },
        { "a,\"b", "!" }, { "a,\"b\"c,d", "!" }, { "x,y\na,\"b\"c", "x|y/!" }, { "a\"b,c", "a\"b|c/" },
        { "\"a,b\";c\nd;e", "a,b|c/d|e/" }, { "a,,\n", "a||/" },
        { "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21", "!" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(rows_of(span_of(cases[i].text)), cases[i].want);
    struct csv c;
    csv_open(&c, SPAN("a\n\n\"b\r\nc\"\nd\n"));
    static const int lines[] = { 1, 3, 5 };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(csv_next(&c, &arena), CSV_ROW);
        assert_int_equal(c.line, lines[i]);
    }
    assert_int_equal(csv_next(&c, &arena), CSV_END);
}

static void test_headers(void **state)
{
    (void)state;
    /* Proves that the columns are found in each language, in any order and case, and that a list needs addresses. */
    static const char *const tables[] = {
        "name,email,organisation,city,country,language,role title\nA,B,C,D,E,F,G",
        "NOM;Courriel;Organisme;Ville;Pays;Langue;Fonction\nA;B;C;D;E;F;G",
        "Nombre;Correo electrónico;ORGANIZACIÓN;Ciudad;País;Idioma;Puesto\nA;B;C;D;E;F;G",
        "nome,e-mail,Organização,cidade,PAÍS,língua,role_title\nA,B,C,D,E,F,G",
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct csv c;
        struct roster r;
        csv_open(&c, span_of(tables[i]));
        assert_int_equal(csv_next(&c, &arena), CSV_ROW);
        assert_true(roster_open(&c, &r));
        assert_int_equal(csv_next(&c, &arena), CSV_ROW);
        for (int k = 0; k < ROSTER_COLUMNS; k++)
            assert_true(span_is(roster_field(&r, &c, (enum roster_column)k), (char[]){ (char)('A' + k), '\0' }));
    }
    struct csv c;
    struct roster r;
    csv_open(&c, SPAN("email,name,phone,name\na@b.org,,1\n"));
    (void)csv_next(&c, &arena);
    assert_true(roster_open(&c, &r));
    assert_int_equal(r.at[ROSTER_NAME], 1);
    assert_int_equal(r.at[ROSTER_CITY], -1);
    (void)csv_next(&c, &arena);
    assert_null(roster_field(&r, &c, ROSTER_NAME).at);
    assert_null(roster_field(&r, &c, ROSTER_CITY).at);
    csv_open(&c, SPAN("name,city\n"));
    (void)csv_next(&c, &arena);
    assert_false(roster_open(&c, &r));
}

static int done(void **state) { (void)state; arena_done(&arena); return 0; }

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_headers) };
    return cmocka_run_group_tests(tests, NULL, done);
}
