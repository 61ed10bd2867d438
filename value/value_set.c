/* Values by their hash. */
#include "value/value_set.h"

#include "value/compare.h"

static inline struct value *value_at(const struct value_set *set, uint32_t number)
{
    return pool_items_at(&set->table.items, sizeof(struct value), number);
}

enum status value_set_add(struct value_set *set, struct pool *pool, struct value value,
                          bool *is_new, struct value *copy, struct error *error)
{
    TRY(pool_table_reserve(&set->table, pool, sizeof value, error));
    struct hash_probe probe = hash_slots_probe(&set->table.slots, value_hash(value));
    uint64_t slot = hash_probe_slot(&probe);
    while (slot != 0 && !(hash_probe_fits(&probe, slot) &&
                          value_equivalent(*value_at(set, hash_slot_number(slot)), value))) {
        slot = hash_probe_next(&probe);
    }
    *is_new = slot == 0;
    struct value *place = value_at(set, *is_new ? set->table.items.count : hash_slot_number(slot));
    if (*is_new) {
        TRY(pool_copy(pool, value, place, error));
        pool_table_take(&set->table, &probe);
    }
    *copy = *place;
    return STATUS_OK;
}
