/* The state of one pattern_match, and what its steps share. Inside of pattern*.c.
 *
 * A step binds one element in every possible way, in turn, and for each goes on with the next step:
 * a recursion as deep as the pattern has elements, which is bounded. Walks keep stacks of their
 * own. */
#ifndef GYRE_PIPELINE_PATTERN_MATCH_H
#define GYRE_PIPELINE_PATTERN_MATCH_H

#include "pipeline/pattern_plan.h"

/* Edges that are part of the match so far, those of one step after those of another. */
struct used_edges {
    const edge_id *edges;
    uint32_t count;
    const struct used_edges *before;
};

#define STEP_NONE UINT32_MAX

/* The raw of a column's value that the row tells: its number, or a text's code. */
struct told {
    bool is_there; /* false: no flow has it */
    int64_t integer;
};

struct matching {
    struct run *run;
    const struct pattern *pattern;
    const struct pattern_plan *plan;
    const struct pattern_part *part; /* NULL: all */
    uint32_t sliced_step;            /* along hops of which the part has a slice; or STEP_NONE */
    const struct edge_frame *frame;
    pattern_found *found;
    void *context;
    const struct value *constants;
    const struct told *told; /* [step_count]: of those that have one */
    const struct used_edges *used;
    uint64_t *step_rows; /* NULL: not counted */
};

/* Binds the element of a step, and goes on. */
enum pushed match_step(struct matching *matching, uint32_t step);

/* Goes on behind a step whose element is bound, if its checks hold; `holds` says so, and may be
 * NULL. What the pool is given is given back. */
enum pushed match_on(struct matching *matching, uint32_t step, bool *holds);

enum pushed match_edge(struct matching *matching, uint32_t step);
enum pushed match_given_edge(struct matching *matching, uint32_t step);
enum pushed match_walk(struct matching *matching, uint32_t step);
enum pushed match_given_walk(struct matching *matching, uint32_t step);
enum pushed match_shortest(struct matching *matching, uint32_t step);

/* pattern_test.c: what is checked. */
enum status match_checks(struct matching *matching, const struct pattern_checks *checks,
                         bool *holds);
enum status match_hop(struct matching *matching, const struct pattern_step *step, edge_id edge,
                      bool *holds);
bool match_is_used(const struct matching *matching, edge_id edge);

/* pattern_told.c: what the row tells of flows. */
enum status match_read_told(struct matching *matching);

/* Whether a flow has what the row tells of those of its step. */
static inline bool match_has_told(const struct matching *matching, uint32_t step,
                                  const struct partition *partition, uint32_t position)
{
    const struct told *told = &matching->told[step];
    const struct column *column = &partition->columns[matching->plan->steps[step].told_handle];
    return told->is_there && column_integer(column, position) == told->integer &&
           !column_is_null(column, position);
}

/* Whether a flow has to be looked at before it is taken as a hop. */
static inline bool step_tests_hops(const struct pattern_step *step)
{
    return step->has_types || step->hop_checks.count > 0 || step->hop_condition_count > 0;
}

/* Binds a vertex that may be bound already; false when it is another one. */
static inline bool match_vertex(const struct matching *matching, uint32_t element, bool is_bound,
                                vertex_id vertex)
{
    struct value *slot = &matching->run->row[matching->pattern->vertices[element].slot];
    if (is_bound) {
        return slot->kind == VALUE_VERTEX && slot->vertex == vertex;
    }
    *slot = value_vertex(vertex);
    return true;
}

/* The time of the edge that a value is; false when it is none. */
static inline bool match_time(const struct matching *matching, struct value value, time_ns *time)
{
    if (value.kind != VALUE_EDGE) {
        return false;
    }
    *time = matching->frame->partitions[edge_partition(value.edge)]
                .flow_time[edge_position(value.edge)];
    return true;
}

/* The times that a flow may have, from least to greatest. */
struct time_window {
    time_ns least;
    time_ns greatest;
};

/* Any. */
static inline struct time_window time_window_open(void)
{
    return (struct time_window){INT64_MIN, INT64_MAX};
}

/* Links that hops have listed, those of one vertex on top of those of another. In the pool. */
struct link_stack {
    struct run *run;
    uint32_t *links;
    uint32_t capacity;
};

/* The links at one vertex, in one direction or both. */
struct hops {
    const struct edge_frame *frame;
    vertex_id vertex;
    vertex_id only;  /* the other end that is sought; VERTEX_NONE: any */
    bool is_leaving; /* those that leave are yet to come, or are being walked */
    bool is_arriving;
    bool is_both;
    bool is_open;
    uint32_t slice; /* of the flows that leave, and behind them the links that arrive */
    uint32_t slice_count;
    uint32_t slice_flow; /* those that leave, in it, of `partition` */
    uint32_t slice_flow_end;
    uint32_t next; /* links of `from`, or entries of its reverse */
    uint32_t end;

    /* Where no more than flows in a window are wanted, links without any may be left out
     * (pattern_timed.h). */
    struct time_window window;
    struct link_stack *stack; /* to list links on; NULL: all are walked */
    uint32_t stack_begin;     /* what lies below is of others */
    bool is_listed;           /* `next` and `end` are places on the stack */
    uint32_t walked_count;    /* links that are walked for want of the flows' order */

    /* The current link: its flows are at next_flow .. flow_end - 1 of `partition`. */
    const struct partition *partition;
    vertex_id other;
    uint32_t next_flow;
    uint32_t flow_end;
};

/* `direction` as seen from the vertex: AST_RIGHT leaves it. */
void hops_open(struct hops *hops, const struct edge_frame *frame, vertex_id vertex,
               enum ast_direction direction, vertex_id only);

/* Before the first link: keeps one of so many slices, which together are all flows. `only` is
 * VERTEX_NONE. */
static inline void hops_slice(struct hops *hops, uint32_t slice, uint32_t slice_count)
{
    hops->slice = slice;
    hops->slice_count = slice_count;
}

/* What slices are cut from, where `only` is VERTEX_NONE: flows that leave, and links that arrive,
 * whose flows lie apart. In both directions, links from the vertex to itself are of both. */
uint64_t hops_count(const struct hops *hops);

/* The next link; a link from a vertex to itself comes once. */
bool hops_next_link(struct hops *hops);

/* Before the first link: only flows in the window are wanted. Behind what `below` has on the stack;
 * NULL: it is empty. */
static inline void hops_limit(struct hops *hops, struct time_window window,
                              struct link_stack *stack, const struct hops *below)
{
    hops->window = window;
    hops->stack = stack->run->timed == NULL ? NULL : stack;
    hops->stack_begin = below == NULL ? 0 : below->is_listed ? below->end : below->stack_begin;
}

/* Keeps of the current link's flows those in the window. */
void hops_within(struct hops *hops);

/* Of a step along hops, the slice that the part at hand has. */
static inline void match_slice(const struct matching *matching, uint32_t step, struct hops *hops)
{
    if (step == matching->sliced_step) {
        hops_slice(hops, matching->part->slice, matching->part->slice_count);
    }
}

/* Whether what a step does besides its hops is this part's: all parts do the steps before those,
 * where it counts once, and the slices of one step begin at the same vertex. */
static inline bool match_is_own(const struct matching *matching, uint32_t step)
{
    return matching->sliced_step == STEP_NONE || step > matching->sliced_step ||
           matching->part->slice == 0;
}

/* The direction of an edge as seen from the end that a step starts at. */
static inline enum ast_direction step_direction(const struct pattern_edge *edge, bool is_from_left)
{
    if (edge->direction == AST_UNDIRECTED || is_from_left) {
        return edge->direction;
    }
    return edge->direction == AST_RIGHT ? AST_LEFT : AST_RIGHT;
}

/* How far vertices are from a goal, as far as that is known (pattern_reach.c). In the pool. */
struct reach {
    struct matching *matching;
    const struct pattern_step *step; /* NULL: hops are not looked at */
    enum ast_direction direction;    /* from the goal on */
    vertex_id goal;

    struct reached {
        vertex_id vertex;
        uint32_t distance;
    } * queue; /* in the order of distance; the goal is the first */
    uint32_t count;
    uint32_t capacity;
    uint32_t *table; /* open addressing: position in `queue` + 1 */
    uint32_t table_size;

    uint32_t next;       /* of the queue, to be looked at */
    uint32_t known;      /* everything at this distance or less is in the queue */
    uint32_t goal_cycle; /* least hops from the goal to itself; UINT32_MAX: none known */
    uint64_t links_left; /* to be visited before it gives up */
    bool is_whole;       /* whatever is not in the queue cannot reach the goal */
};

/* Starts at the goal. With a step, flows must pass as its hops; `links_max` bounds the cost. */
enum status reach_open(struct reach *reach, struct matching *matching,
                       const struct pattern_step *step, enum ast_direction direction,
                       vertex_id goal, uint64_t links_max);

/* Goes on until everything up to `distance` is known, or `links_max` are visited. PUSHED_MORE when
 * nothing went wrong. */
enum pushed reach_extend(struct reach *reach, uint32_t distance);

/* The hops from a vertex to the goal, or a number that is not above them; UINT32_MAX: none. */
uint32_t reach_distance(const struct reach *reach, vertex_id vertex);

/* A walk from a vertex (pattern_walk.c). */
struct walk {
    struct matching *matching;
    uint32_t step;
    bool is_from_left;
    vertex_id start;
    vertex_id goal; /* VERTEX_NONE: any */
    int64_t least;
    int64_t most;
    const struct reach *reach; /* NULL: not known */
    bool is_first_only;        /* ends with the first that passes its step's checks */

    bool has_passed; /* one did */
    bool was_cut;    /* some walk was as long as `most` allows, so that longer ones may exist */
};
enum pushed walk_run(struct walk *walk);

#endif
