/* One question to a session; see ask.h. */
#include "cli/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/placement.h"
#include "cli/statistics.h"
#include "cli/target.h"
#include "cli/text.h"
#include "cli/work.h"

const char *const ask_format_names[] = {"table", "csv", "json", "jsonl", NULL};

static bool is_standard(const char *path);
static bool ends_with(const char *text, const char *ending);
static int ask_error(const struct ask *ask, struct gyre_error *error);
static int explain(struct session *session, const struct ask *ask,
                   const struct gyre_query_options *options);
static int write_explained(const struct ask *ask, const struct gyre_result *result);
static int finish(struct session *session, const struct ask *ask, struct gyre_result *result,
                  const struct gyre_error *error);
static int show(const struct session *session, const struct ask *ask, struct gyre_result *result);
static int interrupted(const struct gyre_result *result);
static bool is_json(enum gyre_format format);
static int write_plan(const struct ask *ask, const char *plan, bool as_json);
static int print_profile(const struct session *session, const struct ask *ask,
                         const struct gyre_result *result);

enum gyre_format ask_format(int format, const char *path)
{
    if (format != ASK_FORMAT_UNSET) {
        return (enum gyre_format)format;
    }
    if (is_standard(path)) {
        return isatty(STDOUT_FILENO) == 1 ? GYRE_FORMAT_TABLE : GYRE_FORMAT_CSV;
    }
    if (ends_with(path, ".jsonl") || ends_with(path, ".ndjson")) {
        return GYRE_FORMAT_JSONL;
    }
    return ends_with(path, ".json") ? GYRE_FORMAT_JSON : GYRE_FORMAT_CSV;
}

/* To write there would be a lie, and what is in it a surprise to the program that is given it next.
 */
bool ask_is_foreign(const char *path)
{
    static const char *const foreign[] = {".gz",      ".zst",  ".xz",      ".bz2",
                                          ".lz4",     ".zip",  ".parquet", ".arrow",
                                          ".feather", ".avro", ".tsv",     ".xlsx"};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (ends_with(path, foreign[i])) {
            return true;
        }
    }
    return false;
}

uint32_t ask_limit_options(struct ask *ask, struct session_settings *settings,
                           struct option *options)
{
    const struct option known[] = {
        {.help = "Limits"},
        {"timeout", 0, OPTION_DURATION, &settings->timeout_ns, "DURATION",
         "end after this time, as 500ms, 90s or 10m, with\nwhat was found until then (exit code 4)",
         NULL, 0},
        {"row-limit", 0, OPTION_NUMBER, &ask->row_limit, "N",
         "end when N rows are found (exit code 4)", NULL, 0},
        {"spill-limit", 0, OPTION_SIZE, &settings->spill_limit_bytes, "SIZE",
         "room on disk for results beyond --memory-limit, 0\nfor none; default: what the disk has",
         NULL, 0},
        {"spill-directory", 0, OPTION_TEXT, &settings->spill_directory, "DIR",
         "where that is; default: $TMPDIR, or /var/tmp", NULL, 0},
    };
    _Static_assert(sizeof(known) / sizeof(known[0]) == ASK_LIMIT_OPTIONS_MAX, "all have room");
    memcpy(options, known, sizeof(known));
    return ASK_LIMIT_OPTIONS_MAX;
}

int ask_add_parameter(struct ask *ask, char *text)
{
    char *sign = strchr(text, '=');
    if (sign == NULL || sign == text) {
        message_failure("%s: a parameter is written NAME=VALUE", text);
        return GYRE_USAGE;
    }
    *sign = '\0';
    uint32_t at = 0;
    while (at < ask->parameter_count && strcmp(ask->parameters[at].name, text) != 0) {
        at++;
    }
    if (at == OPTION_TEXTS_MAX) {
        message_failure("there are %d parameters already, and no more may be", OPTION_TEXTS_MAX);
        return GYRE_USAGE;
    }
    ask->parameter_count += at == ask->parameter_count;
    ask->parameters[at] = (struct gyre_parameter){text, sign + 1};
    return GYRE_OK;
}

int ask_set_parameters(struct ask *ask, const char *command, const struct option_texts *texts)
{
    for (uint32_t i = 0; i < texts->count; i++) {
        char *text = (char *)(uintptr_t)texts->texts[i];
        if (strchr(text, '=') == NULL || text[0] == '=') {
            return message_usage(command, "--param=%s: write it as NAME=VALUE", text);
        }
        ask_add_parameter(ask, text);
    }
    return GYRE_OK;
}

int ask_run(struct session *session, const struct ask *ask, struct gyre_result **kept)
{
    const struct gyre_query_options options = {
        .name = ask->name,
        .row_limit = ask->row_limit,
        .counts_reads = ask->is_profile || ask->statistics != NULL,
        .parameters = ask->parameters,
        .parameter_count = ask->parameter_count,
    };
    if (ask->is_explain) {
        return explain(session, ask, &options);
    }
    struct gyre_error error = {0};
    struct gyre_result *result = NULL;
    int status = gyre_query(&result, session->graph, ask->text, &options, &error);
    if (interrupt_is_set()) {
        status = interrupted(result);
    } else if (result == NULL) {
        status = ask_error(ask, &error);
    } else if (gyre_result_mode(result) == GYRE_MODE_EXPLAIN) {
        status = write_explained(ask, result);
    } else {
        status = finish(session, ask, result, &error);
        if (kept != NULL && (status == GYRE_OK || status == GYRE_LIMIT)) {
            *kept = result;
            result = NULL;
        }
    }
    gyre_result_close(result);
    return status;
}

int ask_write(struct gyre_result *result, int format, const char *path)
{
    struct gyre_error error = {0};
    int status =
        gyre_result_write(result, ask_format(format, path), path == NULL ? "-" : path, &error);
    if (interrupt_is_set()) {
        return interrupted(result);
    }
    return status == GYRE_OK ? GYRE_OK : message_error(&error);
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

/* A question that is one of several in a file has its lines counted from the file's start. */
static int ask_error(const struct ask *ask, struct gyre_error *error)
{
    if (error->line > 0) {
        error->line += ask->line_first;
    }
    return message_error(error);
}

static int explain(struct session *session, const struct ask *ask,
                   const struct gyre_query_options *options)
{
    struct gyre_error error = {0};
    char *plan = NULL;
    bool as_json = is_json(ask_format(ask->format, ask->output));
    int status = gyre_explain(&plan, session->graph, ask->text, options, as_json, &error);
    if (status != GYRE_OK) {
        return ask_error(ask, &error);
    }
    status = write_plan(ask, plan, as_json);
    gyre_text_free(plan);
    return status;
}

/* EXPLAIN before the query. */
static int write_explained(const struct ask *ask, const struct gyre_result *result)
{
    bool as_json = is_json(ask_format(ask->format, ask->output));
    char *plan = gyre_result_profile(result, as_json);
    if (plan == NULL) {
        message_failure("out of memory while printing the plan");
        return GYRE_FAILED;
    }
    int status = write_plan(ask, plan, as_json);
    gyre_text_free(plan);
    return status;
}

/* Writes a result, whole or partial; `error` says what made it partial. What is kept for later
 * questions is not meant to be looked at now. */
static int finish(struct session *session, const struct ask *ask, struct gyre_result *result,
                  const struct gyre_error *error)
{
    bool is_kept = ask->is_session && gyre_result_is_kept(result);
    int status = is_kept ? GYRE_OK : ask_write(result, ask->format, ask->output);
    if (status != GYRE_OK) {
        return status;
    }
    if (gyre_result_is_partial(result)) {
        message_failure("%s; the result is partial", error->text);
    }
    status = show(session, ask, result);
    return status == GYRE_OK && gyre_result_is_partial(result) ? GYRE_LIMIT : status;
}

/* What is told besides the rows. */
static int show(const struct session *session, const struct ask *ask, struct gyre_result *result)
{
    int status = GYRE_OK;
    if (ask->is_profile || gyre_result_mode(result) == GYRE_MODE_PROFILE) {
        status = print_profile(session, ask, result);
    }
    if (!ask->is_quiet) {
        statistics_print(session, result, !ask->is_session);
        const char *advice = gyre_result_advice(result);
        if (advice != NULL) {
            message_failure("note: %s", advice);
        }
    }
    if (status == GYRE_OK && ask->statistics != NULL) {
        status = statistics_write(ask->statistics, session, result);
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

/* JSON lines mean JSON too, of which a plan is one object. */
static bool is_json(enum gyre_format format)
{
    return format == GYRE_FORMAT_JSON || format == GYRE_FORMAT_JSONL;
}

/* The plan of a query that was explained stands where its rows would. */
static int write_plan(const struct ask *ask, const char *plan, bool as_json)
{
    const char *path = ask->output == NULL ? "-" : ask->output;
    FILE *file = target_open(path);
    if (file != NULL) {
        fprintf(file, "%s%s", plan, as_json ? "\n" : "");
    }
    return target_close(file, path);
}

/* The plan of a query that was run follows its rows, on standard error. */
static int print_profile(const struct session *session, const struct ask *ask,
                         const struct gyre_result *result)
{
    bool as_json = ask->format != ASK_FORMAT_UNSET && is_json((enum gyre_format)ask->format);
    char *plan = gyre_result_profile(result, as_json);
    if (plan == NULL) {
        message_failure("out of memory while printing the plan");
        return GYRE_FAILED;
    }
    fprintf(stderr, "%s%s", plan, as_json ? "\n" : "");
    gyre_text_free(plan);
    if (!as_json) {
        placement_print(session);
        work_print(session, result);
    }
    return GYRE_OK;
}
