/* Random small graphs and queries, from a seed: the same seed gives the same case on any machine.
 *
 * A case is drawn in the oracle's terms and written in gyre's: flows as a CSV file, the query as
 * text in one of many spellings (edges mirrored, arrows at both ends or none, chains or
 * comma-separated parts, several MATCH clauses, comparisons turned round, anonymous variables,
 * labels, keywords in any case). */
#ifndef GYRE_TESTS_SUPPORT_RANDOM_CASE_H
#define GYRE_TESTS_SUPPORT_RANDOM_CASE_H

#include <stdint.h>
#include <stdio.h>

#include "tests/support/oracle.h"

enum { CASE_FLOWS_MAX = 60, CASE_NAMES = 8, CASE_QUERY_BYTES = 8192 };

struct random_case {
    uint64_t seed;
    struct oracle_flow flows[CASE_FLOWS_MAX];
    int flow_count;
    struct oracle_query query;
};

/* The vertices' names: addresses of every kind. */
extern const char *const case_names[CASE_NAMES];

/* SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014). */
uint64_t random_next(uint64_t *state);
int random_below(uint64_t *state, int bound);

void case_draw(struct random_case *drawn, uint64_t seed);

/* `Id` is the flow's number, its place in the file. */
void case_write_csv(const struct random_case *drawn, FILE *file);

/* `text` has room for CASE_QUERY_BYTES. */
void case_write_query(const struct random_case *drawn, char *text);

void case_drop_flow(struct random_case *drawn, int flow);
void case_drop_clause(struct random_case *drawn, int clause);

#endif
