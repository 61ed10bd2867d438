/* What the steps of graph_build share: the staging that is used up, the graph that is made, and how
 * steps run on the team, stop and fail. Internal to the loader.
 *
 * A step is a function run by all workers; between steps one thread plans and allocates. Workers
 * never return errors: they set a flag (builder_fail) and leave, and builder_run tells. */
#ifndef GYRE_LOADER_BUILDER_H
#define GYRE_LOADER_BUILDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "base/stop.h"
#include "graph/graph.h"
#include "loader/batch.h"
#include "numa/budget.h"
#include "numa/team.h"

struct builder {
    struct staging *staging; /* released between steps, by the thread that plans */
    struct graph *graph;     /* closed by the caller of the steps, also when one fails */
    struct team *team;
    struct budget *budget;
    struct stop *stop;
    struct progress *progress; /* may be NULL */
    struct error *error;
    uint32_t worker_count; /* of the team */
    uint32_t node_count;
    uint32_t partition_count;

    /* What codes of the staging's workers became; in `maps`, which lives to the end of the build.
     * vertex_maps[staging worker][code]; text_maps[property * staging workers + worker][code]. */
    struct arena *maps;
    uint32_t **vertex_maps;
    uint32_t **text_maps;

    /* The arena in which a worker found no memory. */
    struct arena *_Atomic exhausted;
};

/* Runs a step. The status says whether a worker had no memory or the work was stopped meanwhile;
 * `what` completes "out of memory while ...". */
enum status builder_run(struct builder *builder, team_function function, void *context,
                        const char *what);

/* As builder_run, but by the calling thread alone, as the one worker of a team of one: for work
 * that is over before the others have woken up. */
enum status builder_run_alone(struct builder *builder, team_function function, void *context,
                              const char *what);

/* Whether a worker is to leave its step: asked between units of some 10,000 rows. */
bool builder_must_stop(struct builder *builder);

/* A worker found no memory in `arena`. */
void builder_fail(struct builder *builder, struct arena *arena);

/* A scratch arena, spread over the nodes; closed as early as can be, to keep the peak low. */
enum status builder_open_arena(struct builder *builder, struct arena **arena);

/* arena_allocate, with the error said. `*block` is a pointer's address. */
enum status builder_allocate(struct builder *builder, struct arena *arena, void *block,
                             uint64_t count, uint64_t size, const char *what);
enum status builder_allocate_zeroed(struct builder *builder, struct arena *arena, void *block,
                                    uint64_t count, uint64_t size, const char *what);

/* The node of a partition. */
static inline uint32_t builder_node(const struct builder *builder, uint32_t partition)
{
    const struct topology *topology = team_topology(builder->team);
    return topology_home_at(topology, partition % topology_home_count(topology));
}

/* The batch that holds a row (over all files); batches without rows are passed over. */
uint32_t builder_batch_of(const struct builder *builder, uint64_t row);

/* The address of a staging worker's code; of a text, with its code in the merged dictionary, which
 * merge_texts has made. */
static inline struct address builder_address(const struct builder *builder, uint32_t worker,
                                             uint32_t code)
{
    const struct staging *staging = builder->staging;
    struct address address = staging->workers[worker].addresses.addresses[code];
    if (address.high == ADDRESS_HIGH_TEXT) {
        uint64_t map = (uint64_t)staging->schema.property_count * staging->worker_count + worker;
        address.low = builder->text_maps[map][address.low];
    }
    return address;
}

#endif
