/* floor: loader */
#include "loader/json_record.h"

#include <stdio.h>

#include "base/memory.h"
#include "graph/schema.h"
#include "loader/record.h"
#include "tests/support/suite.h"

enum { COLUMNS_MAX = 12, TEXT_BYTES = 4096 };

/* Opens keys of paths that stand with bars between them. */
static void open_keys(struct json_keys *keys, const char *paths)
{
    struct bytes list[COLUMNS_MAX];
    uint32_t count = 0;
    struct error error = {0};
    for (const char *at = paths; *paths != '\0' && at != NULL;) {
        const char *bar = strchr(at, '|');
        list[count++] = bytes_view(at, bar == NULL ? strlen(at) : (size_t)(bar - at));
        at = bar == NULL ? NULL : bar + 1;
    }
    CU_ASSERT_EQUAL_FATAL(json_keys_open(keys, list, count, &error), STATUS_OK);
}

/* On the heap, with nothing but the padding behind it. */
static struct bytes copy_line(struct bytes line)
{
    char *copy = memory_allocate(line.size + JSON_PADDING, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, line.data, line.size);
    return bytes_view(copy, line.size);
}

static void free_line(struct bytes line)
{
    union {
        const char *borrowed;
        char *owned;
    } data = {line.data};
    memory_free(data.owned);
}

/* The values with bars between them, or "bad". */
static void cut_to_text(const char *paths, const char *line, char *joined)
{
    struct json_keys keys;
    char text[TEXT_BYTES];
    uint32_t ends[COLUMNS_MAX + 1];
    bool has_news;
    struct bytes copy = copy_line(bytes_of(line));
    open_keys(&keys, paths);
    uint32_t count = json_record_cut(&keys, copy, text, ends, &has_news);
    memcpy(joined, "bad", 4);
    for (uint32_t i = 0; count != RECORD_BAD_JSON && i < count; i++) {
        struct bytes field = record_field(text, ends, i);
        memcpy(joined, field.data, field.size);
        joined += field.size;
        *joined++ = i + 1 < count ? '|' : '\0';
    }
    json_keys_close(&keys);
    free_line(copy);
}

static void values_are_found_by_their_paths(void)
{
    static const struct {
        const char *paths;
        const char *line;
        const char *fields;
    } rows[] = {
        {"a", "{\"a\":1}", "1"},
        {"a|b", "{\"b\":\"x\",\"a\":-2.5e+3}", "-2.5e+3|x"},
        {"a|b", "{}", "|"},
        {"a|b", " \t{ \"a\" :\t1 , \"b\" : 2 } \r", "1|2"},
        {"a|b|c|d", "{\"a\":null,\"b\":true,\"c\":false,\"d\":\"\"}", "|true|false|"},
        {"a", "{\"a\":[1,{\"a\":2},\"]\"],\"b\":[]}", "[1,{\"a\":2},\"]\"]"},
        {"flow.start|flow.end|end", "{\"end\":1,\"flow\":{\"end\":2,\"start\":3}}", "3|2|1"},
        {"a.b.c", "{\"a\":{\"b\":{\"c\":1}}}", "1"},
        {"a.b.c", "{\"a.b\":{\"c\":1}}", "1"},
        {"a.b.c", "{\"a\":{\"b.c\":1}}", "1"},
        {"a.b.c", "{\"a.b.c\":1}", "1"},
        {"a.b.c", "{\"a\":{\"b\":1},\"b\":{\"c\":2},\"c\":3}", ""},
        {"a|a.b", "{\"a\":{\"b\":1}}", "|1"},
        {"a|a.b", "{\"a\":5}", "5|"},
        {"..|a.", "{\"\":{\"\":{\"\":1}},\"a\":{\"\":2}}", "1|2"},
        {"\xc3\xa9", "{\"\\u00e9\":1}", "1"},
        {"a\"b", "{\"a\\\"b\":1}", "1"},
        {"bytes_toserver_1|bytes_toserver_2", "{\"bytes_toserver_2\":2,\"bytes_toserver_1\":1}",
         "1|2"},
        {"a_key_of_more_than_16_bytes", "{\"a_key_of_more_thXn_16_bytes\":1}", ""},
        {"a", "{\"x\":{\"a\":1},\"y\":[{\"a\":2}]}", ""},
        {"a", "{\"a\":123456789012345678901234567890}", "123456789012345678901234567890"},
        {"a", "{\"a\":\"\xff\xfe\"}", "\xff\xfe"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char fields[TEXT_BYTES];
        cut_to_text(rows[i].paths, rows[i].line, fields);
        CU_ASSERT_STRING_EQUAL(fields, rows[i].fields);
    }
}

static void of_a_key_that_stands_twice_the_last_value_counts(void)
{
    static const struct {
        const char *line;
        const char *fields; /* a, f, f.a, f.b */
    } rows[] = {
        {"{\"a\":1,\"a\":2}", "2|||"},
        {"{\"a\":1,\"a\":null}", "|||"},
        {"{\"f\":{\"a\":1,\"a\":2}}", "||2|"},
        {"{\"f\":{\"a\":1},\"f\":{\"b\":2}}", "|||2"},
        {"{\"f\":{\"a\":1},\"f\":5}", "|5||"},
        {"{\"f\":5,\"f\":{\"a\":1}}", "||1|"},
        {"{\"f\":{\"a\":1},\"f\":{\"b\":2},\"f\":{}}", "|||"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char fields[TEXT_BYTES];
        cut_to_text("a|f|f.a|f.b", rows[i].line, fields);
        CU_ASSERT_STRING_EQUAL(fields, rows[i].fields);
    }
}

static void texts_are_unescaped(void)
{
    static const struct {
        const char *written;
        const char *meant;
    } rows[] = {
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac"},
        {"\\ud83d\\ude00!", "\xf0\x9f\x98\x80!"},
        {"\\ud83d", "\xef\xbf\xbd"},
        {"\\ude00", "\xef\xbf\xbd"},
        {"\\ud83dx", "\xef\xbf\xbdx"},
        {"\\ud83d\\n", "\xef\xbf\xbd\n"},
        {"\\ud83d\\ud83d\\ude00", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
        {"\\ud83d\\u0041", "\xef\xbf\xbd"
                           "A"},
        {"a\\u0000b", "a\xef\xbf\xbd"
                      "b"},
        {"\\uffff\\udbff\\udfff", "\xef\xbf\xbf\xf4\x8f\xbf\xbf"},
        {"12345678\\n12345678", "12345678\n12345678"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[128];
        char fields[TEXT_BYTES];
        snprintf(line, sizeof line, "{\"a\":\"%s\"}", rows[i].written);
        cut_to_text("a", line, fields);
        CU_ASSERT_STRING_EQUAL(fields, rows[i].meant);
    }
}

static uint64_t fault_of(struct bytes line)
{
    struct json_keys keys = {0};
    struct json_value values[1];
    bool has_unknown;
    struct bytes copy = copy_line(line);
    uint64_t fault = json_record_read(&keys, copy, values, &has_unknown);
    free_line(copy);
    return fault;
}

static void faults_are_found_where_they_are(void)
{
    static const struct {
        const char *line;
        uint64_t fault;
    } rows[] = {
        {"", 0},
        {"  ", 2},
        {"x", 0},
        {"[]", 0},
        {"1", 0},
        {"{", 1},
        {"{}x", 2},
        {"{} {}", 3},
        {"{,}", 1},
        {"{\"a\"}", 4},
        {"{\"a\":}", 5},
        {"{\"a\":1,}", 7},
        {"{\"a\":1 \"b\":2}", 7},
        {"{\"a\" 1}", 5},
        {"{a:1}", 1},
        {"{\"a\":1", 6},
        {"{\"a\":\"x}", 8},
        {"{\"a\":\"x\\", 7},
        {"{\"a\":\"\\x\"}", 6},
        {"{\"a\":\"\\u12g4\"}", 6},
        {"{\"a\":\"\\u12", 6},
        {"{\"a\":\"a\tb\"}", 7},
        {"{\"a\":\"12345678\x1f\"}", 14},
        {"{\"a\":01}", 6},
        {"{\"a\":-}", 6},
        {"{\"a\":+1}", 5},
        {"{\"a\":.5}", 5},
        {"{\"a\":1.}", 7},
        {"{\"a\":1e}", 7},
        {"{\"a\":1e+}", 8},
        {"{\"a\":0x10}", 6},
        {"{\"a\":NaN}", 5},
        {"{\"a\":Infinity}", 5},
        {"{\"a\":nul}", 5},
        {"{\"a\":nullx}", 9},
        {"{\"a\":True}", 5},
        {"{\"a\":[1,]}", 8},
        {"{\"a\":[1 2]}", 8},
        {"{\"a\":[}", 6},
        {"{\"a\":[1}", 7},
        {"{\"a\":{]}", 6},
        {"{\"a\":'x'}", 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(fault_of(bytes_of(rows[i].line)), rows[i].fault);
    }
    CU_ASSERT_EQUAL(fault_of(bytes_view("{\"a\":\"\0\"}", 9)), 6);
    CU_ASSERT_EQUAL(fault_of(bytes_view("{\"a\":\0}", 7)), 5);
}

static void no_beginning_of_an_object_is_one(void)
{
    static const char line[] =
        "{\"a\":\"x\\u00e9\\n\",\"b\":{\"c\":[1,-2.5e-3,true,false,null,{}],\"d\":{\"e\":\"\"}},"
        "\"long_key_long_key\":12}";
    struct bytes whole = bytes_of(line);
    CU_ASSERT_EQUAL(fault_of(whole), JSON_GOOD);
    for (size_t size = 0; size < whole.size; size++) {
        uint64_t fault = fault_of(bytes_view(line, size));
        CU_ASSERT(fault <= size);
    }
}

static void nesting_has_a_limit(void)
{
    static const char *const brackets[] = {"[]", "{}"};
    for (size_t kind = 0; kind < 2; kind++) {
        for (uint32_t depth = JSON_DEPTH_MAX - 2; depth <= JSON_DEPTH_MAX + 1; depth++) {
            char line[1024] = "{\"a\":";
            char *at = line + strlen(line);
            uint64_t last = 0;
            for (uint32_t i = 1; i < depth; i++) {
                last = (uint64_t)(at - line);
                *at++ = brackets[kind][0];
                if (kind == 1 && i + 1 < depth) {
                    memcpy(at, "\"a\":", 4);
                    at += 4;
                }
            }
            memset(at, brackets[kind][1], depth - 1);
            at += depth - 1;
            *at++ = '}';
            CU_ASSERT_EQUAL(fault_of(bytes_view(line, (size_t)(at - line))),
                            depth <= JSON_DEPTH_MAX ? JSON_GOOD : last);
        }
    }
}

static void note_path(void *context, struct bytes path, const struct json_value *value)
{
    char *text = context;
    size_t used = strlen(text);
    snprintf(text + used, TEXT_BYTES - used, "%.*s:%d ", (int)path.size, path.data, value->type);
}

static void values_that_no_column_has_are_told(void)
{
    static const struct {
        const char *line;
        bool has_unknown;
        const char *told; /* path:type */
    } rows[] = {
        {"{\"a\":1,\"f\":{\"b\":2}}", false, ""},
        {"{\"x\":1,\"a\":2,\"y\":\"\"}", true, "x:4 y:5 "},
        {"{\"f\":{\"b\":2,\"c\":true,\"d\":{\"e\":null}},\"g\":[{\"a\":1}]}", true,
         "f.c:3 f.d.e:1 g:6 "},
        {"{\"f\":5}", true, "f:4 "},
        {"{\"a\":{\"b\":5}}", true, "a.b:4 "},
        {"{\"f\":{}}", false, ""},
        {"{\"x\":{ }}", false, ""},
        {"{\"x\":{\"y\":{}}}", true, ""},
        {"{\"\\u0078\":{\"\\n\":false}}", true, "x.\n:2 "},
        {"{\"0.1.2.3.4.5.6.7.8\":1,\"0.1.2.3.4.5.6.7.8.9\":2}", true, "0.1.2.3.4.5.6.7.8:4 :4 "},
        {"{\"\":1,\"g\":{\"\":2}}", true, ":4 g.:4 "},
    };
    struct json_keys keys;
    open_keys(&keys, "a|f.b");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char told[TEXT_BYTES] = "";
        struct json_value read[2];
        struct json_value values[2];
        bool has_unknown;
        struct bytes line = copy_line(bytes_of(rows[i].line));
        CU_ASSERT_EQUAL(json_record_read(&keys, line, read, &has_unknown), JSON_GOOD);
        CU_ASSERT_EQUAL(has_unknown, rows[i].has_unknown);
        CU_ASSERT_EQUAL(json_record_tell(&keys, line, values, note_path, told), JSON_GOOD);
        CU_ASSERT_STRING_EQUAL(told, rows[i].told);
        for (uint32_t k = 0; k < 2; k++) {
            CU_ASSERT(read[k].type == values[k].type && read[k].data == values[k].data);
        }
        free_line(line);
    }
    json_keys_close(&keys);
}

static void paths_that_are_too_long_are_told_as_empty(void)
{
    for (uint32_t size = JSON_PATH_BYTES_MAX - 4; size < JSON_PATH_BYTES_MAX + 4; size++) {
        char line[TEXT_BYTES];
        char told[TEXT_BYTES] = "";
        struct json_keys keys = {0};
        struct json_value values[1];
        snprintf(line, sizeof line, "{\"%0*d\":1,\"a\":{\"%0*d\":1,\"b\":2}}", (int)size, 0,
                 (int)size - 2, 0);
        struct bytes copy = copy_line(bytes_of(line));
        CU_ASSERT_EQUAL(json_record_tell(&keys, copy, values, note_path, told), JSON_GOOD);
        CU_ASSERT_EQUAL(strlen(told) > 2 * (size - 2), size <= JSON_PATH_BYTES_MAX);
        CU_ASSERT_PTR_NOT_NULL(strstr(told, "a.b:4 "));
        free_line(copy);
    }
}

static void a_value_is_found_as_it_stands(void)
{
    static const struct {
        const char *line;
        const char *found; /* of f.b */
    } rows[] = {
        {"{\"f\":{\"b\":\"x\\n\"}}", "x\\n"},
        {"{\"f\":{\"b\":-1}}", "-1"},
        {"{\"f\":{\"b\":null}}", "null"},
        {"{\"f\":1}", ""},
        {"{\"f\":{\"b\":1}", ""},
        {"{\"f\":{\"b\":1}}, x", ", x"},
    };
    struct json_keys keys;
    open_keys(&keys, "a|f.b");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes found = json_record_find(&keys, bytes_of(rows[i].line), 1);
        CU_ASSERT(bytes_equal(found, bytes_of(rows[i].found)));
    }
    json_keys_close(&keys);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(values_are_found_by_their_paths),
        CASE(of_a_key_that_stands_twice_the_last_value_counts),
        CASE(texts_are_unescaped),
        CASE(faults_are_found_where_they_are),
        CASE(no_beginning_of_an_object_is_one),
        CASE(nesting_has_a_limit),
        CASE(values_that_no_column_has_are_told),
        CASE(paths_that_are_too_long_are_told_as_empty),
        CASE(a_value_is_found_as_it_stands),
        CU_TEST_INFO_NULL,
    };
    return suite_run("json_record", NULL, NULL, cases);
}
