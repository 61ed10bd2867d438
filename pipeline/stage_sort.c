/* ORDER BY: rows are kept with their keys, sorted, and handed on; equal ones as they came. With a
 * LIMIT behind it no more than twice the rows that can get through are ever kept. Workers sort a
 * part each; parts are then merged two by two, side by side. */
#include "numa/team.h"
#include "pipeline/compiled.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"
#include "value/compare.h"

/* Values of a kept row: its keys, then what the stage carries on. */
struct kept {
    uint64_t number; /* in which it came; of a part: its place, or place << 32 | number there */
    struct value *values;
};

struct sort_state {
    struct pool pool;
    struct kept *rows;
    uint64_t count;
    uint64_t capacity;
    uint64_t number; /* of the next row */
    uint64_t wanted; /* rows that matter; UINT64_MAX: all */
    const struct stage *stage;
};

enum { ROWS_MIN = 256, ITEMS_A_STEP = 64 };

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

static int compare_rows(const struct stage *stage, const struct kept *one, const struct kept *other,
                        struct stop *stop)
{
    for (uint32_t i = 0; i < stage->item_count; i++) {
        int order = value_order(one->values[i], other->values[i], stop);
        if (order != 0) {
            return stage->items[i].is_descending ? -order : order;
        }
    }
    return one->number < other->number ? -1 : one->number > other->number;
}

/* What it costs to compare the row: items of lists are compared one by one. */
static uint32_t compare_steps(const struct stage *stage, const struct kept *row)
{
    uint32_t steps = 1;
    for (uint32_t i = 0; i < stage->item_count; i++) {
        steps += row->values[i].kind == VALUE_LIST ? row->values[i].count / ITEMS_A_STEP : 0;
    }
    return steps;
}

/* Rows in order. */
struct rows {
    const struct kept *rows;
    uint64_t count;
};

/* Merges two, of which the first one's came first. False: the run is to end. */
static bool merge_rows(struct run *run, const struct stage *stage, struct rows one,
                       struct rows other, struct kept *merged)
{
    uint64_t left = 0;
    uint64_t right = 0;
    while (left < one.count || right < other.count) {
        uint32_t steps = left < one.count ? compare_steps(stage, &one.rows[left]) : 1;
        if (!run_continues_for(run, steps)) {
            return false;
        }
        bool is_left = right == other.count ||
                       (left < one.count &&
                        compare_rows(stage, &one.rows[left], &other.rows[right], run->stop) <= 0);
        *merged++ = is_left ? one.rows[left++] : other.rows[right++];
    }
    return !stop_is_requested(run->stop);
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
            struct rows one = {rows + first, rest < width ? rest : width};
            rest -= one.count;
            struct rows other = {one.rows + one.count, rest < width ? rest : width};
            if (!merge_rows(run, state->stage, one, other, merged + first)) {
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

static uint64_t next_number(const struct pipe *pipe, struct sort_state *state)
{
    if (pipe->has_places) {
        return pipe->place;
    }
    uint64_t of_place = pipe->place << 32;
    if (pipe->is_part && state->number < of_place) {
        state->number = of_place;
    }
    return state->number++;
}

static enum status keep_row(struct run *run, const struct pipe *pipe, struct sort_state *state)
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
    state->rows[state->count++] = (struct kept){next_number(pipe, state), values};
    return STATUS_OK;
}

static enum pushed push_sort(struct run *run, struct pipe *pipe)
{
    struct pool_mark mark = pool_mark(&run->pool);
    enum status status = keep_row(run, pipe, pipe->state);
    pool_release(&run->pool, mark);
    return status == STATUS_OK ? PUSHED_MORE : PUSHED_FAILED;
}

/* Rows in their order. */
struct sorted {
    const struct stage *stage;
    const struct kept *rows;
};

static enum status read_sorted(struct run *run, void *context, uint32_t worker, uint64_t row,
                               uint64_t end)
{
    const struct sorted *sorted = context;
    const struct stage *stage = sorted->stage;
    const struct value *values = sorted->rows[row].values + stage->item_count;
    (void)worker;
    (void)end;
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        run->row[stage->slots[i]] = values[i];
    }
    return STATUS_OK;
}

static enum pushed hand_on(struct run *run, struct pipe *next, const struct sort_state *state)
{
    struct sorted sorted = {state->stage, state->rows};
    struct row_source source = {state->count, read_sorted, &sorted};
    return pipe_push_all(run, next, &source);
}

static enum pushed finish_sort(struct run *run, struct pipe *pipe)
{
    return sort_rows(run, pipe->state) == STATUS_OK ? hand_on(run, pipe->next, pipe->state)
                                                    : PUSHED_FAILED;
}

/* Parts that become one: in each round the first of two takes the other's rows. */
struct joining {
    const struct stage_part *parts;
    uint32_t part_count;
    uint32_t distance; /* between the two; 0: each sorts its own */
    _Atomic bool has_failed;
};

static struct sort_state *state_of(const struct joining *joining, uint32_t part)
{
    bool is_there = part < joining->part_count && joining->parts[part].pipe != NULL;
    return is_there ? joining->parts[part].pipe->state : NULL;
}

/* What the other has kept stays in its pool. */
static enum status take_rows(struct run *run, struct sort_state *state,
                             const struct sort_state *other)
{
    uint64_t count = state->count + other->count;
    struct kept *merged = pool_allocate(&state->pool, count, sizeof *merged, run->source->error);
    if (merged == NULL) {
        return run->source->error->status;
    }
    if (!merge_rows(run, state->stage, (struct rows){state->rows, state->count},
                    (struct rows){other->rows, other->count}, merged)) {
        return stopped(run);
    }
    state->rows = merged;
    state->count = count < state->wanted ? count : state->wanted;
    return STATUS_OK;
}

static void join(const struct worker *worker, void *context)
{
    struct joining *joining = context;
    struct sort_state *own = state_of(joining, worker->index);
    enum status status = STATUS_OK;
    if (own == NULL || atomic_load_explicit(&joining->has_failed, memory_order_relaxed)) {
        return;
    }
    struct run *run = joining->parts[worker->index].run;
    if (joining->distance == 0) {
        status = sort_rows(run, own);
    } else if (worker->index % (2 * joining->distance) == 0) {
        const struct sort_state *other = state_of(joining, worker->index + joining->distance);
        status = other == NULL ? STATUS_OK : take_rows(run, own, other);
    }
    if (status != STATUS_OK) {
        atomic_store_explicit(&joining->has_failed, true, memory_order_relaxed);
    }
}

static enum pushed finish_parts(struct run *run, const struct stage_part *parts, uint32_t count,
                                struct pipe *next)
{
    struct joining joining = {.parts = parts, .part_count = count};
    team_run(run->options->team, join, &joining);
    for (uint32_t distance = 1; distance < count; distance *= 2) {
        joining.distance = distance;
        team_run(run->options->team, join, &joining);
    }
    if (!atomic_load_explicit(&joining.has_failed, memory_order_relaxed)) {
        return hand_on(run, next, state_of(&joining, 0));
    }
    stage_take_error(run, parts, count);
    return PUSHED_FAILED;
}

static void close_sort(struct run *run, struct pipe *pipe)
{
    struct sort_state *state = pipe->state;
    profile_hold(run, pipe->stage->index, state->pool.bytes);
    pool_close(&state->pool);
}

const struct stage_methods stage_sort = {.open = open_sort,
                                         .push = push_sort,
                                         .finish = finish_sort,
                                         .finish_parts = finish_parts,
                                         .close = close_sort};
