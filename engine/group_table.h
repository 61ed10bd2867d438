/* A hash table from keys (one or more lanes) to group numbers 0, 1, ... in order of arrival; the
 * keys lie in columns by group, which grow by page tables, and are found by base/hash_slots.h, so
 * that growing takes a millisecond however many there are. One worker's own; memory from one arena.
 *
 * Null equals null, NaN itself, -0.0 0.0; texts and addresses are equal by value. */
#ifndef GYRE_ENGINE_GROUP_TABLE_H
#define GYRE_ENGINE_GROUP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_slots.h"
#include "engine/evaluate.h"
#include "engine/scratch.h"

/* Zeroed: empty, to be opened. */
struct group_table {
    struct arena *arena;
    uint32_t key_count;
    const enum type *types;  /* [key_count]: as what keys are told apart */
    const bool *copies_text; /* [key_count]: texts of this key do not last; NULL: all do */
    uint32_t count;          /* groups */
    uint32_t capacity;
    union lane **keys; /* [key][group] */
    uint8_t **nulls;   /* [key][group]: 0 or 1 */
    uint64_t *hashes;  /* [group] */
    struct hash_slots slots;
    struct scratch texts;
};

/* `types` and `copies_text` are borrowed. False when memory runs out. */
bool group_table_open(struct group_table *table, struct arena *arena, uint32_t key_count,
                      const enum type *types, const bool *copies_text);

/* Groups that there would be room for after group_table_reserve. */
uint64_t group_table_capacity(const struct group_table *table, uint32_t count);

/* Bytes that group_table_reserve would take for `count` more groups, with those that they replace;
 * 0 when there is room. */
uint64_t group_table_needs(const struct group_table *table, uint32_t count);

/* Bytes of the table with room for `count` more groups. */
uint64_t group_table_bytes(const struct group_table *table, uint32_t count);

/* Makes room for `count` more groups, at most EVALUATE_LANES. False when memory runs out, or for
 * more than HASH_NUMBERS_MAX groups; the table stands. */
bool group_table_reserve(struct group_table *table, uint32_t count);

/* Gives all groups back, with their memory; the table is open as it was at first. Texts are gone,
 * but for what keeps their room for the next ones. */
void group_table_drop(struct group_table *table);

/* Makes hashes of keys out of those of the keys before, by the type of the next one. */
void group_table_hash_key(enum type type, const struct lanes *lanes, uint32_t count,
                          uint64_t *hashes);

/* Lanes that come in runs, in which no key is equal to one of the run before. */
struct lane_runs {
    uint32_t count;
    uint16_t begins[EVALUATE_LANES]; /* [count] ascending: lanes; those before go on with a run */
};

/* Writes the group of each of `count` lanes (at most EVALUATE_LANES, for which there must be room),
 * adding those that are new. Where lanes come in runs (NULL: they do not), only the groups of a run
 * are looked through, which may be found again in another one: then a key has two groups. Returns
 * how many lanes it got to: fewer only when memory for a text runs out. */
uint32_t group_table_find(struct group_table *table, const struct lanes *keys,
                          const struct lane_runs *runs, uint32_t count, uint32_t *groups);

/* The same by hashes that are known, which must be equal for equal keys. */
uint32_t group_table_find_hashed(struct group_table *table, const struct lanes *keys,
                                 const uint64_t *hashes, const struct lane_runs *runs,
                                 uint32_t count, uint32_t *groups);

/* Whether groups of two tables with keys of the same types have the same keys. */
bool group_table_same(const struct group_table *left, uint32_t left_group,
                      const struct group_table *right, uint32_t right_group);

#endif
