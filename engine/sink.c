/* Taking matches: into row chunks or counters of the worker's own; sink_groups.c has groups. */
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

enum status sink_open(struct sink **sink, const struct bound_query *query, struct team *team,
                      struct budget *budget, struct stop *stop, uint64_t row_limit,
                      struct error *error)
{
    struct arena *arena = NULL;
    TRY(arena_open_brief(&arena, team_topology(team), team_worker_at(team, 0)->node, budget,
                         error));
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
        spill_close(&sink->workers[i].run_area);
        arena_close(sink->workers[i].arena);
    }
    arena_close(sink->arena);
    memory_free(sink);
}

/* Where a limit counts groups as they come, none may come twice. */
void sink_set_leader(struct sink *sink, uint32_t leader)
{
    bool is_counted = sink->enough != UINT64_MAX || sink_row_limit_counts(sink);
    for (uint32_t i = 0; i < sink->key_count && !is_counted; i++) {
        enum expression_kind kind = sink->keys[i]->kind;
        if ((kind == EXPRESSION_KEY || kind == EXPRESSION_VERTEX) &&
            sink->keys[i]->variable == leader) {
            sink->has_leader = true;
            sink->leader = leader;
            sink->leader_key = i;
        }
    }
}

bool sink_counts_only(const struct sink *sink)
{
    return sink->kind == SINK_COUNT;
}

bool sink_is_partial(const struct sink *sink)
{
    return atomic_load_explicit(&sink->is_over_limit, memory_order_relaxed);
}

void sink_take(struct sink *sink, uint32_t worker, const struct match_batch *batch)
{
    struct sink_worker *own = &sink->workers[worker];
    if (batch->count == 0 || own->is_closed) {
        return;
    }
    DCHECK(batch->count <= EVALUATE_LANES);
    if (sink->kind == SINK_COUNT) {
        sink_add_matches(own, batch->count);
        return;
    }
    if (!own->is_open && !open_worker(sink, own, worker)) {
        return;
    }
    if (sink->kind == SINK_ROWS) {
        take_rows(sink, own, batch);
    } else {
        sink_take_groups(sink, own, batch);
    }
}

void sink_take_count(struct sink *sink, uint32_t worker, uint64_t count)
{
    DCHECK(sink->kind == SINK_COUNT);
    sink_add_matches(&sink->workers[worker], count);
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

/* As what values are told apart. The address of a vertex and a text of a column lie in one place
 * each, which tells them as a number does. */
static enum type told_type(const struct expression *expression)
{
    bool is_only_one = expression->kind == EXPRESSION_KEY || expression->kind == EXPRESSION_END ||
                       (expression->kind == EXPRESSION_PROPERTY && expression->type == TYPE_TEXT);
    return is_only_one ? TYPE_INTEGER : expression->type;
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
    prepared->set_types[1] = aggregate->function == AGGREGATE_COUNT ? told_type(aggregate->argument)
                                                                    : aggregate->argument->type;
    prepared->set_copies[1] = prepared->program->makes_text;
    sink->makes_texts = sink->makes_texts || prepared->set_copies[1];
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
    sink->group_types = arena_allocate(arena, sink->key_count, sizeof *sink->group_types);
    sink->key_copies = arena_allocate(arena, sink->key_count, sizeof *sink->key_copies);
    sink->key_programs = arena_allocate(arena, sink->key_count, sizeof *sink->key_programs);
    sink->aggregates =
        arena_allocate_zeroed(arena, sink->aggregate_count, sizeof *sink->aggregates);
    if (sink->keys == NULL || sink->key_types == NULL || sink->group_types == NULL ||
        sink->key_copies == NULL || sink->key_programs == NULL || sink->aggregates == NULL) {
        return out_of_memory(sink, error);
    }
    for (uint32_t i = 0; i < sink->key_count; i++) {
        sink->keys[i] = query->is_grouped ? query->keys[i] : query->outputs[i].expression;
        TRY(program_build(&sink->key_programs[i], query, sink->keys[i], arena, error));
        sink->key_types[i] = sink->keys[i]->type;
        sink->group_types[i] = told_type(sink->keys[i]);
        sink->key_copies[i] = sink->key_programs[i]->makes_text;
        sink->makes_texts = sink->makes_texts || sink->key_copies[i];
    }
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        TRY(prepare_aggregate(sink, &sink->aggregates[i], &query->aggregates[i], error));
    }
    sink->kind = query_counts_only(query) ? SINK_COUNT : SINK_GROUPS;
    if (sink->budget->spill != NULL) {
        atomic_store_explicit(&sink->finish_bytes,
                              sink->worker_count * sink_groups_first_bytes(sink),
                              memory_order_relaxed);
    }
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
    return top_open(&sink->top, query, sink->arena, error);
}

/* Whichever rows, or different rows, are found first are enough where no order is asked for. */
static uint64_t enough_rows(const struct bound_query *query)
{
    uint64_t enough;
    bool any_will_do = query->order_count == 0 && !query->is_grouped && query->limit != UINT64_MAX;
    return any_will_do && !__builtin_add_overflow(query->skip, query->limit, &enough) ? enough
                                                                                      : UINT64_MAX;
}

static enum status prepare(struct sink *sink, struct error *error)
{
    sink->enough = enough_rows(sink->query);
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

void sink_close_worker(struct sink *sink, struct sink_worker *worker, enum stop_reason reason)
{
    worker->is_closed = true;
    stop_request(sink->stop, reason);
}

/* At its first match, so that workers without any cost nothing. Out of memory here is no error:
 * there is nothing to lose. */
static bool open_worker(struct sink *sink, struct sink_worker *worker, uint32_t index)
{
    uint32_t node = team_worker_at(sink->team, index)->node;
    enum status status = arena_open_brief(&worker->arena, team_topology(sink->team), node,
                                          sink->budget, &worker->error);
    worker->leader = VERTEX_NONE;
    worker->rows.layout = sink->layout;
    worker->area.spill = sink->budget->spill;
    worker->reserve.spill = sink->budget->spill;
    worker->run_area.spill = sink->budget->spill;
    if (status == STATUS_OK && sink->kind == SINK_GROUPS) {
        status = sink_open_groups(sink, worker);
    }
    if (status != STATUS_OK) {
        error_clear(&worker->error);
        sink_close_worker(sink, worker, STOP_MEMORY);
        return false;
    }
    worker->is_open = true;
    return true;
}

/* What small things take, and the huge pages that workers with large arenas may begin at once. */
static uint64_t slack_bytes(const struct sink *sink, uint64_t used_bytes)
{
    uint64_t begun_bytes = (uint64_t)sink->worker_count * HUGE_PAGE_BYTES;
    uint64_t share_bytes = used_bytes / ARENA_BRIEF_WASTE_SHARE;
    return SLACK_BYTES + (begun_bytes < share_bytes ? begun_bytes : share_bytes);
}

/* Without finish_bytes the rows that fit could not be sorted any more. */
bool sink_has_room(struct sink *sink, uint64_t bytes, uint64_t finish_bytes)
{
    uint64_t planned =
        atomic_fetch_add_explicit(&sink->finish_bytes, finish_bytes, memory_order_relaxed);
    uint64_t limit = sink->budget->limit_bytes;
    if (limit == 0) {
        return true;
    }
    uint64_t used = budget_used(sink->budget);
    uint64_t wanted = planned + finish_bytes + bytes + slack_bytes(sink, used);
    if (wanted <= limit && used <= limit - wanted) {
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
    return sink_has_room(sink, row_chunk_bytes(&sink->layout), chunk_finish_bytes(sink)) &&
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

void sink_fail_worker(struct sink *sink, struct sink_worker *worker)
{
    bool is_wrong = worker->error.status == STATUS_USAGE;
    if (!is_wrong) {
        error_clear(&worker->error);
    }
    sink_close_worker(sink, worker,
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
            sink_fail_worker(sink, worker);
            break;
        }
    }
    sink_add_matches(worker, taken);
    uint64_t rows =
        atomic_fetch_add_explicit(&sink->row_count, taken, memory_order_relaxed) + taken;
    if (rows > sink->row_limit && sink_row_limit_counts(sink)) {
        atomic_store_explicit(&sink->is_over_limit, true, memory_order_relaxed);
        stop_request(sink->stop, STOP_ROWS);
    } else if (rows >= sink->enough) {
        stop_request(sink->stop, STOP_ROWS);
    }
}
