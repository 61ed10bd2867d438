/* floor: base */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/suite.h"

enum { PATH_BYTES = 64 };

static struct error error;

static void waiting_pipe_ends_with_the_stop(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    int kept_input = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    struct stop stop;
    struct file_view file;
    stop_init(&stop, 20000000);
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, "-", 0, &stop, &error), STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "time limit was reached while reading"));
    stop_init(&stop, 0);
    stop_request(&stop, STOP_INTERRUPTED);
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, "-", 0, &stop, &error), STATUS_INTERRUPTED);
    close(ends[0]);
    close(ends[1]);
    dup2(kept_input, STDIN_FILENO);
    close(kept_input);
}

static void filled_input_is_read_from_its_start(void)
{
    static char large[3000000];
    struct file_input input;
    struct file_view file;
    for (size_t index = 0; index < sizeof large; index++) {
        large[index] = (char)(index * 7 + index / 1000);
    }
    char data[10];
    uint64_t got;
    error_clear(&error);
    CU_ASSERT_EQUAL(file_input_fill(&input, bytes_view(large, sizeof large), "x", &error),
                    STATUS_OK);
    CU_ASSERT_TRUE(file_input_map(&input, &file));
    CU_ASSERT_TRUE(bytes_equal(bytes_view(file.data, file.size), bytes_view(large, sizeof large)));
    file_close(&file);
    CU_ASSERT_EQUAL(file_input_read(&input, data, sizeof data, &got, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(got, sizeof data);
    CU_ASSERT_EQUAL(memcmp(data, large, sizeof data), 0);
    file_input_close(&input);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(waiting_pipe_ends_with_the_stop),
        CASE(filled_input_is_read_from_its_start),
        CU_TEST_INFO_NULL,
    };
    return suite_run("file_input", NULL, NULL, cases);
}
