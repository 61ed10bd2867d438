/* Functions: aggregates, and those that make a constant time or duration. */
#include "query/bind.h"

#include <math.h>

#include "base/time_text.h"
#include "query/suggest.h"

enum { FUNCTION_COUNT = 7 };

typedef struct expression *call_binder(struct binder *binder, const struct ast_expression *ast,
                                       enum aggregate_function function);

struct function {
    const char *name;
    call_binder *bind;
    enum aggregate_function aggregate;
};

/* Lengths that are always the same. */
struct unit {
    const char *name;
    int64_t ns;
};

enum { UNIT_COUNT = 8 };

static const struct unit units[UNIT_COUNT] = {
    {"weeks", 7 * 86400 * NS_PER_SECOND},
    {"days", 86400 * NS_PER_SECOND},
    {"hours", 3600 * NS_PER_SECOND},
    {"minutes", 60 * NS_PER_SECOND},
    {"seconds", NS_PER_SECOND},
    {"milliseconds", 1000000},
    {"microseconds", 1000},
    {"nanoseconds", 1},
};

static call_binder bind_aggregate;
static call_binder bind_datetime;
static call_binder bind_duration;

static const struct function functions[FUNCTION_COUNT] = {
    {"count", bind_aggregate, AGGREGATE_COUNT},   {"sum", bind_aggregate, AGGREGATE_SUM},
    {"min", bind_aggregate, AGGREGATE_MIN},       {"max", bind_aggregate, AGGREGATE_MAX},
    {"avg", bind_aggregate, AGGREGATE_AVG},       {"datetime", bind_datetime, AGGREGATE_COUNT},
    {"duration", bind_duration, AGGREGATE_COUNT},
};

struct expression *bind_call(struct binder *binder, const struct ast_expression *ast)
{
    struct bytes names[FUNCTION_COUNT];
    for (uint32_t i = 0; i < FUNCTION_COUNT; i++) {
        names[i] = bytes_of(functions[i].name);
        if (bytes_equal_ignoring_case(ast->name.text, names[i])) {
            return functions[i].bind(binder, ast, functions[i].aggregate);
        }
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_name(ast->name.text, names, FUNCTION_COUNT, advice);
    return BIND_FAIL(binder, ast->place, "there is no function `%.*s`%s",
                     source_shown(ast->name.text), ast->name.text.data, advice);
}

/* True when there is one argument and it may be bound. */
static bool has_one_argument(struct binder *binder, const struct ast_expression *ast,
                             bool may_be_distinct)
{
    int shown = source_shown(ast->name.text);
    const char *name = ast->name.text.data;
    if (ast->is_star) {
        (void)source_error(binder->source, ast->place, "%.*s(*) means nothing: only count(*) does",
                           shown, name);
    } else if (ast->child_count != 1) {
        (void)source_error(binder->source, ast->place, "%.*s wants one argument, but has %u", shown,
                           name, ast->child_count);
    } else if (ast->is_distinct && !may_be_distinct) {
        (void)source_error(binder->source, ast->place,
                           "%.*s is no aggregate: DISTINCT means nothing in it", shown, name);
    } else {
        return true;
    }
    return false;
}

/* The aggregate's number; the same one is computed once. UINT32_MAX without memory. */
static uint32_t add_aggregate(struct binder *binder, struct aggregate wanted)
{
    struct bound_query *query = binder->query;
    for (uint32_t i = 0; i < query->aggregate_count; i++) {
        const struct aggregate *known = &query->aggregates[i];
        bool same_argument = known->argument == wanted.argument ||
                             (known->argument != NULL && wanted.argument != NULL &&
                              expression_equal(known->argument, wanted.argument));
        if (known->function == wanted.function && known->is_distinct == wanted.is_distinct &&
            same_argument) {
            return i;
        }
    }
    struct aggregate *grown = binder_grow(binder, query->aggregates, query->aggregate_count,
                                          &binder->aggregate_capacity, sizeof *grown);
    if (grown == NULL) {
        return UINT32_MAX;
    }
    query->aggregates = grown;
    query->aggregates[query->aggregate_count] = wanted;
    return query->aggregate_count++;
}

static struct expression *build_aggregate(struct binder *binder, struct aggregate wanted,
                                          uint32_t place)
{
    struct expression *expression = build_leaf(binder, EXPRESSION_AGGREGATE, wanted.type, place);
    uint32_t index = expression == NULL ? UINT32_MAX : add_aggregate(binder, wanted);
    if (index == UINT32_MAX) {
        return NULL;
    }
    expression->variable = index;
    return expression;
}

/* The type of the result; TYPE_NULL when the function does not take the argument's type. */
static enum type aggregate_type(enum aggregate_function function, enum type argument)
{
    bool is_number = argument == TYPE_INTEGER || argument == TYPE_FLOAT;
    switch (function) {
    case AGGREGATE_COUNT_ALL:
    case AGGREGATE_COUNT:
        return TYPE_INTEGER;
    case AGGREGATE_SUM:
        return is_number || argument == TYPE_DURATION ? argument : TYPE_NULL;
    case AGGREGATE_AVG:
        return is_number ? TYPE_FLOAT : argument == TYPE_DURATION ? TYPE_DURATION : TYPE_NULL;
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
        return argument == TYPE_VERTEX || argument == TYPE_EDGE ? TYPE_NULL : argument;
    }
    return TYPE_NULL;
}

static struct expression *bind_aggregate(struct binder *binder, const struct ast_expression *ast,
                                         enum aggregate_function function)
{
    if (binder->no_aggregates != NULL) {
        return BIND_FAIL(binder, ast->place, "%.*s is an aggregate: it may not stand in %s",
                         source_shown(ast->name.text), ast->name.text.data, binder->no_aggregates);
    }
    if (ast->is_star && function == AGGREGATE_COUNT) {
        struct aggregate all = {.function = AGGREGATE_COUNT_ALL, .type = TYPE_INTEGER};
        return build_aggregate(binder, all, ast->place);
    }
    if (!has_one_argument(binder, ast, true)) {
        return NULL;
    }
    binder->no_aggregates = "another aggregate";
    struct operand argument = bind_operand(binder, ast->children[0]);
    binder->no_aggregates = NULL;
    if (argument.expression == NULL) {
        return NULL;
    }
    if (expression_has_aggregate(argument.expression)) {
        return BIND_FAIL(binder, ast->place, "an aggregate may not stand in another aggregate");
    }
    enum type argument_type = argument.expression->type;
    enum type type = aggregate_type(function, argument_type);
    if (type == TYPE_NULL || argument_type == TYPE_NULL) {
        return BIND_FAIL(binder, argument.place, "%.*s is %s: %.*s does not take it",
                         source_shown(argument.text), argument.text.data,
                         type_phrase(argument_type), source_shown(ast->name.text),
                         ast->name.text.data);
    }
    if (function == AGGREGATE_AVG && argument_type == TYPE_INTEGER) {
        argument.expression = build_unary(binder, EXPRESSION_TO_FLOAT, TYPE_FLOAT, argument.place,
                                          argument.expression);
        if (argument.expression == NULL) {
            return NULL;
        }
    }
    struct aggregate wanted = {function, ast->is_distinct, type, argument.expression};
    return build_aggregate(binder, wanted, ast->place);
}

static struct expression *bind_datetime(struct binder *binder, const struct ast_expression *ast,
                                        enum aggregate_function function)
{
    (void)function;
    if (!has_one_argument(binder, ast, false)) {
        return NULL;
    }
    const struct ast_expression *argument = ast->children[0];
    time_ns time = 0;
    if (argument->kind != AST_TEXT) {
        return BIND_FAIL(binder, argument->place,
                         "datetime wants a string like '2011-08-16T10:01:46.5Z'");
    }
    if (!time_parse(argument->text, &time)) {
        return BIND_FAIL(binder, argument->place,
                         "'%.*s' is no time; write it like '2011-08-16T10:01:46.5Z'",
                         source_shown(argument->text), argument->text.data);
    }
    return build_integer(binder, TYPE_TIME, time, ast->place);
}

static const struct unit *find_unit(struct binder *binder, const struct ast_name *name)
{
    static const char *const varying[] = {"years", "quarters", "months"};
    struct bytes names[UNIT_COUNT];
    for (uint32_t i = 0; i < UNIT_COUNT; i++) {
        names[i] = bytes_of(units[i].name);
        if (bytes_equal(name->text, names[i])) {
            return &units[i];
        }
    }
    for (uint32_t i = 0; i < sizeof varying / sizeof varying[0]; i++) {
        if (bytes_equal(name->text, bytes_of(varying[i]))) {
            (void)source_error(binder->source, name->span.begin,
                               "%s are not supported in a duration: they have no fixed length; "
                               "write days",
                               varying[i]);
            return NULL;
        }
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_name(name->text, names, UNIT_COUNT, advice);
    (void)source_error(binder->source, name->span.begin, "there is no unit `%.*s` of durations%s",
                       source_shown(name->text), name->text.data, advice);
    return NULL;
}

/* Adds `amount` units; false when the sum does not fit. */
static bool add_amount(int64_t *total_ns, const struct unit *unit, const struct expression *amount)
{
    int64_t ns = 0;
    if (amount->type == TYPE_FLOAT) {
        double value = nearbyint(amount->literal.real * (double)unit->ns);
        if (!(value > -0x1p63 && value < 0x1p63)) {
            return false;
        }
        ns = (int64_t)value;
    } else if (__builtin_mul_overflow(amount->literal.integer, unit->ns, &ns)) {
        return false;
    }
    return !__builtin_add_overflow(*total_ns, ns, total_ns);
}

static struct expression *bind_duration(struct binder *binder, const struct ast_expression *ast,
                                        enum aggregate_function function)
{
    (void)function;
    if (!has_one_argument(binder, ast, false)) {
        return NULL;
    }
    const struct ast_expression *map = ast->children[0];
    if (map->kind != AST_MAP || map->child_count == 0) {
        return BIND_FAIL(binder, map->place, "duration wants a map, as in duration({seconds: 60})");
    }
    int64_t total_ns = 0;
    for (uint32_t i = 0; i < map->child_count; i++) {
        const struct unit *unit = find_unit(binder, &map->keys[i]);
        const struct expression *amount =
            unit == NULL ? NULL : bind_expression(binder, map->children[i]);
        if (amount == NULL) {
            return NULL;
        }
        if (!expression_is_literal(amount, TYPE_INTEGER) &&
            !expression_is_literal(amount, TYPE_FLOAT)) {
            return BIND_FAIL(binder, map->children[i]->place, "%s of a duration are a number",
                             unit->name);
        }
        if (!add_amount(&total_ns, unit, amount)) {
            return BIND_FAIL(binder, map->children[i]->place,
                             "this duration is longer than 292 years");
        }
    }
    return build_integer(binder, TYPE_DURATION, total_ns, ast->place);
}
