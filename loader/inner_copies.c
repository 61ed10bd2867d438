#include "loader/inner_copies.h"

#include <string.h>

/* Words of bits that a worker takes at once: 4,096 vertices. */
enum { WORDS_GRAIN = 64 };

/* While it is counted and filled: the arrays of one copy, writable. */
struct copy {
    uint64_t *bits;
    uint32_t *ranks;
    uint32_t *offset[2]; /* by is_out */
    struct inner_link *links[2];
};

struct copying {
    struct builder *builder;
    struct edge_frame *frame;
    struct arena *scratch;
    uint64_t word_count;
    uint32_t vertex_count;
    uint64_t link_count;
    struct copy counted; /* in scratch, without links */
    struct copy *copies; /* [home_count] */
    uint32_t home_count;
    _Atomic uint64_t next;
};

static enum status count_vertices(struct copying *copying);
static void count_links(const struct worker *worker, void *context);
static void sum_links(struct copying *copying);
static bool is_worth_it(const struct copying *copying);
static enum status open_copies(struct copying *copying);
static void fill_links(const struct worker *worker, void *context);
static void fill_copies(const struct worker *worker, void *context);

static const char what[] = "copying the inner graph";

enum status inner_copies_build(struct builder *builder)
{
    struct copying copying = {
        .builder = builder,
        .frame = &builder->graph->edges,
        .word_count = ((uint64_t)builder->graph->vertices.vertex_count + 63) / 64,
        .home_count = topology_home_count(team_topology(builder->team)),
    };
    enum status status;
    TRY_DONE(builder_open_arena(builder, &copying.scratch));
    TRY_DONE(count_vertices(&copying));
    TRY_DONE(builder_run(builder, count_links, &copying, what));
    sum_links(&copying);
    if (is_worth_it(&copying)) {
        TRY_DONE(open_copies(&copying));
        atomic_store_explicit(&copying.next, 0, memory_order_relaxed);
        TRY_DONE(builder_run(builder, fill_links, &copying, what));
        TRY_DONE(builder_run(builder, fill_copies, &copying, what));
    }
done:
    arena_close(copying.scratch);
    return status;
}

static enum status count_vertices(struct copying *copying)
{
    struct builder *builder = copying->builder;
    uint64_t *bits;
    TRY(builder_allocate(builder, copying->scratch, &copying->counted.ranks, copying->word_count,
                         sizeof(uint32_t), what));
    TRY(builder_allocate(builder, copying->scratch, &bits, copying->word_count, sizeof(uint64_t),
                         what));
    for (uint64_t word = 0; word < copying->word_count; word++) {
        bits[word] = copying->frame->through[word];
        copying->counted.ranks[word] = copying->vertex_count;
        copying->vertex_count += (uint32_t)__builtin_popcountll(bits[word]);
    }
    copying->counted.bits = bits;
    for (uint32_t is_out = 0; is_out < 2; is_out++) {
        TRY(builder_allocate_zeroed(builder, copying->scratch, &copying->counted.offset[is_out],
                                    (uint64_t)copying->vertex_count + 1, sizeof(uint32_t), what));
    }
    return STATUS_OK;
}

/* Writes the inner links of one vertex to `links`, unless that is NULL; returns how many. */
static uint32_t take_links(const uint64_t *bits, const struct partition *partition,
                           vertex_id vertex, bool is_out, struct inner_link *links)
{
    uint32_t local = vertex - partition->vertex_base;
    const uint32_t *offset = is_out ? partition->link_offset : partition->reverse_offset;
    uint32_t count = 0;
    for (uint32_t index = offset[local]; index < offset[local + 1]; index++) {
        vertex_id other = is_out ? partition->link_target[index] : partition->reverse[index].source;
        if ((bits[other >> 6] >> (other & 63) & 1) == 0) {
            continue;
        }
        if (links != NULL) {
            uint32_t link = is_out ? index : partition->reverse[index].link;
            links[count] = (struct inner_link){other, link};
        }
        count++;
    }
    return count;
}

/* Deals out the inner vertices. */
static void visit_vertices(struct copying *copying,
                           void (*visit)(const struct copying *, vertex_id vertex, uint32_t rank))
{
    const struct copy *counted = &copying->counted;
    uint64_t word;
    uint64_t end;
    while (!builder_must_stop(copying->builder) &&
           team_next(&copying->next, copying->word_count, WORDS_GRAIN, &word, &end)) {
        for (; word < end; word++) {
            uint32_t rank = counted->ranks[word];
            for (uint64_t rest = counted->bits[word]; rest != 0; rest &= rest - 1, rank++) {
                visit(copying, (vertex_id)(word * 64 + (uint64_t)__builtin_ctzll(rest)), rank);
            }
        }
    }
}

static void count_vertex(const struct copying *copying, vertex_id vertex, uint32_t rank)
{
    const struct partition *partition = graph_partition_of(copying->frame, vertex);
    const struct copy *counted = &copying->counted;
    for (uint32_t is_out = 0; is_out < 2; is_out++) {
        counted->offset[is_out][rank + 1] =
            take_links(counted->bits, partition, vertex, is_out != 0, NULL);
    }
}

static void count_links(const struct worker *worker, void *context)
{
    (void)worker;
    visit_vertices(context, count_vertex);
}

static void sum_links(struct copying *copying)
{
    for (uint32_t is_out = 0; is_out < 2; is_out++) {
        uint32_t *offset = copying->counted.offset[is_out];
        copying->link_count = 0;
        for (uint32_t rank = 0; rank < copying->vertex_count; rank++) {
            copying->link_count += offset[rank + 1];
            offset[rank + 1] = (uint32_t)copying->link_count;
        }
    }
}

static bool is_worth_it(const struct copying *copying)
{
    const struct graph *graph = copying->builder->graph;
    uint64_t graph_bytes = arena_bytes(graph->shared);
    for (uint32_t index = 0; index < graph->edges.partition_count; index++) {
        graph_bytes += arena_bytes(graph->edges.partitions[index].arena);
    }
    uint64_t copy_bytes = copying->word_count * (sizeof(uint64_t) + sizeof(uint32_t)) +
                          (uint64_t)copying->vertex_count * 2 * sizeof(uint32_t) +
                          copying->link_count * 2 * sizeof(struct inner_link);
    return copying->link_count <= UINT32_MAX &&
           copy_bytes * copying->home_count <= graph_bytes / INNER_SHARE_MAX;
}

/* The copy of the home nearest to a node. */
static uint32_t nearest_home(const struct topology *topology, uint32_t node)
{
    uint32_t best = 0;
    for (uint32_t home = 0; home < topology_home_count(topology); home++) {
        uint32_t at = topology_home_at(topology, home);
        if (at == node) {
            return home;
        }
        if (topology_distance(topology, node, at) <
            topology_distance(topology, node, topology_home_at(topology, best))) {
            best = home;
        }
    }
    return best;
}

static enum status open_copy(struct copying *copying, struct inner *inner, struct copy *copy)
{
    struct builder *builder = copying->builder;
    TRY(arena_open(&inner->arena, team_topology(builder->team), inner->node, builder->budget,
                   builder->error));
    TRY(builder_allocate(builder, inner->arena, &copy->bits, copying->word_count, sizeof(uint64_t),
                         what));
    TRY(builder_allocate(builder, inner->arena, &copy->ranks, copying->word_count, sizeof(uint32_t),
                         what));
    for (uint32_t is_out = 0; is_out < 2; is_out++) {
        TRY(builder_allocate(builder, inner->arena, &copy->offset[is_out],
                             (uint64_t)copying->vertex_count + 1, sizeof(uint32_t), what));
        TRY(builder_allocate(builder, inner->arena, &copy->links[is_out], copying->link_count,
                             sizeof(struct inner_link), what));
    }
    inner->vertex_count = copying->vertex_count;
    inner->link_count = (uint32_t)copying->link_count;
    inner->bits = copy->bits;
    inner->ranks = copy->ranks;
    inner->leaving = (struct inner_lists){copy->offset[1], copy->links[1]};
    inner->arriving = (struct inner_lists){copy->offset[0], copy->links[0]};
    return STATUS_OK;
}

/* Homes have copies of their own, other nodes share the nearest one. */
static enum status open_copies(struct copying *copying)
{
    struct builder *builder = copying->builder;
    const struct topology *topology = team_topology(builder->team);
    struct edge_frame *frame = copying->frame;
    struct inner *inner;
    TRY(builder_allocate_zeroed(builder, copying->scratch, &copying->copies, copying->home_count,
                                sizeof(*copying->copies), what));
    TRY(builder_allocate_zeroed(builder, builder->graph->shared, &inner, builder->node_count,
                                sizeof(*inner), what));
    frame->inner = inner;
    frame->inner_count = builder->node_count;
    for (uint32_t home = 0; home < copying->home_count; home++) {
        uint32_t node = topology_home_at(topology, home);
        inner[node].node = node;
        TRY(open_copy(copying, &inner[node], &copying->copies[home]));
    }
    for (uint32_t node = 0; node < builder->node_count; node++) {
        if (inner[node].arena == NULL) {
            inner[node] = inner[topology_home_at(topology, nearest_home(topology, node))];
            inner[node].arena = NULL;
        }
    }
    return STATUS_OK;
}

/* Into the first copy. */
static void fill_vertex(const struct copying *copying, vertex_id vertex, uint32_t rank)
{
    const struct partition *partition = graph_partition_of(copying->frame, vertex);
    const struct copy *counted = &copying->counted;
    for (uint32_t is_out = 0; is_out < 2; is_out++) {
        take_links(counted->bits, partition, vertex, is_out != 0,
                   copying->copies[0].links[is_out] + counted->offset[is_out][rank]);
    }
}

static void fill_links(const struct worker *worker, void *context)
{
    (void)worker;
    visit_vertices(context, fill_vertex);
}

/* The rest of the first copy, and all of the others. */
static void fill_copies(const struct worker *worker, void *context)
{
    struct copying *copying = context;
    const struct copy *counted = &copying->counted;
    for (uint32_t home = worker->index; home < copying->home_count; home += worker->worker_count) {
        const struct copy *copy = &copying->copies[home];
        memcpy(copy->bits, counted->bits, copying->word_count * sizeof(*copy->bits));
        memcpy(copy->ranks, counted->ranks, copying->word_count * sizeof(*copy->ranks));
        for (uint32_t is_out = 0; is_out < 2; is_out++) {
            memcpy(copy->offset[is_out], counted->offset[is_out],
                   ((uint64_t)copying->vertex_count + 1) * sizeof(*copy->offset[is_out]));
            if (home > 0 && copying->link_count > 0) {
                memcpy(copy->links[is_out], copying->copies[0].links[is_out],
                       copying->link_count * sizeof(*copy->links[is_out]));
            }
        }
    }
}
