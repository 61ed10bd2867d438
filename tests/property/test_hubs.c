/* On graphs with hubs, too large for the oracle, a query gives the same when its times are written
 * so that they are a window, which the search exploits, and so that they are a plain expression,
 * which it evaluates on every match of the pattern. GYRE_PROPERTY_SEED chooses other flows, and
 * GYRE_PROPERTY_CASES how many widths of a window each pattern is tried with. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gyre.h"
#include "tests/support/chosen.h"
#include "tests/support/random_case.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

enum { FLOWS = 1500, HOSTS = 400, HUBS = 3, SPAN_SECONDS = 3000, QUERY_BYTES = 2048 };

static char csv_path[RUN_PATH_BYTES + 16];
static uint64_t seed;
static uint64_t widths_of_shape;

static const struct {
    uint32_t threads;
    uint32_t partitions;
} combinations[] = {{1, 1}, {2, 3}, {4, 5}};
enum { COMBINATIONS = sizeof combinations / sizeof *combinations };

/* `pairs` are the edges between which a window is set, by the digits of their names. */
static const struct shape {
    const char *pattern;
    const char *vertices; /* that groups are made of */
    const char *condition;
    const char *pairs;
} shapes[] = {
    {"(a)-[e1]->(b)-[e2]->(c)", "abc", "", "12"},
    {"(a)-[e1]->(b)<-[e2]-(c)", "abc", "", "12"},
    {"(a)<-[e1]-(b)-[e2]->(c)", "abc", "e1.TotBytes < 20 AND ", "12"},
    {"(a)-[e1]->(b)-[e2]->(c)", "abc", "a <> c AND b.IPAddr <> c.IPAddr AND ", "12"},
    {"(a)<-[e1]-(b)-[e2]->(c)", "abc", "c <> a AND c <> b AND e2.Proto = 'tcp' AND ", "12"},
    {"(a)-[e1]->(b), (c)-[e2]->(d)", "abcd", "e1.TotBytes < 20 AND ", "12"},
    {"(a)-[e1]->(b)-[e2]->(a)", "ab", "", "12"},
    {"(a)-[e1]->(b)-[e2]->(c)-[e3]->(d)", "abcd", "e2.TotBytes < 10 AND ", "1223"},
    {"(a)-[e1]->(b)-[e2]->(c)-[e3]->(a)", "abc", "", "1223"},
    {"(a)-[e1]->(b)-[e2]->(c)-[e3]->(a)", "abc", "a <> b AND e3.Proto = 'tcp' AND ", "1213"},
    {"(h)-[e1]->(x), (h)-[e2]->(y), (z)-[e3]->(h)", "hxyz", "e1.TotBytes < 5 AND ", "1213"},
    {"(a)-[e1]-(b)-[e2]-(c)", "abc", "e1.TotBytes < 30 AND ", "12"},
    {"(a)-[e1]-(b)-[e2]->(c)-[e3]-(a)", "abc", "e1.Proto = 'tcp' AND ", "1223"},
};

/* How far the later flow may be behind the earlier one: `sign` limits it, `floor` is its least. */
static const struct width {
    const char *floor;
    const char *sign;
    int milliseconds;
} widths[] = {
    {"<=", "<=", 0}, {"<=", "<", 1000}, {"<", "<=", 1000}, {"<", "<", 20000}, {"<=", "<=", 300000},
};
enum { WIDTHS = sizeof widths / sizeof *widths };

static void write_flows(void)
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
}

/* Whether every line holds the first columns of the plain one. */
static bool lines_agree(const struct run_lines *plain, const struct run_lines *windowed)
{
    bool agrees = plain->count == windowed->count;
    for (size_t i = 0; agrees && i < plain->count; i++) {
        size_t length = strlen(windowed->lines[i]);
        agrees = strncmp(plain->lines[i], windowed->lines[i], length) == 0 &&
                 (plain->lines[i][length] == '|' || plain->lines[i][length] == '\0');
    }
    return agrees;
}

/* `wanted` is what of the plain answer's columns is asked for: the first ones. */
static void check(const struct shape *shape, const struct width *width, const char *wanted,
                  const struct run_lines *plain, size_t combination)
{
    char query[QUERY_BYTES];
    struct run_lines windowed = {NULL, 0};
    write_query(query, shape, width, false, wanted);
    ask(&windowed, combination, query);
    bool agrees = lines_agree(plain, &windowed);
    if (!agrees) {
        printf("\nGYRE_PROPERTY_SEED=%" PRIu64 ", %u threads, %u partitions: %s, not %s\n%s\n",
               seed, combinations[combination].threads, combinations[combination].partitions,
               windowed.count > 0 ? windowed.lines[0] : "", plain->count > 0 ? plain->lines[0] : "",
               query);
    }
    CU_ASSERT_TRUE(agrees);
    run_lines_close(&windowed);
}

/* Where matches are only counted, the search may count what it does not find one by one. */
static void check_both(const struct shape *shape, const struct width *width)
{
    char query[QUERY_BYTES];
    struct run_lines plain = {NULL, 0};
    write_query(query, shape, width, true, folds);
    ask(&plain, 1, query);
    for (size_t combination = 0; combination < COMBINATIONS; combination++) {
        check(shape, width, folds, &plain, combination);
        check(shape, width, "count(*)", &plain, combination);
    }
    run_lines_close(&plain);
}

/* So where only one flow is folded, or an attribute makes groups; '?' stands for a vertex. */
static const char *const folds_of_one[] = {
    "count(*), count(e2), sum(e1.Id), avg(e1.TotBytes / 8.0), min(e1.Id), max(e1.Proto)",
    "sum(e2.Id), sum(e2.TotBytes / 8.0), count(DISTINCT e2.TotBytes)",
    "e2.TotBytes % 5 AS kind, e2.Proto AS protocol, count(*)",
    "?.IPAddr AS address, count(*), sum(e1.Id)",
    "?.IPAddr AS address, count(*), count(e1)",
    "DISTINCT ?.IPAddr AS address ORDER BY address",
};

enum { FOLDS = sizeof folds_of_one / sizeof *folds_of_one, FOLDS_OF_SHAPE = 4 };

/* Combinations and vertices take turns. */
static void check_fold(const struct shape *shape, const struct width *width, size_t turn)
{
    char query[QUERY_BYTES];
    char wanted[QUERY_BYTES];
    struct run_lines plain = {NULL, 0};
    snprintf(wanted, sizeof wanted, "%s", folds_of_one[turn % FOLDS]);
    char *vertex = strchr(wanted, '?');
    if (vertex != NULL) {
        *vertex = shape->vertices[turn / FOLDS % strlen(shape->vertices)];
    }
    write_query(query, shape, width, true, wanted);
    ask(&plain, 1, query);
    check(shape, width, wanted, &plain, turn % COMBINATIONS);
    run_lines_close(&plain);
}

static void windows_give_what_plain_expressions_give(void)
{
    for (size_t shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++) {
        for (size_t i = 0; i < widths_of_shape; i++) {
            check_both(&shapes[shape], &widths[(shape + i) % WIDTHS]);
        }
    }
}

static void folds_of_one_flow_are_those_of_plain_expressions(void)
{
    size_t turn = 0;
    for (size_t shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++) {
        for (size_t i = 0; i < FOLDS_OF_SHAPE; i++, turn++) {
            check_fold(&shapes[shape], &widths[turn % WIDTHS], turn);
        }
    }
}

int main(void)
{
    char directory[RUN_PATH_BYTES];
    run_directory_open(directory);
    snprintf(csv_path, sizeof(csv_path), "%s/flows.csv", directory);
    seed = chosen_seed(1);
    widths_of_shape = chosen_cases(WIDTHS);
    write_flows();
    CU_TestInfo cases[] = {
        CASE(windows_give_what_plain_expressions_give),
        CASE(folds_of_one_flow_are_those_of_plain_expressions),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("hubs", NULL, NULL, cases);
    run_close();
    run_directory_close(directory);
    return failed;
}
