/* Sources mapped or read, results written whole or not at all.
 *
 * A mapping is made without MAP_POPULATE, which would read a whole file from disk before its first
 * row is parsed, and without MADV_SEQUENTIAL, which is not how workers that take chunks in turn go
 * through it. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    READ_BYTES_MIN = 1 << 20,
    WRITE_BUFFER_BYTES = 1 << 20,
    WRITE_CALL_BYTES_MAX = 1 << 30, /* the kernel takes no 2 GiB at once */
    NEW_FILE_MODE = 0666,
};

struct file_writer {
    int descriptor;   /* -1 when closed */
    char *path;       /* where the result goes; for messages, when there is no partial file */
    char *partial;    /* what exists until finish renames it; NULL when written in place */
    char *buffer;     /* WRITE_BUFFER_BYTES */
    uint64_t used;    /* bytes of the buffer that wait */
    bool is_standard; /* standard output, which is not ours to close */
    bool is_pipe_closed;
    bool is_terminal;
    bool is_failed; /* a write failed, and finish must not pretend otherwise */
};

/* A test's switch: relaxed, since nothing is published through it. */
static _Atomic uint64_t fault_after;
static _Atomic uint64_t fault_count;

static bool fault_is_due(void);
static bool is_standard(const char *path);
static int descriptor_open(const char *path, int flags, mode_t mode);
static bool descriptor_wait(int descriptor, short events);
static ssize_t descriptor_read(int descriptor, char *data, uint64_t size);
static ssize_t descriptor_write(int descriptor, const char *data, uint64_t size);
static bool file_map(struct file_view *file, int descriptor, const struct stat *about);
static enum status file_read_all(struct file_view *file, int descriptor, const char *path,
                                 uint64_t limit_bytes, struct error *error);
static enum status writer_open_path(struct file_writer *writer, const char *path,
                                    struct error *error);
static enum status writer_open_partial(struct file_writer *writer, const struct stat *replaced,
                                       struct error *error);
static enum status writer_write(struct file_writer *writer, const char *data, uint64_t size,
                                struct error *error);
static enum status writer_flush(struct file_writer *writer, struct error *error);
static enum status writer_settle(struct file_writer *writer, struct error *error);

enum status file_open(struct file_view *file, const char *path, uint64_t limit_bytes,
                      struct error *error)
{
    *file = (struct file_view){0};
    bool is_input = is_standard(path);
    const char *name = is_input ? "standard input" : path;
    enum status status = STATUS_OK;
    struct stat about;
    int descriptor = is_input ? STDIN_FILENO : descriptor_open(path, O_RDONLY, 0);
    if (descriptor < 0 || fstat(descriptor, &about) != 0) {
        status = error_set_errno(error, STATUS_INPUT, "cannot open %s", name);
        goto done;
    }
    if (S_ISDIR(about.st_mode)) {
        status = error_set(error, STATUS_INPUT, "cannot read %s: it is a directory", name);
        goto done;
    }
    /* Files that say that they are empty are read: those of /proc say so and are not. */
    if (S_ISREG(about.st_mode) && about.st_size > 0 && file_map(file, descriptor, &about)) {
        goto done;
    }
    status = file_read_all(file, descriptor, name, limit_bytes, error);

done:
    if (!is_input && descriptor >= 0) {
        close(descriptor);
    }
    return status;
}

void file_close(struct file_view *file)
{
    if (file->mapped_bytes != 0) {
        munmap(file->owned, file->mapped_bytes);
    } else {
        memory_free(file->owned);
    }
    *file = (struct file_view){0};
}

enum status file_writer_open(struct file_writer **writer, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    *writer = NULL;
    struct file_writer *opened = memory_allocate(1, sizeof *opened);
    if (opened == NULL) {
        return error_set_memory(error, "opening the output");
    }
    opened->descriptor = -1;
    opened->buffer = memory_allocate(WRITE_BUFFER_BYTES, 1);
    if (opened->buffer == NULL) {
        status = error_set_memory(error, "opening the output");
        goto done;
    }
    if (path == NULL || is_standard(path)) {
        opened->descriptor = STDOUT_FILENO;
        opened->is_standard = true;
    } else {
        TRY_DONE(writer_open_path(opened, path, error));
    }
    opened->is_terminal = isatty(opened->descriptor) == 1;
    *writer = opened;
    opened = NULL;

done:
    file_writer_close(opened);
    return status;
}

enum status file_writer_put(struct file_writer *writer, const char *data, uint64_t size,
                            struct error *error)
{
    if (size > WRITE_BUFFER_BYTES - writer->used) {
        TRY(writer_flush(writer, error));
    }
    if (size >= WRITE_BUFFER_BYTES) {
        return writer_write(writer, data, size, error);
    }
    if (size > 0) {
        memcpy(writer->buffer + writer->used, data, size);
        writer->used += size;
    }
    return STATUS_OK;
}

bool file_writer_is_closed(const struct file_writer *writer)
{
    return writer->is_pipe_closed;
}

bool file_writer_is_terminal(const struct file_writer *writer)
{
    return writer->is_terminal;
}

enum status file_writer_finish(struct file_writer *writer, struct error *error)
{
    TRY(writer_flush(writer, error));
    if (writer->is_failed) {
        return error_set(error, STATUS_FAILED, "cannot write %s: an earlier write failed",
                         writer->path != NULL ? writer->path : "standard output");
    }
    return writer->partial != NULL ? writer_settle(writer, error) : STATUS_OK;
}

void file_writer_close(struct file_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->descriptor >= 0 && !writer->is_standard) {
        close(writer->descriptor);
    }
    if (writer->partial != NULL) {
        unlink(writer->partial);
    }
    memory_free(writer->partial);
    memory_free(writer->path);
    memory_free(writer->buffer);
    memory_free(writer);
}

void file_fault_set(uint64_t after)
{
    atomic_store_explicit(&fault_count, 0, memory_order_relaxed);
    atomic_store_explicit(&fault_after, after, memory_order_relaxed);
}

uint64_t file_fault_count(void)
{
    return atomic_load_explicit(&fault_count, memory_order_relaxed);
}

static bool fault_is_due(void)
{
    uint64_t count = atomic_fetch_add_explicit(&fault_count, 1, memory_order_relaxed) + 1;
    if (count != atomic_load_explicit(&fault_after, memory_order_relaxed)) {
        return false;
    }
    errno = EIO;
    return true;
}

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

static int descriptor_open(const char *path, int flags, mode_t mode)
{
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* A descriptor handed to us may have been made non-blocking by whoever shares it. */
static bool descriptor_wait(int descriptor, short events)
{
    struct pollfd wanted = {.fd = descriptor, .events = events};
    return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

/* As read, gone through interruptions. 0 at the end, negative on failure. */
static ssize_t descriptor_read(int descriptor, char *data, uint64_t size)
{
    for (;;) {
        ssize_t got = fault_is_due() ? -1 : read(descriptor, data, size);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN) ||
            (errno == EAGAIN && !descriptor_wait(descriptor, POLLIN))) {
            return got;
        }
    }
}

static ssize_t descriptor_write(int descriptor, const char *data, uint64_t size)
{
    size = size < WRITE_CALL_BYTES_MAX ? size : WRITE_CALL_BYTES_MAX;
    for (;;) {
        ssize_t put = fault_is_due() ? -1 : write(descriptor, data, size);
        if (put >= 0 || (errno != EINTR && errno != EAGAIN) ||
            (errno == EAGAIN && !descriptor_wait(descriptor, POLLOUT))) {
            return put;
        }
    }
}

/* False when the file is to be read instead: some file systems map nothing, and standard input may
 * stand in the middle of its file. */
static bool file_map(struct file_view *file, int descriptor, const struct stat *about)
{
    if (lseek(descriptor, 0, SEEK_CUR) != 0 || (uint64_t)about->st_size > SIZE_MAX) {
        return false;
    }
    size_t size = (size_t)about->st_size;
    void *mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapping == MAP_FAILED) {
        return false;
    }
    *file = (struct file_view){.data = mapping, .size = size, .mapped_bytes = size};
    file->owned = mapping;
    return true;
}

/* Doubles its block, so that each byte is copied once on average; asks for one byte more than the
 * limit, so that a source that just fits it is not refused. */
static enum status file_read_all(struct file_view *file, int descriptor, const char *path,
                                 uint64_t limit_bytes, struct error *error)
{
    enum status status = STATUS_OK;
    char *block = NULL;
    uint64_t room = 0;
    uint64_t size = 0;
    for (;;) {
        if (size == room) {
            uint64_t grown_room = room == 0 ? READ_BYTES_MIN : room * 2;
            char *grown = memory_resize(block, grown_room, 1);
            if (grown == NULL) {
                status = error_set(error, STATUS_FAILED, "out of memory while reading %s", path);
                goto done;
            }
            block = grown;
            room = grown_room;
        }
        ssize_t got = descriptor_read(descriptor, block + size, room - size);
        if (got < 0) {
            status = error_set_errno(error, STATUS_FAILED, "cannot read %s", path);
            goto done;
        }
        size += (uint64_t)got;
        if (limit_bytes != 0 && size > limit_bytes) {
            status = error_set(error, STATUS_LIMIT,
                               "%s is longer than the %llu bytes that may be read from a pipe",
                               path, (unsigned long long)limit_bytes);
            goto done;
        }
        if (got == 0) {
            break;
        }
    }
    *file = (struct file_view){.data = block, .size = size};
    file->owned = block;
    block = NULL;

done:
    memory_free(block);
    return status;
}

/* Only what is no regular file (a device, a pipe) is written in place. A symbolic link stays, and
 * what it leads to is replaced. */
static enum status writer_open_path(struct file_writer *writer, const char *path,
                                    struct error *error)
{
    struct stat about;
    bool exists = stat(path, &about) == 0;
    if (exists && S_ISDIR(about.st_mode)) {
        return error_set(error, STATUS_FAILED, "cannot write %s: it is a directory", path);
    }
    char resolved[PATH_MAX];
    bool is_resolved = exists && realpath(path, resolved) != NULL;
    const char *target = is_resolved ? resolved : path;
    writer->path = memory_copy_text(target, strlen(target));
    if (writer->path == NULL) {
        return error_set_memory(error, "opening the output");
    }
    if (!exists || S_ISREG(about.st_mode)) {
        return writer_open_partial(writer, exists ? &about : NULL, error);
    }
    writer->descriptor = descriptor_open(path, O_WRONLY, 0);
    if (writer->descriptor < 0) {
        return error_set_errno(error, STATUS_FAILED, "cannot write %s", path);
    }
    return STATUS_OK;
}

static enum status writer_open_partial(struct file_writer *writer, const struct stat *replaced,
                                       struct error *error)
{
    size_t room = strlen(writer->path) + 32;
    char *partial = memory_allocate(room, 1);
    if (partial == NULL) {
        return error_set_memory(error, "opening the output");
    }
    snprintf(partial, room, "%s.partial-%ld", writer->path, (long)getpid());
    writer->descriptor =
        descriptor_open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, NEW_FILE_MODE);
    if (writer->descriptor < 0) {
        enum status status = error_set_errno(error, STATUS_FAILED, "cannot write %s", writer->path);
        memory_free(partial);
        return status;
    }
    writer->partial = partial;
    /* The new file is as readable as the one that it replaces; where that may not be, it is as
     * readable as any new one. */
    if (replaced != NULL) {
        (void)fchmod(writer->descriptor, replaced->st_mode & 0777);
    }
    return STATUS_OK;
}

static enum status writer_write(struct file_writer *writer, const char *data, uint64_t size,
                                struct error *error)
{
    uint64_t written = 0;
    while (written < size && !writer->is_pipe_closed) {
        ssize_t put = descriptor_write(writer->descriptor, data + written, size - written);
        if (put < 0 && errno == EPIPE) {
            writer->is_pipe_closed = true;
        } else if (put < 0) {
            writer->is_failed = true;
            return error_set_errno(error, STATUS_FAILED, "cannot write %s",
                                   writer->path != NULL ? writer->path : "standard output");
        } else {
            written += (uint64_t)put;
        }
    }
    return STATUS_OK;
}

static enum status writer_flush(struct file_writer *writer, struct error *error)
{
    uint64_t size = writer->used;
    writer->used = 0;
    return writer_write(writer, writer->buffer, size, error);
}

/* Synced before it is renamed: after a power cut there is the old file or the new one, whole. */
static enum status writer_settle(struct file_writer *writer, struct error *error)
{
    bool is_synced = !fault_is_due() && fsync(writer->descriptor) == 0;
    int sync_errno = errno;
    bool is_closed = close(writer->descriptor) == 0;
    writer->descriptor = -1;
    if (!is_synced) {
        errno = sync_errno;
    }
    if (!is_synced || !is_closed || fault_is_due() || rename(writer->partial, writer->path) != 0) {
        writer->is_failed = true;
        return error_set_errno(error, STATUS_FAILED, "cannot write %s", writer->path);
    }
    memory_free(writer->partial);
    writer->partial = NULL;
    return STATUS_OK;
}
