/* A work-stealing deque of small values: one owner pushes and pops at the bottom, any thief takes
 * from the top.
 *
 * The algorithm is Chase and Lev's ("Dynamic Circular Work-Stealing Deque", 2005) with the memory
 * orders of Le, Pop, Cohen and Zappa Nardelli ("Correct and Efficient Work-Stealing for Weak Memory
 * Models", 2013), over a ring that does not grow: a worker that finds it full keeps its work. An
 * item is DEQUE_ITEM_WORDS words, copied by relaxed atomic loads and stores, so that a thief that
 * loses the race has read garbage without a data race, and throws it away. */
#ifndef GYRE_NUMA_DEQUE_H
#define GYRE_NUMA_DEQUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { DEQUE_ITEM_WORDS = 32, DEQUE_ITEMS = 64 };

struct deque_item {
    uint64_t words[DEQUE_ITEM_WORDS];
};

/* Filled by deque_init in the owner's memory; no clean-up. `top` and `bottom` lie on cache lines of
 * their own. */
struct deque {
    _Alignas(64) _Atomic int64_t top;
    _Alignas(64) _Atomic int64_t bottom;
    _Alignas(64) _Atomic uint64_t words[DEQUE_ITEMS][DEQUE_ITEM_WORDS];
};

void deque_init(struct deque *deque);

/* Owner only. False when full. `word_count` words are copied (at most DEQUE_ITEM_WORDS). */
bool deque_push(struct deque *deque, const struct deque_item *item, uint32_t word_count);

/* Owner only. False when empty. */
bool deque_pop(struct deque *deque, struct deque_item *item, uint32_t word_count);

/* Any thread. False when empty or when another one was faster. */
bool deque_steal(struct deque *deque, struct deque_item *item, uint32_t word_count);

/* A guess, for anyone. */
bool deque_is_empty(struct deque *deque);

#endif
