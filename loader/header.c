#include "loader/header.h"

#include <stdio.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"
#include "loader/record.h"

/* Beside each name, room for "column_1024". */
enum { NAME_BYTES_MIN = 16 };

/* Argus's names, as CTU-13 uses them. Ports may be names of services, so they are not strict. */
static const struct known_column {
    const char *name;
    enum role role;
    enum type type;
    bool is_strict;
    bool has_hexadecimal;
} known_columns[] = {
    {"StartTime", ROLE_START_TIME, TYPE_TIME, true, false},
    {"LastTime", ROLE_ATTRIBUTE, TYPE_TIME, false, false},
    {"Dur", ROLE_ATTRIBUTE, TYPE_FLOAT, true, false},
    {"Proto", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    {"SrcAddr", ROLE_SOURCE, TYPE_ADDRESS, true, false},
    {"Sport", ROLE_ATTRIBUTE, TYPE_INTEGER, false, true},
    {"Dir", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    {"DstAddr", ROLE_TARGET, TYPE_ADDRESS, true, false},
    {"Dport", ROLE_ATTRIBUTE, TYPE_INTEGER, false, true},
    {"State", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    {"Flgs", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    {"sTos", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"dTos", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"TotPkts", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"TotBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"SrcPkts", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"DstPkts", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"SrcBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"DstBytes", ROLE_ATTRIBUTE, TYPE_INTEGER, true, false},
    {"srcUdata", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    {"dstUdata", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
    {"Label", ROLE_ATTRIBUTE, TYPE_TEXT, false, false},
};

static enum status split_names(struct header *header, const char *file, struct bytes line,
                               struct error *error);
static struct header_column describe_column(struct bytes name);
static enum status check_columns(const struct header *header, const char *file, struct bytes line,
                                 struct error *error);
static enum status check_roles(const struct header *header, const char *file, struct bytes line,
                               struct error *error);
static enum status fail(struct error *error, struct bytes line, uint64_t offset);

enum status header_open(struct header *header, const char *file, struct bytes line,
                        struct error *error)
{
    enum status status = STATUS_OK;
    *header = (struct header){0};
    if (memchr(line.data, '\0', line.size) != NULL) {
        error_set_at(error, STATUS_INPUT, file, 1, 0,
                     "the first line holds a NUL byte: this is no plain text in UTF-8 or ASCII");
        return fail(error, line, 0);
    }
    bool has_tab = memchr(line.data, '\t', line.size) != NULL;
    bool has_comma = memchr(line.data, ',', line.size) != NULL;
    header->separator = has_tab && !has_comma ? '\t' : ',';
    TRY_DONE(split_names(header, file, line, error));
    TRY_DONE(check_roles(header, file, line, error));
    TRY_DONE(check_columns(header, file, line, error));
done:
    if (status != STATUS_OK) {
        header_close(header);
    }
    return status;
}

void header_close(struct header *header)
{
    memory_free(header->columns);
    memory_free(header->names);
    *header = (struct header){0};
}

/* Counts the fields first, and then cuts the line into text whose size is known. */
static enum status split_names(struct header *header, const char *file, struct bytes line,
                               struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t ends[SCHEMA_PROPERTIES_MAX + 1];
    char *text = memory_allocate(line.size + 1, 1);
    if (text == NULL) {
        status = error_set_memory(error, "reading a header");
        goto done;
    }
    uint32_t count = record_split(line, header->separator, text, ends, SCHEMA_PROPERTIES_MAX);
    if (count == RECORD_BAD_QUOTE) {
        error_set_at(error, STATUS_INPUT, file, 1, 0,
                     "a quote in the header is not closed, or text follows it");
        status = fail(error, line, 0);
        goto done;
    }
    if (count > SCHEMA_PROPERTIES_MAX) {
        error_set_at(error, STATUS_INPUT, file, 1, 0,
                     "the header has %u columns, over the limit of %d", count,
                     SCHEMA_PROPERTIES_MAX);
        status = fail(error, line, 0);
        goto done;
    }
    header->columns = memory_allocate(count, sizeof *header->columns);
    header->names = memory_allocate(line.size + (uint64_t)count * NAME_BYTES_MIN, 1);
    if (header->columns == NULL || header->names == NULL) {
        status = error_set_memory(error, "reading a header");
        goto done;
    }
    header->column_count = count;
    char *name = header->names;
    for (uint32_t i = 0; i < count; i++) {
        struct bytes field = bytes_trim(record_field(text, ends, i));
        uint64_t size = field.size;
        if (size == 0) {
            size = (uint64_t)snprintf(name, NAME_BYTES_MIN, "column_%u", i + 1);
        } else {
            memcpy(name, field.data, size);
        }
        header->columns[i] = describe_column(bytes_view(name, size));
        name += size + 1;
    }
done:
    memory_free(text);
    return status;
}

static struct header_column describe_column(struct bytes name)
{
    struct header_column column = {.name = name, .role = ROLE_ATTRIBUTE, .type = TYPE_INTEGER};
    for (size_t i = 0; i < sizeof known_columns / sizeof *known_columns; i++) {
        const struct known_column *known = &known_columns[i];
        if (bytes_equal(bytes_of(known->name), name)) {
            column.role = known->role;
            column.type = known->type;
            column.is_known = true;
            column.is_strict = known->is_strict;
            column.has_hexadecimal = known->has_hexadecimal;
        }
    }
    return column;
}

static enum status check_columns(const struct header *header, const char *file, struct bytes line,
                                 struct error *error)
{
    for (uint32_t i = 0; i < header->column_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (bytes_equal(header->columns[i].name, header->columns[k].name)) {
                uint64_t offset = record_field_offset(line, header->separator, i);
                error_set_at(error, STATUS_INPUT, file, 1, offset + 1,
                             "the column name '%.100s' stands twice in the header (columns %u and "
                             "%u); rename one of them",
                             header->columns[i].name.data, k + 1, i + 1);
                return fail(error, line, offset);
            }
        }
    }
    return STATUS_OK;
}

/* Whether the line that should be a header is a row: no name is known, and some field is a value.
 */
static bool looks_like_data(const struct header *header)
{
    bool has_value = false;
    for (uint32_t i = 0; i < header->column_count; i++) {
        struct bytes name = header->columns[i].name;
        struct address address;
        double number;
        time_ns time;
        if (header->columns[i].is_known) {
            return false;
        }
        has_value |=
            address_parse(name, &address) || float_parse(name, &number) || time_parse(name, &time);
    }
    return has_value;
}

static enum status check_roles(const struct header *header, const char *file, struct bytes line,
                               struct error *error)
{
    static const struct {
        enum role role;
        const char *name;
    } needed[] = {
        {ROLE_START_TIME, "StartTime"}, {ROLE_SOURCE, "SrcAddr"}, {ROLE_TARGET, "DstAddr"}};
    static const char example[] = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,...";
    char missing[64] = "";
    for (size_t k = 0; k < sizeof needed / sizeof *needed; k++) {
        bool is_there = false;
        for (uint32_t i = 0; i < header->column_count; i++) {
            is_there |= header->columns[i].role == needed[k].role;
        }
        if (!is_there) {
            size_t used = strlen(missing);
            snprintf(missing + used, sizeof missing - used, "%s%s", used == 0 ? "" : ", ",
                     needed[k].name);
        }
    }
    if (missing[0] == '\0') {
        return STATUS_OK;
    }
    if (looks_like_data(header)) {
        error_set_at(error, STATUS_INPUT, file, 1, 0,
                     "no header: the first line looks like data; it has to name the columns, like "
                     "%s",
                     example);
    } else {
        error_set_at(error, STATUS_INPUT, file, 1, 0, "the header lacks %s; a header looks like %s",
                     missing, example);
    }
    return fail(error, line, 0);
}

/* Shows the header below the error that was set. */
static enum status fail(struct error *error, struct bytes line, uint64_t offset)
{
    error_set_excerpt(error, line.data, line.size, offset);
    return STATUS_INPUT;
}
