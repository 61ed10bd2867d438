/* ORDER BY: rows are kept with their keys, sorted, and handed on; equal ones as they came. With a
 * LIMIT behind it no more than twice the rows that can get through are ever kept. */
#include "pipeline/pipe.h"
#include "pipeline/profile.h"
#include "value/compare.h"

/* Values of a kept row: its keys, then what the stage carries on. */
struct kept {
    uint64_t number; /* in which it came */
    struct value *values;
};

struct sort_state {
    struct pool pool;
    struct kept *rows;
    uint64_t count;
    uint64_t capacity;
    uint64_t number;
    uint64_t wanted; /* rows that matter; UINT64_MAX: all */
    const struct stage *stage;
};

enum { ROWS_MIN = 256 };

static enum status open_sort(struct run *run, struct pipe *pipe)
{
    const struct stage *stage = pipe->stage;
    struct sort_state *state = pool_allocate(&run->pool, 1, sizeof *state, run->source->error);
    if (state == NULL) {
        return run->source->error->status;
    }
    *state = (struct sort_state){
        .pool = pool_kept(run->pool.budget, run->stop), .wanted = UINT64_MAX, .stage = stage};
    pipe->state = state;
    if (stage->limit != NULL) {
        uint64_t skip = 0;
        TRY(stage_row_count(run, stage->limit, &state->wanted));
        if (stage->skip != NULL) {
            TRY(stage_row_count(run, stage->skip, &skip));
        }
        if (__builtin_add_overflow(state->wanted, skip, &state->wanted)) {
            state->wanted = UINT64_MAX;
        }
    }
    return STATUS_OK;
}

static int compare_rows(const struct stage *stage, const struct kept *one, const struct kept *other)
{
    for (uint32_t i = 0; i < stage->item_count; i++) {
        int order = value_order(one->values[i], other->values[i]);
        if (order != 0) {
            return stage->items[i].is_descending ? -order : order;
        }
    }
    return one->number < other->number ? -1 : one->number > other->number;
}

/* Merges two runs that follow one another, of `count` rows together, into `merged`. False: the run
 * is to end. */
static bool merge_rows(struct run *run, const struct stage *stage, const struct kept *rows,
                       uint64_t middle, uint64_t count, struct kept *merged)
{
    uint64_t left = 0;
    uint64_t right = middle;
    for (uint64_t i = 0; i < count; i++) {
        if (!run_continues(run)) {
            return false;
        }
        bool is_left = right == count ||
                       (left < middle && compare_rows(stage, &rows[left], &rows[right]) <= 0);
        merged[i] = rows[is_left ? left++ : right++];
    }
    return true;
}

static enum status stopped(struct run *run)
{
    return stop_error(run->stop, "ordering the rows", run->source->error);
}

/* One by one: of many, new memory takes long to be written first. */
static enum status copy_rows(struct run *run, const struct kept *rows, uint64_t count,
                             struct kept *copy)
{
    for (uint64_t i = 0; i < count; i++) {
        if (!run_continues(run)) {
            return stopped(run);
        }
        copy[i] = rows[i];
    }
    return STATUS_OK;
}

/* A merge sort from below, since a sort of many rows has to be able to end when it is told to, and
 * to fail. */
static enum status sort_rows(struct run *run, struct sort_state *state)
{
    struct error *error = run->source->error;
    struct pool pool = pool_kept(run->pool.budget, run->stop);
    if (state->count < 2) {
        return STATUS_OK;
    }
    struct kept *rows = state->rows;
    struct kept *merged = pool_allocate(&pool, state->count, sizeof *merged, error);
    enum status status = merged == NULL ? error->status : STATUS_OK;
    for (uint64_t width = 1; status == STATUS_OK && width < state->count; width *= 2) {
        for (uint64_t first = 0; status == STATUS_OK && first < state->count; first += 2 * width) {
            uint64_t rest = state->count - first;
            uint64_t count = rest < 2 * width ? rest : 2 * width;
            if (!merge_rows(run, state->stage, rows + first, rest < width ? rest : width, count,
                            merged + first)) {
                status = stopped(run);
            }
        }
        struct kept *swapped = rows;
        rows = merged;
        merged = swapped;
    }
    if (status == STATUS_OK && rows != state->rows) {
        status = copy_rows(run, rows, state->count, state->rows);
    }
    pool_close(&pool);
    return status;
}

/* Keeps the rows that matter, in memory of their own, so that those that do not can go. */
static enum status drop_rows(struct run *run, struct sort_state *state)
{
    struct error *error = run->source->error;
    TRY(sort_rows(run, state));
    state->count = state->wanted;
    struct pool pool = pool_kept(run->pool.budget, run->stop);
    uint32_t width = state->stage->item_count + state->stage->slot_count;
    struct kept *rows = pool_allocate(&pool, state->capacity, sizeof *rows, error);
    enum status status = rows == NULL ? error->status : STATUS_OK;
    for (uint64_t i = 0; status == STATUS_OK && i < state->count; i++) {
        if (!run_continues(run)) {
            status = stopped(run);
            break;
        }
        rows[i].number = state->rows[i].number;
        rows[i].values = pool_allocate(&pool, width, sizeof *rows[i].values, error);
        status = rows[i].values == NULL ? error->status : STATUS_OK;
        for (uint32_t j = 0; status == STATUS_OK && j < width; j++) {
            status = pool_copy(&pool, state->rows[i].values[j], &rows[i].values[j], error);
        }
    }
    pool_close(status == STATUS_OK ? &state->pool : &pool);
    if (status == STATUS_OK) {
        state->pool = pool;
        state->rows = rows;
    }
    return status;
}

static enum status make_room(struct run *run, struct sort_state *state)
{
    if (state->count < state->capacity) {
        return STATUS_OK;
    }
    if (state->wanted < state->count / 2) {
        return drop_rows(run, state);
    }
    uint64_t capacity = state->capacity == 0 ? ROWS_MIN : state->capacity * 2;
    struct kept *rows = pool_allocate(&state->pool, capacity, sizeof *rows, run->source->error);
    if (rows == NULL) {
        return run->source->error->status;
    }
    TRY(copy_rows(run, state->rows, state->count, rows));
    state->rows = rows;
    state->capacity = capacity;
    return STATUS_OK;
}

static enum status make_key(struct run *run, const struct term *term, struct value *key)
{
    const struct entities *entities = run->entities;
    TRY(evaluate(run, term, key));
    bool is_entity = key->kind == VALUE_VERTEX || key->kind == VALUE_EDGE;
    return is_entity && entities->methods->order_key != NULL
               ? entities->methods->order_key(entities, *key, &run->pool, key, run->source->error)
               : STATUS_OK;
}

static enum status keep_row(struct run *run, struct sort_state *state)
{
    struct error *error = run->source->error;
    const struct stage *stage = state->stage;
    TRY(make_room(run, state));
    uint32_t width = stage->item_count + stage->slot_count;
    struct value *values = pool_allocate(&state->pool, width, sizeof *values, error);
    if (values == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < stage->item_count; i++) {
        struct value key;
        TRY(make_key(run, stage->items[i].term, &key));
        TRY(pool_copy(&state->pool, key, &values[i], error));
    }
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        TRY(pool_copy(&state->pool, run->row[stage->slots[i]], &values[stage->item_count + i],
                      error));
    }
    state->rows[state->count++] = (struct kept){state->number++, values};
    return STATUS_OK;
}

static enum pushed push_sort(struct run *run, struct pipe *pipe)
{
    struct pool_mark mark = pool_mark(&run->pool);
    enum status status = keep_row(run, pipe->state);
    pool_release(&run->pool, mark);
    return status == STATUS_OK ? PUSHED_MORE : PUSHED_FAILED;
}

static enum pushed finish_sort(struct run *run, struct pipe *pipe)
{
    struct sort_state *state = pipe->state;
    const struct stage *stage = pipe->stage;
    enum pushed pushed = sort_rows(run, state) == STATUS_OK ? PUSHED_MORE : PUSHED_FAILED;
    for (uint64_t i = 0; i < state->count && pushed == PUSHED_MORE; i++) {
        for (uint32_t j = 0; j < stage->slot_count; j++) {
            run->row[stage->slots[j]] = state->rows[i].values[stage->item_count + j];
        }
        struct pool_mark mark = pool_mark(&run->pool);
        pushed = pipe_push(run, pipe->next);
        pool_release(&run->pool, mark);
    }
    return pushed;
}

static void close_sort(struct run *run, struct pipe *pipe)
{
    struct sort_state *state = pipe->state;
    profile_hold(run, pipe->stage->index, state->pool.bytes);
    pool_close(&state->pool);
}

const struct stage_methods stage_sort = {
    .open = open_sort, .push = push_sort, .finish = finish_sort, .close = close_sort};
