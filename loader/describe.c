#include "loader/describe.h"

#include <stdio.h>

#include "base/memory.h"

static const char head[] = "# NAME=ROLE[:TYPE[:FORMAT]] for each column; see gyre(1), --schema\n";
static const char omitted[] =
    "# a column's name begins with # or holds a line end: no line for it\n";

/* What stands behind a name, at most. */
enum { LINE_BYTES = 64 };

/* A field's name and the property that it became, in all files that have the two. */
struct entry {
    struct bytes name;
    uint32_t property;
    uint32_t next;        /* of the same property, or LAYOUT_MISSING */
    enum reading reading; /* READ_TIME_ANY: not the same in all files */
};

struct entries {
    struct entry *entries; /* [count] */
    uint32_t count;
    uint32_t *heads; /* [column_count]: the first of each property, or LAYOUT_MISSING */
};

static enum status collect(struct entries *entries, const struct layout *layout,
                           struct error *error);
static bool can_stand(struct bytes name);
static size_t write_entry(char *text, const struct entry *entry, const struct schema *schema);

enum status describe_columns(char **text, const struct layout *layout, const struct schema *schema,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct entries entries = {0};
    uint64_t bytes = sizeof head + sizeof omitted;
    size_t used = 0;
    bool is_whole = true;
    *text = NULL;
    TRY_DONE(collect(&entries, layout, error));
    for (uint32_t i = 0; i < entries.count; i++) {
        bytes += entries.entries[i].name.size + LINE_BYTES;
    }
    char *out = memory_allocate(bytes, 1);
    if (out == NULL) {
        status = error_set_memory(error, "describing columns");
        goto done;
    }
    used += (size_t)snprintf(out, bytes, "%s", head);
    for (uint32_t i = 0; i < entries.count; i++) {
        bool is_written = can_stand(entries.entries[i].name);
        used += is_written ? write_entry(out + used, &entries.entries[i], schema) : 0;
        is_whole = is_whole && is_written;
    }
    snprintf(out + used, bytes - used, "%s", is_whole ? "" : omitted);
    *text = out;
done:
    memory_free(entries.entries);
    memory_free(entries.heads);
    return status;
}

static void add(struct entries *entries, struct bytes name, uint32_t property, enum reading reading)
{
    uint32_t *link = &entries->heads[property];
    while (*link != LAYOUT_MISSING && !bytes_equal(entries->entries[*link].name, name)) {
        link = &entries->entries[*link].next;
    }
    if (*link == LAYOUT_MISSING) {
        *link = entries->count;
        entries->entries[entries->count++] =
            (struct entry){name, property, LAYOUT_MISSING, reading};
    } else if (entries->entries[*link].reading != reading) {
        entries->entries[*link].reading = READ_TIME_ANY;
    }
}

static enum status collect(struct entries *entries, const struct layout *layout,
                           struct error *error)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < layout->file_count; i++) {
        most += layout->files[i].header.column_count;
    }
    entries->entries = memory_allocate(most, sizeof *entries->entries);
    entries->heads = memory_allocate(layout->column_count, sizeof *entries->heads);
    if (entries->entries == NULL || entries->heads == NULL) {
        return error_set_memory(error, "describing columns");
    }
    for (uint32_t i = 0; i < layout->column_count; i++) {
        entries->heads[i] = LAYOUT_MISSING;
    }
    for (uint32_t i = 0; i < layout->file_count; i++) {
        const struct layout_file *file = &layout->files[i];
        for (uint32_t k = 0; k < file->header.column_count; k++) {
            const struct header_column *column = &file->header.columns[k];
            if (column->field != FIELD_NONE) {
                add(entries, file->header.field_names[column->field], file->properties[k],
                    column->reading);
            }
        }
    }
    return STATUS_OK;
}

static bool can_stand(struct bytes name)
{
    return name.size > 0 && name.data[0] != '#' && memchr(name.data, '\n', name.size) == NULL &&
           memchr(name.data, '\r', name.size) == NULL && bytes_trim(name).size == name.size;
}

static const char *role_name(const struct property *property)
{
    switch (property->role) {
    case ROLE_START_TIME:
        return "time";
    case ROLE_SOURCE:
        return "source";
    case ROLE_TARGET:
        return "target";
    case ROLE_ATTRIBUTE:
        break;
    }
    const struct vocabulary_word *word = vocabulary_find(bytes_of(property->name));
    return word == NULL ? "attribute" : word->name;
}

static size_t write_entry(char *text, const struct entry *entry, const struct schema *schema)
{
    const struct property *property = &schema->properties[entry->property];
    const char *format = column_wish_format(property->type, entry->reading);
    size_t used = entry->name.size;
    memcpy(text, entry->name.data, used);
    used += (size_t)snprintf(text + used, LINE_BYTES, "=%s", role_name(property));
    if (property->type != TYPE_ADDRESS) {
        bool has_format = format != NULL && format[0] != '\0';
        used += (size_t)snprintf(text + used, LINE_BYTES, ":%s%s%s", type_name(property->type),
                                 has_format ? ":" : "", has_format ? format : "");
    }
    text[used++] = '\n';
    return used;
}
