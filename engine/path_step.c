/* Arrivals at a vertex, and the flows of each of its links that can follow them. */
#include "engine/path_step.h"

#include "engine/path_front.h"
#include "engine/path_kinds.h"
#include "engine/path_stretch.h"
#include "engine/window.h"

enum {
    LINKS_BY_TIME = 8,       /* of a vertex: fewer are looked at */
    TRIALS_BEFORE_ORDER = 4, /* of its links, before its flows are put in order */
};

/* A hop along one link. */
struct hop {
    struct path_lane *lane;
    const struct path_arrival *arrivals; /* [count] at its near end; none: it is the first hop */
    uint64_t count;
    struct path_stretch stretch;
    uint32_t hops;
    bool goes_on; /* paths may be longer */
    bool ends;    /* and may end here */
    bool has_window;
    time_ns strict; /* 1, or 0 where times may be equal */
    uint64_t ways;  /* paths that end here */
    time_ns first;  /* the earliest time of their last flows */
};

/* The first arrival from `at` on whose time is not before `least`; galloping. */
static uint64_t seek_arrival(const struct hop *hop, uint64_t at, time_ns least)
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

static struct path_arrival *emit(const struct hop *hop)
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

/* The next flow from `*index` on that follows one of the arrivals from `*at` on in the window, and
 * of these the one that began latest. */
static bool next_following(const struct hop *hop, uint64_t *at, uint32_t *index)
{
    const struct path_stretch *stretch = &hop->stretch;
    int64_t window_ns = hop->lane->search->query->window_ns;
    while (*at < hop->count) {
        *index = stretch_seek(stretch, *index, window_add(hop->arrivals[*at].time, hop->strict));
        *index = stretch_next_passing(stretch, *index);
        if (*index == stretch->count) {
            return false;
        }
        time_ns time = stretch_time_at(stretch, *index);
        /* The last one that it can follow. */
        *at = seek_arrival(hop, *at, window_add(time, 1 - hop->strict)) - 1;
        if (!hop->has_window || window_subtract(time, window_ns) <= hop->arrivals[*at].first) {
            return true;
        }
        ++*at;
    }
    return false;
}

/* Whether one of the flows may be the last; `first` is the first that follows. */
static bool may_end(struct hop *hop, uint32_t first)
{
    const struct path_search *search = hop->lane->search;
    const struct path_stretch *stretch = &hop->stretch;
    uint32_t index = first;
    if (search->far_bits != NULL && hop->count > 0) {
        struct hop last = *hop;
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

static void emit_first(const struct hop *hop, time_ns time, time_ns first)
{
    struct path_arrival *arrival = hop->goes_on ? emit(hop) : NULL;
    if (arrival != NULL) {
        *arrival = (struct path_arrival){.time = time, .vertex = hop->stretch.far};
        arrival->first = first;
    }
}

/* Whether there are paths at all; those that nobody else does better than go on. */
static void reach(struct hop *hop)
{
    const struct path_stretch *stretch = &hop->stretch;
    uint64_t at = 0;
    uint32_t first = stretch->count;
    uint32_t index = 0;
    if (hop->count == 0) {
        first = stretch_next_passing(stretch, 0);
        for (index = first; index < stretch->count;
             index = stretch_next_passing(stretch, index + 1)) {
            time_ns time = stretch_time_at(stretch, index);
            hop->lane->flows_visited++;
            emit_first(hop, time, hop->has_window ? time : 0);
            if (!hop->has_window || !hop->goes_on) {
                break;
            }
        }
    }
    while (next_following(hop, &at, &index)) {
        first = index < first ? index : first;
        hop->lane->flows_visited++;
        emit_first(hop, stretch_time_at(stretch, index), hop->arrivals[at++].first);
        if (!hop->goes_on) {
            break;
        }
    }
    hop->ways = first < stretch->count && hop->ends && may_end(hop, first);
}

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

static void emit_ways(const struct hop *hop, time_ns time, uint64_t ways, edge_id edge,
                      const struct path_trail *trail)
{
    struct path_arrival *arrival = hop->goes_on ? emit(hop) : NULL;
    if (arrival != NULL) {
        *arrival = (struct path_arrival){
            .time = time, .edge = edge, .trail = trail, .vertex = hop->stretch.far};
        arrival->ways = ways;
    }
}

static void add_ways(struct path_lane *lane, uint64_t *sum, uint64_t ways)
{
    if (__builtin_add_overflow(*sum, ways, sum)) {
        *sum = UINT64_MAX;
        path_fail_full(lane);
    }
}

/* Paths that arrive at the very time of the flow, which may not be one of theirs. */
static uint64_t count_tied(const struct hop *hop, uint64_t at, edge_id edge)
{
    struct path_lane *lane = hop->lane;
    time_ns time = hop->arrivals[at].time;
    uint64_t sum = 0;
    for (; at < hop->count && hop->arrivals[at].time == time; at++) {
        const struct path_arrival *arrival = &hop->arrivals[at];
        const struct path_trail *trail = arrival->trail;
        uint64_t before = at == 0 ? 0 : arrival[-1].ways;
        uint64_t ways = arrival->ways > before ? arrival->ways - before : 1; /* of too many, some */
        bool is_used = arrival->edge == edge;
        for (; trail != NULL && !is_used; trail = trail->before) {
            is_used = trail->edge == edge;
        }
        if (is_used || path_is_stopped(lane, 1)) {
            continue;
        }
        add_ways(lane, &sum, ways);
        if (hop->goes_on) {
            trail = new_trail(lane, arrival->edge, arrival->trail);
            emit_ways(hop, time, ways, edge, trail);
        }
    }
    return sum;
}

/* How many paths there are, for each flow. */
static void count(struct hop *hop)
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
            at = seek_arrival(hop, at, time);
            ways = at == 0 ? 0 : hop->arrivals[at - 1].ways;
        }
        if (ways > 0) {
            emit_ways(hop, time, ways, edge, NULL);
        }
        if (hop->strict == 0 && at < hop->count && hop->arrivals[at].time == time) {
            tied = count_tied(hop, at, edge);
        }
        if (hop->ends && path_bit(far_bits, stretch->holder, position)) {
            hop->first = hop->ways == 0 ? time : hop->first;
            add_ways(lane, &hop->ways, ways);
            add_ways(lane, &hop->ways, tied);
        }
    }
}

/* Of paths that end with this hop. */
static void end_paths(struct hop *hop)
{
    struct path_lane *lane = hop->lane;
    const struct path_search *search = lane->search;
    if (hop->ways == 0) {
        return;
    }
    struct path_kind kind = {.begin = lane->near,
                             .end = search->tells_far ? hop->stretch.far : 0,
                             .hops = search->query->tells_hops ? hop->hops : 0,
                             .count = hop->ways,
                             .first = hop->first};
    if (!search->tells_far) {
        kind.count = lane->here.count;
        kind.first =
            kind.count > 0 && lane->here.first < kind.first ? lane->here.first : kind.first;
        add_ways(lane, &kind.count, hop->ways);
        lane->here = kind;
    } else if (!path_add_kind(&lane->ended[path_owner(kind.end, lane->lane_count)], lane->arena,
                              &kind)) {
        path_fail_short(lane);
    }
}

static struct hop hop_of(struct path_lane *lane, uint32_t hops)
{
    const struct path_query *query = lane->search->query;
    return (struct hop){.lane = lane,
                        .hops = hops,
                        .goes_on = hops < query->hops_max,
                        .has_window = query->window_ns != CYCLE_WINDOW_ANY,
                        .strict = query->is_strict};
}

/* Whether paths of so many flows may end at the vertex. */
static bool is_end(const struct path_search *search, vertex_id vertex, uint32_t hops)
{
    return hops >= search->query->hops_min &&
           (search->far_vertices == NULL || bit_is_set(search->far_vertices, vertex));
}

/* Goes along one link, or one flow of it. */
static void go(struct hop *hop)
{
    const struct path_search *search = hop->lane->search;
    hop->ends = is_end(search, hop->stretch.far, hop->hops);
    hop->ways = 0;
    if (search->is_counted) {
        count(hop);
    } else {
        reach(hop);
    }
    end_paths(hop);
}

/* The flows of a vertex in order, if they are or are worth it. */
static bool find_order(struct path_lane *lane, const struct partition *partition, uint32_t local,
                       uint32_t link_count, struct timed_flows *flows)
{
    const struct time_order *order = &lane->search->order;
    if (!lane->search->options->splits_always && !time_order_has(order, partition, local) &&
        lane->links_tried < (uint64_t)link_count * TRIALS_BEFORE_ORDER) {
        lane->links_tried += link_count;
        return false;
    }
    lane->links_tried = 0;
    return time_order_find(order, partition, local, &lane->order_room, flows) == TIME_ORDER_FOUND;
}

/* The first that is not before `time`, or after it. */
static uint64_t seek_flow(const struct timed_flows *flows, uint64_t begin, time_ns time,
                          bool is_after)
{
    return is_after && time == INT64_MAX
               ? flows->count
               : timed_link_seek(flows->flows, begin, flows->count, time + is_after);
}

/* Goes along those flows of many links that are in time. False: looking at the links is less. */
static bool step_by_time(struct hop *hop, const struct partition *partition,
                         const struct path_unit *unit)
{
    struct path_lane *lane = hop->lane;
    const struct path_search *search = lane->search;
    uint32_t link_count = unit->link_end - unit->link_begin;
    struct timed_flows flows;
    uint32_t least = search->options->splits_always ? 1 : LINKS_BY_TIME;
    if (hop->count == 0 || !hop->has_window || link_count < least ||
        !find_order(lane, partition, unit->vertex - partition->vertex_base, link_count, &flows)) {
        return false;
    }
    const struct path_arrival *last = &hop->arrivals[hop->count - 1];
    time_ns earliest = window_add(hop->arrivals[0].time, hop->strict);
    time_ns latest =
        search->is_counted ? lane->limit : window_add(last->first, search->query->window_ns);
    bool is_descending = search->is_descending;
    uint64_t begin = seek_flow(&flows, 0, is_descending ? ~latest : earliest, false);
    uint64_t end = seek_flow(&flows, begin, is_descending ? ~earliest : latest, true);
    if (end - begin > link_count && !search->options->splits_always) {
        return false;
    }
    for (uint64_t i = begin; i < end && !path_is_stopped(lane, 1); i++) {
        const struct timed_link *flow = &flows.flows[i];
        if (flow->link >= unit->link_begin && flow->link < unit->link_end) {
            hop->stretch = path_stretch_of(search, partition, flow->link, false);
            hop->stretch.begin = flow->position;
            hop->stretch.count = 1;
            go(hop);
        }
    }
    return true;
}

void path_step(struct path_lane *lane, const struct path_lane *owner, const struct path_unit *unit,
               uint32_t hops)
{
    const struct path_search *search = lane->search;
    const struct partition *partition = graph_partition_of(search->edges, unit->vertex);
    struct hop hop = hop_of(lane, hops);
    hop.arrivals = owner->arrivals.items + unit->begin;
    hop.count = unit->end - unit->begin;
    if (step_by_time(&hop, partition, unit)) {
        return;
    }
    for (uint32_t link = unit->link_begin; link < unit->link_end; link++) {
        if (path_is_stopped(lane, 1)) {
            return;
        }
        lane->links_visited++;
        hop.stretch = path_stretch_of(search, partition, link, hop.count == 0);
        go(&hop);
    }
}

bool path_step_one(struct path_lane *lane, struct path_unit *unit)
{
    const struct path_search *search = lane->search;
    const struct partition *partition = graph_partition_of(search->edges, unit->vertex);
    for (; unit->link_begin < unit->link_end; unit->link_begin++, unit->flow_begin = 0) {
        struct path_stretch stretch = path_stretch_of(search, partition, unit->link_begin, true);
        bool is_last = unit->link_begin + 1 == unit->link_end;
        uint32_t index = stretch_next_passing(&stretch, unit->flow_begin);
        if (index >= (is_last ? unit->flow_end : stretch.count)) {
            continue;
        }
        unit->flow_begin = index + 1;
        stretch.begin = stretch_position_at(&stretch, index);
        stretch.count = 1;
        struct hop hop = hop_of(lane, 1);
        hop.stretch = stretch;
        lane->limit = window_add(stretch_time_at(&stretch, 0), search->query->window_ns);
        go(&hop);
        return true;
    }
    return false;
}
