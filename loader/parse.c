#include "loader/parse.h"

#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "loader/describe.h"
#include "loader/layout.h"
#include "loader/parser.h"
#include "loader/widen.h"

/* One pass over the input. Workers write to their own parser and error, to the tallies and batches
 * of chunks that they took, and to the atomics. */
struct pass {
    struct parser_input input;
    struct json_news news; /* of all passes */
    uint32_t note_count;   /* of the report, before headers were read */
    bool keeps_rejects;
    struct staging *staging;
    struct budget *budget;
    struct stop *stop;
    struct progress *progress;
    struct chunk_tally *tallies; /* [chunk_count] */
    struct parser *parsers;      /* [worker_count] */
    struct error *errors;        /* [worker_count] */
    uint32_t worker_count;
    _Atomic uint64_t next_chunk;
    _Atomic bool
        is_failed; /* so that the others end too; relaxed, the team's end orders the rest */
};

static enum status read_wishes(struct header_wishes *wishes, struct column_wishes *columns,
                               const struct load_options *options, struct error *error);
static void note_repeated(const struct source *source, struct load_report *report);
static enum status parse_source(struct staging *staging, struct source *source,
                                struct layout *layout, const struct header_wishes *wishes,
                                struct team *team, struct pass *pass, struct load_report *report,
                                struct error *error);
static enum status pass_open(struct pass *pass, const struct layout *layout, struct error *error);
static void pass_close(struct pass *pass);
static enum status pass_run(struct pass *pass, struct team *team, struct error *error);
static enum status pass_learns(struct pass *pass, bool *has_news, struct error *error);
static bool pass_widens(struct pass *pass, struct layout *layout, struct load_report *report);
static enum status finish(struct pass *pass, const struct layout *layout,
                          const struct load_options *options, struct load_report *report,
                          struct error *error);

enum status parse_files(struct staging *staging, struct team *team, struct budget *budget,
                        const struct load_options *options, struct stop *stop,
                        struct progress *progress, struct load_report *report, struct error *error)
{
    enum status status = STATUS_OK;
    struct source source = {0};
    struct layout layout = {0};
    struct column_wishes columns = {0};
    struct header_wishes wishes = {0};
    struct pass pass = {.budget = budget,
                        .stop = stop,
                        .progress = progress,
                        .keeps_rejects = options->rejects_path != NULL};
    TRY_DONE(read_wishes(&wishes, &columns, options, error));
    TRY_DONE(source_open(&source, options->paths, options->path_count, team, budget, stop, error));
    report->input_bytes = source.bytes;
    note_repeated(&source, report);
    wishes.news = &pass.news;
    pass.note_count = report->note_count;
    TRY_DONE(layout_open(&layout, &source, &wishes, report, error));
    TRY_DONE(parse_source(staging, &source, &layout, &wishes, team, &pass, report, error));
    TRY_DONE(layout_check_wishes(&layout, &source, &wishes, error));
    TRY_DONE(finish(&pass, &layout, options, report, error));
done:
    pass_close(&pass);
    json_news_close(&pass.news);
    layout_close(&layout);
    source_close(&source);
    column_wishes_close(&columns);
    return status;
}

static enum status refuse_dialect(const char *name, struct error *error)
{
    char names[256] = "";
    for (size_t i = 0; dialects[i] != NULL; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i == 0 ? "" : ", ", dialects[i]->name);
    }
    return error_set(error, STATUS_USAGE, "no format is called '%.100s'; there are %s", name,
                     names);
}

static enum status read_wishes(struct header_wishes *wishes, struct column_wishes *columns,
                               const struct load_options *options, struct error *error)
{
    TRY(column_wishes_open(columns, options->columns, options->column_count, options->schema_path,
                           error));
    *wishes = (struct header_wishes){.columns = columns->wishes, .column_count = columns->count};
    if (options->dialect != NULL) {
        wishes->dialect = dialect_find(bytes_of(options->dialect));
        if (wishes->dialect == NULL) {
            return refuse_dialect(options->dialect, error);
        }
    }
    return STATUS_OK;
}

static void note_repeated(const struct source *source, struct load_report *report)
{
    uint32_t count = source->repeated.count;
    if (count == 1) {
        load_report_note(report, "%s was given before, by this or another name; it is loaded once",
                         source->repeated.paths[0]);
    } else if (count > 1) {
        load_report_note(report,
                         "%u files were given before, by these or other names, %s first; each is "
                         "loaded once",
                         count, source->repeated.paths[0]);
    }
}

/* Passes until names and types hold: once, nearly always; once more where keys of JSON turn up that
 * no sampled line had, and at most twice more for types, since these only rise. */
static enum status parse_source(struct staging *staging, struct source *source,
                                struct layout *layout, const struct header_wishes *wishes,
                                struct team *team, struct pass *pass, struct load_report *report,
                                struct error *error)
{
    bool is_done = false;
    pass->staging = staging;
    pass->input = (struct parser_input){
        .source = source,
        .layout = layout,
        .staging = staging,
        .scan = scan_choose(),
        .keeps_rejects = pass->keeps_rejects,
    };
    while (!is_done) {
        bool has_news = false;
        if (pass->progress != NULL) {
            progress_phase(pass->progress, "loading", source->bytes);
        }
        TRY(pass_open(pass, layout, error));
        TRY(pass_run(pass, team, error));
        TRY(pass_learns(pass, &has_news, error));
        is_done = !has_news && !pass_widens(pass, layout, report);
        if (!is_done) {
            pass_close(pass);
            staging_close(staging);
        }
        if (has_news) {
            report->note_count = pass->note_count;
            layout_close(layout);
            TRY(layout_open(layout, source, wishes, report, error));
        }
    }
    return STATUS_OK;
}

static enum status pass_open(struct pass *pass, const struct layout *layout, struct error *error)
{
    struct staging *staging = pass->staging;
    uint32_t worker_count = pass->input.source->worker_count;
    uint32_t chunk_count = pass->input.source->chunk_count;
    TRY(layout_schema(layout, &staging->schema, error));
    staging->workers = memory_allocate(worker_count, sizeof *staging->workers);
    staging->worker_count = worker_count;
    staging->batches = memory_allocate(chunk_count, sizeof *staging->batches);
    staging->batch_count = chunk_count;
    pass->tallies = memory_allocate(chunk_count, sizeof *pass->tallies);
    pass->parsers = memory_allocate(worker_count, sizeof *pass->parsers);
    pass->errors = memory_allocate(worker_count, sizeof *pass->errors);
    pass->worker_count = worker_count;
    pass->next_chunk = 0;
    pass->is_failed = false;
    if (staging->workers == NULL || staging->batches == NULL || pass->tallies == NULL ||
        pass->parsers == NULL || pass->errors == NULL) {
        return error_set_memory(error, "parsing");
    }
    return STATUS_OK;
}

static void pass_close(struct pass *pass)
{
    for (uint32_t i = 0; pass->parsers != NULL && i < pass->worker_count; i++) {
        parser_close(&pass->parsers[i]);
    }
    memory_free(pass->tallies);
    memory_free(pass->parsers);
    memory_free(pass->errors);
    pass->tallies = NULL;
    pass->parsers = NULL;
    pass->errors = NULL;
}

static bool pass_must_end(struct pass *pass)
{
    return atomic_load_explicit(&pass->is_failed, memory_order_relaxed) ||
           (pass->stop != NULL && stop_poll(pass->stop));
}

static enum status parse_chunks(struct pass *pass, const struct worker *worker,
                                struct parser *parser, struct error *error)
{
    uint64_t begin;
    uint64_t end;
    uint64_t chunk_count = pass->input.source->chunk_count;
    while (!pass_must_end(pass) && team_next(&pass->next_chunk, chunk_count, 1, &begin, &end)) {
        TRY(parser_read_chunk(parser, (uint32_t)begin, &pass->staging->batches[begin],
                              &pass->tallies[begin], error));
        file_pass(&parser->chunk.file->view, parser->chunk.begin, parser->chunk.end);
        progress_add(pass->progress, parser->chunk.end - parser->chunk.begin);
        if (worker->index == 0) {
            progress_draw(pass->progress);
        }
    }
    return STATUS_OK;
}

static void parse_on_worker(const struct worker *worker, void *context)
{
    struct pass *pass = context;
    if (worker->index >= pass->worker_count) {
        return;
    }
    struct parser *parser = &pass->parsers[worker->index];
    struct error *error = &pass->errors[worker->index];
    enum status status = parser_open(parser, &pass->input, worker, pass->budget, error);
    if (status == STATUS_OK) {
        status = parse_chunks(pass, worker, parser, error);
    }
    if (status != STATUS_OK) {
        atomic_store_explicit(&pass->is_failed, true, memory_order_relaxed);
    }
    parser_rest(parser);
}

static enum status pass_run(struct pass *pass, struct team *team, struct error *error)
{
    team_run(team, parse_on_worker, pass);
    for (uint32_t i = 0; i < pass->worker_count; i++) {
        if (pass->errors[i].status != STATUS_OK) {
            if (error != NULL && error->status == STATUS_OK) {
                *error = pass->errors[i];
            }
            return pass->errors[i].status;
        }
    }
    return stop_error(pass->stop, "loading", error);
}

/* Unites what the workers learnt of keys. */
static enum status pass_learns(struct pass *pass, bool *has_news, struct error *error)
{
    *has_news = false;
    for (uint32_t i = 0; i < pass->worker_count; i++) {
        *has_news |= pass->parsers[i].news.count > 0;
        TRY(json_news_merge(&pass->news, &pass->parsers[i].news, error));
    }
    return STATUS_OK;
}

/* Raises the types that turned out too narrow; false when there is none. */
static bool pass_widens(struct pass *pass, struct layout *layout, struct load_report *report)
{
    bool is_widened = false;
    chunk_tallies_sum(pass->tallies, pass->input.source);
    for (uint32_t column = 0; column < layout->column_count; column++) {
        struct widening widening = {.type = TYPE_NULL};
        for (uint32_t i = 0; i < pass->worker_count; i++) {
            widening_merge(&widening, &pass->parsers[i].widenings[column]);
        }
        if (widening.type != TYPE_NULL) {
            struct place place = widening.place;
            const char *file = source_chunk(pass->input.source, place.chunk).file->name;
            uint64_t line = pass->tallies[place.chunk].first_line + place.line;
            widening_apply(&widening, &layout->columns[column], file, line, report);
            is_widened = true;
        }
    }
    return is_widened;
}

static void number_rows(struct staging *staging)
{
    for (uint32_t i = 0; i < staging->batch_count; i++) {
        staging->batches[i].first_row = staging->row_count;
        staging->row_count += staging->batches[i].row_count;
    }
}

/* A column that is not well known and has no value in any row is text: nothing says otherwise. */
static void settle_empty_columns(struct staging *staging, const struct layout *layout)
{
    for (uint32_t column = 0; column < layout->column_count; column++) {
        bool is_empty = !layout->columns[column].is_known;
        for (uint32_t i = 0; i < staging->batch_count && is_empty; i++) {
            const struct batch *batch = &staging->batches[i];
            is_empty = batch->columns[column].null_count == batch->row_count;
        }
        for (uint32_t i = 0; i < staging->batch_count && is_empty; i++) {
            struct column *settled = &staging->batches[i].columns[column];
            settled->type = TYPE_TEXT;
            settled->encoding = ENCODING_INTEGER;
            settled->divisor = 0;
        }
        if (is_empty) {
            staging->schema.properties[column].type = TYPE_TEXT;
        }
    }
}

static enum status write_rejects(struct pass *pass, const char *path, struct error *error)
{
    const struct reject_log **logs = memory_allocate(pass->worker_count, sizeof *logs);
    if (logs == NULL) {
        return error_set_memory(error, "writing rejected lines");
    }
    for (uint32_t i = 0; i < pass->worker_count; i++) {
        logs[i] = &pass->parsers[i].rejects;
    }
    enum status status = reject_write(path, pass->input.source, logs, pass->tallies, error);
    memory_free(logs);
    return status;
}

static enum status finish(struct pass *pass, const struct layout *layout,
                          const struct load_options *options, struct load_report *report,
                          struct error *error)
{
    struct staging *staging = pass->staging;
    const struct source *source = pass->input.source;
    struct place firsts[REJECT_REASONS];
    number_rows(staging);
    settle_empty_columns(staging, layout);
    TRY(describe_columns(&staging->description, layout, &staging->schema, error));
    for (uint32_t i = 0; i < pass->worker_count; i++) {
        reject_report(report, &pass->parsers[i].rejects, firsts, source, pass->tallies);
    }
    for (uint32_t i = 0; i < source->chunk_count; i++) {
        report->rows_passed_over += pass->tallies[i].passed_count;
    }
    report->rows_read = staging->row_count + report->rows_passed_over + report->rows_rejected;
    report->rows_loaded = staging->row_count;
    if (options->rejects_path != NULL) {
        TRY(write_rejects(pass, options->rejects_path, error));
    }
    TRY(reject_check_limit(report, options, error));
    if (staging->row_count == 0) {
        return error_set(error, STATUS_INPUT, "no flows in %s%s", source->files[0].name,
                         source->file_count > 1 ? " and the other files" : "");
    }
    return STATUS_OK;
}
