#include "loader/layout.h"

#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"
#include "loader/coder.h"
#include "loader/scan.h"

/* Rows are sampled at SAMPLE_PLACES places of a file, SAMPLE_LINES at each. */
enum { SAMPLE_PLACES = 16, SAMPLE_LINES = 16, SAMPLE_LINE_BYTES_MAX = 16 << 10 };

/* Lines that are looked at for the form of times. */
enum { TIME_LINES_MAX = 1024 };

static enum status add_file(struct layout *layout, struct layout_file *file,
                            struct source_file *source, const struct header_wishes *wishes,
                            struct load_report *report, struct error *error);
static enum status add_column(struct layout *layout, const struct header_column *column,
                              uint32_t *property, const char *file_name, struct error *error);
static enum status find_aliases(struct layout *layout, struct error *error);
static enum status find_missing(struct layout *layout, struct layout_file *file,
                                struct error *error);
static void note_missing(const struct layout *layout, const struct layout_file *file,
                         const char *file_name, struct load_report *report);
static enum status sample_file(struct layout *layout, const struct layout_file *file,
                               const struct source_file *source, struct load_report *report,
                               struct error *error);
static enum status find_time_readings(struct layout_file *file, const struct source_file *source,
                                      struct load_report *report, struct error *error);

/* A line that was taken out of a file, and its fields. */
struct sample {
    struct bytes line; /* in the file */
    char *copy;        /* of the line, with what record_cut wants around it */
    char *text;
    uint32_t *ends;
};
static enum status sample_open(struct sample *sample, const struct layout_file *file,
                               struct error *error);
static void sample_close(struct sample *sample);
static bool sample_next(struct sample *sample, const struct source_file *source, uint64_t *at);
static void sample_row(struct layout *layout, const struct layout_file *file,
                       const struct source_file *source, struct sample *sample,
                       struct load_report *report);

enum status layout_open(struct layout *layout, struct source *source,
                        const struct header_wishes *wishes, struct load_report *report,
                        struct error *error)
{
    *layout = (struct layout){0};
    layout->files = memory_allocate(source->file_count, sizeof *layout->files);
    layout->columns = memory_allocate(SCHEMA_PROPERTIES_MAX, sizeof *layout->columns);
    if (layout->files == NULL || layout->columns == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < source->file_count; i++) {
        layout->file_count = i + 1;
        TRY(add_file(layout, &layout->files[i], &source->files[i], wishes, report, error));
    }
    TRY(find_aliases(layout, error));
    for (uint32_t i = 0; i < source->file_count; i++) {
        TRY(find_missing(layout, &layout->files[i], error));
        note_missing(layout, &layout->files[i], source->files[i].name, report);
        TRY(sample_file(layout, &layout->files[i], &source->files[i], report, error));
    }
    return STATUS_OK;
}

void layout_close(struct layout *layout)
{
    for (uint32_t i = 0; i < layout->file_count; i++) {
        header_close(&layout->files[i].header);
        memory_free(layout->files[i].properties);
        memory_free(layout->files[i].has_property);
    }
    memory_free(layout->files);
    memory_free(layout->columns);
    memory_free(layout->aliases);
    *layout = (struct layout){0};
}

struct header_column layout_column(const struct layout *layout, const struct layout_file *file,
                                   uint32_t column)
{
    struct header_column found = layout->columns[file->properties[column]];
    found.field = file->header.columns[column].field;
    found.reading = file->header.columns[column].reading;
    return found;
}

bool layout_accepts(const struct header_column *column, struct bytes field)
{
    int64_t integer;
    double real;
    switch (column->type) {
    case TYPE_INTEGER:
        return reading_integer(column->reading, field, &integer);
    case TYPE_FLOAT:
        return float_parse(field, &real);
    case TYPE_TIME:
        return reading_time(column->reading, field, &integer);
    case TYPE_TEXT:
    case TYPE_ADDRESS:
        return true;
    case TYPE_NULL:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
    CHECK(!"a type that the loader reads");
    return false;
}

enum type layout_type_for(const struct header_column *column, struct bytes field)
{
    struct bytes value = bytes_trim(field);
    double real;
    if (value.size == 0 || layout_accepts(column, value)) {
        return column->type;
    }
    bool is_number = column->type == TYPE_INTEGER && column->reading != READ_ANY_BASE;
    return is_number && float_parse(value, &real) ? TYPE_FLOAT : TYPE_TEXT;
}

void layout_raise(struct header_column *column, enum type type, const char *file, uint64_t line,
                  struct bytes value, struct load_report *report)
{
    load_report_note(report, "column %s is %s, not %s: %s:%llu has '%.*s'", column->name.data,
                     type_name(type), type_name(column->type), file, (unsigned long long)line,
                     (int)(value.size < 63 ? value.size : 63), value.data);
    column->type = type;
}

enum status layout_schema(const struct layout *layout, struct schema *schema, struct error *error)
{
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const struct header_column *column = &layout->columns[i];
        TRY(schema_add(schema, column->name, column->type, column->role, error));
    }
    for (uint32_t i = 0; i < layout->alias_count; i++) {
        TRY(schema_add_alias(schema, layout->aliases[i].name, layout->aliases[i].property, error));
    }
    return STATUS_OK;
}

uint32_t layout_find(const struct layout *layout, struct bytes name)
{
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (bytes_equal(layout->columns[i].name, name)) {
            return i;
        }
    }
    return LAYOUT_MISSING;
}

static enum status add_file(struct layout *layout, struct layout_file *file,
                            struct source_file *source, const struct header_wishes *wishes,
                            struct load_report *report, struct error *error)
{
    struct header *header = &file->header;
    struct bytes data = bytes_view(source->view.data + source->header_begin,
                                   source->view.size - source->header_begin);
    TRY(header_open(header, source->name, data, wishes, error));
    source->data_begin = source->header_begin + header->bytes;
    file->properties = memory_allocate(header->column_count, sizeof *file->properties);
    if (file->properties == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < header->column_count; i++) {
        TRY(add_column(layout, &header->columns[i], &file->properties[i], source->name, error));
    }
    return find_time_readings(file, source, report, error);
}

/* Files agree on a property of the vocabulary. On others the doubtful one wins: what one of them
 * fixes (by --column) is fixed for that name in all of them, since wishes are by name. */
static enum status add_column(struct layout *layout, const struct header_column *column,
                              uint32_t *property, const char *file_name, struct error *error)
{
    *property = layout_find(layout, column->name);
    if (*property != LAYOUT_MISSING) {
        struct header_column *known = &layout->columns[*property];
        if (known->type != column->type) {
            known->type = TYPE_TEXT;
            known->is_known = false;
        }
        known->is_strict = known->is_strict && column->is_strict;
        return STATUS_OK;
    }
    if (layout->column_count == SCHEMA_PROPERTIES_MAX) {
        return error_set_at(error, STATUS_INPUT, file_name, 1, 0,
                            "the files have more than %d different columns", SCHEMA_PROPERTIES_MAX);
    }
    *property = layout->column_count++;
    layout->columns[*property] = *column;
    return STATUS_OK;
}

/* An alias is one in all files, and no name of a property; the first of a name counts. */
static enum status find_aliases(struct layout *layout, struct error *error)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < layout->file_count; i++) {
        most += layout->files[i].header.column_count;
    }
    most = most < SCHEMA_PROPERTIES_MAX ? most : SCHEMA_PROPERTIES_MAX;
    layout->aliases = memory_allocate(most, sizeof *layout->aliases);
    if (layout->aliases == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < layout->file_count; i++) {
        const struct layout_file *file = &layout->files[i];
        for (uint32_t k = 0; k < file->header.column_count; k++) {
            struct bytes alias = file->header.columns[k].alias;
            bool is_new = alias.size > 0 && layout->alias_count < most &&
                          layout_find(layout, alias) == LAYOUT_MISSING;
            for (uint32_t known = 0; known < layout->alias_count && is_new; known++) {
                is_new = !bytes_equal(layout->aliases[known].name, alias);
            }
            if (is_new) {
                layout->aliases[layout->alias_count++] =
                    (struct layout_alias){alias, file->properties[k]};
            }
        }
    }
    return STATUS_OK;
}

static enum status find_missing(struct layout *layout, struct layout_file *file,
                                struct error *error)
{
    file->has_property = memory_allocate(layout->column_count, sizeof *file->has_property);
    if (file->has_property == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < file->header.column_count; i++) {
        file->has_property[file->properties[i]] = true;
    }
    return STATUS_OK;
}

/* One note per file that lacks columns, with as many of their names as fit. */
static void note_missing(const struct layout *layout, const struct layout_file *file,
                         const char *file_name, struct load_report *report)
{
    char names[LOAD_NOTE_BYTES] = "";
    uint32_t missing_count = 0;
    size_t used = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (!file->has_property[i] && used < sizeof names) {
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                     missing_count == 0 ? "" : ", ", layout->columns[i].name.data);
        }
        missing_count += !file->has_property[i];
    }
    if (missing_count > 0) {
        load_report_note(report, "%s lacks %u column%s, null in its rows: %s", file_name,
                         missing_count, missing_count == 1 ? "" : "s", names);
    }
}

static enum status sample_open(struct sample *sample, const struct layout_file *file,
                               struct error *error)
{
    uint32_t field_count = file->header.form.field_count;
    *sample = (struct sample){
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

/* The next line at or behind `*at`; false at the end or when the line is too long for a sample. */
static bool sample_next(struct sample *sample, const struct source_file *source, uint64_t *at)
{
    uint64_t room = source->view.size - *at;
    uint64_t size = room < SAMPLE_LINE_BYTES_MAX ? room : SAMPLE_LINE_BYTES_MAX;
    const char *begin = source->view.data + *at;
    const char *end = room == 0 ? NULL : memchr(begin, '\n', size);
    if (room == 0 || (end == NULL && size < room)) {
        return false;
    }
    struct bytes line = bytes_view(begin, end == NULL ? size : (size_t)(end - begin));
    *at += line.size + (end != NULL);
    line.size -= line.size > 0 && line.data[line.size - 1] == '\r';
    sample->line = line;
    return true;
}

/* Whether the sample's line is a row, and then cuts it into fields. */
static bool is_row(const struct header *header, struct sample *sample)
{
    struct bytes line = bytes_view(sample->copy + FIELD_PADDING, sample->line.size);
    memcpy(sample->copy + FIELD_PADDING, sample->line.data, line.size);
    memset(sample->copy + FIELD_PADDING + line.size, 0, SCAN_PADDING);
    if (memchr(line.data, '\0', line.size) != NULL ||
        record_cut(&header->form, line, sample->text, sample->ends) != header->form.field_count ||
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

/* Times whose form is open take that of the first row that has one. */
static enum status find_time_readings(struct layout_file *file, const struct source_file *source,
                                      struct load_report *report, struct error *error)
{
    struct header *header = &file->header;
    struct sample sample;
    uint64_t at = source->data_begin;
    uint32_t open_count = 0;
    for (uint32_t i = 0; i < header->column_count; i++) {
        open_count += header->columns[i].reading == READ_TIME_ANY;
    }
    TRY(sample_open(&sample, file, error));
    for (uint32_t line = 0; line < TIME_LINES_MAX && open_count > 0; line++) {
        if (!sample_next(&sample, source, &at)) {
            break;
        }
        bool is_good = is_row(header, &sample);
        for (uint32_t i = 0; i < header->column_count && is_good; i++) {
            struct header_column *column = &header->columns[i];
            struct bytes field = field_of(header, &sample, column);
            if (column->reading == READ_TIME_ANY && field.size > 0) {
                column->reading = reading_of_time(field);
                open_count -= column->reading != READ_TIME_ANY;
                if (column->reading == READ_TIME_OF_DAY) {
                    load_report_note(report,
                                     "%s: times in %s have no date; they count from 1970-01-01",
                                     source->name, column->name.data);
                }
            }
        }
    }
    for (uint32_t i = 0; i < header->column_count; i++) {
        struct header_column *column = &header->columns[i];
        column->reading = column->reading == READ_TIME_ANY ? READ_PLAIN : column->reading;
    }
    sample_close(&sample);
    return STATUS_OK;
}

static enum status sample_file(struct layout *layout, const struct layout_file *file,
                               const struct source_file *source, struct load_report *report,
                               struct error *error)
{
    struct sample sample;
    uint64_t size = source->view.size - source->data_begin;
    uint64_t behind = source->data_begin;
    TRY(sample_open(&sample, file, error));
    for (uint32_t place = 0; place < SAMPLE_PLACES; place++) {
        uint64_t at = source->data_begin + size / SAMPLE_PLACES * place;
        if (at < behind) {
            at = behind;
        } else if (place > 0 && !sample_next(&sample, source, &at)) {
            continue;
        }
        for (uint32_t i = 0; i < SAMPLE_LINES && sample_next(&sample, source, &at); i++) {
            sample_row(layout, file, source, &sample, report);
        }
        behind = at;
    }
    sample_close(&sample);
    return STATUS_OK;
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

/* Raises types by the fields of one row. What a well-known name promises is taken back only with a
 * note, whose line number costs a look at the file so far. */
static void sample_row(struct layout *layout, const struct layout_file *file,
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
        enum type type = layout_type_for(&column, field);
        if (type != property->type && property->is_known) {
            layout_raise(property, type, source->name, line_number(source, sample->line.data),
                         field, report);
        }
        property->type = type;
    }
}
