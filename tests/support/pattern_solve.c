/* The slow solver of pattern_case.h. */
#include <string.h>

#include "tests/support/pattern_case.h"

struct solver {
    const struct pattern_case *drawn;
    struct case_matches *matches;
    struct case_match match;
    bool is_host[CASE_HOSTS];
    uint32_t used; /* bits of rows */
    uint32_t steps;
    bool is_beyond;
};

static bool compare(enum ast_kind operator, int64_t left, int64_t right)
{
    switch ((int)operator) {
    case AST_EQUAL:
        return left == right;
    case AST_LESS:
        return left < right;
    case AST_LESS_EQUAL:
        return left <= right;
    case AST_GREATER:
        return left > right;
    default:
        return left >= right;
    }
}

static bool condition_holds(const struct solver *solver, const struct case_condition *condition)
{
    const struct pattern_case *drawn = solver->drawn;
    const struct case_match *match = &solver->match;
    uint32_t left = condition->left;
    uint32_t right = condition->right;
    int64_t length = 0;
    switch (condition->kind) {
    case CASE_KEY:
        return match->hosts[left] == condition->value;
    case CASE_KEY_IN:
        return match->hosts[left] == condition->value || match->hosts[left] == condition->other;
    case CASE_SAME:
        return match->hosts[left] == match->hosts[right];
    case CASE_DIFFERENT:
        return match->hosts[left] != match->hosts[right];
    case CASE_SOURCE_KEY:
        return match->hosts[left] == drawn->row_hosts[match->rows[right][0]][0];
    case CASE_PACKETS:
        return drawn->rows[match->rows[left][0]].packets != TINY_NULL &&
               compare(condition->operator, drawn->rows[match->rows[left][0]].packets,
                       condition->value);
    case CASE_TIME:
        return compare(condition->operator, drawn->rows[match->rows[left][0]].time,
                       condition->value);
    case CASE_TIMES:
    case CASE_DIFFERENCE:
        return compare(condition->operator, drawn->rows[match->rows[left][0]].time,
                       drawn->rows[match->rows[right][0]].time + condition->value);
    case CASE_LENGTH:
        for (uint32_t i = 0; i < drawn->paths[left].edge_count; i++) {
            length += match->lengths[drawn->paths[left].first_edge + i];
        }
        return compare(condition->operator, length, condition->value);
    case CASE_SIZE:
        return compare(condition->operator, match->lengths[left], condition->value);
    case CASE_CONDITION_KINDS:
        break;
    }
    return false;
}

static void keep_match(struct solver *solver)
{
    if (!pattern_case_keeps_hints(solver->drawn, &solver->match)) {
        return;
    }
    for (uint32_t i = 0; i < solver->drawn->condition_count; i++) {
        if (!condition_holds(solver, &solver->drawn->conditions[i])) {
            return;
        }
    }
    if (solver->matches->count == CASE_MATCHES_MAX) {
        solver->is_beyond = true;
        return;
    }
    solver->matches->matches[solver->matches->count++] = solver->match;
}

static void solve_edge(struct solver *solver, uint32_t index);

static bool row_is_wished(const struct solver *solver, uint32_t index, uint32_t row)
{
    const struct case_edge *edge = &solver->drawn->edges[index];
    uint32_t length = solver->match.lengths[index];
    bool has_type = edge->type_count == 0;
    for (uint32_t i = 0; i < edge->type_count; i++) {
        has_type = has_type ||
                   (edge->types[i] != CASE_NO_WISH && case_row_has_type((int)row, edge->types[i]));
    }
    return has_type && (solver->used >> row & 1) == 0 &&
           (edge->wished_packets == CASE_NO_WISH ||
            solver->drawn->rows[row].packets == edge->wished_packets) &&
           (!edge->is_bound || (edge->bound_rows[0] != CASE_NO_WISH && length < edge->bound_count &&
                                edge->bound_rows[length] == (int)row));
}

/* Where the row leads from `host`, along the direction of the edge; -1: nowhere. */
static int led_to(const struct solver *solver, enum ast_direction direction, uint32_t row, int host)
{
    int source = solver->drawn->row_hosts[row][0];
    int target = solver->drawn->row_hosts[row][1];
    if (direction != AST_LEFT && source == host) {
        return target;
    }
    return direction != AST_RIGHT && target == host ? source : -1;
}

/* The edge's walk is at `host`. */
static void solve_walk(struct solver *solver, uint32_t index, int host)
{
    const struct case_edge *edge = &solver->drawn->edges[index];
    struct case_match *match = &solver->match;
    uint32_t length = match->lengths[index];
    if (solver->steps++ > CASE_STEPS_MAX) {
        solver->is_beyond = true;
        return;
    }
    bool is_whole =
        !edge->is_bound || (edge->bound_rows[0] != CASE_NO_WISH && length == edge->bound_count);
    if (length >= edge->least && host == match->hosts[edge->right] && is_whole) {
        solve_edge(solver, index + 1);
    }
    for (uint32_t row = 0; row < solver->drawn->row_count && length < edge->most; row++) {
        int next = led_to(solver, edge->direction, row, host);
        if (next >= 0 && row_is_wished(solver, index, row) && !solver->is_beyond) {
            solver->used |= UINT32_C(1) << row;
            match->rows[index][length] = (int8_t)row;
            match->lengths[index]++;
            solve_walk(solver, index, next);
            match->lengths[index]--;
            match->rows[index][length] = 0;
            solver->used &= ~(UINT32_C(1) << row);
        }
    }
}

/* Of the matches from `first` on, which differ in the shortest path only, those that are. */
static void keep_shortest(struct solver *solver, uint32_t edge, uint32_t first)
{
    struct case_matches *matches = solver->matches;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = first; i < matches->count; i++) {
        uint32_t length = matches->matches[i].lengths[edge];
        least = length < least ? length : least;
    }
    uint32_t count = first;
    for (uint32_t i = first; i < matches->count; i++) {
        if (matches->matches[i].lengths[edge] == least) {
            matches->matches[count++] = matches->matches[i];
        }
    }
    matches->count = count;
}

static void solve_edge(struct solver *solver, uint32_t index)
{
    if (index == solver->drawn->edge_count) {
        keep_match(solver);
        return;
    }
    uint32_t first = solver->matches->count;
    solve_walk(solver, index, solver->match.hosts[solver->drawn->edges[index].left]);
    if (index == pattern_case_shortest(solver->drawn)) {
        keep_shortest(solver, index, first);
    }
}

static void solve_vertex(struct solver *solver, uint32_t index)
{
    if (index == solver->drawn->vertex_count) {
        solve_edge(solver, 0);
        return;
    }
    const struct case_vertex *vertex = &solver->drawn->vertices[index];
    for (int host = 0; host < CASE_HOSTS && !solver->is_beyond; host++) {
        if (solver->is_host[host] && (!vertex->is_bound || vertex->host == host) &&
            (vertex->wished_host == CASE_NO_WISH || vertex->wished_host == host) &&
            (vertex->label == CASE_NO_WISH || case_host_has_label(host, vertex->label))) {
            solver->match.hosts[index] = (int8_t)host;
            solve_vertex(solver, index + 1);
        }
    }
}

bool pattern_case_solve(const struct pattern_case *drawn, struct case_matches *matches)
{
    struct solver solver = {.drawn = drawn, .matches = matches};
    matches->count = 0;
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        solver.is_host[drawn->row_hosts[i][0]] = true;
        solver.is_host[drawn->row_hosts[i][1]] = true;
    }
    solve_vertex(&solver, 0);
    return !solver.is_beyond;
}
