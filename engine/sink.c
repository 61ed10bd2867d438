/* Taking matches: into row chunks, counters or groups of the worker's own. */
#include "engine/sink.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/radix.h"
#include "engine/program.h"
#include "engine/sink_state.h"

enum {
    /* What sink_finish wants of a row for sorting it: two pairs and a bucket, and a lane and its
     * null for each order key. */
    ROW_FINISH_BYTES = 2 * sizeof(struct radix_pair) + 1,
    ORDER_FINISH_BYTES = sizeof(union lane) + 1,
    SLACK_BYTES = 1 << 20,
};

static enum status prepare(struct sink *sink, struct error *error);
static bool open_worker(struct sink *sink, struct sink_worker *worker, uint32_t index);
static void take_rows(struct sink *sink, struct sink_worker *worker,
                      const struct match_batch *batch);
static void take_groups(struct sink *sink, struct sink_worker *worker,
                        const struct match_batch *batch);

enum status sink_open(struct sink **sink, const struct bound_query *query, struct team *team,
                      struct budget *budget, struct stop *stop, uint64_t row_limit,
                      struct error *error)
{
    struct arena *arena = NULL;
    TRY(arena_open(&arena, team_topology(team), team_worker_at(team, 0)->node, budget, error));
    struct sink *opened = memory_allocate(1, sizeof *opened);
    if (opened == NULL) {
        arena_close(arena);
        return error_set_memory(error, "collecting results");
    }
    opened->query = query;
    opened->team = team;
    opened->budget = budget;
    opened->stop = stop;
    opened->row_limit = row_limit == 0 ? UINT64_MAX : row_limit;
    opened->arena = arena;
    enum status status = prepare(opened, error);
    if (status != STATUS_OK) {
        sink_close(opened);
        return status;
    }
    *sink = opened;
    return STATUS_OK;
}

void sink_close(struct sink *sink)
{
    if (sink == NULL) {
        return;
    }
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        spill_close(&sink->workers[i].area);
        spill_close(&sink->workers[i].reserve);
        arena_close(sink->workers[i].arena);
    }
    arena_close(sink->arena);
    memory_free(sink);
}

bool sink_counts_only(const struct sink *sink)
{
    return sink->kind == SINK_COUNT;
}

bool sink_is_partial(const struct sink *sink)
{
    return atomic_load_explicit(&sink->is_over_limit, memory_order_relaxed);
}

static void add_matches(struct sink_worker *worker, uint64_t count)
{
    uint64_t matches = atomic_load_explicit(&worker->match_count, memory_order_relaxed);
    atomic_store_explicit(&worker->match_count, matches + count, memory_order_relaxed);
}

void sink_take(struct sink *sink, uint32_t worker, const struct match_batch *batch)
{
    struct sink_worker *own = &sink->workers[worker];
    if (batch->count == 0 || own->is_closed) {
        return;
    }
    DCHECK(batch->count <= EVALUATE_LANES);
    if (sink->kind == SINK_COUNT) {
        add_matches(own, batch->count);
        return;
    }
    if (!own->is_open && !open_worker(sink, own, worker)) {
        return;
    }
    if (sink->kind == SINK_ROWS) {
        take_rows(sink, own, batch);
    } else {
        take_groups(sink, own, batch);
    }
}

void sink_take_count(struct sink *sink, uint32_t worker, uint64_t count)
{
    DCHECK(sink->kind == SINK_COUNT);
    add_matches(&sink->workers[worker], count);
}

uint64_t sink_match_count(const struct sink *sink)
{
    uint64_t count = sink->final_match_count;
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        count += atomic_load_explicit(&sink->workers[i].match_count, memory_order_relaxed);
    }
    return count;
}

static enum status out_of_memory(const struct sink *sink, struct error *error)
{
    return arena_error(sink->arena, "collecting results", error);
}

static bool is_never_null(const struct expression *expression)
{
    return expression->kind == EXPRESSION_VERTEX || expression->kind == EXPRESSION_EDGE;
}

static enum status prepare_aggregate(struct sink *sink, struct sink_aggregate *prepared,
                                     const struct aggregate *aggregate, struct error *error)
{
    prepared->aggregate = *aggregate;
    if (aggregate->function == AGGREGATE_COUNT && !aggregate->is_distinct &&
        is_never_null(aggregate->argument)) {
        prepared->aggregate.function = AGGREGATE_COUNT_ALL;
    }
    if (prepared->aggregate.function == AGGREGATE_COUNT_ALL) {
        return STATUS_OK;
    }
    TRY(program_build(&prepared->program, sink->query, aggregate->argument, sink->arena, error));
    prepared->set_types[0] = TYPE_INTEGER;
    prepared->set_types[1] = aggregate->argument->type;
    prepared->set_copies[1] = prepared->program->makes_text;
    return STATUS_OK;
}

static enum status prepare_groups(struct sink *sink, struct error *error)
{
    const struct bound_query *query = sink->query;
    sink->key_count = query->is_grouped ? query->key_count : query->output_count;
    sink->aggregate_count = query->is_grouped ? query->aggregate_count : 0;
    struct arena *arena = sink->arena;
    sink->keys = arena_allocate(arena, sink->key_count, sizeof *sink->keys);
    sink->key_types = arena_allocate(arena, sink->key_count, sizeof *sink->key_types);
    sink->key_copies = arena_allocate(arena, sink->key_count, sizeof *sink->key_copies);
    sink->key_programs = arena_allocate(arena, sink->key_count, sizeof *sink->key_programs);
    sink->aggregates =
        arena_allocate_zeroed(arena, sink->aggregate_count, sizeof *sink->aggregates);
    if (sink->keys == NULL || sink->key_types == NULL || sink->key_copies == NULL ||
        sink->key_programs == NULL || sink->aggregates == NULL) {
        return out_of_memory(sink, error);
    }
    for (uint32_t i = 0; i < sink->key_count; i++) {
        sink->keys[i] = query->is_grouped ? query->keys[i] : query->outputs[i].expression;
        TRY(program_build(&sink->key_programs[i], query, sink->keys[i], arena, error));
        sink->key_types[i] = sink->keys[i]->type;
        sink->key_copies[i] = sink->key_programs[i]->makes_text;
    }
    bool is_count = query->is_grouped && sink->key_count == 0;
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        TRY(prepare_aggregate(sink, &sink->aggregates[i], &query->aggregates[i], error));
        is_count = is_count && sink->aggregates[i].program == NULL;
    }
    sink->kind = is_count ? SINK_COUNT : SINK_GROUPS;
    return STATUS_OK;
}

static enum status prepare_rows(struct sink *sink, struct error *error)
{
    const struct bound_query *query = sink->query;
    sink->kind = SINK_ROWS;
    uint32_t vertex_mask = 0;
    for (uint32_t i = 0; i < query->output_count; i++) {
        vertex_mask |= query->outputs[i].expression->vertex_mask;
    }
    for (uint32_t i = 0; i < query->order_count; i++) {
        vertex_mask |= query->orders[i].expression->vertex_mask;
    }
    row_layout_init(&sink->layout, query, vertex_mask);
    if (query->order_count == 0 && query->limit != UINT64_MAX &&
        __builtin_add_overflow(query->skip, query->limit, &sink->enough)) {
        sink->enough = UINT64_MAX;
    }
    return top_open(&sink->top, query, sink->arena, error);
}

static enum status prepare(struct sink *sink, struct error *error)
{
    sink->enough = UINT64_MAX;
    sink->top.needed = UINT64_MAX;
    sink->worker_count = team_worker_count(sink->team);
    sink->workers = arena_allocate_zeroed(sink->arena, sink->worker_count, sizeof *sink->workers);
    if (sink->workers == NULL) {
        sink->worker_count = 0;
        return out_of_memory(sink, error);
    }
    if (sink->query->is_grouped || sink->query->is_distinct) {
        return prepare_groups(sink, error);
    }
    return prepare_rows(sink, error);
}

/* The worker stops taking; what it has stays. */
static void close_worker(struct sink *sink, struct sink_worker *worker, enum stop_reason reason)
{
    worker->is_closed = true;
    stop_request(sink->stop, reason);
}

static enum status open_registers(struct sink *sink, struct sink_worker *worker)
{
    uint32_t count = sink->key_count + sink->aggregate_count;
    worker->registers = arena_allocate(worker->arena, count, sizeof *worker->registers);
    worker->keys = arena_allocate(worker->arena, sink->key_count, sizeof *worker->keys);
    if (worker->registers == NULL || worker->keys == NULL) {
        return arena_error(worker->arena, "collecting results", &worker->error);
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(registers_open(&worker->registers[i], worker->arena, &worker->error));
    }
    return STATUS_OK;
}

/* At its first match, so that workers without any cost nothing. Out of memory here is no error:
 * there is nothing to lose. */
static bool open_worker(struct sink *sink, struct sink_worker *worker, uint32_t index)
{
    uint32_t node = team_worker_at(sink->team, index)->node;
    enum status status =
        arena_open(&worker->arena, team_topology(sink->team), node, sink->budget, &worker->error);
    worker->rows.layout = sink->layout;
    worker->area.spill = sink->budget->spill;
    worker->reserve.spill = sink->budget->spill;
    if (status == STATUS_OK && sink->kind == SINK_GROUPS) {
        status = open_registers(sink, worker);
        if (status == STATUS_OK) {
            status = sink_groups_open(&worker->groups, sink, worker->arena, true, &worker->error);
        }
    }
    if (status != STATUS_OK) {
        error_clear(&worker->error);
        close_worker(sink, worker, STOP_MEMORY);
        return false;
    }
    worker->is_open = true;
    return true;
}

/* Whether the budget has room for `bytes` now and `finish_bytes` later; if so the latter are kept
 * in mind. Without this the rows that fit could not be sorted any more. */
static bool has_room(struct sink *sink, uint64_t bytes, uint64_t finish_bytes)
{
    uint64_t planned =
        atomic_fetch_add_explicit(&sink->finish_bytes, finish_bytes, memory_order_relaxed);
    uint64_t limit = sink->budget->limit_bytes;
    if (limit == 0) {
        return true;
    }
    uint64_t wanted = planned + finish_bytes + bytes + SLACK_BYTES;
    if (wanted <= limit && budget_used(sink->budget) <= limit - wanted) {
        return true;
    }
    atomic_fetch_sub_explicit(&sink->finish_bytes, finish_bytes, memory_order_relaxed);
    return false;
}

/* What sink_finish wants for the rows of a chunk. */
static uint64_t chunk_finish_bytes(const struct sink *sink)
{
    return (uint64_t)EVALUATE_LANES *
           (ROW_FINISH_BYTES + (uint64_t)sink->query->order_count * ORDER_FINISH_BYTES);
}

static bool add_chunk(struct sink *sink, struct sink_worker *worker)
{
    return has_room(sink, row_chunk_bytes(&sink->layout), chunk_finish_bytes(sink)) &&
           rows_add_chunk(&worker->rows, worker->arena);
}

/* A chunk on disk, where the rows are then finished too: the room for that is held until then. A
 * worker that has begun with that goes on with it. */
static bool spill_chunk(struct sink *sink, struct sink_worker *worker)
{
    uint64_t chunk_count = worker->is_spilling ? 1 : worker->rows.chunk_count + 1;
    worker->is_spilling = true;
    return spill_allocate(&worker->reserve, chunk_count, chunk_finish_bytes(sink)) != NULL &&
           rows_spill_chunk(&worker->rows, &worker->area);
}

/* An evaluation that failed: wrong data end the query, no memory ends the taking. */
static void fail_worker(struct sink *sink, struct sink_worker *worker)
{
    bool is_wrong = worker->error.status == STATUS_USAGE;
    if (!is_wrong) {
        error_clear(&worker->error);
    }
    close_worker(sink, worker,
                 is_wrong              ? STOP_FAILED
                 : worker->is_spilling ? STOP_DISK
                                       : STOP_MEMORY);
}

/* Makes room for rows: a chunk, or by dropping rows that cannot be shown. */
static bool make_room(struct sink *sink, struct sink_worker *worker)
{
    if (!top_is_full(&sink->top, &worker->rows)) {
        return (!worker->is_spilling && add_chunk(sink, worker)) ||
               (worker->area.spill != NULL && spill_chunk(sink, worker));
    }
    return top_drop(&sink->top, &worker->top, sink->query, &worker->rows, worker->arena,
                    &worker->error) == STATUS_OK;
}

static void take_rows(struct sink *sink, struct sink_worker *worker,
                      const struct match_batch *batch)
{
    uint32_t taken = 0;
    while (taken < batch->count) {
        uint32_t count = rows_copy(&worker->rows, batch, taken);
        taken += count;
        if (count == 0 && !make_room(sink, worker)) {
            fail_worker(sink, worker);
            break;
        }
    }
    add_matches(worker, taken);
    uint64_t rows =
        atomic_fetch_add_explicit(&sink->row_count, taken, memory_order_relaxed) + taken;
    if (rows > sink->row_limit && sink_row_limit_counts(sink)) {
        atomic_store_explicit(&sink->is_over_limit, true, memory_order_relaxed);
        stop_request(sink->stop, STOP_ROWS);
    } else if (rows >= sink->enough) {
        stop_request(sink->stop, STOP_ROWS);
    }
}

/* Room for a batch of new groups, and later for merging and sorting them. */
static bool reserve_groups(struct sink *sink, struct sink_worker *worker, uint32_t count)
{
    struct sink_groups *groups = &worker->groups;
    uint64_t bytes = group_table_needs(&groups->table, count);
    if (bytes > 0) {
        bytes += bytes * sink->aggregate_count;
    }
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        if (sink->aggregates[i].aggregate.is_distinct) {
            bytes += group_table_needs(&groups->sets[i], count);
        }
    }
    return (bytes == 0 || has_room(sink, bytes, bytes)) &&
           sink_groups_reserve(groups, sink, worker->arena, count);
}

/* Folds the aggregates of `count` lanes. False when something ended the worker. */
static bool take_aggregates(struct sink *sink, struct sink_worker *worker,
                            const struct inputs *inputs, const uint32_t *groups, uint32_t count)
{
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        const struct sink_aggregate *aggregate = &sink->aggregates[i];
        struct lanes values;
        struct lanes *read = NULL;
        if (aggregate->program != NULL) {
            read = &values;
            if (program_run(aggregate->program, worker->registers[sink->key_count + i], inputs,
                            count, &values, &worker->error) != STATUS_OK) {
                fail_worker(sink, worker);
                return false;
            }
        }
        bool is_taken = aggregate->aggregate.is_distinct
                            ? sink_set_add(&worker->groups.sets[i], groups, &values, count)
                            : aggregate_fold(&worker->groups.columns[i],
                                             &worker->groups.table.texts, groups, read, count);
        if (!is_taken) {
            close_worker(sink, worker, STOP_MEMORY);
            return false;
        }
    }
    return true;
}

static bool run_keys(struct sink *sink, struct sink_worker *worker, const struct inputs *inputs,
                     uint32_t count, struct lanes *keys)
{
    for (uint32_t i = 0; i < sink->key_count; i++) {
        if (program_run(sink->key_programs[i], worker->registers[i], inputs, count, &keys[i],
                        &worker->error) != STATUS_OK) {
            fail_worker(sink, worker);
            return false;
        }
    }
    return true;
}

static void batch_inputs(const struct sink *sink, const struct match_batch *batch,
                         struct inputs *inputs)
{
    *inputs = (struct inputs){0};
    for (uint32_t i = 0; i < sink->query->vertex_count; i++) {
        inputs->vertices[i] = batch->vertices[i];
        inputs->vertex_stride[i] = 1;
    }
    for (uint32_t i = 0; i < sink->query->edge_count; i++) {
        inputs->edges[i] = batch->edges[i];
        inputs->edge_stride[i] = 1;
    }
}

static void take_groups(struct sink *sink, struct sink_worker *worker,
                        const struct match_batch *batch)
{
    struct inputs inputs;
    batch_inputs(sink, batch, &inputs);
    struct lanes *keys = worker->keys;
    uint32_t groups[EVALUATE_LANES];
    if (!run_keys(sink, worker, &inputs, batch->count, keys)) {
        return;
    }
    if (!reserve_groups(sink, worker, batch->count)) {
        close_worker(sink, worker, STOP_MEMORY);
        return;
    }
    uint32_t count = group_table_find(&worker->groups.table, keys, batch->count, groups);
    if (count < batch->count) {
        close_worker(sink, worker, STOP_MEMORY);
    }
    if (take_aggregates(sink, worker, &inputs, groups, count)) {
        add_matches(worker, count);
    }
    if (worker->groups.table.count > sink->row_limit) {
        atomic_store_explicit(&sink->is_over_limit, true, memory_order_relaxed);
        stop_request(sink->stop, STOP_ROWS);
    }
}
