/* Google Benchmark for C: a benchmark is a function that works while bench_next says so.
 *
 * Each perf/bench_<module>.c registers its benchmarks in bench_main, which the shim calls. All use
 * fixed seeds and say which bound (bytes or items a second) they should approach. */
#ifndef GYRE_PERF_BENCH_H
#define GYRE_PERF_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bench;

/* Registers `function(bench, argument)` under `name`. */
void bench_add(const char *name, void (*function)(struct bench *bench, int64_t argument),
               int64_t argument);

/* True as long as another iteration is wanted. */
bool bench_next(struct bench *bench);

/* What the iterations so far have handled, in total. */
void bench_set_bytes(struct bench *bench, int64_t bytes);
void bench_set_items(struct bench *bench, int64_t items);
/* A figure of the benchmark's own, shown under its name. */
void bench_set_figure(struct bench *bench, const char *name, double value);
int64_t bench_iterations(const struct bench *bench);

/* The bound of one iteration: `work(context)`, the best of several runs. Its share of what an
 * iteration takes is shown as `of_bound`: 1 where the bound is reached. Both in processor time,
 * which other programs disturb less. To be called right before the first iteration, by those that
 * work on the calling thread. */
void bench_set_bound(struct bench *bench, void (*work)(void *context), void *context);

/* Keeps a result from being optimised away. */
void bench_keep(const void *value);

/* Defined by each benchmark program. */
void bench_main(void);

#ifdef __cplusplus
}
#endif

#endif
