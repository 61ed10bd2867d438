/* What lists and maps consist of. */
#include "value/list_function.h"

#include "value/argument.h"
#include "value/code_point.h"
#include "value/text_function.h"

enum { ITEMS_PER_POLL = 1 << 16 };

static enum status take_list(struct call *call, const char *function, struct value argument,
                             struct value *list);

enum status call_head(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    TRY(take_list(call, "head", arguments[0], result));
    *result = result->count == 0 ? value_null() : result->items[0];
    return STATUS_OK;
}

enum status call_last(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    TRY(take_list(call, "last", arguments[0], result));
    *result = result->count == 0 ? value_null() : result->items[result->count - 1];
    return STATUS_OK;
}

enum status call_tail(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    TRY(take_list(call, "tail", arguments[0], result));
    if (result->count > 0) {
        *result = value_list_of(result->items + 1, result->count - 1);
    }
    return STATUS_OK;
}

enum status call_reverse(struct call *call, const struct value *arguments, uint32_t count,
                         struct value *result)
{
    (void)count;
    struct value given = arguments[0];
    *result = value_null();
    if (value_is_null(given)) {
        return STATUS_OK;
    }
    if (given.kind == VALUE_TEXT) {
        return text_reverse(call, given, result);
    }
    if (given.kind != VALUE_LIST) {
        return argument_error(call, "reverse", "a list or a text", given);
    }
    struct value *items = pool_allocate(call->pool, given.count, sizeof(*items), call->error);
    if (items == NULL) {
        return pool_status(call->error);
    }
    for (uint32_t index = 0; index < given.count; index++) {
        TRY(pool_poll_at(call->pool, index, call->error));
        items[index] = given.items[given.count - 1 - index];
    }
    *result = value_list_of(items, given.count);
    return STATUS_OK;
}

enum status call_range(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    static const char *const expected = "integers";
    int64_t first;
    int64_t last;
    int64_t step = 1;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_integer(call, "range", expected, arguments[0], &first));
    TRY(argument_integer(call, "range", expected, arguments[1], &last));
    if (count == 3) {
        TRY(argument_integer(call, "range", expected, arguments[2], &step));
    }
    if (step == 0) {
        return error_set(call->error, STATUS_USAGE, "range takes a step other than 0");
    }
    if (step > 0 ? first > last : first < last) {
        *result = value_list_of(NULL, 0);
        return STATUS_OK;
    }
    /* Without a sign, differences do not overflow. */
    uint64_t distance =
        step > 0 ? (uint64_t)last - (uint64_t)first : (uint64_t)first - (uint64_t)last;
    uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    uint64_t items_less_one = distance / stride;
    if (items_less_one >= UINT32_MAX) {
        return error_set(call->error, STATUS_LIMIT,
                         "range(%lld, %lld, %lld) has more than the %u items that a list holds",
                         (long long)first, (long long)last, (long long)step, UINT32_MAX);
    }
    struct value *items =
        pool_allocate(call->pool, items_less_one + 1, sizeof(*items), call->error);
    if (items == NULL) {
        return pool_status(call->error);
    }
    for (uint64_t index = 0; index <= items_less_one; index++) {
        if (index % ITEMS_PER_POLL == 0 && call->stop != NULL && stop_poll(call->stop)) {
            return stop_error(call->stop, "making a range", call->error);
        }
        items[index] = value_integer((int64_t)((uint64_t)first + index * (uint64_t)step));
    }
    *result = value_list_of(items, (uint32_t)(items_less_one + 1));
    return STATUS_OK;
}

enum status call_size(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    struct value given = arguments[0];
    *result = value_null();
    if (value_is_null(given)) {
        return STATUS_OK;
    }
    if (given.kind == VALUE_TEXT) {
        *result = value_integer((int64_t)code_point_count(value_text_view(given)));
        return STATUS_OK;
    }
    if (given.kind != VALUE_LIST && given.kind != VALUE_MAP) {
        return argument_error(call, "size", "a list, a map or a text", given);
    }
    *result = value_integer(given.count);
    return STATUS_OK;
}

enum status call_is_empty(struct call *call, const struct value *arguments, uint32_t count,
                          struct value *result)
{
    (void)count;
    struct value given = arguments[0];
    *result = value_null();
    if (value_is_null(given)) {
        return STATUS_OK;
    }
    if (given.kind != VALUE_LIST && given.kind != VALUE_MAP && given.kind != VALUE_TEXT) {
        return argument_error(call, "isEmpty", "a list, a map or a text", given);
    }
    *result = value_bool(given.count == 0);
    return STATUS_OK;
}

enum status call_keys(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    struct value map = arguments[0];
    *result = value_null();
    if (value_is_null(map)) {
        return STATUS_OK;
    }
    if (map.kind != VALUE_MAP) {
        return argument_error(call, "keys", "a map, a vertex or an edge", map);
    }
    struct value *items = pool_allocate(call->pool, map.count, sizeof(*items), call->error);
    if (items == NULL) {
        return pool_status(call->error);
    }
    for (uint32_t index = 0; index < map.count; index++) {
        items[index] = value_text_of(map.entries[index].key);
    }
    *result = value_list_of(items, map.count);
    return STATUS_OK;
}

enum status call_coalesce(struct call *call, const struct value *arguments, uint32_t count,
                          struct value *result)
{
    (void)call;
    *result = value_null();
    for (uint32_t index = 0; index < count && value_is_null(*result); index++) {
        *result = arguments[index];
    }
    return STATUS_OK;
}

/* Null is taken as a list with nothing in it, and stays null. */
static enum status take_list(struct call *call, const char *function, struct value argument,
                             struct value *list)
{
    bool is_taken = argument.kind == VALUE_LIST || value_is_null(argument);
    *list = is_taken ? argument : value_null();
    return is_taken ? STATUS_OK : argument_error(call, function, "a list", argument);
}
