/* A section: stages that all workers run side by side, each on morsels of the rows that come in.
 *
 * Rows are gathered until there are many, or no more come; then they are cut into morsels
 * (morsel.h), and workers take these in order. What comes of them goes on in that order
 * (section_output.h), and so does an error, which is the one that a single worker would have met
 * first. Rows that come from another section, while workers are at work there, are done by the one
 * that hands them on, if they are too many to be gathered. */
#include "base/memory.h"
#include "numa/team.h"
#include "pipeline/morsel.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"
#include "pipeline/section.h"
#include "pipeline/section_output.h"
#include "pipeline/worker_run.h"

enum { ROUND_ROWS = 8192, ROUND_BYTES = 8 << 20 };

struct section_state;

struct section_worker {
    struct worker_run own;
    struct pipe *pipe;
    struct section_state *section;
    uint64_t morsel;
    uint64_t row_count; /* that came through, where they are only counted */
};

struct section_state {
    const struct section *section;
    struct pattern_division division;
    uint32_t division_place; /* of its slot among what rows are given; SLOT_NONE */
    struct pool inputs;
    struct value *rows; /* [ROUND_ROWS * in_count], in `inputs` */
    uint64_t row_count;
    uint32_t worker_count;
    struct section_worker **workers; /* [worker_count]; NULL: was never needed */
    struct morsel_list morsels;
    struct section_output output;
    _Atomic uint64_t next_morsel;
};

static enum status open_section(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    struct error *error = run->source->error;
    uint32_t worker_count = team_worker_count(run->options->team);
    struct section_state *state = pool_allocate(&run->pool, 1, sizeof *state, error);
    if (state == NULL) {
        return error->status;
    }
    *state = (struct section_state){.section = stage->section,
                                    .inputs = {.budget = run->pool.budget, .stop = run->stop},
                                    .division = {.slot = SLOT_NONE},
                                    .division_place = SLOT_NONE};
    pipe->state = state;
    state->workers = pool_allocate(&run->pool, worker_count, sizeof(*state->workers), error);
    if (state->workers == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < worker_count; i++) {
        state->workers[i] = NULL;
    }
    state->worker_count = worker_count;
    if (!stage->is_optional) { /* whether nothing matches, only all parts know */
        state->division = pattern_divide(stage->pattern);
    }
    for (uint32_t i = 0; i < state->section->in_count; i++) {
        if (state->section->in[i] == state->division.slot) {
            state->division_place = i;
        }
    }
    return STATUS_OK;
}

static enum pushed receive(struct run *run, void *context)
{
    struct section_worker *worker = context;
    struct section_state *state = worker->section;
    if (state->section->is_counted) {
        worker->row_count++;
        return PUSHED_MORE;
    }
    return output_add(&state->output, worker->morsel, run);
}

/* Workers that a round is the first to need. */
static enum status open_workers(struct run *run, const struct stage *stage,
                                struct section_state *state)
{
    uint32_t count = run->is_in_team ? 1 : state->worker_count;
    for (uint32_t i = 0; i < count && i < state->morsels.count; i++) {
        if (state->workers[i] != NULL) {
            continue;
        }
        struct section_worker *worker = memory_allocate(1, sizeof *worker);
        if (worker == NULL) {
            return source_error_memory(run->source);
        }
        state->workers[i] = worker;
        worker->section = state;
        enum status status = worker_run_open(&worker->own, run);
        worker->pipe = status == STATUS_OK
                           ? pipe_open_section(&worker->own.run, stage, receive, worker)
                           : NULL;
        if (worker->pipe == NULL) {
            *run->source->error = worker->own.error;
            return run->source->error->status;
        }
    }
    return STATUS_OK;
}

static enum pushed run_row(struct section_worker *worker, const struct morsel *morsel, uint64_t row)
{
    const struct section *section = worker->section->section;
    struct run *run = &worker->own.run;
    for (uint32_t i = 0; i < section->in_count; i++) {
        run->row[section->in[i]] = worker->section->rows[row * section->in_count + i];
    }
    worker->pipe->part = morsel->part.slice_count == 0 ? NULL : &morsel->part;
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = pipe_push(run, worker->pipe);
    pool_release(&run->pool, mark);
    return pushed;
}

static void run_morsels(struct section_state *state, struct section_worker *worker)
{
    enum pushed pushed = PUSHED_MORE;
    uint64_t end;
    while (pushed == PUSHED_MORE &&
           !atomic_load_explicit(&state->output.has_ended, memory_order_relaxed) &&
           team_next(&state->next_morsel, state->morsels.count, 1, &worker->morsel, &end)) {
        const struct morsel *morsel = &state->morsels.morsels[worker->morsel];
        for (uint64_t row = morsel->row_begin; pushed == PUSHED_MORE && row < morsel->row_end;
             row++) {
            pushed = run_row(worker, morsel, row);
        }
        output_end(&state->output, worker->morsel, pushed, &worker->own.error);
    }
}

static void run_worker(const struct worker *worker, void *context)
{
    struct section_state *state = context;
    struct section_worker *own = state->workers[worker->index];
    if (own != NULL) {
        run_morsels(state, own);
    }
}

static enum status cut_rows(struct run *run, struct section_state *state)
{
    struct morsel_rows rows = {.division = &state->division,
                               .graph = run->entities->graph,
                               .count = state->row_count,
                               .worker_count = state->worker_count,
                               .stride = state->section->in_count};
    if (state->division_place != SLOT_NONE) {
        rows.vertices = state->rows + state->division_place;
    }
    return morsels_make(&state->morsels, &rows, &run->pool, run->source->error);
}

static enum status open_round(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    struct section_output *output = &state->output;
    TRY(cut_rows(run, state));
    TRY(open_workers(run, pipe->stage, state));
    *output = (struct section_output){.run = run,
                                      .pipe = pipe->next,
                                      .slots = state->section->out,
                                      .slot_count = state->section->out_count,
                                      .pushed = PUSHED_MORE};
    output->morsels = pool_allocate(&run->pool, state->morsels.count, sizeof *output->morsels,
                                    run->source->error);
    if (output->morsels == NULL) {
        return run->source->error->status;
    }
    for (uint64_t i = 0; i < state->morsels.count; i++) {
        output->morsels[i] =
            (struct morsel_output){.pool = {.budget = run->pool.budget, .stop = run->stop}};
    }
    output->morsel_count = state->morsels.count;
    atomic_store_explicit(&state->next_morsel, 0, memory_order_relaxed);
    return STATUS_OK;
}

/* Rows for which the section is run are given, and with them their memory. */
static enum pushed run_round(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    struct section_output *output = &state->output;
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = PUSHED_FAILED;
    if (open_round(run, pipe) == STATUS_OK) {
        if (state->morsels.count == 1 || run->is_in_team) {
            run_morsels(state, state->workers[0]);
        } else {
            run->is_in_team = true;
            team_run(run->options->team, run_worker, state);
            run->is_in_team = false;
        }
        pushed = output->pushed;
        bool is_stopped_here = pushed == PUSHED_ENOUGH || run->source->error->status != STATUS_OK;
        if (is_stopped_here) {
            stop_resume(run->stop);
        }
        output_close(output);
    }
    pool_release(&run->pool, mark);
    pool_close(&state->inputs);
    state->rows = NULL;
    state->row_count = 0;
    return pushed;
}

static enum status keep_row(struct run *run, struct section_state *state)
{
    struct error *error = run->source->error;
    uint32_t width = state->section->in_count;
    if (state->rows == NULL && width > 0) {
        state->rows =
            pool_allocate(&state->inputs, (size_t)ROUND_ROWS * width, sizeof *state->rows, error);
        if (state->rows == NULL) {
            return error->status;
        }
    }
    for (uint32_t i = 0; i < width; i++) {
        TRY(pool_copy(&state->inputs, run->row[state->section->in[i]],
                      &state->rows[state->row_count * width + i], error));
    }
    state->row_count++;
    return STATUS_OK;
}

static enum pushed push_section(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    if (keep_row(run, state) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    bool is_full = state->row_count == ROUND_ROWS || state->inputs.bytes > ROUND_BYTES;
    return is_full ? run_round(run, pipe) : PUSHED_MORE;
}

static enum pushed push_count(struct run *run, struct pipe *pipe)
{
    const struct section_state *state = pipe->state;
    uint64_t count = 0;
    for (uint32_t i = 0; i < state->worker_count; i++) {
        count += state->workers[i] == NULL ? 0 : state->workers[i]->row_count;
    }
    if (run->profile != NULL) {
        run->profile->stages[state->section->end->index].rows_in += count;
    }
    return pipe_push_count(run, pipe->next, count, 0);
}

static enum pushed finish_section(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    enum pushed pushed = PUSHED_MORE;
    bool has_ended = atomic_load_explicit(&state->output.has_ended, memory_order_relaxed);
    if (state->row_count > 0 && !has_ended) {
        pushed = run_round(run, pipe);
    }
    return pushed == PUSHED_MORE && state->section->is_counted ? push_count(run, pipe) : pushed;
}

static void close_worker(struct run *run, const struct section_state *state,
                         struct section_worker *worker)
{
    if (run->profile != NULL && worker->own.run.profile != NULL) {
        profile_add(run->profile, &worker->own.run, state->worker_count);
    }
    run->flows_visited += worker->own.run.flows_visited;
    run->links_visited += worker->own.run.links_visited;
    worker_run_close(&worker->own);
    memory_free(worker);
}

static void close_section(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    uint32_t before = run->profile == NULL ? 0 : profile_enter(run, pipe->stage->index);
    for (uint32_t i = 0; i < state->worker_count; i++) {
        if (state->workers[i] != NULL) {
            pipe_close(&state->workers[i]->own.run, state->workers[i]->pipe);
            close_worker(run, state, state->workers[i]);
        }
    }
    if (run->profile != NULL) {
        (void)profile_enter(run, before);
    }
    pool_close(&state->inputs);
}

const struct stage_methods stage_section = {
    .open = open_section, .push = push_section, .finish = finish_section, .close = close_section};
