/* Takes conditions apart: ANDs into conjuncts, NOT pushed inwards where that frees more of them,
 * conditions on start times into the window, and the rest into predicates by what they read. */
#include "query/bind.h"

#include "query/difference.h"

enum predicate_kind predicate_classify(const struct expression *expression)
{
    int edges = __builtin_popcount(expression->edge_mask);
    int vertices = __builtin_popcount(expression->vertex_mask);
    if (edges == 0) {
        return vertices == 0   ? PREDICATE_CONSTANT
               : vertices == 1 ? PREDICATE_VERTEX
                               : PREDICATE_STRUCTURE;
    }
    return edges == 1 && vertices == 0 ? PREDICATE_EDGE : PREDICATE_RESIDUAL;
}

static enum status add_predicate(struct binder *binder, struct expression *expression)
{
    struct bound_query *query = binder->query;
    if (expression_is_null(expression)) {
        /* Null lets nothing pass, and false is of the type that is promised. */
        expression = build_bool(binder, false, expression->query_offset);
    }
    if (expression != NULL && expression_is_literal(expression, TYPE_BOOL) &&
        expression->literal.integer != 0) {
        return STATUS_OK;
    }
    struct predicate *grown = expression == NULL
                                  ? NULL
                                  : binder_grow(binder, query->predicates, query->predicate_count,
                                                &binder->predicate_capacity, sizeof *grown);
    if (grown == NULL) {
        return binder->source->error->status;
    }
    query->predicates = grown;
    query->predicates[query->predicate_count++] =
        (struct predicate){predicate_classify(expression), expression};
    return STATUS_OK;
}

/* What NOT makes of a comparison; the comparison's own kind when there is nothing better. With
 * floats only equality has an opposite, for nothing is less than, nor at least, not-a-number. */
static enum expression_kind opposite(const struct expression *expression)
{
    bool is_float = expression->child_count > 0 && expression->children[0]->type == TYPE_FLOAT;
    switch ((int)expression->kind) {
    case EXPRESSION_EQUAL:
        return EXPRESSION_NOT_EQUAL;
    case EXPRESSION_NOT_EQUAL:
        return EXPRESSION_EQUAL;
    case EXPRESSION_IS_NULL:
        return EXPRESSION_IS_NOT_NULL;
    case EXPRESSION_IS_NOT_NULL:
        return EXPRESSION_IS_NULL;
    case EXPRESSION_LESS:
        return is_float ? EXPRESSION_LESS : EXPRESSION_GREATER_EQUAL;
    case EXPRESSION_LESS_EQUAL:
        return is_float ? EXPRESSION_LESS_EQUAL : EXPRESSION_GREATER;
    case EXPRESSION_GREATER:
        return is_float ? EXPRESSION_GREATER : EXPRESSION_LESS_EQUAL;
    case EXPRESSION_GREATER_EQUAL:
        return is_float ? EXPRESSION_GREATER_EQUAL : EXPRESSION_LESS;
    default:
        return expression->kind;
    }
}

static struct expression *negate(struct binder *binder, struct expression *expression)
{
    enum expression_kind kind = opposite(expression);
    if (kind == expression->kind) {
        return build_unary(binder, EXPRESSION_NOT, TYPE_BOOL, expression->query_offset, expression);
    }
    return build_operator(binder, kind, TYPE_BOOL, expression->query_offset, expression->children,
                          expression->child_count);
}

static enum status flatten(struct binder *binder, struct expression *expression, bool is_negated)
{
    enum expression_kind both = is_negated ? EXPRESSION_OR : EXPRESSION_AND;
    if (expression->kind == both) {
        TRY(flatten(binder, expression->children[0], is_negated));
        return flatten(binder, expression->children[1], is_negated);
    }
    if (expression->kind == EXPRESSION_NOT) {
        return flatten(binder, expression->children[0], !is_negated);
    }
    struct expression *conjunct = is_negated ? negate(binder, expression) : expression;
    if (conjunct == NULL) {
        return binder->source->error->status;
    }
    if (difference_take(&binder->query->window, binder->query, conjunct)) {
        return STATUS_OK;
    }
    return add_predicate(binder, conjunct);
}

enum status bind_condition(struct binder *binder, struct expression *condition)
{
    return flatten(binder, condition, false);
}
