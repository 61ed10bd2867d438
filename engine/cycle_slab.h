/* A slab: a stretch of time as a compact graph of its own, in which a search for cycles stays.
 *
 * It holds the flows of some intervals of the bundles and of the one interval after them, so that
 * every cycle whose first flow lies in the former is whole within it, and belongs to this slab
 * alone. Only what lies in a strongly connected component is kept, mostly a small part.
 *
 * Flows are numbered by time: a flow's *rank*. What may follow a flow, and what lies within the
 * window, are then ranges of ranks, equal times included, and the search never looks at a time. A
 * slab is immutable after build, lies in the arena of the worker that built it, and is shared by
 * whoever holds it; the last one gives it back. */
#ifndef GYRE_ENGINE_CYCLE_SLAB_H
#define GYRE_ENGINE_CYCLE_SLAB_H

#include <stdatomic.h>

#include "engine/cycle_bundles.h"
#include "engine/cycle_room.h"

/* Intervals in which cycles of one slab begin. More would repeat less, and search less locally. */
enum { SLAB_INTERVALS = 2, SLAB_POLL_STEPS = 1 << 16 };

struct slab_flow {
    uint32_t source; /* vertices of the slab */
    uint32_t target;
    uint32_t link;   /* flows of one link have the same */
    uint32_t after;  /* the least rank that may follow it */
    uint32_t before; /* one past the greatest rank that it may follow */
    uint32_t limit;  /* the greatest rank within the window that begins with it */
    uint32_t low;    /* the least rank whose window it lies in */
};

struct slab {
    _Atomic uint32_t holders;
    uint32_t serial; /* its number among the slabs of a run */
    struct arena *arena;
    uint64_t bytes;
    uint32_t vertex_count;
    uint32_t link_count;
    uint32_t flow_count;
    uint32_t first_end;      /* a cycle of this slab begins with a rank below it */
    struct slab_flow *flows; /* [flow_count], by rank, as the next */
    edge_id *edges;
    uint8_t *meets;            /* needs of the query (cycle_needs.h); NULL: it has none */
    uint8_t *begins;           /* whether a flow may be the first; NULL: any may */
    vertex_id *vertices;       /* [vertex_count], as the graph has them */
    uint32_t *in_offset;       /* [vertex_count + 1] */
    uint32_t *in_ranks;        /* [flow_count]: ranks that arrive at each vertex, ascending */
    uint32_t *out_offset;      /* [vertex_count + 1] */
    uint32_t *out_targets;     /* [link_count]: where the links of each vertex go */
    uint32_t *in_offset_links; /* [vertex_count + 1] */
    uint32_t *in_sources;      /* [link_count]: where those come from that arrive */
    uint32_t *first_low;       /* [vertex_count]: least and greatest rank that leaves and may be */
    uint32_t *first_high;      /* the first; RANK_NONE: none, or nothing may begin here */
};
#define RANK_NONE UINT32_MAX

/* Whether a cycle of the slab may begin with the flow of a rank. */
static inline bool slab_begins(const struct slab *slab, uint32_t rank)
{
    return rank < slab->first_end && (slab->begins == NULL || slab->begins[rank] != 0);
}

static inline uint32_t slabs_in(const struct bundles *bundles)
{
    return (bundles->interval_count + SLAB_INTERVALS - 1) / SLAB_INTERVALS;
}

/* A bundle between vertices of the slab. */
struct local_bundle {
    uint32_t source;
    uint32_t target;
    uint32_t link;
    uint32_t index; /* in the builder's range of bundles */
};

/* A flow before the slab's are in order. */
struct loose_flow {
    uint32_t source;
    uint32_t target;
    uint32_t link;
    edge_id edge;
};

/* One worker's means of building slabs. Filled by init, in memory that is zero; no clean-up. */
struct slab_builder {
    const struct cycle_query *query;
    const struct bundles *bundles;
    struct arena *arena;
    uint32_t node; /* the arena's */
    struct stop *stop;
    struct locality locality; /* of what is read of partitions */
    struct room local_of;     /* [vertices of the graph] */
    struct room vertex_of;
    struct room bundles_kept; /* struct local_bundle [bundle_count] */
    struct room flags;
    struct room offset;
    struct room targets; /* in the end: the bundles kept, in the order of their sources */
    struct room component;
    struct room scratch;
    struct room loose; /* struct loose_flow [loose_count] */
    struct room pairs; /* time and place of each, twice as many */
    void *spare;       /* the block of a slab that was given back, for the next one */
    uint64_t spare_bytes;
    uint32_t vertex_count;
    uint64_t bundle_count;
    uint64_t loose_count;
    uint8_t met; /* needs that these meet */
    uint32_t link_count;
};

/* `arena` is the worker's own. */
void slab_builder_init(struct slab_builder *builder, const struct cycle_query *query,
                       const struct bundles *bundles, struct arena *arena, struct stop *stop);

/* Builds slab `index`, held once; NULL in `slab` when nothing is left of it, or when `stop` ended
 * it. */
enum status slab_build(struct slab **slab, struct slab_builder *builder, uint32_t index,
                       struct error *error);

static inline void slab_hold(struct slab *slab)
{
    atomic_fetch_add_explicit(&slab->holders, 1, memory_order_relaxed);
}

/* Whether to give up, asked at step `i` of a long loop. */
static inline bool slab_is_stopped(const struct slab_builder *builder, uint64_t i)
{
    return i % SLAB_POLL_STEPS == 0 && stop_poll(builder->stop);
}

/* By any worker; `builder` is the caller's. */
void slab_release(struct slab *slab, struct slab_builder *builder);

#endif
