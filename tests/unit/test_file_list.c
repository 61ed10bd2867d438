/* floor: base */
#include "base/file_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/suite.h"

enum { PATH_BYTES = 64 };

static struct error error;

static void list_has_paths_and_what_patterns_match(void)
{
    char folder[] = "/tmp/gyre-list-XXXXXX";
    char path[PATH_BYTES];
    char pattern[PATH_BYTES];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/flows", folder);
    snprintf(pattern, sizeof pattern, "%s/f*s", folder);
    fclose(fopen(path, "wb"));
    struct file_list list = {0};
    error_clear(&error);
    CU_ASSERT_EQUAL(file_list_add(&list, "-", &error), STATUS_OK);
    CU_ASSERT_EQUAL(file_list_add(&list, pattern, &error), STATUS_OK);
    CU_ASSERT_EQUAL(file_list_add(&list, "/nowhere", &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(list.count, 3);
    CU_ASSERT_STRING_EQUAL(list.paths[0], "-");
    CU_ASSERT_STRING_EQUAL(list.paths[1], path);
    CU_ASSERT_STRING_EQUAL(list.paths[2], "/nowhere");
    CU_ASSERT_EQUAL(file_list_add(&list, "/nowhere/*.csv", &error), STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "no file matches /nowhere/*.csv"));
    CU_ASSERT_EQUAL(list.count, 3);
    file_list_close(&list);
    file_list_close(&list);
    unlink(path);
    rmdir(folder);
}

static void files_are_the_same_whatever_leads_to_them(void)
{
    char folder[] = "/tmp/gyre-list-XXXXXX";
    char paths[4][PATH_BYTES];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    for (int i = 0; i < 4; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
    }
    fclose(fopen(paths[0], "wb"));
    fclose(fopen(paths[1], "wb"));
    CU_ASSERT_EQUAL(link(paths[0], paths[2]), 0);
    CU_ASSERT_EQUAL(symlink(paths[1], paths[3]), 0);
    const char *const given[] = {paths[3],    "/dev/null", paths[0], paths[1], "/nowhere",
                                 "/dev/null", paths[2],    paths[0], "-"};
    const char *const kept[] = {paths[3], "/dev/null", paths[0], "/nowhere", "/dev/null", "-"};
    const char *const left_out[] = {paths[1], paths[2], paths[0]};
    enum status status = STATUS_FAILED;
    for (uint64_t after = 1; status != STATUS_OK; after++) {
        struct file_list list = {0};
        struct file_list repeated = {0};
        error_clear(&error);
        for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
            CU_ASSERT_EQUAL(file_list_add(&list, given[i], &error), STATUS_OK);
        }
        memory_fault_set(after);
        status = file_list_unite(&list, &repeated, &error);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(error.status, status);
        if (status == STATUS_OK) {
            CU_ASSERT_EQUAL_FATAL(list.count, 6);
            CU_ASSERT_EQUAL_FATAL(repeated.count, 3);
            for (uint32_t i = 0; i < list.count; i++) {
                CU_ASSERT_STRING_EQUAL(list.paths[i], kept[i]);
            }
            for (uint32_t i = 0; i < repeated.count; i++) {
                CU_ASSERT_STRING_EQUAL(repeated.paths[i], left_out[i]);
            }
        }
        file_list_close(&list);
        file_list_close(&repeated);
    }
    for (int i = 0; i < 4; i++) {
        unlink(paths[i]);
    }
    rmdir(folder);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(list_has_paths_and_what_patterns_match),
        CASE(files_are_the_same_whatever_leads_to_them),
        CU_TEST_INFO_NULL,
    };
    return suite_run("file_list", NULL, NULL, cases);
}
