/* Lists of timed edges: a source, a target, perhaps a weight, and a time, as in SNAP's temporal
 * graphs. Without a header the first two fields and the last one are those (loader/header.h). */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"src", "SrcAddr", READ_PLAIN},
    {"source", "SrcAddr", READ_PLAIN},
    {"from", "SrcAddr", READ_PLAIN},
    {"sourceNodeId", "SrcAddr", READ_PLAIN}, /* AMLSim */
    {"dst", "DstAddr", READ_PLAIN},
    {"target", "DstAddr", READ_PLAIN},
    {"destination", "DstAddr", READ_PLAIN},
    {"to", "DstAddr", READ_PLAIN},
    {"targetNodeId", "DstAddr", READ_PLAIN},
    {"time", "StartTime", READ_TIME_ANY},
    {"timestamp", "StartTime", READ_TIME_ANY},
    {"unixtime", "StartTime", READ_TIME_ANY},
    {NULL, NULL, READ_PLAIN},
};

const struct dialect dialect_edges = {
    .name = "edges",
    .description = "lists of timed edges: source, target, ..., time",
    .columns = columns,
};
