#include "engine/path_reach.h"

/* The next flow from `*index` on that follows one of the arrivals from `*at` on in the window, and
 * of these the one that began latest. */
static bool next_following(const struct path_hop *hop, uint64_t *at, uint32_t *index)
{
    const struct path_stretch *stretch = &hop->stretch;
    int64_t window_ns = hop->lane->search->query->window_ns;
    while (*at < hop->count && !path_is_stopped(hop->lane, 1)) {
        *index = stretch_seek(stretch, *index, window_add(hop->arrivals[*at].time, hop->strict));
        *index = stretch_next_passing(stretch, *index);
        if (*index == stretch->count) {
            return false;
        }
        time_ns time = stretch_time_at(stretch, *index);
        /* The last one that it can follow. */
        *at = path_seek_arrival(hop, *at, window_add(time, 1 - hop->strict)) - 1;
        if (!hop->has_window || window_subtract(time, window_ns) <= hop->arrivals[*at].first) {
            return true;
        }
        ++*at;
    }
    return false;
}

/* Whether one of the flows may be the last; `first` is the first that follows. */
static bool may_end(struct path_hop *hop, uint32_t first)
{
    const struct path_search *search = hop->lane->search;
    const struct path_stretch *stretch = &hop->stretch;
    uint32_t index = first;
    if (search->far_bits != NULL && hop->count > 0) {
        struct path_hop last = *hop;
        uint64_t at = 0;
        last.stretch.bits[1] = search->far_bits;
        if (!next_following(&last, &at, &index)) {
            return false;
        }
    }
    while (index < stretch->count &&
           !path_bit(search->far_bits, stretch->holder, stretch_position_at(stretch, index))) {
        index = stretch_next_passing(stretch, index + 1);
    }
    if (index < stretch->count) {
        hop->first = stretch_time_at(stretch, index);
    }
    return index < stretch->count;
}

/* Whether a flow follows an arrival of its own instant. More than two such flows in a row, or two
 * where one leads back to where it came from, may be one flow twice. */
static bool is_tied(const struct path_hop *hop, const struct path_arrival *arrival, time_ns time)
{
    bool is_tied = arrival->time == time;
    if (is_tied && (arrival->has_trail || hop->stretch.far == arrival->vertex)) {
        hop->lane->has_repeats = true;
    }
    return is_tied;
}

static void emit_first(const struct path_hop *hop, time_ns time, time_ns first, bool has_trail)
{
    struct path_arrival *arrival = hop->goes_on ? path_emit(hop) : NULL;
    if (arrival != NULL) {
        *arrival =
            (struct path_arrival){.time = time, .vertex = hop->stretch.far, .has_trail = has_trail};
        arrival->first = first;
    }
}

void path_reach(struct path_hop *hop)
{
    const struct path_stretch *stretch = &hop->stretch;
    uint64_t at = 0;
    uint32_t first = stretch->count;
    uint32_t index = 0;
    if (hop->count == 0) {
        first = stretch_next_passing(stretch, 0);
        for (index = first; index < stretch->count && !path_is_stopped(hop->lane, 1);
             index = stretch_next_passing(stretch, index + 1)) {
            time_ns time = stretch_time_at(stretch, index);
            hop->lane->flows_visited++;
            emit_first(hop, time, hop->has_window ? time : 0, false);
            if (!hop->has_window || !hop->goes_on) {
                break;
            }
        }
    }
    while (next_following(hop, &at, &index)) {
        first = index < first ? index : first;
        hop->lane->flows_visited++;
        const struct path_arrival *arrival = &hop->arrivals[at++];
        time_ns time = stretch_time_at(stretch, index);
        emit_first(hop, time, arrival->first, is_tied(hop, arrival, time));
        if (!hop->goes_on) {
            break;
        }
    }
    hop->ways = first < stretch->count && hop->ends && may_end(hop, first);
}
