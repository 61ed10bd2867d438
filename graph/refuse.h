/* How a validator says what it found. For the validators of this floor and their tests. */
#ifndef GYRE_GRAPH_REFUSE_H
#define GYRE_GRAPH_REFUSE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { REFUSE_REASON_BYTES = 256 };

/* Writes the reason and is false, so that a check can end with it. */
__attribute__((format(printf, 2, 3))) static inline bool refuse(char *reason, const char *format,
                                                                ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, REFUSE_REASON_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

#endif
