/* What tells one filter of flows from another, as bytes: filters of one graph with the same key
 * pass the same flows, whichever query they are from. */
#ifndef GYRE_ENGINE_FILTER_KEY_H
#define GYRE_ENGINE_FILTER_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "numa/arena.h"
#include "query/expression.h"

struct filter_key {
    struct arena *arena;
    uint8_t *bytes;
    uint32_t length;
    uint32_t capacity;
    bool is_whole; /* false: memory ran out */
};

struct filter_key filter_key_begin(struct arena *arena);
void filter_key_put(struct filter_key *key, const void *bytes, uint32_t length);

/* Of an expression that reads one pattern edge, whichever, and no vertex. Literals are put by their
 * bits, text or address. */
void filter_key_put_expression(struct filter_key *key, const struct expression *expression);

bool filter_key_equal(const struct filter_key *left, const struct filter_key *right);

#endif
