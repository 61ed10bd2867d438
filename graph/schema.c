#include "graph/schema.h"

#include "base/check.h"
#include "base/memory.h"

const char *type_name(enum type type)
{
    switch (type) {
    case TYPE_NULL:
        return "null";
    case TYPE_BOOL:
        return "boolean";
    case TYPE_INTEGER:
        return "integer";
    case TYPE_FLOAT:
        return "float";
    case TYPE_TEXT:
        return "text";
    case TYPE_ADDRESS:
        return "address";
    case TYPE_TIME:
        return "time";
    case TYPE_DURATION:
        return "duration";
    case TYPE_VERTEX:
        return "vertex";
    case TYPE_EDGE:
        return "edge";
    }
    return "unknown";
}

enum status schema_add(struct schema *schema, struct bytes name, enum type type, enum role role,
                       struct error *error)
{
    if (schema->property_count == SCHEMA_PROPERTIES_MAX) {
        return error_set(error, STATUS_LIMIT, "more than %d columns; gyre takes no more",
                         SCHEMA_PROPERTIES_MAX);
    }
    char *copy = memory_copy_text(name.data, name.size);
    if (copy == NULL) {
        return error_set_memory(error, "keeping the names of columns");
    }
    /* Schemas are short and made once, so that growing by one costs nothing that is seen. */
    struct property *properties =
        memory_resize(schema->properties, schema->property_count + 1, sizeof(*properties));
    if (properties == NULL) {
        memory_free(copy);
        return error_set_memory(error, "keeping the names of columns");
    }
    properties[schema->property_count] = (struct property){copy, type, role};
    schema->properties = properties;
    schema->property_count++;
    return STATUS_OK;
}

enum status schema_add_alias(struct schema *schema, struct bytes name, uint32_t property,
                             struct error *error)
{
    CHECK(property < schema->property_count);
    char *copy = memory_copy_text(name.data, name.size);
    struct schema_alias *aliases =
        memory_resize(schema->aliases, schema->alias_count + 1, sizeof(*aliases));
    schema->aliases = aliases != NULL ? aliases : schema->aliases;
    if (copy == NULL || aliases == NULL) {
        memory_free(copy);
        return error_set_memory(error, "keeping the names of columns");
    }
    aliases[schema->alias_count++] = (struct schema_alias){copy, property};
    return STATUS_OK;
}

void schema_close(struct schema *schema)
{
    for (uint32_t index = 0; index < schema->alias_count; index++) {
        memory_free(schema->aliases[index].name);
    }
    memory_free(schema->aliases);
    for (uint32_t index = 0; index < schema->property_count; index++) {
        memory_free(schema->properties[index].name);
    }
    memory_free(schema->properties);
    *schema = (struct schema){0};
}

int schema_find(const struct schema *schema, struct bytes name)
{
    for (uint32_t index = 0; index < schema->property_count; index++) {
        if (bytes_equal(bytes_of(schema->properties[index].name), name)) {
            return (int)index;
        }
    }
    for (uint32_t index = 0; index < schema->alias_count; index++) {
        if (bytes_equal(bytes_of(schema->aliases[index].name), name)) {
            return (int)schema->aliases[index].property;
        }
    }
    return PROPERTY_NONE;
}

int schema_find_role(const struct schema *schema, enum role role)
{
    for (uint32_t index = 0; index < schema->property_count; index++) {
        if (schema->properties[index].role == role) {
            return (int)index;
        }
    }
    return PROPERTY_NONE;
}
