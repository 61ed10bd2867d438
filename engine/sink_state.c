/* Groups of a worker or of a merge; see engine/sink_state.h. */
#include "engine/sink_state.h"

#include "engine/program.h"

enum status sink_groups_open(struct sink_groups *groups, const struct sink *sink,
                             struct arena *arena, bool copies, struct error *error)
{
    uint32_t count = sink->aggregate_count;
    groups->column_count = count;
    groups->columns = arena_allocate_zeroed(arena, count, sizeof *groups->columns);
    groups->sets = arena_allocate_zeroed(arena, count, sizeof *groups->sets);
    bool is_open = groups->columns != NULL && groups->sets != NULL &&
                   group_table_open(&groups->table, arena, sink->key_count, sink->group_types,
                                    copies ? sink->key_copies : NULL);
    for (uint32_t i = 0; is_open && i < count; i++) {
        const struct sink_aggregate *aggregate = &sink->aggregates[i];
        struct aggregate_column *column = &groups->columns[i];
        column->aggregate = &aggregate->aggregate;
        column->graph = sink->query->graph;
        column->type = aggregate->program == NULL ? TYPE_NULL : aggregate->program->type;
        column->copies_text =
            copies && aggregate->set_copies[1] && !aggregate->aggregate.is_distinct;
        if (aggregate->aggregate.is_distinct) {
            is_open = group_table_open(&groups->sets[i], arena, 2, aggregate->set_types,
                                       copies ? aggregate->set_copies : NULL);
        }
    }
    return is_open ? STATUS_OK : arena_error(arena, "grouping", error);
}

/* Of one group's states. */
static uint64_t state_bytes(const struct sink_groups *groups)
{
    return groups->column_count * sizeof(struct aggregate_state);
}

uint64_t sink_groups_needs(const struct sink_groups *groups, uint32_t count)
{
    uint64_t capacity = group_table_capacity(&groups->table, count);
    return group_table_needs(&groups->table, count) +
           (capacity == groups->table.capacity ? 0 : capacity * state_bytes(groups));
}

uint64_t sink_groups_bytes(const struct sink_groups *groups, uint32_t count)
{
    return group_table_bytes(&groups->table, count) +
           group_table_capacity(&groups->table, count) * state_bytes(groups);
}

bool sink_groups_reserve(struct sink_groups *groups, uint32_t count)
{
    if (!group_table_reserve(&groups->table, count)) {
        return false;
    }
    for (uint32_t i = 0; i < groups->column_count; i++) {
        if (!aggregate_reserve(&groups->columns[i], groups->table.arena, groups->table.capacity,
                               groups->table.count + count)) {
            return false;
        }
    }
    return true;
}

void sink_groups_drop(struct sink_groups *groups)
{
    for (uint32_t i = 0; i < groups->column_count; i++) {
        aggregate_drop(&groups->columns[i], groups->table.arena);
        if (groups->columns[i].aggregate->is_distinct) {
            group_table_drop(&groups->sets[i]);
        }
    }
    group_table_drop(&groups->table);
}

bool sink_groups_add(struct sink_groups *groups, uint32_t at, const uint32_t *numbers,
                     const struct lanes *values, const struct lane_runs *runs, uint32_t count)
{
    struct group_table *set = &groups->sets[at];
    union lane lanes[EVALUATE_LANES];
    uint64_t hashes[EVALUATE_LANES];
    for (uint32_t i = 0; i < count; i++) {
        lanes[i].integer = numbers[i];
        hashes[i] = groups->table.hashes[numbers[i]];
    }
    group_table_hash_key(set->types[1], values, count, hashes);
    struct lanes keys[2] = {{TYPE_INTEGER, lanes, NULL}, *values};
    uint32_t entries[EVALUATE_LANES];
    return group_table_reserve(set, count) &&
           group_table_find_hashed(set, keys, hashes, runs, count, entries) == count;
}
