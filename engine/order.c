/* Sorting by keys, most significant digit first; see engine/order.h. */
#include "engine/order.h"

#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "engine/operations.h"
#include "engine/order_pack.h"

enum {
    RUN_SMALL = 48,         /* runs of at most that many rows are merge-sorted */
    COUNT_PARALLEL = 32768, /* from that many rows on the team sorts */
    BUCKETS_MAX = 256,
    WORKER_BUCKETS = 16, /* at least, so that workers end together */
    BUCKET_ROWS = 8192,  /* at least: fewer cost more to part than they save in sorting */
    BUCKET_SAMPLES = 16,
    FOUND_TOGETHER = 8,
    PACK_ROWS = 4096,       /* from that many on keys are packed */
    PATIENT_ROWS = 1 << 14, /* between two looks at the patience */
    PATIENT_PAGES = 16,     /* the same, where each may be the first on a huge page */
};

struct sorter {
    const struct graph *graph;
    const struct order_key *keys;
    uint32_t key_count;
    const struct stop_patience *patience;
};

/* By what rows are to be sorted from here on. */
struct level {
    uint32_t key;
    uint32_t digit;
};

/* Shared by the team. */
struct team_sort {
    struct sorter sorter;
    struct radix_pair *pairs;
    struct radix_pair *scratch;
    uint64_t count;
    uint64_t needed;
    uint32_t bucket_count;               /* a power of two */
    uint64_t *places;                    /* [worker][bucket]: first counts, then where to write */
    uint8_t *buckets;                    /* [count]: of each pair */
    uint64_t splitters[BUCKETS_MAX - 1]; /* ascending: a bucket begins at each */
    uint64_t begins[BUCKETS_MAX + 1];
    _Atomic uint64_t next_bucket;
    struct order_pack *pack; /* NULL: one key after the other */
    bool is_packed;          /* as what follows, written by worker 0 between barriers */
    bool is_given_up;
};

static enum status given_up(const struct sorter *sorter, struct error *error);
static void sort_run(const struct sorter *sorter, struct radix_pair *pairs,
                     struct radix_pair *scratch, uint64_t count, uint64_t needed,
                     struct level level);
static void sort_filled(const struct sorter *sorter, struct radix_pair *pairs,
                        struct radix_pair *scratch, uint64_t count, uint64_t needed,
                        struct level level, const struct order_pack *pack);
static void sort_alone(struct team_sort *sort);
static void sort_on_team(const struct worker *worker, void *context);

static uint32_t bucket_count(uint64_t row_count, uint32_t worker_count)
{
    uint32_t count = BUCKETS_MAX;
    while (count / 2 >= WORKER_BUCKETS * worker_count && row_count / count < BUCKET_ROWS) {
        count /= 2;
    }
    return count;
}

enum status order_sort(const struct graph *graph, const struct order_key *keys, uint32_t key_count,
                       struct radix_pair *pairs, struct radix_pair *scratch, uint8_t *buckets,
                       uint64_t count, uint64_t needed, struct team *team,
                       const struct stop_patience *patience, struct arena *arena,
                       struct error *error)
{
    struct sorter sorter = {graph, keys, key_count, patience};
    uint32_t worker_count = team_worker_count(team);
    bool is_alone = count < COUNT_PARALLEL || worker_count == 1 || key_count == 0;
    struct team_sort sort = {.sorter = sorter,
                             .pairs = pairs,
                             .scratch = scratch,
                             .count = count,
                             .needed = needed,
                             .bucket_count = bucket_count(count, worker_count),
                             .buckets = buckets};
    if (count >= PACK_ROWS) {
        sort.pack = order_pack_open(graph, keys, key_count, pairs, count,
                                    is_alone ? 1 : worker_count, arena);
    }
    if (is_alone) {
        sort_alone(&sort);
        return given_up(&sorter, error);
    }
    sort.places = arena_allocate_zeroed(arena, (uint64_t)worker_count * sort.bucket_count,
                                        sizeof *sort.places);
    if (sort.places == NULL) {
        return arena_error(arena, "ordering rows", error);
    }
    team_run(team, sort_on_team, &sort);
    return given_up(&sorter, error);
}

static void sort_alone(struct team_sort *sort)
{
    const struct sorter *sorter = &sort->sorter;
    bool is_packed = false;
    if (sort->pack != NULL) {
        order_pack_survey(sort->pack, 0, sort->pairs, sort->count, sorter->patience);
        is_packed = order_pack_divide(sort->pack, 1);
    }
    if (is_packed) {
        order_pack_fill(sort->pack, sort->pairs, sort->count, sorter->patience);
        sort_filled(sorter, sort->pairs, sort->scratch, sort->count, sort->needed,
                    (struct level){0}, sort->pack);
    } else {
        sort_run(sorter, sort->pairs, sort->scratch, sort->count, sort->needed, (struct level){0});
    }
}

/* What is left half done is not shown. */
static enum status given_up(const struct sorter *sorter, struct error *error)
{
    return stop_patience_is_over(sorter->patience)
               ? error_set(error, STATUS_INTERRUPTED, "interrupted while ordering rows")
               : STATUS_OK;
}

void order_sort_alone(const struct graph *graph, const struct order_key *keys, uint32_t key_count,
                      struct radix_pair *pairs, struct radix_pair *scratch, uint64_t count,
                      uint64_t needed)
{
    struct sorter sorter = {graph, keys, key_count, NULL};
    sort_run(&sorter, pairs, scratch, count, needed, (struct level){0});
}

uint32_t order_add_row_keys(const struct bound_query *query, const struct rows *rows,
                            struct order_key *keys)
{
    uint32_t count = 0;
    uint32_t known = query_known_vertices(query);
    for (uint32_t edge = 0; edge < query->edge_count; edge++) {
        keys[count++] = (struct order_key){.type = TYPE_EDGE, .rows = rows, .variable = edge};
    }
    for (uint32_t at = 0; at < rows->layout.vertex_count; at++) {
        uint32_t vertex = rows->layout.vertices[at];
        if ((known >> vertex & 1) == 0) {
            keys[count++] =
                (struct order_key){.type = TYPE_VERTEX, .rows = rows, .variable = vertex};
        }
    }
    return count;
}

/* Looked at by loops over rows, at each `i`. */
static inline bool is_over(const struct sorter *sorter, uint64_t i)
{
    return i % PATIENT_ROWS == PATIENT_ROWS - 1 && stop_patience_is_over(sorter->patience);
}

static void copy_pairs(const struct sorter *sorter, const struct radix_pair *pairs, uint64_t count,
                       struct radix_pair *copy)
{
    for (uint64_t begin = 0; begin < count; begin += PATIENT_ROWS) {
        uint64_t some = count - begin < PATIENT_ROWS ? count - begin : PATIENT_ROWS;
        if (begin > 0 && stop_patience_is_over(sorter->patience)) {
            return;
        }
        memcpy(copy + begin, pairs + begin, some * sizeof *copy);
    }
}

/* Rows that were found one after the other often show the same address or text, whose digit is made
 * once. */
static void fill_digits(const struct sorter *sorter, struct radix_pair *pairs, uint64_t count,
                        uint32_t at, uint32_t digit)
{
    const struct order_key *key = &sorter->keys[at];
    bool repeats = order_key_is_apart(key);
    union lane last = {.integer = 0};
    uint64_t last_value = 0;
    for (uint64_t i = 0; i < count && !is_over(sorter, i); i++) {
        order_fetch_ahead(key, pairs, count, i);
        uint64_t row = pairs[i].value;
        uint64_t value = UINT64_MAX;
        if (!order_key_is_null(key, row)) {
            union lane lane = order_key_value(key, row);
            value = repeats && lane.integer == last.integer
                        ? last_value
                        : order_digit(sorter->graph, key->type, lane, digit);
            last = lane;
            last_value = value;
        }
        pairs[i].key = key->is_descending ? ~value : value;
    }
}

static int compare_rows(const struct sorter *sorter, uint64_t left, uint64_t right, uint32_t at)
{
    for (; at < sorter->key_count; at++) {
        const struct order_key *key = &sorter->keys[at];
        bool left_is_null = order_key_is_null(key, left);
        bool right_is_null = order_key_is_null(key, right);
        int order = left_is_null - right_is_null;
        if (order == 0 && !left_is_null) {
            order = lane_compare(key->type, sorter->graph, order_key_value(key, left),
                                 order_key_value(key, right));
        }
        if (order != 0) {
            return key->is_descending ? -order : order;
        }
    }
    return 0;
}

/* By digits, and from key `at` on where these are equal. */
static inline bool is_before(const struct sorter *sorter, const struct radix_pair *left,
                             const struct radix_pair *right, uint32_t at)
{
    return left->key < right->key ||
           (left->key == right->key && compare_rows(sorter, left->value, right->value, at) < 0);
}

/* Merges two sorted neighbours of `pairs` into `out`. */
static void merge(const struct sorter *sorter, const struct radix_pair *pairs, uint64_t middle,
                  uint64_t count, struct radix_pair *out, uint32_t at)
{
    uint64_t left = 0;
    uint64_t right = middle;
    for (uint64_t i = 0; i < count && !is_over(sorter, i); i++) {
        bool takes_right =
            left == middle || (right < count && is_before(sorter, &pairs[right], &pairs[left], at));
        out[i] = takes_right ? pairs[right++] : pairs[left++];
    }
}

/* Bottom up, stable, from key `at` on, of which all rows have a digit. */
static void merge_sort(const struct sorter *sorter, struct radix_pair *pairs,
                       struct radix_pair *scratch, uint64_t count, uint32_t at)
{
    struct radix_pair *from = pairs;
    struct radix_pair *to = scratch;
    for (uint64_t width = 1; width < count; width *= 2) {
        if (count > PATIENT_ROWS && stop_patience_is_over(sorter->patience)) {
            return;
        }
        for (uint64_t begin = 0; begin < count; begin += 2 * width) {
            uint64_t length = count - begin < 2 * width ? count - begin : 2 * width;
            uint64_t middle = length < width ? length : width;
            merge(sorter, from + begin, middle, length, to + begin, at);
        }
        struct radix_pair *exchanged = from;
        from = to;
        to = exchanged;
    }
    if (from != pairs) {
        copy_pairs(sorter, from, count, pairs);
    }
}

/* Whether rows with the same digits have the same key. */
static bool run_is_same(const struct sorter *sorter, const struct radix_pair *pairs, uint64_t count,
                        uint32_t at)
{
    const struct order_key *key = &sorter->keys[at];
    if (key->nulls == NULL && key->type != TYPE_TEXT && key->type != TYPE_ADDRESS &&
        key->type != TYPE_VERTEX) {
        return true;
    }
    bool is_null = order_key_is_null(key, pairs[0].value);
    union lane value = order_key_value(key, pairs[0].value);
    for (uint64_t i = 1; i < count && !is_over(sorter, i); i++) {
        if (order_key_is_null(key, pairs[i].value) != is_null ||
            (!is_null && !lane_same(key->type, value, order_key_value(key, pairs[i].value)))) {
            return false;
        }
    }
    return true;
}

/* Sorts a run whose rows have the same digit by what comes after it. */
static void sort_same(const struct sorter *sorter, struct radix_pair *pairs,
                      struct radix_pair *scratch, uint64_t count, uint64_t needed,
                      struct level level, const struct order_pack *pack)
{
    struct level next = {.key = level.key + 1};
    if (pack != NULL) {
        next.key = order_pack_next(pack, pairs[0].value);
    } else if (!run_is_same(sorter, pairs, count, level.key)) {
        next = (struct level){level.key, level.digit + 1};
        if (next.digit == order_digit_count(sorter->keys[level.key].type)) {
            merge_sort(sorter, pairs, scratch, count, level.key);
            return;
        }
    }
    sort_run(sorter, pairs, scratch, count, needed, next);
}

/* Recursion is as deep as there are digits. */
static void sort_run(const struct sorter *sorter, struct radix_pair *pairs,
                     struct radix_pair *scratch, uint64_t count, uint64_t needed,
                     struct level level)
{
    if (count < 2 || level.key == sorter->key_count ||
        (count > PATIENT_ROWS && stop_patience_is_over(sorter->patience))) {
        return;
    }
    fill_digits(sorter, pairs, count, level.key, level.digit);
    sort_filled(sorter, pairs, scratch, count, needed, level, NULL);
}

/* Sorts rows that have their digits, with `pack` of several keys. */
static void sort_filled(const struct sorter *sorter, struct radix_pair *pairs,
                        struct radix_pair *scratch, uint64_t count, uint64_t needed,
                        struct level level, const struct order_pack *pack)
{
    if (count <= RUN_SMALL) {
        merge_sort(sorter, pairs, scratch, count, level.key);
        return;
    }
    radix_sort_patiently(pairs, scratch, count, sorter->patience);
    uint64_t runs = 0;
    for (uint64_t begin = 0; begin < count && begin < needed && !is_over(sorter, runs++);) {
        uint64_t end = begin + 1;
        uint64_t value = pairs[begin].key;
        for (; end < count && pairs[end].key == value; end++) {
            if (is_over(sorter, end)) {
                return;
            }
        }
        if (end - begin > 1) {
            sort_same(sorter, pairs + begin, scratch + begin, end - begin, needed - begin, level,
                      pack);
        }
        begin = end;
    }
}

/* How many splitters are not above the digits of some pairs: binary searches without branches, side
 * by side, since each waits for its memory. */
static void find_some(const struct team_sort *sort, const struct radix_pair *pairs, uint32_t count,
                      uint8_t *buckets)
{
    uint32_t found[FOUND_TOGETHER] = {0};
    for (uint32_t step = sort->bucket_count / 2; step > 0; step /= 2) {
        for (uint32_t i = 0; i < FOUND_TOGETHER; i++) {
            uint64_t digit = pairs[i < count ? i : 0].key;
            found[i] += (0U - (sort->splitters[found[i] + step - 1] <= digit)) & step;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        buckets[i] = (uint8_t)found[i];
    }
}

/* Looks for the buckets of pairs begin..end-1, and counts them. */
static void find_buckets(const struct team_sort *sort, uint64_t begin, uint64_t end,
                         uint64_t *counts)
{
    uint64_t round = 0;
    for (uint64_t i = begin; i < end && !is_over(&sort->sorter, round++); i += FOUND_TOGETHER) {
        uint32_t some = end - i < FOUND_TOGETHER ? (uint32_t)(end - i) : FOUND_TOGETHER;
        find_some(sort, sort->pairs + i, some, sort->buckets + i);
        for (uint32_t j = 0; j < some; j++) {
            counts[sort->buckets[i + j]]++;
        }
    }
}

/* A sample of the first digits tells buckets of about the same size, however skewed they are. One
 * worker chooses. */
static void choose_splitters(struct team_sort *sort)
{
    struct radix_pair *samples = sort->scratch;
    uint32_t count = sort->bucket_count * BUCKET_SAMPLES;
    for (uint64_t i = 0; i < count; i++) {
        samples[i] = sort->pairs[i * (sort->count / count)];
    }
    radix_sort(samples, samples + count, count);
    for (uint32_t i = 0; i + 1 < sort->bucket_count; i++) {
        sort->splitters[i] = samples[(i + 1) * BUCKET_SAMPLES].key;
    }
}

/* Counts become places: bucket by bucket, within one worker by worker, so that order is kept. */
static void place_buckets(struct team_sort *sort, uint32_t worker_count)
{
    uint64_t place = 0;
    for (uint32_t bucket = 0; bucket < sort->bucket_count; bucket++) {
        sort->begins[bucket] = place;
        for (uint32_t i = 0; i < worker_count; i++) {
            uint64_t *own = &sort->places[(uint64_t)i * sort->bucket_count + bucket];
            uint64_t count = *own;
            *own = place;
            place += count;
        }
    }
    sort->begins[sort->bucket_count] = place;
}

static void sort_buckets(struct team_sort *sort)
{
    uint64_t bucket = 0;
    uint64_t end = 0;
    while (!stop_patience_is_over(sort->sorter.patience) &&
           team_next(&sort->next_bucket, sort->bucket_count, 1, &bucket, &end)) {
        uint64_t begin = sort->begins[bucket];
        uint64_t count = sort->begins[bucket + 1] - begin;
        copy_pairs(&sort->sorter, sort->scratch + begin, count, sort->pairs + begin);
        if (begin < sort->needed) {
            sort_filled(&sort->sorter, sort->pairs + begin, sort->scratch + begin, count,
                        sort->needed - begin, (struct level){0},
                        sort->is_packed ? sort->pack : NULL);
        }
    }
}

/* The first digits of pairs begin..end-1. */
static void fill_on_team(const struct worker *worker, struct team_sort *sort, uint64_t begin,
                         uint64_t end)
{
    const struct sorter *sorter = &sort->sorter;
    if (sort->pack != NULL) {
        order_pack_survey(sort->pack, worker->index, sort->pairs + begin, end - begin,
                          sorter->patience);
        team_barrier(worker);
        if (worker->index == 0) {
            sort->is_packed = order_pack_divide(sort->pack, worker->worker_count);
        }
        team_barrier(worker);
    }
    if (sort->is_packed) {
        order_pack_fill(sort->pack, sort->pairs + begin, end - begin, sorter->patience);
    } else {
        fill_digits(sorter, sort->pairs + begin, end - begin, 0, 0);
    }
}

static void sort_on_team(const struct worker *worker, void *context)
{
    struct team_sort *sort = context;
    uint64_t *places = sort->places + (uint64_t)worker->index * sort->bucket_count;
    uint64_t begin = 0;
    uint64_t end = 0;
    team_share(worker, sort->count, &begin, &end);
    fill_on_team(worker, sort, begin, end);
    team_barrier(worker);
    if (worker->index == 0) {
        choose_splitters(sort);
    }
    team_barrier(worker);
    find_buckets(sort, begin, end, places);
    team_barrier(worker);
    if (worker->index == 0) {
        /* Then not all pairs have a bucket. */
        sort->is_given_up = stop_patience_is_over(sort->sorter.patience);
        place_buckets(sort, worker->worker_count);
    }
    team_barrier(worker);
    for (uint64_t i = begin; i < end && !sort->is_given_up; i++) {
        sort->scratch[places[sort->buckets[i]]++] = sort->pairs[i];
        /* The first row of each bucket is the first on a page, which the system clears. */
        if (i % PATIENT_PAGES == 0 && stop_patience_is_over(sort->sorter.patience)) {
            break;
        }
    }
    team_barrier(worker);
    if (!sort->is_given_up) {
        sort_buckets(sort);
    }
}
