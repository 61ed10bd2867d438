/* Taking matches into groups of the worker's own, which go to disk when memory ends. */
#include <string.h>

#include "engine/program.h"
#include "engine/sink_state.h"

enum { TEXT_BLOCK_BYTES = 64 << 10 };

static bool move_texts(const struct sink *sink, struct sink_worker *worker,
                       const struct stop_patience *patience);

enum status sink_open_groups(struct sink *sink, struct sink_worker *worker)
{
    struct arena *arena = worker->arena;
    uint32_t count = sink->key_count + sink->aggregate_count;
    worker->registers = arena_allocate(arena, count, sizeof *worker->registers);
    worker->keys = arena_allocate(arena, sink->key_count, sizeof *worker->keys);
    worker->set_runs =
        arena_allocate_zeroed(arena, sink->aggregate_count, sizeof *worker->set_runs);
    if (worker->registers == NULL || worker->keys == NULL || worker->set_runs == NULL) {
        return arena_error(arena, "collecting results", &worker->error);
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(registers_open(&worker->registers[i], arena, &worker->error));
    }
    return sink_groups_open(&worker->groups, sink, arena, true, &worker->error);
}

uint64_t sink_groups_first_bytes(const struct sink *sink)
{
    struct sink_groups groups = {.table.key_count = sink->key_count,
                                 .column_count = sink->aggregate_count};
    struct group_table set = {.key_count = 2};
    uint64_t bytes = sink_groups_needs(&groups, EVALUATE_LANES);
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        if (sink->aggregates[i].aggregate.is_distinct) {
            bytes += group_table_needs(&set, EVALUATE_LANES);
        }
    }
    return bytes;
}

/* Room for a batch of new groups, and later for merging and sorting them, which takes place on disk
 * for a worker that has been there. Where groups can go there, the room for a first batch is held
 * for every worker from the start, and texts, whose size nobody knows before, leave some for
 * others.
 */
static bool reserve_groups(struct sink *sink, struct sink_worker *worker, uint32_t count)
{
    struct sink_groups *groups = &worker->groups;
    uint64_t bytes = sink_groups_needs(groups, count);
    for (uint32_t i = 0; i < sink->aggregate_count; i++) {
        if (sink->aggregates[i].aggregate.is_distinct) {
            bytes += group_table_needs(&groups->sets[i], count);
        }
    }
    bool can_spill = sink->budget->spill != NULL;
    bool is_held = can_spill && groups->table.count == 0;
    if (!is_held && (bytes > 0 || (can_spill && sink->makes_texts))) {
        uint64_t finish_bytes = worker->is_spilling ? 0 : bytes;
        if (!sink_has_room(sink, bytes, finish_bytes)) {
            return false;
        }
        worker->groups_finish_bytes += finish_bytes;
    }
    return sink_groups_reserve(groups, count);
}

static bool run_keys(struct sink *sink, struct sink_worker *worker, const struct inputs *inputs,
                     uint32_t count)
{
    for (uint32_t i = 0; i < sink->key_count; i++) {
        if (program_run(sink->key_programs[i], worker->registers[i], inputs, count,
                        &worker->keys[i], &worker->error) != STATUS_OK) {
            return false;
        }
    }
    return true;
}

/* Folds `count` lanes into aggregate `at`. What fails for want of memory can be done again: a value
 * that is taken twice changes no set, no least and no greatest. */
static bool take_aggregate(struct sink *sink, struct sink_worker *worker,
                           const struct inputs *inputs, const uint32_t *groups,
                           const struct match_batch *batch, const struct lane_runs *runs,
                           uint32_t at)
{
    uint32_t count = batch->count;
    const struct sink_aggregate *aggregate = &sink->aggregates[at];
    struct lanes values;
    struct lanes *read = NULL;
    if (aggregate->program != NULL) {
        read = &values;
        if (program_run(aggregate->program, worker->registers[sink->key_count + at], inputs, count,
                        &values, &worker->error) != STATUS_OK) {
            return false;
        }
    }
    return aggregate->aggregate.is_distinct
               ? sink_groups_add(&worker->groups, at, groups, &values, runs, count)
               : aggregate_fold(&worker->groups.columns[at], &worker->groups.table.texts, groups,
                                read, batch->weights, count);
}

/* Takes a batch into groups and those aggregates that do not have it yet, from `*next` on. False
 * when an evaluation or memory failed. */
static bool take_batch(struct sink *sink, struct sink_worker *worker, const struct inputs *inputs,
                       const struct match_batch *batch, const struct lane_runs *runs,
                       uint32_t *next)
{
    uint32_t count = batch->count;
    uint32_t groups[EVALUATE_LANES];
    struct group_table *table = &worker->groups.table;
    if (!run_keys(sink, worker, inputs, count) || !reserve_groups(sink, worker, count)) {
        return false;
    }
    uint32_t before = table->count;
    if (group_table_find(table, worker->keys, runs, count, groups) < count) {
        /* Nothing is to be shown of groups that nothing was folded into; nobody looks for them. */
        table->count = before;
        return false;
    }
    for (; *next < sink->aggregate_count; ++*next) {
        if (!take_aggregate(sink, worker, inputs, groups, batch, runs, *next)) {
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

/* Where the leading vertex is another one than before. */
static void find_runs(const struct sink *sink, struct sink_worker *worker,
                      const struct match_batch *batch, struct lane_runs *runs)
{
    const vertex_id *leaders = batch->vertices[sink->leader];
    runs->count = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        runs->begins[runs->count] = (uint16_t)i;
        runs->count += leaders[i] != worker->leader;
        worker->leader = leaders[i];
    }
}

/* After a batch that did not fit: whether it is worth another try, with an empty table. */
static bool make_room(struct sink *sink, struct sink_worker *worker, bool is_stuck)
{
    if (worker->error.status == STATUS_USAGE || is_stuck || sink->budget->spill == NULL) {
        return false;
    }
    error_clear(&worker->error);
    return sink_groups_spill(sink, worker, &(struct stop_patience){.stop = sink->stop});
}

void sink_take_groups(struct sink *sink, struct sink_worker *worker,
                      const struct match_batch *batch)
{
    struct inputs inputs;
    struct lane_runs runs = {0};
    batch_inputs(sink, batch, &inputs);
    if (sink->has_leader) {
        find_runs(sink, worker, batch, &runs);
    }
    uint32_t next = 0;
    bool is_stuck = false;
    while (!take_batch(sink, worker, &inputs, batch, &runs, &next)) {
        if (!make_room(sink, worker, is_stuck)) {
            sink_fail_worker(sink, worker);
            return;
        }
        is_stuck = true;
    }
    sink_add_matches(worker, match_batch_weight(batch));
    uint64_t rows = worker->groups.table.count;
    if (rows > sink->row_limit && sink_row_limit_counts(sink)) {
        atomic_store_explicit(&sink->is_over_limit, true, memory_order_relaxed);
        stop_request(sink->stop, STOP_ROWS);
    } else if (rows >= sink->enough) {
        stop_request(sink->stop, STOP_ROWS);
    }
}

bool sink_groups_spill(struct sink *sink, struct sink_worker *worker,
                       const struct stop_patience *patience)
{
    struct sink_groups *groups = &worker->groups;
    worker->is_spilling = true;
    if (!move_texts(sink, worker, patience)) {
        return false;
    }
    /* Groups last: sets that are written twice do no harm. */
    for (uint32_t at = 0; at <= sink->aggregate_count; at++) {
        bool is_set = at < sink->aggregate_count;
        if ((is_set ? &groups->sets[at] : &groups->table)->count == 0) {
            continue;
        }
        struct group_entries entries = {.table = &groups->table,
                                        .set = is_set ? &groups->sets[at] : NULL,
                                        .columns = groups->columns,
                                        .column_count = is_set ? 0 : groups->column_count};
        struct group_run *run = group_run_write(&worker->run_area, &entries, 0, patience);
        if (run == NULL) {
            return false;
        }
        struct group_run **list = is_set ? &worker->set_runs[at] : &worker->runs;
        run->next = *list;
        *list = run;
    }
    sink_groups_drop(groups);
    atomic_fetch_sub_explicit(&sink->finish_bytes, worker->groups_finish_bytes,
                              memory_order_relaxed);
    worker->groups_finish_bytes = 0;
    return true;
}

/* Room on disk for texts, one after the other. */
struct text_room {
    struct spill_area *area;
    char *next;
    uint64_t left;
};

static bool move_text(struct text_room *room, const struct text **text)
{
    if (*text == NULL) {
        return true;
    }
    uint64_t bytes = text_bytes((*text)->length);
    if (bytes > room->left) {
        uint64_t block = bytes < TEXT_BLOCK_BYTES ? TEXT_BLOCK_BYTES : bytes;
        char *begin = spill_allocate(room->area, block, 1);
        if (begin == NULL) {
            return false;
        }
        room->next = begin;
        room->left = block;
    }
    memcpy(room->next, *text, bytes);
    *text = (const struct text *)(const void *)room->next;
    room->next += bytes;
    room->left -= bytes;
    return true;
}

static bool move_key_texts(struct text_room *room, struct group_table *table, uint32_t key,
                           const struct stop_patience *patience)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (!move_text(room, &table->keys[key][i].text) ||
            (i % EVALUATE_LANES == 0 && stop_patience_is_over(patience))) {
            return false;
        }
    }
    return true;
}

static bool move_state_texts(struct text_room *room, struct aggregate_column *column,
                             uint32_t count, const struct stop_patience *patience)
{
    enum aggregate_function function = column->aggregate->function;
    if (function != AGGREGATE_MIN && function != AGGREGATE_MAX) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!move_text(room, &column->states[i].value.lane.text) ||
            (i % EVALUATE_LANES == 0 && stop_patience_is_over(patience))) {
            return false;
        }
    }
    return true;
}

/* Texts that were copied go to disk, where they stay as long as the result; the worker's room for
 * them is used again. */
static bool move_texts(const struct sink *sink, struct sink_worker *worker,
                       const struct stop_patience *patience)
{
    struct sink_groups *groups = &worker->groups;
    struct text_room room = {.area = &worker->area};
    for (uint32_t key = 0; key < sink->key_count; key++) {
        if (sink->key_copies[key] && !move_key_texts(&room, &groups->table, key, patience)) {
            return false;
        }
    }
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        if (!sink->aggregates[at].set_copies[1]) {
            continue;
        }
        bool is_moved =
            sink->aggregates[at].aggregate.is_distinct
                ? move_key_texts(&room, &groups->sets[at], 1, patience)
                : move_state_texts(&room, &groups->columns[at], groups->table.count, patience);
        if (!is_moved) {
            return false;
        }
    }
    return true;
}
