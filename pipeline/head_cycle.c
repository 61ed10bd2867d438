/* A MATCH of temporal cycles of variable length becomes a stage of its own when its conditions say
 * that start times ascend. Conditions on the times, on every flow or vertex, on some flow or vertex
 * and on the vertex where a cycle begins are decided by the search; the others filter its rows. */
#include "pipeline/head_cycle.h"

#include "pipeline/circling.h"
#include "pipeline/cycle_behind.h"
#include "pipeline/ends_behind.h"
#include "pipeline/external.h"
#include "pipeline/residual.h"

/* all, any or none over the flows of the path, or over its vertices. */
struct quantified {
    const struct ast_expression *quantifier;
    const struct term *term; /* of it */
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
                            .term = term,
                            .is_of_vertices = pattern_lists_vertices(circling->pattern, list),
                            .is_some = (kind != AST_ANY) == is_negated,
                            .is_negated = (kind == AST_NONE) != is_negated};
    return quantified->is_of_vertices || pattern_lists_edges(circling->pattern, list);
}

/* A flow of its own for a condition, which it or its source has to meet. What binds names of its
 * own inside is not plain, so that the binder refuses it. NULL: it cannot be had. */
static struct ast_expression *draw_own_flow(struct circling *circling,
                                            const struct quantified *quantified)
{
    const struct ast_builder *builder = &circling->heading->builder;
    const struct ast_expression *quantifier = quantified->quantifier;
    struct ast_expression *condition = quantifier->children[1];
    uint32_t edge = circling->match->pattern->count;
    struct ast_name name;
    if (!circling_name(circling, quantifier->span, &name)) {
        return NULL;
    }
    circling->some_edges |= (uint32_t)quantified->is_some << edge;
    condition = ast_renamed(builder, condition, quantifier->name.text, name.text);
    if (condition != NULL && quantified->is_negated) {
        condition = ast_unary(builder, AST_NOT, condition->span, condition->place, condition);
    }
    bool is_drawn = quantified->is_of_vertices ? circling_draw_vertex(circling, name)
                                               : circling_draw_flow(circling, &name);
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
    } else if (!circling_draw_flow(circling, &quantifier->name)) {
        return false;
    }
    return condition != NULL && __builtin_popcount(circling->some_edges) <= CYCLE_NEEDS_MAX &&
           circling_add(circling, condition) && circling_can_bind(circling);
}

/* head(es), or last(es) */
static bool is_end_flow(const struct circling *circling, const struct ast_expression *expression,
                        bool is_last)
{
    const struct ast_relationship *walk = circling->clause->pattern->paths[0]->relationships[0];
    return expression->kind == AST_CALL && expression->child_count == 1 &&
           bytes_equal_ignoring_case(expression->name.text, bytes_of(is_last ? "last" : "head")) &&
           expression->children[0]->kind == AST_VARIABLE && walk->name.text.data != NULL &&
           bytes_equal(expression->children[0]->name.text, walk->name.text);
}

/* In a copy, the first or last flow by a name of its own; returns how often. */
static uint32_t name_end_flow(const struct circling *circling, struct ast_expression *expression,
                              const struct ast_name *name, bool is_last)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < expression->child_count; i++) {
        struct ast_expression *child = expression->children[i];
        if (child != NULL && is_end_flow(circling, child, is_last)) {
            child->kind = AST_VARIABLE;
            child->name.text = name->text;
            child->child_count = 0;
            count++;
        } else if (child != NULL) {
            count += name_end_flow(circling, child, name, is_last);
        }
    }
    return count;
}

/* A condition on the first or the last flow only, which becomes one on a flow of its own. */
static bool take_end_flow(struct circling *circling, struct ast_expression *condition, bool is_last)
{
    const struct ast_builder *builder = &circling->heading->builder;
    uint32_t edge = circling->match->pattern->count;
    struct ast_name name;
    if (!circling_name(circling, condition->span, &name)) {
        return false;
    }
    *(is_last ? &circling->last_edges : &circling->first_edges) |= UINT32_C(1) << edge;
    condition = ast_renamed(builder, condition, name.text, name.text);
    return condition != NULL && name_end_flow(circling, condition, &name, is_last) > 0 &&
           circling_draw_flow(circling, &name) && circling_add(circling, condition) &&
           circling_can_bind(circling);
}

static bool note_condition(struct circling *circling, const char *kind, struct source_span span,
                           bool is_negated)
{
    struct stage_cycle *cycle = circling->cycle;
    struct cycle_condition *conditions =
        compiler_grow(circling->heading->compiler, cycle->conditions, cycle->condition_count,
                      &circling->condition_capacity, sizeof *conditions);
    if (conditions != NULL) {
        cycle->conditions = conditions;
        conditions[cycle->condition_count++] = (struct cycle_condition){kind, span, is_negated};
    }
    return conditions != NULL;
}

/* A condition on the vertex where a cycle begins, or on an end of a path. */
static bool take_vertex(struct circling *circling, struct ast_expression *condition)
{
    return circling_add(circling, condition) && circling_can_bind(circling);
}

/* A condition on the vertex, or on flows or vertices: tried, and taken back if it does not do. */
static bool take_filter(struct circling *circling, struct ast_expression *condition,
                        const struct term *term)
{
    static const char *const kinds[2][2] = {{"each flow", "some flow"},
                                            {"each vertex", "some vertex"}};
    struct circling before = *circling;
    uint32_t path_count = circling->match->pattern->count;
    struct quantified quantified;
    if (read_quantified(circling, condition, term, &quantified)) {
        bool is_known = !circling->is_open || !(quantified.is_of_vertices || quantified.is_some);
        if (is_known && take_quantified(circling, &quantified)) {
            const char *kind = kinds[quantified.is_of_vertices][quantified.is_some];
            return note_condition(circling, kind, quantified.quantifier->children[1]->span,
                                  quantified.is_negated);
        }
    } else if (take_vertex(circling, condition)) {
        return note_condition(circling, "vertex", condition->span, false);
    } else {
        circling_restore(circling, &before, path_count);
        if (take_end_flow(circling, condition, false)) {
            return note_condition(circling, "first flow", condition->span, false);
        }
        circling_restore(circling, &before, path_count);
        if (circling->is_open && take_end_flow(circling, condition, true)) {
            return note_condition(circling, "last flow", condition->span, false);
        }
    }
    circling_restore(circling, &before, path_count);
    return false;
}

/* NOT of a condition. */
static const struct term *negate(struct compiler *compiler, const struct term *term)
{
    struct term *negated = compiler_allocate(compiler, 1, sizeof *negated);
    struct term **children = compiler_allocate(compiler, 1, sizeof *children);
    if (negated == NULL || children == NULL) {
        return NULL;
    }
    children[0] = (struct term *)(uintptr_t)term;
    *negated = (struct term){.kind = AST_NOT,
                             .known = VALUE_BOOL,
                             .place = term->place,
                             .span = term->span,
                             .child_count = 1,
                             .children = children};
    return negated;
}

/* A pattern edge of its own, for what is not said of each flow as it stands. */
static bool draw_for_external(struct circling *circling, const struct quantified *quantified)
{
    struct ast_name name;
    uint32_t edge = circling->match->pattern->count;
    if (!circling_name(circling, quantified->quantifier->span, &name)) {
        return false;
    }
    circling->some_edges |= (uint32_t)quantified->is_some << edge;
    return __builtin_popcount(circling->some_edges) <= CYCLE_NEEDS_MAX &&
           (quantified->is_of_vertices ? circling_draw_vertex(circling, name)
                                       : circling_draw_flow(circling, &name));
}

/* A condition on flows or vertices in words that the filters do not know. That on a vertex is told
 * by a pattern edge that begins there. */
static bool take_quantified_external(struct circling *circling, const struct quantified *quantified)
{
    struct compiler *compiler = circling->heading->compiler;
    const struct ast_builder *builder = &circling->heading->builder;
    struct ast_expression *condition = quantified->quantifier->children[1];
    struct external_term asked = {quantified->term->children[1], quantified->term->slot};
    uint32_t edge = CIRCLING_FLOW;
    if (external_slot(asked.term) != asked.slot || circling->externals->count == EXTERNALS_MAX) {
        return false;
    }
    if (quantified->is_some || quantified->is_negated) {
        edge = circling->match->pattern->count;
        if (!draw_for_external(circling, quantified)) {
            return false;
        }
    }
    if (quantified->is_negated) {
        asked.term = negate(compiler, asked.term);
        condition = ast_unary(builder, AST_NOT, condition->span, condition->place, condition);
    }
    return asked.term != NULL && condition != NULL &&
           external_add(compiler, circling->externals,
                        quantified->is_of_vertices ? PREDICATE_VERTEX : PREDICATE_EDGE, edge, asked,
                        condition, quantified->quantifier->name.text);
}

/* A condition on the vertex, or on flows or vertices, in words that the filters do not know. */
static bool take_external(struct circling *circling, const struct ast_expression *condition,
                          const struct term *term)
{
    struct compiler *compiler = circling->heading->compiler;
    const struct pattern *pattern = circling->pattern;
    struct circling before = *circling;
    uint32_t path_count = circling->match->pattern->count;
    struct quantified quantified;
    if (read_quantified(circling, condition, term, &quantified)) {
        bool is_taken = take_quantified_external(circling, &quantified);
        if (!is_taken) {
            circling_restore(circling, &before, path_count);
        }
        return is_taken;
    }
    uint32_t slot = external_slot(term);
    bool is_of_end = slot != SLOT_NONE && (slot == pattern->vertices[pattern->edges[0].left].slot ||
                                           slot == pattern->vertices[pattern->edges[0].right].slot);
    struct external_term asked = {term, slot};
    return is_of_end && external_add(compiler, circling->externals, PREDICATE_VERTEX, 0, asked,
                                     condition, compiler->compiled->slot_names[slot]);
}

static void note_read(void *context, uint32_t slot)
{
    *(bool *)context = true;
    (void)slot;
}

/* Whether a condition is the same for all rows, and fails, if it does, also where there are none:
 * which a filter behind the search would not. */
static bool is_constant(const struct circling *circling, const struct term *term)
{
    bool has_read = false;
    return !circling->heading->compiler->compiled->calls_random &&
           term_reads(term, note_read, &has_read) && !has_read;
}

static bool add_residual(struct circling *circling, const struct ast_expression *condition,
                         const struct term *term)
{
    if (is_constant(circling, term)) {
        return false;
    }
    bool is_external = !circling->is_open && take_external(circling, condition, term);
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
        .some_edges = circling->some_edges,
        .first_edges = circling->first_edges,
        .last_edges = circling->last_edges};
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

/* The ends of paths, if that is all that is asked for. What the search does not know of conditions
 * are filters behind it. */
static bool put_ends(struct circling *circling, struct stage *stage)
{
    struct heading *heading = circling->heading;
    struct stage *first =
        circling->filters == NULL ? *heading->clauses[1].first : circling->filters;
    stage->kind = STAGE_ENDS;
    stage->next = first;
    return ends_read_behind(heading->compiler, stage, first);
}

static bool put_stage(struct circling *circling)
{
    struct heading *heading = circling->heading;
    struct compiler *compiler = heading->compiler;
    struct bound_query *conditions = circling_bind(circling);
    struct stage *stage = NULL;
    struct stage **end = &stage;
    if (conditions == NULL || is_closed(conditions) == circling->is_open ||
        new_stage(compiler, STAGE_CYCLES, circling->clause->span.begin, &end) == NULL) {
        query_close(conditions);
        return false;
    }
    stage->cycle = circling->cycle;
    stage->cycle->pattern.conditions = conditions;
    *circling->end = *heading->clauses[1].first;
    if (circling->is_open && !put_ends(circling, stage)) {
        query_close(conditions);
        return false;
    }
    stage->matcher = conditions;
    stage->next_matcher = compiler->compiled->matchers;
    compiler->compiled->matchers = stage;
    if (circling->is_open) {
        *heading->clauses[0].first = stage;
        return true;
    }
    *circling->external_end = circling->filters;
    stage->next = circling->external_filters;
    set_externals(circling, stage);
    stage->residual_count = residual_stage_count(compiler->compiled, stage->next);
    *heading->clauses[0].first = stage;
    return cycle_read_behind(compiler, stage, stage_behind(stage->next, stage->residual_count));
}

/* Cycles, or paths that need not come back. */
static bool take(struct heading *heading, bool is_open)
{
    struct compiler *compiler = heading->compiler;
    const struct ast_clause *clause = heading->branch->clauses[0];
    struct circling circling = {.heading = heading,
                                .clause = clause,
                                .is_open = is_open,
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
    return circling.cycle != NULL && circling.externals != NULL && circling_draw_match(&circling) &&
           circling_can_bind(&circling) &&
           (clause->where == NULL || take_conjuncts(&circling, clause->where, &index)) &&
           fill_cycle(&circling) && put_stage(&circling);
}

bool head_take_cycles(struct heading *heading)
{
    return take(heading, false) || take(heading, true);
}
