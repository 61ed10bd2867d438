/* One line cut into fields, in each of the forms that records have. Quotes are resolved as by RFC
 * 4180, but that a newline always ends the record. This is the slow and general way: for headers,
 * samples, lines with quotes, and for the forms that have no separator; plain lines of the others
 * are cut by scanned positions (loader/block.h). */
#ifndef GYRE_LOADER_RECORD_H
#define GYRE_LOADER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct json_keys;

/* Added to a cut where a point may stand for the blank: Argus joins an address and its port. */
#define RECORD_JOINED (UINT32_C(1) << 31)

enum record_kind {
    RECORD_DELIMITED, /* at each separator */
    RECORD_BLANKS,    /* at runs of blanks and tabs */
    RECORD_FIXED,     /* in columns of fixed width */
    RECORD_JSON,      /* one object per line */
};

/* How all lines of a file are cut. */
struct record_form {
    enum record_kind kind;
    char separator;  /* of RECORD_DELIMITED */
    bool has_quotes; /* of RECORD_DELIMITED: a quote may enclose a field */
    char comment;    /* what begins a line that is no row; 0: nothing does */
    uint32_t field_count;
    const uint32_t *cuts;         /* of RECORD_FIXED: where each field's name ends in the header */
    const struct json_keys *keys; /* of RECORD_JSON: a column per field */
};

/* What record_cut returns for lines that cannot be cut. */
#define RECORD_BAD_QUOTE UINT32_MAX
#define RECORD_BAD_JSON (UINT32_MAX - 1)

/* Cuts `line` (no line end) by the form, as record_split does with a limit of form->field_count:
 * `text` has room for line.size + form->field_count + 1. FIELD_PADDING bytes before the line and
 * SCAN_PADDING behind it can be read. `*has_news`: as json_record_cut; false in other forms. */
uint32_t record_cut(const struct record_form *form, struct bytes line, char *text, uint32_t *ends,
                    bool *has_news);

/* The field as it stands in the line, for messages; empty at the line's end when it has none. */
struct bytes record_find(const struct record_form *form, struct bytes line, uint32_t field);

/* Cuts `line` (no line end) at `separator`. A field that begins with a quote ends at the closing
 * one, a doubled quote standing for one; any other quote is an ordinary byte. The fields are
 * written one after the other to `text` (room: line.size + 1), and field k lies at
 * text[ends[k] + 1 .. ends[k + 1]), in 32 bits that wrap; ends[0] is UINT32_MAX. `ends` has room
 * for `limit` + 1; beyond `limit` fields are only counted.
 *
 * Returns how many fields there are (an empty line has one), or RECORD_BAD_QUOTE when a quote does
 * not close or text follows it. */
uint32_t record_split(struct bytes line, char separator, char *text, uint32_t *ends,
                      uint32_t limit);

/* Where in `line` field `field` begins; the line's size when there is no such field. */
uint64_t record_field_offset(struct bytes line, char separator, uint32_t field);

static inline struct bytes record_field(const char *text, const uint32_t *ends, uint32_t field)
{
    uint32_t begin = ends[field] + 1;
    return bytes_view(text + begin, ends[field + 1] - begin);
}

#endif
