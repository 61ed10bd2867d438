/* The order of steps. What earlier clauses bound comes first, then vertices that are told by their
 * key, since both are few; from these outward along edges, those first that close a cycle, then
 * single ones, then walks. Where nothing is bound, the vertex of which most is asked is looked for
 * among all. Shortest paths come last, so that as many as possible of their ends are known. */
#include "pipeline/pattern_plan.h"

static bool is_bound_vertex(const struct planner *planner, uint32_t vertex)
{
    return (planner->bound.vertices >> vertex & 1) != 0;
}

static bool is_bound_edge(const struct planner *planner, uint32_t edge)
{
    return (planner->bound.edges >> edge & 1) != 0;
}

static enum ast_shortest shortest_of(const struct pattern *pattern, uint32_t edge)
{
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        const struct pattern_path *path = &pattern->paths[i];
        if (edge >= path->first_edge && edge - path->first_edge < path->edge_count) {
            return pattern->edges[edge].is_bound ? AST_ANY_LENGTH : path->shortest;
        }
    }
    return AST_ANY_LENGTH;
}

static bool has_none(const uint32_t *handles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (handles[i] == HANDLE_NONE) {
            return true;
        }
    }
    return false;
}

static bool edge_is_impossible(const struct pattern_edge *edge)
{
    bool has_type = edge->type_count == 0;
    for (uint32_t i = 0; i < edge->type_count; i++) {
        has_type = has_type || edge->types[i] != HANDLE_NONE;
    }
    return !has_type || has_none(edge->properties.handles, edge->properties.count);
}

bool plan_is_impossible(const struct pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        const struct pattern_vertex *vertex = &pattern->vertices[i];
        if (has_none(vertex->labels, vertex->label_count) ||
            has_none(vertex->properties.handles, vertex->properties.count)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        const struct pattern_edge *edge = &pattern->edges[i];
        if (edge_is_impossible(edge) && !(edge->is_variable && edge->least <= 0)) {
            return true;
        }
    }
    return false;
}

static bool term_is_slot(const struct term *term, uint32_t slot)
{
    return term->kind == AST_VARIABLE && term->slot == slot;
}

static bool term_is_key(const struct term *term, uint32_t slot)
{
    return term->kind == AST_PROPERTY && term_is_slot(term->children[0], slot) &&
           term->vertex_handle == 0;
}

/* The term that tells the vertex by its key, when everything that it reads is bound. */
static bool find_key(const struct planner *planner, uint32_t vertex, bool allows_list,
                     struct pattern_step *step)
{
    const struct pattern *pattern = planner->pattern;
    const struct pattern_vertex *sought = &pattern->vertices[vertex];
    for (uint32_t i = 0; i < planner->check_count && planner->is_flows; i++) {
        const struct planned_check *planned = &planner->checks[i];
        const struct term *term = planned->check.value.term;
        const struct term *key = NULL;
        bool is_list = false;
        if (planned->check.kind == CHECK_VERTEX_PROPERTY && planned->check.element == vertex &&
            planned->check.handle == 0) {
            key = term;
        } else if (planned->check.kind == CHECK_CONDITION && term->kind == AST_EQUAL) {
            key = term_is_key(term->children[0], sought->slot)   ? term->children[1]
                  : term_is_key(term->children[1], sought->slot) ? term->children[0]
                                                                 : NULL;
        } else if (planned->check.kind == CHECK_CONDITION && term->kind == AST_IN && allows_list &&
                   term_is_key(term->children[0], sought->slot)) {
            key = term->children[1];
            is_list = true;
        }
        struct pattern_set reads = plan_reads(pattern, key);
        if (key != NULL && pattern_set_holds(&planner->bound, &reads)) {
            step->kind = STEP_KEY;
            step->key = (struct pattern_value){key, CONSTANT_NONE};
            step->is_list = is_list;
            return true;
        }
    }
    return false;
}

static struct pattern_step *add_step(struct planner *planner, enum step_kind kind, uint32_t element)
{
    struct pattern_step *step = &planner->plan->steps[planner->plan->step_count++];
    *step = (struct pattern_step){.kind = kind, .element = element};
    return step;
}

static enum status start_at(struct planner *planner, struct pattern_step found)
{
    struct pattern_step *step = add_step(planner, found.kind, found.element);
    *step = found;
    planner->bound.vertices |= UINT64_C(1) << found.element;
    return plan_due_checks(planner, &step->checks);
}

static enum step_kind edge_step_kind(const struct pattern *pattern, uint32_t edge)
{
    const struct pattern_edge *pattern_edge = &pattern->edges[edge];
    if (pattern_edge->is_bound) {
        return pattern_edge->is_variable ? STEP_GIVEN_WALK : STEP_GIVEN_EDGE;
    }
    if (shortest_of(pattern, edge) != AST_ANY_LENGTH) {
        return STEP_SHORTEST;
    }
    return pattern_edge->is_variable ? STEP_WALK : STEP_EDGE;
}

static enum status go_along(struct planner *planner, uint32_t edge)
{
    const struct pattern_edge *pattern_edge = &planner->pattern->edges[edge];
    enum step_kind kind = edge_step_kind(planner->pattern, edge);
    struct pattern_step *step = add_step(planner, kind, edge);
    step->has_left = is_bound_vertex(planner, pattern_edge->left);
    step->has_right = is_bound_vertex(planner, pattern_edge->right);
    step->is_impossible = edge_is_impossible(pattern_edge);
    TRY(plan_hop_checks(planner, edge, step));
    if (kind == STEP_EDGE) {
        TRY(plan_window(planner, edge, step));
    }
    planner->bound.vertices |= UINT64_C(1) << pattern_edge->left | UINT64_C(1)
                                                                       << pattern_edge->right;
    if (kind == STEP_EDGE || kind == STEP_SHORTEST) {
        TRY(plan_due_checks(planner, &step->vertex_checks));
    }
    planner->bound.edges |= UINT64_C(1) << edge;
    TRY(plan_due_checks(planner, &step->checks));
    if (kind == STEP_EDGE) {
        plan_told(planner, step);
    }
    return STATUS_OK;
}

/* How soon an edge is gone along, from 0; UINT32_MAX: not yet, or no more. */
static uint32_t edge_rank(const struct planner *planner, uint32_t edge)
{
    const struct pattern_edge *pattern_edge = &planner->pattern->edges[edge];
    uint32_t end_count = (uint32_t)is_bound_vertex(planner, pattern_edge->left) +
                         (uint32_t)is_bound_vertex(planner, pattern_edge->right);
    if (is_bound_edge(planner, edge)) {
        return UINT32_MAX;
    }
    switch (edge_step_kind(planner->pattern, edge)) {
    case STEP_GIVEN_EDGE:
        return 0;
    case STEP_GIVEN_WALK:
        return 2;
    case STEP_EDGE:
        return end_count == 2 ? 1 : end_count == 1 ? 3 : UINT32_MAX;
    case STEP_WALK:
        return end_count == 2 ? 4 : end_count == 1 ? 5 : UINT32_MAX;
    default:
        return UINT32_MAX;
    }
}

static bool best_edge(const struct planner *planner, uint32_t *best)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < planner->pattern->edge_count; i++) {
        uint32_t rank = edge_rank(planner, i);
        if (rank < least) {
            least = rank;
            *best = i;
        }
    }
    return least != UINT32_MAX;
}

/* A shortest path with that many bound ends. */
static bool find_shortest(const struct planner *planner, uint32_t end_count, uint32_t *found)
{
    for (uint32_t i = 0; i < planner->pattern->edge_count; i++) {
        const struct pattern_edge *edge = &planner->pattern->edges[i];
        if (!is_bound_edge(planner, i) && edge_step_kind(planner->pattern, i) == STEP_SHORTEST &&
            (uint32_t)is_bound_vertex(planner, edge->left) +
                    (uint32_t)is_bound_vertex(planner, edge->right) >=
                end_count) {
            *found = i;
            return true;
        }
    }
    return false;
}

/* Whether a vertex is an end of shortest paths and of nothing else. */
static bool is_shortest_end(const struct pattern *pattern, uint32_t vertex)
{
    bool is_end = false;
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        if (pattern->edges[i].left == vertex || pattern->edges[i].right == vertex) {
            if (shortest_of(pattern, i) == AST_ANY_LENGTH) {
                return false;
            }
            is_end = true;
        }
    }
    return is_end;
}

/* What is asked of a vertex, and of the edges at it: the more, the fewer there will be. */
static uint32_t start_weight(const struct planner *planner, uint32_t vertex)
{
    const struct pattern *pattern = planner->pattern;
    const struct pattern_vertex *sought = &pattern->vertices[vertex];
    struct pattern_set own = planner->bound;
    own.vertices |= UINT64_C(1) << vertex;
    uint32_t weight = sought->label_count > 0 ? 64 : 0;
    for (uint32_t i = 0; i < planner->check_count; i++) {
        const struct planned_check *planned = &planner->checks[i];
        if (planned->is_done || planned->check.kind == CHECK_PATH) {
            continue;
        }
        if (pattern_set_holds(&own, &planned->reads)) {
            weight += 256;
        } else {
            weight += (planned->reads.vertices >> vertex & 1) != 0;
        }
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        const struct pattern_edge *edge = &pattern->edges[i];
        if ((edge->left == vertex || edge->right == vertex) && !edge->is_variable) {
            weight += 8 + (edge->properties.count > 0 ? 8 : 0);
        }
    }
    return weight;
}

static struct pattern_step best_start(const struct planner *planner, bool has_shortest_ends)
{
    struct pattern_step best = {.kind = STEP_SCAN, .element = UINT32_MAX};
    uint32_t greatest = 0;
    for (uint32_t i = 0; i < planner->pattern->vertex_count; i++) {
        struct pattern_step step = {.kind = STEP_SCAN, .element = i};
        if (is_bound_vertex(planner, i) ||
            (!has_shortest_ends && is_shortest_end(planner->pattern, i))) {
            continue;
        }
        uint32_t weight =
            find_key(planner, i, true, &step) ? UINT32_MAX : start_weight(planner, i) + 1;
        if (best.element == UINT32_MAX || weight > greatest) {
            greatest = weight;
            best = step;
        }
    }
    return best;
}

/* The vertices that were bound before, and those that their keys tell: at most one each. */
static enum status plan_starts(struct planner *planner)
{
    for (uint32_t i = 0; i < planner->pattern->vertex_count; i++) {
        if (planner->pattern->vertices[i].is_bound) {
            TRY(start_at(planner, (struct pattern_step){.kind = STEP_GIVEN, .element = i}));
        }
    }
    for (uint32_t i = 0; i < planner->pattern->vertex_count; i++) {
        struct pattern_step step = {.element = i};
        if (!is_bound_vertex(planner, i) && find_key(planner, i, false, &step)) {
            TRY(start_at(planner, step));
        }
    }
    return STATUS_OK;
}

enum status plan_steps(struct planner *planner)
{
    TRY(plan_due_checks(planner, &planner->plan->checks));
    TRY(plan_starts(planner));
    for (;;) {
        uint32_t edge = 0;
        struct pattern_step start = best_start(planner, false);
        if (best_edge(planner, &edge)) {
            TRY(go_along(planner, edge));
        } else if (start.element != UINT32_MAX) {
            TRY(start_at(planner, start));
        } else if (find_shortest(planner, 2, &edge) || find_shortest(planner, 1, &edge)) {
            TRY(go_along(planner, edge));
        } else {
            start = best_start(planner, true);
            if (start.element == UINT32_MAX) {
                return STATUS_OK;
            }
            TRY(start_at(planner, start));
        }
    }
}
