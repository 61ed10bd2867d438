/* floor: base */
/* Waits for the other end of a pipe end with what asks for it. */
#include "base/descriptor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/support/suite.h"

enum { SIGNAL_AFTER_US = 20000 };

static struct stop stop;
static int ends[2];

static void interrupt(int number)
{
    (void)number;
    stop_request(&stop, STOP_INTERRUPTED);
}

static void open_pipe(void)
{
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    stop_init(&stop, 0);
}

static void close_pipe(void)
{
    close(ends[0]);
    close(ends[1]);
}

static void interrupt_soon(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESTART};
    struct itimerval timer = {.it_value = {0, SIGNAL_AFTER_US}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void an_interrupt_ends_the_wait_for_a_reader(void)
{
    static const char many[1 << 20];
    ssize_t put;
    int reason;
    uint64_t written = 0;
    open_pipe();
    stop_request(&stop, STOP_ROWS); /* what a limit has ended is written */
    interrupt_soon();
    while ((put = descriptor_write(ends[1], many, sizeof many, &stop)) > 0) {
        written += (uint64_t)put;
    }
    reason = errno;
    CU_ASSERT_EQUAL(put, -1);
    CU_ASSERT_EQUAL(reason, ECANCELED);
    CU_ASSERT_TRUE(written > 0 && written < sizeof many);
    close_pipe();
}

static void a_stop_ends_the_wait_for_a_writer(void)
{
    char byte;
    open_pipe();
    interrupt_soon();
    ssize_t got = descriptor_read(ends[0], &byte, 1, &stop);
    int reason = errno;
    CU_ASSERT_EQUAL(got, -1);
    CU_ASSERT_EQUAL(reason, ECANCELED);
    close_pipe();
}

static void all_arrives_that_was_written_with_a_stop(void)
{
    static char many[1 << 15];
    static char read_back[sizeof many];
    uint64_t written = 0;
    uint64_t got = 0;
    open_pipe();
    for (uint32_t i = 0; i < sizeof many; i++) {
        many[i] = (char)(i % 251);
    }
    while (written < sizeof many) {
        ssize_t put = descriptor_write(ends[1], many + written, sizeof many - written, &stop);
        CU_ASSERT_TRUE_FATAL(put > 0);
        written += (uint64_t)put;
    }
    while (got < sizeof many) {
        ssize_t count = descriptor_read(ends[0], read_back + got, sizeof many - got, &stop);
        CU_ASSERT_TRUE_FATAL(count > 0);
        got += (uint64_t)count;
    }
    CU_ASSERT_EQUAL(memcmp(many, read_back, sizeof many), 0);
    close_pipe();
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(an_interrupt_ends_the_wait_for_a_reader),
        CASE(a_stop_ends_the_wait_for_a_writer),
        CASE(all_arrives_that_was_written_with_a_stop),
        CU_TEST_INFO_NULL,
    };
    return suite_run("descriptor", NULL, NULL, cases);
}
