#include "engine/cycle_root.h"

#include <string.h>

#include "base/check.h"
#include "engine/cycle_needs.h"

enum {
    POLL_STEPS = 4096,
    FILL_BYTES = 1 << 20, /* between two looks at the stop */
    /* Flows that are looked at before it is found out what hops alone exclude. */
    LOOK_FLOWS_MAX = 256,
};

/* A link while the graph of a root is made. */
struct root_slot {
    uint32_t link;
    uint32_t source;
    uint32_t target;
    uint32_t count;
    uint32_t place;
};

static const struct root_vertex untouched = {.marked_from = RANK_NONE};

enum { LANES_FEW = 4 };

/* The loops over flows are made once for each number of lanes, and for strictly ascending times,
 * which is what is asked mostly: the compiler then drops what the others need, and has vectors of
 * lanes. perf/time_cycles takes a tenth less with one lane, and a sixth less with several. */
#define SPECIALISED static inline __attribute__((always_inline))
#define SPECIALISE(function, root)                                       \
    (!(root)->query->is_strict    ? function(root, (root)->lanes, false) \
     : (root)->lanes == 1         ? function(root, 1, true)              \
     : (root)->lanes == LANES_FEW ? function(root, LANES_FEW, true)      \
                                  : function(root, ROOT_HOPS_MAX, true))

SPECIALISED void clear(struct cycle_root *root, uint32_t lanes, bool is_strict);
SPECIALISED bool explore_backward(struct cycle_root *root, uint32_t lanes, bool is_strict);
SPECIALISED void explore_forward(struct cycle_root *root, uint32_t lanes, bool is_strict);
static void make_graph(struct cycle_root *root);

void root_init(struct cycle_root *root, const struct cycle_query *query, struct arena *arena,
               struct stop *stop, bool is_test)
{
    root->look_max = is_test ? 1 : LOOK_FLOWS_MAX;
    root->query = query;
    root->arena = arena;
    root->stop = stop;
    bool is_any = query->hops_max > ROOT_HOPS_MAX;
    root->lanes = is_any ? 1 : query->hops_max <= LANES_FEW ? LANES_FEW : ROOT_HOPS_MAX;
    root->most = is_any ? 0 : query->hops_max - 1;
}

/* Rooms for a slab, filled with `byte`; false without memory, or when the stop is requested. */
static bool take(struct cycle_root *root, uint32_t room, void *array, uint64_t count, size_t size,
                 int byte)
{
    void *data = room_take(&root->rooms[room], root->arena, count, size);
    for (uint64_t at = 0; data != NULL && byte >= 0 && at < count * size; at += FILL_BYTES) {
        uint64_t rest = count * size - at;
        memset((char *)data + at, byte, rest < FILL_BYTES ? rest : FILL_BYTES);
        if (stop_poll(root->stop)) {
            return false;
        }
    }
    memcpy(array, &data, sizeof data);
    return data != NULL;
}

bool root_enter(struct cycle_root *root, const struct slab *slab)
{
    if (root->slab == slab && root->slab_serial == slab->serial) {
        return true;
    }
    uint64_t vertices = slab->vertex_count;
    uint64_t flows = slab->flow_count;
    uint64_t words = marks_word_count(flows);
    uint64_t *mark_words = NULL;
    root->slab = NULL;
    root->touched_count = 0;
    root->reached_count = 0;
    if (!take(root, 0, &root->vertices, vertices, sizeof(struct root_vertex), -1) ||
        !take(root, 1, &root->links, slab->link_count, sizeof(struct root_link), -1) ||
        !take(root, 2, &root->flows, flows, sizeof(struct root_flow), -1) ||
        !take(root, 3, &root->closes, flows * root->lanes, 4, 0xff) ||
        !take(root, 4, &mark_words, words, 8, 0) ||
        !take(root, 5, &root->vertex_closes, vertices * root->lanes, 4, 0xff) ||
        !take(root, 6, &root->slot_of, slab->link_count, 4, 0xff) ||
        !take(root, 7, &root->reached, flows, 4, -1) || !take(root, 8, &root->kept, flows, 4, -1) ||
        !take(root, 9, &root->touched, vertices, 4, -1) ||
        !take(root, 10, &root->pending, flows, sizeof(struct pending), -1) ||
        !take(root, 11, &root->slots, slab->link_count, sizeof(struct root_slot), -1)) {
        return false;
    }
    for (uint64_t vertex = 0; vertex < vertices; vertex++) {
        root->vertices[vertex] = untouched;
    }
    if (!reach_enter(&root->reach, slab, root->arena)) {
        return false;
    }
    marks_init(&root->marks, mark_words, flows);
    root->slab = slab;
    root->slab_serial = slab->serial;
    return true;
}

/* Whether the flows that are kept meet each need. */
static bool meets_needs(const struct cycle_root *root)
{
    uint32_t needs = needs_of(root->query);
    uint32_t met = 0;
    for (uint32_t i = 0; i < root->kept_count && met != needs; i++) {
        met |= root->slab->meets[root->kept[i]];
    }
    return met == needs;
}

bool root_explore(struct cycle_root *root, uint32_t vertex)
{
    SPECIALISE(clear, root);
    root->vertex = vertex;
    root->kept_count = 0;
    if (root->slab->first_low[vertex] == RANK_NONE) {
        return false;
    }
    bool is_closed = SPECIALISE(explore_backward, root);
    if (root->is_too_wide) {
        SPECIALISE(clear, root);
        reach_set(&root->reach, root->slab, vertex, root->query->hops_max);
        is_closed = SPECIALISE(explore_backward, root);
    }
    if (!is_closed) {
        return false;
    }
    SPECIALISE(explore_forward, root);
    if (root->kept_count == 0 || !meets_needs(root) || stop_is_requested(root->stop)) {
        return false;
    }
    make_graph(root);
    return true;
}

static void touch(struct cycle_root *root, uint32_t vertex)
{
    if (root->vertices[vertex].marked_from == RANK_NONE) {
        root->vertices[vertex].marked_from = RANK_NONE - 1;
        root->touched[root->touched_count++] = vertex;
    }
}

SPECIALISED void clear(struct cycle_root *root, uint32_t lanes, bool is_strict)
{
    (void)is_strict;
    for (uint32_t i = 0; i < root->touched_count; i++) {
        uint32_t vertex = root->touched[i];
        root->vertices[vertex] = untouched;
        for (uint32_t lane = 0; lane < lanes; lane++) {
            root->vertex_closes[(uint64_t)vertex * lanes + lane] = RANK_NONE;
        }
    }
    for (uint32_t i = 0; i < root->reached_count; i++) {
        for (uint32_t lane = 0; lane < lanes; lane++) {
            root->closes[(uint64_t)root->reached[i] * lanes + lane] = RANK_NONE;
        }
    }
    root->touched_count = 0;
    root->reached_count = 0;
    root->pending_count = 0;
    reach_clear(&root->reach);
}

/* The first of the flows that arrive at a vertex with a rank of at least `rank`, as a place in
 * in_ranks. */
static uint32_t arrival_place(const struct slab *slab, uint32_t vertex, uint32_t rank)
{
    uint32_t place = slab->in_offset[vertex];
    uint32_t count = slab->in_offset[vertex + 1] - place;
    while (count > 0) {
        uint32_t half = (count + 1) / 2;
        place += slab->in_ranks[place + half - 1] < rank ? half : 0;
        count -= half;
    }
    return place;
}

/* Marks what arrives at `vertex` with a rank from `least` to before `end`. Called with ever smaller
 * `end`: what lies above the lowest one marked is marked already, or can be followed by nothing. */
static void mark_arrivals(struct cycle_root *root, uint32_t vertex, uint32_t least, uint32_t end)
{
    const struct slab *slab = root->slab;
    uint32_t place = root->vertices[vertex].marked_from;
    if (place >= RANK_NONE - 1) {
        touch(root, vertex);
        place = slab->in_offset[vertex + 1];
    }
    if (place > slab->in_offset[vertex] && slab->in_ranks[place - 1] >= end) {
        place = arrival_place(slab, vertex, end);
    }
    while (place > slab->in_offset[vertex] && slab->in_ranks[place - 1] >= least) {
        uint32_t rank = slab->in_ranks[--place];
        if (!root->reach.is_set || reach_holds(&root->reach, slab->flows[rank].source, vertex)) {
            marks_add(&root->marks, rank);
        }
    }
    root->vertices[vertex].marked_from = place;
}

/* Marks again what arrives at `vertex` at the time of `flow`, since it may close earlier now. */
static void mark_again(struct cycle_root *root, uint32_t vertex, const struct slab_flow *flow)
{
    const struct slab *slab = root->slab;
    uint32_t end = slab->in_offset[vertex + 1];
    for (uint32_t place = arrival_place(slab, vertex, flow->after);
         place < end && slab->in_ranks[place] < flow->before; place++) {
        uint32_t rank = slab->in_ranks[place];
        if (!root->reach.is_set || reach_holds(&root->reach, slab->flows[rank].source, vertex)) {
            marks_add(&root->marks, rank);
        }
    }
}

SPECIALISED bool lower_lanes(uint32_t *lanes, const uint32_t *values, uint32_t count)
{
    bool is_lower = false;
    for (uint32_t lane = 0; lane < count; lane++) {
        is_lower |= values[lane] < lanes[lane];
        lanes[lane] = values[lane] < lanes[lane] ? values[lane] : lanes[lane];
    }
    return is_lower;
}

/* The earliest closes of a flow; whether they are earlier than those that were known. */
SPECIALISED bool close_flow(struct cycle_root *root, uint32_t rank, const struct slab_flow *flow,
                            uint32_t lanes)
{
    uint32_t *known = &root->closes[(uint64_t)rank * lanes];
    uint32_t found[ROOT_HOPS_MAX] = {RANK_NONE};
    const uint32_t *next = &root->vertex_closes[(uint64_t)flow->target * lanes];
    if (flow->target == root->vertex) {
        for (uint32_t lane = 0; lane < lanes; lane++) {
            found[lane] = rank;
        }
    } else if (lanes == 1) {
        found[0] = next[0];
    } else {
        for (uint32_t lane = 1; lane < lanes; lane++) {
            found[lane] = next[lane - 1];
        }
    }
    return lower_lanes(known, found, lanes);
}

/* With strictly ascending times, flows of the same time must not see one another: what they say of
 * their sources waits until a flow of an earlier time is taken. */
SPECIALISED void settle(struct cycle_root *root, uint32_t lanes)
{
    for (uint32_t i = 0; i < root->pending_count; i++) {
        const struct pending *pending = &root->pending[i];
        lower_lanes(&root->vertex_closes[(uint64_t)pending->vertex * lanes],
                    &root->closes[(uint64_t)pending->rank * lanes], lanes);
    }
    root->pending_count = 0;
}

/* Where equal times may follow each other flows are not taken in order. */
static void order_reached(struct cycle_root *root)
{
    uint32_t rank;
    for (uint32_t i = 0; i < root->reached_count; i++) {
        marks_add(&root->marks, root->reached[i]);
    }
    for (uint32_t i = 0; marks_take_greatest(&root->marks, &rank); i++) {
        root->reached[i] = rank;
    }
}

/* Goes on from a flow to those that can come before it. */
SPECIALISED void go_back(struct cycle_root *root, uint32_t rank, const struct slab_flow *flow,
                         uint32_t floor, uint32_t lanes, bool is_strict)
{
    const uint32_t *closes = &root->closes[(uint64_t)rank * lanes];
    if (lanes > 1 && root->most == 0) {
        return;
    }
    uint32_t close = lanes > 1 ? closes[root->most - 1] : closes[0];
    if (close == RANK_NONE) {
        return;
    }
    uint32_t least = root->slab->flows[close].low;
    least = least < floor ? floor : least;
    mark_arrivals(root, flow->source, least, flow->before);
    if (is_strict) {
        root->pending[root->pending_count++] = (struct pending){flow->source, rank};
    } else if (lower_lanes(&root->vertex_closes[(uint64_t)flow->source * lanes], closes, lanes)) {
        mark_again(root, flow->source, flow);
    }
}

/* False when no flow from the root can close in its window. */
SPECIALISED bool explore_backward(struct cycle_root *root, uint32_t lanes, bool is_strict)
{
    const struct slab *slab = root->slab;
    uint32_t vertex = root->vertex;
    uint32_t low = slab->first_low[vertex];
    uint32_t after = slab->flows[low].after;
    uint32_t floor = after < low ? after : low;
    uint32_t group = 0; /* ranks of the time of what waits begin here */
    uint64_t visited = 0;
    bool is_closed = false;
    root->is_too_wide = false;
    uint32_t rank;
    touch(root, vertex);
    mark_arrivals(root, vertex, floor, slab->flows[slab->first_high[vertex]].limit + 1);
    while (marks_take_greatest(&root->marks, &rank)) {
        const struct slab_flow *flow = &slab->flows[rank];
        if (rank < group) {
            settle(root, lanes);
        }
        group = flow->before;
        bool is_new = root->closes[(uint64_t)rank * lanes + root->most] == RANK_NONE;
        bool is_lower = close_flow(root, rank, flow, lanes);
        if (is_new) {
            DCHECK(!is_strict || root->reached_count == 0 ||
                   rank < root->reached[root->reached_count - 1]);
            root->reached[root->reached_count++] = rank;
        }
        if (++visited % POLL_STEPS == 0 && stop_poll(root->stop)) {
            return false;
        }
        if (lanes > 1 && visited == root->look_max && !root->reach.is_set) {
            root->is_too_wide = true;
            break;
        }
        if (flow->source == vertex) {
            uint32_t close = root->closes[(uint64_t)rank * lanes + root->most];
            is_closed = is_closed || (slab_begins(slab, rank) && close <= flow->limit);
        }
        if (is_lower && (flow->source != vertex || !root->query->is_simple)) {
            go_back(root, rank, flow, floor, lanes, is_strict);
        }
    }
    while (root->is_too_wide && marks_take_greatest(&root->marks, &rank)) {
    }
    if (!is_strict && !root->is_too_wide) {
        order_reached(root);
    }
    root->flows_visited += visited;
    return is_closed;
}

/* The latest first flow that leads to a flow, plus one; 0: none does. */
SPECIALISED uint32_t first_of(const struct cycle_root *root, uint32_t rank,
                              const struct slab_flow *flow, uint32_t lanes)
{
    uint32_t close = root->closes[(uint64_t)rank * lanes + root->most];
    uint32_t first = root->vertices[flow->source].latest_first;
    if (flow->source == root->vertex) {
        bool is_first = slab_begins(root->slab, rank) && close <= flow->limit;
        first = root->query->is_simple ? 0 : first;
        first = is_first && rank + 1 > first ? rank + 1 : first;
    }
    return first != 0 && close <= root->slab->flows[first - 1].limit ? first : 0;
}

/* Notes that `first` leads to where a flow goes; whether that is news. */
static bool lead(struct cycle_root *root, uint32_t first, const struct slab_flow *flow)
{
    bool is_end = flow->target == root->vertex && root->query->is_simple;
    if (is_end || first <= root->vertices[flow->target].latest_first) {
        return false;
    }
    touch(root, flow->target);
    root->vertices[flow->target].latest_first = first;
    return true;
}

/* Flows of one time, reached[begin] down to before reached[end]. */
SPECIALISED void go_forward(struct cycle_root *root, uint32_t begin, uint32_t end, uint32_t lanes,
                            bool is_strict)
{
    const struct slab_flow *flows = root->slab->flows;
    bool is_news = !is_strict;
    while (is_news) {
        is_news = false;
        for (uint32_t i = begin; i-- > end;) {
            uint32_t rank = root->reached[i];
            uint32_t first = first_of(root, rank, &flows[rank], lanes);
            is_news = (first != 0 && lead(root, first, &flows[rank])) || is_news;
        }
    }
    uint32_t kept = root->kept_count;
    for (uint32_t i = begin; i-- > end;) {
        uint32_t rank = root->reached[i];
        uint32_t first = first_of(root, rank, &flows[rank], lanes);
        root->kept[root->kept_count] = rank;
        root->pending[root->kept_count].rank = first;
        root->kept_count += first != 0;
    }
    for (; is_strict && kept < root->kept_count; kept++) {
        lead(root, root->pending[kept].rank, &flows[root->kept[kept]]);
    }
}

SPECIALISED void explore_forward(struct cycle_root *root, uint32_t lanes, bool is_strict)
{
    const struct slab_flow *flows = root->slab->flows;
    uint32_t steps = 0;
    for (uint32_t begin = root->reached_count; begin > 0;) {
        if (++steps % POLL_STEPS == 0 && stop_poll(root->stop)) {
            return;
        }
        const struct slab_flow *flow = &flows[root->reached[begin - 1]];
        uint32_t group_end = is_strict ? flow->after : flow->before;
        uint32_t end = begin - 1;
        while (end > 0 && root->reached[end - 1] < group_end) {
            end--;
        }
        go_forward(root, begin, end, lanes, is_strict);
        begin = end;
    }
}

/* Groups the flows that are kept by link, and the links by source. */
static void make_graph(struct cycle_root *root)
{
    const struct slab_flow *flows = root->slab->flows;
    root->slot_count = 0;
    for (uint32_t i = 0; i < root->kept_count; i++) {
        const struct slab_flow *flow = &flows[root->kept[i]];
        uint32_t *slot = &root->slot_of[flow->link];
        if (*slot == UINT32_MAX) {
            *slot = root->slot_count++;
            root->slots[*slot] = (struct root_slot){flow->link, flow->source, flow->target, 0, 0};
            touch(root, flow->source);
            root->vertices[flow->source].count++;
        }
        root->slots[*slot].count++;
    }
    uint32_t sum = 0;
    for (uint32_t i = 0; i < root->touched_count; i++) {
        struct root_vertex *vertex = &root->vertices[root->touched[i]];
        vertex->begin = sum;
        sum += vertex->count;
        vertex->count = 0;
    }
    for (uint32_t i = 0; i < root->slot_count; i++) {
        struct root_slot *slot = &root->slots[i];
        struct root_vertex *vertex = &root->vertices[slot->source];
        slot->place = vertex->begin + vertex->count++;
        root->links[slot->place] = (struct root_link){.target = slot->target, .end = slot->count};
        root->slot_of[slot->link] = slot->place;
    }
    uint32_t flow = 0;
    for (uint32_t place = 0; place < sum; place++) {
        struct root_link *link = &root->links[place];
        uint32_t count = link->end;
        link->begin = flow;
        link->end = flow;
        flow += count;
    }
    for (uint32_t i = 0; i < root->kept_count; i++) {
        uint32_t rank = root->kept[i];
        struct root_link *link = &root->links[root->slot_of[flows[rank].link]];
        uint32_t close = root_close_of(root, rank);
        root->flows[link->end++] = (struct root_flow){rank, flows[rank].after, close};
    }
    for (uint32_t i = 0; i < root->slot_count; i++) {
        root->slot_of[root->slots[i].link] = UINT32_MAX;
    }
}
