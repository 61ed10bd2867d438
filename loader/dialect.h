/* Dialects: what the names of columns mean, in each family of formats, as tables of data.
 *
 * Two questions are kept apart. *How is a file cut into named fields?* That is its record form
 * (loader/record.h): fields at separators, at runs of blanks, in fixed columns, or JSON objects,
 * with the names from the first line, a `#fields` line, the keys of objects, or from nowhere.
 * *What does a field of that name hold?* That is its dialect: a table from the source's own names
 * to the vocabulary (loader/vocabulary.h), whose names are the same for all formats.
 *
 * A dialect is chosen by content: the first in `dialects` whose table finds a start time, a source
 * and a target among the names of the file's fields (header_open in loader/header.h does it, and
 * --format-in=NAME leaves it no choice). So a dialect needs no code and no test of its own; one
 * file per family holds its tables, and dialect.c lists them.
 *
 * A field that the table knows becomes the property of the canonical name, so that files of several
 * dialects unite; its own name is an alias of that property (graph/schema.h). Where the value
 * changes on the way (6 -> tcp, microseconds -> seconds) there are two properties of the one field:
 * the canonical one, and the source's own, as it stands. A field that no table knows is a property
 * of its own name, whose type is learnt (loader/layout.h). What no field holds but two properties
 * tell, as SrcBytes and DstBytes tell TotBytes, is derived for all dialects (loader/vocabulary.h).
 */
#ifndef GYRE_LOADER_DIALECT_H
#define GYRE_LOADER_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* How the text of a field becomes a value of its property's type. Only what stands in a table or an
 * option; a column that is widened to text is read as it stands. */
enum reading {
    READ_PLAIN,       /* text as it stands, decimal numbers, times as base/time_text.h reads them */
    READ_ANY_BASE,    /* integers, also as 0x0303 */
    READ_WHOLE,       /* integers, also as 96.0 */
    READ_PORT,        /* integers, also as 8.0: an ICMP type and code, 256 * 8 + 0 */
    READ_PROTOCOL,    /* text: 6 or TCP -> tcp */
    READ_TIME_ANY,    /* a time in a form that the first row shows: text, seconds, time of day */
    READ_TIME_OF_DAY, /* HH:MM:SS.f, counted from 1970-01-01 */
    READ_DAY_FIRST,   /* dd/mm/yyyy hh:mm[:ss][ AM|PM] */
    READ_MONTH_FIRST, /* mm/dd/yyyy ... */
    READ_SECONDS,     /* a number of these: of TYPE_TIME since 1970, of TYPE_FLOAT made seconds */
    READ_MILLISECONDS,
    READ_MICROSECONDS,
    READ_NANOSECONDS,
};

/* One of the source's names, and the canonical name of the property that it becomes; its type and
 * role are the vocabulary's. A name may stand in several rows. Where two names of a file mean the
 * same, the row that comes first in the table has it, the other is an attribute. */
struct dialect_column {
    const char *name; /* compared byte for byte, blanks around it trimmed; in JSON a path */
    const char *canonical;
    enum reading reading;
};

/* Rows whose field `name` is `value` (or, when `is_kept`, is anything else) are passed over: they
 * are no flows. They are counted in load_report.rows_passed_over, and are no rejects. */
struct dialect_filter {
    const char *name;
    const char *value; /* at most 8 bytes */
    bool is_kept;
};

/* Tables end with a row of NULL; a pointer may be NULL. */
struct dialect {
    const char *name;        /* as in --format-in= */
    const char *description; /* for people: "Zeek conn.log, as text or as JSON lines" */
    const struct dialect_column *columns;
    const struct dialect_filter *filters;
    const char *nulls[3];         /* texts that are null, beside the empty one */
    const char *const *trailers;  /* how lines begin that are no rows, though not comments */
    uint32_t trailer_field_count; /* lines of so many numbers are none either; 0: no such lines */
};

enum { DIALECT_NULLS = 3 };

/* All of them, in the order in which they are tried; ends with NULL. */
extern const struct dialect *const dialects[];

/* One file per family. The JSON variants use the same tables: a path is a name. */
extern const struct dialect dialect_argus;
extern const struct dialect dialect_zeek; /* dialect_zeek.c: text, CSV and JSON lines */
extern const struct dialect dialect_nfdump;
extern const struct dialect dialect_suricata; /* dialect_suricata.c */
extern const struct dialect dialect_aws;
extern const struct dialect dialect_cic;
extern const struct dialect dialect_edges;
extern const struct dialect dialect_csv; /* names by --column alone */

/* NULL: there is none of that name. */
const struct dialect *dialect_find(struct bytes name);

#endif
