/* What the program says on stderr. Everything begins with `gyre: `; colours only on a terminal, and
 * not when NO_COLOR is set. */
#ifndef GYRE_CLI_MESSAGE_H
#define GYRE_CLI_MESSAGE_H

#include "gyre.h"

/* The error with its place, and the line at fault with a caret where it has one. Returns the
 * error's status. */
int message_error(const struct gyre_error *error);

/* Wrong usage of `command` (NULL: of the program): the text, and where help is. Returns
 * GYRE_USAGE. */
int message_usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Another failure, without a place. */
void message_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Not a failure: a plain line. */
void message_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
