/* The values of DISTINCT aggregates; see engine/finish_groups.h. Where several workers have groups,
 * values of groups that were joined meet, and those that come again are marked. Then what is left
 * of each source is folded into its own groups, and those that were kept take the states of those
 * that were dropped. */
#include "engine/finish_groups.h"
#include "engine/operations.h"

enum { REPEATED = -1 }; /* in place of a value's group */

/* One aggregate's. */
struct set_merge {
    const struct merge *merge;
    uint32_t at;
};

static enum status mark_repeated(const struct merge *merge, uint32_t at);
static void fold_sources(const struct worker *worker, void *context);
static void join_sources(const struct worker *worker, void *context);

static bool is_distinct(const struct merge *merge, uint32_t at)
{
    return merge->finish->sink->aggregates[at].aggregate.is_distinct;
}

enum status merge_sets(struct merge *merge)
{
    bool is_shared = merge_has_fates(merge);
    for (uint32_t at = 0; is_shared && at < merge->finish->sink->aggregate_count; at++) {
        if (is_distinct(merge, at)) {
            TRY(mark_repeated(merge, at));
        }
    }
    TRY(merge_run(merge, fold_sources));
    return is_shared ? merge_run(merge, join_sources) : STATUS_OK;
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

/* The group that a source's group is now part of. */
static struct meet_item group_of(const struct merge *merge, uint32_t source, int64_t group)
{
    const struct merge_source *from = &merge->sources[source];
    return from->fates[group] == GROUP_DROPPED ? from->kept[group]
                                               : (struct meet_item){source, (uint32_t)group};
}

static bool is_same_value(const void *context, struct meet_item left, struct meet_item right)
{
    const struct set_merge *sets = context;
    const struct group_table *left_set = set_of(sets, left.source);
    const struct group_table *right_set = set_of(sets, right.source);
    bool is_null = left_set->nulls[1][left.index] != 0;
    if (is_null != (right_set->nulls[1][right.index] != 0) ||
        (!is_null && !lane_same(left_set->types[1], left_set->keys[1][left.index],
                                right_set->keys[1][right.index]))) {
        return false;
    }
    struct meet_item one =
        group_of(sets->merge, left.source, left_set->keys[0][left.index].integer);
    struct meet_item other =
        group_of(sets->merge, right.source, right_set->keys[0][right.index].integer);
    return one.source == other.source && one.index == other.index;
}

static void join_value(void *context, struct meet_item kept, struct meet_item item)
{
    (void)kept;
    set_of(context, item.source)->keys[0][item.index].integer = REPEATED;
}

static enum status mark_repeated(const struct merge *merge, uint32_t at)
{
    static const struct meet_calls calls = {
        .takes = takes_value, .is_same = is_same_value, .join = join_value};
    struct set_merge sets = {merge, at};
    const struct group_table **tables =
        arena_allocate(merge->finish->arena, merge->source_count, sizeof(*tables));
    if (tables == NULL) {
        return finish_out_of_memory(merge->finish);
    }
    for (uint32_t i = 0; i < merge->source_count; i++) {
        tables[i] = set_of(&sets, i);
    }
    return merge_meet(merge, &calls, &sets, tables);
}

/* Folds those of a source's values begin..end-1 that were not marked. */
static void fold_block(const struct group_table *set, struct aggregate_column *column,
                       uint32_t begin, uint32_t end)
{
    uint32_t groups[EVALUATE_LANES];
    union lane values[EVALUATE_LANES];
    uint8_t nulls[EVALUATE_LANES];
    uint32_t count = 0;
    for (uint32_t entry = begin; entry < end; entry++) {
        int64_t group = set->keys[0][entry].integer;
        groups[count] = (uint32_t)group;
        values[count] = set->keys[1][entry];
        nulls[count] = set->nulls[1][entry];
        count += group != REPEATED;
    }
    struct lanes lanes = {set->types[1], values, nulls};
    /* Texts last: nothing is copied, so that nothing fails. */
    (void)aggregate_fold(column, NULL, groups, &lanes, NULL, count);
}

static void fold_source(const struct merge *merge, struct sink_groups *groups, uint32_t at)
{
    const struct group_table *set = &groups->sets[at];
    for (uint32_t begin = 0; begin < set->count; begin += EVALUATE_LANES) {
        if (finish_is_given_up(merge->finish)) {
            return;
        }
        uint32_t rest = set->count - begin;
        fold_block(set, &groups->columns[at], begin,
                   begin + (rest < EVALUATE_LANES ? rest : EVALUATE_LANES));
    }
}

/* A source that a worker of the team made is most often that worker's to fold. */
static void fold_sources(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    for (uint32_t i = worker->index; i < merge->source_count; i += worker->worker_count) {
        for (uint32_t at = 0; at < merge->finish->sink->aggregate_count; at++) {
            if (is_distinct(merge, at)) {
                fold_source(merge, merge->sources[i].groups, at);
            }
        }
    }
}

/* All that are joined to a group are one worker's. */
static void join_sources(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    for (uint32_t i = 0; i < merge->source_count; i++) {
        const struct merge_source *from = &merge->sources[i];
        for (uint32_t group = 0; group < from->groups->table.count; group++) {
            if (group % EVALUATE_LANES == 0 && finish_is_given_up(merge->finish)) {
                return;
            }
            if (from->fates[group] == GROUP_DROPPED &&
                from->kept[group].index % worker->worker_count == worker->index) {
                merge_states(merge, from->kept[group], (struct meet_item){i, group}, true);
            }
        }
    }
}
