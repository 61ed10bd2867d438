/* Names of vertices, flows and paths. */
#include "report/naming.h"

#include "base/number.h"
#include "report/buffer.h"

static bool put_vertex(struct buffer *buffer, const struct graph *graph, uint32_t vertex)
{
    const struct vertex_frame *frame = &graph->vertices;
    uint32_t room = graph_address_text_bytes(frame);
    if (!buffer_reserve(buffer, room)) {
        return false;
    }
    buffer->size +=
        graph_format_address(frame, frame->addresses[vertex], buffer->data + buffer->size);
    return true;
}

static void put_edge(struct buffer *buffer, const struct graph *graph, edge_id edge)
{
    char text[NUMBER_TEXT_BYTES];
    const struct partition *partition = &graph->edges.partitions[edge_partition(edge)];
    int64_t row = column_integer(&partition->row, edge_position(edge));
    buffer_put(buffer, text, integer_format(row, text));
}

static void put_path(struct buffer *buffer, const struct graph *graph,
                     const struct value_path *path)
{
    buffer_put_byte(buffer, '(');
    bool is_put = put_vertex(buffer, graph, path->vertices[0]);
    for (uint32_t i = 0; i < path->length && is_put; i++) {
        bool is_right = graph_edge_source(&graph->edges, path->edges[i]) == path->vertices[i];
        buffer_put_text(buffer, is_right ? ")-[" : ")<-[");
        put_edge(buffer, graph, path->edges[i]);
        buffer_put_text(buffer, is_right ? "]->(" : "]-(");
        is_put = put_vertex(buffer, graph, path->vertices[i + 1]);
    }
    buffer_put_byte(buffer, ')');
}

static enum status name_entity(void *context, struct value entity, struct pool *pool,
                               struct value *text, struct error *error)
{
    const struct graph *graph = context;
    struct buffer buffer = {0};
    if (entity.kind == VALUE_VERTEX) {
        (void)put_vertex(&buffer, graph, entity.vertex);
    } else if (entity.kind == VALUE_EDGE) {
        put_edge(&buffer, graph, entity.edge);
    } else {
        put_path(&buffer, graph, entity.path);
    }
    enum status status =
        buffer.is_failed ? error_set_memory(error, "naming a path")
                         : pool_copy_text(pool, bytes_view(buffer.data, buffer.size), text, error);
    buffer_close(&buffer);
    return status;
}

struct value_naming naming_of(const struct graph *graph)
{
    return (struct value_naming){name_entity, (void *)(uintptr_t)graph, true, true};
}
