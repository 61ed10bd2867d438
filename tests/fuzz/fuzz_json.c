/* Any bytes as lines of JSON: each is read alike by all readers, or is faulty for all of them, and
 * what is read lies within it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "graph/schema.h"
#include "loader/json_names.h"
#include "loader/record.h"
#include "tests/fuzz/fuzz.h"

static void expect(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void ignore(void *context, struct bytes path, const struct json_value *value)
{
    (void)value;
    expect(path.size <= JSON_PATH_BYTES_MAX, "a path is within its limit");
    ++*(uint64_t *)context;
}

static void check_line(const struct json_keys *keys, struct bytes line)
{
    static struct json_value read[SCHEMA_PROPERTIES_MAX];
    static struct json_value told[SCHEMA_PROPERTIES_MAX];
    static uint32_t ends[SCHEMA_PROPERTIES_MAX + 1];
    uint64_t told_count = 0;
    bool has_unknown;
    char *copy = memory_allocate(line.size + JSON_PADDING, 1);
    char *text = memory_allocate(line.size + keys->column_count, 1);
    expect(copy != NULL && text != NULL, "there is memory");
    memcpy(copy, line.data, line.size);
    struct bytes padded = bytes_view(copy, line.size);
    uint64_t fault = json_record_read(keys, padded, read, &has_unknown);
    expect(fault == JSON_GOOD || fault <= line.size, "a fault lies within its line");
    expect(json_record_tell(keys, padded, told, ignore, &told_count) == fault, "readers agree");
    uint32_t count = json_record_cut(keys, padded, text, ends, &has_unknown);
    expect(count == (fault == JSON_GOOD ? keys->column_count : RECORD_BAD_JSON), "cut agrees");
    for (uint32_t i = 0; i < keys->column_count && fault == JSON_GOOD; i++) {
        struct bytes found = json_record_find(keys, line, i);
        expect(read[i].type == told[i].type && read[i].size == told[i].size, "values agree");
        expect(read[i].type == JSON_MISSING || found.size == read[i].size, "a value is found");
        expect(record_field(text, ends, i).size <= read[i].size,
               "a field is no longer than written");
    }
    expect(told_count == 0 || has_unknown || fault != JSON_GOOD, "unknown values are announced");
    memory_free(copy);
    memory_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_view((const char *)data, size);
    struct json_names names = {0};
    struct json_keys keys;
    struct error error = {0};
    expect(json_names_learn(&names, rest, NULL, &error) == STATUS_OK, "names are learnt");
    /* Half of them, so that there are unknown ones. */
    expect(json_keys_open(&keys, names.keys.paths, names.count / 2, &error) == STATUS_OK, "keys");
    while (rest.size > 0) {
        const char *newline = memchr(rest.data, '\n', rest.size);
        size_t line_size = newline == NULL ? rest.size : (size_t)(newline - rest.data);
        check_line(&keys, bytes_view(rest.data, line_size));
        line_size += newline != NULL;
        rest = bytes_view(rest.data + line_size, rest.size - line_size);
    }
    json_keys_close(&keys);
    json_names_close(&names);
    return 0;
}
