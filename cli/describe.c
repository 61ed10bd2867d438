/* What is in a graph; see describe.h. */
#include "cli/describe.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/grid.h"
#include "cli/message.h"
#include "cli/text.h"

static void print_totals(const struct session *session);
static int print_columns(const struct gyre_graph *graph);
static void print_partitions(const struct gyre_graph *graph);
static void print_json_totals(const struct session *session);
static int print_json_columns(const struct gyre_graph *graph);
static void print_json_partitions(const struct gyre_graph *graph);

int describe_print(const struct session *session)
{
    print_totals(session);
    int status = print_columns(session->graph);
    print_partitions(session->graph);
    return status;
}

int describe_print_json(const struct session *session)
{
    puts("{");
    print_json_totals(session);
    int status = print_json_columns(session->graph);
    print_json_partitions(session->graph);
    puts("}");
    return status;
}

static double bytes_per_flow(const struct gyre_graph_info *info)
{
    return info->flows == 0 ? 0 : (double)info->bytes / (double)info->flows;
}

static void print_totals(const struct session *session)
{
    struct gyre_graph_info info = gyre_graph_info(session->graph);
    struct text_room room;
    printf("flows        %s\n", text_grouped(&room, info.flows));
    printf("addresses    %s\n", text_grouped(&room, info.vertices));
    printf("links        %s\n", text_grouped(&room, info.links));
    printf("rows read    %s\n", text_grouped(&room, session->report.rows_read));
    printf("passed over  %s\n", text_grouped(&room, session->report.rows_passed_over));
    printf("rejected     %s\n", text_grouped(&room, session->report.rows_rejected));
    printf("memory       %s, %.1f bytes a flow\n", text_size(&room, info.bytes),
           bytes_per_flow(&info));
    printf("loaded in    %s\n\n", text_seconds(&room, session->report.load_seconds));
}

static int print_columns(const struct gyre_graph *graph)
{
    static const char *const titles[] = {"column",    "also",  "type",     ">bytes", ">nulls",
                                         ">distinct", "least", "greatest", NULL};
    uint32_t property_count = gyre_graph_info(graph).properties;
    grid_begin(titles);
    for (uint32_t i = 0; i < property_count; i++) {
        struct gyre_property_info info;
        struct gyre_error error = {0};
        if (gyre_property_info(&info, graph, i, &error) != GYRE_OK) {
            return message_error(&error);
        }
        struct text_room room;
        grid_cell("%s", info.name);
        grid_cell("%s", info.aliases);
        grid_cell("%s", info.type);
        grid_cell("%" PRIu32, info.width_bytes);
        grid_cell("%s", text_grouped(&room, info.nulls));
        grid_cell("%s", text_grouped(&room, info.distinct));
        grid_cell("%s", info.least);
        grid_cell("%s", info.greatest);
    }
    grid_end();
    return GYRE_OK;
}

static void print_partitions(const struct gyre_graph *graph)
{
    static const char *const titles[] = {">partition", ">node",   ">addresses", ">links",
                                         ">flows",     ">memory", NULL};
    putchar('\n');
    grid_begin(titles);
    for (uint32_t i = 0; i < gyre_graph_info(graph).partitions; i++) {
        struct gyre_partition_info info = gyre_partition_info(graph, i);
        struct text_room room;
        grid_cell("%" PRIu32, i);
        grid_cell("%" PRIu32, info.node);
        grid_cell("%s", text_grouped(&room, info.vertices));
        grid_cell("%s", text_grouped(&room, info.links));
        grid_cell("%s", text_grouped(&room, info.flows));
        grid_cell("%s", text_size(&room, info.bytes));
    }
    grid_end();
}

static void print_json_totals(const struct session *session)
{
    struct gyre_graph_info info = gyre_graph_info(session->graph);
    printf("  \"flows\": %" PRIu64 ",\n  \"addresses\": %" PRIu64 ",\n  \"links\": %" PRIu64 ",\n",
           info.flows, info.vertices, info.links);
    printf("  \"rows_read\": %" PRIu64 ",\n", session->report.rows_read);
    printf("  \"rows_loaded\": %" PRIu64 ",\n", session->report.rows_loaded);
    printf("  \"rows_passed_over\": %" PRIu64 ",\n", session->report.rows_passed_over);
    printf("  \"rows_rejected\": %" PRIu64 ",\n", session->report.rows_rejected);
    printf("  \"graph_bytes\": %" PRIu64 ",\n  \"bytes_per_flow\": %.2f,\n", info.bytes,
           bytes_per_flow(&info));
    printf("  \"load_seconds\": %.9f,\n", session->report.load_seconds);
}

static int print_json_columns(const struct gyre_graph *graph)
{
    uint32_t property_count = gyre_graph_info(graph).properties;
    printf("  \"columns\": [");
    for (uint32_t i = 0; i < property_count; i++) {
        struct gyre_property_info info;
        struct gyre_error error = {0};
        if (gyre_property_info(&info, graph, i, &error) != GYRE_OK) {
            return message_error(&error);
        }
        printf("%s\n    {\"name\": ", i > 0 ? "," : "");
        text_put_json(stdout, info.name);
        printf(", \"type\": \"%s\", \"bytes\": %" PRIu32 ", \"nulls\": %" PRIu64
               ", \"distinct\": %" PRIu64 ", \"least\": ",
               info.type, info.width_bytes, info.nulls, info.distinct);
        text_put_json(stdout, info.least);
        printf(", \"greatest\": ");
        text_put_json(stdout, info.greatest);
        putchar('}');
    }
    puts("\n  ],");
    return GYRE_OK;
}

static void print_json_partitions(const struct gyre_graph *graph)
{
    printf("  \"partitions\": [");
    for (uint32_t i = 0; i < gyre_graph_info(graph).partitions; i++) {
        struct gyre_partition_info info = gyre_partition_info(graph, i);
        printf("%s\n    {\"node\": %" PRIu32 ", \"addresses\": %" PRIu64 ", \"links\": %" PRIu64
               ", \"flows\": %" PRIu64 ", \"bytes\": %" PRIu64 "}",
               i > 0 ? "," : "", info.node, info.vertices, info.links, info.flows, info.bytes);
    }
    puts("\n  ]");
}
