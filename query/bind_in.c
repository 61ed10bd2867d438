/* x IN [...]: over literals one operator, which the engine turns into a set; over anything else the
 * equalities that it stands for. */
#include "query/bind.h"

static bool are_literals(struct expression **items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->kind != EXPRESSION_LITERAL) {
            return false;
        }
    }
    return true;
}

/* Binds the items behind children[0]; false, with the error set, when one cannot be bound. */
static bool bind_items(struct binder *binder, const struct ast_expression *list,
                       struct expression **items)
{
    for (uint32_t i = 0; i < list->child_count; i++) {
        items[i] = bind_expression(binder, list->children[i]);
        if (items[i] == NULL) {
            return false;
        }
    }
    return true;
}

static struct operand item_operand(const struct binder *binder, struct expression *item,
                                   const struct ast_expression *ast)
{
    return (struct operand){item, source_text(binder->source, ast->span), ast->place};
}

static struct expression *expand(struct binder *binder, struct operand left,
                                 const struct ast_expression *list, struct expression **items,
                                 uint32_t place)
{
    for (uint32_t i = 0; i < list->child_count; i++) {
        struct operand item = item_operand(binder, items[i], list->children[i]);
        items[i] = bind_comparison(binder, EXPRESSION_EQUAL, left, item, place);
        if (items[i] == NULL) {
            return NULL;
        }
    }
    return build_logic(binder, EXPRESSION_OR, place, items, list->child_count);
}

/* Brings the left side and all items to one type: the left side first, for one float among
 * integers makes all of them floats. */
static bool unify(struct binder *binder, struct expression **children,
                  const struct ast_expression *ast)
{
    const struct ast_expression *list = ast->children[1];
    struct operand left = item_operand(binder, children[0], ast->children[0]);
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < list->child_count; i++) {
            struct operand item = item_operand(binder, children[i + 1], list->children[i]);
            if (!bind_equatable(binder, &left, &item, item.place)) {
                return false;
            }
            children[i + 1] = item.expression;
        }
    }
    children[0] = left.expression;
    return true;
}

struct expression *bind_in(struct binder *binder, const struct ast_expression *ast)
{
    const struct ast_expression *list = ast->children[1];
    struct operand left = bind_operand(binder, ast->children[0]);
    if (left.expression == NULL) {
        return NULL;
    }
    if (list->kind != AST_LIST) {
        return BIND_FAIL(binder, list->place, "IN wants a list, as in x IN [1, 2]");
    }
    if (list->child_count == 0) {
        return build_bool(binder, false, ast->place);
    }
    struct expression **children = binder_allocate(binder, list->child_count + 1, sizeof *children);
    if (children == NULL || !bind_items(binder, list, children + 1)) {
        return NULL;
    }
    if (left.expression->kind == EXPRESSION_LITERAL ||
        !are_literals(children + 1, list->child_count)) {
        return expand(binder, left, list, children + 1, ast->place);
    }
    children[0] = left.expression;
    if (!unify(binder, children, ast)) {
        return NULL;
    }
    return build_operator(binder, EXPRESSION_IN, TYPE_BOOL, ast->place, children,
                          list->child_count + 1);
}
