/* Making and binding plain queries. */
#include "pipeline/heading.h"

#include "pipeline/view.h"
#include "query/bound.h"
#include "query/plain.h"

struct ast_query *heading_wrap(const struct heading *heading, struct ast_branch *branch)
{
    struct ast_query *query = ast_new(&heading->builder, sizeof *query);
    bool is_made = query != NULL && ast_add_branch(&heading->builder, query, branch) != NULL;
    return is_made ? query : NULL;
}

bool heading_add(struct heading *heading, const struct ast_clause *clause)
{
    return clause != NULL &&
           ast_add_clause(&heading->builder, heading->made, (struct ast_clause *)(uintptr_t)clause);
}

struct ast_clause *heading_return(struct heading *heading, struct ast_projection *projection)
{
    struct ast_clause *clause =
        projection == NULL ? NULL : ast_new(&heading->builder, sizeof *clause);
    if (clause != NULL) {
        clause->kind = AST_RETURN;
        clause->projection = projection;
        clause->span = heading->branch->clauses[0]->span;
    }
    return clause;
}

struct ast_projection *heading_star(struct heading *heading)
{
    struct ast_projection *projection = ast_new(&heading->builder, sizeof *projection);
    if (projection != NULL) {
        projection->is_star = true;
        projection->star_place = heading->branch->clauses[0]->span.begin;
    }
    return projection;
}

bool conjunction_add(struct compiler *compiler, struct conjunction *conjunction,
                     struct ast_expression *condition)
{
    struct ast_expression **conditions =
        compiler_grow(compiler, conjunction->conditions, conjunction->count, &conjunction->capacity,
                      sizeof(*conditions));
    if (conditions == NULL) {
        return false;
    }
    conjunction->conditions = conditions;
    conditions[conjunction->count++] = condition;
    return true;
}

struct ast_expression *conjunction_join(const struct ast_builder *builder,
                                        const struct conjunction *conjunction, bool *is_made)
{
    *is_made = true;
    if (conjunction->count < 2) {
        return conjunction->count == 0 ? NULL : conjunction->conditions[0];
    }
    struct ast_expression *all = ast_leaf(builder, AST_AND, conjunction->conditions[0]->span);
    for (uint32_t i = 0; all != NULL && i < conjunction->count; i++) {
        if (!ast_add_child(builder, all, conjunction->conditions[i])) {
            all = NULL;
        }
    }
    *is_made = all != NULL;
    return all;
}

/* Binds what was made; NULL with the error of the binder in `problem`. */
struct bound_query *heading_bind(const struct heading *heading, struct error *problem)
{
    struct ast_query *query = heading_wrap(heading, heading->made);
    struct bound_query *bound = NULL;
    struct source source = *heading->compiler->source;
    source.error = problem;
    if (query == NULL || !ast_is_plain(query) ||
        views_are_asked(heading->compiler->entities->views, query) ||
        query_bind_tree(&bound, heading->compiler->entities->graph, query, &source) != STATUS_OK) {
        return NULL;
    }
    return bound;
}

bool heading_begin(struct heading *heading)
{
    heading->made = ast_new(&heading->builder, sizeof *heading->made);
    return heading->made != NULL;
}
