/* Merging the workers' groups: each worker of the team takes a share of the hashes and merges what
 * all have of it, so that nothing is shared while merging; see engine/finish.h. */
#include "engine/finish.h"

#include "engine/program.h"

/* One merge of several workers' groups. */
struct merge {
    struct finish *finish;
    struct sink_groups **sources; /* [source_count] */
    uint32_t source_count;
    uint32_t **places;          /* [source][group]: its number in the share that has it */
    struct sink_groups *shares; /* [worker] */
    uint32_t share_count;
    struct error *worker_errors; /* [worker] */
};

static void run_worker(const struct worker *worker, void *context);
static enum status publish(struct finish *finish, const struct sink_groups *shares,
                           uint32_t share_count);

/* Folds the values of DISTINCT aggregates, each once. */
static bool fold_sets(const struct finish *finish, struct sink_groups *groups)
{
    const struct sink *sink = finish->sink;
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        const struct group_table *set = &groups->sets[at];
        for (uint32_t begin = 0; begin < set->count && !finish_is_given_up(finish);
             begin += EVALUATE_LANES) {
            uint32_t rest = set->count - begin;
            uint32_t count = rest < EVALUATE_LANES ? rest : EVALUATE_LANES;
            uint32_t numbers[EVALUATE_LANES];
            for (uint32_t i = 0; i < count; i++) {
                numbers[i] = (uint32_t)set->keys[0][begin + i].integer;
            }
            struct lanes values = {set->types[1], set->keys[1] + begin, set->nulls[1] + begin};
            if (!aggregate_fold(&groups->columns[at], &groups->table.texts, numbers, &values, NULL,
                                count)) {
                return false;
            }
        }
    }
    return true;
}

/* Without keys there is one group, also of no rows. */
static enum status make_only_group(struct finish *finish, struct sink_groups *groups)
{
    struct sink *sink = finish->sink;
    TRY(sink_groups_open(groups, sink, finish->arena, false, finish->error));
    if (!sink_groups_reserve(groups, 1)) {
        return finish_out_of_memory(finish);
    }
    groups->table.count = 1;
    if (sink->kind == SINK_COUNT) {
        for (uint32_t i = 0; i < sink->aggregate_count; i++) {
            groups->columns[i].states[0].count = sink_match_count(sink);
        }
    }
    return STATUS_OK;
}

static enum status merge_sources(struct merge *merge)
{
    struct finish *finish = merge->finish;
    merge->share_count = team_worker_count(finish->team);
    merge->places = arena_allocate(finish->arena, merge->source_count, sizeof *merge->places);
    merge->shares = arena_allocate_zeroed(finish->arena, merge->share_count, sizeof *merge->shares);
    merge->worker_errors =
        arena_allocate_zeroed(finish->arena, merge->share_count, sizeof *merge->worker_errors);
    if (merge->places == NULL || merge->shares == NULL || merge->worker_errors == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < merge->source_count; i++) {
        merge->places[i] =
            arena_allocate(finish->arena, merge->sources[i]->table.count, sizeof **merge->places);
        if (merge->places[i] == NULL) {
            return finish_out_of_memory(finish);
        }
    }
    team_run(finish->team, run_worker, merge);
    for (uint32_t i = 0; i < merge->share_count; i++) {
        if (merge->worker_errors[i].status != STATUS_OK) {
            if (finish->error != NULL && finish->error->status == STATUS_OK) {
                *finish->error = merge->worker_errors[i];
            }
            return merge->worker_errors[i].status;
        }
    }
    return finish_given_up(finish);
}

enum status finish_merge_groups(struct finish *finish)
{
    struct sink *sink = finish->sink;
    struct merge merge = {.finish = finish};
    merge.sources = arena_allocate(finish->arena, sink->worker_count, sizeof *merge.sources);
    if (merge.sources == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        if (sink->workers[i].groups.table.count > 0) {
            merge.sources[merge.source_count++] = &sink->workers[i].groups;
        }
    }
    if (merge.source_count > 1) {
        TRY(merge_sources(&merge));
        return publish(finish, merge.shares, merge.share_count);
    }
    if (merge.source_count == 1) {
        if (!fold_sets(finish, merge.sources[0])) {
            return finish_out_of_memory(finish);
        }
        TRY(finish_given_up(finish));
        return publish(finish, merge.sources[0], 1);
    }
    struct sink_groups only = {0};
    if (sink->query->is_grouped && sink->key_count == 0) {
        TRY(make_only_group(finish, &only));
        return publish(finish, &only, 1);
    }
    return publish(finish, &only, 0);
}

/* Which worker merges groups of this hash. */
static uint32_t share_of(const struct merge *merge, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * merge->share_count >> 32);
}

/* A block of groups of one source, on the way into a share. */
struct merge_block {
    uint32_t count;
    uint32_t from[EVALUATE_LANES]; /* groups of the source */
    struct lanes *keys;            /* [key_count] */
};

static bool open_block(const struct sink *sink, struct arena *arena, struct merge_block *block)
{
    block->count = 0;
    block->keys = arena_allocate_zeroed(arena, sink->key_count, sizeof *block->keys);
    for (uint32_t key = 0; block->keys != NULL && key < sink->key_count; key++) {
        struct lanes *lanes = &block->keys[key];
        lanes->type = sink->key_types[key];
        lanes->values = arena_allocate(arena, EVALUATE_LANES, sizeof *lanes->values);
        lanes->is_null = arena_allocate(arena, EVALUATE_LANES, 1);
        if (lanes->values == NULL || lanes->is_null == NULL) {
            return false;
        }
    }
    return block->keys != NULL;
}

static bool flush_block(const struct merge *merge, uint32_t source, struct sink_groups *share,
                        struct merge_block *block)
{
    const struct sink *sink = merge->finish->sink;
    const struct sink_groups *from = merge->sources[source];
    uint32_t groups[EVALUATE_LANES];
    for (uint32_t key = 0; key < sink->key_count; key++) {
        for (uint32_t i = 0; i < block->count; i++) {
            block->keys[key].values[i] = from->table.keys[key][block->from[i]];
            block->keys[key].is_null[i] = from->table.nulls[key][block->from[i]];
        }
    }
    if (!sink_groups_reserve(share, block->count) ||
        group_table_find(&share->table, block->keys, block->count, groups) < block->count) {
        return false;
    }
    for (uint32_t i = 0; i < block->count; i++) {
        merge->places[source][block->from[i]] = groups[i];
        for (uint32_t at = 0; at < sink->aggregate_count; at++) {
            aggregate_merge(&share->columns[at], groups[i],
                            &from->columns[at].states[block->from[i]]);
        }
    }
    block->count = 0;
    return true;
}

static bool merge_source(const struct merge *merge, uint32_t source, uint32_t own,
                         struct sink_groups *share, struct merge_block *block)
{
    const struct group_table *table = &merge->sources[source]->table;
    for (uint32_t group = 0; group < table->count; group++) {
        if (group % EVALUATE_LANES == 0 && finish_is_given_up(merge->finish)) {
            return true;
        }
        if (share_of(merge, table->hashes[group]) == own) {
            block->from[block->count++] = group;
        }
        if (block->count == EVALUATE_LANES && !flush_block(merge, source, share, block)) {
            return false;
        }
    }
    return flush_block(merge, source, share, block);
}

/* The union of the sources' sets, over the groups of the share. */
static bool merge_set(const struct merge *merge, uint32_t source, uint32_t own, uint32_t at,
                      struct group_table *into)
{
    const struct group_table *table = &merge->sources[source]->table;
    const struct group_table *set = &merge->sources[source]->sets[at];
    union lane values[EVALUATE_LANES];
    uint8_t nulls[EVALUATE_LANES];
    uint32_t groups[EVALUATE_LANES];
    struct lanes lanes = {merge->finish->sink->aggregates[at].set_types[1], values, nulls};
    uint32_t count = 0;
    for (uint32_t entry = 0; entry < set->count; entry++) {
        if (entry % EVALUATE_LANES == 0 && finish_is_given_up(merge->finish)) {
            return true;
        }
        uint32_t group = (uint32_t)set->keys[0][entry].integer;
        if (share_of(merge, table->hashes[group]) == own) {
            groups[count] = merge->places[source][group];
            values[count] = set->keys[1][entry];
            nulls[count] = set->nulls[1][entry];
            count++;
        }
        if (count == EVALUATE_LANES) {
            if (!sink_set_add(into, groups, &lanes, count)) {
                return false;
            }
            count = 0;
        }
    }
    return count == 0 || sink_set_add(into, groups, &lanes, count);
}

static bool merge_share(const struct merge *merge, uint32_t own, struct sink_groups *share)
{
    struct sink *sink = merge->finish->sink;
    struct merge_block block;
    if (!open_block(sink, merge->finish->arena, &block)) {
        return false;
    }
    for (uint32_t source = 0; source < merge->source_count; source++) {
        if (!merge_source(merge, source, own, share, &block)) {
            return false;
        }
        for (uint32_t at = 0; at < sink->aggregate_count; at++) {
            if (sink->aggregates[at].aggregate.is_distinct &&
                !merge_set(merge, source, own, at, &share->sets[at])) {
                return false;
            }
        }
    }
    return fold_sets(merge->finish, share);
}

static void run_worker(const struct worker *worker, void *context)
{
    struct merge *merge = context;
    struct finish *finish = merge->finish;
    struct sink_groups *share = &merge->shares[worker->index];
    struct error *error = &merge->worker_errors[worker->index];
    if (sink_groups_open(share, finish->sink, finish->arena, false, error) == STATUS_OK &&
        !merge_share(merge, worker->index, share)) {
        (void)arena_error(finish->arena, "merging groups", error);
    }
}

/* The keys of all shares, one after the other; no nulls where there are none. */
static enum status publish_key(struct finish *finish, const struct sink_groups *shares,
                               uint32_t share_count, uint32_t key)
{
    struct lanes *lanes = &finish->result->keys[key];
    uint64_t at = 0;
    bool has_nulls = false;
    for (uint32_t i = 0; i < share_count; i++) {
        const struct group_table *table = &shares[i].table;
        has_nulls |= finish_copy_lanes(finish, table->keys[key], table->nulls[key], table->count,
                                       lanes->values + at, lanes->is_null + at);
        at += table->count;
    }
    if (!has_nulls) {
        lanes->is_null = NULL;
    }
    return finish_given_up(finish);
}

static enum status publish_aggregate(struct finish *finish, const struct sink_groups *shares,
                                     uint32_t share_count, uint32_t aggregate)
{
    struct lanes *lanes = &finish->result->aggregates[aggregate];
    uint64_t at = 0;
    for (uint32_t i = 0; i < share_count; i++) {
        for (uint32_t group = 0; group < shares[i].table.count; group++, at++) {
            if (group % EVALUATE_LANES == 0) {
                TRY(finish_given_up(finish));
            }
            TRY(aggregate_result(&shares[i].columns[aggregate], finish->sink->query, group,
                                 &lanes->values[at], &lanes->is_null[at], finish->error));
        }
    }
    return STATUS_OK;
}

static enum status open_columns(struct finish *finish, struct lanes **columns, uint32_t count)
{
    *columns = arena_allocate_zeroed(finish->arena, count, sizeof **columns);
    if (*columns == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct lanes *lanes = &(*columns)[i];
        lanes->values = finish_room(finish, finish->group_count, sizeof *lanes->values);
        lanes->is_null = finish_room(finish, finish->group_count, sizeof *lanes->is_null);
        if (lanes->values == NULL || lanes->is_null == NULL) {
            return finish_out_of_memory(finish);
        }
    }
    return STATUS_OK;
}

enum status finish_open_columns(struct finish *finish)
{
    const struct sink *sink = finish->sink;
    struct result *result = finish->result;
    TRY(open_columns(finish, &result->keys, sink->key_count));
    TRY(open_columns(finish, &result->aggregates, sink->aggregate_count));
    result->key_count = sink->key_count;
    result->aggregate_count = sink->aggregate_count;
    for (uint32_t i = 0; i < sink->key_count; i++) {
        result->keys[i].type = sink->key_types[i];
    }
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        result->aggregates[i].type = sink->aggregates[i].aggregate.type;
    }
    return STATUS_OK;
}

static enum status publish(struct finish *finish, const struct sink_groups *shares,
                           uint32_t share_count)
{
    const struct sink *sink = finish->sink;
    for (uint32_t i = 0; i < share_count; i++) {
        finish->group_count += shares[i].table.count;
    }
    TRY(finish_open_columns(finish));
    for (uint32_t i = 0; i < sink->key_count; i++) {
        TRY(publish_key(finish, shares, share_count, i));
    }
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        TRY(publish_aggregate(finish, shares, share_count, i));
    }
    return STATUS_OK;
}
