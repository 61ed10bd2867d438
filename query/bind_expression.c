/* Expressions, from the syntax tree: variables, properties, literals, and operators by kind. The
 * tree's depth is bounded, so recursion is. */
#include "query/bind.h"

#include "query/suggest.h"

struct operand bind_operand(struct binder *binder, const struct ast_expression *ast)
{
    struct expression *expression = bind_expression(binder, ast);
    return (struct operand){expression, source_text(binder->source, ast->span), ast->place};
}

static struct expression *unknown_variable(struct binder *binder, const struct ast_name *name)
{
    uint32_t output_count = binder->sees_outputs ? binder->query->output_count : 0;
    struct bytes *names =
        binder_allocate(binder, output_count + binder->symbol_count + 1, sizeof *names);
    if (names == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < output_count; i++) {
        names[i] = bytes_of(binder->query->outputs[i].name);
    }
    for (uint32_t i = 0; i < binder->symbol_count; i++) {
        names[output_count + i] = binder->symbols[i].name;
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_variable(name->text, binder->source, name->span.begin, names,
                     output_count + binder->symbol_count, advice);
    return BIND_FAIL(binder, name->span.begin, "there is no variable `%.*s`%s",
                     source_shown(name->text), name->text.data, advice);
}

static struct expression *bind_variable(struct binder *binder, const struct ast_name *name)
{
    uint32_t output_count = binder->sees_outputs ? binder->query->output_count : 0;
    for (uint32_t i = 0; i < output_count; i++) {
        if (bytes_equal(name->text, bytes_of(binder->query->outputs[i].name))) {
            return binder->items[i].expression;
        }
    }
    const struct symbol *symbol = binder_find(binder, name->text);
    if (symbol == NULL) {
        return unknown_variable(binder, name);
    }
    return build_variable(binder, symbol->kind, symbol->index, name->span.begin);
}

static struct expression *unknown_property(struct binder *binder, const char *owners,
                                           const struct ast_name *name, const char *advice)
{
    return BIND_FAIL(binder, name->span.begin, "%s have no property `%.*s`%s", owners,
                     source_shown(name->text), name->text.data, advice);
}

static struct expression *vertex_property(struct binder *binder, uint32_t vertex,
                                          const struct ast_name *name)
{
    struct bytes key = bytes_of(binder->query->vertices[vertex].frame->key);
    if (!bytes_equal(name->text, key)) {
        char advice[SUGGEST_TEXT_BYTES];
        suggest_name(name->text, &key, 1, advice);
        return unknown_property(binder, "vertices", name, advice);
    }
    return build_key(binder, vertex, name->span.begin);
}

static struct expression *edge_property(struct binder *binder, uint32_t edge,
                                        const struct ast_name *name)
{
    const struct bound_edge *bound = &binder->query->edges[edge];
    const struct schema *schema = &bound->frame->schema;
    int index = schema_find(schema, name->text);
    if (index == PROPERTY_NONE) {
        char advice[SUGGEST_TEXT_BYTES];
        suggest_property(name->text, schema, advice);
        return unknown_property(binder, "flows", name, advice);
    }
    const struct property *property = &schema->properties[index];
    bool is_end = property->role == ROLE_SOURCE || property->role == ROLE_TARGET;
    if (is_end && !bound->is_undirected) {
        return build_key(binder, property->role == ROLE_SOURCE ? bound->source : bound->target,
                         name->span.begin);
    }
    struct expression *expression = build_leaf(
        binder, is_end ? EXPRESSION_END : EXPRESSION_PROPERTY, property->type, name->span.begin);
    if (expression != NULL) {
        expression->variable = edge;
        expression->property = (uint32_t)index;
        expression->edge_mask = UINT32_C(1) << edge;
    }
    return expression;
}

struct expression *bind_property(struct binder *binder, struct expression *base,
                                 struct bytes base_text, const struct ast_name *name)
{
    if (base == NULL) {
        return NULL;
    }
    if (base->kind == EXPRESSION_VERTEX) {
        return vertex_property(binder, base->variable, name);
    }
    if (base->kind == EXPRESSION_EDGE) {
        return edge_property(binder, base->variable, name);
    }
    return BIND_FAIL(binder, name->span.begin, "%.*s is %s: it has no properties",
                     source_shown(base_text), base_text.data, type_phrase(base->type));
}

struct expression *bind_truth(struct binder *binder, const struct ast_expression *ast,
                              const char *what)
{
    struct operand operand = bind_operand(binder, ast);
    if (operand.expression == NULL || operand.expression->type == TYPE_BOOL ||
        operand.expression->type == TYPE_NULL) {
        return operand.expression;
    }
    return BIND_FAIL(binder, ast->place, "%s wants a condition, but %.*s is %s", what,
                     source_shown(operand.text), operand.text.data,
                     type_phrase(operand.expression->type));
}

static struct expression *bind_logic(struct binder *binder, const struct ast_expression *ast,
                                     enum expression_kind kind, const char *what)
{
    struct expression **children =
        binder_allocate(binder, ast->child_count, sizeof(struct expression *));
    for (uint32_t i = 0; children != NULL && i < ast->child_count; i++) {
        children[i] = bind_truth(binder, ast->children[i], what);
        if (children[i] == NULL) {
            return NULL;
        }
    }
    return children == NULL ? NULL
                            : build_logic(binder, kind, ast->place, children, ast->child_count);
}

static struct expression *bind_literal(struct binder *binder, const struct ast_expression *ast)
{
    uint32_t place = ast->place;
    switch ((int)ast->kind) {
    case AST_NULL:
        return build_null(binder, place);
    case AST_BOOL:
        return build_bool(binder, ast->integer != 0, place);
    case AST_FLOAT:
        return build_float(binder, ast->real, place);
    case AST_TEXT:
        return build_text(binder, ast->text, place);
    default:
        break;
    }
    return build_integer(binder, TYPE_INTEGER, ast->integer, place);
}

typedef struct expression *binary_binder(struct binder *binder, enum expression_kind kind,
                                         struct operand left, struct operand right, uint32_t place);

/* Operators of two operands. */
struct binary {
    binary_binder *bind;
    enum expression_kind kind;
};

static const struct binary binaries[] = {
    [AST_EQUAL] = {bind_comparison, EXPRESSION_EQUAL},
    [AST_NOT_EQUAL] = {bind_comparison, EXPRESSION_NOT_EQUAL},
    [AST_LESS] = {bind_comparison, EXPRESSION_LESS},
    [AST_LESS_EQUAL] = {bind_comparison, EXPRESSION_LESS_EQUAL},
    [AST_GREATER] = {bind_comparison, EXPRESSION_GREATER},
    [AST_GREATER_EQUAL] = {bind_comparison, EXPRESSION_GREATER_EQUAL},
    [AST_ADD] = {bind_arithmetic, EXPRESSION_ADD},
    [AST_SUBTRACT] = {bind_arithmetic, EXPRESSION_SUBTRACT},
    [AST_MULTIPLY] = {bind_arithmetic, EXPRESSION_MULTIPLY},
    [AST_DIVIDE] = {bind_arithmetic, EXPRESSION_DIVIDE},
    [AST_REMAINDER] = {bind_arithmetic, EXPRESSION_REMAINDER},
    [AST_POWER] = {bind_arithmetic, EXPRESSION_POWER},
    [AST_STARTS_WITH] = {bind_text_operator, EXPRESSION_STARTS_WITH},
    [AST_ENDS_WITH] = {bind_text_operator, EXPRESSION_ENDS_WITH},
    [AST_CONTAINS] = {bind_text_operator, EXPRESSION_CONTAINS},
};

/* NULL for what is no such operator. */
static const struct binary *find_binary(enum ast_kind kind)
{
    bool is_known =
        (size_t)kind < sizeof binaries / sizeof *binaries && binaries[kind].bind != NULL;
    return is_known ? &binaries[kind] : NULL;
}

static struct expression *bind_binary(struct binder *binder, const struct ast_expression *ast,
                                      const struct binary *binary)
{
    struct operand left = bind_operand(binder, ast->children[0]);
    if (left.expression == NULL) {
        return NULL;
    }
    struct operand right = bind_operand(binder, ast->children[1]);
    return binary->bind(binder, binary->kind, left, right, ast->place);
}

static struct expression *bind_is_null(struct binder *binder, const struct ast_expression *ast)
{
    enum expression_kind kind =
        ast->kind == AST_IS_NULL ? EXPRESSION_IS_NULL : EXPRESSION_IS_NOT_NULL;
    return build_unary(binder, kind, TYPE_BOOL, ast->place,
                       bind_expression(binder, ast->children[0]));
}

static struct expression *bind_access(struct binder *binder, const struct ast_expression *ast)
{
    struct operand base = bind_operand(binder, ast->children[0]);
    return bind_property(binder, base.expression, base.text, &ast->name);
}

/* What plain.h excludes never comes here. */
struct expression *bind_expression(struct binder *binder, const struct ast_expression *ast)
{
    const struct binary *binary = find_binary(ast->kind);
    if (binary != NULL) {
        return bind_binary(binder, ast, binary);
    }
    switch ((int)ast->kind) {
    case AST_NULL:
    case AST_BOOL:
    case AST_INTEGER:
    case AST_FLOAT:
    case AST_TEXT:
        return bind_literal(binder, ast);
    case AST_LIST:
        return BIND_FAIL(binder, ast->place, "a list may only stand on the right of IN");
    case AST_MAP:
        return BIND_FAIL(binder, ast->place,
                         "a map may only stand in a pattern or in duration({...})");
    case AST_VARIABLE:
        return bind_variable(binder, &ast->name);
    case AST_PROPERTY:
        return bind_access(binder, ast);
    case AST_CALL:
        return bind_call(binder, ast);
    case AST_NOT:
        return build_unary(binder, EXPRESSION_NOT, TYPE_BOOL, ast->place,
                           bind_truth(binder, ast->children[0], "NOT"));
    case AST_IS_NULL:
    case AST_IS_NOT_NULL:
        return bind_is_null(binder, ast);
    case AST_NEGATE:
    case AST_PLUS:
        return bind_sign(binder, ast->kind, bind_operand(binder, ast->children[0]), ast->place);
    case AST_AND:
        return bind_logic(binder, ast, EXPRESSION_AND, "AND");
    case AST_OR:
        return bind_logic(binder, ast, EXPRESSION_OR, "OR");
    case AST_XOR:
        return bind_logic(binder, ast, EXPRESSION_XOR, "XOR");
    case AST_IN:
        return bind_in(binder, ast);
    default:
        return BIND_FAIL(binder, ast->place, "this is not supported");
    }
}
