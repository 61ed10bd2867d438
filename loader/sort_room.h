/* What a worker sorts records in: grown to the largest part it has met, and given back when the
 * worker is done, since links are written next, with room for them but not for this. Internal to
 * loader/adjacency.c. */
#ifndef GYRE_LOADER_SORT_ROOM_H
#define GYRE_LOADER_SORT_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/radix.h"
#include "base/time_text.h"
#include "graph/partition.h"
#include "numa/arena.h"

/* A level has a counter for every fourth record of a part that is cut, of which there are 2^13 at
 * least; hence uses up 10 bits at least, of 48 of key and 64 of time. */
enum { SORT_RECORDS_MIN = 1 << 13, SORT_LEVELS_MAX = 12 };

struct link_item {
    vertex_id source;
    vertex_id target;
    uint32_t begin; /* position of its first flow in the partition */
};

/* Of a part that is cut. */
struct sort_level {
    uint64_t order_capacity;
    uint32_t *order; /* records, digit by digit */
    uint64_t end_capacity;
    uint32_t *ends; /* of each digit's records */
};

/* Zeroed: empty. */
struct sort_room {
    uint64_t capacity;
    struct radix_pair *pairs;
    struct radix_pair *scratch;
    time_ns *times; /* in order of the records */
    struct link_item *links;
    struct sort_level levels[SORT_LEVELS_MAX];
};

/* False without memory. */
bool sort_room_grow(struct sort_room *room, struct arena *arena, uint64_t count);
bool sort_level_grow(struct sort_level *level, struct arena *arena, uint64_t record_count,
                     uint64_t digit_count);
void sort_room_return(struct sort_room *room, struct arena *arena);

#endif
