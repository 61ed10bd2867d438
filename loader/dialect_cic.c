/* What CICFlowMeter writes, in the spellings of its versions: CICIDS2017, CSE-CIC-IDS2018, and the
 * tool since. Durations are in microseconds, sums of bytes are written as 96.0. */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"Timestamp", "StartTime", READ_DAY_FIRST},
    {"Flow Duration", "Dur", READ_MICROSECONDS},
    {"Protocol", "Proto", READ_PROTOCOL},
    {"Source IP", "SrcAddr", READ_PLAIN},
    {"Src IP", "SrcAddr", READ_PLAIN},
    {"Source Port", "Sport", READ_PLAIN},
    {"Src Port", "Sport", READ_PLAIN},
    {"Destination IP", "DstAddr", READ_PLAIN},
    {"Dst IP", "DstAddr", READ_PLAIN},
    {"Destination Port", "Dport", READ_PLAIN},
    {"Dst Port", "Dport", READ_PLAIN},
    {"Total Fwd Packets", "SrcPkts", READ_WHOLE},
    {"Total Fwd Packet", "SrcPkts", READ_WHOLE},
    {"Tot Fwd Pkts", "SrcPkts", READ_WHOLE},
    {"Total Backward Packets", "DstPkts", READ_WHOLE},
    {"Total Bwd packets", "DstPkts", READ_WHOLE},
    {"Tot Bwd Pkts", "DstPkts", READ_WHOLE},
    {"Total Length of Fwd Packets", "SrcBytes", READ_WHOLE},
    {"Total Length of Fwd Packet", "SrcBytes", READ_WHOLE},
    {"TotLen Fwd Pkts", "SrcBytes", READ_WHOLE},
    {"Total Length of Bwd Packets", "DstBytes", READ_WHOLE},
    {"Total Length of Bwd Packet", "DstBytes", READ_WHOLE},
    {"TotLen Bwd Pkts", "DstBytes", READ_WHOLE},
    {"Label", "Label", READ_PLAIN},
    {NULL, NULL, READ_PLAIN},
};

const struct dialect dialect_cic = {
    .name = "cicflowmeter",
    .description = "CICFlowMeter's CSV",
    .columns = columns,
};
