/* Every column goes into the partitions' final order. Internal to the loader. */
#ifndef GYRE_LOADER_GATHER_H
#define GYRE_LOADER_GATHER_H

#include "loader/builder.h"
#include "loader/exchange.h"

/* Fills columns and rows of all partitions, after adjacency_build.
 *
 * A unit of work is some thousand records of one bucket, in order of the input: runs of them come
 * from one batch, so that the innermost loops read one narrow column with one base, forwards, and
 * write within the bucket. Units of one bucket may be several workers'; they write different flows.
 * Only words of null bits are shared, and set with atomic or. */
enum status gather_columns(struct builder *builder, const struct exchange *exchange);

#endif
