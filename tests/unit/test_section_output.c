/* floor: pipeline */
/* Rows of many workers in the order of their morsels. */
#include "pipeline/section_output.h"

#include <sched.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"

enum { WORKERS = 4, MORSELS = 200, ROWS_MAX = 300, SLOT = 1, SLOTS = 2 };

/* Workers that add rows (morsel, number), each taking the next morsel. */
struct bench {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct stop stop;
    struct error error;
    struct source source;
    struct run run;
    struct value row[SLOTS];
    struct pipe end;
    struct section_output output;
    struct morsel_output morsels[MORSELS];
    _Atomic uint64_t next;
    const uint32_t *row_counts; /* [MORSELS] */
    uint64_t seed;
    uint64_t failing;       /* the first morsel that fails, at its end */
    uint64_t text_size;     /* of the text that each row holds */
    uint64_t awaited_bytes; /* kept by others before the first morsel begins */

    uint64_t wanted; /* rows that the receiver takes */
    uint64_t received;
    uint64_t morsel; /* of the next row to be received */
    uint64_t number;
    bool is_wrong;
};

static const uint32_t slots[] = {SLOT};

static enum pushed receive(struct run *run, void *context)
{
    struct bench *bench = context;
    while (bench->morsel < MORSELS && bench->number == bench->row_counts[bench->morsel]) {
        bench->morsel++;
        bench->number = 0;
    }
    struct value row = run->row[SLOT];
    bench->is_wrong = bench->is_wrong || row.kind != VALUE_LIST ||
                      row.items[0].integer != (int64_t)bench->morsel ||
                      row.items[1].integer != (int64_t)bench->number++;
    return ++bench->received == bench->wanted ? PUSHED_ENOUGH : PUSHED_MORE;
}

static void open_bench(struct bench *bench, const uint32_t *row_counts, uint64_t seed)
{
    *bench = (struct bench){.row_counts = row_counts,
                            .seed = seed,
                            .failing = UINT64_MAX,
                            .wanted = UINT64_MAX,
                            .source = {.error = &bench->error}};
    CU_ASSERT_EQUAL_FATAL(topology_open(&bench->topology, "synthetic:numa:1 core:4 pu:1", NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&bench->team, bench->topology, WORKERS, NULL), STATUS_OK);
    budget_init(&bench->budget, 0);
    stop_init(&bench->stop, 0);
    bench->run = (struct run){.row = bench->row,
                              .slot_count = SLOTS,
                              .pool = {.budget = &bench->budget},
                              .source = &bench->source,
                              .stop = &bench->stop};
    bench->end = (struct pipe){.receive = receive, .context = bench};
    bench->output = (struct section_output){.run = &bench->run,
                                            .pipe = &bench->end,
                                            .slots = slots,
                                            .slot_count = 1,
                                            .morsel_count = MORSELS,
                                            .morsels = bench->morsels,
                                            .pushed = PUSHED_MORE};
    for (uint32_t i = 0; i < MORSELS; i++) {
        bench->morsels[i] = (struct morsel_output){.pool = {.budget = &bench->budget}};
    }
}

static void close_bench(struct bench *bench)
{
    output_close(&bench->output);
    pool_close(&bench->run.pool);
    CU_ASSERT_EQUAL(budget_used(&bench->budget), 0);
    team_close(bench->team);
    topology_close(bench->topology);
}

static enum pushed add_rows(struct bench *bench, uint64_t morsel, struct run *own, char *text)
{
    struct value items[3] = {value_integer((int64_t)morsel)};
    items[2] = value_text_of(bytes_view(text, bench->text_size));
    enum pushed pushed = PUSHED_MORE;
    while (morsel == 0 && atomic_load(&bench->output.bytes) < bench->awaited_bytes) {
        sched_yield();
    }
    for (uint32_t i = 0; i < bench->row_counts[morsel] && pushed == PUSHED_MORE; i++) {
        items[1] = value_integer(i);
        own->row[SLOT] = value_list_of(items, 3);
        pushed = output_add(&bench->output, morsel, own);
        if (hash_mix(bench->seed + morsel * ROWS_MAX + i) % 64 == 0) {
            sched_yield();
        }
    }
    return pushed;
}

static void work(const struct worker *worker, void *context)
{
    struct bench *bench = context;
    struct value row[SLOTS];
    struct run own = {.row = row, .slot_count = SLOTS};
    struct error error = {0};
    char *text = memory_allocate(bench->text_size + 1, 1);
    uint64_t morsel;
    uint64_t end;
    enum pushed pushed = PUSHED_MORE;
    (void)worker;
    while (pushed == PUSHED_MORE && team_next(&bench->next, MORSELS, 1, &morsel, &end)) {
        pushed = add_rows(bench, morsel, &own, text);
        if (pushed == PUSHED_MORE && morsel >= bench->failing) {
            (void)error_set(&error, STATUS_USAGE, "morsel %d", (int)morsel);
            pushed = PUSHED_FAILED;
        }
        output_end(&bench->output, morsel, pushed, &error);
        if (pushed == PUSHED_FAILED) { /* the error is borrowed */
            while (!atomic_load(&bench->output.has_ended)) {
                sched_yield();
            }
        }
    }
    memory_free(text);
}

static uint64_t draw_counts(uint32_t *row_counts, uint64_t seed)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < MORSELS; i++) {
        uint64_t drawn = hash_mix(seed * MORSELS + i);
        row_counts[i] = drawn % 3 == 0 ? 0 : (uint32_t)(drawn >> 8) % (drawn % 5 == 0 ? 300 : 9);
        total += row_counts[i];
    }
    return total;
}

static void rows_come_in_the_order_of_morsels(void)
{
    uint32_t row_counts[MORSELS];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct bench bench;
        uint64_t total = draw_counts(row_counts, seed);
        open_bench(&bench, row_counts, seed);
        team_run(bench.team, work, &bench);
        CU_ASSERT(!bench.is_wrong);
        CU_ASSERT_EQUAL(bench.received, total);
        CU_ASSERT_EQUAL(bench.output.pushed, PUSHED_MORE);
        CU_ASSERT(!stop_is_requested(&bench.stop));
        close_bench(&bench);
    }
}

static void enough_is_a_prefix(void)
{
    uint32_t row_counts[MORSELS];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct bench bench;
        uint64_t total = draw_counts(row_counts, seed);
        open_bench(&bench, row_counts, seed);
        bench.wanted = 1 + hash_mix(seed) % total;
        team_run(bench.team, work, &bench);
        CU_ASSERT(!bench.is_wrong);
        CU_ASSERT_EQUAL(bench.received, bench.wanted);
        CU_ASSERT_EQUAL(bench.output.pushed, PUSHED_ENOUGH);
        CU_ASSERT_EQUAL(stop_reason(&bench.stop), STOP_ROWS);
        close_bench(&bench);
    }
}

/* Every morsel from one on fails: whichever does so first, the first of them counts. */
static void the_first_failure_counts_and_what_is_before_it(void)
{
    uint32_t row_counts[MORSELS];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct bench bench;
        char text[32];
        (void)draw_counts(row_counts, seed);
        open_bench(&bench, row_counts, seed);
        bench.failing = hash_mix(seed) % MORSELS;
        team_run(bench.team, work, &bench);
        uint64_t before = 0;
        for (uint64_t i = 0; i <= bench.failing; i++) {
            before += row_counts[i];
        }
        (void)snprintf(text, sizeof text, "morsel %d", (int)bench.failing);
        CU_ASSERT(!bench.is_wrong);
        CU_ASSERT_EQUAL(bench.received, before);
        CU_ASSERT_EQUAL(bench.output.pushed, PUSHED_FAILED);
        CU_ASSERT_STRING_EQUAL(bench.error.text, text);
        close_bench(&bench);
    }
}

/* The first morsel is slow, and the others would fill 240 MB meanwhile. */
static void what_is_kept_is_bounded(void)
{
    static uint32_t row_counts[MORSELS];
    struct bench bench;
    for (uint32_t i = 0; i < MORSELS; i++) {
        row_counts[i] = 12;
    }
    open_bench(&bench, row_counts, 1);
    bench.text_size = 100 << 10;
    bench.awaited_bytes = 60 << 20;
    team_run(bench.team, work, &bench);
    CU_ASSERT(!bench.is_wrong);
    CU_ASSERT_EQUAL(bench.received, 12 * MORSELS);
    CU_ASSERT(budget_peak(&bench.budget) < UINT64_C(100) << 20);
    close_bench(&bench);
}

/* Where there is none for keeping rows, workers wait for their turn. */
static void rows_need_no_memory_in_their_turn(void)
{
    uint32_t row_counts[MORSELS];
    struct bench bench;
    uint64_t total = draw_counts(row_counts, 7);
    open_bench(&bench, row_counts, 7);
    bench.budget.limit_bytes = 1;
    team_run(bench.team, work, &bench);
    CU_ASSERT(!bench.is_wrong);
    CU_ASSERT_EQUAL(bench.received, total);
    close_bench(&bench);
}

static void a_stop_ends_the_waiting(void)
{
    static uint32_t row_counts[MORSELS];
    struct bench bench;
    struct value row[SLOTS] = {{0}};
    struct run own = {.row = row, .slot_count = SLOTS};
    struct error none = {0};
    row_counts[1] = 1;
    open_bench(&bench, row_counts, 1);
    bench.budget.limit_bytes = 1;
    stop_request(&bench.stop, STOP_INTERRUPTED);
    CU_ASSERT_EQUAL(output_add(&bench.output, 1, &own), PUSHED_ENOUGH);
    output_end(&bench.output, 1, PUSHED_ENOUGH, &none);
    output_end(&bench.output, 0, PUSHED_MORE, &none);
    CU_ASSERT_EQUAL(bench.output.pushed, PUSHED_FAILED);
    CU_ASSERT_EQUAL(bench.error.status, STATUS_OK);
    close_bench(&bench);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_come_in_the_order_of_morsels),
        CASE(enough_is_a_prefix),
        CASE(the_first_failure_counts_and_what_is_before_it),
        CASE(what_is_kept_is_bounded),
        CASE(rows_need_no_memory_in_their_turn),
        CASE(a_stop_ends_the_waiting),
        CU_TEST_INFO_NULL,
    };
    return suite_run("section_output", NULL, NULL, cases);
}
