/* How far vertices are from a goal: a breadth-first search from the goal backward, which a walk
 * asks before it takes a hop that leads nowhere. */
#include "pipeline/pattern_match.h"

enum { TABLE_SIZE_LEAST = 64 };

static uint32_t *find(const struct reach *reach, vertex_id vertex)
{
    uint32_t mask = reach->table_size - 1;
    uint32_t slot = (uint32_t)hash_mix(vertex) & mask;
    while (reach->table[slot] != 0 && reach->queue[reach->table[slot] - 1].vertex != vertex) {
        slot = (slot + 1) & mask;
    }
    return &reach->table[slot];
}

/* Room for twice as many. What was there before goes with the pool. */
static enum status grow(struct reach *reach)
{
    struct run *run = reach->matching->run;
    struct error *error = run->source->error;
    if (reach->capacity > UINT32_MAX / 8) {
        return error_set(error, STATUS_LIMIT, "a search that reaches more than 2^29 vertices");
    }
    uint32_t capacity = reach->capacity == 0 ? TABLE_SIZE_LEAST / 2 : 2 * reach->capacity;
    struct reached *queue = pool_allocate(&run->pool, capacity, sizeof *queue, error);
    uint32_t *table = pool_allocate(&run->pool, 2 * (size_t)capacity, sizeof *table, error);
    if (queue == NULL || table == NULL) {
        return error->status;
    }
    if (reach->count > 0) {
        memcpy(queue, reach->queue, reach->count * sizeof *queue);
    }
    memset(table, 0, 2 * (size_t)capacity * sizeof *table);
    reach->queue = queue;
    reach->table = table;
    reach->capacity = capacity;
    reach->table_size = 2 * capacity;
    for (uint32_t i = 0; i < reach->count; i++) {
        *find(reach, queue[i].vertex) = i + 1;
    }
    return STATUS_OK;
}

static enum status add(struct reach *reach, vertex_id vertex, uint32_t distance)
{
    if (reach->count == reach->capacity) {
        TRY(grow(reach));
    }
    uint32_t *slot = find(reach, vertex);
    if (*slot == 0) {
        reach->queue[reach->count++] = (struct reached){vertex, distance};
        *slot = reach->count;
    } else if (vertex == reach->goal && reach->goal_cycle == UINT32_MAX) {
        reach->goal_cycle = distance;
    }
    return STATUS_OK;
}

enum status reach_open(struct reach *reach, struct matching *matching,
                       const struct pattern_step *step, enum ast_direction direction,
                       vertex_id goal, uint64_t links_max)
{
    *reach = (struct reach){.matching = matching,
                            .step = step != NULL && step_tests_hops(step) ? step : NULL,
                            .direction = direction,
                            .goal = goal,
                            .goal_cycle = UINT32_MAX,
                            .links_left = links_max};
    return add(reach, goal, 0);
}

/* Whether some flow of the link may be a hop. */
static enum pushed has_hop(struct reach *reach, const struct hops *hops, bool *has)
{
    struct matching *matching = reach->matching;
    *has = reach->step == NULL;
    for (uint32_t flow = hops->next_flow; flow < hops->flow_end && !*has; flow++) {
        matching->run->flows_visited++;
        if (!run_continues(matching->run) ||
            match_hop(matching, reach->step, edge_id_of(hops->partition->index, flow), has) !=
                STATUS_OK) {
            return PUSHED_FAILED;
        }
    }
    return PUSHED_MORE;
}

static enum pushed expand(struct reach *reach, struct reached from)
{
    struct hops hops;
    hops_open(&hops, reach->matching->frame, from.vertex, reach->direction, VERTEX_NONE);
    while (hops_next_link(&hops) && reach->links_left > 0) {
        bool has = false;
        reach->links_left--;
        reach->matching->run->links_visited++;
        if (!run_continues(reach->matching->run) || has_hop(reach, &hops, &has) != PUSHED_MORE ||
            (has && add(reach, hops.other, from.distance + 1) != STATUS_OK)) {
            return PUSHED_FAILED;
        }
    }
    return PUSHED_MORE;
}

enum pushed reach_extend(struct reach *reach, uint32_t distance)
{
    while (reach->next < reach->count && reach->queue[reach->next].distance < distance) {
        if (reach->links_left == 0) {
            return PUSHED_MORE;
        }
        struct reached from = reach->queue[reach->next];
        if (expand(reach, from) != PUSHED_MORE) {
            return PUSHED_FAILED;
        }
        reach->next += reach->links_left > 0;
        /* What lies a hop from here is known when all at this distance have been looked at. */
        reach->known =
            reach->next < reach->count ? reach->queue[reach->next].distance : from.distance + 1;
    }
    reach->is_whole = reach->next == reach->count;
    return PUSHED_MORE;
}

uint32_t reach_distance(const struct reach *reach, vertex_id vertex)
{
    uint32_t position = *find(reach, vertex);
    if (position != 0) {
        return reach->queue[position - 1].distance;
    }
    return reach->is_whole ? UINT32_MAX : reach->known + 1;
}
