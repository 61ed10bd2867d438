/* The files that a command writes; see target.h. */
#include "cli/target.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/message.h"
#include "gyre.h"

static bool is_same_file(const char *left, const char *right);
static bool is_source(const char *path, const char *source);

int target_check(const char *command, const struct target *targets, uint32_t target_count,
                 const char *const *sources, uint32_t source_count)
{
    for (uint32_t i = 0; i < target_count; i++) {
        if (targets[i].path == NULL) {
            continue;
        }
        for (uint32_t k = 0; k < source_count; k++) {
            if (is_source(targets[i].path, sources[k])) {
                return message_usage(command, "%s names a SOURCE, which it would replace: %s",
                                     targets[i].option, sources[k]);
            }
        }
        for (uint32_t k = 0; k < i; k++) {
            if (targets[k].path != NULL && is_same_file(targets[i].path, targets[k].path)) {
                return message_usage(command, "%s and %s name the same file: %s", targets[k].option,
                                     targets[i].option, targets[i].path);
            }
        }
    }
    return GYRE_OK;
}

FILE *target_open(const char *path)
{
    return strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
}

int target_close(FILE *file, const char *path)
{
    if (file == stdout) {
        return GYRE_OK;
    }
    bool is_whole = file != NULL && ferror(file) == 0;
    if (file != NULL && fclose(file) == 0 && is_whole) {
        return GYRE_OK;
    }
    message_failure("%s: cannot write: %s", path, strerror(errno));
    return GYRE_FAILED;
}

/* Two names of one regular file, which need not be there yet. `-` is no file. */
static bool is_same_file(const char *left, const char *right)
{
    if (strcmp(left, "-") == 0 || strcmp(right, "-") == 0) {
        return false;
    }
    struct stat left_file;
    struct stat right_file;
    bool is_left_there = stat(left, &left_file) == 0;
    bool is_right_there = stat(right, &right_file) == 0;
    if (!is_left_there || !is_right_there) {
        return strcmp(left, right) == 0;
    }
    return S_ISREG(left_file.st_mode) && left_file.st_dev == right_file.st_dev &&
           left_file.st_ino == right_file.st_ino;
}

/* A source that names no file may be a pattern of names, of which the path may be one. */
static bool is_source(const char *path, const char *source)
{
    struct stat file;
    if (stat(source, &file) == 0 || strpbrk(source, "*?[") == NULL) {
        return is_same_file(path, source);
    }
    glob_t names = {0};
    bool is_found = false;
    if (glob(source, GLOB_NOSORT, NULL, &names) == 0) {
        for (size_t i = 0; i < names.gl_pathc && !is_found; i++) {
            is_found = is_same_file(path, names.gl_pathv[i]);
        }
    }
    globfree(&names);
    return is_found;
}
