#include "engine/predicates.h"

#include "base/check.h"

static enum status check_room(const struct search *search, struct error *error);
static enum status add_structural(struct search *search, struct arena *arena,
                                  const struct expression *expression, struct error *error);
static enum status add_residual(struct search *search, struct arena *arena,
                                const struct expression *expression, struct error *error);
static void add_turned(struct search *search, uint32_t edge);

enum status predicates_compile(struct search *search, struct arena *arena, struct error *error)
{
    const struct bound_query *query = search->query;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < query->predicate_count; i++) {
            const struct expression *expression = query->predicates[i].expression;
            enum predicate_kind kind = query->predicates[i].kind;
            if ((kind != PREDICATE_STRUCTURE && kind != PREDICATE_RESIDUAL) ||
                query_can_fail(query, expression) != (pass == 1)) {
                continue;
            }
            TRY(check_room(search, error));
            TRY(kind == PREDICATE_STRUCTURE ? add_structural(search, arena, expression, error)
                                            : add_residual(search, arena, expression, error));
        }
    }
    for (uint32_t edge = 0; edge < query->edge_count; edge++) {
        if (query->edges[edge].is_undirected) {
            TRY(check_room(search, error));
            add_turned(search, edge);
        }
    }
    return STATUS_OK;
}

static enum status check_room(const struct search *search, struct error *error)
{
    return search->structural_count + search->residual_count < SEARCH_PREDICATES_MAX
               ? STATUS_OK
               : error_set(error, STATUS_USAGE,
                           "more than %d conditions between several flows or addresses",
                           SEARCH_PREDICATES_MAX);
}

/* The plan step after which all vertices of the mask are bound. */
static uint32_t step_that_binds(const struct search *search, uint32_t vertex_mask)
{
    uint32_t bound = 0;
    for (uint32_t s = 0; s < search->plan->step_count; s++) {
        const struct plan_step *step = &search->plan->steps[s];
        if (step->kind == STEP_SCAN_LINKS) {
            const struct bound_edge *edge = &search->query->edges[step->edge];
            bound |= 1u << edge->source | 1u << edge->target;
        } else if (step->kind != STEP_CLOSE) {
            bound |= 1u << step->vertex;
        }
        if ((vertex_mask & ~bound) == 0) {
            return s;
        }
    }
    CHECK(!"a structural conjunct names a vertex that no step binds");
    return 0;
}

static enum status add_structural(struct search *search, struct arena *arena,
                                  const struct expression *expression, struct error *error)
{
    struct search_predicate *predicate = &search->structural[search->structural_count++];
    predicate->vertex_mask = expression->vertex_mask;
    predicate->step = step_that_binds(search, expression->vertex_mask);
    if (expression_is_inequality(expression)) {
        predicate->left = expression->children[0]->variable;
        predicate->right = expression->children[1]->variable;
        return STATUS_OK;
    }
    return program_build(&predicate->program, search->query, expression, arena, error);
}

/* A self-loop is found where the edge is not turned round. */
static void add_turned(struct search *search, uint32_t edge)
{
    const struct bound_edge *bound = &search->query->edges[edge];
    uint32_t ends = 1u << bound->source | 1u << bound->target;
    search->structural[search->structural_count++] =
        (struct search_predicate){.vertex_mask = ends,
                                  .step = step_that_binds(search, ends),
                                  .left = bound->source,
                                  .right = bound->target,
                                  .turned = 1u << edge};
}

static enum status add_residual(struct search *search, struct arena *arena,
                                const struct expression *expression, struct error *error)
{
    struct search_predicate *residual = &search->residual[search->residual_count++];
    residual->edge_mask = expression->edge_mask;
    return program_build(&residual->program, search->query, expression, arena, error);
}
