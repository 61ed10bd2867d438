/* floor: loader */
#include "loader/child.h"

#include <sys/stat.h>

#include "loader/content.h"
#include "tests/support/loading.h"
#include "tests/support/packing.h"
#include "tests/support/suite.h"

/* The programs are scripts of the shell in a folder that PATH leads to; so the tests run where
 * neither ra nor nfdump is. What the real ones make of real files, tests/input/test_sources.py
 * tells. */

#define ARGUS_RECORD "\x83\x10\0\3\0\0\0\0\xe5\x71\x2d\xcb"
#define ARGUS_FLOW "\x13\x10\0\2abcd"
#define NFDUMP_HEADER "\x0c\xa5\1\0more"
#define VIEW(text) bytes_view(text, sizeof text - 1)

static struct rig rig;
static struct error error;
static char folder[] = "/tmp/gyre-child-XXXXXX";
static char file[64];
static char output[1 << 16];

static int open_rig(void)
{
    rig_open(&rig, 1);
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(file, sizeof file, "%s/flows", folder);
    char search[128];
    snprintf(search, sizeof search, "%s:/usr/bin:/bin", folder);
    return setenv("PATH", search, 1);
}

static void remove_program(const char *name)
{
    char program[64];
    snprintf(program, sizeof program, "%s/%s", folder, name);
    remove(program);
}

static int close_rig(void)
{
    remove(file);
    remove_program("ra");
    remove_program("nfdump");
    rmdir(folder);
    rig_close(&rig);
    return 0;
}

static void make_program(const char *name, const char *body)
{
    char program[64];
    char script[512];
    snprintf(program, sizeof program, "%s/%s", folder, name);
    snprintf(script, sizeof script, "#!/bin/sh\n%s\n", body);
    write_file(program, script, strlen(script));
    chmod(program, 0755);
}

/* The text of a file with these bytes, in `output`. */
static enum status open_bytes(struct bytes bytes)
{
    struct arena *arena;
    struct content content = {0};
    error_clear(&error);
    output[0] = '\0';
    write_file(file, bytes.data, bytes.size);
    CU_ASSERT_EQUAL_FATAL(arena_open(&arena, rig.topology, 0, &rig.budget, &error), STATUS_OK);
    struct content_means means = {arena, &rig.budget, &rig.stop};
    enum status status = content_open(&content, file, &means, &error);
    if (status == STATUS_OK) {
        memcpy(output, content.view.data, content.view.size);
        output[content.view.size] = '\0';
    }
    content_close(&content);
    arena_close(arena);
    CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
    return status;
}

static void program_reads_the_file_and_its_output_is_the_text(void)
{
    static const char argus[] = ARGUS_RECORD ARGUS_FLOW ARGUS_FLOW;
    make_program("ra", "printf '%s\\n' \"$*\"; wc -c");
    CU_ASSERT_EQUAL(open_bytes(VIEW(argus)), STATUS_OK);
    CU_ASSERT_EQUAL(strncmp(output, "-X -r - -n -u -p 6 -c , -Z b -s stime dur", 41), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "\n28\n"));
    make_program("nfdump", "printf '%s\\n' \"$*\"; wc -c < /dev/stdin");
    CU_ASSERT_EQUAL(open_bytes(VIEW(NFDUMP_HEADER)), STATUS_OK);
    CU_ASSERT_EQUAL(strncmp(output, "ts,te,sa,da,sp,dp,pr,flg,", 25), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "\n-r /dev/stdin -q -N -6 -o fmt:%ts,%te,%sa,%da,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "%tr\n8\n"));
}

static void archive_of_a_binary_file_is_unpacked_for_the_program(void)
{
    static const char argus[] = ARGUS_RECORD ARGUS_FLOW ARGUS_FLOW;
    char packed[1000];
    make_program("ra", "wc -c");
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = packers[p].pack(argus, sizeof argus - 1, packed, sizeof packed);
        CU_ASSERT_EQUAL(open_bytes(bytes_view(packed, size)), STATUS_OK);
        CU_ASSERT_STRING_EQUAL(output, "28\n");
    }
}

static void missing_program_is_named_with_its_package(void)
{
    char *kept = memory_copy_text(getenv("PATH"), strlen(getenv("PATH")));
    setenv("PATH", "", 1);
    CU_ASSERT_EQUAL(open_bytes(VIEW(ARGUS_RECORD)), STATUS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "program ra"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "package argus-client"));
    CU_ASSERT_STRING_EQUAL(error.file, file);
    CU_ASSERT_EQUAL(open_bytes(VIEW(NFDUMP_HEADER)), STATUS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "program nfdump"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "package nfdump"));
    setenv("PATH", kept, 1);
    memory_free(kept);
}

static void program_that_ends_badly_is_an_error(void)
{
    static const struct {
        const char *program;
        const char *body;
        enum status status;
        const char *text;
    } rows[] = {
        {"ra", "echo a; exit 3", STATUS_FAILED, "ra ended with exit code 3, and said nothing"},
        {"ra", "echo oh no >&2; exit 1", STATUS_FAILED, "ra ended with exit code 1: oh no"},
        {"ra", "kill -9 $$", STATUS_FAILED, "exit code 137"},
        {"ra", "echo warned >&2; echo a", STATUS_OK, ""},
        {"nfdump", "echo Short read >&2; echo a", STATUS_INPUT, "nfdump says: Short read"},
        {"nfdump", "exit 255", STATUS_FAILED, "exit code 255"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is_argus = strcmp(rows[i].program, "ra") == 0;
        make_program(rows[i].program, rows[i].body);
        CU_ASSERT_EQUAL(open_bytes(is_argus ? VIEW(ARGUS_RECORD) : VIEW(NFDUMP_HEADER)),
                        rows[i].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].text));
    }
}

static void argus_file_that_is_cut_off_is_refused(void)
{
    static const char whole[] = ARGUS_RECORD ARGUS_FLOW ARGUS_FLOW;
    static const char no_length[] = ARGUS_RECORD "\x13\x10\0\0abcd";
    static const char no_record[] = ARGUS_RECORD "abcdefgh";
    make_program("ra", "wc -c");
    for (size_t size = 12; size < sizeof whole; size++) {
        bool is_whole = size == 12 || size == 20 || size == 28;
        CU_ASSERT_EQUAL(open_bytes(bytes_view(whole, size)), is_whole ? STATUS_OK : STATUS_INPUT);
        CU_ASSERT_TRUE(is_whole || strstr(error.text, size < 20 ? "byte 12" : "byte 20") != NULL);
    }
    CU_ASSERT_EQUAL(open_bytes(VIEW(no_length)), STATUS_INPUT);
    CU_ASSERT_EQUAL(open_bytes(VIEW(no_record)), STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "there is no record at byte 12"));
}

static void output_meets_the_memory_limit_and_the_stop(void)
{
    struct budget budget = rig.budget;
    struct stop stop;
    make_program("nfdump", "cat /dev/zero");
    rig.budget.limit_bytes = 5 << 20;
    CU_ASSERT_EQUAL(open_bytes(VIEW(NFDUMP_HEADER)), STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "memory limit"));
    rig.budget.limit_bytes = budget.limit_bytes;
    stop = rig.stop;
    stop_init(&rig.stop, 100000000);
    make_program("nfdump", "exec sleep 100");
    CU_ASSERT_EQUAL(open_bytes(VIEW(NFDUMP_HEADER)), STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "time limit"));
    rig.stop = stop;
}

static void text_is_no_binary_format(void)
{
    static const char *const rows[] = {"", "StartTime,Dur,Proto,SrcAddr", "\x0c\xa5", "12345678"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_PTR_NULL(child_format_of(bytes_of(rows[i])));
    }
    CU_ASSERT_STRING_EQUAL(child_format_name(child_format_of(VIEW(ARGUS_RECORD))), "Argus");
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(program_reads_the_file_and_its_output_is_the_text),
        CASE(archive_of_a_binary_file_is_unpacked_for_the_program),
        CASE(missing_program_is_named_with_its_package),
        CASE(program_that_ends_badly_is_an_error),
        CASE(argus_file_that_is_cut_off_is_refused),
        CASE(output_meets_the_memory_limit_and_the_stop),
        CASE(text_is_no_binary_format),
        CU_TEST_INFO_NULL,
    };
    return suite_run("child", open_rig, close_rig, cases);
}
