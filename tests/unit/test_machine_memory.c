/* floor: numa */
#include "numa/machine_memory.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/suite.h"

/* A made-up machine: files below a directory of their own. */
static char root[] = "/tmp/gyre-memory-XXXXXX";

static void write_file(const char *path, const char *text)
{
    char whole[512];
    snprintf(whole, sizeof(whole), "%s/%s", root, path);
    for (char *slash = strchr(whole + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

static uint64_t whole_memory(void)
{
    return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void without_control_groups_it_is_the_machine_s(void)
{
    CU_ASSERT_EQUAL(machine_memory_bytes("/nowhere"), whole_memory());
    CU_ASSERT(machine_memory_bytes("") <= whole_memory());
}

static void the_least_of_a_group_and_those_above_it_counts(void)
{
    static const struct {
        const char *group, *above, *top;
        uint64_t expected;
    } cases[] = {
        {"1048576\n", "max\n", "max\n", 1 << 20},
        {"max\n", "4096\n", "max\n", 4096},
        {"8192\n", "4096\n", "max\n", 4096},
        {"8192\n", "max\n", "4096\n", 4096},
        {"max\n", "max\n", "max\n", UINT64_MAX},
        {"", "what\n", "-\n", UINT64_MAX},
        {"18446744073709551615\n", "max\n", "", UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (int version = 1; version <= 2; version++) {
            char text[200];
            bool is_new = version == 2;
            const char *mount = is_new ? "sys/fs/cgroup" : "sys/fs/cgroup/memory";
            const char *name = is_new ? "memory.max" : "memory.limit_in_bytes";
            write_file("proc/self/cgroup", is_new ? "0::/hunts/night\n"
                                                  : "5:pids:/\nno group\n4:memory:/hunts/night\n");
            snprintf(text, sizeof(text), "%s/hunts/night/%s", mount, name);
            write_file(text, cases[i].group);
            snprintf(text, sizeof(text), "%s/hunts/%s", mount, name);
            write_file(text, cases[i].above);
            snprintf(text, sizeof(text), "%s/%s", mount, name);
            write_file(text, cases[i].top);
            uint64_t expected =
                cases[i].expected < whole_memory() ? cases[i].expected : whole_memory();
            CU_ASSERT_EQUAL(machine_memory_bytes(root), expected);
        }
    }
}

static void a_group_of_the_machine_outside_has_the_limits_of_the_top(void)
{
    write_file("proc/self/cgroup", "0::/outside/of/the/container\n");
    write_file("sys/fs/cgroup/memory.max", "65536\n");
    CU_ASSERT_EQUAL(machine_memory_bytes(root), 65536);
}

static int open_root(void)
{
    return mkdtemp(root) == NULL;
}

static int close_root(void)
{
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(without_control_groups_it_is_the_machine_s),
        CASE(the_least_of_a_group_and_those_above_it_counts),
        CASE(a_group_of_the_machine_outside_has_the_limits_of_the_top),
        CU_TEST_INFO_NULL,
    };
    return suite_run("machine_memory", open_root, close_root, cases);
}
