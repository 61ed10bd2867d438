/* Rows made by hand, and the staging that a parser would make of them: for tests of the build.
 *
 * A `struct sample` holds rows as cells, easily looked at; sample_stage cuts them into batches,
 * gives these to workers at random, and codes texts and addresses as each worker meets them. All
 * that a test makes goes back by sample_close and staging_close. Shares no code with the loader. */
#ifndef GYRE_TESTS_SUPPORT_STAGING_H
#define GYRE_TESTS_SUPPORT_STAGING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/memory.h"
#include "loader/batch.h"

enum { CELL_TEXT_BYTES = 64 };

struct cell {
    bool is_null;
    bool is_double;  /* of a float: `real`, not integer / 10^scale */
    uint32_t scale;  /* of a float */
    int64_t integer; /* of all but text: the value; of a float the mantissa */
    double real;
    char text[CELL_TEXT_BYTES]; /* of texts and addresses */
};

struct sample {
    struct schema schema;
    uint64_t row_count;
    struct cell *cells; /* [row_count * property_count], row by row */
};

struct stage_options {
    uint64_t seed;
    uint32_t worker_count;
    uint32_t batch_rows_max;
    bool is_loose; /* bases below the least value and widths above the narrowest, as a batch may */
};

static inline uint64_t stage_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(*state);
}

static inline struct cell *sample_cell(const struct sample *sample, uint64_t row, uint32_t property)
{
    return &sample->cells[row * sample->schema.property_count + property];
}

static inline void sample_close(struct sample *sample)
{
    schema_close(&sample->schema);
    memory_free(sample->cells);
    *sample = (struct sample){0};
}

static inline void *stage_allocate(struct arena *arena, uint64_t count, uint64_t size)
{
    void *block = arena_allocate_zeroed(arena, count, size);
    CHECK(block != NULL);
    return block;
}

static inline void *stage_take(struct staged_pool *pool, struct arena *arena, uint64_t bytes)
{
    void *taken = staged_pool_take(pool, arena, bytes);
    CHECK(taken != NULL);
    return memset(taken, 0, bytes);
}

/* The code of a text, by a walk along the slots; grows the table at half load. */
static inline uint32_t stage_text(struct text_table *table, struct arena *arena, const char *text)
{
    struct bytes bytes = bytes_of(text);
    if (table->slot_count <= (uint64_t)table->count * 2) {
        uint64_t slot_count = table->slot_count == 0 ? 16 : table->slot_count * 2;
        uint32_t *slots = stage_allocate(arena, slot_count, sizeof(*slots));
        for (uint32_t code = 0; code < table->count; code++) {
            uint64_t slot = bytes_hash(text_view(table->entries[code])) % slot_count;
            while (slots[slot] != 0) {
                slot = (slot + 1) % slot_count;
            }
            slots[slot] = code + 1;
        }
        table->slots = slots;
        table->slot_count = slot_count;
        table->capacity = (uint32_t)slot_count;
        table->entries = arena_resize(arena, table->entries, slot_count, sizeof(struct text *));
        CHECK(table->entries != NULL);
    }
    uint64_t slot = bytes_hash(bytes) % table->slot_count;
    while (table->slots[slot] != 0) {
        if (bytes_equal(text_view(table->entries[table->slots[slot] - 1]), bytes)) {
            return table->slots[slot] - 1;
        }
        slot = (slot + 1) % table->slot_count;
    }
    struct text *entry = stage_allocate(arena, 1, text_bytes((uint32_t)bytes.size));
    text_fill(entry, bytes);
    table->entries[table->count] = entry;
    table->slots[slot] = ++table->count;
    return table->count - 1;
}

static inline uint32_t stage_address(struct staging_worker *worker, const char *text,
                                     uint64_t first_seen)
{
    struct address_table *table = &worker->addresses;
    struct address address;
    if (!address_parse(bytes_of(text), &address)) {
        uint32_t code = stage_text(&worker->address_texts, worker->arena, text);
        address = (struct address){ADDRESS_HIGH_TEXT, code};
    }
    if (table->slot_count <= (uint64_t)table->count * 2) {
        uint64_t slot_count = table->slot_count == 0 ? 16 : table->slot_count * 2;
        uint32_t *slots = stage_allocate(worker->arena, slot_count, sizeof(*slots));
        for (uint32_t code = 0; code < table->count; code++) {
            uint64_t slot = address_hash(table->addresses[code]) % slot_count;
            while (slots[slot] != 0) {
                slot = (slot + 1) % slot_count;
            }
            slots[slot] = code + 1;
        }
        table->slots = slots;
        table->slot_count = slot_count;
        table->capacity = (uint32_t)slot_count;
        table->addresses =
            arena_resize(worker->arena, table->addresses, slot_count, sizeof(struct address));
        table->first_seen =
            arena_resize(worker->arena, table->first_seen, slot_count, sizeof(uint64_t));
        CHECK(table->addresses != NULL && table->first_seen != NULL);
    }
    uint64_t slot = address_hash(address) % table->slot_count;
    while (table->slots[slot] != 0) {
        if (address_equal(table->addresses[table->slots[slot] - 1], address)) {
            return table->slots[slot] - 1;
        }
        slot = (slot + 1) % table->slot_count;
    }
    table->addresses[table->count] = address;
    table->first_seen[table->count] = first_seen;
    table->slots[slot] = ++table->count;
    return table->count - 1;
}

static inline void stage_set_raw(void *values, uint8_t width, uint64_t index, uint64_t raw)
{
    memcpy((char *)values + index * width, &raw, width); /* little-endian */
}

/* Integers, codes or mantissas of a batch, as narrow as they allow, or a little wider. */
static inline void stage_integers(struct column *column, struct staged_pool *pool,
                                  struct arena *arena, const int64_t *values, const bool *is_null,
                                  uint32_t count, bool is_loose)
{
    int64_t least = INT64_MAX;
    int64_t greatest = INT64_MIN;
    for (uint32_t row = 0; row < count; row++) {
        if (!is_null[row]) {
            least = values[row] < least ? values[row] : least;
            greatest = values[row] > greatest ? values[row] : greatest;
        }
    }
    if (least > greatest) {
        return;
    }
    if (is_loose && least > 3) {
        least = column->type == TYPE_TEXT ? 0 : least - 3;
    }
    column->base = least;
    column->width = column_width_for((uint64_t)greatest - (uint64_t)least);
    if (is_loose && column->width < 4) {
        column->width = column->width == 0 ? 1 : (uint8_t)(column->width * 2);
    }
    if (column->width == 0) {
        return;
    }
    void *raws = stage_take(pool, arena, (uint64_t)count * column->width);
    for (uint32_t row = 0; row < count; row++) {
        uint64_t raw = is_null[row] ? 0 : (uint64_t)values[row] - (uint64_t)least;
        stage_set_raw(raws, column->width, row, raw);
    }
    column->values = raws;
}

static inline void stage_floats(struct column *column, struct staged_pool *pool,
                                struct arena *arena, const struct sample *sample,
                                const struct batch *batch, uint32_t property, const bool *is_null,
                                int64_t *mantissas, bool is_loose)
{
    uint32_t scale = 0;
    bool has_doubles = false;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        const struct cell *cell = sample_cell(sample, batch->first_row + row, property);
        has_doubles = has_doubles || (!is_null[row] && cell->is_double);
        scale = !is_null[row] && cell->scale > scale ? cell->scale : scale;
    }
    if (has_doubles) {
        double *values = stage_take(pool, arena, batch->row_count * sizeof(double));
        for (uint32_t row = 0; row < batch->row_count; row++) {
            const struct cell *cell = sample_cell(sample, batch->first_row + row, property);
            values[row] = is_null[row] ? 0.0 : cell->real;
        }
        column->encoding = ENCODING_DOUBLE;
        column->width = sizeof(double);
        column->values = values;
        return;
    }
    column->encoding = ENCODING_DECIMAL;
    column->divisor = 1.0;
    for (uint32_t digit = 0; digit < scale; digit++) {
        column->divisor *= 10.0;
    }
    for (uint32_t row = 0; row < batch->row_count; row++) {
        const struct cell *cell = sample_cell(sample, batch->first_row + row, property);
        mantissas[row] = cell->integer;
        for (uint32_t digit = cell->scale; digit < scale && !is_null[row]; digit++) {
            mantissas[row] *= 10;
        }
    }
    stage_integers(column, pool, arena, mantissas, is_null, batch->row_count, is_loose);
}

static inline void stage_column(struct staging *staging, const struct sample *sample,
                                struct batch *batch, uint32_t property, bool is_loose)
{
    struct staging_worker *worker = &staging->workers[batch->worker];
    struct column *column = &batch->columns[property];
    uint32_t count = batch->row_count;
    int64_t *values = memory_allocate(count, sizeof(*values));
    bool *is_null = memory_allocate(count, sizeof(*is_null));
    struct staged_pool *pool = &worker->pools[property];
    uint64_t *null_bits = stage_take(pool, worker->arena, (count / 64 + 1) * sizeof(*null_bits));
    CHECK(values != NULL && is_null != NULL);
    *column = (struct column){.type = sample->schema.properties[property].type};
    for (uint32_t row = 0; row < count; row++) {
        const struct cell *cell = sample_cell(sample, batch->first_row + row, property);
        is_null[row] = cell->is_null;
        values[row] = cell->integer;
        if (cell->is_null) {
            column->null_bits = null_bits;
            column->null_count++;
            null_bits[row / 64] |= UINT64_C(1) << row % 64;
        } else if (column->type == TYPE_TEXT) {
            values[row] = stage_text(&worker->texts[property], worker->arena, cell->text);
        }
    }
    if (column->type == TYPE_FLOAT) {
        stage_floats(column, pool, worker->arena, sample, batch, property, is_null, values,
                     is_loose);
    } else {
        stage_integers(column, pool, worker->arena, values, is_null, count, is_loose);
    }
    memory_free(values);
    memory_free(is_null);
}

static inline void stage_batch(struct staging *staging, const struct sample *sample, uint32_t index,
                               bool is_loose)
{
    struct batch *batch = &staging->batches[index];
    struct staging_worker *worker = &staging->workers[batch->worker];
    uint32_t source = (uint32_t)schema_find_role(&sample->schema, ROLE_SOURCE);
    uint32_t target = (uint32_t)schema_find_role(&sample->schema, ROLE_TARGET);
    uint64_t bytes = batch->row_count * sizeof(uint32_t);
    uint32_t *sources = stage_take(&worker->pools[source], worker->arena, bytes);
    uint32_t *targets = stage_take(&worker->pools[target], worker->arena, bytes);
    for (uint32_t row = 0; row < batch->row_count; row++) {
        uint64_t at = batch->first_row + row;
        uint64_t seen = (uint64_t)index << 32 | row * 2;
        sources[row] = stage_address(worker, sample_cell(sample, at, source)->text, seen);
        targets[row] = stage_address(worker, sample_cell(sample, at, target)->text, seen + 1);
    }
    batch->sources = sources;
    batch->targets = targets;
    batch->columns =
        stage_allocate(worker->arena, sample->schema.property_count, sizeof(struct column));
    for (uint32_t property = 0; property < sample->schema.property_count; property++) {
        if (property == source || property == target) {
            batch->columns[property].type = TYPE_ADDRESS;
        } else {
            stage_column(staging, sample, batch, property, is_loose);
        }
    }
}

/* Batches of 1 to batch_rows_max rows (now and then of none), each some worker's. Workers fill
 * their tables batch by batch in the order of the input, as parsers that take chunks in turn do. */
static inline void sample_stage(struct staging *staging, const struct sample *sample,
                                const struct stage_options *options,
                                const struct topology *topology, struct budget *budget)
{
    uint64_t state = options->seed;
    *staging =
        (struct staging){.row_count = sample->row_count, .worker_count = options->worker_count};
    for (uint32_t property = 0; property < sample->schema.property_count; property++) {
        const struct property *from = &sample->schema.properties[property];
        CHECK(schema_add(&staging->schema, bytes_of(from->name), from->type, from->role, NULL) ==
              STATUS_OK);
    }
    staging->workers = memory_allocate(options->worker_count, sizeof(struct staging_worker));
    CHECK(staging->workers != NULL);
    for (uint32_t index = 0; index < options->worker_count; index++) {
        struct staging_worker *worker = &staging->workers[index];
        CHECK(arena_open(&worker->arena, topology, NODE_INTERLEAVED, budget, NULL) == STATUS_OK);
        worker->texts =
            stage_allocate(worker->arena, sample->schema.property_count, sizeof(struct text_table));
        worker->pools = stage_allocate(worker->arena, sample->schema.property_count,
                                       sizeof(struct staged_pool));
    }
    for (uint64_t row = 0; row < sample->row_count;) {
        uint64_t rest = sample->row_count - row;
        uint64_t count = stage_random(&state) % (options->batch_rows_max + 1);
        count = count < rest ? count : rest;
        uint32_t index = staging->batch_count++;
        staging->batches = memory_resize(staging->batches, index + 1, sizeof(struct batch));
        CHECK(staging->batches != NULL);
        staging->batches[index] =
            (struct batch){.worker = (uint32_t)(stage_random(&state) % options->worker_count),
                           .row_count = (uint32_t)count,
                           .first_row = row};
        stage_batch(staging, sample, index, options->is_loose);
        row += count;
    }
}

#endif
