/* Items of a list by their hash. */
#include "value/members.h"

#include <math.h>

#include "value/compare.h"

enum status members_make(struct members **members, struct value list, struct pool *pool,
                         struct error *error)
{
    *members = NULL;
    for (uint32_t i = 0; i < list.count; i++) {
        TRY(pool_poll_at(pool, i, error));
        if (list.items[i].kind == VALUE_LIST || list.items[i].kind == VALUE_MAP) {
            return STATUS_OK;
        }
    }
    struct members *made = pool_allocate(pool, 1, sizeof *made, error);
    if (made == NULL) {
        return pool_status(error);
    }
    *made = (struct members){.has_null = false};
    for (uint32_t i = 0; i < list.count; i++) {
        struct value item = list.items[i];
        bool is_new = false;
        uint32_t number;
        TRY(pool_poll_at(pool, i, error));
        made->has_null = made->has_null || item.kind == VALUE_NULL;
        if (value_is_true(value_equal(item, item, NULL))) { /* NaN is not */
            TRY(value_set_add(&made->values, pool, item, &is_new, &number, error));
        }
    }
    *members = made;
    return STATUS_OK;
}

struct value members_has(const struct members *members, struct value item)
{
    bool is_unknown = members->has_null || item.kind == VALUE_NULL;
    if (value_set_has(&members->values, item)) {
        return value_bool(true);
    }
    return is_unknown ? value_null() : value_bool(false);
}
