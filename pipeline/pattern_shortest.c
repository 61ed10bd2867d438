/* shortestPath and allShortestPaths: walks of so many hops as a search backward says are needed
 * at least; of one hop more, and so on, as long as none of these is as the pattern and the
 * conditions on the path want it. So the path that is found is the shortest for which the
 * conditions hold. */
#include "pipeline/pattern_match.h"

/* The hops of a single relationship are one. */
static int64_t hops_least(const struct pattern_edge *edge)
{
    return edge->is_variable ? edge->least : 1;
}

static int64_t hops_most(const struct pattern_edge *edge)
{
    return edge->is_variable ? edge->most : 1;
}

static bool is_single(const struct pattern *pattern, uint32_t edge)
{
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        const struct pattern_path *path = &pattern->paths[i];
        if (edge >= path->first_edge && edge - path->first_edge < path->edge_count) {
            return path->shortest == AST_SHORTEST;
        }
    }
    return false;
}

/* No walk from `start` to the goal has fewer hops. */
static int64_t least_hops(const struct reach *reach, vertex_id start, int64_t least)
{
    if (start != reach->goal) {
        uint32_t distance = reach_distance(reach, start);
        return distance == UINT32_MAX ? AST_HOPS_UNBOUNDED : distance > least ? distance : least;
    }
    if (least <= 0) {
        return 0;
    }
    if (reach->goal_cycle != UINT32_MAX) {
        return reach->goal_cycle > least ? reach->goal_cycle : least;
    }
    return reach->is_whole                     ? AST_HOPS_UNBOUNDED
           : (int64_t)reach->known + 1 > least ? (int64_t)reach->known + 1
                                               : least;
}

/* Walks of ever more hops, until some are found or there can be none. */
static enum pushed match_pair(struct matching *matching, uint32_t index, struct reach *reach,
                              vertex_id start, bool is_from_left)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    int64_t most = hops_most(edge);
    struct walk walk = {.matching = matching,
                        .step = index,
                        .is_from_left = is_from_left,
                        .start = start,
                        .goal = reach->goal,
                        .reach = reach,
                        .is_first_only = is_single(matching->pattern, step->element),
                        .was_cut = true};
    int64_t hops = least_hops(reach, start, hops_least(edge));
    while (hops <= most && hops != AST_HOPS_UNBOUNDED && walk.was_cut && !walk.has_passed) {
        walk.least = hops;
        walk.most = hops;
        walk.was_cut = hops == 0;
        enum pushed pushed = walk_run(&walk);
        if (pushed != PUSHED_MORE) {
            return pushed;
        }
        hops++;
        int64_t next = least_hops(reach, start, hops);
        hops = next > hops ? next : hops;
    }
    return PUSHED_MORE;
}

/* Each vertex that the goal can be reached from, the nearest first. */
static enum pushed match_reached(struct matching *matching, uint32_t index, struct reach *reach,
                                 uint32_t other, bool is_from_left)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    enum pushed pushed = PUSHED_MORE;
    for (uint32_t i = 0; i < reach->count && pushed == PUSHED_MORE; i++) {
        struct pool_mark mark = pool_mark(&matching->run->pool);
        bool holds = false;
        (void)match_vertex(matching, other, false, reach->queue[i].vertex);
        if (match_checks(matching, &step->vertex_checks, &holds) != STATUS_OK) {
            pushed = PUSHED_FAILED;
        } else if (holds) {
            pushed = match_pair(matching, index, reach, reach->queue[i].vertex, is_from_left);
        }
        pool_release(&matching->run->pool, mark);
    }
    return pushed;
}

/* The goal is an end that is bound; walks start at the other one. */
static enum pushed match_ends(struct matching *matching, uint32_t index)
{
    const struct pattern_step *step = &matching->plan->steps[index];
    const struct pattern_edge *edge = &matching->pattern->edges[step->element];
    const struct value *row = matching->run->row;
    bool is_from_left = !step->has_left || step->has_right;
    uint32_t goal = is_from_left ? edge->right : edge->left;
    uint32_t other = is_from_left ? edge->left : edge->right;
    int64_t most = hops_most(edge);
    struct reach reach;
    if (reach_open(&reach, matching, step, step_direction(edge, !is_from_left),
                   row[matching->pattern->vertices[goal].slot].vertex, UINT64_MAX) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    uint32_t distance_max = step->is_impossible     ? 0
                            : most > UINT32_MAX - 1 ? UINT32_MAX - 1
                                                    : (uint32_t)most;
    bool is_open = !(step->has_left && step->has_right) && edge->left != edge->right;
    if (is_open) {
        return reach_extend(&reach, distance_max) == PUSHED_MORE
                   ? match_reached(matching, index, &reach, other, is_from_left)
                   : PUSHED_FAILED;
    }
    vertex_id start = row[matching->pattern->vertices[other].slot].vertex;
    bool holds = false;
    for (uint32_t distance = 1;
         distance <= distance_max && !reach.is_whole && least_hops(&reach, start, 1) >= distance;
         distance++) {
        if (reach_extend(&reach, distance) != PUSHED_MORE) {
            return PUSHED_FAILED;
        }
    }
    if (match_checks(matching, &step->vertex_checks, &holds) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    return holds ? match_pair(matching, index, &reach, start, is_from_left) : PUSHED_MORE;
}

enum pushed match_shortest(struct matching *matching, uint32_t index)
{
    struct pool_mark mark = pool_mark(&matching->run->pool);
    enum pushed pushed = match_ends(matching, index);
    pool_release(&matching->run->pool, mark);
    return pushed;
}
