/* Where the cycles lie that are planted among made-up flows (report/traffic.h).
 *
 * The rows are cut into as many equal stretches as there are cycles; each cycle lies in its own.
 * Like the flows, a cycle is a function of the seed and its number alone. */
#ifndef GYRE_REPORT_PLANTED_H
#define GYRE_REPORT_PLANTED_H

#include <stdint.h>

#include "report/generate.h"
#include "report/traffic.h"

struct planted_cycle {
    uint64_t number; /* from 0 */
    uint32_t length;
    uint64_t rows[CYCLE_LENGTH_MAX];     /* ascending */
    uint64_t start_us[CYCLE_LENGTH_MAX]; /* ascending */
    uint64_t hosts[CYCLE_LENGTH_MAX];    /* step s goes to the next one, the last to the first */
};

/* `cycle_count` cycles of `length` must fit: cycle_count * length <= flow_count, length <=
 * host_count, and a stretch must last `length` microseconds. */
void planted_cycle_place(struct planted_cycle *cycle, const struct traffic *traffic,
                         uint64_t cycle_count, uint32_t length, uint64_t number);

/* The first row of a cycle's stretch; for cycle_count, the number of rows. */
uint64_t planted_stretch_start(const struct traffic *traffic, uint64_t cycle_count,
                               uint64_t number);

/* The flow of one step. */
struct traffic_flow planted_cycle_flow(const struct planted_cycle *cycle,
                                       const struct traffic *traffic, uint32_t step);

#endif
