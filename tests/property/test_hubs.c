/* On graphs with hubs, too large for the oracle, a query gives the same when its times are written
 * so that they are a window, which the search exploits, and so that they are a plain expression,
 * which it evaluates on every match of the pattern. GYRE_PROPERTY_SEED chooses other flows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gyre.h"
#include "tests/support/random_case.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

enum { FLOWS = 1500, HOSTS = 400, HUBS = 3, SPAN_SECONDS = 3000, QUERY_BYTES = 2048 };

static char csv_path[RUN_PATH_BYTES + 16];

static const struct {
    uint32_t threads;
    uint32_t partitions;
} combinations[] = {{1, 1}, {2, 3}, {4, 5}};

/* `pairs` are the edges between which a window is set, by the digits of their names. */
static const struct shape {
    const char *pattern;
    const char *condition;
    const char *pairs;
} shapes[] = {
    {"(a)-[e1]->(b)-[e2]->(c)", "", "12"},
    {"(a)-[e1]->(b)<-[e2]-(c)", "", "12"},
    {"(a)<-[e1]-(b)-[e2]->(c)", "e1.TotBytes < 20 AND ", "12"},
    {"(a)-[e1]->(b)-[e2]->(c)", "a <> c AND b.IPAddr <> c.IPAddr AND ", "12"},
    {"(a)<-[e1]-(b)-[e2]->(c)", "c <> a AND c <> b AND e2.Proto = 'tcp' AND ", "12"},
    {"(a)-[e1]->(b), (c)-[e2]->(d)", "e1.TotBytes < 20 AND ", "12"},
    {"(a)-[e1]->(b)-[e2]->(a)", "", "12"},
    {"(a)-[e1]->(b)-[e2]->(c)-[e3]->(d)", "e2.TotBytes < 10 AND ", "1223"},
    {"(a)-[e1]->(b)-[e2]->(c)-[e3]->(a)", "", "1223"},
    {"(a)-[e1]->(b)-[e2]->(c)-[e3]->(a)", "a <> b AND e3.Proto = 'tcp' AND ", "1213"},
    {"(h)-[e1]->(x), (h)-[e2]->(y), (z)-[e3]->(h)", "e1.TotBytes < 5 AND ", "1213"},
    {"(a)-[e1]-(b)-[e2]-(c)", "e1.TotBytes < 30 AND ", "12"},
    {"(a)-[e1]-(b)-[e2]->(c)-[e3]-(a)", "e1.Proto = 'tcp' AND ", "1223"},
};

/* How far the later flow may be behind the earlier one: `sign` limits it, `floor` is its least. */
static const struct width {
    const char *floor;
    const char *sign;
    int milliseconds;
} widths[] = {
    {"<=", "<=", 0}, {"<=", "<", 1000}, {"<", "<=", 1000}, {"<", "<", 20000}, {"<=", "<=", 300000},
};

static void write_flows(uint64_t seed)
{
    uint64_t state = seed;
    FILE *file = fopen(csv_path, "w");
    if (file == NULL) {
        perror(csv_path);
        exit(EXIT_FAILURE);
    }
    fputs("StartTime,Dur,Proto,SrcAddr,DstAddr,TotBytes,Id\n", file);
    for (int flow = 0; flow < FLOWS; flow++) {
        int source = random_below(&state, random_below(&state, 3) == 0 ? HUBS : HOSTS);
        int target = random_below(&state, random_below(&state, 3) == 0 ? HUBS : HOSTS);
        int second = random_below(&state, SPAN_SECONDS);
        fprintf(file, "2011/08/16 10:%02d:%02d.%d,1.0,%s,10.0.%d.%d,10.0.%d.%d,%d,%d\n",
                second / 60, second % 60, random_below(&state, 2) * 5,
                random_below(&state, 2) == 0 ? "tcp" : "udp", source / 200, source % 200,
                target / 200, target % 200, random_below(&state, 100), flow);
    }
    fclose(file);
}

static const char folds[] = "count(*), sum(e1.Id), sum(e1.Id * e2.Id), min(e2.Id), max(e2.Id)";

/* Writes the query; `is_plain`: with times as expressions that are no window. */
static void write_query(char *text, const struct shape *shape, const struct width *width,
                        bool is_plain, const char *wanted)
{
    int used =
        snprintf(text, QUERY_BYTES, "MATCH %s WHERE %s1 = 1", shape->pattern, shape->condition);
    for (const char *pair = shape->pairs; *pair != '\0'; pair += 2) {
        const char *format =
            is_plain ? " AND duration({seconds: 0}) %s (e%c.StartTime - e%c.StartTime) * 1"
                       " AND (e%c.StartTime - e%c.StartTime) * 1 %s duration({milliseconds: %d})"
                     : " AND duration({seconds: 0}) %s e%c.StartTime - e%c.StartTime"
                       " AND e%c.StartTime - e%c.StartTime %s duration({milliseconds: %d})";
        used += snprintf(text + used, (size_t)(QUERY_BYTES - used), format, width->floor, pair[1],
                         pair[0], pair[1], pair[0], width->sign, width->milliseconds);
    }
    snprintf(text + used, (size_t)(QUERY_BYTES - used), " RETURN %s", wanted);
}

static void ask(struct run_lines *lines, size_t combination, const char *query)
{
    struct gyre_error error = {0};
    int status = run_query(lines, csv_path, combinations[combination].threads,
                           combinations[combination].partitions, query, &error);
    if (status != GYRE_OK) {
        printf("\nstatus %d: %s\n%s\n", status, error.text, query);
    }
    CU_ASSERT_EQUAL_FATAL(status, GYRE_OK);
    CU_ASSERT_EQUAL_FATAL(lines->count, 1);
}

/* `wanted` is what of the plain answer's columns is asked for: the first ones. */
static void check(const struct shape *shape, const struct width *width, const char *wanted,
                  const struct run_lines *plain, uint64_t seed)
{
    char query[QUERY_BYTES];
    write_query(query, shape, width, false, wanted);
    for (size_t index = 0; index < sizeof(combinations) / sizeof(combinations[0]); index++) {
        struct run_lines windowed = {NULL, 0};
        ask(&windowed, index, query);
        size_t length = strlen(windowed.lines[0]);
        char next = plain->lines[0][length];
        bool agrees = strncmp(plain->lines[0], windowed.lines[0], length) == 0 &&
                      (next == '|' || next == '\0');
        if (!agrees) {
            printf("\nGYRE_PROPERTY_SEED=%" PRIu64 ", %u threads, %u partitions: %s, not %s\n%s\n",
                   seed, combinations[index].threads, combinations[index].partitions,
                   windowed.lines[0], plain->lines[0], query);
        }
        CU_ASSERT_TRUE(agrees);
        run_lines_close(&windowed);
    }
}

/* Where matches are only counted, the search may count what it does not find one by one. */
static void check_both(const struct shape *shape, const struct width *width, uint64_t seed)
{
    char query[QUERY_BYTES];
    struct run_lines plain = {NULL, 0};
    write_query(query, shape, width, true, folds);
    ask(&plain, 1, query);
    check(shape, width, folds, &plain, seed);
    check(shape, width, "count(*)", &plain, seed);
    run_lines_close(&plain);
}

static void windows_give_what_plain_expressions_give(void)
{
    const char *text = getenv("GYRE_PROPERTY_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : 1;
    write_flows(seed);
    for (size_t shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++) {
        for (size_t width = 0; width < sizeof(widths) / sizeof(widths[0]); width++) {
            check_both(&shapes[shape], &widths[width], seed);
        }
    }
}

int main(void)
{
    char directory[RUN_PATH_BYTES];
    run_directory_open(directory);
    snprintf(csv_path, sizeof(csv_path), "%s/flows.csv", directory);
    CU_TestInfo cases[] = {
        CASE(windows_give_what_plain_expressions_give),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("hubs", NULL, NULL, cases);
    run_close();
    run_directory_close(directory);
    return failed;
}
