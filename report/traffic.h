/* Made-up flows of a campus network, in the manner of CTU-13's captures.
 *
 * The flow of a row is a function of the seed and the row's number alone, in integer arithmetic:
 * rows can be made in any order, and are the same on every machine. The shape is that of a real
 * hour: half of the flows ask one name server, most of those from two clients; addresses are met
 * for the first time at an even pace, most by one peer-to-peer host; web servers are asked by a
 * Zipf-like law; a third of the pairs is answered; and now and then a host that was tried by TCP
 * answers by ICMP, for long, which is what the first hunt of every analyst looks for. */
#ifndef GYRE_REPORT_TRAFFIC_H
#define GYRE_REPORT_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* Filled by traffic_init. Immutable; any thread may read it. */
struct traffic {
    uint64_t seed;
    uint64_t flow_count;
    uint64_t host_count;
    uint64_t campus_count; /* hosts 0 .. campus_count - 1 are the campus's */
    uint64_t span_us;
};

/* `host_count` is at least TRAFFIC_HOSTS_MIN and at most TRAFFIC_HOSTS_MAX. */
enum { TRAFFIC_HOSTS_MIN = 16, TRAFFIC_HOSTS_MAX = 2000000000 };
void traffic_init(struct traffic *traffic, uint64_t seed, uint64_t flow_count, uint64_t host_count,
                  uint64_t span_us);

#define TRAFFIC_NONE INT64_C(-1)

/* One row. Texts are static. */
struct traffic_flow {
    uint64_t start_us; /* since the start of the capture */
    uint64_t duration_us;
    const char *protocol;
    struct address source;
    struct address target;
    const char *direction;
    int64_t source_port; /* TRAFFIC_NONE: empty */
    int64_t target_port;
    bool has_hex_ports;
    const char *state;
    int64_t source_tos;
    int64_t target_tos;
    uint64_t packets;
    uint64_t bytes;
    uint64_t source_bytes;
    const char *label; /* without the "flow=" before it */
};

/* The flow of a row, 0 <= row < flow_count. About 100 ns. */
struct traffic_flow traffic_flow(const struct traffic *traffic, uint64_t row);

/* The address of a host; different hosts have different addresses. */
struct address traffic_host(const struct traffic *traffic, uint64_t host);

/* When a row starts, if nothing delays it: ascends with `row`. */
uint64_t traffic_row_start(const struct traffic *traffic, uint64_t row);

/* Random numbers, by counter (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014: SplitMix64). */
struct draw {
    uint64_t state;
};
struct draw draw_open(uint64_t seed, uint64_t stream, uint64_t index);
uint64_t draw_next(struct draw *draw);
uint64_t draw_below(struct draw *draw, uint64_t bound); /* `bound` > 0 */

#endif
