/* What a user says of a column: --column NAME=ROLE[:TYPE[:FORMAT]], or a line of a schema file.
 *
 *     ROLE     time, source, target: the three that a flow needs
 *              a word of the vocabulary, as TotBytes: what the column stands for
 *              attribute: only itself
 *     TYPE     integer, float, text, time; the role's own type where it has one, or, of those that
 *              may be something else, as ports may be names, text or float
 *     FORMAT   of times: text, s, ms, us, ns (since 1970), time-of-day, day-first, month-first
 *              of floats: s, ms, us, ns (made seconds); of integers: hex (also as 0x0303), whole
 *              (also as 96.0), port (also as 8.0: an ICMP type and code, 256 * 8 + 0); of texts:
 *              protocol (6 and TCP are tcp)
 *
 * A type that is given is kept: rows whose field is no such value are rejected. */
#ifndef GYRE_LOADER_COLUMN_WISH_H
#define GYRE_LOADER_COLUMN_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "graph/schema.h"
#include "loader/dialect.h"

struct column_wish {
    struct bytes name;      /* of the source; borrowed */
    struct bytes canonical; /* of the vocabulary, static; empty: its own name */
    enum role role;
    enum type type; /* TYPE_NULL: to be learnt */
    bool is_fixed;  /* the type was given */
    enum reading reading;
};

/* STATUS_USAGE with what is wrong with `text`, which must outlive the wish. */
enum status column_wish_parse(struct column_wish *wish, struct bytes text, struct error *error);

/* All wishes of a command line and of a schema file. Zeroed: none. */
struct column_wishes {
    struct column_wish *wishes;
    uint32_t count;
    char *text; /* of the file */
};

/* `texts`, and then the lines of the file at `path` (NULL: none) for other names; blank lines and
 * lines that begin with # are passed over. A name may have several wishes: one field stands for
 * several properties then. Errors have the file's line. */
enum status column_wishes_open(struct column_wishes *wishes, const char *const *texts,
                               uint32_t text_count, const char *path, struct error *error);
void column_wishes_close(struct column_wishes *wishes);

/* What a wish says for that reading of that type: "" where nothing need be said, and NULL where no
 * wish asks for it. */
const char *column_wish_format(enum type type, enum reading reading);

#endif
