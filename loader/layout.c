#include "loader/layout.h"

#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "loader/sample.h"

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
static bool has_sample(const struct layout *layout);
static void note_keys(const struct header *header, const char *file_name,
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
        struct header_wishes own = *wishes;
        own.file = i;
        TRY(add_file(layout, &layout->files[i], &source->files[i], &own, report, error));
    }
    if (!has_sample(layout)) {
        TRY(layout_check_wishes(layout, source, wishes, error));
    }
    TRY(find_aliases(layout, error));
    for (uint32_t i = 0; i < source->file_count; i++) {
        TRY(find_missing(layout, &layout->files[i], error));
        note_missing(layout, &layout->files[i], source->files[i].name, report);
        TRY(sample_types(layout, &layout->files[i], &source->files[i], report, error));
    }
    return STATUS_OK;
}

enum status layout_check_wishes(const struct layout *layout, const struct source *source,
                                const struct header_wishes *wishes, struct error *error)
{
    for (uint32_t i = 0; i < wishes->column_count; i++) {
        struct bytes name = wishes->columns[i].name;
        bool is_found = false;
        for (uint32_t k = 0; k < layout->file_count && !is_found; k++) {
            is_found = header_find_field(&layout->files[k].header, name) != FIELD_NONE;
        }
        if (!is_found) {
            const struct header *header = &layout->files[0].header;
            error_set_at(error, STATUS_INPUT, source->files[0].name, header->line_number, 0,
                         "has no column '%.*s'%s, which --column or --schema describes",
                         (int)(name.size < 100 ? name.size : 100), name.data,
                         source->file_count > 1 ? ", nor has any other file" : "");
            error_set_excerpt(error, header->line.data, header->line.size, 0);
            return STATUS_INPUT;
        }
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
    bool may_be_number = column->is_known || number_is_plain(field);
    switch (column->type) {
    case TYPE_INTEGER:
        return may_be_number && reading_integer(column->reading, field, &integer);
    case TYPE_FLOAT:
        return may_be_number && float_parse(field, &real);
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

/* Digits alone: an integer too large for 64 bits would lose some of them as a float. */
static bool is_whole(struct bytes value)
{
    bool is_digit = value.size > 0;
    for (size_t i = value.data[0] == '-'; i < value.size; i++) {
        is_digit = is_digit && value.data[i] >= '0' && value.data[i] <= '9';
    }
    return is_digit;
}

enum type layout_type_for(const struct header_column *column, struct bytes field)
{
    struct bytes value = bytes_trim(field);
    double real;
    if (value.size == 0 || layout_accepts(column, value)) {
        return column->type;
    }
    bool is_number = column->type == TYPE_INTEGER && column->reading != READ_ANY_BASE &&
                     (column->is_known || number_is_plain(value));
    bool is_float = is_number && !is_whole(value) && float_parse(value, &real);
    return is_float ? TYPE_FLOAT : TYPE_TEXT;
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
    note_keys(header, source->name, report);
    source->data_begin = source->header_begin + header->bytes;
    file->properties = memory_allocate(header->column_count, sizeof *file->properties);
    if (file->properties == NULL) {
        return error_set_memory(error, "reading headers");
    }
    for (uint32_t i = 0; i < header->column_count; i++) {
        TRY(add_column(layout, &header->columns[i], &file->properties[i], source->name, error));
    }
    return sample_times(file, source, report, error);
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

/* Whether the names of some file's fields come from a part of it. */
static bool has_sample(const struct layout *layout)
{
    bool is_sample = false;
    for (uint32_t i = 0; i < layout->file_count; i++) {
        is_sample |= layout->files[i].header.json.is_sample;
    }
    return is_sample;
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

/* Keys of JSON that become no columns. */
static void note_keys(const struct header *header, const char *file_name,
                      struct load_report *report)
{
    if (header->json.is_full) {
        load_report_note(report, "%s has more than %d keys; those that come later are not loaded",
                         file_name, JSON_NAMES_MAX);
    }
    if (header->json.has_unfit) {
        load_report_note(report,
                         "%s has keys that are empty, or with those around them longer than %d "
                         "bytes or more than %d deep; they are not loaded",
                         file_name, JSON_PATH_BYTES_MAX, JSON_POINTS_MAX + 1);
    }
}
