/* Floats as decimal digits: the shortest that read back as the same float, and what rounding to a
 * number of places makes of them.
 *
 * Rounding works on those digits and not on the binary number, so that round(2.675, 2) is what
 * whoever wrote 2.675 expects. */
#ifndef GYRE_VALUE_FLOAT_TEXT_H
#define GYRE_VALUE_FLOAT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum { FLOAT_TEXT_BYTES = 40, FLOAT_DIGITS_MAX = 20 };

/* 0.d1 d2 d3 ... * 10^point, d1 not 0; no digits: zero. */
struct float_digits {
    bool is_negative;
    uint32_t count;
    int32_t point;
    char digits[FLOAT_DIGITS_MAX]; /* '0'..'9' */
};

/* How ties and the rest are rounded, by the names that round() has for them. */
enum rounding {
    ROUND_UP, /* away from zero */
    ROUND_DOWN,
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP, /* ties away from zero */
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
};

/* `value` is finite. */
void float_digits_init(struct float_digits *digits, double value);

/* To `places` after the point; negative ones round to tens, hundreds, ... */
void float_digits_round(struct float_digits *digits, int64_t places, enum rounding rounding);

/* The nearest float; an infinity when it is beyond all of them. */
double float_digits_value(const struct float_digits *digits);

/* As a query writes it: 1.0, 0.000001, 1e-7, 1000000000.0, 1.5e21; and NaN, Infinity, -Infinity.
 * Zero has no sign. `text` has room for FLOAT_TEXT_BYTES. Returns the length; NUL-terminated. */
uint32_t float_text(double value, char *text);

#endif
