/* The decimal digits of floats. */
#include "value/float_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"

/* Between these powers of ten a float is written without an exponent, as ECMAScript does
 * (ECMA-262, Number::toString). */
enum { PLAIN_POINT_MIN = -5, PLAIN_POINT_MAX = 21 };

static bool rounds_up(const struct float_digits *digits, int64_t kept, enum rounding rounding);
static void digits_increment(struct float_digits *digits);
static void digits_trim(struct float_digits *digits);
static uint32_t write_plain(const struct float_digits *digits, char *text);
static uint32_t write_exponent(const struct float_digits *digits, char *text);

void float_digits_init(struct float_digits *digits, double value)
{
    char text[NUMBER_TEXT_BYTES];
    DCHECK(isfinite(value));
    *digits = (struct float_digits){.is_negative = value < 0};
    uint32_t length = float_format(value, text);
    bool is_fraction = false;
    uint32_t at = text[0] == '-';
    for (; at < length && text[at] != 'e'; at++) {
        if (text[at] == '.') {
            is_fraction = true;
            continue;
        }
        if (digits->count > 0 || text[at] != '0') {
            CHECK(digits->count < FLOAT_DIGITS_MAX);
            digits->digits[digits->count++] = text[at];
            digits->point += !is_fraction;
        } else {
            digits->point -= is_fraction;
        }
    }
    int64_t exponent = 0;
    if (at < length) {
        integer_parse(bytes_view(text + at + 1, length - at - 1), &exponent);
    }
    digits->point += (int32_t)exponent;
    digits_trim(digits);
}

void float_digits_round(struct float_digits *digits, int64_t places, enum rounding rounding)
{
    if (digits->count == 0 || places >= (int64_t)digits->count - digits->point) {
        return;
    }
    /* Digits that stay; 0 or fewer: all go, and one may come in their place. */
    int64_t kept = places < -INT32_MAX ? -INT32_MAX : places + digits->point;
    bool is_up = rounds_up(digits, kept, rounding);
    if (kept <= 0) {
        digits->count = 0;
        if (is_up) {
            digits->count = 1;
            digits->digits[0] = '1';
            digits->point = places < -INT16_MAX ? INT16_MAX : (int32_t)(1 - places);
        }
        return;
    }
    digits->count = (uint32_t)kept;
    if (is_up) {
        digits_increment(digits);
    }
    digits_trim(digits);
}

double float_digits_value(const struct float_digits *digits)
{
    char text[FLOAT_DIGITS_MAX + NUMBER_TEXT_BYTES];
    double value = 0;
    if (digits->count == 0) {
        return 0;
    }
    int length = snprintf(text, sizeof(text), "%s0.%.*se%d", digits->is_negative ? "-" : "",
                          (int)digits->count, digits->digits, digits->point);
    if (!float_parse(bytes_view(text, (size_t)length), &value)) {
        return digits->is_negative ? -INFINITY : INFINITY;
    }
    return value;
}

uint32_t float_text(double value, char *text)
{
    if (!isfinite(value)) {
        const char *name = isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
        return (uint32_t)snprintf(text, FLOAT_TEXT_BYTES, "%s", name);
    }
    struct float_digits digits;
    float_digits_init(&digits, value);
    if (digits.count == 0) {
        return (uint32_t)snprintf(text, FLOAT_TEXT_BYTES, "0.0");
    }
    text[0] = '-';
    char *at = text + digits.is_negative;
    uint32_t length = digits.point >= PLAIN_POINT_MIN && digits.point <= PLAIN_POINT_MAX
                          ? write_plain(&digits, at)
                          : write_exponent(&digits, at);
    at[length] = '\0';
    return length + digits.is_negative;
}

/* Whether the number becomes larger in magnitude when only `kept` digits stay. */
static bool rounds_up(const struct float_digits *digits, int64_t kept, enum rounding rounding)
{
    char first = kept >= 0 ? digits->digits[kept] : '0';
    bool has_more = kept < 0 || kept + 1 < (int64_t)digits->count;
    bool is_tie = first == '5' && !has_more;
    bool is_odd = kept > 0 && (digits->digits[kept - 1] - '0') % 2 != 0;
    switch (rounding) {
    case ROUND_UP:
        return true;
    case ROUND_DOWN:
        return false;
    case ROUND_CEILING:
        return !digits->is_negative;
    case ROUND_FLOOR:
        return digits->is_negative;
    case ROUND_HALF_UP:
        return first >= '5';
    case ROUND_HALF_DOWN:
        return first >= '5' && !is_tie;
    case ROUND_HALF_EVEN:
        return first >= '5' && (!is_tie || is_odd);
    }
    CHECK(false);
    return false;
}

static void digits_increment(struct float_digits *digits)
{
    while (digits->count > 0 && digits->digits[digits->count - 1] == '9') {
        digits->count--;
    }
    if (digits->count == 0) {
        digits->digits[digits->count++] = '1';
        digits->point++;
        return;
    }
    digits->digits[digits->count - 1]++;
}

static void digits_trim(struct float_digits *digits)
{
    while (digits->count > 0 && digits->digits[digits->count - 1] == '0') {
        digits->count--;
    }
}

static uint32_t write_plain(const struct float_digits *digits, char *text)
{
    uint32_t length = 0;
    int32_t begin = digits->point < 0 ? digits->point : 0;
    int32_t end =
        (int32_t)digits->count > digits->point ? (int32_t)digits->count : digits->point + 1;
    if (digits->point <= 0) {
        text[length++] = '0';
        text[length++] = '.';
    }
    for (int32_t index = begin; index < end; index++) {
        if (index == digits->point && digits->point > 0) {
            text[length++] = '.';
        }
        bool is_digit = index >= 0 && index < (int32_t)digits->count;
        text[length++] = is_digit ? digits->digits[index] : '0';
    }
    return length;
}

static uint32_t write_exponent(const struct float_digits *digits, char *text)
{
    uint32_t length = 0;
    text[length++] = digits->digits[0];
    if (digits->count > 1) {
        text[length++] = '.';
        memcpy(text + length, digits->digits + 1, digits->count - 1);
        length += digits->count - 1;
    }
    text[length++] = 'e';
    return length + integer_format(digits->point - 1, text + length);
}
