#include "engine/path_ways.h"

static struct path_trail *new_trail(struct path_lane *lane, edge_id edge,
                                    const struct path_trail *before)
{
    uint64_t block = lane->trail_count / PATH_TRAILS;
    if (block == lane->trail_blocks) {
        struct path_trail **blocks =
            room_grow(&lane->trail_room, lane->arena, block + 1, sizeof *blocks);
        if (blocks != NULL) {
            lane->trails = blocks;
            blocks[block] = arena_allocate(lane->arena, PATH_TRAILS, sizeof **blocks);
        }
        if (blocks == NULL || blocks[block] == NULL) {
            path_fail_short(lane);
            return NULL;
        }
        lane->trail_blocks++;
    }
    struct path_trail *trail = &lane->trails[block][lane->trail_count++ % PATH_TRAILS];
    *trail = (struct path_trail){edge, before};
    return trail;
}

static struct path_arrival *emit_ways(const struct path_hop *hop, time_ns time, uint64_t ways,
                                      edge_id edge)
{
    struct path_arrival *arrival = hop->goes_on ? path_emit(hop) : NULL;
    if (arrival != NULL) {
        *arrival = (struct path_arrival){.time = time, .edge = edge, .vertex = hop->stretch.far};
        arrival->ways = ways;
    }
    return arrival;
}

void path_add_ways(struct path_lane *lane, uint64_t *sum, uint64_t ways)
{
    if (__builtin_add_overflow(*sum, ways, sum)) {
        *sum = UINT64_MAX;
        path_fail_full(lane);
    }
}

/* Whether paths have taken a flow of the time at which they arrive. */
static bool have_taken(const struct path_arrival *arrival, edge_id edge)
{
    const struct path_trail *trail = arrival->has_trail ? arrival->trail : NULL;
    while (trail != NULL && trail->edge != edge) {
        trail = trail->before;
    }
    return arrival->has_trail ? trail != NULL : arrival->edge == edge;
}

/* Paths go on by a flow of the time at which they arrive. */
static void emit_tied(const struct path_hop *hop, const struct path_arrival *arrival, uint64_t ways,
                      edge_id edge)
{
    struct path_lane *lane = hop->lane;
    struct path_arrival *tied = emit_ways(hop, arrival->time, ways, edge);
    if (tied != NULL) {
        const struct path_trail *before =
            arrival->has_trail ? arrival->trail : new_trail(lane, arrival->edge, NULL);
        tied->trail = new_trail(lane, edge, before);
        tied->has_trail = true;
    }
}

/* Paths that arrive at the very time of the flow, which may not be one of theirs. */
static uint64_t count_tied(const struct path_hop *hop, uint64_t at, edge_id edge)
{
    struct path_lane *lane = hop->lane;
    time_ns time = hop->arrivals[at].time;
    uint64_t sum = 0;
    for (; at < hop->count && hop->arrivals[at].time == time; at++) {
        const struct path_arrival *arrival = &hop->arrivals[at];
        uint64_t before = at == 0 ? 0 : arrival[-1].ways;
        uint64_t ways = arrival->ways > before ? arrival->ways - before : 1; /* of too many, some */
        if (!path_is_stopped(lane, 1) && !have_taken(arrival, edge)) {
            path_add_ways(lane, &sum, ways);
            emit_tied(hop, arrival, ways, edge);
        }
    }
    return sum;
}

/* Flows that may follow arrivals, in the order in which a path takes them: of a link, or of all
 * links of a vertex. */
struct followers {
    const struct path_stretch *stretch; /* or */
    const struct timed_flows *flows;
    uint64_t begin; /* of the vertex's flows: those in the window */
    uint64_t end;
    bool is_descending;
};

/* How many of them are later than `time`, and how many not earlier. */
static uint64_t count_later(const struct followers *followers, time_ns time, bool or_equal)
{
    if (followers->stretch != NULL) {
        time_ns least = window_add(time, !or_equal);
        uint32_t first = stretch_seek(followers->stretch, 0, least);
        return first < followers->end ? followers->end - first : 0;
    }
    const struct timed_flows *flows = followers->flows;
    uint64_t begin = followers->begin;
    return followers->is_descending
               ? path_seek_flow(flows, begin, ~time, or_equal) - begin
               : followers->end - path_seek_flow(flows, begin, time, !or_equal);
}

/* The edge of the one that has so many behind it. */
static edge_id edge_before(const struct path_hop *hop, const struct followers *followers,
                           uint64_t later)
{
    const struct path_search *search = hop->lane->search;
    if (followers->stretch != NULL) {
        uint32_t index = (uint32_t)(followers->end - 1 - later);
        return edge_id_of(followers->stretch->holder->index,
                          stretch_position_at(followers->stretch, index));
    }
    uint64_t at = followers->is_descending ? followers->begin + later : followers->end - 1 - later;
    const struct timed_link *flow = &followers->flows->flows[at];
    struct path_stretch stretch = path_stretch_of(search, hop->partition, flow->link, false);
    return edge_id_of(stretch.holder->index, flow->position);
}

/* Paths that end with any of the flows, none of which is looked at unless times are equal. */
static void count_all(struct path_hop *hop, const struct followers *followers)
{
    struct path_lane *lane = hop->lane;
    for (uint64_t i = 0; i < hop->count && !path_is_stopped(lane, 1); i++) {
        time_ns time = hop->arrivals[i].time;
        uint64_t before = i == 0 ? 0 : hop->arrivals[i - 1].ways;
        uint64_t later = count_later(followers, time, false);
        uint64_t ways = 0;
        if (__builtin_mul_overflow(hop->arrivals[i].ways - before, later, &ways)) {
            ways = UINT64_MAX;
            path_fail_full(lane);
        }
        path_add_ways(lane, &hop->ways, ways);
        if (hop->strict > 0 || (i > 0 && hop->arrivals[i - 1].time == time)) {
            continue;
        }
        for (uint64_t end = count_later(followers, time, true); later < end; later++) {
            path_add_ways(lane, &hop->ways, count_tied(hop, i, edge_before(hop, followers, later)));
        }
    }
}

/* The same of the flows of a link, where these are more. */
static bool count_link(struct path_hop *hop)
{
    const struct path_stretch *stretch = &hop->stretch;
    struct followers followers = {.stretch = stretch};
    if (!hop->is_plain || hop->count == 0 || hop->count >= stretch->count) {
        return false;
    }
    followers.end = hop->lane->limit == INT64_MAX ? stretch->count
                                                  : stretch_seek(stretch, 0, hop->lane->limit + 1);
    count_all(hop, &followers);
    return true;
}

void path_count_plain(struct path_hop *hop, const struct timed_flows *flows, uint64_t begin,
                      uint64_t end)
{
    struct followers followers = {.flows = flows,
                                  .begin = begin,
                                  .end = end,
                                  .is_descending = hop->lane->search->is_descending};
    count_all(hop, &followers);
}

/* Flow by flow. */
static void count_each(struct path_hop *hop)
{
    struct path_lane *lane = hop->lane;
    const struct path_stretch *stretch = &hop->stretch;
    uint64_t *const *far_bits = lane->search->far_bits;
    uint64_t at = 0;
    uint32_t index = hop->count == 0 ? 0 : stretch_seek(stretch, 0, hop->arrivals[0].time);
    for (index = stretch_next_passing(stretch, index); index < stretch->count;
         index = stretch_next_passing(stretch, index + 1)) {
        time_ns time = stretch_time_at(stretch, index);
        uint32_t position = stretch_position_at(stretch, index);
        edge_id edge = edge_id_of(stretch->holder->index, position);
        if (time > lane->limit || path_is_stopped(lane, 1)) {
            break;
        }
        lane->flows_visited++;
        uint64_t ways = hop->count == 0;
        uint64_t tied = 0;
        if (hop->count > 0) {
            at = path_seek_arrival(hop, at, time);
            ways = at == 0 ? 0 : hop->arrivals[at - 1].ways;
        }
        if (ways > 0) {
            (void)emit_ways(hop, time, ways, edge);
        }
        if (hop->strict == 0 && at < hop->count && hop->arrivals[at].time == time) {
            tied = count_tied(hop, at, edge);
        }
        if (hop->ends && path_bit(far_bits, stretch->holder, position)) {
            hop->first = hop->ways == 0 ? time : hop->first;
            path_add_ways(lane, &hop->ways, ways);
            path_add_ways(lane, &hop->ways, tied);
        }
    }
}

void path_count(struct path_hop *hop)
{
    if (hop->lane->search->query->flow_bits != NULL || !count_link(hop)) {
        count_each(hop);
    }
}
