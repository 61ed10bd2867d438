/* A MATCH of temporal cycles of variable length becomes a stage of its own when its conditions say
 * that start times ascend. Conditions on the times, on every flow or vertex, on some flow or vertex
 * and on the vertex where a cycle begins are decided by the search; the others filter its rows. */
#include "pipeline/head_cycle.h"

#include <stdio.h>

#include "engine/cycle_match.h"
#include "pipeline/cycle_behind.h"
#include "pipeline/external.h"
#include "pipeline/pattern_cycle.h"
#include "pipeline/residual.h"
#include "query/bound.h"

/* The pattern edge of draw_match that stands for all flows. */
enum { FLOW = 2 };

/* A cycle in the making. */
struct circling {
    struct heading *heading;
    const struct ast_clause *clause;
    const struct pattern *pattern;
    struct stage_cycle *cycle;
    struct cycle_order order;
    struct ast_clause *match;      /* of what the filters decide */
    struct conjunction conditions; /* of it */
    uint32_t some_edges;           /* as cycle_pattern has them */
    uint32_t exact_edges;          /* bits of its edges whose conditions must not fail */
    uint32_t condition_capacity;
    struct stage_externals *externals;
    struct stage *external_filters;
    struct stage **external_end;
    struct stage *filters;
    struct stage **end;
};

/* all, any or none over the flows of the path, or over its vertices. */
struct quantified {
    const struct ast_expression *quantifier;
    bool is_of_vertices;
    bool is_some;    /* true of a cycle if some flow meets the condition; else if each does */
    bool is_negated; /* which is NOT of what is written */
};

/* What may turn out to be a cycle: its ends are one, or may be one by a condition. */
static bool is_candidate(const struct pattern *pattern, const struct ast_clause *clause)
{
    if (clause->is_optional || pattern->vertex_count > 2 || pattern->edge_count != 1 ||
        pattern->path_count != 1 || clause->pattern->count != 1) {
        return false;
    }
    const struct pattern_edge *edge = &pattern->edges[0];
    bool has_views = false;
    for (uint32_t i = 0; i < edge->type_count; i++) {
        has_views = has_views || edge->types[i] != 0;
    }
    return edge->is_variable && !edge->is_bound && !has_views &&
           edge->direction != AST_UNDIRECTED && edge->least >= 1 && edge->least < UINT32_MAX &&
           edge->most >= edge->least && pattern->paths[0].shortest == AST_ANY_LENGTH &&
           edge->properties.map == NULL;
}

/* Adds (source)-[flow]->(). Names may be none. */
static bool add_flow(struct circling *circling, struct ast_name source,
                     struct ast_relationship *flow)
{
    const struct ast_builder *builder = &circling->heading->builder;
    struct ast_node *left = ast_new(builder, sizeof *left);
    struct ast_node *right = ast_new(builder, sizeof *right);
    if (left == NULL || right == NULL) {
        return false;
    }
    left->name = source;
    struct ast_path *path = ast_new_path(builder, left);
    path = path == NULL ? NULL : ast_extend_path(builder, path, flow, right);
    return path != NULL && ast_add_path(builder, circling->match->pattern, path) != NULL;
}

/* MATCH (a)-[]->(), (b)-[]->(), ()-[flow]->() of the ends of the clause's path, which are one
 * vertex or are to become one, and of one flow of it: with its labels, types and maps. The flow is
 * not tied to the ends, since a cycle's flows leave other vertices than its first too. */
static bool draw_match(struct circling *circling)
{
    const struct ast_builder *builder = &circling->heading->builder;
    const struct ast_path *path = circling->clause->pattern->paths[0];
    struct ast_clause *match = ast_new(builder, sizeof *match);
    struct ast_relationship *flow = ast_new(builder, sizeof *flow);
    if (match == NULL || flow == NULL) {
        return false;
    }
    *flow = *path->relationships[0];
    flow->range = NULL;
    flow->name = (struct ast_name){0};
    flow->direction = AST_RIGHT;
    *match = *circling->clause;
    match->where = NULL;
    match->pattern = NULL;
    circling->match = match;
    for (uint32_t i = 0; i < 2; i++) {
        struct ast_relationship *any = ast_new(builder, sizeof *any);
        struct ast_node *end = ast_new(builder, sizeof *end);
        struct ast_path *drawn = ast_new_path(builder, path->nodes[i]);
        if (any == NULL || end == NULL || drawn == NULL ||
            ast_extend_path(builder, drawn, any, end) == NULL) {
            return false;
        }
        match->pattern = ast_add_path(builder, match->pattern, drawn);
        if (match->pattern == NULL) {
            return false;
        }
    }
    return add_flow(circling, (struct ast_name){0}, flow);
}

/* Adds ()-[name]->(), unless it is there. */
static bool draw_flow(struct circling *circling, const struct ast_name *name)
{
    const struct ast_builder *builder = &circling->heading->builder;
    struct ast_pattern *pattern = circling->match->pattern;
    for (uint32_t i = 2; i < pattern->count; i++) {
        if (bytes_equal(pattern->paths[i]->relationships[0]->name.text, name->text)) {
            return true;
        }
    }
    struct ast_relationship *flow = ast_new(builder, sizeof *flow);
    if (flow == NULL) {
        return false;
    }
    flow->name = *name;
    return add_flow(circling, (struct ast_name){0}, flow);
}

/* Adds (name)-[]->(): each vertex of a cycle is where one of its flows begins. */
static bool draw_vertex(struct circling *circling, struct ast_name name)
{
    struct ast_relationship *flow = ast_new(&circling->heading->builder, sizeof *flow);
    return flow != NULL && add_flow(circling, name, flow);
}

/* Whether all conditions are on one flow or on where it begins, or on an end of the path (which
 * have to become one), and none made one vertex of two others than these, which would say something
 * of a flow's place. Filters look at flows and vertices that are on no cycle too, so that what can
 * fail may fail for these. */
static bool is_unary(const struct circling *circling, const struct bound_query *bound)
{
    uint32_t ends = UINT32_C(1) << bound->edges[0].source | UINT32_C(1) << bound->edges[1].source;
    uint32_t united = bound->edges[0].source == bound->edges[1].source;
    if (bound->vertex_count + united != 2 * circling->match->pattern->count) {
        return false;
    }
    uint32_t sources = 0;
    for (uint32_t i = FLOW; i < bound->edge_count; i++) {
        sources |= UINT32_C(1) << bound->edges[i].source;
    }
    for (uint32_t i = 0; i < bound->predicate_count; i++) {
        const struct predicate *predicate = &bound->predicates[i];
        const struct expression *expression = predicate->expression;
        bool is_of_vertex = predicate->kind == PREDICATE_VERTEX &&
                            (expression->vertex_mask & ~(ends | sources)) == 0;
        bool is_exact = (expression->edge_mask & circling->exact_edges) != 0 ||
                        (expression->vertex_mask & sources) != 0;
        if ((is_exact && expression_can_fail(expression)) ||
            (predicate->kind != PREDICATE_CONSTANT && predicate->kind != PREDICATE_EDGE &&
             !is_of_vertex)) {
            return false;
        }
    }
    return true;
}

/* The query of the conditions that the filters decide; NULL when they cannot. */
static struct bound_query *bind_conditions(struct circling *circling)
{
    struct heading *heading = circling->heading;
    struct error problem = {0};
    bool is_made = false;
    circling->match->where = conjunction_join(&heading->builder, &circling->conditions, &is_made);
    if (!is_made) {
        return NULL;
    }
    struct ast_clause *result = heading_return(heading, heading_star(heading));
    if (result == NULL || !heading_begin(heading) || !heading_add(heading, circling->match) ||
        !heading_add(heading, result)) {
        return NULL;
    }
    struct bound_query *bound = heading_bind(heading, &problem);
    if (bound != NULL && !is_unary(circling, bound)) {
        query_close(bound);
        return NULL;
    }
    return bound;
}

/* Whether the filters decide what `match` has now; if not, it goes back to what it had. */
static bool can_bind(struct circling *circling)
{
    struct bound_query *bound = bind_conditions(circling);
    query_close(bound);
    return bound != NULL;
}

/* A quantifier over the flows or the vertices of the path, and whatever NOT stands before it. A
 * cycle passes where the whole is true, not null: none is, where the condition is false of each. */
static bool read_quantified(const struct circling *circling, const struct ast_expression *condition,
                            const struct term *term, struct quantified *quantified)
{
    bool is_negated = false;
    while (condition->kind == AST_NOT && term->kind == AST_NOT) {
        condition = condition->children[0];
        term = term->children[0];
        is_negated = !is_negated;
    }
    enum ast_kind kind = condition->kind;
    if ((kind != AST_ALL && kind != AST_ANY && kind != AST_NONE) || term->kind != kind) {
        return false;
    }
    const struct term *list = term->children[0];
    *quantified =
        (struct quantified){.quantifier = condition,
                            .is_of_vertices = pattern_lists_vertices(circling->pattern, list),
                            .is_some = (kind != AST_ANY) == is_negated,
                            .is_negated = (kind == AST_NONE) != is_negated};
    return quantified->is_of_vertices || pattern_lists_edges(circling->pattern, list);
}

/* A flow of its own for a condition, which it or its source has to meet, under a name that no query
 * can have written. What binds names of its own inside is not plain, so that the binder refuses it.
 * NULL: it cannot be had. */
static struct ast_expression *draw_own_flow(struct circling *circling,
                                            const struct quantified *quantified)
{
    enum { NAME_BYTES = 16 };
    const struct ast_builder *builder = &circling->heading->builder;
    const struct ast_expression *quantifier = quantified->quantifier;
    struct ast_expression *condition = quantifier->children[1];
    uint32_t edge = circling->match->pattern->count;
    char *text = ast_new(builder, NAME_BYTES);
    if (text == NULL || edge >= PATTERN_EDGES_MAX) {
        return NULL;
    }
    struct ast_name name = {bytes_view(text, (size_t)snprintf(text, NAME_BYTES, " %u", edge)),
                            quantifier->span};
    circling->exact_edges |= UINT32_C(1) << edge;
    circling->some_edges |= (uint32_t)quantified->is_some << edge;
    condition = ast_renamed(builder, condition, quantifier->name.text, name.text);
    if (condition != NULL && quantified->is_negated) {
        condition = ast_unary(builder, AST_NOT, condition->span, condition->place, condition);
    }
    bool is_drawn =
        quantified->is_of_vertices ? draw_vertex(circling, name) : draw_flow(circling, &name);
    return is_drawn ? condition : NULL;
}

/* Conditions on each flow that are written with one name become those of one pattern edge, of which
 * there are not many. */
static bool take_quantified(struct circling *circling, const struct quantified *quantified)
{
    const struct ast_expression *quantifier = quantified->quantifier;
    struct ast_expression *condition = quantifier->children[1];
    if (quantified->is_of_vertices || quantified->is_some || quantified->is_negated) {
        condition = draw_own_flow(circling, quantified);
    } else if (!draw_flow(circling, &quantifier->name)) {
        return false;
    }
    return condition != NULL && __builtin_popcount(circling->some_edges) <= CYCLE_NEEDS_MAX &&
           conjunction_add(circling->heading->compiler, &circling->conditions, condition) &&
           can_bind(circling);
}

static bool note_condition(struct circling *circling, struct cycle_condition condition)
{
    struct stage_cycle *cycle = circling->cycle;
    struct cycle_condition *conditions =
        compiler_grow(circling->heading->compiler, cycle->conditions, cycle->condition_count,
                      &circling->condition_capacity, sizeof *conditions);
    if (conditions != NULL) {
        cycle->conditions = conditions;
        conditions[cycle->condition_count++] = condition;
    }
    return conditions != NULL;
}

/* A condition on the vertex, or on flows: tried, and taken back if it does not do. */
static bool take_filter(struct circling *circling, struct ast_expression *condition,
                        const struct term *term)
{
    struct circling before = *circling;
    uint32_t path_count = circling->match->pattern->count;
    struct quantified quantified;
    struct cycle_condition note = {"vertex", condition->span, false};
    bool is_taken;
    if (read_quantified(circling, condition, term, &quantified)) {
        is_taken = take_quantified(circling, &quantified);
        static const char *const kinds[2][2] = {{"each flow", "some flow"},
                                                {"each vertex", "some vertex"}};
        note = (struct cycle_condition){kinds[quantified.is_of_vertices][quantified.is_some],
                                        quantified.quantifier->children[1]->span,
                                        quantified.is_negated};
    } else {
        is_taken = conjunction_add(circling->heading->compiler, &circling->conditions, condition) &&
                   can_bind(circling);
    }
    if (is_taken) {
        return note_condition(circling, note);
    }
    circling->match->pattern->count = path_count;
    circling->conditions.count = before.conditions.count;
    circling->some_edges = before.some_edges;
    circling->exact_edges = before.exact_edges;
    return false;
}

/* A condition on the vertex, or on every flow or vertex, in words that the filters do not know.
 * That on a vertex is told by a pattern edge that begins there. */
static bool take_external(struct circling *circling, const struct ast_expression *condition,
                          const struct term *term)
{
    struct compiler *compiler = circling->heading->compiler;
    const struct pattern *pattern = circling->pattern;
    if (condition->kind == AST_ALL && term->kind == AST_ALL &&
        external_slot(term->children[1]) == term->slot) {
        struct external_term asked = {term->children[1], term->slot};
        bool is_of_vertex = pattern_lists_vertices(pattern, term->children[0]);
        return (is_of_vertex || pattern_lists_edges(pattern, term->children[0])) &&
               external_add(compiler, circling->externals,
                            is_of_vertex ? PREDICATE_VERTEX : PREDICATE_EDGE, FLOW, asked,
                            condition->children[1], condition->name.text);
    }
    uint32_t slot = external_slot(term);
    bool is_of_end = slot != SLOT_NONE && (slot == pattern->vertices[pattern->edges[0].left].slot ||
                                           slot == pattern->vertices[pattern->edges[0].right].slot);
    struct external_term asked = {term, slot};
    return is_of_end && external_add(compiler, circling->externals, PREDICATE_VERTEX, 0, asked,
                                     condition, compiler->compiled->slot_names[slot]);
}

static bool add_residual(struct circling *circling, const struct ast_expression *condition,
                         const struct term *term)
{
    bool is_external = take_external(circling, condition, term);
    struct stage *stage = new_stage(circling->heading->compiler, STAGE_FILTER, term->place,
                                    is_external ? &circling->external_end : &circling->end);
    if (stage != NULL) {
        stage->term = (struct term *)(uintptr_t)term;
    }
    return stage != NULL;
}

static bool take_condition(struct circling *circling, struct ast_expression *condition,
                           uint32_t index)
{
    struct compiler *compiler = circling->heading->compiler;
    const struct term *term = circling->pattern->conditions[index].term;
    bool is_order = false;
    if (pattern_read_order(circling->pattern, index, compiler->entities, compiler->memory,
                           &circling->order, &is_order, compiler->source->error) != STATUS_OK) {
        return false;
    }
    return is_order || take_filter(circling, condition, term) ||
           add_residual(circling, condition, term);
}

/* Conjuncts in the order in which they became the last conditions of the pattern. */
static bool take_conjuncts(struct circling *circling, struct ast_expression *condition,
                           uint32_t *index)
{
    if (condition->kind != AST_AND) {
        return take_condition(circling, condition, (*index)++);
    }
    for (uint32_t i = 0; i < condition->child_count; i++) {
        if (!take_conjuncts(circling, condition->children[i], index)) {
            return false;
        }
    }
    return true;
}

static uint32_t count_conjuncts(const struct ast_expression *condition)
{
    if (condition == NULL || condition->kind != AST_AND) {
        return condition == NULL ? 0 : 1;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < condition->child_count; i++) {
        count += count_conjuncts(condition->children[i]);
    }
    return count;
}

static bool fill_cycle(struct circling *circling)
{
    const struct pattern_edge *edge = &circling->pattern->edges[0];
    struct stage_cycle *cycle = circling->cycle;
    cycle->vertex_slot = circling->pattern->vertices[edge->left].slot;
    cycle->end_slot = circling->pattern->vertices[edge->right].slot;
    cycle->list_slot = edge->slot;
    cycle->path_slot = circling->pattern->paths[0].slot;
    cycle->pattern = (struct cycle_pattern){
        .hops_min = (uint32_t)edge->least,
        .hops_max = edge->most >= UINT32_MAX ? CYCLE_HOPS_ANY : (uint32_t)edge->most,
        .window_ns = circling->order.window_ns,
        .is_strict = circling->order.is_strict,
        .is_simple = circling->order.is_simple,
        .is_backward = edge->direction == AST_LEFT,
        .some_edges = circling->some_edges};
    return circling->order.is_ascending && circling->order.window_ns >= 0;
}

/* Whether the two ends that were drawn are one vertex, by name or by a condition. */
static bool is_closed(const struct bound_query *conditions)
{
    return conditions->edges[0].source == conditions->edges[1].source;
}

/* Vertices are numbered once it is known which are one. */
static void set_externals(const struct circling *circling, struct stage *stage)
{
    struct stage_externals *externals = circling->externals;
    for (uint32_t i = 0; i < externals->count; i++) {
        struct external_predicate *predicate = &externals->predicates[i];
        if (predicate->kind == PREDICATE_VERTEX) {
            predicate->variable = stage->matcher->edges[predicate->variable].source;
        }
    }
    if (!circling->heading->compiler->compiled->calls_random) {
        externals_set(stage, externals);
    }
}

static bool put_stage(struct circling *circling)
{
    struct heading *heading = circling->heading;
    struct compiler *compiler = heading->compiler;
    struct bound_query *conditions = bind_conditions(circling);
    struct stage *stage = NULL;
    struct stage **end = &stage;
    if (conditions == NULL || !is_closed(conditions) ||
        new_stage(compiler, STAGE_CYCLES, circling->clause->span.begin, &end) == NULL) {
        query_close(conditions);
        return false;
    }
    stage->cycle = circling->cycle;
    stage->matcher = conditions;
    stage->next_matcher = compiler->compiled->matchers;
    compiler->compiled->matchers = stage;
    stage->cycle->pattern.conditions = conditions;
    *circling->end = *heading->clauses[1].first;
    *circling->external_end = circling->filters;
    stage->next = circling->external_filters;
    set_externals(circling, stage);
    stage->residual_count = residual_stage_count(compiler->compiled, stage->next);
    cycle_read_behind(stage, stage_behind(stage->next, stage->residual_count),
                      compiler->compiled->is_distinct);
    *heading->clauses[0].first = stage;
    return true;
}

bool head_take_cycles(struct heading *heading)
{
    struct compiler *compiler = heading->compiler;
    const struct ast_clause *clause = heading->branch->clauses[0];
    struct circling circling = {.heading = heading,
                                .clause = clause,
                                .pattern = (*heading->clauses[0].first)->pattern,
                                .order = {.window_ns = INT64_MAX}};
    if (!is_candidate(circling.pattern, clause)) {
        return false;
    }
    circling.end = &circling.filters;
    circling.external_end = &circling.external_filters;
    circling.cycle = compiler_allocate(compiler, 1, sizeof *circling.cycle);
    circling.externals = compiler_allocate(compiler, 1, sizeof *circling.externals);
    uint32_t index = circling.pattern->condition_count - count_conjuncts(clause->where);
    return circling.cycle != NULL && circling.externals != NULL && draw_match(&circling) &&
           can_bind(&circling) &&
           (clause->where == NULL || take_conjuncts(&circling, clause->where, &index)) &&
           fill_cycle(&circling) && put_stage(&circling);
}
