/* Inside engine/order.c: keys as numbers in whose order their values are. */
#ifndef GYRE_ENGINE_ORDER_DIGIT_H
#define GYRE_ENGINE_ORDER_DIGIT_H

#include <math.h>
#include <string.h>

#include "engine/order.h"

enum { ORDER_FETCH_ROWS = 16 };

static inline union lane order_key_value(const struct order_key *key, uint64_t row)
{
    if (key->rows == NULL) {
        return key->values[row];
    }
    union lane lane;
    lane.integer = key->type == TYPE_EDGE ? (int64_t)rows_edge(key->rows, row, key->variable)
                                          : (int64_t)rows_vertex(key->rows, row, key->variable);
    return lane;
}

static inline bool order_key_is_null(const struct order_key *key, uint64_t row)
{
    return key->nulls != NULL && key->nulls[row] != 0;
}

/* Whether a lane is where its value lies. */
static inline bool order_key_is_apart(const struct order_key *key)
{
    return key->type == TYPE_ADDRESS || key->type == TYPE_TEXT;
}

/* Asks for what the number of a row some places on is read from: rows lie anywhere. Where it is
 * called, the compiler drops it, since it returns nothing and changes nothing. */
__attribute__((always_inline)) static inline void order_fetch_ahead(const struct order_key *key,
                                                                    const struct radix_pair *pairs,
                                                                    uint64_t count, uint64_t i)
{
    if (order_key_is_apart(key) && i + ORDER_FETCH_ROWS < count) {
        union lane value = order_key_value(key, pairs[i + ORDER_FETCH_ROWS].value);
        __builtin_prefetch(key->type == TYPE_ADDRESS ? (const void *)value.address : value.text);
    }
}

static inline uint64_t order_integer_digit(int64_t value)
{
    return (uint64_t)value ^ UINT64_C(1) << 63;
}

/* Negative numbers turn all bits round, others the sign. */
static inline uint64_t order_real_digit(double value)
{
    if (isnan(value)) {
        return UINT64_MAX;
    }
    value = value == 0 ? 0.0 : value;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

/* How many digits of 64 bits a key has at most. */
uint32_t order_digit_count(enum type type);

/* One of them: of equal first ones the second tells, and so on, as far as digits do. */
uint64_t order_digit(const struct graph *graph, enum type type, union lane value, uint32_t digit);

/* The texts of 0 to 255, each with the dot that follows it, in order: as the first four characters
 * of a text are in address_text_digit, and how far what follows the dot is to be shifted out. */
struct order_octets {
    uint8_t place[256]; /* by number */
    uint16_t dotted[256];
    uint8_t shift[256];
};

void order_octets_fill(struct order_octets *octets);

/* One number for a whole address, even for IPv4: these are as their texts are ordered, or as
 * vertices are. Several others may have the same odd one. */
enum { ORDER_ADDRESS_BITS = 34 };
uint64_t order_address_code(const struct vertex_frame *frame, const struct order_octets *octets,
                            const struct address *address);
uint64_t order_vertex_code(struct address address);

#endif
