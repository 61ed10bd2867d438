/* A chain of blocks from the heap: many small objects with one life, given back at once.
 *
 * A query's syntax tree lives in one chain, the bound query in another; so a parser that gives up
 * in the middle leaks nothing. One thread. */
#ifndef GYRE_QUERY_CHAIN_H
#define GYRE_QUERY_CHAIN_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. */
struct chain {
    struct chain_block *blocks;
    char *next; /* free bytes of the newest block */
    size_t left;
};

/* `count` objects of `size` bytes, zeroed, aligned to 16; NULL when there is no memory. */
void *chain_allocate(struct chain *chain, size_t count, size_t size);

/* Room for one more item after `count` of them: `items` itself, or a larger copy. NULL when there
 * is no memory. The old array is given back only with the chain. */
void *chain_grow(struct chain *chain, void *items, uint32_t count, uint32_t *capacity, size_t size);

/* A copy with a NUL behind it; NULL when there is no memory. */
char *chain_copy(struct chain *chain, const char *data, size_t size);

/* Gives back every block; the chain is empty afterwards. */
void chain_close(struct chain *chain);

#endif
