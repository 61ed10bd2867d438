/* Inside engine/order.c: several keys as one digit of 64 bits.
 *
 * Of each key as many bits as its values need. Rows are then sorted by all of these keys at once:
 * the values are read in the order in which rows were found, where to look at the second key of
 * rows that were sorted by the first is to read from all over the memory; and workers can share
 * what is sorted although the first key has few values. */
#ifndef GYRE_ENGINE_ORDER_PACK_H
#define GYRE_ENGINE_ORDER_PACK_H

#include "engine/order_digit.h"

enum { ORDER_PARTS_MAX = 4, ORDER_TEXTS_MAX = 512, ORDER_TEXT_SLOTS = 4 * ORDER_TEXTS_MAX };

/* The different texts of a key, as far as they lie apart. */
struct order_texts {
    uint32_t count;
    bool has_more; /* than fit */
    const struct text *texts[ORDER_TEXT_SLOTS];
    uint16_t places[ORDER_TEXT_SLOTS]; /* of each among all in order */
};

/* What the codes of a key are in the rows that a worker looked at. */
struct order_survey {
    struct order_texts *texts; /* NULL: the key is no text */
    uint64_t least;
    uint64_t greatest;
    uint64_t first;
    uint64_t differing; /* bits that are not as in the first */
    bool has_values;
    bool has_nulls;
};

/* A key's place in the digit. */
struct order_part {
    uint64_t least;
    uint64_t greatest; /* that a code, less the least one and shifted, or null's code is */
    uint32_t low;      /* bits that are the same in all codes, and left out */
    uint32_t cut;      /* bits that did not fit; 0 but for the last part */
    uint32_t bits;     /* that it takes */
};

struct order_pack {
    const struct graph *graph;
    const struct order_key *keys;
    uint32_t candidate_count;     /* of these, from the first on, that may be packed */
    uint32_t part_count;          /* that are */
    struct order_survey *surveys; /* [worker][candidate] */
    struct order_part parts[ORDER_PARTS_MAX];
    struct order_octets octets;
};

/* Looks at a few rows for what keys are worth packing, in order. NULL: not two, or there is no
 * memory, without which rows are sorted by one key after the other. */
struct order_pack *order_pack_open(const struct graph *graph, const struct order_key *keys,
                                   uint32_t key_count, const struct radix_pair *pairs,
                                   uint64_t count, uint32_t worker_count, struct arena *arena);

/* A worker looks at its share of the rows. */
void order_pack_survey(struct order_pack *pack, uint32_t worker, const struct radix_pair *pairs,
                       uint64_t count, const struct stop_patience *patience);

/* Divides the digit, by one worker, after all have looked. False: no two keys fit, not even in
 * part. */
bool order_pack_divide(struct order_pack *pack, uint32_t worker_count);

/* Sets the digits of pairs. */
void order_pack_fill(const struct order_pack *pack, struct radix_pair *pairs, uint64_t count,
                     const struct stop_patience *patience);

/* By which key rows with the same digit as this one are to be sorted further. */
uint32_t order_pack_next(const struct order_pack *pack, uint64_t row);

#endif
