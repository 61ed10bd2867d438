/* Merging the workers' groups in memory: equal ones meet (engine/meet.h). Of these the first stays
 * where the worker that found it put it, and takes the states of the others, which are dropped; so
 * no group moves before the columns of the result are written. */
#ifndef GYRE_ENGINE_FINISH_GROUPS_H
#define GYRE_ENGINE_FINISH_GROUPS_H

#include "engine/finish.h"
#include "engine/meet.h"

/* GROUP_DROPPED: it was joined to another, or nobody wants it. */
enum group_fate { GROUP_ALONE, GROUP_JOINED, GROUP_DROPPED };

/* The groups of one worker. */
struct merge_source {
    struct sink_groups *groups;
    uint8_t *fates;         /* [group]: enum group_fate; NULL: all are alone, in all sources */
    struct meet_item *kept; /* [group] of those dropped: the group that it was joined to; NULL
                             * without DISTINCT aggregates */
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
    struct merge_leaders *leaders; /* NULL: groups do not come in runs */
    struct merge_piece *pieces;    /* [piece_count] */
    uint32_t piece_count;
    struct program *having; /* of the query */
    atomic_bool *has_nulls; /* [key_count] of the result */
    struct error *errors;   /* [worker] */
};

/* Whether groups are told apart by their fates. */
static inline bool merge_has_fates(const struct merge *merge)
{
    return merge->source_count > 0 && merge->sources[0].fates != NULL;
}

/* Gives all groups a fate, GROUP_ALONE. */
enum status merge_open_fates(struct merge *merge);

/* Groups came in runs of a leading vertex: finds those vertices that have several. Sets whether
 * there are any. */
enum status merge_find_leaders(struct merge *merge, bool *has_several);

/* Whether the group's leading vertex is one of them. */
bool merge_leads_several(const void *merge, struct meet_item group);

/* Runs the team. The first worker's error, or that finishing is given up. */
enum status merge_run(struct merge *merge, team_function function);

/* Makes items of the sources meet, hashes[source] of those that tables[source] has. */
enum status merge_meet(const struct merge *merge, const struct meet_calls *calls, void *context,
                       const struct group_table *const *tables);

/* Folds the states of a group that is dropped into those of the one that is kept: of DISTINCT
 * aggregates, or of the others. */
void merge_states(const struct merge *merge, struct meet_item kept, struct meet_item dropped,
                  bool is_distinct);

/* A worker's share of the pieces, up to `*end`. */
struct merge_piece *merge_own_pieces(const struct merge *merge, const struct worker *worker,
                                     const struct merge_piece **end);

/* Drops the groups for which the query's condition on them is not true. */
enum status merge_drop_unwanted(struct merge *merge);

/* Folds the values of DISTINCT aggregates, each once, into the groups, which are joined before. */
enum status merge_sets(struct merge *merge);

#endif
