#include "loader/sort_room.h"

#include <string.h>

static bool grow_array(struct arena *arena, void *array, uint64_t count, uint64_t size)
{
    void *old;
    memcpy(&old, array, sizeof(old));
    void *grown = arena_resize_apart(arena, old, count, size);
    if (grown == NULL) {
        return false;
    }
    memcpy(array, &grown, sizeof(grown));
    return true;
}

bool sort_room_grow(struct sort_room *room, struct arena *arena, uint64_t count)
{
    if (count <= room->capacity) {
        return true;
    }
    room->capacity = count;
    return grow_array(arena, &room->pairs, count, sizeof(*room->pairs)) &&
           grow_array(arena, &room->scratch, count, sizeof(*room->scratch)) &&
           grow_array(arena, &room->times, count, sizeof(*room->times)) &&
           grow_array(arena, &room->links, count, sizeof(*room->links));
}

static bool grow_numbers(struct arena *arena, uint32_t **array, uint64_t *capacity, uint64_t count)
{
    if (count > *capacity) {
        if (!grow_array(arena, array, count, sizeof(**array))) {
            return false;
        }
        *capacity = count;
    }
    return true;
}

bool sort_level_grow(struct sort_level *level, struct arena *arena, uint64_t record_count,
                     uint64_t digit_count)
{
    return grow_numbers(arena, &level->order, &level->order_capacity, record_count) &&
           grow_numbers(arena, &level->ends, &level->end_capacity, digit_count);
}

void sort_room_return(struct sort_room *room, struct arena *arena)
{
    arena_return(arena, room->pairs);
    arena_return(arena, room->scratch);
    arena_return(arena, room->times);
    arena_return(arena, room->links);
    for (uint32_t depth = 0; depth < SORT_LEVELS_MAX; depth++) {
        arena_return(arena, room->levels[depth].order);
        arena_return(arena, room->levels[depth].ends);
    }
    *room = (struct sort_room){0};
}
