/* Which files a command line means: paths, and patterns of them. */
#ifndef GYRE_BASE_FILE_LIST_H
#define GYRE_BASE_FILE_LIST_H

#include <stdint.h>

#include "base/status.h"

/* In the order given; those of a pattern in ascending order of their bytes. Zeroed: empty. */
struct file_list {
    char **paths; /* [count] */
    uint32_t count;
};

/* Adds `path`, or where no such file is there and it is a pattern of the shell (with * ? or [ in
 * it) the files that it matches: STATUS_INPUT when there are none. */
enum status file_list_add(struct file_list *list, const char *path, struct error *error);
void file_list_close(struct file_list *list);

/* Moves paths of regular files that an earlier path leads to as well, be it by another name, to
 * `repeated` (which the caller closes). What is no regular file, as a pipe, stays: it is another
 * one each time. */
enum status file_list_unite(struct file_list *list, struct file_list *repeated,
                            struct error *error);

#endif
