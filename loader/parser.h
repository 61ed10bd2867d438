/* One worker's parser: chunks in, batches out.
 *
 * A chunk is read block by block (loader/block.h), a block column by column (loader/field.h). First
 * the columns whose values can reject a row, so that a rejected row leaves no trace in the tables
 * of texts and addresses; then the others. When the chunk is done its wide scratch is narrowed into
 * a batch, column by column into the worker's pools. */
#ifndef GYRE_LOADER_PARSER_H
#define GYRE_LOADER_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/batch.h"
#include "loader/block.h"
#include "loader/json_news.h"
#include "loader/layout.h"
#include "loader/reject.h"
#include "loader/widen.h"
#include "numa/budget.h"
#include "numa/team.h"

/* What all parsers read. */
struct parser_input {
    const struct source *source;
    const struct layout *layout;
    const struct staging *staging;
    scan_function scan;
    bool keeps_rejects;
};

struct parser {
    const struct parser_input *input;
    const struct layout_file *file; /* of the chunk */
    struct staging_worker *out;
    uint32_t worker;
    struct arena *scratch;
    struct block block;
    uint32_t *failed; /* as many as the block may have rows */
    uint32_t failed_capacity;

    struct text_pool pool;
    struct text_coder **texts; /* [property_count]; NULL but for text */
    struct address_coder *addresses;
    struct time_cache *times; /* [property_count] */

    struct chunk chunk;
    uint32_t chunk_index;
    uint64_t line_count;
    uint64_t passed_count;
    uint32_t row_count;
    uint32_t row_capacity;
    struct wide *wides; /* [property_count]; codes of source and target too */

    struct reject_log rejects;
    struct json_news news;
    struct widening *widenings; /* [property_count] */
    bool is_widened;            /* the pass is in vain but for what it learns */
};

/* Opens the worker's arenas and tables, in its place of the staging. Fills a zeroed parser;
 * parser_close is due also when this fails. */
enum status parser_open(struct parser *parser, const struct parser_input *input,
                        const struct worker *worker, struct budget *budget, struct error *error);

/* The log, the news and the widenings stay until parser_close; what is in the staging stays. */
void parser_close(struct parser *parser);

/* The worker's last chunk is read, or it failed: gives back the scratch and what the staging has
 * too much, and keeps what was learnt. */
void parser_rest(struct parser *parser);

/* Chunks have to come in ascending order. */
enum status parser_read_chunk(struct parser *parser, uint32_t chunk_index, struct batch *batch,
                              struct chunk_tally *tally, struct error *error);

#endif
