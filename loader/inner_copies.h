/* The inner graph (graph/inner.h), a copy for each node. Internal to the loader. */
#ifndef GYRE_LOADER_INNER_COPIES_H
#define GYRE_LOADER_INNER_COPIES_H

#include "loader/builder.h"

/* The copies together take at most this share of what the graph takes; else none is kept, and
 * searches walk the partitions' lists: what is inside is then so much that they are little longer.
 */
enum { INNER_SHARE_MAX = 8 };

/* Fills the edge frame's `inner`, when links, reverse lists and `through` are made. */
enum status inner_copies_build(struct builder *builder);

#endif
