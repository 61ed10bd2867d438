/* Comparing and rewriting expressions; see engine/same.h. */
#include "engine/same.h"

#include <string.h>

static bool literal_same(enum type type, union lane left, union lane right)
{
    if (type == TYPE_NULL) {
        return true;
    }
    if (type == TYPE_TEXT) {
        return text_equal(left.text, right.text);
    }
    if (type == TYPE_ADDRESS) {
        return address_equal(*left.address, *right.address);
    }
    return left.integer == right.integer;
}

static bool variable_same(const struct expression *left, const struct expression *right,
                          uint32_t left_edge, uint32_t right_edge)
{
    if (left->kind == EXPRESSION_PROPERTY && left->property != right->property) {
        return false;
    }
    if (left->kind == EXPRESSION_EDGE || left->kind == EXPRESSION_PROPERTY) {
        if (left->variable == left_edge || right->variable == right_edge) {
            return left->variable == left_edge && right->variable == right_edge;
        }
    }
    return left->variable == right->variable;
}

static bool reads_variable(const struct expression *expression)
{
    return expression->kind >= EXPRESSION_VERTEX && expression->kind <= EXPRESSION_OUTPUT;
}

bool expression_same(const struct expression *left, const struct expression *right,
                     uint32_t left_edge, uint32_t right_edge)
{
    if (left->kind != right->kind || left->type != right->type ||
        left->child_count != right->child_count) {
        return false;
    }
    if (left->kind == EXPRESSION_LITERAL) {
        return literal_same(left->type, left->literal, right->literal);
    }
    if (reads_variable(left) && !variable_same(left, right, left_edge, right_edge)) {
        return false;
    }
    for (uint32_t i = 0; i < left->child_count; i++) {
        if (!expression_same(left->children[i], right->children[i], left_edge, right_edge)) {
            return false;
        }
    }
    return true;
}
