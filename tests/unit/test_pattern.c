/* floor: pipeline */
/* Random patterns against every assignment tried in turn. GYRE_PROPERTY_CASES and
 * GYRE_PROPERTY_SEED choose how many, and which. */
#include "pipeline/pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pipeline/morsel.h"
#include "tests/support/chosen.h"
#include "tests/support/pattern_build.h"
#include "tests/support/suite.h"

/* Of so many cases, enough have matches. */
enum { RANDOM_CASES = 4000, CASES_TOLD = 100 };

/* What a run found, in rows and hosts. */
struct collected {
    struct pattern_bench *bench;
    const struct pattern_case *drawn;
    struct case_matches matches;
    uint32_t enough; /* ends after so many */
    bool is_wrong;
};

static int host_of(const struct pattern_bench *bench, uint32_t vertex)
{
    for (int host = 0; host < CASE_HOSTS; host++) {
        if (graph_find_vertex(&bench->tiny.graph->vertices, bytes_of(case_hosts[host])) == vertex) {
            return host;
        }
    }
    return -1;
}

static int row_of(const struct pattern_bench *bench, uint64_t edge)
{
    return (int)column_integer(&bench->tiny.graph->edges.partitions[edge_partition(edge)].row,
                               edge_position(edge));
}

/* The path is the edges of its part in order, and the vertices between them are ends of both. */
static bool path_is_right(const struct collected *collected, uint32_t index,
                          const struct case_match *match)
{
    const struct pattern_bench *bench = collected->bench;
    const struct case_path *path = &collected->drawn->paths[index];
    struct value value = bench->row[CASE_PATH_SLOT + index];
    uint32_t at = 0;
    if (!path->is_named) {
        return true;
    }
    if (value.kind != VALUE_PATH) {
        return false;
    }
    int host = host_of(bench, value.path->vertices[0]);
    bool is_right = host == match->hosts[path->vertex];
    for (uint32_t i = 0; i < path->edge_count; i++) {
        uint32_t edge = path->first_edge + i;
        for (uint32_t j = 0; j < match->lengths[edge]; j++, at++) {
            int row = match->rows[edge][j];
            int next = host_of(bench, value.path->vertices[at + 1]);
            const int *ends = collected->drawn->row_hosts[row];
            is_right =
                is_right && at < value.path->length &&
                row_of(bench, value.path->edges[at]) == row &&
                ((ends[0] == host && ends[1] == next) || (ends[1] == host && ends[0] == next));
            host = next;
        }
        is_right = is_right && host == match->hosts[collected->drawn->edges[edge].right];
    }
    return is_right && at == value.path->length;
}

static enum pushed collect(struct run *run, void *context)
{
    struct collected *collected = context;
    const struct pattern_case *drawn = collected->drawn;
    struct case_match match = {{0}, {0}, {{0}}};
    for (uint32_t i = 0; i < drawn->vertex_count; i++) {
        match.hosts[i] = (int8_t)host_of(collected->bench, run->row[CASE_VERTEX_SLOT + i].vertex);
    }
    for (uint32_t i = 0; i < drawn->edge_count; i++) {
        struct value value = run->row[CASE_EDGE_SLOT + i];
        bool is_list = value.kind == VALUE_LIST;
        if (is_list != drawn->edges[i].is_variable || (is_list && value.count > CASE_ROWS_MAX)) {
            collected->is_wrong = true;
            return PUSHED_ENOUGH;
        }
        match.lengths[i] = is_list ? (uint8_t)value.count : 1;
        for (uint32_t j = 0; j < match.lengths[i]; j++) {
            match.rows[i][j] =
                (int8_t)row_of(collected->bench, is_list ? value.items[j].edge : value.edge);
        }
    }
    for (uint32_t i = 0; i < drawn->path_count; i++) {
        collected->is_wrong |= !path_is_right(collected, i, &match);
    }
    if (pattern_case_keeps_hints(drawn, &match)) {
        if (collected->matches.count == CASE_MATCHES_MAX) {
            collected->is_wrong = true;
            return PUSHED_ENOUGH;
        }
        collected->matches.matches[collected->matches.count++] = match;
    }
    return collected->matches.count == collected->enough ? PUSHED_ENOUGH : PUSHED_MORE;
}

static int compare_matches(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct case_match));
}

static void sort_matches(struct case_matches *matches)
{
    qsort(matches->matches, matches->count, sizeof *matches->matches, compare_matches);
}

/* Of matches that differ in the flows of one edge only, keeps one, without its flows. */
static void strip_edge(struct case_matches *matches, uint32_t edge)
{
    for (uint32_t i = 0; i < matches->count; i++) {
        memset(matches->matches[i].rows[edge], 0, CASE_ROWS_MAX);
    }
    sort_matches(matches);
    uint32_t count = 0;
    for (uint32_t i = 0; i < matches->count; i++) {
        if (i == 0 || compare_matches(&matches->matches[i], &matches->matches[count - 1]) != 0) {
            matches->matches[count++] = matches->matches[i];
        }
    }
    matches->count = count;
}

/* Which of the shortest paths a single one is, nobody says. */
static bool are_same(const struct pattern_case *drawn, struct case_matches *found,
                     struct case_matches *expected)
{
    sort_matches(found);
    sort_matches(expected);
    if (drawn->paths[drawn->path_count - 1].shortest == AST_SHORTEST) {
        uint32_t edge = pattern_case_shortest(drawn);
        uint32_t count = found->count;
        for (uint32_t i = 0; i < count; i++) {
            if (bsearch(&found->matches[i], expected->matches, expected->count,
                        sizeof(struct case_match), compare_matches) == NULL) {
                return false;
            }
        }
        strip_edge(found, edge);
        strip_edge(expected, edge);
        if (found->count != count) {
            return false;
        }
    }
    return found->count == expected->count &&
           memcmp(found->matches, expected->matches, found->count * sizeof(struct case_match)) == 0;
}

static void print_case(const struct pattern_case *drawn, uint32_t partitions)
{
    printf("\nseed %" PRIu64 ", %u partitions\n", drawn->seed, partitions);
    for (uint32_t i = 0; i < drawn->row_count; i++) {
        printf("row %u: %s -> %s time %d packets %" PRId64 "\n", i, drawn->rows[i].source,
               drawn->rows[i].target, (int)drawn->rows[i].time, drawn->rows[i].packets);
    }
    for (uint32_t i = 0; i < drawn->vertex_count; i++) {
        const struct case_vertex *vertex = &drawn->vertices[i];
        printf("vertex %u: bound %d host %d wished %d label %d\n", i, vertex->is_bound,
               vertex->host, vertex->wished_host, vertex->label);
    }
    for (uint32_t i = 0; i < drawn->edge_count; i++) {
        const struct case_edge *edge = &drawn->edges[i];
        printf("edge %u: %u to %u, direction %d, variable %d %d..%d, bound %d (%u: %d %d %d), "
               "%u types: %d %d, packets %d, most %d, ascending %d strict %d window %d\n",
               i, edge->left, edge->right, edge->direction, edge->is_variable, (int)edge->least,
               (int)edge->most, edge->is_bound, edge->bound_count, edge->bound_rows[0],
               edge->bound_rows[1], edge->bound_rows[2], edge->type_count, edge->types[0],
               edge->types[1], edge->wished_packets, edge->packets_most, edge->is_ascending,
               edge->is_strict, (int)edge->window_ns);
    }
    for (uint32_t i = 0; i < drawn->path_count; i++) {
        const struct case_path *path = &drawn->paths[i];
        printf("path %u: vertex %u, edges %u + %u, named %d, shortest %d\n", i, path->vertex,
               path->first_edge, path->edge_count, path->is_named, path->shortest);
    }
    for (uint32_t i = 0; i < drawn->condition_count; i++) {
        const struct case_condition *condition = &drawn->conditions[i];
        printf("condition: kind %d operator %d turned %d left %u right %u value %d other %d\n",
               condition->kind, (int)(condition->operator- AST_LESS), condition->is_turned,
               condition->left, condition->right, (int)condition->value, (int)condition->other);
    }
}

static void print_matches(const char *what, const struct case_matches *matches)
{
    printf("%s %u\n", what, matches->count);
    for (uint32_t i = 0; i < matches->count && i < 20; i++) {
        const struct case_match *match = &matches->matches[i];
        printf("  hosts %d %d %d %d", match->hosts[0], match->hosts[1], match->hosts[2],
               match->hosts[3]);
        for (uint32_t j = 0; j < CASE_EDGES_MAX; j++) {
            printf(", edge %u:", j);
            for (uint32_t k = 0; k < match->lengths[j]; k++) {
                printf(" %d", match->rows[j][k]);
            }
        }
        printf("\n");
    }
}

/* As one worker of many would be given it: one morsel after another. */
static enum pushed match_in_morsels(struct pattern_bench *bench, const struct pattern *pattern,
                                    uint32_t worker_count, struct collected *collected)
{
    struct pattern_division division = pattern_divide(pattern);
    struct morsel_list list;
    struct morsel_rows rows = {.division = &division,
                               .graph = bench->entities.graph,
                               .count = 1,
                               .worker_count = worker_count,
                               .vertices =
                                   division.slot == SLOT_NONE ? NULL : bench->row + division.slot,
                               .stride = CASE_SLOTS};
    enum pushed pushed = PUSHED_MORE;
    struct value before[CASE_SLOTS];
    memcpy(before, bench->row, sizeof before);
    if (morsels_make(&list, &rows, &bench->run.pool, &bench->error) != STATUS_OK) {
        return PUSHED_FAILED;
    }
    for (uint64_t i = 0; i < list.count && pushed == PUSHED_MORE; i++) {
        const struct morsel *morsel = &list.morsels[i];
        memcpy(bench->row, before, sizeof before);
        pushed = pattern_match_part(&bench->run, pattern,
                                    morsel->part.slice_count == 0 ? NULL : &morsel->part, collect,
                                    collected);
    }
    return pushed;
}

/* `worker_count` 0: the whole at once. */
static bool run_case(const struct pattern_case *drawn, uint32_t partitions, uint32_t worker_count,
                     struct collected *collected)
{
    struct pattern_bench bench;
    pattern_bench_open(&bench, drawn->rows, drawn->row_count, partitions);
    struct pattern *pattern = pattern_build(&bench, drawn);
    bool has_pool = pool_allocate(&bench.run.pool, 1, 1, &bench.error) != NULL;
    struct pool_mark mark = pool_mark(&bench.run.pool);
    collected->bench = &bench;
    collected->drawn = drawn;
    collected->matches.count = 0;
    bool is_right =
        has_pool &&
        pattern_prepare(pattern, &bench.entities, &bench.chain, &bench.error) == STATUS_OK &&
        (worker_count == 0
             ? pattern_match(&bench.run, pattern, collect, collected)
             : match_in_morsels(&bench, pattern, worker_count, collected)) != PUSHED_FAILED;
    struct pool_mark after = pool_mark(&bench.run.pool);
    bool is_given_back = worker_count != 0 || mark.next == after.next;
    is_right = is_right && !collected->is_wrong && is_given_back;
    if (!is_right) {
        printf("\n%s\n", bench.error.text);
    }
    pattern_bench_close(&bench);
    return is_right;
}

static void random_patterns_match_as_trying_everything_does(void)
{
    struct case_matches expected = {0,
                                    memory_allocate(CASE_MATCHES_MAX, sizeof(struct case_match))};
    struct collected collected = {
        .matches = {0, memory_allocate(CASE_MATCHES_MAX, sizeof(struct case_match))},
        .enough = UINT32_MAX};
    uint64_t first = chosen_seed(1);
    uint64_t count = chosen_cases(RANDOM_CASES);
    uint32_t tried = 0;
    uint32_t matched = 0;
    uint64_t total = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct pattern_case drawn;
        pattern_case_draw(&drawn, seed);
        if (!pattern_case_solve(&drawn, &expected)) {
            continue;
        }
        tried++;
        matched += expected.count > 0;
        total += expected.count;
        uint32_t partitions = 1 + (uint32_t)(seed % 3);
        if (!run_case(&drawn, partitions, 0, &collected) ||
            !are_same(&drawn, &collected.matches, &expected)) {
            print_case(&drawn, partitions);
            print_matches("found", &collected.matches);
            print_matches("expected", &expected);
            CU_FAIL("a pattern does not match as it should");
            break;
        }
    }
    printf("(%u cases, %u with matches: %" PRIu64 ") ", tried, matched, total);
    CU_ASSERT(count < CASES_TOLD || matched > tried / 3);
    memory_free(expected.matches);
    memory_free(collected.matches.matches);
}

static void morsels_give_all_matches_in_their_order(void)
{
    struct collected whole = {
        .matches = {0, memory_allocate(CASE_MATCHES_MAX, sizeof(struct case_match))},
        .enough = UINT32_MAX};
    struct collected parts = {
        .matches = {0, memory_allocate(CASE_MATCHES_MAX, sizeof(struct case_match))},
        .enough = UINT32_MAX};
    uint64_t first = chosen_seed(1);
    uint64_t count = chosen_cases(RANDOM_CASES);
    uint32_t matched = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct pattern_case drawn;
        uint32_t partitions = 1 + (uint32_t)(seed % 3);
        pattern_case_draw(&drawn, seed);
        if (!pattern_case_solve(&drawn, &parts.matches)) {
            continue;
        }
        bool is_same = run_case(&drawn, partitions, 0, &whole) &&
                       run_case(&drawn, partitions, 1 + (uint32_t)(seed % 4), &parts) &&
                       whole.matches.count == parts.matches.count &&
                       memcmp(whole.matches.matches, parts.matches.matches,
                              whole.matches.count * sizeof(struct case_match)) == 0;
        matched += whole.matches.count > 1;
        if (!is_same) {
            print_case(&drawn, partitions);
            print_matches("whole", &whole.matches);
            print_matches("in morsels", &parts.matches);
            CU_FAIL("morsels do not match as the whole does");
            break;
        }
    }
    CU_ASSERT(count < CASES_TOLD || matched > count / 4);
    memory_free(whole.matches.matches);
    memory_free(parts.matches.matches);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(random_patterns_match_as_trying_everything_does),
        CASE(morsels_give_all_matches_in_their_order),
        CU_TEST_INFO_NULL,
    };
    return suite_run("pattern", NULL, NULL, cases);
}
