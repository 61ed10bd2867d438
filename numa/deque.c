/* Chase and Lev's deque over a fixed ring.
 *
 * Le et al. order the accesses with two sequentially consistent fences: in pop between writing
 * `bottom` and reading `top`, in steal between reading `top` and reading `bottom`. Here those four
 * accesses are sequentially consistent themselves, which gives the same guarantee (owner and thief
 * cannot both miss what the other did), costs the same one locked instruction per pop on x86, and,
 * unlike a fence, is understood by the thread sanitizer. */
#include "numa/deque.h"

#include "base/check.h"

_Static_assert((DEQUE_ITEMS & (DEQUE_ITEMS - 1)) == 0, "a position becomes a slot by a mask");

static void slot_write(struct deque *deque, int64_t position, const struct deque_item *item,
                       uint32_t word_count);
static void slot_read(struct deque *deque, int64_t position, struct deque_item *item,
                      uint32_t word_count);

void deque_init(struct deque *deque)
{
    atomic_init(&deque->top, 0);
    atomic_init(&deque->bottom, 0);
    for (uint32_t slot = 0; slot < DEQUE_ITEMS; slot++) {
        for (uint32_t word = 0; word < DEQUE_ITEM_WORDS; word++) {
            atomic_init(&deque->words[slot][word], 0);
        }
    }
}

bool deque_push(struct deque *deque, const struct deque_item *item, uint32_t word_count)
{
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    /* Acquire: the thief that moved `top` past the slot has read it before the slot is written. */
    int64_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    if (bottom - top >= DEQUE_ITEMS) {
        return false;
    }
    slot_write(deque, bottom, item, word_count);
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return true;
}

bool deque_pop(struct deque *deque, struct deque_item *item, uint32_t word_count)
{
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed) - 1;
    atomic_store_explicit(&deque->bottom, bottom, memory_order_seq_cst);
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    bool is_taken = top <= bottom;
    if (is_taken) {
        slot_read(deque, bottom, item, word_count);
    }
    if (top < bottom) {
        return true;
    }
    if (is_taken) {
        /* The last item: whoever moves `top` has it. */
        is_taken = atomic_compare_exchange_strong_explicit(
            &deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed);
    }
    /* Empty now. Release, as in push: a thief may learn of an earlier push from this store. */
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return is_taken;
}

bool deque_steal(struct deque *deque, struct deque_item *item, uint32_t word_count)
{
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
    if (top >= bottom) {
        return false;
    }
    /* What is read is worth something only if `top` has not moved meanwhile: until then the owner
     * does not write to the slot. */
    slot_read(deque, top, item, word_count);
    return atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

bool deque_is_empty(struct deque *deque)
{
    int64_t top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    return top >= bottom;
}

static void slot_write(struct deque *deque, int64_t position, const struct deque_item *item,
                       uint32_t word_count)
{
    DCHECK(word_count <= DEQUE_ITEM_WORDS);
    _Atomic uint64_t *slot = deque->words[position & (DEQUE_ITEMS - 1)];
    for (uint32_t word = 0; word < word_count; word++) {
        atomic_store_explicit(&slot[word], item->words[word], memory_order_relaxed);
    }
}

static void slot_read(struct deque *deque, int64_t position, struct deque_item *item,
                      uint32_t word_count)
{
    DCHECK(word_count <= DEQUE_ITEM_WORDS);
    _Atomic uint64_t *slot = deque->words[position & (DEQUE_ITEMS - 1)];
    for (uint32_t word = 0; word < word_count; word++) {
        item->words[word] = atomic_load_explicit(&slot[word], memory_order_relaxed);
    }
}
