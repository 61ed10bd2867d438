/* floor: base */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/suite.h"

enum { LARGE_BYTES = 5000000 };

static char folder[] = "/tmp/gyre-file-XXXXXX";
static char path[sizeof folder + 16];
static char large[LARGE_BYTES];
static struct error error;

static int folder_open(void)
{
    for (size_t index = 0; index < sizeof large; index++) {
        large[index] = (char)(index * 7 + index / 1000);
    }
    signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/flows", folder);
    return 0;
}

static int folder_close(void)
{
    unlink(path);
    return rmdir(folder);
}

static uint32_t folder_file_count(void)
{
    uint32_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        count += entry->d_name[0] != '.';
    }
    closedir(listing);
    return count;
}

static void store(const char *data, size_t size)
{
    FILE *stream = fopen(path, "wb");
    fwrite(data, 1, size, stream);
    fclose(stream);
}

static bool holds(const char *data, size_t size)
{
    struct file_view file;
    error_clear(&error);
    if (file_open(&file, path, 0, NULL, &error) != STATUS_OK) {
        return false;
    }
    bool is_same = bytes_equal(bytes_view(file.data, file.size), bytes_view(data, size));
    file_close(&file);
    return is_same;
}

/* Puts the other end of a pipe, into which a child writes `size` bytes, in the place of standard
 * input. Returns the child. */
static pid_t feed_standard_input(size_t size, int *kept_input)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        FILE *stream = fdopen(ends[1], "wb");
        fwrite(large, 1, size, stream);
        fclose(stream);
        _exit(0);
    }
    close(ends[1]);
    *kept_input = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    return child;
}

static void restore_standard_input(pid_t child, int kept_input)
{
    dup2(kept_input, STDIN_FILENO);
    close(kept_input);
    waitpid(child, NULL, 0);
}

static void regular_file_is_mapped(void)
{
    struct file_view file;
    store(large, sizeof large);
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, path, 1, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(file.mapped_bytes, sizeof large);
    CU_ASSERT_TRUE(bytes_equal(bytes_view(file.data, file.size), bytes_view(large, sizeof large)));
    file_pass(&file, 5, sizeof large);
    CU_ASSERT_TRUE(bytes_equal(bytes_view(file.data, file.size), bytes_view(large, sizeof large)));
    file_close(&file);
    CU_ASSERT_PTR_NULL(file.data);
    file_close(&file);
}

static void empty_file_is_empty(void)
{
    struct file_view file;
    store("", 0);
    CU_ASSERT_EQUAL(file_open(&file, path, 0, NULL, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(file.size, 0);
    file_close(&file);
}

static void what_cannot_be_opened_is_named(void)
{
    char nested[sizeof path + 8];
    store("x", 1);
    snprintf(nested, sizeof nested, "%s/deeper", path);
    const struct {
        const char *path;
        const char *reason;
    } rows[] = {
        {"/nowhere/flows.csv", "No such file or directory"},
        {folder, "it is a directory"},
        {nested, "Not a directory"},
        {"", "No such file or directory"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct file_view file;
        error_clear(&error);
        CU_ASSERT_EQUAL(file_open(&file, rows[row].path, 0, NULL, &error), STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[row].reason));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[row].path));
        file_close(&file);
    }
}

static void file_without_permission_is_named(void)
{
    if (geteuid() == 0) {
        return; /* root may read everything */
    }
    struct file_view file;
    store("x", 1);
    chmod(path, 0);
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, path, 0, NULL, &error), STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "Permission denied"));
    unlink(path);
}

static void file_that_hides_its_size_is_read(void)
{
    struct file_view file;
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, "/proc/self/status", 0, NULL, &error), STATUS_OK);
    CU_ASSERT(file.size > 5 && memcmp(file.data, "Name:", 5) == 0);
    CU_ASSERT_EQUAL(file.mapped_bytes, 0);
    file_close(&file);
}

static void pipe_is_read_to_its_end(void)
{
    static const size_t sizes[] = {0, 1, 100000, 1 << 20, (1 << 20) + 1, LARGE_BYTES};
    for (size_t row = 0; row < sizeof sizes / sizeof sizes[0]; row++) {
        int kept_input;
        struct file_view file;
        pid_t child = feed_standard_input(sizes[row], &kept_input);
        error_clear(&error);
        CU_ASSERT_EQUAL(file_open(&file, "-", sizes[row], NULL, &error), STATUS_OK);
        CU_ASSERT_EQUAL(file.size, sizes[row]);
        file_pass(&file, 0, file.size);
        CU_ASSERT(sizes[row] == 0 || memcmp(file.data, large, sizes[row]) == 0);
        file_close(&file);
        restore_standard_input(child, kept_input);
    }
}

static void on_signal(int number)
{
    (void)number;
}

static void interrupted_and_non_blocking_reads_go_on(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_NONBLOCK), 0);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        for (int round = 0; round < 3; round++) {
            usleep(5000);
            kill(getppid(), SIGUSR1);
        }
        FILE *stream = fdopen(ends[1], "wb");
        fwrite(large, 1, 1000, stream);
        fclose(stream);
        _exit(0);
    }
    close(ends[1]);
    int kept_input = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct file_view file;
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, "-", 0, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(file.size, 1000);
    file_close(&file);
    restore_standard_input(child, kept_input);
}

static void pipe_beyond_its_limit_is_refused(void)
{
    int kept_input;
    struct file_view file;
    pid_t child = feed_standard_input(100000, &kept_input);
    error_clear(&error);
    CU_ASSERT_EQUAL(file_open(&file, "-", 99999, NULL, &error), STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "99999"));
    file_close(&file);
    restore_standard_input(child, kept_input);
}

static void standard_input_is_mapped_from_a_file_and_read_from_its_middle(void)
{
    for (long offset = 0; offset <= 10; offset += 10) {
        store(large, 1000);
        int kept_input = dup(STDIN_FILENO);
        FILE *stream = fopen(path, "rb");
        dup2(fileno(stream), STDIN_FILENO);
        lseek(STDIN_FILENO, offset, SEEK_SET);
        struct file_view file;
        CU_ASSERT_EQUAL(file_open(&file, "-", 0, NULL, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(file.mapped_bytes, offset == 0 ? 1000 : 0);
        CU_ASSERT_TRUE(bytes_equal(bytes_view(file.data, file.size),
                                   bytes_view(large + offset, (size_t)(1000 - offset))));
        file_close(&file);
        fclose(stream);
        dup2(kept_input, STDIN_FILENO);
        close(kept_input);
    }
}

static void every_read_that_fails_is_an_error(void)
{
    uint64_t read_count = 1;
    for (uint64_t after = 0; after <= read_count; after++) {
        int kept_input;
        struct file_view file;
        pid_t child = feed_standard_input(300000, &kept_input);
        error_clear(&error);
        file_fault_set(after);
        enum status status = file_open(&file, "-", 0, NULL, &error);
        read_count = after == 0 ? file_fault_count() : read_count;
        bool is_hit = after != 0 && file_fault_count() >= after;
        CU_ASSERT_EQUAL(status, is_hit ? STATUS_FAILED : STATUS_OK);
        CU_ASSERT_EQUAL(strstr(error.text, "standard input: Input/output error") != NULL, is_hit);
        file_fault_set(0);
        file_close(&file);
        restore_standard_input(child, kept_input);
    }
}

static enum status write_large(const char *target, size_t piece)
{
    struct file_writer *writer = NULL;
    error_clear(&error);
    enum status status = file_writer_open(&writer, target, &error);
    for (size_t at = 0; at < sizeof large && status == STATUS_OK; at += piece) {
        size_t left = sizeof large - at;
        status = file_writer_put(writer, large + at, left < piece ? left : piece, &error);
    }
    if (status == STATUS_OK) {
        status = file_writer_finish(writer, &error);
    }
    file_writer_close(writer);
    return status;
}

static void file_is_written_in_pieces_of_any_size(void)
{
    static const size_t pieces[] = {1000,    65537,         (1 << 20) - 1,
                                    1 << 20, (1 << 20) + 1, LARGE_BYTES};
    for (size_t row = 0; row < sizeof pieces / sizeof pieces[0]; row++) {
        unlink(path);
        CU_ASSERT_EQUAL(write_large(path, pieces[row]), STATUS_OK);
        CU_ASSERT_TRUE(holds(large, sizeof large));
        CU_ASSERT_EQUAL(folder_file_count(), 1);
    }
}

static void nothing_written_is_an_empty_file(void)
{
    struct file_writer *writer;
    CU_ASSERT_EQUAL(file_writer_open(&writer, path, NULL), STATUS_OK);
    CU_ASSERT_FALSE(file_writer_is_terminal(writer));
    CU_ASSERT_EQUAL(file_writer_put(writer, NULL, 0, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(file_writer_finish(writer, NULL), STATUS_OK);
    file_writer_close(writer);
    CU_ASSERT_TRUE(holds("", 0));
}

static void old_file_stands_until_the_new_one_is_finished(void)
{
    struct file_writer *writer;
    store("old", 3);
    CU_ASSERT_EQUAL(file_writer_open(&writer, path, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(file_writer_put(writer, large, sizeof large, NULL), STATUS_OK);
    CU_ASSERT_TRUE(holds("old", 3));
    CU_ASSERT_EQUAL(folder_file_count(), 2);
    file_writer_close(writer);
    CU_ASSERT_TRUE(holds("old", 3));
    CU_ASSERT_EQUAL(folder_file_count(), 1);
    file_writer_close(NULL);
}

static void every_write_that_fails_leaves_the_old_file(void)
{
    file_fault_set(0);
    CU_ASSERT_EQUAL(write_large(path, 100000), STATUS_OK);
    uint64_t call_count = file_fault_count();
    CU_ASSERT(call_count >= 7); /* five buffers, the sync, the rename */
    for (uint64_t after = 1; after <= call_count; after++) {
        store("old", 3);
        file_fault_set(after);
        CU_ASSERT_EQUAL(write_large(path, 100000), STATUS_FAILED);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "flows: Input/output error"));
        file_fault_set(0);
        CU_ASSERT_TRUE(holds("old", 3));
        CU_ASSERT_EQUAL(folder_file_count(), 1);
    }
}

static void finish_does_not_forget_a_failed_write(void)
{
    struct file_writer *writer;
    store("old", 3);
    CU_ASSERT_EQUAL(file_writer_open(&writer, path, NULL), STATUS_OK);
    file_fault_set(1);
    CU_ASSERT_EQUAL(file_writer_put(writer, large, sizeof large, NULL), STATUS_FAILED);
    file_fault_set(0);
    CU_ASSERT_EQUAL(file_writer_finish(writer, NULL), STATUS_FAILED);
    file_writer_close(writer);
    CU_ASSERT_TRUE(holds("old", 3));
}

static void every_allocation_that_fails_is_an_error(void)
{
    memory_fault_set(0);
    CU_ASSERT_EQUAL(write_large(path, sizeof large), STATUS_OK);
    uint64_t allocation_count = memory_fault_count();
    for (uint64_t after = 1; after <= allocation_count; after++) {
        memory_fault_set(after);
        CU_ASSERT_EQUAL(write_large(path, sizeof large), STATUS_FAILED);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "out of memory"));
        CU_ASSERT_EQUAL(folder_file_count(), 1);
    }
    struct file_view file;
    memory_fault_set(1);
    CU_ASSERT_EQUAL(file_open(&file, "/dev/null", 0, NULL, NULL), STATUS_FAILED);
    memory_fault_set(0);
    file_close(&file);
}

static void device_is_written_in_place(void)
{
    CU_ASSERT_EQUAL(write_large("/dev/null", 100000), STATUS_OK);
    struct stat about;
    CU_ASSERT(stat("/dev/null", &about) == 0 && S_ISCHR(about.st_mode));
    CU_ASSERT_EQUAL(write_large("/dev/full", 100000), STATUS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "/dev/full: No space left on device"));
}

static void symbolic_link_is_followed(void)
{
    char link_path[sizeof path + 8];
    snprintf(link_path, sizeof link_path, "%s-link", path);
    store("old", 3);
    CU_ASSERT_EQUAL(symlink(path, link_path), 0);
    CU_ASSERT_EQUAL(write_large(link_path, sizeof large), STATUS_OK);
    struct stat about;
    CU_ASSERT(lstat(link_path, &about) == 0 && S_ISLNK(about.st_mode));
    unlink(link_path);
    CU_ASSERT_TRUE(holds(large, sizeof large));
}

static void mode_of_the_old_file_is_kept(void)
{
    struct stat about;
    store("old", 3);
    chmod(path, 0600);
    CU_ASSERT_EQUAL(write_large(path, sizeof large), STATUS_OK);
    CU_ASSERT(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
}

static void what_cannot_be_written_is_named(void)
{
    CU_ASSERT_EQUAL(write_large(folder, 1), STATUS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "it is a directory"));
    CU_ASSERT_EQUAL(write_large("/nowhere/result", 1), STATUS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "/nowhere/result: No such file or directory"));
}

static void closed_pipe_ends_quietly(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(NULL);
    int kept_output = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    close(ends[0]);
    struct file_writer *writer;
    enum status opened = file_writer_open(&writer, NULL, NULL);
    bool was_closed = file_writer_is_closed(writer);
    enum status put = file_writer_put(writer, large, sizeof large, NULL);
    enum status put_again = file_writer_put(writer, large, 10, NULL);
    bool is_closed = file_writer_is_closed(writer);
    enum status finished = file_writer_finish(writer, NULL);
    file_writer_close(writer);
    dup2(kept_output, STDOUT_FILENO);
    close(kept_output);
    CU_ASSERT_EQUAL(opened, STATUS_OK);
    CU_ASSERT_EQUAL(put, STATUS_OK);
    CU_ASSERT_EQUAL(put_again, STATUS_OK);
    CU_ASSERT_EQUAL(finished, STATUS_OK);
    CU_ASSERT_FALSE(was_closed);
    CU_ASSERT_TRUE(is_closed);
}

static void standard_output_takes_what_is_put(void)
{
    FILE *stream = tmpfile();
    fflush(NULL);
    int kept_output = dup(STDOUT_FILENO);
    dup2(fileno(stream), STDOUT_FILENO);
    enum status status = write_large("-", 12345);
    dup2(kept_output, STDOUT_FILENO);
    close(kept_output);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    rewind(stream);
    size_t wrong = 0;
    for (size_t index = 0; index < sizeof large; index++) {
        wrong += fgetc(stream) != (unsigned char)large[index];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(fgetc(stream), EOF);
    fclose(stream);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(regular_file_is_mapped),
        CASE(empty_file_is_empty),
        CASE(what_cannot_be_opened_is_named),
        CASE(file_without_permission_is_named),
        CASE(file_that_hides_its_size_is_read),
        CASE(pipe_is_read_to_its_end),
        CASE(interrupted_and_non_blocking_reads_go_on),
        CASE(pipe_beyond_its_limit_is_refused),
        CASE(standard_input_is_mapped_from_a_file_and_read_from_its_middle),
        CASE(every_read_that_fails_is_an_error),
        CASE(file_is_written_in_pieces_of_any_size),
        CASE(nothing_written_is_an_empty_file),
        CASE(old_file_stands_until_the_new_one_is_finished),
        CASE(every_write_that_fails_leaves_the_old_file),
        CASE(finish_does_not_forget_a_failed_write),
        CASE(every_allocation_that_fails_is_an_error),
        CASE(device_is_written_in_place),
        CASE(symbolic_link_is_followed),
        CASE(mode_of_the_old_file_is_kept),
        CASE(what_cannot_be_written_is_named),
        CASE(closed_pipe_ends_quietly),
        CASE(standard_output_takes_what_is_put),
        CU_TEST_INFO_NULL,
    };
    return suite_run("file", folder_open, folder_close, cases);
}
