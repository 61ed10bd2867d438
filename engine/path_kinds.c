#include "engine/path_kinds.h"

#include "base/radix.h"
#include "engine/path_front.h"

enum { TIDY_KINDS_MIN = 1 << 12 };

static const char what[] = "counting paths";

bool path_add_kind(struct kind_list *list, struct arena *arena, const struct path_kind *kind)
{
    struct path_kind *items = room_grow(&list->room, arena, list->count + 1, sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    items[list->count++] = *kind;
    return true;
}

/* Of neighbours that are of one kind makes one. False when there are too many to count. */
static bool unite(struct path_kind *kinds, uint64_t *count, bool is_counted)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < *count; i++) {
        struct path_kind *last = kept == 0 ? NULL : &kinds[kept - 1];
        if (last == NULL || last->begin != kinds[i].begin || last->end != kinds[i].end ||
            last->hops != kinds[i].hops) {
            kinds[kept++] = kinds[i];
            continue;
        }
        last->first = kinds[i].first < last->first ? kinds[i].first : last->first;
        if (is_counted && __builtin_add_overflow(last->count, kinds[i].count, &last->count)) {
            return false;
        }
    }
    *count = kept;
    return true;
}

/* By what `key` gives, kinds that are alike in this staying in their order. */
static void sort_by(struct path_kind *kinds, uint64_t count, struct radix_pair *pairs,
                    struct path_kind *scratch, uint64_t (*key)(const struct path_kind *kind),
                    struct stop *stop)
{
    const struct stop_patience patience = {stop, 0};
    for (uint64_t i = 0; i < count; i++) {
        pairs[i] = (struct radix_pair){key(&kinds[i]), i};
    }
    radix_sort_patiently(pairs, pairs + count, count, &patience);
    for (uint64_t i = 0; i < count; i++) {
        scratch[i] = kinds[pairs[i].value];
    }
    for (uint64_t i = 0; i < count; i++) {
        kinds[i] = scratch[i];
    }
}

static uint64_t hops_of(const struct path_kind *kind)
{
    return kind->hops;
}

static uint64_t ends_of(const struct path_kind *kind)
{
    return (uint64_t)kind->begin << 32 | kind->end;
}

static bool sort_kinds(struct path_kind *kinds, uint64_t count, struct arena *arena,
                       struct stop *stop)
{
    struct radix_pair *pairs = arena_allocate(arena, count * 2 + 1, sizeof *pairs);
    struct path_kind *scratch = arena_allocate(arena, count + 1, sizeof *scratch);
    bool can = pairs != NULL && scratch != NULL;
    if (can) {
        sort_by(kinds, count, pairs, scratch, hops_of, stop);
        sort_by(kinds, count, pairs, scratch, ends_of, stop);
    }
    arena_return(arena, pairs);
    arena_return(arena, scratch);
    return can;
}

bool path_tidy_kinds(struct path_lane *lane)
{
    struct kind_list *list = &lane->kinds;
    uint64_t least = lane->search->options->splits_always ? 1 : TIDY_KINDS_MIN;
    if (list->count < 2 * list->tidy_count + least) {
        return true;
    }
    if (!sort_kinds(list->items, list->count, lane->arena, lane->search->options->stop)) {
        path_fail_short(lane);
        return false;
    }
    if (!unite(list->items, &list->count, lane->search->query->is_counted)) {
        path_fail_full(lane);
        return false;
    }
    list->tidy_count = list->count;
    return true;
}

enum status path_many(struct error *error)
{
    return error_set(error, STATUS_LIMIT,
                     "there are more paths than can be counted (2^64 - 1); set a narrower window, "
                     "fewer hops, or ask for fewer flows");
}

/* Where a vertex appears first: twice the row of the input, and one more where it is a target. */
static uint64_t first_row(const struct edge_frame *edges, vertex_id vertex)
{
    const struct partition *partition = graph_partition_of(edges, vertex);
    uint32_t local = vertex - partition->vertex_base;
    uint64_t first = UINT64_MAX;
    uint32_t begin = partition->flow_offset[partition->link_offset[local]];
    uint32_t end = partition->flow_offset[partition->link_offset[local + 1]];
    for (uint32_t at = begin; at < end; at++) {
        uint64_t row = 2 * (uint64_t)column_integer(&partition->row, at);
        first = row < first ? row : first;
    }
    for (uint32_t i = partition->reverse_offset[local]; i < partition->reverse_offset[local + 1];
         i++) {
        struct reverse_link reverse = partition->reverse[i];
        const struct partition *holder = graph_partition_of(edges, reverse.source);
        for (uint32_t at = holder->flow_offset[reverse.link];
             at < holder->flow_offset[reverse.link + 1]; at++) {
            uint64_t row = 2 * (uint64_t)column_integer(&holder->row, at) + 1;
            first = row < first ? row : first;
        }
    }
    return first;
}

/* Keys that follow the rows in which vertices appear first. A partition numbers its own so. */
struct ranking {
    const struct edge_frame *edges;
    uint64_t *rows; /* [vertex_count], 0: not asked for; NULL: there is one partition */
};

static uint64_t rank_of(const struct ranking *ranking, vertex_id vertex)
{
    if (ranking->rows == NULL) {
        return vertex;
    }
    if (ranking->rows[vertex] == 0) {
        ranking->rows[vertex] = first_row(ranking->edges, vertex) + 1;
    }
    return ranking->rows[vertex];
}

static bool rank(const struct path_search *search, struct path_kinds *kinds)
{
    const struct edge_frame *edges = search->edges;
    struct ranking ranking = {edges, NULL};
    struct radix_pair *pairs = arena_allocate(kinds->arena, kinds->count * 2 + 1, sizeof *pairs);
    struct path_kind *scratch = arena_allocate(kinds->arena, kinds->count + 1, sizeof *scratch);
    if (edges->partition_count > 1) {
        ranking.rows =
            arena_allocate_zeroed(kinds->arena, edges->source->vertex_count, sizeof *ranking.rows);
    }
    if (pairs == NULL || scratch == NULL || (edges->partition_count > 1 && ranking.rows == NULL)) {
        return false;
    }
    struct stop *stop = search->options->stop;
    const struct stop_patience patience = {stop, 0};
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint64_t i = 0; i < kinds->count && !stop_is_interrupted(stop); i++) {
            const struct path_kind *kind = &kinds->kinds[i];
            uint64_t key = rank_of(&ranking, pass == 0 ? kind->end : kind->begin);
            pairs[i] = (struct radix_pair){key, i};
        }
        radix_sort_patiently(pairs, pairs + kinds->count, kinds->count, &patience);
        for (uint64_t i = 0; i < kinds->count && !stop_is_interrupted(stop); i++) {
            scratch[i] = kinds->kinds[pairs[i].value];
        }
        struct path_kind *swapped = kinds->kinds;
        kinds->kinds = scratch;
        scratch = swapped;
    }
    return true;
}

static enum status gather(const struct path_search *search, struct path_kinds *kinds,
                          struct error *error)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < search->lane_count; i++) {
        count += search->lanes[i]->kinds.count;
    }
    kinds->kinds = arena_allocate(kinds->arena, count + 1, sizeof *kinds->kinds);
    if (kinds->kinds == NULL) {
        return arena_error(kinds->arena, what, error);
    }
    for (uint32_t i = 0; i < search->lane_count; i++) {
        const struct kind_list *list = &search->lanes[i]->kinds;
        for (uint64_t at = 0; at < list->count; at++) {
            kinds->kinds[kinds->count++] = list->items[at];
        }
    }
    return STATUS_OK;
}

enum status path_list_kinds(const struct path_search *search, bool is_turned,
                            struct path_kinds *kinds, struct error *error)
{
    struct stop *stop = search->options->stop;
    TRY(gather(search, kinds, error));
    if (!sort_kinds(kinds->kinds, kinds->count, kinds->arena, stop)) {
        return arena_error(kinds->arena, what, error);
    }
    TRY(stop_error(stop, what, error));
    if (!unite(kinds->kinds, &kinds->count, search->query->is_counted)) {
        return path_many(error);
    }
    for (uint64_t i = 0; i < kinds->count && is_turned; i++) {
        struct path_kind *kind = &kinds->kinds[i];
        vertex_id near = kind->begin;
        kind->begin = kind->end;
        kind->end = near;
    }
    if (!rank(search, kinds)) {
        return arena_error(kinds->arena, what, error);
    }
    return stop_error(stop, what, error);
}
