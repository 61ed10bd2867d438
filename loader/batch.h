/* What the parser hands to the builder: rows in typed columns, in batches, with text and addresses
 * as codes of the worker that parsed them.
 *
 * A batch holds the rows of one chunk of one file, in the file's order; batches are numbered in the
 * order of the input, so that a row's number does not depend on who parsed it. A batch may be empty
 * (no line begins in its chunk's share, or all are rejected); its columns are there all the same. A
 * staged column is a `struct column` (graph/column.h) over the batch's rows, as narrow as that
 * batch allows: text columns hold codes into the worker's text table, floats are ENCODING_DECIMAL
 * where all values of the batch are, else ENCODING_DOUBLE.
 *
 * Everything lies in the arena of the worker that parsed it, but for the arrays `batches` and
 * `workers` and the schema, which lie on the heap (base/memory.h); staging_close gives all of it
 * back. Within the arena each column of a worker has a pool, which the values of its batches fill
 * one after the other, so that a column can be released as soon as it stands in the graph: the
 * whole staging beside the whole graph would double the peak of memory. Rows are numbered without
 * gaps: first_row is the sum of the row_counts before. */
#ifndef GYRE_LOADER_BATCH_H
#define GYRE_LOADER_BATCH_H

#include <stdint.h>

#include "base/address.h"
#include "base/status.h"
#include "graph/column.h"
#include "graph/dictionary.h"
#include "graph/schema.h"
#include "numa/arena.h"

/* One worker's distinct texts of one column, coded 0.. in order of first appearance. Open
 * addressing over bytes_hash. Zeroed: empty. */
struct text_table {
    const struct text **entries; /* [count] */
    uint32_t count;
    uint32_t capacity;
    uint32_t *slots; /* entry + 1; 0 is empty */
    uint64_t slot_count;
};

/* One worker's distinct addresses, coded 0.. in the order in which the worker met them; first_seen
 * tells where in the input that was. Text addresses have `low` = code in the worker's
 * address_texts. Every address is the source or target of a row. Zeroed: empty. */
struct address_table {
    struct address *addresses; /* [count] */
    uint64_t *first_seen;      /* [count]: batch << 32 | row * 2 + (0 source, 1 target) */
    uint32_t count;
    uint32_t capacity;
    uint32_t *slots; /* address + 1; 0 is empty */
    uint64_t slot_count;
};

/* One worker's memory for one column: blocks that grow with what is taken, from the worker's arena.
 * Zeroed: empty. */
struct staged_pool {
    struct staged_block *blocks; /* the last one, which is being filled, comes first */
    uint64_t bytes;              /* of all blocks */
};

/* `bytes` of the pool, 8-aligned; NULL as arena_allocate. */
void *staged_pool_take(struct staged_pool *pool, struct arena *arena, uint64_t bytes);

/* Gives back what is left of the last block. */
void staged_pool_trim(struct staged_pool *pool, struct arena *arena);

struct batch {
    uint32_t worker; /* whose tables the codes belong to */
    uint32_t row_count;
    uint64_t first_row;      /* number of the first row over the whole input */
    const uint32_t *sources; /* [row_count], codes of the worker's address table */
    const uint32_t *targets;
    struct column *columns; /* [property_count]; none for source and target */
};

struct staging_worker {
    struct arena *arena;
    struct address_table addresses;
    struct text_table address_texts;
    struct text_table *texts;  /* [property_count] */
    struct staged_pool *pools; /* [property_count]: values and null bits; codes of an address */
};

/* Everything that was parsed. `schema` has the final types: every batch's column agrees with it. */
struct staging {
    struct schema schema;
    char *description;     /* how its columns were read (loader/describe.h) */
    struct batch *batches; /* [batch_count], in the order of the input */
    uint32_t batch_count;
    uint64_t row_count;
    struct staging_worker *workers; /* [worker_count] */
    uint32_t worker_count;
};

/* Gives back the values and null bits of a column in all batches, or the codes of the addresses
 * there. What is said of the column (type, width, counts) stays. */
void staging_release_column(struct staging *staging, uint32_t property);

/* Gives back the tables of addresses, but not the texts among these. */
void staging_release_addresses(struct staging *staging);

/* Leaves it zeroed; a zeroed one is accepted, and one whose workers have no arena yet. */
void staging_close(struct staging *staging);

#endif
