/* Rows that are not loaded: counted by reason, the first of each kept as a sample, and all their
 * lines listed when someone wants to see them.
 *
 * Each worker has a log of its own; a worker sees its chunks in ascending order, and the lines of a
 * chunk in order, so that its first of a reason is the first. The logs are united after the pass.
 */
#ifndef GYRE_LOADER_REJECT_H
#define GYRE_LOADER_REJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "loader/load.h"
#include "loader/source.h"

/* A line, by its chunk and its number in it from 0. Such places are ordered as the input is. */
struct place {
    uint32_t chunk;
    uint64_t line;
};

static inline bool place_is_before(struct place left, struct place right)
{
    return left.chunk < right.chunk || (left.chunk == right.chunk && left.line < right.line);
}

/* What is known of a chunk after a pass. */
struct chunk_tally {
    uint64_t line_count;
    uint64_t passed_count; /* rows that are passed over */
    uint64_t first_line;   /* of its file, from 1, once the tallies are summed */
    uint64_t reject_begin; /* its lines in the log of its worker */
    uint64_t reject_count;
    uint32_t worker;
};

struct reject_first {
    struct place place;
    uint32_t column; /* as in struct reject_sample */
    const char *field;
    char text[160];
};

struct reject_line {
    uint64_t begin; /* in its file */
    uint64_t bytes; /* with its line end */
};

/* Zeroed: empty. */
struct reject_log {
    uint64_t counts[REJECT_REASONS];
    struct reject_first first[REJECT_REASONS];
    bool keeps_lines;
    struct reject_line *lines;
    uint64_t line_count;
    uint64_t line_capacity;
};

/* One rejected row. `field` (its name; NULL: the row as a whole), `column` and `text` describe what
 * is at fault. */
enum status reject_log_add(struct reject_log *log, struct place place, enum reject_reason reason,
                           const char *field, uint32_t column, struct bytes text,
                           struct reject_line line, struct error *error);
void reject_log_close(struct reject_log *log);

/* Adds a log to the report's counts and samples. */
void reject_report(struct load_report *report, const struct reject_log *log, struct place *firsts,
                   const struct source *source, const struct chunk_tally *tallies);

/* Writes all rejected lines to `path`, in the input's order, below their file's header. */
enum status reject_write(const char *path, const struct source *source,
                         const struct reject_log *const *logs, const struct chunk_tally *tallies,
                         struct error *error);

/* STATUS_INPUT when more rows were rejected than the options allow, and then the error says which
 * and what to do. */
enum status reject_check_limit(const struct load_report *report, const struct load_options *options,
                               struct error *error);

/* Sums line counts into each chunk's first line. */
void chunk_tallies_sum(struct chunk_tally *tallies, const struct source *source);

#endif
