/* Functions over vertices and flows, and the table of all that look at the graph. */
#include "pipeline/entity_functions.h"

#include <inttypes.h>
#include <stdio.h>

#include "pipeline/entities.h"
#include "pipeline/path_functions.h"
#include "value/argument.h"

static const struct entities *entities_of(const struct call *call)
{
    return call->entities;
}

static const struct edge_frame *frame_of(const struct call *call)
{
    return &entities_of(call)->graph->edges;
}

static bool is_entity(struct value value)
{
    return value.kind == VALUE_VERTEX || value.kind == VALUE_EDGE;
}

static enum status call_labels(struct call *call, const struct value *arguments, uint32_t count,
                               struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_VERTEX) {
        return argument_error(call, "labels", "a vertex", arguments[0]);
    }
    const struct entities *entities = entities_of(call);
    return entities->methods->labels(entities, arguments[0], call->pool, result, call->error);
}

static enum status call_type(struct call *call, const struct value *arguments, uint32_t count,
                             struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_EDGE) {
        return argument_error(call, "type", "a relationship", arguments[0]);
    }
    const struct entities *entities = entities_of(call);
    return entities->methods->labels(entities, arguments[0], call->pool, result, call->error);
}

static enum status call_properties(struct call *call, const struct value *arguments, uint32_t count,
                                   struct value *result)
{
    (void)count;
    *result = arguments[0];
    if (arguments[0].kind == VALUE_NULL || arguments[0].kind == VALUE_MAP) {
        return STATUS_OK;
    }
    if (!is_entity(arguments[0])) {
        return argument_error(call, "properties", "a vertex, a relationship or a map",
                              arguments[0]);
    }
    const struct entities *entities = entities_of(call);
    return entities->methods->properties(entities, arguments[0], call->pool, result, call->error);
}

/* Maps are no concern of the graph. */
static enum status map_keys(struct call *call, const struct value *map, struct value *result)
{
    const struct function *keys = function_find(&value_functions, bytes_of("keys"));
    return keys->call(call, map, 1, result);
}

static enum status call_keys(struct call *call, const struct value *arguments, uint32_t count,
                             struct value *result)
{
    (void)count;
    if (!is_entity(arguments[0])) {
        return map_keys(call, arguments, result);
    }
    struct value map;
    const struct entities *entities = entities_of(call);
    TRY(entities->methods->properties(entities, arguments[0], call->pool, &map, call->error));
    return map_keys(call, &map, result);
}

/* A flow's number is that of its row in the input, so that it does not depend on how the graph was
 * divided. */
static int64_t id_of(const struct call *call, struct value entity)
{
    if (entity.kind == VALUE_VERTEX) {
        return entity.vertex;
    }
    const struct partition *partition = &frame_of(call)->partitions[edge_partition(entity.edge)];
    return column_integer(&partition->row, edge_position(entity.edge));
}

static enum status call_id(struct call *call, const struct value *arguments, uint32_t count,
                           struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (!is_entity(arguments[0])) {
        return argument_error(call, "id", "a vertex or a relationship", arguments[0]);
    }
    *result = value_integer(id_of(call, arguments[0]));
    return STATUS_OK;
}

static enum status call_element_id(struct call *call, const struct value *arguments, uint32_t count,
                                   struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (!is_entity(arguments[0])) {
        return argument_error(call, "elementId", "a vertex or a relationship", arguments[0]);
    }
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, id_of(call, arguments[0]));
    return pool_copy_text(call->pool, bytes_of(text), result, call->error);
}

static enum status call_start_node(struct call *call, const struct value *arguments, uint32_t count,
                                   struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_EDGE) {
        *result = value_vertex(graph_edge_source(frame_of(call), arguments[0].edge));
    } else if (arguments[0].kind != VALUE_NULL) {
        return argument_error(call, "startNode", "a relationship", arguments[0]);
    }
    return STATUS_OK;
}

static enum status call_end_node(struct call *call, const struct value *arguments, uint32_t count,
                                 struct value *result)
{
    (void)count;
    *result = value_null();
    if (arguments[0].kind == VALUE_EDGE) {
        *result = value_vertex(graph_edge_target(frame_of(call), arguments[0].edge));
    } else if (arguments[0].kind != VALUE_NULL) {
        return argument_error(call, "endNode", "a relationship", arguments[0]);
    }
    return STATUS_OK;
}

/* The flows of one link that are of the type; all for HANDLE_NONE. */
static uint64_t link_flows(const struct entities *entities, const struct partition *partition,
                           uint32_t link, uint32_t type)
{
    uint32_t begin = partition->flow_offset[link];
    uint32_t end = partition->flow_offset[link + 1];
    uint64_t count = type == HANDLE_NONE ? end - begin : 0;
    for (uint32_t flow = begin; flow < end && type != HANDLE_NONE; flow++) {
        edge_id edge = edge_id_of(partition->index, flow);
        count += entities->methods->has_label(entities, value_edge(edge), type);
    }
    return count;
}

static uint64_t out_degree(const struct entities *entities, vertex_id vertex, uint32_t type)
{
    const struct partition *partition = graph_partition_of(&entities->graph->edges, vertex);
    uint32_t local = vertex - partition->vertex_base;
    uint64_t count = 0;
    for (uint32_t link = partition->link_offset[local]; link < partition->link_offset[local + 1];
         link++) {
        count += link_flows(entities, partition, link, type);
    }
    return count;
}

static uint64_t in_degree(const struct entities *entities, vertex_id vertex, uint32_t type)
{
    const struct edge_frame *frame = &entities->graph->edges;
    const struct partition *partition = graph_partition_of(frame, vertex);
    uint32_t local = vertex - partition->vertex_base;
    uint64_t count = 0;
    for (uint32_t i = partition->reverse_offset[local]; i < partition->reverse_offset[local + 1];
         i++) {
        struct reverse_link reverse = partition->reverse[i];
        count +=
            link_flows(entities, graph_partition_of(frame, reverse.source), reverse.link, type);
    }
    return count;
}

static enum status count_degree(struct call *call, const char *function, bool has_in, bool has_out,
                                const struct value *arguments, uint32_t count, struct value *result)
{
    const struct entities *entities = entities_of(call);
    uint32_t type = HANDLE_NONE;
    *result = value_null();
    if (arguments[0].kind == VALUE_NULL || (count > 1 && arguments[1].kind == VALUE_NULL)) {
        return STATUS_OK;
    }
    if (arguments[0].kind != VALUE_VERTEX) {
        return argument_error(call, function, "a vertex", arguments[0]);
    }
    if (count > 1 && arguments[1].kind != VALUE_TEXT) {
        return argument_error(call, function, "the name of a type as a text", arguments[1]);
    }
    *result = value_integer(0);
    if (count > 1) {
        TRY(entities->methods->find_label(entities, VALUE_EDGE, value_text_view(arguments[1]),
                                          &type, call->error));
        if (type == HANDLE_NONE) {
            return STATUS_OK;
        }
    }
    uint64_t degree = (has_in ? in_degree(entities, arguments[0].vertex, type) : 0) +
                      (has_out ? out_degree(entities, arguments[0].vertex, type) : 0);
    *result = value_integer((int64_t)degree);
    return STATUS_OK;
}

static enum status call_indegree(struct call *call, const struct value *arguments, uint32_t count,
                                 struct value *result)
{
    return count_degree(call, "indegree", true, false, arguments, count, result);
}

static enum status call_outdegree(struct call *call, const struct value *arguments, uint32_t count,
                                  struct value *result)
{
    return count_degree(call, "outdegree", false, true, arguments, count, result);
}

/* A flow from a vertex to itself counts twice. */
static enum status call_degree(struct call *call, const struct value *arguments, uint32_t count,
                               struct value *result)
{
    return count_degree(call, "degree", true, true, arguments, count, result);
}

static const struct function functions[] = {
    {"degree", 1, 2, call_degree, true},
    {"elementId", 1, 1, call_element_id, true},
    {"endNode", 1, 1, call_end_node, true},
    {"id", 1, 1, call_id, true},
    {"indegree", 1, 2, call_indegree, true},
    {"keys", 1, 1, call_keys, true},
    {"labels", 1, 1, call_labels, true},
    {"outdegree", 1, 2, call_outdegree, true},
    {"properties", 1, 1, call_properties, true},
    {"startNode", 1, 1, call_start_node, true},
    {"type", 1, 1, call_type, true},
    /* paths */
    {"ascending", 1, 1, call_ascending, true},
    {"length", 1, 1, call_length, true},
    {"nodes", 1, 1, call_nodes, true},
    {"relationships", 1, 1, call_relationships, true},
    {"rels", 1, 1, call_relationships, true},
    {"span", 1, 1, call_span, true},
    {"strictlyAscending", 1, 1, call_strictly_ascending, true},
    {"unique_vertices", 1, UINT32_MAX, call_unique_vertices, true},
};

const struct function_table entity_functions = {functions, sizeof functions / sizeof *functions};
