/* Whether a condition can be an error is known from the widths of the columns that it reads. */
#include <string.h>

#include "query/bound.h"
#include "tests/support/drawn_graph.h"
#include "tests/support/suite.h"

enum { FLOWS = 20, TEXT_BYTES = 256 };

static char path[] = "/tmp/gyre-test-can-fail-XXXXXX";

/* Small takes a byte, Large eight. */
static bool write_flows(FILE *file)
{
    fputs("StartTime,SrcAddr,DstAddr,Small,Large,Rate\n", file);
    for (unsigned i = 0; i < FLOWS; i++) {
        fprintf(file, "2011/08/16 10:00:%02u,10.0.0.%u,10.0.0.9,%u,%llu,%u.5\n", i, i % 8, i,
                i % 2 == 0 ? 0ULL : 9223372036854775807ULL, i);
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

static bool can_fail(const char *condition)
{
    char text[TEXT_BYTES];
    struct error error = {0};
    struct bound_query *query = NULL;
    snprintf(text, sizeof text, "MATCH (a)-[e]->(b)-[f]->(c) WHERE %s RETURN count(*)", condition);
    CU_ASSERT_EQUAL_FATAL(query_bind(&query, graph, bytes_of(text), "query", &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(query->predicate_count, 1);
    bool can_fail = query_can_fail(query, query->predicates[0].expression);
    query_close(query);
    return can_fail;
}

static void expect(bool can, const char *const *conditions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(can_fail(conditions[i]), can);
    }
}

static void what_fits_cannot_fail(void)
{
    static const char *const fitting[] = {
        "e.Small < f.Large",
        "1000000 * e.Small > f.Small",
        "e.Small * f.Small * e.Small * f.Small * e.Small > f.Small - 7",
        "-e.Small / 3 > f.Small % -10",
        "e.Rate * 1e300 * f.Rate > 1 / e.Rate",
    };
    expect(false, fitting, sizeof fitting / sizeof *fitting);
}

static void what_might_not_fit_can_fail(void)
{
    static const char *const failing[] = {
        "e.Large + f.Small > 0",
        "e.Large * 2 > f.Small",
        "-e.Large < f.Small",
        "e.Large / -1 > f.Small",
        "9223372036854775807 - e.Small < -f.Small * 100000000000000000",
        "e.Small / f.Small > 0",
        "e.Small % (f.Small - f.Small) = 0",
        "e.Small > 1 AND f.Large + e.Small > 1 OR f.Small = 3",
    };
    expect(true, failing, sizeof failing / sizeof *failing);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(what_fits_cannot_fail),
        CASE(what_might_not_fit_can_fail),
        CU_TEST_INFO_NULL,
    };
    return suite_run("can fail", open_all, close_all, cases);
}
