/* What a run tells about itself: the summary on stderr, and the file of --stats. */
#ifndef GYRE_CLI_STATISTICS_H
#define GYRE_CLI_STATISTICS_H

#include <stdbool.h>

#include "cli/session.h"
#include "gyre.h"

/* One line on stderr; `is_whole`: also of what loading took, and of the memory. */
void statistics_print(const struct session *session, const struct gyre_result *result,
                      bool is_whole);

/* Another one, of the loaded flows alone. */
void statistics_print_load(const struct session *session);

/* One JSON object; `-` is standard output. Returns an exit code, and says what went wrong. */
int statistics_write(const char *path, const struct session *session,
                     const struct gyre_result *result);

#endif
