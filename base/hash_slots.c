/* A directory of segments that are doubled or split; see base/hash_slots.h. */
#include "base/hash_slots.h"

#include <string.h>

#include "base/check.h"

/* A segment of which less than this share was taken is halved when all is forgotten. */
enum { SPARSE_SHARE = 32 };

static bool double_directory(struct hash_slots *slots, const struct hash_memory *memory);
static bool double_segment(struct hash_slots *slots, uint32_t at, const struct hash_memory *memory);
static bool split_segment(struct hash_slots *slots, uint32_t at, const struct hash_memory *memory);

static inline bool is_crowded(const struct hash_segment *segment)
{
    return segment->count > hash_segment_room(segment);
}

/* Whether the entry is the one that counts for its segment. */
static inline bool is_first(const struct hash_slots *slots, uint32_t at)
{
    return at >> slots->directory[at].depth == 0;
}

static inline uint64_t slots_bytes(const struct hash_segment *segment)
{
    return ((uint64_t)segment->mask + 1) * sizeof *segment->slots;
}

/* New slots, all empty. Each page is written at once: a fresh one that is read first is the
 * system's page of zeros, and when it is written then, another takes its place, of which every core
 * is told.
 */
static uint64_t *make_slots(uint64_t count, const struct hash_memory *memory)
{
    enum { PAGE_SLOTS = 4096 / sizeof(uint64_t) };
    uint64_t *slots = memory->allocate(memory->context, count, sizeof *slots);
    for (uint64_t slot = 0; slots != NULL && slot < count; slot += PAGE_SLOTS) {
        *(volatile uint64_t *)&slots[slot] = 0;
    }
    return slots;
}

static bool open_first(struct hash_slots *slots, uint32_t first_count,
                       const struct hash_memory *memory)
{
    DCHECK((first_count & (first_count - 1)) == 0 && first_count >= 8 &&
           first_count <= HASH_SEGMENT_SLOTS);
    struct hash_segment *directory = memory->allocate(memory->context, 1, sizeof *directory);
    if (directory == NULL) {
        return false;
    }
    directory->slots = make_slots(first_count, memory);
    if (directory->slots == NULL) {
        if (memory->release != NULL) {
            memory->release(memory->context, directory);
        }
        return false;
    }
    directory->mask = first_count - 1;
    slots->directory = directory;
    return true;
}

/* Whoever splits meets the new half later. */
bool hash_slots_grow(struct hash_slots *slots, uint32_t first_count,
                     const struct hash_memory *memory)
{
    if (slots->directory == NULL) {
        return open_first(slots, first_count, memory);
    }
    for (uint32_t at = 0; slots->crowded_count > 0; at++) {
        while (is_first(slots, at) && is_crowded(&slots->directory[at])) {
            const struct hash_segment *segment = &slots->directory[at];
            bool splits =
                segment->mask + 1 == HASH_SEGMENT_SLOTS && segment->depth < HASH_DEPTH_MAX;
            if (!(splits ? split_segment(slots, at, memory) : double_segment(slots, at, memory))) {
                return false;
            }
        }
    }
    return true;
}

uint64_t hash_slots_needs(const struct hash_slots *slots, uint32_t first_count)
{
    if (slots->directory == NULL) {
        return first_count * sizeof *slots->directory->slots;
    }
    uint64_t bytes = 0;
    for (uint32_t at = 0; slots->crowded_count > 0 && at <= slots->directory_mask; at++) {
        const struct hash_segment *segment = &slots->directory[at];
        bytes += is_first(slots, at) && is_crowded(segment) ? 2 * slots_bytes(segment) : 0;
    }
    return bytes;
}

uint64_t hash_slots_bytes(const struct hash_slots *slots)
{
    uint64_t bytes = 0;
    for (uint32_t at = 0; slots->directory != NULL && at <= slots->directory_mask; at++) {
        bytes += is_first(slots, at) ? slots_bytes(&slots->directory[at]) : 0;
    }
    return bytes;
}

/* The youngest first, which arenas find at once. */
void hash_slots_drop(struct hash_slots *slots, const struct hash_memory *memory)
{
    if (slots->directory != NULL && memory->release != NULL) {
        for (uint32_t at = slots->directory_mask + 1; at-- > 0;) {
            if (is_first(slots, at)) {
                memory->release(memory->context, slots->directory[at].slots);
            }
        }
        memory->release(memory->context, slots->directory);
    }
    *slots = (struct hash_slots){0};
}

/* Segments but the first are given back from the end on, as in hash_slots_drop. */
void hash_slots_forget(struct hash_slots *slots, uint32_t number, uint32_t first_count,
                       const struct hash_memory *memory)
{
    slots->first = number;
    slots->crowded_count = 0;
    if (slots->directory == NULL) {
        return;
    }
    for (uint32_t at = slots->directory_mask; at > 0; at--) {
        if (is_first(slots, at) && memory->release != NULL) {
            memory->release(memory->context, slots->directory[at].slots);
        }
    }
    slots->directory_mask = 0;
    struct hash_segment *only = &slots->directory[0];
    if (only->mask >= first_count && only->count < only->mask / SPARSE_SHARE) {
        only->mask /= 2;
    }
    only->count = 0;
    only->depth = 0;
}

static inline void put_slot(struct hash_segment *segment, uint32_t first, uint64_t slot)
{
    uint32_t at = (uint32_t)(slot >> 32) & segment->mask;
    while (hash_slot_is_taken(segment->slots[at], first)) {
        at = (at + 1) & segment->mask;
    }
    segment->slots[at] = slot;
    segment->count++;
}

/* Only where one entry leads to the segment: there is no other yet, or no further bit. */
static bool double_segment(struct hash_slots *slots, uint32_t at, const struct hash_memory *memory)
{
    struct hash_segment *segment = &slots->directory[at];
    struct hash_segment grown = {.mask = segment->mask * 2 + 1, .depth = segment->depth};
    grown.slots = make_slots((uint64_t)grown.mask + 1, memory);
    if (grown.slots == NULL) {
        return false;
    }
    for (uint64_t slot = 0; slot <= segment->mask; slot++) {
        if (hash_slot_is_taken(segment->slots[slot], slots->first)) {
            put_slot(&grown, slots->first, segment->slots[slot]);
        }
    }
    if (memory->release != NULL) {
        memory->release(memory->context, segment->slots);
    }
    slots->crowded_count -= !is_crowded(&grown);
    *segment = grown;
    return true;
}

static bool double_directory(struct hash_slots *slots, const struct hash_memory *memory)
{
    size_t count = (size_t)slots->directory_mask + 1;
    struct hash_segment *directory =
        memory->allocate(memory->context, 2 * count, sizeof *directory);
    if (directory == NULL) {
        return false;
    }
    memcpy(directory, slots->directory, count * sizeof *directory);
    memcpy(directory + count, slots->directory, count * sizeof *directory);
    if (memory->release != NULL) {
        memory->release(memory->context, slots->directory);
    }
    slots->directory = directory;
    slots->directory_mask = (uint32_t)(2 * count - 1);
    return true;
}

/* Takes every slot out and puts it into its half: the lower one stays where it is. Begun behind an
 * empty slot, runs are met from their beginnings on, so that what goes back goes no further than
 * where it was. */
static void part_slots(struct hash_segment halves[2], uint32_t first)
{
    uint64_t *slots = halves[0].slots;
    uint32_t mask = halves[0].mask;
    uint32_t bit = HASH_SEGMENT_BITS + halves[0].depth - 1;
    uint32_t empty = 0;
    while (hash_slot_is_taken(slots[empty], first)) {
        empty++;
    }
    for (uint32_t i = 1; i <= mask; i++) {
        uint32_t at = (empty + i) & mask;
        uint64_t slot = slots[at];
        if (hash_slot_is_taken(slot, first)) {
            slots[at] = 0;
            put_slot(&halves[slot >> 32 >> bit & 1], first, slot);
        }
    }
}

static bool split_segment(struct hash_slots *slots, uint32_t at, const struct hash_memory *memory)
{
    struct hash_segment segment = slots->directory[at];
    if (slots->directory_mask >> segment.depth == 0 && !double_directory(slots, memory)) {
        return false;
    }
    segment.depth++;
    segment.count = 0;
    struct hash_segment halves[2] = {segment, segment};
    halves[1].slots = make_slots(HASH_SEGMENT_SLOTS, memory);
    if (halves[1].slots == NULL) {
        return false;
    }
    part_slots(halves, slots->first);
    uint32_t stride = UINT32_C(1) << (segment.depth - 1);
    for (uint32_t entry = at, half = 0; entry <= slots->directory_mask; entry += stride) {
        slots->directory[entry] = halves[half];
        half ^= 1;
    }
    slots->crowded_count += is_crowded(&halves[0]) + is_crowded(&halves[1]) - 1;
    return true;
}
