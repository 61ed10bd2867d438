#include "engine/cycle_walks.h"

#include <string.h>

#include "base/check.h"
#include "engine/cycle_needs.h"
#include "engine/cycle_schedule.h"

enum {
    POOL_WAYS_MIN = 8,
    /* Paths of fewer hops are followed faster, all flows of a link at once; but not where paths
     * use a link twice and equal times make them look at each flow. */
    STRICT_HOPS_MIN = 6,
    EQUAL_HOPS_MIN = 4,
};

/* Ways by number of hops: in a pool, ways[offset + i] of low + i hops, for i < count. */
struct ways {
    uint64_t offset;
    uint32_t low;
    uint32_t count; /* 0: none */
    uint32_t capacity;
};

/* A flow of one time, with a copy of the ways that led to its source before. */
struct together {
    uint32_t rank;
    bool is_used;
    struct ways before; /* in the copies */
};

/* All that is needed for one first flow; rooms of the searcher. */
struct walks {
    struct cycle_searcher *searcher;
    const struct cycle_root *root;
    uint32_t hops_max;
    uint32_t limit;  /* the greatest rank in the window */
    uint8_t without; /* needs: flows that meet any of them take no part */
    bool subtracts;  /* what is found is taken back */
    struct ways *of_vertex;
    struct together *together;
    uint32_t together_count;
    uint32_t *path; /* flows of one time on the way, as indices into `together`, and next tries */
};

static bool count_first(struct walks *walks, uint32_t first);
static bool count_walks(struct walks *walks, uint32_t first);
static bool pass_on(struct walks *walks, uint32_t begin, uint32_t end);
static bool put_together(struct walks *walks, uint32_t start);

bool walks_suit(const struct cycle_search *search)
{
    const struct cycle_query *query = search->query;
    uint32_t hops_min = query->is_strict ? STRICT_HOPS_MIN : EQUAL_HOPS_MIN;
    return search->consumer == NULL && search->path_consumer == NULL && !query->is_simple &&
           query->hops_max >= hops_min;
}

bool walks_count(struct cycle_searcher *searcher)
{
    const struct cycle_root *root = &searcher->root;
    const struct slab *slab = root->slab;
    struct arena *arena = searcher->arena;
    uint64_t vertices = slab->vertex_count;
    struct walks walks = {
        .searcher = searcher, .root = root, .hops_max = searcher->search->query->hops_max};
    walks.of_vertex = room_take(&searcher->vertex_room, arena, vertices, sizeof *walks.of_vertex);
    walks.together =
        room_take(&searcher->together_room, arena, root->kept_count, sizeof *walks.together);
    walks.path = room_take(&searcher->path_room, arena, root->kept_count * UINT64_C(2), 4);
    if (walks.of_vertex == NULL || walks.together == NULL || walks.path == NULL) {
        return cycle_search_short(searcher);
    }
    while (searcher->first_next < searcher->first_end) {
        uint32_t first = searcher->first_next++;
        uint32_t rank = root->kept[first];
        const struct slab_flow *flow = &slab->flows[rank];
        uint32_t close = root_close_of(root, rank);
        bool is_first =
            flow->source == root->vertex && slab_begins(slab, rank) && close <= flow->limit;
        if ((is_first && !count_first(&walks, first)) || !cycle_poll(searcher, 1)) {
            return false;
        }
    }
    return true;
}

/* Adds `count` ways, unset, to a pool; they move when it grows. */
static bool extend_pool(struct walks *walks, struct pool *pool, uint64_t count, uint64_t *offset)
{
    struct cycle_searcher *searcher = walks->searcher;
    *offset = pool->count;
    pool->count += count;
    pool->ways = room_extend(&pool->room, searcher->arena, pool->count, sizeof *pool->ways);
    return pool->ways != NULL || cycle_search_short(searcher);
}

/* Widens `ways` to hold from `low` to before `end` hops. */
static bool widen(struct walks *walks, struct ways *ways, uint32_t low, uint32_t end)
{
    struct pool *pool = &walks->searcher->pool;
    uint32_t old_end = ways->low + ways->count;
    if (ways->count > 0) {
        low = low < ways->low ? low : ways->low;
        end = end > old_end ? end : old_end;
    }
    if (ways->count > 0 && low == ways->low && end - low <= ways->capacity) {
        memset(pool->ways + ways->offset + ways->count, 0, (end - old_end) * sizeof(uint64_t));
        ways->count = end - low;
        return true;
    }
    uint32_t capacity = (end - low) * 2 < POOL_WAYS_MIN ? POOL_WAYS_MIN : (end - low) * 2;
    uint64_t offset;
    if (!extend_pool(walks, pool, capacity, &offset)) {
        return false;
    }
    memset(pool->ways + offset, 0, capacity * sizeof(uint64_t));
    if (ways->count > 0) {
        memcpy(pool->ways + offset + (ways->low - low), pool->ways + ways->offset,
               ways->count * sizeof(uint64_t));
    }
    *ways = (struct ways){offset, low, end - low, capacity};
    return true;
}

/* Adds what `from` says, with `hops` more hops, to what is known of a vertex; at the root these are
 * cycles too. */
static bool add_ways(struct walks *walks, uint32_t vertex, const struct ways *from, uint32_t hops)
{
    uint64_t end = (uint64_t)from->low + hops + from->count;
    uint64_t most = (uint64_t)walks->hops_max + 1;
    struct ways *to = &walks->of_vertex[vertex];
    end = end > most ? most : end;
    if (from->low + hops >= end) {
        return true;
    }
    if (!widen(walks, to, from->low + hops, (uint32_t)end)) {
        return false;
    }
    const uint64_t *source = walks->searcher->copies.ways + from->offset;
    uint64_t *target = walks->searcher->pool.ways + to->offset + (from->low + hops - to->low);
    bool is_root = vertex == walks->root->vertex;
    vertex_id anchor = cycle_anchor(walks->searcher);
    uint32_t hops_min = walks->searcher->search->query->hops_min;
    for (uint32_t i = 0; i < end - from->low - hops; i++) {
        if (__builtin_add_overflow(target[i], source[i], &target[i])) {
            target[i] = CYCLE_WAYS_MANY;
        }
        uint32_t length = from->low + hops + i;
        bool is_cycle = is_root && source[i] > 0 && length >= hops_min;
        if (is_cycle && walks->subtracts) {
            cycle_search_uncount(walks->searcher, anchor, length, source[i]);
        } else if (is_cycle && !cycle_search_count(walks->searcher, anchor, length, source[i])) {
            return false;
        }
    }
    return true;
}

static bool takes_part(const struct walks *walks, uint32_t rank)
{
    return walks->without == 0 || (walks->root->slab->meets[rank] & walks->without) == 0;
}

static bool closes_in_time(const struct walks *walks, uint32_t rank)
{
    return root_close_of(walks->root, rank) <= walks->limit && takes_part(walks, rank);
}

/* By inclusion and exclusion: what is added first, so that what is taken back was counted. */
static bool count_first(struct walks *walks, uint32_t first)
{
    uint32_t needs = needs_of(walks->root->query);
    for (int subtracts = 0; subtracts < 2; subtracts++) {
        walks->subtracts = subtracts != 0;
        for (uint32_t without = 0; without <= needs; without++) {
            walks->without = (uint8_t)without;
            if (needs_subtract(without) == walks->subtracts &&
                takes_part(walks, walks->root->kept[first]) && !count_walks(walks, first)) {
                return false;
            }
        }
    }
    return true;
}

/* Begins with one flow, then goes on time by time. */
static bool count_walks(struct walks *walks, uint32_t first)
{
    const struct cycle_root *root = walks->root;
    const struct slab_flow *flows = root->slab->flows;
    const struct slab_flow *flow = &flows[root->kept[first]];
    bool is_strict = root->query->is_strict;
    walks->limit = flow->limit;
    walks->searcher->pool.count = 0;
    walks->searcher->copies.count = 0;
    for (uint32_t i = 0; i < root->touched_count; i++) {
        walks->of_vertex[root->touched[i]].count = 0;
    }

    uint64_t one;
    if (!extend_pool(walks, &walks->searcher->copies, 1, &one)) {
        return false;
    }
    walks->searcher->copies.ways[one] = 1;
    uint32_t end = first + 1;
    uint32_t begin = first;
    while (end < root->kept_count && root->kept[end] < (is_strict ? flow->after : flow->before)) {
        end++;
    }
    while (begin > 0 && root->kept[begin - 1] >= (is_strict ? root->kept[first] : flow->after)) {
        begin--;
    }
    walks->together_count = 0;
    uint32_t start = 0;
    for (uint32_t i = begin; i < end; i++) {
        if (!takes_part(walks, root->kept[i])) {
            continue;
        }
        struct ways before = {.offset = one, .count = i == first};
        start = i == first ? walks->together_count : start;
        walks->together[walks->together_count++] =
            (struct together){.rank = root->kept[i], .before = before};
    }
    if (!put_together(walks, start)) {
        return false;
    }
    while (end < root->kept_count && root->kept[end] <= walks->limit) {
        const struct slab_flow *next = &flows[root->kept[end]];
        begin = end;
        uint32_t group_end = is_strict ? next->after : next->before;
        while (end < root->kept_count && root->kept[end] < group_end) {
            end++;
        }
        if (!pass_on(walks, begin, end) || !cycle_poll(walks->searcher, end - begin)) {
            return false;
        }
    }
    return true;
}

/* Flows of one time, kept[begin] to before kept[end]. */
static bool pass_on(struct walks *walks, uint32_t begin, uint32_t end)
{
    const struct cycle_root *root = walks->root;
    const struct slab_flow *flows = root->slab->flows;
    struct pool *copies = &walks->searcher->copies;
    copies->count = 0;
    walks->together_count = 0;
    for (uint32_t i = begin; i < end; i++) {
        uint32_t rank = root->kept[i];
        struct ways before = walks->of_vertex[flows[rank].source];
        bool is_useless = root->query->is_strict && before.count == 0;
        if (is_useless || !closes_in_time(walks, rank)) {
            continue;
        }
        uint64_t offset;
        if (!extend_pool(walks, copies, before.count, &offset)) {
            return false;
        }
        if (before.count > 0) {
            memcpy(copies->ways + offset, walks->searcher->pool.ways + before.offset,
                   before.count * sizeof(uint64_t));
        }
        before.offset = offset;
        walks->together[walks->together_count++] =
            (struct together){.rank = rank, .before = before};
    }
    walks->searcher->counters.flows_visited += end - begin;
    for (uint32_t i = 0; i < walks->together_count; i++) {
        if (walks->together[i].before.count > 0 && !put_together(walks, i)) {
            return false;
        }
    }
    return true;
}

/* All ways to go on at one time that begin with flow `start` of `together`: with strictly ascending
 * times only that flow itself. */
static bool put_together(struct walks *walks, uint32_t start)
{
    const struct slab_flow *flows = walks->root->slab->flows;
    struct together *together = walks->together;
    const struct ways before = together[start].before;
    if (walks->root->query->is_strict || walks->together_count == 1) {
        return add_ways(walks, flows[together[start].rank].target, &before, 1);
    }
    uint32_t *path = walks->path;
    uint32_t *next = walks->path + walks->root->kept_count;
    uint32_t depth = 0;
    path[depth] = start;
    next[depth++] = 0;
    together[start].is_used = true;
    bool goes_on = add_ways(walks, flows[together[start].rank].target, &before, 1);
    while (depth > 0) {
        uint32_t end = flows[together[path[depth - 1]].rank].target;
        uint32_t i = next[depth - 1]++;
        if (i == walks->together_count || depth >= walks->hops_max || !goes_on) {
            together[path[--depth]].is_used = false;
        } else if (!together[i].is_used && flows[together[i].rank].source == end) {
            together[i].is_used = true;
            path[depth] = i;
            next[depth++] = 0;
            goes_on = add_ways(walks, flows[together[i].rank].target, &before, depth) &&
                      cycle_poll(walks->searcher, 1);
        }
    }
    return goes_on;
}
