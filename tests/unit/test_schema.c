/* floor: graph */
#include "graph/schema.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/support/suite.h"

static void names_of_types_differ(void)
{
    for (enum type type = TYPE_NULL; type <= TYPE_EDGE; type++) {
        CU_ASSERT_STRING_NOT_EQUAL(type_name(type), "unknown");
        for (enum type other = TYPE_NULL; other < type; other++) {
            CU_ASSERT_STRING_NOT_EQUAL(type_name(type), type_name(other));
        }
    }
    CU_ASSERT_STRING_EQUAL(type_name(TYPE_INTEGER), "integer");
}

static void properties_are_found_by_exact_name_and_role(void)
{
    struct schema schema = {0};
    CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("Dur")), PROPERTY_NONE);
    CU_ASSERT_EQUAL(schema_find_role(&schema, ROLE_SOURCE), PROPERTY_NONE);
    static const struct {
        const char *name;
        enum type type;
        enum role role;
    } properties[] = {
        {"StartTime", TYPE_TIME, ROLE_START_TIME}, {"SrcAddr", TYPE_ADDRESS, ROLE_SOURCE},
        {"Dur", TYPE_FLOAT, ROLE_ATTRIBUTE},       {"dur", TYPE_INTEGER, ROLE_ATTRIBUTE},
        {"", TYPE_TEXT, ROLE_ATTRIBUTE},
    };
    int count = sizeof(properties) / sizeof(properties[0]);
    for (int index = 0; index < count; index++) {
        CU_ASSERT_EQUAL(schema_add(&schema, bytes_of(properties[index].name),
                                   properties[index].type, properties[index].role, NULL),
                        STATUS_OK);
    }
    CU_ASSERT_EQUAL(schema.property_count, (uint32_t)count);
    for (int index = 0; index < count; index++) {
        CU_ASSERT_EQUAL(schema_find(&schema, bytes_of(properties[index].name)), index);
        CU_ASSERT_EQUAL(schema.properties[index].type, properties[index].type);
    }
    CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("DUR")), PROPERTY_NONE);
    CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("Du")), PROPERTY_NONE);
    CU_ASSERT_EQUAL(schema_find_role(&schema, ROLE_START_TIME), 0);
    CU_ASSERT_EQUAL(schema_find_role(&schema, ROLE_SOURCE), 1);
    CU_ASSERT_EQUAL(schema_find_role(&schema, ROLE_TARGET), PROPERTY_NONE);
    schema_close(&schema);
    CU_ASSERT_EQUAL(schema.property_count, 0);
    schema_close(&schema);
}

static void name_is_copied_and_cut_where_the_view_ends(void)
{
    struct schema schema = {0};
    char header[] = "Proto,SrcAddr";
    CU_ASSERT_EQUAL(schema_add(&schema, bytes_view(header, 5), TYPE_TEXT, ROLE_ATTRIBUTE, NULL),
                    STATUS_OK);
    header[0] = '?';
    CU_ASSERT_STRING_EQUAL(schema.properties[0].name, "Proto");
    schema_close(&schema);
}

static void too_many_properties_are_a_limit(void)
{
    struct schema schema = {0};
    struct error error = {0};
    char name[16];
    for (int index = 0; index < SCHEMA_PROPERTIES_MAX; index++) {
        int length = snprintf(name, sizeof(name), "c%d", index);
        CU_ASSERT_EQUAL(schema_add(&schema, bytes_view(name, (size_t)length), TYPE_TEXT,
                                   ROLE_ATTRIBUTE, &error),
                        STATUS_OK);
    }
    CU_ASSERT_EQUAL(schema_add(&schema, bytes_of("one more"), TYPE_TEXT, ROLE_ATTRIBUTE, &error),
                    STATUS_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "1024"));
    CU_ASSERT_EQUAL(schema.property_count, SCHEMA_PROPERTIES_MAX);
    schema_close(&schema);
}

static void aliases_find_their_property_behind_all_names(void)
{
    struct schema schema = {0};
    for (uint64_t after = 0; after <= 2; after++) {
        if (after == 0) {
            CU_ASSERT_EQUAL(schema_add(&schema, bytes_of("a"), TYPE_TEXT, ROLE_ATTRIBUTE, NULL),
                            STATUS_OK);
            CU_ASSERT_EQUAL(schema_add(&schema, bytes_of("b"), TYPE_TEXT, ROLE_ATTRIBUTE, NULL),
                            STATUS_OK);
        }
        memory_fault_set(after);
        enum status status = schema_add_alias(&schema, bytes_of("ts"), 1, NULL);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(status, after == 0 ? STATUS_OK : STATUS_FAILED);
    }
    CU_ASSERT_EQUAL(schema_add_alias(&schema, bytes_of("a"), 1, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("ts")), 1);
    CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("a")), 0);
    CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("c")), PROPERTY_NONE);
    schema_close(&schema);
}

static void each_failed_allocation_leaves_the_schema_as_it_was(void)
{
    for (uint64_t after = 1; after <= 2; after++) {
        struct schema schema = {0};
        struct error error = {0};
        CU_ASSERT_EQUAL(schema_add(&schema, bytes_of("a"), TYPE_TEXT, ROLE_ATTRIBUTE, NULL),
                        STATUS_OK);
        memory_fault_set(after);
        CU_ASSERT_EQUAL(schema_add(&schema, bytes_of("b"), TYPE_TEXT, ROLE_ATTRIBUTE, &error),
                        STATUS_FAILED);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(schema.property_count, 1);
        CU_ASSERT_EQUAL(schema_find(&schema, bytes_of("b")), PROPERTY_NONE);
        schema_close(&schema);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(names_of_types_differ),
        CASE(properties_are_found_by_exact_name_and_role),
        CASE(name_is_copied_and_cut_where_the_view_ends),
        CASE(too_many_properties_are_a_limit),
        CASE(aliases_find_their_property_behind_all_names),
        CASE(each_failed_allocation_leaves_the_schema_as_it_was),
        CU_TEST_INFO_NULL,
    };
    return suite_run("schema", NULL, NULL, cases);
}
