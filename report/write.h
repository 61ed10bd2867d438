/* Writes a result, in any format, to a file that appears whole or not at all, or to standard
 * output. */
#ifndef GYRE_REPORT_WRITE_H
#define GYRE_REPORT_WRITE_H

#include "base/status.h"
#include "base/stop.h"
#include "report/outcome.h"

enum report_format { REPORT_TABLE, REPORT_CSV, REPORT_JSON, REPORT_JSONL };

/* `path` NULL or "-" is standard output; a reader that closes the pipe ends the writing without an
 * error. A table on a terminal shows the first rows and says how many it hides. A stop for
 * STOP_INTERRUPTED ends it with STATUS_INTERRUPTED, and then no file appears. */
enum status report_write(const struct outcome *outcome, enum report_format format, const char *path,
                         struct stop *stop, struct error *error);

#endif
