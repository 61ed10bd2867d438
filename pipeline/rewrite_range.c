/* What is in a range of constants is between them, where only whole numbers can be; else the
 * numbers are listed, since the matcher looks for those of a list:
 *
 *   e.Dport IN range(1024, 65535)                   1024 <= e.Dport AND e.Dport <= 65535
 *   x IN range(0, 12, 4)                            x IN [0, 4, 8, 12] */
#include "pipeline/rewriting.h"

enum { LISTED_MAX = 65536 }; /* a range of more stays one */

/* The numbers of a range that are told by constants. */
struct range {
    int64_t first;
    int64_t step;
    uint64_t count; /* 0: none, or it is no such range */
};

static struct range read_range(const struct ast_expression *call)
{
    struct range none = {0};
    if (!is_call_of(call, "range", 2) && !is_call_of(call, "range", 3)) {
        return none;
    }
    for (uint32_t i = 0; i < call->child_count; i++) {
        if (call->children[i]->kind != AST_INTEGER) {
            return none;
        }
    }
    struct range range = {.first = call->children[0]->integer,
                          .step = call->child_count == 3 ? call->children[2]->integer : 1};
    int64_t span;
    if (range.step == 0 || range.step == INT64_MIN ||
        __builtin_sub_overflow(call->children[1]->integer, range.first, &span) ||
        (span != 0 && (span < 0) != (range.step < 0))) {
        return none;
    }
    range.count = (uint64_t)(span / range.step) + 1;
    return range;
}

/* A flow's, of a column of integers. */
static bool is_whole_number(const struct rewriting *rewriting,
                            const struct ast_expression *expression)
{
    if (expression->kind != AST_PROPERTY ||
        names_kind(rewriting, expression->children[0]) != NAME_FLOW) {
        return false;
    }
    const struct schema *schema = &rewriting->graph->edges.schema;
    int property = schema_find(schema, expression->name.text);
    return property >= 0 && schema->properties[property].type == TYPE_INTEGER;
}

static bool rewrite_bounds(struct rewriting *rewriting, struct ast_expression *in)
{
    const struct ast_builder *builder = rewriting->builder;
    struct ast_expression *number = in->children[0];
    struct ast_expression *const *ends = in->children[1]->children;
    struct ast_expression *parts[2] = {
        ast_binary(builder, AST_LESS_EQUAL, in->span, in->place, ends[0], number),
        ast_binary(builder, AST_LESS_EQUAL, in->span, in->place, number, ends[1])};
    return parts[0] != NULL && parts[1] != NULL &&
           rewriting_replace(rewriting, in, AST_AND, parts, 2);
}

static bool rewrite_numbers(struct rewriting *rewriting, struct ast_expression *call,
                            struct range range)
{
    const struct ast_builder *builder = rewriting->builder;
    struct ast_expression *list = ast_leaf(builder, AST_LIST, call->span);
    bool is_made = list != NULL;
    for (uint64_t i = 0; i < range.count && is_made; i++) {
        struct ast_expression *number = ast_leaf(builder, AST_INTEGER, call->span);
        if (number != NULL) {
            number->integer = range.first + range.step * (int64_t)i;
        }
        is_made = number != NULL && ast_add_child(builder, list, number);
    }
    return is_made && rewriting_replace(rewriting, call, AST_LIST, &list, 1);
}

bool rewrite_range(struct rewriting *rewriting, struct ast_expression *in)
{
    struct range range = read_range(in->children[1]);
    if (range.count > 1 && range.step == 1 && is_whole_number(rewriting, in->children[0])) {
        return rewrite_bounds(rewriting, in);
    }
    return range.count == 0 || range.count > LISTED_MAX ||
           rewrite_numbers(rewriting, in->children[1], range);
}
