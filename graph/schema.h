/* What a frame of flows looks like: names and types of its properties, in the input's order. */
#ifndef GYRE_GRAPH_SCHEMA_H
#define GYRE_GRAPH_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

enum type {
    TYPE_NULL, /* of a literal null; no column has it */
    TYPE_BOOL,
    TYPE_INTEGER,
    TYPE_FLOAT,
    TYPE_TEXT,
    TYPE_ADDRESS,  /* seen by users as text */
    TYPE_TIME,     /* ns UTC */
    TYPE_DURATION, /* ns */
    TYPE_VERTEX,   /* expressions only */
    TYPE_EDGE,     /* expressions only */
};

/* "integer", "text", ... */
const char *type_name(enum type type);

/* What a property is for. Source and target are not stored: they are read from the adjacency. */
enum role { ROLE_ATTRIBUTE, ROLE_START_TIME, ROLE_SOURCE, ROLE_TARGET };

enum { SCHEMA_PROPERTIES_MAX = 1024, PROPERTY_NONE = -1 };

struct property {
    char *name; /* NUL-terminated, as in the header */
    enum type type;
    enum role role;
};

/* Another name of a property. */
struct schema_alias {
    char *name; /* NUL-terminated */
    uint32_t property;
};

/* Owns the names. Zeroed: empty. */
struct schema {
    struct property *properties;
    uint32_t property_count;
    struct schema_alias *aliases;
    uint32_t alias_count;
};

enum status schema_add(struct schema *schema, struct bytes name, enum type type, enum role role,
                       struct error *error);

/* Another name for a property that is there: as a rule the one that its source has for it. */
enum status schema_add_alias(struct schema *schema, struct bytes name, uint32_t property,
                             struct error *error);
void schema_close(struct schema *schema);

/* The index of the property of exactly that name (names are case-sensitive), or, when there is
 * none, of that alias, or PROPERTY_NONE. */
int schema_find(const struct schema *schema, struct bytes name);
int schema_find_role(const struct schema *schema, enum role role);

#endif
