/* Numbers between text and machine. What is common in flow records (short decimals) is converted by
 * exact integer arithmetic; only what does not fit it goes through the C library. */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

enum {
    SAFE_DIGITS = 18, /* any so many digits fit 63 bits */
    DECIMAL_SCALE_MAX = 15,
    POWER_OF_TEN_MAX = 22,  /* the largest that a double holds exactly */
    FLOAT_BYTES_MAX = 1100, /* more than any double's exact decimal expansion */
};

#define MANTISSA_EXACT_MAX (INT64_C(1) << 53)

static bool digits_parse(struct bytes text, uint64_t *value);
static bool hexadecimal_parse(struct bytes text, uint64_t *value);
static bool magnitude_sign(uint64_t magnitude, bool is_negative, int64_t *value);
static bool sign_take(struct bytes *text);
static bool float_syntax_is_valid(struct bytes text);
static size_t digits_length(const char *at, const char *end);
static bool float_parse_slowly(struct bytes text, double *value);
static uint32_t float_format_short(double value, char *text);
static uint32_t float_format_any(double value, char *text);
static uint32_t magnitude_format(uint64_t value, char *text);
static bool size_unit_parse(struct bytes suffix, uint32_t *shift);

bool integer_parse(struct bytes text, int64_t *value)
{
    bool is_negative = sign_take(&text);
    uint64_t magnitude;
    return digits_parse(text, &magnitude) && magnitude_sign(magnitude, is_negative, value);
}

bool integer_parse_any_base(struct bytes text, int64_t *value)
{
    struct bytes unsigned_text = text;
    bool is_negative = sign_take(&unsigned_text);
    if (unsigned_text.size > 2 && unsigned_text.data[0] == '0' &&
        (unsigned_text.data[1] | 0x20) == 'x') {
        uint64_t magnitude;
        return hexadecimal_parse(bytes_view(unsigned_text.data + 2, unsigned_text.size - 2),
                                 &magnitude) &&
               magnitude_sign(magnitude, is_negative, value);
    }
    return integer_parse(text, value);
}

bool decimal_parse(struct bytes text, struct decimal *decimal)
{
    bool is_negative = sign_take(&text);
    if (text.size == 0) {
        return false;
    }
    const char *at = text.data;
    const char *end = at + text.size;
    const char *begin = at;
    while (end - at > 1 && *at == '0') {
        at++;
    }
    /* 18 digits and a point; so few digits cannot overflow. */
    if (end - at > SAFE_DIGITS + 1) {
        return false;
    }
    uint64_t mantissa = 0;
    uint32_t digit;
    const char *whole = at;
    for (; at < end && (digit = (uint32_t)(unsigned char)*at - '0') <= 9; at++) {
        mantissa = mantissa * 10 + digit;
    }
    int64_t digit_count = at - whole;
    int64_t scale = 0;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        for (; at < end && (digit = (uint32_t)(unsigned char)*at - '0') <= 9; at++) {
            mantissa = mantissa * 10 + digit;
        }
        scale = at - fraction;
    }
    digit_count += scale;
    bool has_digit = digit_count > 0 || whole > begin;
    if (at != end || !has_digit || digit_count > SAFE_DIGITS || scale > DECIMAL_SCALE_MAX) {
        return false;
    }
    decimal->mantissa = is_negative ? -(int64_t)mantissa : (int64_t)mantissa;
    decimal->scale = (uint32_t)scale;
    return true;
}

/* Both operands of the division are exact, so that its one rounding is the right one (W. D.
 * Clinger, "How to read floating point numbers accurately", 1990). */
bool float_parse(struct bytes text, double *value)
{
    struct decimal decimal;
    if (decimal_parse(text, &decimal) && decimal.mantissa != 0 &&
        decimal.mantissa <= MANTISSA_EXACT_MAX && decimal.mantissa >= -MANTISSA_EXACT_MAX) {
        *value = (double)decimal.mantissa / power_of_ten(decimal.scale);
        return true;
    }
    return float_parse_slowly(text, value);
}

bool number_is_plain(struct bytes text)
{
    bool has_plus = text.size > 0 && text.data[0] == '+';
    (void)sign_take(&text);
    return !has_plus &&
           (text.size < 2 || text.data[0] != '0' || text.data[1] < '0' || text.data[1] > '9');
}

uint32_t float_format(double value, char *text)
{
    uint32_t length = float_format_short(value, text);
    return length != 0 ? length : float_format_any(value, text);
}

uint32_t integer_format(int64_t value, char *text)
{
    uint32_t sign = value < 0;
    text[0] = '-';
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return sign + magnitude_format(magnitude, text + sign);
}

bool size_parse(struct bytes text, uint64_t *bytes)
{
    size_t number_size = 0;
    while (number_size < text.size &&
           (text.data[number_size] == '.' ||
            (text.data[number_size] >= '0' && text.data[number_size] <= '9'))) {
        number_size++;
    }
    struct decimal decimal;
    uint32_t shift;
    if (!decimal_parse(bytes_view(text.data, number_size), &decimal) ||
        !size_unit_parse(bytes_view(text.data + number_size, text.size - number_size), &shift) ||
        (shift == 0 && decimal.scale != 0)) {
        return false;
    }
    unsigned __int128 product = (unsigned __int128)decimal.mantissa << shift;
    product /= (uint64_t)power_of_ten(decimal.scale);
    if (product > UINT64_MAX) {
        return false;
    }
    *bytes = (uint64_t)product;
    return true;
}

uint32_t size_format(uint64_t bytes, char *text)
{
    static const char units[] = "KMGTPE";
    if (bytes < 1024) {
        return (uint32_t)snprintf(text, NUMBER_TEXT_BYTES, "%u B", (unsigned)bytes);
    }
    double scaled = (double)bytes / 1024;
    uint32_t unit = 0;
    /* What would print as 1024.0 is 1.0 of the next unit. */
    while (scaled >= 1023.95 && units[unit + 1] != '\0') {
        scaled /= 1024;
        unit++;
    }
    uint64_t tenths = (uint64_t)(scaled * 10 + 0.5);
    return (uint32_t)snprintf(text, NUMBER_TEXT_BYTES, "%u.%u %ciB", (unsigned)(tenths / 10),
                              (unsigned)(tenths % 10), units[unit]);
}

double power_of_ten(uint32_t exponent)
{
    static const double powers[POWER_OF_TEN_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    DCHECK(exponent <= POWER_OF_TEN_MAX);
    return powers[exponent];
}

static bool digits_parse(struct bytes text, uint64_t *value)
{
    if (text.size == 0) {
        return false;
    }
    uint64_t sum = 0;
    if (LIKELY(text.size <= SAFE_DIGITS)) {
        /* One test after the loop and none within: the loop's length is all there is to guess. */
        uint32_t bad = 0;
        for (size_t index = 0; index < text.size; index++) {
            uint32_t digit = (uint32_t)(unsigned char)text.data[index] - '0';
            bad |= digit > 9;
            sum = sum * 10 + digit;
        }
        *value = sum;
        return bad == 0;
    }
    for (size_t index = 0; index < text.size; index++) {
        uint32_t digit = (uint32_t)(unsigned char)text.data[index] - '0';
        if (digit > 9 || __builtin_mul_overflow(sum, UINT64_C(10), &sum) ||
            __builtin_add_overflow(sum, digit, &sum)) {
            return false;
        }
    }
    *value = sum;
    return true;
}

static bool hexadecimal_parse(struct bytes text, uint64_t *value)
{
    uint64_t sum = 0;
    for (size_t index = 0; index < text.size; index++) {
        uint32_t digit = (uint32_t)(unsigned char)text.data[index] - '0';
        if (digit > 9) {
            uint32_t letter = ((uint32_t)(unsigned char)text.data[index] | 0x20) - 'a';
            digit = letter <= 5 ? letter + 10 : 16;
        }
        if (digit > 15 || sum >> 60 != 0) {
            return false;
        }
        sum = sum << 4 | digit;
    }
    *value = sum;
    return text.size > 0;
}

static bool magnitude_sign(uint64_t magnitude, bool is_negative, int64_t *value)
{
    if (magnitude > (uint64_t)INT64_MAX + is_negative) {
        return false;
    }
    *value = (int64_t)(is_negative ? 0 - magnitude : magnitude);
    return true;
}

/* Takes a sign away; true when it was a minus. */
static bool sign_take(struct bytes *text)
{
    if (text->size > 0 && (text->data[0] == '-' || text->data[0] == '+')) {
        bool is_negative = text->data[0] == '-';
        *text = bytes_view(text->data + 1, text->size - 1);
        return is_negative;
    }
    return false;
}

static bool float_syntax_is_valid(struct bytes text)
{
    sign_take(&text);
    if (text.size == 0) {
        return false;
    }
    const char *at = text.data;
    const char *end = at + text.size;
    size_t whole = digits_length(at, end);
    at += whole;
    size_t fraction = 0;
    if (at < end && *at == '.') {
        at++;
        fraction = digits_length(at, end);
        at += fraction;
    }
    if (whole + fraction == 0) {
        return false;
    }
    if (at < end && (*at | 0x20) == 'e') {
        struct bytes exponent = bytes_view(at + 1, (size_t)(end - at) - 1);
        sign_take(&exponent);
        return exponent.size > 0 && digits_length(exponent.data, end) == exponent.size;
    }
    return at == end;
}

static size_t digits_length(const char *at, const char *end)
{
    size_t length = 0;
    while (at + length < end && at[length] >= '0' && at[length] <= '9') {
        length++;
    }
    return length;
}

/* The C locale costs nothing to get: glibc returns its own static object. */
static bool float_parse_slowly(struct bytes text, double *value)
{
    char copy[FLOAT_BYTES_MAX + 1];
    locale_t locale = (locale_t)0;
    if (text.size > FLOAT_BYTES_MAX || !float_syntax_is_valid(text) ||
        (locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)) == (locale_t)0) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    double parsed = strtod_l(copy, NULL, locale);
    freelocale(locale);
    if (!isfinite(parsed)) {
        return false;
    }
    *value = parsed;
    return true;
}

/* Most floats of flows were decimals of up to six places. Any decimal of up to 15 digits is the
 * only one of its kind near its double, so that finding one that reads back ends the search for the
 * shortest. Returns 0 when there is none. */
static uint32_t float_format_short(double value, char *text)
{
    double magnitude = fabs(value);
    if (!(magnitude >= 1e-4 && magnitude < 1e9)) {
        return 0;
    }
    uint64_t millionths = (uint64_t)(magnitude * 1e6 + 0.5);
    if ((double)millionths / 1e6 != magnitude) {
        return 0;
    }
    uint32_t length = value < 0;
    text[0] = '-';
    length += magnitude_format(millionths / 1000000, text + length);
    text[length++] = '.';
    uint32_t fraction = (uint32_t)(millionths % 1000000);
    do {
        text[length++] = (char)('0' + fraction / 100000);
        fraction = fraction % 100000 * 10;
    } while (fraction != 0);
    text[length] = '\0';
    return length;
}

/* 15 digits are enough for every number that was written with no more, 17 for all. A subnormal
 * number holds fewer and is tried from one digit up. */
static uint32_t float_format_any(double value, char *text)
{
    if (isnan(value)) {
        return (uint32_t)snprintf(text, NUMBER_TEXT_BYTES, "nan");
    }
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t callers = uselocale(locale);
    int length = 0;
    for (int digits = fpclassify(value) == FP_SUBNORMAL ? 1 : 15; digits <= 17; digits++) {
        length = snprintf(text, NUMBER_TEXT_BYTES, "%.*g", digits, value);
        if (digits == 17 || strtod(text, NULL) == value) {
            break;
        }
    }
    uselocale(callers);
    freelocale(locale);
    if (isfinite(value) && strpbrk(text, ".e") == NULL) {
        text[length++] = '.';
        text[length++] = '0';
        text[length] = '\0';
    }
    return (uint32_t)length;
}

static uint32_t magnitude_format(uint64_t value, char *text)
{
    char digits[20];
    uint32_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    uint32_t length = (uint32_t)sizeof digits - first;
    memcpy(text, digits + first, length);
    text[length] = '\0';
    return length;
}

/* Nothing, `B`, or a letter of KMGTPE with nothing, `B` or `iB` after it; any case. */
static bool size_unit_parse(struct bytes suffix, uint32_t *shift)
{
    static const char units[] = "kmgtpe";
    *shift = 0;
    if (suffix.size > 0) {
        const char *unit = memchr(units, suffix.data[0] | 0x20, sizeof units - 1);
        if (unit != NULL) {
            *shift = (uint32_t)(unit - units + 1) * 10;
            suffix = bytes_view(suffix.data + 1, suffix.size - 1);
        }
    }
    return suffix.size == 0 || bytes_equal_ignoring_case(suffix, bytes_of("b")) ||
           (*shift > 0 && bytes_equal_ignoring_case(suffix, bytes_of("ib")));
}
