/* Writes expressions in the language, with no more parentheses than it needs, so that what EXPLAIN
 * shows can be pasted back into a query. Conversions that the binder made are not shown. */
#include "query/expression.h"

#include <stdio.h>

#include "base/number.h"
#include "base/time_text.h"
#include "query/bound.h"

/* How tightly a construct holds together, loosest first, as in the grammar. */
enum level {
    LEVEL_OR,
    LEVEL_XOR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARISON,
    LEVEL_PREDICATE,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_POWER,
    LEVEL_SIGN,
    LEVEL_ATOM,
};

struct writer {
    const struct bound_query *query;
    char *text;
    uint32_t text_bytes;
    uint32_t length; /* wanted */
};

/* What is written between two operands, and how tightly; infix NULL: another shape. */
struct shape {
    const char *infix;
    enum level level;
};

static const struct shape shapes[] = {
    [EXPRESSION_NOT] = {NULL, LEVEL_NOT},
    [EXPRESSION_IS_NULL] = {NULL, LEVEL_PREDICATE},
    [EXPRESSION_IS_NOT_NULL] = {NULL, LEVEL_PREDICATE},
    [EXPRESSION_NEGATE] = {NULL, LEVEL_SIGN},
    [EXPRESSION_AND] = {" AND ", LEVEL_AND},
    [EXPRESSION_OR] = {" OR ", LEVEL_OR},
    [EXPRESSION_XOR] = {" XOR ", LEVEL_XOR},
    [EXPRESSION_EQUAL] = {" = ", LEVEL_COMPARISON},
    [EXPRESSION_NOT_EQUAL] = {" <> ", LEVEL_COMPARISON},
    [EXPRESSION_LESS] = {" < ", LEVEL_COMPARISON},
    [EXPRESSION_LESS_EQUAL] = {" <= ", LEVEL_COMPARISON},
    [EXPRESSION_GREATER] = {" > ", LEVEL_COMPARISON},
    [EXPRESSION_GREATER_EQUAL] = {" >= ", LEVEL_COMPARISON},
    [EXPRESSION_ADD] = {" + ", LEVEL_SUM},
    [EXPRESSION_SUBTRACT] = {" - ", LEVEL_SUM},
    [EXPRESSION_MULTIPLY] = {" * ", LEVEL_PRODUCT},
    [EXPRESSION_DIVIDE] = {" / ", LEVEL_PRODUCT},
    [EXPRESSION_REMAINDER] = {" % ", LEVEL_PRODUCT},
    [EXPRESSION_POWER] = {" ^ ", LEVEL_POWER},
    [EXPRESSION_STARTS_WITH] = {" STARTS WITH ", LEVEL_PREDICATE},
    [EXPRESSION_ENDS_WITH] = {" ENDS WITH ", LEVEL_PREDICATE},
    [EXPRESSION_CONTAINS] = {" CONTAINS ", LEVEL_PREDICATE},
    [EXPRESSION_IN] = {NULL, LEVEL_PREDICATE},
};

static void write_expression(struct writer *writer, const struct expression *expression,
                             enum level least);

static void put(struct writer *writer, const char *text, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        if (writer->length + 1 < writer->text_bytes) {
            writer->text[writer->length] = text[i];
        }
        writer->length++;
    }
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, (uint32_t)strlen(text));
}

static bool is_plain_name(const char *name)
{
    bool is_plain = name[0] != '\0' && !(name[0] >= '0' && name[0] <= '9');
    for (const char *at = name; *at != '\0'; at++) {
        bool is_letter = (*at | 0x20) >= 'a' && (*at | 0x20) <= 'z';
        is_plain = is_plain && (is_letter || *at == '_' || (*at >= '0' && *at <= '9'));
    }
    return is_plain;
}

static void put_name(struct writer *writer, const char *name)
{
    if (is_plain_name(name)) {
        put_text(writer, name);
        return;
    }
    put_text(writer, "`");
    for (const char *at = name; *at != '\0'; at++) {
        put(writer, at, 1);
        if (*at == '`') {
            put(writer, at, 1);
        }
    }
    put_text(writer, "`");
}

/* Anonymous elements have no name in the language; theirs tells what they are. */
static void put_variable(struct writer *writer, const char *name, const char *kind, uint32_t index)
{
    char text[32];
    if (name != NULL) {
        put_name(writer, name);
        return;
    }
    (void)snprintf(text, sizeof text, "%s%u", kind, index);
    put_text(writer, text);
}

static void put_vertex(struct writer *writer, uint32_t index)
{
    put_variable(writer, writer->query->vertices[index].name, "_v", index);
}

static void put_edge(struct writer *writer, uint32_t index)
{
    put_variable(writer, writer->query->edges[index].name, "_e", index);
}

static void put_quoted(struct writer *writer, struct bytes text)
{
    static const char letters[] = "\\'\n\t\r\b\f";
    static const char escapes[] = "\\'ntrbf";
    put_text(writer, "'");
    for (size_t i = 0; i < text.size; i++) {
        const char *found = text.data[i] == '\0' ? NULL : strchr(letters, text.data[i]);
        if (text.data[i] == '\0') {
            put_text(writer, "\\u0000");
        } else if (found != NULL) {
            put_text(writer, "\\");
            put(writer, &escapes[found - letters], 1);
        } else {
            put(writer, &text.data[i], 1);
        }
    }
    put_text(writer, "'");
}

/* A string as it stands in the query. */
static void put_source(struct writer *writer, uint32_t offset)
{
    struct bytes text = writer->query->text;
    uint32_t end = offset + 1;
    while (end < text.size && text.data[end] != text.data[offset]) {
        end += text.data[end] == '\\' ? 2 : 1;
    }
    if (end < text.size) {
        put(writer, text.data + offset, end + 1 - offset);
    }
}

static void put_address(struct writer *writer, const struct expression *literal)
{
    const struct address *address = literal->literal.address;
    const struct dictionary *texts = &writer->query->graph->vertices.address_texts;
    char text[ADDRESS_TEXT_BYTES];
    if (address->high != ADDRESS_HIGH_TEXT) {
        uint32_t size = address_format(*address, text);
        put_quoted(writer, bytes_view(text, size));
    } else if (address->low < texts->count) {
        put_quoted(writer, text_view(texts->entries[address->low]));
    } else {
        put_source(writer, literal->query_offset);
    }
}

/* In the largest unit of which it is a whole number. */
static void put_duration(struct writer *writer, int64_t duration_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"days", 86400 * NS_PER_SECOND},
        {"hours", 3600 * NS_PER_SECOND},
        {"minutes", 60 * NS_PER_SECOND},
        {"seconds", NS_PER_SECOND},
        {"milliseconds", 1000000},
        {"microseconds", 1000},
        {"nanoseconds", 1},
    };
    char text[64];
    uint32_t unit = 0;
    while (duration_ns % units[unit].ns != 0) {
        unit++;
    }
    if (duration_ns == 0) {
        unit = 3;
    }
    (void)snprintf(text, sizeof text, "duration({%s: %lld})", units[unit].name,
                   (long long)(duration_ns / units[unit].ns));
    put_text(writer, text);
}

static void put_literal(struct writer *writer, const struct expression *expression)
{
    char text[NUMBER_TEXT_BYTES + TIME_TEXT_BYTES];
    switch (expression->type) {
    case TYPE_NULL:
        put_text(writer, "null");
        break;
    case TYPE_BOOL:
        put_text(writer, expression->literal.integer != 0 ? "true" : "false");
        break;
    case TYPE_INTEGER:
        put(writer, text, integer_format(expression->literal.integer, text));
        break;
    case TYPE_FLOAT:
        put(writer, text, float_format(expression->literal.real, text));
        break;
    case TYPE_TEXT:
        put_quoted(writer, text_view(expression->literal.text));
        break;
    case TYPE_ADDRESS:
        put_address(writer, expression);
        break;
    case TYPE_TIME:
        put_text(writer, "datetime('");
        put(writer, text, time_format(expression->literal.integer, text));
        put_text(writer, "')");
        break;
    case TYPE_DURATION:
        put_duration(writer, expression->literal.integer);
        break;
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
}

static void put_aggregate(struct writer *writer, const struct aggregate *aggregate)
{
    static const char *const names[] = {
        [AGGREGATE_COUNT_ALL] = "count", [AGGREGATE_COUNT] = "count", [AGGREGATE_SUM] = "sum",
        [AGGREGATE_MIN] = "min",         [AGGREGATE_MAX] = "max",     [AGGREGATE_AVG] = "avg",
    };
    put_text(writer, names[aggregate->function]);
    put_text(writer, aggregate->is_distinct ? "(DISTINCT " : "(");
    if (aggregate->argument == NULL) {
        put_text(writer, "*");
    } else {
        write_expression(writer, aggregate->argument, LEVEL_OR);
    }
    put_text(writer, ")");
}

static void put_property(struct writer *writer, const struct expression *expression)
{
    const struct edge_frame *frame = writer->query->edges[expression->variable].frame;
    put_edge(writer, expression->variable);
    put_text(writer, ".");
    put_name(writer, frame->schema.properties[expression->property].name);
}

static void put_in(struct writer *writer, const struct expression *expression)
{
    write_expression(writer, expression->children[0], LEVEL_PREDICATE);
    put_text(writer, " IN [");
    for (uint32_t i = 1; i < expression->child_count; i++) {
        put_text(writer, i == 1 ? "" : ", ");
        write_expression(writer, expression->children[i], LEVEL_OR);
    }
    put_text(writer, "]");
}

/* The right operand needs parentheses where it would otherwise be taken for a part of the left;
 * comparisons would chain on both sides. */
static void put_infix(struct writer *writer, const struct expression *expression,
                      const struct shape *shape)
{
    bool is_logic = shape->level <= LEVEL_AND;
    enum level left = shape->level == LEVEL_COMPARISON ? shape->level + 1 : shape->level;
    enum level right = is_logic ? shape->level : shape->level + 1;
    write_expression(writer, expression->children[0], left);
    put_text(writer, shape->infix);
    write_expression(writer, expression->children[1], right);
}

static void put_operator(struct writer *writer, const struct expression *expression)
{
    switch ((int)expression->kind) {
    case EXPRESSION_NOT:
        put_text(writer, "NOT ");
        write_expression(writer, expression->children[0], LEVEL_NOT);
        break;
    case EXPRESSION_NEGATE:
        put_text(writer, "-");
        write_expression(writer, expression->children[0], LEVEL_ATOM);
        break;
    case EXPRESSION_IS_NULL:
    case EXPRESSION_IS_NOT_NULL:
        write_expression(writer, expression->children[0], LEVEL_PREDICATE);
        put_text(writer, expression->kind == EXPRESSION_IS_NULL ? " IS NULL" : " IS NOT NULL");
        break;
    case EXPRESSION_IN:
        put_in(writer, expression);
        break;
    default:
        put_infix(writer, expression, &shapes[expression->kind]);
    }
}

static enum level level_of(const struct expression *expression)
{
    bool is_negative = expression->kind == EXPRESSION_LITERAL &&
                       ((expression->type == TYPE_INTEGER && expression->literal.integer < 0) ||
                        (expression->type == TYPE_FLOAT && expression->literal.real < 0));
    if (is_negative) {
        return LEVEL_SIGN;
    }
    return expression->kind < EXPRESSION_NOT ? LEVEL_ATOM : shapes[expression->kind].level;
}

static void write_atom(struct writer *writer, const struct expression *expression)
{
    const struct bound_query *query = writer->query;
    uint32_t variable = expression->variable;
    switch ((int)expression->kind) {
    case EXPRESSION_LITERAL:
        put_literal(writer, expression);
        break;
    case EXPRESSION_VERTEX:
        put_vertex(writer, variable);
        break;
    case EXPRESSION_EDGE:
        put_edge(writer, variable);
        break;
    case EXPRESSION_KEY:
        put_vertex(writer, variable);
        put_text(writer, ".");
        put_name(writer, query->vertices[variable].frame->key);
        break;
    case EXPRESSION_PROPERTY:
    case EXPRESSION_END:
        put_property(writer, expression);
        break;
    case EXPRESSION_GROUP_KEY:
        write_expression(writer, query->keys[variable], LEVEL_ATOM);
        break;
    case EXPRESSION_AGGREGATE:
        put_aggregate(writer, &query->aggregates[variable]);
        break;
    default:
        put_name(writer, query->outputs[variable].name);
    }
}

/* In parentheses when it holds together less tightly than `least`. */
static void write_expression(struct writer *writer, const struct expression *expression,
                             enum level least)
{
    while (expression->kind == EXPRESSION_TO_FLOAT || expression->kind == EXPRESSION_TO_TEXT) {
        expression = expression->children[0];
    }
    bool is_enclosed = level_of(expression) < least;
    if (is_enclosed) {
        put_text(writer, "(");
    }
    if (expression->kind < EXPRESSION_NOT) {
        write_atom(writer, expression);
    } else {
        put_operator(writer, expression);
    }
    if (is_enclosed) {
        put_text(writer, ")");
    }
}

uint32_t expression_format(const struct bound_query *query, const struct expression *expression,
                           char *text, uint32_t text_bytes)
{
    struct writer writer = {query, text, text_bytes, 0};
    write_expression(&writer, expression, LEVEL_OR);
    if (text_bytes > 0) {
        text[writer.length < text_bytes ? writer.length : text_bytes - 1] = '\0';
    }
    return writer.length;
}
