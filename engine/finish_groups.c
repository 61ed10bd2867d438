/* Merging groups in memory, and the columns of the result; see engine/finish_groups.h. */
#include "engine/finish_groups.h"

#include "engine/program.h"

enum { PIECE_GROUPS = 4 * EVALUATE_LANES };

static enum status merge_sources(struct merge *merge);
static enum status open_pieces(struct merge *merge);
static enum status publish(struct merge *merge);
static void count_rows(const struct worker *worker, void *context);
static void publish_pieces(const struct worker *worker, void *context);

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

static bool has_sets(const struct sink *sink)
{
    bool has = false;
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        has = has || sink->aggregates[at].aggregate.is_distinct;
    }
    return has;
}

static enum status list_sources(struct merge *merge)
{
    struct finish *finish = merge->finish;
    struct sink *sink = finish->sink;
    uint32_t worker_count = team_worker_count(finish->team);
    merge->sources =
        arena_allocate_zeroed(finish->arena, sink->worker_count, sizeof *merge->sources);
    merge->errors = arena_allocate_zeroed(finish->arena, worker_count, sizeof *merge->errors);
    merge->has_nulls = arena_allocate_zeroed(finish->arena, sink->key_count, sizeof(atomic_bool));
    if (merge->sources == NULL || merge->errors == NULL || merge->has_nulls == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        if (sink->workers[i].groups.table.count > 0) {
            merge->sources[merge->source_count++].groups = &sink->workers[i].groups;
        }
    }
    return STATUS_OK;
}

enum status finish_merge_groups(struct finish *finish)
{
    const struct sink *sink = finish->sink;
    struct merge merge = {.finish = finish};
    struct sink_groups only = {0};
    TRY(list_sources(&merge));
    if (merge.source_count == 0 && sink->query->is_grouped && sink->key_count == 0) {
        TRY(make_only_group(finish, &only));
        merge.sources[merge.source_count++].groups = &only;
    }
    bool may_meet = merge.source_count > 1;
    if (sink->has_leader) {
        TRY(merge_find_leaders(&merge, &may_meet));
    }
    if (may_meet) {
        TRY(merge_sources(&merge));
    }
    if (has_sets(sink)) {
        TRY(merge_sets(&merge));
    }
    TRY(open_pieces(&merge));
    TRY(merge_drop_unwanted(&merge));
    return publish(&merge);
}

enum status merge_run(struct merge *merge, team_function function)
{
    struct finish *finish = merge->finish;
    team_run(finish->team, function, merge);
    for (uint32_t i = 0; i < team_worker_count(finish->team); i++) {
        const struct error *error = &merge->errors[i];
        if (error->status != STATUS_OK) {
            if (finish->error != NULL && finish->error->status == STATUS_OK) {
                *finish->error = *error;
            }
            return error->status;
        }
    }
    return finish_given_up(finish);
}

enum status merge_meet(const struct merge *merge, const struct meet_calls *calls, void *context,
                       const struct group_table *const *tables)
{
    const struct finish *finish = merge->finish;
    struct meet meet = {.calls = calls,
                        .context = context,
                        .arena = finish->arena,
                        .patience = &finish->patience,
                        .source_count = merge->source_count,
                        .repeats = merge->leaders != NULL};
    meet.sources = arena_allocate_zeroed(finish->arena, merge->source_count, sizeof *meet.sources);
    if (meet.sources == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < merge->source_count; i++) {
        meet.sources[i].hashes = tables[i]->hashes;
        meet.sources[i].count = tables[i]->count;
    }
    return meet_run(&meet, finish->team) ? finish_given_up(finish) : finish_out_of_memory(finish);
}

static bool is_same_group(const void *context, struct meet_item left, struct meet_item right)
{
    const struct merge *merge = context;
    return group_table_same(&merge->sources[left.source].groups->table, left.index,
                            &merge->sources[right.source].groups->table, right.index);
}

void merge_states(const struct merge *merge, struct meet_item kept, struct meet_item dropped,
                  bool is_distinct)
{
    struct sink_groups *to = merge->sources[kept.source].groups;
    const struct sink_groups *from = merge->sources[dropped.source].groups;
    for (uint32_t at = 0; at < to->column_count; at++) {
        if (to->columns[at].aggregate->is_distinct == is_distinct) {
            aggregate_merge(&to->columns[at], kept.index, &from->columns[at].states[dropped.index]);
        }
    }
}

static void join_group(void *context, struct meet_item kept, struct meet_item item)
{
    const struct merge *merge = context;
    const struct merge_source *to = &merge->sources[kept.source];
    const struct merge_source *from = &merge->sources[item.source];
    merge_states(merge, kept, item, false);
    to->fates[kept.index] = GROUP_JOINED;
    from->fates[item.index] = GROUP_DROPPED;
    if (from->kept != NULL) {
        from->kept[item.index] = kept;
    }
}

enum status merge_open_fates(struct merge *merge)
{
    for (uint32_t i = 0; i < merge->source_count; i++) {
        struct merge_source *source = &merge->sources[i];
        source->fates = arena_allocate_zeroed(merge->finish->arena, source->groups->table.count,
                                              sizeof *source->fates);
        if (source->fates == NULL) {
            return finish_out_of_memory(merge->finish);
        }
    }
    return STATUS_OK;
}

static enum status merge_sources(struct merge *merge)
{
    struct meet_calls calls = {.takes = merge->leaders == NULL ? NULL : merge_leads_several,
                               .is_same = is_same_group,
                               .join = join_group};
    struct arena *arena = merge->finish->arena;
    const struct group_table **tables = arena_allocate(arena, merge->source_count, sizeof(*tables));
    bool has_room = tables != NULL;
    bool has_values = has_sets(merge->finish->sink);
    TRY(merge_open_fates(merge));
    for (uint32_t i = 0; i < merge->source_count && has_room; i++) {
        struct merge_source *source = &merge->sources[i];
        tables[i] = &source->groups->table;
        if (has_values) {
            source->kept = arena_allocate(arena, source->groups->table.count, sizeof *source->kept);
            has_room = source->kept != NULL;
        }
    }
    return has_room ? merge_meet(merge, &calls, merge, tables)
                    : finish_out_of_memory(merge->finish);
}

static enum status open_pieces(struct merge *merge)
{
    struct finish *finish = merge->finish;
    for (uint32_t i = 0; i < merge->source_count; i++) {
        uint32_t count = merge->sources[i].groups->table.count;
        merge->piece_count += (count + PIECE_GROUPS - 1) / PIECE_GROUPS;
    }
    merge->pieces = arena_allocate_zeroed(finish->arena, merge->piece_count, sizeof *merge->pieces);
    if (merge->pieces == NULL) {
        return finish_out_of_memory(finish);
    }
    struct merge_piece *piece = merge->pieces;
    for (uint32_t i = 0; i < merge->source_count; i++) {
        uint32_t count = merge->sources[i].groups->table.count;
        for (uint32_t first = 0; first < count; first += PIECE_GROUPS) {
            uint32_t end = count - first < PIECE_GROUPS ? count : first + PIECE_GROUPS;
            *piece++ = (struct merge_piece){i, first, end, end - first, 0};
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
    if (merge_has_fates(merge)) {
        TRY(merge_run(merge, count_rows));
    }
    for (uint32_t i = 0; i < merge->piece_count; i++) {
        merge->pieces[i].begin = finish->group_count;
        finish->group_count += merge->pieces[i].row_count;
    }
    TRY(finish_open_columns(finish));
    TRY(merge_run(merge, publish_pieces));
    for (uint32_t key = 0; key < finish->result->key_count; key++) {
        if (!atomic_load_explicit(&merge->has_nulls[key], memory_order_relaxed)) {
            finish->result->keys[key].is_null = NULL;
        }
    }
    return STATUS_OK;
}

/* The next pieces in order are the same worker's, since they are written side by side. */
struct merge_piece *merge_own_pieces(const struct merge *merge, const struct worker *worker,
                                     const struct merge_piece **end)
{
    uint64_t first = 0;
    uint64_t last = 0;
    team_share(worker, merge->piece_count, &first, &last);
    *end = merge->pieces + last;
    return merge->pieces + first;
}

static void count_rows(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    const struct merge_piece *end = NULL;
    for (struct merge_piece *piece = merge_own_pieces(merge, worker, &end); piece < end; piece++) {
        const uint8_t *fates = merge->sources[piece->source].fates;
        piece->row_count = 0;
        for (uint32_t group = piece->first; group < piece->end; group++) {
            piece->row_count += fates[group] != GROUP_DROPPED;
        }
    }
}

/* The groups of a piece that are its rows. */
static void list_groups(const struct merge *merge, const struct merge_piece *piece,
                        uint32_t groups[PIECE_GROUPS])
{
    const struct merge_source *source = &merge->sources[piece->source];
    uint32_t count = 0;
    for (uint32_t group = piece->first; group < piece->end; group++) {
        groups[count] = group;
        count += source->fates == NULL || source->fates[group] != GROUP_DROPPED;
    }
}

static void publish_key(const struct merge *merge, const struct merge_piece *piece,
                        const uint32_t *groups, uint32_t key)
{
    const struct group_table *table = &merge->sources[piece->source].groups->table;
    const struct lanes *lanes = &merge->finish->result->keys[key];
    union lane *values = lanes->values + piece->begin;
    uint8_t *nulls = lanes->is_null + piece->begin;
    uint8_t has_null = 0;
    for (uint32_t i = 0; i < piece->row_count; i++) {
        values[i] = table->keys[key][groups[i]];
        nulls[i] = table->nulls[key][groups[i]];
        has_null |= nulls[i];
    }
    if (has_null != 0) {
        atomic_store_explicit(&merge->has_nulls[key], true, memory_order_relaxed);
    }
}

/* Looks at the patience at each column, since all of them may begin new pages with the piece. */
static enum status publish_piece(const struct merge *merge, const struct merge_piece *piece,
                                 struct error *error)
{
    const struct result *result = merge->finish->result;
    const struct sink *sink = merge->finish->sink;
    uint32_t groups[PIECE_GROUPS];
    list_groups(merge, piece, groups);
    for (uint32_t key = 0; key < result->key_count && !finish_is_given_up(merge->finish); key++) {
        publish_key(merge, piece, groups, key);
    }
    for (uint32_t at = 0; at < result->aggregate_count && !finish_is_given_up(merge->finish);
         at++) {
        const struct aggregate_column *column = &merge->sources[piece->source].groups->columns[at];
        const struct lanes *lanes = &result->aggregates[at];
        for (uint32_t i = 0; i < piece->row_count; i++) {
            TRY(aggregate_result(column, sink->query, groups[i], &lanes->values[piece->begin + i],
                                 &lanes->is_null[piece->begin + i], error));
        }
    }
    if (finish_is_given_up(merge->finish)) {
        return STATUS_OK;
    }
    for (uint64_t row = piece->begin; row < piece->begin + piece->row_count; row++) {
        result->order[row].value = row;
    }
    return STATUS_OK;
}

static void publish_pieces(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    struct error *error = &merge->errors[worker->index];
    const struct merge_piece *end = NULL;
    for (const struct merge_piece *piece = merge_own_pieces(merge, worker, &end); piece < end;
         piece++) {
        if (finish_is_given_up(merge->finish) || publish_piece(merge, piece, error) != STATUS_OK) {
            return;
        }
    }
}
