/* Values of operators whose operands are literals, so that 10 * duration({seconds: 6}) is a bound
 * that a window can take. What is not finite, and what needs the graph, is left to the engine. */
#include "query/bind.h"

#include <math.h>

static const double integer_limit = 9223372036854775808.0; /* 2^63, exact */

static bool all_are_literals(const struct expression *expression)
{
    for (uint32_t i = 0; i < expression->child_count; i++) {
        if (expression->children[i]->kind != EXPRESSION_LITERAL) {
            return false;
        }
    }
    return true;
}

static bool any_is_null(const struct expression *expression)
{
    for (uint32_t i = 0; i < expression->child_count; i++) {
        if (expression_is_null(expression->children[i])) {
            return true;
        }
    }
    return false;
}

static struct expression *overflow(struct binder *binder, const struct expression *expression)
{
    return BIND_FAIL(binder, expression->query_offset, "%s overflow in a constant",
                     expression->type == TYPE_INTEGER ? "integer" : type_name(expression->type));
}

/* Both at once: <0, 0, >0; false when the two cannot be put in order (NaN). */
static bool compare_literals(const struct expression *left, const struct expression *right,
                             int *order)
{
    if (left->type == TYPE_FLOAT) {
        double a = left->literal.real;
        double b = right->literal.real;
        *order = (a > b) - (a < b);
        return !isunordered(a, b);
    }
    if (left->type == TYPE_TEXT) {
        *order = text_compare(left->literal.text, right->literal.text);
        return true;
    }
    int64_t a = left->literal.integer;
    int64_t b = right->literal.integer;
    *order = (a > b) - (a < b);
    return left->type != TYPE_ADDRESS;
}

static bool order_holds(enum expression_kind kind, int order)
{
    switch ((int)kind) {
    case EXPRESSION_EQUAL:
        return order == 0;
    case EXPRESSION_NOT_EQUAL:
        return order != 0;
    case EXPRESSION_LESS:
        return order < 0;
    case EXPRESSION_LESS_EQUAL:
        return order <= 0;
    case EXPRESSION_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static struct expression *fold_comparison(struct binder *binder, struct expression *expression)
{
    int order = 0;
    if (!compare_literals(expression->children[0], expression->children[1], &order)) {
        return expression;
    }
    return build_bool(binder, order_holds(expression->kind, order), expression->query_offset);
}

/* AND, OR: false and true decide alone; the neutral value disappears. */
static struct expression *fold_and_or(struct binder *binder, struct expression *expression)
{
    bool deciding = expression->kind == EXPRESSION_OR;
    (void)binder;
    for (uint32_t i = 0; i < 2; i++) {
        struct expression *child = expression->children[i];
        if (expression_is_literal(child, TYPE_BOOL)) {
            bool decides = (child->literal.integer != 0) == deciding;
            return decides ? child : expression->children[1 - i];
        }
    }
    bool both_null =
        expression_is_null(expression->children[0]) && expression_is_null(expression->children[1]);
    return both_null ? expression->children[0] : expression;
}

static struct expression *fold_integers(struct binder *binder, struct expression *expression,
                                        int64_t left, int64_t right)
{
    int64_t value = 0;
    bool fails = false;
    switch ((int)expression->kind) {
    case EXPRESSION_ADD:
        fails = __builtin_add_overflow(left, right, &value);
        break;
    case EXPRESSION_SUBTRACT:
        fails = __builtin_sub_overflow(left, right, &value);
        break;
    case EXPRESSION_MULTIPLY:
        fails = __builtin_mul_overflow(left, right, &value);
        break;
    default:
        if (right == 0) {
            return BIND_FAIL(binder, expression->query_offset, "division by zero in a constant");
        }
        fails = expression->kind == EXPRESSION_DIVIDE && left == INT64_MIN && right == -1;
        if (right != -1) {
            value = expression->kind == EXPRESSION_DIVIDE ? left / right : left % right;
        } else if (expression->kind == EXPRESSION_DIVIDE && !fails) {
            value = -left;
        }
    }
    return fails ? overflow(binder, expression)
                 : build_integer(binder, expression->type, value, expression->query_offset);
}

static double float_value(enum expression_kind kind, double left, double right)
{
    switch ((int)kind) {
    case EXPRESSION_ADD:
        return left + right;
    case EXPRESSION_SUBTRACT:
        return left - right;
    case EXPRESSION_MULTIPLY:
        return left * right;
    case EXPRESSION_DIVIDE:
        return left / right;
    case EXPRESSION_REMAINDER:
        return fmod(left, right);
    default:
        return pow(left, right);
    }
}

static struct expression *fold_floats(struct binder *binder, struct expression *expression,
                                      double left, double right)
{
    double value = float_value(expression->kind, left, right);
    if (expression->type == TYPE_FLOAT) {
        return isfinite(value) ? build_float(binder, value, expression->query_offset) : expression;
    }
    value = nearbyint(value);
    if (!(value >= -integer_limit && value < integer_limit)) {
        return overflow(binder, expression);
    }
    return build_integer(binder, expression->type, (int64_t)value, expression->query_offset);
}

static struct expression *fold_texts(struct binder *binder, struct expression *expression)
{
    struct bytes left = text_view(expression->children[0]->literal.text);
    struct bytes right = text_view(expression->children[1]->literal.text);
    char *joined = binder_allocate(binder, left.size + right.size + 1, 1);
    if (joined == NULL) {
        return NULL;
    }
    memcpy(joined, left.data, left.size);
    memcpy(joined + left.size, right.data, right.size);
    return build_text(binder, bytes_view(joined, left.size + right.size), expression->query_offset);
}

static struct expression *fold_arithmetic(struct binder *binder, struct expression *expression)
{
    const struct expression *left = expression->children[0];
    const struct expression *right = expression->children[1];
    if (left->type == TYPE_TEXT) {
        return fold_texts(binder, expression);
    }
    if (right->type == TYPE_FLOAT) {
        double value =
            left->type == TYPE_FLOAT ? left->literal.real : (double)left->literal.integer;
        return fold_floats(binder, expression, value, right->literal.real);
    }
    return fold_integers(binder, expression, left->literal.integer, right->literal.integer);
}

static struct expression *fold_negation(struct binder *binder, struct expression *expression)
{
    const struct expression *child = expression->children[0];
    if (child->type == TYPE_FLOAT) {
        return build_float(binder, -child->literal.real, expression->query_offset);
    }
    if (child->literal.integer == INT64_MIN) {
        return overflow(binder, expression);
    }
    return build_integer(binder, child->type, -child->literal.integer, expression->query_offset);
}

/* All children are literals, none is null. */
static struct expression *fold_strict(struct binder *binder, struct expression *expression)
{
    const struct expression *child = expression->children[0];
    switch ((int)expression->kind) {
    case EXPRESSION_TO_FLOAT:
        return build_float(binder, (double)child->literal.integer, child->query_offset);
    case EXPRESSION_NOT:
        return build_bool(binder, child->literal.integer == 0, expression->query_offset);
    case EXPRESSION_NEGATE:
        return fold_negation(binder, expression);
    case EXPRESSION_XOR:
    case EXPRESSION_EQUAL:
    case EXPRESSION_NOT_EQUAL:
    case EXPRESSION_LESS:
    case EXPRESSION_LESS_EQUAL:
    case EXPRESSION_GREATER:
    case EXPRESSION_GREATER_EQUAL:
        if (expression->kind == EXPRESSION_XOR) {
            return build_bool(binder,
                              child->literal.integer != expression->children[1]->literal.integer,
                              expression->query_offset);
        }
        return fold_comparison(binder, expression);
    case EXPRESSION_ADD:
    case EXPRESSION_SUBTRACT:
    case EXPRESSION_MULTIPLY:
    case EXPRESSION_DIVIDE:
    case EXPRESSION_REMAINDER:
    case EXPRESSION_POWER:
        return fold_arithmetic(binder, expression);
    default:
        return expression;
    }
}

struct expression *constant_fold(struct binder *binder, struct expression *expression)
{
    switch ((int)expression->kind) {
    case EXPRESSION_IN:
        return expression;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        return fold_and_or(binder, expression);
    case EXPRESSION_IS_NULL:
    case EXPRESSION_IS_NOT_NULL:
        if (!all_are_literals(expression)) {
            return expression;
        }
        return build_bool(binder,
                          any_is_null(expression) == (expression->kind == EXPRESSION_IS_NULL),
                          expression->query_offset);
    default:
        if (any_is_null(expression)) {
            return build_null(binder, expression->query_offset);
        }
        return all_are_literals(expression) ? fold_strict(binder, expression) : expression;
    }
}
