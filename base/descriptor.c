#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

enum { WRITE_CALL_BYTES_MAX = 1 << 30 }; /* the kernel takes no 2 GiB at once */

/* A test's switch: relaxed, since nothing is published through it. */
static _Atomic uint64_t fault_after;
static _Atomic uint64_t fault_count;

int descriptor_open(const char *path, int flags, mode_t mode)
{
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* What was found until a limit is still written. */
static bool is_over(short events, struct stop *stop)
{
    return events == POLLOUT ? stop_is_interrupted(stop) : stop != NULL && stop_poll(stop);
}

/* Until something can be done, or fails when it is done. False when work is to stop: the signal
 * that asks for it may come just before the wait, so that the wait has to end by itself. */
static bool descriptor_wait(int descriptor, short events, struct stop *stop)
{
    struct pollfd wanted = {.fd = descriptor, .events = events};
    for (;;) {
        if (is_over(events, stop)) {
            errno = ECANCELED;
            return false;
        }
        int ready = poll(&wanted, 1, stop != NULL ? DESCRIPTOR_POLL_MS : -1);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true;
        }
    }
}

ssize_t descriptor_read(int descriptor, char *data, uint64_t size, struct stop *stop)
{
    /* Without a stop only a descriptor that whoever shares it made non-blocking has to be waited
     * for. */
    bool must_wait = stop != NULL;
    for (;;) {
        if (must_wait && !descriptor_wait(descriptor, POLLIN, stop)) {
            return -1;
        }
        ssize_t got = descriptor_fault_due() ? -1 : read(descriptor, data, size);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return got;
        }
        must_wait = must_wait || errno == EAGAIN;
    }
}

ssize_t descriptor_write(int descriptor, const char *data, uint64_t size, struct stop *stop)
{
    /* A pipe that takes anything takes so much at once, without a wait. */
    uint64_t most = stop != NULL ? PIPE_BUF : WRITE_CALL_BYTES_MAX;
    bool must_wait = stop != NULL;
    size = size < most ? size : most;
    for (;;) {
        if (must_wait && !descriptor_wait(descriptor, POLLOUT, stop)) {
            return -1;
        }
        ssize_t put = descriptor_fault_due() ? -1 : write(descriptor, data, size);
        if (put >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return put;
        }
        must_wait = must_wait || errno == EAGAIN;
    }
}

void descriptor_close(int descriptor)
{
    if (descriptor >= 0) {
        close(descriptor);
    }
}

bool descriptor_fault_due(void)
{
    uint64_t count = atomic_fetch_add_explicit(&fault_count, 1, memory_order_relaxed) + 1;
    if (count != atomic_load_explicit(&fault_after, memory_order_relaxed)) {
        return false;
    }
    errno = EIO;
    return true;
}

void descriptor_fault_set(uint64_t after)
{
    atomic_store_explicit(&fault_count, 0, memory_order_relaxed);
    atomic_store_explicit(&fault_after, after, memory_order_relaxed);
}

uint64_t descriptor_fault_count(void)
{
    return atomic_load_explicit(&fault_count, memory_order_relaxed);
}
