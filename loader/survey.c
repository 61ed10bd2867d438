#include "loader/survey.h"

#include "loader/gather_kernel.h"

/* A double holds every integer up to here, so that (double)mantissa / divisor is exact. */
#define MANTISSA_MAX (INT64_C(1) << 53)

enum { CHECK_EVERY = 4096 };

/* Values that are not null, of one column in one batch or partition. */
struct value_range {
    bool has_values;
    int64_t least;
    int64_t greatest;
};

struct survey_step {
    struct builder *builder;
    const struct exchange *exchange;
    const struct column_survey *surveys;
    struct value_range *ranges; /* [batch_count * property_count] */
    _Atomic uint64_t next;
};

static void survey_batches(const struct worker *worker, void *context);
static void fold_property(const struct builder *builder, const struct value_range *ranges,
                          uint32_t property, struct column_survey *survey);
static void plan_columns(const struct worker *worker, void *context);

static const char what[] = "looking through columns";

enum status survey_columns(struct builder *builder, struct arena *scratch,
                           struct column_survey *surveys)
{
    const struct staging *staging = builder->staging;
    struct survey_step step = {.builder = builder};
    TRY(builder_allocate_zeroed(builder, scratch, &step.ranges,
                                (uint64_t)staging->batch_count * staging->schema.property_count,
                                sizeof(struct value_range), what));
    TRY(builder_run(builder, survey_batches, &step, what));
    for (uint32_t property = 0; property < staging->schema.property_count; property++) {
        fold_property(builder, step.ranges, property, &surveys[property]);
    }
    return STATUS_OK;
}

static void widen(struct value_range *range, int64_t least, int64_t greatest)
{
    range->least = range->has_values && range->least < least ? range->least : least;
    range->greatest = range->has_values && range->greatest > greatest ? range->greatest : greatest;
    range->has_values = true;
}

static void widen_by_raws(struct value_range *range, const struct column *column, uint64_t begin,
                          uint64_t end)
{
    uint64_t least = 0;
    uint64_t greatest = 0;
    if (column->width != 0) {
        gather_range(column->values, column->width, begin, end, &least, &greatest);
    }
    widen(range, (int64_t)((uint64_t)column->base + least),
          (int64_t)((uint64_t)column->base + greatest));
}

/* The range of a staged column, exact even where the batch's base or width are not; 64 rows at a
 * time where there are nulls. */
static struct value_range range_of(const struct column *column, uint64_t count)
{
    struct value_range range = {0};
    if (column->null_bits == NULL) {
        widen_by_raws(&range, column, 0, count);
        return range;
    }
    for (uint64_t begin = 0; begin < count; begin += 64) {
        uint64_t end = count - begin < 64 ? count : begin + 64;
        uint64_t values = ~column->null_bits[begin / 64];
        if (end - begin < 64) {
            values &= (UINT64_C(1) << (end - begin)) - 1;
        }
        if (values == UINT64_MAX) {
            widen_by_raws(&range, column, begin, end);
            continue;
        }
        for (; values != 0; values &= values - 1) {
            int64_t value = column_integer(column, begin + (uint32_t)__builtin_ctzll(values));
            widen(&range, value, value);
        }
    }
    return range;
}

static bool has_range(const struct property *property)
{
    return property->role == ROLE_ATTRIBUTE && property->type != TYPE_TEXT;
}

static void survey_batches(const struct worker *worker, void *context)
{
    struct survey_step *step = context;
    const struct staging *staging = step->builder->staging;
    uint32_t property_count = staging->schema.property_count;
    (void)worker;
    uint64_t index;
    uint64_t end;
    while (!builder_must_stop(step->builder) &&
           team_next(&step->next, staging->batch_count, 1, &index, &end)) {
        const struct batch *batch = &staging->batches[index];
        for (uint32_t property = 0; property < property_count; property++) {
            const struct column *column = &batch->columns[property];
            if (has_range(&staging->schema.properties[property]) &&
                survey_has_values(batch, column) && column->encoding != ENCODING_DOUBLE) {
                step->ranges[index * property_count + property] =
                    range_of(column, batch->row_count);
            }
        }
    }
}

/* Whether all batches' values are decimals; `*divisor` is then the greatest one. */
static bool is_decimal(const struct staging *staging, uint32_t property, double *divisor)
{
    *divisor = 1.0;
    for (uint32_t index = 0; index < staging->batch_count; index++) {
        const struct batch *batch = &staging->batches[index];
        const struct column *column = &batch->columns[property];
        if (!survey_has_values(batch, column)) {
            continue;
        }
        if (column->encoding != ENCODING_DECIMAL) {
            return false;
        }
        *divisor = column->divisor > *divisor ? column->divisor : *divisor;
    }
    return true;
}

static bool scale_mantissa(int64_t mantissa, uint64_t factor, int64_t *scaled)
{
    return !__builtin_mul_overflow(mantissa, (int64_t)factor, scaled) && *scaled <= MANTISSA_MAX &&
           *scaled >= -MANTISSA_MAX;
}

static void fold_property(const struct builder *builder, const struct value_range *ranges,
                          uint32_t property, struct column_survey *survey)
{
    const struct staging *staging = builder->staging;
    const struct schema *schema = &staging->schema;
    *survey = (struct column_survey){.encoding = ENCODING_INTEGER};
    if (schema->properties[property].type == TYPE_FLOAT) {
        survey->encoding =
            is_decimal(staging, property, &survey->divisor) ? ENCODING_DECIMAL : ENCODING_DOUBLE;
    }
    struct value_range all = {0};
    for (uint32_t index = 0; index < staging->batch_count; index++) {
        const struct batch *batch = &staging->batches[index];
        const struct column *column = &batch->columns[property];
        const struct value_range *range =
            &ranges[(uint64_t)index * schema->property_count + property];
        if (schema->properties[property].type == TYPE_ADDRESS) {
            continue;
        }
        survey->null_count += column->null_count;
        survey->has_values = survey->has_values || survey_has_values(batch, column);
        if (survey->encoding == ENCODING_DECIMAL && range->has_values) {
            uint64_t factor = survey_factor(survey, column);
            int64_t least;
            int64_t greatest;
            if (scale_mantissa(range->least, factor, &least) &&
                scale_mantissa(range->greatest, factor, &greatest)) {
                widen(&all, least, greatest);
            } else {
                survey->encoding = ENCODING_DOUBLE;
            }
        } else if (range->has_values) {
            widen(&all, range->least, range->greatest);
        }
    }
    survey->least = all.least;
    survey->greatest = all.greatest;
}

static uint8_t width_of(int64_t least, int64_t greatest)
{
    return column_width_for((uint64_t)greatest - (uint64_t)least);
}

/* Widens `range` by the records' values; true as soon as it needs `width`, which is all that the
 * whole input needs. */
static bool widen_by_records(struct value_range *range, const struct builder *builder,
                             const struct column_survey *survey, uint32_t property,
                             const struct flow_record *records, uint64_t count, uint8_t width)
{
    for (uint64_t index = 0; index < count; index++) {
        const struct batch *batch = &builder->staging->batches[records[index].batch];
        const struct column *column = &batch->columns[property];
        if (!column_is_null(column, records[index].row)) {
            int64_t value =
                column_integer(column, records[index].row) * (int64_t)survey_factor(survey, column);
            widen(range, value, value);
        }
        if (index % CHECK_EVERY == 0 && width_of(range->least, range->greatest) == width) {
            return true;
        }
    }
    return width_of(range->least, range->greatest) == width;
}

/* The range of one partition. Hashing makes partitions alike, so that a few thousand flows nearly
 * always show that the partition needs the width of the whole; then the whole's base serves. */
static struct value_range partition_range(const struct survey_step *step, uint32_t partition,
                                          uint32_t property)
{
    struct builder *builder = step->builder;
    const struct column_survey *survey = &step->surveys[property];
    const struct buckets *buckets = &step->exchange->buckets;
    struct value_range whole = {survey->has_values, survey->least, survey->greatest};
    uint8_t width = width_of(survey->least, survey->greatest);
    if (builder->partition_count == 1 || width == 0) {
        return whole;
    }
    struct value_range range = {0};
    for (uint32_t bucket = buckets->partition_first[partition];
         bucket < buckets->partition_first[partition + 1] && !builder_must_stop(builder);
         bucket++) {
        if (widen_by_records(&range, builder, survey, property,
                             exchange_records(step->exchange, bucket),
                             tally_size(&step->exchange->tally, bucket), width)) {
            return whole;
        }
    }
    return range;
}

static void plan_column(const struct survey_step *step, uint32_t index, uint32_t property)
{
    const struct graph *graph = step->builder->graph;
    const struct property *described = &graph->edges.schema.properties[property];
    const struct column_survey *survey = &step->surveys[property];
    struct column *column = &graph->edges.partitions[index].columns[property];
    *column = (struct column){.type = described->type, .encoding = survey->encoding};
    if (described->role == ROLE_START_TIME) {
        column->width = sizeof(time_ns);
    } else if (described->type == TYPE_TEXT) {
        uint32_t count = graph->edges.dictionaries[property].count;
        column->width = column_width_for(count == 0 ? 0 : count - 1);
    } else if (survey->encoding == ENCODING_DOUBLE) {
        column->width = sizeof(double);
    } else if (described->role == ROLE_ATTRIBUTE) {
        struct value_range range = partition_range(step, index, property);
        column->divisor = survey->divisor;
        column->base = range.least;
        column->width = width_of(range.least, range.greatest);
    }
}

/* Records of a bucket ascend in rows, so that its ends tell its range. */
static void plan_rows(const struct survey_step *step, uint32_t index)
{
    const struct builder *builder = step->builder;
    const struct buckets *buckets = &step->exchange->buckets;
    struct value_range range = {0};
    for (uint32_t bucket = buckets->partition_first[index];
         bucket < buckets->partition_first[index + 1]; bucket++) {
        uint64_t count = tally_size(&step->exchange->tally, bucket);
        if (count > 0) {
            const struct flow_record *first = exchange_records(step->exchange, bucket);
            const struct flow_record *last = first + count - 1;
            const struct batch *batches = builder->staging->batches;
            widen(&range, (int64_t)(batches[first->batch].first_row + first->row),
                  (int64_t)(batches[last->batch].first_row + last->row));
        }
    }
    builder->graph->edges.partitions[index].row =
        (struct column){.type = TYPE_INTEGER,
                        .encoding = ENCODING_INTEGER,
                        .width = width_of(range.least, range.greatest),
                        .base = range.least};
}

static void plan_columns(const struct worker *worker, void *context)
{
    struct survey_step *step = context;
    (void)worker;
    uint32_t unit_count = step->builder->graph->edges.schema.property_count + 1;
    uint64_t total = (uint64_t)step->builder->partition_count * unit_count;
    uint64_t unit;
    uint64_t end;
    while (!builder_must_stop(step->builder) && team_next(&step->next, total, 1, &unit, &end)) {
        uint32_t partition = (uint32_t)(unit / unit_count);
        uint32_t property = (uint32_t)(unit % unit_count);
        if (property + 1 == unit_count) {
            plan_rows(step, partition);
        } else {
            plan_column(step, partition, property);
        }
    }
}

enum status survey_partitions(struct builder *builder, const struct exchange *exchange,
                              const struct column_survey *surveys)
{
    struct survey_step step = {.builder = builder, .exchange = exchange, .surveys = surveys};
    uint32_t property_count = builder->graph->edges.schema.property_count;
    for (uint32_t index = 0; index < builder->partition_count; index++) {
        struct partition *partition = &builder->graph->edges.partitions[index];
        TRY(builder_allocate_zeroed(builder, partition->arena, &partition->columns, property_count,
                                    sizeof(struct column), what));
    }
    return builder_run(builder, plan_columns, &step, what);
}
