/* Drawing and solving; see pattern_case.h. */
#include "tests/support/pattern_case.h"

#include <string.h>

const char *const case_hosts[CASE_HOSTS] = {"10.0.0.1", "fe80::1", "host-a", "10.0.0.2",
                                            "10.9.9.9"};

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint32_t draw(uint64_t *state, uint32_t bound)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash_mix(*state) % bound);
}

static bool chance(uint64_t *state, uint32_t percent)
{
    return draw(state, 100) < percent;
}

static void draw_rows(struct pattern_case *drawn, uint64_t *state)
{
    uint32_t hosts = chance(state, 60) ? 2 + draw(state, 2) : CASE_HOSTS;
    drawn->row_count = chance(state, 80) ? CASE_ROWS_MAX : 1 + draw(state, CASE_ROWS_MAX);
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        int source = (int)draw(state, hosts);
        int target = (int)draw(state, hosts);
        drawn->row_hosts[i][0] = source;
        drawn->row_hosts[i][1] = target;
        drawn->rows[i] =
            (struct tiny_row){.source = case_hosts[source],
                              .target = case_hosts[target],
                              .time = draw(state, 6),
                              .packets = chance(state, 15) ? TINY_NULL : (int64_t)draw(state, 3),
                              .duration = 1,
                              .protocol = "tcp"};
    }
}

/* A host that the graph has. */
static int draw_host(const struct pattern_case *drawn, uint64_t *state)
{
    return drawn->row_hosts[draw(state, drawn->row_count)][draw(state, 2)];
}

static void draw_vertices(struct pattern_case *drawn, uint64_t *state)
{
    drawn->vertex_count = 1 + draw(state, CASE_VERTICES_MAX);
    for (uint32_t i = 0; i < drawn->vertex_count; i++) {
        drawn->vertices[i] = (struct case_vertex){
            .is_bound = chance(state, 8),
            .host = chance(state, 10) ? CASE_NO_WISH : draw_host(drawn, state),
            .wished_host = chance(state, 4) ? (int)draw(state, CASE_HOSTS) : CASE_NO_WISH,
            .label = drawn->has_labels && chance(state, 30) ? (int)draw(state, 2) : CASE_NO_WISH};
    }
}

static struct case_edge draw_edge(const struct pattern_case *drawn, uint64_t *state, uint32_t left,
                                  uint32_t right)
{
    struct case_edge edge = {.left = left,
                             .right = right,
                             .direction = (enum ast_direction)draw(state, 3),
                             .is_variable = chance(state, 35),
                             .least = 1,
                             .most = 1,
                             .is_bound = chance(state, 8),
                             .wished_packets =
                                 chance(state, 10) ? (int)draw(state, 3) : CASE_NO_WISH,
                             .is_map = chance(state, 30),
                             .packets_most = CASE_NO_WISH,
                             .window_ns = INT64_MAX};
    if (edge.is_variable) {
        edge.least = draw(state, 3);
        edge.most = chance(state, 30) ? AST_HOPS_UNBOUNDED : edge.least + draw(state, 3);
        edge.packets_most = chance(state, 20) ? (int)draw(state, 3) : CASE_NO_WISH;
        edge.is_ascending = !drawn->has_labels && chance(state, 35);
        edge.is_strict = edge.is_ascending && chance(state, 50);
        edge.is_hinted = chance(state, 30) || edge.least == 0;
        edge.window_ns = edge.is_ascending && chance(state, 50) ? draw(state, 4) : INT64_MAX;
    }
    edge.type_count = drawn->has_labels && chance(state, 40) ? 1 + draw(state, 2) : 0;
    for (uint32_t i = 0; i < 2; i++) {
        edge.types[i] = chance(state, 10) ? CASE_NO_WISH : (int)draw(state, 2);
    }
    edge.bound_count = edge.is_variable ? draw(state, 4) : 1;
    for (uint32_t i = 0; i < 3; i++) {
        edge.bound_rows[i] = (int)draw(state, drawn->row_count);
    }
    edge.bound_rows[1] = chance(state, 20) ? edge.bound_rows[0] : edge.bound_rows[1];
    edge.bound_rows[0] = chance(state, 10) ? CASE_NO_WISH : edge.bound_rows[0];
    return edge;
}

static void draw_paths(struct pattern_case *drawn, uint64_t *state)
{
    drawn->path_count = chance(state, 60) ? 1 : 1 + draw(state, CASE_PATHS_MAX);
    for (uint32_t i = 0; i < drawn->path_count; i++) {
        struct case_path *path = &drawn->paths[i];
        uint32_t vertex = draw(state, drawn->vertex_count);
        *path = (struct case_path){
            .vertex = vertex, .first_edge = drawn->edge_count, .is_named = chance(state, 40)};
        uint32_t edge_count = chance(state, 20) ? 3 : draw(state, 3);
        while (path->edge_count < edge_count && drawn->edge_count < CASE_EDGES_MAX) {
            uint32_t right = draw(state, drawn->vertex_count);
            drawn->edges[drawn->edge_count++] = draw_edge(drawn, state, vertex, right);
            vertex = right;
            path->edge_count++;
        }
    }
    struct case_path *last = &drawn->paths[drawn->path_count - 1];
    if (last->edge_count == 1 && chance(state, 60)) {
        last->shortest = chance(state, 50) ? AST_SHORTEST : AST_ALL_SHORTEST;
        drawn->edges[last->first_edge].is_bound = false;
    }
}

/* Every vertex has to be part of some path. */
static void place_vertices(struct pattern_case *drawn)
{
    bool is_placed[CASE_VERTICES_MAX] = {false};
    for (uint32_t i = 0; i < drawn->edge_count; i++) {
        is_placed[drawn->edges[i].left] = true;
        is_placed[drawn->edges[i].right] = true;
    }
    for (uint32_t i = 0; i < drawn->path_count; i++) {
        is_placed[drawn->paths[i].vertex] = true;
    }
    for (uint32_t i = 0; i < drawn->vertex_count; i++) {
        if (!is_placed[i]) {
            drawn->vertices[i].is_bound = true;
        }
    }
}

static bool condition_fits(const struct pattern_case *drawn, const struct case_condition *condition)
{
    uint32_t left = condition->left;
    uint32_t right = condition->right;
    switch (condition->kind) {
    case CASE_KEY:
    case CASE_KEY_IN:
        return left < drawn->vertex_count;
    case CASE_SAME:
    case CASE_DIFFERENT:
        return left < drawn->vertex_count && right < drawn->vertex_count;
    case CASE_SOURCE_KEY:
        return left < drawn->vertex_count && right < drawn->edge_count &&
               !drawn->edges[right].is_variable;
    case CASE_PACKETS:
    case CASE_TIME:
        return left < drawn->edge_count && !drawn->edges[left].is_variable;
    case CASE_TIMES:
    case CASE_DIFFERENCE:
        return left < drawn->edge_count && right < drawn->edge_count &&
               !drawn->edges[left].is_variable && !drawn->edges[right].is_variable;
    case CASE_LENGTH:
        return left < drawn->path_count && drawn->paths[left].is_named;
    case CASE_SIZE:
        return left < drawn->edge_count && drawn->edges[left].is_variable;
    case CASE_CONDITION_KINDS:
        break;
    }
    return false;
}

static void draw_conditions(struct pattern_case *drawn, uint64_t *state)
{
    uint32_t wanted = draw(state, CASE_CONDITIONS_MAX + 1);
    for (uint32_t i = 0; i < wanted; i++) {
        struct case_condition condition = {
            .kind = (enum case_condition_kind)draw(state, CASE_CONDITION_KINDS),
            .operator=(enum ast_kind)(AST_LESS + (int)draw(state, 4)),
            .is_turned = chance(state, 50),
            .left = draw(state, 4),
            .right = draw(state, 4),
            .value = draw(state, 4),
            .other = draw(state, CASE_HOSTS)};
        if (chance(state, 10) || condition.kind == CASE_DIFFERENCE) {
            condition.operator= AST_EQUAL; /* durations have no order */
        }
        if (condition_fits(drawn, &condition)) {
            drawn->conditions[drawn->condition_count++] = condition;
        }
    }
}

void pattern_case_draw(struct pattern_case *drawn, uint64_t seed)
{
    uint64_t state = seed;
    *drawn = (struct pattern_case){.seed = seed, .has_labels = chance(&state, 40)};
    draw_rows(drawn, &state);
    draw_vertices(drawn, &state);
    draw_paths(drawn, &state);
    place_vertices(drawn);
    draw_conditions(drawn, &state);
}

uint32_t pattern_case_shortest(const struct pattern_case *drawn)
{
    const struct case_path *last = &drawn->paths[drawn->path_count - 1];
    return last->shortest == AST_ANY_LENGTH ? CASE_EDGES_MAX : last->first_edge;
}

bool pattern_case_keeps_hints(const struct pattern_case *drawn, const struct case_match *match)
{
    for (uint32_t i = 0; i < drawn->edge_count; i++) {
        const struct case_edge *edge = &drawn->edges[i];
        for (uint32_t j = 0; j < match->lengths[i]; j++) {
            const struct tiny_row *row = &drawn->rows[match->rows[i][j]];
            if (edge->packets_most != CASE_NO_WISH &&
                (row->packets == TINY_NULL || row->packets > edge->packets_most)) {
                return false;
            }
            const struct tiny_row *before = &drawn->rows[match->rows[i][j == 0 ? 0 : j - 1]];
            const struct tiny_row *first = &drawn->rows[match->rows[i][0]];
            if (j > 0 && edge->is_ascending &&
                (row->time < before->time || (edge->is_strict && row->time == before->time) ||
                 row->time - first->time > edge->window_ns)) {
                return false;
            }
        }
    }
    return true;
}
