/* Pipes: stages that were opened, and rows that go through them. */
#include "pipeline/pipe.h"

#include "base/check.h"
#include "pipeline/profile.h"
#include "pipeline/section.h"

static const struct stage_methods *const methods[] = {
    [STAGE_MATCHER] = &stage_matcher, [STAGE_CYCLES] = &stage_cycles,
    [STAGE_ENDS] = &stage_ends,       [STAGE_MATCH] = &stage_match,
    [STAGE_PATH] = &stage_path,       [STAGE_UNWIND] = &stage_unwind,
    [STAGE_FILTER] = &stage_filter,   [STAGE_PROJECT] = &stage_project,
    [STAGE_GROUP] = &stage_group,     [STAGE_DISTINCT] = &stage_distinct,
    [STAGE_SORT] = &stage_sort,       [STAGE_SKIP] = &stage_skip,
    [STAGE_LIMIT] = &stage_limit,
};

/* Pipes of stages up to `end`, and one for what comes then. */
struct opening {
    const struct stage *end;
    bool has_sections;
    bool has_part;   /* the last stage works in parts, if it can, this being one */
    bool counts_out; /* rows that come out of the last stage are counted there */
    pipe_receive *receive;
    void *context;
};

static bool has_parts(const struct stage *stage)
{
    return stage->kind == STAGE_GROUP || stage->kind == STAGE_DISTINCT || stage->kind == STAGE_SORT;
}

static struct pipe *open_pipes(struct run *run, const struct stage *stage,
                               const struct opening *opening)
{
    struct pipe *first = NULL;
    struct pipe **place = &first;
    uint32_t from = SLOT_NONE;
    bool is_second = false;
    for (bool is_end = false; !is_end;) {
        struct pipe *pipe = pool_allocate(&run->pool, 1, sizeof *pipe, run->source->error);
        if (pipe == NULL) {
            pipe_close(run, first);
            return NULL;
        }
        is_end = stage == opening->end;
        *pipe = (struct pipe){.stage = is_end ? NULL : stage,
                              .receive = opening->receive,
                              .context = opening->context,
                              .is_part = opening->has_part && !is_end && has_parts(stage),
                              .is_second = is_second,
                              .from = is_end && !opening->counts_out ? SLOT_NONE : from};
        *place = pipe;
        place = &pipe->next;
        if (is_end) {
            break;
        }
        const struct section *section = opening->has_sections ? stage->section : NULL;
        pipe->methods = section != NULL ? &stage_section : methods[stage->kind];
        is_second = section != NULL && section->worker_end != section->end;
        from = section != NULL ? section->last->index : stage->index;
        stage = section != NULL ? section->end : stage->next;
        if (pipe->methods->open != NULL && pipe->methods->open(run, pipe) != STATUS_OK) {
            pipe_close(run, first);
            return NULL;
        }
    }
    return first;
}

struct pipe *pipe_open(struct run *run, const struct stage *stage, pipe_receive *receive,
                       void *context)
{
    struct team *team = run->options->team;
    struct opening opening = {.has_sections =
                                  team != NULL && team_worker_count(team) > 1 && !run->is_alone,
                              .counts_out = true,
                              .receive = receive,
                              .context = context};
    return open_pipes(run, stage, &opening);
}

struct pipe *pipe_open_section(struct run *run, const struct stage *first, pipe_receive *receive,
                               void *context)
{
    struct opening opening = {.end = first->section->worker_end,
                              .has_part = true,
                              .counts_out = first->section->is_counted,
                              .receive = receive,
                              .context = context};
    return open_pipes(run, first, &opening);
}

static enum pushed push(struct run *run, struct pipe *pipe)
{
    return pipe->stage == NULL ? pipe->receive(run, pipe->context) : pipe->methods->push(run, pipe);
}

static uint32_t profiled_index(const struct run *run, const struct pipe *pipe)
{
    return pipe->stage == NULL ? run->profile->stage_count : pipe->stage->index;
}

static enum pushed push_profiled(struct run *run, struct pipe *pipe)
{
    uint32_t index = profiled_index(run, pipe);
    uint32_t before = profile_enter(run, index);
    run->profile->stages[index].rows_in += !pipe->is_second;
    if (pipe->from != SLOT_NONE && !pipe->is_second) {
        run->profile->stages[pipe->from].rows_out++;
    }
    enum pushed pushed = push(run, pipe);
    (void)profile_enter(run, before);
    return pushed;
}

enum pushed pipe_push(struct run *run, struct pipe *pipe)
{
    if (!run_continues(run)) {
        return PUSHED_FAILED;
    }
    return UNLIKELY(run->profile != NULL) ? push_profiled(run, pipe) : push(run, pipe);
}

enum pushed pipe_push_each(struct run *run, struct pipe *pipe, const struct row_source *source)
{
    enum pushed pushed = PUSHED_MORE;
    for (uint64_t row = 0; row < source->count && pushed == PUSHED_MORE; row++) {
        struct pool_mark mark = pool_mark(&run->pool);
        pushed = source->read(run, source->context, 0, row, source->count) == STATUS_OK
                     ? pipe_push(run, pipe)
                     : PUSHED_FAILED;
        pool_release(&run->pool, mark);
    }
    return pushed;
}

enum pushed pipe_push_all(struct run *run, struct pipe *pipe, const struct row_source *source)
{
    if (pipe->stage == NULL || pipe->methods->push_all == NULL) {
        return pipe_push_each(run, pipe, source);
    }
    return pipe->methods->push_all(run, pipe, source);
}

enum pushed pipe_push_count(struct run *run, struct pipe *group, uint64_t count, uint32_t key)
{
    const struct stage *stage = group->stage;
    group->is_given = true;
    if (count > INT64_MAX) {
        (void)source_error(run->source, stage->place, "more rows than 64 bits can count");
        return PUSHED_FAILED;
    }
    for (uint32_t i = 0; i < stage->item_count; i++) {
        run->row[stage->items[i].slot] = value_integer(key);
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        run->row[stage->folds[i].slot] = value_integer((int64_t)count);
    }
    return pipe_push(run, group->next);
}

static enum pushed finish(struct run *run, struct pipe *pipe)
{
    if (run->profile == NULL) {
        return pipe->methods->finish(run, pipe);
    }
    uint32_t before = profile_enter(run, profiled_index(run, pipe));
    enum pushed pushed = pipe->methods->finish(run, pipe);
    (void)profile_enter(run, before);
    return pushed;
}

enum pushed pipe_finish(struct run *run, struct pipe *pipe)
{
    for (; pipe->stage != NULL; pipe = pipe->next) {
        if (!pipe->is_given && pipe->methods->finish != NULL &&
            finish(run, pipe) == PUSHED_FAILED) {
            return PUSHED_FAILED;
        }
    }
    return PUSHED_MORE;
}

void pipe_close(struct run *run, struct pipe *pipe)
{
    for (; pipe != NULL && pipe->stage != NULL; pipe = pipe->next) {
        if (pipe->state != NULL && pipe->methods->close != NULL) {
            pipe->methods->close(run, pipe);
        }
    }
}

static enum status run_once(struct run *run, const struct stage *stage, pipe_receive *receive,
                            void *context)
{
    struct pool_mark mark = pool_mark(&run->pool);
    struct pipe *pipe = pipe_open(run, stage, receive, context);
    enum pushed pushed = PUSHED_FAILED;
    if (pipe != NULL) {
        pushed = pipe_push(run, pipe);
        if (pushed != PUSHED_FAILED) {
            pushed = pipe_finish(run, pipe);
        }
        pipe_close(run, pipe);
    }
    pool_release(&run->pool, mark);
    if (pushed != PUSHED_FAILED) {
        return STATUS_OK;
    }
    enum status status = run->source->error->status;
    return status != STATUS_OK ? status
                               : stop_error(run->stop, "running the query", run->source->error);
}

/* Stages that work in parts hand nothing on before all is well, so that what is behind them has
 * seen no row of a run whose error may not be the first. */
enum status pipe_run(struct run *run, const struct stage *stage, pipe_receive *receive,
                     void *context)
{
    enum status status = run_once(run, stage, receive, context);
    if (status == STATUS_USAGE && run->is_order_lost) {
        error_clear(run->source->error);
        run->is_alone = true;
        status = run_once(run, stage, receive, context);
        run->is_alone = false;
    }
    run->is_order_lost = false;
    return status;
}
