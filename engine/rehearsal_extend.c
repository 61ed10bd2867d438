/* A step by time finds only the links with a flow in the windows, of a hub's many. Links tried at
 * even distances would nearly all miss them: instead flows of some links are put in the order of
 * time (engine/rehearsal_time.h), and those in the windows are the candidates. */
#include "engine/rehearsal_extend.h"

#include "engine/feasible.h"
#include "engine/rehearsal_time.h"
#include "engine/timed_links.h"
#include "engine/window.h"

/* What there is to try for one partial match. */
struct candidates {
    uint32_t walked; /* the edge whose list is the shortest */
    uint32_t first;  /* neighbours on it */
    uint32_t last;
    const struct time_sample *timed; /* flows by time; NULL: all neighbours */
    struct timing timing;
    uint32_t next_timing; /* the flow whose window comes next */
    uint32_t at;          /* the next flow, */
    uint64_t latest;      /* if it is in the window of now */
};

static struct neighbours *list_of(struct rehearsal *rehearsal, uint32_t edge)
{
    return &rehearsal->searcher.structure[0].neighbours[edge];
}

/* Sets the lists of all edges; returns the one with the shortest. */
static uint32_t set_lists(struct rehearsal *rehearsal)
{
    const struct plan_trial *trial = rehearsal->trial;
    uint32_t walked = rehearsal_edge(rehearsal);
    for (uint32_t rest = trial->edges; rest != 0; rest &= rest - 1) {
        uint32_t e = (uint32_t)__builtin_ctz(rest);
        bool is_out = rehearsal->searcher.orientation->edges[e].source != trial->vertex;
        struct neighbours *list = list_of(rehearsal, e);
        rehearsal_set_list(rehearsal, e, is_out, list);
        const struct neighbours *least = list_of(rehearsal, walked);
        walked = list->end - list->begin < least->end - least->begin ? e : walked;
    }
    return walked;
}

/* The searcher gets a partial match, and what there is to try for it. */
static struct candidates enter(struct rehearsal *rehearsal, const struct sample *from, uint32_t i)
{
    rehearsal_restore(rehearsal, from, i);
    uint32_t walked = set_lists(rehearsal);
    const struct neighbours *list = list_of(rehearsal, walked);
    struct candidates candidates = {.walked = walked, .first = list->begin, .last = list->end};
    uint32_t count = list->end - list->begin;
    if (rehearsal->trial->by_time && count > TIMED_LINKS_MIN) {
        candidates.timing = timed_links_timing(&rehearsal->searcher, walked);
        candidates.next_timing = candidates.timing.first;
        if (candidates.timing.last - candidates.timing.first <= count) {
            candidates.timed = rehearsal_time_sample(rehearsal, walked);
        }
    }
    return candidates;
}

/* The first of the sample from `at` on that is not before `least`. */
static uint32_t seek(const struct time_sample *sample, uint32_t at, uint64_t least)
{
    uint32_t end = sample->count;
    while (at < end) {
        uint32_t middle = at + (end - at) / 2;
        if (sample->pairs[middle].key < least) {
            at = middle + 1;
        } else {
            end = middle;
        }
    }
    return at;
}

/* The next flow in the windows; NULL: none. Windows of ascending flows ascend. */
static const struct radix_pair *next_flow(const struct searcher *searcher,
                                          struct candidates *candidates)
{
    const struct time_sample *sample = candidates->timed;
    const struct timing *timing = &candidates->timing;
    const struct window *window = &searcher->search->query->window;
    const time_ns *times = searcher->partitions[timing->edge]->flow_time;
    while (candidates->at < sample->count) {
        if (sample->pairs[candidates->at].key < candidates->latest) {
            return &sample->pairs[candidates->at++];
        }
        if (candidates->next_timing == timing->last) {
            return NULL;
        }
        time_ns time = times[candidates->next_timing++];
        int64_t before = window->limit_ns[candidates->walked][timing->edge];
        int64_t after = window->limit_ns[timing->edge][candidates->walked];
        candidates->latest = rehearsal_time_key(window_add(time, after)) + 1;
        candidates->at =
            seek(sample, candidates->at, rehearsal_time_key(window_subtract(time, before)));
    }
    return NULL;
}

/* The flows that one of the sample stands for. */
static double flows_of(const struct candidates *candidates, const struct radix_pair *flow)
{
    return (double)(flow->value >> 32) * candidates->timed->link_stride;
}

/* Flows of the bound edge within the windows around the flows of another one: as often the link is
 * among the candidates. Looks at each flow of the one that has fewer. */
static double count_listed(const struct searcher *searcher, uint32_t edge,
                           const struct timing *timing)
{
    const struct window *window = &searcher->search->query->window;
    int64_t before = window->limit_ns[edge][timing->edge];
    int64_t after = window->limit_ns[timing->edge][edge];
    const time_ns *times = searcher->partitions[edge]->flow_time;
    const time_ns *others = searcher->partitions[timing->edge]->flow_time;
    uint32_t first = searcher->feasible[edge].first;
    uint32_t last = searcher->feasible[edge].last;
    double count = 0;
    if (last - first <= timing->last - timing->first) {
        uint32_t at = timing->first;
        for (uint32_t i = first; i < last && at < timing->last; i++) {
            at = window_begin(others, at, timing->last, window_subtract(times[i], after));
            count += at < timing->last && others[at] <= window_add(times[i], before);
        }
        return count;
    }
    uint32_t at = first;
    for (uint32_t i = timing->first; i < timing->last && at < last; i++) {
        uint32_t begin = window_begin(times, at, last, window_subtract(others[i], before));
        at = window_end(times, begin, last, window_add(others[i], after));
        count += at - begin;
    }
    return count;
}

static bool bind(struct rehearsal *rehearsal, uint32_t edge, uint32_t index)
{
    struct searcher *searcher = &rehearsal->searcher;
    searcher->links[edge] = neighbours_link(list_of(rehearsal, edge), rehearsal->search.edges,
                                            index, &searcher->partitions[edge]);
    return feasible_bind(searcher, edge);
}

/* Tries the neighbour at `index` of the walked list. Its link and another may have millions of
 * flows each. */
static void try_neighbour(struct rehearsal *rehearsal, const struct sample *from,
                          const struct candidates *candidates, uint32_t index, double weight)
{
    const struct plan_trial *trial = rehearsal->trial;
    struct searcher *searcher = &rehearsal->searcher;
    uint32_t walked = candidates->walked;
    if (stop_is_requested(rehearsal->search.stop)) {
        return;
    }
    vertex_id vertex = neighbour_at(list_of(rehearsal, walked), index);
    searcher->vertices[trial->vertex] = vertex;
    rehearsal_count(rehearsal, weight);
    bool passes = rehearsal_vertices_pass(rehearsal, from);
    for (uint32_t rest = trial->edges & ~(1u << walked); passes && rest != 0; rest &= rest - 1) {
        passes = neighbours_search(list_of(rehearsal, (uint32_t)__builtin_ctz(rest)), vertex);
    }
    for (uint32_t rest = trial->edges; passes && rest != 0; rest &= rest - 1) {
        uint32_t e = (uint32_t)__builtin_ctz(rest);
        passes = bind(rehearsal, e, e == walked ? index : list_of(rehearsal, e)->cursor);
    }
    double times = 1;
    if (passes && candidates->timed != NULL) {
        times = count_listed(searcher, walked, &candidates->timing);
    }
    if (passes && times > 0) {
        rehearsal_take(rehearsal, weight / times);
    }
    searcher->bound_edges = from->edges;
    feasible_restore(searcher, &searcher->structure[0]);
}

/* Tries candidates of one partial match from `at` on, at distances of `stride` (0: all of them),
 * where `begin` lie before it. */
static double try_candidates(struct rehearsal *rehearsal, const struct sample *from, uint32_t i,
                             double begin, double at, double stride)
{
    double weight = from->weights[i];
    struct candidates candidates = enter(rehearsal, from, i);
    if (candidates.timed == NULL) {
        uint32_t count = candidates.last - candidates.first;
        for (uint32_t index = 0; stride == 0 && index < count; index++) {
            try_neighbour(rehearsal, from, &candidates, candidates.first + index, weight);
        }
        double end = begin + weight * count;
        for (; stride > 0 && at < end && rehearsal->next.count < PASSED_MAX; at += stride) {
            uint32_t index = (uint32_t)((at - begin) / weight);
            index = index < count ? index : count - 1;
            try_neighbour(rehearsal, from, &candidates, candidates.first + index, stride);
        }
        return at;
    }
    const struct radix_pair *flow;
    while ((flow = next_flow(&rehearsal->searcher, &candidates)) != NULL) {
        double flows = weight * flows_of(&candidates, flow);
        begin += flows;
        if (stride == 0) {
            try_neighbour(rehearsal, from, &candidates, (uint32_t)flow->value, flows);
        }
        for (; stride > 0 && at < begin && rehearsal->next.count < PASSED_MAX; at += stride) {
            try_neighbour(rehearsal, from, &candidates, (uint32_t)flow->value, stride);
        }
    }
    return at;
}

/* Tries candidates of all partial matches. */
static void try_all(struct rehearsal *rehearsal, const struct sample *from, double stride)
{
    double at = stride * rehearsal->phase;
    double begin = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        double end = begin + from->weights[i] * rehearsal->lengths[i];
        if (end > begin && (stride == 0 || at < end)) {
            at = try_candidates(rehearsal, from, i, begin, at, stride);
        }
        begin = end;
    }
}

static struct totals measure(struct rehearsal *rehearsal, const struct sample *from,
                             bool *is_partial)
{
    struct totals totals = {0};
    *is_partial = false;
    for (uint32_t i = 0; i < from->count && !stop_is_requested(rehearsal->search.stop); i++) {
        struct candidates candidates = enter(rehearsal, from, i);
        double neighbours = candidates.last - candidates.first;
        double length = neighbours;
        double seen = neighbours;
        if (candidates.timed != NULL) {
            const struct radix_pair *flow;
            length = 0;
            seen = 0;
            while ((flow = next_flow(&rehearsal->searcher, &candidates)) != NULL) {
                length += flows_of(&candidates, flow);
                seen++;
            }
            *is_partial = *is_partial || candidates.timed->is_partial;
        }
        rehearsal->lengths[i] = length;
        totals.neighbours += neighbours * from->weights[i];
        totals.candidates += length * from->weights[i];
        totals.seen += seen;
        totals.starts += candidates.timed == NULL ? 1 : 1.0 / candidates.timed->link_stride;
    }
    return totals;
}

bool rehearsal_extend(struct rehearsal *rehearsal, const struct sample *from, struct totals *totals)
{
    bool is_partial;
    *totals = measure(rehearsal, from, &is_partial);
    if (stop_is_requested(rehearsal->search.stop)) {
        rehearsal_begin_step(rehearsal);
        return false;
    }
    uint32_t tried = TRIED_FIRST * rehearsal->effort;
    uint32_t most = tried * TRIED_TIMES;
    for (;; tried *= 4) {
        bool is_all = totals->seen <= tried && totals->seen <= PASSED_MAX;
        rehearsal_begin_step(rehearsal);
        try_all(rehearsal, from, is_all ? 0 : totals->candidates / tried);
        if (is_all || tried >= most || rehearsal->next.count >= ENOUGH * rehearsal->effort) {
            return is_all && !is_partial;
        }
    }
}

void rehearsal_close_edge(struct rehearsal *rehearsal, const struct sample *from)
{
    const struct searcher *searcher = &rehearsal->searcher;
    uint32_t edge = rehearsal_edge(rehearsal);
    struct neighbours *list = list_of(rehearsal, edge);
    for (uint32_t i = 0; i < from->count; i++) {
        rehearsal_restore(rehearsal, from, i);
        rehearsal_count(rehearsal, from->weights[i]);
        rehearsal_set_list(rehearsal, edge, true, list);
        vertex_id target = searcher->vertices[searcher->orientation->edges[edge].target];
        if (neighbours_search(list, target) && bind(rehearsal, edge, list->cursor)) {
            rehearsal_take(rehearsal, from->weights[i]);
        }
    }
}
