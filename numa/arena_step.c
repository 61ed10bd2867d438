/* What jemalloc's extents are cut from: steps, mapped anew or kept since another gave them back. */
#include "numa/arena_large.h"

#include "base/memory.h"
#include "numa/pages.h"

enum { HUGE_STEP_BYTES = 32 << 20 };

static bool map_step(struct arena *arena);
static bool reuse_step(struct arena *arena, bool is_huge);
static void begin_step(struct arena *arena, size_t ahead_bytes);
static void leave_step(struct arena *arena);
static bool note_mapping(struct arena *arena, void *start, size_t bytes, bool is_huge);
static void *map_bound(struct arena *arena, size_t bytes, size_t alignment, bool is_huge);

void *arena_step_carve(struct arena *arena, size_t bytes, bool *is_used)
{
    while (arena->step_bytes < bytes) {
        if (!map_step(arena)) {
            return NULL;
        }
    }
    if (arena->ahead_bytes < bytes) {
        size_t page = arena->step_is_huge ? HUGE_PAGE_BYTES : 1;
        size_t taken = (bytes - arena->ahead_bytes + page - 1) / page * page;
        if (!arena_take(arena, taken)) {
            return NULL;
        }
        arena->ahead_bytes += taken;
    }
    *is_used = arena->step_is_kept;
    char *start = arena->step;
    arena->step += bytes;
    arena->step_bytes -= bytes;
    arena->ahead_bytes -= bytes;
    return start;
}

void *arena_map_records(struct arena *arena, size_t bytes, size_t alignment)
{
    return map_bound(arena, bytes, alignment, false);
}

void arena_steps_close(struct arena *arena)
{
    leave_step(arena);
    arena_give(arena, atomic_load_explicit(&arena->mapped_bytes, memory_order_relaxed));
    struct mapping *mapping = arena->mappings;
    while (mapping != NULL) {
        struct mapping *next = mapping->next;
        arena_put_pages(arena, mapping->start, mapping->bytes, mapping->touched_bytes,
                        mapping->is_huge);
        memory_free(mapping);
        mapping = next;
    }
}

/* Huge pages are touched and given back several times faster, but the first of them would be too
 * much for an arena of little. */
static bool map_step(struct arena *arena)
{
    bool is_huge = arena->step_count >= arena->kind->small_steps &&
                   arena->budget->huge_pages != HUGE_PAGES_NEVER;
    if (reuse_step(arena, is_huge)) {
        return true;
    }
    leave_step(arena);
    if (map_bound(arena, is_huge ? HUGE_STEP_BYTES : STEP_BYTES_MIN, 1, is_huge) == NULL) {
        return false;
    }
    begin_step(arena, 0);
    arena->step_is_kept = false;
    return true;
}

/* Goes on behind the step, if the pages there were kept, or on a chunk elsewhere. What was touched
 * of it before is counted at once, which is too much for an arena whose bytes are looked at. */
static bool reuse_step(struct arena *arena, bool is_huge)
{
    struct kept_pages *kept = arena->budget->kept;
    if (kept == NULL || !arena->kind->is_brief || (is_huge && !arena_has_huge(arena))) {
        return false;
    }
    struct mapping *mapping = arena->step_mapping;
    char *end =
        mapping != NULL && mapping->is_huge && is_huge ? mapping->start + mapping->bytes : NULL;
    size_t touched_bytes = 0;
    char *chunk = kept_pages_take_one(kept, arena_kept_kind(arena, is_huge), end, &touched_bytes);
    if (chunk == NULL) {
        return false;
    }
    if (!arena_take(arena, touched_bytes)) {
        pages_unmap(chunk, KEPT_CHUNK_BYTES);
        return false;
    }
    if (chunk == end) {
        mapping->bytes += KEPT_CHUNK_BYTES;
        arena->step_bytes += KEPT_CHUNK_BYTES;
        arena->ahead_bytes += KEPT_CHUNK_BYTES;
        arena->step_is_kept = true;
        return true;
    }
    leave_step(arena);
    if (!note_mapping(arena, chunk, KEPT_CHUNK_BYTES, is_huge)) {
        arena_give(arena, touched_bytes);
        pages_unmap(chunk, KEPT_CHUNK_BYTES);
        return false;
    }
    begin_step(arena, touched_bytes);
    arena->step_is_kept = true;
    return true;
}

/* On the newest mapping. */
static void begin_step(struct arena *arena, size_t ahead_bytes)
{
    struct mapping *mapping = arena->mappings;
    arena->step_mapping = mapping;
    arena->step = mapping->start;
    arena->step_bytes = mapping->bytes;
    arena->ahead_bytes = ahead_bytes;
    arena->step_is_huge = mapping->is_huge;
    arena->step_count++;
}

/* What was not taken from the budget was not touched. */
static void leave_step(struct arena *arena)
{
    struct mapping *mapping = arena->step_mapping;
    if (mapping != NULL) {
        mapping->touched_bytes = mapping->bytes - (arena->step_bytes - arena->ahead_bytes);
    }
    arena->step_mapping = NULL;
    arena->step = NULL;
    arena->step_bytes = 0;
    arena->ahead_bytes = 0;
}

static bool note_mapping(struct arena *arena, void *start, size_t bytes, bool is_huge)
{
    struct mapping *mapping = memory_allocate(1, sizeof *mapping);
    if (mapping == NULL) {
        return false;
    }
    *mapping = (struct mapping){
        .next = arena->mappings, .start = start, .bytes = bytes, .is_huge = is_huge};
    arena->mappings = mapping;
    return true;
}

/* Stays until the arena is closed. */
static void *map_bound(struct arena *arena, size_t bytes, size_t alignment, bool is_huge)
{
    void *start = arena_map_pages(arena, bytes, alignment, is_huge);
    if (start == NULL) {
        return NULL;
    }
    if (!note_mapping(arena, start, bytes, is_huge)) {
        pages_unmap(start, bytes);
        return NULL;
    }
    (void)topology_bind_memory(arena->topology, start, bytes, arena->node);
    return start;
}
