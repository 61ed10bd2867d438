#include "loader/head.h"

#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "loader/json_news.h"
#include "loader/load.h"

/* Beside each name, room for "column_1024". */
enum { NAME_BYTES_MIN = 16 };

/* The fields of an edge: source and target first, the time last, weights between. */
enum { EDGE_FIELDS_MIN = 3 };

static bool is_json_document(struct bytes data);
static struct bytes take_line(struct bytes *data);
static enum status first_line(struct header *header, const char *file, struct bytes data,
                              struct error *error);
static enum status read_zeek(struct header *header, const char *file, struct bytes data,
                             struct error *error);
static enum status read_line(struct header *header, const char *file,
                             const struct header_wishes *wishes, struct error *error);
static struct record_form choose_form(struct bytes line);
static enum status split_names(struct header *header, const char *file, struct error *error);
static enum status set_names(struct header *header, const char *file, const struct bytes *names,
                             uint32_t count, struct error *error);
static enum status find_cuts(struct header *header, struct error *error);
static enum status fail(const struct header *header, const char *file, struct error *error,
                        const char *text);

static bool begins_with(struct bytes text, const char *beginning)
{
    size_t size = strlen(beginning);
    return text.size >= size && memcmp(text.data, beginning, size) == 0;
}

enum status head_read(struct header *header, const char *file, struct bytes data,
                      const struct header_wishes *wishes, struct error *error)
{
    size_t at = 0;
    while (at < data.size && strchr(" \t\r\n", data.data[at]) != NULL && data.data[at] != '\0') {
        at++;
    }
    if (is_json_document(bytes_view(data.data + at, data.size - at))) {
        return error_set_at(error, STATUS_INPUT, file, 1, 0,
                            "JSON has to have an object on each line: jq -c '.[]' makes that of an "
                            "array, and jq -c . of objects over several lines");
    }
    if (at < data.size && data.data[at] == '{') {
        return head_read_objects(header, file, data, wishes, error);
    }
    if (begins_with(data, "#separator") || begins_with(data, "#fields")) {
        return read_zeek(header, file, data, error);
    }
    TRY(first_line(header, file, data, error));
    return read_line(header, file, wishes, error);
}

enum status head_read_objects(struct header *header, const char *file, struct bytes data,
                              const struct header_wishes *wishes, struct error *error)
{
    struct bytes names[SCHEMA_PROPERTIES_MAX];
    const struct dialect_filter *filters =
        header->dialect == NULL ? NULL : header->dialect->filters;
    json_names_close(&header->json);
    TRY(json_names_learn(&header->json, data, filters, error));
    if (wishes->news != NULL) {
        TRY(json_news_tell(wishes->news, wishes->file, &header->json, error));
    }
    for (uint32_t i = 0; i < header->json.count; i++) {
        names[i] = json_name_path(&header->json.names[i]);
    }
    header->form = (struct record_form){.kind = RECORD_JSON, .keys = &header->json.keys};
    header->line_number = 1;
    return set_names(header, file, names, header->json.count, error);
}

uint64_t head_name_offset(const struct header *header, uint32_t field)
{
    if (header->line.size == 0) {
        return 0;
    }
    struct bytes found = record_find(&header->form, header->line, field);
    return (uint64_t)(found.data - header->line.data);
}

/* How JSON begins that is not an object on each line: an array of objects, or an open brace. */
static bool is_json_document(struct bytes data)
{
    struct bytes line = bytes_trim(take_line(&data));
    struct bytes rest =
        line.size == 0 ? line : bytes_trim(bytes_view(line.data + 1, line.size - 1));
    return (begins_with(line, "[") && (rest.size == 0 || rest.data[0] == '{')) ||
           (begins_with(line, "{") && rest.size == 0);
}

/* The line at the beginning of `data`, which is moved behind it; without its line end. */
static struct bytes take_line(struct bytes *data)
{
    const char *newline = data->size == 0 ? NULL : memchr(data->data, '\n', data->size);
    size_t size = newline == NULL ? data->size : (size_t)(newline - data->data);
    struct bytes line = bytes_view(data->data, size);
    size += newline != NULL;
    *data = bytes_view(data->data + size, data->size - size);
    line.size -= line.size > 0 && line.data[line.size - 1] == '\r';
    return line;
}

/* Passes over comments. */
static enum status first_line(struct header *header, const char *file, struct bytes data,
                              struct error *error)
{
    uint64_t size = data.size;
    struct bytes rest = data;
    do {
        header->bytes = size - rest.size;
        header->line = take_line(&rest);
        header->line_number++;
        if (begins_with(header->line, "#")) {
            header->form.comment = '#';
        }
    } while (rest.size > 0 && begins_with(header->line, "#"));
    header->bytes = size - rest.size;
    if (header->line.size > LINE_BYTES_MAX) {
        return error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                            "the first line, which has to be the header, is longer than 1 MiB");
    }
    if (memchr(header->line.data, '\0', header->line.size) != NULL) {
        return error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                            "the first line holds a NUL byte: this is no plain text in UTF-8 or "
                            "ASCII, and no archive that gyre unpacks");
    }
    return STATUS_OK;
}

/* `\x09` as Zeek writes its separator. */
static char zeek_separator(struct bytes line)
{
    int64_t byte = '\t';
    char digits[] = "0x09";
    if (line.size >= 15 && memcmp(line.data + 10, " \\x", 3) == 0) {
        memcpy(digits + 2, line.data + 13, 2);
        byte = integer_parse_any_base(bytes_of(digits), &byte) ? byte : '\t';
    } else if (line.size == 12) {
        byte = line.data[11];
    }
    return (char)byte;
}

/* What stands behind the first separator of a line of Zeek's head. */
static struct bytes zeek_value(struct bytes line, char separator)
{
    const char *found = memchr(line.data, separator, line.size);
    size_t size = found == NULL ? line.size : (size_t)(found - line.data) + 1;
    return bytes_view(line.data + size, line.size - size);
}

/* All lines at the beginning with a #. Texts are never quoted; what is null is said. */
static enum status read_zeek(struct header *header, const char *file, struct bytes data,
                             struct error *error)
{
    struct bytes rest = data;
    uint64_t number = 0;
    header->form = (struct record_form){.separator = '\t', .comment = '#'};
    header->dialect = &dialect_zeek;
    while (rest.size > 0 && rest.data[0] == '#') {
        struct bytes line = take_line(&rest);
        struct bytes value = zeek_value(line, header->form.separator);
        number++;
        header->bytes = data.size - rest.size;
        if (begins_with(line, "#separator")) {
            header->form.separator = zeek_separator(line);
        } else if (begins_with(line, "#fields")) {
            header->line = value;
            header->line_number = number;
        } else if (begins_with(line, "#types")) {
            header->types = value;
        } else if ((begins_with(line, "#unset_field") || begins_with(line, "#empty_field")) &&
                   value.size > 0 && header->nulls.count < DIALECT_NULLS) {
            header->nulls.texts[header->nulls.count++] = value;
        }
    }
    if (header->line.size == 0 || header->line.size > LINE_BYTES_MAX) {
        return error_set_at(error, STATUS_INPUT, file, 1, 0,
                            "has no #fields line, which has to name the columns of a Zeek log");
    }
    return split_names(header, file, error);
}

static bool are_numbers(const struct header *header)
{
    bool are_all = true;
    for (uint32_t i = 0; i < header->form.field_count; i++) {
        double number;
        are_all = are_all && float_parse(header->field_names[i], &number);
    }
    return are_all;
}

static bool has_wish(const struct header_wishes *wishes, const char *name)
{
    bool is_found = false;
    for (uint32_t i = 0; i < wishes->column_count; i++) {
        is_found |= bytes_equal(wishes->columns[i].name, bytes_of(name));
    }
    return is_found;
}

/* Whether wishes call columns by number, as those of files without header are called. */
static bool are_numbered(const struct header *header, const struct header_wishes *wishes)
{
    bool is_numbered = false;
    for (uint32_t i = 0; i < wishes->column_count; i++) {
        struct bytes name = wishes->columns[i].name;
        is_numbered |= begins_with(name, "column_");
        for (uint32_t k = 0; k < header->form.field_count; k++) {
            if (bytes_equal(header->field_names[k], name)) {
                return false;
            }
        }
    }
    return is_numbered;
}

/* A file without header: its first line is a row. */
static enum status name_by_number(struct header *header, const char *file, bool are_edges,
                                  struct error *error)
{
    struct bytes names[SCHEMA_PROPERTIES_MAX] = {0};
    uint32_t count = header->form.field_count;
    header->bytes = 0; /* comments before it are passed over as such */
    header->line = bytes_view(NULL, 0);
    if (are_edges) {
        names[0] = bytes_of("src");
        names[1] = bytes_of("dst");
        names[count - 1] = bytes_of("time");
        header->dialect = &dialect_edges;
    }
    return set_names(header, file, names, count, error);
}

static enum status read_line(struct header *header, const char *file,
                             const struct header_wishes *wishes, struct error *error)
{
    char comment = header->form.comment;
    header->form = choose_form(header->line);
    header->form.comment = comment;
    TRY(split_names(header, file, error));
    bool are_edges_named = has_wish(wishes, "src") && has_wish(wishes, "dst");
    bool may_be_edges = wishes->dialect == NULL || wishes->dialect == &dialect_edges;
    bool are_edges =
        may_be_edges && header->form.field_count >= EDGE_FIELDS_MIN && are_numbers(header);
    if (are_numbered(header, wishes) && !(are_edges && are_edges_named)) {
        return name_by_number(header, file, false, error);
    }
    return are_edges ? name_by_number(header, file, true, error) : find_cuts(header, error);
}

/* Of the separators the first that the line has. */
static struct record_form choose_form(struct bytes line)
{
    for (const char *separator = ",\t;|"; *separator != '\0'; separator++) {
        if (line.size > 0 && memchr(line.data, *separator, line.size) != NULL) {
            return (struct record_form){.separator = *separator, .has_quotes = true};
        }
    }
    return (struct record_form){.kind = RECORD_BLANKS};
}

/* Counts the fields first, and then cuts the line into text whose size is known. */
static enum status split_names(struct header *header, const char *file, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes names[SCHEMA_PROPERTIES_MAX];
    uint32_t ends[SCHEMA_PROPERTIES_MAX + 1];
    bool has_news;
    struct bytes line = header->line;
    char *text = memory_allocate(line.size + SCHEMA_PROPERTIES_MAX + 1, 1);
    if (text == NULL) {
        status = error_set_memory(error, "reading a header");
        goto done;
    }
    header->form.field_count = SCHEMA_PROPERTIES_MAX;
    uint32_t count = record_cut(&header->form, line, text, ends, &has_news);
    if (count == RECORD_BAD_QUOTE) {
        status =
            fail(header, file, error, "a quote in the header is not closed, or text follows it");
        goto done;
    }
    for (uint32_t i = 0; i < count && i < SCHEMA_PROPERTIES_MAX; i++) {
        names[i] = bytes_trim(record_field(text, ends, i));
    }
    status = set_names(header, file, names, count, error);
done:
    memory_free(text);
    return status;
}

/* Copies the names; an empty one is called by its number. */
static enum status set_names(struct header *header, const char *file, const struct bytes *names,
                             uint32_t count, struct error *error)
{
    char text[96];
    if (count > SCHEMA_PROPERTIES_MAX) {
        snprintf(text, sizeof text, "the header has %u columns, over the limit of %d", count,
                 SCHEMA_PROPERTIES_MAX);
        return fail(header, file, error, text);
    }
    uint64_t bytes = (uint64_t)count * NAME_BYTES_MIN + 1;
    for (uint32_t i = 0; i < count; i++) {
        bytes += names[i].size;
    }
    char *made = memory_allocate(bytes, 1);
    struct bytes *views = memory_allocate((uint64_t)count + 1, sizeof *views);
    if (made == NULL || views == NULL) {
        memory_free(made);
        memory_free(views);
        return error_set_memory(error, "reading a header");
    }
    memory_free(header->names);
    memory_free(header->field_names);
    header->names = made;
    header->field_names = views;
    header->form.field_count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t size = names[i].size;
        if (size == 0) {
            size = (uint64_t)snprintf(made, NAME_BYTES_MIN, "column_%u", i + 1);
        } else {
            memcpy(made, names[i].data, size);
        }
        views[i] = bytes_view(made, size);
        made += size + 1;
    }
    return STATUS_OK;
}

static bool is_port(struct bytes name)
{
    return bytes_equal(name, bytes_of("Sport")) || bytes_equal(name, bytes_of("Dport"));
}

/* Argus pads its columns to a width, with more than one blank between names; they end where their
 * names do. */
static enum status find_cuts(struct header *header, struct error *error)
{
    struct bytes line = header->line;
    bool is_padded = line.size > 0 && line.data[0] == ' ';
    bool is_known = false;
    for (uint64_t i = 1; i < line.size; i++) {
        is_padded |= line.data[i - 1] == ' ' && line.data[i] == ' ';
    }
    for (uint32_t i = 0; i < header->form.field_count; i++) {
        is_known |= vocabulary_find(header->field_names[i]) != NULL;
    }
    if (header->form.kind != RECORD_BLANKS || !is_padded || !is_known) {
        return STATUS_OK;
    }
    uint32_t count = header->form.field_count;
    header->cuts = memory_allocate(count, sizeof *header->cuts);
    if (header->cuts == NULL) {
        return error_set_memory(error, "reading a header");
    }
    for (uint32_t i = 0; i < count; i++) {
        struct bytes name = record_find(&header->form, line, i);
        uint32_t end = (uint32_t)(name.data + name.size - line.data);
        bool is_joined = i + 1 < count && is_port(header->field_names[i + 1]);
        header->cuts[i] = end | (is_joined ? RECORD_JOINED : 0);
    }
    header->form.kind = RECORD_FIXED;
    header->form.cuts = header->cuts;
    return STATUS_OK;
}

/* Shows the header below the error. */
static enum status fail(const struct header *header, const char *file, struct error *error,
                        const char *text)
{
    error_set_at(error, STATUS_INPUT, file, header->line_number, 0, "%s", text);
    error_set_excerpt(error, header->line.data, header->line.size, 0);
    return STATUS_INPUT;
}
