/* Ctrl-C and SIGTERM; see interrupt.h. */
#include "cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static struct gyre_engine *volatile stopped_engine;
static volatile int is_interrupted;
static volatile int is_terminated;

/* A pipe, once interrupt_renew was called: to look at a flag and then to wait would miss the signal
 * between the two, and a wait ends only in the thread that the signal is given to. */
static int wake[2] = {-1, -1};

static void handle(int number)
{
    is_interrupted = 1;
    is_terminated = number == SIGTERM ? 1 : is_terminated;
    int reason = errno;
    ssize_t written = write(wake[1], "", 1); /* a pipe that is full wakes as well */
    (void)written;
    errno = reason;
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
    char bytes[64];
    if (wake[0] < 0 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        wake[0] = -1;
        wake[1] = -1;
    }
    while (read(wake[0], bytes, sizeof bytes) > 0) {
    }
    is_interrupted = 0;
    stopped_engine = engine;
    struct sigaction action = {.sa_handler = handle};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

int interrupt_descriptor(void)
{
    return wake[0];
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
