/* A block: as many whole lines as lie in the first-level cache together with what is found in them,
 * cut into rows. One per worker, used again for each block of its chunks.
 *
 * Most lines are cut by the scanned positions alone. Lines with quotes, and all lines of the forms
 * that have no separator, are rewritten (record_cut); lines that are no rows are marked as faulty,
 * with the reason, and stay out; rows that the dialect passes over stay out too. */
#ifndef GYRE_LOADER_BLOCK_H
#define GYRE_LOADER_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/field.h"
#include "loader/header.h"
#include "loader/load.h"
#include "loader/reject.h"
#include "loader/scan.h"
#include "loader/source.h"
#include "numa/arena.h"

enum { BLOCK_BYTES = 16 << 10 };

struct block {
    struct arena *arena; /* of the scratch below, for blocks of up to `capacity` bytes */
    scan_function scan;
    uint32_t capacity;
    uint32_t *positions; /* the first is the line end before the block */
    uint32_t *line_ends;
    uint32_t line_capacity;
    uint32_t *faults; /* [line_capacity]: 0, or reason + 1 and the column at fault << 8 */
    struct row *rows; /* [line_capacity] */
    char *copy;       /* of blocks at the ends of a file, beside which nothing can be read */
    char *written;    /* lines that are rewritten; NULL before the first such line */
    uint32_t *written_ends;
    uint64_t written_room;

    const char *data;  /* with SCAN_PADDING readable bytes behind and FIELD_PADDING before */
    uint64_t offset;   /* where in its file */
    uint64_t consumed; /* bytes of the file that its lines take */
    uint32_t line_count;
    uint32_t row_count;
    uint32_t passed_count; /* rows that are passed over */
    uint32_t written_bytes;
    uint32_t written_count;
    bool has_fault;
    bool has_news; /* some row may have */
};

enum status block_open(struct block *block, struct arena *arena, scan_function scan,
                       struct error *error);

/* Reads the lines that begin at file offset `at` (before chunk->end, which ends a line), and cuts
 * those with as many fields as the header has into rows. A line that is too long makes a block of
 * its own without rows. */
enum status block_read(struct block *block, const struct chunk *chunk, uint64_t at,
                       const struct header *header, struct error *error);

/* Marks the row's line as faulty, unless it is. */
void block_fault(struct block *block, uint32_t row, enum reject_reason reason, uint32_t column);

/* Removes the rows whose lines are faulty. */
void block_drop_faulty(struct block *block);

static inline enum reject_reason block_fault_reason(uint32_t fault)
{
    return (enum reject_reason)((fault & 0xff) - 1);
}
static inline uint32_t block_fault_column(uint32_t fault)
{
    return fault >> 8;
}

/* Where in its file a line lies, line end included. */
struct reject_line block_line(const struct block *block, uint32_t line);

#endif
