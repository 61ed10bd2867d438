/* Counting sort by a team: each worker counts its items per bucket, one thread turns counts into
 * places, and each worker scatters the same items again. Items keep their order within a bucket
 * when workers hold contiguous shares in order of their index (team_share). No locks: a worker
 * writes only its own counters and the places that these name. */
#ifndef GYRE_LOADER_TALLY_H
#define GYRE_LOADER_TALLY_H

#include <stdint.h>

#include "loader/builder.h"

struct tally {
    uint32_t worker_count;
    uint32_t bucket_count;
    uint64_t stride;   /* counters of one worker: whole cache lines */
    uint64_t *cursors; /* [worker_count * stride] */
    uint64_t *begins;  /* [bucket_count + 1], by tally_plan: where each bucket begins */
};

/* Counters, all 0, in `arena`. */
enum status tally_open(struct tally *tally, struct builder *builder, struct arena *arena,
                       uint32_t bucket_count);

/* A worker's counters: first of its items per bucket; after tally_plan the place of its next item
 * in each bucket, for the worker to advance. */
static inline uint64_t *tally_cursors(const struct tally *tally, uint32_t worker)
{
    return tally->cursors + worker * tally->stride;
}

/* From counts to places: bucket by bucket, and within it worker by worker. */
void tally_plan(struct tally *tally);

static inline uint64_t tally_size(const struct tally *tally, uint32_t bucket)
{
    return tally->begins[bucket + 1] - tally->begins[bucket];
}

#endif
