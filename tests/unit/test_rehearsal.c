/* Whatever a rehearsal finds, queries give the same; where it has tried everything, what it expects
 * is what the search finds. */
#include "engine/rehearsal.h"

#include <math.h>
#include <string.h>

#include "tests/support/drawn_graph.h"
#include "tests/support/suite.h"

enum { FLOWS = 400, ADDRESSES = 40, HUBS = 2, SECONDS = 90, COLUMNS = 4 };

static char path[] = "/tmp/gyre-test-rehearsal-XXXXXX";

static bool write_flows(FILE *file)
{
    return write_drawn(file, (struct drawn_flows){5, FLOWS, ADDRESSES, HUBS, SECONDS});
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
    uint64_t hash; /* of all rows, in their order */
    struct match_statistics statistics;
};

static enum status try_ask(const char *text, bool rehearses, struct stop *stop,
                           struct answer *answer)
{
    struct error error = {0};
    struct bound_query *query = NULL;
    struct result *result = NULL;
    struct lanes lanes[COLUMNS];
    struct match_options options = {.cycles = MATCH_CYCLES_NEVER, .rehearses_always = rehearses};
    *answer = (struct answer){0};
    enum status status;
    TRY_DONE(query_bind(&query, graph, bytes_of(text), "query", &error));
    TRY_DONE(match_run(&result, query, team, &budget, stop, NULL, &options, &answer->statistics,
                       &error));
    answer->row_count = result_row_count(result);
    TRY_DONE(hash_rows(result, lanes, &answer->hash, &error));
done:
    CU_ASSERT_EQUAL(error.status, status);
    result_close(result);
    query_close(query);
    return status;
}

static struct answer ask(const char *text, bool rehearses)
{
    struct answer answer;
    struct stop stop;
    stop_init(&stop, 0);
    CU_ASSERT_EQUAL_FATAL(try_ask(text, rehearses, &stop, &answer), STATUS_OK);
    return answer;
}

/* Of different rows it is not said how many matches were looked at for them. */
static bool is_same(const char *text, const struct answer *left, const struct answer *right)
{
    return left->row_count == right->row_count && left->hash == right->hash &&
           (left->statistics.matches == right->statistics.matches ||
            strstr(text, "DISTINCT") != NULL);
}

#define RISING "e.StartTime < f.StartTime AND f.StartTime < g.StartTime AND "
#define WITHIN(seconds) "g.StartTime <= e.StartTime + duration({seconds: " #seconds "})"

static const char *const texts[] = {
    "MATCH (a)-[e]->(b)-[f]->(c) WHERE e.Proto = 'udp' AND a <> c RETURN count(*)",
    "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE " RISING WITHIN(9) " RETURN e, f, g",
    "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(d) WHERE " RISING WITHIN(2) " RETURN count(*)",
    "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(d) WHERE " RISING WITHIN(
        5) " AND g.TotBytes < 63 AND a <> d RETURN a, sum(f.TotBytes) ORDER BY a",
    "MATCH (a)-[e]-(b)-[f]->(c), (c)<-[g]-(d) WHERE e.Proto = 'udp' AND " WITHIN(
        4) " AND e.StartTime <= g.StartTime AND f.TotBytes = 60 RETURN count(*), max(g.TotBytes)",
    "MATCH (a)-[e]->(b)<-[f]-(c), (b)-[g]->(b) WHERE a.IPAddr = '10.0.0.7' RETURN count(*)",
    "MATCH (a)-[e]->(b), (a)-[f]->(b), (b)-[g]->(a) WHERE e.TotBytes < f.TotBytes "
    "RETURN b, count(*) ORDER BY b",
    "MATCH (a)-[e]->(b), (c)-[f]->(d) WHERE e.TotBytes = 61 AND f.StartTime >= e.StartTime AND "
    "f.StartTime <= e.StartTime + duration({seconds: 1}) RETURN count(*)",
    "MATCH (a)-[e]->(b)-[f]->(c), (c)-[g]->(a) WHERE b.IPAddr STARTS WITH '10.0.0.1' AND "
    "e.TotBytes = f.TotBytes RETURN DISTINCT a",
};
enum { TEXTS = sizeof texts / sizeof *texts };

static void answers_are_the_same_with_a_rehearsal(void)
{
    for (uint32_t i = 0; i < TEXTS; i++) {
        struct answer expected = ask(texts[i], false);
        struct answer actual = ask(texts[i], true);
        CU_ASSERT_TRUE(is_same(texts[i], &expected, &actual));
    }
}

/* Links between the hubs and the rest are few enough that all are tried. */
static void what_is_tried_as_a_whole_is_expected_exactly(void)
{
    static const char *const whole[] = {
        "MATCH (a)-[e]->(b)-[f]->(c) WHERE e.Proto = 'udp' AND a <> c RETURN e, f",
        "MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE " RISING WITHIN(9) " RETURN e, f, g",
        "MATCH (a)-[e]-(b)-[f]->(c) WHERE f.TotBytes = 60 RETURN e, f",
        "MATCH (a)-[e]->(b)-[f]->(a) WHERE b.IPAddr STARTS WITH '10.0.0.1' RETURN e, f",
        "MATCH (a)-[e]->(b), (b)-[f]->(b) WHERE a.IPAddr = '10.0.0.7' RETURN e, f",
    };
    for (uint32_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct answer answer = ask(whole[i], true);
        const struct plan *plan = &answer.statistics.plan;
        CU_ASSERT_TRUE(answer.statistics.matches > 0);
        for (uint32_t s = 0; s < plan->step_count; s++) {
            CU_ASSERT_DOUBLE_EQUAL(plan->steps[s].estimate, (double)plan->steps[s].produced,
                                   1e-6 * plan->steps[s].estimate);
        }
    }
}

static void what_a_rehearsal_takes_is_given_back(void)
{
    uint64_t before = budget_used(&budget);
    struct answer answer = ask(texts[1], true);
    CU_ASSERT_TRUE(answer.row_count > 0);
    CU_ASSERT_EQUAL(budget_used(&budget), before);
}

static void a_stop_ends_it(void)
{
    for (uint32_t i = 0; i < TEXTS; i++) {
        struct answer answer;
        struct stop stop;
        stop_init(&stop, 0);
        stop_request(&stop, STOP_INTERRUPTED);
        CU_ASSERT_EQUAL(try_ask(texts[i], true, &stop, &answer), STATUS_INTERRUPTED);
    }
}

static void a_failed_allocation_never_gives_a_wrong_answer(void)
{
    for (uint32_t i = 0; i < TEXTS; i += 3) {
        struct answer expected = ask(texts[i], true);
        uint64_t failures = 0;
        bool is_done = false;
        for (uint64_t after = 1; !is_done; after++) {
            struct answer actual;
            struct stop stop;
            stop_init(&stop, 0);
            memory_fault_set(after);
            enum status status = try_ask(texts[i], true, &stop, &actual);
            is_done = memory_fault_count() < after;
            failures += status != STATUS_OK;
            CU_ASSERT(status != STATUS_OK || is_same(texts[i], &expected, &actual));
        }
        memory_fault_set(0);
        CU_ASSERT_TRUE(failures > 10);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(answers_are_the_same_with_a_rehearsal),
        CASE(what_is_tried_as_a_whole_is_expected_exactly),
        CASE(what_a_rehearsal_takes_is_given_back),
        CASE(a_stop_ends_it),
        CASE(a_failed_allocation_never_gives_a_wrong_answer),
        CU_TEST_INFO_NULL,
    };
    return suite_run("rehearsal", open_all, close_all, cases);
}
