/* Merging groups in memory, and the columns of the result; see engine/finish_groups.h. */
#include "engine/finish_groups.h"

#include "engine/program.h"

enum {
    SLOTS_FIRST = 4 * EVALUATE_LANES, /* hash_slots_reserve makes room for a fourth of it */
    FETCH_SLOTS = 16,
    PUBLISHED_ROWS = 4 * EVALUATE_LANES, /* that a worker writes at a time */
};

static enum status merge_sources(struct merge *merge);
static void merge_share(const struct worker *worker, void *context);
static enum status fold_only(const struct merge *merge);
static enum status publish(struct merge *merge);
static void publish_rows(const struct worker *worker, void *context);

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

enum status finish_merge_groups(struct finish *finish)
{
    struct sink *sink = finish->sink;
    struct merge merge = {.finish = finish, .share_count = team_worker_count(finish->team)};
    struct sink_groups only = {0};
    merge.sources = arena_allocate(finish->arena, sink->worker_count, sizeof *merge.sources);
    merge.shares = arena_allocate_zeroed(finish->arena, merge.share_count, sizeof *merge.shares);
    merge.has_nulls = arena_allocate_zeroed(finish->arena, sink->key_count, sizeof(atomic_bool));
    if (merge.sources == NULL || merge.shares == NULL || merge.has_nulls == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        if (sink->workers[i].groups.table.count > 0) {
            merge.sources[merge.source_count++] = &sink->workers[i].groups;
        }
    }
    if (merge.source_count == 0 && sink->query->is_grouped && sink->key_count == 0) {
        TRY(make_only_group(finish, &only));
        merge.sources[merge.source_count++] = &only;
    }
    if (merge.source_count > 1) {
        TRY(merge_sources(&merge));
    } else if (merge.source_count == 1) {
        TRY(fold_only(&merge));
    }
    return publish(&merge);
}

enum status merge_run(struct merge *merge, team_function function)
{
    struct finish *finish = merge->finish;
    team_run(finish->team, function, merge);
    for (uint32_t i = 0; i < merge->share_count; i++) {
        const struct error *error = &merge->shares[i].error;
        if (error->status != STATUS_OK) {
            if (finish->error != NULL && finish->error->status == STATUS_OK) {
                *finish->error = *error;
            }
            return error->status;
        }
    }
    return finish_given_up(finish);
}

/* The groups of the only source are the first share's, as they are. */
static enum status fold_only(const struct merge *merge)
{
    const struct finish *finish = merge->finish;
    const struct sink *sink = finish->sink;
    struct sink_groups *groups = merge->sources[0];
    merge->shares[0].count = groups->table.count;
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        const struct group_table *set = &groups->sets[at];
        for (uint32_t begin = 0; begin < set->count; begin += EVALUATE_LANES) {
            TRY(finish_given_up(finish));
            uint32_t rest = set->count - begin;
            uint32_t count = rest < EVALUATE_LANES ? rest : EVALUATE_LANES;
            uint32_t numbers[EVALUATE_LANES];
            for (uint32_t i = 0; i < count; i++) {
                numbers[i] = (uint32_t)set->keys[0][begin + i].integer;
            }
            struct lanes values = {set->types[1], set->keys[1] + begin, set->nulls[1] + begin};
            if (!aggregate_fold(&groups->columns[at], &groups->table.texts, numbers, &values, NULL,
                                count)) {
                return finish_out_of_memory(finish);
            }
        }
    }
    return STATUS_OK;
}

static enum status merge_sources(struct merge *merge)
{
    const struct finish *finish = merge->finish;
    merge->places = arena_allocate(finish->arena, merge->source_count, sizeof *merge->places);
    if (merge->places == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < merge->source_count; i++) {
        merge->places[i] =
            arena_allocate(finish->arena, merge->sources[i]->table.count, sizeof **merge->places);
        if (merge->places[i] == NULL) {
            return finish_out_of_memory(finish);
        }
    }
    TRY(merge_run(merge, merge_share));
    return merge_sets(merge);
}

bool merge_reserve_slots(const struct merge *merge, struct hash_slots *slots, uint64_t expected)
{
    struct hash_memory memory = group_slots_memory(merge->finish->arena);
    uint32_t first = SLOTS_FIRST;
    while (first < HASH_SEGMENT_SLOTS && first / 8 * 3 < expected) {
        first *= 2;
    }
    return hash_slots_reserve(slots, first, &memory);
}

/* The share has at least its part of the largest source. */
static uint64_t expected_groups(const struct merge *merge)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < merge->source_count; i++) {
        uint32_t count = merge->sources[i]->table.count;
        most = count > most ? count : most;
    }
    return most / merge->share_count;
}

static bool reserve_share(const struct merge *merge, struct merge_share *share, uint32_t count)
{
    uint64_t expected = expected_groups(merge);
    uint64_t capacity = share->capacity > 0         ? share->capacity
                        : expected > EVALUATE_LANES ? expected
                                                    : EVALUATE_LANES;
    while (capacity < (uint64_t)share->count + count) {
        capacity *= 2;
    }
    if (capacity != share->capacity) {
        struct merged_group *groups =
            arena_resize(merge->finish->arena, share->groups, capacity, sizeof *groups);
        if (capacity > HASH_NUMBERS_MAX || groups == NULL) {
            return false;
        }
        share->groups = groups;
        share->capacity = (uint32_t)capacity;
    }
    return merge_reserve_slots(merge, &share->slots, expected);
}

/* A group equal to one that its share has. */
static struct merged_place join_group(const struct merge *merge, const struct merged_group *into,
                                      const struct sink_groups *from, uint32_t group)
{
    struct sink_groups *to = merge->sources[into->source];
    for (uint32_t at = 0; at < to->column_count; at++) {
        aggregate_merge(&to->columns[at], into->group, &from->columns[at].states[group]);
    }
    struct merged_place *place = &merge->places[into->source][into->group];
    place->is_joined = true;
    return *place;
}

/* Takes `count` groups of a source, at most EVALUATE_LANES. False without memory. */
static bool merge_groups(const struct merge *merge, uint16_t own, uint32_t source,
                         const uint32_t *groups, uint32_t count)
{
    struct merge_share *share = &merge->shares[own];
    const struct sink_groups *from = merge->sources[source];
    if (!reserve_share(merge, share, count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i + FETCH_SLOTS < count) {
            hash_slots_fetch(&share->slots, from->table.hashes[groups[i + FETCH_SLOTS]]);
        }
        uint32_t group = groups[i];
        struct hash_probe probe = hash_slots_probe(&share->slots, from->table.hashes[group]);
        uint64_t slot = hash_probe_slot(&probe);
        for (; slot != 0; slot = hash_probe_next(&probe)) {
            const struct merged_group *at = &share->groups[hash_slot_number(slot)];
            if (hash_probe_fits(&probe, slot) && at->source != source &&
                group_table_same(&merge->sources[at->source]->table, at->group, &from->table,
                                 group)) {
                break;
            }
        }
        struct merged_place *place = &merge->places[source][group];
        if (slot == 0) {
            hash_slots_put(&share->slots, &probe, share->count);
            *place = (struct merged_place){share->count, own, false};
            share->groups[share->count++] = (struct merged_group){source, group};
        } else {
            *place = join_group(merge, &share->groups[hash_slot_number(slot)], from, group);
        }
    }
    return true;
}

static bool merge_source(const struct merge *merge, uint16_t own, uint32_t source)
{
    const struct group_table *table = &merge->sources[source]->table;
    uint32_t groups[EVALUATE_LANES];
    for (uint32_t begin = 0; begin < table->count; begin += EVALUATE_LANES) {
        uint32_t rest = table->count - begin;
        uint32_t end = begin + (rest < EVALUATE_LANES ? rest : EVALUATE_LANES);
        uint32_t count = 0;
        for (uint32_t group = begin; group < end; group++) {
            groups[count] = group;
            count += merge_share_of(merge, table->hashes[group]) == own;
        }
        if (finish_is_given_up(merge->finish)) {
            return true;
        }
        if (!merge_groups(merge, own, source, groups, count)) {
            return false;
        }
    }
    return true;
}

static void merge_share(const struct worker *worker, void *context)
{
    struct merge *merge = context;
    for (uint32_t source = 0; source < merge->source_count; source++) {
        if (!merge_source(merge, (uint16_t)worker->index, source)) {
            (void)arena_error(merge->finish->arena, "merging groups",
                              &merge->shares[worker->index].error);
            return;
        }
    }
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
    result->order = finish_room(finish, finish->group_count, sizeof *result->order);
    if (result->order == NULL) {
        return finish_out_of_memory(finish);
    }
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

/* Keys without nulls say so. */
static enum status publish(struct merge *merge)
{
    struct finish *finish = merge->finish;
    for (uint32_t i = 0; i < merge->share_count; i++) {
        merge->shares[i].begin = finish->group_count;
        finish->group_count += merge->shares[i].count;
    }
    TRY(finish_open_columns(finish));
    TRY(merge_run(merge, publish_rows));
    for (uint32_t key = 0; key < finish->result->key_count; key++) {
        if (!atomic_load_explicit(&merge->has_nulls[key], memory_order_relaxed)) {
            finish->result->keys[key].is_null = NULL;
        }
    }
    return STATUS_OK;
}

/* Where group `number` of a share lies. */
static struct merged_group group_at(const struct merge_share *share, uint32_t number)
{
    return share->groups == NULL ? (struct merged_group){.group = number} : share->groups[number];
}

/* Writes `count` rows of a share, at most EVALUATE_LANES, from its group `number` on. */
static void publish_keys(const struct merge *merge, const struct merge_share *share,
                         uint32_t number, uint32_t count)
{
    const struct result *result = merge->finish->result;
    for (uint32_t key = 0; key < result->key_count; key++) {
        union lane *values = result->keys[key].values + share->begin + number;
        uint8_t *nulls = result->keys[key].is_null + share->begin + number;
        uint8_t has_null = 0;
        for (uint32_t i = 0; i < count; i++) {
            struct merged_group at = group_at(share, number + i);
            const struct group_table *table = &merge->sources[at.source]->table;
            values[i] = table->keys[key][at.group];
            nulls[i] = table->nulls[key][at.group];
            has_null |= nulls[i];
        }
        if (has_null != 0) {
            atomic_store_explicit(&merge->has_nulls[key], true, memory_order_relaxed);
        }
    }
}

static enum status publish_aggregates(const struct merge *merge, const struct merge_share *share,
                                      uint32_t number, uint32_t count, struct error *error)
{
    const struct result *result = merge->finish->result;
    const struct sink *sink = merge->finish->sink;
    for (uint32_t aggregate = 0; aggregate < result->aggregate_count; aggregate++) {
        const struct lanes *lanes = &result->aggregates[aggregate];
        bool is_shares = share->groups != NULL && sink->aggregates[aggregate].aggregate.is_distinct;
        for (uint32_t i = number; i < number + count; i++) {
            struct merged_group at = group_at(share, i);
            const struct aggregate_column *column =
                is_shares ? &share->columns[aggregate]
                          : &merge->sources[at.source]->columns[aggregate];
            TRY(aggregate_result(column, sink->query, is_shares ? i : at.group,
                                 &lanes->values[share->begin + i],
                                 &lanes->is_null[share->begin + i], error));
        }
    }
    return STATUS_OK;
}

/* Rows begin..end-1 of the result, of whichever shares. */
static enum status publish_range(const struct merge *merge, uint64_t begin, uint64_t end,
                                 struct error *error)
{
    const struct result *result = merge->finish->result;
    for (uint32_t i = 0; i < merge->share_count && begin < end; i++) {
        const struct merge_share *share = &merge->shares[i];
        uint64_t share_end = share->begin + share->count;
        while (begin < end && begin < share_end) {
            uint64_t rest = end < share_end ? end - begin : share_end - begin;
            uint32_t count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
            uint32_t number = (uint32_t)(begin - share->begin);
            TRY(finish_given_up(merge->finish));
            publish_keys(merge, share, number, count);
            TRY(publish_aggregates(merge, share, number, count, error));
            for (uint64_t group = begin; group < begin + count; group++) {
                result->order[group].value = group;
            }
            begin += count;
        }
    }
    return STATUS_OK;
}

static void publish_rows(const struct worker *worker, void *context)
{
    struct merge *merge = context;
    struct error *error = &merge->shares[worker->index].error;
    uint64_t begin = 0;
    uint64_t end = 0;
    while (error->status == STATUS_OK && !finish_is_given_up(merge->finish) &&
           team_next(&merge->next_row, merge->finish->group_count, PUBLISHED_ROWS, &begin, &end)) {
        (void)publish_range(merge, begin, end, error);
    }
}
