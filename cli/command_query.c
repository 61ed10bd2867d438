/* gyre query: loads flows, finds matches, writes rows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/param_lines.h"
#include "cli/session.h"
#include "cli/target.h"
#include "gyre.h"

struct query_settings {
    struct session_settings session;
    struct ask ask;
    struct option_texts parameter_texts;
    struct option_texts list_texts;
};

static int run(const struct command *command, int count, char **arguments);
static enum parse parse(const struct command *command, struct query_settings *settings, int *count,
                        char **arguments);
static int read_query(struct query_settings *settings, const char *argument);
static int read_stream(struct query_settings *settings, FILE *file);
static int check_output(const struct ask *ask);
static int tell_wrong(const struct ask *ask, const struct gyre_error *error);

const struct command command_query = {
    .name = "query",
    .summary = "find the matches of a query in flows",
    .usage = "query [options] QUERY SOURCE...",
    .description =
        "Loads the flows of all SOURCEs and writes a row for each match of QUERY.\n"
        "QUERY is openCypher text, @FILE, or - for standard input. Several have ; between\n"
        "them; all but the last keep their rows INTO a name. docs/LANGUAGE.md is the\n"
        "reference of the language.\n" SESSION_SOURCE_HELP,
    .example = "  gyre query \"MATCH (a)-[e1]->(b)-[e2]->(a)\n"
               "              WHERE e1.StartTime <= e2.StartTime AND e1.Dur < e2.Dur / 10\n"
               "              AND e1.Proto = 'tcp' AND e2.Proto = 'icmp'\n"
               "              RETURN a.IPAddr AS A, b.IPAddr AS B, e1.StartTime AS started\"\n"
               "             --format=csv --output=rows.csv capture.binetflow",
    .run = run,
};

static int run(const struct command *command, int count, char **arguments)
{
    struct query_settings settings = {.ask.format = ASK_FORMAT_UNSET,
                                      .session.spill_limit_bytes = UINT64_MAX};
    enum parse parsed = parse(command, &settings, &count, arguments);
    if (parsed != PARSE_DONE) {
        return parsed == PARSE_HELPED ? GYRE_OK : GYRE_USAGE;
    }
    if (count < 2) {
        return message_usage(command->name, count == 0 ? "a QUERY and a SOURCE are missing"
                                                       : "a SOURCE is missing: a file of flows");
    }
    for (int i = 1; i < count && strcmp(arguments[0], "-") == 0; i++) {
        if (strcmp(arguments[i], "-") == 0) {
            return message_usage(command->name,
                                 "standard input cannot be both the QUERY and a SOURCE");
        }
    }
    const char *const *paths = (const char *const *)(arguments + 1);
    const struct target targets[] = {{"--output", settings.ask.output},
                                     {"--stats", settings.ask.statistics},
                                     {"--rejects", settings.session.rejects_path}};
    int status = target_check(command->name, targets, 3, paths, (uint32_t)count - 1);
    if (status == GYRE_OK) {
        status = check_output(&settings.ask);
    }
    if (status == GYRE_OK) {
        status = ask_set_parameters(&settings.ask, command->name, &settings.parameter_texts);
    }
    if (status == GYRE_OK) {
        status = param_lines_read(&settings.ask, command->name, &settings.list_texts);
    }
    if (status == GYRE_OK) {
        status = read_query(&settings, arguments[0]);
    }
    if (status != GYRE_OK) {
        return status;
    }
    struct gyre_error error = {0};
    if (gyre_query_check(settings.ask.text, settings.ask.name, &error) != GYRE_OK) {
        return tell_wrong(&settings.ask, &error);
    }
    struct session session = {0};
    status = session_open(&session, &settings.session, command->name);
    if (status == GYRE_OK) {
        status =
            session_load(&session, &settings.session, command->name, paths, (uint32_t)count - 1);
    }
    if (status == GYRE_OK) {
        settings.ask.is_quiet = settings.session.is_quiet;
        status = ask_run(&session, &settings.ask, NULL);
    }
    session_close(&session);
    return status;
}

static enum parse parse(const struct command *command, struct query_settings *settings, int *count,
                        char **arguments)
{
    const struct option own[] = {
        {.help = "Output"},
        {"format", 'f', OPTION_CHOICE, &settings->ask.format, "FORMAT",
         "table, csv, json or jsonl; default: as the output\nfile is called, table on a terminal, "
         "else csv",
         ask_format_names, 0},
        {"output", 'o', OPTION_TEXT, &settings->ask.output, "FILE",
         "where rows go; FILE appears when it is whole", NULL, 0},
        {"stats", 0, OPTION_TEXT, &settings->ask.statistics, "FILE",
         "write what the run took to FILE, as JSON", NULL, 0},
        {"explain", 0, OPTION_FLAG, &settings->ask.is_explain, NULL,
         "print the plan and do not run it", NULL, 0},
        {"profile", 0, OPTION_FLAG, &settings->ask.is_profile, NULL,
         "print the plan with counts on stderr afterwards", NULL, 0},
        {"param", 0, OPTION_TEXTS, &settings->parameter_texts, "NAME=VALUE",
         "what $NAME stands for in QUERY: a number, true, ['a', 'b'],\n{port: 80}, or a text", NULL,
         0},
        {"param-lines", 0, OPTION_TEXTS, &settings->list_texts, "NAME=FILE",
         "the same: the list of FILE's lines, as of addresses", NULL, 0},
    };
    enum { OWN_COUNT = sizeof(own) / sizeof(own[0]) };
    struct option options[OWN_COUNT + ASK_LIMIT_OPTIONS_MAX + 2 * SESSION_OPTIONS_MAX];
    memcpy(options, own, sizeof(own));
    uint32_t option_count = OWN_COUNT;
    option_count += ask_limit_options(&settings->ask, &settings->session, options + option_count);
    option_count += session_engine_options(&settings->session, options + option_count);
    option_count += session_load_options(&settings->session, options + option_count);
    return options_parse(command, options, option_count, arguments, count);
}

static int read_query(struct query_settings *settings, const char *argument)
{
    settings->ask.text = argument;
    if (strcmp(argument, "-") == 0) {
        settings->ask.name = "standard input";
        interrupt_install(NULL);
        return read_stream(settings, stdin);
    }
    if (argument[0] != '@') {
        return GYRE_OK;
    }
    settings->ask.name = argument + 1;
    interrupt_install(NULL);
    FILE *file = fopen(settings->ask.name, "r");
    if (file == NULL) {
        message_failure("%s: cannot read the query: %s", settings->ask.name, strerror(errno));
        return GYRE_USAGE;
    }
    int status = read_stream(settings, file);
    fclose(file);
    return status;
}

/* A mark of UTF-8 at the start, as some editors write it, is no part of the query. */
static int read_stream(struct query_settings *settings, FILE *file)
{
    static char text[ASK_TEXT_BYTES];
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    if (interrupt_is_set()) {
        message_failure("interrupted while reading the query");
        return GYRE_INTERRUPTED;
    }
    if (ferror(file) != 0) {
        message_failure("%s: cannot read the query: %s", settings->ask.name, strerror(errno));
        return GYRE_USAGE;
    }
    if (strlen(text) != size) {
        message_failure("%s: a query is text, and this has a NUL byte at offset %zu",
                        settings->ask.name, strlen(text));
        return GYRE_USAGE;
    }
    settings->ask.text = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
    return GYRE_OK;
}

static int check_output(const struct ask *ask)
{
    bool is_standard = ask->output == NULL || strcmp(ask->output, "-") == 0;
    if (ask->statistics != NULL && strcmp(ask->statistics, "-") == 0 && is_standard) {
        return message_usage("query", "--stats=- and the rows cannot both go to standard output: "
                                      "give --output");
    }
    if (!is_standard && ask->format == ASK_FORMAT_UNSET && ask_is_foreign(ask->output)) {
        return message_usage("query",
                             "--output=%s: rows are written as table, csv, json or jsonl, and not "
                             "packed; --format says which, whatever the file is called",
                             ask->output);
    }
    return GYRE_OK;
}

/* A text that is no query may be the name of a file, or have lines that gyre shell knows. */
static int tell_wrong(const struct ask *ask, const struct gyre_error *error)
{
    const char *text = ask->text;
    if (ask->name == NULL && access(text, F_OK) == 0) {
        return message_usage("query",
                             "the QUERY is the name of a file: @%s stands for the query in it, and "
                             "SOURCEs come behind the QUERY",
                             text);
    }
    bool is_word = text[0] != '\0' && strpbrk(text, " \t\n;(") == NULL;
    if (ask->name == NULL && is_word && strpbrk(text, "./") != NULL) {
        return message_usage("query",
                             "'%s' is no query; the query in a file is written @FILE, and there is "
                             "no file of that name",
                             text);
    }
    int status = message_error(error);
    if (error->excerpt[0] == ':' && error->caret == 0) {
        message_failure("lines that begin with : are for gyre shell, which reads questions and "
                        "such lines from standard input");
    }
    return status;
}
