/* Chunks of given back pages, in an array by address. */
#include "numa/kept_pages.h"

#include <string.h>

#include "base/check.h"
#include "numa/poison.h"

static bool keep_chunk(struct kept_pages *kept, const struct kept_chunk *chunk);
static size_t run_length(const struct kept_pages *kept, size_t first);
static void remove_chunk(struct kept_pages *kept, size_t index);

static bool is_same_kind(struct kept_kind one, struct kept_kind other)
{
    return one.node == other.node && one.is_huge == other.is_huge;
}

static uint64_t kept_bytes(struct kept_pages *kept)
{
    return atomic_load_explicit(&kept->bytes, memory_order_relaxed);
}

void kept_pages_init(struct kept_pages *kept, uint64_t bytes_max)
{
    *kept = (struct kept_pages){.bytes_max = bytes_max};
    CHECK(pthread_mutex_init(&kept->lock, NULL) == 0);
}

void kept_pages_close(struct kept_pages *kept)
{
    kept_pages_shrink(kept, 0);
    pthread_mutex_destroy(&kept->lock);
}

void kept_pages_put(struct kept_pages *kept, struct kept_kind kind, void *start, size_t bytes,
                    size_t touched_bytes)
{
    char *next = start;
    char *end = next + bytes;
    char *touched_end = next + touched_bytes;
    pthread_mutex_lock(&kept->lock);
    while (end - next >= KEPT_CHUNK_BYTES && touched_end > next) {
        size_t touched = (size_t)(touched_end - next);
        struct kept_chunk chunk = {.start = next, .kind = kind};
        chunk.touched_bytes =
            kind.is_huge || touched > KEPT_CHUNK_BYTES ? KEPT_CHUNK_BYTES : touched;
        if (!keep_chunk(kept, &chunk)) {
            break;
        }
        next += KEPT_CHUNK_BYTES;
    }
    pthread_mutex_unlock(&kept->lock);
    if (next < end) {
        pages_unmap(next, (size_t)(end - next));
    }
}

size_t kept_pages_take(struct kept_pages *kept, struct kept_kind kind, size_t count, char **starts)
{
    size_t taken = 0;
    if (kept_bytes(kept) == 0) {
        return 0;
    }
    pthread_mutex_lock(&kept->lock);
    size_t index = 0;
    while (index < kept->count && taken < count) {
        if (is_same_kind(kept->chunks[index].kind, kind)) {
            starts[taken++] = kept->chunks[index].start;
            remove_chunk(kept, index);
        } else {
            index++;
        }
    }
    pthread_mutex_unlock(&kept->lock);
    return taken;
}

void *kept_pages_take_one(struct kept_pages *kept, struct kept_kind kind, const void *wanted,
                          size_t *touched_bytes)
{
    size_t best = 0;
    size_t best_length = 0;
    void *start = NULL;
    if (kept_bytes(kept) == 0) {
        return NULL;
    }
    pthread_mutex_lock(&kept->lock);
    for (size_t index = 0; index < kept->count; index++) {
        const struct kept_chunk *chunk = &kept->chunks[index];
        size_t length = chunk->start == wanted ? SIZE_MAX : run_length(kept, index);
        if (is_same_kind(chunk->kind, kind) && length > best_length) {
            best = index;
            best_length = length;
        }
    }
    if (best_length > 0) {
        start = kept->chunks[best].start;
        *touched_bytes = kept->chunks[best].touched_bytes;
        remove_chunk(kept, best);
    }
    pthread_mutex_unlock(&kept->lock);
    return start;
}

void kept_pages_shrink(struct kept_pages *kept, uint64_t bytes)
{
    while (kept_bytes(kept) > bytes) {
        char *start = NULL;
        pthread_mutex_lock(&kept->lock);
        if (kept->count > 0) {
            start = kept->chunks[kept->count - 1].start;
            remove_chunk(kept, kept->count - 1);
        }
        pthread_mutex_unlock(&kept->lock);
        if (start != NULL) {
            pages_unmap(start, KEPT_CHUNK_BYTES);
        }
    }
}

/* False where it is too much. */
static bool keep_chunk(struct kept_pages *kept, const struct kept_chunk *chunk)
{
    if (kept->count == KEPT_CHUNKS_MAX ||
        kept_bytes(kept) + chunk->touched_bytes > kept->bytes_max) {
        return false;
    }
    size_t place = kept->count;
    while (place > 0 && kept->chunks[place - 1].start > chunk->start) {
        kept->chunks[place] = kept->chunks[place - 1];
        place--;
    }
    kept->chunks[place] = *chunk;
    kept->count++;
    atomic_fetch_add_explicit(&kept->bytes, chunk->touched_bytes, memory_order_relaxed);
    ASAN_POISON_MEMORY_REGION(chunk->start, KEPT_CHUNK_BYTES);
    return true;
}

/* How many chunks of one kind lie one behind the other from the first one on. */
static size_t run_length(const struct kept_pages *kept, size_t first)
{
    const struct kept_chunk *chunk = &kept->chunks[first];
    size_t length = 1;
    while (first + length < kept->count &&
           chunk[length].start == chunk->start + length * KEPT_CHUNK_BYTES &&
           is_same_kind(chunk[length].kind, chunk->kind)) {
        length++;
    }
    return length;
}

static void remove_chunk(struct kept_pages *kept, size_t index)
{
    struct kept_chunk *chunk = &kept->chunks[index];
    atomic_fetch_sub_explicit(&kept->bytes, chunk->touched_bytes, memory_order_relaxed);
    ASAN_UNPOISON_MEMORY_REGION(chunk->start, KEPT_CHUNK_BYTES);
    kept->count--;
    memmove(chunk, chunk + 1, (kept->count - index) * sizeof *chunk);
}
