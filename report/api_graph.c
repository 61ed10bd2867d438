/* The public interface: loading, and what there is to know of a graph. */
#include "report/api.h"

#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "loader/load.h"
#include "report/summary.h"

_Static_assert((int)GYRE_REJECT_REASONS == (int)REJECT_REASONS, "one set of reasons");
_Static_assert((int)GYRE_NOTES_MAX == (int)LOAD_NOTES_MAX, "as many notes");
_Static_assert(sizeof(((struct gyre_load_report *)0)->notes) ==
                   sizeof(((struct load_report *)0)->notes),
               "notes of one size");
_Static_assert(sizeof(((struct gyre_reject *)0)->file) == sizeof(((struct reject_sample *)0)->file),
               "samples of one size");
_Static_assert(sizeof(((struct gyre_reject *)0)->text) == sizeof(((struct reject_sample *)0)->text),
               "samples of one size");
_Static_assert(sizeof(((struct gyre_reject *)0)->field) ==
                   sizeof(((struct reject_sample *)0)->field),
               "samples of one size");

static struct load_options load_options(const char *const *paths, uint32_t path_count,
                                        const struct gyre_load_options *options);
static void copy_report(struct gyre_load_report *to, const struct load_report *from);
static void copy_reject(struct gyre_reject *to, const struct reject_sample *from,
                        enum reject_reason reason);

/* What is passed through team_hold. */
struct loading {
    struct gyre_graph *graph;
    const struct load_options *options;
    struct load_report *report;
    struct error *error;
    enum status status;
};

static void load_held(void *context)
{
    struct loading *loading = context;
    struct gyre_engine *engine = loading->graph->engine;
    loading->status =
        graph_load(&loading->graph->graph, engine->team, &engine->budget, loading->options,
                   &engine->stop, &engine->progress, loading->report, loading->error);
}

int gyre_load(struct gyre_graph **graph, struct gyre_engine *engine, const char *const *paths,
              uint32_t path_count, const struct gyre_load_options *options,
              struct gyre_load_report *report, struct gyre_error *error)
{
    *graph = NULL;
    if (report != NULL) {
        *report = (struct gyre_load_report){0};
    }
    if (path_count == 0) {
        return (int)error_set(api_error(error), STATUS_USAGE,
                              "there is no file to load flows from");
    }
    int64_t start_ns = clock_ns();
    struct load_options chosen = load_options(paths, path_count, options);
    struct gyre_graph *loaded = memory_allocate(1, sizeof(*loaded));
    struct load_report *filled = memory_allocate(1, sizeof(*filled));
    enum status status = STATUS_OK;
    if (loaded == NULL || filled == NULL) {
        status = error_set_memory(api_error(error), "loading");
        goto done;
    }
    loaded->engine = engine;
    api_run_begin(engine);
    struct loading loading = {loaded, &chosen, filled, api_error(error), STATUS_OK};
    team_hold(engine->team, load_held, &loading);
    status = api_run_end(engine, loading.status);
    if (status == STATUS_OK) {
        status = filter_cache_open(&loaded->filters, engine->topology, &engine->budget,
                                   api_error(error));
    }
    if (report != NULL) {
        copy_report(report, filled);
        report->load_seconds = api_seconds_since(start_ns);
    }
    if (status == STATUS_OK) {
        *graph = loaded;
        loaded = NULL;
    }
done:
    memory_free(filled);
    gyre_graph_close(loaded);
    return (int)status;
}

void gyre_graph_close(struct gyre_graph *graph)
{
    if (graph != NULL) {
        filter_cache_close(graph->filters);
        views_close(&graph->views);
        graph_close(graph->graph);
        memory_free(graph);
    }
}

void gyre_graph_forget(struct gyre_graph *graph)
{
    filter_cache_clear(graph->filters);
}

struct gyre_graph_info gyre_graph_info(const struct gyre_graph *graph)
{
    const struct graph *known = graph->graph;
    return (struct gyre_graph_info){
        .flows = known->edges.flow_count,
        .vertices = known->vertices.vertex_count,
        .links = known->edges.link_count,
        .bytes = known->bytes,
        .partitions = known->edges.partition_count,
        .properties = known->edges.schema.property_count,
    };
}

struct gyre_partition_info gyre_partition_info(const struct gyre_graph *graph, uint32_t partition)
{
    const struct edge_frame *frame = &graph->graph->edges;
    CHECK(partition < frame->partition_count);
    const struct partition *known = &frame->partitions[partition];
    return (struct gyre_partition_info){
        .node = known->node,
        .vertices = known->vertex_count,
        .links = known->link_count,
        .flows = known->flow_count,
        .bytes = partition_bytes(known, frame->schema.property_count),
    };
}

static void list_aliases(struct gyre_property_info *info, const struct schema *schema,
                         uint32_t property)
{
    size_t used = 0;
    for (uint32_t i = 0; i < schema->alias_count; i++) {
        if (schema->aliases[i].property == property && used < sizeof(info->aliases)) {
            used += (size_t)snprintf(info->aliases + used, sizeof(info->aliases) - used, "%s%s",
                                     used == 0 ? "" : ", ", schema->aliases[i].name);
        }
    }
}

int gyre_property_info(struct gyre_property_info *info, const struct gyre_graph *graph,
                       uint32_t property, struct gyre_error *error)
{
    CHECK(property < graph->graph->edges.schema.property_count);
    struct summary summary;
    enum status status =
        summary_build(&summary, graph->graph, property, &graph->engine->stop, api_error(error));
    const struct property *known = &graph->graph->edges.schema.properties[property];
    *info = (struct gyre_property_info){
        .name = known->name,
        .type = known->type == TYPE_ADDRESS ? "text" : type_name(known->type),
        .width_bytes = summary.width_bytes,
        .nulls = summary.null_count,
        .distinct = summary.distinct_count,
    };
    _Static_assert(sizeof(info->least) == sizeof(summary.least), "texts of one size");
    memcpy(info->least, summary.least, sizeof(info->least));
    memcpy(info->greatest, summary.greatest, sizeof(info->greatest));
    list_aliases(info, &graph->graph->edges.schema, property);
    return (int)status;
}

const char *gyre_graph_schema(const struct gyre_graph *graph)
{
    return graph->graph->description;
}

int gyre_graph_validate(const struct gyre_graph *graph, struct gyre_error *error)
{
    char reason[256] = "";
    if (!graph_validate(graph->graph, reason)) {
        return (int)error_set(api_error(error), STATUS_FAILED, "the graph is not valid: %s",
                              reason);
    }
    return GYRE_OK;
}

static struct load_options load_options(const char *const *paths, uint32_t path_count,
                                        const struct gyre_load_options *options)
{
    struct load_options chosen = {
        .paths = paths,
        .path_count = path_count,
        .reject_limit_rows = UINT64_MAX,
        .reject_limit_percent = REJECT_LIMIT_PERCENT_DEFAULT,
    };
    if (options != NULL) {
        chosen.partition_count = options->partitions;
        chosen.rejects_path = options->rejects_path;
        chosen.dialect = options->format_in;
        chosen.columns = options->columns;
        chosen.column_count = options->column_count;
        chosen.schema_path = options->schema_path;
        if (options->has_reject_limit) {
            chosen.reject_limit_rows = options->reject_limit_rows;
            chosen.reject_limit_percent = options->reject_limit_percent;
        }
    }
    return chosen;
}

static void copy_report(struct gyre_load_report *to, const struct load_report *from)
{
    to->input_bytes = from->input_bytes;
    to->rows_read = from->rows_read;
    to->rows_loaded = from->rows_loaded;
    to->rows_passed_over = from->rows_passed_over;
    to->rows_rejected = from->rows_rejected;
    for (uint32_t reason = 0; reason < REJECT_REASONS; reason++) {
        copy_reject(&to->rejects[reason], &from->rejects[reason], (enum reject_reason)reason);
    }
    memcpy(to->notes, from->notes, sizeof(to->notes));
    to->note_count = from->note_count;
    to->parse_seconds = from->parse_seconds;
    to->build_seconds = from->build_seconds;
}

static void copy_reject(struct gyre_reject *to, const struct reject_sample *from,
                        enum reject_reason reason)
{
    to->reason = reject_reason_text(reason);
    to->count = from->count;
    memcpy(to->file, from->file, sizeof(to->file));
    to->line = from->line;
    to->column = from->column;
    memcpy(to->field, from->field, sizeof(to->field));
    memcpy(to->text, from->text, sizeof(to->text));
}
