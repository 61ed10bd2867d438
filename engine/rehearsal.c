#include "engine/rehearsal.h"

#include <string.h>

#include "engine/feasible.h"
#include "engine/rehearsal_extend.h"
#include "engine/rehearsal_scan.h"
#include "engine/search_flows.h"

enum {
    TRIED_FLOWS = 128,     /* partial matches whose flows are looked at */
    FLOWS_PER_COUNTED = 1, /* as long as it takes to count a range */
    STEP_ON = 1664525,     /* of numbers that are as good as drawn */
    STEP_BY = 1013904223,
};

static void add_inequalities(struct rehearsal *rehearsal);
static bool open_sample(const struct rehearsal *rehearsal, struct sample *sample, uint32_t count);
static bool open_samples(struct rehearsal *rehearsal);
static void open_search(struct rehearsal *rehearsal, const struct bound_query *query,
                        const struct filters *filters, const vertex_id *seek, struct stop *stop);
static bool try_step(struct rehearsal *rehearsal, const struct sample *from,
                     struct plan_outcome *outcome);
static uint32_t keep_sample(struct rehearsal *rehearsal, bool is_exact);

struct rehearsal *rehearsal_open(const struct bound_query *query, const struct filters *filters,
                                 const vertex_id *seek, const struct rehearsal_means *means)
{
    struct error unused = {0};
    struct arena *arena;
    if (arena_open_brief(&arena, means->topology, NODE_INTERLEAVED, means->budget, &unused) !=
        STATUS_OK) {
        return NULL;
    }
    struct rehearsal *rehearsal = arena_allocate_zeroed(arena, 1, sizeof *rehearsal);
    if (rehearsal == NULL) {
        arena_close(arena);
        return NULL;
    }
    rehearsal->arena = arena;
    open_search(rehearsal, query, filters, seek, means->stop);
    add_inequalities(rehearsal);
    if (!open_samples(rehearsal)) {
        rehearsal_close(rehearsal);
        return NULL;
    }
    rehearsal_begin(rehearsal, 1);
    return rehearsal;
}

void rehearsal_close(struct rehearsal *rehearsal)
{
    if (rehearsal != NULL) {
        arena_close(rehearsal->arena);
    }
}

static void open_search(struct rehearsal *rehearsal, const struct bound_query *query,
                        const struct filters *filters, const vertex_id *seek, struct stop *stop)
{
    struct search *search = &rehearsal->search;
    search->query = query;
    search->edges = &query->graph->edges;
    search->vertices = &query->graph->vertices;
    search->filters = filters;
    search->stop = stop;
    memcpy(search->seek, seek, sizeof search->seek);
    for (uint32_t i = 0; i < query->edge_count; i++) {
        for (uint32_t j = 0; j < query->edge_count; j++) {
            bool has_limit = i != j && query->window.limit_ns[i][j] != WINDOW_NONE;
            search->has_windows = search->has_windows || has_limit;
        }
    }
    search->reads = query_reads(query);
    search->countable_edges = ~search->reads.edge_mask;
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        if (query->predicates[i].kind == PREDICATE_RESIDUAL) {
            search->countable_edges &= ~query->predicates[i].expression->edge_mask;
        }
    }
    rehearsal->searcher.search = search;
    rehearsal->searcher.inner = search->edges->inner;
}

static void add_inequality(struct rehearsal *rehearsal, uint32_t left, uint32_t right,
                           uint32_t turned)
{
    if (rehearsal->inequality_count < INEQUALITIES_MAX) {
        rehearsal->inequalities[rehearsal->inequality_count++] =
            (struct inequality){left, right, turned};
    }
}

static void add_inequalities(struct rehearsal *rehearsal)
{
    const struct bound_query *query = rehearsal->search.query;
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        const struct expression *expression = query->predicates[i].expression;
        if (query->predicates[i].kind == PREDICATE_STRUCTURE &&
            expression_is_inequality(expression)) {
            add_inequality(rehearsal, expression->children[0]->variable,
                           expression->children[1]->variable, 0);
        }
    }
    for (uint32_t e = 0; e < query->edge_count; e++) {
        if (query->edges[e].is_undirected) {
            add_inequality(rehearsal, query->edges[e].source, query->edges[e].target, 1u << e);
        }
    }
}

static bool open_sample(const struct rehearsal *rehearsal, struct sample *sample, uint32_t count)
{
    size_t width = rehearsal_width(rehearsal);
    sample->weights = arena_allocate(rehearsal->arena, count, sizeof *sample->weights);
    sample->orientations = arena_allocate(rehearsal->arena, count, sizeof *sample->orientations);
    sample->values = arena_allocate(rehearsal->arena, count * width, sizeof *sample->values);
    return sample->weights != NULL && sample->orientations != NULL && sample->values != NULL;
}

/* The empty match in each orientation, and room for what follows. */
static bool open_samples(struct rehearsal *rehearsal)
{
    struct error unused = {0};
    struct arena *arena = rehearsal->arena;
    struct sample *root = &rehearsal->samples[0];
    rehearsal->lengths = arena_allocate(arena, PASSED_MAX, sizeof *rehearsal->lengths);
    rehearsal->pairs = arena_allocate(arena, PAIRS_MAX, sizeof *rehearsal->pairs);
    rehearsal->scratch =
        arena_allocate(arena, (size_t)TIME_LINKS * LINK_FLOWS, sizeof *rehearsal->scratch);
    root->is_exact = true;
    root->count = query_orientation_count(rehearsal->search.query);
    if (rehearsal->lengths == NULL || rehearsal->pairs == NULL || rehearsal->scratch == NULL ||
        orientations_open(&rehearsal->search, arena, &unused) != STATUS_OK ||
        !open_sample(rehearsal, &rehearsal->next, PASSED_MAX) ||
        !open_sample(rehearsal, root, root->count)) {
        return false;
    }
    for (uint32_t i = 0; i < root->count; i++) {
        root->weights[i] = 1;
        root->orientations[i] = (uint8_t)i;
    }
    return true;
}

void rehearsal_begin(void *context, double effort)
{
    struct rehearsal *rehearsal = context;
    rehearsal->effort = effort < 1 ? 1 : effort > EFFORT_MAX ? EFFORT_MAX : (uint32_t)effort;
    rehearsal->phase = rehearsal->phase == 0.5 ? 0.125 : 0.5;
    rehearsal->sample_count = 1;
    rehearsal->tried_step_count = 0;
}

struct plan_outcome rehearsal_try(void *context, uint32_t sample, const struct plan_trial *trial)
{
    struct rehearsal *rehearsal = context;
    for (uint32_t i = 0; i < rehearsal->tried_step_count; i++) {
        const struct tried_step *tried = &rehearsal->tried_steps[i];
        if (tried->sample == sample && tried->trial.kind == trial->kind &&
            tried->trial.vertex == trial->vertex && tried->trial.edges == trial->edges &&
            tried->trial.by_time == trial->by_time) {
            return tried->outcome;
        }
    }
    struct plan_outcome outcome = {.sample = PLAN_NO_SAMPLE};
    if (rehearsal->sample_count == SAMPLES_MAX || rehearsal->tried_step_count == SAMPLES_MAX ||
        stop_poll(rehearsal->search.stop)) {
        return outcome;
    }
    rehearsal->trial = trial;
    outcome.is_tried = try_step(rehearsal, &rehearsal->samples[sample], &outcome);
    rehearsal->tried_steps[rehearsal->tried_step_count++] =
        (struct tried_step){sample, *trial, outcome};
    return outcome;
}

/* The vertices that are bound after the step. */
static uint32_t bound_after(const struct rehearsal *rehearsal, const struct sample *from)
{
    const struct plan_trial *trial = rehearsal->trial;
    const struct bound_edge *edges = rehearsal->search.query->edges;
    switch (trial->kind) {
    case STEP_SCAN_LINKS:
        return from->vertices | 1u << edges[rehearsal_edge(rehearsal)].source |
               1u << edges[rehearsal_edge(rehearsal)].target;
    case STEP_SCAN_VERTICES:
    case STEP_SEEK_VERTEX:
    case STEP_EXTEND:
        return from->vertices | 1u << trial->vertex;
    case STEP_CLOSE:
        break;
    }
    return from->vertices;
}

static void seek_vertex(struct rehearsal *rehearsal, const struct sample *from)
{
    uint32_t vertex = rehearsal->trial->vertex;
    for (uint32_t i = 0; i < from->count; i++) {
        rehearsal_restore(rehearsal, from, i);
        rehearsal_count(rehearsal, from->weights[i]);
        rehearsal->searcher.vertices[vertex] = rehearsal->search.seek[vertex];
        if (rehearsal_vertices_pass(rehearsal, from)) {
            rehearsal_take(rehearsal, from->weights[i]);
        }
    }
}

static double weight_of(const struct sample *sample)
{
    double weight = 0;
    for (uint32_t i = 0; i < sample->count; i++) {
        weight += sample->weights[i];
    }
    return weight;
}

/* False for steps that are not tried: another part of the pattern, which nothing leads to. */
static bool try_step(struct rehearsal *rehearsal, const struct sample *from,
                     struct plan_outcome *outcome)
{
    double starts = weight_of(from);
    struct totals totals = {starts, starts, from->count, from->count};
    bool is_all = true;
    rehearsal->next.vertices = bound_after(rehearsal, from);
    rehearsal->next.edges = from->edges | rehearsal->trial->edges;
    rehearsal_begin_step(rehearsal);
    switch (rehearsal->trial->kind) {
    case STEP_SCAN_LINKS:
    case STEP_SCAN_VERTICES:
        if (from->vertices != 0) {
            return false;
        }
        is_all = rehearsal_scan(rehearsal, from);
        totals = (struct totals){rehearsal->weight, rehearsal->weight, rehearsal->tried,
                                 rehearsal->tried};
        break;
    case STEP_SEEK_VERTEX:
        seek_vertex(rehearsal, from);
        break;
    case STEP_EXTEND:
        is_all = rehearsal_extend(rehearsal, from, &totals);
        break;
    case STEP_CLOSE:
        rehearsal_close_edge(rehearsal, from);
        break;
    }
    outcome->is_exact = is_all && from->is_exact;
    outcome->neighbours = totals.neighbours / starts;
    outcome->candidates = totals.candidates / starts;
    outcome->starts = totals.starts;
    outcome->tried = rehearsal->tried;
    outcome->passed = rehearsal->weight > 0 ? rehearsal->passed / rehearsal->weight : 0;
    outcome->sample = keep_sample(rehearsal, outcome->is_exact);
    return true;
}

/* What passed becomes a sample of its own, if anything has. */
static uint32_t keep_sample(struct rehearsal *rehearsal, bool is_exact)
{
    const struct sample *next = &rehearsal->next;
    struct sample kept = *next;
    if (next->count == 0 || !open_sample(rehearsal, &kept, next->count)) {
        return PLAN_NO_SAMPLE;
    }
    kept.is_exact = is_exact;
    memcpy(kept.weights, next->weights, next->count * sizeof *next->weights);
    memcpy(kept.orientations, next->orientations, next->count * sizeof *next->orientations);
    memcpy(kept.values, next->values,
           (size_t)next->count * rehearsal_width(rehearsal) * sizeof *next->values);
    rehearsal->samples[rehearsal->sample_count] = kept;
    return rehearsal->sample_count++;
}

/* The flows of the level's range that pass; one of them is chosen by `number`. */
static double choose_flow(struct searcher *searcher, uint32_t level, uint32_t number)
{
    uint32_t edge = searcher->order[level];
    uint64_t *const *filter = searcher->search->filters->edges[edge].bits;
    const uint64_t *bits = filter == NULL ? NULL : filter[searcher->partitions[edge]->index];
    flows_enter(searcher, level);
    uint32_t first = searcher->flows[level].next;
    uint32_t last = searcher->flows[level].end;
    if (first >= last) {
        return 0;
    }
    uint32_t at = first + (uint32_t)((uint64_t)number * (last - first) >> 32);
    if (bits == NULL) {
        searcher->positions[edge] = at;
        return last - first;
    }
    at = feasible_next_bit(bits, at, last);
    at = at == last ? feasible_next_bit(bits, first, last) : at;
    searcher->positions[edge] = at;
    return (double)feasible_count_bits(bits, first, last);
}

/* Of each level's flows one is chosen and stands for all: as many are looked at on the level below
 * it as below the others. */
static double flows_looked_at(struct searcher *searcher, uint32_t number)
{
    const struct search *search = searcher->search;
    uint32_t edge_count = search->query->edge_count;
    double chosen = 1;
    double flows = 0;
    for (uint32_t level = 0; level < edge_count && chosen > 0; level++) {
        uint32_t edge = searcher->order[level];
        bool is_countable =
            edge == search->counted_edge || (search->countable_edges >> edge & 1) != 0;
        if (level + 1 == edge_count && is_countable) {
            return flows + FLOWS_PER_COUNTED * chosen;
        }
        number = number * STEP_ON + STEP_BY;
        chosen *= choose_flow(searcher, level, number);
        flows += chosen;
    }
    return flows;
}

double rehearsal_try_flows(void *context, uint32_t sample)
{
    struct rehearsal *rehearsal = context;
    struct search *search = &rehearsal->search;
    const struct sample *from = &rehearsal->samples[sample];
    uint32_t missing = ((1u << search->query->edge_count) - 1) & ~from->edges;
    search->counted_edge = missing == 0 ? UINT32_MAX : (uint32_t)__builtin_ctz(missing);
    double flows = 0;
    double weight = 0;
    uint32_t stride = (from->count - 1) / (TRIED_FLOWS * rehearsal->effort) + 1;
    for (uint32_t i = stride / 2; i < from->count; i += stride) {
        rehearsal_restore(rehearsal, from, i);
        weight += from->weights[i];
        if (flows_order(&rehearsal->searcher)) {
            flows += from->weights[i] * flows_looked_at(&rehearsal->searcher, i);
        }
    }
    return flows / weight;
}
