#include "engine/path_front.h"

#include "base/radix.h"
#include "engine/path_kinds.h"

enum { UNIT_LINKS = 4096, UNIT_FLOWS = 256 };

void path_fail_short(struct path_lane *lane)
{
    lane->is_short = true;
    stop_request(lane->search->options->stop, STOP_FAILED);
}

void path_fail_full(struct path_lane *lane)
{
    if (lane->search->query->is_counted) {
        lane->is_full = true;
        stop_request(lane->search->options->stop, STOP_FAILED);
    }
}

/* The links of a vertex. */
struct links {
    const struct partition *partition;
    uint32_t begin;
    uint32_t end;
};

static struct links links_of(const struct path_search *search, vertex_id vertex)
{
    const struct partition *partition = graph_partition_of(search->edges, vertex);
    const uint32_t *offset =
        search->is_leaving ? partition->link_offset : partition->reverse_offset;
    uint32_t local = vertex - partition->vertex_base;
    return (struct links){partition, offset[local], offset[local + 1]};
}

static bool add_unit(struct path_lane *lane, struct path_unit unit)
{
    struct path_unit *units =
        room_grow(&lane->unit_room, lane->arena, lane->unit_count + 1, sizeof *units);
    if (units == NULL) {
        path_fail_short(lane);
        return false;
    }
    lane->units = units;
    units[lane->unit_count++] = unit;
    return true;
}

bool path_add_units(struct path_lane *lane, vertex_id vertex, uint64_t begin, uint64_t end)
{
    struct links links = links_of(lane->search, vertex);
    uint32_t most = lane->search->options->splits_always ? 1 : UNIT_LINKS;
    most = lane->lane_count == 1 ? UINT32_MAX : most; /* nobody else takes any */
    uint32_t next = links.begin;
    while (next < links.end) {
        uint32_t link = next;
        next = links.end - link < most ? links.end : link + most;
        if (!add_unit(lane, (struct path_unit){.vertex = vertex,
                                               .link_begin = link,
                                               .link_end = next,
                                               .begin = begin,
                                               .end = end})) {
            return false;
        }
    }
    return true;
}

static uint32_t flow_count(const struct path_search *search, const struct links *links,
                           uint32_t link)
{
    const struct partition *holder = links->partition;
    if (!search->is_leaving) {
        struct reverse_link reverse = holder->reverse[link];
        holder = graph_partition_of(search->edges, reverse.source);
        link = reverse.link;
    }
    return holder->flow_offset[link + 1] - holder->flow_offset[link];
}

bool path_add_single(struct path_lane *lane, vertex_id vertex)
{
    struct links links = links_of(lane->search, vertex);
    struct path_unit unit = {.vertex = vertex, .link_begin = links.begin};
    uint32_t most = lane->search->options->splits_always ? 1 : UNIT_FLOWS;
    uint32_t taken = 0;
    for (uint32_t link = links.begin; link < links.end; link++) {
        uint32_t count = flow_count(lane->search, &links, link);
        for (uint32_t next = 0; next < count;) {
            uint32_t more = most - taken < count - next ? most - taken : count - next;
            next += more;
            taken += more;
            unit.link_end = link + 1;
            unit.flow_end = next;
            if (taken == most || (next == count && link + 1 == links.end)) {
                if (!add_unit(lane, unit)) {
                    return false;
                }
                unit.link_begin = next == count ? link + 1 : link;
                unit.flow_begin = next == count ? 0 : next;
                taken = 0;
            }
        }
    }
    return true;
}

static void swap(struct path_list *one, struct path_list *other)
{
    struct path_list swapped = *one;
    *one = *other;
    *other = swapped;
}

static bool reserve(struct path_lane *lane, struct path_list *list, uint64_t count)
{
    list->items = room_take(&list->room, lane->arena, count, sizeof *list->items);
    list->count = 0;
    if (list->items == NULL) {
        path_fail_short(lane);
    }
    return list->items != NULL;
}

/* Puts one list in order, by vertex and time. */
static bool sort_list(struct path_lane *lane, struct path_list *list)
{
    uint64_t count = list->count;
    struct radix_pair *pairs = room_take(&lane->pair_room, lane->arena, count * 2, sizeof *pairs);
    if (pairs == NULL) {
        path_fail_short(lane);
        return false;
    }
    if (!reserve(lane, &lane->sorted, count)) {
        return false;
    }
    for (uint64_t i = 0; i < count && !path_is_stopped(lane, 1); i++) {
        pairs[i] = (struct radix_pair){(uint64_t)list->items[i].time ^ UINT64_C(1) << 63, i};
    }
    struct stop *stop = lane->search->options->stop;
    const struct stop_patience patience = {stop, 0};
    if (!stop_is_requested(stop)) {
        radix_sort_patiently(pairs, pairs + count, count, &patience);
    }
    for (uint64_t i = 0; i < count && !path_is_stopped(lane, 1); i++) {
        pairs[i].key = list->items[pairs[i].value].vertex;
    }
    if (!stop_is_requested(stop)) {
        radix_sort_patiently(pairs, pairs + count, count, &patience);
    }
    for (uint64_t i = 0; i < count && !path_is_stopped(lane, 1); i++) {
        lane->sorted.items[i] = list->items[pairs[i].value];
    }
    lane->sorted.count = count;
    swap(list, &lane->sorted);
    return true;
}

void path_settle(struct path_lane *lane)
{
    for (uint32_t i = 0; i < lane->lane_count; i++) {
        if (lane->emitted[i].count > 1 && !sort_list(lane, &lane->emitted[i])) {
            return;
        }
    }
}

static bool is_before(const struct path_arrival *left, const struct path_arrival *right)
{
    return left->vertex != right->vertex ? left->vertex < right->vertex : left->time < right->time;
}

/* What is gathered and what another lane emitted, both in order. */
static bool merge(struct path_lane *lane, const struct path_list *emitted)
{
    const struct path_list gathered = lane->gathered;
    if (!reserve(lane, &lane->sorted, gathered.count + emitted->count)) {
        return false;
    }
    struct path_arrival *to = lane->sorted.items;
    uint64_t at = 0;
    for (uint64_t i = 0; i < emitted->count && !path_is_stopped(lane, 1); i++) {
        while (at < gathered.count && !is_before(&emitted->items[i], &gathered.items[at])) {
            *to++ = gathered.items[at++];
        }
        *to++ = emitted->items[i];
    }
    while (at < gathered.count && !path_is_stopped(lane, 1)) {
        *to++ = gathered.items[at++];
    }
    lane->sorted.count = gathered.count + emitted->count;
    swap(&lane->gathered, &lane->sorted);
    return true;
}

/* Puts what was emitted for the lane into `gathered`, by vertex and time. */
static bool gather_emitted(struct path_lane *lane)
{
    lane->gathered.count = 0;
    for (uint32_t i = 0; i < lane->lane_count; i++) {
        struct path_list *emitted = &lane->lanes[i]->emitted[lane->index];
        if (lane->lane_count == 1) {
            swap(&lane->gathered, emitted);
        } else if (emitted->count > 0 && !merge(lane, emitted)) {
            return false;
        }
        emitted->count = 0;
    }
    return true;
}

/* Makes numbers of ways those of an arrival and all before it at the vertex. */
static bool sum_ways(struct path_lane *lane)
{
    swap(&lane->arrivals, &lane->gathered);
    struct path_arrival *items = lane->arrivals.items;
    for (uint64_t i = 1; i < lane->arrivals.count && !path_is_stopped(lane, 1); i++) {
        if (items[i].vertex == items[i - 1].vertex &&
            __builtin_add_overflow(items[i].ways, items[i - 1].ways, &items[i].ways)) {
            items[i].ways = UINT64_MAX;
            path_fail_full(lane);
        }
    }
    return !stop_is_requested(lane->search->options->stop);
}

/* Which of two arrivals comes first: by vertex, by time, and the better one. */
static bool comes_first(const struct path_arrival *left, const struct path_arrival *right)
{
    if (left->vertex != right->vertex) {
        return left->vertex < right->vertex;
    }
    return left->time != right->time ? left->time < right->time : left->first >= right->first;
}

/* Takes an arrival unless one that is taken already is at least as good. */
static bool take_better(struct path_list *list, const struct path_arrival *arrival)
{
    struct path_arrival *last = list->count == 0 ? NULL : &list->items[list->count - 1];
    bool has_better = last != NULL && last->vertex == arrival->vertex;
    if (has_better && last->first >= arrival->first) {
        return false;
    }
    if (has_better && last->time == arrival->time) {
        *last = *arrival;
    } else {
        list->items[list->count++] = *arrival;
    }
    return true;
}

/* Of the gathered ones, those that are better than others and than what is known become arrivals,
 * where they lie, and known where that ends the way for others. */
static bool keep_better(struct path_lane *lane, bool prunes)
{
    swap(&lane->arrivals, &lane->gathered);
    struct path_list *arrivals = &lane->arrivals;
    const uint64_t count = arrivals->count;
    arrivals->count = 0;
    if (!prunes) {
        for (uint64_t i = 0; i < count && !path_is_stopped(lane, 1); i++) {
            (void)take_better(arrivals, &arrivals->items[i]);
        }
        return true;
    }
    swap(&lane->known, &lane->spare);
    const struct path_list *known = &lane->spare;
    uint64_t at = 0;
    if (!reserve(lane, &lane->known, known->count + count)) {
        return false;
    }
    for (uint64_t i = 0; i < count && !path_is_stopped(lane, 1); i++) {
        const struct path_arrival arrival = arrivals->items[i];
        for (; at < known->count && comes_first(&known->items[at], &arrival); at++) {
            (void)take_better(&lane->known, &known->items[at]);
        }
        if (take_better(&lane->known, &arrival)) {
            (void)take_better(arrivals, &arrival);
        }
    }
    for (; at < known->count && !path_is_stopped(lane, 1); at++) {
        (void)take_better(&lane->known, &known->items[at]);
    }
    return true;
}

static bool make_units(struct path_lane *lane)
{
    const struct path_arrival *items = lane->arrivals.items;
    uint64_t count = lane->arrivals.count;
    lane->unit_count = 0;
    uint64_t end = 0;
    for (uint64_t begin = 0; begin < count && !path_is_stopped(lane, 1); begin = end) {
        while (end < count && items[end].vertex == items[begin].vertex &&
               !path_is_stopped(lane, 1)) {
            end++;
        }
        if (!path_add_units(lane, items[begin].vertex, begin, end)) {
            return false;
        }
    }
    return true;
}

/* Takes in what paths have ended with. */
static bool take_ended(struct path_lane *lane)
{
    bool is_taken = true;
    if (lane->here.count > 0) {
        is_taken = path_add_kind(&lane->kinds, lane->arena, &lane->here);
        lane->here.count = 0;
    }
    for (uint32_t i = 0; i < lane->lane_count; i++) {
        struct kind_list *ended = &lane->lanes[i]->ended[lane->index];
        for (uint64_t at = 0; is_taken && at < ended->count && !path_is_stopped(lane, 1); at++) {
            is_taken = path_add_kind(&lane->kinds, lane->arena, &ended->items[at]);
        }
        ended->count = 0;
    }
    if (!is_taken) {
        path_fail_short(lane);
    }
    return is_taken && path_tidy_kinds(lane);
}

void path_gather(struct path_lane *lane, uint32_t hops)
{
    const struct path_query *query = lane->search->query;
    lane->unit_count = 0;
    lane->arrivals.count = 0;
    if (!take_ended(lane) || !gather_emitted(lane) ||
        stop_is_requested(lane->search->options->stop)) {
        return;
    }
    if (lane->search->is_counted ? sum_ways(lane) : keep_better(lane, path_prunes(query, hops))) {
        (void)make_units(lane);
    }
}

void path_forget(struct path_lane *lane)
{
    lane->known.count = 0;
    lane->trail_count = 0;
    lane->unit_count = 0;
    lane->arrivals.count = 0;
}
