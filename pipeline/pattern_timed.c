#include "pipeline/pattern_timed.h"

#include "base/memory.h"

enum {
    LINKS_LEAST = 128,
    LISTED_SHARE = 8,          /* no more than such a part of the links is listed */
    OPEN_LINKS = 1 << 15,      /* are walked before anything is ordered, or as many as vertices */
    BUDGET_SHARE = 4,          /* of what is left, until which orders are made */
    ARENA_BYTES = 64 << 10,    /* more than it is asked for, an arena may take */
    PAIRS = 4,                 /* of a flow that is put in order: two, and twice as many at most */
    STACK_CAPACITY_LEAST = 64, /* links */
};

/* Of an order. */
enum { CLOSED, OPENING, OPEN, IMPOSSIBLE };

/* Of a vertex: that its flows may be put in order. */
enum { DEBT_PAID = 1 };

struct timed_hops *timed_hops_init(struct timed_hops *timed, const struct graph *graph,
                                   const struct run_options *options)
{
    struct budget *budget = options->budget;
    if (options->team == NULL || budget == NULL || options->timing == TIMING_NEVER) {
        return NULL;
    }
    *timed = (struct timed_hops){
        .frame = &graph->edges,
        .options = options,
        .links_least = options->timing == TIMING_ALWAYS ? 0 : LINKS_LEAST,
    };
    uint64_t used = budget_used(budget);
    uint64_t left = budget->limit_bytes > used ? budget->limit_bytes - used : 0;
    timed->used_bytes_most = budget->limit_bytes == 0 ? UINT64_MAX : used + left / BUDGET_SHARE;
    return timed;
}

static void close_order(struct timed_order *timed, uint32_t worker_count)
{
    for (uint32_t i = 0; timed->rooms != NULL && i < worker_count; i++) {
        arena_close(timed->rooms[i].room.arena);
    }
    memory_free(timed->rooms);
    memory_free(timed->debts);
    time_order_close(&timed->order);
}

void timed_hops_close(struct timed_hops *timed)
{
    if (timed != NULL) {
        close_order(&timed->leaving, team_worker_count(timed->options->team));
        close_order(&timed->arriving, team_worker_count(timed->options->team));
    }
}

/* Whether blocks of so many bytes in all may be taken, from so many arenas. */
static bool has_room(const struct timed_hops *timed, uint64_t bytes, uint64_t arena_count)
{
    uint64_t needed = bytes * ARENA_BRIEF_WASTE_SHARE + arena_count * ARENA_BYTES;
    return budget_used(timed->options->budget) + needed <= timed->used_bytes_most;
}

static bool open_tables(struct timed_hops *timed, struct timed_order *own, bool is_out)
{
    const struct edge_frame *frame = timed->frame;
    const struct run_options *options = timed->options;
    uint32_t worker_count = team_worker_count(options->team);
    uint64_t bytes = sizeof(struct ordered_vertex) + sizeof(**own->debts);
    if (!has_room(timed, frame->source->vertex_count * bytes, frame->partition_count) ||
        time_order_open(&own->order, frame, &timed->all, is_out, options->team, options->budget,
                        options->stop, NULL) != STATUS_OK) {
        return false;
    }
    own->debts = memory_allocate(frame->partition_count, sizeof *own->debts);
    own->rooms = memory_allocate(worker_count, sizeof *own->rooms);
    if (own->debts == NULL || own->rooms == NULL) {
        return false;
    }
    for (uint32_t p = 0; p < frame->partition_count; p++) {
        own->debts[p] = arena_allocate_zeroed(
            own->order.parts[p].arena, frame->partitions[p].vertex_count, sizeof(**own->debts));
        if (own->debts[p] == NULL) {
            return false;
        }
    }
    for (uint32_t i = 0; i < worker_count; i++) {
        atomic_flag_clear_explicit(&own->rooms[i].is_taken, memory_order_relaxed);
    }
    return true;
}

/* By the first who wants it. */
static void open_order(struct timed_hops *timed, struct timed_order *own, bool is_out)
{
    uint32_t state = CLOSED;
    if (atomic_compare_exchange_strong_explicit(&own->state, &state, OPENING, memory_order_relaxed,
                                                memory_order_relaxed)) {
        state = open_tables(timed, own, is_out) ? OPEN : IMPOSSIBLE;
        atomic_store_explicit(&own->state, state, memory_order_release);
    }
}

static bool is_open(const struct timed_order *own)
{
    return atomic_load_explicit(&own->state, memory_order_acquire) == OPEN;
}

static _Atomic uint32_t *debt_of(const struct timed_order *own, const struct partition *partition,
                                 uint32_t local)
{
    return &own->debts[partition->index][local];
}

/* A vertex, as an order knows it. */
struct place {
    struct timed_hops *timed;
    struct timed_order *own;
    const struct partition *partition;
    uint32_t local;
};

static struct place place_of(const struct hops *hops, bool is_out)
{
    struct timed_hops *timed = hops->stack->run->timed;
    const struct partition *partition = graph_partition_of(hops->frame, hops->vertex);
    return (struct place){timed, is_out ? &timed->leaving : &timed->arriving, partition,
                          hops->vertex - partition->vertex_base};
}

void timed_hops_walked(const struct hops *hops, bool is_out)
{
    struct place place = place_of(hops, is_out);
    uint32_t count = hops->walked_count;
    if (!is_open(place.own)) {
        uint64_t least = place.timed->frame->source->vertex_count;
        uint64_t before =
            atomic_fetch_add_explicit(&place.timed->walked_count, count, memory_order_relaxed);
        if (before + count >= (least > OPEN_LINKS ? least : OPEN_LINKS)) {
            open_order(place.timed, place.own, is_out);
        }
        return;
    }
    _Atomic uint32_t *debt = debt_of(place.own, place.partition, place.local);
    uint64_t left = atomic_load_explicit(debt, memory_order_relaxed);
    if (left == 0) { /* a link costs as much to walk as a flow to order, or a little more */
        left = vertex_flows_count(&place.own->order.of, place.partition, place.local) + count;
        left = left < UINT32_MAX ? left : UINT32_MAX;
    }
    left = left > (uint64_t)count + DEBT_PAID ? left - count : DEBT_PAID;
    atomic_store_explicit(debt, (uint32_t)left, memory_order_relaxed);
}

/* The room of nobody else; NULL without memory. */
static struct timed_room *take_room(const struct place *place)
{
    const struct run_options *options = place->timed->options;
    struct timed_room *room = place->own->rooms;
    for (uint32_t left = team_worker_count(options->team); left > 0; left--, room++) {
        if (atomic_flag_test_and_set_explicit(&room->is_taken, memory_order_acquire)) {
            continue;
        }
        struct arena *kept = place->own->order.parts[place->partition->index].arena;
        if (room->room.arena != NULL ||
            arena_open_brief(&room->room.arena, team_topology(options->team), arena_node(kept),
                             options->budget, NULL) == STATUS_OK) {
            room->room.kept = room->room.kept == NULL ? kept : room->room.kept;
            return room;
        }
        atomic_flag_clear_explicit(&room->is_taken, memory_order_release);
        return NULL;
    }
    return NULL;
}

/* Puts the vertex's flows in order, if nobody has before. */
static bool order_flows(const struct place *place, struct timed_flows *flows)
{
    const struct time_order *order = &place->own->order;
    uint64_t bytes = vertex_flows_count(&order->of, place->partition, place->local) *
                     (sizeof(struct timed_link) + PAIRS * sizeof(struct radix_pair));
    struct timed_room *room = has_room(place->timed, bytes, 2) ? take_room(place) : NULL;
    if (room == NULL) { /* nobody need ask again soon */
        atomic_store_explicit(debt_of(place->own, place->partition, place->local), UINT32_MAX,
                              memory_order_relaxed);
        return false;
    }
    bool is_found = time_order_find(order, place->partition, place->local, &room->room, flows) ==
                    TIME_ORDER_FOUND;
    atomic_flag_clear_explicit(&room->is_taken, memory_order_release);
    return is_found;
}

/* The flows of the vertex in the order of time, where they are known, or it is time to know them.
 */
static bool find_flows(const struct place *place, struct timed_flows *flows)
{
    const struct time_order *order = &place->own->order;
    if (!is_open(place->own)) {
        return false;
    }
    if (time_order_has(order, place->partition, place->local)) {
        return time_order_find(order, place->partition, place->local, NULL, flows) ==
               TIME_ORDER_FOUND;
    }
    bool is_time = place->timed->options->timing == TIMING_ALWAYS ||
                   atomic_load_explicit(debt_of(place->own, place->partition, place->local),
                                        memory_order_relaxed) == DEBT_PAID;
    return is_time && order_flows(place, flows);
}

static bool reserve(struct link_stack *stack, uint32_t kept, uint64_t more)
{
    uint64_t capacity = stack->capacity == 0 ? STACK_CAPACITY_LEAST : stack->capacity;
    while (capacity < kept + more) {
        capacity *= 2;
    }
    if (capacity > stack->capacity) {
        uint32_t *links = pool_allocate(&stack->run->pool, capacity, sizeof *links, NULL);
        if (links == NULL || capacity > UINT32_MAX) {
            return false;
        }
        if (kept > 0) {
            memcpy(links, stack->links, kept * sizeof *links);
        }
        stack->links = links;
        stack->capacity = (uint32_t)capacity;
    }
    return true;
}

/* Some flows of a vertex, in the order of time, whose links are among first_link .. last_link. */
struct timed_range {
    const struct timed_link *flows;
    uint64_t count;
    uint32_t first_link;
    uint32_t last_link;
};

/* Those in the window, along links that the hops would walk; false when they are more than `most`.
 */
static bool find_range(const struct hops *hops, const struct timed_flows *flows, uint64_t most,
                       struct timed_range *range)
{
    time_ns greatest = hops->window.greatest;
    uint64_t begin = timed_link_seek(flows->flows, 0, flows->count, hops->window.least);
    const struct timed_link *from = flows->flows + begin;
    uint64_t left = flows->count - begin;
    if (left > most && from[most].time <= greatest) {
        return false;
    }
    *range = (struct timed_range){.flows = from, .first_link = UINT32_MAX};
    for (; range->count < left && from[range->count].time <= greatest; range->count++) {
        uint32_t link = from[range->count].link;
        if (link >= hops->next && link < hops->end) {
            range->first_link = link < range->first_link ? link : range->first_link;
            range->last_link = link > range->last_link ? link : range->last_link;
        }
    }
    return true;
}

static bool list_links(struct hops *hops, const struct timed_range *range)
{
    struct link_stack *stack = hops->stack;
    struct pool *pool = &stack->run->pool;
    uint64_t span = (uint64_t)range->last_link - range->first_link + 1;
    if (!reserve(stack, hops->stack_begin, span < range->count ? span : range->count)) {
        return false;
    }
    struct pool_mark mark = pool_mark(pool);
    uint64_t word_count = (span + 63) / 64;
    uint64_t *marks = pool_allocate(pool, word_count, sizeof *marks, NULL);
    if (marks == NULL) {
        return false;
    }
    memset(marks, 0, word_count * sizeof *marks);
    for (uint64_t i = 0; i < range->count; i++) {
        uint32_t index = range->flows[i].link - range->first_link; /* wraps if it is less */
        if (index < span) {
            marks[index >> 6] |= UINT64_C(1) << (index & 63);
        }
    }
    uint32_t top = hops->stack_begin;
    for (uint64_t word = 0; word < word_count; word++) {
        for (uint64_t rest = marks[word]; rest != 0; rest &= rest - 1) {
            uint32_t index = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rest);
            stack->links[top++] = range->first_link + index;
        }
    }
    pool_release(pool, mark);
    hops->end = top;
    return true;
}

void timed_hops_enter(struct hops *hops, bool is_out)
{
    hops->is_listed = false;
    hops->walked_count = 0;
    uint32_t link_count = hops->end - hops->next;
    bool is_any = hops->window.least == INT64_MIN && hops->window.greatest == INT64_MAX;
    if (hops->stack == NULL || is_any || link_count < hops->stack->run->timed->links_least) {
        return;
    }
    struct place place = place_of(hops, is_out);
    bool is_always = place.timed->options->timing == TIMING_ALWAYS;
    if (is_always) {
        open_order(place.timed, place.own, is_out);
    }
    struct timed_flows flows;
    struct timed_range range;
    if (!find_flows(&place, &flows)) {
        hops->walked_count = link_count;
        return;
    }
    uint64_t most = is_always ? UINT64_MAX : link_count / LISTED_SHARE;
    if (!find_range(hops, &flows, most, &range)) {
        return;
    }
    if (range.first_link == UINT32_MAX) {
        hops->end = hops->next;
        return;
    }
    if (list_links(hops, &range)) {
        hops->is_listed = true;
        hops->next = hops->stack_begin;
    }
}
