/* What Argus's `ra` prints, with any columns (-s), separator (-c) and form of times (-p, -u). Rows
 * of Argus itself (`man`) tell of its health, not of a flow. */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"StartTime", "StartTime", READ_TIME_ANY},
    {"LastTime", "LastTime", READ_TIME_ANY},
    {"Dur", "Dur", READ_PLAIN},
    {"Proto", "Proto", READ_PLAIN},
    {"SrcAddr", "SrcAddr", READ_PLAIN},
    {"Sport", "Sport", READ_ANY_BASE},
    {"Dir", "Dir", READ_PLAIN},
    {"DstAddr", "DstAddr", READ_PLAIN},
    {"Dport", "Dport", READ_ANY_BASE},
    {"State", "State", READ_PLAIN},
    {"Flgs", "Flgs", READ_PLAIN},
    {"sTos", "sTos", READ_PLAIN},
    {"dTos", "dTos", READ_PLAIN},
    {"TotPkts", "TotPkts", READ_PLAIN},
    {"TotBytes", "TotBytes", READ_PLAIN},
    {"SrcPkts", "SrcPkts", READ_PLAIN},
    {"DstPkts", "DstPkts", READ_PLAIN},
    {"SrcBytes", "SrcBytes", READ_PLAIN},
    {"DstBytes", "DstBytes", READ_PLAIN},
    {"srcUdata", "srcUdata", READ_PLAIN},
    {"dstUdata", "dstUdata", READ_PLAIN},
    {"Label", "Label", READ_PLAIN},
    {"label", "Label", READ_PLAIN},
    {"Label(Normal:CC:Background)", "Label", READ_PLAIN}, /* the 2format variant of CTU-13 */
    {NULL, NULL, READ_PLAIN},
};

static const struct dialect_filter filters[] = {{"Proto", "man", false}, {NULL, NULL, false}};

const struct dialect dialect_argus = {
    .name = "argus",
    .description = "Argus's ra, CTU-13",
    .columns = columns,
    .filters = filters,
};
