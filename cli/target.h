/* The files that a command writes, so that none of them takes the place of a source or of another.
 */
#ifndef GYRE_CLI_TARGET_H
#define GYRE_CLI_TARGET_H

#include <stdint.h>
#include <stdio.h>

/* One of them: the option that names it, and what it says (NULL: not given). */
struct target {
    const char *option;
    const char *path;
};

/* Exit code GYRE_USAGE, said on stderr, where a target is one of `sources` or another target; else
 * GYRE_OK. What is no regular file (a pipe, /dev/null) may be named as often as one likes. */
int target_check(const char *command, const struct target *targets, uint32_t target_count,
                 const char *const *sources, uint32_t source_count);

/* Opens `path` to be written; NULL where that fails. target_close says on stderr if it did, or if
 * not all that was written has arrived; GYRE_FAILED then. For - it is standard output, of which the
 * end of the program tells how it went. */
FILE *target_open(const char *path);
int target_close(FILE *file, const char *path);

#endif
