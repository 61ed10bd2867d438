/* Another program, run for what it writes on standard output.
 *
 * It gets a file as standard input, no more of our environment than PATH, UTC as its time zone, the
 * C locale, and a process group of its own, so that Ctrl-C reaches us and we end it. What it says
 * on standard error is kept, to be told with its exit status. One thread uses a process at a time.
 */
#ifndef GYRE_BASE_PROCESS_H
#define GYRE_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/file.h"
#include "base/status.h"
#include "base/stop.h"

enum { PROCESS_MESSAGE_BYTES = 400 };

/* Zeroed: closed. */
struct process {
    pid_t id; /* 0: none, or reaped */
    int output;
    int messages;
    char message[PROCESS_MESSAGE_BYTES]; /* the first that it said; NUL-terminated, one line */
    uint32_t message_bytes;
};

/* Starts `arguments[0]` (found by PATH), NULL behind the last argument. `*is_missing` tells that
 * there is no such program; then, as on any other failure, STATUS_FAILED. */
enum status process_open(struct process *process, const char *const *arguments,
                         const struct file_input *input, bool *is_missing, struct error *error);

/* Reads at most `size` bytes of its output; `*got` is 0 at the end. */
enum status process_read(struct process *process, char *data, uint64_t size, uint64_t *got,
                         struct stop *stop, struct error *error);

/* Waits for its end, after its output has ended. `*exit_code` is its exit code, or 128 and the
 * number of the signal that killed it. */
enum status process_wait(struct process *process, int *exit_code, struct stop *stop,
                         struct error *error);

/* Kills it where it still runs. */
void process_close(struct process *process);

#endif
