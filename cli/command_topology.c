/* gyre topology: the machine, and where partitions and workers would go. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/grid.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/placement.h"
#include "cli/session.h"
#include "cli/text.h"
#include "gyre.h"

enum topology_format { TOPOLOGY_TABLE, TOPOLOGY_JSON };
enum { LIST_BYTES = 48 };

static const char *const format_names[] = {"table", "json", NULL};

static int run(const struct command *command, int count, char **arguments);
static void print_table(const struct gyre_engine *engine, uint32_t partition_count);
static void print_nodes(const struct gyre_engine *engine, uint32_t partition_count);
static void print_distances(const struct gyre_engine *engine);
static void print_workers(const struct gyre_engine *engine);
static void print_json(const struct gyre_engine *engine, uint32_t partition_count);
static int verify(struct session *session, const struct session_settings *settings, bool as_json);

const struct command command_topology = {
    .name = "topology",
    .summary = "tell the machine's nodes, and where partitions and workers would go",
    .usage = "topology [options]",
    .description = "Prints the NUMA nodes that this process may use, with their cores, memory and\n"
                   "distances, and where a run with these options would put its partitions and\n"
                   "workers. With --verify it makes and loads some flows, and asks the system\n"
                   "of every page of the graph where it is; one that is elsewhere fails it.",
    .example = "  gyre topology --threads=8 --partitions=4\n"
               "  gyre topology --verify\n"
               "  gyre topology --topology=\"synthetic:numa:4 core:8 pu:2\"",
    .run = run,
};

static int run(const struct command *command, int count, char **arguments)
{
    struct session_settings settings = {0};
    int format = TOPOLOGY_TABLE;
    bool is_verify = false;
    const struct option own[] = {
        {.help = "Output"},
        {"format", 'f', OPTION_CHOICE, &format, "FORMAT", "table or json; default: table",
         format_names, 0},
        {"verify", 0, OPTION_FLAG, &is_verify, NULL,
         "load a graph, and look whether every page is on its\nnode", NULL, 0},
    };
    enum { OWN_COUNT = sizeof(own) / sizeof(own[0]) };
    struct option options[OWN_COUNT + SESSION_OPTIONS_MAX];
    memcpy(options, own, sizeof(own));
    uint32_t option_count = OWN_COUNT + session_engine_options(&settings, options + OWN_COUNT);
    enum parse parsed = options_parse(command, options, option_count, arguments, &count);
    if (parsed != PARSE_DONE) {
        return parsed == PARSE_HELPED ? GYRE_OK : GYRE_USAGE;
    }
    if (count > 0) {
        return message_usage(command->name, "'%s' is not an option: nothing is read", arguments[0]);
    }
    if (is_verify && settings.topology != NULL && settings.topology[0] != '\0') {
        return message_usage(command->name, "nothing can be verified on another machine than this: "
                                            "--verify and --topology exclude each other");
    }
    struct session session = {0};
    int status = session_open(&session, &settings, command->name);
    if (status == GYRE_OK && is_verify) {
        status = verify(&session, &settings, format == TOPOLOGY_JSON);
    } else if (status == GYRE_OK) {
        uint32_t partition_count = settings.partitions != 0
                                       ? (uint32_t)settings.partitions
                                       : gyre_engine_home_count(session.engine);
        if (format == TOPOLOGY_TABLE) {
            print_table(session.engine, partition_count);
        } else {
            print_json(session.engine, partition_count);
        }
    }
    session_close(&session);
    return status;
}

static void print_table(const struct gyre_engine *engine, uint32_t partition_count)
{
    uint32_t node_count = gyre_engine_node_count(engine);
    uint32_t threads = gyre_engine_threads(engine);
    printf("%" PRIu32 " node%s, %" PRIu32 " worker%s, %" PRIu32 " partition%s%s\n\n", node_count,
           text_plural(node_count), threads, text_plural(threads), partition_count,
           text_plural(partition_count),
           gyre_engine_is_bound(engine) ? "" : "; not this machine: nothing would be bound");
    print_nodes(engine, partition_count);
    print_distances(engine);
    print_workers(engine);
}

/* The partitions of a node, as `0, 4, 8`; cut with dots. */
static const char *partition_list(char *list, const struct gyre_engine *engine, uint32_t node,
                                  uint32_t partition_count)
{
    size_t used = 0;
    list[0] = '\0';
    for (uint32_t p = 0; p < partition_count; p++) {
        if (gyre_engine_partition_node(engine, p) != node) {
            continue;
        }
        bool is_full = used > LIST_BYTES - 16;
        snprintf(list + used, LIST_BYTES - used, "%s", used == 0 ? "" : ", ");
        used = strlen(list);
        if (is_full) {
            snprintf(list + used, LIST_BYTES - used, "...");
            break;
        }
        snprintf(list + used, LIST_BYTES - used, "%" PRIu32, p);
        used = strlen(list);
    }
    return list;
}

static void print_nodes(const struct gyre_engine *engine, uint32_t partition_count)
{
    static const char *const titles[] = {">node",  ">os node", ">memory",    ">cores",
                                         ">units", ">workers", "partitions", NULL};
    uint32_t node_count = gyre_engine_node_count(engine);
    grid_begin(titles);
    for (uint32_t i = 0; i < node_count; i++) {
        struct gyre_node_info node = gyre_engine_node(engine, i);
        struct text_room room;
        char list[LIST_BYTES];
        grid_cell("%" PRIu32, i);
        grid_cell("%" PRIu32, node.os_index);
        grid_cell("%s", text_size(&room, node.memory_bytes));
        grid_cell("%" PRIu32, node.core_count);
        grid_cell("%" PRIu32, node.unit_count);
        grid_cell("%" PRIu32, node.worker_count);
        grid_cell("%s", partition_list(list, engine, i, partition_count));
    }
    grid_end();
}

/* Of more nodes than a line can hold, JSON has the distances. */
static void print_distances(const struct gyre_engine *engine)
{
    enum { NODES_MAX = 24 };
    uint32_t node_count = gyre_engine_node_count(engine);
    if (node_count == 1 || node_count > NODES_MAX) {
        return;
    }
    printf("\ndistance");
    for (uint32_t to = 0; to < node_count; to++) {
        printf(" %4" PRIu32, to);
    }
    putchar('\n');
    for (uint32_t from = 0; from < node_count; from++) {
        printf("%8" PRIu32, from);
        for (uint32_t to = 0; to < node_count; to++) {
            printf(" %4" PRIu32, gyre_engine_distance(engine, from, to));
        }
        putchar('\n');
    }
}

static void print_workers(const struct gyre_engine *engine)
{
    static const char *const titles[] = {">worker", ">node", ">core", ">unit", NULL};
    putchar('\n');
    grid_begin(titles);
    for (uint32_t i = 0; i < gyre_engine_threads(engine); i++) {
        uint32_t unit = 0;
        uint32_t core = 0;
        uint32_t node = 0;
        gyre_engine_worker(engine, i, &unit, &core, &node);
        grid_cell("%" PRIu32, i);
        grid_cell("%" PRIu32, node);
        grid_cell("%" PRIu32, core);
        grid_cell("%" PRIu32, unit);
    }
    grid_end();
}

static void print_json_node(const struct gyre_engine *engine, uint32_t index)
{
    struct gyre_node_info node = gyre_engine_node(engine, index);
    printf("%s\n    {\"os_index\": %" PRIu32 ", \"memory_bytes\": %" PRIu64 ", \"cores\": %" PRIu32
           ", \"units\": %" PRIu32 ", \"workers\": %" PRIu32 ", \"distances\": [",
           index > 0 ? "," : "", node.os_index, node.memory_bytes, node.core_count, node.unit_count,
           node.worker_count);
    for (uint32_t to = 0; to < gyre_engine_node_count(engine); to++) {
        printf("%s%" PRIu32, to > 0 ? ", " : "", gyre_engine_distance(engine, index, to));
    }
    printf("]}");
}

static void print_json(const struct gyre_engine *engine, uint32_t partition_count)
{
    uint32_t node_count = gyre_engine_node_count(engine);
    printf("{\n  \"bound\": %s,\n  \"nodes\": [", gyre_engine_is_bound(engine) ? "true" : "false");
    for (uint32_t i = 0; i < node_count; i++) {
        print_json_node(engine, i);
    }
    printf("\n  ],\n  \"workers\": [");
    for (uint32_t i = 0; i < gyre_engine_threads(engine); i++) {
        uint32_t unit = 0;
        uint32_t core = 0;
        uint32_t node = 0;
        gyre_engine_worker(engine, i, &unit, &core, &node);
        printf("%s\n    {\"node\": %" PRIu32 ", \"core\": %" PRIu32 ", \"unit\": %" PRIu32 "}",
               i > 0 ? "," : "", node, core, unit);
    }
    printf("\n  ],\n  \"partitions\": [");
    for (uint32_t p = 0; p < partition_count; p++) {
        printf("%s{\"node\": %" PRIu32 "}", p > 0 ? ", " : "",
               gyre_engine_partition_node(engine, p));
    }
    puts("]\n}");
}

/* As many flows as fill some dozens of pages of every partition's arrays, in a file of their own
 * that goes away. */
static int verify(struct session *session, const struct session_settings *settings, bool as_json)
{
    enum { FLOWS_PER_PARTITION = 100000, FLOWS_MAX = 2000000, PATH_BYTES = 4096 };
    const char *folder = getenv("TMPDIR");
    char path[PATH_BYTES + 16];
    snprintf(path, PATH_BYTES, "%s/gyre-verify-XXXXXX", folder == NULL ? "/tmp" : folder);
    if (mkdtemp(path) == NULL) {
        message_failure("%s: cannot make a folder for some flows: %s", path, strerror(errno));
        return GYRE_FAILED;
    }
    size_t folder_bytes = strlen(path);
    memcpy(path + folder_bytes, "/flows.csv", sizeof("/flows.csv"));

    uint64_t partitions =
        settings->partitions != 0 ? settings->partitions : gyre_engine_home_count(session->engine);
    uint64_t flows = partitions * FLOWS_PER_PARTITION;
    struct gyre_generate_options options = {.flows = flows < FLOWS_MAX ? flows : FLOWS_MAX,
                                            .stop = interrupt_flag()};
    struct gyre_error error = {0};
    int status = gyre_generate(path, NULL, &options, &error);
    if (status != GYRE_OK) {
        status = message_error(&error);
    } else {
        const char *paths[] = {path};
        status = session_load(session, settings, "topology", paths, 1);
    }
    (void)unlink(path);
    path[folder_bytes] = '\0';
    (void)rmdir(path);
    return status == GYRE_OK ? placement_verify(session, as_json) : status;
}
