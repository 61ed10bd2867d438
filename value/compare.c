/* The three relations over values. Numbers are compared exactly: no integer is made a float. */
#include "value/compare.h"

#include <math.h>

#include "base/check.h"
#include "value/temporal.h"

static struct value equal_items(struct value left, struct value right, struct stop *stop);
static struct value equal_maps(struct value left, struct value right, struct stop *stop);
static bool path_equal(const struct value_path *left, const struct value_path *right);
static struct value compare_lists(enum value_comparison comparison, struct value left,
                                  struct value right, struct stop *stop);
static bool order_holds(enum value_comparison comparison, int order);
static int number_order(struct value left, struct value right);
static int integer_real_order(int64_t integer, double real);
static uint32_t kind_rank(enum value_kind kind);
/* Of longer lists some items are hashed, so that it takes some milliseconds at most. */
enum { HASHED_ITEMS = 1 << 20, ITEMS_PER_LOOK = 1 << 14 };

static int same_kind_order(struct value left, struct value right, struct stop *stop);
static int list_order(struct value left, struct value right, struct stop *stop);
static int map_order(struct value left, struct value right, struct stop *stop);
static int path_order(const struct value_path *left, const struct value_path *right);
static uint64_t float_hash(double real);
static uint64_t hash_join(uint64_t hash, uint64_t next);

/* Looked at every so many items of a list, and at each that is a list itself. */
static inline bool is_over(struct stop *stop, struct value list, uint32_t index)
{
    bool is_due =
        index % ITEMS_PER_LOOK == ITEMS_PER_LOOK - 1 || list.items[index].kind == VALUE_LIST;
    return is_due && stop_is_interrupted(stop);
}

static inline int order_of(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static inline bool is_nan(struct value value)
{
    return value.kind == VALUE_FLOAT && isnan(value.real);
}

static inline int integer_order(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

struct value value_equal(struct value left, struct value right, struct stop *stop)
{
    if (left.kind == VALUE_NULL || right.kind == VALUE_NULL) {
        return value_null();
    }
    if (value_is_number(left) && value_is_number(right)) {
        return value_bool(!is_nan(left) && !is_nan(right) && number_order(left, right) == 0);
    }
    if (left.kind != right.kind) {
        return value_bool(false);
    }
    switch (left.kind) {
    case VALUE_LIST:
        return equal_items(left, right, stop);
    case VALUE_MAP:
        return equal_maps(left, right, stop);
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
    case VALUE_TEXT:
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_PATH:
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return value_bool(value_equivalent(left, right, stop));
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return value_null();
}

/* Durations that have a fixed length, a day being 24 hours, can be compared; openCypher leaves all
 * of them without an order. */
static struct value compare_durations(enum value_comparison comparison, struct value left,
                                      struct value right)
{
    int64_t left_ns = 0;
    int64_t right_ns = 0;
    if (!temporal_duration_to_ns(left, &left_ns) || !temporal_duration_to_ns(right, &right_ns)) {
        return value_null();
    }
    return value_bool(order_holds(comparison, integer_order(left_ns, right_ns)));
}

struct value value_compare(enum value_comparison comparison, struct value left, struct value right,
                           struct stop *stop)
{
    if (value_is_number(left) && value_is_number(right)) {
        return value_bool(!is_nan(left) && !is_nan(right) &&
                          order_holds(comparison, number_order(left, right)));
    }
    if (left.kind != right.kind) {
        return value_null();
    }
    switch (left.kind) {
    case VALUE_BOOL:
    case VALUE_TEXT:
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
        return value_bool(order_holds(comparison, same_kind_order(left, right, stop)));
    case VALUE_LIST:
        return compare_lists(comparison, left, right, stop);
    case VALUE_DURATION:
        return compare_durations(comparison, left, right);
    case VALUE_NULL:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
    case VALUE_MAP:
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_PATH:
        return value_null();
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return value_null();
}

bool value_equivalent(struct value left, struct value right, struct stop *stop)
{
    if (left.kind != right.kind) {
        return value_is_number(left) && value_is_number(right) && number_order(left, right) == 0;
    }
    switch (left.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
    case VALUE_INTEGER:
        return left.integer == right.integer;
    case VALUE_FLOAT:
        return number_order(left, right) == 0;
    case VALUE_TEXT:
        return bytes_equal(value_text_view(left), value_text_view(right));
    case VALUE_LIST:
        for (uint32_t index = 0; index < left.count && left.count == right.count; index++) {
            if (!value_equivalent(left.items[index], right.items[index], stop) ||
                is_over(stop, left, index)) {
                return false;
            }
        }
        return left.count == right.count;
    case VALUE_MAP:
        for (uint32_t index = 0; index < left.count && left.count == right.count; index++) {
            if (!bytes_equal(left.entries[index].key, right.entries[index].key) ||
                !value_equivalent(left.entries[index].value, right.entries[index].value, stop)) {
                return false;
            }
        }
        return left.count == right.count;
    case VALUE_VERTEX:
        return left.vertex == right.vertex;
    case VALUE_EDGE:
        return left.edge == right.edge;
    case VALUE_PATH:
        return path_equal(left.path, right.path);
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return temporal_equal(left, right);
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return false;
}

uint64_t value_hash(struct value value)
{
    uint64_t hash = hash_mix(kind_rank(value.kind) + 1);
    switch (value.kind) {
    case VALUE_NULL:
        return hash;
    case VALUE_BOOL:
    case VALUE_INTEGER:
        return hash_join(hash, (uint64_t)value.integer);
    case VALUE_FLOAT:
        return hash_join(hash, float_hash(value.real));
    case VALUE_TEXT:
        return hash_join(hash, bytes_hash(value_text_view(value)));
    case VALUE_LIST:
        for (uint64_t index = 0; index < value.count; index += 1 + value.count / HASHED_ITEMS) {
            hash = hash_join(hash, value_hash(value.items[index]));
        }
        return hash_join(hash, value.count);
    case VALUE_MAP:
        for (uint32_t index = 0; index < value.count; index++) {
            hash = hash_join(hash, bytes_hash(value.entries[index].key));
            hash = hash_join(hash, value_hash(value.entries[index].value));
        }
        return hash_join(hash, value.count);
    case VALUE_VERTEX:
        return hash_join(hash, value.vertex);
    case VALUE_EDGE:
        return hash_join(hash, value.edge);
    case VALUE_PATH:
        for (uint32_t index = 0; index < value.path->length; index++) {
            hash = hash_join(hash, value.path->edges[index]);
        }
        return hash_join(hash, value.path->vertices[0]);
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return hash_join(hash, temporal_hash(value));
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return 0;
}

int value_order(struct value left, struct value right, struct stop *stop)
{
    if (value_is_number(left) && value_is_number(right)) {
        return number_order(left, right);
    }
    uint32_t left_rank = kind_rank(left.kind);
    uint32_t right_rank = kind_rank(right.kind);
    return left_rank != right_rank ? order_of(left_rank, right_rank)
                                   : same_kind_order(left, right, stop);
}

struct value value_in(struct value item, struct value list, struct stop *stop)
{
    DCHECK(list.kind == VALUE_LIST);
    bool is_unknown = false;
    for (uint32_t index = 0; index < list.count; index++) {
        struct value equal = value_equal(item, list.items[index], stop);
        if (value_is_true(equal) || is_over(stop, list, index)) {
            return equal;
        }
        is_unknown |= value_is_null(equal);
    }
    return is_unknown ? value_null() : value_bool(false);
}

/* False as soon as one pair differs, whatever is unknown of the others. */
static struct value equal_items(struct value left, struct value right, struct stop *stop)
{
    bool is_unknown = false;
    for (uint32_t index = 0; index < left.count && left.count == right.count; index++) {
        struct value equal = value_equal(left.items[index], right.items[index], stop);
        if ((!value_is_null(equal) && !value_is_true(equal)) || is_over(stop, left, index)) {
            return equal;
        }
        is_unknown |= value_is_null(equal);
    }
    return is_unknown ? value_null() : value_bool(left.count == right.count);
}

static struct value equal_maps(struct value left, struct value right, struct stop *stop)
{
    for (uint32_t index = 0; index < left.count && left.count == right.count; index++) {
        if (!bytes_equal(left.entries[index].key, right.entries[index].key)) {
            return value_bool(false);
        }
    }
    bool is_unknown = false;
    for (uint32_t index = 0; index < left.count && left.count == right.count; index++) {
        struct value equal =
            value_equal(left.entries[index].value, right.entries[index].value, stop);
        if (!value_is_null(equal) && !value_is_true(equal)) {
            return equal;
        }
        is_unknown |= value_is_null(equal);
    }
    return is_unknown ? value_null() : value_bool(left.count == right.count);
}

static bool path_equal(const struct value_path *left, const struct value_path *right)
{
    return left->length == right->length && path_order(left, right) == 0;
}

/* The first pair of items that differs decides, and makes null when it cannot be known whether it
 * does; a list comes after what it begins with. */
static struct value compare_lists(enum value_comparison comparison, struct value left,
                                  struct value right, struct stop *stop)
{
    for (uint32_t index = 0; index < left.count && index < right.count; index++) {
        struct value equal = value_equal(left.items[index], right.items[index], stop);
        if (value_is_null(equal) || is_over(stop, left, index)) {
            return equal;
        }
        if (!value_is_true(equal)) {
            return value_compare(comparison, left.items[index], right.items[index], stop);
        }
    }
    return value_bool(order_holds(comparison, order_of(left.count, right.count)));
}

static bool order_holds(enum value_comparison comparison, int order)
{
    switch (comparison) {
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_LESS_EQUAL:
        return order <= 0;
    case COMPARE_GREATER:
        return order > 0;
    case COMPARE_GREATER_EQUAL:
        return order >= 0;
    }
    CHECK(false);
    return false;
}

/* NaN is after all other numbers, and equal to itself. */
static int number_order(struct value left, struct value right)
{
    if (left.kind == VALUE_INTEGER) {
        return right.kind == VALUE_INTEGER ? integer_order(left.integer, right.integer)
                                           : integer_real_order(left.integer, right.real);
    }
    if (right.kind == VALUE_INTEGER) {
        return -integer_real_order(right.integer, left.real);
    }
    if (isnan(left.real) || isnan(right.real)) {
        return (isnan(left.real) != 0) - (isnan(right.real) != 0);
    }
    return (left.real > right.real) - (left.real < right.real);
}

static int integer_real_order(int64_t integer, double real)
{
    if (isnan(real) || real >= 0x1p63) {
        return -1;
    }
    if (real < -0x1p63) {
        return 1;
    }
    double whole = trunc(real);
    int order = integer_order(integer, (int64_t)whole);
    return order != 0 ? order : (whole > real) - (whole < real);
}

static uint32_t kind_rank(enum value_kind kind)
{
    static const uint8_t ranks[VALUE_KINDS] = {
        [VALUE_MAP] = 0,   [VALUE_VERTEX] = 1,     [VALUE_EDGE] = 2,           [VALUE_LIST] = 3,
        [VALUE_PATH] = 4,  [VALUE_DATETIME] = 5,   [VALUE_LOCAL_DATETIME] = 6, [VALUE_DATE] = 7,
        [VALUE_TIME] = 8,  [VALUE_LOCAL_TIME] = 9, [VALUE_DURATION] = 10,      [VALUE_TEXT] = 11,
        [VALUE_BOOL] = 12, [VALUE_INTEGER] = 13,   [VALUE_FLOAT] = 13,         [VALUE_NULL] = 14,
    };
    return ranks[kind];
}

static int same_kind_order(struct value left, struct value right, struct stop *stop)
{
    switch (left.kind) {
    case VALUE_NULL:
        return 0;
    case VALUE_BOOL:
        return integer_order(left.integer, right.integer);
    case VALUE_INTEGER:
    case VALUE_FLOAT:
        return number_order(left, right);
    case VALUE_TEXT:
        return bytes_compare(value_text_view(left), value_text_view(right));
    case VALUE_LIST:
        return list_order(left, right, stop);
    case VALUE_MAP:
        return map_order(left, right, stop);
    case VALUE_VERTEX:
        return order_of(left.vertex, right.vertex);
    case VALUE_EDGE:
        return order_of(left.edge, right.edge);
    case VALUE_PATH:
        return path_order(left.path, right.path);
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return temporal_order(left, right);
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return 0;
}

static int list_order(struct value left, struct value right, struct stop *stop)
{
    for (uint32_t index = 0; index < left.count && index < right.count; index++) {
        int order = value_order(left.items[index], right.items[index], stop);
        if (order != 0 || is_over(stop, left, index)) {
            return order;
        }
    }
    return order_of(left.count, right.count);
}

/* By the number of entries, then the keys, then the values. */
static int map_order(struct value left, struct value right, struct stop *stop)
{
    int order = order_of(left.count, right.count);
    for (uint32_t index = 0; index < left.count && order == 0; index++) {
        order = bytes_compare(left.entries[index].key, right.entries[index].key);
    }
    for (uint32_t index = 0; index < left.count && order == 0; index++) {
        order = value_order(left.entries[index].value, right.entries[index].value, stop);
    }
    return order;
}

/* By what they pass in turn; a path comes after what it begins with. */
static int path_order(const struct value_path *left, const struct value_path *right)
{
    int order = order_of(left->vertices[0], right->vertices[0]);
    for (uint32_t index = 0; index < left->length && index < right->length && order == 0; index++) {
        order = order_of(left->edges[index], right->edges[index]);
        if (order == 0) {
            order = order_of(left->vertices[index + 1], right->vertices[index + 1]);
        }
    }
    return order != 0 ? order : order_of(left->length, right->length);
}

/* A float that is an integer hashes as that integer, since the two are equivalent. */
static uint64_t float_hash(double real)
{
    if (real >= -0x1p63 && real < 0x1p63 && trunc(real) == real) {
        return (uint64_t)(int64_t)real;
    }
    uint64_t bits = UINT64_C(0x7ff8000000000000);
    if (!isnan(real)) {
        memcpy(&bits, &real, sizeof(bits));
    }
    return bits;
}

static uint64_t hash_join(uint64_t hash, uint64_t next)
{
    return hash_mix(hash * UINT64_C(0x9e3779b97f4a7c15) + next);
}
