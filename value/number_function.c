/* Numbers in, numbers out. */
#include "value/number_function.h"

#include <math.h>

#include "value/argument.h"
#include "value/float_text.h"

/* A function from a float to a float. */
#define REAL_FUNCTION(function, name, compute)                                             \
    enum status function(struct call *call, const struct value *arguments, uint32_t count, \
                         struct value *result)                                             \
    {                                                                                      \
        (void)count;                                                                       \
        return real_function(call, name, compute, arguments[0], result);                   \
    }

static enum status real_function(struct call *call, const char *name, double (*compute)(double),
                                 struct value argument, struct value *result);
static double round_half_up(double real);
static double cotangent(double real);
static double to_degrees(double real);
static double to_radians(double real);
static double half_versed_sine(double real);
static enum status parse_rounding(struct call *call, struct value mode, enum rounding *rounding);

REAL_FUNCTION(call_ceil, "ceil", ceil)
REAL_FUNCTION(call_floor, "floor", floor)
REAL_FUNCTION(call_sqrt, "sqrt", sqrt)
REAL_FUNCTION(call_exp, "exp", exp)
REAL_FUNCTION(call_log, "log", log)
REAL_FUNCTION(call_log10, "log10", log10)
REAL_FUNCTION(call_sin, "sin", sin)
REAL_FUNCTION(call_cos, "cos", cos)
REAL_FUNCTION(call_tan, "tan", tan)
REAL_FUNCTION(call_cot, "cot", cotangent)
REAL_FUNCTION(call_asin, "asin", asin)
REAL_FUNCTION(call_acos, "acos", acos)
REAL_FUNCTION(call_atan, "atan", atan)
REAL_FUNCTION(call_degrees, "degrees", to_degrees)
REAL_FUNCTION(call_radians, "radians", to_radians)
REAL_FUNCTION(call_haversin, "haversin", half_versed_sine)

enum status call_abs(struct call *call, const struct value *arguments, uint32_t count,
                     struct value *result)
{
    (void)count;
    if (arguments[0].kind == VALUE_INTEGER) {
        if (arguments[0].integer == INT64_MIN) {
            return error_set(call->error, STATUS_USAGE,
                             "integer overflow: abs(%lld) is beyond 64 bits",
                             (long long)arguments[0].integer);
        }
        *result =
            value_integer(arguments[0].integer < 0 ? -arguments[0].integer : arguments[0].integer);
        return STATUS_OK;
    }
    return real_function(call, "abs", fabs, arguments[0], result);
}

enum status call_round(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    double real;
    int64_t places = 0;
    enum rounding rounding = ROUND_HALF_UP;
    *result = value_null();
    if (count == 1) {
        return real_function(call, "round", round_half_up, arguments[0], result);
    }
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_number(call, "round", arguments[0], &real));
    TRY(argument_integer(call, "round", "an integer as its number of places", arguments[1],
                         &places));
    if (count == 3) {
        TRY(parse_rounding(call, arguments[2], &rounding));
    }
    if (isfinite(real)) {
        struct float_digits digits;
        float_digits_init(&digits, real);
        float_digits_round(&digits, places, rounding);
        real = float_digits_value(&digits);
    }
    *result = value_float(real);
    return STATUS_OK;
}

enum status call_sign(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    double real;
    *result = value_null();
    if (value_is_null(arguments[0])) {
        return STATUS_OK;
    }
    TRY(argument_number(call, "sign", arguments[0], &real));
    *result = value_integer((real > 0) - (real < 0));
    return STATUS_OK;
}

enum status call_is_nan(struct call *call, const struct value *arguments, uint32_t count,
                        struct value *result)
{
    (void)count;
    double real;
    *result = value_null();
    if (value_is_null(arguments[0])) {
        return STATUS_OK;
    }
    TRY(argument_number(call, "isNaN", arguments[0], &real));
    *result = value_bool(isnan(real));
    return STATUS_OK;
}

enum status call_e(struct call *call, const struct value *arguments, uint32_t count,
                   struct value *result)
{
    (void)call, (void)arguments, (void)count;
    *result = value_float(M_E);
    return STATUS_OK;
}

enum status call_pi(struct call *call, const struct value *arguments, uint32_t count,
                    struct value *result)
{
    (void)call, (void)arguments, (void)count;
    *result = value_float(M_PI);
    return STATUS_OK;
}

/* SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
 * 2014); the upper 53 bits. */
enum status call_rand(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)arguments, (void)count;
    *call->random += UINT64_C(0x9e3779b97f4a7c15);
    *result = value_float((double)(hash_mix(*call->random) >> 11) * 0x1p-53);
    return STATUS_OK;
}

enum status call_atan2(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    double ordinate;
    double abscissa;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_number(call, "atan2", arguments[0], &ordinate));
    TRY(argument_number(call, "atan2", arguments[1], &abscissa));
    *result = value_float(atan2(ordinate, abscissa));
    return STATUS_OK;
}

static enum status real_function(struct call *call, const char *name, double (*compute)(double),
                                 struct value argument, struct value *result)
{
    double real;
    *result = value_null();
    if (value_is_null(argument)) {
        return STATUS_OK;
    }
    TRY(argument_number(call, name, argument, &real));
    *result = value_float(compute(real));
    return STATUS_OK;
}

/* Not floor(real + 0.5), whose sum is rounded: 0.49999999999999994 would become 1. */
static double round_half_up(double real)
{
    double whole = floor(real);
    return real - whole >= 0.5 ? whole + 1 : whole;
}

static double cotangent(double real)
{
    return 1 / tan(real);
}

static double to_degrees(double real)
{
    return real * (180 / M_PI);
}

static double to_radians(double real)
{
    return real * (M_PI / 180);
}

static double half_versed_sine(double real)
{
    double sine = sin(real / 2);
    return sine * sine;
}

static enum status parse_rounding(struct call *call, struct value mode, enum rounding *rounding)
{
    static const struct {
        const char *name;
        enum rounding rounding;
    } modes[] = {
        {"UP", ROUND_UP},
        {"DOWN", ROUND_DOWN},
        {"CEILING", ROUND_CEILING},
        {"FLOOR", ROUND_FLOOR},
        {"HALF_UP", ROUND_HALF_UP},
        {"HALF_DOWN", ROUND_HALF_DOWN},
        {"HALF_EVEN", ROUND_HALF_EVEN},
    };
    struct bytes name;
    TRY(argument_text(call, "round", mode, &name));
    for (size_t index = 0; index < sizeof(modes) / sizeof(modes[0]); index++) {
        if (bytes_equal_ignoring_case(name, bytes_of(modes[index].name))) {
            *rounding = modes[index].rounding;
            return STATUS_OK;
        }
    }
    return error_set(call->error, STATUS_USAGE,
                     "round knows UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN and HALF_EVEN, not "
                     "'%.*s'",
                     name.size > 64 ? 64 : (int)name.size, name.data);
}
