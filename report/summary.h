/* What there is to know of one column: how many nulls and distinct values, the least and the
 * greatest. For `gyre info`. */
#ifndef GYRE_REPORT_SUMMARY_H
#define GYRE_REPORT_SUMMARY_H

#include <stdint.h>

#include "base/status.h"
#include "base/stop.h"
#include "graph/graph.h"

enum { SUMMARY_TEXT_BYTES = 128 };

struct summary {
    uint32_t width_bytes; /* the widest of the partitions; 0 for source and target */
    uint64_t null_count;
    uint64_t distinct_count;        /* exact */
    char least[SUMMARY_TEXT_BYTES]; /* as a writer prints it, cut; empty when all is null */
    char greatest[SUMMARY_TEXT_BYTES];
};

/* Reads the whole column, on the calling thread; about 10 ns a flow, and 16 bytes of heap for each
 * distinct value that is not text. Ends early when `stop` is requested. */
enum status summary_build(struct summary *summary, const struct graph *graph, uint32_t property,
                          struct stop *stop, struct error *error);

#endif
