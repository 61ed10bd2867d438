/* One hop of paths along a link, or along one flow of it. Inside the engine only. */
#ifndef GYRE_ENGINE_PATH_HOP_H
#define GYRE_ENGINE_PATH_HOP_H

#include "engine/path_front.h"
#include "engine/path_stretch.h"
#include "engine/window.h"

/* A hop along one link. */
struct path_hop {
    struct path_lane *lane;
    const struct path_arrival *arrivals; /* [count] at its near end; none: it is the first hop */
    uint64_t count;
    const struct partition *partition; /* of the near end */
    struct path_stretch stretch;
    uint32_t hops;
    bool goes_on; /* paths may be longer */
    bool ends;    /* and may end here */
    bool has_window;
    bool is_plain;  /* all that is asked of paths that end here is their number, and all may */
    time_ns strict; /* 1, or 0 where times may be equal */
    uint64_t ways;  /* paths that end here */
    time_ns first;  /* the earliest time of their last flows */
};

/* The first arrival from `at` on whose time is not before `least`; galloping. */
static inline uint64_t path_seek_arrival(const struct path_hop *hop, uint64_t at, time_ns least)
{
    uint64_t end = hop->count;
    uint64_t stride = 1;
    uint64_t probe = at;
    while (probe < end && hop->arrivals[probe].time < least) {
        at = probe + 1;
        probe = end - probe > stride ? probe + stride : end;
        stride *= 2;
    }
    end = probe;
    while (at < end) {
        uint64_t middle = at + (end - at) / 2;
        if (hop->arrivals[middle].time < least) {
            at = middle + 1;
        } else {
            end = middle;
        }
    }
    return at;
}

/* An arrival to be filled; NULL: the search is to end. */
static inline struct path_arrival *path_emit(const struct path_hop *hop)
{
    struct path_lane *lane = hop->lane;
    struct path_list *list = &lane->emitted[path_owner(hop->stretch.far, lane->lane_count)];
    struct path_arrival *items =
        room_grow(&list->room, lane->arena, list->count + 1, sizeof *items);
    if (items == NULL) {
        path_fail_short(lane);
        return NULL;
    }
    list->items = items;
    return &items[list->count++];
}

/* The first flow from `begin` on that is not before `time`, or is after it. */
static inline uint64_t path_seek_flow(const struct timed_flows *flows, uint64_t begin, time_ns time,
                                      bool is_after)
{
    return is_after && time == INT64_MAX
               ? flows->count
               : timed_link_seek(flows->flows, begin, flows->count, time + is_after);
}

#endif
