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
    assert_false(still("<< /Type /ObjStm /Filter /FlateDecode >> stream\nno such thing"));
    struct span cut = packed("/Type /ObjStm /Filter /FlateDecode", quiet, file);
    assert_false(pdf_is_still((struct span){ cut.at, cut.len - 30 }));
    assert_true(pdf_is_still(packed("/Filter /FlateDecode /DecodeParms << /Predictor 12 >>", quiet, file)));   /* no objects in it */
    assert_false(still("<< /Type /ObjStm /N 1 /First 4 >> stream\n1 0 << /S /JavaScript >>"));                /* not packed at all */
}

/* Eight megabytes in a few kilobytes. */
static void a_bomb_ends_the_look(void **state)
{
    size_t size = 64u << 20;
    uLongf len = compressBound(size);
    Bytef *zeros = calloc(1, size), *bytes = malloc(len + 100);
    int head = snprintf((char *)bytes, 100, "<< /Type /ObjStm /Filter /FlateDecode >> stream\n");
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
        cmocka_unit_test(a_bomb_ends_the_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
