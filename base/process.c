#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/memory.h"

enum { PIPE_BYTES = 1 << 20 };

static int spawn(struct process *process, const char *const *arguments, int input, int output,
                 int messages);
static bool open_pipe(int ends[2]);
static bool keep_message(struct process *process);

enum status process_open(struct process *process, const char *const *arguments,
                         const struct file_input *input, bool *is_missing, struct error *error)
{
    *process = (struct process){.output = -1, .messages = -1};
    *is_missing = false;
    int output[2] = {-1, -1};
    int messages[2] = {-1, -1};
    int failure = 0;
    if (!open_pipe(output) || !open_pipe(messages)) {
        failure = errno;
        goto done;
    }
    /* A program is fast only when it need not wait for each 64 KiB to be taken. */
    (void)fcntl(output[1], F_SETPIPE_SZ, PIPE_BYTES);
    failure = spawn(process, arguments, input->descriptor, output[1], messages[1]);

done:
    descriptor_close(output[1]);
    descriptor_close(messages[1]);
    process->output = output[0];
    process->messages = messages[0];
    if (failure == 0) {
        return STATUS_OK;
    }
    process->id = 0;
    process_close(process);
    *is_missing = failure == ENOENT;
    errno = failure;
    return error_set_errno(error, STATUS_FAILED, "cannot start %s", arguments[0]);
}

enum status process_read(struct process *process, char *data, uint64_t size, uint64_t *got,
                         struct stop *stop, struct error *error)
{
    *got = 0;
    while (process->output >= 0 || process->messages >= 0) {
        struct pollfd ready[] = {{.fd = process->output, .events = POLLIN},
                                 {.fd = process->messages, .events = POLLIN}};
        if (stop != NULL && stop_poll(stop)) {
            return stop_error(stop, "reading", error);
        }
        if (poll(ready, 2, DESCRIPTOR_POLL_MS) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return error_set_errno(error, STATUS_FAILED, "cannot wait for a program");
        }
        if (ready[1].revents != 0 && !keep_message(process)) {
            descriptor_close(process->messages);
            process->messages = -1;
        }
        if (ready[0].revents != 0) {
            ssize_t count = descriptor_read(process->output, data, size, NULL);
            if (count < 0) {
                return error_set_errno(error, STATUS_FAILED, "cannot read from a program");
            }
            if (count > 0) {
                *got = (uint64_t)count;
                return STATUS_OK;
            }
            descriptor_close(process->output);
            process->output = -1;
        }
    }
    return STATUS_OK;
}

enum status process_wait(struct process *process, int *exit_code, struct stop *stop,
                         struct error *error)
{
    int state = 0;
    pid_t ended;
    while ((ended = waitpid(process->id, &state, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
        if (stop != NULL && stop_poll(stop)) {
            return stop_error(stop, "reading", error);
        }
        (void)poll(NULL, 0, 1); /* it has closed its output: this is its last moment */
    }
    process->id = 0;
    if (ended < 0) {
        return error_set_errno(error, STATUS_FAILED, "cannot learn how a program ended");
    }
    *exit_code = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
    return STATUS_OK;
}

void process_close(struct process *process)
{
    if (process->id != 0) {
        kill(process->id, SIGKILL);
        while (waitpid(process->id, NULL, 0) < 0 && errno == EINTR) {
        }
        process->id = 0;
    }
    /* Neither is ever one of the first three: zeroed, they are closed. */
    if (process->output > STDERR_FILENO) {
        descriptor_close(process->output);
    }
    if (process->messages > STDERR_FILENO) {
        descriptor_close(process->messages);
    }
    process->output = -1;
    process->messages = -1;
}

/* A descriptor must not be one of those that the child's own are put over. */
static int above_standard(int descriptor)
{
    if (descriptor < 0 || descriptor > STDERR_FILENO) {
        return descriptor;
    }
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    descriptor_close(descriptor);
    return moved;
}

static bool open_pipe(int ends[2])
{
    if (descriptor_fault_due() || pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = -1;
        ends[1] = -1;
        return false;
    }
    ends[0] = above_standard(ends[0]);
    ends[1] = above_standard(ends[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

/* Reads what the program says on standard error: the first of it is kept, as one line, the rest is
 * let go. False at its end. */
static bool keep_message(struct process *process)
{
    char text[1024];
    ssize_t count = descriptor_read(process->messages, text, sizeof text, NULL);
    for (ssize_t at = 0; at < count && process->message_bytes < PROCESS_MESSAGE_BYTES - 1; at++) {
        bool is_blank = (unsigned char)text[at] <= ' ';
        bool follows_blank =
            process->message_bytes == 0 || process->message[process->message_bytes - 1] == ' ';
        if (!is_blank || !follows_blank) {
            process->message[process->message_bytes++] = is_blank ? ' ' : text[at];
        }
    }
    return count > 0;
}

/* Returns 0 or an error number. */
static int spawn(struct process *process, const char *const *arguments, int input, int output,
                 int messages)
{
    const char *path = getenv("PATH");
    size_t path_bytes = path == NULL ? 0 : strlen(path);
    char *path_variable = memory_allocate(path_bytes + sizeof "PATH=", 1);
    if (path_variable == NULL) {
        return ENOMEM;
    }
    memcpy(path_variable, "PATH=", 5);
    if (path_bytes > 0) {
        memcpy(path_variable + 5, path, path_bytes);
    }
    char zone[] = "TZ=UTC";
    char locale[] = "LC_ALL=C";
    char *environment[] = {zone, locale, path == NULL ? NULL : path_variable, NULL};

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) {
        memory_free(path_variable);
        return failure;
    }
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETPGROUP);
        /* The standard has it that arguments are not written to, which its types cannot say. */
        failure = posix_spawnp(&process->id, arguments[0], &actions, &attributes,
                               (char *const *)(uintptr_t)arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    memory_free(path_variable);
    return failure;
}
