/* An engine and a loaded graph; see session.h. */
#include "cli/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/text.h"

enum { THREADS_MAX = 1024, PARTITIONS_MAX = 1024 };

static const char *const huge_page_names[] = {"auto", "thp", "explicit", "never", NULL};
static const char *const progress_names[] = {"auto", "always", "never", NULL};

static bool set_reject_limit(struct gyre_load_options *options, const char *text);
static void print_notes(const struct gyre_load_report *report);
static void print_passed_over(const struct gyre_load_report *report);
static void print_rejects(const struct gyre_load_report *report, const char *rejects_path);

uint32_t session_engine_options(struct session_settings *settings, struct option *options)
{
    const struct option known[] = {
        {.help = "Running"},
        {"threads", 't', OPTION_NUMBER, &settings->threads, "N",
         "workers; default: one per core that may be used", NULL, THREADS_MAX},
        {"partitions", 0, OPTION_NUMBER, &settings->partitions, "N",
         "parts of the graph; default: one per NUMA node", NULL, PARTITIONS_MAX},
        {"memory-limit", 0, OPTION_SIZE, &settings->memory_limit_bytes, "SIZE",
         "memory that may be taken, as 512M or 64G; default:\nfour fifths of what the machine has, "
         "or a container",
         NULL, 0},
        {"huge-pages", 0, OPTION_CHOICE, &settings->huge_pages, "KIND",
         "auto, thp (transparent), explicit (reserved) or never;\ndefault: auto", huge_page_names,
         0},
        {"topology", 0, OPTION_TEXT, &settings->topology, "DESC",
         "another machine: \"synthetic:numa:2 core:4 pu:1\", or\nan XML file of hwloc", NULL, 0},
        {"progress", 0, OPTION_CHOICE, &settings->progress, "WHEN",
         "auto (on a terminal), always or never", progress_names, 0},
        {"quiet", 'q', OPTION_FLAG, &settings->is_quiet, NULL, "no summary, no notes, no progress",
         NULL, 0},
    };
    memcpy(options, known, sizeof(known));
    return sizeof(known) / sizeof(known[0]);
}

uint32_t session_load_options(struct session_settings *settings, struct option *options)
{
    const struct option known[] = {
        {.help = "Loading"},
        {"format-in", 0, OPTION_TEXT, &settings->format_in, "FORMAT",
         "argus, zeek, suricata, nfdump, aws, cicflowmeter,\nedges or csv; default: by content",
         NULL, 0},
        {"column", 0, OPTION_TEXTS, &settings->columns, "NAME=ROLE[:TYPE[:FORMAT]]",
         "what a column means; ROLE: time, source, target,\nattribute, or what it stands for, as "
         "TotBytes",
         NULL, 0},
        {"schema", 0, OPTION_TEXT, &settings->schema_path, "FILE",
         "the same from a file, one column per line", NULL, 0},
        {"reject-limit", 0, OPTION_TEXT, &settings->reject_limit, "N|P%",
         "bad rows that are put up with: a number, a share,\nor none for no limit; default: 1%",
         NULL, 0},
        {"rejects", 0, OPTION_TEXT, &settings->rejects_path, "FILE",
         "where bad rows go, as they came", NULL, 0},
    };
    memcpy(options, known, sizeof(known));
    return sizeof(known) / sizeof(known[0]);
}

int session_open(struct session *session, const struct session_settings *settings,
                 const char *command)
{
    struct gyre_load_options limit;
    if (settings->reject_limit != NULL && !set_reject_limit(&limit, settings->reject_limit)) {
        return message_usage(command,
                             "--reject-limit wants a number of rows, a share as 5%%, or "
                             "none, not '%s'",
                             settings->reject_limit);
    }
    static const enum gyre_progress progress[] = {GYRE_PROGRESS_AUTO, GYRE_PROGRESS_ALWAYS,
                                                  GYRE_PROGRESS_NEVER};
    struct gyre_engine_options options = {
        .threads = (uint32_t)settings->threads,
        .memory_limit_bytes = settings->memory_limit_bytes,
        .spill_directory = settings->spill_directory,
        .spill_limit_bytes = settings->spill_limit_bytes,
        .has_no_spill = settings->spill_limit_bytes == 0,
        .topology = settings->topology,
        .huge_pages = (enum gyre_huge_pages)settings->huge_pages,
        .progress = settings->is_quiet ? GYRE_PROGRESS_NEVER : progress[settings->progress],
    };
    struct gyre_error error = {0};
    if (gyre_engine_open(&session->engine, &options, &error) != GYRE_OK) {
        return message_error(&error);
    }
    gyre_engine_set_timeout(session->engine, settings->timeout_ns);
    interrupt_install(session->engine);
    return GYRE_OK;
}

int session_load(struct session *session, const struct session_settings *settings,
                 const char *command, const char *const *paths, uint32_t path_count)
{
    uint32_t standard_inputs = 0;
    for (uint32_t i = 0; i < path_count; i++) {
        standard_inputs += strcmp(paths[i], "-") == 0;
    }
    if (standard_inputs > 1) {
        return message_usage(command, "standard input can be one SOURCE only");
    }
    struct gyre_load_options options = {
        .partitions = (uint32_t)settings->partitions,
        .rejects_path = settings->rejects_path,
        .format_in = settings->format_in,
        .columns = settings->columns.texts,
        .column_count = settings->columns.count,
        .schema_path = settings->schema_path,
    };
    if (settings->reject_limit != NULL) {
        set_reject_limit(&options, settings->reject_limit);
    }
    struct gyre_error error = {0};
    int status = gyre_load(&session->graph, session->engine, paths, path_count, &options,
                           &session->report, &error);
    if (!settings->is_quiet) {
        print_notes(&session->report);
        print_passed_over(&session->report);
    }
    print_rejects(&session->report, settings->rejects_path);
    return status == GYRE_OK ? GYRE_OK : message_error(&error);
}

void session_close(struct session *session)
{
    interrupt_forget();
    gyre_graph_close(session->graph);
    gyre_engine_close(session->engine);
    session->graph = NULL;
    session->engine = NULL;
}

uint64_t session_peak_rss_bytes(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

/* `100`, `2.5%`, `none`. */
static bool set_reject_limit(struct gyre_load_options *options, const char *text)
{
    options->has_reject_limit = true;
    options->reject_limit_rows = GYRE_NO_LIMIT;
    options->reject_limit_percent = -1;
    if (strcmp(text, "none") == 0) {
        return true;
    }
    char *end = NULL;
    if (text[strspn(text, "0123456789.")] == '%') {
        options->reject_limit_percent = strtod(text, &end);
        return end != text && strcmp(end, "%") == 0 && options->reject_limit_percent <= 100;
    }
    size_t size = strspn(text, "0123456789");
    options->reject_limit_rows = strtoull(text, &end, 10);
    return size > 0 && size < 19 && text[size] == '\0';
}

static void print_notes(const struct gyre_load_report *report)
{
    for (uint32_t i = 0; i < report->note_count; i++) {
        message_failure("note: %s", report->notes[i]);
    }
}

/* Where rows that were read went, when some are neither flows nor wrong. */
static void print_passed_over(const struct gyre_load_report *report)
{
    if (report->rows_passed_over == 0) {
        return;
    }
    struct text_room read;
    struct text_room loaded;
    struct text_room passed;
    struct text_room rejected;
    message_failure("note: %s rows read = %s loaded + %s passed over + %s rejected",
                    text_grouped(&read, report->rows_read),
                    text_grouped(&loaded, report->rows_loaded),
                    text_grouped(&passed, report->rows_passed_over),
                    text_grouped(&rejected, report->rows_rejected));
}

/* By reason, the first of each with its place. */
static void print_rejects(const struct gyre_load_report *report, const char *rejects_path)
{
    if (report->rows_rejected == 0) {
        return;
    }
    struct text_room rejected;
    struct text_room read;
    message_failure("%s of %s rows rejected%s%s", text_grouped(&rejected, report->rows_rejected),
                    text_grouped(&read, report->rows_read),
                    rejects_path != NULL ? "; they are in " : "",
                    rejects_path != NULL ? rejects_path : "");
    for (uint32_t i = 0; i < GYRE_REJECT_REASONS; i++) {
        const struct gyre_reject *reject = &report->rejects[i];
        if (reject->count == 0) {
            continue;
        }
        char column[TEXT_BYTES] = "";
        if (reject->column > 0) {
            snprintf(column, sizeof(column), ":%" PRIu32, reject->column);
        }
        message_line("  %s %s, first at %s:%" PRIu64 "%s: %s%s'%s'",
                     text_grouped(&rejected, reject->count), reject->reason, reject->file,
                     reject->line, column, reject->field, reject->field[0] != '\0' ? " " : "",
                     reject->text);
    }
}
