/* Merging the workers' groups in memory. All groups of a hash are one worker's to merge, its share,
 * so that nothing is shared while merging. Of equal groups the first stays where the worker that
 * found it put it, and takes the states of the others; so no group moves before the columns of the
 * result are written. */
#ifndef GYRE_ENGINE_FINISH_GROUPS_H
#define GYRE_ENGINE_FINISH_GROUPS_H

#include "base/hash_slots.h"
#include "engine/finish.h"

/* A group that stays, and where. */
struct merged_group {
    uint32_t source;
    uint32_t group;
};

/* Where a source's group was merged to. */
struct merged_place {
    uint32_t number; /* of the share's groups */
    uint16_t share;
    bool is_joined; /* with an equal group of another source */
};

/* One worker's. */
struct merge_share {
    struct merged_group *groups; /* [count]: by source and group; NULL: those of the only source */
    uint32_t count;
    uint32_t capacity;
    struct hash_slots slots;          /* of the groups' numbers */
    struct aggregate_column *columns; /* [aggregate_count]; of DISTINCT aggregates, by number */
    uint64_t begin;                   /* of its groups in the result */
    struct error error;
};

struct merge {
    struct finish *finish;
    struct sink_groups **sources; /* [source_count] */
    uint32_t source_count;
    struct merged_place **places; /* [source][group] */
    struct merge_share *shares;   /* [share_count] */
    uint32_t share_count;         /* one for each worker of the team */
    atomic_bool *has_nulls;       /* [key_count] of the result */
    _Atomic uint64_t next_row;    /* of the result to be written */
};

/* Which share has groups, or values, of this hash. */
static inline uint32_t merge_share_of(const struct merge *merge, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * merge->share_count >> 32);
}

/* Makes room in `slots` for EVALUATE_LANES more numbers, of which `expected` are to come in all.
 * False without memory. */
bool merge_reserve_slots(const struct merge *merge, struct hash_slots *slots, uint64_t expected);

/* Runs the team. The first error of a share, or that finishing is given up. */
enum status merge_run(struct merge *merge, team_function function);

/* Folds the values of DISTINCT aggregates, each once, into the columns of the shares, where groups
 * are merged already. */
enum status merge_sets(struct merge *merge);

#endif
