/* What the workers of a section hand on: the rows of all morsels, in the order of the morsels and
 * whoever worked on them, to one receiver, one row at a time.
 *
 * It is the turn of the first morsel that is not over yet. Its worker hands rows on as it finds
 * them; the rows of later ones are kept until their turn comes. When too much is kept, workers wait
 * for that, except for the one whose turn it is, so that memory is bounded and nobody waits for
 * ever. Whoever ends a morsel hands on what is ready by then, if nobody else does at the moment:
 * the receiver is called by one worker at a time. */
#ifndef GYRE_PIPELINE_SECTION_OUTPUT_H
#define GYRE_PIPELINE_SECTION_OUTPUT_H

#include <stdatomic.h>

#include "pipeline/pipe.h"

struct output_block;

/* The rows of one morsel. Its worker's own until it is over, then whoever's hands it on. */
struct morsel_output {
    struct pool pool;
    struct output_block *first;
    struct output_block *last;
    uint64_t row_count;           /* kept */
    uint64_t bytes;               /* of the pool, as counted */
    const struct pool_block *top; /* of it, at that time */
    bool is_turn;                 /* rows are handed on as they come */
    enum pushed pushed;           /* how it ended */
    const struct error *error;    /* why it failed */
    _Atomic bool is_over;
};

struct section_output {
    struct run *run;       /* of the receiver */
    struct pipe *pipe;     /* that receives */
    const uint32_t *slots; /* of a row, [slot_count] */
    uint32_t slot_count;
    uint64_t morsel_count;
    struct morsel_output *morsels; /* [morsel_count] */
    _Atomic uint64_t turn;
    _Atomic bool is_giving; /* a worker hands rows on */
    _Atomic uint64_t bytes; /* kept by all */
    _Atomic bool has_ended; /* nothing more is wanted */
    enum pushed pushed;     /* what became of the rows */
};

/* A row of a morsel, by its worker: in `own`, in the slots of the output. */
enum pushed output_add(struct section_output *output, uint64_t morsel, const struct run *own);

/* The morsel is over. `error` is borrowed. */
void output_end(struct section_output *output, uint64_t morsel, enum pushed pushed,
                const struct error *error);

/* Gives back what was kept and is not wanted any more; when no worker is left. */
void output_close(struct section_output *output);

#endif
