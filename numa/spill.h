/* Room on disk that is used like memory, for results beyond the memory budget.
 *
 * An area is a row of extents, each a file without a name that is mapped: the system writes its
 * pages out when it needs the memory, and reads them when they are looked at. An extent's blocks
 * are reserved on the disk before it is mapped, so that a full disk is a failure here and no signal
 * later. The files are gone with their areas, however the program ends.
 *
 * `struct spill` says where and how much, for all areas; its counter may be used by several workers
 * at once. An area belongs to one worker. */
#ifndef GYRE_NUMA_SPILL_H
#define GYRE_NUMA_SPILL_H

#include <stdatomic.h>
#include <stdint.h>

#include "numa/budget.h"

struct spill {
    const char *directory;     /* borrowed */
    struct budget budget;      /* of bytes on the disk */
    atomic_bool is_over_limit; /* the last refusal was the limit's, not the disk's */
};

/* `limit_bytes` 0: no limit. `directory` NULL: $TMPDIR, or /var/tmp, which is seldom in memory. */
void spill_init(struct spill *spill, const char *directory, uint64_t limit_bytes);

struct spill_extent;

struct spill_area {
    struct spill *spill;
    struct spill_extent *extents;
    char *next; /* free room of the last extent */
    uint64_t left;
};

/* `count` * `size` zeroed bytes, aligned to 64. NULL when the limit is reached, the disk is full or
 * the directory takes no files. */
void *spill_allocate(struct spill_area *area, uint64_t count, uint64_t size);

/* Gives everything back. Zeroed and closed areas are accepted. */
void spill_close(struct spill_area *area);

#endif
