/* From kind to kind. */
#include "value/conversion_function.h"

#include <math.h>

#include "base/number.h"
#include "value/argument.h"
#include "value/temporal.h"
#include "value/text.h"

/* A conversion gives false for a kind that it does not take, or a number that does not fit, which
 * `overflow` tells apart. */
struct conversion {
    const char *name;
    const char *expected;
    bool (*convert)(struct value given, struct value *result, bool *overflow);
};

static bool integer_of(struct value given, struct value *result, bool *overflow);
static bool float_of(struct value given, struct value *result, bool *overflow);
static bool boolean_of(struct value given, struct value *result, bool *overflow);
static enum status convert(struct call *call, const struct conversion *conversion,
                           struct value given, struct value *result);
static enum status convert_or_null(const struct conversion *conversion, struct value given,
                                   struct value *result);
static enum status convert_list(struct call *call, const char *function,
                                const struct conversion *conversion, struct value given,
                                struct value *result);
static bool has_text(struct value given);
static bool read_number(struct bytes text, double *number);

static const struct conversion to_integer = {"toInteger", "a text, a number or a boolean",
                                             integer_of};
static const struct conversion to_float = {"toFloat", "a text or a number", float_of};
static const struct conversion to_boolean = {"toBoolean", "a text, a boolean or an integer",
                                             boolean_of};

enum status call_to_integer(struct call *call, const struct value *arguments, uint32_t count,
                            struct value *result)
{
    (void)count;
    return convert(call, &to_integer, arguments[0], result);
}

enum status call_to_float(struct call *call, const struct value *arguments, uint32_t count,
                          struct value *result)
{
    (void)count;
    return convert(call, &to_float, arguments[0], result);
}

enum status call_to_string(struct call *call, const struct value *arguments, uint32_t count,
                           struct value *result)
{
    *result = value_null();
    if (!value_is_null(arguments[0]) && !has_text(arguments[0])) {
        return argument_error(call, "toString",
                              "a number, a boolean, a text, or a date, time or duration",
                              arguments[0]);
    }
    return call_to_string_or_null(call, arguments, count, result);
}

enum status call_to_boolean(struct call *call, const struct value *arguments, uint32_t count,
                            struct value *result)
{
    (void)count;
    return convert(call, &to_boolean, arguments[0], result);
}

enum status call_to_integer_or_null(struct call *call, const struct value *arguments,
                                    uint32_t count, struct value *result)
{
    (void)call, (void)count;
    return convert_or_null(&to_integer, arguments[0], result);
}

enum status call_to_float_or_null(struct call *call, const struct value *arguments, uint32_t count,
                                  struct value *result)
{
    (void)call, (void)count;
    return convert_or_null(&to_float, arguments[0], result);
}

enum status call_to_string_or_null(struct call *call, const struct value *arguments, uint32_t count,
                                   struct value *result)
{
    (void)count;
    *result = value_null();
    return has_text(arguments[0])
               ? value_to_text(arguments[0], NULL, call->pool, result, call->error)
               : STATUS_OK;
}

enum status call_to_boolean_or_null(struct call *call, const struct value *arguments,
                                    uint32_t count, struct value *result)
{
    (void)call, (void)count;
    return convert_or_null(&to_boolean, arguments[0], result);
}

enum status call_to_integer_list(struct call *call, const struct value *arguments, uint32_t count,
                                 struct value *result)
{
    (void)count;
    return convert_list(call, "toIntegerList", &to_integer, arguments[0], result);
}

enum status call_to_float_list(struct call *call, const struct value *arguments, uint32_t count,
                               struct value *result)
{
    (void)count;
    return convert_list(call, "toFloatList", &to_float, arguments[0], result);
}

enum status call_to_string_list(struct call *call, const struct value *arguments, uint32_t count,
                                struct value *result)
{
    (void)count;
    return convert_list(call, "toStringList", NULL, arguments[0], result);
}

enum status call_to_boolean_list(struct call *call, const struct value *arguments, uint32_t count,
                                 struct value *result)
{
    (void)count;
    return convert_list(call, "toBooleanList", &to_boolean, arguments[0], result);
}

static bool integer_of(struct value given, struct value *result, bool *overflow)
{
    double real;
    if (given.kind == VALUE_INTEGER || given.kind == VALUE_BOOL) {
        *result = value_integer(given.integer);
        return true;
    }
    if (given.kind == VALUE_TEXT) {
        struct bytes text = bytes_trim(value_text_view(given));
        int64_t integer;
        if (integer_parse(text, &integer)) {
            *result = value_integer(integer);
            return true;
        }
        if (!float_parse(text, &real)) {
            return true;
        }
    } else if (given.kind == VALUE_FLOAT) {
        real = given.real;
    } else {
        return false;
    }
    *overflow = !(real >= -0x1p63 && real < 0x1p63);
    if (!*overflow) {
        *result = value_integer((int64_t)real);
    }
    return !*overflow;
}

static bool float_of(struct value given, struct value *result, bool *overflow)
{
    double real;
    (void)overflow;
    if (given.kind == VALUE_INTEGER) {
        *result = value_float((double)given.integer);
        return true;
    }
    if (given.kind == VALUE_FLOAT) {
        *result = given;
        return true;
    }
    if (given.kind == VALUE_TEXT && read_number(bytes_trim(value_text_view(given)), &real)) {
        *result = value_float(real);
    }
    return given.kind == VALUE_TEXT;
}

static bool boolean_of(struct value given, struct value *result, bool *overflow)
{
    (void)overflow;
    if (given.kind == VALUE_BOOL || given.kind == VALUE_INTEGER) {
        *result = value_bool(given.integer != 0);
        return true;
    }
    if (given.kind == VALUE_TEXT) {
        struct bytes text = bytes_trim(value_text_view(given));
        if (bytes_equal_ignoring_case(text, bytes_of("true"))) {
            *result = value_bool(true);
        } else if (bytes_equal_ignoring_case(text, bytes_of("false"))) {
            *result = value_bool(false);
        }
    }
    return given.kind == VALUE_TEXT;
}

static enum status convert(struct call *call, const struct conversion *conversion,
                           struct value given, struct value *result)
{
    bool overflow = false;
    *result = value_null();
    if (value_is_null(given) || conversion->convert(given, result, &overflow)) {
        return STATUS_OK;
    }
    if (!overflow) {
        return argument_error(call, conversion->name, conversion->expected, given);
    }
    struct value text;
    TRY(value_to_literal(given, NULL, call->pool, &text, call->error));
    return error_set(call->error, STATUS_USAGE, "%s(%.*s) is beyond 64 bits", conversion->name,
                     text.count > 64 ? 64 : (int)text.count, text.text);
}

static enum status convert_or_null(const struct conversion *conversion, struct value given,
                                   struct value *result)
{
    bool overflow = false;
    *result = value_null();
    conversion->convert(given, result, &overflow);
    return STATUS_OK;
}

/* Without a conversion, to texts. */
static enum status convert_list(struct call *call, const char *function,
                                const struct conversion *conversion, struct value given,
                                struct value *result)
{
    *result = value_null();
    if (value_is_null(given)) {
        return STATUS_OK;
    }
    if (given.kind != VALUE_LIST) {
        return argument_error(call, function, "a list", given);
    }
    struct value *items = pool_allocate(call->pool, given.count, sizeof(*items), call->error);
    if (items == NULL) {
        return pool_status(call->error);
    }
    for (uint32_t index = 0; index < given.count; index++) {
        if (conversion == NULL) {
            TRY(call_to_string_or_null(call, &given.items[index], 1, &items[index]));
        } else {
            TRY(convert_or_null(conversion, given.items[index], &items[index]));
        }
    }
    *result = value_list_of(items, given.count);
    return STATUS_OK;
}

static bool has_text(struct value given)
{
    return given.kind == VALUE_TEXT || given.kind == VALUE_BOOL || value_is_number(given) ||
           temporal_is(given.kind);
}

/* What toString() writes is read back. */
static bool read_number(struct bytes text, double *number)
{
    static const struct {
        const char *name;
        double number;
    } names[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        if (bytes_equal(text, bytes_of(names[index].name))) {
            *number = names[index].number;
            return true;
        }
    }
    return float_parse(text, number);
}
