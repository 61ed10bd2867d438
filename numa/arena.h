/* Memory bound to one NUMA node, given back as a whole.
 *
 * An arena is one jemalloc arena whose extent hooks map pages, bind them to the node before the
 * first touch, and count them against the budget; blocks of 256 KiB and more are mapped by
 * themselves, exactly, on huge pages where there are some, and counted alike. The small blocks of
 * an arena that has many lie on huge pages too, each of which counts as a whole when it is begun,
 * so that at most an ARENA_WASTE_SHARE-th of such an arena is counted and not used. Blocks are
 * 64-byte aligned. arena_allocate, arena_resize and arena_return may be called by several workers
 * at once (for different blocks). arena_close gives everything back; only what is large and ends
 * long before its arena does is worth returning singly. With the address sanitizer, what lies
 * behind the end of a block up to its rounded size is out of bounds. */
#ifndef GYRE_NUMA_ARENA_H
#define GYRE_NUMA_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "numa/budget.h"
#include "numa/topology.h"

struct arena;

enum { ARENA_WASTE_SHARE = 8 };

/* `node` as in topology_bind_memory; `topology` and `budget` must outlive the arena. */
enum status arena_open(struct arena **arena, const struct topology *topology, uint32_t node,
                       struct budget *budget, struct error *error);
void arena_close(struct arena *arena);

/* `count` * `size` bytes, not zeroed; NULL when the product overflows, the budget is used up or the
 * machine has no memory. Zero bytes give a valid pointer. */
void *arena_allocate(struct arena *arena, size_t count, size_t size);
void *arena_allocate_zeroed(struct arena *arena, size_t count, size_t size);

/* Grows or shrinks a block of this arena (NULL: allocates), moving it if need be; the old block may
 * then be used again by the arena. Large blocks move by page tables, without a copy, and shrink
 * where they are. NULL on failure, and then the old block stands. */
void *arena_resize(struct arena *arena, void *block, size_t count, size_t size);

/* As arena_resize, but makes it a large block whatever its size, in whole pages: for what is small
 * and yet worth returning singly. */
void *arena_resize_apart(struct arena *arena, void *block, size_t count, size_t size);

/* Gives a block of this arena back (NULL: nothing): a large one to the system and the budget, at
 * once; a small one stays with the arena, for its next blocks. */
void arena_return(struct arena *arena, void *block);

uint32_t arena_node(const struct arena *arena);
uint64_t arena_bytes(const struct arena *arena); /* taken from the budget for it now */

/* The failure of arena_allocate in words: STATUS_LIMIT naming the memory limit when the budget
 * refused, otherwise STATUS_FAILED. `what` is what the memory was for. */
enum status arena_error(const struct arena *arena, const char *what, struct error *error);

#endif
