/* Writing groups in parts by their hash; see engine/group_run.h. */
#include "engine/group_run.h"

#include <string.h>

enum { PART_BITS = 6 };
_Static_assert(1 << PART_BITS == GROUP_PARTS && PART_BITS * GROUP_LEVELS <= 64, "bits of a hash");

static void scatter_block(struct group_run *run, const struct group_entries *entries,
                          uint32_t begin, uint32_t count, const uint32_t *places);

struct group_run *group_run_open(struct spill_area *area, uint32_t count, uint32_t key_count,
                                 uint32_t state_count)
{
    struct group_run *run = spill_allocate(area, 1, sizeof *run);
    if (run == NULL) {
        return NULL;
    }
    run->count = count;
    run->keys = spill_allocate(area, key_count, sizeof *run->keys);
    run->nulls = spill_allocate(area, key_count, sizeof *run->nulls);
    run->states = spill_allocate(area, state_count, sizeof *run->states);
    bool has_room = run->keys != NULL && run->nulls != NULL && run->states != NULL;
    for (uint32_t key = 0; has_room && key < key_count; key++) {
        run->keys[key] = spill_allocate(area, count, sizeof **run->keys);
        run->nulls[key] = spill_allocate(area, count, sizeof **run->nulls);
        has_room = run->keys[key] != NULL && run->nulls[key] != NULL;
    }
    for (uint32_t at = 0; has_room && at < state_count; at++) {
        run->states[at] = spill_allocate(area, count, sizeof **run->states);
        has_room = run->states[at] != NULL;
    }
    return has_room ? run : NULL;
}

static inline uint32_t part_of(uint64_t hash, uint32_t level)
{
    return (uint32_t)(hash >> (64 - PART_BITS * (level + 1))) & (GROUP_PARTS - 1);
}

/* The parts of `count` entries from `begin` on, at most EVALUATE_LANES. */
static void find_parts(const struct group_entries *entries, uint32_t level, uint32_t begin,
                       uint32_t count, uint8_t *parts)
{
    const struct group_table *table = entries->set != NULL ? entries->set : entries->table;
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = (uint8_t)part_of(table->hashes[begin + i], level);
    }
}

static uint32_t block_count(uint32_t begin, uint32_t count)
{
    return count - begin < EVALUATE_LANES ? count - begin : EVALUATE_LANES;
}

/* Counts first, so that all room is there before anything is written. */
struct group_run *group_run_write(struct spill_area *area, const struct group_entries *entries,
                                  uint32_t level, const struct stop_patience *patience)
{
    uint32_t count = entries->set != NULL ? entries->set->count : entries->table->count;
    struct group_run *run = group_run_open(
        area, count, entries->table->key_count + (entries->set != NULL), entries->column_count);
    if (run == NULL) {
        return NULL;
    }
    uint8_t parts[EVALUATE_LANES];
    for (uint32_t begin = 0; begin < count; begin += EVALUATE_LANES) {
        uint32_t block = block_count(begin, count);
        find_parts(entries, level, begin, block, parts);
        for (uint32_t i = 0; i < block; i++) {
            run->begins[parts[i] + 1]++;
        }
        if (stop_patience_is_over(patience)) {
            return NULL;
        }
    }
    uint32_t next[GROUP_PARTS];
    for (uint32_t part = 0; part < GROUP_PARTS; part++) {
        next[part] = run->begins[part];
        run->begins[part + 1] += run->begins[part];
    }
    for (uint32_t begin = 0; begin < count; begin += EVALUATE_LANES) {
        uint32_t places[EVALUATE_LANES];
        uint32_t block = block_count(begin, count);
        find_parts(entries, level, begin, block, parts);
        for (uint32_t i = 0; i < block; i++) {
            places[i] = next[parts[i]]++;
        }
        scatter_block(run, entries, begin, block, places);
        if (stop_patience_is_over(patience)) {
            return NULL;
        }
    }
    return run;
}

static void scatter_block(struct group_run *run, const struct group_entries *entries,
                          uint32_t begin, uint32_t count, const uint32_t *places)
{
    const struct group_table *table = entries->table;
    const struct group_table *set = entries->set;
    for (uint32_t key = 0; key < table->key_count; key++) {
        for (uint32_t i = 0; i < count; i++) {
            uint64_t group = set == NULL ? begin + i : (uint64_t)set->keys[0][begin + i].integer;
            run->keys[key][places[i]] = table->keys[key][group];
            run->nulls[key][places[i]] = table->nulls[key][group];
        }
    }
    for (uint32_t i = 0; set != NULL && i < count; i++) {
        run->keys[table->key_count][places[i]] = set->keys[1][begin + i];
        run->nulls[table->key_count][places[i]] = set->nulls[1][begin + i];
    }
    for (uint32_t at = 0; at < entries->column_count; at++) {
        const struct aggregate_state *states = entries->columns[at].states + begin;
        for (uint32_t i = 0; i < count; i++) {
            run->states[at][places[i]] = states[i];
        }
    }
}
