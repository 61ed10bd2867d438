/* Sources mapped or read, results written whole or not at all.
 *
 * A mapping is made without MAP_POPULATE, which would read a whole file from disk before its first
 * row is parsed, and without MADV_SEQUENTIAL, which is not how workers that take chunks in turn go
 * through it. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/memory.h"

enum {
    READ_BYTES_MIN = 1 << 20,
    WRITE_BUFFER_BYTES = 1 << 20,
    NEW_FILE_MODE = 0666,
};

struct file_writer {
    int descriptor; /* -1 when closed */
    char *path;     /* where the result goes; for messages, when there is no partial file */
    char *partial;  /* what exists until finish renames it; NULL when written in place */
    char *buffer;   /* WRITE_BUFFER_BYTES */
    uint64_t used;  /* bytes of the buffer that wait */
    struct stop *stop;
    bool is_standard; /* standard output, which is not ours to close */
    bool is_regular;  /* which nobody has to read for the next byte to be written */
    bool is_pipe_closed;
    bool is_terminal;
    bool is_failed; /* a write failed, and finish must not pretend otherwise */
};

static bool is_standard(const char *path);
static enum status file_read_all(struct file_view *file, const struct file_input *input,
                                 uint64_t limit_bytes, struct stop *stop, struct error *error);
static enum status writer_open_path(struct file_writer *writer, const char *path,
                                    struct error *error);
static enum status writer_open_partial(struct file_writer *writer, const struct stat *replaced,
                                       struct error *error);
static enum status writer_write(struct file_writer *writer, const char *data, uint64_t size,
                                struct error *error);
static enum status writer_flush(struct file_writer *writer, struct error *error);
static enum status writer_settle(struct file_writer *writer, struct error *error);

enum status file_open(struct file_view *file, const char *path, uint64_t limit_bytes,
                      struct stop *stop, struct error *error)
{
    *file = (struct file_view){0};
    struct file_input input;
    TRY(file_input_open(&input, path, error));
    enum status status = STATUS_OK;
    if (!file_input_map(&input, file)) {
        status = file_read_all(file, &input, limit_bytes, stop, error);
    }
    file_input_close(&input);
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

/* The page in which a piece begins is given back with it, that in which it ends with the next. */
void file_pass(const struct file_view *file, uint64_t begin, uint64_t end)
{
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    begin -= begin % page_bytes;
    end -= end % page_bytes;
    if (file->mapped_bytes != 0 && begin < end) {
        (void)madvise((char *)file->owned + begin, end - begin, MADV_DONTNEED);
    }
}

enum status file_input_open(struct file_input *input, const char *path, struct error *error)
{
    bool is_input = is_standard(path);
    struct stat about;
    input->name = is_input ? "standard input" : path;
    input->descriptor = is_input ? STDIN_FILENO : descriptor_open(path, O_RDONLY, 0);
    if (input->descriptor < 0 || fstat(input->descriptor, &about) != 0) {
        error_set_errno(error, STATUS_INPUT, "cannot open %s", input->name);
    } else if (S_ISDIR(about.st_mode)) {
        error_set(error, STATUS_INPUT, "cannot read %s: it is a directory%s%s%s", input->name,
                  is_input ? "" : "; the files in it are '", is_input ? "" : path,
                  is_input ? "" : "/*'");
    } else {
        return STATUS_OK;
    }
    file_input_close(input);
    return STATUS_INPUT;
}

enum status file_input_fill(struct file_input *input, struct bytes bytes, const char *name,
                            struct error *error)
{
    *input = (struct file_input){memfd_create("gyre", MFD_CLOEXEC), name};
    bool is_filled = input->descriptor >= 0;
    for (uint64_t at = 0; is_filled && at < bytes.size;) {
        ssize_t put = descriptor_write(input->descriptor, bytes.data + at, bytes.size - at, NULL);
        is_filled = put > 0;
        at += is_filled ? (uint64_t)put : 0;
    }
    if (is_filled && lseek(input->descriptor, 0, SEEK_SET) == 0) {
        return STATUS_OK;
    }
    error_set_errno(error, STATUS_FAILED, "cannot keep %s in memory", name);
    file_input_close(input);
    return STATUS_FAILED;
}

bool file_input_map(const struct file_input *input, struct file_view *file)
{
    struct stat about;
    if (fstat(input->descriptor, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size <= 0 ||
        (uint64_t)about.st_size > SIZE_MAX || lseek(input->descriptor, 0, SEEK_CUR) != 0) {
        return false;
    }
    size_t size = (size_t)about.st_size;
    void *mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, input->descriptor, 0);
    if (mapping == MAP_FAILED) {
        return false;
    }
    *file = (struct file_view){.data = mapping, .size = size, .mapped_bytes = size};
    file->owned = mapping;
    return true;
}

enum status file_input_read(const struct file_input *input, char *data, uint64_t size,
                            uint64_t *got, struct stop *stop, struct error *error)
{
    ssize_t count = descriptor_read(input->descriptor, data, size, stop);
    *got = count > 0 ? (uint64_t)count : 0;
    if (count >= 0) {
        return STATUS_OK;
    }
    if (errno == ECANCELED) {
        return stop_error(stop, "reading", error);
    }
    return error_set_errno(error, STATUS_FAILED, "cannot read %s", input->name);
}

void file_input_close(struct file_input *input)
{
    if (input->descriptor != STDIN_FILENO) {
        descriptor_close(input->descriptor);
    }
    input->descriptor = -1;
}

enum status file_check_directory(const char *path, struct error *error)
{
    struct stat about;
    bool is_there = stat(path, &about) == 0;
    if (is_there && !S_ISDIR(about.st_mode)) {
        return error_set(error, STATUS_FAILED, "cannot write to %s: it is no directory", path);
    }
    return is_there && access(path, W_OK | X_OK) == 0
               ? STATUS_OK
               : error_set_errno(error, STATUS_FAILED, "cannot write to %s", path);
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
    struct stat about;
    opened->is_terminal = isatty(opened->descriptor) == 1;
    opened->is_regular = fstat(opened->descriptor, &about) == 0 && S_ISREG(about.st_mode);
    *writer = opened;
    opened = NULL;

done:
    file_writer_close(opened);
    return status;
}

void file_writer_set_stop(struct file_writer *writer, struct stop *stop)
{
    writer->stop = stop;
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

uint32_t file_writer_columns(const struct file_writer *writer)
{
    struct winsize size;
    bool is_told = writer->is_terminal && ioctl(writer->descriptor, TIOCGWINSZ, &size) == 0;
    return is_told ? size.ws_col : 0;
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
    descriptor_fault_set(after);
}

uint64_t file_fault_count(void)
{
    return descriptor_fault_count();
}

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* Doubles its block, so that each byte is copied once on average; asks for one byte more than the
 * limit, so that a source that just fits it is not refused. */
static enum status file_read_all(struct file_view *file, const struct file_input *input,
                                 uint64_t limit_bytes, struct stop *stop, struct error *error)
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
                status =
                    error_set(error, STATUS_FAILED, "out of memory while reading %s", input->name);
                goto done;
            }
            block = grown;
            room = grown_room;
        }
        uint64_t got;
        TRY_DONE(file_input_read(input, block + size, room - size, &got, stop, error));
        size += got;
        if (limit_bytes != 0 && size > limit_bytes) {
            status = error_set(error, STATUS_LIMIT,
                               "%s is longer than the %llu bytes that may be read from a pipe",
                               input->name, (unsigned long long)limit_bytes);
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
        ssize_t put = descriptor_write(writer->descriptor, data + written, size - written,
                                       writer->is_regular ? NULL : writer->stop);
        if (put < 0 && errno == EPIPE) {
            writer->is_pipe_closed = true;
        } else if (put < 0 && errno == ECANCELED) {
            writer->is_failed = true;
            return error_set(error, STATUS_INTERRUPTED, "interrupted while writing");
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
    bool is_synced = !descriptor_fault_due() && fsync(writer->descriptor) == 0;
    int sync_errno = errno;
    bool is_closed = close(writer->descriptor) == 0;
    writer->descriptor = -1;
    if (!is_synced) {
        errno = sync_errno;
    }
    if (!is_synced || !is_closed || descriptor_fault_due() ||
        rename(writer->partial, writer->path) != 0) {
        writer->is_failed = true;
        return error_set_errno(error, STATUS_FAILED, "cannot write %s", writer->path);
    }
    memory_free(writer->partial);
    writer->partial = NULL;
    return STATUS_OK;
}
