/* Texts of a query beside the values of the columns that they are compared with. */
#include "report/advice.h"

#include <stdio.h>

#include "query/suggest.h"
#include "query/visit.h"

struct advising {
    const struct graph *graph;
    struct stop *stop;
    char *text;
};

/* A text, or the texts of a list; true when one of them is nearly a value of the column. */
static bool advise_of(const struct advising *advising, struct bytes column,
                      enum ast_kind comparison, const struct ast_expression *text)
{
    const struct schema *schema = &advising->graph->edges.schema;
    int property = schema_find(schema, column);
    if (property == PROPERTY_NONE || schema->properties[property].type != TYPE_TEXT ||
        schema->properties[property].role != ROLE_ATTRIBUTE) {
        return false;
    }
    const struct dictionary *values = &advising->graph->edges.dictionaries[property];
    bool is_near = false;
    if (text->kind == AST_TEXT && comparison == AST_MATCHES) {
        is_near = suggest_piece(column, text->text, values, advising->stop, advising->text);
    } else if (text->kind == AST_TEXT) {
        is_near =
            suggest_value(column, comparison, text->text, values, advising->stop, advising->text);
    }
    for (uint32_t i = 0; text->kind == AST_LIST && i < text->child_count && !is_near; i++) {
        is_near = advise_of(advising, column, comparison, text->children[i]);
    }
    return is_near;
}

/* x = null */
static bool advise_of_null(const struct advising *advising, const struct ast_expression *comparison)
{
    bool is_equal = comparison->kind == AST_EQUAL;
    bool is_asked =
        (is_equal || comparison->kind == AST_NOT_EQUAL) &&
        (comparison->children[0]->kind == AST_NULL || comparison->children[1]->kind == AST_NULL);
    if (is_asked) {
        (void)snprintf(advising->text, SUGGEST_TEXT_BYTES,
                       "nothing is %s null, not even null; write x %s NULL",
                       is_equal ? "equal to" : "unequal to", is_equal ? "IS" : "IS NOT");
    }
    return is_asked;
}

/* e.Proto = 'TCP', 'TCP' = e.Proto, e.Proto IN ['TCP'], e.Proto STARTS WITH 'TC', =~ 'tc' */
static bool look_at_expression(void *context, const struct ast_expression *expression)
{
    const struct advising *advising = context;
    if (advise_of_null(advising, expression)) {
        return false;
    }
    switch ((int)expression->kind) {
    case AST_EQUAL:
    case AST_IN:
    case AST_STARTS_WITH:
    case AST_ENDS_WITH:
    case AST_CONTAINS:
    case AST_MATCHES:
        break;
    default:
        return true;
    }
    for (uint32_t side = 0; side < 2; side++) {
        const struct ast_expression *column = expression->children[side];
        if (column->kind == AST_PROPERTY && (side == 0 || expression->kind == AST_EQUAL) &&
            advise_of(advising, column->name.text, expression->kind,
                      expression->children[1 - side])) {
            return false;
        }
    }
    return true;
}

/* -[e {Proto: 'TCP'}]-> */
static bool look_at_path(void *context, const struct ast_path *path)
{
    const struct advising *advising = context;
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_expression *map = path->relationships[i]->properties;
        for (uint32_t j = 0; map != NULL && map->kind == AST_MAP && j < map->child_count; j++) {
            if (advise_of(advising, map->keys[j].text, AST_EQUAL, map->children[j])) {
                return false;
            }
        }
    }
    return true;
}

bool advice_give(const struct ast_query *query, const struct graph *graph, struct stop *stop,
                 char *text)
{
    struct advising advising = {graph, stop, text};
    const struct ast_visitor visitor = {
        .path = look_at_path, .expression = look_at_expression, .context = &advising};
    return !ast_visit(&visitor, query);
}
