/* Single edges: from a vertex along its links, and those that earlier clauses bound. */
#include "engine/window.h"
#include "pipeline/pattern_match.h"
#include "pipeline/pattern_timed.h"
#include "value/temporal.h"

void hops_open(struct hops *hops, const struct edge_frame *frame, vertex_id vertex,
               enum ast_direction direction, vertex_id only)
{
    *hops = (struct hops){.frame = frame,
                          .vertex = vertex,
                          .only = only,
                          .window = time_window_open(),
                          .is_leaving = direction != AST_LEFT,
                          .is_arriving = direction != AST_RIGHT,
                          .is_both = direction == AST_UNDIRECTED};
}

static uint32_t count_leaving(const struct hops *hops)
{
    const struct partition *partition = graph_partition_of(hops->frame, hops->vertex);
    uint32_t local = hops->vertex - partition->vertex_base;
    return partition->flow_offset[partition->link_offset[local + 1]] -
           partition->flow_offset[partition->link_offset[local]];
}

static uint32_t count_arriving(const struct hops *hops)
{
    const struct partition *partition = graph_partition_of(hops->frame, hops->vertex);
    uint32_t local = hops->vertex - partition->vertex_base;
    return partition->reverse_offset[local + 1] - partition->reverse_offset[local];
}

uint64_t hops_count(const struct hops *hops)
{
    return (uint64_t)(hops->is_leaving ? count_leaving(hops) : 0) +
           (hops->is_arriving ? count_arriving(hops) : 0);
}

/* What the slice has of `here` units, which come behind `before` others of `count` in all. */
static void cut_slice(const struct hops *hops, uint64_t before, uint64_t here, uint64_t count,
                      uint32_t *begin, uint32_t *end)
{
    uint64_t first = count * hops->slice / hops->slice_count;
    uint64_t last = count * (hops->slice + 1) / hops->slice_count;
    *begin = (uint32_t)(first < before ? 0 : first - before < here ? first - before : here);
    *end = (uint32_t)(last < before ? 0 : last - before < here ? last - before : here);
}

/* Of the links that leave, those with flows of the slice. */
static void slice_leaving(struct hops *hops)
{
    uint32_t first = hops->partition->flow_offset[hops->next];
    uint32_t begin;
    uint32_t end;
    cut_slice(hops, 0, count_leaving(hops), hops_count(hops), &begin, &end);
    hops->slice_flow = first + begin;
    hops->slice_flow_end = first + end;
    if (begin == end) {
        hops->end = hops->next;
        return;
    }
    hops->next = partition_flow_link(hops->partition, hops->slice_flow);
    hops->end = partition_flow_link(hops->partition, hops->slice_flow_end - 1) + 1;
}

static void slice_arriving(struct hops *hops)
{
    uint64_t before = hops->is_both ? count_leaving(hops) : 0;
    uint32_t begin;
    uint32_t end;
    cut_slice(hops, before, count_arriving(hops), before + count_arriving(hops), &begin, &end);
    hops->end = hops->next + end;
    hops->next += begin;
}

/* The one link between two vertices, from `next` to `end` as the others. */
static void open_only(struct hops *hops, const struct partition *partition, vertex_id source,
                      vertex_id target)
{
    uint32_t link = partition_find_link(partition, source, target);
    hops->next = link == LINK_NONE ? 0 : link;
    hops->end = link == LINK_NONE ? 0 : link + 1;
}

static void open_leaving(struct hops *hops)
{
    const struct partition *partition = graph_partition_of(hops->frame, hops->vertex);
    uint32_t local = hops->vertex - partition->vertex_base;
    hops->partition = partition;
    hops->is_open = true;
    hops->next = partition->link_offset[local];
    hops->end = partition->link_offset[local + 1];
    if (hops->only != VERTEX_NONE) {
        open_only(hops, partition, hops->vertex, hops->only);
        return;
    }
    if (hops->slice_count > 1) {
        slice_leaving(hops);
    }
    timed_hops_enter(hops, true);
}

static void open_arriving(struct hops *hops)
{
    const struct partition *partition = graph_partition_of(hops->frame, hops->vertex);
    uint32_t local = hops->vertex - partition->vertex_base;
    hops->is_open = true;
    hops->next = partition->reverse_offset[local];
    hops->end = partition->reverse_offset[local + 1];
    if (hops->only != VERTEX_NONE) {
        open_only(hops, graph_partition_of(hops->frame, hops->only), hops->only, hops->vertex);
        return;
    }
    if (hops->slice_count > 1) {
        slice_arriving(hops);
    }
    timed_hops_enter(hops, false);
}

/* The next link, or entry of the reverse. */
static uint32_t take_next(struct hops *hops)
{
    uint32_t next = hops->next++;
    return hops->is_listed ? hops->stack->links[next] : next;
}

/* There are no more in this direction. */
static void end_links(struct hops *hops, bool is_out)
{
    hops->is_open = false;
    if (hops->walked_count > 0) {
        timed_hops_walked(hops, is_out);
    }
}

static void take_link(struct hops *hops, const struct partition *partition, uint32_t link,
                      vertex_id other)
{
    hops->partition = partition;
    hops->other = other;
    hops->next_flow = partition->flow_offset[link];
    hops->flow_end = partition->flow_offset[link + 1];
}

static bool next_leaving(struct hops *hops)
{
    if (!hops->is_open) {
        open_leaving(hops);
    }
    if (hops->next == hops->end) {
        hops->is_leaving = false;
        end_links(hops, true);
        return false;
    }
    uint32_t link = take_next(hops);
    take_link(hops, hops->partition, link, hops->partition->link_target[link]);
    if (hops->slice_count > 1 && hops->only == VERTEX_NONE) {
        hops->next_flow = hops->next_flow > hops->slice_flow ? hops->next_flow : hops->slice_flow;
        hops->flow_end =
            hops->flow_end < hops->slice_flow_end ? hops->flow_end : hops->slice_flow_end;
    }
    return true;
}

/* In both directions, links from the vertex to itself came among those that leave. */
static bool next_arriving(struct hops *hops)
{
    if (!hops->is_open) {
        open_arriving(hops);
    }
    while (hops->next < hops->end) {
        uint32_t at = take_next(hops);
        struct reverse_link reverse = {hops->only, at};
        if (hops->only == VERTEX_NONE) {
            reverse = graph_partition_of(hops->frame, hops->vertex)->reverse[at];
        }
        if (!hops->is_both || reverse.source != hops->vertex) {
            take_link(hops, graph_partition_of(hops->frame, reverse.source), reverse.link,
                      reverse.source);
            return true;
        }
    }
    hops->is_arriving = false;
    end_links(hops, false);
    return false;
}

bool hops_next_link(struct hops *hops)
{
    return (hops->is_leaving && next_leaving(hops)) || (hops->is_arriving && next_arriving(hops));
}

void hops_within(struct hops *hops)
{
    const time_ns *times = hops->partition->flow_time;
    const struct time_window *window = &hops->window;
    if (window->least != INT64_MIN) {
        hops->next_flow = window_begin(times, hops->next_flow, hops->flow_end, window->least);
    }
    if (window->greatest != INT64_MAX) {
        hops->flow_end = window_end(times, hops->next_flow, hops->flow_end, window->greatest);
    }
}

static void window_cut(struct time_window *window, bool is_upper, time_ns limit)
{
    if (is_upper) {
        window->greatest = limit < window->greatest ? limit : window->greatest;
    } else {
        window->least = limit > window->least ? limit : window->least;
    }
}

/* An edge that is not one, as null is, makes the condition fail wherever it is checked. */
static void cut_by_relation(const struct matching *matching, const struct time_relation *relation,
                            uint32_t slot, struct time_window *window)
{
    bool is_upper = relation->later == slot;
    uint32_t other = is_upper ? relation->earlier : relation->later;
    time_ns time = 0;
    if (other != SLOT_NONE && !match_time(matching, matching->run->row[other], &time)) {
        return;
    }
    window_cut(window, is_upper,
               is_upper ? window_add(time, relation->limit_ns)
                        : window_subtract(time, relation->limit_ns));
}

static enum status cut_by_comparison(struct matching *matching,
                                     const struct time_comparison *comparison,
                                     struct time_window *window)
{
    struct value value;
    time_ns time;
    TRY(evaluate(matching->run, comparison->term, &value));
    if (value.kind != VALUE_DATETIME || !temporal_to_ns(value, &time)) {
        return STATUS_OK;
    }
    if (comparison->kind != AST_GREATER && comparison->kind != AST_GREATER_EQUAL) {
        window_cut(window, true, time);
    }
    if (comparison->kind != AST_LESS && comparison->kind != AST_LESS_EQUAL) {
        window_cut(window, false, time);
    }
    return STATUS_OK;
}

static enum status step_window(struct matching *matching, const struct pattern_step *step,
                               struct time_window *window)
{
    *window = time_window_open();
    uint32_t slot = matching->pattern->edges[step->element].slot;
    for (uint32_t i = 0; i < step->relation_count; i++) {
        cut_by_relation(matching, step->relations[i], slot, window);
    }
    for (uint32_t i = 0; i < step->comparison_count; i++) {
        TRY(cut_by_comparison(matching, step->comparisons[i], window));
    }
    return STATUS_OK;
}

/* Goes on with one flow as the step's edge. */
static enum pushed take_flow(struct matching *matching, uint32_t index, edge_id edge)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    bool holds = false;
    if (match_is_used(matching, edge)) {
        return PUSHED_MORE;
    }
    if (match_hop(matching, step, edge, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    if (!holds) {
        return PUSHED_MORE;
    }
    matching->run->row[matching->pattern->edges[step->element].slot] = value_edge(edge);
    struct used_edges used = {&edge, 1, matching->used};
    matching->used = &used;
    enum pushed pushed = match_on(matching, index, NULL);
    matching->used = used.before;
    return pushed;
}

static enum pushed take_flows(struct matching *matching, uint32_t index, const struct hops *hops)
{
    bool is_told = matching->plan->steps[index].told != NULL;
    for (uint32_t flow = hops->next_flow; flow < hops->flow_end; flow++) {
        if (!run_continues(matching->run)) {
            return PUSHED_FAILED;
        }
        matching->run->flows_visited++;
        if (is_told && !match_has_told(matching, index, hops->partition, flow)) {
            continue;
        }
        enum pushed pushed = take_flow(matching, index, edge_id_of(hops->partition->index, flow));
        if (pushed != PUSHED_MORE) {
            return pushed;
        }
    }
    return PUSHED_MORE;
}

/* What reads the other end only is checked once for all flows of the link. */
static enum pushed take_link_flows(struct matching *matching, uint32_t index, uint32_t other,
                                   struct hops *hops)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    matching->run->links_visited++;
    hops_within(hops);
    if (hops->next_flow == hops->flow_end ||
        !match_vertex(matching, other, step->has_left && step->has_right, hops->other)) {
        return PUSHED_MORE;
    }
    bool holds = false;
    if (match_checks(matching, &step->vertex_checks, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return holds ? take_flows(matching, index, hops) : PUSHED_MORE;
}

enum pushed match_edge(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    struct run *run = matching->run;
    uint32_t from = step->has_left ? edge->left : edge->right;
    uint32_t other = step->has_left ? edge->right : edge->left;
    bool is_closing = step->has_left && step->has_right;
    struct pool_mark mark = pool_mark(&run->pool);
    struct time_window window;
    enum status status = step_window(matching, step, &window);
    pool_release(&run->pool, mark);
    if (status != STATUS_OK) {
        return PUSHED_FAILED;
    }
    vertex_id vertex = run->row[matching->pattern->vertices[from].slot].vertex;
    vertex_id only =
        is_closing ? run->row[matching->pattern->vertices[other].slot].vertex : VERTEX_NONE;
    struct hops hops;
    struct link_stack stack = {.run = run};
    hops_open(&hops, matching->frame, vertex, step_direction(edge, step->has_left), only);
    hops_limit(&hops, window, &stack, NULL);
    match_slice(matching, index, &hops);
    enum pushed pushed = PUSHED_MORE;
    while (pushed == PUSHED_MORE && !step->is_impossible && hops_next_link(&hops)) {
        struct pool_mark above = pool_mark(&run->pool);
        pushed =
            !run_continues(run) ? PUSHED_FAILED : take_link_flows(matching, index, other, &hops);
        pool_release(&run->pool, above);
    }
    pool_release(&run->pool, mark);
    return pushed;
}

/* The edge from `left` to `right`, as its pattern has them. */
static enum pushed take_ends(struct matching *matching, uint32_t index, vertex_id left,
                             vertex_id right)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    if (!match_vertex(matching, edge->left, step->has_left, left) ||
        !match_vertex(matching, edge->right, step->has_right || edge->left == edge->right, right)) {
        return PUSHED_MORE;
    }
    return match_on(matching, index, NULL);
}

static enum pushed take_given(struct matching *matching, uint32_t index, edge_id edge)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    enum ast_direction direction = matching->pattern->edges[step->element].direction;
    vertex_id source = graph_edge_source(matching->frame, edge);
    vertex_id target = graph_edge_target(matching->frame, edge);
    struct used_edges used = {&edge, 1, matching->used};
    enum pushed pushed = PUSHED_MORE;
    matching->used = &used;
    if (direction != AST_LEFT) {
        pushed = take_ends(matching, index, source, target);
    }
    if (pushed == PUSHED_MORE &&
        (direction == AST_LEFT || (direction == AST_UNDIRECTED && source != target))) {
        pushed = take_ends(matching, index, target, source);
    }
    matching->used = used.before;
    return pushed;
}

enum pushed match_given_edge(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    struct run *run = matching->run;
    struct value value = run->row[matching->pattern->edges[step->element].slot];
    bool holds = false;
    if (value.kind == VALUE_NULL) {
        return PUSHED_MORE;
    }
    if (value.kind != VALUE_EDGE) {
        (void)error_set(run->source->error, STATUS_USAGE,
                        "a pattern wants a relationship here, but the variable is %s",
                        value_kind_phrase(value.kind));
        return PUSHED_FAILED;
    }
    if (step->is_impossible || match_is_used(matching, value.edge)) {
        return PUSHED_MORE;
    }
    if (match_hop(matching, step, value.edge, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return holds ? take_given(matching, index, value.edge) : PUSHED_MORE;
}
