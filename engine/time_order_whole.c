/* All flows in the order of time; see engine/time_order.h. */
#include "base/memory.h"
#include "engine/order.h"
#include "engine/time_order.h"

/* What is sorted: a flow's time and its link, and room for sorting; in an arena of its own. */
struct flow_list {
    uint64_t count;
    union lane *times;
    uint32_t *links;
    struct radix_pair *pairs;
    struct radix_pair *scratch;
    uint8_t *buckets;
};

static const char what[] = "ordering flows by time";

static uint64_t passing_count(const struct edge_frame *frame, const struct flow_filter *filter)
{
    return filter->bits == NULL ? frame->flow_count : filter->pass_count;
}

static enum status open_list(struct flow_list *list, struct arena *arena, uint64_t count,
                             struct error *error)
{
    list->count = count;
    list->times = arena_allocate(arena, count, sizeof *list->times);
    list->links = arena_allocate(arena, count, sizeof *list->links);
    list->pairs = arena_allocate(arena, count, sizeof *list->pairs);
    list->scratch = arena_allocate(arena, count, sizeof *list->scratch);
    list->buckets = arena_allocate(arena, count, sizeof *list->buckets);
    return list->times == NULL || list->links == NULL || list->pairs == NULL ||
                   list->scratch == NULL || list->buckets == NULL
               ? arena_error(arena, what, error)
               : STATUS_OK;
}

/* Returns how many flows of the partition it took. */
static uint64_t take_partition(struct flow_list *list, uint64_t at,
                               const struct partition *partition, const uint64_t *bits,
                               uint64_t link_base)
{
    uint64_t first = at;
    for (uint32_t link = 0; link < partition->link_count; link++) {
        uint32_t end = partition->flow_offset[link + 1];
        for (uint32_t position = partition->flow_offset[link]; position < end; position++) {
            if (bits == NULL || bit_is_set(bits, position)) {
                list->times[at].integer = partition->flow_time[position];
                list->links[at] = (uint32_t)(link_base + link);
                list->pairs[at].value = at;
                at++;
            }
        }
    }
    return at - first;
}

static enum status open_whole(struct time_order *order, struct team *team, struct budget *budget,
                              uint64_t count, struct timed_link **flows, struct error *error)
{
    TRY(arena_open_brief(&order->arena, team_topology(team), NODE_INTERLEAVED, budget, error));
    *flows = arena_allocate(order->arena, count, sizeof **flows);
    order->whole = (struct timed_flows){count, *flows};
    return *flows == NULL ? arena_error(order->arena, what, error) : STATUS_OK;
}

enum status time_order_build_whole(struct time_order *order, const struct graph *graph,
                                   const struct flow_filter *filter, const uint64_t *link_base,
                                   struct team *team, struct budget *budget, struct stop *stop,
                                   struct error *error)
{
    const struct edge_frame *frame = &graph->edges;
    struct flow_list list = {0};
    struct timed_link *flows = NULL;
    struct arena *arena = NULL;
    enum status status;
    uint64_t count = passing_count(frame, filter);
    if (link_base[frame->partition_count] > UINT32_MAX) {
        return error_set(error, STATUS_LIMIT, "there are too many links for %s", what);
    }
    TRY_DONE(open_whole(order, team, budget, count, &flows, error));
    TRY_DONE(arena_open_brief(&arena, team_topology(team), NODE_INTERLEAVED, budget, error));
    TRY_DONE(open_list(&list, arena, count, error));
    uint64_t taken = 0;
    for (uint32_t p = 0; p < frame->partition_count && !stop_poll(stop); p++) {
        const uint64_t *bits = filter->bits == NULL ? NULL : filter->bits[p];
        taken += take_partition(&list, taken, &frame->partitions[p], bits, link_base[p]);
    }
    TRY_DONE(stop_error(stop, what, error));
    struct order_key key = {.type = TYPE_TIME, .values = list.times};
    TRY_DONE(order_sort(graph, &key, 1, list.pairs, list.scratch, list.buckets, taken, UINT64_MAX,
                        team, NULL, arena, error));
    for (uint64_t i = 0; i < taken; i++) {
        uint64_t at = list.pairs[i].value;
        flows[i] = (struct timed_link){.time = list.times[at].integer, .link = list.links[at]};
    }
done:
    arena_close(arena);
    return status;
}
