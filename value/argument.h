/* What functions do with their arguments before they compute: refuse wrong kinds in the same words.
 *
 * Each returns STATUS_USAGE, "left takes a text, not a list", when the argument is none; the caller
 * has seen to null before. */
#ifndef GYRE_VALUE_ARGUMENT_H
#define GYRE_VALUE_ARGUMENT_H

#include "value/function.h"

/* "<function> takes <expected>, not <the kind of got>". */
enum status argument_error(const struct call *call, const char *function, const char *expected,
                           struct value got);

/* An INTEGER. */
enum status argument_integer(const struct call *call, const char *function, const char *expected,
                             struct value argument, int64_t *integer);

/* An INTEGER or a FLOAT. */
enum status argument_number(const struct call *call, const char *function, struct value argument,
                            double *number);
enum status argument_text(const struct call *call, const char *function, struct value argument,
                          struct bytes *text);

/* Whether any argument is null. */
bool arguments_have_null(const struct value *arguments, uint32_t count);

#endif
