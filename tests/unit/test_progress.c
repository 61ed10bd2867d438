/* floor: base */
#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/suite.h"

#define SECOND_NS INT64_C(1000000000)

static FILE *captured;
static int kept_stderr;

/* Standard error goes to a file until capture_end, which returns what was printed. */
static void capture_begin(void)
{
    captured = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(captured);
    kept_stderr = dup(STDERR_FILENO);
    dup2(fileno(captured), STDERR_FILENO);
}

static const char *capture_end(void)
{
    static char text[4096];
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    rewind(captured);
    text[fread(text, 1, sizeof text - 1, captured)] = '\0';
    fclose(captured);
    return text;
}

/* As if `ns` more had gone by. */
static void let_time_pass(struct progress *progress, int64_t ns)
{
    progress->start_ns -= ns;
    progress->drawn_ns -= ns;
}

static void nothing_is_drawn_where_nobody_looks(void)
{
    static const enum progress_when rows[] = {PROGRESS_AUTO, PROGRESS_NEVER};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct progress progress;
        capture_begin();
        progress_init(&progress, rows[row]);
        progress_phase(&progress, "loading", 100);
        let_time_pass(&progress, SECOND_NS);
        progress_draw(&progress);
        progress_end(&progress);
        CU_ASSERT_STRING_EQUAL(capture_end(), "");
        CU_ASSERT_FALSE(progress.is_shown);
    }
}

static void first_half_second_is_quiet(void)
{
    struct progress progress;
    capture_begin();
    progress_init(&progress, PROGRESS_ALWAYS);
    progress_phase(&progress, "loading", 100);
    progress_draw(&progress);
    CU_ASSERT_STRING_EQUAL(capture_end(), "");
}

static void first_half_second_of_each_run_is_quiet(void)
{
    struct progress progress;
    capture_begin();
    progress_init(&progress, PROGRESS_ALWAYS);
    let_time_pass(&progress, SECOND_NS);
    progress_begin(&progress);
    progress_phase(&progress, "matching", 100);
    progress_draw(&progress);
    CU_ASSERT_STRING_EQUAL(capture_end(), "");
}

static void lines_are_whole_and_at_most_one_a_second(void)
{
    struct progress progress;
    capture_begin();
    progress_init(&progress, PROGRESS_ALWAYS);
    progress_phase(&progress, "loading", 1000);
    progress_add(&progress, 430);
    let_time_pass(&progress, SECOND_NS + SECOND_NS / 5);
    progress_draw(&progress);
    progress_draw(&progress);
    let_time_pass(&progress, SECOND_NS / 2);
    progress_draw(&progress);
    let_time_pass(&progress, SECOND_NS);
    progress_phase(&progress, "matching", 0);
    progress_draw(&progress);
    progress_end(&progress);
    /* A busy machine may add some tenths. */
    const char *text = capture_end();
    double seconds[2];
    int end = 0;
    CU_ASSERT_EQUAL(
        sscanf(text, "loading  43%%  %lf s\nmatching  %lf s%n", seconds, seconds + 1, &end), 2);
    CU_ASSERT_STRING_EQUAL(text + end, "\n");
    CU_ASSERT(seconds[0] >= 1.2 && seconds[1] >= 2.7);
}

static void what_is_left_is_guessed_from_what_is_done(void)
{
    static const struct {
        uint64_t done;
        double left; /* seconds; 0: not told */
    } rows[] = {{0, 0}, {10, 0}, {100, 36}, {500, 4}, {900, 0.4}, {1000, 0}, {2000, 0}};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct progress progress;
        capture_begin();
        progress_init(&progress, PROGRESS_ALWAYS);
        progress_phase(&progress, "matching", 1000);
        progress_add(&progress, rows[row].done);
        let_time_pass(&progress, 5 * SECOND_NS);
        atomic_fetch_sub(&progress.phase_ns, 4 * SECOND_NS);
        progress_draw(&progress);
        const char *left = strstr(capture_end(), "about ");
        CU_ASSERT_EQUAL(left != NULL, rows[row].left > 0);
        /* A busy machine may add some tenths. */
        double seconds = left == NULL ? 0 : strtod(left + strlen("about "), NULL);
        CU_ASSERT(seconds >= rows[row].left - 0.5 && seconds <= rows[row].left * 1.2 + 0.1);
    }
}

static void terminal_line_is_redrawn_and_wiped(void)
{
    struct progress progress;
    capture_begin();
    progress_init(&progress, PROGRESS_ALWAYS);
    progress.is_terminal = true;
    progress_phase(&progress, "loading", 10);
    let_time_pass(&progress, SECOND_NS);
    progress_add(&progress, 15);
    progress_draw(&progress);
    progress_draw(&progress);
    progress_end(&progress);
    progress_end(&progress);
    const char *text = capture_end();
    CU_ASSERT_EQUAL(strncmp(text, "\rloading 100%  ", 15), 0);
    CU_ASSERT_STRING_EQUAL(text + strcspn(text, "\033"), "\033[K\r\033[K");
    CU_ASSERT_FALSE(progress.is_drawn);
}

static void no_progress_object_is_needed(void)
{
    progress_phase(NULL, "loading", 1);
    progress_add(NULL, 1);
    progress_draw(NULL);
    progress_end(NULL);
}

static void phase_starts_from_nothing(void)
{
    struct progress progress;
    progress_init(&progress, PROGRESS_NEVER);
    progress_phase(&progress, "loading", 10);
    progress_add(&progress, 4);
    progress_add(&progress, 3);
    CU_ASSERT_EQUAL(atomic_load(&progress.done), 7);
    progress_phase(&progress, "matching", 20);
    CU_ASSERT_EQUAL(atomic_load(&progress.done), 0);
    CU_ASSERT_EQUAL(atomic_load(&progress.total), 20);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(capture_begin),
        CASE(nothing_is_drawn_where_nobody_looks),
        CASE(first_half_second_is_quiet),
        CASE(first_half_second_of_each_run_is_quiet),
        CASE(lines_are_whole_and_at_most_one_a_second),
        CASE(what_is_left_is_guessed_from_what_is_done),
        CASE(terminal_line_is_redrawn_and_wiped),
        CASE(no_progress_object_is_needed),
        CASE(phase_starts_from_nothing),
        CU_TEST_INFO_NULL,
    };
    return suite_run("progress", NULL, NULL, cases);
}
