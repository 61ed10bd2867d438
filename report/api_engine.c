/* The public interface: the engine. */
#include "report/api.h"

#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/memory.h"
#include "numa/machine_memory.h"

_Static_assert((int)GYRE_HUGE_PAGES_THP == (int)HUGE_PAGES_THP &&
                   (int)GYRE_HUGE_PAGES_EXPLICIT == (int)HUGE_PAGES_EXPLICIT &&
                   (int)GYRE_HUGE_PAGES_NEVER == (int)HUGE_PAGES_NEVER,
               "one set of names");

/* What is given back is kept up to here, and to this share of the memory limit. */
enum { KEPT_BYTES_MAX = 64 << 20, KEPT_SHARE = 16 };

static enum progress_when progress_when(enum gyre_progress progress);
static enum status open_spill(struct gyre_engine *engine, const struct gyre_engine_options *options,
                              struct error *error);

int gyre_engine_open(struct gyre_engine **engine, const struct gyre_engine_options *options,
                     struct gyre_error *error)
{
    static const struct gyre_engine_options defaults = {0};
    *engine = NULL;
    options = options == NULL ? &defaults : options;
    struct gyre_engine *opened = memory_allocate(1, sizeof(*opened));
    if (opened == NULL) {
        return (int)error_set_memory(api_error(error), "starting the engine");
    }
    enum status status = STATUS_OK;
    stop_init(&opened->stop, 0);
    budget_init(&opened->budget, options->memory_limit_bytes != 0
                                     ? options->memory_limit_bytes
                                     : machine_memory_bytes("") / 5 * 4);
    uint64_t share = opened->budget.limit_bytes / KEPT_SHARE;
    kept_pages_init(&opened->kept, share < KEPT_BYTES_MAX ? share : KEPT_BYTES_MAX);
    opened->budget.kept = &opened->kept;
    TRY_DONE(open_spill(opened, options, api_error(error)));
    progress_init(&opened->progress, progress_when(options->progress));
    opened->budget.huge_pages = (enum huge_pages)options->huge_pages;
    TRY_DONE(pages_check(opened->budget.huge_pages, api_error(error)));
    TRY_DONE(topology_open(&opened->topology, options->topology, api_error(error)));
    TRY_DONE(team_open(&opened->team, opened->topology, options->threads, api_error(error)));
    *engine = opened;
    opened = NULL;
done:
    gyre_engine_close(opened);
    return (int)status;
}

void gyre_engine_close(struct gyre_engine *engine)
{
    if (engine != NULL) {
        spill_end(&engine->spill, engine->team);
        team_close(engine->team);
        topology_close(engine->topology);
        memory_free(engine->spill_directory);
        kept_pages_close(&engine->kept);
        memory_free(engine);
    }
}

void gyre_engine_stop(struct gyre_engine *engine)
{
    stop_request(&engine->stop, STOP_INTERRUPTED);
}

void gyre_engine_resume(struct gyre_engine *engine)
{
    stop_forget(&engine->stop, true);
}

void gyre_engine_set_timeout(struct gyre_engine *engine, int64_t timeout_ns)
{
    int64_t deadline_ns = 0;
    if (timeout_ns > 0 && __builtin_add_overflow(clock_ns(), timeout_ns, &deadline_ns)) {
        deadline_ns = INT64_MAX;
    }
    engine->stop.deadline_ns = deadline_ns;
}

uint32_t gyre_engine_threads(const struct gyre_engine *engine)
{
    return team_worker_count(engine->team);
}

uint32_t gyre_engine_node_count(const struct gyre_engine *engine)
{
    return topology_node_count(engine->topology);
}

struct gyre_node_info gyre_engine_node(const struct gyre_engine *engine, uint32_t node)
{
    CHECK(node < topology_node_count(engine->topology));
    const struct topology_node *known = topology_node_at(engine->topology, node);
    struct gyre_node_info info = {
        .os_index = known->os_index,
        .memory_bytes = known->memory_bytes,
        .core_count = known->core_count,
        .unit_count = known->unit_count,
    };
    for (uint32_t worker = 0; worker < team_worker_count(engine->team); worker++) {
        info.worker_count += team_worker_at(engine->team, worker)->node == node;
    }
    return info;
}

uint32_t gyre_engine_distance(const struct gyre_engine *engine, uint32_t from, uint32_t to)
{
    CHECK(from < topology_node_count(engine->topology));
    CHECK(to < topology_node_count(engine->topology));
    return topology_distance(engine->topology, from, to);
}

void gyre_engine_worker(const struct gyre_engine *engine, uint32_t worker, uint32_t *os_unit,
                        uint32_t *core, uint32_t *node)
{
    CHECK(worker < team_worker_count(engine->team));
    uint32_t place_count = topology_place_count(engine->topology);
    struct topology_place place = topology_place_at(engine->topology, worker % place_count);
    *os_unit = place.os_unit;
    *core = place.core;
    *node = place.node;
}

uint32_t gyre_engine_partition_node(const struct gyre_engine *engine, uint32_t partition)
{
    uint32_t home = partition % topology_home_count(engine->topology);
    return topology_home_at(engine->topology, home);
}

uint32_t gyre_engine_home_count(const struct gyre_engine *engine)
{
    return topology_home_count(engine->topology);
}

bool gyre_engine_is_bound(const struct gyre_engine *engine)
{
    return topology_is_real(engine->topology);
}

static enum progress_when progress_when(enum gyre_progress progress)
{
    switch (progress) {
    case GYRE_PROGRESS_NEVER:
        return PROGRESS_NEVER;
    case GYRE_PROGRESS_AUTO:
        return PROGRESS_AUTO;
    case GYRE_PROGRESS_ALWAYS:
        return PROGRESS_ALWAYS;
    }
    return PROGRESS_NEVER;
}

/* The directory is the caller's, so that the engine keeps a copy. */
static enum status open_spill(struct gyre_engine *engine, const struct gyre_engine_options *options,
                              struct error *error)
{
    if (options->has_no_spill) {
        return STATUS_OK;
    }
    if (options->spill_directory != NULL) {
        TRY(file_check_directory(options->spill_directory, error));
        size_t size = strlen(options->spill_directory) + 1;
        engine->spill_directory = memory_allocate(size, 1);
        if (engine->spill_directory == NULL) {
            return error_set_memory(error, "starting the engine");
        }
        memcpy(engine->spill_directory, options->spill_directory, size);
    }
    spill_init(&engine->spill, engine->spill_directory, options->spill_limit_bytes, &engine->stop);
    engine->spill.budget.huge_pages = (enum huge_pages)options->huge_pages;
    engine->budget.spill = &engine->spill;
    return STATUS_OK;
}
