/* A PDF that does something by itself is known by its bytes, however it is written and packed; ordinary ones are not taken for such. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "work/still.h"

static bool still(const char *text) { return pdf_is_still(span_of(text)); }

static void scripts_are_seen_in_plain_sight(void **state)
{
    assert_true(still("%PDF-1.4 1 0 obj << /Type /Catalog /OpenAction [3 0 R /Fit] >> endobj"));
    assert_false(still("%PDF-1.4 1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >> endobj"));
    assert_false(still("%PDF-1.4 1 0 obj <</S/JavaScript/JS(app.alert(1))>>endobj"));
    assert_false(still("%PDF-1.4 1 0 obj << /S /Java#53cript >> endobj"));
    assert_false(still("%PDF-1.4 1 0 obj << /S /#4a#61#76#61#53#63#72#69#70#74"));
    assert_false(still("trailer << /Encrypt 5 0 R >>"));
    assert_false(still("<< /AcroForm << /XFA 7 0 R >> >>"));
    assert_true(still("<< /JavaScripts 1 /Script 2 /EncryptMetadata true >> (a word on JavaScript)"));
    assert_true(still(""));
    assert_true(still("/"));
    assert_true(still("/#"));
    assert_true(still("/Java#5"));
}

/* An object stream with the dictionary and the content, packed. */
static struct span packed(const char *dictionary, const char *content, char ret[4096])
{
    Bytef bytes[2048];
    uLongf size = sizeof bytes;
    assert_int_equal(compress(bytes, &size, (const Bytef *)content, strlen(content)), Z_OK);
    int len = snprintf(ret, 4096, "%%PDF-1.5\n5 0 obj\n<< %s >>\nstream\r\n", dictionary);
    memcpy(ret + len, bytes, size);
    len += (int)size;
    len += snprintf(ret + len, 4096 - (size_t)len, "\nendstream endobj");
    return (struct span){ ret, (size_t)len };
}

static void scripts_are_seen_in_object_streams(void **state)
{
    char file[4096];
    static const char script[] = "1 0 << /S /JavaScript /JS (app.alert(1)) >>", quiet[] = "1 0 << /Type /Catalog >>";
    static const char *const ways[] = {
        "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", "/Type/ObjStm/N 1/First 4/Filter[/Fl]", "/N 1 /First 4 /Filter /FlateDecode",
        "/Type /Obj#53tm /Filter /Flate#44ecode", "/Type /ObjStm /Filter /FlateDecode /X (obj) /Y (endobj endstream)",
        "/Type /ObjStm /N 1 /First 4 /X (stream) /Filter /FlateDecode", "/Type /ObjStm /N 1 /First 4 /Filter 9 0 R", "/N 1 /First 4 /F 9 0 R",
        "/Type /ObjStm /X (endobj \\) 5 0 obj << /A 1 >> stream\n1 0 ((\\()) ) /Y <</N 1>> /Filter /FlateDecode",
        "/Type /ObjStm % stream >>\n /X <73 stream> /Y [<</Z 1>> (>>)] /Filter /FlateDecode",
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        assert_false(pdf_is_still(packed(ways[i], script, file)));
        assert_true(pdf_is_still(packed(ways[i], quiet, file)));
    }
}

static void what_cannot_be_looked_into_is_not_still(void **state)
{
    char file[4096];
    static const char quiet[] = "1 0 << /Type /Catalog >>";
    assert_false(pdf_is_still(packed("/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", quiet, file)));
    assert_false(pdf_is_still(packed("/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>", quiet, file)));
    assert_false(still("5 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\nno such thing"));
    assert_false(still("5 0 obj << /Type /ObjStm /Filter 9 0 R >> stream\n1 0 << /Type /Catalog >>"));
    assert_false(pdf_is_still(packed("/Type /ObjStm /N 1 /First 4", quiet, file)));   /* no filter, and no text */
    assert_true(still("5 0 obj << /Type /ObjStm /N 1 /First 4 >> stream\n1 0 << /Type /Catalog >>"));
    struct span cut = packed("/Type /ObjStm /Filter /FlateDecode", quiet, file);
    assert_false(pdf_is_still((struct span){ cut.at, cut.len - 30 }));
    assert_true(pdf_is_still(packed("/Filter /FlateDecode /DecodeParms << /Predictor 12 >>", quiet, file)));   /* no objects in it */
    assert_false(still("<< /Type /ObjStm /N 1 /First 4 >> stream\n1 0 << /S /JavaScript >>"));                /* not packed at all */
}

static void what_others_name_makes_no_object_stream(void **state)
{
    assert_true(still("1 0 obj << /Type /Outlines /First 2 0 R >> endobj 2 0 obj << /AP << /N 3 0 R >> >> endobj "
                      "4 0 obj << /Filter /DCTDecode >> stream\n\xff\xd8 endstream endobj"));
    assert_true(still("4 0 obj << /Filter /DCTDecode /X << /Type /ObjStm >> >> stream\n\xff\xd8 endstream endobj"));
}

/* Dictionaries in each other without an end: each would be read to the end of the file. */
static void what_takes_too_long_is_not_still(void **state)
{
    size_t size = 2u << 20;
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = "obj<<"[i % 5];
    assert_false(pdf_is_still((struct span){ bytes, size }));
    free(bytes);
}

/* Eight megabytes in a few kilobytes. */
static void a_bomb_ends_the_look(void **state)
{
    size_t size = 64u << 20;
    uLongf len = compressBound(size);
    Bytef *zeros = calloc(1, size), *bytes = malloc(len + 100);
    int head = snprintf((char *)bytes, 100, "5 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\n");
    assert_int_equal(compress(bytes + head, &len, zeros, size), Z_OK);
    assert_false(pdf_is_still((struct span){ (char *)bytes, (size_t)head + len }));
    free(zeros);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_are_seen_in_plain_sight),
        cmocka_unit_test(scripts_are_seen_in_object_streams),
        cmocka_unit_test(what_cannot_be_looked_into_is_not_still),
        cmocka_unit_test(what_others_name_makes_no_object_stream),
        cmocka_unit_test(what_takes_too_long_is_not_still),
        cmocka_unit_test(a_bomb_ends_the_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
