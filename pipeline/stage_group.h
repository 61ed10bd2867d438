/* Inside a GROUP: what its stage (stage_group.c) keeps of one run, or of the part of it that a
 * worker had, and how such parts become one (group_merge.c). */
#ifndef GYRE_PIPELINE_STAGE_GROUP_H
#define GYRE_PIPELINE_STAGE_GROUP_H

#include "pipeline/pipe.h"
#include "pipeline/row_set.h"

enum { GROUP_TABLE_BITS = 6, GROUP_TABLES = 1 << GROUP_TABLE_BITS };

/* Its keys are the row_entry's values. */
struct group {
    uint64_t first;        /* its first row's place, or place << 32 | number in the part */
    uint64_t hash;         /* of its keys */
    struct group *beside;  /* the same group in another part, while they are merged */
    struct value *keys;    /* of the part that it came in first, then */
    struct value *results; /* of the folds, when they are merged */
    struct fold_state *folds[];
};

/* A part has its groups in tables by their hash, so that workers can merge one each. Everything
 * lies in `pool`. */
struct group_state {
    struct pool pool;
    struct row_set tables[GROUP_TABLES];
    uint32_t table_count; /* 1 where there are no parts */
    uint32_t group_count;
    struct value *values; /* of the row that is looked up, [width] */
};

/* The run's error is of a fold: what is wrong with values is shown where it stands in the query. */
enum status group_fold_error(struct run *run, const struct stage_fold *fold);

/* The group of state->values in a state; NULL with the error set. */
struct group *group_find(struct run *run, struct pipe *pipe);

#endif
