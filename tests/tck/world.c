/* See world.h. Nothing here is fast: graphs have a handful of nodes. */
#include "tests/tck/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static void *take(struct world *world, size_t count, size_t size)
{
    struct error error = {0};
    void *block = pool_allocate(&world->pool, count + 1, size, &error);
    CHECK(block != NULL);
    memset(block, 0, (count + 1) * size);
    return block;
}

static struct value copy(struct world *world, struct value value)
{
    struct error error = {0};
    struct value result;
    CHECK(pool_copy(&world->pool, value, &result, &error) == STATUS_OK);
    return result;
}

static const struct world *world_of(const struct entities *entities)
{
    return (const struct world *)entities;
}

static const struct world_edge *edge_of(const struct world *world, struct value entity)
{
    return &world->edges[world->edge_at[edge_position(entity.edge)]];
}

/* Every name has a handle, so that one that nothing has simply finds nothing. */
static enum status find_name(const struct entities *entities, enum value_kind kind,
                             struct bytes name, uint32_t *handle, struct error *error)
{
    struct world *world = (struct world *)(uintptr_t)entities;
    (void)kind;
    (void)error;
    for (*handle = 0; *handle < world->name_count; (*handle)++) {
        if (bytes_equal(world->names[*handle], name)) {
            return STATUS_OK;
        }
    }
    if (world->name_count == world->name_capacity) {
        uint32_t capacity = world->name_capacity * 2 + 16;
        struct bytes *names = take(world, capacity, sizeof *names);
        if (world->name_count > 0) {
            memcpy(names, world->names, world->name_count * sizeof *names);
        }
        world->names = names;
        world->name_capacity = capacity;
    }
    world->names[world->name_count++] = value_text_view(copy(world, value_text_of(name)));
    return STATUS_OK;
}

static bool has_label(const struct entities *entities, struct value entity, uint32_t handle)
{
    const struct world *world = world_of(entities);
    if (entity.kind == VALUE_EDGE) {
        return bytes_equal(value_text_view(edge_of(world, entity)->type), world->names[handle]);
    }
    struct value labels = world->nodes[entity.vertex].labels;
    for (uint32_t i = 0; i < labels.count; i++) {
        if (bytes_equal(value_text_view(labels.items[i]), world->names[handle])) {
            return true;
        }
    }
    return false;
}

static enum status get_labels(const struct entities *entities, struct value entity,
                              struct pool *pool, struct value *labels, struct error *error)
{
    const struct world *world = world_of(entities);
    (void)pool;
    (void)error;
    *labels = entity.kind == VALUE_EDGE ? edge_of(world, entity)->type
                                        : world->nodes[entity.vertex].labels;
    return STATUS_OK;
}

static enum status get_properties(const struct entities *entities, struct value entity,
                                  struct pool *pool, struct value *map, struct error *error)
{
    const struct world *world = world_of(entities);
    (void)pool;
    (void)error;
    *map = entity.kind == VALUE_EDGE ? edge_of(world, entity)->properties
                                     : world->nodes[entity.vertex].properties;
    return STATUS_OK;
}

static enum status get_property(const struct entities *entities, struct value entity,
                                uint32_t handle, struct pool *pool, struct value *value,
                                struct error *error)
{
    struct value map;
    TRY(get_properties(entities, entity, pool, &map, error));
    const struct value *found = value_map_find(map, world_of(entities)->names[handle]);
    *value = found == NULL ? value_null() : *found;
    return STATUS_OK;
}

static const struct entity_methods methods = {
    .find_label = find_name,
    .find_property = find_name,
    .has_label = has_label,
    .labels = get_labels,
    .property = get_property,
    .properties = get_properties,
};

void world_open(struct world *world)
{
    *world = (struct world){.entities = {.methods = &methods}};
    world->entities.graph = &world->graph;
    world_build(world);
}

void world_close(struct world *world)
{
    pool_close(&world->pool);
}

/* A null property is none. */
static struct value copy_properties(struct world *world, struct value map)
{
    struct value_entry *entries = take(world, map.count, sizeof *entries);
    uint32_t count = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        if (!value_is_null(map.entries[i].value)) {
            entries[count++] = map.entries[i];
        }
    }
    return copy(world, (struct value){.kind = VALUE_MAP, .count = count, .entries = entries});
}

uint32_t world_add_node(struct world *world, struct value labels, struct value properties)
{
    if (world->node_count == world->node_capacity) {
        uint32_t capacity = world->node_capacity * 2 + 16;
        struct world_node *nodes = take(world, capacity, sizeof *nodes);
        if (world->node_count > 0) {
            memcpy(nodes, world->nodes, world->node_count * sizeof *nodes);
        }
        world->nodes = nodes;
        world->node_capacity = capacity;
    }
    world->nodes[world->node_count] =
        (struct world_node){copy(world, labels), copy_properties(world, properties)};
    return world->node_count++;
}

void world_add_edge(struct world *world, uint32_t source, uint32_t target, struct value type,
                    struct value properties)
{
    if (world->edge_count == world->edge_capacity) {
        uint32_t capacity = world->edge_capacity * 2 + 16;
        struct world_edge *edges = take(world, capacity, sizeof *edges);
        if (world->edge_count > 0) {
            memcpy(edges, world->edges, world->edge_count * sizeof *edges);
        }
        world->edges = edges;
        world->edge_capacity = capacity;
    }
    world->edges[world->edge_count] =
        (struct world_edge){source, target, copy(world, type), copy_properties(world, properties)};
    world->edge_count++;
}

static int compare_edges(const void *left, const void *right, void *context)
{
    const struct world *world = context;
    uint32_t one = *(const uint32_t *)left;
    uint32_t other = *(const uint32_t *)right;
    const struct world_edge *a = &world->edges[one];
    const struct world_edge *b = &world->edges[other];
    if (a->source != b->source) {
        return a->source < b->source ? -1 : 1;
    }
    if (a->target != b->target) {
        return a->target < b->target ? -1 : 1;
    }
    return one < other ? -1 : one > other;
}

static void build_links(struct world *world)
{
    struct partition *partition = &world->partition;
    uint32_t *link_offset = take(world, world->node_count + 1, sizeof *link_offset);
    uint32_t *link_target = take(world, world->edge_count, sizeof *link_target);
    uint32_t *flow_offset = take(world, world->edge_count + 1, sizeof *flow_offset);
    uint32_t links = 0;
    for (uint32_t i = 0; i < world->edge_count; i++) {
        const struct world_edge *edge = &world->edges[world->edge_at[i]];
        const struct world_edge *before = i == 0 ? NULL : &world->edges[world->edge_at[i - 1]];
        if (before == NULL || before->source != edge->source || before->target != edge->target) {
            link_target[links] = edge->target;
            flow_offset[links++] = i;
            link_offset[edge->source + 1]++;
        }
    }
    flow_offset[links] = world->edge_count;
    for (uint32_t i = 0; i < world->node_count; i++) {
        link_offset[i + 1] += link_offset[i];
    }
    partition->link_count = links;
    partition->link_offset = link_offset;
    partition->link_target = link_target;
    partition->flow_offset = flow_offset;
    partition->flow_time = take(world, world->edge_count, sizeof(time_ns));
}

static void build_reverse(struct world *world)
{
    struct partition *partition = &world->partition;
    uint32_t *offset = take(world, world->node_count + 1, sizeof *offset);
    struct reverse_link *reverse = take(world, partition->link_count, sizeof *reverse);
    uint32_t count = 0;
    for (uint32_t target = 0; target < world->node_count; target++) {
        offset[target] = count;
        for (uint32_t source = 0; source < world->node_count; source++) {
            for (uint32_t link = partition->link_offset[source];
                 link < partition->link_offset[source + 1]; link++) {
                if (partition->link_target[link] == target) {
                    reverse[count++] = (struct reverse_link){source, link};
                }
            }
        }
    }
    offset[world->node_count] = count;
    partition->reverse_count = count;
    partition->reverse_offset = offset;
    partition->reverse = reverse;
}

void world_build(struct world *world)
{
    world->edge_at = take(world, world->edge_count, sizeof *world->edge_at);
    for (uint32_t i = 0; i < world->edge_count; i++) {
        world->edge_at[i] = i;
    }
    qsort_r(world->edge_at, world->edge_count, sizeof *world->edge_at, compare_edges, world);
    world->partition =
        (struct partition){.vertex_count = world->node_count, .flow_count = world->edge_count};
    build_links(world);
    build_reverse(world);
    vertex_id *bases = take(world, 2, sizeof *bases);
    bases[1] = world->node_count;
    world->graph = (struct graph){
        .vertices = {.name = "",
                     .key = "",
                     .vertex_count = world->node_count,
                     .partition_count = 1,
                     .partition_base = bases,
                     .owner_shift = 31,
                     .owner_hint = take(world, 2, sizeof(uint16_t))},
        .edges = {.name = "",
                  .start_time = PROPERTY_NONE,
                  .flow_count = world->edge_count,
                  .link_count = world->partition.link_count,
                  .partition_count = 1,
                  .partitions = &world->partition},
    };
    world->graph.edges.source = &world->graph.vertices;
    world->graph.edges.target = &world->graph.vertices;
}
