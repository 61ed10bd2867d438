/* floor: numa */
/* The counter of memory, alone and under several workers. */
#include "numa/budget.h"

#include "numa/team.h"
#include "tests/support/suite.h"

static void taking_stops_at_the_limit(void)
{
    static const struct {
        uint64_t limit;
        uint64_t used;
        uint64_t wanted;
        bool is_given;
    } rows[] = {
        {100, 0, 100, true},
        {100, 0, 101, false},
        {100, 60, 40, true},
        {100, 60, 41, false},
        {100, 100, 0, true},
        {100, 100, 1, false},
        {100, 60, UINT64_MAX, false},
        {100, 60, UINT64_MAX - 59, false},
        {0, 60, UINT64_MAX - 60, true},
        {0, 60, UINT64_MAX - 59, false},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct budget budget;
        budget_init(&budget, rows[row].limit);
        CU_ASSERT(budget_take(&budget, rows[row].used));
        CU_ASSERT_EQUAL(budget_take(&budget, rows[row].wanted), rows[row].is_given);
        uint64_t used = rows[row].used + (rows[row].is_given ? rows[row].wanted : 0);
        CU_ASSERT_EQUAL(budget_used(&budget), used);
        CU_ASSERT_EQUAL(budget_peak(&budget), used);
    }
}

static void peak_stays_when_memory_is_given_back(void)
{
    struct budget budget;
    budget_init(&budget, 0);
    budget_take(&budget, 70);
    budget_take(&budget, 30);
    budget_give(&budget, 90);
    CU_ASSERT_EQUAL(budget_used(&budget), 10);
    CU_ASSERT_EQUAL(budget_peak(&budget), 100);
    budget_take(&budget, 20);
    CU_ASSERT_EQUAL(budget_peak(&budget), 100);
}

enum { ROUNDS = 2000 };

static void take_and_give(const struct worker *worker, void *context)
{
    struct budget *budget = context;
    uint64_t bytes = worker->index + 1;
    for (int round = 0; round < ROUNDS; round++) {
        if (budget_take(budget, bytes)) {
            budget_give(budget, bytes);
        }
    }
    budget_take(budget, bytes);
}

static void workers_together_never_pass_the_limit(void)
{
    struct topology *topology = NULL;
    struct team *team = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, "", NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 4, NULL), STATUS_OK);
    for (uint64_t limit = 0; limit <= 10; limit++) {
        struct budget budget;
        budget_init(&budget, limit);
        team_run(team, take_and_give, &budget);
        CU_ASSERT(limit == 0 || budget_peak(&budget) <= limit);
        CU_ASSERT(budget_used(&budget) <= budget_peak(&budget));
        CU_ASSERT(limit != 0 || budget_used(&budget) == 1 + 2 + 3 + 4);
    }
    team_close(team);
    topology_close(topology);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(taking_stops_at_the_limit),
        CASE(peak_stays_when_memory_is_given_back),
        CASE(workers_together_never_pass_the_limit),
        CU_TEST_INFO_NULL,
    };
    return suite_run("budget", NULL, NULL, cases);
}
