/* Rows by their hash. */
#include "pipeline/row_set.h"

#include "value/compare.h"

uint64_t row_hash(const struct value *values, uint32_t width)
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
        if (!value_equivalent(entry->values[i], values[i], set->pool->stop)) {
            return false;
        }
    }
    return true;
}

struct row_entry *row_set_add(struct row_set *set, const struct value *values, uint64_t hash,
                              bool *is_new, struct error *error)
{
    if (pool_table_reserve(&set->table, set->pool, row_set_entry_bytes(set), error) != STATUS_OK) {
        return NULL;
    }
    struct hash_probe probe = hash_slots_probe(&set->table.slots, hash);
    uint64_t slot = hash_probe_slot(&probe);
    while (slot != 0 && !(hash_probe_fits(&probe, slot) &&
                          is_same(set, row_set_at(set, hash_slot_number(slot)), values))) {
        slot = hash_probe_next(&probe);
    }
    *is_new = slot == 0;
    if (pool_poll(set->pool, error) != STATUS_OK) {
        return NULL;
    }
    if (!*is_new) {
        return row_set_at(set, hash_slot_number(slot));
    }
    struct row_entry *entry = row_set_at(set, row_set_count(set));
    entry->payload = NULL;
    for (uint32_t i = 0; i < set->width; i++) {
        entry->values[i] = values[i];
        if (!set->borrows &&
            pool_copy(set->pool, values[i], &entry->values[i], error) != STATUS_OK) {
            return NULL;
        }
    }
    pool_table_take(&set->table, &probe);
    return entry;
}
