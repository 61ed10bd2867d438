/* Room on disk that is used like memory, for results beyond the memory budget.
 *
 * An area is a row of extents, each a file without a name that is mapped: the system writes its
 * pages out when it needs the memory, and reads them when they are looked at. An extent's blocks
 * are reserved on the disk before it is mapped, so that a full disk is a failure here and no signal
 * later. The files are gone with their areas, however the program ends.
 *
 * `struct spill` says where and how much, for all areas; it may be used by several workers at once.
 * An area belongs to one worker.
 *
 * To delete files takes a file system long: 33 to 80 ms for each GiB in memory, and where it tells
 * the disk of it at once, seconds for what was written there. So an area that is closed because its
 * query was interrupted leaves its extents with the spill, counted on. Later areas give back an
 * extent for each that they take, and more when they find no room; spill_end gives back the rest.
 */
#ifndef GYRE_NUMA_SPILL_H
#define GYRE_NUMA_SPILL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/stop.h"
#include "numa/budget.h"
#include "numa/team.h"

struct spill_extent;

struct spill {
    const char *directory;     /* borrowed */
    struct budget budget;      /* of bytes on the disk */
    atomic_bool is_over_limit; /* the last refusal was the limit's, not the disk's */
    struct stop *stop;         /* of the queries; NULL: none, and nothing is left behind */
    pthread_mutex_t lock;      /* of what follows */
    struct spill_extent *left; /* by interrupted queries */
};

/* `limit_bytes` 0: no limit. `directory` NULL: $TMPDIR, or /var/tmp, which is seldom in memory.
 * `stop` may be NULL. */
void spill_init(struct spill *spill, const char *directory, uint64_t limit_bytes,
                struct stop *stop);

/* Gives back what was left behind, on all workers. Zeroed ones are accepted. */
void spill_end(struct spill *spill, struct team *team);

struct spill_area {
    struct spill *spill;
    struct spill_extent *extents;
    char *next; /* free room of the last extent */
    uint64_t left;
};

/* `count` * `size` zeroed bytes, aligned to 64. NULL when the limit is reached, the disk is full or
 * the directory takes no files. */
void *spill_allocate(struct spill_area *area, uint64_t count, uint64_t size);

/* Gives everything back, or leaves it with the spill after an interrupt. Zeroed and closed areas
 * are accepted. */
void spill_close(struct spill_area *area);

#endif
