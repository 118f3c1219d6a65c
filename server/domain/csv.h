/* csv.h: comma-separated text (RFC 4180) into rows, as spreadsheets of several countries write it. Pure.
 * A BOM is left out. The separator is the one of comma and semicolon that the first line has more of. Lines end with CR LF, LF or
 * CR; a quoted field may hold them, and a quote as two. Blanks around a field without quotes are no part of it. */
#ifndef BZ_DOMAIN_CSV_H
#define BZ_DOMAIN_CSV_H
#include <stdint.h>

#include "base/arena.h"

#define CSV_FIELDS_MAX 20          /* of a row; more: CSV_BAD */

enum csv_read { CSV_ROW, CSV_END, CSV_BAD };   /* BAD: a quote that does not end, text behind it, too many fields; it ends there */
struct csv {
    struct span text;
    size_t at;
    int64_t line;                  /* of the row that was read last, from 1 */
    int64_t next_line;
    char separator;
    struct span fields[CSV_FIELDS_MAX];   /* of that row; they borrow from text or arena */
    size_t count;
};
void csv_open(struct csv *c, struct span text);
enum csv_read csv_next(struct csv *c, struct arena *arena);   /* lines with nothing in them are passed over */

/* The people of a list: which column is which is said by its first row, in en, fr, es or pt, whatever its case. */
#define BZ_ROSTER_COLUMNS(X) \
    X(NAME, "name") X(EMAIL, "email") X(ORG, "org") X(CITY, "city") X(COUNTRY, "country") X(LANG, "lang") X(TITLE, "title")
enum roster_column {
#define BZ_ROSTER_E(name, wire) ROSTER_##name,
    BZ_ROSTER_COLUMNS(BZ_ROSTER_E)
#undef BZ_ROSTER_E
    ROSTER_COLUMNS
};
const char *roster_wire(enum roster_column column);
struct roster { int at[ROSTER_COLUMNS]; };     /* -1: there is no such column */
/* false: no column has addresses. Columns that are not known are passed over; of two of a kind the first counts. */
bool roster_open(const struct csv *header, struct roster *ret);
/* en, fr, es or pt, by its code or its name in one of them; false: another, or none. */
bool roster_lang(struct span said, char ret[3]);
struct span roster_field(const struct roster *r, const struct csv *row, enum roster_column column);   /* absent: none, or empty */
#endif
