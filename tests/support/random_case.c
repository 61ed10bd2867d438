/* Draws cases; case_text.c writes them down. */
#include "tests/support/random_case.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

const char *const case_names[CASE_NAMES] = {
    "10.0.0.1",          "147.32.84.165", "fe80::1",         "10.0.0.2",
    "00:11:22:33:44:55", "host-a",        "192.168.100.100", "2001:db8::2",
};

static const char *const protocols[] = {"tcp", "udp", "icmp", NULL};

static void draw_flows(struct random_case *drawn, uint64_t *state);
static void draw_pattern(struct oracle_query *query, uint64_t *state);
static void draw_clause(struct oracle_clause *clause, const struct oracle_query *query,
                        uint64_t *state);

uint64_t random_next(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

int random_below(uint64_t *state, int bound)
{
    return (int)(random_next(state) % (uint64_t)bound);
}

void case_draw(struct random_case *drawn, uint64_t seed)
{
    uint64_t state = seed;
    memset(drawn, 0, sizeof(*drawn));
    drawn->seed = seed;
    draw_pattern(&drawn->query, &state);
    draw_flows(drawn, &state);
    struct oracle_query *query = &drawn->query;
    static const int clause_counts[] = {0, 0, 1, 1, 1, 2, 2, 2, 3, 4};
    query->clause_count = clause_counts[random_below(&state, 10)];
    for (int clause = 0; clause < query->clause_count; clause++) {
        draw_clause(&query->clauses[clause], query, &state);
    }
    query->form = random_below(&state, 2) == 0
                      ? ORACLE_ROWS
                      : (enum oracle_form)random_below(&state, ORACLE_FORMS);
    query->limit = -1;
    if ((query->form == ORACLE_ROWS || query->form == ORACLE_TOP) && random_below(&state, 4) == 0) {
        query->skip = random_below(&state, 3);
        query->limit = random_below(&state, 10);
    }
}

void case_drop_flow(struct random_case *drawn, int flow)
{
    drawn->flow_count--;
    memmove(&drawn->flows[flow], &drawn->flows[flow + 1],
            (size_t)(drawn->flow_count - flow) * sizeof(drawn->flows[0]));
}

void case_drop_clause(struct random_case *drawn, int clause)
{
    struct oracle_query *query = &drawn->query;
    query->clause_count--;
    memmove(&query->clauses[clause], &query->clauses[clause + 1],
            (size_t)(query->clause_count - clause) * sizeof(query->clauses[0]));
}

/* How the times of a case lie: often equal, close, or far apart. */
static int64_t draw_time(int spread, uint64_t *state)
{
    switch (spread) {
    case 0:
        return 0;
    case 1:
        return random_below(state, 5) * SECOND;
    case 2:
        return random_below(state, 40) * (SECOND / 2);
    default:
        return random_below(state, 7200) * SECOND + random_below(state, 1000000) * INT64_C(1000);
    }
}

/* The more edges a pattern has, the fewer flows, so that matches stay few enough to enumerate. */
static void draw_flows(struct random_case *drawn, uint64_t *state)
{
    static const int flows_max[] = {60, 60, 60, 40, 24, 16, 12, 10, 9};
    static const double durations[] = {0, 0.1, 0.25, 1, 2.5, 10, 100.000001, 3599.5};
    int name_count = 2 + random_below(state, CASE_NAMES - 1);
    int null_odds = random_below(state, 3) == 0 ? 3 : 12;
    int spread = random_below(state, 8);
    spread = spread > 3 ? 2 : spread;
    bool has_hubs = random_below(state, 3) == 0;
    drawn->flow_count = 1 + random_below(state, flows_max[drawn->query.edge_count]);
    for (int index = 0; index < drawn->flow_count; index++) {
        struct oracle_flow *flow = &drawn->flows[index];
        bool is_hub = has_hubs && random_below(state, 2) == 0;
        flow->source = random_below(state, is_hub ? 2 : name_count);
        flow->target = random_below(state, name_count);
        flow->time_ns = draw_time(spread, state);
        flow->has_duration = random_below(state, null_odds) != 0;
        flow->duration = durations[random_below(state, 8)];
        flow->protocol =
            random_below(state, null_odds) != 0 ? protocols[random_below(state, 3)] : NULL;
        flow->has_bytes = random_below(state, null_odds) != 0;
        flow->bytes = random_below(state, 20) == 0 ? INT64_C(10000000000) : random_below(state, 12);
        if (!flow->has_bytes) {
            flow->bytes = 0;
        }
    }
}

/* Numbers the vertices in the order of their first appearance. */
static void renumber_vertices(struct oracle_query *query)
{
    int numbers[ORACLE_VERTICES_MAX];
    memset(numbers, -1, sizeof(numbers));
    query->vertex_count = 0;
    for (int edge = 0; edge < query->edge_count; edge++) {
        int *ends[] = {&query->edges[edge].source, &query->edges[edge].target};
        for (int end = 0; end < 2; end++) {
            int *number = &numbers[*ends[end]];
            if (*number < 0) {
                *number = query->vertex_count++;
            }
            *ends[end] = *number;
        }
    }
}

static void shuffle_edges(struct oracle_query *query, uint64_t *state)
{
    for (int edge = query->edge_count - 1; edge > 0; edge--) {
        int other = random_below(state, edge + 1);
        struct oracle_edge moving = query->edges[edge];
        query->edges[edge] = query->edges[other];
        query->edges[other] = moving;
    }
}

static struct oracle_edge draw_edge(int shape, int edge, int edge_count, uint64_t *state)
{
    switch (shape) {
    case 0: /* a path */
        return (struct oracle_edge){.source = edge, .target = edge + 1};
    case 1: /* a cycle */
    case 2:
        return (struct oracle_edge){.source = edge, .target = (edge + 1) % edge_count};
    case 3: /* stars, out of the middle and into it */
        return (struct oracle_edge){.source = 0, .target = edge + 1};
    case 4:
        return (struct oracle_edge){.source = edge + 1, .target = 0};
    case 5: /* separate parts of two edges each */
        return (struct oracle_edge){.source = edge + edge / 2, .target = edge + edge / 2 + 1};
    default: /* anything, repeated vertices and self-loops too */
        return (struct oracle_edge){.source = random_below(state, 4),
                                    .target = random_below(state, 4)};
    }
}

/* In a third of the cases some edges, or all, become undirected. */
static void draw_directions(struct oracle_query *query, uint64_t *state)
{
    int odds = random_below(state, 3) == 0 ? 1 + random_below(state, 3) : 0;
    for (int edge = 0; edge < query->edge_count && odds > 0; edge++) {
        query->edges[edge].is_undirected = random_below(state, odds) == 0;
    }
}

static void draw_pattern(struct oracle_query *query, uint64_t *state)
{
    static const int edge_counts[] = {1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5};
    int shape = random_below(state, 9);
    query->edge_count = edge_counts[random_below(state, 12)];
    for (int edge = 0; edge < query->edge_count; edge++) {
        query->edges[edge] = draw_edge(shape, edge, query->edge_count, state);
        if (shape < 5 && random_below(state, 6) == 0) {
            int source = query->edges[edge].source;
            query->edges[edge].source = query->edges[edge].target;
            query->edges[edge].target = source;
        }
    }
    draw_directions(query, state);
    if (random_below(state, 2) == 0) {
        shuffle_edges(query, state);
    }
    renumber_vertices(query);
    if (random_below(state, 10) == 0) {
        int first_of_second = random_below(state, query->edge_count + 1);
        for (int edge = first_of_second; edge < query->edge_count; edge++) {
            query->edges[edge].match = first_of_second > 0 ? 1 : 0;
        }
    }
}

static int64_t draw_number(enum oracle_kind kind, uint64_t *state)
{
    switch (kind) {
    case ORACLE_TIME_DIFFERENCE:
        return random_below(state, 2) == 0 ? 0 : (random_below(state, 24) - 4) * (SECOND / 2);
    case ORACLE_BYTES_SUM:
        return random_below(state, 24);
    case ORACLE_DURATION_RATIO:
        return 1 + random_below(state, 10);
    case ORACLE_VERTEX_NAME:
    case ORACLE_SOURCE_NAME:
        return random_below(state, CASE_NAMES);
    case ORACLE_BYTES:
    case ORACLE_BYTES_PAIR:
    case ORACLE_BYTES_IS_NULL:
    case ORACLE_PROTOCOL:
    case ORACLE_PROTOCOL_PAIR:
    case ORACLE_VERTEX_PAIR:
    case ORACLE_KINDS:
        break;
    }
    return random_below(state, 12);
}

static void draw_literal(struct oracle_literal *literal, const struct oracle_query *query,
                         uint64_t *state)
{
    /* Times matter most, and single flows next. */
    static const enum oracle_kind kinds[] = {
        ORACLE_TIME_DIFFERENCE, ORACLE_TIME_DIFFERENCE, ORACLE_TIME_DIFFERENCE,
        ORACLE_TIME_DIFFERENCE, ORACLE_BYTES,           ORACLE_BYTES,
        ORACLE_BYTES_PAIR,      ORACLE_BYTES_SUM,       ORACLE_BYTES_IS_NULL,
        ORACLE_DURATION_RATIO,  ORACLE_PROTOCOL,        ORACLE_PROTOCOL,
        ORACLE_PROTOCOL_PAIR,   ORACLE_VERTEX_PAIR,     ORACLE_VERTEX_NAME,
        ORACLE_SOURCE_NAME,
    };
    literal->kind = kinds[random_below(state, (int)(sizeof(kinds) / sizeof(kinds[0])))];
    bool is_of_vertices =
        literal->kind == ORACLE_VERTEX_PAIR || literal->kind == ORACLE_VERTEX_NAME;
    int count = is_of_vertices ? query->vertex_count : query->edge_count;
    literal->left = random_below(state, count);
    literal->right = random_below(state, count);
    if (literal->right == literal->left && count > 1) {
        literal->right = (literal->left + 1) % count;
    }
    literal->comparison = (enum oracle_comparison)random_below(state, ORACLE_COMPARISONS);
    if (literal->kind == ORACLE_TIME_DIFFERENCE && random_below(state, 2) == 0) {
        literal->comparison = (enum oracle_comparison)random_below(state, 2);
    }
    if (is_of_vertices || literal->kind == ORACLE_PROTOCOL || literal->kind == ORACLE_SOURCE_NAME) {
        literal->comparison = random_below(state, 2) == 0 ? ORACLE_EQUAL : ORACLE_NOT_EQUAL;
    }
    literal->number = draw_number(literal->kind, state);
    literal->text = protocols[random_below(state, 3)];
    literal->is_negated = random_below(state, 8) == 0;
}

static void draw_clause(struct oracle_clause *clause, const struct oracle_query *query,
                        uint64_t *state)
{
    clause->literal_count = random_below(state, 4) == 0 ? 2 + random_below(state, 2) : 1;
    for (int literal = 0; literal < clause->literal_count; literal++) {
        draw_literal(&clause->literals[literal], query, state);
    }
    /* Three literals on one field are what IN says. */
    if (clause->literal_count == ORACLE_LITERALS_MAX && random_below(state, 2) == 0) {
        for (int literal = 0; literal < clause->literal_count; literal++) {
            clause->literals[literal] =
                (struct oracle_literal){.kind = ORACLE_BYTES,
                                        .comparison = ORACLE_EQUAL,
                                        .left = clause->literals[0].left % query->edge_count,
                                        .number = random_below(state, 12)};
        }
    }
}
