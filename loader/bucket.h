/* Buckets: ranges of vertices, each within one partition, that hold about as many items (flows by
 * source, links by target) as one worker sorts in its cache. A single heavy vertex may make a
 * larger one. Internal to the loader. */
#ifndef GYRE_LOADER_BUCKET_H
#define GYRE_LOADER_BUCKET_H

#include <stdint.h>

#include "loader/builder.h"

/* How many items fall on each granule of vertices, from a sample; what buckets are planned by. */
struct bucket_sample {
    uint32_t *weights; /* [granule_count], zeroed by bucket_sample_open */
    uint32_t granule_count;
    uint32_t shift;            /* granule = vertex >> shift */
    uint64_t items_per_weight; /* the sample's stride */
};

enum { BUCKET_SAMPLE_ITEMS = 1 << 16 };

/* Lies in `arena`. The caller counts in the vertices of items 0, stride, 2 * stride... */
enum status bucket_sample_open(struct bucket_sample *sample, struct builder *builder,
                               struct arena *arena, uint64_t item_count);

static inline void bucket_sample_add(struct bucket_sample *sample, vertex_id vertex)
{
    sample->weights[vertex >> sample->shift]++;
}

struct buckets {
    uint32_t count;
    vertex_id *first;          /* [count + 1], ascending strictly; of count: vertex_count */
    uint32_t *partition;       /* [count] */
    uint32_t *partition_first; /* [partition_count + 1]: the first bucket of each */
    uint32_t *hints;           /* by vertex >> shift: where the search for a bucket begins */
    uint32_t shift;
};

/* Covers all vertices; a partition without vertices has no bucket. Lies in `arena`. */
enum status buckets_open(struct buckets *buckets, struct builder *builder, struct arena *arena,
                         const struct bucket_sample *sample, uint64_t item_count);

static inline uint32_t bucket_of(const struct buckets *buckets, vertex_id vertex)
{
    uint32_t bucket = buckets->hints[vertex >> buckets->shift];
    while (vertex >= buckets->first[bucket + 1]) {
        bucket++;
    }
    return bucket;
}

/* Deals units of work out to workers, those of a worker's own node first, heavy ones before light
 * ones. A worker whose node has nothing left helps the others: their memory is bound to its node
 * before it is written, so that only time is at stake. Where there is little work few workers get
 * any, since the room of each is not little. */
struct deal {
    uint32_t worker_count; /* of the team, the first ones: who gets any */
    uint32_t node_count;
    uint32_t *units;        /* by node */
    uint64_t *begins;       /* [node_count + 1], in units */
    _Atomic uint64_t *next; /* one per node, on a cache line each */
};

/* `partitions[unit]` tells the node; `weights[unit]` the work. Both may go after it. */
enum status deal_open(struct deal *deal, struct builder *builder, struct arena *arena,
                      uint32_t unit_count, const uint32_t *partitions, const uint64_t *weights);

/* Deals everything out once more. */
void deal_restart(struct deal *deal);

/* The next unit for the worker; false when there is none, or when work is to stop. */
bool deal_next(struct deal *deal, struct builder *builder, const struct worker *worker,
               uint32_t *unit);

#endif
