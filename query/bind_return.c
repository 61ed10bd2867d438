/* RETURN: outputs with their names, ORDER BY, SKIP and LIMIT. */
#include "query/bind.h"

#include "query/suggest.h"

static enum status failure(const struct binder *binder)
{
    return binder->source->error->status;
}

/* `name` is in the bound query's memory, `place` where the output stands. */
static enum status add_output(struct binder *binder, const char *name,
                              struct expression *expression, uint32_t place)
{
    struct bound_query *query = binder->query;
    for (uint32_t i = 0; i < query->output_count; i++) {
        if (strcmp(query->outputs[i].name, name) == 0) {
            struct bytes shown = bytes_of(name);
            return source_error(binder->source, place,
                                "there are two columns `%.*s`: give one another name with AS",
                                source_shown(shown), name);
        }
    }
    if (query->output_count == QUERY_OUTPUTS_MAX) {
        return source_error(binder->source, place, "RETURN has more than %d outputs",
                            QUERY_OUTPUTS_MAX);
    }
    struct output *outputs = binder_grow(binder, query->outputs, query->output_count,
                                         &binder->output_capacity, sizeof *outputs);
    struct item *items = outputs == NULL ? NULL
                                         : binder_grow(binder, binder->items, query->output_count,
                                                       &binder->item_capacity, sizeof *items);
    if (items == NULL) {
        return failure(binder);
    }
    query->outputs = outputs;
    binder->items = items;
    query->outputs[query->output_count] = (struct output){name, expression};
    binder->items[query->output_count] = (struct item){expression, place};
    query->output_count++;
    return STATUS_OK;
}

/* All named variables, in the order of their appearance. */
static enum status bind_star(struct binder *binder, uint32_t place)
{
    if (binder->symbol_count == 0) {
        return source_error(binder->source, place, "RETURN * needs a variable with a name");
    }
    for (uint32_t i = 0; i < binder->symbol_count; i++) {
        const struct symbol *symbol = &binder->symbols[i];
        struct expression *expression = build_variable(binder, symbol->kind, symbol->index, place);
        if (expression == NULL) {
            return failure(binder);
        }
        TRY(add_output(binder, symbol->name.data, expression, place));
    }
    return STATUS_OK;
}

static enum status bind_item(struct binder *binder, const struct ast_item *item)
{
    struct expression *expression = bind_expression(binder, item->expression);
    if (expression == NULL) {
        return failure(binder);
    }
    struct bytes name = item->alias.text;
    if (name.data == NULL) {
        name = bytes_trim(source_text(binder->source, item->span));
    }
    char *copy = chain_copy(binder->memory, name.data, name.size);
    if (copy == NULL) {
        return source_error_memory(binder->source);
    }
    return add_output(binder, copy, expression, item->span.begin);
}

/* The output that an expression is, or UINT32_MAX. */
static uint32_t find_output(const struct binder *binder, const struct expression *expression)
{
    for (uint32_t i = 0; i < binder->query->output_count; i++) {
        if (expression_equal(binder->items[i].expression, expression)) {
            return i;
        }
    }
    return UINT32_MAX;
}

static struct expression *order_by_output(struct binder *binder, uint32_t index, uint32_t place)
{
    enum type type = binder->items[index].expression->type;
    struct expression *expression = build_leaf(binder, EXPRESSION_OUTPUT, type, place);
    if (expression != NULL) {
        expression->variable = index;
    }
    return expression;
}

/* Vertices are ordered as their keys are; flows are not. */
static struct expression *order_value(struct binder *binder, const struct ast_expression *ast)
{
    struct expression *expression = bind_expression(binder, ast);
    if (expression != NULL && expression->type == TYPE_VERTEX) {
        return build_key(binder, expression->variable, ast->place);
    }
    if (expression != NULL && expression->type == TYPE_EDGE) {
        return BIND_FAIL(binder, ast->place,
                         "flows have no order: order by a property, like a time");
    }
    return expression;
}

static struct expression *bind_sort(struct binder *binder, const struct ast_expression *ast)
{
    struct bound_query *query = binder->query;
    struct expression *expression = order_value(binder, ast);
    if (expression == NULL) {
        return NULL;
    }
    uint32_t output = find_output(binder, expression);
    if (output != UINT32_MAX) {
        return order_by_output(binder, output, ast->place);
    }
    if (query->is_distinct) {
        return BIND_FAIL(binder, ast->place,
                         "after RETURN DISTINCT, ORDER BY may use only what is returned");
    }
    return query->is_grouped ? group_expression(binder, expression) : expression;
}

static enum status bind_sorts(struct binder *binder, const struct ast_projection *projection)
{
    struct bound_query *query = binder->query;
    if (projection->sort_count > QUERY_OUTPUTS_MAX) {
        return source_error(binder->source, projection->sorts[0].expression->place,
                            "ORDER BY has more than %d expressions", QUERY_OUTPUTS_MAX);
    }
    query->orders = binder_allocate(binder, projection->sort_count, sizeof *query->orders);
    if (query->orders == NULL) {
        return failure(binder);
    }
    binder->sees_outputs = true;
    binder->no_aggregates = query->is_grouped ? NULL : "ORDER BY when RETURN has none";
    for (uint32_t i = 0; i < projection->sort_count; i++) {
        struct expression *expression = bind_sort(binder, projection->sorts[i].expression);
        if (expression == NULL) {
            return failure(binder);
        }
        query->orders[query->order_count++] =
            (struct order){expression, projection->sorts[i].is_descending};
    }
    return STATUS_OK;
}

static enum status bind_row_count(struct binder *binder, const struct ast_expression *ast,
                                  const char *what, uint64_t *count)
{
    if (ast == NULL) {
        return STATUS_OK;
    }
    binder->no_aggregates = what;
    const struct expression *expression = bind_expression(binder, ast);
    if (expression == NULL) {
        return failure(binder);
    }
    if (!expression_is_literal(expression, TYPE_INTEGER) || expression->literal.integer < 0) {
        return source_error(binder->source, ast->place, "%s wants a whole number, 0 or more", what);
    }
    *count = (uint64_t)expression->literal.integer;
    return STATUS_OK;
}

/* A condition that can be an error is left to whoever looks at the groups. */
static enum status bind_having(struct binder *binder, const struct ast_expression *ast)
{
    struct bound_query *query = binder->query;
    struct expression *expression = bind_expression(binder, ast);
    expression = expression == NULL ? NULL : group_expression(binder, expression);
    if (expression == NULL) {
        return failure(binder);
    }
    if (expression->type == TYPE_BOOL && !query_can_fail(query, expression)) {
        query->having = expression;
    }
    return STATUS_OK;
}

enum status bind_return(struct binder *binder, const struct ast_clause *clause)
{
    struct bound_query *query = binder->query;
    const struct ast_projection *projection = clause->projection;
    query->is_distinct = projection->is_distinct;
    binder->no_aggregates = NULL;
    if (projection->is_star) {
        TRY(bind_star(binder, projection->star_place));
    }
    for (uint32_t i = 0; i < projection->item_count; i++) {
        TRY(bind_item(binder, &projection->items[i]));
    }
    query->is_grouped = query->aggregate_count > 0;
    if (query->is_grouped) {
        TRY(group_outputs(binder));
    }
    TRY(bind_sorts(binder, projection));
    if (clause->where != NULL && query->is_grouped) {
        TRY(bind_having(binder, clause->where));
    }
    binder->sees_outputs = false;
    TRY(bind_row_count(binder, projection->skip, "SKIP", &query->skip));
    return bind_row_count(binder, projection->limit, "LIMIT", &query->limit);
}
