/* Vertices and flows of a loaded graph: one label, one type, and as further types the views that
 * INTO made; a vertex has its key, a flow the columns of the schema. Handles are 0 for the label,
 * the type and the key, a view's number, and the index in the schema for properties of flows. */
#include "pipeline/flow_entities.h"
#include "pipeline/view.h"
#include "query/source.h"
#include "query/suggest.h"
#include "value/temporal.h"

enum { HANDLE_ONLY = 0 };

static enum status unknown_property(const char *owners, struct bytes name, const char *advice,
                                    struct error *error)
{
    return error_set(error, STATUS_USAGE, "%s have no property `%.*s`%s", owners,
                     source_shown(name), name.data, advice);
}

static enum status find_label(const struct entities *entities, enum value_kind kind,
                              struct bytes name, uint32_t *handle, struct error *error)
{
    const struct graph *graph = entities->graph;
    bool is_vertex = kind == VALUE_VERTEX;
    const struct view *view = is_vertex ? NULL : view_find(entities->views, name);
    if (view != NULL && view->flows == NULL) {
        return error_set(error, STATUS_USAGE,
                         "the rows of `%.*s` have no flows, so that it is no type",
                         source_shown(name), name.data);
    }
    if (view != NULL) {
        *handle = view->number;
        return STATUS_OK;
    }
    struct bytes known = bytes_of(is_vertex ? graph->vertices.name : graph->edges.name);
    *handle = bytes_equal(name, known) ? HANDLE_ONLY : HANDLE_NONE;
    if (*handle != HANDLE_NONE || !entities->is_strict) {
        return STATUS_OK;
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_name(name, &known, 1, advice);
    return error_set(error, STATUS_USAGE, "there is no %s `%.*s`%s", is_vertex ? "label" : "type",
                     source_shown(name), name.data, advice);
}

static enum status find_vertex_property(const struct entities *entities, struct bytes name,
                                        uint32_t *handle, struct error *error)
{
    struct bytes key = bytes_of(entities->graph->vertices.key);
    *handle = bytes_equal(name, key) ? HANDLE_ONLY : HANDLE_NONE;
    if (*handle != HANDLE_NONE || !entities->is_strict) {
        return STATUS_OK;
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_name(name, &key, 1, advice);
    return unknown_property("vertices", name, advice, error);
}

static enum status find_edge_property(const struct entities *entities, struct bytes name,
                                      uint32_t *handle, struct error *error)
{
    const struct schema *schema = &entities->graph->edges.schema;
    int index = schema_find(schema, name);
    *handle = index == PROPERTY_NONE ? HANDLE_NONE : (uint32_t)index;
    if (index != PROPERTY_NONE || !entities->is_strict) {
        return STATUS_OK;
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_property(name, schema, advice);
    return unknown_property("flows", name, advice, error);
}

static enum status find_property(const struct entities *entities, enum value_kind kind,
                                 struct bytes name, uint32_t *handle, struct error *error)
{
    return kind == VALUE_VERTEX ? find_vertex_property(entities, name, handle, error)
                                : find_edge_property(entities, name, handle, error);
}

static bool is_address(const struct entities *entities, enum value_kind kind, uint32_t handle)
{
    return kind == VALUE_VERTEX ||
           entities->graph->edges.schema.properties[handle].type == TYPE_ADDRESS;
}

static enum value_kind property_kind(const struct entities *entities, enum value_kind kind,
                                     uint32_t handle)
{
    static const enum value_kind kinds[] = {
        [TYPE_BOOL] = VALUE_BOOL,         [TYPE_INTEGER] = VALUE_INTEGER,
        [TYPE_FLOAT] = VALUE_FLOAT,       [TYPE_TEXT] = VALUE_TEXT,
        [TYPE_ADDRESS] = VALUE_TEXT,      [TYPE_TIME] = VALUE_DATETIME,
        [TYPE_DURATION] = VALUE_DURATION,
    };
    return kind == VALUE_VERTEX ? VALUE_TEXT
                                : kinds[entities->graph->edges.schema.properties[handle].type];
}

static bool has_label(const struct entities *entities, struct value entity, uint32_t handle)
{
    const struct view *view = handle == HANDLE_ONLY ? NULL : entities->views;
    while (view != NULL && view->number != handle) {
        view = view->next;
    }
    return view == NULL ? handle == HANDLE_ONLY : view_has_flow(view, entity.edge);
}

static enum status labels(const struct entities *entities, struct value entity, struct pool *pool,
                          struct value *labels, struct error *error)
{
    if (entity.kind == VALUE_EDGE) {
        *labels = value_text_of(bytes_of(entities->graph->edges.name));
        return STATUS_OK;
    }
    struct value *item = pool_allocate(pool, 1, sizeof *item, error);
    if (item == NULL) {
        return error->status;
    }
    *item = value_text_of(bytes_of(entities->graph->vertices.name));
    *labels = value_list_of(item, 1);
    return STATUS_OK;
}

/* The text of a vertex's address; that of other names than IP and MAC is the graph's own. */
static enum status address_text(const struct vertex_frame *frame, vertex_id vertex,
                                struct pool *pool, struct value *value, struct error *error)
{
    struct address address = frame->addresses[vertex];
    if (address_kind(address) == ADDRESS_OTHER) {
        *value = value_text_of(text_view(frame->address_texts.entries[address.low]));
        return STATUS_OK;
    }
    char *text = pool_allocate(pool, ADDRESS_TEXT_BYTES, 1, error);
    if (text == NULL) {
        return error->status;
    }
    *value = value_text_of(bytes_view(text, address_format(address, text)));
    return STATUS_OK;
}

static enum status column_value(const struct edge_frame *frame, uint32_t property,
                                const struct column *column, uint32_t position, struct pool *pool,
                                struct value *value, struct error *error)
{
    switch (column->type) {
    case TYPE_BOOL:
        *value = value_bool(column_integer(column, position) != 0);
        return STATUS_OK;
    case TYPE_INTEGER:
        *value = value_integer(column_integer(column, position));
        return STATUS_OK;
    case TYPE_FLOAT:
        *value = value_float(column_float(column, position));
        return STATUS_OK;
    case TYPE_TEXT:
        *value = value_text_of(
            text_view(frame->dictionaries[property].entries[column_integer(column, position)]));
        return STATUS_OK;
    case TYPE_TIME:
        return temporal_from_ns(column_integer(column, position), pool, value, error);
    case TYPE_DURATION:
        return temporal_duration_from_ns(column_integer(column, position), pool, value, error);
    case TYPE_NULL:
    case TYPE_ADDRESS:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
    *value = value_null();
    return STATUS_OK;
}

static enum status edge_property(const struct entities *entities, edge_id edge, uint32_t handle,
                                 struct pool *pool, struct value *value, struct error *error)
{
    const struct edge_frame *frame = &entities->graph->edges;
    const struct column *column = &frame->partitions[edge_partition(edge)].columns[handle];
    switch (frame->schema.properties[handle].role) {
    case ROLE_SOURCE:
        return address_text(frame->source, graph_edge_source(frame, edge), pool, value, error);
    case ROLE_TARGET:
        return address_text(frame->target, graph_edge_target(frame, edge), pool, value, error);
    case ROLE_ATTRIBUTE:
    case ROLE_START_TIME:
        break;
    }
    if (column_is_null(column, edge_position(edge))) {
        *value = value_null();
        return STATUS_OK;
    }
    return column_value(frame, handle, column, edge_position(edge), pool, value, error);
}

/* The address of a vertex, the row of a flow. */
static enum status order_key(const struct entities *entities, struct value entity,
                             struct pool *pool, struct value *key, struct error *error)
{
    if (entity.kind == VALUE_VERTEX) {
        return address_text(&entities->graph->vertices, entity.vertex, pool, key, error);
    }
    const struct edge_frame *flows = &entities->graph->edges;
    const struct partition *partition = &flows->partitions[edge_partition(entity.edge)];
    *key = value_integer(column_integer(&partition->row, edge_position(entity.edge)));
    return STATUS_OK;
}

static enum status property(const struct entities *entities, struct value entity, uint32_t handle,
                            struct pool *pool, struct value *value, struct error *error)
{
    if (entity.kind == VALUE_VERTEX) {
        return address_text(&entities->graph->vertices, entity.vertex, pool, value, error);
    }
    return edge_property(entities, entity.edge, handle, pool, value, error);
}

static enum status properties(const struct entities *entities, struct value entity,
                              struct pool *pool, struct value *map, struct error *error)
{
    const struct graph *graph = entities->graph;
    const struct schema *schema = &graph->edges.schema;
    bool is_vertex = entity.kind == VALUE_VERTEX;
    uint32_t property_count = is_vertex ? 1 : schema->property_count;
    struct value_entry *entries = pool_allocate(pool, property_count, sizeof *entries, error);
    uint32_t count = 0;
    if (entries == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < property_count; i++) {
        struct value value;
        TRY(property(entities, entity, i, pool, &value, error));
        if (value.kind != VALUE_NULL) {
            entries[count].key =
                bytes_of(is_vertex ? graph->vertices.key : schema->properties[i].name);
            entries[count++].value = value;
        }
    }
    *map = pool_map_of(entries, count);
    return STATUS_OK;
}

static const struct entity_methods methods = {
    .find_label = find_label,
    .find_property = find_property,
    .is_address = is_address,
    .kind = property_kind,
    .has_label = has_label,
    .labels = labels,
    .property = property,
    .order_key = order_key,
    .properties = properties,
};

struct entities flow_entities(const struct graph *graph, const struct view *views)
{
    return (struct entities){.methods = &methods,
                             .graph = graph,
                             .is_strict = true,
                             .has_columns = true,
                             .views = views};
}
