/* floor: base */
#include "base/process.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/suite.h"

static struct error error;
static struct file_input input;

enum { OUTPUT_BYTES = 3 << 20 };
static char output[OUTPUT_BYTES];

static int open_descriptors(void)
{
    int count = 0;
    DIR *listing = opendir("/proc/self/fd");
    while (readdir(listing) != NULL) {
        count++;
    }
    closedir(listing);
    return count;
}

static enum status open_shell(struct process *process, const char *text)
{
    bool is_missing;
    const char *const arguments[] = {"sh", "-c", text, NULL};
    error_clear(&error);
    TRY(file_input_fill(&input, bytes_of("the input\n"), "input", &error));
    return process_open(process, arguments, &input, &is_missing, &error);
}

/* Runs a line of the shell; the size of its output, or -1. */
static int64_t run_shell(struct process *process, const char *text, int *exit_code)
{
    uint64_t size = 0;
    uint64_t got = 1;
    enum status status = open_shell(process, text);
    while (status == STATUS_OK && got > 0) {
        status = process_read(process, output + size, sizeof output - size, &got, NULL, &error);
        size += got;
    }
    if (status == STATUS_OK) {
        status = process_wait(process, exit_code, NULL, &error);
    }
    process_close(process);
    file_input_close(&input);
    return status == STATUS_OK ? (int64_t)size : -1;
}

static void output_message_and_exit_code_come_back(void)
{
    static const struct {
        const char *text;
        const char *output;
        const char *message;
        int exit_code;
    } rows[] = {
        {"cat", "the input\n", "", 0},
        {"printf a; printf b >&2; printf c", "ac", "b", 0},
        {"echo one >&2; echo ' two' >&2; exit 3", "", "one two ", 3},
        {"kill -TERM $$", "", "", 128 + SIGTERM},
        {"exec >&-; echo x >&2", "", "x ", 0},
        {"exec 2>&-; echo x", "x\n", "", 0},
        {"printf \"$TZ $LC_ALL $HOME\"", "UTC C ", "", 0},
        {"trap", "", "", 0},
    };
    int before = open_descriptors();
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct process process = {0};
        int exit_code = -1;
        int64_t size = run_shell(&process, rows[i].text, &exit_code);
        CU_ASSERT_TRUE(size >= 0 &&
                       bytes_equal(bytes_view(output, (size_t)size), bytes_of(rows[i].output)));
        CU_ASSERT_STRING_EQUAL(process.message, rows[i].message);
        CU_ASSERT_EQUAL(exit_code, rows[i].exit_code);
    }
    CU_ASSERT_EQUAL(open_descriptors(), before);
}

static void much_output_and_many_messages_do_not_block_one_another(void)
{
    struct process process = {0};
    int exit_code = -1;
    CU_ASSERT_EQUAL(
        run_shell(&process,
                  "head -c 2000000 /dev/zero | tr '\\0' e >&2; head -c 2000000 /dev/zero; "
                  "head -c 2000000 /dev/zero | tr '\\0' f >&2",
                  &exit_code),
        2000000);
    CU_ASSERT_EQUAL(exit_code, 0);
    CU_ASSERT_EQUAL(strlen(process.message), PROCESS_MESSAGE_BYTES - 1);
    CU_ASSERT_EQUAL(strspn(process.message, "e"), PROCESS_MESSAGE_BYTES - 1);
}

static void missing_program_is_told_apart(void)
{
    struct process process = {0};
    bool is_missing = false;
    const char *const arguments[] = {"no-such-program-at-all", NULL};
    error_clear(&error);
    CU_ASSERT_EQUAL(file_input_fill(&input, bytes_of(""), "input", &error), STATUS_OK);
    int before = open_descriptors();
    CU_ASSERT_EQUAL(process_open(&process, arguments, &input, &is_missing, &error), STATUS_FAILED);
    CU_ASSERT_TRUE(is_missing);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "no-such-program-at-all"));
    process_close(&process);
    CU_ASSERT_EQUAL(open_descriptors(), before);
    file_input_close(&input);
}

static void stop_ends_a_wait_and_the_program(void)
{
    struct process process = {0};
    struct stop stop;
    uint64_t got;
    stop_init(&stop, 50000000);
    int64_t start_ns = clock_ns();
    CU_ASSERT_EQUAL(open_shell(&process, "sleep 100"), STATUS_OK);
    pid_t id = process.id;
    CU_ASSERT_EQUAL(process_read(&process, output, sizeof output, &got, &stop, &error),
                    STATUS_LIMIT);
    process_close(&process);
    CU_ASSERT_TRUE(kill(id, 0) != 0);
    CU_ASSERT_TRUE(clock_ns() - start_ns < INT64_C(5000000000));
    file_input_close(&input);
}

static void zeroed_process_is_closed(void)
{
    struct process process = {0};
    int before = open_descriptors();
    process_close(&process);
    process_close(&process);
    CU_ASSERT_EQUAL(open_descriptors(), before);
}

static void faults_are_clean_errors(void)
{
    int before = open_descriptors();
    for (uint64_t after = 1; after < 12; after++) {
        struct process process = {0};
        int exit_code;
        file_fault_set(after);
        int64_t size = run_shell(&process, "cat; echo e >&2", &exit_code);
        bool is_hit = file_fault_count() >= after;
        file_fault_set(0);
        CU_ASSERT_TRUE(size == 10 || is_hit);
        CU_ASSERT_TRUE(size == 10 || error.text[0] != '\0');
    }
    CU_ASSERT_EQUAL(open_descriptors(), before);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(output_message_and_exit_code_come_back),
        CASE(much_output_and_many_messages_do_not_block_one_another),
        CASE(missing_program_is_told_apart),
        CASE(stop_ends_a_wait_and_the_program),
        CASE(zeroed_process_is_closed),
        CASE(faults_are_clean_errors),
        CU_TEST_INFO_NULL,
    };
    return suite_run("process", NULL, NULL, cases);
}
