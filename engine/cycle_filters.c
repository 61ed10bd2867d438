/* Filters of the pattern's conditions first, as for matches; then one for each flow of them. */
#include "engine/cycle_filters.h"

#include <string.h>

#include "engine/filter_external.h"

enum {
    /* What a flow takes that may be part of a cycle, against a candidate of the matcher. */
    CANDIDATES_PER_FLOW = 4,
    END_WORDS = 256, /* that a worker takes at once: 16,384 flows */
};

static const char what[] = "looking for cycles";

static uint64_t **new_flow_bits(struct cycle_filters *filters, const struct graph *graph)
{
    uint32_t partition_count = graph->edges.partition_count;
    uint64_t **bits = arena_allocate_zeroed(filters->arena, partition_count, sizeof(*bits));
    for (uint32_t p = 0; bits != NULL && p < partition_count; p++) {
        uint64_t words = filter_word_count(graph->edges.partitions[p].flow_count);
        bits[p] = arena_allocate_zeroed(filters->arena, words + 1, sizeof(*bits[p]));
        bits = bits[p] == NULL ? NULL : bits;
    }
    return bits;
}

static void set_range(uint64_t *bits, uint64_t begin, uint64_t end)
{
    for (uint64_t word = begin >> 6; begin < end; begin = ++word << 6) {
        uint64_t mask = ~UINT64_C(0) << (begin & 63);
        if (end - (word << 6) < 64) {
            mask &= (UINT64_C(1) << (end & 63)) - 1;
        }
        bits[word] |= mask;
    }
}

static void copy(uint64_t **bits, uint64_t *const *other, const struct graph *graph)
{
    for (uint32_t p = 0; p < graph->edges.partition_count; p++) {
        uint64_t words = filter_word_count(graph->edges.partitions[p].flow_count);
        memcpy(bits[p], other[p], words * sizeof **bits);
    }
}

/* bits &= other */
static void intersect(uint64_t **bits, uint64_t *const *other, const struct graph *graph)
{
    for (uint32_t p = 0; p < graph->edges.partition_count; p++) {
        uint64_t words = filter_word_count(graph->edges.partitions[p].flow_count);
        for (uint64_t word = 0; word < words; word++) {
            bits[p][word] &= other[p][word];
        }
    }
}

/* What a condition on an end of flows makes of them. Each word of bits is one worker's. */
struct end_run {
    const struct graph *graph;
    struct stop *stop;
    const uint64_t *vertex_bits;
    bool is_source;
    uint64_t *const *edge_bits;  /* that have to be set too; NULL: all are */
    uint64_t **bits;             /* zeroed */
    _Atomic uint64_t *next_word; /* [partition] */
};

/* The flows of words `begin` .. `end` that leave vertices that pass, or arrive there. */
static void set_words(const struct end_run *run, const struct partition *partition, uint64_t begin,
                      uint64_t end)
{
    uint64_t *bits = run->bits[partition->index];
    uint64_t flow_end = end * 64 < partition->flow_count ? end * 64 : partition->flow_count;
    uint32_t link = partition_flow_link(partition, (uint32_t)(begin * 64));
    uint32_t source = partition_link_source(partition, link) - partition->vertex_base;
    for (uint64_t flow = begin * 64; flow < flow_end; link++) {
        uint64_t link_end = partition->flow_offset[link + 1];
        link_end = link_end < flow_end ? link_end : flow_end;
        while (partition->link_offset[source + 1] <= link) {
            source++;
        }
        vertex_id vertex =
            run->is_source ? partition->vertex_base + source : partition->link_target[link];
        if (bit_is_set(run->vertex_bits, vertex)) {
            set_range(bits, flow, link_end);
        }
        flow = link_end;
    }
    for (uint64_t word = begin; run->edge_bits != NULL && word < end; word++) {
        bits[word] &= run->edge_bits[partition->index][word];
    }
}

/* Own node's partitions first, then whatever the others have left. */
static void set_ends(const struct worker *worker, void *context)
{
    struct end_run *run = context;
    const struct edge_frame *edges = &run->graph->edges;
    for (uint32_t i = 0; i < 2 * edges->partition_count; i++) {
        uint32_t p = i % edges->partition_count;
        const struct partition *partition = &edges->partitions[p];
        bool is_remote = i >= edges->partition_count;
        uint64_t words = filter_word_count(partition->flow_count);
        uint64_t begin = 0;
        uint64_t end = 0;
        while ((partition->node != worker->node) == is_remote && !stop_poll(run->stop) &&
               team_next(&run->next_word[p], words, END_WORDS, &begin, &end)) {
            set_words(run, partition, begin, end);
        }
    }
}

/* Adds the condition on an end of a pattern edge to that on its flows. */
static enum status resolve_end(struct cycle_filters *filters, uint32_t edge, uint32_t vertex,
                               bool is_source, const struct graph *graph,
                               const struct cycle_options *options, struct error *error)
{
    const struct vertex_filter *filter = &filters->of.vertices[vertex];
    if (filter->bits == NULL) {
        return STATUS_OK;
    }
    struct end_run run = {
        .graph = graph,
        .stop = options->stop,
        .vertex_bits = filter->bits,
        .is_source = is_source,
        .edge_bits = filters->edge_bits[edge],
        .bits = new_flow_bits(filters, graph),
        .next_word = arena_allocate_zeroed(filters->arena, graph->edges.partition_count,
                                           sizeof(*run.next_word)),
    };
    if (run.bits == NULL || run.next_word == NULL) {
        return arena_error(filters->arena, what, error);
    }
    team_run(options->team, set_ends, &run);
    TRY(stop_error(options->stop, "filtering", error));
    filters->edge_bits[edge] = run.bits;
    filters->is_none[edge] = filters->is_none[edge] || filter->pass_count == 0;
    return STATUS_OK;
}

/* Every flow of a cycle leaves another of its vertices, and one leaves each, so that a condition on
 * vertices is one on flows; so is one on an end of a flow. */
static enum status resolve_ends(struct cycle_filters *filters, const struct cycle_pattern *pattern,
                                const struct graph *graph, const struct cycle_options *options,
                                struct error *error)
{
    const struct bound_query *conditions = pattern->conditions;
    for (uint32_t i = 0; i < conditions->edge_count; i++) {
        const struct bound_edge *edge = &conditions->edges[i];
        const struct flow_filter *filter = &filters->of.edges[i];
        filters->edge_bits[i] = filter->bits;
        filters->is_none[i] = filter->bits != NULL && filter->pass_count == 0;
        if (edge->source != conditions->edges[0].source &&
            edge->source != conditions->edges[1].source) {
            TRY(resolve_end(filters, i, edge->source, true, graph, options, error));
            TRY(resolve_end(filters, i, edge->target, false, graph, options, error));
        }
    }
    return STATUS_OK;
}

/* Makes one filter of those of some pattern edges. */
static enum status join_bits(struct cycle_filters *filters, uint32_t edges,
                             const struct graph *graph, uint64_t ***joined, struct error *error)
{
    bool is_own = false; /* no other query has these bits */
    *joined = NULL;
    for (uint32_t rest = edges; rest != 0; rest &= rest - 1) {
        uint64_t **bits = filters->edge_bits[__builtin_ctz(rest)];
        if (bits == NULL || *joined == NULL || bits == *joined) {
            *joined = bits == NULL ? *joined : bits;
            continue;
        }
        if (!is_own) {
            uint64_t **own = new_flow_bits(filters, graph);
            if (own == NULL) {
                return arena_error(filters->arena, what, error);
            }
            copy(own, *joined, graph);
            *joined = own;
            is_own = true;
        }
        intersect(*joined, bits, graph);
    }
    return STATUS_OK;
}

/* The edges whose conditions hold for each flow. */
static uint32_t each_edges(const struct cycle_pattern *pattern)
{
    uint32_t all = (UINT32_C(1) << pattern->conditions->edge_count) - 1;
    return all & ~pattern->some_edges & ~pattern->first_edges & ~pattern->last_edges;
}

/* What some flow has to pass. Where every flow does, each cycle has such a one. */
static void list_needs(struct cycle_filters *filters, const struct cycle_pattern *pattern,
                       struct cycle_query *query)
{
    for (uint32_t rest = pattern->some_edges; rest != 0; rest &= rest - 1) {
        uint32_t edge = (uint32_t)__builtin_ctz(rest);
        if (filters->edge_bits[edge] != NULL) {
            query->need_bits[query->need_count++] = filters->edge_bits[edge];
            filters->is_false = filters->is_false || filters->is_none[edge];
        }
    }
}

/* Externals are judged where the search would take longer; enough cycles may end it at any time. */
static enum status add_externals(struct cycle_filters *filters, const struct cycle_pattern *pattern,
                                 const struct cycle_options *options, bool has_limit,
                                 struct arena *const *nodes, struct error *error)
{
    const struct bound_query *conditions = pattern->conditions;
    uint64_t flows = conditions->graph->edges.flow_count;
    for (uint32_t i = 0; i < conditions->edge_count; i++) {
        uint64_t passed = filters->of.edges[i].pass_count;
        bool is_for_each = (each_edges(pattern) >> i & 1) != 0;
        flows = is_for_each && passed < flows ? passed : flows;
    }
    double cost = has_limit ? 0 : CANDIDATES_PER_FLOW * (double)flows;
    return filters_add_externals(&filters->of, conditions, options->externals, cost, options->team,
                                 filters->arena, nodes, options->stop, error);
}

enum status cycle_filters_open(struct cycle_filters *filters, struct cycle_query *query,
                               const struct cycle_pattern *pattern,
                               const struct cycle_options *options, bool has_limit,
                               struct error *error)
{
    *filters = (struct cycle_filters){0};
    if (pattern->conditions == NULL) {
        return STATUS_OK;
    }
    TRY(arena_open_brief(&filters->arena, team_topology(options->team), NODE_INTERLEAVED,
                         options->budget, error));
    uint32_t node_count = topology_node_count(team_topology(options->team));
    struct arena **nodes = arena_allocate_zeroed(filters->arena, node_count, sizeof(*nodes));
    if (nodes == NULL) {
        return arena_error(filters->arena, what, error);
    }
    TRY(filters_build(&filters->of, pattern->conditions, options->team, filters->arena, nodes,
                      options->filters, options->stop, error));
    TRY(add_externals(filters, pattern, options, has_limit, nodes, error));
    for (uint32_t i = 0; options->nodes != NULL && filters->of.localities != NULL &&
                         i < team_worker_count(options->team);
         i++) {
        uint32_t node = team_worker_at(options->team, i)->node;
        locality_sum(&options->nodes[node].locality, &filters->of.localities[i]);
    }
    TRY(resolve_ends(filters, pattern, query->graph, options, error));
    uint64_t **flow_bits = NULL;
    uint64_t **first_bits = NULL;
    TRY(join_bits(filters, each_edges(pattern), query->graph, &flow_bits, error));
    TRY(join_bits(filters, pattern->first_edges, query->graph, &first_bits, error));
    query->flow_bits = flow_bits;
    query->first_bits = first_bits;
    query->anchor_bits = filters->of.vertices[pattern->conditions->edges[0].source].bits;
    TRY(join_bits(filters, pattern->last_edges, query->graph, &filters->last_bits, error));
    filters->end_bits = filters->of.vertices[pattern->conditions->edges[1].source].bits;
    filters->is_false = filters->of.is_false || pattern->conditions->window.is_impossible;
    list_needs(filters, pattern, query);
    return STATUS_OK;
}

void cycle_filters_close(struct cycle_filters *filters)
{
    filters_close(&filters->of);
    arena_close(filters->arena);
}
