/* Copies of expressions in which a variable has another name. */
#include "query/ast.h"

struct ast_expression *ast_renamed(const struct ast_builder *builder,
                                   const struct ast_expression *expression, struct bytes from,
                                   struct bytes to)
{
    struct ast_expression *copy = ast_new(builder, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *expression;
    copy->children = NULL;
    copy->child_count = 0;
    copy->child_capacity = 0;
    if (copy->kind == AST_VARIABLE && bytes_equal(copy->name.text, from)) {
        copy->name.text = to;
    }
    for (uint32_t i = 0; i < expression->child_count; i++) {
        struct ast_expression *child = expression->children[i];
        struct ast_expression *renamed =
            child == NULL ? NULL : ast_renamed(builder, child, from, to);
        if ((child != NULL && renamed == NULL) || !ast_add_child(builder, copy, renamed)) {
            return NULL;
        }
    }
    return copy;
}
