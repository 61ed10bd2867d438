/* Time zones by name, of the system's database (/usr/share/zoneinfo, or where the environment's
 * TZDIR says), in the form of RFC 9636, "The Time Zone Information Format (TZif)".
 *
 * A look-up maps the zone's file, searches it and closes it again. What it found, an offset and the
 * time from one change of the clocks to the next in which it holds, each thread remembers for a few
 * zones and times, so that many look-ups near one another cost a comparison. "UTC" needs no
 * database. */
#ifndef GYRE_VALUE_ZONE_H
#define GYRE_VALUE_ZONE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

enum { ZONE_NAME_BYTES_MAX = 64, ZONE_OFFSET_MAX = 18 * 3600 };

/* Seconds east of Greenwich at an instant, in seconds since 1970 UTC. STATUS_USAGE: no such zone,
 * or no database. */
enum status zone_offset_at(struct bytes zone, int64_t utc, int32_t *offset, struct error *error);

/* What `local`, seconds since 1970-01-01T00:00 by the zone's clock, is in UTC, and the offset then.
 * Where clocks were set forward over it, it is as much later as they were set; where they were set
 * back and it came twice, it is the first, or the one that has the offset `*preferred` (NULL:
 * none). */
enum status zone_resolve(struct bytes zone, int64_t local, const int32_t *preferred, int64_t *utc,
                         int32_t *offset, struct error *error);

/* For tests: this thread looks everything up anew. */
void zone_forget(void);

#endif
