/* Stages that look at one row at a time. */
#include "pipeline/stage.h"

#include "pipeline/pipe.h"

static enum pushed push_found(struct run *run, void *context)
{
    struct pipe *pipe = context;
    pipe->count++;
    return pipe_push(run, pipe->next);
}

/* What an optional pattern binds is null when there is no match. */
static void set_null(struct run *run, const struct pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        if (!pattern->vertices[i].is_bound) {
            run->row[pattern->vertices[i].slot] = value_null();
        }
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        if (!pattern->edges[i].is_bound) {
            run->row[pattern->edges[i].slot] = value_null();
        }
    }
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        if (pattern->paths[i].slot != SLOT_NONE) {
            run->row[pattern->paths[i].slot] = value_null();
        }
    }
}

static enum pushed push_match(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    struct pool_mark mark = pool_mark(&run->pool);
    pipe->count = 0;
    enum pushed pushed = pattern_match_part(run, stage->pattern, pipe->part, push_found, pipe);
    if (pushed == PUSHED_MORE && stage->is_optional && pipe->count == 0) {
        set_null(run, stage->pattern);
        pushed = pipe_push(run, pipe->next);
    }
    pool_release(&run->pool, mark);
    return pushed;
}

const struct stage_methods stage_match = {.push = push_match};

enum status stage_make_path(struct run *run, const struct stage *stage)
{
    struct error *error = run->source->error;
    uint32_t length = stage->slot_count / 2;
    struct value_path *path = pool_allocate(&run->pool, 1, sizeof *path, error);
    uint32_t *vertices = pool_allocate(&run->pool, length + 1, sizeof *vertices, error);
    uint64_t *edges = pool_allocate(&run->pool, length, sizeof *edges, error);
    if (path == NULL || vertices == NULL || edges == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        struct value element = run->row[stage->slots[i]];
        if (i % 2 == 0) {
            vertices[i / 2] = element.vertex;
        } else {
            edges[i / 2] = element.edge;
        }
    }
    *path = (struct value_path){length, vertices, edges};
    run->row[stage->slot] = (struct value){.kind = VALUE_PATH, .path = path};
    return STATUS_OK;
}

static enum pushed push_path(struct run *run, struct pipe *pipe)
{
    return stage_make_path(run, pipe->stage) == STATUS_OK ? pipe_push(run, pipe->next)
                                                          : PUSHED_FAILED;
}

const struct stage_methods stage_path = {.push = push_path};

static enum pushed push_unwind(struct run *run, struct pipe *pipe)
{
    struct value list;
    const struct stage *stage = pipe->stage;
    if (evaluate(run, stage->term, &list) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    if (list.kind == VALUE_NULL) {
        return PUSHED_MORE;
    }
    struct value single = list;
    if (list.kind != VALUE_LIST) {
        list = value_list_of(&single, 1);
    }
    for (uint32_t i = 0; i < list.count; i++) {
        struct pool_mark mark = pool_mark(&run->pool);
        run->row[stage->slot] = list.items[i];
        enum pushed pushed = pipe_push(run, pipe->next);
        pool_release(&run->pool, mark);
        if (pushed != PUSHED_MORE) {
            return pushed;
        }
    }
    return PUSHED_MORE;
}

const struct stage_methods stage_unwind = {.push = push_unwind};

static enum pushed push_filter(struct run *run, struct pipe *pipe)
{
    bool holds = pipe->is_given;
    if (!holds && evaluate_condition(run, pipe->stage->term, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return holds ? pipe_push(run, pipe->next) : PUSHED_MORE;
}

const struct stage_methods stage_filter = {.push = push_filter};

static enum pushed push_project(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    for (uint32_t i = 0; i < stage->item_count; i++) {
        const struct stage_item *item = &stage->items[i];
        if (evaluate(run, item->term, &run->row[item->slot]) != STATUS_OK) {
            return PUSHED_FAILED;
        }
    }
    return pipe_push(run, pipe->next);
}

const struct stage_methods stage_project = {.push = push_project};

enum status stage_row_count(struct run *run, const struct stage *stage, uint64_t *count)
{
    struct value value;
    TRY(evaluate(run, stage->term, &value));
    const char *name = stage->kind == STAGE_SKIP ? "SKIP" : "LIMIT";
    if (value.kind != VALUE_INTEGER) {
        return source_error(run->source, stage->place, "%s wants an integer, not %s", name,
                            value_kind_phrase(value.kind));
    }
    if (value.integer < 0) {
        return source_error(run->source, stage->place, "%s wants no negative number", name);
    }
    *count = (uint64_t)value.integer;
    return STATUS_OK;
}

void stage_take_error(struct run *run, const struct stage_part *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool has_failed = parts[i].pipe != NULL && parts[i].run->source->error->status != STATUS_OK;
        if (has_failed && run->source->error->status == STATUS_OK) {
            *run->source->error = *parts[i].run->source->error;
            run->is_order_lost = true;
        }
    }
}

static enum status open_count(struct run *run, struct pipe *pipe)
{
    return stage_row_count(run, pipe->stage, &pipe->count);
}

static enum pushed push_skip(struct run *run, struct pipe *pipe)
{
    if (pipe->count > 0) {
        pipe->count--;
        return PUSHED_MORE;
    }
    return pipe_push(run, pipe->next);
}

const struct stage_methods stage_skip = {.open = open_count, .push = push_skip};

static enum pushed push_limit(struct run *run, struct pipe *pipe)
{
    if (pipe->count == 0) {
        return PUSHED_ENOUGH;
    }
    pipe->count--;
    enum pushed pushed = pipe_push(run, pipe->next);
    return pushed == PUSHED_MORE && pipe->count == 0 ? PUSHED_ENOUGH : pushed;
}

const struct stage_methods stage_limit = {.open = open_count, .push = push_limit};
