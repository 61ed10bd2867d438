/* Random queries over random graphs give what the oracle says, in the one right order, whatever the
 * number of threads and partitions.
 *
 * GYRE_PROPERTY_CASES and GYRE_PROPERTY_SEED choose other cases. A failure is shrunk, and printed
 * as a CSV file and a query that show it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gyre.h"
#include "tests/support/chosen.h"
#include "tests/support/oracle.h"
#include "tests/support/random_case.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

enum {
    CASES_DEFAULT = 400,
    THREADS_MAX = RUN_THREADS_MAX,
    PARTITIONS_MAX = 7,
    COMBINATIONS_SAMPLED = 3,
    COMBINATIONS_ALL_EVERY = 64,
    SHRINK_CHANCES = 20,
    SHRINK_RUNS_MAX = 20000,
    DIFFERENCE_BYTES = 2048,
};

static char csv_path[RUN_PATH_BYTES + 16];

/* One number of threads and of partitions. */
struct combination {
    uint32_t threads;
    uint32_t partitions;
};

/* The oracle's answer for a case, in the form in which it is compared. LIMIT without ORDER BY
 * leaves it to gyre which rows it finds first: then the lines are all that it may choose from. */
struct expectation {
    struct run_lines lines;
    bool is_ordered;
    bool is_choice;
    size_t choice_count;
    int tied_fields; /* lines that begin with the same ones have no order of their own; 0: all do */
};

static size_t fields_length(const char *line, int field_count)
{
    const char *end = line;
    for (int field = 0; end != NULL && field < field_count; field++) {
        end = strchr(end + (field > 0), '|');
    }
    return end == NULL ? strlen(line) : (size_t)(end - line);
}

/* Rows of the same flows, which undirected edges can give, are told apart by their vertices, whose
 * order is the engine's own. */
static void sort_ties(struct run_lines *lines, int field_count)
{
    for (size_t begin = 0, end = 0; begin < lines->count; begin = end) {
        size_t length = fields_length(lines->lines[begin], field_count) + 1;
        while (end < lines->count && strncmp(lines->lines[begin], lines->lines[end], length) == 0) {
            end++;
        }
        struct run_lines tied = {lines->lines + begin, end - begin};
        run_lines_sort(&tied);
    }
}

/* Puts lines that have no order, or none among some of them, into one. */
static void normalize(const struct expectation *expected, struct run_lines *lines)
{
    if (!expected->is_ordered) {
        run_lines_sort(lines);
    } else if (expected->tied_fields > 0) {
        sort_ties(lines, expected->tied_fields);
    }
}

static bool expectation_open(struct expectation *expected, const struct random_case *drawn)
{
    struct oracle_result answer;
    struct oracle_query query = drawn->query;
    expected->is_choice = query.form == ORACLE_ROWS && query.limit >= 0;
    if (expected->is_choice) {
        query.skip = 0;
        query.limit = -1;
    }
    if (!oracle_answer(&answer, &query, drawn->flows, drawn->flow_count, case_names)) {
        return false;
    }
    size_t skipped = (size_t)drawn->query.skip;
    size_t rest = answer.count > skipped ? answer.count - skipped : 0;
    expected->choice_count = rest < (size_t)drawn->query.limit ? rest : (size_t)drawn->query.limit;
    /* The two kinds of lines have one type; the answer's now belong to the expectation. */
    _Static_assert((int)RUN_LINE_BYTES == (int)ORACLE_LINE_BYTES, "lines of one type");
    expected->lines = (struct run_lines){answer.lines, answer.count};
    expected->is_ordered = drawn->query.form == ORACLE_ROWS || drawn->query.form == ORACLE_TOP;
    expected->tied_fields = 0;
    for (int edge = 0; drawn->query.form == ORACLE_ROWS && edge < query.edge_count; edge++) {
        expected->tied_fields =
            query.edges[edge].is_undirected ? query.edge_count : expected->tied_fields;
    }
    normalize(expected, &expected->lines);
    return true;
}

/* Says in `difference` how the lines differ; true when they do not. */
static bool lines_agree(const struct run_lines *expected, const struct run_lines *actual,
                        char difference[DIFFERENCE_BYTES])
{
    size_t common = expected->count < actual->count ? expected->count : actual->count;
    for (size_t line = 0; line < common; line++) {
        if (strcmp(expected->lines[line], actual->lines[line]) != 0) {
            snprintf(difference, DIFFERENCE_BYTES,
                     "row %zu of %zu is\n  %s\nand should be (of %zu)\n  %s", line, actual->count,
                     actual->lines[line], expected->count, expected->lines[line]);
            return false;
        }
    }
    if (expected->count != actual->count) {
        const struct run_lines *longer = expected->count > actual->count ? expected : actual;
        snprintf(difference, DIFFERENCE_BYTES, "%zu rows and should be %zu; the first %s is\n  %s",
                 actual->count, expected->count,
                 expected->count > actual->count ? "missing" : "surplus", longer->lines[common]);
        return false;
    }
    return true;
}

/* The same for a choice: as many lines as there should be, each one of those expected, in their
 * order. */
static bool choice_agrees(const struct expectation *expected, const struct run_lines *actual,
                          char difference[DIFFERENCE_BYTES])
{
    size_t next = 0;
    for (size_t line = 0; line < actual->count; line++) {
        while (next < expected->lines.count &&
               strcmp(expected->lines.lines[next], actual->lines[line]) != 0) {
            next++;
        }
        if (next == expected->lines.count) {
            snprintf(difference, DIFFERENCE_BYTES,
                     "row %zu of %zu is no match, twice, or out of order:\n  %s", line,
                     actual->count, actual->lines[line]);
            return false;
        }
        next++;
    }
    if (actual->count != expected->choice_count) {
        snprintf(difference, DIFFERENCE_BYTES, "%zu rows and should be %zu", actual->count,
                 expected->choice_count);
        return false;
    }
    return true;
}

static void write_case(const struct random_case *drawn, char *query)
{
    FILE *file = fopen(csv_path, "w");
    if (file == NULL) {
        perror(csv_path);
        exit(EXIT_FAILURE);
    }
    case_write_csv(drawn, file);
    fclose(file);
    case_write_query(drawn, query);
}

/* Runs a case that is written down already. */
static bool combination_agrees(const struct expectation *expected, const char *query,
                               struct combination combination, char *difference)
{
    struct run_lines actual = {NULL, 0};
    struct gyre_error error = {0};
    int status =
        run_query(&actual, csv_path, combination.threads, combination.partitions, query, &error);
    bool agrees = false;
    if (status != GYRE_OK) {
        snprintf(difference, DIFFERENCE_BYTES, "status %d: %s:%" PRIu64 ":%" PRIu64 ": %s", status,
                 error.file, error.line, error.column, error.text);
    } else {
        normalize(expected, &actual);
        agrees = expected->is_choice ? choice_agrees(expected, &actual, difference)
                                     : lines_agree(&expected->lines, &actual, difference);
    }
    run_lines_close(&actual);
    return agrees;
}

static bool case_agrees(const struct random_case *drawn, struct combination combination,
                        char *difference)
{
    char query[CASE_QUERY_BYTES];
    struct expectation expected;
    if (!expectation_open(&expected, drawn)) {
        return true;
    }
    write_case(drawn, query);
    bool agrees = combination_agrees(&expected, query, combination, difference);
    run_lines_close(&expected.lines);
    return agrees;
}

/* Drops flows and conditions, one by one, for as long as the case still fails. A race fails now and
 * then only, so each smaller case is given several chances. */
static void shrink(struct random_case *failing, struct combination combination)
{
    char difference[DIFFERENCE_BYTES];
    int runs = 0;
    bool is_smaller = true;
    while (is_smaller && runs < SHRINK_RUNS_MAX) {
        is_smaller = false;
        int part_count = failing->flow_count + failing->query.clause_count;
        for (int part = part_count - 1; part >= 0 && runs < SHRINK_RUNS_MAX; part--) {
            struct random_case smaller = *failing;
            if (part < failing->flow_count) {
                if (failing->flow_count == 1) {
                    continue; /* a file without flows is refused */
                }
                case_drop_flow(&smaller, part);
            } else {
                case_drop_clause(&smaller, part - failing->flow_count);
            }
            bool agrees = true;
            for (int chance = 0; chance < SHRINK_CHANCES && agrees; chance++, runs++) {
                agrees = case_agrees(&smaller, combination, difference);
            }
            if (!agrees) {
                *failing = smaller;
                is_smaller = true;
            }
        }
    }
}

static void report(const struct random_case *failing, struct combination combination,
                   const char *first_difference)
{
    struct random_case smallest = *failing;
    char difference[DIFFERENCE_BYTES];
    char query[CASE_QUERY_BYTES];
    snprintf(difference, sizeof(difference), "%s", first_difference);
    shrink(&smallest, combination);
    if (case_agrees(&smallest, combination, difference)) {
        printf("\nfails now and then:");
    }
    case_write_query(&smallest, query);
    printf("\nGYRE_PROPERTY_SEED=%" PRIu64
           " GYRE_PROPERTY_CASES=1, %u threads, %u partitions: %s\n",
           failing->seed, combination.threads, combination.partitions, difference);
    printf("-- query\n%s\n-- flows\n", query);
    case_write_csv(&smallest, stdout);
    fflush(stdout);
}

/* The combinations that a case is tried on: all for some cases, a few for the others. */
static int choose_combinations(struct combination *chosen, uint64_t seed, uint64_t number)
{
    int count = 0;
    uint64_t state = seed ^ UINT64_C(0xc0ffee);
    if (number % COMBINATIONS_ALL_EVERY == 0) {
        for (uint32_t threads = 1; threads <= THREADS_MAX; threads++) {
            for (uint32_t partitions = 1; partitions <= PARTITIONS_MAX; partitions++) {
                chosen[count++] = (struct combination){threads, partitions};
            }
        }
        return count;
    }
    while (count < COMBINATIONS_SAMPLED) {
        chosen[count++] = (struct combination){1 + (uint32_t)random_below(&state, THREADS_MAX),
                                               1 + (uint32_t)random_below(&state, PARTITIONS_MAX)};
    }
    return count;
}

/* False after the first combination that disagrees, which is reported. */
static bool check_case(uint64_t seed, uint64_t number)
{
    struct random_case drawn;
    struct expectation expected;
    struct combination chosen[THREADS_MAX * PARTITIONS_MAX];
    char query[CASE_QUERY_BYTES];
    char difference[DIFFERENCE_BYTES];
    case_draw(&drawn, seed);
    if (!expectation_open(&expected, &drawn)) {
        return true;
    }
    write_case(&drawn, query);
    int count = choose_combinations(chosen, seed, number);
    bool agrees = true;
    for (int index = 0; index < count && agrees; index++) {
        agrees = combination_agrees(&expected, query, chosen[index], difference);
        if (!agrees) {
            report(&drawn, chosen[index], difference);
        }
    }
    run_lines_close(&expected.lines);
    return agrees;
}

static void random_queries_agree_with_the_oracle(void)
{
    uint64_t seed = chosen_seed(1);
    uint64_t case_count = chosen_cases(CASES_DEFAULT);
    int failures = 0;
    for (uint64_t number = 0; number < case_count && failures < 3; number++) {
        failures += check_case(seed + number, number) ? 0 : 1;
    }
    CU_ASSERT_EQUAL(failures, 0);
}

int main(void)
{
    char directory[RUN_PATH_BYTES];
    run_directory_open(directory);
    snprintf(csv_path, sizeof(csv_path), "%s/flows.csv", directory);
    CU_TestInfo cases[] = {
        CASE(random_queries_agree_with_the_oracle),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("property", NULL, NULL, cases);
    run_close();
    run_directory_close(directory);
    return failed;
}
