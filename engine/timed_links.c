#include "engine/timed_links.h"

#include <math.h>

#include "engine/orientation.h"
#include "engine/window.h"

/* What a list is chosen from: links first_link .. of link_count, by their flows in order of time.
 */
struct choice {
    struct timed_flows flows;
    uint32_t first_link;
    uint32_t link_count;
    const struct partition *partition; /* of the vertex that has them; NULL: all links */
    uint32_t local;                    /* that vertex in it */
};

static bool room_for(struct searcher *searcher, struct structure_frame *frame, uint32_t degree);

static bool mark(struct searcher *searcher, uint32_t index)
{
    uint64_t bit = UINT64_C(1) << (index & 63);
    bool is_new = (searcher->marks[index >> 6] & bit) == 0;
    searcher->marks[index >> 6] |= bit;
    return is_new;
}

static struct timing timing_of(const struct searcher *searcher, uint32_t edge)
{
    const struct feasible *feasible = &searcher->feasible[edge];
    struct timing timing = {edge, feasible->first, feasible->last};
    if (searcher->search->has_windows) {
        const time_ns *times = searcher->partitions[edge]->flow_time;
        timing.first = window_begin(times, timing.first, timing.last, feasible->earliest);
        timing.last = window_end(times, timing.first, timing.last, feasible->latest);
    }
    return timing;
}

/* How much time the windows of `edge` around the flows take, if they do not overlap; infinite
 * without bounds on both sides. */
static double time_taken(const struct searcher *searcher, uint32_t edge,
                         const struct timing *timing)
{
    const struct window *window = &searcher->search->query->window;
    int64_t before = window->limit_ns[edge][timing->edge];
    int64_t after = window->limit_ns[timing->edge][edge];
    return before == WINDOW_NONE || after == WINDOW_NONE
               ? INFINITY
               : ((double)before + (double)after + 1) * (timing->last - timing->first);
}

struct timing timed_links_timing(const struct searcher *searcher, uint32_t edge)
{
    uint32_t rest = searcher->bound_edges;
    struct timing best = timing_of(searcher, (uint32_t)__builtin_ctz(rest));
    double least = time_taken(searcher, edge, &best);
    for (rest &= rest - 1; rest != 0; rest &= rest - 1) {
        struct timing timing = timing_of(searcher, (uint32_t)__builtin_ctz(rest));
        double taken = time_taken(searcher, edge, &timing);
        if (taken < least) {
            best = timing;
            least = taken;
        }
    }
    return best;
}

/* Lists the links; false when looking at more than `effort` flows was not enough. Windows of
 * ascending flows ascend, so that every flow of the vertex is looked at once at most. */
static bool list_links(struct searcher *searcher, struct structure_frame *frame, uint32_t edge,
                       const struct timing *timing, const struct choice *choice, uint64_t effort)
{
    const struct timed_link *flows = choice->flows.flows;
    uint64_t at = 0;
    uint64_t end = choice->flows.count;
    const struct window *window = &searcher->search->query->window;
    int64_t before = window->limit_ns[edge][timing->edge];
    int64_t after = window->limit_ns[timing->edge][edge];
    const struct partition *partition = searcher->partitions[timing->edge];
    uint64_t *const *filter = searcher->search->filters->edges[timing->edge].bits;
    const uint64_t *bits = filter == NULL ? NULL : filter[partition->index];
    for (uint32_t position = timing->first; position < timing->last; position++) {
        if (bits != NULL && !bit_is_set(bits, position)) {
            continue;
        }
        time_ns time = partition->flow_time[position];
        time_ns least = before == WINDOW_NONE ? INT64_MIN : window_subtract(time, before);
        time_ns greatest = after == WINDOW_NONE ? INT64_MAX : window_add(time, after);
        at = timed_link_seek(flows, at, end, least);
        for (; at < end && flows[at].time <= greatest; at++) {
            if (effort-- == 0) {
                return false;
            }
            if (mark(searcher, flows[at].link - choice->first_link)) {
                frame->listed[frame->listed_count++] = flows[at].link;
            }
        }
    }
    return true;
}

/* The links of the walked neighbours, or all: a scan has no vertex to start from. */
static void choose(const struct searcher *searcher, const struct structure_frame *frame,
                   uint32_t step, struct choice *choice)
{
    const struct search *search = searcher->search;
    const struct plan_step *plan_step = &search->plan->steps[step];
    if (plan_step->kind == STEP_SCAN_LINKS) {
        uint64_t link_count = search->link_base[search->edges->partition_count];
        *choice = (struct choice){.link_count = (uint32_t)link_count};
        return;
    }
    const struct neighbours *neighbours = &frame->neighbours[plan_step->edges[0]];
    *choice = (struct choice){
        .first_link = neighbours->begin,
        .link_count = neighbours->end - neighbours->begin,
        .partition = neighbours->partition,
        .local = neighbours->vertex - neighbours->partition->vertex_base,
    };
}

/* The flows of these links. */
static bool find_flows(struct searcher *searcher, uint32_t step, struct choice *choice)
{
    const struct time_order *order = searcher->orientation->orders[step];
    if (choice->partition == NULL) {
        choice->flows = order->whole;
        return true;
    }
    /* To walk the links of a vertex once costs less than to order its flows, and most often the
     * first that a search comes to is a hub: some searches come to no other. */
    if (!searcher->has_walked && !time_order_has(order, choice->partition, choice->local)) {
        searcher->has_walked = true;
        return false;
    }
    return time_order_find(order, choice->partition, choice->local, &searcher->order_room,
                           &choice->flows) == TIME_ORDER_FOUND;
}

bool timed_links_enter(struct searcher *searcher, uint32_t step)
{
    struct structure_frame *frame = &searcher->structure[step];
    uint32_t edge = searcher->search->plan->steps[step].edges[0];
    struct choice choice;
    choose(searcher, frame, step, &choice);
    frame->listed_count = 0;
    if (choice.link_count <= TIMED_LINKS_MIN) {
        return false;
    }
    struct timing timing = timed_links_timing(searcher, edge);
    if (timing.last - timing.first > choice.link_count ||
        !room_for(searcher, frame, choice.link_count) || !find_flows(searcher, step, &choice)) {
        return false;
    }
    bool is_listed =
        list_links(searcher, frame, edge, &timing, &choice, (uint64_t)choice.link_count * 2);
    if (choice.partition != NULL) {
        search_touch(searcher, choice.partition, 0,
                     frame->listed_count * sizeof(struct timed_link));
    }
    for (uint32_t i = 0; i < frame->listed_count; i++) {
        searcher->marks[(frame->listed[i] - choice.first_link) >> 6] = 0;
    }
    return is_listed;
}

/* Both grow in powers of two, so that hubs met in ascending order of degree do not use up memory.
 * Without memory all links are walked instead, which needs none. */
static bool room_for(struct searcher *searcher, struct structure_frame *frame, uint32_t degree)
{
    uint64_t capacity = 1024;
    while (capacity < degree) {
        capacity *= 2;
    }
    if (degree > frame->listed_capacity) {
        uint32_t *listed =
            arena_resize(searcher->arena, frame->listed, capacity, sizeof(*frame->listed));
        if (listed == NULL) {
            return false;
        }
        frame->listed = listed;
        frame->listed_capacity = capacity;
    }
    if (degree > searcher->marks_capacity) {
        uint64_t *marks = arena_allocate_zeroed(searcher->arena, capacity / 64, sizeof(*marks));
        if (marks == NULL) {
            return false;
        }
        searcher->marks = marks;
        searcher->marks_capacity = capacity;
    }
    return true;
}
