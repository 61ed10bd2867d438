/* Times and durations, between text and int64 nanoseconds. Times count from 1970-01-01 UTC and
 * reach from 1677 to 2262; gyre takes times without a zone as UTC. */
#ifndef GYRE_BASE_TIME_TEXT_H
#define GYRE_BASE_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

typedef int64_t time_ns;

#define NS_PER_SECOND INT64_C(1000000000)

enum { TIME_TEXT_BYTES = 40, DURATION_TEXT_BYTES = 48 };

/* Reads `YYYY/MM/DD HH:MM:SS[.fraction]` (Argus, CTU-13) and ISO 8601 `YYYY-MM-DD[THH:MM[:SS[.f]]]`
 * with `T` or a blank, then nothing, `Z`, `+HH:MM` or `+HHMM`. One to nine digits of fraction.
 * Calendar checked (February 30th is refused; a leap second's :60 is refused). False when it is no
 * time. */
bool time_parse(struct bytes text, time_ns *time);

/* What time_parse learnt from the last row, so that the next row, usually in the same minute,
 * costs a comparison of 16 bytes. Zeroed by the caller; one per worker. */
struct time_cache {
    char minute[16];
    time_ns base;
    bool is_set;
};
bool time_parse_cached(struct time_cache *cache, struct bytes text, time_ns *time);

/* ISO 8601, `2011-08-16T10:01:46.972101Z`: as many fraction digits as needed, in threes. Returns
 * the length; NUL-terminated. */
uint32_t time_format(time_ns time, char *text);

/* ISO 8601, `PT1H2M3.5S`, `-PT0.25S`, days as P2DT...; `PT0S` for none. */
uint32_t duration_format(int64_t duration_ns, char *text);

/* A command line's duration: `90`, `90s`, `1500ms`, `10m`, `2h`, `1d`, with a decimal point.
 * False when it is none, or negative, or does not fit. */
bool duration_parse(struct bytes text, int64_t *duration_ns);

#endif
