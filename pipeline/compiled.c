/* Running a compiled query: its branches one after another, into one answer. */
#include "pipeline/compiled.h"

#include <string.h>

#include "base/memory.h"
#include "pipeline/pattern_timed.h"
#include "pipeline/residual.h"
#include "pipeline/row_set.h"

/* Where the rows of a branch go. */
struct collecting {
    const struct compiled *compiled;
    struct answer *answer;
    struct row_set *seen; /* of a UNION; NULL: every row counts */
    const uint32_t *columns;
    struct value *row;
    uint64_t row_limit;
    struct stop *stop;
};

static enum pushed collect(struct run *run, void *context)
{
    struct collecting *collecting = context;
    struct answer *answer = collecting->answer;
    struct error *error = run->source->error;
    for (uint32_t i = 0; i < answer->column_count; i++) {
        collecting->row[i] = run->row[collecting->columns[i]];
    }
    if (collecting->seen != NULL) {
        bool is_new = false;
        if (row_set_add(collecting->seen, collecting->row,
                        row_hash(collecting->row, collecting->seen->width), &is_new,
                        error) == NULL) {
            return PUSHED_FAILED;
        }
        if (!is_new) {
            return PUSHED_MORE;
        }
    }
    if (collecting->row_limit != 0 && answer->row_count >= collecting->row_limit) {
        stop_request(collecting->stop, STOP_ROWS);
        return PUSHED_FAILED;
    }
    return answer_add(answer, collecting->row, error) == STATUS_OK ? PUSHED_MORE : PUSHED_FAILED;
}

static enum status run_branches(struct run *run, struct collecting *collecting)
{
    const struct compiled *compiled = collecting->compiled;
    for (uint32_t i = 0; i < compiled->branch_count; i++) {
        collecting->columns = compiled->columns[i];
        TRY(pipe_run(run, compiled->branches[i], collect, collecting));
    }
    return STATUS_OK;
}

static enum status open_run(struct run *run, struct collecting *collecting, struct error *error)
{
    const struct compiled *compiled = collecting->compiled;
    run->row = pool_allocate(&run->pool, compiled->slot_count + 1, sizeof *run->row, error);
    collecting->row = run->row == NULL ? NULL
                                       : pool_allocate(&run->pool, compiled->column_count + 1,
                                                       sizeof *run->row, error);
    if (collecting->row == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < compiled->slot_count; i++) {
        run->row[i] = value_null();
    }
    return STATUS_OK;
}

static struct answer *open_answer(const struct compiled *compiled,
                                  const struct run_options *options)
{
    struct answer *answer = memory_allocate(1, sizeof *answer);
    if (answer != NULL) {
        *answer = (struct answer){.pool = pool_kept(options->budget, options->stop),
                                  .column_count = compiled->column_count,
                                  .names = compiled->names};
    }
    return answer;
}

static void init_run(struct run *run, const struct compiled *compiled,
                     const struct run_options *options, const struct source *source)
{
    *run = (struct run){.slot_count = compiled->slot_count,
                        .pool = {.budget = options->budget, .stop = options->stop},
                        .options = options,
                        .entities = compiled->entities,
                        .source = source,
                        .stop = options->stop};
    run->call = (struct call){.pool = &run->pool,
                              .entities = compiled->entities,
                              .now = compiled->now,
                              .stop = options->stop};
}

enum status compiled_run(struct answer **answer, const struct compiled *compiled,
                         const struct run_options *options, struct match_statistics *statistics,
                         struct error *error)
{
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    struct source source = compiled->source;
    struct run run;
    source.error = error;
    *statistics = (struct match_statistics){0};
    init_run(&run, compiled, options, &source);
    run.matching = statistics;
    run.profile = options->is_profile ? compiled->profile : NULL;
    run.call.random = &random;
    struct timed_hops timed;
    run.timed = timed_hops_init(&timed, compiled->entities->graph, options);
    struct pool pool = pool_kept(options->budget, options->stop);
    struct row_set seen = {.pool = &pool, .width = compiled->column_count};
    struct collecting collecting = {.compiled = compiled,
                                    .answer = open_answer(compiled, options),
                                    .seen = compiled->is_distinct ? &seen : NULL,
                                    .row_limit = options->row_limit,
                                    .stop = options->stop};
    *answer = NULL;
    if (collecting.answer == NULL) {
        return error_set_memory(error, "running a query");
    }
    if (run.profile != NULL) {
        profile_begin(&run);
    }
    enum status status = open_run(&run, &collecting, error);
    if (status == STATUS_OK) {
        status = run_branches(&run, &collecting);
    }
    if (run.profile != NULL) {
        (void)profile_enter(&run, compiled->stage_count);
        profile_hold(&run, compiled->stage_count, pool.bytes);
        run.profile->answer_rows = collecting.answer->row_count;
        run.profile->answer_bytes = collecting.answer->pool.bytes;
    }
    statistics->flows_visited += run.flows_visited;
    statistics->links_visited += run.links_visited;
    pool_close(&pool);
    pool_close(&run.pool);
    timed_hops_close(run.timed);
    if (status == STATUS_OK || status == STATUS_LIMIT || status == STATUS_INTERRUPTED) {
        collecting.answer->is_partial = status != STATUS_OK;
        *answer = collecting.answer;
    } else {
        answer_close(collecting.answer);
    }
    return status;
}

static enum status explain_cycles(const struct stage *stage, struct run *run,
                                  struct filter_externals *externals)
{
    const struct run_options *options = run->options;
    struct cycle_options chosen = {.team = options->team,
                                   .budget = options->budget,
                                   .stop = options->stop,
                                   .filters = options->filters,
                                   .externals = externals};
    return stage->externals == NULL
               ? STATUS_OK
               : cycle_match_explain(&stage->cycle->pattern, run->entities->graph, &chosen,
                                     stage->cycle->limit != UINT64_MAX, run->source->error);
}

static enum status explain_matcher(const struct stage *stage, struct run *run,
                                   struct filter_externals *externals)
{
    const struct run_options *options = run->options;
    return match_explain(stage->plan, stage->matcher, options->team, options->budget, options->stop,
                         options->filters, externals, run->source->error);
}

/* Externals are judged as in a run. */
static enum status explain_head(const struct stage *stage, struct run *run)
{
    struct residual residual;
    enum status status = residual_open(&residual, run, stage, false);
    if (status == STATUS_OK) {
        status = stage->kind == STAGE_MATCHER ? explain_matcher(stage, run, &residual.externals)
                                              : explain_cycles(stage, run, &residual.externals);
    }
    if (stage->externals != NULL) {
        stage->externals->are_filters = residual.externals.are_filters;
    }
    residual_close(&residual);
    return status;
}

enum status compiled_explain(const struct compiled *compiled, const struct run_options *options,
                             struct error *error)
{
    struct source source = compiled->source;
    struct run run;
    source.error = error;
    init_run(&run, compiled, options, &source);
    enum status status = STATUS_OK;
    for (const struct stage *stage = compiled->matchers; status == STATUS_OK && stage != NULL;
         stage = stage->next_matcher) {
        status = explain_head(stage, &run);
    }
    pool_close(&run.pool);
    return status;
}
