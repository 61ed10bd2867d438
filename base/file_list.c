#include "base/file_list.h"

#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* What tells whether two paths lead to the same file. */
struct identity {
    dev_t device;
    ino_t number;
    uint32_t path; /* its index */
};

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

enum status file_list_add(struct file_list *list, const char *path, struct error *error)
{
    glob_t found = {0};
    bool is_pattern = strpbrk(path, "*?[") != NULL && access(path, F_OK) != 0;
    int result = is_pattern ? glob(path, GLOB_NOSORT, NULL, &found) : 0;
    size_t count = is_pattern && result == 0 ? found.gl_pathc : 1;
    enum status status = STATUS_OK;
    if (result == GLOB_NOMATCH) {
        status = error_set(error, STATUS_INPUT, "no file matches %s", path);
        goto done;
    }
    if (result != 0 || count > UINT32_MAX - list->count) {
        status = error_set(error, STATUS_FAILED, "cannot list the files that match %s", path);
        goto done;
    }
    char **paths = memory_resize(list->paths, list->count + count, sizeof *paths);
    if (paths == NULL) {
        status = error_set_memory(error, "listing files");
        goto done;
    }
    list->paths = paths;
    if (is_pattern) {
        qsort(found.gl_pathv, count, sizeof *found.gl_pathv, compare_paths);
    }
    for (size_t index = 0; index < count; index++) {
        const char *name = is_pattern ? found.gl_pathv[index] : path;
        paths[list->count] = memory_copy_text(name, strlen(name));
        if (paths[list->count] == NULL) {
            status = error_set_memory(error, "listing files");
            goto done;
        }
        list->count++;
    }

done:
    globfree(&found);
    return status;
}

void file_list_close(struct file_list *list)
{
    for (uint32_t index = 0; index < list->count; index++) {
        memory_free(list->paths[index]);
    }
    memory_free(list->paths);
    *list = (struct file_list){0};
}

/* By file, and then by path. */
static int compare_identities(const void *left, const void *right)
{
    const struct identity *a = left;
    const struct identity *b = right;
    if (a->device != b->device) {
        return a->device < b->device ? -1 : 1;
    }
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return a->path < b->path ? -1 : 1;
}

static bool are_same(const struct identity *left, const struct identity *right)
{
    return left->device == right->device && left->number == right->number;
}

/* `is_repeated` has a flag per path. Returns how many are set. */
static uint32_t find_repeated(const struct file_list *list, struct identity *identities,
                              bool *is_repeated)
{
    uint32_t count = 0;
    uint32_t repeated_count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct stat found;
        if (stat(list->paths[i], &found) == 0 && S_ISREG(found.st_mode)) {
            identities[count++] = (struct identity){found.st_dev, found.st_ino, i};
        }
    }
    qsort(identities, count, sizeof *identities, compare_identities);
    for (uint32_t i = 1; i < count; i++) {
        if (are_same(&identities[i], &identities[i - 1])) {
            is_repeated[identities[i].path] = true;
            repeated_count++;
        }
    }
    return repeated_count;
}

enum status file_list_unite(struct file_list *list, struct file_list *repeated, struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t kept = 0;
    struct identity *identities = memory_allocate(list->count, sizeof *identities);
    bool *is_repeated = memory_allocate(list->count, sizeof *is_repeated);
    *repeated = (struct file_list){0};
    if (identities == NULL || is_repeated == NULL) {
        status = error_set_memory(error, "listing files");
        goto done;
    }
    uint32_t repeated_count = find_repeated(list, identities, is_repeated);
    if (repeated_count == 0) {
        goto done;
    }
    repeated->paths = memory_allocate(repeated_count, sizeof *repeated->paths);
    if (repeated->paths == NULL) {
        status = error_set_memory(error, "listing files");
        goto done;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (is_repeated[i]) {
            repeated->paths[repeated->count++] = list->paths[i];
        } else {
            list->paths[kept++] = list->paths[i];
        }
    }
    list->count = kept;
done:
    memory_free(identities);
    memory_free(is_repeated);
    return status;
}
