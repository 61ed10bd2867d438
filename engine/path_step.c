/* Arrivals at a vertex, and the flows of each of its links that can follow them. */
#include "engine/path_step.h"

#include "engine/path_kinds.h"
#include "engine/path_reach.h"
#include "engine/path_ways.h"

enum {
    LINKS_BY_TIME = 8,       /* of a vertex: fewer are looked at */
    TRIALS_BEFORE_ORDER = 4, /* of its links, before its flows are put in order */
};

/* Of paths that end with this hop. */
static void end_paths(struct path_hop *hop)
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
        path_add_ways(lane, &kind.count, hop->ways);
        lane->here = kind;
    } else if (!path_add_kind(&lane->ended[path_owner(kind.end, lane->lane_count)], lane->arena,
                              &kind)) {
        path_fail_short(lane);
    }
}

/* Whether nothing is asked of those that end with the last hop. */
static bool is_plain(const struct path_search *search, uint32_t hops)
{
    const struct path_query *query = search->query;
    return search->is_counted && hops == query->hops_max && !search->tells_far &&
           !query->tells_first && search->far_bits == NULL && search->far_vertices == NULL;
}

static struct path_hop hop_of(struct path_lane *lane, uint32_t hops)
{
    const struct path_query *query = lane->search->query;
    return (struct path_hop){.lane = lane,
                             .hops = hops,
                             .goes_on = hops < query->hops_max,
                             .has_window = query->window_ns != CYCLE_WINDOW_ANY,
                             .is_plain = is_plain(lane->search, hops),
                             .strict = query->is_strict};
}

/* Whether paths of so many flows may end at the vertex. */
static bool is_end(const struct path_search *search, vertex_id vertex, uint32_t hops)
{
    return hops >= search->query->hops_min &&
           (search->far_vertices == NULL || bit_is_set(search->far_vertices, vertex));
}

/* Goes along one link, or one flow of it. */
static void go(struct path_hop *hop)
{
    const struct path_search *search = hop->lane->search;
    hop->ends = is_end(search, hop->stretch.far, hop->hops);
    hop->ways = 0;
    if (search->is_counted) {
        path_count(hop);
    } else {
        path_reach(hop);
    }
    end_paths(hop);
}

/* The flows of a vertex in order, if they are or are worth it. */
static bool find_order(struct path_lane *lane, const struct partition *partition, uint32_t local,
                       uint32_t link_count, struct timed_flows *flows)
{
    const struct time_order *order = &lane->search->order;
    if (!time_order_has(order, partition, local)) {
        lane->links_tried += link_count;
        if (!lane->search->options->splits_always &&
            lane->links_tried < (uint64_t)link_count * TRIALS_BEFORE_ORDER) {
            return false;
        }
        lane->links_tried = 0;
    }
    return time_order_find(order, partition, local, &lane->order_room, flows) == TIME_ORDER_FOUND;
}

/* Whether a unit has all links of its vertex. */
static bool is_whole(const struct path_hop *hop, const struct path_unit *unit)
{
    const struct vertex_flows *of = &hop->lane->search->order.of;
    uint32_t local = unit->vertex - hop->partition->vertex_base;
    return unit->link_end - unit->link_begin == vertex_flows_links(of, hop->partition, local);
}

/* Flows of a vertex in order: begin .. end - 1. */
struct timed_range {
    uint64_t begin;
    uint64_t end;
};

static struct timed_range range_of(const struct timed_flows *flows, time_ns earliest,
                                   time_ns latest, bool is_descending)
{
    struct timed_range range = {0, 0};
    if (earliest <= latest) {
        range.begin = path_seek_flow(flows, 0, is_descending ? ~latest : earliest, false);
        range.end = path_seek_flow(flows, range.begin, is_descending ? ~earliest : latest, true);
    }
    return range;
}

/* Those that follow arrival `index` in the window, and no later one, which does better. */
static struct timed_range range_behind(const struct path_hop *hop, const struct timed_flows *flows,
                                       uint64_t index)
{
    const struct path_search *search = hop->lane->search;
    const struct path_arrival *arrival = &hop->arrivals[index];
    time_ns latest = window_add(arrival->first, search->query->window_ns);
    if (index + 1 < hop->count) {
        time_ns next = window_add(arrival[1].time, hop->strict - 1);
        latest = next < latest ? next : latest;
    }
    return range_of(flows, window_add(arrival->time, hop->strict), latest, search->is_descending);
}

/* Goes along the flows of a range that are of the unit's links. */
static void go_range(struct path_hop *hop, const struct path_unit *unit,
                     const struct timed_flows *flows, struct timed_range range)
{
    struct path_lane *lane = hop->lane;
    for (uint64_t i = range.begin; i < range.end && !path_is_stopped(lane, 1); i++) {
        const struct timed_link *flow = &flows->flows[i];
        if (flow->link >= unit->link_begin && flow->link < unit->link_end) {
            hop->stretch = path_stretch_of(lane->search, hop->partition, flow->link, false);
            hop->stretch.begin = flow->position;
            hop->stretch.count = 1;
            go(hop);
        }
    }
}

/* Where it is enough that there are paths. False: looking at the links is less. */
static bool reach_by_time(struct path_hop *hop, const struct path_unit *unit,
                          const struct timed_flows *flows, uint64_t most)
{
    const struct path_arrival *arrivals = hop->arrivals;
    uint64_t arrival_count = hop->count;
    uint64_t flow_count = 0;
    for (uint64_t i = 0; i < arrival_count && flow_count + i <= most; i++) {
        struct timed_range range = range_behind(hop, flows, i);
        flow_count += range.end - range.begin;
    }
    if (flow_count + arrival_count > most) {
        return false;
    }
    for (uint64_t i = 0; i < arrival_count && !path_is_stopped(hop->lane, 1); i++) {
        struct timed_range range = range_behind(hop, flows, i);
        hop->arrivals = &arrivals[i];
        hop->count = 1;
        go_range(hop, unit, flows, range);
        hop->arrivals = arrivals;
        hop->count = arrival_count;
    }
    return true;
}

/* Where paths are counted, from one first flow on. */
static bool count_by_time(struct path_hop *hop, const struct path_unit *unit,
                          const struct timed_flows *flows, uint64_t most)
{
    struct path_lane *lane = hop->lane;
    time_ns earliest = window_add(hop->arrivals[0].time, hop->strict);
    struct timed_range range = range_of(flows, earliest, lane->limit, lane->search->is_descending);
    if (hop->is_plain && hop->count < range.end - range.begin && is_whole(hop, unit)) {
        hop->ways = 0;
        path_count_plain(hop, flows, range.begin, range.end);
        end_paths(hop);
        return true;
    }
    if (range.end - range.begin > most) {
        return false;
    }
    go_range(hop, unit, flows, range);
    return true;
}

/* Goes along those flows of many links that are in time. False: looking at the links is less. */
static bool step_by_time(struct path_hop *hop, const struct path_unit *unit)
{
    struct path_lane *lane = hop->lane;
    bool splits_always = lane->search->options->splits_always;
    uint32_t link_count = unit->link_end - unit->link_begin;
    uint32_t local = unit->vertex - hop->partition->vertex_base;
    uint64_t most = splits_always ? UINT64_MAX : link_count;
    struct timed_flows flows;
    if (hop->count == 0 || !hop->has_window || link_count < (splits_always ? 1 : LINKS_BY_TIME) ||
        !find_order(lane, hop->partition, local, link_count, &flows)) {
        return false;
    }
    return lane->search->is_counted ? count_by_time(hop, unit, &flows, most)
                                    : reach_by_time(hop, unit, &flows, most);
}

void path_step(struct path_lane *lane, const struct path_lane *owner, const struct path_unit *unit,
               uint32_t hops)
{
    const struct path_search *search = lane->search;
    const struct partition *partition = graph_partition_of(search->edges, unit->vertex);
    struct path_hop hop = hop_of(lane, hops);
    hop.arrivals = owner->arrivals.items + unit->begin;
    hop.count = unit->end - unit->begin;
    hop.partition = partition;
    if (step_by_time(&hop, unit)) {
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
        struct path_hop hop = hop_of(lane, 1);
        hop.stretch = stretch;
        lane->limit = window_add(stretch_time_at(&stretch, 0), search->query->window_ns);
        go(&hop);
        return true;
    }
    return false;
}
