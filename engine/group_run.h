/* Groups on disk, in parts by their hash.
 *
 * When memory ends, a table of groups is written as a run: columns in room on disk that is mapped
 * (numa/spill.h), its groups put in order of a few bits of their hash. Groups of one key are in the
 * same part of every run, so that a merge needs one part of all runs at a time; where even that is
 * too much it writes runs again, by the next bits, the next level. States of aggregates merge in
 * any order. The values of a DISTINCT aggregate are written as keys beside those of their group:
 * equal ones meet in one part, and what is left of them is folded once each.
 *
 * Immutable once written; lives as long as the area that it is written to. */
#ifndef GYRE_ENGINE_GROUP_RUN_H
#define GYRE_ENGINE_GROUP_RUN_H

#include <stdint.h>

#include "base/stop.h"
#include "engine/aggregate.h"
#include "engine/group_table.h"
#include "numa/spill.h"

enum {
    GROUP_PARTS = 64,
    GROUP_LEVELS = 10, /* a hash has no more bits for parts of parts */
};

struct group_run {
    struct group_run *next; /* in whatever list it is */
    uint32_t count;
    uint32_t begins[GROUP_PARTS + 1]; /* of each part, and the end */
    union lane **keys;                /* [key][group] */
    uint8_t **nulls;
    struct aggregate_state **states; /* [aggregate][group] */
};

/* What is written: the groups of `table` with their aggregates, or with `set` its (group, value)
 * pairs, a group standing for its keys. */
struct group_entries {
    const struct group_table *table;
    const struct group_table *set; /* NULL: the groups */
    const struct aggregate_column *columns;
    uint32_t column_count;
};

/* Room for `count` groups. NULL when there is none. */
struct group_run *group_run_open(struct spill_area *area, uint32_t count, uint32_t key_count,
                                 uint32_t state_count);

/* Writes a run, in parts by the bits of `level`. NULL when there is no room or `patience` is over.
 * Texts stay where they are. */
struct group_run *group_run_write(struct spill_area *area, const struct group_entries *entries,
                                  uint32_t level, const struct stop_patience *patience);

#endif
