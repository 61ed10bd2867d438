/* See worker_run.h. */
#include "pipeline/worker_run.h"

#include "pipeline/profile.h"

enum status worker_run_open(struct worker_run *worker, const struct run *run)
{
    struct run *own = &worker->run;
    struct error *error = &worker->error;
    worker->error = (struct error){0};
    worker->pool = (struct pool){.budget = run->pool.budget, .stop = run->stop};
    worker->source = *run->source;
    worker->source.error = error;
    *own = *run;
    own->pool = worker->pool;
    own->source = &worker->source;
    own->call.pool = &own->pool;
    own->call.random = NULL;
    own->matching = NULL;
    own->profile = NULL;
    own->flows_visited = 0;
    own->links_visited = 0;
    own->row = pool_allocate(&worker->pool, own->slot_count, sizeof *own->row, error);
    if (own->row == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < own->slot_count; i++) {
        own->row[i] = value_null();
    }
    return run->profile == NULL ? STATUS_OK
                                : profile_copy(&own->profile, run->profile, &worker->pool, error);
}

void worker_run_close(struct worker_run *worker)
{
    pool_close(&worker->run.pool);
    pool_close(&worker->pool);
}
