/* The end of a program that found itself wrong. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "gyre: %s:%d: this must hold and does not: %s\n", file, line, condition);
    abort();
}
