/* Inside the sink: what its workers hold (sink.c), and how it is merged (finish*.c). */
#ifndef GYRE_ENGINE_SINK_STATE_H
#define GYRE_ENGINE_SINK_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/aggregate.h"
#include "engine/group_run.h"
#include "engine/group_table.h"
#include "engine/rows.h"
#include "engine/sink.h"
#include "engine/top.h"
#include "numa/spill.h"

/* What a sink keeps of matches. */
enum sink_kind {
    SINK_COUNT, /* their number */
    SINK_ROWS,
    SINK_GROUPS, /* keys and aggregates; of DISTINCT rows, keys only */
};

/* How an aggregate is had, for all workers. */
struct sink_aggregate {
    struct aggregate aggregate; /* count of what is never null is count(*) */
    struct program *program;    /* of its argument; NULL for count(*) */
    enum type set_types[2];     /* of a DISTINCT one's set: group, value, as they are told apart */
    bool set_copies[2];
};

/* One worker's. `table`, `columns` and `sets` have the layout that merged groups have too. */
struct sink_groups {
    struct group_table table;
    uint32_t column_count;
    struct aggregate_column *columns; /* [column_count] */
    struct group_table *sets;         /* [column_count]; of DISTINCT aggregates: group, value; by
                                       * the hash of the group's keys and the value */
};

struct sink_worker {
    _Alignas(64) _Atomic uint64_t match_count;
    bool is_open;
    bool is_spilling; /* new chunks lie in `area`, or groups were written to disk */
    bool is_closed;   /* takes nothing more: no memory, or an error */
    struct arena *arena;
    struct rows rows;
    struct spill_area area;    /* rows, or texts of groups */
    struct spill_area reserve; /* as much room on disk as sink_finish will want for these rows */
    struct top_buffers top;
    struct sink_groups groups;
    uint64_t groups_finish_bytes; /* their part of the sink's finish_bytes */
    struct spill_area run_area;
    struct group_run *runs;       /* groups on disk, in run_area */
    struct group_run **set_runs;  /* [aggregate_count]; the sets of DISTINCT aggregates there */
    struct registers **registers; /* [key_count + aggregate_count]: results last side by side */
    struct lanes *keys;           /* [key_count] of the batch at hand */
    vertex_id leader;             /* of the lane before, where the sink has one */
    struct error error;
};

struct sink {
    const struct bound_query *query;
    struct team *team;
    struct budget *budget;
    struct stop *stop;
    uint64_t row_limit; /* UINT64_MAX: none */
    uint64_t enough;    /* rows that SKIP and LIMIT can use; UINT64_MAX: all */
    struct arena *arena;
    enum sink_kind kind;
    struct row_layout layout;
    struct top top;
    uint32_t key_count;
    const struct expression **keys;
    enum type *key_types;
    enum type *group_types; /* [key_count]: as what keys are told apart */
    bool *key_copies;
    struct program **key_programs;
    bool makes_texts; /* keys or aggregates hold texts that are copied */
    bool has_leader;
    uint32_t leader;     /* a pattern vertex: groups come in runs of it */
    uint32_t leader_key; /* the key that tells it */
    uint32_t aggregate_count;
    struct sink_aggregate *aggregates;
    uint32_t worker_count;
    struct sink_worker *workers; /* moved to the result by sink_finish, with the arenas */
    uint64_t final_match_count;  /* of workers that were moved */
    _Atomic uint64_t row_count;
    _Atomic uint64_t finish_bytes; /* what sink_finish will want for what was taken so far */
    _Atomic bool is_over_limit;    /* there were more rows or groups than row_limit */
};

/* Whether rows may pass row_limit: not where no more than that can be of use. */
static inline bool sink_row_limit_counts(const struct sink *sink)
{
    return sink->row_limit < sink->enough && sink->row_limit < sink->top.needed;
}

/* Opens the groups of a worker or of a merge. `copies` tells whether texts are to be kept. */
enum status sink_groups_open(struct sink_groups *groups, const struct sink *sink,
                             struct arena *arena, bool copies, struct error *error);

/* Bytes that sink_groups_reserve wants for `count` more groups, in the table and all columns, with
 * those that they replace; 0 when there is room. */
uint64_t sink_groups_needs(const struct sink_groups *groups, uint32_t count);

/* Bytes of table and columns with room for `count` more groups. */
uint64_t sink_groups_bytes(const struct sink_groups *groups, uint32_t count);

/* Makes room for `count` more groups, at most EVALUATE_LANES. False without memory. */
bool sink_groups_reserve(struct sink_groups *groups, uint32_t count);

/* Gives all groups back, with their memory. */
void sink_groups_drop(struct sink_groups *groups);

/* Writes a worker's groups and sets to disk and gives their memory back. False, and they stay, when
 * there is no room on disk or `patience` is over. */
bool sink_groups_spill(struct sink *sink, struct sink_worker *worker,
                       const struct stop_patience *patience);

/* What a worker's first batch of groups takes. */
uint64_t sink_groups_first_bytes(const struct sink *sink);

/* For the taking, by one worker (sink.c). */
enum status sink_open_groups(struct sink *sink, struct sink_worker *worker);
void sink_take_groups(struct sink *sink, struct sink_worker *worker,
                      const struct match_batch *batch);

/* Whether the budget has room for `bytes` now and `finish_bytes` later; if so the latter are kept
 * in mind. */
bool sink_has_room(struct sink *sink, uint64_t bytes, uint64_t finish_bytes);

/* The worker stops taking; what it has stays. */
void sink_close_worker(struct sink *sink, struct sink_worker *worker, enum stop_reason reason);

/* An evaluation that failed: wrong data end the query, no memory ends the taking. */
void sink_fail_worker(struct sink *sink, struct sink_worker *worker);

static inline void sink_add_matches(struct sink_worker *worker, uint64_t count)
{
    uint64_t matches = atomic_load_explicit(&worker->match_count, memory_order_relaxed);
    atomic_store_explicit(&worker->match_count, matches + count, memory_order_relaxed);
}

/* Adds values of groups, which come in runs or not (NULL), to the set of DISTINCT aggregate `at`.
 * False without memory. */
bool sink_groups_add(struct sink_groups *groups, uint32_t at, const uint32_t *numbers,
                     const struct lanes *values, const struct lane_runs *runs, uint32_t count);

#endif
