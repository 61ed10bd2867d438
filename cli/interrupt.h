/* Ctrl-C and SIGTERM: the first one asks what runs to end, the second one kills. */
#ifndef GYRE_CLI_INTERRUPT_H
#define GYRE_CLI_INTERRUPT_H

#include <stdbool.h>

#include "gyre.h"

/* From now on a signal stops `engine` (may be NULL) and sets the flag. */
void interrupt_install(struct gyre_engine *engine);

/* The engine is about to be closed. */
void interrupt_forget(void);

bool interrupt_is_set(void);

/* What the signal sets to 1. */
const volatile int *interrupt_flag(void);

#endif
