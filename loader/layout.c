#include "loader/layout.h"

#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"
#include "loader/record.h"

/* Rows are sampled at SAMPLE_PLACES places of a file, SAMPLE_LINES at each. */
enum { SAMPLE_PLACES = 16, SAMPLE_LINES = 16, SAMPLE_LINE_BYTES_MAX = 16 << 10 };

static enum status add_file(struct layout *layout, struct layout_file *file,
                            const struct source_file *source, struct error *error);
static enum status find_missing(struct layout *layout, struct layout_file *file,
                                struct error *error);
static void note_missing(const struct layout *layout, const struct layout_file *file,
                         const char *file_name, struct load_report *report);
static enum status sample_file(struct layout *layout, const struct layout_file *file,
                               const struct source_file *source, struct load_report *report,
                               struct error *error);
static void sample_line(struct layout *layout, const struct layout_file *file,
                        const struct source_file *source, struct bytes line, char *text,
                        uint32_t *ends, struct load_report *report);

enum status layout_open(struct layout *layout, const struct source *source,
                        struct load_report *report, struct error *error)
{
    *layout = (struct layout){0};
    layout->files = memory_allocate(source->file_count, sizeof *layout->files);
    layout->columns = memory_allocate(SCHEMA_PROPERTIES_MAX, sizeof *layout->columns);
    if (layout->files == NULL || layout->columns == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < source->file_count; i++) {
        layout->file_count = i + 1;
        TRY(add_file(layout, &layout->files[i], &source->files[i], error));
    }
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
    *layout = (struct layout){0};
}

bool layout_accepts(const struct header_column *column, struct bytes field)
{
    int64_t integer;
    double real;
    switch (column->type) {
    case TYPE_INTEGER:
        return column->has_hexadecimal ? integer_parse_any_base(field, &integer)
                                       : integer_parse(field, &integer);
    case TYPE_FLOAT:
        return float_parse(field, &real);
    case TYPE_TIME:
        return time_parse(field, &integer);
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
    bool is_number = column->type == TYPE_INTEGER && !column->has_hexadecimal;
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
    return STATUS_OK;
}

static uint32_t find_column(const struct layout *layout, struct bytes name)
{
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (bytes_equal(layout->columns[i].name, name)) {
            return i;
        }
    }
    return LAYOUT_MISSING;
}

static enum status add_file(struct layout *layout, struct layout_file *file,
                            const struct source_file *source, struct error *error)
{
    TRY(header_open(&file->header, source->name, source_header(source), error));
    file->properties = memory_allocate(file->header.column_count, sizeof *file->properties);
    if (file->properties == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < file->header.column_count; i++) {
        const struct header_column *column = &file->header.columns[i];
        uint32_t property = find_column(layout, column->name);
        if (property == LAYOUT_MISSING) {
            if (layout->column_count == SCHEMA_PROPERTIES_MAX) {
                return error_set_at(error, STATUS_INPUT, source->name, 1, 0,
                                    "the files have more than %d different columns",
                                    SCHEMA_PROPERTIES_MAX);
            }
            property = layout->column_count++;
            layout->columns[property] = *column;
        }
        file->properties[i] = property;
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

/* The next line at or behind `*at`; false at the end or when the line is too long for a sample. */
static bool next_line(const struct source_file *source, uint64_t *at, struct bytes *line)
{
    uint64_t room = source->view.size - *at;
    uint64_t size = room < SAMPLE_LINE_BYTES_MAX ? room : SAMPLE_LINE_BYTES_MAX;
    const char *begin = source->view.data + *at;
    const char *end = memchr(begin, '\n', size);
    if (room == 0 || (end == NULL && size < room)) {
        return false;
    }
    *line = bytes_view(begin, end == NULL ? size : (size_t)(end - begin));
    *at += line->size + (end != NULL);
    line->size -= line->size > 0 && line->data[line->size - 1] == '\r';
    return true;
}

static enum status sample_file(struct layout *layout, const struct layout_file *file,
                               const struct source_file *source, struct load_report *report,
                               struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t column_count = file->header.column_count;
    char *text = memory_allocate(SAMPLE_LINE_BYTES_MAX + 1, 1);
    uint32_t *ends = memory_allocate(column_count + 1, sizeof *ends);
    if (text == NULL || ends == NULL) {
        status = error_set_memory(error, "sampling rows");
        goto done;
    }
    uint64_t size = source->view.size - source->data_begin;
    uint64_t behind = source->data_begin;
    for (uint32_t place = 0; place < SAMPLE_PLACES; place++) {
        uint64_t at = source->data_begin + size / SAMPLE_PLACES * place;
        struct bytes line;
        if (at < behind) {
            at = behind;
        } else if (place > 0 && !next_line(source, &at, &line)) {
            continue;
        }
        for (uint32_t i = 0; i < SAMPLE_LINES && next_line(source, &at, &line); i++) {
            sample_line(layout, file, source, line, text, ends, report);
        }
        behind = at;
    }
done:
    memory_free(text);
    memory_free(ends);
    return status;
}

/* Whether a line is a row that will be kept, and then cut into fields. */
static bool is_good_row(const struct header *header, struct bytes line, char *text, uint32_t *ends)
{
    uint32_t count = header->column_count;
    if (memchr(line.data, '\0', line.size) != NULL ||
        record_split(line, header->separator, text, ends, count) != count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct header_column *column = &header->columns[i];
        struct bytes field = bytes_trim(record_field(text, ends, i));
        bool is_needed = column->role != ROLE_ATTRIBUTE;
        if (field.size == 0 ? is_needed : column->is_strict && !layout_accepts(column, field)) {
            return false;
        }
    }
    return true;
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
static void sample_line(struct layout *layout, const struct layout_file *file,
                        const struct source_file *source, struct bytes line, char *text,
                        uint32_t *ends, struct load_report *report)
{
    if (!is_good_row(&file->header, line, text, ends)) {
        return;
    }
    for (uint32_t i = 0; i < file->header.column_count; i++) {
        struct header_column *column = &layout->columns[file->properties[i]];
        struct bytes field = record_field(text, ends, i);
        enum type type = column->is_strict ? column->type : layout_type_for(column, field);
        if (type != column->type && column->is_known) {
            layout_raise(column, type, source->name, line_number(source, line.data),
                         bytes_trim(field), report);
        }
        column->type = type;
    }
}
