/* Merging the workers' groups in memory: equal ones meet (engine/meet.h). Of these the first stays
 * where the worker that found it put it, and takes the states of the others, which are dropped; so
 * no group moves before the columns of the result are written. */
#ifndef GYRE_ENGINE_FINISH_GROUPS_H
#define GYRE_ENGINE_FINISH_GROUPS_H

#include "engine/finish.h"
#include "engine/meet.h"

enum group_fate { GROUP_ALONE, GROUP_JOINED, GROUP_DROPPED };

/* The groups of one worker. */
struct merge_source {
    struct sink_groups *groups;
    uint8_t *fates; /* [group]: enum group_fate; NULL: all alone */
    /* For the values of DISTINCT aggregates: */
    struct meet_item *kept; /* [group] of those dropped: the group that it was joined to */
    uint32_t *rows;         /* [group] of the others: its row of the result */
};

/* Some groups of a source, one after the other; those that were not dropped become rows. */
struct merge_piece {
    uint32_t source;
    uint32_t first;
    uint32_t end;
    uint32_t row_count;
    uint64_t begin; /* their first row */
};

struct merge {
    struct finish *finish;
    struct merge_source *sources; /* [source_count] */
    uint32_t source_count;
    struct merge_piece *pieces; /* [piece_count] */
    uint32_t piece_count;
    struct aggregate_column *columns; /* of DISTINCT aggregates, by row; NULL: the source's */
    atomic_bool *has_nulls;           /* [key_count] of the result */
    struct error *errors;             /* [worker] */
};

/* Runs the team. The first worker's error, or that finishing is given up. */
enum status merge_run(struct merge *merge, team_function function);

/* Makes items of the sources meet, hashes[source] of those that tables[source] has. */
enum status merge_meet(const struct merge *merge, const struct meet_calls *calls, void *context,
                       const struct group_table *const *tables);

/* Folds the values of DISTINCT aggregates, each once, into columns by row. Groups are merged and
 * have their rows. */
enum status merge_sets(struct merge *merge);

#endif
