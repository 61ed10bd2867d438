/* Builds a plain query of a branch's beginning, has it bound, and puts it before the rest. */
#include "pipeline/head.h"

#include <stdio.h>

#include "pipeline/external.h"
#include "pipeline/head_cycle.h"
#include "pipeline/heading.h"
#include "pipeline/residual.h"
#include "query/bound.h"
#include "query/plan.h"
#include "query/plain.h"

/* Whether the binder takes a condition of a clause. */
static bool is_plain_condition(struct heading *heading, const struct ast_clause *clause,
                               struct ast_expression *condition)
{
    struct ast_clause match = *clause;
    match.where = condition;
    struct ast_branch *branch = ast_new(&heading->builder, sizeof *branch);
    struct ast_branch *made = heading->made;
    heading->made = branch;
    struct ast_query *query =
        branch != NULL && heading_add(heading, &match) &&
                heading_add(heading, heading_return(heading, heading_star(heading)))
            ? heading_wrap(heading, branch)
            : NULL;
    heading->made = made;
    return query != NULL && ast_is_plain(query);
}

/* A name that no query can have written, of what a named path has without a name. */
static bool give_name(struct compiler *compiler, struct ast_name *name, uint32_t slot, int known)
{
    enum { NAME_BYTES = 16 };
    if (name->text.data != NULL) {
        return true;
    }
    char *text = compiler_allocate(compiler, NAME_BYTES, 1);
    if (text == NULL) {
        return false;
    }
    name->text = bytes_view(text, (size_t)snprintf(text, NAME_BYTES, " %u", slot));
    return scope_add(compiler, name->text, slot, known);
}

/* A named path is taken apart: its elements get names, and a stage behind the matcher makes the
 * path of them. */
static bool take_path_apart(struct heading *heading, struct ast_path *path,
                            const struct pattern *pattern, uint32_t index, struct stage ***end)
{
    struct compiler *compiler = heading->compiler;
    const struct pattern_path *drawn = &pattern->paths[index];
    struct stage *stage = new_stage(compiler, STAGE_PATH, path->name.span.begin, end);
    uint32_t count = path->node_count + path->relationship_count;
    uint32_t vertex = drawn->vertex;
    if (stage == NULL) {
        return false;
    }
    stage->slot = drawn->slot;
    stage->slots = compiler_allocate(compiler, count, sizeof *stage->slots);
    for (uint32_t i = 0; stage->slots != NULL && i < path->node_count; i++) {
        if (i > 0) {
            const struct pattern_edge *edge = &pattern->edges[drawn->first_edge + i - 1];
            vertex = edge->right;
            stage->slots[stage->slot_count++] = edge->slot;
            if (!give_name(compiler, &path->relationships[i - 1]->name, edge->slot, VALUE_EDGE)) {
                return false;
            }
        }
        uint32_t slot = pattern->vertices[vertex].slot;
        stage->slots[stage->slot_count++] = slot;
        if (!give_name(compiler, &path->nodes[i]->name, slot, VALUE_VERTEX)) {
            return false;
        }
    }
    path->name = (struct ast_name){0};
    return stage->slots != NULL;
}

static struct ast_path *copy_path(const struct ast_builder *builder, const struct ast_path *path)
{
    struct ast_path *copy = ast_new(builder, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *path;
    copy->nodes = ast_new(builder, path->node_count * sizeof(*copy->nodes));
    copy->relationships =
        ast_new(builder, (path->relationship_count + 1) * sizeof(*copy->relationships));
    for (uint32_t i = 0; copy->nodes != NULL && i < path->node_count; i++) {
        copy->nodes[i] = ast_new(builder, sizeof *copy->nodes[i]);
        if (copy->nodes[i] == NULL) {
            return NULL;
        }
        *copy->nodes[i] = *path->nodes[i];
    }
    for (uint32_t i = 0; copy->relationships != NULL && i < path->relationship_count; i++) {
        copy->relationships[i] = ast_new(builder, sizeof *copy->relationships[i]);
        if (copy->relationships[i] == NULL) {
            return NULL;
        }
        *copy->relationships[i] = *path->relationships[i];
    }
    return copy->nodes != NULL && copy->relationships != NULL ? copy : NULL;
}

/* The clause's pattern without names of paths; those are made by stages. */
static bool take_paths_apart(struct heading *heading, struct ast_clause *clause,
                             const struct pattern *pattern, struct stage ***end)
{
    const struct ast_builder *builder = &heading->builder;
    struct ast_pattern *copy = ast_new(builder, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    *copy = *clause->pattern;
    copy->paths = ast_new(builder, copy->count * sizeof(*copy->paths));
    for (uint32_t i = 0; copy->paths != NULL && i < copy->count; i++) {
        copy->paths[i] = copy_path(builder, clause->pattern->paths[i]);
        if (copy->paths[i] == NULL ||
            (copy->paths[i]->name.text.data != NULL &&
             !take_path_apart(heading, copy->paths[i], pattern, i, end))) {
            return false;
        }
    }
    clause->pattern = copy;
    return copy->paths != NULL;
}

/* A clause with what is plain of its condition; the conjuncts that are not become filters. */
struct division {
    struct heading *heading;
    struct ast_clause *clause;
    struct conjunction plain;
    struct stage ***filters;
    const struct scope
        *scope; /* of the clause: names of later ones mean nothing in its condition */
};

static bool add_filter(struct division *division, const struct ast_expression *condition)
{
    struct compiler *compiler = division->heading->compiler;
    struct stage *stage = new_stage(compiler, STAGE_FILTER, condition->place, division->filters);
    struct scope scope = compiler->scope;
    if (stage != NULL && scope_copy(compiler, &compiler->scope, division->scope)) {
        stage->condition = condition;
        stage->term = compile_condition(compiler, condition, "WHERE");
    }
    compiler->scope = scope;
    return stage != NULL && stage->term != NULL;
}

static bool divide_condition(struct division *division, struct ast_expression *condition)
{
    struct heading *heading = division->heading;
    struct ast_clause *clause = division->clause;
    if (is_plain_condition(heading, clause, condition)) {
        return conjunction_add(heading->compiler, &division->plain, condition);
    }
    if (condition->kind != AST_AND) {
        return add_filter(division, condition);
    }
    for (uint32_t i = 0; i < condition->child_count; i++) {
        if (!divide_condition(division, condition->children[i])) {
            return false;
        }
    }
    return true;
}

static bool add_divided(struct heading *heading, uint32_t index, struct stage ***filters)
{
    const struct ast_clause *clause = heading->branch->clauses[index];
    const struct pattern *pattern = (*heading->clauses[index].first)->pattern;
    struct ast_clause *copy = ast_new(&heading->builder, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    *copy = *clause;
    copy->where = NULL;
    if (!take_paths_apart(heading, copy, pattern, filters)) {
        return false;
    }
    struct division division = {.heading = heading,
                                .clause = copy,
                                .filters = filters,
                                .scope = &heading->clauses[index].scope};
    bool is_made = clause->where == NULL || divide_condition(&division, clause->where);
    if (is_made) {
        copy->where = conjunction_join(&heading->builder, &division.plain, &is_made);
    }
    return is_made && heading_add(heading, copy);
}

/* The slots of the matcher's columns, by their names. */
static bool set_columns(struct compiler *compiler, struct stage *stage, const struct scope *scope)
{
    const struct bound_query *bound = stage->matcher;
    stage->slots = compiler_allocate(compiler, bound->output_count, sizeof *stage->slots);
    for (uint32_t i = 0; stage->slots != NULL && i < bound->output_count; i++) {
        const struct variable *variable = scope_find(scope, bytes_of(bound->outputs[i].name));
        if (variable == NULL) {
            return false;
        }
        stage->slots[stage->slot_count++] = variable->slot;
    }
    return stage->slots != NULL;
}

/* A matcher belongs to the compiled query from here on. */
static struct stage *new_matcher(struct heading *heading, struct bound_query *bound,
                                 const struct scope *scope)
{
    struct compiler *compiler = heading->compiler;
    struct stage *stage = NULL;
    struct stage **end = &stage;
    if (new_stage(compiler, STAGE_MATCHER, heading->branch->clauses[0]->span.begin, &end) == NULL) {
        query_close(bound);
        return NULL;
    }
    stage->matcher = bound;
    stage->plan = compiler_allocate(compiler, 1, sizeof *stage->plan);
    if (stage->plan == NULL || !set_columns(compiler, stage, scope)) {
        query_close(bound);
        return NULL;
    }
    stage->next_matcher = compiler->compiled->matchers;
    compiler->compiled->matchers = stage;
    return stage;
}

/* The last stage of a clause, which is the WHERE behind a WITH. */
static struct stage *last_stage(const struct compiled_clause *clause)
{
    struct stage *stage = *clause[0].first;
    while (stage->next != *clause[1].first) {
        stage = stage->next;
    }
    return stage;
}

/* The matches and a projection of them, with a condition on its rows or none; NULL where that is
 * not plain. */
static struct bound_query *bind_projection(struct heading *heading,
                                           struct ast_projection *projection,
                                           struct ast_expression *condition)
{
    bool is_made = heading_begin(heading);
    for (uint32_t i = 0; is_made && i < heading->match_count; i++) {
        is_made = heading_add(heading, heading->branch->clauses[i]);
    }
    struct ast_clause *result = is_made ? heading_return(heading, projection) : NULL;
    if (result == NULL || !heading_add(heading, result)) {
        return NULL;
    }
    result->where = condition;
    struct error problem = {0};
    return heading_bind(heading, &problem);
}

/* MATCH ... WITH as a whole. The WHERE behind it may read names of before only where rows are
 * neither grouped nor made distinct; that case is left to the other way. It stays as a filter, and
 * where it is plain the matcher leaves out groups for it before they are put in order. */
static bool take_projection(struct heading *heading)
{
    const struct ast_clause *clause = heading->branch->clauses[heading->match_count];
    if (clause->kind != AST_WITH && clause->kind != AST_RETURN) {
        return false;
    }
    bool is_distinct = clause->projection->is_distinct;
    for (uint32_t i = 0; i < clause->projection->item_count; i++) {
        is_distinct = is_distinct || has_aggregate(clause->projection->items[i].expression);
    }
    if (clause->where != NULL && !is_distinct) {
        return false;
    }
    bool is_cut = clause->projection->skip != NULL || clause->projection->limit != NULL;
    struct bound_query *bound = clause->where == NULL || is_cut
                                    ? NULL
                                    : bind_projection(heading, clause->projection, clause->where);
    if (bound == NULL) {
        bound = bind_projection(heading, clause->projection, NULL);
    }
    const struct compiled_clause *compiled = &heading->clauses[heading->match_count];
    struct stage *stage = bound == NULL ? NULL : new_matcher(heading, bound, &compiled->scope);
    if (stage == NULL) {
        return false;
    }
    stage->next = clause->where != NULL ? last_stage(compiled) : *compiled[1].first;
    *heading->clauses[0].first = stage;
    return true;
}

/* A LIMIT that no stage between stands in the way of ends the matcher early. */
uint64_t head_limit(const struct stage *first)
{
    uint64_t skip = 0;
    const struct stage *stage = first;
    while (stage != NULL && (stage->kind == STAGE_PROJECT || stage->kind == STAGE_PATH)) {
        stage = stage->next;
    }
    if (stage != NULL && stage->kind == STAGE_SKIP && stage->term->kind == AST_NULL &&
        stage->term->literal.kind == VALUE_INTEGER) {
        skip = (uint64_t)stage->term->literal.integer;
        stage = stage->next;
    }
    uint64_t limit = 0;
    if (stage != NULL && stage->kind == STAGE_LIMIT && stage->term->kind == AST_NULL &&
        stage->term->literal.kind == VALUE_INTEGER &&
        !__builtin_add_overflow((uint64_t)stage->term->literal.integer, skip, &limit)) {
        return limit;
    }
    return UINT64_MAX;
}

bool head_counts_rows(const struct stage_fold *fold, const uint32_t *slots, uint32_t slot_count)
{
    const struct term *argument = fold->argument;
    bool is_there = argument == NULL;
    for (uint32_t i = 0; !is_there && i < slot_count; i++) {
        is_there = argument->kind == AST_VARIABLE && argument->slot == slots[i];
    }
    return is_there && !fold->is_distinct &&
           bytes_equal(bytes_of(fold_name(fold->kind)), bytes_of("count"));
}

bool head_counts(const struct stage *stage, const uint32_t *slots, uint32_t slot_count)
{
    bool is_count = stage != NULL && stage->kind == STAGE_GROUP;
    for (uint32_t i = 0; is_count && i < stage->fold_count; i++) {
        is_count = head_counts_rows(&stage->folds[i], slots, slot_count);
    }
    return is_count;
}

/* What the matcher's workers can do of the stages behind it, and when it may end early. */
static void take_residual(const struct compiler *compiler, struct stage *matcher)
{
    matcher->residual_count = residual_stage_count(compiler->compiled, matcher->next);
    struct stage *behind = stage_behind(matcher->next, matcher->residual_count);
    matcher->matcher->limit = head_limit(behind);
    if (matcher->residual_count > 0 && behind != NULL && behind->item_count == 0 &&
        head_counts(behind, matcher->slots, matcher->slot_count)) {
        matcher->counts = behind;
    }
}

/* The matches alone, as ids of all variables. */
static bool take_matches(struct heading *heading, bool *is_right)
{
    struct compiler *compiler = heading->compiler;
    struct stage *filters = NULL;
    struct stage **end = &filters;
    struct scope scope = compiler->scope;
    const struct compiled_clause *last = &heading->clauses[heading->match_count - 1];
    const char *no_aggregates = compiler->no_aggregates;
    compiler->no_aggregates = "MATCH";
    bool is_made = heading_begin(heading) && scope_copy(compiler, &compiler->scope, &last->scope);
    for (uint32_t i = 0; is_made && i < heading->match_count; i++) {
        is_made = add_divided(heading, i, &end);
    }
    struct scope names = compiler->scope;
    compiler->scope = scope;
    compiler->no_aggregates = no_aggregates;
    struct ast_clause *result = heading_return(heading, heading_star(heading));
    struct error problem = {0};
    struct bound_query *bound = is_made && result != NULL && heading_add(heading, result)
                                    ? heading_bind(heading, &problem)
                                    : NULL;
    if (bound == NULL && problem.status != STATUS_OK && last->scope.count > 0) {
        *compiler->source->error = problem;
        *is_right = false;
    }
    struct stage *stage = bound == NULL ? NULL : new_matcher(heading, bound, &names);
    if (stage == NULL || !externals_take(compiler, stage, &filters)) {
        return false;
    }
    for (end = &filters; *end != NULL;) {
        end = &(*end)->next;
    }
    *end = *last[1].first;
    stage->next = filters;
    *heading->clauses[0].first = stage;
    take_residual(compiler, stage);
    return true;
}

bool compile_head(struct compiler *compiler, const struct ast_branch *branch,
                  const struct compiled_clause *clauses)
{
    struct heading heading = {.compiler = compiler,
                              .branch = branch,
                              .clauses = clauses,
                              .match_count = ast_match_count(branch),
                              .builder = {compiler->source, compiler->memory}};
    bool is_right = true;
    if (heading.match_count == 0 || heading.match_count == branch->count ||
        head_take_cycles(&heading)) {
        return true;
    }
    if (!take_projection(&heading)) {
        (void)take_matches(&heading, &is_right);
    }
    return is_right;
}
