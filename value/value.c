/* What kinds of values are called, and looking into maps. */
#include "value/value.h"

#include "base/check.h"

static uint32_t depth_within(struct value value, uint32_t room);

const char *value_kind_phrase(enum value_kind kind)
{
    switch (kind) {
    case VALUE_NULL:
        return "null";
    case VALUE_BOOL:
        return "a boolean";
    case VALUE_INTEGER:
        return "an integer";
    case VALUE_FLOAT:
        return "a float";
    case VALUE_TEXT:
        return "a text";
    case VALUE_LIST:
        return "a list";
    case VALUE_MAP:
        return "a map";
    case VALUE_VERTEX:
        return "a vertex";
    case VALUE_EDGE:
        return "an edge";
    case VALUE_PATH:
        return "a path";
    case VALUE_DATE:
        return "a date";
    case VALUE_LOCAL_TIME:
        return "a local time";
    case VALUE_TIME:
        return "a time";
    case VALUE_LOCAL_DATETIME:
        return "a local datetime";
    case VALUE_DATETIME:
        return "a datetime";
    case VALUE_DURATION:
        return "a duration";
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return "";
}

const struct value *value_map_find(struct value map, struct bytes key)
{
    DCHECK(map.kind == VALUE_MAP);
    uint32_t low = 0;
    uint32_t high = map.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = bytes_compare(map.entries[middle].key, key);
        if (order == 0) {
            return &map.entries[middle].value;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

uint32_t value_depth(struct value value)
{
    return depth_within(value, VALUE_DEPTH_MAX + 1);
}

static bool is_within(struct value value, uint32_t width, uint32_t room, uint64_t *left)
{
    if (value.kind != VALUE_LIST && value.kind != VALUE_MAP) {
        return true;
    }
    if (room == 0 || *left == 0) {
        return false;
    }
    (*left)--;
    uint32_t count = value.count < width ? value.count : width;
    for (uint32_t index = 0; index < count; index++) {
        struct value item =
            value.kind == VALUE_LIST ? value.items[index] : value.entries[index].value;
        if (!is_within(item, width, room - 1, left)) {
            return false;
        }
    }
    return true;
}

bool value_is_bounded(struct value value, uint32_t width)
{
    uint64_t left = VALUE_CONTAINERS_MAX;
    return is_within(value, width, VALUE_DEPTH_MAX, &left);
}

/* The depth, `room` at most. */
static uint32_t depth_within(struct value value, uint32_t room)
{
    if ((value.kind != VALUE_LIST && value.kind != VALUE_MAP) || room == 0) {
        return 0;
    }
    uint32_t deepest = 0;
    for (uint32_t index = 0; index < value.count && deepest + 1 < room; index++) {
        struct value item =
            value.kind == VALUE_LIST ? value.items[index] : value.entries[index].value;
        uint32_t depth = depth_within(item, room - 1);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}
