/* Files: reading whole sources and writing whole results.
 *
 * The only place that calls open, read, write, mmap of files, rename (with base/descriptor.h, which
 * it shares with base/process.h alone); so that tests can make the k-th read or write fail. */
#ifndef GYRE_BASE_FILE_H
#define GYRE_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/stop.h"

/* The bytes of a file, mapped when it is a regular file, otherwise (a pipe, `-` for standard input)
 * read to its end. Immutable. A file that shrinks while it is mapped ends the program by SIGBUS on
 * any reader; gyre documents that inputs are not to be truncated while they load. */
struct file_view {
    const char *data;
    uint64_t size;
    uint64_t mapped_bytes; /* 0 when read, not mapped */
    void *owned;           /* what close gives back */
};

/* `limit_bytes` bounds what may be read from a pipe (0: none); beyond it STATUS_LIMIT. `stop`
 * (NULL: none) ends a read, also one that waits for a pipe. Errors name the path: no such file, a
 * directory, no permission, a read that fails. */
enum status file_open(struct file_view *file, const char *path, uint64_t limit_bytes,
                      struct stop *stop, struct error *error);
void file_close(struct file_view *file);

/* Gives back the pages that hold bytes [begin, end) and were mapped when these were read, so that
 * file_close finds little to do; who reads there again finds the same bytes. Thread-safe. Nothing
 * of a file that was read, not mapped. */
void file_pass(const struct file_view *file, uint64_t begin, uint64_t end);

/* An open file, for those who decide themselves where its bytes go. Owns its descriptor, but for
 * that of standard input. */
struct file_input {
    int descriptor;   /* negative: closed */
    const char *name; /* the path, or "standard input"; borrowed */
};

/* Errors as file_open. */
enum status file_input_open(struct file_input *input, const char *path, struct error *error);

/* An unnamed file in memory that holds a copy of `bytes`, to be read from its start by another
 * program. `name` is borrowed. */
enum status file_input_fill(struct file_input *input, struct bytes bytes, const char *name,
                            struct error *error);

/* Maps all of it. False when it has to be read: a pipe, a file system that maps nothing, standard
 * input that stands in the middle of its file, a file that says it is empty (those of /proc do). */
bool file_input_map(const struct file_input *input, struct file_view *file);

/* Reads at most `size` bytes; `*got` is 0 at the end. */
enum status file_input_read(const struct file_input *input, char *data, uint64_t size,
                            uint64_t *got, struct stop *stop, struct error *error);
void file_input_close(struct file_input *input);

/* STATUS_FAILED, saying why, when no file can be made in the directory. */
enum status file_check_directory(const char *path, struct error *error);

/* Output: standard output (`path` NULL or "-"), or a file that appears whole or not at all: written
 * as `path.partial-PID` beside it, synced, and renamed by file_writer_finish. */
struct file_writer;
enum status file_writer_open(struct file_writer **writer, const char *path, struct error *error);

/* From now on an interrupt of `stop` (NULL: none) ends what waits for the reader of a pipe. */
void file_writer_set_stop(struct file_writer *writer, struct stop *stop);

/* Buffered. A closed pipe (EPIPE) is STATUS_OK for the caller to go on but sets
 * file_writer_is_closed so that `gyre ... | head` ends quietly. */
enum status file_writer_put(struct file_writer *writer, const char *data, uint64_t size,
                            struct error *error);
bool file_writer_is_closed(const struct file_writer *writer);
bool file_writer_is_terminal(const struct file_writer *writer);

/* Columns of the terminal that it writes to; 0 when it is none, or does not say. */
uint32_t file_writer_columns(const struct file_writer *writer);

/* Flushes, syncs and renames. */
enum status file_writer_finish(struct file_writer *writer, struct error *error);

/* Without finish before it, removes the partial file. NULL is accepted. */
void file_writer_close(struct file_writer *writer);

/* For tests: the `after`-th read or write system call from now on fails with EIO. 0: off.
 * The sync and the rename of a finished file count as writes. */
void file_fault_set(uint64_t after);
uint64_t file_fault_count(void);

#endif
