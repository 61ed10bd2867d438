/* Whether what is bound is as the pattern and its conditions want it. */
#include "pipeline/pattern_match.h"
#include "value/compare.h"

static enum status value_of(struct matching *matching, const struct pattern_value *source,
                            struct value *value)
{
    if (source->constant != CONSTANT_NONE) {
        *value = matching->constants[source->constant];
        return STATUS_OK;
    }
    return evaluate(matching->run, source->term, value);
}

static enum status test_property(struct matching *matching, struct value entity, uint32_t handle,
                                 struct value wanted, bool *holds)
{
    struct run *run = matching->run;
    struct value value;
    *holds = false;
    if (handle == HANDLE_NONE) {
        return STATUS_OK;
    }
    TRY(run->entities->methods->property(run->entities, entity, handle, &run->pool, &value,
                                         run->source->error));
    *holds = value_is_true(value_equal(value, wanted, run->stop));
    return pool_poll_compared(&run->pool, wanted, run->source->error);
}

/* Equal to every entry of the map. */
static enum status test_map(struct matching *matching, struct value entity, struct value map,
                            bool *holds)
{
    struct run *run = matching->run;
    *holds = map.kind == VALUE_MAP;
    if (map.kind != VALUE_MAP) {
        return map.kind == VALUE_NULL
                   ? STATUS_OK
                   : error_set(run->source->error, STATUS_USAGE,
                               "the properties of a pattern have to be a map, but are %s",
                               value_kind_phrase(map.kind));
    }
    for (uint32_t i = 0; i < map.count && *holds; i++) {
        uint32_t handle = HANDLE_NONE;
        TRY(run->entities->methods->find_property(run->entities, entity.kind, map.entries[i].key,
                                                  &handle, run->source->error));
        TRY(test_property(matching, entity, handle, map.entries[i].value, holds));
    }
    return STATUS_OK;
}

static enum status test_entity(struct matching *matching, const struct pattern_check *check,
                               struct value entity, bool *holds)
{
    struct value wanted;
    TRY(value_of(matching, &check->value, &wanted));
    if (check->kind == CHECK_VERTEX_MAP || check->kind == CHECK_EDGE_MAP) {
        return test_map(matching, entity, wanted, holds);
    }
    return test_property(matching, entity, check->handle, wanted, holds);
}

/* Of an edge, or of each of the list of a variable one. */
static enum status test_edges(struct matching *matching, const struct pattern_check *check,
                              bool *holds)
{
    struct value value = matching->run->row[matching->pattern->edges[check->element].slot];
    if (value.kind != VALUE_LIST) {
        return test_entity(matching, check, value, holds);
    }
    *holds = true;
    for (uint32_t i = 0; i < value.count && *holds; i++) {
        TRY(test_entity(matching, check, value.items[i], holds));
    }
    return STATUS_OK;
}

static bool test_labels(const struct matching *matching, uint32_t element)
{
    const struct entities *entities = matching->run->entities;
    const struct pattern_vertex *vertex = &matching->pattern->vertices[element];
    for (uint32_t i = 0; i < vertex->label_count; i++) {
        if (!entities->methods->has_label(entities, matching->run->row[vertex->slot],
                                          vertex->labels[i])) {
            return false;
        }
    }
    return true;
}

static uint32_t path_length(const struct matching *matching, const struct pattern_path *path)
{
    uint32_t length = 0;
    for (uint32_t i = 0; i < path->edge_count; i++) {
        struct value value =
            matching->run->row[matching->pattern->edges[path->first_edge + i].slot];
        length += value.kind == VALUE_LIST ? value.count : 1;
    }
    return length;
}

/* A path being put together: the vertex after an edge is the end that is not the vertex before. */
struct path_builder {
    const struct edge_frame *frame;
    uint32_t length;
    uint32_t *vertices;
    uint64_t *edges;
};

static void path_add(struct path_builder *builder, uint64_t edge)
{
    vertex_id source = graph_edge_source(builder->frame, edge);
    vertex_id before = builder->vertices[builder->length];
    builder->edges[builder->length++] = edge;
    builder->vertices[builder->length] =
        source == before ? graph_edge_target(builder->frame, edge) : source;
}

static enum status make_path(struct matching *matching, const struct pattern_path *path)
{
    struct run *run = matching->run;
    uint32_t length = path_length(matching, path);
    uint32_t first =
        path->edge_count == 0 ? path->vertex : matching->pattern->edges[path->first_edge].left;
    struct value_path *made = pool_allocate(&run->pool, 1, sizeof *made, run->source->error);
    struct path_builder builder = {
        .frame = matching->frame,
        .vertices = pool_allocate(&run->pool, (size_t)length + 1, sizeof *builder.vertices,
                                  run->source->error),
        .edges = pool_allocate(&run->pool, (size_t)length + 1, sizeof *builder.edges,
                               run->source->error)};
    if (made == NULL || builder.vertices == NULL || builder.edges == NULL) {
        return run->source->error->status;
    }
    builder.vertices[0] = run->row[matching->pattern->vertices[first].slot].vertex;
    for (uint32_t i = 0; i < path->edge_count; i++) {
        struct value value = run->row[matching->pattern->edges[path->first_edge + i].slot];
        if (value.kind != VALUE_LIST) {
            path_add(&builder, value.edge);
            continue;
        }
        for (uint32_t j = 0; j < value.count; j++) {
            path_add(&builder, value.items[j].edge);
        }
    }
    *made = (struct value_path){length, builder.vertices, builder.edges};
    run->row[path->slot] = (struct value){.kind = VALUE_PATH, .path = made};
    return STATUS_OK;
}

static enum status test_check(struct matching *matching, const struct pattern_check *check,
                              bool *holds)
{
    const struct pattern *pattern = matching->pattern;
    switch (check->kind) {
    case CHECK_LABELS:
        *holds = test_labels(matching, check->element);
        return STATUS_OK;
    case CHECK_VERTEX_PROPERTY:
    case CHECK_VERTEX_MAP:
        return test_entity(matching, check,
                           matching->run->row[pattern->vertices[check->element].slot], holds);
    case CHECK_EDGE_PROPERTY:
    case CHECK_EDGE_MAP:
        return test_edges(matching, check, holds);
    case CHECK_PATH:
        *holds = true;
        return make_path(matching, &pattern->paths[check->element]);
    case CHECK_CONDITION:
        return evaluate_condition(matching->run, check->value.term, holds);
    }
    return STATUS_OK;
}

enum status match_checks(struct matching *matching, const struct pattern_checks *checks,
                         bool *holds)
{
    *holds = true;
    for (uint32_t i = 0; i < checks->count && *holds; i++) {
        TRY(test_check(matching, &checks->checks[i], holds));
    }
    return STATUS_OK;
}

static bool has_type(const struct matching *matching, const struct pattern_edge *edge,
                     struct value value)
{
    const struct entities *entities = matching->run->entities;
    for (uint32_t i = 0; i < edge->type_count; i++) {
        if (edge->types[i] != HANDLE_NONE &&
            entities->methods->has_label(entities, value, edge->types[i])) {
            return true;
        }
    }
    return false;
}

static enum status test_hop_condition(struct matching *matching,
                                      const struct hop_condition *condition, struct value value,
                                      bool *holds)
{
    struct run *run = matching->run;
    struct value result;
    run->row[condition->slot] = value;
    if (!condition->is_negated) {
        return evaluate_condition(run, condition->term, holds);
    }
    TRY(evaluate(run, condition->term, &result));
    *holds = result.kind == VALUE_BOOL && result.integer == 0;
    return STATUS_OK;
}

static enum status test_hop(struct matching *matching, const struct pattern_step *step,
                            struct value value, bool *holds)
{
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    *holds = !step->has_types || has_type(matching, edge, value);
    for (uint32_t i = 0; i < step->hop_checks.count && *holds; i++) {
        TRY(test_entity(matching, &step->hop_checks.checks[i], value, holds));
    }
    for (uint32_t i = 0; i < step->hop_condition_count && *holds; i++) {
        TRY(test_hop_condition(matching, step->hop_conditions[i], value, holds));
    }
    return STATUS_OK;
}

enum status match_hop(struct matching *matching, const struct pattern_step *step, edge_id edge,
                      bool *holds)
{
    *holds = true;
    if (!step_tests_hops(step)) {
        return STATUS_OK;
    }
    struct pool_mark mark = pool_mark(&matching->run->pool);
    enum status status = test_hop(matching, step, value_edge(edge), holds);
    pool_release(&matching->run->pool, mark);
    return status;
}

bool match_is_used(const struct matching *matching, edge_id edge)
{
    for (const struct used_edges *used = matching->used; used != NULL; used = used->before) {
        for (uint32_t i = 0; i < used->count; i++) {
            if (used->edges[i] == edge) {
                return true;
            }
        }
    }
    return false;
}
