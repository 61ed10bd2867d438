/* The head of a file: how its lines are cut, the names of its fields, and what each of them means.
 *
 * Here a record form (loader/record.h) and a dialect (loader/dialect.h) are chosen, and the tables
 * of the dialect, the vocabulary and the user's wishes become *columns*: one for each property that
 * the file has. Most columns read a field; a field may have two columns (its value as it stands,
 * and in the vocabulary's units); a derived column reads none. The rest of the loader asks for
 * nothing but these. */
#ifndef GYRE_LOADER_HEADER_H
#define GYRE_LOADER_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "graph/schema.h"
#include "loader/column_wish.h"
#include "loader/dialect.h"
#include "loader/json_names.h"
#include "loader/reading.h"
#include "loader/record.h"
#include "loader/vocabulary.h"

struct json_news;

#define FIELD_NONE UINT32_MAX

struct header_column {
    struct bytes name;  /* of the property; NUL behind it */
    struct bytes alias; /* the source's own name, where it is another; else empty */
    uint32_t field;     /* FIELD_NONE: derived */
    const struct derivation *derivation; /* of a derived one */
    enum role role;
    enum type type; /* of a column that is not well known: the narrowest, TYPE_INTEGER */
    enum reading reading;
    bool has_number; /* of a property: a sampled row has one there */
    bool is_known;   /* its type is not guessed: by the vocabulary, or as the user wishes */
    bool is_strict;  /* a field that is no such value rejects its row; else it widens the type */
};

/* Rows whose field holds the `size` <= 8 bytes of `word` are passed over, or, when it is_kept, all
 * other rows. */
struct header_filter {
    uint32_t field;
    uint32_t size;
    uint64_t word;
    uint64_t mask;
    bool is_kept;
};

/* Owns the names. Borrows the head of the file, and the tables. Zeroed: empty. */
struct header {
    struct record_form form;
    const struct dialect *dialect;
    uint64_t bytes;            /* the head's size: data begin behind it */
    struct bytes line;         /* which named the fields; empty when none did */
    uint64_t line_number;      /* of it, from 1 */
    struct bytes types;        /* of Zeek's logs: the line that tells the types; else empty */
    struct null_texts nulls;   /* beside the empty one */
    struct bytes *field_names; /* [form.field_count]; NUL behind each */
    struct header_column *columns;
    uint32_t column_count;
    struct header_filter *filters;
    uint32_t filter_count;
    char *names;
    uint32_t *cuts;
    struct json_names json; /* of RECORD_JSON */
};

/* How a user wants files to be read. Zeroed: by what they hold. */
struct header_wishes {
    const struct dialect *dialect; /* NULL: whichever fits */
    const struct column_wish *columns;
    uint32_t column_count;
    const struct json_news *news; /* what is known of the keys of JSON files; NULL: nothing */
    uint32_t file;                /* whose header it is, as the news count files */
};

/* Reads the head of a file whose bytes (behind a byte order mark) are `data`. A separator is a
 * comma, tab, semicolon or bar, the first of these that the first line has, or else blanks. Names
 * are trimmed; an empty one becomes column_N, N from 1. `wishes` may be NULL.
 *
 * Errors, STATUS_INPUT at `file` and the line that should name the fields, with it as excerpt: it
 * looks like data; no start time, source or target, with the column that may be meant; a name that
 * stands twice; too many columns; a bad quote; over LINE_BYTES_MAX. Wishes for names that the file
 * lacks count for nothing. */
enum status header_open(struct header *header, const char *file, struct bytes data,
                        const struct header_wishes *wishes, struct error *error);
void header_close(struct header *header);

/* The field of that name, or FIELD_NONE. */
uint32_t header_find_field(const struct header *header, struct bytes name);

/* What a line is that cannot be loaded as a row. */
enum line_kind {
    LINE_ROW,     /* a bad one */
    LINE_COMMENT, /* none, as a blank line is none */
    LINE_PASSED,  /* the header again, or a summary: passed over */
};
enum line_kind header_line_kind(const struct header *header, struct bytes line);

/* Whether a filter passes over a row with this in its field, of which eight bytes can be read. */
static inline bool header_filter_drops(const struct header_filter *filter, struct bytes field)
{
    uint64_t word;
    memcpy(&word, field.data, sizeof word);
    return (field.size == filter->size && (word & filter->mask) == filter->word) != filter->is_kept;
}

#endif
