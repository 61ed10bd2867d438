/* A conjunct about one column and literals, as ranges over the column's raw values or a table over
 * dictionary codes: no lane of a program is touched. */
#ifndef GYRE_ENGINE_FILTER_TEST_H
#define GYRE_ENGINE_FILTER_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "numa/arena.h"
#include "query/bound.h"

enum flow_test_kind {
    FLOW_TEST_INTEGERS, /* integer_first <= value <= integer_last (codes, times, booleans too) */
    FLOW_TEST_REALS,    /* real_first <= value <= real_last */
    FLOW_TEST_TABLE,    /* table[code] */
    FLOW_TEST_NULL,     /* the value is missing */
};

/* The test over one partition's column: raw - first <= span. */
struct raw_range {
    bool is_empty;
    uint64_t first;
    uint64_t span;
};

struct flow_test {
    enum flow_test_kind kind;
    uint32_t property;
    bool is_empty;    /* the range is */
    bool is_inverted; /* passes where the range does not hold; null never passes */
    int64_t integer_first;
    int64_t integer_last;
    double real_first;
    double real_last;
    const uint8_t *table;
    struct raw_range *ranges; /* [partition], of FLOW_TEST_INTEGERS and FLOW_TEST_REALS */
};

/* Whether `conjunct`, which reads pattern edge `edge` only, is such a test; `*out_of_memory` tells
 * why it is not when a table could not be had. The ranges are left to flow_test_resolve. */
bool flow_test_of(struct flow_test *test, const struct bound_query *query, uint32_t edge,
                  const struct expression *conjunct, struct arena *arena, bool *out_of_memory);

/* Times from `first` to `last`. */
void flow_test_of_times(struct flow_test *test, const struct edge_frame *frame, int64_t first,
                        int64_t last);

/* Finds the raw range in each partition. False when memory runs out. */
bool flow_test_resolve(struct flow_test *test, const struct edge_frame *frame, struct arena *arena);

/* Writes the bits of flows 64 * first_word .. of a partition, `count` of them. */
void flow_test_run(const struct flow_test *test, const struct partition *partition,
                   uint64_t first_word, uint64_t count, uint64_t *words);

#endif
