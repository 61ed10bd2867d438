/* Patterns that are temporal cycles have the same matches link by link and by the search for
 * cycles, however they are written and whatever is asked of them. */
#include "engine/match_ring.h"

#include <string.h>

#include "tests/support/drawn_graph.h"
#include "tests/support/suite.h"

enum { FLOWS = 240, ADDRESSES = 8, SECONDS = 90, TEXT_BYTES = 2048, HOPS_MAX = 5 };

static char path[] = "/tmp/gyre-test-ring-XXXXXX";

/* Times of whole seconds, so that many are the same; loops; flows in parallel. */
static bool write_flows(FILE *file)
{
    uint64_t seed = 3;
    fprintf(file, "StartTime,SrcAddr,DstAddr,Proto,TotBytes\n");
    for (uint32_t i = 0; i < FLOWS; i++) {
        uint64_t pick = next_random(&seed);
        fprintf(file, "2011-08-16 10:%02u:%02u,10.0.0.%u,10.0.0.%u,%s,%u\n",
                (unsigned)(pick % SECONDS / 60), (unsigned)(pick % SECONDS % 60),
                (unsigned)(pick / 100 % ADDRESSES), (unsigned)(pick / 1000 % ADDRESSES),
                pick / 10000 % 4 == 0 ? "udp" : "tcp", 60 + i);
    }
    return ferror(file) == 0;
}

static int open_all(void)
{
    return !open_drawn(path, write_flows);
}

static int close_all(void)
{
    return !close_drawn(path);
}

struct answer {
    bool is_ring;
    uint64_t row_count;
    uint64_t matches;
    uint64_t hash; /* of all rows, in their order */
};

static enum status try_ask(const char *text, enum match_cycles cycles, struct answer *told)
{
    struct answer answer = {0};
    struct error error = {0};
    struct bound_query *query = NULL;
    struct result *result = NULL;
    struct match_statistics statistics;
    struct lanes lanes[2 * HOPS_MAX];
    struct stop stop;
    struct match_options options = {.cycles = cycles, .splits_always = true};
    stop_init(&stop, 0);
    enum status status;
    TRY_DONE(query_bind(&query, graph, bytes_of(text), "query", &error));
    TRY_DONE(match_run(&result, query, team, &budget, &stop, NULL, &options, &statistics, &error));
    answer.is_ring = statistics.plan.ring.hop_count > 0;
    answer.row_count = result_row_count(result);
    answer.matches = statistics.matches;
    TRY_DONE(hash_rows(result, lanes, &answer.hash, &error));
    *told = answer;
done:
    CU_ASSERT_EQUAL(error.status, status);
    result_close(result);
    query_close(query);
    return status;
}

static struct answer ask(const char *text, enum match_cycles cycles)
{
    struct answer answer = {0};
    CU_ASSERT_EQUAL_FATAL(try_ask(text, cycles, &answer), STATUS_OK);
    return answer;
}

/* How a cycle is written. */
struct writing {
    uint32_t hop_count;
    uint32_t first; /* of the hops as they are written, the earliest */
    bool is_backward;
    bool is_strict;
    bool is_simple;
    uint32_t seconds;
    uint32_t filter; /* of FILTERS */
    uint32_t result; /* of RESULTS */
};

/* Of different rows it is not said how many matches were looked at for them. */
enum { FILTERS = 5, FILTERS_OF_A_RING = 3, RESULTS = 10, RESULT_DISTINCT = 8 };

static void append(char *text, const char *format, uint32_t one, uint32_t two)
{
    size_t length = strlen(text);
    snprintf(text + length, TEXT_BYTES - length, format, one, two);
}

/* Hop `hop` in the order of time, as a number of the edge that is written. */
static uint32_t edge_of(const struct writing *writing, uint32_t hop)
{
    return (writing->first + hop) % writing->hop_count;
}

/* The vertex that the earliest hop goes from. */
static uint32_t anchor_of(const struct writing *writing)
{
    return writing->is_backward ? (writing->first + 1) % writing->hop_count : writing->first;
}

static void write_filter(const struct writing *writing, char *text)
{
    for (uint32_t i = 0; i < writing->hop_count && writing->filter == 1; i++) {
        append(text, " AND e%u.Proto = 'tcp'", i, 0);
    }
    if (writing->filter == 2) {
        append(text, " AND v%u.IPAddr <> '10.0.0.3'", anchor_of(writing), 0);
    } else if (writing->filter == 3) {
        append(text, " AND e%u.Proto = 'tcp'", edge_of(writing, 1), 0);
    } else if (writing->filter == 4) {
        append(text, " AND e%u.TotBytes < e%u.TotBytes", edge_of(writing, 1), edge_of(writing, 0));
    }
}

static void write_result(const struct writing *writing, char *text)
{
    static const char *const results[RESULTS] = {
        " RETURN count(*)",
        " RETURN sum(e0.TotBytes), count(DISTINCT v1), max(e1.TotBytes)",
        " RETURN v0, count(*), min(e1.TotBytes) ORDER BY v0",
        " RETURN v0, e0.StartTime, e1.TotBytes, v1 ORDER BY e0.TotBytes, e1.TotBytes LIMIT 7",
        " RETURN",
        " RETURN v%u, count(*) ORDER BY v%u",
        " RETURN count(DISTINCT v%u), count(*)",
        " RETURN v1, count(DISTINCT v0), count(*) ORDER BY v1",
        " RETURN DISTINCT v%u",
        " RETURN DISTINCT v0, v1",
    };
    append(text, results[writing->result], anchor_of(writing), anchor_of(writing));
    for (uint32_t i = 0; writing->result == 4 && i < writing->hop_count; i++) {
        append(text, i == 0 ? " v%u, e%u" : ", v%u, e%u", i, i);
    }
}

/* Vertices v0, v1, ... and edges e0, e1, ... go along the ring, whose times ascend from `first` on,
 * or, backward, against it. */
static void write_ring(const struct writing *writing, char *text)
{
    uint32_t count = writing->hop_count;
    text[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        append(text, i == 0 ? "MATCH (v%u)-[e%u]->" : "(v%u)-[e%u]->", i, i);
    }
    append(text, "(v0) WHERE true", 0, 0);
    for (uint32_t i = 1; i < count; i++) {
        uint32_t before = edge_of(writing, writing->is_backward ? count - i + 1 : i - 1);
        uint32_t after = edge_of(writing, writing->is_backward ? count - i : i);
        append(text,
               writing->is_strict ? " AND e%u.StartTime < e%u.StartTime"
                                  : " AND e%u.StartTime <= e%u.StartTime",
               before, after);
    }
    uint32_t last = edge_of(writing, writing->is_backward ? 1 : count - 1);
    append(text, " AND e%u.StartTime - e%u.StartTime", last, edge_of(writing, 0));
    append(text, " <= duration({seconds: %u})", writing->seconds, 0);
    for (uint32_t i = 0; i < count && writing->is_simple; i++) {
        for (uint32_t j = 0; j < i; j++) {
            append(text, " AND v%u <> v%u", i, j);
        }
    }
    write_filter(writing, text);
    write_result(writing, text);
}

static void cycles_are_the_same_link_by_link_and_by_search(void)
{
    static char text[TEXT_BYTES];
    uint64_t seed = 1;
    uint64_t matches = 0;
    for (uint32_t i = 0; i < 300; i++) {
        uint64_t pick = next_random(&seed);
        uint32_t hop_count = 2 + (uint32_t)(pick % (HOPS_MAX - 1));
        struct writing writing = {.hop_count = hop_count,
                                  .first = (uint32_t)(pick / 10 % hop_count),
                                  .is_backward = hop_count > 2 && pick / 100 % 2 != 0,
                                  .is_strict = pick / 1000 % 2 != 0,
                                  .is_simple = pick / 10000 % 2 != 0,
                                  .seconds = 4 + (uint32_t)(pick / 100000 % 32) / hop_count,
                                  .filter = (uint32_t)(pick / 1000000 % FILTERS),
                                  .result = (uint32_t)(pick / 10000000 % RESULTS)};
        write_ring(&writing, text);
        struct answer expected = ask(text, MATCH_CYCLES_NEVER);
        struct answer actual = ask(text, MATCH_CYCLES_ALWAYS);
        bool is_ring = writing.filter < FILTERS_OF_A_RING;
        matches += is_ring ? actual.matches : 0;
        bool has_matches = actual.matches == expected.matches || writing.result >= RESULT_DISTINCT;
        if (actual.is_ring != is_ring || !has_matches || actual.row_count != expected.row_count ||
            actual.hash != expected.hash) {
            fprintf(stderr, "%s\n", text);
            CU_FAIL("another answer");
        }
        CU_ASSERT_FALSE(expected.is_ring);
    }
    CU_ASSERT_TRUE(matches > 10000);
}

static void a_limit_ends_the_search(void)
{
    const char *text = "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime <= f.StartTime AND "
                       "f.StartTime <= g.StartTime AND g.StartTime <= e.StartTime + "
                       "duration({seconds: 60}) RETURN a, e, f, g";
    char limited[TEXT_BYTES];
    snprintf(limited, sizeof limited, "%s LIMIT 3", text);
    struct answer all = ask(text, MATCH_CYCLES_ALWAYS);
    struct answer few = ask(limited, MATCH_CYCLES_ALWAYS);
    CU_ASSERT_TRUE(few.is_ring && all.matches > 1000);
    CU_ASSERT_EQUAL(few.row_count, 3);
    CU_ASSERT_TRUE(few.matches < all.matches / 10);
}

static void what_is_no_cycle_is_left_to_the_steps(void)
{
    static const char *const texts[] = {
        /* no window; only some times; only some vertices differ; no way round; a bound on a time */
        "MATCH (a)-[e]->(b)-[f]->(a) WHERE e.StartTime < f.StartTime RETURN count(*)",
        "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime AND "
        "g.StartTime <= e.StartTime + duration({seconds: 9}) RETURN count(*)",
        "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime AND a <> b AND "
        "f.StartTime < g.StartTime AND g.StartTime <= e.StartTime + duration({seconds: 9}) "
        "RETURN count(*)",
        "MATCH (a)-[e]->(b)<-[f]-(a) WHERE e.StartTime < f.StartTime AND "
        "f.StartTime <= e.StartTime + duration({seconds: 9}) RETURN count(*)",
        "MATCH (a)-[e]->(b)-[f]->(a) WHERE e.StartTime < f.StartTime AND "
        "f.StartTime <= e.StartTime + duration({seconds: 9}) AND "
        "e.StartTime > datetime('2011-08-16T10:00:30Z') RETURN count(*)",
        "MATCH (a)-[e]->(b) MATCH (b)-[f]->(a) WHERE e.StartTime <= f.StartTime AND "
        "f.StartTime <= e.StartTime + duration({seconds: 9}) RETURN count(*)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CU_ASSERT_FALSE(ask(texts[i], MATCH_CYCLES_ALWAYS).is_ring);
    }
}

static void clauses_do_not_matter_where_each_flow_is_later(void)
{
    const char *text = "MATCH (a)-[e]->(b) MATCH (b)-[f]->(c), (c)-[g]->(a) WHERE "
                       "e.StartTime < f.StartTime AND f.StartTime < g.StartTime AND "
                       "g.StartTime <= e.StartTime + duration({seconds: 20}) "
                       "RETURN count(*), sum(e.TotBytes - g.TotBytes)";
    struct answer expected = ask(text, MATCH_CYCLES_NEVER);
    struct answer actual = ask(text, MATCH_CYCLES_ALWAYS);
    CU_ASSERT_TRUE(actual.is_ring && actual.matches > 100);
    CU_ASSERT_EQUAL(actual.hash, expected.hash);
}

static void a_failed_allocation_never_gives_a_wrong_answer(void)
{
    static const char *const texts[] = {
        "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime AND "
        "f.StartTime < g.StartTime AND g.StartTime <= e.StartTime + duration({seconds: 9}) "
        "RETURN count(*)",
        "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime AND "
        "f.StartTime < g.StartTime AND g.StartTime <= e.StartTime + duration({seconds: 9}) "
        "RETURN a, sum(g.TotBytes) ORDER BY a",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct answer expected = ask(texts[i], MATCH_CYCLES_ALWAYS);
        uint64_t failures = 0;
        bool is_done = false;
        for (uint64_t after = 1; !is_done; after++) {
            struct answer actual;
            memory_fault_set(after);
            enum status status = try_ask(texts[i], MATCH_CYCLES_ALWAYS, &actual);
            is_done = memory_fault_count() < after;
            failures += status != STATUS_OK;
            CU_ASSERT(status != STATUS_OK ||
                      (actual.matches == expected.matches &&
                       actual.row_count == expected.row_count && actual.hash == expected.hash));
        }
        memory_fault_set(0);
        CU_ASSERT_TRUE(failures > 10);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(cycles_are_the_same_link_by_link_and_by_search),
        CASE(a_limit_ends_the_search),
        CASE(what_is_no_cycle_is_left_to_the_steps),
        CASE(clauses_do_not_matter_where_each_flow_is_later),
        CASE(a_failed_allocation_never_gives_a_wrong_answer),
        CU_TEST_INFO_NULL,
    };
    return suite_run("match_ring", open_all, close_all, cases);
}
