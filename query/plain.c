/* What is not plain, by clause, path and expression. */
#include "query/plain.h"

#include "query/bound.h"
#include "query/visit.h"

#define MORE_UNDIRECTED "a ninth undirected relationship"
_Static_assert(UNDIRECTED_EDGES_MAX == 8, "the text says how many there may be");

/* A flow with a name, and the MATCH that binds it. */
struct named_flow {
    struct bytes name;
    const struct ast_clause *clause;
};

struct inspection {
    bool is_plain;
    struct unplain found;
    const struct ast_clause *clause;
    struct named_flow flows[PATTERN_EDGES_MAX]; /* more are too many for the binder anyway */
    uint32_t flow_count;
    uint32_t undirected_count;
};

/* Notes what is not plain; the inspection goes on until it has words for it. */
static bool note(struct inspection *inspection, uint32_t place, const char *what)
{
    inspection->is_plain = false;
    inspection->found = (struct unplain){place, what};
    return what == NULL;
}

static bool inspect_query(void *context, const struct ast_query *query)
{
    if (query->count > 1) {
        return note(context, query->branches[1]->union_span.begin, "UNION");
    }
    const struct ast_clause *first = query->branches[0]->clauses[0];
    if (first->kind == AST_RETURN) {
        return note(context, first->span.begin, "RETURN without MATCH");
    }
    return query->into.text.data == NULL || note(context, query->into.span.begin, "INTO");
}

/* Lists stand on the right of IN, maps in patterns and durations; the binder says so. */
static bool is_collection(const struct ast_expression *expression)
{
    return expression->kind == AST_LIST || expression->kind == AST_MAP;
}

/* What a name that sorts stands for: the column of that name, or itself. */
static const struct ast_expression *sorted_by(const struct ast_projection *projection,
                                              const struct ast_expression *sort)
{
    for (uint32_t i = 0; sort->kind == AST_VARIABLE && i < projection->item_count; i++) {
        const struct ast_item *item = &projection->items[i];
        if (item->alias.text.data != NULL && bytes_equal(item->alias.text, sort->name.text)) {
            return item->expression;
        }
    }
    return sort;
}

/* Flows are sorted by their rows, of which the binder knows nothing. */
static bool is_flow(const struct inspection *inspection, const struct ast_expression *expression)
{
    for (uint32_t i = 0; expression->kind == AST_VARIABLE && i < inspection->flow_count; i++) {
        if (bytes_equal(inspection->flows[i].name, expression->name.text)) {
            return true;
        }
    }
    return false;
}

/* Whether an expression that sorts distinct rows is one of their columns, and no vertex, which the
 * binder sorts by a property that is none. */
static bool is_column(const struct ast_projection *projection,
                      const struct ast_expression *expression)
{
    for (uint32_t i = 0; expression->kind != AST_VARIABLE && i < projection->item_count; i++) {
        if (ast_equal(projection->items[i].expression, expression)) {
            return true;
        }
    }
    return false;
}

static bool is_plain_sort(const struct inspection *inspection,
                          const struct ast_projection *projection,
                          const struct ast_expression *sort)
{
    if (projection->item_count > QUERY_OUTPUTS_MAX || projection->sort_count > QUERY_OUTPUTS_MAX) {
        return true; /* the binder refuses so many */
    }
    const struct ast_expression *expression = sorted_by(projection, sort);
    return !is_collection(expression) && !is_flow(inspection, expression) &&
           (!projection->is_distinct || is_column(projection, expression));
}

static bool inspect_projection(struct inspection *inspection,
                               const struct ast_projection *projection)
{
    bool goes_on = true;
    for (uint32_t i = 0; goes_on && i < projection->item_count; i++) {
        const struct ast_expression *expression = projection->items[i].expression;
        goes_on = !is_collection(expression) || note(inspection, expression->place, NULL);
    }
    for (uint32_t i = 0; goes_on && i < projection->sort_count; i++) {
        const struct ast_expression *expression = projection->sorts[i].expression;
        goes_on = is_plain_sort(inspection, projection, expression) ||
                  note(inspection, expression->place, NULL);
    }
    return goes_on;
}

static bool inspect_clause(void *context, const struct ast_clause *clause)
{
    struct inspection *inspection = context;
    inspection->clause = clause;
    switch (clause->kind) {
    case AST_MATCH:
        return !clause->is_optional || note(context, clause->span.begin, "OPTIONAL MATCH");
    case AST_UNWIND:
        return note(context, clause->span.begin, "UNWIND");
    case AST_WITH:
        return note(context, clause->span.begin, "WITH");
    case AST_CREATE:
        return note(context, clause->span.begin, "CREATE");
    case AST_RETURN:
        return inspect_projection(context, clause->projection);
    }
    return true;
}

/* Whether an earlier MATCH has bound the flow; to name two flows of one MATCH alike is an error, of
 * which the binder speaks. */
static bool is_bound_before(struct inspection *inspection, const struct ast_name *name)
{
    for (uint32_t i = 0; i < inspection->flow_count; i++) {
        const struct named_flow *flow = &inspection->flows[i];
        if (flow->clause != inspection->clause && bytes_equal(flow->name, name->text)) {
            return true;
        }
    }
    if (inspection->flow_count < PATTERN_EDGES_MAX) {
        inspection->flows[inspection->flow_count++] =
            (struct named_flow){name->text, inspection->clause};
    }
    return false;
}

static bool inspect_path(void *context, const struct ast_path *path)
{
    struct inspection *inspection = context;
    if (path->name.text.data != NULL) {
        return note(context, path->name.span.begin, "a named path");
    }
    if (path->shortest != AST_ANY_LENGTH) {
        return note(context, path->span.begin, "a shortest path");
    }
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_relationship *relationship = path->relationships[i];
        inspection->undirected_count += relationship->direction == AST_UNDIRECTED;
        if (inspection->undirected_count > UNDIRECTED_EDGES_MAX) {
            return note(context, relationship->span.begin, MORE_UNDIRECTED);
        }
        if (relationship->range != NULL) {
            return note(context, relationship->range->span.begin,
                        "a relationship of variable length");
        }
        if (relationship->name.text.data != NULL && is_bound_before(context, &relationship->name) &&
            !note(context, relationship->span.begin, NULL)) {
            return false;
        }
    }
    return true;
}

static bool is_among(const struct ast_name *name, const char *const *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (bytes_equal_ignoring_case(name->text, bytes_of(words[i]))) {
            return true;
        }
    }
    return false;
}

/* duration({seconds: 1.5, ...}), of units that have one length. */
static bool is_plain_duration(const struct ast_expression *map)
{
    static const char *const units[] = {"weeks",   "days",         "hours",        "minutes",
                                        "seconds", "milliseconds", "microseconds", "nanoseconds"};
    bool is_plain = map->kind == AST_MAP && map->child_count > 0;
    for (uint32_t i = 0; is_plain && i < map->child_count; i++) {
        const struct ast_expression *amount = map->children[i];
        bool is_negated = amount->kind == AST_NEGATE;
        enum ast_kind kind = is_negated ? amount->children[0]->kind : amount->kind;
        is_plain = is_among(&map->keys[i], units, sizeof units / sizeof *units) &&
                   (kind == AST_INTEGER || kind == AST_FLOAT);
    }
    return is_plain;
}

/* Of what is null in every row the binder knows no type. */
static bool has_null(const struct ast_expression *expression)
{
    bool has = expression->kind == AST_NULL;
    for (uint32_t i = 0; !has && i < expression->child_count; i++) {
        has = expression->children[i] != NULL && has_null(expression->children[i]);
    }
    return has;
}

static bool is_plain_call(const struct ast_expression *call)
{
    static const char *const aggregates[] = {"count", "sum", "min", "max", "avg"};
    static const char *const datetime[] = {"datetime"};
    static const char *const duration[] = {"duration"};
    if (call->is_star) {
        return is_among(&call->name, aggregates, 1);
    }
    if (call->child_count != 1) {
        return false;
    }
    const struct ast_expression *argument = call->children[0];
    if (is_among(&call->name, aggregates, sizeof aggregates / sizeof *aggregates)) {
        return !is_collection(argument) && !has_null(argument);
    }
    if (call->is_distinct) {
        return false;
    }
    return (is_among(&call->name, datetime, 1) && argument->kind == AST_TEXT) ||
           (is_among(&call->name, duration, 1) && is_plain_duration(argument));
}

/* Whether lists and maps stand where they may. */
static bool has_plain_children(const struct ast_expression *expression)
{
    bool is_plain = true;
    for (uint32_t i = 0; is_plain && i < expression->child_count; i++) {
        bool is_list_of_in = expression->kind == AST_IN && i == 1;
        bool is_list = expression->children[i]->kind == AST_LIST;
        is_plain = is_list_of_in ? is_list : !is_collection(expression->children[i]);
    }
    return is_plain;
}

/* The words for a kind that the binder does not know; NULL for those that it does. */
static const char *name_of_kind(enum ast_kind kind)
{
    switch ((int)kind) {
    case AST_PARAMETER:
        return "a parameter";
    case AST_INDEX:
    case AST_SLICE:
        return "an index";
    case AST_LABELS:
        return "a label as a condition";
    case AST_CASE:
        return "CASE";
    case AST_COMPREHENSION:
    case AST_PATTERN_COMPREHENSION:
        return "a list comprehension";
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
    case AST_SINGLE:
        return "a condition on the items of a list";
    case AST_REDUCE:
        return "reduce";
    case AST_PATTERN:
        return "a pattern as a condition";
    case AST_EXISTS:
        return "EXISTS";
    case AST_COUNT:
        return "COUNT";
    case AST_MATCHES:
        return "a regular expression (=~)";
    default:
        return NULL;
    }
}

static bool inspect_expression(void *context, const struct ast_expression *expression)
{
    const char *name = name_of_kind(expression->kind);
    if (name != NULL) {
        return note(context, expression->place, name);
    }
    bool is_plain = true;
    switch ((int)expression->kind) {
    case AST_CALL:
        is_plain = is_plain_call(expression);
        break;
    case AST_PROPERTY:
        is_plain = expression->children[0]->kind == AST_VARIABLE;
        break;
    default:
        is_plain = has_plain_children(expression);
        break;
    }
    return is_plain || note(context, expression->place, NULL);
}

bool ast_find_unplain(const struct ast_query *query, struct unplain *found)
{
    struct inspection inspection = {.is_plain = true};
    const struct ast_visitor visitor = {inspect_query, inspect_clause, inspect_path,
                                        inspect_expression, &inspection};
    (void)ast_visit(&visitor, query);
    *found = inspection.found;
    return !inspection.is_plain;
}

bool ast_is_plain(const struct ast_query *query)
{
    struct unplain found;
    return !ast_find_unplain(query, &found);
}
