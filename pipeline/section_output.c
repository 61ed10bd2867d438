/* Rows in the order of their morsels; see section_output.h. */
#include "pipeline/section_output.h"

#include <time.h>

enum {
    BLOCK_ROWS = 64,
    KEPT_BYTES_MAX = 64 << 20, /* by all workers, before they wait for their turn */
    WAIT_NS = 50000,
};

/* Rows, one after another, of slot_count values each. */
struct output_block {
    struct output_block *next;
    uint32_t row_count;
    struct value values[];
};

static bool has_ended(const struct section_output *output)
{
    return atomic_load_explicit(&output->has_ended, memory_order_acquire);
}

/* Nothing more is wanted: whoever still works on a morsel ends soon. */
static void end_early(struct section_output *output, enum pushed pushed)
{
    output->pushed = pushed;
    atomic_store_explicit(&output->has_ended, true, memory_order_release);
    if (pushed == PUSHED_ENOUGH || output->run->source->error->status != STATUS_OK) {
        stop_request(output->run->stop, STOP_ROWS);
    }
}

/* The row of the receiver's run. */
static enum pushed give(struct section_output *output)
{
    struct pool_mark mark = pool_mark(&output->run->pool);
    enum pushed pushed = pipe_push(output->run, output->pipe);
    pool_release(&output->run->pool, mark);
    if (pushed != PUSHED_MORE) {
        end_early(output, pushed);
    }
    return pushed;
}

static enum pushed give_values(struct section_output *output, const struct value *values)
{
    for (uint32_t i = 0; i < output->slot_count; i++) {
        output->run->row[output->slots[i]] = values[i];
    }
    return give(output);
}

static void give_kept(struct section_output *output, struct morsel_output *morsel)
{
    enum pushed pushed = PUSHED_MORE;
    uint64_t left = output->slot_count == 0 ? morsel->row_count : 0;
    for (; pushed == PUSHED_MORE && left > 0; left--) {
        pushed = give(output);
    }
    for (const struct output_block *block = morsel->first; block != NULL; block = block->next) {
        for (uint32_t i = 0; pushed == PUSHED_MORE && i < block->row_count; i++) {
            pushed = give_values(output, block->values + (size_t)i * output->slot_count);
        }
    }
    morsel->first = NULL;
    morsel->last = NULL;
    morsel->row_count = 0;
    pool_close(&morsel->pool);
    atomic_fetch_sub_explicit(&output->bytes, morsel->bytes, memory_order_relaxed);
    morsel->bytes = 0;
    morsel->top = NULL;
}

/* With the first of these, the worker that hands rows on sees that others have ended theirs; with
 * the second, one that ends its own sees that nobody hands on any more. One of the two it must see:
 * hence sequential consistency, of is_giving and is_over. */
static bool begin_giving(struct section_output *output)
{
    return !atomic_exchange_explicit(&output->is_giving, true, memory_order_seq_cst);
}

static void end_giving(struct section_output *output)
{
    atomic_store_explicit(&output->is_giving, false, memory_order_seq_cst);
}

static bool is_ready(const struct section_output *output)
{
    uint64_t turn = atomic_load_explicit(&output->turn, memory_order_acquire);
    return turn < output->morsel_count &&
           atomic_load_explicit(&output->morsels[turn].is_over, memory_order_seq_cst);
}

static void give_ready(struct section_output *output)
{
    while (is_ready(output)) {
        uint64_t turn = atomic_load_explicit(&output->turn, memory_order_relaxed);
        struct morsel_output *morsel = &output->morsels[turn];
        if (!has_ended(output)) {
            give_kept(output, morsel);
        }
        if (!has_ended(output) && morsel->pushed != PUSHED_MORE) {
            if (morsel->error->status != STATUS_OK) {
                *output->run->source->error = *morsel->error;
            }
            end_early(output, PUSHED_FAILED);
        }
        atomic_store_explicit(&output->turn, turn + 1, memory_order_release);
    }
}

static void wait(void)
{
    nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
}

/* From now on the morsel's rows are handed on as they come, unless nothing more is wanted. Nobody
 * else hands on for long: it is the turn of none of theirs. */
static bool take_turn(struct section_output *output, struct morsel_output *morsel)
{
    while (!begin_giving(output)) {
        wait();
    }
    morsel->is_turn = true;
    if (!has_ended(output)) {
        give_kept(output, morsel);
    }
    return !has_ended(output);
}

static bool is_turn(const struct section_output *output, uint64_t morsel)
{
    return atomic_load_explicit(&output->turn, memory_order_acquire) == morsel;
}

/* Until it is the morsel's turn; false when nothing more is wanted. */
static bool wait_for_turn(struct section_output *output, uint64_t morsel)
{
    while (!is_turn(output, morsel)) {
        if (stop_is_requested(output->run->stop)) {
            return false;
        }
        wait();
    }
    return true;
}

/* Room for a row; NULL without memory. */
static struct value *add_row(struct section_output *output, struct morsel_output *morsel,
                             struct error *error)
{
    uint32_t width = output->slot_count;
    struct output_block *block = morsel->last;
    if (block == NULL || block->row_count == BLOCK_ROWS) {
        block =
            pool_allocate(&morsel->pool, 1,
                          sizeof *block + (size_t)BLOCK_ROWS * width * sizeof(struct value), error);
        if (block == NULL) {
            return NULL;
        }
        block->next = NULL;
        block->row_count = 0;
        *(morsel->last == NULL ? &morsel->first : &morsel->last->next) = block;
        morsel->last = block;
    }
    return block->values + (size_t)block->row_count * width;
}

/* The pool's blocks, when there is another one. */
static void count_bytes(struct section_output *output, struct morsel_output *morsel)
{
    if (morsel->pool.top != morsel->top) {
        uint64_t bytes = morsel->pool.bytes;
        atomic_fetch_add_explicit(&output->bytes, bytes - morsel->bytes, memory_order_relaxed);
        morsel->bytes = bytes;
        morsel->top = morsel->pool.top;
    }
}

/* False without memory. */
static bool keep_row(struct section_output *output, struct morsel_output *morsel,
                     const struct run *own)
{
    struct error problem = {0};
    if (output->slot_count > 0) {
        struct value *row = add_row(output, morsel, &problem);
        if (row == NULL) {
            return false;
        }
        for (uint32_t i = 0; i < output->slot_count; i++) {
            if (pool_copy(&morsel->pool, own->row[output->slots[i]], &row[i], &problem) !=
                STATUS_OK) {
                return false;
            }
        }
        morsel->last->row_count++;
    }
    morsel->row_count++;
    count_bytes(output, morsel);
    return true;
}

enum pushed output_add(struct section_output *output, uint64_t index, const struct run *own)
{
    struct morsel_output *morsel = &output->morsels[index];
    if (!morsel->is_turn) {
        bool is_full = atomic_load_explicit(&output->bytes, memory_order_relaxed) > KEPT_BYTES_MAX;
        if (!is_full && !is_turn(output, index) && keep_row(output, morsel, own)) {
            return PUSHED_MORE;
        }
        /* Without memory too: what is handed on needs none here. */
        if (!wait_for_turn(output, index) || !take_turn(output, morsel)) {
            return PUSHED_ENOUGH;
        }
    }
    for (uint32_t i = 0; i < output->slot_count; i++) {
        output->run->row[output->slots[i]] = own->row[output->slots[i]];
    }
    return give(output);
}

void output_end(struct section_output *output, uint64_t index, enum pushed pushed,
                const struct error *error)
{
    struct morsel_output *morsel = &output->morsels[index];
    morsel->pushed = pushed;
    morsel->error = error;
    bool is_giving = morsel->is_turn;
    atomic_store_explicit(&morsel->is_over, true, memory_order_seq_cst);
    while (is_giving || (is_ready(output) && begin_giving(output))) {
        give_ready(output);
        end_giving(output);
        is_giving = false;
    }
}

void output_close(struct section_output *output)
{
    for (uint64_t i = 0; i < output->morsel_count; i++) {
        pool_close(&output->morsels[i].pool);
    }
}
