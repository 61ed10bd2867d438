/* Flows made up by the rules of report/traffic.h, as CTU-13's CSV, with cycles planted in them. */
#ifndef GYRE_REPORT_GENERATE_H
#define GYRE_REPORT_GENERATE_H

#include <stdint.h>

#include "base/status.h"

enum { CYCLE_LENGTH_MIN = 2, CYCLE_LENGTH_MAX = 64 };

struct generate_options {
    uint64_t flow_count;
    uint64_t seed;
    uint64_t host_count; /* 0: a fifth of the flows */
    uint64_t cycle_count;
    uint32_t cycle_length;    /* 0: 3 */
    uint64_t span_us;         /* 0: 70 flows a second */
    const volatile int *stop; /* NULL, or non-zero to end with STATUS_INTERRUPTED */
};

/* Writes the flows to `path` and, unless it is NULL, the list of planted cycles to `cycles_path`
 * (cycle, step, row, time, source, target; a row is numbered as a loaded flow is). Each appears
 * whole or not at all; "-" is standard output. The same options give the same bytes everywhere.
 *
 * A planted cycle has different vertices, its flows ascend in time within 60 s, each in a row of
 * its own in a stretch of the file that no other cycle uses, and their labels are
 * `flow=Planted-Cycle-` and its number, from 1. */
enum status generate_flows(const char *path, const char *cycles_path,
                           const struct generate_options *options, struct error *error);

#endif
