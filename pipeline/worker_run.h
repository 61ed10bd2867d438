/* The run of one worker of a team, beside those of the others: of the same query, with a row, a
 * pool and an error of its own. Expressions and stages are immutable and a run holds all that
 * changes, so that workers evaluate them side by side. */
#ifndef GYRE_PIPELINE_WORKER_RUN_H
#define GYRE_PIPELINE_WORKER_RUN_H

#include "pipeline/run.h"

/* Must stay where it is while it is open. */
struct worker_run {
    struct run run; /* its row is the worker's to fill; its source's error is `error` */
    struct source source;
    struct error error;
    struct pool pool; /* of what lasts longer than a row */
};

/* All slots are null; nobody may call rand(). With the status in the worker's own error. To be
 * closed whatever the status. */
enum status worker_run_open(struct worker_run *worker, const struct run *run);
void worker_run_close(struct worker_run *worker);

#endif
