#include "engine/cycle_search.h"

#include <string.h>

#include "base/check.h"
#include "engine/cycle_anchors.h"
#include "engine/cycle_leaf.h"
#include "engine/cycle_schedule.h"
#include "engine/cycle_walks.h"

enum { POLL_FLOWS = 1 << 16, GALLOP_MIN = 16 };

static void run_roots(struct cycle_searcher *searcher, const struct cycle_task *task);
static void run_path(struct cycle_searcher *searcher, const struct cycle_task *task);
static bool enter_slab(struct cycle_searcher *searcher, struct slab *slab);
static bool begin_root(struct cycle_searcher *searcher, uint32_t root);
static void walk(struct cycle_searcher *searcher);

void cycle_search_run(struct cycle_searcher *searcher, const struct cycle_task *task)
{
    searcher->thief.counts.tasks++;
    if (!enter_slab(searcher, task->slab)) {
        cycle_search_short(searcher);
        return;
    }
    searcher->root_next = 0;
    searcher->root_end = 0;
    searcher->frame_first = 0;
    searcher->frame_count = 0;
    searcher->leaf_count = 0;
    searcher->first_next = 0;
    searcher->first_end = 0;
    if (task->kind == CYCLE_TASK_ROOTS) {
        run_roots(searcher, task);
    } else {
        run_path(searcher, task);
    }
}

bool cycle_search_short(struct cycle_searcher *searcher)
{
    stop_request(searcher->search->options->stop, STOP_MEMORY);
    return false;
}

bool cycle_search_count(struct cycle_searcher *searcher, vertex_id anchor, uint32_t hops,
                        uint64_t amount)
{
    if (hops >= searcher->hop_end) {
        uint64_t *by_hops = room_extend(&searcher->count_room, searcher->arena, (uint64_t)hops + 1,
                                        sizeof *by_hops);
        if (by_hops == NULL) {
            return cycle_search_short(searcher);
        }
        searcher->by_hops = by_hops;
        searcher->hop_end = hops + 1;
    }
    uint64_t *cycles = &searcher->counters.cycles;
    searcher->by_hops[hops] += amount;
    if (amount == CYCLE_WAYS_MANY || __builtin_add_overflow(*cycles, amount, cycles)) {
        cycle_search_many(&searcher->error);
        stop_request(searcher->search->options->stop, STOP_FAILED);
        return false;
    }
    return anchors_add(searcher, anchor, amount) || cycle_search_short(searcher);
}

void cycle_search_uncount(struct cycle_searcher *searcher, vertex_id anchor, uint32_t hops,
                          uint64_t amount)
{
    DCHECK(hops < searcher->hop_end && searcher->by_hops[hops] >= amount);
    searcher->by_hops[hops] -= amount;
    searcher->counters.cycles -= amount;
    anchors_subtract(searcher, anchor, amount);
}

enum status cycle_search_many(struct error *error)
{
    return error_set(error, STATUS_LIMIT,
                     "there are more cycles than can be counted (2^64 - 1); set a narrower window, "
                     "fewer hops, or ask for fewer flows");
}

static bool enter_slab(struct cycle_searcher *searcher, struct slab *slab)
{
    searcher->slab = slab;
    if (searcher->root.slab == slab && searcher->root.slab_serial == slab->serial) {
        return true;
    }
    searcher->visited = room_take(&searcher->visited_room, searcher->arena, slab->vertex_count, 1);
    if (searcher->visited == NULL) {
        return false;
    }
    memset(searcher->visited, 0, slab->vertex_count);
    return root_enter(&searcher->root, slab);
}

/* Progress is told in parts of a slab: a root is as much as another. */
static void tell_progress(const struct cycle_searcher *searcher, uint32_t root)
{
    uint64_t count = searcher->slab->vertex_count;
    progress_add(searcher->search->options->progress,
                 (root + UINT64_C(1)) * CYCLE_PROGRESS_UNITS / count -
                     root * (uint64_t)CYCLE_PROGRESS_UNITS / count);
}

static void search_root(struct cycle_searcher *searcher)
{
    if (walks_suit(searcher->search)) {
        searcher->frame_count = 0;
        searcher->first_next = 0;
        searcher->first_end = searcher->root.kept_count;
        walks_count(searcher);
        searcher->first_end = searcher->first_next;
    } else {
        searcher->frame_first = 0;
        walk(searcher);
    }
}

static void run_roots(struct cycle_searcher *searcher, const struct cycle_task *task)
{
    searcher->root_next = task->begin;
    searcher->root_end = task->end;
    while (searcher->root_next < searcher->root_end) {
        uint32_t root = searcher->root_next++;
        if (begin_root(searcher, root)) {
            search_root(searcher);
        }
        if (!cycle_poll(searcher, 1)) {
            return;
        }
        tell_progress(searcher, root);
    }
}

static struct cycle_frame *add_frame(struct cycle_searcher *searcher)
{
    struct cycle_frame *frames = room_extend(&searcher->frame_room, searcher->arena,
                                             (uint64_t)searcher->frame_count + 1, sizeof *frames);
    if (frames == NULL) {
        cycle_search_short(searcher);
        return NULL;
    }
    searcher->frames = frames;
    return &frames[searcher->frame_count++];
}

/* Sets up the path that has only the root; false when no cycle begins there. */
static bool begin_root(struct cycle_searcher *searcher, uint32_t root)
{
    const struct slab *slab = searcher->slab;
    searcher->frame_count = 0;
    searcher->arrival_count = 0;
    searcher->repeat_count = 0;
    if (slab->first_low[root] == RANK_NONE) {
        return false;
    }
    searcher->counters.roots++;
    bool is_open = root_explore(&searcher->root, root);
    uint64_t visited = searcher->root.flows_visited;
    searcher->counters.flows_visited += visited;
    locality_add(&searcher->locality, arena_node(slab->arena) != searcher->builder.node, visited,
                 visited * sizeof(struct slab_flow));
    searcher->poll_countdown -= (int32_t)(visited / 8);
    searcher->root.flows_visited = 0;
    struct cycle_frame *frame = is_open ? add_frame(searcher) : NULL;
    if (frame == NULL) {
        return false;
    }
    const struct root_vertex *vertex = &searcher->root.vertices[root];
    *frame = (struct cycle_frame){
        .vertex = root, .next = vertex->begin, .end = vertex->begin + vertex->count};
    return true;
}

/* The first flow of the link with a rank of at least `rank`. */
static uint32_t flow_from(const struct cycle_root *root, const struct root_link *link,
                          uint32_t rank)
{
    uint32_t begin = link->begin;
    uint32_t end = link->end;
    while (end - begin > GALLOP_MIN) {
        uint32_t middle = begin + (end - begin) / 2;
        if (root->flows[middle].rank < rank) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    while (begin < end && root->flows[begin].rank < rank) {
        begin++;
    }
    return begin;
}

/* Room for the flows of a link behind the arrivals that there are. */
static struct arrival *reserve(struct cycle_searcher *searcher, const struct root_link *link)
{
    uint64_t count = searcher->arrival_count + (link->end - link->begin);
    struct arrival *arrivals =
        room_extend(&searcher->arrival_room, searcher->arena, count, sizeof *arrivals);
    if (arrivals == NULL) {
        cycle_search_short(searcher);
        return NULL;
    }
    searcher->arrivals = arrivals;
    return arrivals + searcher->arrival_count;
}

/* Takes the flows of a link of the root that can begin a cycle. Returns how many. */
static uint32_t begin_with(struct cycle_searcher *searcher, const struct root_link *link)
{
    const struct cycle_root *root = &searcher->root;
    struct arrival *to = reserve(searcher, link);
    uint32_t count = 0;
    uint32_t hops = searcher->search->query->hops_max;
    for (uint32_t i = link->begin; to != NULL && i < link->end; i++) {
        const struct root_flow *flow = &root->flows[i];
        uint32_t limit = root->slab->flows[flow->rank].limit;
        if (slab_begins(root->slab, flow->rank) && root_close(root, flow, hops) <= limit) {
            to[count++] = (struct arrival){flow->rank, flow->after, limit, 0, 1};
        }
    }
    searcher->counters.flows_visited += link->end - link->begin;
    return count;
}

/* Takes the flows of a link that can follow the last ones of the path and still close in time.
 * Lists ascend, and so do the windows that they leave: both are gone through once. */
static uint32_t go_on_with(struct cycle_searcher *searcher, const struct cycle_frame *frame,
                           const struct root_link *link)
{
    const struct cycle_root *root = &searcher->root;
    uint32_t hops = searcher->search->query->hops_max - (searcher->frame_count - 1);
    struct arrival *to = reserve(searcher, link);
    if (to == NULL) {
        return 0;
    }
    const struct arrival *from = searcher->arrivals + frame->list_begin;
    const struct arrival *from_end = searcher->arrivals + frame->list_end;
    uint32_t last = from_end[-1].limit;
    uint64_t ways = 0;
    uint32_t limit = 0;
    uint32_t count = 0;
    uint32_t begin = flow_from(root, link, from->after);
    uint32_t i = begin;
    for (; i < link->end && root->flows[i].rank <= last; i++) {
        const struct root_flow *flow = &root->flows[i];
        for (; from < from_end && from->after <= flow->rank; from++) {
            limit = from->limit;
            if (__builtin_add_overflow(ways, from->ways, &ways)) {
                ways = CYCLE_WAYS_MANY;
            }
        }
        if (root_close(root, flow, hops) <= limit) {
            to[count++] = (struct arrival){flow->rank, flow->after, limit, 0, ways};
        }
        if (i % POLL_FLOWS == 0 && stop_poll(searcher->search->options->stop)) {
            return 0;
        }
    }
    searcher->counters.flows_visited += i - begin;
    return count;
}

/* The needs that the last `count` arrivals meet. */
static uint8_t met_by_last(const struct cycle_searcher *searcher, uint32_t count)
{
    const uint8_t *meets = searcher->slab->meets;
    uint32_t met = 0;
    for (uint32_t i = 1; meets != NULL && i <= count; i++) {
        met |= meets[searcher->arrivals[searcher->arrival_count - i].rank];
    }
    return (uint8_t)met;
}

/* Adds a step over `link` to the path; with `is_end` nothing is to be tried behind it. */
static bool descend(struct cycle_searcher *searcher, uint32_t link, uint32_t count, bool is_end)
{
    uint64_t list_begin = searcher->arrival_count;
    struct cycle_frame *frame = add_frame(searcher);
    if (frame == NULL) {
        return false;
    }
    uint8_t met_before = frame[-1].met;
    uint32_t target = searcher->root.links[link].target;
    const struct root_vertex *vertex = &searcher->root.vertices[target];
    searcher->repeat_count += searcher->root.links[link].uses > 0;
    searcher->root.links[link].uses++;
    searcher->visited[target] = 1;
    searcher->arrival_count += count;
    *frame = (struct cycle_frame){.vertex = target,
                                  .link = link,
                                  .next = vertex->begin,
                                  .end = vertex->begin + (is_end ? 0 : vertex->count),
                                  .list_begin = list_begin,
                                  .list_end = searcher->arrival_count,
                                  .met = met_before | met_by_last(searcher, count)};
    return true;
}

static void ascend(struct cycle_searcher *searcher)
{
    const struct cycle_frame *frame = &searcher->frames[--searcher->frame_count];
    if (searcher->frame_count > 0) {
        struct root_link *link = &searcher->root.links[frame->link];
        link->uses--;
        searcher->repeat_count -= link->uses > 0;
        searcher->visited[frame->vertex] = 0;
        searcher->arrival_count = frame->list_begin;
    }
}

/* Whether the path may take the link at all. */
static bool may_take(const struct cycle_searcher *searcher, const struct root_link *link)
{
    const struct cycle_query *query = searcher->search->query;
    if (query->is_simple) {
        return !searcher->visited[link->target];
    }
    /* Only equal times let a link be used more often than it has flows. */
    return query->is_strict || link->uses < link->end - link->begin;
}

/* One link at the end of the path. False when the search is to end. */
static bool step(struct cycle_searcher *searcher, uint32_t place)
{
    const struct cycle_query *query = searcher->search->query;
    const struct root_link *link = &searcher->root.links[place];
    const struct cycle_frame *frame = &searcher->frames[searcher->frame_count - 1];
    uint32_t hops = searcher->frame_count;
    bool is_close = link->target == searcher->root.vertex;
    searcher->counters.links_visited++;
    if (!may_take(searcher, link)) {
        return true;
    }
    uint32_t count = hops == 1 ? begin_with(searcher, link) : go_on_with(searcher, frame, link);
    bool is_end = (is_close && query->is_simple) || hops >= query->hops_max;
    if (count == 0 || !descend(searcher, place, count, is_end)) {
        return cycle_poll(searcher, 1);
    }
    return (!is_close || hops < query->hops_min || leaf_take(searcher)) &&
           cycle_poll(searcher, count);
}

/* Tries all that is left of the frames from `frame_first` on. */
static void walk(struct cycle_searcher *searcher)
{
    while (searcher->frame_count > searcher->frame_first) {
        struct cycle_frame *frame = &searcher->frames[searcher->frame_count - 1];
        if (frame->next == frame->end) {
            ascend(searcher);
        } else if (!step(searcher, frame->next++)) {
            break;
        }
    }
    while (searcher->frame_count > 0) {
        ascend(searcher);
    }
}

/* Goes a path again that another worker has gone, and tries what it gave away. */
static void run_path(struct cycle_searcher *searcher, const struct cycle_task *task)
{
    bool is_open = begin_root(searcher, task->root);
    if (is_open) {
        searcher->frames[0].next = searcher->frames[0].end;
    }
    for (uint32_t i = 0; is_open && i < task->link_count; i++) {
        struct cycle_frame *frame = &searcher->frames[searcher->frame_count - 1];
        const struct root_link *link = &searcher->root.links[task->words[i]];
        uint32_t count = i == 0 ? begin_with(searcher, link) : go_on_with(searcher, frame, link);
        is_open = count > 0 && descend(searcher, task->words[i], count, true);
    }
    if (is_open && task->kind == CYCLE_TASK_FIRSTS) {
        searcher->frame_count = 0;
        searcher->first_next = task->begin;
        searcher->first_end = task->end;
        walks_count(searcher);
    } else if (is_open && task->kind == CYCLE_TASK_FLOWS) {
        searcher->frame_first = searcher->frame_count;
        leaf_resume(searcher, task);
    } else if (is_open) {
        searcher->frame_first = searcher->frame_count - 1;
        searcher->frames[searcher->frame_first].next = task->begin;
        searcher->frames[searcher->frame_first].end = task->end;
    }
    walk(searcher);
}
