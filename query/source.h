/* The text of a query, and errors that point into it. */
#ifndef GYRE_QUERY_SOURCE_H
#define GYRE_QUERY_SOURCE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

/* Borrows everything. `error` is never NULL here. */
struct source {
    struct bytes text;
    const char *name; /* what errors call it: "query", a file's name */
    struct error *error;
};

/* A piece of the text, in bytes from its start. */
struct source_span {
    uint32_t begin;
    uint32_t end;
};

/* STATUS_USAGE at a byte of the text, with line, column and the line itself. The text after the
 * end, and line breaks, may be pointed at. */
enum status source_error(const struct source *source, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* No memory. */
enum status source_error_memory(const struct source *source);

struct bytes source_text(const struct source *source, struct source_span span);

enum { SOURCE_SHOWN_BYTES = 60 };

/* How much of a piece of the query a message repeats, for "%.*s". */
static inline int source_shown(struct bytes text)
{
    return text.size < SOURCE_SHOWN_BYTES ? (int)text.size : SOURCE_SHOWN_BYTES;
}

#endif
