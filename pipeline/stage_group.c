/* Stages that keep rows apart by their values: grouping with aggregates, and DISTINCT. */
#include "pipeline/stage_group.h"

#include "pipeline/group_merge.h"
#include "pipeline/profile.h"

enum { PART_ROWS_MAX = 1 << 16 }; /* of a DISTINCT */

static enum status open_groups(struct run *run, struct pipe *pipe, uint32_t width)
{
    struct error *error = run->source->error;
    struct group_state *state = pool_allocate(&run->pool, 1, sizeof *state, error);
    if (state == NULL) {
        return error->status;
    }
    bool is_parted = pipe->is_part && pipe->stage->kind == STAGE_GROUP;
    *state = (struct group_state){.pool = pool_kept(run->pool.budget, run->stop),
                                  .table_count = is_parted ? GROUP_TABLES : 1};
    for (uint32_t i = 0; i < state->table_count; i++) {
        state->tables[i] = (struct row_set){.pool = &state->pool, .width = width};
    }
    pipe->state = state;
    state->values = pool_allocate(&run->pool, width, sizeof *state->values, error);
    return state->values == NULL ? error->status : STATUS_OK;
}

static void close_groups(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    profile_hold(run, pipe->stage->index, state->pool.bytes);
    pool_close(&state->pool);
}

static enum status open_distinct(struct run *run, struct pipe *pipe)
{
    return open_groups(run, pipe, pipe->stage->slot_count);
}

/* A part need not find all that it has had: the stage behind it does. */
static void forget_some(struct group_state *state)
{
    struct row_set *rows = &state->tables[0];
    if (row_set_count(rows) == PART_ROWS_MAX) {
        *rows = (struct row_set){.pool = rows->pool, .width = rows->width};
        pool_close(&state->pool);
    }
}

static enum pushed push_distinct(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    uint32_t width = pipe->stage->slot_count;
    bool is_new = false;
    if (pipe->is_part) {
        forget_some(state);
    }
    for (uint32_t i = 0; i < width; i++) {
        state->values[i] = run->row[pipe->stage->slots[i]];
    }
    if (row_set_add(&state->tables[0], state->values, row_hash(state->values, width), &is_new,
                    run->source->error) == NULL) {
        return PUSHED_FAILED;
    }
    return is_new ? pipe_push(run, pipe->next) : PUSHED_MORE;
}

const struct stage_methods stage_distinct = {
    .open = open_distinct, .push = push_distinct, .close = close_groups};

/* A new group, and its aggregates. */
static struct group *begin_group(struct run *run, const struct pipe *pipe, uint64_t hash)
{
    const struct stage *stage = pipe->stage;
    struct error *error = run->source->error;
    struct group_state *state = pipe->state;
    size_t bytes = sizeof(struct group) + stage->fold_count * sizeof(struct fold_state *);
    struct group *group = pool_allocate(&state->pool, 1, bytes, error);
    if (group == NULL) {
        return NULL;
    }
    uint32_t number = state->group_count++;
    group->first = pipe->has_places ? pipe->place : pipe->place << 32 | number;
    group->hash = hash;
    group->beside = NULL;
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        const struct stage_fold *fold = &stage->folds[i];
        const uint64_t *place = pipe->is_part ? &pipe->place : NULL;
        group->folds[i] =
            fold_begin_part(fold->kind, fold->is_distinct, place, &state->pool, error);
        if (group->folds[i] == NULL) {
            return NULL;
        }
    }
    return group;
}

enum status group_fold_error(struct run *run, const struct stage_fold *fold)
{
    struct error problem = *run->source->error;
    if (problem.status == STATUS_USAGE) {
        error_clear(run->source->error);
        return source_error(run->source, fold->place, "%s", problem.text);
    }
    return problem.status;
}

static enum status take_row(struct run *run, const struct stage *stage, struct group *group)
{
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        const struct stage_fold *fold = &stage->folds[i];
        struct value argument = value_bool(true);
        struct value parameter = value_null();
        if (fold->argument != NULL) {
            TRY(evaluate(run, fold->argument, &argument));
        }
        if (fold->parameter != NULL) {
            TRY(evaluate(run, fold->parameter, &parameter));
        }
        if (fold_take(group->folds[i], argument, parameter, run->source->error) != STATUS_OK) {
            return group_fold_error(run, fold);
        }
    }
    return STATUS_OK;
}

static enum status open_group(struct run *run, struct pipe *pipe)
{
    return open_groups(run, pipe, pipe->stage->item_count);
}

/* A row that stands before those that the group has had; its keys are shown. */
static enum status begin_earlier(struct run *run, const struct pipe *pipe, struct row_entry *entry)
{
    struct group_state *state = pipe->state;
    ((struct group *)entry->payload)->first = pipe->place;
    for (uint32_t i = 0; i < pipe->stage->item_count; i++) {
        TRY(pool_keep_other(&state->pool, &entry->values[i], state->values[i], run->source->error));
    }
    return STATUS_OK;
}

struct group *group_find(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    uint64_t hash = row_hash(state->values, pipe->stage->item_count);
    uint32_t table = (uint32_t)(hash >> (64 - GROUP_TABLE_BITS)) & (state->table_count - 1);
    bool is_new = false;
    struct row_entry *entry =
        row_set_add(&state->tables[table], state->values, hash, &is_new, run->source->error);
    if (entry == NULL) {
        return NULL;
    }
    if (is_new) {
        entry->payload = begin_group(run, pipe, hash);
    }
    struct group *group = entry->payload;
    bool is_earlier = !is_new && pipe->has_places && pipe->place < group->first;
    return is_earlier && begin_earlier(run, pipe, entry) != STATUS_OK ? NULL : group;
}

static enum pushed push_group(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    struct group_state *state = pipe->state;
    for (uint32_t i = 0; i < stage->item_count; i++) {
        if (evaluate(run, stage->items[i].term, &state->values[i]) != STATUS_OK) {
            return PUSHED_FAILED;
        }
    }
    struct group *group = group_find(run, pipe);
    bool is_taken = group != NULL && take_row(run, stage, group) == STATUS_OK;
    return is_taken ? PUSHED_MORE : PUSHED_FAILED;
}

static enum pushed hand_on(struct run *run, struct pipe *pipe, const struct row_entry *entry)
{
    const struct stage *stage = pipe->stage;
    struct group *group = entry->payload;
    for (uint32_t i = 0; i < stage->item_count; i++) {
        run->row[stage->items[i].slot] = entry->values[i];
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        const struct stage_fold *fold = &stage->folds[i];
        if (fold_finish(group->folds[i], run->stop, &run->row[fold->slot], run->source->error) !=
            STATUS_OK) {
            (void)group_fold_error(run, fold);
            return PUSHED_FAILED;
        }
    }
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = pipe_push(run, pipe->next);
    pool_release(&run->pool, mark);
    return pushed;
}

static enum pushed finish_group(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    const struct row_set *groups = &state->tables[0];
    if (pipe->stage->item_count == 0 && row_set_count(groups) == 0 &&
        group_find(run, pipe) == NULL) { /* without keys there is one group, even of no rows */
        return PUSHED_FAILED;
    }
    enum pushed pushed = PUSHED_MORE;
    uint32_t count = row_set_count(groups);
    for (uint32_t group = 0; group < count && pushed == PUSHED_MORE; group++) {
        pushed = hand_on(run, pipe, row_set_at(groups, group));
    }
    return pushed;
}

const struct stage_methods stage_group = {.open = open_group,
                                          .push = push_group,
                                          .finish = finish_group,
                                          .finish_parts = group_finish_parts,
                                          .close = close_groups};
