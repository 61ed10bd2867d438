/* The one vocabulary: the names, units and types by which hunts know the properties of flows,
 * whatever format they came in. They are Argus's names, as CTU-13 uses them. */
#ifndef GYRE_LOADER_VOCABULARY_H
#define GYRE_LOADER_VOCABULARY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "graph/schema.h"

struct vocabulary_word {
    const char *name;
    enum role role;
    enum type type;
    bool is_strict; /* a field that is no such value rejects its row; else it widens the column */
};

/* NULL: it is no word of the vocabulary. */
const struct vocabulary_word *vocabulary_find(struct bytes name);

/* The word for the one property that has a role other than ROLE_ATTRIBUTE. */
const struct vocabulary_word *vocabulary_of_role(enum role role);

enum derivation_kind {
    DERIVE_SUM,        /* of integers */
    DERIVE_DIFFERENCE, /* of times, in seconds */
};

/* What two properties of a row say together, where its file has no field that says it. Null where
 * either is. */
struct derivation {
    const char *name;
    enum derivation_kind kind;
    const char *operands[2];
};

/* Ends with a row whose name is NULL. */
extern const struct derivation vocabulary_derivations[];

#endif
