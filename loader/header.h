/* The header line of a file: names of its columns, and what is known of such names.
 *
 * All knowledge of dialects is here, as a table from names to roles, types and ways of reading; the
 * rest of the loader asks for nothing but those. */
#ifndef GYRE_LOADER_HEADER_H
#define GYRE_LOADER_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "graph/schema.h"

struct header_column {
    struct bytes name; /* NUL behind it */
    enum role role;
    enum type type; /* of a column that is not well known: the narrowest, TYPE_INTEGER */
    bool is_known;  /* the name is well known */
    bool is_strict; /* a field that is no such value rejects its row; else it widens the type */
    bool has_hexadecimal; /* integers may be written as 0x0303 */
};

/* Owns the names. Zeroed: empty. */
struct header {
    char separator;
    uint32_t column_count;
    struct header_column *columns;
    char *names;
};

/* Reads a header line (without line end). The separator is a comma, or a tab when the line has tabs
 * and no commas. Names are trimmed; an empty one becomes column_N, N from 1.
 *
 * Errors, STATUS_INPUT at `file`:1 with the line as excerpt: a line that looks like data, a missing
 * start time, source or target, a name that stands twice, too many columns, a bad quote. */
enum status header_open(struct header *header, const char *file, struct bytes line,
                        struct error *error);
void header_close(struct header *header);

#endif
