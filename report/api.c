/* The public interface: what belongs to no handle, and what all of them share. */
#include "report/api.h"

#include "base/bytes.h"
#include "base/number.h"
#include "base/time_text.h"
#include "report/generate.h"

_Static_assert(sizeof(struct gyre_error) == sizeof(struct error), "one layout");
_Static_assert(offsetof(struct gyre_error, text) == offsetof(struct error, text), "one layout");
_Static_assert(offsetof(struct gyre_error, file) == offsetof(struct error, file), "one layout");
_Static_assert(offsetof(struct gyre_error, line) == offsetof(struct error, line), "one layout");
_Static_assert(offsetof(struct gyre_error, column) == offsetof(struct error, column), "one layout");
_Static_assert(offsetof(struct gyre_error, excerpt) == offsetof(struct error, excerpt),
               "one layout");
_Static_assert(offsetof(struct gyre_error, caret) == offsetof(struct error, caret), "one layout");
_Static_assert((int)GYRE_LIMIT == (int)STATUS_LIMIT &&
                   (int)GYRE_INTERRUPTED == (int)STATUS_INTERRUPTED,
               "one set of codes");

struct error *api_error(struct gyre_error *error)
{
    return (struct error *)(void *)error;
}

void api_run_begin(struct gyre_engine *engine)
{
    stop_forget(&engine->stop, false);
    progress_begin(&engine->progress);
}

enum status api_run_end(struct gyre_engine *engine, enum status status)
{
    stop_forget(&engine->stop, status == STATUS_INTERRUPTED);
    progress_end(&engine->progress);
    return status;
}

double api_seconds_since(int64_t start_ns)
{
    return (double)(clock_ns() - start_ns) / (double)NS_PER_SECOND;
}

const char *gyre_version(void)
{
    return GYRE_VERSION;
}

bool gyre_parse_size(const char *text, uint64_t *bytes)
{
    return size_parse(bytes_of(text), bytes);
}

bool gyre_parse_duration(const char *text, int64_t *duration_ns)
{
    return duration_parse(bytes_of(text), duration_ns);
}

int gyre_generate(const char *path, const char *cycles_path,
                  const struct gyre_generate_options *options, struct gyre_error *error)
{
    static const struct gyre_generate_options defaults = {0};
    options = options == NULL ? &defaults : options;
    double span_us = options->span_seconds * 1e6;
    if (!(span_us >= 0) || span_us > 1e18) {
        return (int)error_set(api_error(error), STATUS_USAGE, "no span of time: %g s",
                              options->span_seconds);
    }
    struct generate_options made = {
        .flow_count = options->flows,
        .seed = options->seed,
        .host_count = options->addresses,
        .cycle_count = options->cycles,
        .cycle_length = options->cycle_length,
        .span_us = (uint64_t)span_us,
        .stop = options->stop,
    };
    return (int)generate_flows(path, cycles_path, &made, api_error(error));
}
