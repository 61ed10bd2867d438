/* Equal items of several sources, found by their hashes on the team.
 *
 * Most items are most often of one source only. So each source marks the first bits of its hashes,
 * and only items whose mark another source has too are looked for, unless there are so many sources
 * that marks would take more memory than items. Those are parted by the first bits of their hashes,
 * into parts so small that looking for one does not leave the near caches; a worker takes a part of
 * all sources at a time, so that nothing is shared. Within a part items are met source by source,
 * in their order: of equal ones the first is kept, and the others are joined to it. */
#ifndef GYRE_ENGINE_MEET_H
#define GYRE_ENGINE_MEET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/stop.h"
#include "numa/arena.h"
#include "numa/team.h"

struct meet_item {
    uint32_t source;
    uint32_t index; /* in it */
};

struct meet_source {
    const uint64_t *hashes; /* [count] */
    uint32_t count;
    uint64_t *marks;            /* bits by the first bits of hashes; NULL: there are none */
    struct meet_entry *entries; /* its items, part by part */
    uint32_t *begins;           /* [part]: in entries, and the end */
};

/* Each is called by one worker for an item, and by the same for all that may be equal to it. Items
 * of one source are not equal but where they repeat. */
struct meet_calls {
    bool (*takes)(const void *context, struct meet_item item); /* NULL: all */
    bool (*is_same)(const void *context, struct meet_item left, struct meet_item right);
    void (*join)(void *context, struct meet_item kept, struct meet_item item);
};

struct meet {
    const struct meet_calls *calls;
    void *context;
    struct arena *arena;
    const struct stop_patience *patience;
    uint32_t source_count;
    bool repeats;                /* items of one source may be equal, too: nothing is marked */
    struct meet_source *sources; /* [source_count], `hashes` and `count` given */
    uint32_t mark_bits;          /* of a hash that tell its mark; 0: nothing is marked */
    const uint64_t *shared;      /* marks that two sources have; NULL: nothing was marked */
    uint32_t part_count;
    _Atomic uint64_t next_part;
    atomic_bool is_out_of_memory;
};

/* Begins with what is above `mark_bits` set, all else zeroed. False without memory; left undone
 * when patience is over. What it takes of the arena it gives back. */
bool meet_run(struct meet *meet, struct team *team);

#endif
