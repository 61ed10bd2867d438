/* Makes expressions. An operator knows which pattern variables its value depends on, and is folded
 * at once when it depends on none. */
#include "query/bind.h"

#include "base/time_text.h"

struct expression *build_leaf(struct binder *binder, enum expression_kind kind, enum type type,
                              uint32_t place)
{
    struct expression *expression = binder_allocate(binder, 1, sizeof *expression);
    if (expression != NULL) {
        expression->kind = kind;
        expression->type = type;
        expression->query_offset = place;
    }
    return expression;
}

struct expression *build_variable(struct binder *binder, enum symbol_kind kind, uint32_t index,
                                  uint32_t place)
{
    bool is_vertex = kind == SYMBOL_VERTEX;
    struct expression *expression =
        build_leaf(binder, is_vertex ? EXPRESSION_VERTEX : EXPRESSION_EDGE,
                   is_vertex ? TYPE_VERTEX : TYPE_EDGE, place);
    if (expression != NULL) {
        uint32_t mask = UINT32_C(1) << index;
        expression->variable = index;
        *(is_vertex ? &expression->vertex_mask : &expression->edge_mask) = mask;
    }
    return expression;
}

struct expression *build_key(struct binder *binder, uint32_t vertex, uint32_t place)
{
    struct expression *expression = build_leaf(binder, EXPRESSION_KEY, TYPE_ADDRESS, place);
    if (expression != NULL) {
        expression->variable = vertex;
        expression->vertex_mask = UINT32_C(1) << vertex;
    }
    return expression;
}

struct expression *build_null(struct binder *binder, uint32_t place)
{
    return build_leaf(binder, EXPRESSION_LITERAL, TYPE_NULL, place);
}

struct expression *build_integer(struct binder *binder, enum type type, int64_t value,
                                 uint32_t place)
{
    struct expression *expression = build_leaf(binder, EXPRESSION_LITERAL, type, place);
    if (expression != NULL) {
        expression->literal.integer = value;
    }
    return expression;
}

struct expression *build_bool(struct binder *binder, bool value, uint32_t place)
{
    return build_integer(binder, TYPE_BOOL, value ? 1 : 0, place);
}

struct expression *build_float(struct binder *binder, double value, uint32_t place)
{
    struct expression *expression = build_leaf(binder, EXPRESSION_LITERAL, TYPE_FLOAT, place);
    if (expression != NULL) {
        expression->literal.real = value;
    }
    return expression;
}

struct expression *build_text(struct binder *binder, struct bytes text, uint32_t place)
{
    struct expression *expression = build_leaf(binder, EXPRESSION_LITERAL, TYPE_TEXT, place);
    struct text *copy =
        expression == NULL ? NULL : binder_allocate(binder, text_bytes((uint32_t)text.size), 1);
    if (copy == NULL) {
        return NULL;
    }
    text_fill(copy, text);
    expression->literal.text = copy;
    return expression;
}

struct expression *build_operator(struct binder *binder, enum expression_kind kind, enum type type,
                                  uint32_t place, struct expression **children, uint32_t count)
{
    struct expression *expression = build_leaf(binder, kind, type, place);
    if (expression == NULL) {
        return NULL;
    }
    expression->children = binder_allocate(binder, count, sizeof(struct expression *));
    if (expression->children == NULL) {
        return NULL;
    }
    expression->child_count = count;
    for (uint32_t i = 0; i < count; i++) {
        expression->children[i] = children[i];
        expression->edge_mask |= children[i]->edge_mask;
        expression->vertex_mask |= children[i]->vertex_mask;
    }
    return constant_fold(binder, expression);
}

struct expression *build_unary(struct binder *binder, enum expression_kind kind, enum type type,
                               uint32_t place, struct expression *child)
{
    return child == NULL ? NULL : build_operator(binder, kind, type, place, &child, 1);
}

struct expression *build_binary(struct binder *binder, enum expression_kind kind, enum type type,
                                uint32_t place, struct expression *left, struct expression *right)
{
    struct expression *children[] = {left, right};
    if (left == NULL || right == NULL) {
        return NULL;
    }
    return build_operator(binder, kind, type, place, children, 2);
}

struct expression *build_logic(struct binder *binder, enum expression_kind kind, uint32_t place,
                               struct expression **children, uint32_t count)
{
    if (count == 1) {
        return children[0];
    }
    uint32_t half = count / 2;
    struct expression *left = build_logic(binder, kind, place, children, half);
    if (left == NULL) {
        return NULL;
    }
    struct expression *right = build_logic(binder, kind, place, children + half, count - half);
    return build_binary(binder, kind, TYPE_BOOL, place, left, right);
}

static bool literal_equal(const struct expression *left, const struct expression *right)
{
    switch (left->type) {
    case TYPE_NULL:
        return true;
    case TYPE_FLOAT:
        return memcmp(&left->literal.real, &right->literal.real, sizeof(double)) == 0;
    case TYPE_TEXT:
        return text_equal(left->literal.text, right->literal.text);
    case TYPE_ADDRESS:
        return address_equal(*left->literal.address, *right->literal.address);
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
        return left->literal.integer == right->literal.integer;
    case TYPE_VERTEX:
    case TYPE_EDGE:
        return false;
    }
    return false;
}

bool expression_equal(const struct expression *left, const struct expression *right)
{
    if (left == right) {
        return true;
    }
    if (left->kind != right->kind || left->type != right->type ||
        left->child_count != right->child_count || left->variable != right->variable ||
        left->property != right->property) {
        return false;
    }
    if (left->kind == EXPRESSION_LITERAL) {
        return literal_equal(left, right);
    }
    for (uint32_t i = 0; i < left->child_count; i++) {
        if (!expression_equal(left->children[i], right->children[i])) {
            return false;
        }
    }
    return true;
}
