#include "engine/cycle_leaf.h"

#include <string.h>

#include "engine/cycle_needs.h"

#include "base/check.h"
#include "engine/cycle_schedule.h"

static bool count_cycles(struct cycle_searcher *searcher);
static bool open_levels(struct cycle_searcher *searcher);
static bool unfold(struct cycle_searcher *searcher);

static uint32_t hops_of(const struct cycle_searcher *searcher)
{
    return searcher->frame_count - 1;
}

/* The list of level `level`, from 0. */
static const struct cycle_frame *list_of(const struct cycle_searcher *searcher, uint32_t level)
{
    return &searcher->frames[level + 1];
}

/* Whether one flow could be taken twice: only at equal times, on a link that is used twice. */
static bool may_repeat(const struct cycle_searcher *searcher)
{
    return searcher->repeat_count > 0 && !searcher->search->query->is_strict;
}

/* The needs that an arrival meets. */
static uint8_t met_at(const struct cycle_searcher *searcher, uint64_t place)
{
    const uint8_t *meets = searcher->slab->meets;
    return meets == NULL ? 0 : meets[searcher->arrivals[place].rank];
}

bool leaf_take(struct cycle_searcher *searcher)
{
    if (searcher->frames[hops_of(searcher)].met != needs_of(searcher->search->query)) {
        return true;
    }
    if (searcher->search->consumer == NULL && !may_repeat(searcher)) {
        return count_cycles(searcher);
    }
    if (!open_levels(searcher)) {
        return cycle_search_short(searcher);
    }
    const struct cycle_frame *list = list_of(searcher, 0);
    searcher->leaves[0] = (struct leaf_frame){list->list_begin, list->list_end, 0};
    searcher->leaf_first = 0;
    searcher->leaf_count = 1;
    return unfold(searcher);
}

bool leaf_resume(struct cycle_searcher *searcher, const struct cycle_task *task)
{
    if (!open_levels(searcher)) {
        return cycle_search_short(searcher);
    }
    uint32_t level = task->chosen_count;
    uint8_t met = 0;
    for (uint32_t i = 0; i < level; i++) {
        searcher->chosen[i] = list_of(searcher, i)->list_begin + task->words[task->link_count + i];
        met |= met_at(searcher, searcher->chosen[i]);
    }
    uint64_t base = list_of(searcher, level)->list_begin;
    searcher->leaves[level] = (struct leaf_frame){base + task->begin, base + task->end, met};
    searcher->leaf_first = level;
    searcher->leaf_count = level + 1;
    return unfold(searcher);
}

static uint64_t add_ways(uint64_t left, uint64_t right)
{
    return __builtin_add_overflow(left, right, &left) ? CYCLE_WAYS_MANY : left;
}

static uint64_t multiply_ways(uint64_t left, uint64_t right)
{
    return __builtin_mul_overflow(left, right, &left) ? CYCLE_WAYS_MANY : left;
}

/* The first arrival of a list with a rank of at least `rank`. */
static uint64_t arrival_from(const struct arrival *arrivals, uint64_t begin, uint64_t end,
                             uint64_t rank)
{
    while (begin < end) {
        uint64_t middle = begin + (end - begin) / 2;
        if (arrivals[middle].rank < rank) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

/* Two arrays, one of which is filled from the other. */
struct chain {
    uint64_t *filled;
    uint64_t *next;
    uint8_t without; /* needs: ways over flows that meet any of them do not count */
};

static bool counts(const struct cycle_searcher *searcher, const struct chain *chain, uint64_t place)
{
    return chain->without == 0 || (met_at(searcher, place) & chain->without) == 0;
}

static void turn(struct chain *chain)
{
    uint64_t *filled = chain->next;
    chain->next = chain->filled;
    chain->filled = filled;
}

/* For each flow of the first level from arrival `first` on: its ways over the levels before
 * `level_end`, all before rank `anchor`. From the last level to the first, sums over what may
 * follow. */
static void ways_before(const struct cycle_searcher *searcher, uint32_t level_end, uint64_t anchor,
                        uint64_t first, struct chain *chain)
{
    const struct arrival *arrivals = searcher->arrivals;
    uint64_t above_begin = 0;
    uint64_t above_end = 0;
    for (uint32_t level = level_end; level-- > 0;) {
        const struct cycle_frame *list = list_of(searcher, level);
        uint64_t begin = level == 0 ? first : list->list_begin;
        uint64_t end = arrival_from(arrivals, begin, list->list_end, anchor);
        uint64_t at = above_end;
        uint64_t sum = level + 1 == level_end ? 1 : 0;
        for (uint64_t i = end; i-- > begin;) {
            while (at > above_begin && arrivals[at - 1].rank >= arrivals[i].after) {
                at--;
                sum = add_ways(sum, chain->filled[at - above_begin]);
            }
            chain->next[i - begin] = counts(searcher, chain, i) ? sum : 0;
        }
        turn(chain);
        above_begin = begin;
        above_end = end;
    }
}

/* For each closing flow from the first one with a rank of `anchor` on, which is returned: the ways
 * over the levels from `level_begin` on, all from `anchor` on, to it or to one before it. */
static uint64_t ways_after(const struct cycle_searcher *searcher, uint32_t level_begin,
                           uint64_t anchor, struct chain *chain)
{
    const struct arrival *arrivals = searcher->arrivals;
    uint64_t below_begin = 0;
    uint64_t below_end = 0;
    for (uint32_t level = level_begin; level < hops_of(searcher); level++) {
        const struct cycle_frame *list = list_of(searcher, level);
        uint64_t begin = arrival_from(arrivals, list->list_begin, list->list_end, anchor);
        uint64_t at = below_begin;
        uint64_t sum = level == level_begin ? 1 : 0;
        for (uint64_t i = begin; i < list->list_end; i++) {
            for (; at < below_end && arrivals[at].after <= arrivals[i].rank; at++) {
                sum = add_ways(sum, chain->filled[at - below_begin]);
            }
            chain->next[i - begin] = counts(searcher, chain, i) ? sum : 0;
        }
        turn(chain);
        below_begin = begin;
        below_end = list->list_end;
    }
    for (uint64_t i = 1; i < below_end - below_begin; i++) {
        chain->filled[i] = add_ways(chain->filled[i], chain->filled[i - 1]);
    }
    return below_begin;
}

/* The cycles that begin with arrivals first .. first_end - 1, all of whose windows hold rank
 * `anchor` - 1, and that cross the anchor after `level` flows. */
static uint64_t ways_across(const struct cycle_searcher *searcher, uint32_t level, uint64_t anchor,
                            uint64_t first, uint64_t first_end, struct chain *chains)
{
    const struct arrival *arrivals = searcher->arrivals;
    uint32_t hops = hops_of(searcher);
    uint64_t close_end = list_of(searcher, hops - 1)->list_end;
    uint64_t close_begin = close_end;
    uint64_t total = 0;
    if (level < hops) {
        close_begin = ways_after(searcher, level, anchor, &chains[1]);
        if (close_begin == close_end) {
            return 0;
        }
    }
    ways_before(searcher, level, anchor, first, &chains[0]);
    uint64_t close = close_begin;
    for (uint64_t i = first; i < first_end; i++) {
        uint64_t ways = chains[0].filled[i - first];
        while (close < close_end && arrivals[close].rank <= arrivals[i].limit) {
            close++;
        }
        if (level < hops) {
            uint64_t closes = close > close_begin ? chains[1].filled[close - close_begin - 1] : 0;
            ways = multiply_ways(ways, closes);
        }
        total = add_ways(total, ways);
    }
    return total;
}

/* Cuts the first flows into runs, each within the window of its first one, whose end is the run's
 * anchor. A cycle then has its first flows before the anchor and the others from it on: ways before
 * times ways after, the window being a bound on the latter alone. Linear in the flows of the path
 * for each run and number of hops, however many flows lie in one window. */
static bool count_by_anchors(struct cycle_searcher *searcher, uint8_t without, uint64_t *total)
{
    const struct cycle_frame *firsts = list_of(searcher, 0);
    const struct arrival *arrivals = searcher->arrivals;
    uint32_t hops = hops_of(searcher);
    uint64_t longest = 0;
    for (uint32_t level = 0; level < hops; level++) {
        uint64_t count = list_of(searcher, level)->list_end - list_of(searcher, level)->list_begin;
        longest = count > longest ? count : longest;
    }
    uint64_t *words = room_take(&searcher->chain_room, searcher->arena, longest * 4, sizeof *words);
    if (words == NULL) {
        return cycle_search_short(searcher);
    }
    struct chain chains[2] = {{words, words + longest, without},
                              {words + 2 * longest, words + 3 * longest, without}};
    *total = 0;
    for (uint64_t first = firsts->list_begin; first < firsts->list_end;) {
        uint64_t anchor = arrivals[first].limit + UINT64_C(1);
        uint64_t first_end = arrival_from(arrivals, first, firsts->list_end, anchor);
        for (uint32_t level = 1; level <= hops; level++) {
            if (stop_poll(searcher->search->options->stop)) {
                return false;
            }
            uint64_t ways = ways_across(searcher, level, anchor, first, first_end, chains);
            *total = add_ways(*total, ways);
        }
        first = first_end;
        if (!cycle_poll(searcher, longest)) {
            return false;
        }
    }
    return true;
}

/* Where every way that closes lies in the window of the earliest first flow, the ways that were
 * carried along are the answer. */
static bool count_ways(struct cycle_searcher *searcher, uint8_t without, uint64_t *total)
{
    const struct cycle_frame *close = list_of(searcher, hops_of(searcher) - 1);
    const struct arrival *arrivals = searcher->arrivals;
    uint32_t limit = arrivals[list_of(searcher, 0)->list_begin].limit;
    if (without != 0 || arrivals[close->list_end - 1].rank > limit) {
        return count_by_anchors(searcher, without, total);
    }
    *total = 0;
    for (uint64_t i = close->list_begin; i < close->list_end; i++) {
        *total = add_ways(*total, arrivals[i].ways);
    }
    return true;
}

/* Takes `count` cycles of the path. */
static bool take_count(struct cycle_searcher *searcher, uint64_t count)
{
    const struct cycle_search *search = searcher->search;
    uint32_t hops = hops_of(searcher);
    if (!cycle_search_count(searcher, cycle_anchor(searcher), hops, count)) {
        return false;
    }
    if (search->path_consumer == NULL || count == 0) {
        return true;
    }
    vertex_id *sources =
        room_extend(&searcher->source_room, searcher->arena, hops, sizeof *sources);
    if (sources == NULL) {
        return cycle_search_short(searcher);
    }
    searcher->sources = sources;
    for (uint32_t i = 0; i < hops; i++) {
        sources[i] = searcher->slab->vertices[searcher->frames[i].vertex];
    }
    struct cycle cycle = {hops, NULL, sources};
    bool goes_on = search->path_consumer(search->context, searcher->worker->index, &cycle, count);
    if (!goes_on) {
        stop_request(search->options->stop, STOP_ROWS);
    }
    return goes_on;
}

/* By inclusion and exclusion. A sum of some of the terms may be less than zero, modulo 2^64. */
static bool count_cycles(struct cycle_searcher *searcher)
{
    uint64_t total = 0;
    if (!count_ways(searcher, 0, &total)) {
        return false;
    }
    uint32_t needs = total == CYCLE_WAYS_MANY ? 0 : needs_of(searcher->search->query);
    for (uint32_t without = 1; without <= needs; without++) {
        uint64_t ways;
        if (!count_ways(searcher, (uint8_t)without, &ways)) {
            return false;
        }
        total += needs_subtract(without) ? -ways : ways;
    }
    return take_count(searcher, total);
}

/* For each flow of the path and each need, the earliest close of the ways that go on with it and
 * meet the need, by it or later. */
static bool open_needs(struct cycle_searcher *searcher)
{
    const struct arrival *arrivals = searcher->arrivals;
    uint32_t count = searcher->search->query->need_count;
    uint32_t hops = hops_of(searcher);
    uint32_t *closes = room_extend(&searcher->need_room, searcher->arena,
                                   searcher->arrival_count * count, sizeof *closes);
    searcher->need_closes = closes;
    for (uint32_t level = hops; closes != NULL && level-- > 0;) {
        const struct cycle_frame *list = list_of(searcher, level);
        uint64_t above = level + 1 < hops ? list[1].list_end : 0;
        uint32_t least[CYCLE_NEEDS_MAX];
        memset(least, 0xff, sizeof least);
        for (uint64_t i = list->list_end; i-- > list->list_begin;) {
            while (level + 1 < hops && above > list[1].list_begin &&
                   arrivals[above - 1].rank >= arrivals[i].after) {
                above--;
                for (uint32_t need = 0; need < count; need++) {
                    uint32_t close = closes[above * count + need];
                    least[need] = close < least[need] ? close : least[need];
                }
            }
            for (uint32_t need = 0; need < count; need++) {
                bool is_met = (met_at(searcher, i) >> need & 1) != 0;
                closes[i * count + need] = is_met ? arrivals[i].close : least[need];
            }
        }
    }
    return closes != NULL;
}

/* Room for the levels of a path, and the earliest close of each flow on it. */
static bool open_levels(struct cycle_searcher *searcher)
{
    struct arena *arena = searcher->arena;
    uint32_t hops = hops_of(searcher);
    searcher->leaves = room_extend(&searcher->leaf_room, arena, hops, sizeof *searcher->leaves);
    searcher->chosen = room_extend(&searcher->chosen_room, arena, hops, sizeof *searcher->chosen);
    searcher->edges = room_extend(&searcher->edge_room, arena, hops, sizeof *searcher->edges);
    searcher->sources = room_extend(&searcher->source_room, arena, hops, sizeof *searcher->sources);
    if (searcher->leaves == NULL || searcher->chosen == NULL || searcher->edges == NULL ||
        searcher->sources == NULL) {
        return false;
    }
    struct arrival *arrivals = searcher->arrivals;
    for (uint32_t level = hops; level-- > 0;) {
        const struct cycle_frame *list = list_of(searcher, level);
        uint64_t above = level + 1 < hops ? list[1].list_end : 0;
        searcher->sources[level] = searcher->slab->vertices[searcher->frames[level].vertex];
        for (uint64_t i = list->list_end; i-- > list->list_begin;) {
            while (above > list[1].list_begin && level + 1 < hops &&
                   arrivals[above - 1].rank >= arrivals[i].after) {
                above--;
            }
            bool goes_on = level + 1 < hops && above < list[1].list_end;
            arrivals[i].close = goes_on            ? arrivals[above].close
                                : level + 1 < hops ? RANK_NONE
                                                   : arrivals[i].rank;
        }
    }
    return searcher->slab->meets == NULL || open_needs(searcher);
}

/* Whether a need that no flow chosen above meets is met neither by this one nor, in time, by any
 * that can follow. */
static bool is_in_vain(const struct cycle_searcher *searcher, uint32_t level, uint64_t place)
{
    const struct cycle_query *query = searcher->search->query;
    uint32_t unmet = needs_of(query) & ~(uint32_t)searcher->leaves[level].met;
    bool is_vain = false;
    if (unmet != 0) {
        uint32_t limit = searcher->arrivals[level == 0 ? place : searcher->chosen[0]].limit;
        for (; unmet != 0; unmet &= unmet - 1) {
            uint64_t entry = place * query->need_count + (uint32_t)__builtin_ctz(unmet);
            is_vain = is_vain || searcher->need_closes[entry] > limit;
        }
    }
    return is_vain;
}

/* The flows of the next level that can follow the chosen one and still close in the window: they
 * lie side by side, since a later flow never closes earlier. */
static void open_level(struct cycle_searcher *searcher)
{
    const struct arrival *arrivals = searcher->arrivals;
    uint32_t level = searcher->leaf_count++;
    const struct cycle_frame *list = list_of(searcher, level);
    uint32_t limit = arrivals[searcher->chosen[0]].limit;
    uint64_t begin = arrival_from(arrivals, list->list_begin, list->list_end,
                                  arrivals[searcher->chosen[level - 1]].after);
    uint64_t low = begin;
    uint64_t high = list->list_end;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (arrivals[middle].close <= limit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    uint8_t met = searcher->leaves[level - 1].met | met_at(searcher, searcher->chosen[level - 1]);
    searcher->leaves[level] = (struct leaf_frame){begin, low, met};
}

/* Whether the flow is chosen on a level before: only those of its own time can be it. */
static bool is_chosen(const struct cycle_searcher *searcher, uint32_t level, uint64_t place)
{
    const struct arrival *arrivals = searcher->arrivals;
    for (uint32_t l = level; l-- > 0;) {
        const struct arrival *before = &arrivals[searcher->chosen[l]];
        if (before->rank < arrivals[place].after) {
            return false;
        }
        if (before->rank == arrivals[place].rank) {
            return true;
        }
    }
    return false;
}

/* One cycle; false when the consumer has enough. */
static bool hand_over(struct cycle_searcher *searcher, uint64_t *count)
{
    const struct cycle_search *search = searcher->search;
    struct cycle cycle = {hops_of(searcher), searcher->edges, searcher->sources};
    ++*count;
    if (search->consumer != NULL &&
        !search->consumer(search->context, searcher->worker->index, &cycle)) {
        stop_request(search->options->stop, STOP_ROWS);
        return false;
    }
    return true;
}

/* Goes through the flows of all levels from `leaf_first` on. */
static bool unfold(struct cycle_searcher *searcher)
{
    uint32_t hops = hops_of(searcher);
    bool has_repeats = may_repeat(searcher);
    uint64_t count = 0;
    bool goes_on = true;
    for (uint32_t level = 0; level < searcher->leaf_first; level++) {
        uint32_t rank = searcher->arrivals[searcher->chosen[level]].rank;
        searcher->edges[level] = searcher->slab->edges[rank];
    }
    while (goes_on && searcher->leaf_count > searcher->leaf_first) {
        uint32_t level = searcher->leaf_count - 1;
        struct leaf_frame *leaf = &searcher->leaves[level];
        if (leaf->next == leaf->end) {
            searcher->leaf_count--;
            continue;
        }
        uint64_t place = leaf->next++;
        const struct arrival *arrival = &searcher->arrivals[place];
        bool is_out =
            (level == 0 && arrival->close > arrival->limit) || is_in_vain(searcher, level, place);
        if (is_out || (has_repeats && is_chosen(searcher, level, place))) {
            continue;
        }
        searcher->chosen[level] = place;
        searcher->edges[level] = searcher->slab->edges[arrival->rank];
        if (level + 1 < hops) {
            open_level(searcher);
            goes_on = cycle_poll(searcher, 1);
        } else {
            goes_on = hand_over(searcher, &count) && cycle_poll(searcher, 1);
        }
    }
    searcher->leaf_count = 0;
    return (count == 0 || take_count(searcher, count)) && goes_on;
}
