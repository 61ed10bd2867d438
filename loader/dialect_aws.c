/* Flow logs of Amazon's virtual private clouds, versions 2 to 5, with the header that names their
 * fields. A flow has one direction. Rows may say that nothing was seen, or that records were lost.
 */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"start", "StartTime", READ_SECONDS}, {"end", "LastTime", READ_SECONDS},
    {"protocol", "Proto", READ_PROTOCOL}, {"srcaddr", "SrcAddr", READ_PLAIN},
    {"srcport", "Sport", READ_PLAIN},     {"dstaddr", "DstAddr", READ_PLAIN},
    {"dstport", "Dport", READ_PLAIN},     {"packets", "TotPkts", READ_PLAIN},
    {"packets", "SrcPkts", READ_PLAIN},   {"bytes", "TotBytes", READ_PLAIN},
    {"bytes", "SrcBytes", READ_PLAIN},    {NULL, NULL, READ_PLAIN},
};

static const struct dialect_filter filters[] = {
    {"log-status", "NODATA", false}, {"log-status", "SKIPDATA", false}, {NULL, NULL, false}};

const struct dialect dialect_aws = {
    .name = "aws",
    .description = "AWS VPC flow logs with their header",
    .columns = columns,
    .filters = filters,
    .nulls = {"-"},
};
