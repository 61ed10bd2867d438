/* The slots of a hash table whose entries lie elsewhere, by number: what is found by a hash is the
 * numbers of entries that may have it. Growing moves a bounded part of them at a time, so that no
 * table, however large, keeps whoever waits for it.
 *
 * Extendible hashing (R. Fagin, J. Nievergelt, N. Pippenger, H. R. Strong, "Extendible Hashing - A
 * Fast Access Method for Dynamic Files", 1979): a directory leads from some bits of the hash to
 * segments, in which the bits below them begin a linear probe. A segment is crowded when more than
 * three eighths of it are taken. A small one is then doubled, one of HASH_SEGMENT_SLOTS split in
 * two by its next bit, which takes about a millisecond; where the bits are used up it doubles
 * again, so that equal hashes break nothing. A slot holds half the hash, which is all that
 * splitting wants to know and spares probes most looks at entries that are others.
 *
 * All numbers so far can be forgotten at once: their slots then count as empty, since what they
 * hold is below the next number, and a table that holds a few at a time stays in the near caches.
 *
 * One thread. Memory is the caller's. */
#ifndef GYRE_BASE_HASH_SLOTS_H
#define GYRE_BASE_HASH_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HASH_SEGMENT_BITS = 18,
    HASH_SEGMENT_SLOTS = 1 << HASH_SEGMENT_BITS,
    HASH_DEPTH_MAX = 32 - HASH_SEGMENT_BITS,
};

/* Numbers are below this: half as many as there are different halves of hashes. */
#define HASH_NUMBERS_MAX (UINT32_C(1) << 31)

/* Where slots come from. */
struct hash_memory {
    void *(*allocate)(void *context, size_t count, size_t size); /* zeroed; NULL without memory */
    void (*release)(void *context, void *block);                 /* NULL: nothing is given back */
    void *context;
};

/* An entry of the directory. Several lead to one segment while it has not been split as often as
 * the directory was doubled; the first of them counts. */
struct hash_segment {
    uint64_t *slots; /* low half of the hash << 32 | number + 1; 0 is empty */
    uint32_t mask;   /* slots less 1, a power of two less 1 */
    uint32_t depth;  /* bits that led here */
    uint32_t count;  /* slots that are taken; of the first entry */
};

/* How many slots may be taken without crowding: three eighths. */
static inline uint32_t hash_segment_room(const struct hash_segment *segment)
{
    return (segment->mask / 8 + 1) * 3;
}

/* Zeroed: empty. */
struct hash_slots {
    struct hash_segment *directory; /* by the bits of the hash from HASH_SEGMENT_BITS on */
    uint32_t directory_mask;
    uint32_t crowded_count; /* segments */
    uint32_t first;         /* numbers below it are forgotten */
};

/* Where a hash is looked for. */
struct hash_probe {
    const struct hash_segment *segment;
    uint32_t first; /* as of the slots */
    uint32_t at;    /* the slot that is looked at; in the end, the empty one */
    uint32_t tag;   /* low half of the hash */
};

/* Makes room for as many numbers as a fourth of `first_count`, the slots of a first segment, a
 * power of two from 8 on. False without memory; all that was there stands. */
bool hash_slots_grow(struct hash_slots *slots, uint32_t first_count,
                     const struct hash_memory *memory);

/* What hash_slots_reserve would take, with what it replaces; 0 when it has nothing to do. */
uint64_t hash_slots_needs(const struct hash_slots *slots, uint32_t first_count);

/* What the segments take now. */
uint64_t hash_slots_bytes(const struct hash_slots *slots);

/* Forgets the numbers below `number`, which are all that were put: no hash finds them. The numbers
 * that are put from now on are not below it. Slots are given back down to a first segment, which
 * shrinks from time to time where few of it are taken, but not below `first_count`. */
void hash_slots_forget(struct hash_slots *slots, uint32_t number, uint32_t first_count,
                       const struct hash_memory *memory);

/* Gives all memory back, as far as it is taken back; empty again. */
void hash_slots_drop(struct hash_slots *slots, const struct hash_memory *memory);

/* As hash_slots_grow, and most often has nothing to do. */
static inline bool hash_slots_reserve(struct hash_slots *slots, uint32_t first_count,
                                      const struct hash_memory *memory)
{
    return (slots->crowded_count == 0 && slots->directory != NULL) ||
           hash_slots_grow(slots, first_count, memory);
}

/* To look for a hash, slot by slot:
 *
 *     struct hash_probe probe = hash_slots_probe(slots, hash);
 *     uint64_t slot = hash_probe_slot(&probe);
 *     while (slot != 0 && !(hash_probe_fits(&probe, slot) && is_it(hash_slot_number(slot)))) {
 *         slot = hash_probe_next(&probe);
 *     }
 *
 * If `slot` is 0 then, there is none, and hash_slots_put puts one there. */
static inline struct hash_probe hash_slots_probe(const struct hash_slots *slots, uint64_t hash)
{
    const struct hash_segment *segment =
        &slots->directory[hash >> HASH_SEGMENT_BITS & slots->directory_mask];
    return (struct hash_probe){segment, slots->first, (uint32_t)hash & segment->mask,
                               (uint32_t)hash};
}

/* Whether a number is there that has not been forgotten. */
static inline bool hash_slot_is_taken(uint64_t slot, uint32_t first)
{
    return (uint32_t)slot > first;
}

static inline uint64_t hash_probe_slot(const struct hash_probe *probe)
{
    uint64_t slot = probe->segment->slots[probe->at];
    return hash_slot_is_taken(slot, probe->first) ? slot : 0;
}

static inline uint64_t hash_probe_next(struct hash_probe *probe)
{
    probe->at = (probe->at + 1) & probe->segment->mask;
    return hash_probe_slot(probe);
}

static inline bool hash_probe_fits(const struct hash_probe *probe, uint64_t slot)
{
    return slot >> 32 == probe->tag;
}

static inline uint32_t hash_slot_number(uint64_t slot)
{
    return (uint32_t)slot - 1;
}

/* Puts a number where a probe has ended. */
static inline void hash_slots_put(struct hash_slots *slots, const struct hash_probe *probe,
                                  uint32_t number)
{
    probe->segment->slots[probe->at] = (uint64_t)probe->tag << 32 | (number + 1);
    uint32_t first = probe->tag >> HASH_SEGMENT_BITS & ((UINT32_C(1) << probe->segment->depth) - 1);
    struct hash_segment *segment = &slots->directory[first];
    segment->count++;
    slots->crowded_count += segment->count == hash_segment_room(segment) + 1;
}

#endif
