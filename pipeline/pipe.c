/* Pipes: stages that were opened, and rows that go through them. */
#include "pipeline/pipe.h"

static const struct stage_methods *const methods[] = {
    [STAGE_MATCHER] = &stage_matcher, [STAGE_MATCH] = &stage_match,
    [STAGE_PATH] = &stage_path,       [STAGE_UNWIND] = &stage_unwind,
    [STAGE_FILTER] = &stage_filter,   [STAGE_PROJECT] = &stage_project,
    [STAGE_GROUP] = &stage_group,     [STAGE_DISTINCT] = &stage_distinct,
    [STAGE_SORT] = &stage_sort,       [STAGE_SKIP] = &stage_skip,
    [STAGE_LIMIT] = &stage_limit,
};

struct pipe *pipe_open(struct run *run, const struct stage *stage, pipe_receive *receive,
                       void *context)
{
    struct pipe *first = NULL;
    struct pipe **place = &first;
    for (bool is_end = false; !is_end; stage = is_end ? NULL : stage->next) {
        struct pipe *pipe = pool_allocate(&run->pool, 1, sizeof *pipe, run->source->error);
        if (pipe == NULL) {
            pipe_close(first);
            return NULL;
        }
        *pipe = (struct pipe){.stage = stage, .receive = receive, .context = context};
        *place = pipe;
        place = &pipe->next;
        is_end = stage == NULL;
        if (!is_end && methods[stage->kind]->open != NULL &&
            methods[stage->kind]->open(run, pipe) != STATUS_OK) {
            pipe_close(first);
            return NULL;
        }
    }
    return first;
}

enum pushed pipe_push(struct run *run, struct pipe *pipe)
{
    if (!run_continues(run)) {
        return PUSHED_FAILED;
    }
    if (pipe->stage == NULL) {
        return pipe->receive(run, pipe->context);
    }
    run->row_counts[pipe->stage->index]++;
    return methods[pipe->stage->kind]->push(run, pipe);
}

enum pushed pipe_finish(struct run *run, struct pipe *pipe)
{
    for (; pipe->stage != NULL; pipe = pipe->next) {
        if (methods[pipe->stage->kind]->finish != NULL &&
            methods[pipe->stage->kind]->finish(run, pipe) == PUSHED_FAILED) {
            return PUSHED_FAILED;
        }
    }
    return PUSHED_MORE;
}

void pipe_close(struct pipe *pipe)
{
    for (; pipe != NULL && pipe->stage != NULL; pipe = pipe->next) {
        if (methods[pipe->stage->kind]->close != NULL && pipe->state != NULL) {
            methods[pipe->stage->kind]->close(pipe);
        }
    }
}

enum status pipe_run(struct run *run, const struct stage *stage, pipe_receive *receive,
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
        pipe_close(pipe);
    }
    pool_release(&run->pool, mark);
    if (pushed != PUSHED_FAILED) {
        return STATUS_OK;
    }
    enum status status = run->source->error->status;
    return status != STATUS_OK ? status
                               : stop_error(run->stop, "running the query", run->source->error);
}
