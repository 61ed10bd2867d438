/* How much of what a worker reads of partitions lies on its own node, and how much does not.
 *
 * A count kept beside the reading, not a measurement: per link scanned or bound, list searched and
 * block of flows, the flows and the bytes that its loads ask for, whatever caches make of it.
 * Searches in a list count as the probes of gallops that divide it evenly, a value that a condition
 * reads as eight bytes. What is interleaved over all nodes (dictionaries, addresses, bits of
 * address filters) has no place to be near to, and is not counted; nor is what is written. */
#ifndef GYRE_ENGINE_LOCALITY_H
#define GYRE_ENGINE_LOCALITY_H

#include <stdbool.h>
#include <stdint.h>

/* By [0] the reader's own node and [1] another one. */
struct locality {
    uint64_t links[2]; /* whose flows were looked for; not in `bytes` until locality_close */
    uint64_t flows[2];
    uint64_t bytes[2];
};

/* Of a link: its target, where its flows begin and end, and the first and last of their times. */
enum { LOCALITY_LINK_BYTES = 3 * sizeof(uint32_t) + 2 * sizeof(int64_t) };

static inline void locality_add(struct locality *locality, bool is_remote, uint64_t flows,
                                uint64_t bytes)
{
    locality->flows[is_remote] += flows;
    locality->bytes[is_remote] += bytes;
}

static inline void locality_close(struct locality *locality)
{
    for (uint32_t side = 0; side < 2; side++) {
        locality->bytes[side] += locality->links[side] * LOCALITY_LINK_BYTES;
    }
}

/* Sums up what is closed. */
static inline void locality_sum(struct locality *total, const struct locality *part)
{
    for (uint32_t side = 0; side < 2; side++) {
        total->flows[side] += part->flows[side];
        total->bytes[side] += part->bytes[side];
    }
}

#endif
