/* A section: stages that all workers run side by side, each on morsels of the rows that come in.
 *
 * Rows are gathered until there are many, or no more come; or they are read from where a stage has
 * all of them. They are cut into morsels (morsel.h), and workers take these in order. What comes of
 * them goes on in that order (section_output.h), and so does an error, which is the one that a
 * single worker would have met first. Where the section gathers them, each worker keeps a part,
 * which are merged when no more rows come; then the first of several errors is not known, and one
 * worker does it all again (pipe_run). Rows that come from another section, while workers are at
 * work there, are done by the one that hands them on, if they are too many to be gathered. */
#include "base/memory.h"
#include "numa/team.h"
#include "pipeline/morsel.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"
#include "pipeline/section.h"
#include "pipeline/section_output.h"
#include "pipeline/worker_run.h"

enum { ROUND_ROWS = 8192, ROUND_BYTES = 8 << 20, MORSEL_ROWS = 1024 };

struct section_state;

struct section_worker {
    struct worker_run own;
    struct pipe *pipe;
    struct pipe *part; /* of the stage that gathers; NULL: none does */
    struct section_state *section;
    uint32_t index;
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
    const struct row_source *source; /* of the rows, instead of `rows`; NULL: none */
    uint32_t morsels_before;         /* in the rounds before */
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
    if (stage->kind == STAGE_MATCH &&
        !stage->is_optional) { /* whether nothing matches, only all parts know */
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

/* Workers that are wanted for the first time. */
static enum status open_workers(struct run *run, const struct stage *stage,
                                struct section_state *state, uint64_t wanted)
{
    uint32_t count = run->is_in_team ? 1 : state->worker_count;
    for (uint32_t i = 0; i < count && i < wanted; i++) {
        if (state->workers[i] != NULL) {
            continue;
        }
        struct section_worker *worker = memory_allocate(1, sizeof *worker);
        if (worker == NULL) {
            return source_error_memory(run->source);
        }
        state->workers[i] = worker;
        worker->section = state;
        worker->index = i;
        enum status status = worker_run_open(&worker->own, run);
        worker->pipe = status == STATUS_OK
                           ? pipe_open_section(&worker->own.run, stage, receive, worker)
                           : NULL;
        if (worker->pipe == NULL) {
            *run->source->error = worker->own.error;
            return run->source->error->status;
        }
        worker->part = worker->pipe;
        while (worker->part->stage != state->section->gather) {
            worker->part = worker->part->next;
        }
    }
    return STATUS_OK;
}

static enum status read_row(struct section_worker *worker, const struct morsel *morsel,
                            uint64_t row)
{
    const struct section_state *state = worker->section;
    const struct section *section = state->section;
    struct run *run = &worker->own.run;
    if (state->source != NULL) {
        return state->source->read(run, state->source->context, worker->index, row,
                                   morsel->row_end);
    }
    for (uint32_t i = 0; i < section->in_count; i++) {
        run->row[section->in[i]] = state->rows[row * section->in_count + i];
    }
    return STATUS_OK;
}

static enum pushed run_row(struct section_worker *worker, const struct morsel *morsel, uint64_t row)
{
    struct run *run = &worker->own.run;
    worker->pipe->part = morsel->part.slice_count == 0 ? NULL : &morsel->part;
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed =
        read_row(worker, morsel, row) == STATUS_OK ? pipe_push(run, worker->pipe) : PUSHED_FAILED;
    pool_release(&run->pool, mark);
    return pushed;
}

/* A morsel is over. Where rows are gathered, nothing is to be handed on but that it failed. */
static void end_morsel(struct section_state *state, struct section_worker *worker,
                       enum pushed pushed)
{
    if (state->section->gather == NULL) {
        output_end(&state->output, worker->morsel, pushed, &worker->own.error);
    } else if (pushed != PUSHED_MORE) {
        atomic_store_explicit(&state->output.has_ended, true, memory_order_relaxed);
        if (worker->own.error.status != STATUS_OK) {
            stop_request(worker->own.run.stop, STOP_ROWS);
        }
    }
}

static void run_morsels(struct section_state *state, struct section_worker *worker)
{
    enum pushed pushed = PUSHED_MORE;
    uint64_t end;
    while (pushed == PUSHED_MORE &&
           !atomic_load_explicit(&state->output.has_ended, memory_order_relaxed) &&
           team_next(&state->next_morsel, state->morsels.count, 1, &worker->morsel, &end)) {
        const struct morsel *morsel = &state->morsels.morsels[worker->morsel];
        worker->part->place = state->morsels_before + worker->morsel;
        for (uint64_t row = morsel->row_begin; pushed == PUSHED_MORE && row < morsel->row_end;
             row++) {
            pushed = run_row(worker, morsel, row);
        }
        end_morsel(state, worker, pushed);
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
    if (state->source != NULL && state->section->gather == NULL) {
        rows.weight_max = MORSEL_ROWS; /* what comes out waits for its turn */
    }
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
    TRY(open_workers(run, pipe->stage, state, state->morsels.count));
    *output = (struct section_output){.run = run,
                                      .pipe = pipe->next,
                                      .slots = state->section->out,
                                      .slot_count = state->section->out_count,
                                      .pushed = PUSHED_MORE};
    atomic_store_explicit(&state->next_morsel, 0, memory_order_relaxed);
    if (state->section->gather != NULL) {
        return STATUS_OK;
    }
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
    return STATUS_OK;
}

/* A part failed, or was told to stop: then without an error. */
static enum pushed gathered(struct run *run, const struct section_state *state)
{
    if (!atomic_load_explicit(&state->output.has_ended, memory_order_relaxed)) {
        return PUSHED_MORE;
    }
    for (uint32_t i = 0; i < state->worker_count; i++) {
        const struct section_worker *worker = state->workers[i];
        if (worker != NULL && worker->own.error.status != STATUS_OK) {
            *run->source->error = worker->own.error;
            run->is_order_lost = true;
            break;
        }
    }
    return PUSHED_FAILED;
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
        pushed = state->section->gather == NULL ? output->pushed : gathered(run, state);
        state->morsels_before += (uint32_t)state->morsels.count;
        bool is_stopped_here = pushed == PUSHED_ENOUGH || run->source->error->status != STATUS_OK;
        if (is_stopped_here) {
            stop_resume(run->stop);
        }
        output_close(output);
    }
    pool_release(&run->pool, mark);
    pool_close(&state->inputs);
    state->rows = NULL;
    state->source = NULL;
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

/* Rows at whose vertex the section would begin are gathered, since their work differs. */
static enum pushed push_all(struct run *run, struct pipe *pipe, const struct row_source *source)
{
    struct section_state *state = pipe->state;
    if (state->division_place != SLOT_NONE || source->count == 0) {
        return pipe_push_each(run, pipe, source);
    }
    uint32_t before = run->profile == NULL ? 0 : profile_enter(run, pipe->stage->index);
    if (run->profile != NULL) {
        run->profile->stages[pipe->stage->index].rows_in += source->count;
        if (pipe->from != SLOT_NONE) {
            run->profile->stages[pipe->from].rows_out += source->count;
        }
    }
    state->source = source;
    state->row_count = source->count;
    enum pushed pushed = run_round(run, pipe);
    if (run->profile != NULL) {
        (void)profile_enter(run, before);
    }
    return pushed;
}

/* What the workers have kept becomes one. */
static enum pushed finish_parts(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    const struct stage *gather = state->section->gather;
    struct stage_part *parts =
        pool_allocate(&run->pool, state->worker_count, sizeof *parts, run->source->error);
    if (parts == NULL || open_workers(run, pipe->stage, state, 1) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    for (uint32_t i = 0; i < state->worker_count; i++) {
        struct section_worker *worker = state->workers[i];
        parts[i] = worker == NULL ? (struct stage_part){0}
                                  : (struct stage_part){&worker->own.run, worker->part};
    }
    uint32_t before = run->profile == NULL ? 0 : profile_enter(run, gather->index);
    enum pushed pushed =
        parts[0].pipe->methods->finish_parts(run, parts, state->worker_count, pipe->next);
    if (run->profile != NULL) {
        (void)profile_enter(run, before);
    }
    return pushed;
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
    if (pushed == PUSHED_MORE && state->section->gather != NULL) {
        return has_ended ? PUSHED_MORE : finish_parts(run, pipe);
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

/* Each worker gives back what it has kept, which takes the longer the more it is. */
static void close_pipe(const struct worker *worker, void *context)
{
    const struct section_state *state = context;
    struct section_worker *own = state->workers[worker->index];
    if (own != NULL) {
        pipe_close(&own->own.run, own->pipe);
    }
}

static void close_section(struct run *run, struct pipe *pipe)
{
    struct section_state *state = pipe->state;
    uint32_t before = run->profile == NULL ? 0 : profile_enter(run, pipe->stage->index);
    if (state->worker_count > 0 && state->workers[0] != NULL) {
        team_run(run->options->team, close_pipe, state);
    }
    for (uint32_t i = 0; i < state->worker_count; i++) {
        if (state->workers[i] != NULL) {
            close_worker(run, state, state->workers[i]);
        }
    }
    if (run->profile != NULL) {
        (void)profile_enter(run, before);
    }
    pool_close(&state->inputs);
}

const struct stage_methods stage_section = {.open = open_section,
                                            .push = push_section,
                                            .push_all = push_all,
                                            .finish = finish_section,
                                            .close = close_section};
