/* ORDER BY, evaluated for all rows or groups; see engine/finish.h. */
#include "engine/finish.h"

#include <string.h>

#include "engine/program.h"

/* One worker's. */
struct order_worker {
    struct finish *finish;
    struct registers *registers;
    struct scratch texts; /* what expressions made, kept until the rows are sorted */
    struct error *error;
};

static void run_worker(const struct worker *worker, void *context);

enum status finish_evaluate_orders(struct finish *finish)
{
    uint32_t worker_count = team_worker_count(finish->team);
    finish->worker_errors =
        arena_allocate_zeroed(finish->arena, worker_count, sizeof *finish->worker_errors);
    if (finish->worker_errors == NULL) {
        return finish_out_of_memory(finish);
    }
    team_run(finish->team, run_worker, finish);
    for (uint32_t i = 0; i < worker_count; i++) {
        if (finish->worker_errors[i].status != STATUS_OK) {
            if (finish->error != NULL && finish->error->status == STATUS_OK) {
                *finish->error = finish->worker_errors[i];
            }
            return finish->worker_errors[i].status;
        }
    }
    return finish_given_up(finish);
}

/* Texts that the next run would overwrite move to the worker's own pool. */
static enum status keep_lanes(struct order_worker *self, struct finish_order *order,
                              const struct lanes *lanes, uint64_t begin, uint32_t count)
{
    memcpy(order->values + begin, lanes->values, count * sizeof *lanes->values);
    if (lanes->is_null != NULL) {
        memcpy(order->nulls + begin, lanes->is_null, count);
        if (memchr(lanes->is_null, 1, count) != NULL) {
            atomic_store_explicit(&order->has_nulls, true, memory_order_relaxed);
        }
    } else {
        memset(order->nulls + begin, 0, count);
    }
    for (uint32_t i = 0; order->program->makes_text && i < count; i++) {
        if (order->nulls[begin + i] == 0) {
            union lane *lane = &order->values[begin + i];
            lane->text = scratch_join(&self->texts, text_view(lane->text), bytes_of(""));
            if (lane->text == NULL) {
                return arena_error(self->finish->arena, "ordering rows", self->error);
            }
        }
    }
    return STATUS_OK;
}

/* What the block's rows or groups are for programs; returns how many there are. */
static uint32_t block_inputs(const struct finish *finish, uint64_t block, struct lanes *keys,
                             struct lanes *aggregates, struct inputs *inputs)
{
    const struct result *result = finish->result;
    *inputs = (struct inputs){0};
    if (result->rows.chunk_count > 0) {
        rows_inputs(&result->rows, block, inputs);
        return result->rows.chunks[block]->count;
    }
    uint64_t begin = block * EVALUATE_LANES;
    for (uint32_t i = 0; i < result->key_count + result->aggregate_count; i++) {
        bool is_key = i < result->key_count;
        uint32_t at = is_key ? i : i - result->key_count;
        struct lanes *lanes = is_key ? &keys[at] : &aggregates[at];
        *lanes = is_key ? result->keys[at] : result->aggregates[at];
        lanes->values += begin;
        lanes->is_null = lanes->is_null == NULL ? NULL : lanes->is_null + begin;
    }
    inputs->keys = keys;
    inputs->aggregates = aggregates;
    uint64_t rest = finish->group_count - begin;
    return rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
}

static enum status run_blocks(struct order_worker *self)
{
    struct finish *finish = self->finish;
    const struct result *result = finish->result;
    struct lanes *keys = arena_allocate(finish->arena, result->key_count, sizeof *keys);
    struct lanes *aggregates =
        arena_allocate(finish->arena, result->aggregate_count, sizeof *aggregates);
    if (keys == NULL || aggregates == NULL) {
        return arena_error(finish->arena, "ordering rows", self->error);
    }
    TRY(registers_open(&self->registers, finish->arena, self->error));
    uint64_t block = 0;
    uint64_t end = 0;
    while (!finish_is_given_up(finish) &&
           team_next(&finish->next_block, finish->block_count, 1, &block, &end)) {
        struct inputs inputs;
        uint32_t count = block_inputs(finish, block, keys, aggregates, &inputs);
        for (uint32_t i = 0; i < finish->sink->query->order_count; i++) {
            struct finish_order *order = &finish->orders[i];
            struct lanes lanes;
            TRY(program_run(order->program, self->registers, &inputs, count, &lanes, self->error));
            TRY(keep_lanes(self, order, &lanes, block * EVALUATE_LANES, count));
        }
    }
    return STATUS_OK;
}

static void run_worker(const struct worker *worker, void *context)
{
    struct finish *finish = context;
    struct order_worker self = {.finish = finish, .error = &finish->worker_errors[worker->index]};
    scratch_init(&self.texts, finish->arena);
    /* A failure stays in the worker's error. */
    (void)run_blocks(&self);
}
