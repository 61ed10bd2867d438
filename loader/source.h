/* The input: files in the order given, cut into chunks of whole lines.
 *
 * A chunk is the lines that begin in its share (chunk_bytes) of a file, so that any worker can find
 * its bounds alone, and a line of any length has one owner and is searched for its end once. Chunks
 * are numbered over all files. Immutable once cut; borrowed by all workers.
 *
 * A worker has room for a block and for the rows of a chunk, wide. Chunks of small inputs are
 * small, and few workers parse them, so that this room is little beside the graph, however large
 * the team is. */
#ifndef GYRE_LOADER_SOURCE_H
#define GYRE_LOADER_SOURCE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/file_list.h"
#include "base/status.h"
#include "base/stop.h"
#include "loader/content.h"
#include "numa/team.h"

#define CHUNK_BYTES_MIN (UINT64_C(64) << 10)
#define CHUNK_BYTES_MAX (UINT64_C(1) << 20)

struct source_file {
    const char *name; /* for people: the path, or "standard input" */
    struct content content;
    struct file_view view; /* of the content: text, decompressed */
    uint64_t header_begin; /* behind a byte order mark */
    uint64_t data_begin;   /* behind the header, once that was read (loader/layout.h); until then
                              header_begin */
    uint32_t chunk_base;   /* number of its first chunk */
};

/* Zeroed: empty. */
struct source {
    struct file_list list;     /* of the paths, each file once */
    struct file_list repeated; /* those that led to a file of the list once more */
    struct arena *arena;       /* of the contents that are not mapped */
    struct source_file *files; /* [file_count] */
    uint32_t file_count;
    uint32_t chunk_count;
    uint64_t chunk_bytes;
    uint64_t bytes;
    uint32_t worker_count; /* of the team, the first ones: those that parse */
};

struct chunk {
    const struct source_file *file;
    uint32_t file_index;
    uint64_t begin; /* begin == end: no line begins in this chunk's share */
    uint64_t end;   /* behind a newline, or the end of the file */
};

/* Opens all files, several at once on the team. A path with * ? or [ in it that names no file
 * stands for the files that it matches, in ascending order; "-" is standard input, and can be given
 * once. A file that is given several times is opened once, since flows that are there twice would
 * make wrong answers. Errors as those of content_open, of the first file that fails; STATUS_INPUT
 * for an empty file or a pattern that matches none. `source` is zeroed by the caller, who closes it
 * also on failure. */
enum status source_open(struct source *source, const char *const *paths, uint32_t path_count,
                        struct team *team, struct budget *budget, struct stop *stop,
                        struct error *error);
void source_close(struct source *source);

/* What stands before the data, without byte order mark and last line end: usually one line, several
 * in Zeek's logs, none in a file without header. */
struct bytes source_header(const struct source_file *file);

/* The number of the line at data_begin, from 1. */
uint64_t source_first_line(const struct source_file *file);

/* The bounds of a chunk; a search for newlines, linear in the chunk and its last line. */
struct chunk source_chunk(const struct source *source, uint32_t index);

#endif
