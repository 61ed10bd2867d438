/* Stages that keep rows apart by their values: grouping with aggregates, and DISTINCT. */
#include "pipeline/row_set.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"

/* Of one run. */
struct group_state {
    struct row_set groups;
    struct value *values; /* of the row that is looked up, [width] */
};

static enum status open_groups(struct run *run, struct pipe *pipe, uint32_t width)
{
    struct error *error = run->source->error;
    struct group_state *state = pool_allocate(&run->pool, 1, sizeof *state, error);
    if (state == NULL) {
        return error->status;
    }
    *state = (struct group_state){
        .groups = {.pool = pool_kept(run->pool.budget, run->stop), .width = width}};
    pipe->state = state;
    state->values = pool_allocate(&run->pool, width, sizeof *state->values, error);
    return state->values == NULL ? error->status : STATUS_OK;
}

static void close_groups(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    profile_hold(run, pipe->stage->index, state->groups.pool.bytes);
    row_set_close(&state->groups);
}

static enum status open_distinct(struct run *run, struct pipe *pipe)
{
    return open_groups(run, pipe, pipe->stage->slot_count);
}

static enum pushed push_distinct(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    bool is_new = false;
    for (uint32_t i = 0; i < pipe->stage->slot_count; i++) {
        state->values[i] = run->row[pipe->stage->slots[i]];
    }
    if (row_set_add(&state->groups, state->values, &is_new, run->source->error) == NULL) {
        return PUSHED_FAILED;
    }
    return is_new ? pipe_push(run, pipe->next) : PUSHED_MORE;
}

const struct stage_methods stage_distinct = {
    .open = open_distinct, .push = push_distinct, .close = close_groups};

/* The aggregates of a new group. */
static struct fold_state **begin_folds(struct run *run, const struct stage *stage,
                                       struct group_state *state)
{
    struct error *error = run->source->error;
    struct pool *pool = &state->groups.pool;
    struct fold_state **folds = pool_allocate(pool, stage->fold_count, sizeof(*folds), error);
    for (uint32_t i = 0; folds != NULL && i < stage->fold_count; i++) {
        const struct stage_fold *fold = &stage->folds[i];
        folds[i] = fold_begin(fold->kind, fold->is_distinct, pool, error);
        if (folds[i] == NULL) {
            return NULL;
        }
    }
    return folds;
}

/* What is wrong with values is shown where it stands in the query. */
static enum status fold_error(struct run *run, const struct stage_fold *fold,
                              const struct error *problem)
{
    return problem->status == STATUS_USAGE
               ? source_error(run->source, fold->place, "%s", problem->text)
               : error_set(run->source->error, problem->status, "%s", problem->text);
}

static enum status take_row(struct run *run, const struct stage *stage, struct fold_state **folds)
{
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        const struct stage_fold *fold = &stage->folds[i];
        struct value argument = value_bool(true);
        struct value parameter = value_null();
        struct error problem = {0};
        if (fold->argument != NULL) {
            TRY(evaluate(run, fold->argument, &argument));
        }
        if (fold->parameter != NULL) {
            TRY(evaluate(run, fold->parameter, &parameter));
        }
        if (fold_take(folds[i], argument, parameter, &problem) != STATUS_OK) {
            return fold_error(run, fold, &problem);
        }
    }
    return STATUS_OK;
}

static enum status open_group(struct run *run, struct pipe *pipe)
{
    return open_groups(run, pipe, pipe->stage->item_count);
}

static struct row_entry *find_group(struct run *run, struct pipe *pipe)
{
    struct group_state *state = pipe->state;
    bool is_new = false;
    struct row_entry *group =
        row_set_add(&state->groups, state->values, &is_new, run->source->error);
    if (group != NULL && is_new) {
        group->payload = begin_folds(run, pipe->stage, state);
        return group->payload == NULL ? NULL : group;
    }
    return group;
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
    struct row_entry *group = find_group(run, pipe);
    bool is_taken = group != NULL && take_row(run, stage, group->payload) == STATUS_OK;
    return is_taken ? PUSHED_MORE : PUSHED_FAILED;
}

static enum pushed hand_on(struct run *run, struct pipe *pipe, const struct row_entry *group)
{
    const struct stage *stage = pipe->stage;
    struct fold_state **folds = group->payload;
    for (uint32_t i = 0; i < stage->item_count; i++) {
        run->row[stage->items[i].slot] = group->values[i];
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        struct error problem = {0};
        if (fold_finish(folds[i], run->stop, &run->row[stage->folds[i].slot], &problem) !=
            STATUS_OK) {
            (void)fold_error(run, &stage->folds[i], &problem);
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
    if (pipe->stage->item_count == 0 && row_set_count(&state->groups) == 0 &&
        find_group(run, pipe) == NULL) { /* without keys there is one group, even of no rows */
        return PUSHED_FAILED;
    }
    enum pushed pushed = PUSHED_MORE;
    uint32_t count = row_set_count(&state->groups);
    for (uint32_t group = 0; group < count && pushed == PUSHED_MORE; group++) {
        pushed = hand_on(run, pipe, row_set_at(&state->groups, group));
    }
    return pushed;
}

const struct stage_methods stage_group = {
    .open = open_group, .push = push_group, .finish = finish_group, .close = close_groups};
