/* See pattern_build.h. */
#include "tests/support/pattern_build.h"

#include <string.h>

#include "base/check.h"
#include "pipeline/entity_functions.h"
#include "pipeline/flow_entities.h"
#include "value/temporal.h"

static void *take(struct pattern_bench *bench, size_t count, size_t size)
{
    void *block = chain_allocate(&bench->chain, count + 1, size);
    CHECK(block != NULL);
    return block;
}

void pattern_bench_open(struct pattern_bench *bench, const struct tiny_row *rows,
                        uint32_t row_count, uint32_t partition_count)
{
    memset(bench, 0, sizeof *bench);
    tiny_open(&bench->tiny, rows, row_count, partition_count, 1);
    bench->entities = flow_entities(bench->tiny.graph, NULL);
    bench->source = (struct source){bytes_of("RETURN 1"), "query", &bench->error};
    bench->run = (struct run){.row = bench->row,
                              .entities = &bench->entities,
                              .source = &bench->source,
                              .stop = &bench->tiny.stop};
    bench->run.pool.budget = &bench->tiny.budget;
    bench->run.call = (struct call){
        .pool = &bench->run.pool, .error = &bench->error, .entities = &bench->entities};
}

void pattern_bench_close(struct pattern_bench *bench)
{
    pool_close(&bench->run.pool);
    chain_close(&bench->chain);
    tiny_close(&bench->tiny);
}

/* A graph that is none of flows differs in its labels. */
static bool has_label(const struct entities *entities, struct value entity, uint32_t handle)
{
    const struct graph *graph = entities->graph;
    if (entity.kind == VALUE_EDGE) {
        const struct partition *partition = &graph->edges.partitions[edge_partition(entity.edge)];
        return case_row_has_type((int)column_integer(&partition->row, edge_position(entity.edge)),
                                 (int)handle);
    }
    for (int host = 0; host < CASE_HOSTS; host++) {
        if (graph_find_vertex(&graph->vertices, bytes_of(case_hosts[host])) == entity.vertex) {
            return case_host_has_label(host, (int)handle);
        }
    }
    return false;
}

void pattern_bench_label(struct pattern_bench *bench)
{
    bench->methods = *bench->entities.methods;
    bench->methods.has_label = has_label;
    bench->entities.methods = &bench->methods;
    bench->entities.has_columns = false;
}

static struct term *new_term(struct pattern_bench *bench, enum ast_kind kind, uint32_t child_count)
{
    struct term *term = take(bench, 1, sizeof *term);
    term->kind = kind;
    term->known = KIND_ANY;
    term->child_count = child_count;
    term->children = take(bench, child_count, sizeof(struct term *));
    term->vertex_handle = HANDLE_NONE;
    term->edge_handle = HANDLE_NONE;
    return term;
}

struct term *term_literal(struct pattern_bench *bench, struct value literal)
{
    struct term *term = new_term(bench, AST_NULL, 0);
    term->literal = literal;
    return term;
}

struct term *term_slot(struct pattern_bench *bench, uint32_t slot)
{
    struct term *term = new_term(bench, AST_VARIABLE, 0);
    term->slot = slot;
    return term;
}

struct term *term_property(struct pattern_bench *bench, uint32_t slot, const char *name,
                           uint32_t vertex_handle, uint32_t edge_handle)
{
    struct term *term = new_term(bench, AST_PROPERTY, 1);
    term->name = bytes_of(name);
    term->vertex_handle = vertex_handle;
    term->edge_handle = edge_handle;
    term->children[0] = term_slot(bench, slot);
    return term;
}

struct term *term_binary(struct pattern_bench *bench, enum ast_kind kind, struct term *left,
                         struct term *right)
{
    struct term *term = new_term(bench, kind, 2);
    term->children[0] = left;
    term->children[1] = right;
    return term;
}

struct term *term_call(struct pattern_bench *bench, const struct function_table *table,
                       const char *name, struct term *argument)
{
    struct term *term = new_term(bench, AST_CALL, 1);
    term->function = function_find(table, bytes_of(name));
    CHECK(term->function != NULL);
    term->children[0] = argument;
    return term;
}

struct term *term_key(struct pattern_bench *bench, uint32_t slot)
{
    return term_property(bench, slot, "IPAddr", 0, HANDLE_NONE);
}

struct term *term_start_time(struct pattern_bench *bench, uint32_t slot)
{
    return term_property(bench, slot, "StartTime", HANDLE_NONE, TINY_TIME);
}

struct value value_time_of(struct pattern_bench *bench, int64_t ns)
{
    struct value value;
    CHECK(temporal_from_ns(ns, &bench->run.pool, &value, &bench->error) == STATUS_OK);
    return value;
}

struct value value_span_of(struct pattern_bench *bench, int64_t ns)
{
    struct value value;
    CHECK(temporal_duration_from_ns(ns, &bench->run.pool, &value, &bench->error) == STATUS_OK);
    return value;
}

struct value value_text_from(const char *text)
{
    return value_text_of(bytes_of(text));
}

static void set_property(struct pattern_bench *bench, struct pattern_properties *properties,
                         const char *name, uint32_t handle, struct value value, bool is_map)
{
    if (is_map) {
        struct value_entry *entry = take(bench, 1, sizeof *entry);
        *entry = (struct value_entry){bytes_of(name), value};
        properties->map = term_literal(bench, pool_map_of(entry, 1));
        return;
    }
    uint32_t *handles = take(bench, 1, sizeof *handles);
    handles[0] = handle;
    properties->count = 1;
    properties->handles = handles;
    properties->values = take(bench, 1, sizeof(struct term *));
    properties->values[0] = term_literal(bench, value);
}

static void build_vertices(struct pattern_bench *bench, const struct pattern_case *drawn,
                           struct pattern *pattern)
{
    for (uint32_t i = 0; i < drawn->vertex_count; i++) {
        const struct case_vertex *vertex = &drawn->vertices[i];
        uint32_t slot = CASE_VERTEX_SLOT + i;
        pattern->vertices[i] = (struct pattern_vertex){.slot = slot, .is_bound = vertex->is_bound};
        if (vertex->is_bound && vertex->host != CASE_NO_WISH) {
            bench->row[slot] = value_vertex(tiny_vertex(&bench->tiny, case_hosts[vertex->host]));
        }
        if (vertex->label != CASE_NO_WISH) {
            uint32_t *label = take(bench, 1, sizeof *label);
            *label = (uint32_t)vertex->label;
            pattern->vertices[i].label_count = 1;
            pattern->vertices[i].labels = label;
        }
        if (vertex->wished_host != CASE_NO_WISH) {
            set_property(bench, &pattern->vertices[i].properties, "IPAddr", 0,
                         value_text_from(case_hosts[vertex->wished_host]), i % 2 == 1);
        }
    }
}

static struct value bound_edge(struct pattern_bench *bench, const struct case_edge *edge)
{
    if (edge->bound_rows[0] == CASE_NO_WISH) {
        return value_null();
    }
    struct value *items = take(bench, edge->bound_count, sizeof *items);
    for (uint32_t i = 0; i < edge->bound_count; i++) {
        items[i] = value_edge(tiny_edge(&bench->tiny, (uint32_t)edge->bound_rows[i]));
    }
    return edge->is_variable ? value_list_of(items, edge->bound_count) : items[0];
}

static struct term *packets_at_most(struct pattern_bench *bench, const struct case_edge *edge,
                                    uint32_t slot)
{
    return term_binary(bench, AST_LESS_EQUAL,
                       term_property(bench, slot, "TotPkts", HANDLE_NONE, TINY_PACKETS),
                       term_literal(bench, value_integer(edge->packets_most)));
}

static void build_edge(struct pattern_bench *bench, const struct case_edge *edge, uint32_t index,
                       struct pattern_edge *built)
{
    *built = (struct pattern_edge){.slot = CASE_EDGE_SLOT + index,
                                   .is_bound = edge->is_bound,
                                   .left = edge->left,
                                   .right = edge->right,
                                   .direction = edge->direction,
                                   .is_variable = edge->is_variable,
                                   .least = edge->least,
                                   .most = edge->most,
                                   .window_ns = INT64_MAX,
                                   .hop_slot = CASE_HOP_SLOT + index};
    uint32_t *types = take(bench, 2, sizeof *types);
    for (uint32_t i = 0; i < edge->type_count; i++) {
        types[i] = edge->types[i] == CASE_NO_WISH ? HANDLE_NONE : (uint32_t)edge->types[i];
    }
    built->type_count = edge->type_count;
    built->types = types;
    if (edge->is_bound) {
        bench->row[built->slot] = bound_edge(bench, edge);
    }
    if (edge->wished_packets != CASE_NO_WISH) {
        set_property(bench, &built->properties, "TotPkts", TINY_PACKETS,
                     value_integer(edge->wished_packets), edge->is_map);
    }
    if (edge->is_hinted) {
        built->is_ascending = edge->is_ascending;
        built->is_strict = edge->is_strict;
        built->window_ns = edge->window_ns;
    }
    if (edge->packets_most != CASE_NO_WISH && edge->is_hinted) {
        built->hop_condition = packets_at_most(bench, edge, built->hop_slot);
    }
}

static struct term *keys_in(struct pattern_bench *bench, const struct case_condition *condition)
{
    struct value *items = take(bench, 3, sizeof *items);
    items[0] = value_text_from(case_hosts[condition->value]);
    items[1] = value_text_from(case_hosts[condition->other]);
    items[2] = items[0];
    return term_literal(bench, value_list_of(items, 3));
}

static struct term *comparison(struct pattern_bench *bench, const struct case_condition *condition,
                               enum ast_kind operator, struct term * left, struct term *right)
{
    return condition->is_turned ? term_binary(bench, ast_turned(operator), right, left)
                                : term_binary(bench, operator, left, right);
}

static struct term *build_condition(struct pattern_bench *bench,
                                    const struct case_condition *condition)
{
    uint32_t left = condition->left;
    uint32_t right = condition->right;
    enum ast_kind operator= condition->operator;
    struct term *integer = term_literal(bench, value_integer(condition->value));
    switch (condition->kind) {
    case CASE_KEY:
        return comparison(bench, condition, AST_EQUAL, term_key(bench, CASE_VERTEX_SLOT + left),
                          term_literal(bench, value_text_from(case_hosts[condition->value])));
    case CASE_KEY_IN:
        return term_binary(bench, AST_IN, term_key(bench, CASE_VERTEX_SLOT + left),
                           keys_in(bench, condition));
    case CASE_SAME:
        return comparison(bench, condition, AST_EQUAL, term_key(bench, CASE_VERTEX_SLOT + left),
                          term_key(bench, CASE_VERTEX_SLOT + right));
    case CASE_DIFFERENT:
        return term_binary(bench, AST_NOT_EQUAL, term_slot(bench, CASE_VERTEX_SLOT + left),
                           term_slot(bench, CASE_VERTEX_SLOT + right));
    case CASE_SOURCE_KEY:
        return comparison(
            bench, condition, AST_EQUAL, term_key(bench, CASE_VERTEX_SLOT + left),
            term_property(bench, CASE_EDGE_SLOT + right, "SrcAddr", HANDLE_NONE, TINY_SOURCE));
    case CASE_PACKETS:
        return comparison(
            bench, condition, operator,
            term_property(bench, CASE_EDGE_SLOT + left, "TotPkts", HANDLE_NONE, TINY_PACKETS),
            integer);
    case CASE_TIMES:
        return comparison(bench, condition, operator, term_start_time(bench, CASE_EDGE_SLOT + left),
                          term_binary(bench, AST_ADD,
                                      term_start_time(bench, CASE_EDGE_SLOT + right),
                                      term_literal(bench, value_span_of(bench, condition->value))));
    case CASE_DIFFERENCE:
        return comparison(bench, condition, operator,
                          term_binary(bench, AST_SUBTRACT,
                                      term_start_time(bench, CASE_EDGE_SLOT + left),
                                      term_start_time(bench, CASE_EDGE_SLOT + right)),
                          term_literal(bench, value_span_of(bench, condition->value)));
    case CASE_TIME: {
        /* Half of them as a term whose value is known only when it runs. */
        struct term *time = term_literal(bench, value_time_of(bench, condition->value));
        return comparison(bench, condition, operator, term_start_time(bench, CASE_EDGE_SLOT + left),
                          condition->other % 2 == 0
                              ? time
                              : term_call(bench, &value_functions, "coalesce", time));
    }
    case CASE_LENGTH:
        return comparison(
            bench, condition, operator,
            term_call(bench, &entity_functions, "length", term_slot(bench, CASE_PATH_SLOT + left)),
            integer);
    case CASE_SIZE:
        return comparison(
            bench, condition, operator,
            term_call(bench, &value_functions, "size", term_slot(bench, CASE_EDGE_SLOT + left)),
            integer);
    case CASE_CONDITION_KINDS:
        break;
    }
    return NULL;
}

static void read_slots(const struct term *term, struct pattern_condition *condition)
{
    if (term->kind == AST_VARIABLE) {
        uint32_t slot = term->slot;
        if (slot < CASE_EDGE_SLOT) {
            condition->vertices |= UINT64_C(1) << slot;
        } else if (slot < CASE_PATH_SLOT) {
            condition->edges |= UINT64_C(1) << (slot - CASE_EDGE_SLOT);
        } else if (slot < CASE_HOP_SLOT) {
            condition->paths |= UINT64_C(1) << (slot - CASE_PATH_SLOT);
        }
    }
    for (uint32_t i = 0; i < term->child_count; i++) {
        read_slots(term->children[i], condition);
    }
}

void pattern_set_reads(struct pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->condition_count; i++) {
        read_slots(pattern->conditions[i].term, &pattern->conditions[i]);
    }
}

static struct term *quantifier(struct pattern_bench *bench, enum ast_kind kind, uint32_t slot,
                               struct term *list, struct term *condition)
{
    struct term *term = term_binary(bench, kind, list, condition);
    term->slot = slot;
    return term;
}

static struct term *start_time_at(struct pattern_bench *bench, uint32_t list, struct term *index)
{
    struct term *term = term_start_time(bench, 0);
    term->children[0] = term_binary(bench, AST_INDEX, term_slot(bench, list), index);
    return term;
}

/* all(i IN range(0, size(list) - 2) WHERE list[i].StartTime <= list[i + 1].StartTime) */
static struct term *neighbours_ascend(struct pattern_bench *bench, const struct case_edge *edge,
                                      uint32_t list, uint32_t slot)
{
    struct term *range =
        term_call(bench, &value_functions, "range", term_literal(bench, value_integer(0)));
    struct term *size = term_call(bench, &value_functions, "size", term_slot(bench, list));
    struct term *one = term_literal(bench, value_integer(1));
    range->child_count = 2;
    range->children[1] =
        term_binary(bench, AST_SUBTRACT, size, term_literal(bench, value_integer(2)));
    return quantifier(
        bench, AST_ALL, slot, range,
        term_binary(
            bench, edge->is_strict ? AST_LESS : AST_LESS_EQUAL,
            start_time_at(bench, list, term_slot(bench, slot)),
            start_time_at(bench, list, term_binary(bench, AST_ADD, term_slot(bench, slot), one))));
}

/* What hints say, in the words of a query. */
static void add_hop_conditions(struct pattern_bench *bench, const struct case_edge *edge,
                               uint32_t index, struct pattern *pattern)
{
    uint32_t list = CASE_EDGE_SLOT + index;
    uint32_t slot = CASE_HOP_SLOT + index;
    struct term *most = packets_at_most(bench, edge, slot);
    bool is_function = edge->bound_count % 2 == 0;
    if (edge->is_hinted || !edge->is_variable) {
        return;
    }
    if (edge->packets_most != CASE_NO_WISH) {
        pattern->conditions[pattern->condition_count++].term =
            quantifier(bench, AST_ALL, slot, term_slot(bench, list), most);
    }
    if (edge->is_ascending && is_function) {
        pattern->conditions[pattern->condition_count++].term =
            term_call(bench, &entity_functions, edge->is_strict ? "strictlyAscending" : "ascending",
                      term_slot(bench, list));
    } else if (edge->is_ascending) {
        pattern->conditions[pattern->condition_count++].term =
            neighbours_ascend(bench, edge, list, slot);
    }
    if (edge->window_ns != INT64_MAX && edge->least > 0) {
        pattern->conditions[pattern->condition_count++].term = term_binary(
            bench, AST_LESS_EQUAL,
            start_time_at(bench, list, term_literal(bench, value_integer(-1))),
            term_binary(bench, AST_ADD,
                        start_time_at(bench, list, term_literal(bench, value_integer(0))),
                        term_literal(bench, value_span_of(bench, edge->window_ns))));
    }
}

struct pattern *pattern_build(struct pattern_bench *bench, const struct pattern_case *drawn)
{
    struct pattern *pattern = take(bench, 1, sizeof *pattern);
    if (drawn->has_labels) {
        pattern_bench_label(bench);
    }
    *pattern =
        (struct pattern){.vertex_count = drawn->vertex_count,
                         .vertices = take(bench, drawn->vertex_count, sizeof *pattern->vertices),
                         .edge_count = drawn->edge_count,
                         .edges = take(bench, drawn->edge_count, sizeof *pattern->edges),
                         .path_count = drawn->path_count,
                         .paths = take(bench, drawn->path_count, sizeof *pattern->paths),
                         .condition_count = drawn->condition_count,
                         .conditions = take(bench, drawn->condition_count + 3 * CASE_EDGES_MAX,
                                            sizeof *pattern->conditions)};
    build_vertices(bench, drawn, pattern);
    for (uint32_t i = 0; i < drawn->edge_count; i++) {
        build_edge(bench, &drawn->edges[i], i, &pattern->edges[i]);
    }
    for (uint32_t i = 0; i < drawn->path_count; i++) {
        const struct case_path *path = &drawn->paths[i];
        pattern->paths[i] =
            (struct pattern_path){.slot = path->is_named ? CASE_PATH_SLOT + i : SLOT_NONE,
                                  .vertex = path->vertex,
                                  .first_edge = path->first_edge,
                                  .edge_count = path->edge_count,
                                  .shortest = path->shortest};
    }
    for (uint32_t i = 0; i < drawn->condition_count; i++) {
        pattern->conditions[i].term = build_condition(bench, &drawn->conditions[i]);
    }
    for (uint32_t i = 0; i < drawn->edge_count; i++) {
        add_hop_conditions(bench, &drawn->edges[i], i, pattern);
    }
    pattern_set_reads(pattern);
    return pattern;
}
