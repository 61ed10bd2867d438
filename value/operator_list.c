/* Joining, indexing and slicing. */
#include "value/operator_list.h"

#include "base/check.h"
#include "value/operator.h"

static enum status slice_bound(struct value bound, uint32_t count, uint32_t *at,
                               struct error *error);

enum status operator_list_join(struct value left, struct value right, struct pool *pool,
                               struct value *result, struct error *error)
{
    struct value first = left.kind == VALUE_LIST ? left : value_list_of(&left, 1);
    struct value second = right.kind == VALUE_LIST ? right : value_list_of(&right, 1);
    uint64_t count = (uint64_t)first.count + second.count;
    if (count > UINT32_MAX) {
        return error_set(error, STATUS_LIMIT, "a list holds at most %u items", UINT32_MAX);
    }
    struct value *items = pool_allocate(pool, count, sizeof(*items), error);
    if (items == NULL) {
        return pool_status(error);
    }
    TRY(pool_copy_bytes(pool, items, first.items, first.count * sizeof(*items), error));
    TRY(pool_copy_bytes(pool, items + first.count, second.items, second.count * sizeof(*items),
                        error));
    *result = value_list_of(items, (uint32_t)count);
    return STATUS_OK;
}

enum status value_index(struct value container, struct value index, struct value *result,
                        struct error *error)
{
    *result = value_null();
    if (container.kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (container.kind != VALUE_LIST && container.kind != VALUE_MAP) {
        return error_set(error, STATUS_USAGE, "[] takes from a list or a map, not from %s%s",
                         value_kind_phrase(container.kind),
                         container.kind == VALUE_TEXT ? ": write substring(x, at, 1)" : "");
    }
    if (index.kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (container.kind == VALUE_MAP) {
        if (index.kind != VALUE_TEXT) {
            return error_set(error, STATUS_USAGE, "the key of a map is a text, not %s",
                             value_kind_phrase(index.kind));
        }
        const struct value *found = value_map_find(container, value_text_view(index));
        *result = found == NULL ? value_null() : *found;
        return STATUS_OK;
    }
    if (index.kind != VALUE_INTEGER) {
        return error_set(error, STATUS_USAGE, "the index of a list is an integer, not %s",
                         value_kind_phrase(index.kind));
    }
    int64_t at = index.integer < 0 ? index.integer + container.count : index.integer;
    if (at >= 0 && at < container.count) {
        *result = container.items[at];
    }
    return STATUS_OK;
}

enum status value_slice(struct value list, bool has_from, struct value from, bool has_to,
                        struct value to, struct value *result, struct error *error)
{
    *result = value_null();
    if (list.kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (list.kind != VALUE_LIST) {
        return error_set(error, STATUS_USAGE, "[..] takes from a list, not from %s%s",
                         value_kind_phrase(list.kind),
                         list.kind == VALUE_TEXT
                             ? ": write substring(x, from, count), left(x, n) or right(x, n)"
                             : "");
    }
    if ((has_from && from.kind == VALUE_NULL) || (has_to && to.kind == VALUE_NULL)) {
        return STATUS_OK;
    }
    uint32_t begin = 0;
    uint32_t end = list.count;
    if (has_from) {
        TRY(slice_bound(from, list.count, &begin, error));
    }
    if (has_to) {
        TRY(slice_bound(to, list.count, &end, error));
    }
    /* No arithmetic on an empty list's items, which may be NULL. */
    *result = begin < end ? value_list_of(list.items + begin, end - begin) : value_list_of(NULL, 0);
    return STATUS_OK;
}

/* Counted from the end when it is negative, and moved to the nearer end when it is beyond. */
static enum status slice_bound(struct value bound, uint32_t count, uint32_t *at,
                               struct error *error)
{
    if (bound.kind != VALUE_INTEGER) {
        return error_set(error, STATUS_USAGE, "the bounds of [..] are integers, not %s",
                         value_kind_phrase(bound.kind));
    }
    int64_t place = bound.integer < 0 ? bound.integer + count : bound.integer;
    *at = place < 0 ? 0 : place > count ? count : (uint32_t)place;
    return STATUS_OK;
}
