/* Values by their hash. */
#include "value/value_set.h"

#include "value/compare.h"

enum { SET_CAPACITY_MIN = 16 };

/* A slot with hash 0 is empty; values that hash to 0 hash to 1. */
struct value_set_slot {
    uint64_t hash;
    struct value value;
};

static enum status set_grow(struct value_set *set, struct error *error);
static struct value_set_slot *set_slot(const struct value_set *set, uint64_t hash,
                                       const struct value *value);

enum status value_set_add(struct value_set *set, struct value value, bool *is_new,
                          struct value *copy, struct error *error)
{
    uint64_t hash = value_hash(value);
    hash += hash == 0;
    if (set->count >= set->capacity / 2) {
        TRY(set_grow(set, error));
    }
    struct value_set_slot *slot = set_slot(set, hash, &value);
    *is_new = slot->hash == 0;
    if (*is_new) {
        TRY(pool_copy(set->pool, value, &slot->value, error));
        slot->hash = hash;
        set->count++;
    }
    *copy = slot->value;
    return STATUS_OK;
}

static enum status set_grow(struct value_set *set, struct error *error)
{
    struct value_set grown = {.pool = set->pool, .count = set->count};
    grown.capacity = set->capacity == 0 ? SET_CAPACITY_MIN : set->capacity * 2;
    grown.slots = pool_allocate(set->pool, grown.capacity, sizeof(*grown.slots), error);
    if (grown.slots == NULL) {
        return pool_status(error);
    }
    memset(grown.slots, 0, grown.capacity * sizeof(*grown.slots));
    for (uint64_t index = 0; index < set->capacity; index++) {
        if (set->slots[index].hash != 0) {
            *set_slot(&grown, set->slots[index].hash, NULL) = set->slots[index];
        }
    }
    *set = grown;
    return STATUS_OK;
}

/* Where the value is, or the empty slot where it belongs; without a value, the empty slot. */
static struct value_set_slot *set_slot(const struct value_set *set, uint64_t hash,
                                       const struct value *value)
{
    uint64_t at = hash & (set->capacity - 1);
    while (set->slots[at].hash != 0 && (value == NULL || set->slots[at].hash != hash ||
                                        !value_equivalent(set->slots[at].value, *value))) {
        at = (at + 1) & (set->capacity - 1);
    }
    return &set->slots[at];
}
