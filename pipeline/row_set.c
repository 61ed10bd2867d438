/* Open addressing over pointers; entries and tables lie in the set's pool. A table that was
 * outgrown stays there until the end, which at most doubles the tables' memory. */
#include "pipeline/row_set.h"

#include <string.h>

#include "value/compare.h"

enum { SLOTS_MIN = 64 };

static uint64_t hash_row(const struct value *values, uint32_t width)
{
    uint64_t hash = width;
    for (uint32_t i = 0; i < width; i++) {
        hash = (hash ^ value_hash(values[i])) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

static bool is_same(const struct row_set *set, const struct row_entry *entry,
                    const struct value *values)
{
    for (uint32_t i = 0; i < set->width; i++) {
        if (!value_equivalent(entry->values[i], values[i])) {
            return false;
        }
    }
    return true;
}

/* Where the row is, or would be. */
static struct row_entry **find_slot(const struct row_set *set, uint64_t hash,
                                    const struct value *values)
{
    uint64_t mask = set->slot_count - 1;
    uint64_t slot = hash & mask;
    while (set->slots[slot] != NULL &&
           !(set->slots[slot]->hash == hash && is_same(set, set->slots[slot], values))) {
        slot = (slot + 1) & mask;
    }
    return &set->slots[slot];
}

/* Room for one more at a load of two thirds. */
static bool make_room(struct row_set *set, struct error *error)
{
    if ((set->count + 1) * 3 <= set->slot_count * 2) {
        return true;
    }
    uint64_t slot_count = set->slot_count == 0 ? SLOTS_MIN : set->slot_count * 2;
    struct row_entry **slots = pool_allocate(&set->pool, slot_count, sizeof(*slots), error);
    if (slots == NULL) {
        return false;
    }
    memset(slots, 0, slot_count * sizeof(*slots));
    for (struct row_entry *entry = set->first; entry != NULL; entry = entry->next) {
        uint64_t slot = entry->hash & (slot_count - 1);
        while (slots[slot] != NULL) {
            slot = (slot + 1) & (slot_count - 1);
        }
        slots[slot] = entry;
    }
    set->slots = slots;
    set->slot_count = slot_count;
    return true;
}

struct row_entry *row_set_add(struct row_set *set, const struct value *values, bool *is_new,
                              struct error *error)
{
    if (!make_room(set, error)) {
        return NULL;
    }
    uint64_t hash = hash_row(values, set->width);
    struct row_entry **slot = find_slot(set, hash, values);
    *is_new = *slot == NULL;
    if (!*is_new) {
        return *slot;
    }
    struct row_entry *entry =
        pool_allocate(&set->pool, 1, sizeof(*entry) + set->width * sizeof(entry->values[0]), error);
    if (entry == NULL) {
        return NULL;
    }
    *entry = (struct row_entry){.hash = hash};
    for (uint32_t i = 0; i < set->width; i++) {
        if (pool_copy(&set->pool, values[i], &entry->values[i], error) != STATUS_OK) {
            return NULL;
        }
    }
    *slot = entry;
    *(set->first == NULL ? &set->first : &set->last->next) = entry;
    set->last = entry;
    set->count++;
    return entry;
}

void row_set_close(struct row_set *set)
{
    pool_close(&set->pool);
}
