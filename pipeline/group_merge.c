/* Table by table, each by one worker, into the table of the worker that has most groups there. Then
 * all are put in order, and handed on with their results. */
#include "pipeline/group_merge.h"

#include "base/radix.h"
#include "numa/team.h"
#include "pipeline/compiled.h"
#include "pipeline/stage_group.h"

enum { GROUPS_AHEAD = 16 };

/* Of one GROUP; parts[i] is the part of the team's worker i. */
struct merging {
    const struct stage *stage;
    const struct stage_part *parts;
    uint32_t part_count;
    _Atomic uint64_t next_table;
    _Atomic bool has_failed;
    struct row_set *merged[GROUP_TABLES];
    struct radix_pair *order; /* of all groups: `first`, the group */
};

static struct group_state *state_of(const struct merging *merging, uint32_t part)
{
    return merging->parts[part].pipe == NULL ? NULL : merging->parts[part].pipe->state;
}

static struct row_set *largest(const struct merging *merging, uint32_t table)
{
    struct row_set *most = NULL;
    for (uint32_t i = 0; i < merging->part_count; i++) {
        struct group_state *state = state_of(merging, i);
        if (state != NULL &&
            (most == NULL || row_set_count(&state->tables[table]) > row_set_count(most))) {
            most = &state->tables[table];
        }
    }
    return most;
}

/* Puts the groups of a table beside those that are the same in `merged`. */
static enum status add_table(struct run *run, struct row_set *merged, const struct row_set *table)
{
    uint32_t count = row_set_count(table);
    for (uint32_t i = 0; i < count; i++) {
        bool is_new = false;
        struct row_entry *entry = row_set_at(table, i);
        struct group *group = entry->payload;
        if (i + GROUPS_AHEAD < count) {
            __builtin_prefetch(row_set_at(table, i + GROUPS_AHEAD)->payload);
        }
        if (!run_continues(run)) {
            return stop_error(run->stop, "grouping", run->source->error);
        }
        struct row_entry *same =
            row_set_add(merged, entry->values, group->hash, &is_new, run->source->error);
        if (same == NULL) {
            return run->source->error->status;
        }
        group->keys = entry->values;
        if (!is_new) {
            group->beside = ((struct group *)same->payload)->beside;
            ((struct group *)same->payload)->beside = group;
        } else {
            same->payload = group;
        }
    }
    return STATUS_OK;
}

/* One group of all parts that have it; it shows the keys that came first, since 1 and 1.0 are the
 * same key. */
static enum status merge_group(struct run *run, const struct merging *merging, struct pool *pool,
                               struct row_entry *entry)
{
    struct group *group = entry->payload;
    struct group *earliest = group;
    struct error *error = run->source->error;
    struct fold_state **states =
        pool_allocate(&run->pool, merging->part_count, sizeof(*states), error);
    if (states == NULL) {
        return error->status;
    }
    group->keys = entry->values;
    for (struct group *part = group; part != NULL; part = part->beside) {
        earliest = part->first < earliest->first ? part : earliest;
    }
    for (uint32_t i = 0; i < merging->stage->fold_count; i++) {
        const struct stage_fold *fold = &merging->stage->folds[i];
        uint32_t count = 0;
        for (struct group *part = group; part != NULL; part = part->beside) {
            states[count++] = part->folds[i];
        }
        if (fold_merge(states, count, pool, run->stop, error) != STATUS_OK ||
            fold_finish(states[0], run->stop, &group->results[i], error) != STATUS_OK) {
            return group_fold_error(run, fold);
        }
    }
    group->keys = earliest->keys;
    group->first = earliest->first;
    return STATUS_OK;
}

static enum status merge_table(struct run *run, struct merging *merging, struct pool *pool,
                               uint32_t table)
{
    struct row_set *merged = largest(merging, table);
    merging->merged[table] = merged;
    merged->pool = pool;
    merged->borrows = true;
    for (uint32_t i = 0; i < merging->part_count; i++) {
        const struct group_state *state = state_of(merging, i);
        if (state != NULL && &state->tables[table] != merged) {
            TRY(add_table(run, merged, &state->tables[table]));
        }
    }
    uint32_t count = row_set_count(merged);
    for (uint32_t i = 0; i < count; i++) {
        struct row_entry *entry = row_set_at(merged, i);
        struct group *group = entry->payload;
        if (i + GROUPS_AHEAD < count) {
            __builtin_prefetch(row_set_at(merged, i + GROUPS_AHEAD)->payload);
        }
        group->results = pool_allocate(pool, merging->stage->fold_count, sizeof *group->results,
                                       run->source->error);
        if (group->results == NULL) {
            return run->source->error->status;
        }
        if (!run_continues(run)) {
            return stop_error(run->stop, "grouping", run->source->error);
        }
        struct pool_mark mark = pool_mark(&run->pool);
        TRY(merge_group(run, merging, pool, entry));
        pool_release(&run->pool, mark);
    }
    return STATUS_OK;
}

static void merge_tables(struct merging *merging, uint32_t worker)
{
    uint64_t table;
    uint64_t end;
    struct group_state *own = state_of(merging, worker);
    while (own != NULL && !atomic_load_explicit(&merging->has_failed, memory_order_relaxed) &&
           team_next(&merging->next_table, GROUP_TABLES, 1, &table, &end)) {
        if (merge_table(merging->parts[worker].run, merging, &own->pool, (uint32_t)table) !=
            STATUS_OK) {
            atomic_store_explicit(&merging->has_failed, true, memory_order_relaxed);
        }
    }
}

static void run_worker(const struct worker *worker, void *context)
{
    struct merging *merging = context;
    if (worker->index < merging->part_count) {
        merge_tables(merging, worker->index);
    }
}

/* In the order in which one worker would have met them. */
static enum status put_in_order(struct run *run, struct merging *merging, struct pool *pool,
                                uint64_t *count)
{
    struct error *error = run->source->error;
    *count = 0;
    for (uint32_t table = 0; table < GROUP_TABLES; table++) {
        *count += row_set_count(merging->merged[table]);
    }
    struct radix_pair *scratch = pool_allocate(pool, *count, sizeof *scratch, error);
    merging->order = pool_allocate(pool, *count, sizeof *merging->order, error);
    if (scratch == NULL || merging->order == NULL) {
        return error->status;
    }
    uint64_t at = 0;
    for (uint32_t table = 0; table < GROUP_TABLES; table++) {
        const struct row_set *groups = merging->merged[table];
        for (uint32_t i = 0; i < row_set_count(groups); i++) {
            const struct group *group = row_set_at(groups, i)->payload;
            if (!run_continues(run)) {
                return stop_error(run->stop, "grouping", error);
            }
            merging->order[at++] = (struct radix_pair){group->first, (uintptr_t)group};
        }
    }
    struct stop_patience patience;
    stop_patience_init(&patience, run->stop, 0);
    radix_sort_patiently(merging->order, scratch, *count, &patience);
    return stop_error(run->stop, "grouping", error);
}

static const struct group *group_at(const struct merging *merging, uint64_t row)
{
    return (const struct group *)(uintptr_t)merging->order[row].value;
}

/* Groups lie where the workers that found them put them, and are read in another order. */
static void fetch_ahead(const struct merging *merging, uint64_t row, uint64_t end)
{
    if (row + GROUPS_AHEAD < end) {
        __builtin_prefetch(group_at(merging, row + GROUPS_AHEAD));
    }
    if (row + GROUPS_AHEAD / 2 < end) {
        const struct group *group = group_at(merging, row + GROUPS_AHEAD / 2);
        __builtin_prefetch(group->keys);
        __builtin_prefetch(group->results);
    }
}

static enum status read_group(struct run *run, void *context, uint32_t worker, uint64_t row,
                              uint64_t end)
{
    const struct merging *merging = context;
    const struct stage *stage = merging->stage;
    const struct group *group = group_at(merging, row);
    (void)worker;
    fetch_ahead(merging, row, end);
    for (uint32_t i = 0; i < stage->item_count; i++) {
        run->row[stage->items[i].slot] = group->keys[i];
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        run->row[stage->folds[i].slot] = group->results[i];
    }
    return STATUS_OK;
}

enum pushed group_finish_parts(struct run *run, const struct stage_part *parts, uint32_t count,
                               struct pipe *next)
{
    const struct stage *stage = parts[0].pipe->stage;
    struct merging merging = {.stage = stage, .parts = parts, .part_count = count};
    struct pool pool = pool_kept(run->pool.budget, run->stop);
    uint64_t group_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        group_count += state_of(&merging, i) == NULL ? 0 : state_of(&merging, i)->group_count;
    }
    if (stage->item_count == 0 && group_count == 0 &&
        group_find(parts[0].run, parts[0].pipe) == NULL) {
        stage_take_error(run, parts, count);
        return PUSHED_FAILED;
    }
    team_run(run->options->team, run_worker, &merging);
    enum pushed pushed = PUSHED_FAILED;
    if (atomic_load_explicit(&merging.has_failed, memory_order_relaxed)) {
        stage_take_error(run, parts, count);
    } else if (put_in_order(run, &merging, &pool, &group_count) == STATUS_OK) {
        struct row_source source = {group_count, read_group, &merging};
        pushed = pipe_push_all(run, next, &source);
    }
    pool_close(&pool);
    return pushed;
}
