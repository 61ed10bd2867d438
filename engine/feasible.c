#include "engine/feasible.h"

#include "base/check.h"
#include "engine/window.h"

static uint32_t last_set_bit_end(const uint64_t *bits, uint32_t from, uint32_t end);
static bool tighten(struct searcher *searcher, uint32_t edge);

static inline void keep_least(time_ns *value, time_ns other)
{
    *value = other < *value ? other : *value;
}

static inline void keep_greatest(time_ns *value, time_ns other)
{
    *value = other > *value ? other : *value;
}

bool feasible_bind(struct searcher *searcher, uint32_t edge)
{
    const struct partition *partition = searcher->partitions[edge];
    struct feasible *feasible = &searcher->feasible[edge];
    feasible->first = partition->flow_offset[searcher->links[edge]];
    feasible->last = partition->flow_offset[searcher->links[edge] + 1];
    uint64_t *const *filter = searcher->search->filters->edges[edge].bits;
    if (filter != NULL) {
        const uint64_t *bits = filter[partition->index];
        feasible->first = feasible_next_bit(bits, feasible->first, feasible->last);
        if (feasible->first == feasible->last) {
            return false;
        }
        feasible->last = last_set_bit_end(bits, feasible->first, feasible->last);
    }
    if (searcher->search->has_windows) {
        feasible->earliest = partition->flow_time[feasible->first];
        feasible->latest = partition->flow_time[feasible->last - 1];
        if (!tighten(searcher, edge)) {
            return false;
        }
    }
    searcher->bound_edges |= 1u << edge;
    return true;
}

void feasible_save(struct searcher *searcher, struct structure_frame *frame)
{
    if (searcher->search->has_windows) {
        for (uint32_t rest = searcher->bound_edges; rest != 0; rest &= rest - 1) {
            uint32_t edge = (uint32_t)__builtin_ctz(rest);
            frame->saved[edge] = searcher->feasible[edge];
        }
    }
}

void feasible_restore(struct searcher *searcher, const struct structure_frame *frame)
{
    if (searcher->search->has_windows) {
        for (uint32_t rest = searcher->bound_edges; rest != 0; rest &= rest - 1) {
            uint32_t edge = (uint32_t)__builtin_ctz(rest);
            searcher->feasible[edge] = frame->saved[edge];
        }
    }
}

bool feasible_window(const struct searcher *searcher, uint32_t edge, uint32_t chosen_edges,
                     time_ns *earliest, time_ns *latest)
{
    const struct window *window = &searcher->search->query->window;
    for (uint32_t rest = chosen_edges; rest != 0; rest &= rest - 1) {
        uint32_t chosen = (uint32_t)__builtin_ctz(rest);
        time_ns time = searcher->partitions[chosen]->flow_time[searcher->positions[chosen]];
        int64_t after = window->limit_ns[chosen][edge];
        int64_t before = window->limit_ns[edge][chosen];
        if (after != WINDOW_NONE) {
            keep_least(latest, window_add(time, after));
        }
        if (before != WINDOW_NONE) {
            keep_greatest(earliest, window_subtract(time, before));
        }
    }
    return *earliest <= *latest;
}

uint32_t feasible_next_bit(const uint64_t *bits, uint32_t from, uint32_t end)
{
    for (uint64_t word = from >> 6; word <= (end - 1) >> 6; word++) {
        uint64_t rest = bits[word];
        if (word == from >> 6) {
            rest &= ~UINT64_C(0) << (from & 63);
        }
        if (rest != 0) {
            uint64_t found = (word << 6) + (uint64_t)__builtin_ctzll(rest);
            return found < end ? (uint32_t)found : end;
        }
    }
    return end;
}

/* One past the last set bit in [from, end), where at least one is set. */
static uint32_t last_set_bit_end(const uint64_t *bits, uint32_t from, uint32_t end)
{
    uint64_t word = (end - 1) >> 6;
    uint64_t rest = bits[word] & (~UINT64_C(0) >> (63 - ((end - 1) & 63)));
    while (rest == 0 && word > from >> 6) {
        rest = bits[--word];
    }
    DCHECK(rest != 0);
    return (uint32_t)((word << 6) + 64 - (uint64_t)__builtin_clzll(rest));
}

/* Tightens what is feasible for `edge` by the bound edges, then theirs by it. The limits are closed
 * under addition, so that one pass in each direction reaches everything. */
static bool tighten(struct searcher *searcher, uint32_t edge)
{
    const struct window *window = &searcher->search->query->window;
    struct feasible *mine = &searcher->feasible[edge];
    for (uint32_t rest = searcher->bound_edges; rest != 0; rest &= rest - 1) {
        uint32_t other = (uint32_t)__builtin_ctz(rest);
        const struct feasible *theirs = &searcher->feasible[other];
        if (window->limit_ns[other][edge] != WINDOW_NONE) {
            keep_least(&mine->latest, window_add(theirs->latest, window->limit_ns[other][edge]));
        }
        if (window->limit_ns[edge][other] != WINDOW_NONE) {
            keep_greatest(&mine->earliest,
                          window_subtract(theirs->earliest, window->limit_ns[edge][other]));
        }
    }
    bool is_feasible = mine->earliest <= mine->latest;
    for (uint32_t rest = searcher->bound_edges; is_feasible && rest != 0; rest &= rest - 1) {
        uint32_t other = (uint32_t)__builtin_ctz(rest);
        struct feasible *theirs = &searcher->feasible[other];
        if (window->limit_ns[edge][other] != WINDOW_NONE) {
            keep_least(&theirs->latest, window_add(mine->latest, window->limit_ns[edge][other]));
        }
        if (window->limit_ns[other][edge] != WINDOW_NONE) {
            keep_greatest(&theirs->earliest,
                          window_subtract(mine->earliest, window->limit_ns[other][edge]));
        }
        is_feasible = theirs->earliest <= theirs->latest;
    }
    return is_feasible;
}

uint64_t feasible_count_bits(const uint64_t *bits, uint32_t begin, uint32_t end)
{
    uint64_t count = 0;
    for (uint32_t word = begin >> 6; begin < end && word <= (end - 1) >> 6; word++) {
        uint64_t rest = bits[word];
        if (word == begin >> 6) {
            rest &= ~UINT64_C(0) << (begin & 63);
        }
        if (word == (end - 1) >> 6) {
            rest &= ~UINT64_C(0) >> (63 - ((end - 1) & 63));
        }
        count += (uint64_t)__builtin_popcountll(rest);
    }
    return count;
}
