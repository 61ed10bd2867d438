/* A hash table of groups; see engine/group_table.h. */
#include "engine/group_table.h"

#include <string.h>

#include "base/check.h"
#include "engine/operations.h"

enum { GROUPS_FIRST = 2 * EVALUATE_LANES, FETCH_GROUPS = 16 };

#define NULL_HASH UINT64_C(0x94d049bb133111eb)

bool group_table_open(struct group_table *table, struct arena *arena, uint32_t key_count,
                      const enum type *types, const bool *copies_text)
{
    *table = (struct group_table){
        .arena = arena, .key_count = key_count, .types = types, .copies_text = copies_text};
    table->keys = arena_allocate_zeroed(arena, key_count, sizeof *table->keys);
    table->nulls = arena_allocate_zeroed(arena, key_count, sizeof *table->nulls);
    scratch_init(&table->texts, arena);
    return table->keys != NULL && table->nulls != NULL;
}

uint64_t group_table_capacity(const struct group_table *table, uint32_t count)
{
    uint64_t capacity = table->capacity == 0 ? GROUPS_FIRST : table->capacity;
    while (capacity < (uint64_t)table->count + count) {
        capacity *= 2;
    }
    return capacity;
}

uint64_t group_table_needs(const struct group_table *table, uint32_t count)
{
    uint64_t capacity = group_table_capacity(table, count);
    if (capacity == table->capacity) {
        return 0;
    }
    uint64_t group_bytes =
        sizeof(uint64_t) * 3 + table->key_count * (sizeof(union lane) + sizeof(uint8_t));
    return capacity * group_bytes;
}

static void insert_slot(struct group_table *table, uint64_t hash, uint32_t group)
{
    uint64_t mask = table->slot_count - 1;
    uint64_t slot = hash & mask;
    while (table->slots[slot] != 0) {
        slot = (slot + 1) & mask;
    }
    table->slots[slot] = (hash >> 32) << 32 | (group + 1);
}

/* Slots lie anywhere: they are fetched ahead. */
static void insert_all(struct group_table *table)
{
    uint64_t mask = table->slot_count - 1;
    for (uint32_t group = 0; group < table->count; group++) {
        if (group + FETCH_GROUPS < table->count) {
            __builtin_prefetch(&table->slots[table->hashes[group + FETCH_GROUPS] & mask], 1);
        }
        insert_slot(table, table->hashes[group], group);
    }
}

bool group_table_reserve(struct group_table *table, uint32_t count)
{
    uint64_t capacity = group_table_capacity(table, count);
    if (capacity == table->capacity) {
        return true;
    }
    if (capacity >= UINT32_MAX) {
        return false;
    }
    for (uint32_t key = 0; key < table->key_count; key++) {
        union lane *keys = arena_resize(table->arena, table->keys[key], capacity, sizeof *keys);
        table->keys[key] = keys == NULL ? table->keys[key] : keys;
        uint8_t *nulls = arena_resize(table->arena, table->nulls[key], capacity, sizeof *nulls);
        table->nulls[key] = nulls == NULL ? table->nulls[key] : nulls;
        if (keys == NULL || nulls == NULL) {
            return false;
        }
    }
    uint64_t *hashes = arena_resize(table->arena, table->hashes, capacity, sizeof *hashes);
    table->hashes = hashes == NULL ? table->hashes : hashes;
    uint64_t *slots = arena_resize(table->arena, table->slots, 2 * capacity, sizeof *slots);
    table->slots = slots == NULL ? table->slots : slots;
    if (hashes == NULL || slots == NULL) {
        return false;
    }
    table->slot_count = 2 * capacity;
    table->capacity = (uint32_t)capacity;
    memset(slots, 0, table->slot_count * sizeof *slots);
    insert_all(table);
    return true;
}

void group_table_drop(struct group_table *table)
{
    for (uint32_t key = 0; key < table->key_count; key++) {
        arena_return(table->arena, table->keys[key]);
        arena_return(table->arena, table->nulls[key]);
        table->keys[key] = NULL;
        table->nulls[key] = NULL;
    }
    arena_return(table->arena, table->hashes);
    arena_return(table->arena, table->slots);
    table->hashes = NULL;
    table->slots = NULL;
    table->slot_count = 0;
    table->count = 0;
    table->capacity = 0;
    scratch_reset(&table->texts);
}

static void hash_integers(const struct lanes *lanes, uint32_t count, uint64_t *hashes)
{
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = hash_mix((uint64_t)lanes->values[i].integer + UINT64_C(0x9e3779b97f4a7c15));
    }
}

static void hash_key(const struct lanes *lanes, uint32_t count, uint64_t *hashes)
{
    bool is_integer = lanes->type != TYPE_FLOAT && lanes->type != TYPE_TEXT &&
                      lanes->type != TYPE_ADDRESS && lanes->type != TYPE_NULL;
    if (is_integer) {
        hash_integers(lanes, count, hashes);
    }
    for (uint32_t i = 0; i < count && (!is_integer || lanes->is_null != NULL); i++) {
        if (lanes->is_null != NULL && lanes->is_null[i] != 0) {
            hashes[i] = NULL_HASH;
        } else if (!is_integer) {
            hashes[i] = lane_hash(lanes->type, lanes->values[i]);
        }
    }
}

void group_table_hash_key(const struct lanes *key, uint32_t count, uint64_t *hashes)
{
    uint64_t own[EVALUATE_LANES];
    hash_key(key, count, own);
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = hash_mix(hashes[i] * UINT64_C(0x9e3779b97f4a7c15) + own[i]);
    }
}

static void hash_keys(const struct group_table *table, const struct lanes *keys, uint32_t count,
                      uint64_t *hashes)
{
    if (table->key_count == 0) {
        memset(hashes, 0, count * sizeof *hashes);
        return;
    }
    hash_key(&keys[0], count, hashes);
    for (uint32_t key = 1; key < table->key_count; key++) {
        group_table_hash_key(&keys[key], count, hashes);
    }
}

/* Equal bits are equal values; only some types have others that are. */
static inline bool key_same(enum type type, union lane left, union lane right)
{
    return left.integer == right.integer ||
           ((type == TYPE_TEXT || type == TYPE_ADDRESS || type == TYPE_FLOAT) &&
            lane_same(type, left, right));
}

static inline bool group_is(const struct group_table *table, uint32_t group,
                            const struct lanes *keys, uint32_t lane)
{
    for (uint32_t key = 0; key < table->key_count; key++) {
        uint8_t is_null = keys[key].is_null != NULL ? keys[key].is_null[lane] : 0;
        if (table->nulls[key][group] != is_null ||
            (!is_null &&
             !key_same(keys[key].type, table->keys[key][group], keys[key].values[lane]))) {
            return false;
        }
    }
    return true;
}

/* False when there is no memory for a text. */
static bool add_group(struct group_table *table, const struct lanes *keys, uint32_t lane,
                      uint64_t hash)
{
    uint32_t group = table->count;
    DCHECK(group < table->capacity);
    for (uint32_t key = 0; key < table->key_count; key++) {
        uint8_t is_null = keys[key].is_null != NULL ? keys[key].is_null[lane] : 0;
        union lane value = is_null ? (union lane){.integer = 0} : keys[key].values[lane];
        if (!is_null && table->copies_text != NULL && table->copies_text[key]) {
            value.text = scratch_join(&table->texts, text_view(value.text), bytes_of(""));
            if (value.text == NULL) {
                return false;
            }
        }
        table->keys[key][group] = value;
        table->nulls[key][group] = is_null;
    }
    table->hashes[group] = hash;
    table->count++;
    return true;
}

uint32_t group_table_find(struct group_table *table, const struct lanes *keys, uint32_t count,
                          uint32_t *groups)
{
    DCHECK(count <= EVALUATE_LANES);
    uint64_t hashes[EVALUATE_LANES];
    hash_keys(table, keys, count, hashes);
    uint64_t mask = table->slot_count - 1;
    for (uint32_t lane = 0; lane < count; lane++) {
        uint64_t hash = hashes[lane];
        uint64_t slot = hash & mask;
        uint64_t entry = table->slots[slot];
        while (entry != 0 &&
               (entry >> 32 != hash >> 32 || !group_is(table, (uint32_t)entry - 1, keys, lane))) {
            slot = (slot + 1) & mask;
            entry = table->slots[slot];
        }
        if (entry == 0) {
            uint32_t group = table->count;
            if (!add_group(table, keys, lane, hash)) {
                return lane;
            }
            entry = (hash >> 32) << 32 | (group + 1);
            table->slots[slot] = entry;
        }
        groups[lane] = (uint32_t)entry - 1;
    }
    return count;
}
