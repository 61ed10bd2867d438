/* Numbers between text and machine, exact, and independent of the locale. */
#ifndef GYRE_BASE_NUMBER_H
#define GYRE_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { NUMBER_TEXT_BYTES = 40 };

/* Decimal, an optional sign, nothing else; false also on overflow. */
bool integer_parse(struct bytes text, int64_t *value);

/* As integer_parse, and hexadecimal as `0x0303` (only with the prefix, either case). */
bool integer_parse_any_base(struct bytes text, int64_t *value);

/* A decimal as written: `mantissa` / 10^`scale`, exactly. Accepts an optional sign, digits, and at
 * most 18 significant digits with at most 15 after the point; no exponent. The double it stands for
 * is (double)mantissa / 10^scale, correctly rounded, when |mantissa| <= 2^53. */
struct decimal {
    int64_t mantissa;
    uint32_t scale;
};
bool decimal_parse(struct bytes text, struct decimal *decimal);

/* Any finite decimal floating number, correctly rounded, with or without exponent. `inf`, `nan` and
 * hexadecimal are refused, so that nothing in a column compares oddly; so is text of more than
 * 1,100 bytes. */
bool float_parse(struct bytes text, double *value);

/* Whether a number is written with nothing that its value does not keep: no plus, no zeros before
 * another digit. What has these is rather a name, as accounts and telephones have. */
bool number_is_plain(struct bytes text);

/* The shortest text that reads back as the same number; `1` prints as `1.0`, so that a float is
 * seen to be one. Returns the length; NUL-terminated. */
uint32_t float_format(double value, char *text);
uint32_t integer_format(int64_t value, char *text);

/* `512`, `64K`, `1.5G`, `2GiB`, powers of 1024. False when it is none or does not fit. */
bool size_parse(struct bytes text, uint64_t *bytes);

/* For people: `23.4 MiB`. */
uint32_t size_format(uint64_t bytes, char *text);

/* 10^exponent as a double, exact, for exponent 0..22. */
double power_of_ten(uint32_t exponent);

#endif
