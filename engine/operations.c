/* Leaf loops: one function per operator and type, written once as macros. */
#include "engine/operations.h"

#include <math.h>

#include "base/check.h"
#include "graph/column.h"

/* The loops are elementwise, also in place; gcc cannot see that and is told. */
#ifdef __clang__
#define ELEMENTWISE
#else
#define ELEMENTWISE _Pragma("GCC ivdep")
#endif

/* One loop for each combination of steps, so that a constant operand stays in a register. */
#define PLAIN(name, from, to, formula)                                                    \
    static void name(const union lane *left, uint32_t left_step, const union lane *right, \
                     uint32_t right_step, union lane *out, uint32_t count)                \
    {                                                                                     \
        if (left_step != 0 && right_step != 0) {                                          \
            ELEMENTWISE                                                                   \
            for (uint32_t i = 0; i < count; i++) {                                        \
                __auto_type x = left[i].from;                                             \
                __auto_type y = right[i].from;                                            \
                out[i].to = formula;                                                      \
            }                                                                             \
        } else if (left_step != 0) {                                                      \
            __auto_type y = right[0].from;                                                \
            ELEMENTWISE                                                                   \
            for (uint32_t i = 0; i < count; i++) {                                        \
                __auto_type x = left[i].from;                                             \
                out[i].to = formula;                                                      \
            }                                                                             \
        } else {                                                                          \
            __auto_type x = left[0].from;                                                 \
            uint32_t step = right_step;                                                   \
            ELEMENTWISE                                                                   \
            for (uint32_t i = 0; i < count; i++) {                                        \
                __auto_type y = right[i * step].from;                                     \
                out[i].to = formula;                                                      \
            }                                                                             \
        }                                                                                 \
    }

PLAIN(integer_equal, integer, integer, x == y)
PLAIN(integer_not_equal, integer, integer, x != y)
PLAIN(integer_less, integer, integer, x < y)
PLAIN(integer_less_equal, integer, integer, x <= y)
PLAIN(integer_greater, integer, integer, x > y)
PLAIN(integer_greater_equal, integer, integer, x >= y)
PLAIN(real_equal, real, integer, x == y)
PLAIN(real_not_equal, real, integer, x != y)
PLAIN(real_less, real, integer, x < y)
PLAIN(real_less_equal, real, integer, x <= y)
PLAIN(real_greater, real, integer, x > y)
PLAIN(real_greater_equal, real, integer, x >= y)
PLAIN(real_add, real, real, x + y)
PLAIN(real_subtract, real, real, x - y)
PLAIN(real_multiply, real, real, x *y)
PLAIN(real_divide, real, real, x / y)
PLAIN(real_remainder, real, real, fmod(x, y))
PLAIN(real_power, real, real, pow(x, y))

/* `operation(x, y, &value)` gives the mark of the lane, 0 when all is well. */
#define CHECKED(name, right_member, operation)                                             \
    static bool name(const union lane *left, uint32_t left_step, const union lane *right,  \
                     uint32_t right_step, union lane *out, uint8_t *nulls, uint32_t count) \
    {                                                                                      \
        bool has_failed = false;                                                           \
        for (uint32_t i = 0; i < count; i++) {                                             \
            int64_t value = 0;                                                             \
            uint8_t mark = operation(left[i * left_step].integer,                          \
                                     right[i * right_step].right_member, &value);          \
            if (UNLIKELY(mark != 0) && nulls[i] == 0) {                                    \
                nulls[i] = mark;                                                           \
                has_failed = true;                                                         \
            }                                                                              \
            out[i].integer = value;                                                        \
        }                                                                                  \
        return has_failed;                                                                 \
    }

static inline uint8_t overflow_mark(bool is_overflow)
{
    return is_overflow ? LANE_NULL | LANE_OVERFLOW : 0;
}

static inline uint8_t add(int64_t x, int64_t y, int64_t *value)
{
    return overflow_mark(__builtin_add_overflow(x, y, value));
}

static inline uint8_t subtract(int64_t x, int64_t y, int64_t *value)
{
    return overflow_mark(__builtin_sub_overflow(x, y, value));
}

static inline uint8_t multiply(int64_t x, int64_t y, int64_t *value)
{
    return overflow_mark(__builtin_mul_overflow(x, y, value));
}

static inline uint8_t divide(int64_t x, int64_t y, int64_t *value)
{
    if (UNLIKELY(y == 0)) {
        return LANE_NULL | LANE_ZERO_DIVISION;
    }
    if (UNLIKELY(y == -1)) {
        return overflow_mark(__builtin_sub_overflow(0, x, value));
    }
    *value = x / y;
    return 0;
}

static inline uint8_t take_remainder(int64_t x, int64_t y, int64_t *value)
{
    if (UNLIKELY(y == 0)) {
        return LANE_NULL | LANE_ZERO_DIVISION;
    }
    *value = y == -1 ? 0 : x % y;
    return 0;
}

/* Rounds to the nearest nanosecond. */
static inline uint8_t duration_round(long double scaled, int64_t *value)
{
    long double rounded = rintl(scaled);
    if (!(rounded >= -0x1p63L && rounded < 0x1p63L)) {
        return LANE_NULL | LANE_OVERFLOW;
    }
    *value = (int64_t)rounded;
    return 0;
}

static inline uint8_t duration_multiply(int64_t x, double y, int64_t *value)
{
    return duration_round((long double)x * (long double)y, value);
}

static inline uint8_t duration_divide(int64_t x, double y, int64_t *value)
{
    if (y == 0) {
        return LANE_NULL | LANE_ZERO_DIVISION;
    }
    return duration_round((long double)x / (long double)y, value);
}

CHECKED(integer_add, integer, add)
CHECKED(integer_subtract, integer, subtract)
CHECKED(integer_multiply, integer, multiply)
CHECKED(integer_divide, integer, divide)
CHECKED(integer_remainder, integer, take_remainder)
CHECKED(duration_multiply_real, real, duration_multiply)
CHECKED(duration_divide_real, real, duration_divide)

static plain_function real_function_of(enum expression_kind kind)
{
    static const plain_function functions[] = {
        [EXPRESSION_EQUAL] = real_equal,
        [EXPRESSION_NOT_EQUAL] = real_not_equal,
        [EXPRESSION_LESS] = real_less,
        [EXPRESSION_LESS_EQUAL] = real_less_equal,
        [EXPRESSION_GREATER] = real_greater,
        [EXPRESSION_GREATER_EQUAL] = real_greater_equal,
        [EXPRESSION_ADD] = real_add,
        [EXPRESSION_SUBTRACT] = real_subtract,
        [EXPRESSION_MULTIPLY] = real_multiply,
        [EXPRESSION_DIVIDE] = real_divide,
        [EXPRESSION_REMAINDER] = real_remainder,
        [EXPRESSION_POWER] = real_power,
    };
    return kind < sizeof functions / sizeof *functions ? functions[kind] : NULL;
}

static plain_function integer_function_of(enum expression_kind kind)
{
    static const plain_function functions[] = {
        [EXPRESSION_XOR] = integer_not_equal,
        [EXPRESSION_EQUAL] = integer_equal,
        [EXPRESSION_NOT_EQUAL] = integer_not_equal,
        [EXPRESSION_LESS] = integer_less,
        [EXPRESSION_LESS_EQUAL] = integer_less_equal,
        [EXPRESSION_GREATER] = integer_greater,
        [EXPRESSION_GREATER_EQUAL] = integer_greater_equal,
    };
    return kind < sizeof functions / sizeof *functions ? functions[kind] : NULL;
}

plain_function plain_function_of(enum expression_kind kind, enum type type)
{
    switch (type) {
    case TYPE_FLOAT:
        return real_function_of(kind);
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        return integer_function_of(kind);
    case TYPE_NULL:
    case TYPE_TEXT:
    case TYPE_ADDRESS:
        break;
    }
    return NULL;
}

checked_function checked_function_of(enum expression_kind kind, enum type right)
{
    static const checked_function functions[] = {
        [EXPRESSION_ADD] = integer_add,
        [EXPRESSION_SUBTRACT] = integer_subtract,
        [EXPRESSION_MULTIPLY] = integer_multiply,
        [EXPRESSION_DIVIDE] = integer_divide,
        [EXPRESSION_REMAINDER] = integer_remainder,
    };
    if (right == TYPE_FLOAT) {
        return kind == EXPRESSION_MULTIPLY ? duration_multiply_real
               : kind == EXPRESSION_DIVIDE ? duration_divide_real
                                           : NULL;
    }
    return kind < sizeof functions / sizeof *functions ? functions[kind] : NULL;
}

static bool text_not_equal(const struct text *left, const struct text *right)
{
    return !text_equal(left, right);
}

static bool text_is_equal(const struct text *left, const struct text *right)
{
    return text_equal(left, right);
}

static bool text_less(const struct text *left, const struct text *right)
{
    return text_compare(left, right) < 0;
}

static bool text_less_equal(const struct text *left, const struct text *right)
{
    return text_compare(left, right) <= 0;
}

static bool text_greater(const struct text *left, const struct text *right)
{
    return text_compare(left, right) > 0;
}

static bool text_greater_equal(const struct text *left, const struct text *right)
{
    return text_compare(left, right) >= 0;
}

static bool text_starts_with(const struct text *left, const struct text *right)
{
    return left->length >= right->length && memcmp(left->bytes, right->bytes, right->length) == 0;
}

static bool text_ends_with(const struct text *left, const struct text *right)
{
    return left->length >= right->length &&
           memcmp(left->bytes + (left->length - right->length), right->bytes, right->length) == 0;
}

static bool text_contains(const struct text *left, const struct text *right)
{
    return memmem(left->bytes, left->length, right->bytes, right->length) != NULL;
}

text_function text_function_of(enum expression_kind kind)
{
    static const text_function functions[] = {
        [EXPRESSION_EQUAL] = text_is_equal,
        [EXPRESSION_NOT_EQUAL] = text_not_equal,
        [EXPRESSION_LESS] = text_less,
        [EXPRESSION_LESS_EQUAL] = text_less_equal,
        [EXPRESSION_GREATER] = text_greater,
        [EXPRESSION_GREATER_EQUAL] = text_greater_equal,
        [EXPRESSION_STARTS_WITH] = text_starts_with,
        [EXPRESSION_ENDS_WITH] = text_ends_with,
        [EXPRESSION_CONTAINS] = text_contains,
    };
    CHECK(kind < sizeof functions / sizeof *functions && functions[kind] != NULL);
    return functions[kind];
}

bool comparison_holds(enum expression_kind kind, int order)
{
    return kind == EXPRESSION_EQUAL           ? order == 0
           : kind == EXPRESSION_NOT_EQUAL     ? order != 0
           : kind == EXPRESSION_LESS          ? order < 0
           : kind == EXPRESSION_LESS_EQUAL    ? order <= 0
           : kind == EXPRESSION_GREATER       ? order > 0
           : kind == EXPRESSION_GREATER_EQUAL ? order >= 0
                                              : false;
}

struct bytes address_view(const struct vertex_frame *frame, const struct address *address,
                          char *buffer)
{
    if (address_kind(*address) != ADDRESS_OTHER) {
        return bytes_view(buffer, address_format(*address, buffer));
    }
    if (address->low >= frame->address_texts.count) {
        return bytes_view(buffer, 0);
    }
    return text_view(frame->address_texts.entries[address->low]);
}

/* Classes of characters, ascending as these do. What follows one of several characters means
 * nothing for the order. */
enum { END = 0, BELOW = 1, DOT = 2, SLASH = 3, ZERO = 4, COLON = 14, ABOVE = 15 };

/* As if it were formatted and then read, without either. */
static uint64_t ipv4_text_digit(uint32_t address)
{
    uint64_t value = 0;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t byte = address >> (24 - 8 * i) & 0xff;
        uint32_t width = 4 + 4 * (byte >= 10) + 4 * (byte >= 100);
        uint32_t digits =
            (byte / 100 << 8 | byte / 10 % 10 << 4 | byte % 10) + (ZERO << 8 | ZERO << 4 | ZERO);
        value = value << (width + 4) | (digits & ((1U << width) - 1)) << 4 | DOT;
        bits += width + 4;
    }
    return value >> 4 << (64 - (bits - 4));
}

uint64_t address_text_digit(const struct vertex_frame *frame, const struct address *address)
{
    if (address_kind(*address) == ADDRESS_IPV4) {
        return ipv4_text_digit((uint32_t)address->low);
    }
    char buffer[ADDRESS_TEXT_BYTES];
    struct bytes text = address_view(frame, address, buffer);
    uint64_t value = 0;
    bool is_open = true;
    for (uint32_t i = 0; i < 16; i++) {
        uint64_t class = END;
        if (is_open && i < text.size) {
            uint8_t byte = (uint8_t)text.data[i];
            class = byte < '.'    ? BELOW
                    : byte == '.' ? DOT
                    : byte < '0'  ? SLASH
                    : byte <= '9' ? ZERO + (uint64_t)(byte - '0')
                    : byte == ':' ? COLON
                                  : ABOVE;
            is_open = class != BELOW && class != ABOVE;
        }
        value = value << 4 | class;
    }
    return value;
}

static int address_compare(const struct vertex_frame *frame, const struct address *left,
                           const struct address *right)
{
    if (address_equal(*left, *right)) {
        return 0;
    }
    uint64_t left_digit = address_text_digit(frame, left);
    uint64_t right_digit = address_text_digit(frame, right);
    if (left_digit != right_digit) {
        return left_digit < right_digit ? -1 : 1;
    }
    char left_buffer[ADDRESS_TEXT_BYTES];
    char right_buffer[ADDRESS_TEXT_BYTES];
    return bytes_compare(address_view(frame, left, left_buffer),
                         address_view(frame, right, right_buffer));
}

static int real_compare(double left, double right)
{
    if (isnan(left) || isnan(right)) {
        return isnan(left) - isnan(right);
    }
    return (left > right) - (left < right);
}

uint64_t address_digit(struct address address, uint32_t digit)
{
    const uint64_t top = UINT64_C(1) << 63;
    if (digit == 0) {
        return address.high == 0 && address.low < top ? address.low : top | address.high >> 1;
    }
    return digit == 1 ? address.high : address.low;
}

/* Text addresses compare by their index, which is by their text. */
static int address_bytes_compare(struct address left, struct address right)
{
    if (left.high != right.high) {
        return left.high < right.high ? -1 : 1;
    }
    return (left.low > right.low) - (left.low < right.low);
}

int lane_compare(enum type type, const struct graph *graph, union lane left, union lane right)
{
    int64_t x = left.integer;
    int64_t y = right.integer;
    switch (type) {
    case TYPE_FLOAT:
        return real_compare(left.real, right.real);
    case TYPE_TEXT:
        return text_compare(left.text, right.text);
    case TYPE_ADDRESS:
        return address_compare(&graph->vertices, left.address, right.address);
    case TYPE_VERTEX:
        return address_bytes_compare(graph->vertices.addresses[left.vertex],
                                     graph->vertices.addresses[right.vertex]);
    case TYPE_EDGE:
        x = edge_row(graph, left.edge);
        y = edge_row(graph, right.edge);
        break;
    case TYPE_NULL:
        return 0;
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
        break;
    }
    return (x > y) - (x < y);
}

bool lane_same(enum type type, union lane left, union lane right)
{
    switch (type) {
    case TYPE_FLOAT:
        return left.real == right.real || (isnan(left.real) && isnan(right.real));
    case TYPE_TEXT:
        return text_equal(left.text, right.text);
    case TYPE_ADDRESS:
        return left.address == right.address || address_equal(*left.address, *right.address);
    case TYPE_NULL:
        return true;
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
    return left.integer == right.integer;
}

uint64_t lane_hash(enum type type, union lane lane)
{
    switch (type) {
    case TYPE_FLOAT:
        if (isnan(lane.real)) {
            return hash_mix(1);
        }
        lane.real = lane.real == 0 ? 0.0 : lane.real;
        break;
    case TYPE_TEXT:
        return hash_mix(lane.text->hash + UINT64_C(1));
    case TYPE_ADDRESS:
        return address_hash(*lane.address);
    case TYPE_NULL:
        return 0;
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
    return hash_mix((uint64_t)lane.integer + 0x9e3779b97f4a7c15u);
}
