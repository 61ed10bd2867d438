/* Comparing syntax trees: two spellings of one expression. */
#include "query/ast.h"

static bool names_equal(const struct ast_names *left, const struct ast_names *right)
{
    uint32_t count = left == NULL ? 0 : left->count;
    if (count != (right == NULL ? 0 : right->count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!bytes_equal(left->names[i].text, right->names[i].text)) {
            return false;
        }
    }
    return true;
}

static bool values_equal(const struct ast_expression *left, const struct ast_expression *right)
{
    switch (left->kind) {
    case AST_INTEGER:
    case AST_BOOL:
        return left->integer == right->integer;
    case AST_FLOAT:
        return left->real == right->real;
    case AST_TEXT:
        return bytes_equal(left->text, right->text);
    case AST_PATTERN:
    case AST_PATTERN_COMPREHENSION:
    case AST_EXISTS:
    case AST_COUNT:
        return left == right;
    default:
        return bytes_equal(left->name.text, right->name.text) &&
               bytes_equal(left->accumulator.text, right->accumulator.text) &&
               names_equal(left->labels, right->labels) &&
               left->is_distinct == right->is_distinct && left->is_star == right->is_star;
    }
}

bool ast_equal(const struct ast_expression *left, const struct ast_expression *right)
{
    if (left == NULL || right == NULL) {
        return left == right;
    }
    if (left->kind != right->kind || left->child_count != right->child_count ||
        !values_equal(left, right)) {
        return false;
    }
    for (uint32_t i = 0; i < left->child_count; i++) {
        if ((left->kind == AST_MAP && !bytes_equal(left->keys[i].text, right->keys[i].text)) ||
            !ast_equal(left->children[i], right->children[i])) {
            return false;
        }
    }
    return true;
}
