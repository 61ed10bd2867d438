/* Walks that list the links with a flow in time find what walks along all links find, in the same
 * order, looking at the same flows. GYRE_PROPERTY_CASES chooses how many queries, and
 * GYRE_PROPERTY_SEED other ones of other flows. */
#include "pipeline/pattern_timed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "pipeline/flow_entities.h"
#include "query/parse.h"
#include "tests/support/chosen.h"
#include "tests/support/drawn_graph.h"
#include "tests/support/suite.h"
#include "value/compare.h"

/* Hubs have links enough, and are visited often enough, for their flows to be put in order without
 * being told. */
enum {
    FLOWS = 3000,
    ADDRESSES = 250,
    HUBS = 3,
    SECONDS = 600,
    QUERIES = 60,
    TEXT_BYTES = 1024,
    ROWS_MAX = 20000,
};

static char path[] = "/tmp/gyre-test-timed-XXXXXX";
static uint64_t seed;
static uint32_t query_count;

static bool write_flows(FILE *file)
{
    return write_drawn(file, (struct drawn_flows){seed, FLOWS, ADDRESSES, HUBS, SECONDS});
}

static int open_all(void)
{
    seed = chosen_seed(11);
    query_count = (uint32_t)chosen_cases(QUERIES);
    return !open_drawn(path, write_flows);
}

static int close_all(void)
{
    return !close_drawn(path);
}

/* What a query came to. */
struct asked {
    enum status status;
    uint64_t row_count;
    uint64_t rows;        /* a hash of all rows, in their order */
    uint64_t rows_by_set; /* in any order */
    uint64_t flows_visited;
    uint64_t links_visited;
};

static void hash_answer(const struct answer *answer, struct asked *asked)
{
    asked->row_count = answer->row_count;
    for (uint64_t row = 0; row < answer->row_count; row++) {
        uint64_t hash = 0;
        for (uint32_t i = 0; i < answer->column_count; i++) {
            hash = hash_mix(hash ^ value_hash(answer_row(answer, row)[i]));
        }
        asked->rows = hash_mix(asked->rows ^ hash);
        asked->rows_by_set += hash;
    }
}

/* Of `asking_graph`, by the workers of `asking`. */
static struct asked ask(const char *text, enum timing timing, struct team *asking,
                        const struct graph *asking_graph)
{
    struct asked asked = {0};
    struct error error = {0};
    struct source source = {bytes_of(text), "test", &error};
    struct chain tree = {0};
    struct ast_queries queries = {0};
    struct compiled *compiled = NULL;
    struct answer *answer = NULL;
    struct match_statistics statistics = {0};
    struct entities entities = flow_entities(asking_graph, NULL);
    struct stop stop;
    stop_init(&stop, 0);
    struct run_options options = {
        .budget = &budget, .stop = &stop, .row_limit = ROWS_MAX, .team = asking, .timing = timing};
    struct value none = {.kind = VALUE_MAP};
    asked.status = parse_queries(&queries, &source, &tree);
    if (asked.status == STATUS_OK) {
        asked.status = compile_query(&compiled, queries.queries[0], &source, &entities, none);
    }
    if (asked.status == STATUS_OK) {
        asked.status = compiled_run(&answer, compiled, &options, &statistics, &error);
    }
    if (answer != NULL) {
        hash_answer(answer, &asked);
    } else {
        printf("\n%s\n  %s\n", text, error.text);
    }
    asked.flows_visited = statistics.flows_visited;
    asked.links_visited = statistics.links_visited;
    answer_close(answer);
    compiled_close(compiled);
    chain_close(&tree);
    return asked;
}

static const char *pick(uint64_t *state, const char *const *texts, uint32_t count)
{
    return texts[next_random(state) % count];
}

/* Walks whose start times ascend, from either end, between any vertices or told ones. */
static void draw_walk(uint64_t *state, char *text)
{
    static const char with_gaps[] = "ascending(es) AND all(i IN range(0, size(es) - 2) WHERE "
                                    "es[i + 1].StartTime <= es[i].StartTime + duration('PT2S'))";
    static const char *const edges[] = {"-[es*%d..%d]->", "<-[es*%d..%d]-", "-[es*%d..%d]-"};
    static const char *const orders[] = {
        "ascending(es)",
        "strictlyAscending(es)",
        with_gaps,
        "all(i IN range(0, size(es) - 2) WHERE es[i].StartTime <= es[i + 1].StartTime)",
    };
    static const char *const ends[] = {"", "", " AND a.IPAddr = '10.0.0.1'",
                                       " AND b.IPAddr = '10.0.0.2'",
                                       " AND a.IPAddr = '10.0.0.0' AND b.IPAddr = '10.0.0.2'"};
    char edge[64];
    uint32_t least = 1 + (uint32_t)(next_random(state) % 2);
    uint32_t most = least + (uint32_t)(next_random(state) % 3);
    const char *format = pick(state, edges, 3);
    const char *order = pick(state, orders, 4);
    const char *end = pick(state, ends, 5);
    snprintf(edge, sizeof edge, format, (int)least, (int)most);
    snprintf(text, TEXT_BYTES,
             "MATCH (a)%s(b) WHERE %s AND span(es) <= duration('PT%dS')%s RETURN a.IPAddr, "
             "b.IPAddr, [e IN es | [e.StartTime, e.TotBytes]]",
             edge, order, (int)(next_random(state) % 4), end);
}

/* Shortest walks whose start times ascend, from one vertex to each. */
static void draw_shortest(uint64_t *state, char *text)
{
    static const char *const starts[] = {"a", "b"};
    const char *start = pick(state, starts, 2);
    snprintf(text, TEXT_BYTES,
             "MATCH p = allShortestPaths((a)-[es*1..3]->(b)) WHERE %s.IPAddr = '10.0.0.%u' AND "
             "ascending(es) AND span(es) <= duration('PT%uS') RETURN a.IPAddr, b.IPAddr, "
             "[e IN es | [e.StartTime, e.TotBytes]]",
             start, (unsigned)(next_random(state) % HUBS), (unsigned)(next_random(state) % 20));
}

/* Single flows around the time of another one, or at a time. */
static void draw_edge(uint64_t *state, char *text)
{
    static const char *const edges[] = {"-[e2]->", "<-[e2]-", "-[e2]-"};
    static const char *const times[] = {
        "e2.StartTime >= e1.StartTime AND e2.StartTime <= e1.StartTime + duration('PT2S')",
        "e2.StartTime < e1.StartTime AND e2.StartTime > e1.StartTime - duration('PT3S')",
        "e2.StartTime = e1.StartTime",
        "e2.StartTime >= e1.StartTime + duration('PT9M')",
        "e2.StartTime >= datetime('2011-08-16T10:09:55Z') AND c <> a",
    };
    static const char *const clauses[] = {
        "MATCH (b)%s(c) WHERE %s RETURN a.IPAddr, e1.TotBytes, c.IPAddr, e2.TotBytes",
        "OPTIONAL MATCH (b)%s(c) WHERE %s RETURN a.IPAddr, e1.TotBytes, c.IPAddr, e2.TotBytes",
        "WITH * WHERE EXISTS { MATCH (b)%s(c) WHERE %s } RETURN a.IPAddr, e1.TotBytes",
        "RETURN a.IPAddr, COUNT { MATCH (b)%s(c) WHERE %s } AS n",
        "RETURN a.IPAddr, size([(b)%s(c) WHERE %s | e2]) AS n",
    };
    char clause[TEXT_BYTES / 2];
    const char *edge = pick(state, edges, 3);
    const char *time = pick(state, times, 5);
    snprintf(clause, sizeof clause, pick(state, clauses, 5), edge, time);
    snprintf(text, TEXT_BYTES, "MATCH (a)-[e1]->(b) WHERE e1.TotBytes < 75 %s", clause);
}

static void draw_query(uint32_t index, char *text)
{
    uint64_t state = seed + index;
    if (index % 8 == 0) {
        draw_shortest(&state, text);
    } else if (index % 2 == 0) {
        draw_walk(&state, text);
    } else {
        draw_edge(&state, text);
    }
}

static bool is_same(const struct asked *left, const struct asked *right)
{
    return left->status == right->status && left->row_count == right->row_count &&
           left->rows == right->rows;
}

static void rows_and_their_order_do_not_depend_on_the_order_of_time(void)
{
    uint64_t row_count = 0;
    char text[TEXT_BYTES];
    for (uint32_t i = 0; i < query_count; i++) {
        draw_query(i, text);
        struct asked never = ask(text, TIMING_NEVER, team, graph);
        struct asked always = ask(text, TIMING_ALWAYS, team, graph);
        struct asked by_effort = ask(text, TIMING_BY_EFFORT, team, graph);
        bool holds = is_same(&never, &always) && is_same(&never, &by_effort);
        if (!holds) {
            printf("\nseed %" PRIu64 ": %s\n", seed, text);
        }
        CU_ASSERT_TRUE(holds);
        CU_ASSERT_TRUE(never.status == STATUS_OK || never.status == STATUS_LIMIT);
        row_count += never.row_count;
    }
    CU_ASSERT_TRUE(row_count > (uint64_t)query_count * 100);
}

/* Of one worker, since several may look further than the last row that is wanted. */
static void the_same_flows_are_looked_at_along_fewer_links(void)
{
    struct team *lone = NULL;
    uint64_t links[3] = {0};
    char text[TEXT_BYTES];
    CU_ASSERT_EQUAL_FATAL(team_open(&lone, topology, 1, NULL), STATUS_OK);
    for (uint32_t i = 0; i < query_count; i++) {
        draw_query(i, text);
        struct asked of_three = ask(text, TIMING_BY_EFFORT, team, graph);
        struct asked never = ask(text, TIMING_NEVER, lone, graph);
        struct asked always = ask(text, TIMING_ALWAYS, lone, graph);
        struct asked by_effort = ask(text, TIMING_BY_EFFORT, lone, graph);
        CU_ASSERT_TRUE(is_same(&never, &of_three));
        CU_ASSERT_TRUE(is_same(&never, &always));
        CU_ASSERT_TRUE(is_same(&never, &by_effort));
        CU_ASSERT_EQUAL(never.flows_visited, always.flows_visited);
        CU_ASSERT_EQUAL(never.flows_visited, by_effort.flows_visited);
        CU_ASSERT_TRUE(always.links_visited <= never.links_visited);
        links[TIMING_BY_EFFORT] += by_effort.links_visited;
        links[TIMING_ALWAYS] += always.links_visited;
        links[TIMING_NEVER] += never.links_visited;
    }
    CU_ASSERT_TRUE(links[TIMING_ALWAYS] < links[TIMING_BY_EFFORT]);
    CU_ASSERT_TRUE(links[TIMING_BY_EFFORT] * 3 < links[TIMING_NEVER] * 2);
    team_close(lone);
}

/* Rows of other partitions come in another order where nothing orders them. */
static void other_partitions_give_the_same_rows(void)
{
    static struct load_report report;
    struct graph *whole = NULL;
    struct stop stop;
    const char *paths[] = {path};
    struct load_options options = {.paths = paths, .path_count = 1, .partition_count = 1};
    char text[TEXT_BYTES];
    stop_init(&stop, 0);
    CU_ASSERT_EQUAL_FATAL(graph_load(&whole, team, &budget, &options, &stop, NULL, &report, NULL),
                          STATUS_OK);
    for (uint32_t i = 0; i < query_count; i++) {
        draw_query(i, text);
        struct asked of_whole = ask(text, TIMING_ALWAYS, team, whole);
        struct asked of_parts = ask(text, TIMING_NEVER, team, graph);
        CU_ASSERT_EQUAL(of_whole.row_count, of_parts.row_count);
        CU_ASSERT_TRUE(of_whole.status == STATUS_LIMIT ||
                       of_whole.rows_by_set == of_parts.rows_by_set);
    }
    graph_close(whole);
}

/* However little memory is left for the order of time, as long as the walk has what it needs. */
static void without_memory_links_are_walked(void)
{
    static const char text[] = "MATCH (a)-[es*2..3]->(b) WHERE ascending(es) AND span(es) <= "
                               "duration('PT1S') RETURN count(*), sum(es[0].TotBytes)";
    struct asked never = ask(text, TIMING_NEVER, team, graph);
    CU_ASSERT_EQUAL(never.status, STATUS_OK);
    for (uint64_t left = 16 << 10; left <= 64 << 20; left *= 2) {
        budget.limit_bytes = budget_used(&budget) + left;
        struct asked without = ask(text, TIMING_NEVER, team, graph);
        struct asked always = ask(text, TIMING_ALWAYS, team, graph);
        budget.limit_bytes = 0;
        CU_ASSERT_TRUE(without.status != STATUS_OK || is_same(&without, &never));
        CU_ASSERT_TRUE(without.status != STATUS_OK || is_same(&always, &never));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_and_their_order_do_not_depend_on_the_order_of_time),
        CASE(the_same_flows_are_looked_at_along_fewer_links),
        CASE(other_partitions_give_the_same_rows),
        CASE(without_memory_links_are_walked),
        CU_TEST_INFO_NULL,
    };
    return suite_run("pattern_timed", open_all, close_all, cases);
}
