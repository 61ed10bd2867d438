#include "loader/sample.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"
#include "loader/coder.h"
#include "loader/scan.h"

/* Rows are sampled at SAMPLE_PLACES places of a file, SAMPLE_LINES at each. */
enum { SAMPLE_PLACES = 16, SAMPLE_LINES = 16, SAMPLE_LINE_BYTES_MAX = 16 << 10 };

/* Lines at the beginning that are looked at when none of the sampled rows has a time. */
enum { TIME_LINES_MAX = 1024 };

/* A line that was taken out of a file, and its fields. */
struct sample {
    const struct source_file *source;
    uint64_t at;         /* of the next line */
    uint32_t place;      /* of SAMPLE_PLACES */
    uint32_t line_count; /* taken at this place */
    struct bytes line;   /* in the file */
    char *copy;          /* of the line, with what record_cut wants around it */
    char *text;
    uint32_t *ends;
};
static enum status sample_open(struct sample *sample, const struct layout_file *file,
                               const struct source_file *source, struct error *error);
static void sample_close(struct sample *sample);
static bool take_line(struct sample *sample);
static bool sample_next(struct sample *sample);
static bool is_row(const struct header *header, struct sample *sample);
static void raise_types(struct layout *layout, const struct layout_file *file,
                        const struct source_file *source, struct sample *sample,
                        struct load_report *report);

/* How many rows have a time of which form. A zero says nothing of its unit. */
enum { FORMS = READ_NANOSECONDS + 1 };
struct votes {
    uint32_t counts[FORMS];
    uint32_t zero_count;
    enum reading first; /* READ_TIME_ANY: there is none yet */
};
static void vote(struct votes *votes, const struct header *header, const struct sample *sample);
static bool are_open(const struct votes *votes, const struct header *header);
static void settle(struct votes *votes, struct header_column *column, const char *file_name,
                   struct load_report *report);

enum status sample_times(struct layout_file *file, const struct source_file *source,
                         struct load_report *report, struct error *error)
{
    enum status status = STATUS_OK;
    struct header *header = &file->header;
    struct sample sample = {0};
    uint32_t open_count = 0;
    for (uint32_t i = 0; i < header->column_count; i++) {
        open_count += header->columns[i].reading == READ_TIME_ANY;
    }
    if (open_count == 0) {
        return STATUS_OK;
    }
    struct votes *votes = memory_allocate(header->column_count, sizeof *votes);
    TRY_DONE(votes == NULL ? error_set_memory(error, "sampling rows")
                           : sample_open(&sample, file, source, error));
    for (uint32_t i = 0; i < header->column_count; i++) {
        votes[i].first = READ_TIME_ANY;
    }
    while (sample_next(&sample)) {
        if (is_row(header, &sample)) {
            vote(votes, header, &sample);
        }
    }
    sample.at = source->data_begin;
    for (uint32_t line = 0; line < TIME_LINES_MAX && are_open(votes, header); line++) {
        if (!take_line(&sample)) {
            break;
        }
        if (is_row(header, &sample)) {
            vote(votes, header, &sample);
        }
    }
    for (uint32_t i = 0; i < header->column_count; i++) {
        settle(&votes[i], &header->columns[i], source->name, report);
    }
done:
    sample_close(&sample);
    memory_free(votes);
    return status;
}

enum status sample_types(struct layout *layout, const struct layout_file *file,
                         const struct source_file *source, struct load_report *report,
                         struct error *error)
{
    struct sample sample;
    TRY(sample_open(&sample, file, source, error));
    while (sample_next(&sample)) {
        raise_types(layout, file, source, &sample, report);
    }
    sample_close(&sample);
    return STATUS_OK;
}

static enum status sample_open(struct sample *sample, const struct layout_file *file,
                               const struct source_file *source, struct error *error)
{
    uint32_t field_count = file->header.form.field_count;
    *sample = (struct sample){
        .source = source,
        .at = source->data_begin,
        .copy = memory_allocate(FIELD_PADDING + SAMPLE_LINE_BYTES_MAX + SCAN_PADDING, 1),
        .text = memory_allocate(SAMPLE_LINE_BYTES_MAX + field_count + 1 + FIELD_PADDING, 1),
        .ends = memory_allocate(field_count + 1, sizeof *sample->ends),
    };
    if (sample->copy == NULL || sample->text == NULL || sample->ends == NULL) {
        sample_close(sample);
        return error_set_memory(error, "sampling rows");
    }
    return STATUS_OK;
}

static void sample_close(struct sample *sample)
{
    memory_free(sample->copy);
    memory_free(sample->text);
    memory_free(sample->ends);
    *sample = (struct sample){0};
}

/* Takes the next line; false at the end or when the line is too long for a sample. */
static bool take_line(struct sample *sample)
{
    const struct source_file *source = sample->source;
    uint64_t room = source->view.size - sample->at;
    uint64_t size = room < SAMPLE_LINE_BYTES_MAX ? room : SAMPLE_LINE_BYTES_MAX;
    const char *begin = source->view.data + sample->at;
    const char *end = room == 0 ? NULL : memchr(begin, '\n', size);
    if (room == 0 || (end == NULL && size < room)) {
        return false;
    }
    struct bytes line = bytes_view(begin, end == NULL ? size : (size_t)(end - begin));
    sample->at += line.size + (end != NULL);
    line.size -= line.size > 0 && line.data[line.size - 1] == '\r';
    sample->line = line;
    return true;
}

/* Takes the next line of SAMPLE_LINES at each of SAMPLE_PLACES, which do not overlap; false behind
 * the last. */
static bool sample_next(struct sample *sample)
{
    uint64_t begin = sample->source->data_begin;
    uint64_t stride = (sample->source->view.size - begin) / SAMPLE_PLACES;
    while (sample->place < SAMPLE_PLACES) {
        if (sample->line_count < SAMPLE_LINES && take_line(sample)) {
            sample->line_count++;
            return true;
        }
        sample->place++;
        sample->line_count = 0;
        uint64_t next = begin + stride * sample->place;
        if (next > sample->at) {
            /* Most likely within a line, whose rest is no row. */
            sample->at = next;
            sample->line_count = take_line(sample) ? 0 : SAMPLE_LINES;
        }
    }
    return false;
}

/* Whether the sample's line is a row, and then cuts it into fields. */
static bool is_row(const struct header *header, struct sample *sample)
{
    struct bytes line = bytes_view(sample->copy + FIELD_PADDING, sample->line.size);
    bool has_news;
    memcpy(sample->copy + FIELD_PADDING, sample->line.data, line.size);
    memset(sample->copy + FIELD_PADDING + line.size, 0, SCAN_PADDING);
    if (memchr(line.data, '\0', line.size) != NULL ||
        record_cut(&header->form, line, sample->text, sample->ends, &has_news) !=
            header->form.field_count ||
        header_line_kind(header, line) != LINE_ROW) {
        return false;
    }
    for (uint32_t i = 0; i < header->filter_count; i++) {
        const struct header_filter *filter = &header->filters[i];
        struct bytes field = record_field(sample->text, sample->ends, filter->field);
        if (header_filter_drops(filter, field)) {
            return false;
        }
    }
    return true;
}

/* The field of a column, trimmed; empty where it is null, or the column is derived. */
static struct bytes field_of(const struct header *header, const struct sample *sample,
                             const struct header_column *column)
{
    if (column->field == FIELD_NONE) {
        return bytes_view(NULL, 0);
    }
    struct bytes field = bytes_trim(record_field(sample->text, sample->ends, column->field));
    return is_null_text(&header->nulls, field) ? bytes_view(NULL, 0) : field;
}

/* Whether the row will be kept. */
static bool is_good_row(const struct header *header, const struct sample *sample)
{
    for (uint32_t i = 0; i < header->column_count; i++) {
        const struct header_column *column = &header->columns[i];
        struct bytes field = field_of(header, sample, column);
        bool is_needed = column->role != ROLE_ATTRIBUTE;
        if (field.size == 0 ? is_needed : column->is_strict && !layout_accepts(column, field)) {
            return false;
        }
    }
    return true;
}

static void vote(struct votes *votes, const struct header *header, const struct sample *sample)
{
    for (uint32_t i = 0; i < header->column_count; i++) {
        const struct header_column *column = &header->columns[i];
        double number;
        struct bytes field =
            column->reading == READ_TIME_ANY ? field_of(header, sample, column) : bytes_of("");
        enum reading form = field.size == 0 ? READ_TIME_ANY : reading_of_time(field);
        if (form == READ_SECONDS && float_parse(field, &number) && number == 0) {
            votes[i].zero_count++;
        } else if (form != READ_TIME_ANY) {
            votes[i].first = votes[i].first == READ_TIME_ANY ? form : votes[i].first;
            votes[i].counts[form]++;
        }
    }
}

/* Whether a column's times are still unknown. */
static bool are_open(const struct votes *votes, const struct header *header)
{
    bool is_open = false;
    for (uint32_t i = 0; i < header->column_count; i++) {
        is_open |= header->columns[i].reading == READ_TIME_ANY && votes[i].first == READ_TIME_ANY &&
                   votes[i].zero_count == 0;
    }
    return is_open;
}

static const char *form_name(enum reading form)
{
    switch (form) {
    case READ_TIME_OF_DAY:
        return "a time of day";
    case READ_SECONDS:
        return "a number of seconds";
    case READ_MILLISECONDS:
        return "a number of milliseconds";
    case READ_MICROSECONDS:
        return "a number of microseconds";
    case READ_NANOSECONDS:
        return "a number of nanoseconds";
    case READ_PLAIN:
    case READ_ANY_BASE:
    case READ_WHOLE:
    case READ_PORT:
    case READ_PROTOCOL:
    case READ_TIME_ANY:
    case READ_DAY_FIRST:
    case READ_MONTH_FIRST:
        break;
    }
    return "a date and time";
}

/* The form of most rows; of equally many, the first that was seen. */
static void settle(struct votes *votes, struct header_column *column, const char *file_name,
                   struct load_report *report)
{
    if (column->reading != READ_TIME_ANY) {
        return;
    }
    enum reading most = votes->first;
    enum reading other = READ_TIME_ANY;
    for (uint32_t form = 0; form < FORMS; form++) {
        most = votes->counts[form] > votes->counts[most] ? (enum reading)form : most;
    }
    for (uint32_t form = 0; form < FORMS; form++) {
        bool is_next = form != (uint32_t)most && votes->counts[form] > 0;
        other = is_next && votes->counts[form] > votes->counts[other] ? (enum reading)form : other;
    }
    if (votes->first == READ_TIME_ANY) {
        most = votes->zero_count > 0 ? READ_SECONDS : READ_PLAIN;
    }
    column->reading = most;
    if (most == READ_TIME_OF_DAY) {
        load_report_note(report, "%s: times in %s have no date; they count from 1970-01-01",
                         file_name, column->name.data);
    }
    if (other != READ_TIME_ANY && column->is_strict) {
        load_report_note(
            report,
            "%s: %s is %s in most rows and %s in others; all are read as the former, "
            "and rejected where they cannot be; --column NAME=time:time:FORMAT chooses",
            file_name, column->name.data, form_name(most), form_name(other));
    }
}

static uint64_t line_number(const struct source_file *source, const char *line)
{
    uint64_t number = 1;
    const char *at = source->view.data;
    while ((at = memchr(at, '\n', (size_t)(line - at))) != NULL) {
        at++;
        number++;
    }
    return number;
}

/* Raises types by the fields of one row. What a well-known name promises, or earlier rows showed,
 * is taken back only with a note, whose line number costs a look at the file so far. */
static void raise_types(struct layout *layout, const struct layout_file *file,
                        const struct source_file *source, struct sample *sample,
                        struct load_report *report)
{
    const struct header *header = &file->header;
    if (!is_row(header, sample) || !is_good_row(header, sample)) {
        return;
    }
    for (uint32_t i = 0; i < header->column_count; i++) {
        struct header_column *property = &layout->columns[file->properties[i]];
        struct header_column column = layout_column(layout, file, i);
        struct bytes field = field_of(header, sample, &column);
        if (field.size == 0 || property->is_strict) {
            continue;
        }
        double number;
        enum type type = layout_type_for(&column, field);
        bool would_be_number = property->has_number || float_parse(field, &number);
        bool is_change = property->is_known || (would_be_number && type == TYPE_TEXT);
        property->has_number |= type != TYPE_TEXT;
        if (type != property->type && is_change) {
            layout_raise(property, type, source->name, line_number(source, sample->line.data),
                         field, report);
        }
        property->type = type;
    }
}
