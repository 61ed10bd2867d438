/* Quantifiers written out. */
#include "pipeline/unroll.h"

#include "query/bound.h"
#include "query/visit.h"

enum { COPIED_MAX = 1024 }; /* expressions that one quantifier may become */

struct unrolling {
    const struct ast_builder *builder;
    bool is_failed;
};

static uint32_t count_expressions(const struct ast_expression *expression)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < expression->child_count && count <= COPIED_MAX; i++) {
        count += count_expressions(expression->children[i]);
    }
    return count;
}

/* Whether it is true, false or null, whatever it is of. */
static bool is_truth(const struct ast_expression *expression)
{
    return expression->kind == AST_NOT || expression->kind == AST_IS_NULL ||
           expression->kind == AST_IS_NOT_NULL ||
           (expression->kind >= AST_AND && expression->kind <= AST_GREATER_EQUAL) ||
           (expression->kind >= AST_STARTS_WITH && expression->kind <= AST_CONTAINS) ||
           expression->kind == AST_IN;
}

static bool is_number(const struct ast_expression *expression)
{
    return expression->kind == AST_INTEGER || expression->kind == AST_FLOAT ||
           (expression->kind == AST_NEGATE && expression->children[0]->kind == AST_FLOAT);
}

/* datetime or duration of literals, which fails before there is a row. */
static bool is_time(const struct ast_expression *call)
{
    bool is_one = call->kind == AST_CALL && call->child_count == 1 &&
                  (bytes_equal_ignoring_case(call->name.text, bytes_of("datetime")) ||
                   bytes_equal_ignoring_case(call->name.text, bytes_of("duration")));
    if (!is_one || call->children[0]->kind != AST_MAP) {
        return is_one && call->children[0]->kind == AST_TEXT;
    }
    const struct ast_expression *map = call->children[0];
    for (uint32_t i = 0; is_one && i < map->child_count; i++) {
        is_one = is_number(map->children[i]);
    }
    return is_one;
}

/* Whether it can neither fail nor bind names of its own. */
static bool is_safe(const struct ast_expression *expression)
{
    if (is_number(expression) || is_time(expression)) {
        return true;
    }
    bool is_safe_kind =
        expression->kind <= AST_PARAMETER || is_truth(expression) ||
        (expression->kind == AST_PROPERTY && expression->children[0]->kind == AST_VARIABLE);
    for (uint32_t i = 0; is_safe_kind && i < expression->child_count; i++) {
        is_safe_kind = is_safe(expression->children[i]);
    }
    return is_safe_kind;
}

static bool is_list_of_variables(const struct ast_expression *list)
{
    bool is_list = list->kind == AST_LIST && list->child_count > 0;
    for (uint32_t i = 0; is_list && i < list->child_count; i++) {
        is_list = list->children[i]->kind == AST_VARIABLE;
    }
    return is_list;
}

static bool can_unroll(const struct ast_expression *expression)
{
    if (expression->kind != AST_ALL && expression->kind != AST_ANY &&
        expression->kind != AST_NONE) {
        return false;
    }
    const struct ast_expression *list = expression->children[0];
    const struct ast_expression *condition = expression->children[1];
    return is_list_of_variables(list) && list->child_count <= PATTERN_EDGES_MAX &&
           is_truth(condition) && is_safe(condition) && condition->depth + 2 < QUERY_DEPTH_MAX &&
           list->child_count * count_expressions(condition) <= COPIED_MAX;
}

/* Of what is asked of each variable, and joined; NULL without memory. */
static struct ast_expression *written_out(const struct ast_builder *builder,
                                          const struct ast_expression *quantifier)
{
    const struct ast_expression *list = quantifier->children[0];
    enum ast_kind kind = quantifier->kind == AST_ALL ? AST_AND : AST_OR;
    struct ast_expression *joined = ast_leaf(builder, kind, quantifier->span);
    for (uint32_t i = 0; joined != NULL && i < list->child_count; i++) {
        struct ast_expression *each = ast_renamed(
            builder, quantifier->children[1], quantifier->name.text, list->children[i]->name.text);
        if (each == NULL || !ast_add_child(builder, joined, each)) {
            return NULL;
        }
    }
    if (joined != NULL && joined->child_count == 1) {
        joined = joined->children[0];
    }
    return joined == NULL || quantifier->kind != AST_NONE
               ? joined
               : ast_unary(builder, AST_NOT, quantifier->span, quantifier->place, joined);
}

/* What stands inside first, so that quantifiers in one another are written out too. */
static bool unroll(const struct ast_builder *builder, struct ast_expression *expression)
{
    for (uint32_t i = 0; i < expression->child_count; i++) {
        if (expression->children[i] != NULL && !unroll(builder, expression->children[i])) {
            return false;
        }
    }
    if (!can_unroll(expression)) {
        return true;
    }
    struct ast_expression *out = written_out(builder, expression);
    if (out == NULL) {
        return false;
    }
    struct source_span span = expression->span;
    *expression = *out;
    expression->span = span;
    return true;
}

static bool unroll_clause(void *context, const struct ast_clause *clause)
{
    struct unrolling *unrolling = context;
    unrolling->is_failed = clause->kind == AST_MATCH && clause->where != NULL &&
                           !unroll(unrolling->builder, clause->where);
    return !unrolling->is_failed;
}

bool unroll_quantifiers(const struct ast_builder *builder, struct ast_query *query)
{
    struct unrolling unrolling = {builder, false};
    const struct ast_visitor visitor = {.clause = unroll_clause, .context = &unrolling};
    (void)ast_visit(&visitor, query);
    return !unrolling.is_failed;
}
