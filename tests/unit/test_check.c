/* floor: base */
#include "base/check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

/* Runs a failing check in a child, and returns what it printed and how it ended. */
static int failing_child(char *output, size_t output_bytes)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(ends[1], STDERR_FILENO);
        CHECK(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);
    FILE *stream = fdopen(ends[0], "r");
    output[fread(output, 1, output_bytes - 1, stream)] = '\0';
    fclose(stream);
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

static void check_that_holds_does_nothing(void)
{
    int evaluated = 0;
    CHECK(++evaluated == 1);
    CU_ASSERT_EQUAL(evaluated, 1);
}

static void check_that_fails_names_condition_and_place_and_aborts(void)
{
    char output[512];
    int status = failing_child(output, sizeof output);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "1 + 1 == 3"));
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "test_check.c:"));
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(check_that_holds_does_nothing),
        CASE(check_that_fails_names_condition_and_place_and_aborts),
        CU_TEST_INFO_NULL,
    };
    return suite_run("check", NULL, NULL, cases);
}
