/* The input: files in the order given, cut into chunks of whole lines.
 *
 * A chunk is the lines that begin in its share (CHUNK_BYTES) of a file, so that any worker can find
 * its bounds alone, and a line of any length has one owner and is searched for its end once. Chunks
 * are numbered over all files. Immutable once cut; borrowed by all workers. */
#ifndef GYRE_LOADER_SOURCE_H
#define GYRE_LOADER_SOURCE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/status.h"

#define CHUNK_BYTES (UINT64_C(1) << 20)

struct source_file {
    const char *name; /* for people: the path, or "standard input" */
    struct file_view view;
    uint64_t header_begin; /* behind a byte order mark */
    uint64_t data_begin;   /* behind the header line */
    uint32_t chunk_base;   /* number of its first chunk */
};

/* Zeroed: empty. */
struct source {
    struct source_file *files; /* [file_count] */
    uint32_t file_count;
    uint32_t chunk_count;
    uint64_t bytes;
};

struct chunk {
    const struct source_file *file;
    uint32_t file_index;
    uint64_t begin; /* begin == end: no line begins in this chunk's share */
    uint64_t end;   /* behind a newline, or the end of the file */
};

/* Opens all files and finds their first lines. `paths` must outlive the source; "-" is standard
 * input, and can be given once. `limit_bytes` as in file_open. Errors, STATUS_INPUT: no such file,
 * a directory, an empty file, a first line over LINE_BYTES_MAX. */
enum status source_open(struct source *source, const char *const *paths, uint32_t path_count,
                        uint64_t limit_bytes, struct error *error);
void source_close(struct source *source);

/* The first line, without byte order mark and line end. */
struct bytes source_header(const struct source_file *file);

/* The bounds of a chunk; a search for newlines, linear in the chunk and its last line. */
struct chunk source_chunk(const struct source *source, uint32_t index);

#endif
