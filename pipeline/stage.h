/* What a query does, stage by stage: each takes rows one by one, and hands rows on to the next.
 *
 * Stages are compiled once and immutable; a pipe is what one run makes of them. Rows are pushed:
 * a stage that keeps rows (group, sort) lets them go when the pipe is finished. */
#ifndef GYRE_PIPELINE_STAGE_H
#define GYRE_PIPELINE_STAGE_H

#include "engine/path_match.h"
#include "pipeline/pattern.h"
#include "value/fold.h"

enum stage_kind {
    STAGE_MATCHER, /* the matches of `matcher`, its columns into `slots` (pipeline/head.h) */
    STAGE_CYCLES,  /* temporal cycles of `cycle`, by the search of their own (engine/cycles.h) */
    STAGE_ENDS,    /* the ends of temporal paths of `cycle`, by a search as well (engine/paths.h) */
    STAGE_MATCH,   /* `pattern`; optional: nulls when there is no match */
    STAGE_PATH,    /* the path of the vertices and edges in `slots`, in turn, into `slot` */
    STAGE_UNWIND,  /* each item of `term` into `slot` */
    STAGE_FILTER,  /* rows for which `term` is true */
    STAGE_PROJECT, /* `items` into their slots */
    STAGE_GROUP,   /* by `items`, into their slots; `folds` into theirs */
    STAGE_DISTINCT, /* by the values of `slots` */
    STAGE_SORT,     /* by `items`; carries `slots` on, everything else is undefined behind it */
    STAGE_SKIP,     /* `term` rows */
    STAGE_LIMIT,
};

struct stage_item {
    struct term *term;
    uint32_t slot;
    bool is_descending; /* SORT */
};

struct stage_fold {
    const struct fold_kind *kind;
    bool is_distinct;
    struct term *argument;  /* NULL: count(*) */
    struct term *parameter; /* NULL: none */
    uint32_t slot;
    uint32_t place;
    struct source_span span; /* of the call */
};

/* A condition on each flow or vertex of a cycle, on some one, on the first flow, or on the vertex
 * where it begins. */
struct cycle_condition {
    const char *kind; /* "each flow", "some flow", "each vertex", "some vertex", "first flow",
                         "vertex" */
    struct source_span span;
    bool is_negated; /* NOT of what stands there */
};

/* The cycles (a)-[*..]->(a) that a stage finds; or the paths (a)-[*..]->(b), of which it tells what
 * kinds there are: a row for each. */
struct stage_cycle {
    struct cycle_pattern pattern;
    uint32_t vertex_slot;
    uint32_t end_slot; /* of the other end, which is the same vertex; perhaps the same slot */
    uint32_t list_slot;
    uint32_t path_slot;    /* SLOT_NONE: without a name */
    bool is_by_anchor;     /* what stands behind wants to know where cycles begin, and perhaps how
                              many do: a row for each such vertex, and their number */
    uint32_t weight_slot;  /* in here, if so; of paths how many there are of a kind */
    uint32_t hops_slot;    /* of paths: with how many flows, if that is told */
    uint32_t first_slot;   /* of paths: the earliest start of a last flow, if that is told */
    struct path_told told; /* of paths: what makes a kind; what is not told has no value */
    uint64_t limit;        /* as many as are wanted, of those that pass the residual stages */
    bool is_row_each; /* each one becomes a row of the answer, so that a limit of these is one */
    struct cycle_condition *conditions; /* that the search decides by filters, for EXPLAIN */
    uint32_t condition_count;
};

struct stage {
    enum stage_kind kind;
    uint32_t index; /* over the whole query */
    uint32_t place;
    struct source_span span; /* of what it does, for those who show the query */
    struct stage *next;      /* NULL: rows go to the pipe's receiver */
    struct bound_query *matcher;
    struct plan *plan;          /* of the matcher: as it was explained, or as it ran last */
    struct stage *next_matcher; /* of the same compiled query; also of cycles with conditions */
    struct stage_externals *externals; /* of external.h; MATCHER, CYCLES; NULL: none */
    uint32_t residual_count;     /* MATCHER, CYCLES: so many stages behind it are residual.h's */
    struct stage *counts;        /* a GROUP behind these that only counts; NULL: rows are wanted */
    const struct stage *gathers; /* MATCHER: behind these a section that its workers do; or NULL */
    bool counts_by_hops;         /* of cycles: and its one key is the number of hops */
    struct stage_cycle *cycle;
    struct pattern *pattern;
    bool is_optional;
    const struct section *section; /* that begins with it (section.h); else NULL */
    struct term *term;
    const struct ast_expression *condition; /* FILTER behind a head: what `term` was made of */
    uint32_t slot;
    struct stage_item *items;
    uint32_t item_count;
    struct stage_fold *folds;
    uint32_t fold_count;
    uint32_t *slots;
    uint32_t slot_count;
    struct stage *limit; /* SORT: a LIMIT behind it, so that no more rows need be kept */
    struct stage *skip;  /* and a SKIP between them */
};

/* EXISTS { }, COUNT { }: branches joined by UNION ALL, or by UNION. */
struct subquery {
    struct stage **branches;
    uint32_t branch_count;
    bool is_distinct;   /* UNION: equal rows count once */
    uint32_t **columns; /* [branch]: slots of its columns; of several branches only */
    uint32_t column_count;
};

struct pipe;

/* Rows by number that a stage has found or kept, to be read by several workers at once. */
struct row_source {
    uint64_t count;
    /* Puts a row into the slots of the run, which is that of a worker of the team. Those from it to
     * `end` are likely to be read next by it. */
    enum status (*read)(struct run *run, void *context, uint32_t worker, uint64_t row,
                        uint64_t end);
    void *context;
};

/* A stage of the same kind that one worker has pushed rows into, opened as a part. */
struct stage_part {
    struct run *run;
    struct pipe *pipe; /* NULL: the worker had nothing to do */
};

/* The number of a SKIP or LIMIT. */
enum status stage_row_count(struct run *run, const struct stage *stage, uint64_t *count);

/* Some part may have failed, which need not be where one worker would have: the run gets its error,
 * and is told so. Without an error parts were told to stop. */
void stage_take_error(struct run *run, const struct stage_part *parts, uint32_t count);

/* What a stage does; by kind, in the files stage_*.c. Those that keep nothing have no open, finish
 * and close. push_all NULL: rows are pushed one by one. */
struct stage_methods {
    enum status (*open)(struct run *run, struct pipe *pipe);
    enum pushed (*push)(struct run *run, struct pipe *pipe);
    enum pushed (*finish)(struct run *run, struct pipe *pipe); /* hands on what was kept */
    /* Hands on to `next` what all parts have kept, as one worker would; `parts[worker]`, the first
     * one is open. What fails is perhaps not what one worker would meet first: then the run's
     * is_order_lost is set. NULL: the stage has no parts. */
    enum pushed (*finish_parts)(struct run *run, const struct stage_part *parts, uint32_t count,
                                struct pipe *next);
    enum pushed (*push_all)(struct run *run, struct pipe *pipe, const struct row_source *source);
    void (*close)(struct run *run, struct pipe *pipe); /* tells what it held */
};

extern const struct stage_methods stage_matcher;
extern const struct stage_methods stage_cycles;
extern const struct stage_methods stage_ends;
extern const struct stage_methods stage_match;
extern const struct stage_methods stage_section; /* MATCH and those behind it, on all workers */
extern const struct stage_methods stage_path;
extern const struct stage_methods stage_unwind;
extern const struct stage_methods stage_filter;
extern const struct stage_methods stage_project;
extern const struct stage_methods stage_group;
extern const struct stage_methods stage_distinct;
extern const struct stage_methods stage_sort;
extern const struct stage_methods stage_skip;
extern const struct stage_methods stage_limit;

/* Makes the path of a STAGE_PATH in the row. */
enum status stage_make_path(struct run *run, const struct stage *stage);

/* The stage behind `count` others. */
static inline struct stage *stage_behind(struct stage *first, uint32_t count)
{
    for (; count > 0; count--) {
        first = first->next;
    }
    return first;
}

#endif
