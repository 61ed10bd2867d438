/* Variable-length relationships: every walk of a number of hops that uses no flow twice, depth
 * first, on a stack of its own, so that long walks cost memory of the pool and not of the thread.
 *
 * Where the end is known, a search backward from it tells how far away each vertex is, and hops
 * that cannot come back in time are not taken; the last hop is looked up. */
#include "engine/window.h"
#include "pipeline/pattern_match.h"

enum {
    WALK_CAPACITY_LEAST = 16,
    WALK_LENGTH_MAX = 1 << 28,
    REACH_LINKS_MAX = 1 << 14, /* visited for one start: a small part of what walks from it cost */
};

struct walker {
    struct walk *walk;
    const struct pattern_step *step;
    const struct pattern_edge *edge;
    struct hops *frames; /* [capacity]; frame i has the hops from the i-th vertex on */
    edge_id *edges;      /* [capacity] */
    uint32_t capacity;
    uint32_t depth; /* the frame on top */
    struct used_edges used;
    struct link_stack stack;
};

static enum status grow(struct walker *walker)
{
    struct run *run = walker->walk->matching->run;
    struct error *error = run->source->error;
    if (walker->capacity >= WALK_LENGTH_MAX) {
        return error_set(error, STATUS_LIMIT, "a walk of more than %d hops; give its upper bound",
                         WALK_LENGTH_MAX);
    }
    uint32_t capacity = walker->capacity == 0 ? WALK_CAPACITY_LEAST : 2 * walker->capacity;
    struct hops *frames = pool_allocate(&run->pool, capacity, sizeof *frames, error);
    edge_id *edges = pool_allocate(&run->pool, capacity, sizeof *edges, error);
    if (frames == NULL || edges == NULL) {
        return error->status;
    }
    if (walker->capacity > 0) {
        memcpy(frames, walker->frames, walker->capacity * sizeof *frames);
        memcpy(edges, walker->edges, walker->capacity * sizeof *edges);
    }
    walker->frames = frames;
    walker->edges = edges;
    walker->used.edges = edges;
    walker->capacity = capacity;
    return STATUS_OK;
}

/* When the flows of the top frame may start, so that they keep the order of time and stay in the
 * window. A walk from the right goes backward in time. */
static struct time_window hop_window(const struct walker *walker)
{
    const struct hop_order *order = &walker->step->order;
    const struct matching *matching = walker->walk->matching;
    if (walker->depth == 0 || !order->is_ascending) {
        return time_window_open();
    }
    time_ns first = 0;
    time_ns last = 0;
    (void)match_time(matching, value_edge(walker->edges[0]), &first);
    (void)match_time(matching, value_edge(walker->edges[walker->depth - 1]), &last);
    if (walker->walk->is_from_left) {
        time_ns window = window_add(first, order->window_ns);
        time_ns gap = window_add(last, order->gap_ns);
        return (struct time_window){window_add(last, order->is_strict ? 1 : 0),
                                    gap < window ? gap : window};
    }
    time_ns window = window_subtract(first, order->window_ns);
    time_ns gap = window_subtract(last, order->gap_ns);
    return (struct time_window){gap > window ? gap : window,
                                window_subtract(last, order->is_strict ? 1 : 0)};
}

/* Puts a frame for the hops from `vertex` on top. */
static enum status open_frame(struct walker *walker, uint32_t depth, vertex_id vertex)
{
    struct walk *walk = walker->walk;
    if (depth == walker->capacity) {
        TRY(grow(walker));
    }
    bool is_last = depth + 1 == walk->most;
    walk->was_cut = walk->was_cut || is_last;
    walker->depth = depth;
    struct hops *hops = &walker->frames[depth];
    hops_open(hops, walk->matching->frame, vertex, step_direction(walker->edge, walk->is_from_left),
              is_last ? walk->goal : VERTEX_NONE);
    hops_limit(hops, hop_window(walker), &walker->stack, depth == 0 ? NULL : hops - 1);
    if (depth == 0) {
        match_slice(walk->matching, walk->step, hops);
    }
    return STATUS_OK;
}

/* Whether the goal can still be reached over `other`, after `length` hops. */
static bool may_reach(struct walk *walk, vertex_id other, uint32_t length)
{
    if (walk->reach == NULL) {
        return true;
    }
    uint32_t distance = reach_distance(walk->reach, other);
    if (distance == UINT32_MAX) {
        return false;
    }
    bool may = (int64_t)distance <= walk->most - length;
    walk->was_cut = walk->was_cut || !may;
    return may;
}

/* The next flow of the top frame; false when there is none. */
static bool next_flow(struct walker *walker, edge_id *edge)
{
    struct walk *walk = walker->walk;
    struct hops *hops = &walker->frames[walker->depth];
    while (hops->next_flow == hops->flow_end) {
        if (stop_is_requested(walk->matching->run->stop) || !hops_next_link(hops)) {
            return false;
        }
        walk->matching->run->links_visited++;
        if (may_reach(walk, hops->other, walker->depth + 1)) {
            hops_within(hops);
        } else {
            hops->next_flow = hops->flow_end;
        }
    }
    walk->matching->run->flows_visited++;
    *edge = edge_id_of(hops->partition->index, hops->next_flow++);
    return true;
}

/* The edges in the order of the pattern; the edge itself where the pattern has a single one. */
static enum status bind_edges(struct walker *walker, uint32_t length)
{
    struct run *run = walker->walk->matching->run;
    struct value *slot = &run->row[walker->edge->slot];
    if (!walker->edge->is_variable) {
        *slot = value_edge(walker->edges[0]);
        return STATUS_OK;
    }
    struct value *items =
        pool_allocate(&run->pool, (size_t)length + 1, sizeof *items, run->source->error);
    if (items == NULL) {
        return run->source->error->status;
    }
    for (uint32_t i = 0; i < length; i++) {
        uint32_t from = walker->walk->is_from_left ? i : length - 1 - i;
        items[i] = value_edge(walker->edges[from]);
    }
    *slot = value_list_of(items, length);
    return STATUS_OK;
}

/* Goes on with a walk that ends at `end`. */
static enum pushed found_walk(struct walker *walker, uint32_t length, vertex_id end)
{
    struct walk *walk = walker->walk;
    struct matching *matching = walk->matching;
    uint32_t other = walk->is_from_left ? walker->edge->right : walker->edge->left;
    if (walk->goal == VERTEX_NONE ? false : end != walk->goal) {
        return PUSHED_MORE;
    }
    struct pool_mark mark = pool_mark(&matching->run->pool);
    bool holds = false;
    enum pushed pushed = PUSHED_FAILED;
    (void)match_vertex(matching, other, walk->goal != VERTEX_NONE, end);
    walker->used.count = length;
    matching->used = &walker->used;
    if (bind_edges(walker, length) == STATUS_OK) {
        pushed = match_on(matching, walk->step, &holds);
    }
    matching->used = walker->used.before;
    pool_release(&matching->run->pool, mark);
    walk->has_passed = walk->has_passed || holds;
    return pushed;
}

/* Whether the flow may be the next hop; it is then the last of `edges`. */
static enum status take_hop(struct walker *walker, edge_id edge, bool *holds)
{
    struct matching *matching = walker->walk->matching;
    *holds = false;
    walker->used.count = walker->depth;
    matching->used = &walker->used;
    bool is_used = match_is_used(matching, edge);
    matching->used = walker->used.before;
    if (is_used) {
        return STATUS_OK;
    }
    walker->edges[walker->depth] = edge;
    return match_hop(matching, walker->step, edge, holds);
}

static bool walk_is_over(const struct walk *walk)
{
    return walk->is_first_only && walk->has_passed;
}

static enum pushed walk_on(struct walker *walker)
{
    struct walk *walk = walker->walk;
    if (open_frame(walker, 0, walk->start) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    while (!walk_is_over(walk)) {
        edge_id edge;
        bool holds = false;
        if (!run_continues(walk->matching->run)) {
            return PUSHED_FAILED;
        }
        if (!next_flow(walker, &edge)) {
            if (walker->depth == 0) {
                break;
            }
            walker->depth--;
            continue;
        }
        if (take_hop(walker, edge, &holds) != STATUS_OK) {
            return PUSHED_FAILED;
        }
        uint32_t length = walker->depth + 1;
        vertex_id end = walker->frames[walker->depth].other;
        if (holds && length >= walk->least) {
            enum pushed pushed = found_walk(walker, length, end);
            if (pushed != PUSHED_MORE) {
                return pushed;
            }
        }
        if (holds && length < walk->most && open_frame(walker, length, end) != STATUS_OK) {
            return PUSHED_FAILED;
        }
    }
    return PUSHED_MORE;
}

enum pushed walk_run(struct walk *walk)
{
    const struct pattern_step *step = &walk->matching->plan->steps[walk->step];
    struct walker walker = {.walk = walk,
                            .step = step,
                            .edge = &walk->matching->pattern->edges[step->element],
                            .used = {NULL, 0, walk->matching->used},
                            .stack = {.run = walk->matching->run}};
    enum pushed pushed = PUSHED_MORE;
    if (walk->least <= 0 && match_is_own(walk->matching, walk->step)) {
        pushed = found_walk(&walker, 0, walk->start);
    }
    if (pushed == PUSHED_MORE && walk->most > 0 && !step->is_impossible && !walk_is_over(walk)) {
        pushed = walk_on(&walker);
    }
    return pushed;
}

/* What is known of the way to the goal, before walks from `start` begin; `can` is false when it
 * cannot be reached. */
static enum pushed look_back(struct walk *walk, struct reach *reach, bool *can)
{
    const struct pattern_step *step = &walk->matching->plan->steps[walk->step];
    const struct pattern_edge *edge = &walk->matching->pattern->edges[step->element];
    *can = true;
    if (walk->goal == VERTEX_NONE || walk->most < 2) {
        return PUSHED_MORE;
    }
    uint32_t distance = walk->most > UINT32_MAX ? UINT32_MAX : (uint32_t)walk->most - 1;
    if (reach_open(reach, walk->matching, NULL, step_direction(edge, !walk->is_from_left),
                   walk->goal, REACH_LINKS_MAX) != STATUS_OK ||
        reach_extend(reach, distance) != PUSHED_MORE) {
        return PUSHED_FAILED;
    }
    walk->reach = reach;
    *can = reach_distance(reach, walk->start) <= walk->most;
    return PUSHED_MORE;
}

enum pushed match_walk(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    const struct value *row = matching->run->row;
    uint32_t from = step->has_left ? edge->left : edge->right;
    uint32_t other = step->has_left ? edge->right : edge->left;
    struct walk walk = {.matching = matching,
                        .step = index,
                        .is_from_left = step->has_left,
                        .start = row[matching->pattern->vertices[from].slot].vertex,
                        .goal = VERTEX_NONE,
                        .least = edge->least,
                        .most = edge->most};
    if (step->has_left && step->has_right) {
        walk.goal = row[matching->pattern->vertices[other].slot].vertex;
    }
    struct reach reach;
    struct pool_mark mark = pool_mark(&matching->run->pool);
    bool can = false;
    enum pushed pushed = look_back(&walk, &reach, &can);
    if (pushed == PUSHED_MORE && can) {
        pushed = walk_run(&walk);
    }
    pool_release(&matching->run->pool, mark);
    return pushed;
}
