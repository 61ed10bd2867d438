/* For each vertex the links that arrive at it, at the partition that owns it. Internal to the
 * loader. */
#ifndef GYRE_LOADER_REVERSE_H
#define GYRE_LOADER_REVERSE_H

#include "loader/builder.h"

/* Fills reverse_offset and reverse of all partitions, whose links are made. A second exchange, of
 * links by target: links are taken in ascending order of source and scattered stably, so that each
 * list comes out ascending without a sort. */
enum status reverse_build(struct builder *builder);

#endif
