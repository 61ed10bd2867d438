/* Small blocks come from a jemalloc arena, large ones from mappings of their own.
 *
 * jemalloc rounds a request up to a size class, by up to a fifth. That is right for the many small
 * blocks and wrong for a column of 41 MiB, so large blocks are mapped exactly, grown
 * by moving page tables (which keeps the binding to the node and copies nothing), and kept in a
 * list. */
#include "numa/arena.h"

#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "numa/arena_large.h"
#include "numa/pages.h"
#include "numa/poison.h"

enum {
    RECORDS_ALIGNMENT = 2 << 20,
};

static const struct arena_kind lasting = {.large_bytes = 256 << 10, .small_steps = 8};

/* What is not large must, as jemalloc rounds it, be less than a step: 1.75 MiB is a size of its own
 * there. */
static const struct arena_kind brief = {
    .large_bytes = 1792 << 10, .small_steps = ARENA_BRIEF_WASTE_SHARE - 1, .is_brief = true};

/* A hook finds its arena behind its hooks. */
struct hooked_arena {
    extent_hooks_t hooks;
    struct arena arena;
};

static enum status open_arena(struct arena **arena, const struct arena_kind *kind,
                              const struct topology *topology, uint32_t node, struct budget *budget,
                              struct error *error);
static bool create_jemalloc_arena(struct hooked_arena *hooked);
static bool control_arena(const struct arena *arena, const char *action, void *value,
                          size_t value_bytes);
static void *allocate(struct arena *arena, size_t count, size_t size, bool is_zeroed);
static void *resize(struct arena *arena, void *block, size_t count, size_t size,
                    size_t large_bytes);
static void *note_refusal(struct arena *arena, void *block);
static void *allocate_small(struct arena *arena, size_t bytes, int flags);
static void *resize_small(struct arena *arena, void *block, size_t bytes, size_t large_bytes);
static int small_flags(const struct arena *arena);

static extent_alloc_t hook_alloc;
static extent_split_t hook_split;
static extent_merge_t hook_merge;

enum status arena_open(struct arena **arena, const struct topology *topology, uint32_t node,
                       struct budget *budget, struct error *error)
{
    return open_arena(arena, &lasting, topology, node, budget, error);
}

enum status arena_open_brief(struct arena **arena, const struct topology *topology, uint32_t node,
                             struct budget *budget, struct error *error)
{
    return open_arena(arena, &brief, topology, node, budget, error);
}

void arena_close(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct large_block *large = arena->large_blocks;
    while (large != NULL) {
        struct large_block *next = large->next;
        arena_large_close(arena, large);
        large = next;
    }
    CHECK(control_arena(arena, "destroy", NULL, 0));
    arena_steps_close(arena);
    pthread_mutex_destroy(&arena->lock);
    memory_free((char *)arena - offsetof(struct hooked_arena, arena));
}

void *arena_allocate(struct arena *arena, size_t count, size_t size)
{
    return allocate(arena, count, size, false);
}

void *arena_allocate_zeroed(struct arena *arena, size_t count, size_t size)
{
    return allocate(arena, count, size, true);
}

void *arena_resize(struct arena *arena, void *block, size_t count, size_t size)
{
    return resize(arena, block, count, size, arena->kind->large_bytes);
}

void *arena_resize_apart(struct arena *arena, void *block, size_t count, size_t size)
{
    return resize(arena, block, count, size, 0);
}

void arena_return(struct arena *arena, void *block)
{
    if (block == NULL) {
        return;
    }
    pthread_mutex_lock(&arena->lock);
    struct large_block **link = arena_large_find(arena, block);
    struct large_block *large = *link;
    if (large != NULL) {
        *link = large->next;
    }
    pthread_mutex_unlock(&arena->lock);
    if (large != NULL) {
        arena_large_close(arena, large);
    } else {
        ASAN_UNPOISON_MEMORY_REGION(block, sallocx(block, small_flags(arena)));
        dallocx(block, small_flags(arena));
    }
}

uint32_t arena_node(const struct arena *arena)
{
    return arena->node;
}

uint64_t arena_bytes(const struct arena *arena)
{
    return atomic_load_explicit(&arena->mapped_bytes, memory_order_relaxed);
}

enum status arena_error(const struct arena *arena, const char *what, struct error *error)
{
    if (!atomic_load_explicit(&arena->is_over_limit, memory_order_relaxed)) {
        return error_set_memory(error, what);
    }
    char limit_text[NUMBER_TEXT_BYTES];
    size_format(arena->budget->limit_bytes, limit_text);
    return error_set(error, STATUS_LIMIT,
                     "the memory limit of %s was reached while %s; raise --memory-limit or load "
                     "fewer flows",
                     limit_text, what);
}

static enum status open_arena(struct arena **arena, const struct arena_kind *kind,
                              const struct topology *topology, uint32_t node, struct budget *budget,
                              struct error *error)
{
    CHECK(node < topology_node_count(topology) || node == NODE_INTERLEAVED);
    *arena = NULL;
    struct hooked_arena *hooked = memory_allocate(1, sizeof(*hooked));
    if (hooked == NULL) {
        return error_set_memory(error, "opening an arena");
    }
    struct arena *opened = &hooked->arena;
    opened->kind = kind;
    opened->topology = topology;
    opened->node = node;
    opened->budget = budget;
    hooked->hooks = (extent_hooks_t){.alloc = hook_alloc, .split = hook_split, .merge = hook_merge};
    CHECK(pthread_mutex_init(&opened->lock, NULL) == 0);
    if (!create_jemalloc_arena(hooked)) {
        pthread_mutex_destroy(&opened->lock);
        memory_free(hooked);
        return error_set_memory(error, "opening an arena");
    }
    *arena = opened;
    return STATUS_OK;
}

static bool create_jemalloc_arena(struct hooked_arena *hooked)
{
    struct arena *arena = &hooked->arena;
    extent_hooks_t *hooks = &hooked->hooks;
    unsigned index = 0;
    size_t index_bytes = sizeof(index);
    if (mallctl("arenas.create", &index, &index_bytes, &hooks, sizeof(hooks)) != 0) {
        return false;
    }
    arena->jemalloc_index = index;

    /* -1: what is freed stays for the next block, until the arena is destroyed. */
    ssize_t decay_ms = -1;
    CHECK(control_arena(arena, "dirty_decay_ms", &decay_ms, sizeof(decay_ms)));
    CHECK(control_arena(arena, "muzzy_decay_ms", &decay_ms, sizeof(decay_ms)));
    return true;
}

static bool control_arena(const struct arena *arena, const char *action, void *value,
                          size_t value_bytes)
{
    char name[64];
    snprintf(name, sizeof(name), "arena.%u.%s", arena->jemalloc_index, action);
    return mallctl(name, NULL, NULL, value, value_bytes) == 0;
}

static void *allocate(struct arena *arena, size_t count, size_t size, bool is_zeroed)
{
    arena_was_refused = false;
    size_t bytes;
    void *block = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes <= PTRDIFF_MAX &&
        !memory_fault_due()) {
        block = bytes >= arena->kind->large_bytes
                    ? arena_large_allocate(arena, bytes, is_zeroed)
                    : allocate_small(arena, bytes, is_zeroed ? MALLOCX_ZERO : 0);
    }
    return note_refusal(arena, block);
}

/* Blocks of `large_bytes` and more become large ones. */
static void *resize(struct arena *arena, void *block, size_t count, size_t size, size_t large_bytes)
{
    arena_was_refused = false;
    size_t bytes;
    void *resized = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes <= PTRDIFF_MAX &&
        !memory_fault_due()) {
        if (block != NULL) {
            struct large_block *large = arena_large_record(arena, block);
            resized = large != NULL ? arena_large_resize(arena, large, bytes)
                                    : resize_small(arena, block, bytes, large_bytes);
        } else {
            resized = bytes >= large_bytes ? arena_large_allocate(arena, bytes, false)
                                           : allocate_small(arena, bytes, 0);
        }
    }
    return note_refusal(arena, resized);
}

/* Whether it was the budget that had no more: for arena_error. */
static void *note_refusal(struct arena *arena, void *block)
{
    if (block == NULL) {
        atomic_store_explicit(&arena->is_over_limit, arena_was_refused, memory_order_relaxed);
    }
    return block;
}

static int small_flags(const struct arena *arena)
{
    return (int)(MALLOCX_ARENA(arena->jemalloc_index) | MALLOCX_TCACHE_NONE |
                 MALLOCX_ALIGN(BLOCK_ALIGNMENT));
}

/* In builds with the address sanitizer, what jemalloc rounded up is out of bounds. */
static void fence_small(const struct arena *arena, void *block, size_t bytes)
{
    size_t rounded_bytes = sallocx(block, small_flags(arena));
    ASAN_UNPOISON_MEMORY_REGION(block, bytes);
    ASAN_POISON_MEMORY_REGION((char *)block + bytes, rounded_bytes - bytes);
}

static void *allocate_small(struct arena *arena, size_t bytes, int flags)
{
    void *block = mallocx(bytes == 0 ? 1 : bytes, small_flags(arena) | flags);
    if (block != NULL) {
        fence_small(arena, block, bytes);
    }
    return block;
}

static void *resize_small(struct arena *arena, void *block, size_t bytes, size_t large_bytes)
{
    int flags = small_flags(arena);
    size_t old_bytes = sallocx(block, flags);
    ASAN_UNPOISON_MEMORY_REGION(block, old_bytes);
    if (bytes < large_bytes) {
        void *resized = rallocx(block, bytes == 0 ? 1 : bytes, flags);
        if (resized != NULL) {
            fence_small(arena, resized, bytes);
        }
        return resized;
    }
    void *moved = arena_large_allocate(arena, bytes, false);
    if (moved != NULL) {
        memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
        dallocx(block, flags);
    }
    return moved;
}

static struct arena *arena_of_hooks(extent_hooks_t *hooks)
{
    return &((struct hooked_arena *)hooks)->arena;
}

/* jemalloc asks for three things, and can be told which is which by size and alignment:
 * - room for its own records, aligned to 2 MiB. The first 2 MiB are not counted: it touches some
 *   0.1 MiB of them, and a small memory limit would become a limit on the number of arenas;
 * - a guess at what will be needed soon, 2 MiB or more, which is refused, so that it asks for
 * - exactly what it needs now: less than 2 MiB, since large blocks do not come from it. */
static void *hook_alloc(extent_hooks_t *hooks, void *address, size_t bytes, size_t alignment,
                        bool *is_zeroed, bool *is_committed, unsigned index)
{
    (void)index;
    struct arena *arena = arena_of_hooks(hooks);
    bool is_used = false;
    bool is_for_records = alignment >= RECORDS_ALIGNMENT;
    if (address != NULL || (bytes >= STEP_BYTES_MIN && !is_for_records)) {
        return NULL;
    }
    void *start = NULL;
    pthread_mutex_lock(&arena->lock);
    if (!is_for_records) {
        start = arena_step_carve(arena, bytes, &is_used);
    } else if (!arena->has_records || arena_take(arena, bytes)) {
        start = arena_map_records(arena, bytes, alignment);
        arena->has_records = true;
    }
    pthread_mutex_unlock(&arena->lock);
    if (start != NULL && is_used && *is_zeroed) {
        memset(start, 0, bytes);
    }
    *is_zeroed |= !is_used;
    *is_committed = true;
    return start;
}

/* Extents can be cut and joined at any page. */
static bool hook_split(extent_hooks_t *hooks, void *start, size_t bytes, size_t left_bytes,
                       size_t right_bytes, bool is_committed, unsigned index)
{
    (void)hooks, (void)start, (void)bytes, (void)left_bytes, (void)right_bytes;
    (void)is_committed, (void)index;
    return false;
}

static bool hook_merge(extent_hooks_t *hooks, void *left, size_t left_bytes, void *right,
                       size_t right_bytes, bool is_committed, unsigned index)
{
    (void)hooks, (void)left, (void)left_bytes, (void)right, (void)right_bytes;
    (void)is_committed, (void)index;
    return false;
}
