/* Filters over random rows, compared with the programs of their conjuncts: for tests of the
 * engine. */
#ifndef GYRE_TESTS_SUPPORT_TINY_FILTER_H
#define GYRE_TESTS_SUPPORT_TINY_FILTER_H

#include "engine/filter.h"
#include "tests/support/tiny_query.h"

enum { TINY_FILTER_ROWS_MAX = 2000, TINY_FILTER_ADDRESSES = 12 };
extern struct tiny_row tiny_filter_rows[TINY_FILTER_ROWS_MAX];
extern const char *const tiny_filter_addresses[TINY_FILTER_ADDRESSES];

uint64_t tiny_random(uint64_t *state);

/* Fills the first `count` rows. Numbers of packets lie within `span` of `base`; durations are
 * thousandths or any doubles; both and protocols may be null. */
void tiny_filter_fill(uint32_t count, int64_t base, uint64_t span, bool is_double, uint64_t seed);

struct filters tiny_filter_build(struct tiny *tiny, struct error *error, enum status *status);

/* Asserts that the bits of edge 0 are what the programs of all conjuncts say of each flow, one
 * after the other, and that the counts agree. */
void tiny_filter_expect(struct tiny *tiny);

#endif
