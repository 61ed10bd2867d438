/* What vertices and flows are to the language: labels, types and properties.
 *
 * The shape of a graph, who is linked with whom, is read from graph/ directly. What its elements
 * carry is asked here, so that the language's own tests can run it over graphs of any labels and
 * properties; flow_entities.c is what gyre's loaded graphs are. Names are resolved to handles once,
 * when a query is compiled. */
#ifndef GYRE_PIPELINE_ENTITIES_H
#define GYRE_PIPELINE_ENTITIES_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph.h"
#include "value/pool.h"

struct entities;
struct view;

/* Of a label, type or property that nothing in the graph has. */
#define HANDLE_NONE UINT32_MAX

struct entity_methods {
    /* HANDLE_NONE when there is none of that name. With a strict graph that is an error, set with
     * what may have been meant. `kind` is VALUE_VERTEX or VALUE_EDGE. */
    enum status (*find_label)(const struct entities *entities, enum value_kind kind,
                              struct bytes name, uint32_t *handle, struct error *error);
    enum status (*find_property)(const struct entities *entities, enum value_kind kind,
                                 struct bytes name, uint32_t *handle, struct error *error);

    /* Whether a property holds addresses, of which there are several spellings: literals that it is
     * compared with are brought into the one that it has. NULL: none does. */
    bool (*is_address)(const struct entities *entities, enum value_kind kind, uint32_t handle);

    /* The kind that a property has wherever it is not null. NULL: none is known. */
    enum value_kind (*kind)(const struct entities *entities, enum value_kind kind, uint32_t handle);

    /* Whether a vertex has a label, a flow a type. Never called with HANDLE_NONE. */
    bool (*has_label)(const struct entities *entities, struct value entity, uint32_t handle);

    /* Labels of a vertex, a LIST; the type of a flow, a TEXT. */
    enum status (*labels)(const struct entities *entities, struct value entity, struct pool *pool,
                          struct value *labels, struct error *error);

    /* A property; null when the entity does not have it. Never called with HANDLE_NONE. */
    enum status (*property)(const struct entities *entities, struct value entity, uint32_t handle,
                            struct pool *pool, struct value *value, struct error *error);

    /* What ORDER BY orders an entity by, so that rows come in one order however the graph is
     * divided. NULL: ids are that. */
    enum status (*order_key)(const struct entities *entities, struct value entity,
                             struct pool *pool, struct value *key, struct error *error);

    /* All properties that are not null, a MAP. */
    enum status (*properties)(const struct entities *entities, struct value entity,
                              struct pool *pool, struct value *map, struct error *error);
};

struct entities {
    const struct entity_methods *methods;
    const struct graph *graph;
    bool is_strict;           /* names that nothing has are mistakes */
    bool has_columns;         /* properties are columns of the graph: times and keys are there */
    const struct view *views; /* of flow_entities.h */
};

#endif
