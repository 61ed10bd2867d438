/* Evaluation of patterns and subqueries inside expressions. */
#include "pipeline/evaluate.h"
#include "pipeline/pipe.h"
#include "pipeline/row_set.h"

static enum pushed stop_at_first(struct run *run, void *context)
{
    bool *is_found = context;
    (void)run;
    *is_found = true;
    return PUSHED_ENOUGH;
}

/* Rows being counted; those of a UNION once each. */
struct counting {
    const struct subquery *subquery;
    uint32_t branch;
    struct row_set seen;
    struct pool pool;  /* of what was seen */
    struct value *row; /* of the columns; NULL: every row counts */
    int64_t count;
};

static enum pushed count_row(struct run *run, void *context)
{
    struct counting *counting = context;
    bool is_new = true;
    for (uint32_t i = 0; counting->row != NULL && i < counting->subquery->column_count; i++) {
        counting->row[i] = run->row[counting->subquery->columns[counting->branch][i]];
    }
    if (counting->row != NULL &&
        row_set_add(&counting->seen, counting->row,
                    row_hash(counting->row, counting->subquery->column_count), &is_new,
                    run->source->error) == NULL) {
        return PUSHED_FAILED;
    }
    counting->count += is_new;
    return PUSHED_MORE;
}

/* The error of a run that ended with PUSHED_FAILED. */
static enum status failure(struct run *run)
{
    enum status status = run->source->error->status;
    return status != STATUS_OK ? status
                               : stop_error(run->stop, "running the query", run->source->error);
}

static enum status evaluate_pattern(struct run *run, const struct term *term, struct value *value)
{
    bool is_found = false;
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = pattern_match(run, term->pattern, stop_at_first, &is_found);
    pool_release(&run->pool, mark);
    *value = value_bool(is_found);
    return pushed == PUSHED_FAILED ? failure(run) : STATUS_OK;
}

/* A comprehension's items are copied into a pool of their own, since what the matching makes lies
 * above marks that it returns to. */
struct gathering {
    const struct term *term;
    struct pool pool;
    struct list_builder items;
};

static enum pushed gather(struct run *run, void *context)
{
    struct gathering *gathering = context;
    struct value item;
    struct value copy;
    bool is_kept = evaluate(run, gathering->term->children[0], &item) == STATUS_OK &&
                   pool_copy(&gathering->pool, item, &copy, run->source->error) == STATUS_OK &&
                   list_add(&gathering->items, copy, run->source->error) == STATUS_OK;
    return is_kept ? PUSHED_MORE : PUSHED_FAILED;
}

static enum status evaluate_pattern_list(struct run *run, const struct term *term,
                                         struct value *value)
{
    struct gathering gathering = {.term = term,
                                  .pool = {.budget = run->pool.budget, .stop = run->stop}};
    gathering.items.pool = &gathering.pool;
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = pattern_match(run, term->pattern, gather, &gathering);
    pool_release(&run->pool, mark);
    enum status status =
        pushed == PUSHED_FAILED
            ? failure(run)
            : pool_copy(&run->pool, list_finish(&gathering.items), value, run->source->error);
    pool_close(&gathering.pool);
    return status;
}

static enum status evaluate_exists(struct run *run, const struct term *term, struct value *value)
{
    bool is_found = false;
    for (uint32_t i = 0; !is_found && i < term->subquery->branch_count; i++) {
        TRY(pipe_run(run, term->subquery->branches[i], stop_at_first, &is_found));
    }
    *value = value_bool(is_found);
    return STATUS_OK;
}

static enum status evaluate_count(struct run *run, const struct term *term, struct value *value)
{
    const struct subquery *subquery = term->subquery;
    struct counting counting = {.subquery = subquery,
                                .seen = {.width = subquery->column_count},
                                .pool = {.budget = run->pool.budget, .stop = run->stop}};
    counting.seen.pool = &counting.pool;
    struct pool_mark mark = pool_mark(&run->pool);
    enum status status = STATUS_OK;
    if (subquery->is_distinct) {
        counting.row = pool_allocate(&run->pool, subquery->column_count, sizeof *counting.row,
                                     run->source->error);
        status = counting.row == NULL ? run->source->error->status : STATUS_OK;
    }
    for (; status == STATUS_OK && counting.branch < subquery->branch_count; counting.branch++) {
        status = pipe_run(run, subquery->branches[counting.branch], count_row, &counting);
    }
    pool_close(&counting.pool);
    pool_release(&run->pool, mark);
    *value = value_integer(counting.count);
    return status;
}

enum status evaluate_query(struct run *run, const struct term *term, struct value *value)
{
    switch (term->kind) {
    case AST_PATTERN:
        return evaluate_pattern(run, term, value);
    case AST_PATTERN_COMPREHENSION:
        return evaluate_pattern_list(run, term, value);
    case AST_EXISTS:
        return evaluate_exists(run, term, value);
    case AST_COUNT:
        return evaluate_count(run, term, value);
    default:
        return evaluate_error(run, term, "this cannot be evaluated");
    }
}
