/* Fields of one column, read in a run of rows, into wide scratch.
 *
 * Columns are read one after the other over the rows of a block, which lies in the cache, so that
 * each loop does one thing and its branches are guessed right. Values come out 8 bytes wide (codes
 * 4) and are narrowed when their chunk is done (loader/narrow.h). */
#ifndef GYRE_LOADER_FIELD_H
#define GYRE_LOADER_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/time_text.h"
#include "loader/coder.h"
#include "loader/reading.h"

/* A row that was cut into fields: field k is base[ends[k - 1] + 1 .. ends[k]), in 32 bits that
 * wrap. At least FIELD_PADDING bytes can be read on either side of each field. */
struct row {
    const char *base;
    const uint32_t *ends;
    uint32_t line; /* of its block */
    bool has_news; /* as json_record_cut */
};

struct field_run {
    const struct row *rows;
    uint32_t count;
    uint32_t column;    /* of the file */
    uint32_t first_row; /* of the batch: row 0 of the run */
    bool is_last;       /* the last column of its line: a carriage return ends it too */
    bool is_guessed;    /* the type is: numbers have to be plain (number_is_plain) */
    enum reading reading;
    struct null_texts nulls; /* beside the empty field */
};

/* A column's values over the rows of a chunk. What null rows hold is not said. */
struct wide {
    void *values;    /* int64_t; double when is_double; uint32_t for codes */
    uint32_t *nulls; /* rows that are null, ascending */
    uint32_t null_count;
    uint32_t scale; /* of floats that are decimals: value = integer / 10^scale */
    bool is_double;
};

static inline struct bytes field_at(const struct row *row, uint32_t column, bool is_last)
{
    uint32_t begin = row->ends[(int64_t)column - 1] + 1;
    uint32_t end = row->ends[column];
    if (is_last) {
        end -= end != begin && row->base[end - 1] == '\r';
    }
    return bytes_view(row->base + begin, end - begin);
}

/* Each of these reads the run's fields to wide->values[run->first_row ..] and adds what is null,
 * and returns how many fields are no such value; their indexes in the run, ascending, are in
 * failed[] (room for run->count). Blanks around a value are passed over. Floats come as they stand,
 * whatever the run's reading. */
uint32_t field_read_integers(const struct field_run *run, struct wide *wide, uint32_t *failed);
uint32_t field_read_floats(const struct field_run *run, struct wide *wide, uint32_t *failed);
uint32_t field_read_times(const struct field_run *run, struct wide *wide, struct time_cache *cache,
                          uint32_t *failed);

/* Lists the fields that are null. */
uint32_t field_find_nulls(const struct field_run *run, uint32_t *failed);

/* Codes; false without memory. */
bool field_read_texts(const struct field_run *run, struct wide *wide, struct text_coder *coder);

/* Codes of addresses, none of them empty. An address was first seen at `stamp` + 2 * the batch's
 * row. Source and target are read one after the other, so what is new in these rows may get a later
 * stamp than it deserves: codes from `known_count` on, which is how many there were before either,
 * are looked after. False without memory. */
bool field_read_addresses(const struct field_run *run, uint32_t *codes, struct address_coder *coder,
                          uint64_t stamp, uint32_t known_count);

#endif
