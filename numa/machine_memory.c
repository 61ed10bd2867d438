/* /proc/self/cgroup names the groups, in lines `number:controllers:path`; version 2 has no
 * controllers there. The limits of the groups above hold too, and stand in the directories above.
 * In a container the path may be that of the machine outside, of which there is only the top. */
#include "numa/machine_memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LINE_BYTES = PATH_BYTES };

static void keep_group(uint64_t *least, const char *root, char *line);
static void keep_limits(uint64_t *least, const char *directory, char *group, const char *name);
static uint64_t read_limit(const char *directory, const char *group, const char *name);

uint64_t machine_memory_bytes(const char *root)
{
    uint64_t least = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        char line[LINE_BYTES];
        while (fgets(line, sizeof(line), file) != NULL) {
            keep_group(&least, root, line);
        }
        fclose(file);
    }
    return least;
}

static void keep_group(uint64_t *least, const char *root, char *line)
{
    char *controllers = strchr(line, ':');
    char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (group == NULL) {
        return;
    }
    controllers++;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    char directory[PATH_BYTES];
    if (*controllers == '\0') {
        snprintf(directory, sizeof(directory), "%s/sys/fs/cgroup", root);
        keep_limits(least, directory, group, "memory.max");
    } else if (strcmp(controllers, "memory") == 0) {
        snprintf(directory, sizeof(directory), "%s/sys/fs/cgroup/memory", root);
        keep_limits(least, directory, group, "memory.limit_in_bytes");
    }
}

/* Of the group and of those above it, up to the top. */
static void keep_limits(uint64_t *least, const char *directory, char *group, const char *name)
{
    for (char *slash = group; slash != NULL;) {
        uint64_t limit = read_limit(directory, group, name);
        *least = limit < *least ? limit : *least;
        slash = strrchr(group, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    }
}

/* UINT64_MAX when there is none. */
static uint64_t read_limit(const char *directory, const char *group, const char *name)
{
    char path[2 * PATH_BYTES];
    snprintf(path, sizeof(path), "%s%s/%s", directory, group, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return UINT64_MAX;
    }
    unsigned long long limit = 0;
    bool is_number = fscanf(file, "%llu", &limit) == 1;
    fclose(file);
    return is_number ? limit : UINT64_MAX;
}
