/* The workers' address tables become the vertices of the graph. Internal to the loader. */
#ifndef GYRE_LOADER_MERGE_ADDRESS_H
#define GYRE_LOADER_MERGE_ADDRESS_H

#include "loader/builder.h"

/* Fills the graph's vertex frame, but for its texts, which merge_texts has made before, and
 * builder->vertex_maps. A vertex belongs to the partition that loader/partition_map.h gives its
 * address, and is numbered within it by its first appearance in the input (source before target in
 * a row), so that numbers depend on neither threads nor chunks.
 *
 * Entries are spread into shards by the high bits of their hash, and each shard is made unique by
 * one worker in a table that fits the cache. The order of first appearance needs no sort: the
 * places of first appearance are set in a bitmap over the input, and a place's rank among the set
 * bits is the number. */
enum status merge_addresses(struct builder *builder);

#endif
