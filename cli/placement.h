/* Where the pages of a loaded graph are, against where they are meant to be: summed up by node for
 * --stats and --profile, and page by page for `gyre topology --verify`. */
#ifndef GYRE_CLI_PLACEMENT_H
#define GYRE_CLI_PLACEMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/session.h"

/* Looks at every page of the session's graph and prints what it finds on standard output. Returns
 * an exit code: GYRE_FAILED when a page is elsewhere or nothing can be verified. */
int placement_verify(const struct session *session, bool as_json);

/* A few lines on stderr, after a plan; a sample of the pages of large arrays. */
void placement_print(const struct session *session);

/* The same as a member of a JSON object, with a comma behind it. */
void placement_put_json(FILE *file, const struct session *session);

#endif
