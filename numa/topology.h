/* The machine's NUMA nodes, cores and distances, through hwloc; the only file that includes it.
 *
 * Only what this process may use counts (cgroups, affinity). A synthetic topology (`numa:4 core:2
 * pu:1`) or an XML export stands in for a machine that is not there; binding is then recorded but
 * not done (topology_is_real is false). Immutable after open; any thread may read it. */
#ifndef GYRE_NUMA_TOPOLOGY_H
#define GYRE_NUMA_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* `node` always means the index below, 0..node_count-1, over nodes with at least one usable
 * processing unit or memory, never the operating system's number. */
struct topology_node {
    uint32_t os_index;
    uint64_t memory_bytes; /* 0: a node without memory */
    uint32_t core_count;
    uint32_t unit_count; /* processing units (hardware threads) */
};

/* Where a worker runs: one processing unit. Workers are dealt out one per core first, node by node
 * in turn (so that 2 workers on 2 nodes get one node each); second hardware threads come last. */
struct topology_place {
    uint32_t node;
    uint32_t core;    /* index over all cores */
    uint32_t os_unit; /* the operating system's number of the processing unit */
    bool is_second_thread;
};

struct topology;

/* `description`: NULL or "" for this machine, "synthetic:..." , or an XML file's path. */
enum status topology_open(struct topology **topology, const char *description, struct error *error);
void topology_close(struct topology *topology);

bool topology_is_real(const struct topology *topology);
uint32_t topology_node_count(const struct topology *topology); /* at least 1 */
const struct topology_node *topology_node_at(const struct topology *topology, uint32_t node);

/* Homes: the nodes that partitions are dealt out to in turn, at least one. They have memory and
 * processing units, as far as any node has both; so memory beside the processors (a fast or a far
 * kind) takes its share of what is interleaved, and a node without memory lends its workers. */
uint32_t topology_home_count(const struct topology *topology);
uint32_t topology_home_at(const struct topology *topology, uint32_t home); /* a node */

/* Usable processing units, the default and the largest sensible number of workers. */
uint32_t topology_place_count(const struct topology *topology);
struct topology_place topology_place_at(const struct topology *topology, uint32_t place);

/* Relative latency as hwloc tells it, 10 for local when nothing is known and 20 for remote. */
uint32_t topology_distance(const struct topology *topology, uint32_t from_node, uint32_t to_node);

/* Binds the calling thread to a place. Where the system refuses (or the topology is not real) the
 * thread runs where it may: returns false, never fails. */
bool topology_bind_thread(const struct topology *topology, uint32_t place);

/* Where the calling thread may run now, to be put back later; NULL when that cannot be found out.
 * Restore gives the binding to the calling thread and frees it; NULL is accepted. */
struct topology_binding;
struct topology_binding *topology_binding_take(const struct topology *topology);
void topology_binding_restore(const struct topology *topology, struct topology_binding *binding);

/* Asks that the pages of [start, start+bytes) lie on `node`, or interleaved over all nodes when
 * `node` is NODE_INTERLEAVED. Before first touch. False where it had no effect. */
#define NODE_INTERLEAVED UINT32_MAX
bool topology_bind_memory(const struct topology *topology, void *start, size_t bytes,
                          uint32_t node);

/* One line of text for people: "2 nodes, 32 cores, 64 threads, 256.0 GiB". NUL-terminated. */
void topology_describe(const struct topology *topology, char *text, size_t text_bytes);

#endif
