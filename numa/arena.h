/* Memory bound to one NUMA node, given back as a whole.
 *
 * An arena is one jemalloc arena whose extent hooks map pages, bind them to the node before the
 * first touch, and count them against the budget; large blocks are mapped by themselves, exactly,
 * on huge pages where there are some, and counted alike. The small blocks of an arena that has many
 * lie on huge pages too, each of which counts as a whole when it is begun. How soon that is, and
 * from where on blocks are large, is the difference between an arena that lasts and a brief one.
 * Where the budget has pages that were kept (numa/kept_pages.h), large blocks and the small ones of
 * brief arenas lie on these first.
 * Blocks are 64-byte aligned. arena_allocate, arena_resize and arena_return may be called by
 * several workers at once (for different blocks). arena_close gives everything back; only what is
 * large and ends long before its arena does is worth returning singly. With the address sanitizer,
 * what lies behind the end of a block up to its rounded size is out of bounds. */
#ifndef GYRE_NUMA_ARENA_H
#define GYRE_NUMA_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "numa/budget.h"
#include "numa/topology.h"

struct arena;

/* For what lasts: at most an eighth of it is counted and not used, blocks are large from 256 KiB
 * on.
 *
 * `node` as in topology_bind_memory; `topology` and `budget` must outlive the arena. */
enum status arena_open(struct arena **arena, const struct topology *topology, uint32_t node,
                       struct budget *budget, struct error *error);

/* For what a query takes and gives back. To touch pages and to give them back is a fifth of what
 * a query that groups some hundred thousand flows takes, and is less by huge pages: they begin
 * with the third MiB, and blocks are large from 1.75 MiB on. Up to ARENA_BRIEF_WASTE_SHARE-th of it
 * is counted and not used. */
enum status arena_open_brief(struct arena **arena, const struct topology *topology, uint32_t node,
                             struct budget *budget, struct error *error);

enum { ARENA_BRIEF_WASTE_SHARE = 2 };

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

/* Gives a block of this arena back (NULL: nothing): a large one to the budget, at once, and to the
 * system, unless its pages are kept for others (numa/kept_pages.h); a small one stays with the
 * arena, for its next blocks. */
void arena_return(struct arena *arena, void *block);

uint32_t arena_node(const struct arena *arena);
uint64_t arena_bytes(const struct arena *arena); /* taken from the budget for it now */

/* The failure of arena_allocate in words: STATUS_LIMIT naming the memory limit when the budget
 * refused, otherwise STATUS_FAILED. `what` is what the memory was for. */
enum status arena_error(const struct arena *arena, const char *what, struct error *error);

#endif
