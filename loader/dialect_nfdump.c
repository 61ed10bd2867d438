/* What nfdump writes with -o csv: of 1.6 and early 1.7, which ends with a summary, and of later
 * versions, whose columns have long names; and
 * what loader/child.c has nfdump write of its binary files. */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {
    {"ts", "StartTime", READ_TIME_ANY},
    {"te", "LastTime", READ_TIME_ANY},
    {"td", "Dur", READ_PLAIN},
    {"pr", "Proto", READ_PROTOCOL},
    {"sa", "SrcAddr", READ_PLAIN},
    {"sp", "Sport", READ_PORT},
    {"da", "DstAddr", READ_PLAIN},
    {"dp", "Dport", READ_PORT},
    {"flg", "State", READ_PLAIN},
    {"stos", "sTos", READ_PLAIN},
    {"dtos", "dTos", READ_PLAIN},
    {"ipkt", "SrcPkts", READ_PLAIN},
    {"opkt", "DstPkts", READ_PLAIN},
    {"ibyt", "SrcBytes", READ_PLAIN},
    {"obyt", "DstBytes", READ_PLAIN},
    {"firstSeen", "StartTime", READ_TIME_ANY},
    {"lastSeen", "LastTime", READ_TIME_ANY},
    {"duration", "Dur", READ_PLAIN},
    {"proto", "Proto", READ_PROTOCOL},
    {"srcAddr", "SrcAddr", READ_PLAIN},
    {"srcPort", "Sport", READ_PORT},
    {"dstAddr", "DstAddr", READ_PLAIN},
    {"dstPort", "Dport", READ_PORT},
    {"flags", "State", READ_PLAIN},
    {"srcTos", "sTos", READ_PLAIN},
    {"dstTos", "dTos", READ_PLAIN},
    {"packets", "TotPkts", READ_PLAIN},
    {"packets", "SrcPkts", READ_PLAIN}, /* its flows have one direction */
    {"bytes", "TotBytes", READ_PLAIN},
    {"bytes", "SrcBytes", READ_PLAIN},
    {NULL, NULL, READ_PLAIN},
};

static const char *const trailers[] = {"Summary", "flows,bytes,packets,", "No matching flows",
                                       NULL};

/* The summary is a line of six names, and one of their values. */
const struct dialect dialect_nfdump = {
    .name = "nfdump",
    .description = "nfdump -o csv",
    .columns = columns,
    .trailers = trailers,
    .trailer_field_count = 6,
};
