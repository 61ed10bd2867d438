/* Bound queries by hand; see tiny_query.h. */
#include "tests/support/tiny_query.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

enum { TINY_ITEMS_MAX = 64 };

static void *take(struct arena *arena, uint64_t count, size_t size)
{
    void *block = arena_allocate_zeroed(arena, count, size);
    CHECK(block != NULL);
    return block;
}

static const struct text *make_text(struct arena *arena, const char *bytes)
{
    struct text *text = take(arena, text_bytes((uint32_t)strlen(bytes)), 1);
    text_fill(text, bytes_of(bytes));
    return text;
}

void tiny_pattern(struct tiny *tiny, const uint32_t *ends, uint32_t edge_count,
                  uint32_t vertex_count)
{
    struct bound_query *query = &tiny->query;
    static const char *const vertex_names[] = {"a", "b", "c", "d"};
    static const char *const edge_names[] = {"e1", "e2", "e3", "e4"};
    query->edge_count = edge_count;
    query->vertex_count = vertex_count;
    if (query->outputs == NULL) {
        tiny_clear(tiny);
    }
    for (uint32_t i = 0; i < vertex_count; i++) {
        query->vertices[i] = (struct bound_vertex){vertex_names[i], &tiny->graph->vertices};
    }
    for (uint32_t i = 0; i < edge_count; i++) {
        query->edges[i] = (struct bound_edge){.name = edge_names[i],
                                              .frame = &tiny->graph->edges,
                                              .source = ends[2 * i],
                                              .target = ends[2 * i + 1]};
    }
}

struct expression *tiny_leaf(struct tiny *tiny, enum expression_kind kind, enum type type,
                             uint32_t variable)
{
    struct expression *expression = take(tiny->arena, 1, sizeof *expression);
    expression->kind = kind;
    expression->type = type;
    expression->variable = variable;
    if (kind == EXPRESSION_EDGE || kind == EXPRESSION_PROPERTY || kind == EXPRESSION_END) {
        expression->edge_mask = UINT32_C(1) << variable;
    } else if (kind == EXPRESSION_VERTEX || kind == EXPRESSION_KEY) {
        expression->vertex_mask = UINT32_C(1) << variable;
    }
    return expression;
}

struct expression *tiny_null(struct tiny *tiny)
{
    return tiny_leaf(tiny, EXPRESSION_LITERAL, TYPE_NULL, 0);
}

struct expression *tiny_typed(struct tiny *tiny, enum type type, int64_t value)
{
    struct expression *expression = tiny_leaf(tiny, EXPRESSION_LITERAL, type, 0);
    expression->literal.integer = value;
    return expression;
}

struct expression *tiny_bool(struct tiny *tiny, bool value)
{
    return tiny_typed(tiny, TYPE_BOOL, value);
}

struct expression *tiny_integer(struct tiny *tiny, int64_t value)
{
    return tiny_typed(tiny, TYPE_INTEGER, value);
}

struct expression *tiny_real(struct tiny *tiny, double value)
{
    struct expression *expression = tiny_leaf(tiny, EXPRESSION_LITERAL, TYPE_FLOAT, 0);
    expression->literal.real = value;
    return expression;
}

struct expression *tiny_text(struct tiny *tiny, const char *value)
{
    struct expression *expression = tiny_leaf(tiny, EXPRESSION_LITERAL, TYPE_TEXT, 0);
    expression->literal.text = make_text(tiny->arena, value);
    return expression;
}

struct expression *tiny_address(struct tiny *tiny, const char *value)
{
    struct expression *expression = tiny_leaf(tiny, EXPRESSION_LITERAL, TYPE_ADDRESS, 0);
    struct address *address = take(tiny->arena, 1, sizeof *address);
    *address = tiny_address_of(&tiny->graph->vertices, value);
    expression->literal.address = address;
    return expression;
}

struct expression *tiny_property(struct tiny *tiny, uint32_t edge, uint32_t property)
{
    struct expression *expression = tiny_leaf(
        tiny, EXPRESSION_PROPERTY, tiny->graph->edges.schema.properties[property].type, edge);
    expression->property = property;
    return expression;
}

static struct expression *make_operator(struct tiny *tiny, enum expression_kind kind,
                                        enum type type, uint32_t count)
{
    struct expression *expression = tiny_leaf(tiny, kind, type, 0);
    expression->child_count = count;
    expression->children = take(tiny->arena, count, sizeof *expression->children);
    return expression;
}

static void set_child(struct expression *expression, uint32_t at, struct expression *child)
{
    expression->children[at] = child;
    expression->edge_mask |= child->edge_mask;
    expression->vertex_mask |= child->vertex_mask;
}

struct expression *tiny_unary(struct tiny *tiny, enum expression_kind kind, enum type type,
                              struct expression *child)
{
    struct expression *expression = make_operator(tiny, kind, type, 1);
    set_child(expression, 0, child);
    return expression;
}

struct expression *tiny_binary(struct tiny *tiny, enum expression_kind kind, enum type type,
                               struct expression *left, struct expression *right)
{
    struct expression *expression = make_operator(tiny, kind, type, 2);
    set_child(expression, 0, left);
    set_child(expression, 1, right);
    return expression;
}

struct expression *tiny_in(struct tiny *tiny, struct expression *value, uint32_t count,
                           struct expression *const *literals)
{
    struct expression *expression = make_operator(tiny, EXPRESSION_IN, TYPE_BOOL, count + 1);
    set_child(expression, 0, value);
    for (uint32_t i = 0; i < count; i++) {
        set_child(expression, i + 1, literals[i]);
    }
    return expression;
}

void tiny_where(struct tiny *tiny, struct expression *conjunct)
{
    int edges = __builtin_popcount(conjunct->edge_mask);
    int vertices = __builtin_popcount(conjunct->vertex_mask);
    enum predicate_kind kind = edges == 0 && vertices == 0   ? PREDICATE_CONSTANT
                               : edges == 0 && vertices == 1 ? PREDICATE_VERTEX
                               : edges == 1                  ? PREDICATE_EDGE
                                                             : PREDICATE_RESIDUAL;
    CHECK(tiny->query.predicate_count < TINY_ITEMS_MAX);
    tiny->query.predicates[tiny->query.predicate_count++] = (struct predicate){kind, conjunct};
}

void tiny_return(struct tiny *tiny, const char *name, const struct expression *expression)
{
    CHECK(tiny->query.output_count < TINY_ITEMS_MAX);
    tiny->query.outputs[tiny->query.output_count++] = (struct output){name, expression};
}

void tiny_key(struct tiny *tiny, const char *name, const struct expression *expression)
{
    uint32_t key = tiny->query.key_count++;
    CHECK(key < TINY_ITEMS_MAX);
    tiny->query.is_grouped = true;
    tiny->query.keys[key] = expression;
    tiny_return(tiny, name, tiny_leaf(tiny, EXPRESSION_GROUP_KEY, expression->type, key));
}

void tiny_aggregate(struct tiny *tiny, const char *name, enum aggregate_function function,
                    bool is_distinct, const struct expression *argument)
{
    uint32_t at = tiny->query.aggregate_count++;
    CHECK(at < TINY_ITEMS_MAX);
    bool is_count = function == AGGREGATE_COUNT_ALL || function == AGGREGATE_COUNT;
    enum type type = is_count                                                      ? TYPE_INTEGER
                     : function == AGGREGATE_AVG && argument->type == TYPE_INTEGER ? TYPE_FLOAT
                                                                                   : argument->type;
    tiny->query.is_grouped = true;
    tiny->query.aggregates[at] = (struct aggregate){function, is_distinct, type, argument};
    tiny_return(tiny, name, tiny_leaf(tiny, EXPRESSION_AGGREGATE, type, at));
}

void tiny_order(struct tiny *tiny, const struct expression *expression, bool is_descending)
{
    CHECK(tiny->query.order_count < TINY_ITEMS_MAX);
    tiny->query.orders[tiny->query.order_count++] = (struct order){expression, is_descending};
}

void tiny_clear(struct tiny *tiny)
{
    struct bound_query *query = &tiny->query;
    query->predicate_count = 0;
    query->output_count = 0;
    query->key_count = 0;
    query->aggregate_count = 0;
    query->order_count = 0;
    query->is_grouped = false;
    query->is_distinct = false;
    query->skip = 0;
    query->limit = UINT64_MAX;
    query->predicates = take(tiny->arena, TINY_ITEMS_MAX, sizeof *query->predicates);
    query->outputs = take(tiny->arena, TINY_ITEMS_MAX, sizeof *query->outputs);
    query->keys = take(tiny->arena, TINY_ITEMS_MAX, sizeof *query->keys);
    query->aggregates = take(tiny->arena, TINY_ITEMS_MAX, sizeof *query->aggregates);
    query->orders = take(tiny->arena, TINY_ITEMS_MAX, sizeof *query->orders);
    stop_init(&tiny->stop, 0);
}

static void append_address(const struct tiny *tiny, struct address address, char *text, size_t size)
{
    char buffer[512];
    CHECK(graph_address_text_bytes(&tiny->graph->vertices) <= sizeof buffer);
    graph_format_address(&tiny->graph->vertices, address, buffer);
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s", buffer);
}

void tiny_append_lane(const struct tiny *tiny, const struct lanes *lanes, uint32_t lane, char *text,
                      size_t size)
{
    size_t used = strlen(text);
    union lane value = lanes->values[lane];
    if (lanes->is_null != NULL && lanes->is_null[lane] != 0) {
        snprintf(text + used, size - used, "null");
    } else if (lanes->type == TYPE_FLOAT) {
        snprintf(text + used, size - used, "%g", value.real);
    } else if (lanes->type == TYPE_TEXT) {
        snprintf(text + used, size - used, "%s", value.text->bytes);
    } else if (lanes->type == TYPE_ADDRESS) {
        append_address(tiny, *value.address, text, size);
    } else if (lanes->type == TYPE_VERTEX) {
        append_address(tiny, tiny->graph->vertices.addresses[value.vertex], text, size);
    } else if (lanes->type == TYPE_EDGE) {
        const struct partition *partition =
            &tiny->graph->edges.partitions[edge_partition(value.edge)];
        snprintf(text + used, size - used, "#%lld",
                 (long long)column_integer(&partition->row, edge_position(value.edge)));
    } else {
        snprintf(text + used, size - used, "%lld", (long long)value.integer);
    }
}

struct expression *tiny_packets(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_PACKETS);
}

struct expression *tiny_protocol(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_PROTOCOL);
}

struct expression *tiny_duration(struct tiny *tiny)
{
    return tiny_property(tiny, 0, TINY_DURATION);
}

struct expression *tiny_key_of(struct tiny *tiny, uint32_t vertex)
{
    return tiny_leaf(tiny, EXPRESSION_KEY, TYPE_ADDRESS, vertex);
}

struct expression *tiny_key_text(struct tiny *tiny, uint32_t vertex)
{
    return tiny_unary(tiny, EXPRESSION_TO_TEXT, TYPE_TEXT, tiny_key_of(tiny, vertex));
}

struct expression *tiny_output(struct tiny *tiny, uint32_t at)
{
    return tiny_leaf(tiny, EXPRESSION_OUTPUT, tiny->query.outputs[at].expression->type, at);
}
