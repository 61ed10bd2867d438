/* A list of edges that an earlier clause bound, matched as a variable-length relationship. */
#include "pipeline/pattern_match.h"

/* From one end of an edge to the other; false when the edge does not lead on from there. */
static bool lead_on(const struct edge_frame *frame, edge_id edge, enum ast_direction direction,
                    vertex_id *vertex)
{
    vertex_id source = graph_edge_source(frame, edge);
    vertex_id target = graph_edge_target(frame, edge);
    if (direction != AST_LEFT && source == *vertex) {
        *vertex = target;
        return true;
    }
    if (direction != AST_RIGHT && target == *vertex) {
        *vertex = source;
        return true;
    }
    return false;
}

/* The list, from `left` on. */
static enum pushed match_from(struct matching *matching, uint32_t index, vertex_id left)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    struct value list = matching->run->row[edge->slot];
    vertex_id vertex = left;
    for (uint32_t i = 0; i < list.count; i++) {
        if (!lead_on(matching->frame, list.items[i].edge, edge->direction, &vertex)) {
            return PUSHED_MORE;
        }
    }
    if (!match_vertex(matching, edge->left, step->has_left, left) ||
        !match_vertex(matching, edge->right, step->has_right || edge->left == edge->right,
                      vertex)) {
        return PUSHED_MORE;
    }
    return match_on(matching, index, NULL);
}

static enum pushed match_from_any(struct matching *matching, uint32_t index)
{
    for (vertex_id vertex = 0; vertex < matching->frame->source->vertex_count; vertex++) {
        enum pushed pushed =
            run_continues(matching->run) ? match_from(matching, index, vertex) : PUSHED_FAILED;
        if (pushed != PUSHED_MORE) {
            return pushed;
        }
    }
    return PUSHED_MORE;
}

/* From where the list can begin. */
static enum pushed match_list(struct matching *matching, uint32_t index, struct value list)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    const struct value *row = matching->run->row;
    if (step->has_left) {
        return match_from(matching, index,
                          row[matching->pattern->vertices[edge->left].slot].vertex);
    }
    if (list.count == 0) {
        return step->has_right
                   ? match_from(matching, index,
                                row[matching->pattern->vertices[edge->right].slot].vertex)
                   : match_from_any(matching, index);
    }
    vertex_id source = graph_edge_source(matching->frame, list.items[0].edge);
    vertex_id target = graph_edge_target(matching->frame, list.items[0].edge);
    enum pushed pushed = PUSHED_MORE;
    if (edge->direction != AST_LEFT) {
        pushed = match_from(matching, index, source);
    }
    if (pushed == PUSHED_MORE && edge->direction != AST_RIGHT &&
        (edge->direction == AST_LEFT || source != target)) {
        pushed = match_from(matching, index, target);
    }
    return pushed;
}

/* Whether the list is one of edges, each of them new to the match and as the pattern wants it. */
static enum status check_list(struct matching *matching, const struct pattern_step *step,
                              struct value list, edge_id *edges, bool *holds)
{
    struct used_edges used = {edges, 0, matching->used};
    *holds = true;
    for (uint32_t i = 0; i < list.count && *holds; i++) {
        if (list.items[i].kind != VALUE_EDGE) {
            *holds = false;
            return list.items[i].kind == VALUE_NULL
                       ? STATUS_OK
                       : error_set(matching->run->source->error, STATUS_USAGE,
                                   "a pattern wants a list of relationships here, but the list "
                                   "holds %s",
                                   value_kind_phrase(list.items[i].kind));
        }
        matching->used = &used;
        *holds = !match_is_used(matching, list.items[i].edge);
        matching->used = used.before;
        edges[used.count++] = list.items[i].edge;
        if (*holds) {
            TRY(match_hop(matching, step, list.items[i].edge, holds));
        }
    }
    return STATUS_OK;
}

static enum pushed match_given_list(struct matching *matching, uint32_t index, struct value list)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    struct run *run = matching->run;
    edge_id *edges =
        pool_allocate(&run->pool, (size_t)list.count + 1, sizeof *edges, run->source->error);
    bool holds = false;
    if (edges == NULL || check_list(matching, step, list, edges, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    if (!holds) {
        return PUSHED_MORE;
    }
    struct used_edges used = {edges, list.count, matching->used};
    matching->used = &used;
    enum pushed pushed = match_list(matching, index, list);
    matching->used = used.before;
    return pushed;
}

enum pushed match_given_walk(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    struct run *run = matching->run;
    struct value list = run->row[edge->slot];
    if (list.kind == VALUE_NULL) {
        return PUSHED_MORE;
    }
    if (list.kind != VALUE_LIST) {
        (void)error_set(run->source->error, STATUS_USAGE,
                        "a pattern wants a list of relationships here, but the variable is %s",
                        value_kind_phrase(list.kind));
        return PUSHED_FAILED;
    }
    if (list.count < edge->least || list.count > edge->most ||
        (list.count > 0 && step->is_impossible)) {
        return PUSHED_MORE;
    }
    struct pool_mark mark = pool_mark(&run->pool);
    enum pushed pushed = match_given_list(matching, index, list);
    pool_release(&run->pool, mark);
    return pushed;
}
