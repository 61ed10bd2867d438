#include "loader/reject.h"

#include <stdio.h>

#include "base/file.h"
#include "base/memory.h"

static void copy_printable(char *to, size_t to_bytes, struct bytes text);

enum status reject_log_add(struct reject_log *log, struct place place, enum reject_reason reason,
                           const char *field, uint32_t column, struct bytes text,
                           struct reject_line line, struct error *error)
{
    if (log->counts[reason]++ == 0) {
        struct reject_first *first = &log->first[reason];
        first->place = place;
        first->column = column;
        first->field = field;
        copy_printable(first->text, sizeof first->text, text);
    }
    if (!log->keeps_lines) {
        return STATUS_OK;
    }
    if (log->line_count == log->line_capacity) {
        uint64_t capacity = log->line_capacity == 0 ? 256 : log->line_capacity * 2;
        struct reject_line *lines = memory_resize(log->lines, capacity, sizeof *lines);
        if (lines == NULL) {
            return error_set_memory(error, "listing rejected lines");
        }
        log->lines = lines;
        log->line_capacity = capacity;
    }
    log->lines[log->line_count++] = line;
    return STATUS_OK;
}

void reject_log_close(struct reject_log *log)
{
    memory_free(log->lines);
    *log = (struct reject_log){0};
}

void reject_report(struct load_report *report, const struct reject_log *log, struct place *firsts,
                   const struct source *source, const struct chunk_tally *tallies)
{
    for (int reason = 0; reason < REJECT_REASONS; reason++) {
        const struct reject_first *first = &log->first[reason];
        struct reject_sample *sample = &report->rejects[reason];
        report->rows_rejected += log->counts[reason];
        if (log->counts[reason] > 0 &&
            (sample->count == 0 || place_is_before(first->place, firsts[reason]))) {
            uint32_t chunk = first->place.chunk;
            const char *file = source_chunk(source, chunk).file->name;
            firsts[reason] = first->place;
            snprintf(sample->file, sizeof sample->file, "%s", file);
            snprintf(sample->field, sizeof sample->field, "%s",
                     first->field == NULL ? "" : first->field);
            snprintf(sample->text, sizeof sample->text, "%s", first->text);
            sample->line = tallies[chunk].first_line + first->place.line;
            sample->column = first->column;
        }
        sample->count += log->counts[reason];
    }
}

void chunk_tallies_sum(struct chunk_tally *tallies, const struct source *source)
{
    uint32_t file = 0;
    uint64_t line = source_first_line(&source->files[0]);
    for (uint32_t chunk = 0; chunk < source->chunk_count; chunk++) {
        while (file + 1 < source->file_count && source->files[file + 1].chunk_base <= chunk) {
            file++;
            line = source_first_line(&source->files[file]);
        }
        tallies[chunk].first_line = line;
        line += tallies[chunk].line_count;
    }
}

static enum status write_header(struct file_writer *writer, const struct source_file *file,
                                struct error *error)
{
    struct bytes header = source_header(file);
    if (header.size == 0) {
        return STATUS_OK;
    }
    TRY(file_writer_put(writer, header.data, header.size, error));
    return file_writer_put(writer, "\n", 1, error);
}

static enum status write_line(struct file_writer *writer, const struct source_file *file,
                              struct reject_line line, struct error *error)
{
    const char *data = file->view.data + line.begin;
    TRY(file_writer_put(writer, data, line.bytes, error));
    if (data[line.bytes - 1] == '\n') {
        return STATUS_OK;
    }
    return file_writer_put(writer, "\n", 1, error);
}

enum status reject_write(const char *path, const struct source *source,
                         const struct reject_log *const *logs, const struct chunk_tally *tallies,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct file_writer *writer = NULL;
    const struct source_file *under = &source->files[0]; /* whose header stands above */
    TRY_DONE(file_writer_open(&writer, path, error));
    TRY_DONE(write_header(writer, under, error));
    for (uint32_t chunk = 0; chunk < source->chunk_count; chunk++) {
        const struct chunk_tally *tally = &tallies[chunk];
        if (tally->reject_count == 0) {
            continue;
        }
        const struct source_file *file = source_chunk(source, chunk).file;
        if (!bytes_equal(source_header(file), source_header(under))) {
            TRY_DONE(write_header(writer, file, error));
            under = file;
        }
        for (uint64_t i = 0; i < tally->reject_count; i++) {
            struct reject_line line = logs[tally->worker]->lines[tally->reject_begin + i];
            TRY_DONE(write_line(writer, file, line, error));
        }
    }
    TRY_DONE(file_writer_finish(writer, error));
done:
    file_writer_close(writer);
    return status;
}

/* How a number of rows stands to a limit in words: "1 percent", "at most 10 rows". */
static void describe_limit(const struct load_options *options, char *text, size_t text_bytes)
{
    if (options->reject_limit_rows != UINT64_MAX) {
        snprintf(text, text_bytes, "%llu", (unsigned long long)options->reject_limit_rows);
    } else {
        snprintf(text, text_bytes, "%g percent", options->reject_limit_percent);
    }
}

enum status reject_check_limit(const struct load_report *report, const struct load_options *options,
                               struct error *error)
{
    double rejected = (double)report->rows_rejected;
    double percent = options->reject_limit_percent;
    bool is_over = options->reject_limit_rows != UINT64_MAX
                       ? report->rows_rejected > options->reject_limit_rows
                       : percent >= 0 && rejected * 100 > percent * (double)report->rows_read;
    if (!is_over) {
        return STATUS_OK;
    }
    int worst = 0;
    for (int reason = 1; reason < REJECT_REASONS; reason++) {
        worst = report->rejects[reason].count > report->rejects[worst].count ? reason : worst;
    }
    const struct reject_sample *sample = &report->rejects[worst];
    char limit[48];
    describe_limit(options, limit, sizeof limit);
    error_set_at(error, STATUS_INPUT, sample->file, sample->line, sample->column,
                 "%llu of %llu rows were rejected, over the limit of %s; most often (%llu): "
                 "%s%s%s, first here. Allow more with --reject-limit=N or N%%, see them all "
                 "with --rejects=FILE",
                 (unsigned long long)report->rows_rejected, (unsigned long long)report->rows_read,
                 limit, (unsigned long long)sample->count,
                 reject_reason_text((enum reject_reason)worst),
                 sample->field[0] == '\0' ? "" : ", column ", sample->field);
    error_set_excerpt(error, sample->text, strlen(sample->text), 0);
    return STATUS_INPUT;
}

/* Cuts to the room there is, at a character of UTF-8, with blanks for control characters. */
static void copy_printable(char *to, size_t to_bytes, struct bytes text)
{
    size_t size = text.size < to_bytes ? text.size : to_bytes - 1;
    while (size < text.size && size > 0 && ((unsigned char)text.data[size] & 0xc0) == 0x80) {
        size--;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        to[i] = byte < 0x20 || byte == 0x7f ? ' ' : text.data[i];
    }
    to[size] = '\0';
}
