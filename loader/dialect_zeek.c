/* Zeek's conn.log as text or JSON lines, labelled variants, and IoT-23 as CSV. Bytes are those of
 * the IP packets, headers included, which is nearest to what Argus counts; a log without them has
 * those of the payload. */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"ts", "StartTime", READ_TIME_ANY},
    {"duration", "Dur", READ_PLAIN},
    {"proto", "Proto", READ_PLAIN},
    {"id.orig_h", "SrcAddr", READ_PLAIN},
    {"id.orig_p", "Sport", READ_PLAIN},
    {"id.resp_h", "DstAddr", READ_PLAIN},
    {"id.resp_p", "Dport", READ_PLAIN},
    {"conn_state", "State", READ_PLAIN},
    {"orig_pkts", "SrcPkts", READ_PLAIN},
    {"resp_pkts", "DstPkts", READ_PLAIN},
    {"orig_ip_bytes", "SrcBytes", READ_PLAIN},
    {"resp_ip_bytes", "DstBytes", READ_PLAIN},
    {"orig_bytes", "SrcBytes", READ_PLAIN},
    {"resp_bytes", "DstBytes", READ_PLAIN},
    {"label", "Label", READ_PLAIN},
    {NULL, NULL, READ_PLAIN},
};

const struct dialect dialect_zeek = {
    .name = "zeek",
    .description = "Zeek's conn.log",
    .columns = columns,
    .nulls = {"-", "(empty)"},
};
