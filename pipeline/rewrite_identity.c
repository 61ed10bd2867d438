/* Vertices and flows by their numbers, and by the flows that they are ends of, are themselves:
 *
 *   id(a) = id(b), elementId(a) = elementId(b)      a = b
 *   startNode(e), endNode(e)                        the vertex of the pattern where e begins, ends
 *   es[0], es[-1], es[size(es) - 1]                 head(es), last(es) of a list of flows */
#include "pipeline/rewriting.h"

/* The argument of id or elementId; NULL: it is no such call. */
static struct ast_expression *numbered(const struct ast_expression *expression,
                                       const char *function)
{
    return is_call_of(expression, function, 1) ? expression->children[0] : NULL;
}

static bool rewrite_numbers(struct rewriting *rewriting, struct ast_expression *comparison)
{
    static const char *const functions[] = {"id", "elementId"};
    for (uint32_t i = 0; i < 2; i++) {
        struct ast_expression *left = numbered(comparison->children[0], functions[i]);
        struct ast_expression *right = numbered(comparison->children[1], functions[i]);
        enum name_kind kind = left == NULL ? NAME_OTHER : names_kind(rewriting, left);
        if (right != NULL && (kind == NAME_VERTEX || kind == NAME_FLOW) &&
            names_kind(rewriting, right) == kind) {
            struct ast_expression *const parts[] = {left, right};
            return rewriting_replace(rewriting, comparison, comparison->kind, parts, 2);
        }
    }
    return true;
}

static bool rewrite_end(struct rewriting *rewriting, struct ast_expression *call)
{
    const struct ast_expression *flow = call->children[0];
    const struct rewrite_name *name =
        flow->kind == AST_VARIABLE ? names_find(rewriting, flow->name.text) : NULL;
    if (name == NULL || name->kind != NAME_FLOW || name->path == NULL) {
        return true;
    }
    enum ast_direction direction = name->path->relationships[name->index]->direction;
    bool is_start = is_call_of(call, "startNode", 1);
    bool is_left = is_start == (direction == AST_RIGHT);
    struct ast_node *node = name->path->nodes[name->index + !is_left];
    bool is_named = false;
    if (direction == AST_UNDIRECTED) {
        return true;
    }
    if (!names_give(rewriting, &node->name, NAME_VERTEX, is_start ? "startNode" : "endNode",
                    flow->name.text, INDEX_NONE, &is_named)) {
        return false;
    }
    if (is_named) {
        call->kind = AST_VARIABLE;
        call->name.text = node->name.text;
        call->child_count = 0;
    }
    return true;
}

/* size(es), or length(p) where es is relationships(p) */
static bool is_size_of(const struct ast_expression *size, const struct ast_expression *list)
{
    return (is_call_of(size, "size", 1) && ast_equal(size->children[0], list)) ||
           (is_call_of(size, "length", 1) && is_call_of(list, "relationships", 1) &&
            ast_equal(size->children[0], list->children[0]));
}

/* The first or the last of a list of flows. */
static void rewrite_item(struct ast_expression *item)
{
    const struct ast_expression *index = item->children[1];
    bool is_first = index->kind == AST_INTEGER && index->integer == 0;
    bool is_last =
        (index->kind == AST_INTEGER && index->integer == -1) ||
        (index->kind == AST_SUBTRACT && is_size_of(index->children[0], item->children[0]) &&
         index->children[1]->kind == AST_INTEGER && index->children[1]->integer == 1);
    if (is_first || is_last) {
        item->kind = AST_CALL;
        item->name.text = bytes_of(is_first ? "head" : "last");
        item->child_count = 1;
    }
}

bool rewrite_identity(struct rewriting *rewriting, struct ast_expression *expression)
{
    switch ((int)expression->kind) {
    case AST_EQUAL:
    case AST_NOT_EQUAL:
        return rewrite_numbers(rewriting, expression);
    case AST_CALL:
        return (!is_call_of(expression, "startNode", 1) && !is_call_of(expression, "endNode", 1)) ||
               rewrite_end(rewriting, expression);
    case AST_INDEX:
        if (names_kind(rewriting, expression->children[0]) == NAME_FLOWS) {
            rewrite_item(expression);
        }
        return true;
    default:
        return true;
    }
}
