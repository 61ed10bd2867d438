/* Large blocks of an arena: mapped exactly, bound before their first touch, grown by moving page
 * tables, and kept in a list. */
#include "numa/arena_large.h"

#include <string.h>

#include "numa/pages.h"
#include "numa/poison.h"

_Thread_local bool arena_was_refused;

/* What is rounded up at the end of a large block is out of bounds too. */
static void fence_large(struct large_block *large)
{
    char *block = (char *)(large + 1);
    size_t room_bytes = large->mapped_bytes - sizeof(*large);
    ASAN_UNPOISON_MEMORY_REGION(block, large->used_bytes);
    ASAN_POISON_MEMORY_REGION(block + large->used_bytes, room_bytes - large->used_bytes);
}

static size_t large_bytes(const struct arena *arena, size_t bytes, size_t old_bytes)
{
    return pages_round_large(bytes + sizeof(struct large_block), old_bytes,
                             arena->budget->huge_pages);
}

void *arena_large_allocate(struct arena *arena, size_t bytes)
{
    size_t mapped_bytes = large_bytes(arena, bytes, 0);
    if (!arena_take(arena, mapped_bytes)) {
        return NULL;
    }
    struct large_block *large = pages_map_large(mapped_bytes, arena->budget->huge_pages);
    if (large == NULL) {
        arena_give(arena, mapped_bytes);
        return NULL;
    }
    (void)topology_bind_memory(arena->topology, large, mapped_bytes, arena->node);
    large->mapped_bytes = mapped_bytes;
    large->used_bytes = bytes;
    fence_large(large);

    pthread_mutex_lock(&arena->lock);
    large->next = arena->large_blocks;
    arena->large_blocks = large;
    pthread_mutex_unlock(&arena->lock);
    return large + 1;
}

/* The link that points to the block, or NULL when it is a small one. A walk, under lock: an
 * arena has some dozens of large blocks, or hundreds, and few are ever resized or returned. */
struct large_block **arena_large_find(struct arena *arena, const void *block)
{
    struct large_block **link = &arena->large_blocks;
    while (*link != NULL && *link + 1 != block) {
        link = &(*link)->next;
    }
    return *link == NULL ? NULL : link;
}

bool arena_is_large(struct arena *arena, const void *block)
{
    pthread_mutex_lock(&arena->lock);
    bool is_found = arena_large_find(arena, block) != NULL;
    pthread_mutex_unlock(&arena->lock);
    return is_found;
}

void arena_large_close(struct arena *arena, struct large_block *large)
{
    size_t bytes = large->mapped_bytes;
    ASAN_UNPOISON_MEMORY_REGION(large, bytes);
    pages_unmap(large, bytes);
    arena_give(arena, bytes);
}

void *arena_large_resize(struct arena *arena, void *block, size_t bytes)
{
    struct large_block *large = (struct large_block *)block - 1;
    size_t old_bytes = large->mapped_bytes;
    enum huge_pages huge_pages = arena->budget->huge_pages;
    size_t mapped_bytes = large_bytes(arena, bytes, old_bytes);
    if (huge_pages == HUGE_PAGES_EXPLICIT && mapped_bytes > old_bytes &&
        mapped_bytes >= HUGE_PAGE_BYTES) {
        void *moved = arena_large_allocate(arena, bytes);
        if (moved != NULL) {
            memcpy(moved, block, bytes < large->used_bytes ? bytes : large->used_bytes);
            arena_return(arena, block);
        }
        return moved;
    }
    if (mapped_bytes > old_bytes && !arena_take(arena, mapped_bytes - old_bytes)) {
        return NULL;
    }
    ASAN_UNPOISON_MEMORY_REGION(large, old_bytes);

    /* Under the lock, since a neighbour in the list points to the block while it moves. */
    pthread_mutex_lock(&arena->lock);
    struct large_block *resized =
        mapped_bytes == old_bytes ? large
                                  : pages_resize_large(large, old_bytes, mapped_bytes, huge_pages);
    if (resized != NULL) {
        *arena_large_find(arena, block) = resized;
    }
    pthread_mutex_unlock(&arena->lock);

    if (resized == NULL) {
        fence_large(large);
        arena_give(arena, mapped_bytes > old_bytes ? mapped_bytes - old_bytes : 0);
        return NULL;
    }
    arena_give(arena, mapped_bytes < old_bytes ? old_bytes - mapped_bytes : 0);
    resized->mapped_bytes = mapped_bytes;
    resized->used_bytes = bytes;
    fence_large(resized);
    return resized + 1;
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
