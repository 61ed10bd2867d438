/* A worker's array that grows and is used again, of a search for cycles or paths. Lives in the
 * worker's arena, goes with it. */
#ifndef GYRE_ENGINE_CYCLE_ROOM_H
#define GYRE_ENGINE_CYCLE_ROOM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "numa/arena.h"

enum { ROOM_BYTES_MIN = 4096 };

struct room {
    void *data;
    uint64_t bytes;
};

static inline uint64_t room_bytes_for(const struct room *room, uint64_t bytes)
{
    uint64_t doubled = room->bytes * 2;
    uint64_t wanted = bytes > doubled ? bytes : doubled;
    return wanted < ROOM_BYTES_MIN ? ROOM_BYTES_MIN : wanted;
}

/* `count` objects of `size` bytes, whose contents are whatever they are; NULL without memory. */
static inline void *room_take(struct room *room, struct arena *arena, uint64_t count, uint64_t size)
{
    if (count * size > room->bytes || room->data == NULL) {
        uint64_t bytes = room_bytes_for(room, count * size);
        arena_return(arena, room->data);
        room->bytes = 0;
        room->data = arena_allocate(arena, bytes, 1);
        room->bytes = room->data == NULL ? 0 : bytes;
    }
    return room->data;
}

/* The same, and what was there stays. */
static inline void *room_grow(struct room *room, struct arena *arena, uint64_t count, uint64_t size)
{
    if (count * size > room->bytes || room->data == NULL) {
        uint64_t bytes = room_bytes_for(room, count * size);
        void *data = arena_resize(arena, room->data, bytes, 1);
        if (data == NULL) {
            return NULL;
        }
        room->data = data;
        room->bytes = bytes;
    }
    return room->data;
}

/* The same, and what is new is zero. */
static inline void *room_extend(struct room *room, struct arena *arena, uint64_t count,
                                uint64_t size)
{
    uint64_t before = room->bytes;
    char *data = room_grow(room, arena, count, size);
    if (data != NULL && room->bytes > before) {
        memset(data + before, 0, room->bytes - before);
    }
    return data;
}

#endif
