/* A hash table of groups; see engine/group_table.h. */
#include "engine/group_table.h"

#include <string.h>

#include "base/check.h"
#include "engine/operations.h"

enum {
    GROUPS_FIRST = 2 * EVALUATE_LANES,
    SLOTS_FIRST = 2 * GROUPS_FIRST, /* four batches: hash_slots_reserve makes room for one */
    FETCH_SLOTS = 32,
    FETCH_GROUPS = 16,
};

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

static uint64_t group_bytes(const struct group_table *table)
{
    return sizeof *table->hashes + table->key_count * (sizeof(union lane) + sizeof(uint8_t));
}

uint64_t group_table_needs(const struct group_table *table, uint32_t count)
{
    uint64_t capacity = group_table_capacity(table, count);
    return (capacity == table->capacity ? 0 : capacity * group_bytes(table)) +
           hash_slots_needs(&table->slots, SLOTS_FIRST);
}

uint64_t group_table_bytes(const struct group_table *table, uint32_t count)
{
    return group_table_capacity(table, count) * group_bytes(table) +
           hash_slots_bytes(&table->slots) + hash_slots_needs(&table->slots, SLOTS_FIRST) / 2;
}

static void *allocate_slots(void *arena, size_t count, size_t size)
{
    return arena_allocate_zeroed(arena, count, size);
}

static void return_slots(void *arena, void *slots)
{
    arena_return(arena, slots);
}

static bool reserve_columns(struct group_table *table, uint64_t capacity)
{
    if (capacity > HASH_NUMBERS_MAX) {
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
    if (hashes == NULL) {
        return false;
    }
    table->hashes = hashes;
    table->capacity = (uint32_t)capacity;
    return true;
}

bool group_table_reserve(struct group_table *table, uint32_t count)
{
    DCHECK(count <= EVALUATE_LANES);
    struct hash_memory memory = {allocate_slots, return_slots, table->arena};
    uint64_t capacity = group_table_capacity(table, count);
    return (capacity == table->capacity || reserve_columns(table, capacity)) &&
           hash_slots_reserve(&table->slots, SLOTS_FIRST, &memory);
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
    table->hashes = NULL;
    struct hash_memory memory = {allocate_slots, return_slots, table->arena};
    hash_slots_drop(&table->slots, &memory);
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

static void hash_key(enum type type, const struct lanes *lanes, uint32_t count, uint64_t *hashes)
{
    bool is_integer =
        type != TYPE_FLOAT && type != TYPE_TEXT && type != TYPE_ADDRESS && type != TYPE_NULL;
    if (is_integer) {
        hash_integers(lanes, count, hashes);
    }
    for (uint32_t i = 0; i < count && (!is_integer || lanes->is_null != NULL); i++) {
        if (type == TYPE_ADDRESS && i + FETCH_GROUPS < count) {
            __builtin_prefetch(lanes->values[i + FETCH_GROUPS].address);
        }
        if (lanes->is_null != NULL && lanes->is_null[i] != 0) {
            hashes[i] = NULL_HASH;
        } else if (!is_integer) {
            bool repeats = i > 0 && lanes->values[i].integer == lanes->values[i - 1].integer &&
                           (lanes->is_null == NULL || lanes->is_null[i - 1] == 0);
            hashes[i] = repeats ? hashes[i - 1] : lane_hash(type, lanes->values[i]);
        }
    }
}

void group_table_hash_key(enum type type, const struct lanes *lanes, uint32_t count,
                          uint64_t *hashes)
{
    uint64_t own[EVALUATE_LANES];
    hash_key(type, lanes, count, own);
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
    hash_key(table->types[0], &keys[0], count, hashes);
    for (uint32_t key = 1; key < table->key_count; key++) {
        group_table_hash_key(table->types[key], &keys[key], count, hashes);
    }
}

/* Equal bits are equal values; only some types have others that are. */
static inline bool key_same(enum type type, union lane left, union lane right)
{
    return left.integer == right.integer ||
           ((type == TYPE_TEXT || type == TYPE_ADDRESS || type == TYPE_FLOAT) &&
            lane_same(type, left, right));
}

/* Whether a lane has the bits of the one before, as flows of one link have when it is grouped by
 * their ends. */
static inline bool lane_repeats(const struct group_table *table, const struct lanes *keys,
                                uint32_t lane)
{
    for (uint32_t key = 0; key < table->key_count; key++) {
        const uint8_t *is_null = keys[key].is_null;
        if (keys[key].values[lane].integer != keys[key].values[lane - 1].integer ||
            (is_null != NULL && is_null[lane] != is_null[lane - 1])) {
            return false;
        }
    }
    return true;
}

static inline bool group_is(const struct group_table *table, uint32_t group,
                            const struct lanes *keys, uint32_t lane)
{
    for (uint32_t key = 0; key < table->key_count; key++) {
        uint8_t is_null = keys[key].is_null != NULL ? keys[key].is_null[lane] : 0;
        if (table->nulls[key][group] != is_null ||
            (!is_null &&
             !key_same(table->types[key], table->keys[key][group], keys[key].values[lane]))) {
            return false;
        }
    }
    return true;
}

/* False when there is no memory for a text. */
static bool add_group(struct group_table *table, const struct hash_probe *probe,
                      const struct lanes *keys, uint32_t lane, uint64_t hash)
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
    hash_slots_put(&table->slots, probe, group);
    table->count++;
    return true;
}

/* Fetches what looking for `hash` will read: its slot, and once that has come, the group there. */
static inline void fetch_slot(const struct hash_slots *slots, uint64_t hash)
{
    struct hash_probe probe = hash_slots_probe(slots, hash);
    __builtin_prefetch(&probe.segment->slots[probe.at], 1);
}

static inline void fetch_group(const struct group_table *table, const struct hash_slots *slots,
                               uint64_t hash)
{
    struct hash_probe probe = hash_slots_probe(slots, hash);
    uint64_t slot = hash_probe_slot(&probe);
    for (uint32_t key = 0; hash_probe_fits(&probe, slot) && key < table->key_count; key++) {
        __builtin_prefetch(&table->keys[key][hash_slot_number(slot)]);
        __builtin_prefetch(&table->nulls[key][hash_slot_number(slot)]);
    }
}

/* Lanes begin..end-1. `slots` are the table's as they are throughout, of which the compiler knows
 * that nothing changes them. */
__attribute__((always_inline)) static inline uint32_t find(struct group_table *table,
                                                           struct hash_slots slots,
                                                           const struct lanes *keys, uint32_t begin,
                                                           uint32_t end, const uint64_t *hashes,
                                                           bool fetches, uint32_t *groups)
{
    for (uint32_t lane = begin; lane < end; lane++) {
        if (fetches && lane + FETCH_SLOTS < end) {
            fetch_slot(&slots, hashes[lane + FETCH_SLOTS]);
        }
        if (fetches && lane + FETCH_GROUPS < end) {
            fetch_group(table, &slots, hashes[lane + FETCH_GROUPS]);
        }
        if (lane > begin && hashes[lane] == hashes[lane - 1] && lane_repeats(table, keys, lane)) {
            groups[lane] = groups[lane - 1];
            continue;
        }
        struct hash_probe probe = hash_slots_probe(&slots, hashes[lane]);
        uint64_t slot = hash_probe_slot(&probe);
        while (slot != 0 && !(hash_probe_fits(&probe, slot) &&
                              group_is(table, hash_slot_number(slot), keys, lane))) {
            slot = hash_probe_next(&probe);
        }
        if (UNLIKELY(slot == 0) && !add_group(table, &probe, keys, lane, hashes[lane])) {
            return lane;
        }
        groups[lane] = slot == 0 ? table->count - 1 : hash_slot_number(slot);
    }
    return end;
}

static uint32_t find_run(struct group_table *table, const struct lanes *keys, uint32_t begin,
                         uint32_t end, const uint64_t *hashes, uint32_t *groups)
{
    if (table->slots.directory_mask > 0) {
        return find(table, table->slots, keys, begin, end, hashes, true, groups);
    }
    struct hash_segment only = *table->slots.directory;
    struct hash_slots slots = {.directory = &only, .first = table->slots.first};
    return find(table, slots, keys, begin, end, hashes, false, groups);
}

uint32_t group_table_find_hashed(struct group_table *table, const struct lanes *keys,
                                 const uint64_t *hashes, const struct lane_runs *runs,
                                 uint32_t count, uint32_t *groups)
{
    DCHECK(count <= EVALUATE_LANES);
    struct hash_memory memory = {allocate_slots, return_slots, table->arena};
    uint32_t run_count = runs == NULL ? 0 : runs->count;
    uint32_t end = run_count == 0 ? count : runs->begins[0];
    uint32_t found = find_run(table, keys, 0, end, hashes, groups);
    for (uint32_t run = 0; run < run_count && found == end; run++) {
        uint32_t begin = end;
        end = run + 1 < run_count ? runs->begins[run + 1] : count;
        hash_slots_forget(&table->slots, table->count, SLOTS_FIRST, &memory);
        found = find_run(table, keys, begin, end, hashes, groups);
    }
    return found;
}

uint32_t group_table_find(struct group_table *table, const struct lanes *keys,
                          const struct lane_runs *runs, uint32_t count, uint32_t *groups)
{
    uint64_t hashes[EVALUATE_LANES];
    hash_keys(table, keys, count, hashes);
    return group_table_find_hashed(table, keys, hashes, runs, count, groups);
}

bool group_table_same(const struct group_table *left, uint32_t left_group,
                      const struct group_table *right, uint32_t right_group)
{
    for (uint32_t key = 0; key < left->key_count; key++) {
        uint8_t is_null = left->nulls[key][left_group];
        if (right->nulls[key][right_group] != is_null ||
            (!is_null && !key_same(left->types[key], left->keys[key][left_group],
                                   right->keys[key][right_group]))) {
            return false;
        }
    }
    return true;
}
