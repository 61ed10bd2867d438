/* The values of DISTINCT aggregates, of groups that several workers found; see
 * engine/finish_groups.h. First the values of groups that were joined are looked at: a worker has
 * those of a share of the hashes, of whichever groups, and marks what comes again. Then each folds
 * what is left for the groups of its share. */
#include "engine/finish_groups.h"
#include "engine/operations.h"

enum { REPEATED = -1 }; /* in place of a value's group */

/* A value that came first. */
struct first_value {
    uint32_t source;
    uint32_t entry;
};

/* Those of one aggregate that a worker has met. */
struct first_values {
    struct hash_slots slots;
    struct first_value *values; /* [count] */
    uint32_t count;
    uint32_t capacity;
};

static void mark_repeated(const struct worker *worker, void *context);
static void fold_share(const struct worker *worker, void *context);

static uint32_t block_end(uint32_t begin, uint32_t count)
{
    return count - begin < EVALUATE_LANES ? count : begin + EVALUATE_LANES;
}

static bool has_sets(const struct sink *sink)
{
    bool has = false;
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        has = has || sink->aggregates[at].aggregate.is_distinct;
    }
    return has;
}

enum status merge_sets(struct merge *merge)
{
    if (!has_sets(merge->finish->sink)) {
        return STATUS_OK;
    }
    TRY(merge_run(merge, mark_repeated));
    return merge_run(merge, fold_share);
}

/* Where the group of a value was merged to. */
static inline struct merged_place place_of(const struct merge *merge, uint32_t at, uint32_t source,
                                           uint32_t entry)
{
    return merge->places[source][merge->sources[source]->sets[at].keys[0][entry].integer];
}

static bool is_same(const struct merge *merge, uint32_t at, const struct first_value *first,
                    uint32_t source, uint32_t entry)
{
    const struct group_table *left = &merge->sources[first->source]->sets[at];
    const struct group_table *right = &merge->sources[source]->sets[at];
    struct merged_place left_place = place_of(merge, at, first->source, first->entry);
    struct merged_place right_place = place_of(merge, at, source, entry);
    bool is_null = left->nulls[1][first->entry] != 0;
    return left_place.number == right_place.number && left_place.share == right_place.share &&
           is_null == (right->nulls[1][entry] != 0) &&
           (is_null ||
            lane_same(left->types[1], left->keys[1][first->entry], right->keys[1][entry]));
}

static bool reserve_first(const struct merge *merge, struct first_values *firsts)
{
    if (firsts->count + EVALUATE_LANES > firsts->capacity) {
        uint64_t capacity =
            firsts->capacity == 0 ? 4 * EVALUATE_LANES : 2 * (uint64_t)firsts->capacity;
        struct first_value *values =
            arena_resize(merge->finish->arena, firsts->values, capacity, sizeof *values);
        if (capacity > HASH_NUMBERS_MAX || values == NULL) {
            return false;
        }
        firsts->values = values;
        firsts->capacity = (uint32_t)capacity;
    }
    return merge_reserve_slots(merge, &firsts->slots, 0);
}

static void mark_entry(const struct merge *merge, uint32_t at, struct first_values *firsts,
                       uint32_t source, uint32_t entry)
{
    struct group_table *set = &merge->sources[source]->sets[at];
    struct hash_probe probe = hash_slots_probe(&firsts->slots, set->hashes[entry]);
    uint64_t slot = hash_probe_slot(&probe);
    while (slot != 0 &&
           !(hash_probe_fits(&probe, slot) &&
             is_same(merge, at, &firsts->values[hash_slot_number(slot)], source, entry))) {
        slot = hash_probe_next(&probe);
    }
    if (slot != 0) {
        set->keys[0][entry].integer = REPEATED;
        return;
    }
    hash_slots_put(&firsts->slots, &probe, firsts->count);
    firsts->values[firsts->count++] = (struct first_value){source, entry};
}

/* False without memory. */
static bool mark_source(const struct merge *merge, uint32_t at, struct first_values *firsts,
                        uint32_t own, uint32_t source)
{
    const struct group_table *set = &merge->sources[source]->sets[at];
    uint32_t entries[EVALUATE_LANES];
    for (uint32_t begin = 0; begin < set->count; begin += EVALUATE_LANES) {
        uint32_t end = block_end(begin, set->count);
        uint32_t count = 0;
        for (uint32_t entry = begin; entry < end; entry++) {
            entries[count] = entry;
            count += merge_share_of(merge, set->hashes[entry]) == own;
        }
        if (finish_is_given_up(merge->finish)) {
            return true;
        }
        if (!reserve_first(merge, firsts)) {
            return false;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (place_of(merge, at, source, entries[i]).is_joined) {
                mark_entry(merge, at, firsts, source, entries[i]);
            }
        }
    }
    return true;
}

static void mark_repeated(const struct worker *worker, void *context)
{
    struct merge *merge = context;
    struct arena *arena = merge->finish->arena;
    const struct sink *sink = merge->finish->sink;
    struct hash_memory memory = group_slots_memory(arena);
    bool has_room = true;
    for (uint32_t at = 0; at < sink->aggregate_count && has_room; at++) {
        struct first_values firsts = {0};
        for (uint32_t source = 0; source < merge->source_count && has_room; source++) {
            has_room = !sink->aggregates[at].aggregate.is_distinct ||
                       mark_source(merge, at, &firsts, worker->index, source);
        }
        hash_slots_drop(&firsts.slots, &memory);
        arena_return(arena, firsts.values);
    }
    if (!has_room) {
        (void)arena_error(arena, "merging groups", &merge->shares[worker->index].error);
    }
}

/* Folds those of a block's values, begin..end-1, that came first and whose groups are the share's.
 */
static void fold_block(const struct merge *merge, uint32_t at, uint32_t source, uint32_t own,
                       uint32_t begin, uint32_t end, struct aggregate_column *column)
{
    const struct group_table *set = &merge->sources[source]->sets[at];
    const struct merged_place *places = merge->places[source];
    uint32_t groups[EVALUATE_LANES];
    union lane values[EVALUATE_LANES];
    uint8_t nulls[EVALUATE_LANES];
    uint32_t count = 0;
    for (uint32_t entry = begin; entry < end; entry++) {
        int64_t group = set->keys[0][entry].integer;
        bool is_first = group != REPEATED;
        struct merged_place place = places[is_first ? group : 0];
        groups[count] = place.number;
        values[count] = set->keys[1][entry];
        nulls[count] = set->nulls[1][entry];
        count += is_first && place.share == own;
    }
    struct lanes lanes = {set->types[1], values, nulls};
    /* Texts last: nothing is copied, so that nothing fails. */
    (void)aggregate_fold(column, NULL, groups, &lanes, NULL, count);
}

static void fold_source(const struct merge *merge, uint32_t at, uint32_t source, uint32_t own,
                        struct aggregate_column *column)
{
    uint32_t count = merge->sources[source]->sets[at].count;
    for (uint32_t begin = 0; begin < count && !finish_is_given_up(merge->finish);
         begin += EVALUATE_LANES) {
        fold_block(merge, at, source, own, begin, block_end(begin, count), column);
    }
}

static void fold_share(const struct worker *worker, void *context)
{
    struct merge *merge = context;
    struct arena *arena = merge->finish->arena;
    const struct sink *sink = merge->finish->sink;
    struct merge_share *share = &merge->shares[worker->index];
    share->columns = arena_allocate_zeroed(arena, sink->aggregate_count, sizeof *share->columns);
    bool has_room = share->columns != NULL;
    for (uint32_t at = 0; at < sink->aggregate_count && has_room; at++) {
        if (sink->aggregates[at].aggregate.is_distinct) {
            share->columns[at] = merge->sources[0]->columns[at];
            share->columns[at].states = NULL;
            share->columns[at].capacity = 0;
            share->columns[at].count = 0;
            has_room = aggregate_reserve(&share->columns[at], arena, share->count, share->count);
        }
        for (uint32_t source = 0;
             source < merge->source_count && has_room && sink->aggregates[at].aggregate.is_distinct;
             source++) {
            fold_source(merge, at, source, worker->index, &share->columns[at]);
        }
    }
    if (!has_room) {
        (void)arena_error(arena, "merging groups", &share->error);
    }
}
