/* Ctrl-C and SIGTERM: the first one asks what runs to end, the second one kills; but where
 * questions are asked one by one, Ctrl-C is meant for one of them. */
#ifndef GYRE_CLI_INTERRUPT_H
#define GYRE_CLI_INTERRUPT_H

#include <stdbool.h>

#include "gyre.h"

/* From now on a signal stops `engine` (may be NULL) and sets the flag. */
void interrupt_install(struct gyre_engine *engine);

/* The same for one question of several: the flag is cleared, and Ctrl-C may come as often as it
 * likes. SIGTERM is not for one question alone: interrupt_is_end. */
void interrupt_renew(struct gyre_engine *engine);
bool interrupt_is_end(void);

/* What can be read from a signal on, wherever it is seen, until interrupt_renew; for who waits for
 * something else at the same time. -1: nothing. */
int interrupt_descriptor(void);

/* The engine is about to be closed. */
void interrupt_forget(void);

bool interrupt_is_set(void);

/* What the signal sets to 1. */
const volatile int *interrupt_flag(void);

#endif
