#include "engine/path_kinds.h"

#include <string.h>

#include "base/radix.h"
#include "engine/path_front.h"

enum {
    TIDY_KINDS_MIN = 1 << 12,
    POLL_KINDS = 1 << 12, /* between two looks at the stop */
};

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

/* Keys of vertices that follow the rows in which these appear first. A partition numbers its own
 * so. */
struct ranking {
    const struct edge_frame *edges;
    uint64_t *rows; /* [vertex_count], 0: not asked for; NULL: vertices are in order */
};

static bool is_stopped(struct stop *stop, uint64_t step)
{
    return step % POLL_KINDS == 0 && stop_is_requested(stop);
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

/* What kinds are put in order by: at last by their begin, before that by their end, at first by
 * hops. */
enum { PASS_HOPS, PASS_END, PASS_BEGIN, PASSES };

static uint64_t key_of(const struct ranking *ranking, const struct path_kind *kind, uint32_t pass)
{
    return pass == PASS_HOPS ? kind->hops
                             : rank_of(ranking, pass == PASS_END ? kind->end : kind->begin);
}

/* Room to put kinds in order. */
struct kind_room {
    struct radix_pair *pairs; /* [2 * count] */
    struct path_kind *sorted; /* [count]: where they are then */
};

/* Left undone after a stop. */
static void sort_kinds(const struct path_kind *kinds, uint64_t count, const struct ranking *ranking,
                       const struct kind_room *room, struct stop *stop)
{
    const struct stop_patience patience = {stop, 0};
    struct radix_pair *pairs = room->pairs;
    for (uint64_t i = 0; i < count && !is_stopped(stop, i); i++) {
        pairs[i].value = i;
    }
    for (uint32_t pass = 0; pass < PASSES && !stop_is_requested(stop); pass++) {
        for (uint64_t i = 0; i < count && !is_stopped(stop, i); i++) {
            pairs[i].key = key_of(ranking, &kinds[pairs[i].value], pass);
        }
        if (!stop_is_requested(stop)) {
            radix_sort_patiently(pairs, pairs + count, count, &patience);
        }
    }
    for (uint64_t i = 0; !stop_is_requested(stop) && i < count; i++) {
        room->sorted[i] = kinds[pairs[i].value];
    }
}

/* Of neighbours that are of one kind makes one. False when there are too many to count. */
static bool unite(struct path_kind *kinds, uint64_t *count, bool is_counted, struct stop *stop)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < *count && !is_stopped(stop, i); i++) {
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

/* Makes one of those of a kind behind the final ones. */
static bool tidy(struct path_lane *lane)
{
    struct kind_list *list = &lane->kinds;
    struct stop *stop = lane->search->options->stop;
    const struct ranking by_number = {0};
    struct path_kind *loose = list->items + list->final_count;
    uint64_t count = list->count - list->final_count;
    struct kind_room room = {
        room_take(&lane->pair_room, lane->arena, count * 2, sizeof *room.pairs),
        room_take(&lane->kind_room, lane->arena, count, sizeof *room.sorted)};
    if (room.pairs == NULL || room.sorted == NULL) {
        path_fail_short(lane);
        return false;
    }
    sort_kinds(loose, count, &by_number, &room, stop);
    if (stop_is_requested(stop)) {
        return false;
    }
    if (!unite(room.sorted, &count, lane->search->query->is_counted, stop)) {
        path_fail_full(lane);
        return false;
    }
    memcpy(loose, room.sorted, count * sizeof *loose);
    list->count = list->final_count + count;
    list->tidy_count = list->count;
    return true;
}

bool path_tidy_kinds(struct path_lane *lane)
{
    const struct kind_list *list = &lane->kinds;
    uint64_t least = lane->search->options->splits_always ? 1 : TIDY_KINDS_MIN;
    uint64_t tidy_count = list->tidy_count - list->final_count;
    return list->count - list->final_count < 2 * tidy_count + least || tidy(lane);
}

void path_end_kinds(struct path_lane *lane)
{
    struct kind_list *list = &lane->kinds;
    if (list->count == list->tidy_count || tidy(lane)) {
        list->final_count = list->count;
        list->tidy_count = list->count;
    }
}

enum status path_many(struct error *error)
{
    return error_set(error, STATUS_LIMIT,
                     "there are more paths than can be counted (2^64 - 1); set a narrower window, "
                     "fewer hops, or ask for fewer flows");
}

static enum status gather(const struct path_search *search, bool is_turned,
                          struct path_kinds *kinds, struct error *error)
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
        for (uint64_t at = 0; at < list->count && !is_stopped(search->options->stop, at); at++) {
            struct path_kind *kind = &kinds->kinds[kinds->count++];
            *kind = list->items[at];
            kind->begin = is_turned ? list->items[at].end : kind->begin;
            kind->end = is_turned ? list->items[at].begin : kind->end;
        }
    }
    return stop_error(search->options->stop, what, error);
}

enum status path_list_kinds(const struct path_search *search, bool is_turned,
                            struct path_kinds *kinds, struct error *error)
{
    struct stop *stop = search->options->stop;
    struct arena *arena = kinds->arena;
    struct ranking ranking = {search->edges, NULL};
    bool has_order = search->edges->partition_count == 1;
    TRY(gather(search, is_turned, kinds, error));
    struct kind_room room = {arena_allocate(arena, kinds->count * 2 + 1, sizeof *room.pairs),
                             arena_allocate(arena, kinds->count + 1, sizeof *room.sorted)};
    if (!has_order) {
        ranking.rows =
            arena_allocate_zeroed(arena, search->edges->source->vertex_count, sizeof *ranking.rows);
    }
    if (room.pairs == NULL || room.sorted == NULL || (!has_order && ranking.rows == NULL)) {
        return arena_error(arena, what, error);
    }
    sort_kinds(kinds->kinds, kinds->count, &ranking, &room, stop);
    arena_return(arena, kinds->kinds);
    arena_return(arena, room.pairs);
    arena_return(arena, ranking.rows);
    kinds->kinds = room.sorted;
    if (!unite(kinds->kinds, &kinds->count, search->query->is_counted, stop)) {
        return path_many(error);
    }
    return stop_error(stop, what, error);
}
