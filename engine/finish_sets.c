/* The values of DISTINCT aggregates where several workers have groups; see engine/finish_groups.h.
 * Values of groups that were joined meet, and those that come again are marked; then each worker
 * folds what is left for a share of the rows. */
#include "engine/finish_groups.h"
#include "engine/operations.h"

enum { REPEATED = -1 }; /* in place of a value's group */

/* One aggregate's. */
struct set_merge {
    const struct merge *merge;
    uint32_t at;
};

static enum status merge_set(struct merge *merge, uint32_t at);
static void fold_rows(const struct worker *worker, void *context);

enum status merge_sets(struct merge *merge)
{
    const struct finish *finish = merge->finish;
    const struct sink *sink = finish->sink;
    if (finish->group_count > UINT32_MAX) {
        return error_set(finish->error, STATUS_LIMIT,
                         "DISTINCT aggregates over more than %u groups cannot be had; ask for less "
                         "(fewer groups, a narrower window)",
                         UINT32_MAX);
    }
    merge->columns =
        arena_allocate_zeroed(finish->arena, sink->aggregate_count, sizeof *merge->columns);
    if (merge->columns == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        if (sink->aggregates[at].aggregate.is_distinct) {
            TRY(merge_set(merge, at));
        }
    }
    return merge_run(merge, fold_rows);
}

static struct group_table *set_of(const struct set_merge *sets, uint32_t source)
{
    return &sets->merge->sources[source].groups->sets[sets->at];
}

static bool takes_value(const void *context, struct meet_item item)
{
    const struct set_merge *sets = context;
    int64_t group = set_of(sets, item.source)->keys[0][item.index].integer;
    return sets->merge->sources[item.source].fates[group] != GROUP_ALONE;
}

/* The row that a group of a source is, or was joined to. */
static uint32_t row_of(const struct merge *merge, uint32_t source, int64_t group)
{
    const struct merge_source *from = &merge->sources[source];
    if (from->fates[group] != GROUP_DROPPED) {
        return from->rows[group];
    }
    struct meet_item kept = from->kept[group];
    return merge->sources[kept.source].rows[kept.index];
}

static bool is_same_value(const void *context, struct meet_item left, struct meet_item right)
{
    const struct set_merge *sets = context;
    const struct group_table *left_set = set_of(sets, left.source);
    const struct group_table *right_set = set_of(sets, right.source);
    bool is_null = left_set->nulls[1][left.index] != 0;
    return is_null == (right_set->nulls[1][right.index] != 0) &&
           (is_null || lane_same(left_set->types[1], left_set->keys[1][left.index],
                                 right_set->keys[1][right.index])) &&
           row_of(sets->merge, left.source, left_set->keys[0][left.index].integer) ==
               row_of(sets->merge, right.source, right_set->keys[0][right.index].integer);
}

static void join_value(void *context, struct meet_item kept, struct meet_item item)
{
    (void)kept;
    set_of(context, item.source)->keys[0][item.index].integer = REPEATED;
}

static enum status merge_set(struct merge *merge, uint32_t at)
{
    static const struct meet_calls calls = {
        .takes = takes_value, .is_same = is_same_value, .join = join_value};
    const struct finish *finish = merge->finish;
    struct set_merge sets = {merge, at};
    struct aggregate_column *column = &merge->columns[at];
    const struct group_table **tables =
        arena_allocate(finish->arena, merge->source_count, sizeof(*tables));
    *column = merge->sources[0].groups->columns[at];
    column->states =
        arena_allocate_zeroed(finish->arena, finish->group_count, sizeof *column->states);
    if (tables == NULL || column->states == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < merge->source_count; i++) {
        tables[i] = set_of(&sets, i);
    }
    return merge_meet(merge, &calls, &sets, tables);
}

/* Folds those of a source's values begin..end-1 that were not marked, for rows first..last-1. */
static void fold_block(const struct set_merge *sets, uint32_t source, uint32_t begin, uint32_t end,
                       uint64_t first, uint64_t last)
{
    const struct merge *merge = sets->merge;
    const struct group_table *set = set_of(sets, source);
    uint32_t rows[EVALUATE_LANES];
    union lane values[EVALUATE_LANES];
    uint8_t nulls[EVALUATE_LANES];
    uint32_t count = 0;
    for (uint32_t entry = begin; entry < end; entry++) {
        int64_t group = set->keys[0][entry].integer;
        uint32_t row = row_of(merge, source, group == REPEATED ? 0 : group);
        rows[count] = row;
        values[count] = set->keys[1][entry];
        nulls[count] = set->nulls[1][entry];
        count += group != REPEATED && row >= first && row < last;
    }
    struct lanes lanes = {set->types[1], values, nulls};
    /* Texts last: nothing is copied, so that nothing fails. */
    (void)aggregate_fold(&merge->columns[sets->at], NULL, rows, &lanes, NULL, count);
}

/* The rows first..last-1 of one aggregate. */
static enum status fold_share(const struct set_merge *sets, uint64_t first, uint64_t last,
                              struct error *error)
{
    const struct merge *merge = sets->merge;
    const struct finish *finish = merge->finish;
    for (uint32_t source = 0; source < merge->source_count; source++) {
        uint32_t count = set_of(sets, source)->count;
        for (uint32_t begin = 0; begin < count; begin += EVALUATE_LANES) {
            uint32_t end = count - begin < EVALUATE_LANES ? count : begin + EVALUATE_LANES;
            if (finish_is_given_up(finish)) {
                return STATUS_INTERRUPTED;
            }
            fold_block(sets, source, begin, end, first, last);
        }
    }
    const struct lanes *lanes = &finish->result->aggregates[sets->at];
    for (uint64_t row = first; row < last; row++) {
        if (row % EVALUATE_LANES == 0 && finish_is_given_up(finish)) {
            return STATUS_INTERRUPTED;
        }
        TRY(aggregate_result(&merge->columns[sets->at], finish->sink->query, (uint32_t)row,
                             &lanes->values[row], &lanes->is_null[row], error));
    }
    return STATUS_OK;
}

static void fold_rows(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    const struct sink *sink = merge->finish->sink;
    struct error *error = &merge->errors[worker->index];
    uint64_t first = 0;
    uint64_t last = 0;
    team_share(worker, merge->finish->group_count, &first, &last);
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        struct set_merge sets = {merge, at};
        if (sink->aggregates[at].aggregate.is_distinct &&
            fold_share(&sets, first, last, error) != STATUS_OK) {
            return;
        }
    }
}
