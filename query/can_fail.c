/* Integers whose size is known: a magnitude of so many bits, of which int64 has 63. */
#include "query/bound.h"

enum { BITS_MAX = 63, BITS_UNKNOWN = 64 };

static uint32_t larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

static uint32_t magnitude_bits(__int128 value)
{
    unsigned __int128 magnitude = (unsigned __int128)(value < 0 ? -value : value);
    uint32_t bits = 0;
    for (; magnitude != 0; magnitude >>= 1) {
        bits++;
    }
    return bits;
}

static uint32_t property_bits(const struct bound_query *query, const struct expression *expression)
{
    const struct edge_frame *frame = query->edges[expression->variable].frame;
    uint32_t bits = 0;
    for (uint32_t p = 0; p < frame->partition_count; p++) {
        const struct column *column = &frame->partitions[p].columns[expression->property];
        __int128 largest = ((__int128)1 << 8 * column->width) - 1;
        bits = larger(bits, magnitude_bits(column->base));
        bits = larger(bits, magnitude_bits(column->base + largest));
    }
    return bits < BITS_UNKNOWN ? bits : BITS_UNKNOWN;
}

/* Of a value that is an integer inside: an integer, a time, a duration. */
static bool is_whole(const struct expression *expression)
{
    return expression->type == TYPE_INTEGER || expression->type == TYPE_TIME ||
           expression->type == TYPE_DURATION;
}

static bool is_divisor(const struct expression *expression)
{
    return expression->kind == EXPRESSION_LITERAL && is_whole(expression) &&
           expression->literal.integer != 0;
}

/* What the value takes at most; BITS_UNKNOWN for anything else than such an integer. */
static uint32_t value_bits(const struct bound_query *query, const struct expression *expression)
{
    if (!is_whole(expression)) {
        return BITS_UNKNOWN;
    }
    uint32_t operands[2] = {0};
    for (uint32_t i = 0; i < expression->child_count && i < 2; i++) {
        operands[i] = value_bits(query, expression->children[i]);
    }
    uint32_t bits = BITS_UNKNOWN;
    switch (expression->kind) {
    case EXPRESSION_LITERAL:
        bits = magnitude_bits(expression->literal.integer);
        break;
    case EXPRESSION_PROPERTY:
        bits = property_bits(query, expression);
        break;
    case EXPRESSION_NEGATE:
        bits = operands[0];
        break;
    case EXPRESSION_ADD:
    case EXPRESSION_SUBTRACT:
        bits = larger(operands[0], operands[1]) + 1;
        break;
    case EXPRESSION_MULTIPLY:
        bits = operands[0] + operands[1];
        break;
    case EXPRESSION_DIVIDE:
    case EXPRESSION_REMAINDER:
        bits = is_divisor(expression->children[1]) ? operands[0] : BITS_UNKNOWN;
        break;
    default:
        break;
    }
    return bits <= BITS_MAX ? bits : BITS_UNKNOWN;
}

bool query_can_fail(const struct bound_query *query, const struct expression *expression)
{
    bool is_arithmetic =
        expression->kind == EXPRESSION_NEGATE ||
        (expression->kind >= EXPRESSION_ADD && expression->kind <= EXPRESSION_POWER);
    bool can_fail = is_arithmetic && expression->type != TYPE_FLOAT &&
                    value_bits(query, expression) == BITS_UNKNOWN;
    for (uint32_t i = 0; i < expression->child_count && !can_fail; i++) {
        can_fail = query_can_fail(query, expression->children[i]);
    }
    return can_fail;
}
