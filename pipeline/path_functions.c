/* Start times are those of the graph; every flow has one. */
#include "pipeline/path_functions.h"

#include <stdlib.h>

#include "pipeline/entities.h"
#include "value/argument.h"
#include "value/temporal.h"

enum status call_length(struct call *call, const struct value *arguments, uint32_t count,
                        struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_PATH) {
        *result = value_integer(arguments[0].path->length);
    } else if (arguments[0].kind != VALUE_NULL) {
        return argument_error(call, "length", "a path (of texts and lists it is size)",
                              arguments[0]);
    }
    return STATUS_OK;
}

enum status call_nodes(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_PATH) {
        return argument_error(call, "nodes", "a path", arguments[0]);
    }
    const struct value_path *path = arguments[0].path;
    struct value *items =
        pool_allocate(call->pool, (size_t)path->length + 1, sizeof *items, call->error);
    if (items == NULL) {
        return call->error->status;
    }
    for (uint32_t i = 0; i <= path->length; i++) {
        items[i] = value_vertex(path->vertices[i]);
    }
    *result = value_list_of(items, path->length + 1);
    return STATUS_OK;
}

enum status call_relationships(struct call *call, const struct value *arguments, uint32_t count,
                               struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_PATH) {
        return argument_error(call, "relationships", "a path", arguments[0]);
    }
    const struct value_path *path = arguments[0].path;
    struct value *items =
        pool_allocate(call->pool, (size_t)path->length + 1, sizeof *items, call->error);
    if (items == NULL) {
        return call->error->status;
    }
    for (uint32_t i = 0; i < path->length; i++) {
        items[i] = value_edge(path->edges[i]);
    }
    *result = value_list_of(items, path->length);
    return STATUS_OK;
}

/* The flows that an argument is about, one at a time. */
struct flow_list {
    const struct edge_frame *frame;
    struct value argument;
    uint32_t count;
};

static bool list_is_of(struct value value, enum value_kind kind)
{
    for (uint32_t i = 0; i < value.count; i++) {
        if (value.items[i].kind != kind) {
            return false;
        }
    }
    return value.kind == VALUE_LIST;
}

static bool list_has_null(struct value value)
{
    for (uint32_t i = 0; value.kind == VALUE_LIST && i < value.count; i++) {
        if (value.items[i].kind == VALUE_NULL) {
            return true;
        }
    }
    return false;
}

static enum status open_flows(const struct call *call, const char *function, struct value argument,
                              struct flow_list *flows)
{
    const struct entities *entities = call->entities;
    *flows = (struct flow_list){.frame = &entities->graph->edges, .argument = argument};
    if (argument.kind == VALUE_PATH) {
        flows->count = argument.path->length;
        return STATUS_OK;
    }
    flows->count = argument.count;
    return argument.kind == VALUE_LIST && list_is_of(argument, VALUE_EDGE)
               ? STATUS_OK
               : argument_error(call, function, "a path or a list of relationships", argument);
}

static time_ns flow_time(const struct flow_list *flows, uint32_t index)
{
    edge_id edge = flows->argument.kind == VALUE_PATH ? flows->argument.path->edges[index]
                                                      : flows->argument.items[index].edge;
    return flows->frame->partitions[edge_partition(edge)].flow_time[edge_position(edge)];
}

static enum status ascend(const struct call *call, const char *function, bool is_strict,
                          struct value argument, struct value *result)
{
    struct flow_list flows;
    *result = value_null();
    if (argument.kind == VALUE_NULL || list_has_null(argument)) {
        return STATUS_OK;
    }
    TRY(open_flows(call, function, argument, &flows));
    bool ascends = true;
    for (uint32_t i = 1; i < flows.count && ascends; i++) {
        time_ns before = flow_time(&flows, i - 1);
        time_ns time = flow_time(&flows, i);
        ascends = is_strict ? before < time : before <= time;
    }
    *result = value_bool(ascends);
    return STATUS_OK;
}

enum status call_ascending(struct call *call, const struct value *arguments, uint32_t count,
                           struct value *result)
{
    (void)count;
    return ascend(call, "ascending", false, arguments[0], result);
}

enum status call_strictly_ascending(struct call *call, const struct value *arguments,
                                    uint32_t count, struct value *result)
{
    (void)count;
    return ascend(call, "strictlyAscending", true, arguments[0], result);
}

enum status call_span(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    struct flow_list flows;
    int64_t span;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL || list_has_null(arguments[0])) {
        return STATUS_OK;
    }
    TRY(open_flows(call, "span", arguments[0], &flows));
    if (flows.count == 0) {
        return STATUS_OK;
    }
    if (__builtin_sub_overflow(flow_time(&flows, flows.count - 1), flow_time(&flows, 0), &span)) {
        return error_set(call->error, STATUS_USAGE, "span: more than 292 years");
    }
    return temporal_duration_from_ns(span, call->pool, result, call->error);
}

static int compare_vertices(const void *left, const void *right)
{
    const uint32_t *pair[] = {left, right};
    return *pair[0] < *pair[1] ? -1 : *pair[0] > *pair[1];
}

/* Sorts the vertices. */
static struct value all_differ(uint32_t *vertices, uint32_t count)
{
    qsort(vertices, count, sizeof *vertices, compare_vertices);
    for (uint32_t i = 1; i < count; i++) {
        if (vertices[i] == vertices[i - 1]) {
            return value_bool(false);
        }
    }
    return value_bool(true);
}

static enum status path_is_unique(struct call *call, const struct value_path *path,
                                  struct value *result)
{
    uint32_t count = path->length + 1;
    uint32_t *vertices = pool_allocate(call->pool, count, sizeof *vertices, call->error);
    if (vertices == NULL) {
        return call->error->status;
    }
    memcpy(vertices, path->vertices, count * sizeof *vertices);
    bool is_cycle = path->length > 0 && vertices[0] == vertices[path->length];
    *result = all_differ(vertices + is_cycle, count - is_cycle);
    return STATUS_OK;
}

enum status call_unique_vertices(struct call *call, const struct value *arguments, uint32_t count,
                                 struct value *result)
{
    struct value list = value_list_of(arguments, count);
    *result = value_null();
    if (count == 1 && arguments[0].kind == VALUE_PATH) {
        return path_is_unique(call, arguments[0].path, result);
    }
    if (count == 1 && arguments[0].kind == VALUE_LIST) {
        list = arguments[0];
    }
    if (list_has_null(list)) {
        return STATUS_OK;
    }
    uint32_t *vertices =
        pool_allocate(call->pool, (size_t)list.count + 1, sizeof *vertices, call->error);
    if (vertices == NULL) {
        return call->error->status;
    }
    for (uint32_t i = 0; i < list.count; i++) {
        if (list.items[i].kind != VALUE_VERTEX) {
            return argument_error(call, "unique_vertices", "vertices, a list of them or a path",
                                  list.items[i]);
        }
        vertices[i] = list.items[i].vertex;
    }
    *result = all_differ(vertices, list.count);
    return STATUS_OK;
}
