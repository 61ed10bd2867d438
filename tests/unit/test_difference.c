/* floor: query */
#include "query/difference.h"

#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "tests/support/flow_schema.h"
#include "tests/support/suite.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { O = WINDOW_ORIGIN, SECOND = 1000000000 };

static struct flow_schema flows;

/* Binds conditions over three flows e0, e1, e2. */
static struct bound_query *bind(const char *where)
{
    char text[2048];
    struct bound_query *query = NULL;
    struct error error = {0};
    snprintf(text, sizeof text, "MATCH ()-[e0]->()-[e1]->()-[e2]->() WHERE %s RETURN 1", where);
    enum status status = query_bind(&query, &flows.graph, bytes_of(text), "query", &error);
    if (status != STATUS_OK) {
        printf("\n%s\n  %s\n", text, error.text);
    }
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    return query;
}

struct row {
    const char *where;
    uint32_t from; /* time[to] - time[from] <= limit */
    uint32_t to;
    int64_t limit_ns;
};

/* 2011-08-16T10:00:00Z */
#define TEN INT64_C(1313488800000000000)

static const struct row rows[] = {
    {"e0.StartTime <= e1.StartTime", 1, 0, 0},
    {"e0.StartTime < e1.StartTime", 1, 0, -1},
    {"e1.StartTime > e0.StartTime", 1, 0, -1},
    {"NOT e1.StartTime <= e0.StartTime", 1, 0, -1},
    {"e1.StartTime - e0.StartTime <= duration({seconds: 1})", 0, 1, SECOND},
    {"e1.StartTime <= e0.StartTime + duration({seconds: 1})", 0, 1, SECOND},
    {"e1.StartTime - duration({seconds: 1}) <= e0.StartTime", 0, 1, SECOND},
    {"e1.StartTime <= duration({seconds: 0.5}) * 2 + e0.StartTime", 0, 1, SECOND},
    {"duration({seconds: 1}) >= e1.StartTime - e0.StartTime", 0, 1, SECOND},
    {"-(e0.StartTime - e1.StartTime) < duration({seconds: 1})", 0, 1, SECOND - 1},
    {"e0.StartTime = e1.StartTime", 0, 1, 0},
    {"e0.StartTime = e1.StartTime", 1, 0, 0},
    {"e0.StartTime >= datetime('2011-08-16T10:00:00Z')", 0, O, -TEN},
    {"e0.StartTime > '2011-08-16T10:00:00Z'", 0, O, -TEN - 1},
    {"'2011-08-16T10:00:00Z' > e0.StartTime", O, 0, TEN - 1},
    {"e0.StartTime - duration({seconds: 1}) <= '2011-08-16T10:00:00Z'", O, 0, TEN + SECOND},
    {"e0.StartTime < e1.StartTime < e2.StartTime <= e0.StartTime + duration({seconds: 1})", 0, 1,
     SECOND - 1},
    {"e0.StartTime < e1.StartTime < e2.StartTime <= e0.StartTime + duration({seconds: 1})", 2, 0,
     -2},
    {"e0.StartTime >= '2011-08-16T10:00:00Z' AND e1.StartTime > e0.StartTime", 1, O, -TEN - 1},
    {"e0.StartTime < e1.StartTime", 0, 1, WINDOW_NONE},
};

static void times_in_any_linear_shape_become_limits(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct bound_query *query = bind(rows[i].where);
        int64_t limit = query->window.limit_ns[rows[i].from][rows[i].to];
        if (limit != rows[i].limit_ns || query->predicate_count != 0) {
            printf("\n%s: %lld\n", rows[i].where, (long long)limit);
        }
        CU_ASSERT_EQUAL(limit, rows[i].limit_ns);
        CU_ASSERT_EQUAL(query->predicate_count, 0);
        CU_ASSERT_FALSE(query->window.is_impossible);
        query_close(query);
    }
}

static void other_conditions_stay_predicates(void)
{
    static const char *const wheres[] = {
        "e0.StartTime <> e1.StartTime",
        "NOT e0.StartTime = e1.StartTime",
        "e0.StartTime < e1.LastTime",
        "e0.StartTime < e1.StartTime + e2.Idle",
        "e0.StartTime - e1.StartTime < e1.StartTime - e2.StartTime",
        "(e0.StartTime - e1.StartTime) * 2 < duration({seconds: 1})",
        "e0.StartTime < e1.StartTime OR e1.StartTime < e2.StartTime",
        ("e0.StartTime + duration({nanoseconds: 9223372036854775807}) <= "
         "e1.StartTime - duration({nanoseconds: 9223372036854775807})"),
        "e0.Idle < duration({seconds: 1})",
    };
    for (size_t i = 0; i < COUNT_OF(wheres); i++) {
        struct bound_query *query = bind(wheres[i]);
        CU_ASSERT_EQUAL(query->predicate_count, 1);
        for (uint32_t j = 0; j < WINDOW_NODES; j++) {
            for (uint32_t k = 0; k < WINDOW_NODES; k++) {
                CU_ASSERT_EQUAL(query->window.limit_ns[j][k], j == k ? 0 : WINDOW_NONE);
            }
        }
        query_close(query);
    }
}

static void contradictions_are_impossible(void)
{
    static const char *const wheres[] = {
        "e0.StartTime < e0.StartTime + duration({seconds: 1}) AND e0.StartTime < e1.StartTime AND "
        "e1.StartTime < e0.StartTime",
        "e0.StartTime < e1.StartTime < e2.StartTime < e0.StartTime",
        "e0.StartTime > '2011-08-17' AND e1.StartTime >= e0.StartTime AND e1.StartTime < "
        "'2011-08-17'",
    };
    for (size_t i = 0; i < COUNT_OF(wheres); i++) {
        struct bound_query *query = bind(wheres[i]);
        CU_ASSERT_TRUE(query->window.is_impossible);
        query_close(query);
    }
}

static void limits_saturate(void)
{
    struct window window;
    difference_init(&window);
    difference_add(&window, 0, 1, INT64_MAX - 1);
    difference_add(&window, 1, 2, 5);
    difference_add(&window, 2, 3, INT64_MIN + 1);
    difference_add(&window, 3, 4, -5);
    difference_derive(&window, 5);
    CU_ASSERT_EQUAL(window.limit_ns[0][2], WINDOW_NONE);
    CU_ASSERT_EQUAL(window.limit_ns[2][4], INT64_MIN);
    CU_ASSERT_FALSE(window.is_impossible);
}

/* A random comparison, as text and as `time[plus] - time[minus] kind constant`. */
struct random_row {
    uint32_t plus;
    uint32_t minus;
    uint32_t kind;
    int64_t constant;
};

static const char *const signs[] = {"<", "<=", ">", ">=", "="};

static bool holds(const struct random_row *row, const int64_t *times)
{
    int64_t difference = times[row->plus] - times[row->minus];
    switch (row->kind) {
    case 0:
        return difference < row->constant;
    case 1:
        return difference <= row->constant;
    case 2:
        return difference > row->constant;
    case 3:
        return difference >= row->constant;
    default:
        return difference == row->constant;
    }
}

static void write_row(const struct random_row *row, char *text, size_t size)
{
    long long constant = row->constant;
    if (row->minus == 3) {
        snprintf(text, size,
                 "e%u.StartTime %s datetime('1970-01-01') + duration({nanoseconds: %lld})",
                 row->plus, signs[row->kind], constant);
    } else {
        snprintf(text, size, "e%u.StartTime - e%u.StartTime %s duration({nanoseconds: %lld})",
                 row->plus, row->minus, signs[row->kind], constant);
    }
}

static bool window_holds(const struct window *window, const int64_t *times)
{
    static const uint32_t nodes[] = {0, 1, 2, WINDOW_ORIGIN};
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < 4; j++) {
            int64_t limit = window->limit_ns[nodes[i]][nodes[j]];
            if (limit != WINDOW_NONE && times[j] - times[i] > limit) {
                return false;
            }
        }
    }
    return true;
}

enum { REACH = 12 };

static void check_random(uint64_t seed)
{
    struct random_row random[4];
    char text[1024] = "true";
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t bits = hash_mix(seed * 16 + i + 1);
        random[i].plus = (uint32_t)(bits % 3);
        random[i].minus = (random[i].plus + 1 + (uint32_t)(bits >> 8) % 3) % 4;
        random[i].kind = (uint32_t)(bits >> 16) % 5;
        random[i].constant = (int64_t)((bits >> 24) % 7) - 3;
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, " AND ");
        write_row(&random[i], text + length + 5, sizeof text - length - 5);
    }
    struct bound_query *query = bind(text);
    bool has_solution = false;
    bool agrees = true;
    for (int64_t cell = 0; cell < 25 * 25 * 25; cell++) {
        int64_t times[] = {cell % 25 - REACH, cell / 25 % 25 - REACH, cell / 625 - REACH, 0};
        bool is_solution = holds(&random[0], times) && holds(&random[1], times) &&
                           holds(&random[2], times) && holds(&random[3], times);
        has_solution = has_solution || is_solution;
        agrees = agrees && is_solution == window_holds(&query->window, times);
    }
    CU_ASSERT_EQUAL(query->predicate_count, 0);
    CU_ASSERT_EQUAL(query->window.is_impossible, !has_solution);
    CU_ASSERT_TRUE(agrees || query->window.is_impossible);
    if (!agrees && has_solution) {
        printf("\nseed %llu: %s\n", (unsigned long long)seed, text);
    }
    query_close(query);
}

static void random_windows_hold_exactly_when_their_conditions_do(void)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        check_random(seed);
    }
}

int main(void)
{
    flow_schema_open(&flows);
    CU_TestInfo cases[] = {
        CASE(times_in_any_linear_shape_become_limits),
        CASE(other_conditions_stay_predicates),
        CASE(contradictions_are_impossible),
        CASE(limits_saturate),
        CASE(random_windows_hold_exactly_when_their_conditions_do),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("difference", NULL, NULL, cases);
    flow_schema_close(&flows);
    return failed;
}
