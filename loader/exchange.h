/* The exchange: every row goes to the bucket of its source vertex, in the order of the input.
 * Internal to the loader. */
#ifndef GYRE_LOADER_EXCHANGE_H
#define GYRE_LOADER_EXCHANGE_H

#include "loader/bucket.h"
#include "loader/builder.h"
#include "loader/tally.h"

/* One row on its way. The exchange writes source and target; once links are made, the flow's
 * position in its partition stands in their place. */
struct flow_record {
    union {
        struct {
            vertex_id source;
            vertex_id target;
        };
        uint32_t position;
    };
    uint32_t batch;
    uint32_t row; /* in the batch */
};

struct exchange {
    struct buckets buckets;
    struct tally tally;          /* of records, by bucket */
    struct flow_record *records; /* bucket by bucket; in a bucket ascending in (batch, row) */
    uint32_t *positions;         /* [buckets.count]: of the bucket's first flow in its partition */
    struct deal deal;            /* of buckets */
};

/* Everything lies in `arena`. Sets the flow counts of the graph's partitions. STATUS_LIMIT when one
 * would hold more than PARTITION_FLOWS_MAX. */
enum status exchange_flows(struct exchange *exchange, struct builder *builder, struct arena *arena);

static inline struct flow_record *exchange_records(const struct exchange *exchange, uint32_t bucket)
{
    return exchange->records + exchange->tally.begins[bucket];
}

#endif
