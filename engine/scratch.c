/* A pool of texts; see engine/scratch.h. */
#include "engine/scratch.h"

#include <string.h>

enum { SCRATCH_BLOCK_BYTES = 64 << 10 };

struct scratch_block {
    struct scratch_block *next;
    uint64_t capacity_bytes;
    _Alignas(8) char bytes[];
};

void scratch_init(struct scratch *scratch, struct arena *arena)
{
    *scratch = (struct scratch){.arena = arena};
}

void scratch_reset(struct scratch *scratch)
{
    scratch->current = scratch->first;
    scratch->used_bytes = 0;
}

/* Goes on to a block with enough room; blocks too small for a long text are passed over until the
 * next reset. */
static bool find_room(struct scratch *scratch, uint64_t bytes)
{
    struct scratch_block **link = &scratch->first;
    if (scratch->current != NULL) {
        link = &scratch->current->next;
    }
    while (*link != NULL && (*link)->capacity_bytes < bytes) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        uint64_t capacity = bytes < SCRATCH_BLOCK_BYTES ? SCRATCH_BLOCK_BYTES : bytes;
        struct scratch_block *block = arena_allocate(scratch->arena, sizeof *block + capacity, 1);
        if (block == NULL) {
            return false;
        }
        block->next = NULL;
        block->capacity_bytes = capacity;
        *link = block;
    }
    scratch->current = *link;
    scratch->used_bytes = 0;
    return true;
}

const struct text *scratch_join(struct scratch *scratch, struct bytes left, struct bytes right)
{
    uint64_t length = left.size + right.size;
    if (length >= UINT32_MAX) {
        return NULL;
    }
    uint64_t bytes = text_bytes((uint32_t)length);
    if (scratch->current == NULL ||
        scratch->current->capacity_bytes - scratch->used_bytes < bytes) {
        if (!find_room(scratch, bytes)) {
            return NULL;
        }
    }
    struct text *text = (struct text *)(void *)(scratch->current->bytes + scratch->used_bytes);
    scratch->used_bytes += bytes;
    text->length = (uint32_t)length;
    memcpy(text->bytes, left.data, left.size);
    memcpy(text->bytes + left.size, right.data, right.size);
    text->bytes[length] = '\0';
    text->hash = (uint32_t)bytes_hash(text_view(text));
    return text;
}
