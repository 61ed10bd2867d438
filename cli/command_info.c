/* gyre info: what is in flow files, and what it takes to hold it. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/describe.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/target.h"
#include "gyre.h"

enum info_format { INFO_TABLE, INFO_JSON, INFO_SCHEMA };

static const char *const format_names[] = {"table", "json", "schema", NULL};

static int run(const struct command *command, int count, char **arguments);
static int print(const struct session *session, enum info_format format);

const struct command command_info = {
    .name = "info",
    .summary = "tell what is in flows: columns, addresses, partitions, memory",
    .usage = "info [options] SOURCE...",
    .description = "Loads the flows of all SOURCEs and tells their number, the columns with their\n"
                   "types and values, the partitions, and the memory that they take.\n"
                   "--format=schema writes how the columns were read, to be edited and given to\n"
                   "--schema.\n" SESSION_SOURCE_HELP,
    .example = "  gyre info --partitions=4 capture.binetflow",
    .run = run,
};

static int run(const struct command *command, int count, char **arguments)
{
    struct session_settings settings = {0};
    int format = INFO_TABLE;
    const struct option own[] = {
        {.help = "Output"},
        {"format", 'f', OPTION_CHOICE, &format, "FORMAT",
         "table, json, or schema: a file for --schema;\ndefault: table", format_names, 0},
    };
    enum { OWN_COUNT = sizeof(own) / sizeof(own[0]) };
    struct option options[OWN_COUNT + 2 * SESSION_OPTIONS_MAX];
    memcpy(options, own, sizeof(own));
    uint32_t option_count = OWN_COUNT;
    option_count += session_engine_options(&settings, options + option_count);
    option_count += session_load_options(&settings, options + option_count);
    enum parse parsed = options_parse(command, options, option_count, arguments, &count);
    if (parsed != PARSE_DONE) {
        return parsed == PARSE_HELPED ? GYRE_OK : GYRE_USAGE;
    }
    if (count == 0) {
        return message_usage(command->name, "a SOURCE is missing: a file of flows");
    }
    const char *const *paths = (const char *const *)arguments;
    const struct target rejects = {"--rejects", settings.rejects_path};
    int status = target_check(command->name, &rejects, 1, paths, (uint32_t)count);
    struct session session = {0};
    if (status == GYRE_OK) {
        status = session_open(&session, &settings, command->name);
    }
    if (status == GYRE_OK) {
        status = session_load(&session, &settings, command->name, paths, (uint32_t)count);
    }
    if (status == GYRE_OK) {
        status = print(&session, (enum info_format)format);
    }
    session_close(&session);
    return status;
}

static int print(const struct session *session, enum info_format format)
{
    switch (format) {
    case INFO_TABLE:
        return describe_print(session);
    case INFO_JSON:
        return describe_print_json(session);
    case INFO_SCHEMA:
        fputs(gyre_graph_schema(session->graph), stdout);
        break;
    }
    return GYRE_OK;
}
