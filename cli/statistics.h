/* What a run tells about itself: the summary on stderr, and the file of --stats. */
#ifndef GYRE_CLI_STATISTICS_H
#define GYRE_CLI_STATISTICS_H

#include "cli/session.h"
#include "gyre.h"

/* One line on stderr. */
void statistics_print(const struct session *session, const struct gyre_result *result);

/* One JSON object; `-` is standard output. Returns an exit code, and says what went wrong. */
int statistics_write(const char *path, const struct session *session,
                     const struct gyre_result *result);

#endif
