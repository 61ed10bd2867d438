/* The aggregates that compute: sums, deviations, percentiles. Their states are parts of a fold's
 * (value/fold.h); zeroed, they have taken nothing. What they take or merge does not depend on the
 * order, but for what is an error. */
#ifndef GYRE_VALUE_FOLD_NUMBER_H
#define GYRE_VALUE_FOLD_NUMBER_H

#include "base/stop.h"
#include "value/exact_sum.h"
#include "value/pool.h"

/* Durations of which only the sum has to be one. */
struct fold_durations {
    __int128 months;
    __int128 days;
    __int128 nanoseconds;
};

/* Numbers or durations, whichever come first. */
struct fold_sum {
    __int128 integers; /* 2^64 of them cannot overflow it */
    struct exact_sum floats;
    struct fold_durations durations;
    bool has_floats;
    bool has_numbers;
    bool has_durations;
};

/* STATUS_USAGE for what is no number, and how to make one of a duration. `name` is the aggregate's,
 * as below. */
enum status fold_need_number(struct value value, const char *name, struct error *error);

enum status fold_sum_add(struct fold_sum *sum, struct value value, const char *name,
                         struct pool *pool, struct error *error);

/* sum += other. STATUS_USAGE where one has numbers and the other durations. */
enum status fold_sum_merge(struct fold_sum *sum, const struct fold_sum *other, const char *name,
                           struct pool *pool, struct error *error);

/* An integer when all were, and then it must fit; 0 without any. Once, as the mean. */
enum status fold_sum_total(struct fold_sum *sum, struct pool *pool, struct value *result,
                           struct error *error);

/* A float, or a duration; null without any. */
enum status fold_sum_mean(struct fold_sum *sum, int64_t count, struct pool *pool,
                          struct value *result, struct error *error);

/* Nothing is lost of either sum, so that a large mean does not drown a small deviation. */
struct fold_deviation {
    struct exact_sum sum;
    struct exact_sum squares;
};
enum status fold_deviation_add(struct fold_deviation *deviation, struct value value,
                               const char *name, struct pool *pool, struct error *error);
enum status fold_deviation_merge(struct fold_deviation *deviation,
                                 const struct fold_deviation *other, struct pool *pool,
                                 struct error *error);

/* Of a sample (divided by count - 1), or of the whole population; 0 of a single value. Once. */
enum status fold_deviation_result(struct fold_deviation *deviation, int64_t count, bool is_whole,
                                  struct pool *pool, struct value *result, struct error *error);

struct fold_percentile {
    bool is_set;
    double fraction;
};

/* From 0 to 1, and the same each time. */
enum status fold_percentile_set(struct fold_percentile *percentile, struct value parameter,
                                const char *name, struct error *error);

/* Null of no numbers. The first interpolates between the two nearest; the second takes the smallest
 * number that has at least that fraction of all at or below it. The numbers change places. Looks at
 * `stop` (NULL: never), and fails with what it means. */
enum status fold_percentile_between(const struct fold_percentile *percentile, struct value *items,
                                    uint32_t count, struct stop *stop, struct value *result,
                                    struct error *error);
enum status fold_percentile_among(const struct fold_percentile *percentile, struct value *items,
                                  uint32_t count, struct stop *stop, struct value *result,
                                  struct error *error);

#endif
