/* gyre query: loads flows, finds matches, writes rows. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/placement.h"
#include "cli/session.h"
#include "cli/statistics.h"
#include "cli/target.h"
#include "cli/text.h"
#include "cli/work.h"
#include "gyre.h"

/* A query of a megabyte is a mistake; the library says so of what is longer than it takes. */
enum { QUERY_BYTES = (1 << 20) + 4096 };

/* In the order of enum gyre_format. */
static const char *const format_names[] = {"table", "csv", "json", "jsonl", NULL};

enum { FORMAT_UNSET = -1 };

struct query_settings {
    struct session_settings session;
    int format;
    const char *output;
    const char *statistics;
    bool is_explain;
    bool is_profile;
    uint64_t row_limit;
    struct option_texts parameter_texts;
    struct gyre_parameter parameters[OPTION_TEXTS_MAX];
    const char *text;
    const char *name; /* of the query's place, for errors; NULL: it was an argument */
};

static int run(const struct command *command, int count, char **arguments);
static enum parse parse(const struct command *command, struct query_settings *settings, int *count,
                        char **arguments);
static int read_query(struct query_settings *settings, const char *argument);
static int read_stream(struct query_settings *settings, FILE *file);
static int read_parameters(struct query_settings *settings);
static int check_output(const struct query_settings *settings);
static enum gyre_format format_of(const struct query_settings *settings);
static int run_query(struct session *session, const struct query_settings *settings);
static int explain(struct session *session, const struct query_settings *settings);
static int finish(struct session *session, const struct query_settings *settings,
                  struct gyre_result *result, const struct gyre_error *error);
static int show(const struct session *session, const struct query_settings *settings,
                struct gyre_result *result);
static int interrupted(const struct gyre_result *result);
static int print_plan(FILE *file, const struct gyre_result *result, bool as_json);
static void put_plan(FILE *file, const char *plan, bool as_json);

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
    struct query_settings settings = {.format = FORMAT_UNSET,
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
    const struct target targets[] = {{"--output", settings.output},
                                     {"--stats", settings.statistics},
                                     {"--rejects", settings.session.rejects_path}};
    int status = target_check(command->name, targets, 3, paths, (uint32_t)count - 1);
    if (status == GYRE_OK) {
        status = check_output(&settings);
    }
    if (status == GYRE_OK) {
        status = read_parameters(&settings);
    }
    if (status == GYRE_OK) {
        status = read_query(&settings, arguments[0]);
    }
    if (status != GYRE_OK) {
        return status;
    }
    struct gyre_error error = {0};
    if (gyre_query_check(settings.text, settings.name, &error) != GYRE_OK) {
        return message_error(&error);
    }
    struct session session = {0};
    status = session_open(&session, &settings.session, command->name);
    if (status == GYRE_OK) {
        status =
            session_load(&session, &settings.session, command->name, paths, (uint32_t)count - 1);
    }
    if (status == GYRE_OK) {
        status =
            settings.is_explain ? explain(&session, &settings) : run_query(&session, &settings);
    }
    session_close(&session);
    return status;
}

static enum parse parse(const struct command *command, struct query_settings *settings, int *count,
                        char **arguments)
{
    const struct option own[] = {
        {.help = "Output"},
        {"format", 'f', OPTION_CHOICE, &settings->format, "FORMAT",
         "table, csv, json or jsonl; default: as the output\nfile is called, table on a terminal, "
         "else csv",
         format_names, 0},
        {"output", 'o', OPTION_TEXT, &settings->output, "FILE",
         "where rows go; FILE appears when it is whole", NULL, 0},
        {"stats", 0, OPTION_TEXT, &settings->statistics, "FILE",
         "write what the run took to FILE, as JSON", NULL, 0},
        {"explain", 0, OPTION_FLAG, &settings->is_explain, NULL, "print the plan and do not run it",
         NULL, 0},
        {"profile", 0, OPTION_FLAG, &settings->is_profile, NULL,
         "print the plan with counts on stderr afterwards", NULL, 0},
        {"param", 0, OPTION_TEXTS, &settings->parameter_texts, "NAME=VALUE",
         "what $NAME stands for in QUERY: a number, true, ['a', 'b'],\n{port: 80}, or a text", NULL,
         0},
        {.help = "Limits"},
        {"timeout", 0, OPTION_DURATION, &settings->session.timeout_ns, "DURATION",
         "end after this time, as 500ms, 90s or 10m, with\nwhat was found until then (exit code 4)",
         NULL, 0},
        {"row-limit", 0, OPTION_NUMBER, &settings->row_limit, "N",
         "end when N rows are found (exit code 4)", NULL, 0},
        {"spill-limit", 0, OPTION_SIZE, &settings->session.spill_limit_bytes, "SIZE",
         "room on disk for results beyond --memory-limit, 0\nfor none; default: what the disk has",
         NULL, 0},
        {"spill-directory", 0, OPTION_TEXT, &settings->session.spill_directory, "DIR",
         "where that is; default: $TMPDIR, or /var/tmp", NULL, 0},
    };
    enum { OWN_COUNT = sizeof(own) / sizeof(own[0]) };
    struct option options[OWN_COUNT + 2 * SESSION_OPTIONS_MAX];
    memcpy(options, own, sizeof(own));
    uint32_t option_count = OWN_COUNT;
    option_count += session_engine_options(&settings->session, options + option_count);
    option_count += session_load_options(&settings->session, options + option_count);
    return options_parse(command, options, option_count, arguments, count);
}

static int read_query(struct query_settings *settings, const char *argument)
{
    settings->text = argument;
    if (strcmp(argument, "-") == 0) {
        settings->name = "standard input";
        interrupt_install(NULL);
        return read_stream(settings, stdin);
    }
    if (argument[0] != '@') {
        return GYRE_OK;
    }
    settings->name = argument + 1;
    interrupt_install(NULL);
    FILE *file = fopen(settings->name, "r");
    if (file == NULL) {
        message_failure("%s: cannot read the query: %s", settings->name, strerror(errno));
        return GYRE_USAGE;
    }
    int status = read_stream(settings, file);
    fclose(file);
    return status;
}

/* A mark of UTF-8 at the start, as some editors write it, is no part of the query. */
static int read_stream(struct query_settings *settings, FILE *file)
{
    static char text[QUERY_BYTES];
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    if (interrupt_is_set()) {
        message_failure("interrupted while reading the query");
        return GYRE_INTERRUPTED;
    }
    if (ferror(file) != 0) {
        message_failure("%s: cannot read the query: %s", settings->name, strerror(errno));
        return GYRE_USAGE;
    }
    if (strlen(text) != size) {
        message_failure("%s: a query is text, and this has a NUL byte at offset %zu",
                        settings->name, strlen(text));
        return GYRE_USAGE;
    }
    settings->text = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
    return GYRE_OK;
}

static bool is_standard(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t text_size = strlen(text);
    size_t ending_size = strlen(ending);
    return text_size >= ending_size && strcmp(text + text_size - ending_size, ending) == 0;
}

/* A file that is called as nothing that is written here would be a lie, and what is in it a
 * surprise to the program that is given it next. */
static int check_output(const struct query_settings *settings)
{
    static const char *const foreign[] = {".gz",      ".zst",  ".xz",      ".bz2",
                                          ".lz4",     ".zip",  ".parquet", ".arrow",
                                          ".feather", ".avro", ".tsv",     ".xlsx"};
    bool is_told = settings->format != FORMAT_UNSET || is_standard(settings->output);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign && !is_told; i++) {
        if (ends_with(settings->output, foreign[i])) {
            return message_usage("query",
                                 "--output=%s: rows are written as table, csv, json or jsonl, and "
                                 "not packed; --format says which, whatever the file is called",
                                 settings->output);
        }
    }
    bool has_statistics = settings->statistics != NULL;
    if (has_statistics && is_standard(settings->statistics) && is_standard(settings->output)) {
        return message_usage("query", "--stats=- and the rows cannot both go to standard output: "
                                      "give --output");
    }
    return GYRE_OK;
}

static enum gyre_format format_of(const struct query_settings *settings)
{
    if (settings->format != FORMAT_UNSET) {
        return (enum gyre_format)settings->format;
    }
    if (is_standard(settings->output)) {
        return isatty(STDOUT_FILENO) == 1 ? GYRE_FORMAT_TABLE : GYRE_FORMAT_CSV;
    }
    if (ends_with(settings->output, ".jsonl") || ends_with(settings->output, ".ndjson")) {
        return GYRE_FORMAT_JSONL;
    }
    return ends_with(settings->output, ".json") ? GYRE_FORMAT_JSON : GYRE_FORMAT_CSV;
}

/* `texts` are NAME=VALUE, and are cut at the sign. */
static int read_parameters(struct query_settings *settings)
{
    for (uint32_t i = 0; i < settings->parameter_texts.count; i++) {
        char *text = (char *)(uintptr_t)settings->parameter_texts.texts[i];
        char *sign = strchr(text, '=');
        if (sign == NULL || sign == text) {
            return message_usage("query", "--param=%s: write it as NAME=VALUE", text);
        }
        *sign = '\0';
        settings->parameters[i] = (struct gyre_parameter){text, sign + 1};
    }
    return GYRE_OK;
}

/* Of a plan: --format=jsonl means JSON too, of which a plan is one object. */
static bool wants_json(const struct query_settings *settings)
{
    return settings->format == GYRE_FORMAT_JSON || settings->format == GYRE_FORMAT_JSONL;
}

static int run_query(struct session *session, const struct query_settings *settings)
{
    struct gyre_query_options options = {
        .name = settings->name,
        .row_limit = settings->row_limit,
        .counts_reads = settings->is_profile || settings->statistics != NULL,
        .parameters = settings->parameters,
        .parameter_count = settings->parameter_texts.count,
    };
    struct gyre_error error = {0};
    struct gyre_result *result = NULL;
    int status = gyre_query(&result, session->graph, settings->text, &options, &error);
    if (interrupt_is_set()) {
        status = interrupted(result);
    } else if (result == NULL) {
        status = message_error(&error);
    } else if (gyre_result_mode(result) == GYRE_MODE_EXPLAIN) {
        status = print_plan(stdout, result, wants_json(settings));
    } else {
        status = finish(session, settings, result, &error);
    }
    gyre_result_close(result);
    return status;
}

static int explain(struct session *session, const struct query_settings *settings)
{
    struct gyre_query_options options = {.name = settings->name,
                                         .parameters = settings->parameters,
                                         .parameter_count = settings->parameter_texts.count};
    struct gyre_error error = {0};
    char *plan = NULL;
    bool as_json = wants_json(settings);
    int status = gyre_explain(&plan, session->graph, settings->text, &options, as_json, &error);
    if (status != GYRE_OK) {
        return message_error(&error);
    }
    put_plan(stdout, plan, as_json);
    gyre_text_free(plan);
    return GYRE_OK;
}

/* Writes a result, whole or partial; `error` says what made it partial. */
static int finish(struct session *session, const struct query_settings *settings,
                  struct gyre_result *result, const struct gyre_error *error)
{
    struct gyre_error write_error = {0};
    int status = gyre_result_write(result, format_of(settings),
                                   settings->output == NULL ? "-" : settings->output, &write_error);
    if (interrupt_is_set()) {
        return interrupted(result);
    }
    if (status != GYRE_OK) {
        return message_error(&write_error);
    }
    if (gyre_result_is_partial(result)) {
        message_failure("%s; the result is partial", error->text);
    }
    status = show(session, settings, result);
    return status == GYRE_OK && gyre_result_is_partial(result) ? GYRE_LIMIT : status;
}

/* What is told besides the rows. */
static int show(const struct session *session, const struct query_settings *settings,
                struct gyre_result *result)
{
    int status = GYRE_OK;
    if (settings->is_profile || gyre_result_mode(result) == GYRE_MODE_PROFILE) {
        bool as_json = wants_json(settings);
        status = print_plan(stderr, result, as_json);
        if (!as_json) {
            placement_print(session);
        }
        if (!as_json && gyre_result_mode(result) != GYRE_MODE_EXPLAIN) {
            work_print(session, result);
        }
    }
    if (!settings->session.is_quiet) {
        statistics_print(session, result);
    }
    if (status == GYRE_OK && settings->statistics != NULL) {
        status = statistics_write(settings->statistics, session, result);
    }
    return status;
}

static int interrupted(const struct gyre_result *result)
{
    if (result == NULL) {
        message_failure("interrupted; nothing was written");
        return GYRE_INTERRUPTED;
    }
    struct gyre_query_statistics run = gyre_result_statistics(result);
    struct text_room rows;
    struct text_room visited;
    struct text_room seconds;
    message_failure("interrupted after %s: %s row%s found, %s flows visited; the result was not "
                    "written",
                    text_seconds(&seconds, run.query_seconds), text_grouped(&rows, run.rows),
                    text_plural(run.rows), text_grouped(&visited, run.flows_visited));
    return GYRE_INTERRUPTED;
}

static int print_plan(FILE *file, const struct gyre_result *result, bool as_json)
{
    char *plan = gyre_result_profile(result, as_json);
    if (plan == NULL) {
        message_failure("out of memory while printing the plan");
        return GYRE_FAILED;
    }
    put_plan(file, plan, as_json);
    gyre_text_free(plan);
    return GYRE_OK;
}

static void put_plan(FILE *file, const char *plan, bool as_json)
{
    fputs(plan, file);
    fputs(as_json ? "\n" : "", file);
}
