#include "loader/gather.h"

#include "loader/gather_kernel.h"
#include "loader/survey.h"

/* Small enough that a slice's plan stays in the first or second cache, large enough that the rows
 * of a batch come in runs of some length. */
enum { SLICE_RECORDS_MIN = 4096, SLICE_RECORDS_MAX = 32768, BATCH_RECORDS_WANTED = 8 };

/* Values are fetched so many runs ahead of their use, where there are so many rows that the caches
 * do not hold them anyway. */
enum { FETCH_RUNS = 2, FETCH_ROWS_MIN = 1 << 20 };

/* Records of one bucket, [begin, begin + count) of the exchange. A worker takes a bucket as a
 * whole, slice by slice, since the slices of one write to the same cache lines; only what is more
 * than a worker's share is divided. */
struct piece {
    uint32_t partition;
    uint64_t count;
    uint64_t begin;
};

/* Records of one batch within a slice. */
struct run {
    uint32_t batch;
    uint32_t begin;
    uint32_t end;
};

/* Columns are gathered in groups of about a quarter of all that a flow takes, and the staging is
 * rid of a group before the next one is opened. Each group costs another walk over the records. */
enum { GATHER_GROUPS = 4 };

/* A slice made ready: where each row goes, batch by batch. */
struct slice_plan {
    uint32_t run_count;
    struct run *runs; /* all three have room for a slice's records */
    struct gather_place *places;
    struct gather_place *nulls;
};

struct gather {
    struct builder *builder;
    const struct exchange *exchange;
    struct arena *scratch;
    struct column_survey *surveys;
    struct piece *pieces;
    uint32_t piece_count;
    uint32_t slice_records; /* of a slice at most */
    struct deal deal;
    struct slice_plan *plans;      /* [worker_count]: room for each worker */
    _Atomic uint64_t *null_counts; /* [partition_count * property_count] */

    /* The group of columns that is gathered. */
    uint32_t begin;
    uint32_t end;
};

static enum status open_gather(struct gather *gather);
static enum status gather_group(struct gather *gather);
static enum status open_columns(struct gather *gather);
static enum status open_column(struct builder *builder, struct partition *partition,
                               struct column *column);
static enum status cut_pieces(struct gather *gather);
static void gather_pieces(const struct worker *worker, void *context);
static void close_nulls(const struct gather *gather);

static const char what[] = "gathering columns";

enum status gather_columns(struct builder *builder, const struct exchange *exchange)
{
    struct gather gather = {.builder = builder, .exchange = exchange};
    uint32_t property_count = builder->staging->schema.property_count;
    enum status status = builder_open_arena(builder, &gather.scratch);
    if (status != STATUS_OK) {
        return status;
    }
    TRY_DONE(open_gather(&gather));
    TRY_DONE(survey_columns(builder, gather.scratch, gather.surveys));
    TRY_DONE(survey_partitions(builder, exchange, gather.surveys));
    TRY_DONE(cut_pieces(&gather));
    while (gather.end < property_count) {
        TRY_DONE(gather_group(&gather));
    }
    close_nulls(&gather);
done:
    arena_close(gather.scratch);
    return status;
}

static enum status open_gather(struct gather *gather)
{
    struct builder *builder = gather->builder;
    uint64_t property_count = builder->staging->schema.property_count;
    TRY(builder_allocate(builder, gather->scratch, &gather->surveys, property_count,
                         sizeof(struct column_survey), what));
    TRY(builder_allocate_zeroed(builder, gather->scratch, &gather->plans, builder->worker_count,
                                sizeof(struct slice_plan), what));
    return builder_allocate_zeroed(builder, gather->scratch, &gather->null_counts,
                                   builder->partition_count * property_count, sizeof(uint64_t),
                                   what);
}

/* Bytes that a flow takes in columns [begin, end). Partitions are alike, so that one tells. */
static uint64_t flow_bytes(const struct gather *gather, uint32_t begin, uint32_t end)
{
    uint64_t bytes = 0;
    for (uint32_t property = begin; property < end; property++) {
        bytes += gather->builder->graph->edges.partitions[0].columns[property].width;
    }
    return bytes;
}

/* The columns from gather->end on, until they make a group. */
static enum status gather_group(struct gather *gather)
{
    struct builder *builder = gather->builder;
    uint32_t property_count = builder->staging->schema.property_count;
    uint64_t all_bytes = flow_bytes(gather, 0, property_count);
    gather->begin = gather->end;
    do {
        gather->end++;
    } while (gather->end < property_count &&
             flow_bytes(gather, gather->begin, gather->end) * GATHER_GROUPS < all_bytes);
    TRY(open_columns(gather));
    deal_restart(&gather->deal);
    TRY(builder_run(builder, gather_pieces, gather, what));
    for (uint32_t property = gather->begin; property < gather->end; property++) {
        staging_release_column(builder->staging, property);
    }
    return STATUS_OK;
}

static bool is_last_group(const struct gather *gather)
{
    return gather->end == gather->builder->staging->schema.property_count;
}

/* Room for the group's columns; for the row numbers with the last one. */
static enum status open_columns(struct gather *gather)
{
    struct builder *builder = gather->builder;
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        struct partition *partition = &builder->graph->edges.partitions[index];
        for (uint32_t property = gather->begin; property < gather->end; property++) {
            struct column *column = &partition->columns[property];
            if ((int)property == builder->graph->edges.start_time) {
                column->values = partition->flow_time;
                continue;
            }
            TRY(open_column(builder, partition, column));
            if (gather->surveys[property].null_count > 0) {
                uint64_t word_count = ((uint64_t)partition->flow_count + 63) / 64;
                TRY(builder_allocate_zeroed(builder, partition->arena, &column->null_bits,
                                            word_count, sizeof(uint64_t), what));
            }
        }
        if (is_last_group(gather)) {
            TRY(open_column(builder, partition, &partition->row));
        }
    }
    return STATUS_OK;
}

static enum status open_column(struct builder *builder, struct partition *partition,
                               struct column *column)
{
    return column->width == 0 ? STATUS_OK
                              : builder_allocate(builder, partition->arena, &column->values,
                                                 partition->flow_count, column->width, what);
}

static enum status cut_pieces(struct gather *gather)
{
    struct builder *builder = gather->builder;
    const struct exchange *exchange = gather->exchange;
    uint64_t wanted = (uint64_t)builder->staging->batch_count * BATCH_RECORDS_WANTED;
    wanted = wanted < SLICE_RECORDS_MIN ? SLICE_RECORDS_MIN : wanted;
    gather->slice_records = wanted < SLICE_RECORDS_MAX ? (uint32_t)wanted : SLICE_RECORDS_MAX;
    uint64_t share = builder->staging->row_count / builder->worker_count;
    share = share < gather->slice_records ? gather->slice_records : share;
    uint64_t room = builder->worker_count + (uint64_t)exchange->buckets.count;
    uint32_t *partitions;
    uint64_t *weights;
    TRY(builder_allocate(builder, gather->scratch, &gather->pieces, room, sizeof(struct piece),
                         what));
    TRY(builder_allocate(builder, gather->scratch, &partitions, room, sizeof(uint32_t), what));
    TRY(builder_allocate(builder, gather->scratch, &weights, room, sizeof(uint64_t), what));
    for (uint32_t bucket = 0; bucket < exchange->buckets.count; bucket++) {
        uint64_t end = exchange->tally.begins[bucket + 1];
        for (uint64_t begin = exchange->tally.begins[bucket]; begin < end; begin += share) {
            uint64_t count = end - begin < share ? end - begin : share;
            uint32_t piece = gather->piece_count++;
            gather->pieces[piece] =
                (struct piece){exchange->buckets.partition[bucket], count, begin};
            partitions[piece] = exchange->buckets.partition[bucket];
            weights[piece] = count;
        }
    }
    return deal_open(&gather->deal, builder, gather->scratch, gather->piece_count, partitions,
                     weights);
}

static void plan_slice(struct slice_plan *plan, const struct flow_record *records, uint32_t count)
{
    plan->run_count = 0;
    for (uint32_t index = 0; index < count; index++) {
        if (index == 0 || records[index].batch != records[index - 1].batch) {
            plan->runs[plan->run_count++] = (struct run){records[index].batch, index, index};
        }
        plan->runs[plan->run_count - 1].end = index + 1;
        plan->places[index] = (struct gather_place){records[index].row, records[index].position};
    }
}

/* Decimals of a batch where the column holds doubles. */
static void gather_doubles(double *out, const struct column *from,
                           const struct gather_place *places, uint64_t count)
{
    for (uint64_t index = 0; index < count; index++) {
        out[places[index].position] = column_float(from, places[index].row);
    }
}

/* The values of one run; what is null is written as anything, and set right after. */
static void gather_run(const struct gather *gather, const struct column_survey *survey,
                       uint32_t property, const struct column *to, const struct batch *batch,
                       const struct gather_place *places, uint64_t count)
{
    const struct builder *builder = gather->builder;
    const struct column *from = &batch->columns[property];
    void *out = (void *)(uintptr_t)to->values;
    if (!survey_has_values(batch, from)) {
        return;
    }
    if (to->type == TYPE_TEXT) {
        uint64_t map = (uint64_t)property * builder->staging->worker_count + batch->worker;
        gather_text_kernel(from->width, to->width)(out, from->values, places, count,
                                                   builder->text_maps[map] + from->base);
    } else if (to->encoding == ENCODING_DOUBLE && from->encoding != ENCODING_DOUBLE) {
        gather_doubles(out, from, places, count);
    } else if (to->encoding == ENCODING_DOUBLE) {
        gather_kernel(from->width, to->width)(out, from->values, places, count, 1, 0);
    } else {
        uint64_t factor = survey_factor(survey, from);
        uint64_t delta = (uint64_t)from->base * factor - (uint64_t)to->base;
        gather_kernel(from->width, to->width)(out, from->values, places, count, factor, delta);
    }
}

/* Sets the nulls of one run; returns how many there are. */
static uint64_t gather_nulls(struct slice_plan *plan, const struct column *to,
                             const struct column *from, const struct gather_place *places,
                             uint64_t count)
{
    if (from->null_bits == NULL) {
        return 0;
    }
    uint64_t null_count = 0;
    for (uint64_t index = 0; index < count; index++) {
        plan->nulls[null_count] = places[index];
        null_count += column_is_null(from, places[index].row);
    }
    if (to->width > 0) {
        gather_kernel(0, to->width)((void *)(uintptr_t)to->values, NULL, plan->nulls, null_count, 1,
                                    0);
    }
    _Atomic uint64_t *bits = (_Atomic uint64_t *)(uintptr_t)to->null_bits;
    for (uint64_t index = 0; index < null_count; index++) {
        uint32_t position = plan->nulls[index].position;
        atomic_fetch_or_explicit(&bits[position >> 6], UINT64_C(1) << (position & 63),
                                 memory_order_relaxed);
    }
    return null_count;
}

/* The rows of a run lie far apart in their batch, each on a cache line of its own. */
static inline void fetch_run(const struct gather *gather, const struct slice_plan *plan,
                             uint32_t index, uint32_t property)
{
    if (index >= plan->run_count || gather->builder->staging->row_count < FETCH_ROWS_MIN) {
        return;
    }
    const struct run *run = &plan->runs[index];
    const struct column *from = &gather->builder->staging->batches[run->batch].columns[property];
    const char *values = from->values;
    for (uint32_t place = run->begin; place < run->end; place++) {
        __builtin_prefetch(values + (uint64_t)plan->places[place].row * from->width);
    }
}

static void gather_property(const struct gather *gather, struct slice_plan *plan,
                            uint32_t partition, uint32_t property)
{
    const struct builder *builder = gather->builder;
    const struct column *to = &builder->graph->edges.partitions[partition].columns[property];
    uint64_t null_count = 0;
    for (uint32_t index = 0; index < plan->run_count; index++) {
        const struct run *run = &plan->runs[index];
        const struct batch *batch = &builder->staging->batches[run->batch];
        const struct gather_place *places = plan->places + run->begin;
        if (to->width > 0) {
            fetch_run(gather, plan, index + FETCH_RUNS, property);
            gather_run(gather, &gather->surveys[property], property, to, batch, places,
                       run->end - run->begin);
        }
        null_count +=
            gather_nulls(plan, to, &batch->columns[property], places, run->end - run->begin);
    }
    if (null_count > 0) {
        uint64_t counter = (uint64_t)partition * builder->staging->schema.property_count + property;
        atomic_fetch_add_explicit(&gather->null_counts[counter], null_count, memory_order_relaxed);
    }
}

static void gather_row_numbers(const struct gather *gather, const struct slice_plan *plan,
                               const struct column *to)
{
    for (uint32_t index = 0; index < plan->run_count && to->width > 0; index++) {
        const struct run *run = &plan->runs[index];
        uint64_t first_row = gather->builder->staging->batches[run->batch].first_row;
        gather_rows((void *)(uintptr_t)to->values, to->width, plan->places + run->begin,
                    run->end - run->begin, first_row - (uint64_t)to->base);
    }
}

static void gather_slice(const struct gather *gather, struct slice_plan *plan, uint32_t partition,
                         uint64_t begin, uint32_t count)
{
    const struct builder *builder = gather->builder;
    plan_slice(plan, gather->exchange->records + begin, count);
    for (uint32_t property = gather->begin; property < gather->end; property++) {
        if (builder->staging->schema.properties[property].role == ROLE_ATTRIBUTE) {
            gather_property(gather, plan, partition, property);
        }
    }
    if (is_last_group(gather)) {
        gather_row_numbers(gather, plan, &builder->graph->edges.partitions[partition].row);
    }
}

/* Of `count` rows, those to be reported as done: by columns, and all of them after the last. */
static uint64_t rows_done(const struct gather *gather, uint64_t count)
{
    uint32_t property_count = gather->builder->staging->schema.property_count;
    return count * gather->end / property_count - count * gather->begin / property_count;
}

static void gather_piece(const struct gather *gather, struct slice_plan *plan,
                         const struct piece *piece)
{
    uint64_t end = piece->begin + piece->count;
    uint32_t count;
    for (uint64_t at = piece->begin; at < end && !builder_must_stop(gather->builder); at += count) {
        count = end - at < gather->slice_records ? (uint32_t)(end - at) : gather->slice_records;
        gather_slice(gather, plan, piece->partition, at, count);
        progress_add(gather->builder->progress, rows_done(gather, count));
    }
}

static bool open_plan(const struct gather *gather, struct slice_plan *plan)
{
    struct arena *scratch = gather->scratch;
    uint32_t count = gather->slice_records;
    if (plan->nulls == NULL) {
        plan->runs = arena_allocate(scratch, count, sizeof(*plan->runs));
        plan->places = arena_allocate(scratch, count, sizeof(*plan->places));
        plan->nulls = arena_allocate(scratch, count, sizeof(*plan->nulls));
    }
    return plan->runs != NULL && plan->places != NULL && plan->nulls != NULL;
}

static void gather_pieces(const struct worker *worker, void *context)
{
    struct gather *gather = context;
    struct slice_plan plan = gather->plans[worker->index];
    uint32_t unit;
    while (deal_next(&gather->deal, gather->builder, worker, &unit)) {
        if (!open_plan(gather, &plan)) {
            builder_fail(gather->builder, gather->scratch);
            return;
        }
        gather_piece(gather, &plan, &gather->pieces[unit]);
    }
    gather->plans[worker->index] = plan;
}

/* Null counts, and no bits where a partition turned out to have no nulls. */
static void close_nulls(const struct gather *gather)
{
    uint32_t property_count = gather->builder->staging->schema.property_count;
    for (uint32_t index = 0; index < gather->builder->partition_count; index++) {
        for (uint32_t property = 0; property < property_count; property++) {
            struct column *column =
                &gather->builder->graph->edges.partitions[index].columns[property];
            column->null_count = gather->null_counts[(uint64_t)index * property_count + property];
            column->null_bits = column->null_count == 0 ? NULL : column->null_bits;
        }
    }
}
