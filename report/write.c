/* Writes a result, block by block; see write.h. */
#include "report/write.h"

#include "base/file.h"
#include "base/memory.h"
#include "report/buffer.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/jsonl.h"
#include "report/table.h"

/* A terminal is for looking, not for keeping. */
enum { TERMINAL_ROWS_MAX = 40 };
_Static_assert((int)TERMINAL_ROWS_MAX <= (int)EVALUATE_LANES,
               "all rows on a terminal are measured");

struct report {
    const struct outcome *outcome;
    enum report_format format;
    struct stop *stop;
    struct sheet sheet;
    struct table table;
    struct lanes *lanes; /* [column_count] */
    struct buffer buffer;
    struct file_writer *file;
    uint64_t row_count; /* to write */
    uint64_t hidden_count;
};

static enum status report_open(struct report *report, const char *path, struct error *error);
static void report_close(struct report *report);
static enum status write_rows(struct report *report, struct error *error);
static enum status write_block(struct report *report, uint64_t first, struct error *error);
static void put_head(struct report *report, uint32_t first_count);
static void put_rows(struct report *report, uint64_t first, uint32_t count);
static void put_tail(struct report *report);
static enum status flush(struct report *report, struct error *error);

enum status report_write(const struct outcome *outcome, enum report_format format, const char *path,
                         struct stop *stop, struct error *error)
{
    struct report report = {.outcome = outcome, .format = format, .stop = stop};
    enum status status = STATUS_OK;
    TRY_DONE(report_open(&report, path, error));
    TRY_DONE(write_rows(&report, error));
    TRY_DONE(file_writer_finish(report.file, error));
done:
    report_close(&report);
    return status;
}

static enum status report_open(struct report *report, const char *path, struct error *error)
{
    TRY(outcome_open_sheet(&report->sheet, report->outcome, error));
    report->sheet.pool.stop = report->stop;
    report->sheet.is_json = report->format == REPORT_JSON || report->format == REPORT_JSONL;
    report->lanes = memory_allocate(report->sheet.column_count, sizeof(*report->lanes));
    if (report->lanes == NULL) {
        return error_set_memory(error, "writing a result");
    }
    TRY(table_open(&report->table, &report->sheet, error));
    TRY(file_writer_open(&report->file, path, error));
    file_writer_set_stop(report->file, report->stop);

    report->row_count = outcome_row_count(report->outcome);
    if (report->format == REPORT_TABLE && file_writer_is_terminal(report->file) &&
        report->row_count > TERMINAL_ROWS_MAX) {
        report->hidden_count = report->row_count - TERMINAL_ROWS_MAX;
        report->row_count = TERMINAL_ROWS_MAX;
    }
    return STATUS_OK;
}

static void report_close(struct report *report)
{
    file_writer_close(report->file);
    buffer_close(&report->buffer);
    table_close(&report->table);
    memory_free(report->lanes);
    sheet_close(&report->sheet);
}

static enum status write_rows(struct report *report, struct error *error)
{
    uint64_t first = 0;
    do {
        TRY(write_block(report, first, error));
        first += EVALUATE_LANES;
    } while (first < report->row_count && !file_writer_is_closed(report->file));

    put_tail(report);
    return flush(report, error);
}

static enum status write_block(struct report *report, uint64_t first, struct error *error)
{
    uint64_t rest = report->row_count - first;
    uint32_t count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
    TRY(outcome_show(report->outcome, &report->sheet, report->lanes, first, count, error));
    if (first == 0) {
        put_head(report, count);
    }
    put_rows(report, first, count);
    /* Which may have cut values short. */
    if (stop_reason(report->stop) == STOP_INTERRUPTED) {
        return error_set(error, STATUS_INTERRUPTED, "interrupted while writing the result");
    }
    return flush(report, error);
}

static void put_head(struct report *report, uint32_t first_count)
{
    switch (report->format) {
    case REPORT_TABLE:
        table_measure(&report->table, &report->sheet, first_count);
        if (file_writer_columns(report->file) > 0) {
            table_fit(&report->table, &report->sheet, file_writer_columns(report->file));
        }
        table_put_head(&report->table, &report->buffer, &report->sheet);
        break;
    case REPORT_CSV:
        csv_put_head(&report->buffer, &report->sheet);
        break;
    case REPORT_JSON:
        json_put_head(&report->buffer);
        break;
    case REPORT_JSONL:
        break;
    }
}

static void put_rows(struct report *report, uint64_t first, uint32_t count)
{
    struct buffer *buffer = &report->buffer;
    struct sheet *sheet = &report->sheet;
    switch (report->format) {
    case REPORT_TABLE:
        table_put_rows(&report->table, buffer, sheet, count);
        break;
    case REPORT_CSV:
        csv_put_rows(buffer, sheet, count);
        break;
    case REPORT_JSON:
        json_put_rows(buffer, sheet, count, first == 0);
        break;
    case REPORT_JSONL:
        jsonl_put_rows(buffer, sheet, count);
        break;
    }
}

static void put_tail(struct report *report)
{
    if (report->format == REPORT_TABLE) {
        table_put_tail(&report->table, &report->buffer, &report->sheet, report->hidden_count);
    } else if (report->format == REPORT_JSON) {
        json_put_tail(&report->buffer, report->row_count == 0);
    }
}

static enum status flush(struct report *report, struct error *error)
{
    if (report->buffer.is_failed || report->sheet.lacks_memory) {
        return error_set_memory(error, "writing a result");
    }
    uint64_t size = report->buffer.size;
    report->buffer.size = 0;
    return size == 0 ? STATUS_OK : file_writer_put(report->file, report->buffer.data, size, error);
}
