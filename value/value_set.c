/* Values by their hash. */
#include "value/value_set.h"

#include "value/compare.h"

/* The slot of an equivalent value, 0: none; where the probe ends. */
static uint64_t find(const struct value_set *set, struct hash_probe *probe, struct value value,
                     struct stop *stop)
{
    uint64_t slot = hash_probe_slot(probe);
    while (slot != 0 &&
           !(hash_probe_fits(probe, slot) &&
             value_equivalent(*value_set_at(set, hash_slot_number(slot)), value, stop))) {
        slot = hash_probe_next(probe);
    }
    return slot;
}

enum status value_set_add(struct value_set *set, struct pool *pool, struct value value,
                          bool *is_new, uint32_t *number, struct error *error)
{
    TRY(pool_table_reserve(&set->table, pool, sizeof value, error));
    struct hash_probe probe = hash_slots_probe(&set->table.slots, value_hash(value));
    uint64_t slot = find(set, &probe, value, pool->stop);
    TRY(pool_poll_compared(pool, value, error));
    *is_new = slot == 0;
    *number = *is_new ? set->table.items.count : hash_slot_number(slot);
    if (*is_new) {
        TRY(pool_copy(pool, value, value_set_at(set, *number), error));
        pool_table_take(&set->table, &probe);
    }
    return STATUS_OK;
}

bool value_set_has(const struct value_set *set, struct value value)
{
    if (set->table.items.count == 0) {
        return false;
    }
    struct hash_probe probe = hash_slots_probe(&set->table.slots, value_hash(value));
    return find(set, &probe, value, NULL) != 0;
}
