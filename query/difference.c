/* A comparison of times is brought to the form  sum of coefficient * time + constant <= 0.  With
 * one time at +1 and one at -1 that bounds a difference; with a single one, its difference from the
 * origin. Times and limits are whole nanoseconds, so < 0 is <= -1. */
#include "query/difference.h"

#include "base/check.h"

/* Wide enough that a sum of int64 cannot overflow: a query of QUERY_BYTES_MAX has fewer than 2^20
 * terms. */
typedef __int128 wide;

struct linear {
    int32_t coefficients[PATTERN_EDGES_MAX];
    wide constant;
};

void difference_init(struct window *window)
{
    for (uint32_t i = 0; i < WINDOW_NODES; i++) {
        for (uint32_t j = 0; j < WINDOW_NODES; j++) {
            window->limit_ns[i][j] = i == j ? 0 : WINDOW_NONE;
        }
    }
    window->is_impossible = false;
}

void difference_add(struct window *window, uint32_t from, uint32_t to, int64_t limit_ns)
{
    DCHECK(from < WINDOW_NODES && to < WINDOW_NODES);
    if (limit_ns < window->limit_ns[from][to]) {
        window->limit_ns[from][to] = limit_ns;
    }
}

static bool is_start_time(const struct bound_query *query, const struct expression *expression)
{
    return expression->kind == EXPRESSION_PROPERTY &&
           (int)expression->property == query->edges[expression->variable].frame->start_time;
}

/* Adds sign * expression; false when it is not linear with whole coefficients. */
static bool add_linear(struct linear *linear, const struct bound_query *query,
                       const struct expression *expression, int32_t sign)
{
    if (expression->type != TYPE_TIME && expression->type != TYPE_DURATION) {
        return false;
    }
    switch ((int)expression->kind) {
    case EXPRESSION_LITERAL:
        linear->constant += (wide)expression->literal.integer * sign;
        return true;
    case EXPRESSION_PROPERTY:
        linear->coefficients[expression->variable] += sign;
        return is_start_time(query, expression);
    case EXPRESSION_NEGATE:
        return add_linear(linear, query, expression->children[0], -sign);
    case EXPRESSION_ADD:
    case EXPRESSION_SUBTRACT:
        return add_linear(linear, query, expression->children[0], sign) &&
               add_linear(linear, query, expression->children[1],
                          expression->kind == EXPRESSION_ADD ? sign : -sign);
    default:
        return false;
    }
}

/* The two nodes of a form with one +1 and one -1, or with one of them and the origin. */
static bool find_nodes(const struct linear *linear, uint32_t *plus, uint32_t *minus)
{
    *plus = WINDOW_ORIGIN;
    *minus = WINDOW_ORIGIN;
    for (uint32_t i = 0; i < PATTERN_EDGES_MAX; i++) {
        int32_t coefficient = linear->coefficients[i];
        uint32_t *node = coefficient > 0 ? plus : minus;
        if (coefficient == 0) {
            continue;
        }
        if (coefficient < -1 || coefficient > 1 || *node != WINDOW_ORIGIN) {
            return false;
        }
        *node = i;
    }
    return *plus != *minus;
}

static bool fits(wide value)
{
    return value > INT64_MIN && value < INT64_MAX;
}

bool difference_take(struct window *window, const struct bound_query *query,
                     const struct expression *comparison)
{
    enum expression_kind kind = comparison->kind;
    bool is_equal = kind == EXPRESSION_EQUAL;
    bool is_less = kind == EXPRESSION_LESS || kind == EXPRESSION_LESS_EQUAL;
    bool is_greater = kind == EXPRESSION_GREATER || kind == EXPRESSION_GREATER_EQUAL;
    if (!is_equal && !is_less && !is_greater) {
        return false;
    }
    struct linear linear = {0};
    uint32_t plus = 0;
    uint32_t minus = 0;
    if (!add_linear(&linear, query, comparison->children[0], 1) ||
        !add_linear(&linear, query, comparison->children[1], -1) ||
        !find_nodes(&linear, &plus, &minus)) {
        return false;
    }
    wide strictness = kind == EXPRESSION_LESS || kind == EXPRESSION_GREATER ? 1 : 0;
    wide upper = -linear.constant - strictness; /* time[plus] - time[minus] <= upper */
    wide lower = linear.constant - strictness;  /* time[minus] - time[plus] <= lower */
    if ((!is_greater && !fits(upper)) || (!is_less && !fits(lower))) {
        return false;
    }
    if (!is_greater) {
        difference_add(window, minus, plus, (int64_t)upper);
    }
    if (!is_less) {
        difference_add(window, plus, minus, (int64_t)lower);
    }
    return true;
}

/* Saturates: a bound that is too large is none, one that is too small stays the smallest. */
static int64_t add_limits(int64_t left, int64_t right)
{
    int64_t sum = 0;
    if (left == WINDOW_NONE || right == WINDOW_NONE) {
        return WINDOW_NONE;
    }
    if (!__builtin_add_overflow(left, right, &sum)) {
        return sum;
    }
    return left > 0 ? WINDOW_NONE : INT64_MIN;
}

void difference_derive(struct window *window, uint32_t edge_count)
{
    uint32_t nodes[WINDOW_NODES];
    uint32_t count = 0;
    for (uint32_t i = 0; i < edge_count; i++) {
        nodes[count++] = i;
    }
    nodes[count++] = WINDOW_ORIGIN;
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < count; j++) {
                difference_add(window, nodes[i], nodes[j],
                               add_limits(window->limit_ns[nodes[i]][nodes[k]],
                                          window->limit_ns[nodes[k]][nodes[j]]));
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        window->is_impossible |= window->limit_ns[nodes[i]][nodes[i]] < 0;
    }
}
