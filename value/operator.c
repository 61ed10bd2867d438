/* Arithmetic, and what finds texts in texts. */
#include "value/operator.h"

#include <math.h>

#include "base/check.h"
#include "base/number.h"
#include "value/operator_list.h"
#include "value/regex.h"
#include "value/temporal.h"
#include "value/text.h"
#include "value/text_buffer.h"

static enum status add_texts(struct value left, struct value right, struct pool *pool,
                             struct value *result, struct error *error);
static bool has_text(struct value value);
static enum status operand_error(struct error *error, const char *what, struct value left,
                                 struct value right);
static enum status overflow_error(struct error *error, int64_t left, const char *sign,
                                  int64_t right);
static enum status integer_divisor(struct value left, struct value right, const char *sign,
                                   struct error *error);

static inline bool either_is(struct value left, struct value right, enum value_kind kind)
{
    return left.kind == kind || right.kind == kind;
}

static inline bool both_are_numbers(struct value left, struct value right)
{
    return value_is_number(left) && value_is_number(right);
}

static inline bool both_are(struct value left, struct value right, enum value_kind kind)
{
    return left.kind == kind && right.kind == kind;
}

static inline double real_of(struct value number)
{
    return number.kind == VALUE_INTEGER ? (double)number.integer : number.real;
}

enum status value_add(struct value left, struct value right, struct pool *pool,
                      struct value *result, struct error *error)
{
    *result = value_null();
    if (either_is(left, right, VALUE_NULL)) {
        return STATUS_OK;
    }
    if (both_are(left, right, VALUE_INTEGER)) {
        int64_t sum;
        if (__builtin_add_overflow(left.integer, right.integer, &sum)) {
            return overflow_error(error, left.integer, "+", right.integer);
        }
        *result = value_integer(sum);
        return STATUS_OK;
    }
    if (both_are_numbers(left, right)) {
        *result = value_float(real_of(left) + real_of(right));
        return STATUS_OK;
    }
    if (either_is(left, right, VALUE_LIST)) {
        return operator_list_join(left, right, pool, result, error);
    }
    if (either_is(left, right, VALUE_TEXT) && has_text(left) && has_text(right)) {
        return add_texts(left, right, pool, result, error);
    }
    if (temporal_is(left.kind) && temporal_is(right.kind)) {
        return temporal_add(left, right, pool, result, error);
    }
    return operand_error(error, "+ takes numbers, texts, lists, or dates and times with durations",
                         left, right);
}

enum status value_subtract(struct value left, struct value right, struct pool *pool,
                           struct value *result, struct error *error)
{
    *result = value_null();
    if (either_is(left, right, VALUE_NULL)) {
        return STATUS_OK;
    }
    if (both_are(left, right, VALUE_INTEGER)) {
        int64_t difference;
        if (__builtin_sub_overflow(left.integer, right.integer, &difference)) {
            return overflow_error(error, left.integer, "-", right.integer);
        }
        *result = value_integer(difference);
        return STATUS_OK;
    }
    if (both_are_numbers(left, right)) {
        *result = value_float(real_of(left) - real_of(right));
        return STATUS_OK;
    }
    if (temporal_is(left.kind) && temporal_is(right.kind)) {
        return temporal_subtract(left, right, pool, result, error);
    }
    return operand_error(error, "- takes numbers, or dates, times and durations", left, right);
}

enum status value_multiply(struct value left, struct value right, struct pool *pool,
                           struct value *result, struct error *error)
{
    *result = value_null();
    if (either_is(left, right, VALUE_NULL)) {
        return STATUS_OK;
    }
    if (both_are(left, right, VALUE_INTEGER)) {
        int64_t product;
        if (__builtin_mul_overflow(left.integer, right.integer, &product)) {
            return overflow_error(error, left.integer, "*", right.integer);
        }
        *result = value_integer(product);
        return STATUS_OK;
    }
    if (both_are_numbers(left, right)) {
        *result = value_float(real_of(left) * real_of(right));
        return STATUS_OK;
    }
    if (left.kind == VALUE_DURATION && value_is_number(right)) {
        return temporal_scale(left, real_of(right), pool, result, error);
    }
    if (right.kind == VALUE_DURATION && value_is_number(left)) {
        return temporal_scale(right, real_of(left), pool, result, error);
    }
    return operand_error(error, "* takes numbers, or a duration and a number", left, right);
}

enum status value_divide(struct value left, struct value right, struct pool *pool,
                         struct value *result, struct error *error)
{
    *result = value_null();
    if (either_is(left, right, VALUE_NULL)) {
        return STATUS_OK;
    }
    if (both_are(left, right, VALUE_INTEGER)) {
        TRY(integer_divisor(left, right, "/", error));
        *result = value_integer(left.integer / right.integer);
        return STATUS_OK;
    }
    if (both_are_numbers(left, right)) {
        *result = value_float(real_of(left) / real_of(right));
        return STATUS_OK;
    }
    if (left.kind == VALUE_DURATION && value_is_number(right)) {
        return temporal_divide(left, real_of(right), pool, result, error);
    }
    return operand_error(error, "/ takes numbers, or a duration and a number", left, right);
}

enum status value_remainder(struct value left, struct value right, struct pool *pool,
                            struct value *result, struct error *error)
{
    (void)pool;
    *result = value_null();
    if (either_is(left, right, VALUE_NULL)) {
        return STATUS_OK;
    }
    if (both_are(left, right, VALUE_INTEGER)) {
        if (right.integer == -1) {
            *result = value_integer(0);
            return STATUS_OK;
        }
        TRY(integer_divisor(left, right, "%", error));
        *result = value_integer(left.integer % right.integer);
        return STATUS_OK;
    }
    if (both_are_numbers(left, right)) {
        *result = value_float(fmod(real_of(left), real_of(right)));
        return STATUS_OK;
    }
    return operand_error(error, "% takes numbers", left, right);
}

enum status value_power(struct value left, struct value right, struct pool *pool,
                        struct value *result, struct error *error)
{
    (void)pool;
    *result = value_null();
    if (either_is(left, right, VALUE_NULL)) {
        return STATUS_OK;
    }
    if (both_are_numbers(left, right)) {
        *result = value_float(pow(real_of(left), real_of(right)));
        return STATUS_OK;
    }
    return operand_error(error, "^ takes numbers", left, right);
}

enum status value_negate(struct value operand, struct pool *pool, struct value *result,
                         struct error *error)
{
    *result = value_null();
    switch (operand.kind) {
    case VALUE_NULL:
        return STATUS_OK;
    case VALUE_INTEGER:
        if (operand.integer == INT64_MIN) {
            return overflow_error(error, 0, "-", operand.integer);
        }
        *result = value_integer(-operand.integer);
        return STATUS_OK;
    case VALUE_FLOAT:
        *result = value_float(-operand.real);
        return STATUS_OK;
    case VALUE_DURATION:
        return temporal_negate(operand, pool, result, error);
    case VALUE_BOOL:
    case VALUE_TEXT:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_PATH:
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
        return error_set(error, STATUS_USAGE, "- takes a number or a duration, not %s",
                         value_kind_phrase(operand.kind));
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return STATUS_FAILED;
}

struct value value_starts_with(struct value left, struct value right)
{
    if (!both_are(left, right, VALUE_TEXT)) {
        return value_null();
    }
    return value_bool(left.count >= right.count &&
                      bytes_equal(bytes_view(left.text, right.count), value_text_view(right)));
}

struct value value_ends_with(struct value left, struct value right)
{
    if (!both_are(left, right, VALUE_TEXT)) {
        return value_null();
    }
    return value_bool(left.count >= right.count &&
                      bytes_equal(bytes_view(left.text + (left.count - right.count), right.count),
                                  value_text_view(right)));
}

struct value value_contains(struct value left, struct value right)
{
    if (!both_are(left, right, VALUE_TEXT)) {
        return value_null();
    }
    return value_bool(
        right.count == 0 ||
        (left.count != 0 && memmem(left.text, left.count, right.text, right.count) != NULL));
}

enum status value_matches(struct value left, struct value right, struct stop *stop,
                          struct value *result, struct error *error)
{
    *result = value_null();
    if (!both_are(left, right, VALUE_TEXT)) {
        return STATUS_OK;
    }
    bool is_match;
    struct regex regex;
    TRY(regex_compile(&regex, value_text_view(right), error));
    TRY(regex_match(&regex, value_text_view(left), stop, &is_match, error));
    *result = value_bool(is_match);
    return STATUS_OK;
}

enum status value_component(struct value value, struct bytes name, struct pool *pool,
                            struct value *result, struct error *error)
{
    *result = value_null();
    if (value.kind == VALUE_NULL) {
        return STATUS_OK;
    }
    if (temporal_is(value.kind)) {
        return temporal_component(value, name, pool, result, error);
    }
    return error_set(error, STATUS_USAGE, "there is no '.%.*s' of %s",
                     name.size > 64 ? 64 : (int)name.size, name.data,
                     value_kind_phrase(value.kind));
}

static enum status add_texts(struct value left, struct value right, struct pool *pool,
                             struct value *result, struct error *error)
{
    struct value left_text;
    struct value right_text;
    TRY(value_to_text(left, NULL, pool, &left_text, error));
    TRY(value_to_text(right, NULL, pool, &right_text, error));
    struct text_buffer buffer = {.pool = pool, .error = error};
    text_buffer_reserve(&buffer, (size_t)left_text.count + right_text.count);
    text_buffer_add_bytes(&buffer, value_text_view(left_text));
    text_buffer_add_bytes(&buffer, value_text_view(right_text));
    return text_buffer_finish(&buffer, result);
}

/* What toString() takes. */
static bool has_text(struct value value)
{
    return value.kind == VALUE_TEXT || value.kind == VALUE_BOOL || value_is_number(value) ||
           temporal_is(value.kind);
}

static enum status operand_error(struct error *error, const char *what, struct value left,
                                 struct value right)
{
    return error_set(error, STATUS_USAGE, "%s, not %s and %s", what, value_kind_phrase(left.kind),
                     value_kind_phrase(right.kind));
}

static enum status overflow_error(struct error *error, int64_t left, const char *sign,
                                  int64_t right)
{
    return error_set(error, STATUS_USAGE,
                     "integer overflow: %lld %s %lld is beyond 64 bits; toFloat() on either side "
                     "makes it a float",
                     (long long)left, sign, (long long)right);
}

static enum status integer_divisor(struct value left, struct value right, const char *sign,
                                   struct error *error)
{
    if (right.integer == 0) {
        return error_set(error, STATUS_USAGE, "division by zero: %lld %s 0",
                         (long long)left.integer, sign);
    }
    if (left.integer == INT64_MIN && right.integer == -1) {
        return overflow_error(error, left.integer, sign, right.integer);
    }
    return STATUS_OK;
}
