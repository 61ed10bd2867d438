/* Where the pages of a block of memory really are: the proof of what topology_bind_memory asked
 * for.
 *
 * The system is asked page by page (move_pages, which moves nothing here), some 0.1 to 1 us each. A
 * block is meant to lie on one node, or to be interleaved over all nodes with memory; pages of the
 * first kind are elsewhere when they are on any other node, those of the second kind when one node
 * has more than its even share of them. Where the system interleaves by huge pages, one of these
 * more is no fault. Thread-safe. */
#ifndef GYRE_NUMA_RESIDENCE_H
#define GYRE_NUMA_RESIDENCE_H

#include <stdint.h>

#include "base/status.h"
#include "numa/topology.h"

/* Sums over the blocks that were looked at; zeroed to begin with. Of `look_count` pages each is
 * absent (never touched, or swapped out), or on a node: one of the topology's, or an unknown one.
 */
struct residence {
    uint64_t page_count; /* that the blocks span */
    uint64_t look_count;
    uint64_t absent_count;
    uint64_t elsewhere_count;
    uint64_t *node_pages; /* the caller's [node_count], zeroed */
};

/* Looks at [start, start + bytes), at `page_limit` of its pages at most, evenly spread (0: at all),
 * and adds what it finds. `node` as in topology_bind_memory. STATUS_USAGE when the topology is not
 * this machine's, STATUS_FAILED when the system does not tell. */
enum status residence_look(struct residence *residence, const struct topology *topology,
                           const void *start, uint64_t bytes, uint32_t node, uint64_t page_limit,
                           struct error *error);

#endif
