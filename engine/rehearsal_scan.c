/* Vertices are all tried. Of links, hubs may be at the ends of a few only, and yet have most of
 * what the next step finds: so more links are looked at than are kept, and these are chosen by how
 * much leads on from them. */
#include "engine/rehearsal_scan.h"

#include <math.h>

#include "engine/feasible.h"
#include "engine/match_sample.h"
#include "engine/search_scan.h"

enum {
    LOOKED_AT = 2048, /* links, at an effort of 1 */
    KEPT = 512,       /* of them */
    SPARSE = 4,       /* a filter that passes on fewer than this part of the links is asked for the
                         next one */
    CANDIDATES_PER_LOOK = 4096, /* at the stop */
};

/* Goes over candidates, of which every so many-th is tried. */
struct pace {
    double stride;
    double at; /* of the next one */
    double seen;
    uint64_t looked_at; /* less than seen, where candidates are passed over */
};

/* Whether the next candidate is to be tried. */
static bool is_due(struct pace *pace)
{
    bool is_due = pace->seen >= pace->at;
    pace->seen++;
    pace->at += is_due ? pace->stride : 0;
    return is_due;
}

/* Of `count` candidates that follow one another, how many lie before the next that is to be tried.
 * They count as seen. */
static uint32_t pass_over(struct pace *pace, uint32_t count)
{
    double before = ceil(pace->at - pace->seen);
    before = before < 0 ? 0 : before < count ? before : count;
    pace->seen += before;
    return (uint32_t)before;
}

/* Where few pass, all candidates may be looked at, and these may be many millions. */
static bool is_over(const struct search *search, uint64_t looked_at)
{
    return looked_at % CANDIDATES_PER_LOOK == 0 && stop_is_requested(search->stop);
}

static void try_vertex(struct rehearsal *rehearsal, const struct sample *from, vertex_id vertex,
                       double weight)
{
    rehearsal->searcher.vertices[rehearsal->trial->vertex] = vertex;
    rehearsal_count(rehearsal, weight);
    if (rehearsal_vertices_pass(rehearsal, from)) {
        rehearsal_take(rehearsal, weight);
    }
}

static void scan_vertices(struct rehearsal *rehearsal, const struct sample *from, struct pace *pace)
{
    const struct search *search = &rehearsal->search;
    const uint64_t *bits = search->filters->vertices[rehearsal->trial->vertex].bits;
    uint32_t end = search->vertices->vertex_count;
    for (vertex_id v = 0; v < end && !is_over(search, pace->looked_at++); v++) {
        v += bits == NULL ? pass_over(pace, end - v) : 0;
        if (v < end && (bits == NULL || bit_is_set(bits, v)) && is_due(pace)) {
            try_vertex(rehearsal, from, v, pace->stride);
        }
    }
}

static void try_link(struct rehearsal *rehearsal, const struct sample *from,
                     const struct partition *partition, uint32_t link, double weight)
{
    struct searcher *searcher = &rehearsal->searcher;
    uint32_t edge = rehearsal_edge(rehearsal);
    const struct bound_edge *bound = &searcher->orientation->edges[edge];
    vertex_id source = partition_link_source(partition, link);
    vertex_id target = partition->link_target[link];
    rehearsal_count(rehearsal, weight);
    searcher->vertices[bound->source] = source;
    searcher->vertices[bound->target] = target;
    searcher->partitions[edge] = partition;
    searcher->links[edge] = link;
    searcher->bound_edges = 0;
    if ((bound->source != bound->target || source == target) &&
        rehearsal_vertices_pass(rehearsal, from) && feasible_bind(searcher, edge)) {
        rehearsal_take(rehearsal, weight);
    }
}

/* The links of the partition with a flow that passes; `bits` NULL: all links. */
static void scan_links(struct rehearsal *rehearsal, const struct sample *from,
                       const struct partition *partition, const uint64_t *bits, struct pace *pace)
{
    const struct search *search = &rehearsal->search;
    uint32_t end = partition->link_count;
    for (uint32_t link = 0; link < end && !is_over(search, pace->looked_at++); link++) {
        link = bits == NULL ? link + pass_over(pace, end - link)
                            : scan_next_link(partition, bits, link, end);
        if (link < end && is_due(pace)) {
            try_link(rehearsal, from, partition, link, pace->stride);
        }
    }
}

static double count_links(const struct search *search, uint64_t *const *bits)
{
    uint64_t count = 0;
    for (uint32_t p = 0; p < search->edges->partition_count; p++) {
        const struct partition *partition = &search->edges->partitions[p];
        uint32_t end = partition->link_count;
        for (uint32_t link = 0; link < end && !is_over(search, count); link++) {
            link = scan_next_link(partition, bits[p], link, end);
            count += link < end;
        }
    }
    return (double)count;
}

/* What leads on from a partial match of one link: the neighbours that all other edges have. */
static double count_onward(struct rehearsal *rehearsal, const struct sample *sample, uint32_t at)
{
    const struct bound_query *query = rehearsal->search.query;
    double onward = 0;
    rehearsal_restore(rehearsal, sample, at);
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct bound_edge *edge = &rehearsal->searcher.orientation->edges[e];
        for (uint32_t is_out = 0; is_out < 2; is_out++) {
            uint32_t end = is_out != 0 ? edge->source : edge->target;
            if ((sample->edges >> e & 1) == 0 && (sample->vertices >> end & 1) != 0) {
                struct neighbours list;
                rehearsal_set_list(rehearsal, e, is_out != 0, &list);
                onward += list.end - list.begin;
            }
        }
    }
    return onward;
}

/* Keeps `kept` of what passed, half evenly and half by what leads on from there. */
static void thin(struct rehearsal *rehearsal, uint32_t kept)
{
    struct sample *next = &rehearsal->next;
    double *onward = rehearsal->lengths;
    double weight = 0;
    double total = 0;
    for (uint32_t i = 0; i < next->count; i++) {
        onward[i] = count_onward(rehearsal, next, i);
        weight += next->weights[i];
        total += next->weights[i] * onward[i];
    }
    double even = total > 0 ? total / weight : 1;
    double stride = (total + even * weight) / kept;
    double at = stride * rehearsal->phase;
    double seen = 0;
    uint32_t count = 0;
    size_t width = rehearsal_width(rehearsal);
    for (uint32_t i = 0; i < next->count; i++) {
        double share = 0;
        for (seen += next->weights[i] * (onward[i] + even); at < seen; at += stride) {
            share += stride / (onward[i] + even);
        }
        if (share > 0) {
            next->weights[count] = share;
            next->orientations[count] = next->orientations[i];
            for (size_t v = 0; v < width; v++) {
                next->values[count * width + v] = next->values[i * width + v];
            }
            count++;
        }
    }
    next->count = count;
}

/* Candidates for the empty match; `bits`: of the filter of links, where it is worth going from one
 * that passes to the next. */
static double count_candidates(const struct rehearsal *rehearsal, uint64_t *const **bits)
{
    const struct search *search = &rehearsal->search;
    double link_count = (double)search->edges->link_count;
    *bits = NULL;
    if (rehearsal->trial->kind == STEP_SCAN_VERTICES) {
        const struct vertex_filter *filter = &search->filters->vertices[rehearsal->trial->vertex];
        return filter->bits == NULL ? search->vertices->vertex_count : (double)filter->pass_count;
    }
    const struct flow_filter *filter = &search->filters->edges[rehearsal_edge(rehearsal)];
    if (sample_links(search->edges, filter) * SPARSE >= link_count) {
        return link_count;
    }
    *bits = filter->bits;
    return count_links(search, *bits);
}

static void try_scan(struct rehearsal *rehearsal, const struct sample *from, uint64_t *const *bits,
                     double stride)
{
    const struct edge_frame *edges = rehearsal->search.edges;
    struct pace pace = {.stride = stride, .at = stride == 1 ? 0 : stride * rehearsal->phase};
    rehearsal_begin_step(rehearsal);
    for (uint32_t i = 0; i < from->count; i++) {
        rehearsal_restore(rehearsal, from, i);
        if (rehearsal->trial->kind == STEP_SCAN_VERTICES) {
            scan_vertices(rehearsal, from, &pace);
            continue;
        }
        for (uint32_t p = 0; p < edges->partition_count; p++) {
            scan_links(rehearsal, from, &edges->partitions[p], bits == NULL ? NULL : bits[p],
                       &pace);
        }
    }
}

bool rehearsal_scan(struct rehearsal *rehearsal, const struct sample *from)
{
    uint64_t *const *bits;
    double count = count_candidates(rehearsal, &bits) * from->count;
    double most = (double)LOOKED_AT * rehearsal->effort;
    most = most < PASSED_MAX ? most : PASSED_MAX;
    uint32_t kept = KEPT * rehearsal->effort;
    double stride = count <= most ? 1 : count / (most - 1);
    try_scan(rehearsal, from, bits, stride);
    while (stride > 1 && rehearsal->next.count < kept / 8) {
        stride = stride > 4 ? stride / 4 : 1;
        try_scan(rehearsal, from, bits, stride);
    }
    if (rehearsal->trial->kind == STEP_SCAN_LINKS && rehearsal->next.count > kept) {
        thin(rehearsal, kept);
        return false;
    }
    return stride == 1;
}
