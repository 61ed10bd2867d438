/* Where only different rows are asked for, they are those that all matches would give, whoever
 * finds them, and fewer flows are looked at. */
#include "engine/search_once.h"

#include <string.h>

#include "tests/support/drawn_graph.h"
#include "tests/support/suite.h"

enum { FLOWS = 500, ADDRESSES = 30, HUBS = 3, SECONDS = 60, COLUMNS = 5, TEXT_BYTES = 1024 };

static char path[] = "/tmp/gyre-test-once-XXXXXX";

static bool write_flows(FILE *file)
{
    return write_drawn(file, (struct drawn_flows){7, FLOWS, ADDRESSES, HUBS, SECONDS});
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
    uint64_t row_count;
    uint64_t hash; /* of the columns that are asked for, whatever the order of the rows */
    struct match_statistics statistics;
};

static enum status hash_columns(struct result *result, uint32_t column_count, struct answer *answer,
                                struct error *error)
{
    struct lanes lanes[COLUMNS];
    uint64_t left = answer->row_count;
    while (left > 0) {
        uint32_t count = left < EVALUATE_LANES ? (uint32_t)left : EVALUATE_LANES;
        TRY(result_read(result, answer->row_count - left, count, lanes, error));
        for (uint32_t row = 0; row < count; row++) {
            uint64_t hash = 0;
            for (uint32_t i = 0; i < column_count; i++) {
                hash = hash_mix(hash ^ (uint64_t)lanes[i].values[row].integer);
            }
            answer->hash += hash;
        }
        left -= count;
    }
    return STATUS_OK;
}

/* Of what it returns only the first `column_count` columns. */
static enum status ask(const char *text, uint32_t column_count, struct match_options options,
                       struct answer *answer)
{
    struct error error = {0};
    struct bound_query *query = NULL;
    struct result *result = NULL;
    struct stop stop;
    stop_init(&stop, 0);
    *answer = (struct answer){0};
    enum status status;
    TRY_DONE(query_bind(&query, graph, bytes_of(text), "query", &error));
    TRY_DONE(match_run(&result, query, team, &budget, &stop, NULL, &options, &answer->statistics,
                       &error));
    answer->row_count = result_row_count(result);
    TRY_DONE(hash_columns(result, column_count, answer, &error));
done:
    CU_ASSERT_EQUAL(error.status, status);
    result_close(result);
    query_close(query);
    return status;
}

#define RISING " WHERE e.StartTime < f.StartTime AND "
#define WITHIN(seconds) "f.StartTime <= e.StartTime + duration({seconds: " #seconds "})"

static const char *const patterns[] = {
    "(a)-[e]->(b)-[f]->(c)",
    "(a)-[e]->(b)-[f]->(c)" RISING WITHIN(5),
    "(a)-[e]->(b)<-[f]-(c)" RISING WITHIN(1) " AND a <> c",
    "(a)-[e]-(b)-[f]->(c)" RISING WITHIN(2) " AND e.Proto = 'udp'",
    "(a)-[e]->(b)-[f]->(c)" RISING "2 * e.TotBytes < f.TotBytes * 3",
    "(a)-[e]->(b)-[f]->(a), (a)-[g]->(c)" RISING WITHIN(3),
    "(a)-[e]->(b)-[f]->(c)-[g]->(d)" RISING WITHIN(
        4) " AND g.StartTime >= f.StartTime AND "
           "g.StartTime <= f.StartTime + duration({seconds: 1}) AND a <> d",
    "(a)-[e]->(b), (a)-[f]->(b), (b)-[g]->(c) WHERE e.TotBytes = f.TotBytes",
    "(a)-[e]->(b), (c)-[f]->(d)" RISING WITHIN(1) " AND e.Proto = 'udp' AND d.IPAddr <> b.IPAddr",
};

static const struct {
    const char *text;
    uint32_t column_count;
    bool is_grouped;
} returns[] = {
    {"a", 1, false},
    {"b", 1, false},
    {"c", 1, false},
    {"a, c", 2, false},
    {"b, e.TotBytes", 2, false},
    {"e", 1, false},
    {"f.TotBytes, c", 2, false},
    {"b, count(DISTINCT a), count(DISTINCT c)", 3, true},
    {"count(DISTINCT c)", 1, true},
    {"e.Proto = 'udp', min(e.StartTime), max(f.TotBytes)", 3, true},
    {"a, sum(DISTINCT f.TotBytes)", 2, true},
};

enum {
    PATTERNS = sizeof patterns / sizeof *patterns,
    RETURNS = sizeof returns / sizeof *returns,
};

/* A count of all is what makes the search find all. */
static void rows_are_those_of_all_matches(void)
{
    static char text[TEXT_BYTES];
    uint64_t looked_at[2] = {0};
    for (uint32_t i = 0; i < PATTERNS * RETURNS; i++) {
        const char *pattern = patterns[i / RETURNS];
        const char *returned = returns[i % RETURNS].text;
        const char *distinct = returns[i % RETURNS].is_grouped ? "" : "DISTINCT";
        uint32_t column_count = returns[i % RETURNS].column_count;
        struct answer all;
        snprintf(text, sizeof text, "MATCH %s RETURN %s, count(*)", pattern, returned);
        CU_ASSERT_EQUAL(ask(text, column_count, (struct match_options){0}, &all), STATUS_OK);
        CU_ASSERT_TRUE(all.row_count > 0);
        snprintf(text, sizeof text, "MATCH %s RETURN %s %s", pattern, distinct, returned);
        for (uint32_t splits = 0; splits < 2; splits++) {
            struct answer once;
            struct match_options options = {.splits_always = splits != 0};
            CU_ASSERT_EQUAL(ask(text, column_count, options, &once), STATUS_OK);
            CU_ASSERT_EQUAL(once.row_count, all.row_count);
            CU_ASSERT_EQUAL(once.hash, all.hash);
            if (splits == 0) {
                looked_at[0] += all.statistics.flows_visited;
                looked_at[1] += once.statistics.flows_visited;
            }
        }
    }
    CU_ASSERT_TRUE(looked_at[1] < looked_at[0] / 4 * 3);
}

static void a_vertex_that_was_found_is_not_gone_on_from(void)
{
    static const char *const texts[] = {
        "MATCH (a)-[e]->(b)-[f]->(c) WHERE e.TotBytes < f.TotBytes RETURN b, count(*)",
        "MATCH (a)-[e]->(b)-[f]->(c) WHERE e.TotBytes < f.TotBytes RETURN DISTINCT b",
    };
    uint64_t looked_at[2];
    for (uint32_t i = 0; i < 2; i++) {
        struct answer answer;
        CU_ASSERT_EQUAL(ask(texts[i], 1, (struct match_options){0}, &answer), STATUS_OK);
        looked_at[i] = answer.statistics.flows_visited;
    }
    CU_ASSERT_TRUE(looked_at[1] < looked_at[0] / 10);
}

/* Which matches are looked at does not decide whether there is an error. */
static void no_error_is_passed_over(void)
{
    for (uint32_t splits = 0; splits < 2; splits++) {
        struct answer answer;
        struct match_options options = {.splits_always = splits != 0};
        CU_ASSERT_EQUAL(ask("MATCH (a)-[e]->(b)-[f]->(c) WHERE 7 / (f.TotBytes - e.TotBytes) < 9 "
                            "RETURN DISTINCT a",
                            1, options, &answer),
                        STATUS_USAGE);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_are_those_of_all_matches),
        CASE(a_vertex_that_was_found_is_not_gone_on_from),
        CASE(no_error_is_passed_over),
        CU_TEST_INFO_NULL,
    };
    return suite_run("search once", open_all, close_all, cases);
}
