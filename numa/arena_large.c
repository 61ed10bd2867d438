/* Large blocks of an arena: mapped exactly, bound before their first touch, grown by moving page
 * tables, and kept in a list. */
#include "numa/arena_large.h"

#include <string.h>

#include "base/memory.h"
#include "numa/pages.h"
#include "numa/poison.h"

/* What a brief arena takes for a block that is short of whole huge pages by less than this share is
 * huge pages only: of small ones 448 would be touched one by one. */
enum { WHOLE_SHARE = 8 };

_Thread_local bool arena_was_refused;

/* What is rounded up at the end of a large block is out of bounds too. */
static void fence_large(const struct large_block *large)
{
    char *end = (char *)large->start + large->used_bytes;
    ASAN_UNPOISON_MEMORY_REGION(large->start, large->used_bytes);
    ASAN_POISON_MEMORY_REGION(end, large->mapped_bytes - large->used_bytes);
}

/* What grew from less than a huge page may not be. */
static bool is_aligned(const struct large_block *large)
{
    return (uintptr_t)large->start % HUGE_PAGE_BYTES == 0;
}

/* Nothing has an address too. */
static size_t large_bytes(const struct arena *arena, size_t bytes, size_t old_bytes)
{
    size_t huge_bytes = (bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    if (arena->kind->is_brief && arena_has_huge(arena) && bytes > 0 &&
        huge_bytes - bytes <= huge_bytes / WHOLE_SHARE) {
        return huge_bytes;
    }
    return pages_round_large(bytes == 0 ? 1 : bytes, old_bytes, arena->budget->huge_pages);
}

/* Huge pages that were kept, for what is mapped anew: taken before the bytes are counted, since
 * counting may unmap what is kept. */
struct reuse {
    size_t count;
    char *starts[KEPT_CHUNKS_MAX];
};

static void reuse_take(struct reuse *reuse, const struct arena *arena, size_t bytes)
{
    struct kept_pages *kept = arena->budget->kept;
    size_t count = bytes / HUGE_PAGE_BYTES;
    count = count < KEPT_CHUNKS_MAX ? count : KEPT_CHUNKS_MAX;
    reuse->count = kept == NULL || !arena_has_huge(arena) || count == 0
                       ? 0
                       : kept_pages_take(kept, arena_kept_kind(arena, true), count, reuse->starts);
}

static void reuse_drop(struct reuse *reuse)
{
    for (size_t index = 0; index < reuse->count; index++) {
        pages_unmap(reuse->starts[index], HUGE_PAGE_BYTES);
    }
}

/* From `target` on, which is the start of a huge page. */
static void reuse_place(struct reuse *reuse, char *target, bool is_zeroed)
{
    for (size_t index = 0; index < reuse->count; index++) {
        pages_move_huge(target + index * HUGE_PAGE_BYTES, reuse->starts[index]);
    }
    if (is_zeroed) {
        memset(target, 0, reuse->count * HUGE_PAGE_BYTES);
    }
}

void *arena_large_allocate(struct arena *arena, size_t bytes, bool is_zeroed)
{
    size_t mapped_bytes = large_bytes(arena, bytes, 0);
    struct large_block *large = memory_allocate(1, sizeof *large);
    if (large == NULL) {
        return NULL;
    }
    struct reuse reuse;
    reuse_take(&reuse, arena, mapped_bytes);
    bool is_taken = arena_take(arena, mapped_bytes);
    void *start = is_taken ? arena_map_pages(arena, mapped_bytes, 1, true) : NULL;
    if (start == NULL) {
        arena_give(arena, is_taken ? mapped_bytes : 0);
        reuse_drop(&reuse);
        memory_free(large);
        return NULL;
    }
    (void)topology_bind_memory(arena->topology, start, mapped_bytes, arena->node);
    reuse_place(&reuse, start, is_zeroed);
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
    size_t bytes = large->mapped_bytes;
    arena_give(arena, bytes);
    arena_put_pages(arena, large->start, bytes, is_aligned(large) ? bytes : 0, true);
    memory_free(large);
}

void *arena_large_resize(struct arena *arena, struct large_block *large, size_t bytes)
{
    size_t old_bytes = large->mapped_bytes;
    enum huge_pages huge_pages = arena->budget->huge_pages;
    size_t mapped_bytes = large_bytes(arena, bytes, old_bytes);
    if (huge_pages == HUGE_PAGES_EXPLICIT && mapped_bytes > old_bytes &&
        mapped_bytes >= HUGE_PAGE_BYTES) {
        void *moved = arena_large_allocate(arena, bytes, false);
        if (moved != NULL) {
            memcpy(moved, large->start, bytes < large->used_bytes ? bytes : large->used_bytes);
            arena_return(arena, large->start);
        }
        return moved;
    }
    struct reuse reuse = {0};
    if (mapped_bytes > old_bytes && old_bytes % HUGE_PAGE_BYTES == 0 && is_aligned(large)) {
        reuse_take(&reuse, arena, mapped_bytes - old_bytes);
    }
    if (mapped_bytes > old_bytes && !arena_take(arena, mapped_bytes - old_bytes)) {
        reuse_drop(&reuse);
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
        reuse_drop(&reuse);
        return NULL;
    }
    reuse_place(&reuse, (char *)resized + old_bytes, false);
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

void *arena_map_pages(struct arena *arena, size_t bytes, size_t alignment, bool is_huge)
{
    struct budget *budget = arena->budget;
    void *start = NULL;
    for (int round = 0; start == NULL && round < 2; round++) {
        start = is_huge ? pages_map_large(bytes, budget->huge_pages)
                        : pages_map_small(bytes, alignment);
        if (start == NULL && budget->kept != NULL) {
            kept_pages_shrink(budget->kept, 0);
        }
    }
    return start;
}

void arena_put_pages(struct arena *arena, void *start, size_t bytes, size_t touched_bytes,
                     bool is_huge)
{
    ASAN_UNPOISON_MEMORY_REGION(start, bytes);
    struct budget *budget = arena->budget;
    if (budget->kept == NULL || touched_bytes == 0 || (is_huge && !arena_has_huge(arena))) {
        pages_unmap(start, bytes);
        return;
    }
    kept_pages_put(budget->kept, arena_kept_kind(arena, is_huge), start, bytes, touched_bytes);
    budget_fit_kept(budget);
}

bool arena_has_huge(const struct arena *arena)
{
    enum huge_pages huge_pages = arena->budget->huge_pages;
    return huge_pages == HUGE_PAGES_AUTO || huge_pages == HUGE_PAGES_THP;
}

/* Where there is one node, whatever is asked for lies there. */
struct kept_kind arena_kept_kind(const struct arena *arena, bool is_huge)
{
    bool is_bound = topology_node_count(arena->topology) > 1;
    return (struct kept_kind){.node = is_bound ? arena->node : 0, .is_huge = is_huge};
}
