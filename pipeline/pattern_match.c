/* The steps of a plan one in another, and those that bind vertices. */
#include "pipeline/pattern_match.h"

#include "base/check.h"

static enum pushed match_given(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    struct value value = matching->run->row[matching->pattern->vertices[step->element].slot];
    if (value.kind == VALUE_NULL) {
        return PUSHED_MORE;
    }
    if (value.kind != VALUE_VERTEX) {
        (void)error_set(matching->run->source->error, STATUS_USAGE,
                        "a pattern wants a vertex here, but the variable is %s",
                        value_kind_phrase(value.kind));
        return PUSHED_FAILED;
    }
    return match_on(matching, index, NULL);
}

static enum pushed match_key(struct matching *matching, uint32_t index, struct value key)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    if (key.kind != VALUE_TEXT) {
        return PUSHED_MORE;
    }
    vertex_id vertex = graph_find_vertex(matching->frame->source, value_text_view(key));
    if (vertex == VERTEX_NONE) {
        return PUSHED_MORE;
    }
    (void)match_vertex(matching, step->element, false, vertex);
    return match_on(matching, index, NULL);
}

/* Whether one of the items before tells the same vertex. */
static bool is_repeated(const struct matching *matching, struct value list, uint32_t index)
{
    const struct vertex_frame *frame = matching->frame->source;
    if (list.items[index].kind != VALUE_TEXT) {
        return true;
    }
    vertex_id vertex = graph_find_vertex(frame, value_text_view(list.items[index]));
    for (uint32_t i = 0; i < index; i++) {
        if (list.items[i].kind == VALUE_TEXT &&
            graph_find_vertex(frame, value_text_view(list.items[i])) == vertex) {
            return true;
        }
    }
    return false;
}

enum { KEYS_MAX = 64 }; /* of a list, before it is cheaper to look at every vertex */

static enum pushed match_scan(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    bool is_divided = index == 0 && matching->part != NULL && step->kind == STEP_SCAN;
    vertex_id begin = is_divided ? matching->part->vertex_begin : 0;
    vertex_id end = is_divided ? matching->part->vertex_end : matching->frame->source->vertex_count;
    for (vertex_id vertex = begin; vertex < end; vertex++) {
        if (!run_continues(matching->run)) {
            return PUSHED_FAILED;
        }
        (void)match_vertex(matching, step->element, false, vertex);
        enum pushed pushed = match_on(matching, index, NULL);
        if (pushed != PUSHED_MORE) {
            return pushed;
        }
    }
    return PUSHED_MORE;
}

static enum pushed match_keys(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    struct value key;
    if (evaluate(matching->run, step->key.term, &key) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    if (!step->is_list) {
        return match_key(matching, index, key);
    }
    if (key.kind != VALUE_LIST || key.count > KEYS_MAX) {
        return match_scan(matching, index);
    }
    for (uint32_t i = 0; i < key.count; i++) {
        enum pushed pushed =
            is_repeated(matching, key, i) ? PUSHED_MORE : match_key(matching, index, key.items[i]);
        if (pushed != PUSHED_MORE) {
            return pushed;
        }
    }
    return PUSHED_MORE;
}

enum pushed match_step(struct matching *matching, uint32_t index)
{
    if (index == matching->plan->step_count) {
        return matching->found(matching->run, matching->context);
    }
    switch (matching->plan->steps[index].kind) {
    case STEP_GIVEN:
        return match_given(matching, index);
    case STEP_KEY:
        return match_keys(matching, index);
    case STEP_SCAN:
        return match_scan(matching, index);
    case STEP_GIVEN_EDGE:
        return match_given_edge(matching, index);
    case STEP_GIVEN_WALK:
        return match_given_walk(matching, index);
    case STEP_EDGE:
        return match_edge(matching, index);
    case STEP_WALK:
        return match_walk(matching, index);
    case STEP_SHORTEST:
        return match_shortest(matching, index);
    }
    return PUSHED_FAILED;
}

enum pushed match_on(struct matching *matching, uint32_t index, bool *holds)
{
    struct pool *pool = &matching->run->pool;
    struct pool_mark mark = pool_mark(pool);
    bool passes = false;
    enum pushed pushed = PUSHED_MORE;
    if (match_checks(matching, &matching->plan->steps[index].checks, &passes) != STATUS_OK) {
        pushed = PUSHED_FAILED;
    } else if (passes) {
        if (UNLIKELY(matching->step_rows != NULL) &&
            (index == matching->sliced_step || match_is_own(matching, index))) {
            matching->step_rows[index]++;
        }
        pushed = match_step(matching, index + 1);
    }
    pool_release(pool, mark);
    if (holds != NULL) {
        *holds = passes;
    }
    return pushed;
}
