/* The rule by which a zone goes on for ever, as POSIX writes it in TZ: "CET-1CEST,M3.5.0,M10.5.0/3"
 * (IEEE Std 1003.1, section 8.3, and the wider hours of RFC 9636). Files of zones end with one. */
#ifndef GYRE_VALUE_ZONE_RULE_H
#define GYRE_VALUE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* Seconds east of Greenwich from one instant to before another, in seconds since 1970 UTC. */
struct zone_span {
    int64_t from;
    int64_t to;
    int32_t offset;
};

/* The span that `utc` is in, or a part of it around `utc`. False when `rule` is none. */
bool zone_rule_span(struct bytes rule, int64_t utc, struct zone_span *span);

#endif
