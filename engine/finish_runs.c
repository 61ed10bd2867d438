/* Merging groups that lie on disk, part by part; see engine/group_run.h and engine/finish.h.
 *
 * First all that workers still have in memory is written too. Then the values of DISTINCT
 * aggregates: a worker takes a part, drops values that come twice, and folds the others into groups
 * of its own, which are written when they outgrow memory. Then the groups: a worker takes a part of
 * all runs and merges its states. So a single group of many values spills as well as many groups.
 */
#include <string.h>

#include "engine/finish.h"
#include "engine/program.h"

enum { SLACK_BYTES = 1 << 20 };

/* One worker's. */
struct merger {
    struct finish *finish;
    struct sink_groups groups;
    struct sink_groups values; /* of one DISTINCT aggregate: keys and value, without columns */
    uint32_t at;               /* that aggregate */
    uint64_t room_bytes;       /* that a table may take before it goes to disk */
    struct lanes *lanes;       /* [key_count + 1] of the block at hand */
    struct spill_area run_area;
    struct group_run *runs; /* groups of folded values, in run_area */
    struct spill_area area;
    struct group_run *merged; /* in area: keys, then the aggregates' results */
    bool is_disk_full;
    struct error error;
};

/* A list of runs for each worker of the sink and each merger. */
struct run_lists {
    struct group_run **first;
    uint32_t count;
};

struct run_merge {
    struct finish *finish;
    struct merger *mergers; /* [worker] */
    uint32_t merger_count;
    struct run_lists groups;
    struct run_lists *sets; /* [aggregate_count] */
    _Atomic uint64_t next_worker;
    _Atomic uint64_t next_set_part;
    _Atomic uint64_t next_part;
};

static enum status open_merge(struct run_merge *merge);
static enum status merge_all(struct run_merge *merge);
static void close_merge(struct run_merge *merge);
static enum status run_team(struct run_merge *merge, team_function function);
static enum status list_sets(struct run_merge *merge);
static enum status list_groups(struct run_merge *merge);
static enum status publish(struct run_merge *merge);
static void write_rest(const struct worker *worker, void *context);
static void merge_sets(const struct worker *worker, void *context);
static void merge_groups(const struct worker *worker, void *context);

enum status finish_merge_runs(struct finish *finish)
{
    struct run_merge merge = {.finish = finish};
    enum status status = open_merge(&merge);
    if (status == STATUS_OK) {
        status = merge_all(&merge);
    }
    close_merge(&merge);
    return status;
}

static enum status merge_all(struct run_merge *merge)
{
    TRY(run_team(merge, write_rest));
    TRY(list_sets(merge));
    TRY(run_team(merge, merge_sets));
    TRY(list_groups(merge));
    TRY(run_team(merge, merge_groups));
    return publish(merge);
}

static enum status open_merge(struct run_merge *merge)
{
    struct finish *finish = merge->finish;
    const struct sink *sink = finish->sink;
    merge->merger_count = team_worker_count(finish->team);
    merge->mergers =
        arena_allocate_zeroed(finish->arena, merge->merger_count, sizeof *merge->mergers);
    if (merge->mergers == NULL) {
        merge->merger_count = 0;
        return arena_error(finish->arena, "merging groups", finish->error);
    }
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        struct merger *merger = &merge->mergers[i];
        merger->finish = finish;
        merger->run_area.spill = finish->area.spill;
        merger->area.spill = finish->area.spill;
        merger->lanes =
            arena_allocate(finish->arena, (uint64_t)sink->key_count + 1, sizeof *merger->lanes);
        TRY(sink_groups_open(&merger->groups, sink, finish->arena, false, finish->error));
        if (merger->lanes == NULL) {
            return arena_error(finish->arena, "merging groups", finish->error);
        }
    }
    return STATUS_OK;
}

static void close_merge(struct run_merge *merge)
{
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        spill_close(&merge->mergers[i].run_area);
        spill_close(&merge->mergers[i].area);
    }
}

/* Runs the team; a worker fails with an error of its own, or for want of room on disk. */
static enum status run_team(struct run_merge *merge, team_function function)
{
    struct finish *finish = merge->finish;
    team_run(finish->team, function, merge);
    TRY(finish_given_up(finish));
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        const struct merger *merger = &merge->mergers[i];
        if (merger->error.status != STATUS_OK) {
            if (finish->error != NULL && finish->error->status == STATUS_OK) {
                *finish->error = merger->error;
            }
            return merger->error.status;
        }
        if (merger->is_disk_full) {
            return finish_out_of_memory(finish);
        }
    }
    return STATUS_OK;
}

static void write_rest(const struct worker *worker, void *context)
{
    struct run_merge *merge = context;
    struct finish *finish = merge->finish;
    struct merger *self = &merge->mergers[worker->index];
    uint64_t at = 0;
    uint64_t end = 0;
    while (!self->is_disk_full &&
           team_next(&merge->next_worker, finish->sink->worker_count, 1, &at, &end)) {
        struct sink_worker *own = &finish->sink->workers[at];
        self->is_disk_full =
            own->is_open && !sink_groups_spill(finish->sink, own, &finish->patience);
    }
}

static bool open_lists(struct run_merge *merge, struct run_lists *lists)
{
    lists->count = merge->finish->sink->worker_count + merge->merger_count;
    lists->first = arena_allocate_zeroed(merge->finish->arena, lists->count, sizeof *lists->first);
    return lists->first != NULL;
}

/* All tables are on disk now: what memory is left is shared by the mergers. */
static void share_room(struct run_merge *merge)
{
    struct budget *budget = merge->finish->sink->budget;
    uint64_t taken = budget_used(budget) + SLACK_BYTES;
    uint64_t left = budget->limit_bytes > taken ? budget->limit_bytes - taken : 0;
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        /* A quarter of it for groups, one for values; what is freed in pieces takes the rest. */
        merge->mergers[i].room_bytes =
            budget->limit_bytes == 0 ? UINT64_MAX : left / merge->merger_count / 4;
    }
}

static enum status list_sets(struct run_merge *merge)
{
    struct finish *finish = merge->finish;
    const struct sink *sink = finish->sink;
    share_room(merge);
    merge->sets = arena_allocate_zeroed(finish->arena, sink->aggregate_count, sizeof *merge->sets);
    if (merge->sets == NULL) {
        return arena_error(finish->arena, "merging groups", finish->error);
    }
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        if (!open_lists(merge, &merge->sets[at])) {
            return arena_error(finish->arena, "merging groups", finish->error);
        }
        for (uint32_t i = 0; i < sink->worker_count; i++) {
            merge->sets[at].first[i] =
                sink->workers[i].is_open ? sink->workers[i].set_runs[at] : NULL;
        }
    }
    return STATUS_OK;
}

static enum status list_groups(struct run_merge *merge)
{
    const struct sink *sink = merge->finish->sink;
    if (!open_lists(merge, &merge->groups)) {
        return arena_error(merge->finish->arena, "merging groups", merge->finish->error);
    }
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        merge->groups.first[i] = sink->workers[i].runs;
    }
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        merge->groups.first[sink->worker_count + i] = merge->mergers[i].runs;
    }
    return STATUS_OK;
}

/* Room for a block in `into`, within the merger's share; a first block may have more. */
static bool reserve(const struct merger *self, struct sink_groups *into, uint32_t count)
{
    bool is_within = into->table.count == 0 || sink_groups_needs(into, count) == 0 ||
                     sink_groups_bytes(into, count) <= self->room_bytes;
    return is_within && sink_groups_reserve(into, count);
}

static bool fail_memory(struct merger *self)
{
    (void)arena_error(self->finish->arena, "merging groups", &self->error);
    return false;
}

/* Writes what is merged into a list of runs, by the bits of `level`, and goes on with nothing. */
static bool write_merged(struct merger *self, struct sink_groups *from, uint32_t level,
                         struct spill_area *area, struct group_run **list)
{
    if (from->table.count == 0 || level == GROUP_LEVELS) {
        return fail_memory(self);
    }
    struct group_entries entries = {
        .table = &from->table, .columns = from->columns, .column_count = from->column_count};
    struct group_run *run = group_run_write(area, &entries, level, &self->finish->patience);
    if (run == NULL) {
        self->is_disk_full = true;
        return false;
    }
    run->next = *list;
    *list = run;
    sink_groups_drop(from);
    return true;
}

/* False, and nothing is taken, without room. */
static bool merge_block(struct merger *self, struct sink_groups *into, const struct group_run *run,
                        uint32_t begin, uint32_t count)
{
    uint32_t groups[EVALUATE_LANES];
    for (uint32_t key = 0; key < into->table.key_count; key++) {
        self->lanes[key] =
            (struct lanes){into->table.types[key], run->keys[key] + begin, run->nulls[key] + begin};
    }
    if (!reserve(self, into, count) ||
        group_table_find(&into->table, self->lanes, NULL, count, groups) < count) {
        return false;
    }
    for (uint32_t at = 0; at < into->column_count; at++) {
        for (uint32_t i = 0; i < count; i++) {
            aggregate_merge(&into->columns[at], groups[i], &run->states[at][begin + i]);
        }
    }
    return true;
}

/* Folds a block of values, each once, into groups. */
static bool fold_block(struct merger *self, uint32_t begin, uint32_t count)
{
    const struct group_table *values = &self->values.table;
    uint32_t groups[EVALUATE_LANES];
    for (uint32_t key = 0; key < values->key_count; key++) {
        self->lanes[key] = (struct lanes){values->types[key], values->keys[key] + begin,
                                          values->nulls[key] + begin};
    }
    return reserve(self, &self->groups, count) &&
           group_table_find(&self->groups.table, self->lanes, NULL, count, groups) == count &&
           aggregate_fold(&self->groups.columns[self->at], &self->groups.table.texts, groups,
                          &self->lanes[values->key_count - 1], NULL, count);
}

static uint32_t block_count(uint32_t begin, uint32_t end)
{
    return end - begin < EVALUATE_LANES ? end - begin : EVALUATE_LANES;
}

static bool fold_values(struct merger *self)
{
    uint32_t value_count = self->values.table.count;
    for (uint32_t begin = 0; begin < value_count && !finish_is_given_up(self->finish);
         begin += EVALUATE_LANES) {
        uint32_t count = block_count(begin, value_count);
        if (!fold_block(self, begin, count) &&
            (!write_merged(self, &self->groups, 0, &self->run_area, &self->runs) ||
             !fold_block(self, begin, count))) {
            return self->is_disk_full ? false : fail_memory(self);
        }
    }
    return true;
}

/* Keeps merged groups as rows of the result. */
static bool keep_groups(struct merger *self)
{
    const struct sink *sink = self->finish->sink;
    const struct group_table *table = &self->groups.table;
    struct group_run *run =
        group_run_open(&self->area, table->count, sink->key_count + sink->aggregate_count, 0);
    if (run == NULL) {
        self->is_disk_full = true;
        return false;
    }
    for (uint32_t key = 0; key < sink->key_count; key++) {
        (void)finish_copy_lanes(self->finish, table->keys[key], table->nulls[key], table->count,
                                run->keys[key], run->nulls[key]);
    }
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        for (uint32_t group = 0; group < table->count; group++) {
            if (group % EVALUATE_LANES == 0 && finish_is_given_up(self->finish)) {
                return true;
            }
            if (aggregate_result(&self->groups.columns[at], sink->query, group,
                                 &run->keys[sink->key_count + at][group],
                                 &run->nulls[sink->key_count + at][group],
                                 &self->error) != STATUS_OK) {
                return false;
            }
        }
    }
    run->next = self->merged;
    self->merged = run;
    return true;
}

/* Merges a part of the lists; what outgrows the room goes to `deeper`, by the next level's bits. */
static bool merge_runs(struct merger *self, struct sink_groups *into, const struct run_lists *lists,
                       uint32_t part, uint32_t level, struct spill_area *area,
                       struct group_run **deeper)
{
    for (uint32_t list = 0; list < lists->count; list++) {
        for (const struct group_run *run = lists->first[list]; run != NULL; run = run->next) {
            uint32_t end = run->begins[part + 1];
            for (uint32_t begin = run->begins[part]; begin < end; begin += EVALUATE_LANES) {
                uint32_t count = block_count(begin, end);
                if (finish_is_given_up(self->finish)) {
                    return true;
                }
                if (!merge_block(self, into, run, begin, count) &&
                    (!write_merged(self, into, level + 1, area, deeper) ||
                     !merge_block(self, into, run, begin, count))) {
                    return self->is_disk_full ? false : fail_memory(self);
                }
            }
        }
    }
    return true;
}

/* Recursion is as deep as there are levels. */
static bool merge_part(struct merger *self, struct sink_groups *into, const struct run_lists *lists,
                       uint32_t part, uint32_t level)
{
    struct spill_area area = {.spill = self->finish->area.spill};
    struct group_run *deeper = NULL;
    bool is_done = merge_runs(self, into, lists, part, level, &area, &deeper);
    if (is_done && deeper != NULL) {
        struct run_lists own = {&deeper, 1};
        is_done = write_merged(self, into, level + 1, &area, &deeper);
        for (uint32_t next = 0; next < GROUP_PARTS && is_done; next++) {
            is_done = merge_part(self, into, &own, next, level + 1);
        }
    } else if (is_done && into->table.count > 0) {
        is_done = into == &self->values ? fold_values(self) : keep_groups(self);
        sink_groups_drop(into);
    }
    spill_close(&area);
    return is_done;
}

/* The layout of the values of DISTINCT aggregate `at`. */
static bool open_values(struct merger *self, uint32_t at)
{
    const struct sink *sink = self->finish->sink;
    struct arena *arena = self->finish->arena;
    enum type *types = arena_allocate(arena, (uint64_t)sink->key_count + 1, sizeof *types);
    if (types == NULL) {
        return fail_memory(self);
    }
    memcpy(types, sink->group_types, sink->key_count * sizeof *types);
    types[sink->key_count] = sink->aggregates[at].set_types[1];
    self->at = at;
    return group_table_open(&self->values.table, arena, sink->key_count + 1, types, NULL) ||
           fail_memory(self);
}

static void merge_sets(const struct worker *worker, void *context)
{
    struct run_merge *merge = context;
    struct merger *self = &merge->mergers[worker->index];
    const struct sink *sink = merge->finish->sink;
    uint64_t task = 0;
    uint64_t end = 0;
    uint64_t task_count = (uint64_t)sink->aggregate_count * GROUP_PARTS;
    bool is_done = true;
    while (is_done && team_next(&merge->next_set_part, task_count, 1, &task, &end)) {
        uint32_t at = (uint32_t)(task / GROUP_PARTS);
        if (!sink->aggregates[at].aggregate.is_distinct) {
            continue;
        }
        is_done = open_values(self, at) &&
                  merge_part(self, &self->values, &merge->sets[at], task % GROUP_PARTS, 0);
    }
    if (is_done && self->groups.table.count > 0) {
        /* A failure stays in the merger. */
        (void)write_merged(self, &self->groups, 0, &self->run_area, &self->runs);
    }
}

static void merge_groups(const struct worker *worker, void *context)
{
    struct run_merge *merge = context;
    struct merger *self = &merge->mergers[worker->index];
    uint64_t part = 0;
    uint64_t end = 0;
    while (team_next(&merge->next_part, GROUP_PARTS, 1, &part, &end) &&
           merge_part(self, &self->groups, &merge->groups, (uint32_t)part, 0)) {
    }
}

/* All that mergers kept, one after the other. */
static enum status publish_column(struct run_merge *merge, struct lanes *lanes, uint32_t column)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        for (const struct group_run *run = merge->mergers[i].merged; run != NULL; run = run->next) {
            (void)finish_copy_lanes(merge->finish, run->keys[column], run->nulls[column],
                                    run->count, lanes->values + at, lanes->is_null + at);
            at += run->count;
        }
    }
    return finish_given_up(merge->finish);
}

static enum status publish(struct run_merge *merge)
{
    struct finish *finish = merge->finish;
    const struct sink *sink = finish->sink;
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        spill_close(&sink->workers[i].run_area);
    }
    for (uint32_t i = 0; i < merge->merger_count; i++) {
        spill_close(&merge->mergers[i].run_area);
        for (const struct group_run *run = merge->mergers[i].merged; run != NULL; run = run->next) {
            finish->group_count += run->count;
        }
    }
    TRY(finish_open_columns(finish));
    for (uint32_t i = 0; i < sink->key_count + sink->aggregate_count; i++) {
        struct lanes *lanes = i < sink->key_count
                                  ? &finish->result->keys[i]
                                  : &finish->result->aggregates[i - sink->key_count];
        TRY(publish_column(merge, lanes, i));
    }
    for (uint64_t group = 0; group < finish->group_count; group++) {
        finish->result->order[group].value = group;
        if (group % EVALUATE_LANES == 0) {
            TRY(finish_given_up(finish));
        }
    }
    return STATUS_OK;
}
