/* Suricata's eve.json: its events of type `flow`; alerts, DNS queries and the like are passed over.
 * An event's `timestamp` is when it was written, which is long after the flow's start. */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"flow.start", "StartTime", READ_PLAIN},
    {"flow.end", "LastTime", READ_PLAIN},
    {"proto", "Proto", READ_PROTOCOL},
    {"src_ip", "SrcAddr", READ_PLAIN},
    {"src_port", "Sport", READ_PLAIN},
    {"dest_ip", "DstAddr", READ_PLAIN},
    {"dest_port", "Dport", READ_PLAIN},
    {"flow.state", "State", READ_PLAIN},
    {"flow.pkts_toserver", "SrcPkts", READ_PLAIN},
    {"flow.pkts_toclient", "DstPkts", READ_PLAIN},
    {"flow.bytes_toserver", "SrcBytes", READ_PLAIN},
    {"flow.bytes_toclient", "DstBytes", READ_PLAIN},
    {NULL, NULL, READ_PLAIN},
};

static const struct dialect_filter filters[] = {{"event_type", "flow", true}, {NULL, NULL, false}};

const struct dialect dialect_suricata = {
    .name = "suricata",
    .description = "Suricata's eve.json, of which flow events are loaded",
    .columns = columns,
    .filters = filters,
};
