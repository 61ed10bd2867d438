/* Ctrl-C and SIGTERM; see interrupt.h. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static struct gyre_engine *volatile stopped_engine;
static volatile int is_interrupted;
static volatile int is_terminated;

static void handle(int number)
{
    is_interrupted = 1;
    is_terminated = number == SIGTERM ? 1 : is_terminated;
    if (stopped_engine != NULL) {
        gyre_engine_stop(stopped_engine);
    }
}

void interrupt_install(struct gyre_engine *engine)
{
    stopped_engine = engine;
    struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_renew(struct gyre_engine *engine)
{
    is_interrupted = 0;
    stopped_engine = engine;
    struct sigaction action = {.sa_handler = handle};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

bool interrupt_is_end(void)
{
    return is_terminated != 0;
}

void interrupt_forget(void)
{
    stopped_engine = NULL;
}

bool interrupt_is_set(void)
{
    return is_interrupted != 0;
}

const volatile int *interrupt_flag(void)
{
    return &is_interrupted;
}
