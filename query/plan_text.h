/* Plans as text: what is written goes into room of a limited size, and what does not fit there is
 * counted, so that a caller may ask for the length first. */
#ifndef GYRE_QUERY_PLAN_TEXT_H
#define GYRE_QUERY_PLAN_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct plan_text {
    char *text; /* NUL-terminated as soon as something was put and there is room */
    uint32_t size;
    uint32_t length; /* wanted so far */
    uint32_t indent; /* blanks before each line */
    bool is_in_line; /* the current line has begun */
};

/* Of up to PLAN_TEXT_PUT_BYTES - 1 bytes; the rest is cut off. */
enum { PLAN_TEXT_PUT_BYTES = 2048 };
void plan_text_put(struct plan_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void plan_text_put_bytes(struct plan_text *text, struct bytes bytes);

/* A JSON string; bytes that are no UTF-8 become U+FFFD. */
void plan_text_put_json(struct plan_text *text, struct bytes bytes);

/* A JSON number with one decimal; null when it is none. */
void plan_text_put_number(struct plan_text *text, double number);

/* The longest beginning of at most `size` bytes that does not end within a character. */
struct bytes plan_text_cut(struct bytes text, size_t size);

#endif
