/* Sections: stages behind one another that look at one row at a time, which all workers can
 * therefore run side by side (stage_section.c), and a GROUP or SORT that gathers what comes out of
 * them, of which each worker then has a part; or a DISTINCT, before which each worker drops what it
 * has had already. At least one of them matches a pattern, or one of these is there.
 *
 * Found when a query is compiled, together with the variables that rows have to be given on the way
 * into a section and behind it. */
#ifndef GYRE_PIPELINE_SECTION_H
#define GYRE_PIPELINE_SECTION_H

#include "pipeline/compile.h"

/* Of the stage that it begins with. */
struct section {
    const struct stage *end;        /* the first stage behind it; NULL: the receiver */
    const struct stage *last;       /* in it */
    const struct stage *worker_end; /* `end`, but behind it where that is a DISTINCT */
    const struct stage
        *gather;        /* in it, the last: a GROUP or SORT; NULL: rows come out as they went in */
    uint32_t in_count;  /* variables from before that it reads, or that are read behind it */
    const uint32_t *in; /* [in_count]: their slots */
    uint32_t out_count; /* variables that are read behind it */
    const uint32_t *out;
    bool is_counted; /* `end` is a GROUP without keys that only counts rows */
};

/* Finds the sections of a branch whose result is in the slots of `columns`; false without memory,
 * with the error set. */
bool compile_sections(struct compiler *compiler, struct stage *first, const uint32_t *columns,
                      uint32_t column_count);

#endif
