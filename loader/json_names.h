/* What keys the objects of a file have: the paths of all values in a sample of its lines, in the
 * order in which they first appear. */
#ifndef GYRE_LOADER_JSON_NAMES_H
#define GYRE_LOADER_JSON_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "graph/schema.h"
#include "loader/dialect.h"
#include "loader/json_keys.h"
#include "loader/json_record.h"

/* Some properties are left for what the vocabulary adds. */
enum { JSON_NAMES_MAX = SCHEMA_PROPERTIES_MAX - 64 };

struct json_name {
    char *path; /* NUL behind it */
    uint32_t size;
    bool is_text; /* a string, array or truth value was seen: "02" is no number */
};

/* Zeroed: empty. */
struct json_names {
    struct json_name *names; /* [count]; at most JSON_NAMES_MAX */
    uint32_t count;
    bool is_full;              /* there are more */
    bool has_unfit;            /* some can be no names: too long, too deep, or empty */
    bool is_sample;            /* not all lines were looked at */
    bool has_failed;           /* a name could not be kept for want of memory */
    struct json_keys keys;     /* of the names, in their order */
    struct json_value *values; /* of the line that is read */
};

void json_names_close(struct json_names *names);

/* Learns from all lines of `data` when that is small, else from those at its beginning and at
 * places all over it. Lines that are faulty, or that the filters (ended by a row of NULL; NULL:
 * none) pass over, teach nothing; but when they pass over all, the lines count as if there were no
 * filters, so that a file without flows is seen to be one. Nothing behind `data` has to be
 * readable. */
enum status json_names_learn(struct json_names *names, struct bytes data,
                             const struct dialect_filter *filters, struct error *error);

/* Adds a name, or what is said of it; an empty one is unfit. The keys have to be renewed then. */
enum status json_names_add(struct json_names *names, struct bytes path, bool is_text,
                           struct error *error);
enum status json_names_renew(struct json_names *names, struct error *error);

static inline struct bytes json_name_path(const struct json_name *name)
{
    return bytes_view(name->path, name->size);
}

#endif
