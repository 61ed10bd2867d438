/* Large blocks of an arena: mapped exactly, bound before their first touch, grown by moving page
 * tables, and kept in a list. */
#include "numa/arena_large.h"

#include <string.h>

#include "base/memory.h"
#include "numa/pages.h"
#include "numa/poison.h"

_Thread_local bool arena_was_refused;

/* What is rounded up at the end of a large block is out of bounds too. */
static void fence_large(const struct large_block *large)
{
    char *end = (char *)large->start + large->used_bytes;
    ASAN_UNPOISON_MEMORY_REGION(large->start, large->used_bytes);
    ASAN_POISON_MEMORY_REGION(end, large->mapped_bytes - large->used_bytes);
}

/* Nothing has an address too. */
static size_t large_bytes(const struct arena *arena, size_t bytes, size_t old_bytes)
{
    return pages_round_large(bytes == 0 ? 1 : bytes, old_bytes, arena->budget->huge_pages);
}

void *arena_large_allocate(struct arena *arena, size_t bytes)
{
    size_t mapped_bytes = large_bytes(arena, bytes, 0);
    struct large_block *large = memory_allocate(1, sizeof *large);
    if (large == NULL || !arena_take(arena, mapped_bytes)) {
        memory_free(large);
        return NULL;
    }
    void *start = pages_map_large(mapped_bytes, arena->budget->huge_pages);
    if (start == NULL) {
        memory_free(large);
        arena_give(arena, mapped_bytes);
        return NULL;
    }
    (void)topology_bind_memory(arena->topology, start, mapped_bytes, arena->node);
    *large =
        (struct large_block){.start = start, .mapped_bytes = mapped_bytes, .used_bytes = bytes};
    fence_large(large);

    pthread_mutex_lock(&arena->lock);
    large->next = arena->large_blocks;
    arena->large_blocks = large;
    pthread_mutex_unlock(&arena->lock);
    return start;
}

/* A walk, under lock: an arena has some dozens of large blocks, or hundreds, and few are ever
 * resized or returned. */
struct large_block **arena_large_find(struct arena *arena, const void *block)
{
    struct large_block **link = &arena->large_blocks;
    while (*link != NULL && (*link)->start != block) {
        link = &(*link)->next;
    }
    return link;
}

struct large_block *arena_large_record(struct arena *arena, const void *block)
{
    pthread_mutex_lock(&arena->lock);
    struct large_block *large = *arena_large_find(arena, block);
    pthread_mutex_unlock(&arena->lock);
    return large;
}

void arena_large_close(struct arena *arena, struct large_block *large)
{
    ASAN_UNPOISON_MEMORY_REGION(large->start, large->mapped_bytes);
    pages_unmap(large->start, large->mapped_bytes);
    arena_give(arena, large->mapped_bytes);
    memory_free(large);
}

void *arena_large_resize(struct arena *arena, struct large_block *large, size_t bytes)
{
    size_t old_bytes = large->mapped_bytes;
    enum huge_pages huge_pages = arena->budget->huge_pages;
    size_t mapped_bytes = large_bytes(arena, bytes, old_bytes);
    if (huge_pages == HUGE_PAGES_EXPLICIT && mapped_bytes > old_bytes &&
        mapped_bytes >= HUGE_PAGE_BYTES) {
        void *moved = arena_large_allocate(arena, bytes);
        if (moved != NULL) {
            memcpy(moved, large->start, bytes < large->used_bytes ? bytes : large->used_bytes);
            arena_return(arena, large->start);
        }
        return moved;
    }
    if (mapped_bytes > old_bytes && !arena_take(arena, mapped_bytes - old_bytes)) {
        return NULL;
    }
    ASAN_UNPOISON_MEMORY_REGION(large->start, old_bytes);

    /* Under the lock, since others' blocks may come to lie where this one lay. */
    pthread_mutex_lock(&arena->lock);
    void *resized = mapped_bytes == old_bytes
                        ? large->start
                        : pages_resize_large(large->start, old_bytes, mapped_bytes, huge_pages);
    if (resized != NULL) {
        large->start = resized;
    }
    pthread_mutex_unlock(&arena->lock);

    if (resized == NULL) {
        fence_large(large);
        arena_give(arena, mapped_bytes > old_bytes ? mapped_bytes - old_bytes : 0);
        return NULL;
    }
    arena_give(arena, mapped_bytes < old_bytes ? old_bytes - mapped_bytes : 0);
    large->mapped_bytes = mapped_bytes;
    large->used_bytes = bytes;
    fence_large(large);
    return resized;
}

bool arena_take(struct arena *arena, size_t bytes)
{
    if (!budget_take(arena->budget, bytes)) {
        arena_was_refused = true;
        return false;
    }
    atomic_fetch_add_explicit(&arena->mapped_bytes, bytes, memory_order_relaxed);
    return true;
}

void arena_give(struct arena *arena, size_t bytes)
{
    atomic_fetch_sub_explicit(&arena->mapped_bytes, bytes, memory_order_relaxed);
    budget_give(arena->budget, bytes);
}
