/* Literals in the place of parameters and of durations as text. */
#include "pipeline/substitute.h"

#include "query/visit.h"
#include "value/duration.h"
#include "value/temporal.h"

struct substitution {
    const struct ast_builder *builder;
    struct value parameters;
    bool is_failed;
};

static bool write_value(const struct substitution *substitution, struct ast_expression *expression,
                        struct value value);

static struct ast_expression *new_child(const struct substitution *substitution,
                                        struct ast_expression *parent)
{
    struct ast_expression *child = ast_leaf(substitution->builder, AST_NULL, parent->span);
    bool is_made = child != NULL && ast_add_child(substitution->builder, parent, child);
    return is_made ? child : NULL;
}

static bool write_list(const struct substitution *substitution, struct ast_expression *expression,
                       struct value list)
{
    expression->kind = AST_LIST;
    for (uint32_t i = 0; i < list.count; i++) {
        struct ast_expression *child = new_child(substitution, expression);
        if (child == NULL || !write_value(substitution, child, list.items[i])) {
            return false;
        }
    }
    return true;
}

/* datetime('...'), of a point in time without a named zone. */
static bool write_datetime(const struct substitution *substitution,
                           struct ast_expression *expression, struct value value)
{
    char *text = ast_new(substitution->builder, TEMPORAL_TEXT_BYTES);
    struct ast_expression *child = new_child(substitution, expression);
    if (text == NULL || child == NULL) {
        return false;
    }
    expression->kind = AST_CALL;
    expression->name.text = bytes_of("datetime");
    child->kind = AST_TEXT;
    child->text = bytes_view(text, temporal_text(value, text));
    return true;
}

/* {days: ..., seconds: ..., nanoseconds: ...} */
static bool write_duration_map(const struct substitution *substitution, struct ast_expression *map,
                               const struct value_duration *duration)
{
    static const char *const units[] = {"days", "seconds", "nanoseconds"};
    const int64_t amounts[] = {duration->days, duration->seconds, duration->nanoseconds};
    map->kind = AST_MAP;
    for (uint32_t i = 0; i < 3; i++) {
        struct ast_expression *amount = ast_leaf(substitution->builder, AST_INTEGER, map->span);
        struct ast_name key = {bytes_of(units[i]), map->span};
        if (amount == NULL || ast_add_entry(substitution->builder, map, key, amount) == NULL) {
            return false;
        }
        amount->integer = amounts[i];
    }
    return true;
}

static bool write_duration(const struct substitution *substitution,
                           struct ast_expression *expression, const struct value_duration *duration)
{
    struct ast_expression *map = new_child(substitution, expression);
    expression->kind = AST_CALL;
    expression->name.text = bytes_of("duration");
    return map != NULL && write_duration_map(substitution, map, duration);
}

/* Whether it is so many nanoseconds, and the matcher can count them. */
static bool has_fixed_length(const struct value_duration *duration)
{
    __int128 ns = duration_ns(duration) + (__int128)duration->days * 86400 * 1000000000;
    return duration->months == 0 && ns >= -INT64_MAX && ns <= INT64_MAX;
}

static bool is_literal(struct value value)
{
    switch (value.kind) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
    case VALUE_TEXT:
        return true;
    case VALUE_DATETIME:
        return value.instant->zone.size == 0;
    case VALUE_DURATION:
        return has_fixed_length(value.duration);
    case VALUE_LIST:
        for (uint32_t i = 0; i < value.count; i++) {
            if (value.items[i].kind == VALUE_LIST || !is_literal(value.items[i])) {
                return false;
            }
        }
        return true;
    default:
        return false;
    }
}

static bool write_value(const struct substitution *substitution, struct ast_expression *expression,
                        struct value value)
{
    switch (value.kind) {
    case VALUE_BOOL:
        expression->kind = AST_BOOL;
        expression->integer = value.integer;
        return true;
    case VALUE_INTEGER:
        expression->kind = AST_INTEGER;
        expression->integer = value.integer;
        return true;
    case VALUE_FLOAT:
        expression->kind = AST_FLOAT;
        expression->real = value.real;
        return true;
    case VALUE_TEXT:
        expression->kind = AST_TEXT;
        expression->text = value_text_view(value);
        return true;
    case VALUE_DATETIME:
        return write_datetime(substitution, expression, value);
    case VALUE_DURATION:
        return write_duration(substitution, expression, value.duration);
    case VALUE_LIST:
        return write_list(substitution, expression, value);
    default:
        expression->kind = AST_NULL;
        return true;
    }
}

static bool is_duration_of_text(const struct ast_expression *expression)
{
    return expression->kind == AST_CALL && expression->child_count == 1 && !expression->is_star &&
           bytes_equal_ignoring_case(expression->name.text, bytes_of("duration")) &&
           expression->children[0]->kind == AST_TEXT;
}

static bool substitute_duration(const struct substitution *substitution,
                                struct ast_expression *text)
{
    struct pool pool = {0};
    struct value value;
    struct error error = {0};
    bool is_written = true;
    if (duration_parse_text(text->text, &pool, &value, &error) == STATUS_OK &&
        has_fixed_length(value.duration)) {
        is_written = write_duration_map(substitution, text, value.duration);
    }
    pool_close(&pool);
    return is_written;
}

/* The visitor's trees are constant for those who only look. */
static bool substitute(void *context, const struct ast_expression *visited)
{
    struct substitution *substitution = context;
    struct ast_expression *expression = (struct ast_expression *)(uintptr_t)visited;
    if (is_duration_of_text(expression)) {
        substitution->is_failed = !substitute_duration(substitution, expression->children[0]);
        return !substitution->is_failed;
    }
    const struct value *value =
        expression->kind != AST_PARAMETER
            ? NULL
            : value_map_find(substitution->parameters, expression->name.text);
    if (value == NULL || !is_literal(*value)) {
        return true;
    }
    substitution->is_failed = !write_value(substitution, expression, *value);
    return !substitution->is_failed;
}

bool substitute_literals(const struct ast_builder *builder, struct ast_query *query,
                         struct value parameters)
{
    struct substitution substitution = {builder, parameters, false};
    const struct ast_visitor visitor = {.expression = substitute, .context = &substitution};
    (void)ast_visit(&visitor, query);
    return !substitution.is_failed;
}
