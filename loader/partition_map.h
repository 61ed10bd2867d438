/* Which partition owns which addresses. Internal to the loader.
 *
 * Addresses fall into buckets by hash (vertex_frame_bucket), and buckets are dealt out to
 * partitions by how many flows leave their addresses, so that nodes hold flows as they have cores,
 * and a node's partitions about as many each, though a few sources have most of them. A source is
 * never divided: one that has more flows than a node's even share makes its node the largest, and
 * is then nearly alone there. */
#ifndef GYRE_LOADER_PARTITION_MAP_H
#define GYRE_LOADER_PARTITION_MAP_H

#include "loader/builder.h"

/* Rows that are looked at; all of them when there are no more. The share of one of n nodes is then
 * off by about sqrt(n / PARTITION_MAP_SAMPLE_ROWS): 0.8 % of it for 4 nodes, 3 % for 64. */
enum { PARTITION_MAP_SAMPLE_ROWS = 1 << 16 };

/* Fills the graph's vertices.bucket_partition, in graph->shared, after merge_texts. The map depends
 * on the rows, the number of partitions and the topology only. */
enum status partition_map_build(struct builder *builder);

#endif
