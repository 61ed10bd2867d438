/* Any bytes as lines of JSON: each is read alike by all readers, or is faulty for all of them, and
 * what is read lies within it. What half of the keys do not tell is news, and then no news any
 * more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "graph/schema.h"
#include "loader/json_names.h"
#include "loader/json_news.h"
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

/* The next line, without its newline. */
static struct bytes take_line(struct bytes *rest)
{
    const char *newline = memchr(rest->data, '\n', rest->size);
    size_t size = newline == NULL ? rest->size : (size_t)(newline - rest->data);
    struct bytes line = bytes_view(rest->data, size);
    size += newline != NULL;
    *rest = bytes_view(rest->data + size, rest->size - size);
    return line;
}

static bool has_news(const struct json_keys *keys, struct bytes line)
{
    static uint32_t ends[SCHEMA_PROPERTIES_MAX + 1];
    bool found = false;
    char *copy = memory_allocate(line.size + JSON_PADDING, 1);
    char *text = memory_allocate(line.size + keys->column_count + 1, 1);
    expect(copy != NULL && text != NULL, "there is memory");
    memcpy(copy, line.data, line.size);
    uint32_t count = json_record_cut(keys, bytes_view(copy, line.size), text, ends, &found);
    memory_free(copy);
    memory_free(text);
    return count != RECORD_BAD_JSON && found;
}

static void expect_numbers(struct json_names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        names->keys.are_numbers[i] = !names->names[i].is_text;
    }
    names->keys.is_full = names->is_full;
    names->keys.has_unfit = names->has_unfit;
}

static void read_news(struct json_news *news, const struct json_keys *keys, struct bytes lines)
{
    struct error error = {0};
    for (uint64_t number = 0; lines.size > 0; number++) {
        struct bytes line = take_line(&lines);
        struct place place = {0, number};
        if (has_news(keys, line)) {
            expect(json_news_read(news, keys, line, 0, place, &error) == STATUS_OK, "it is read");
        }
    }
}

/* Begins with half of what is known, and learns the rest from the lines. */
static void check_news(const struct json_names *known, struct bytes lines)
{
    struct json_names names = {0};
    struct json_news news = {0};
    struct json_news more = {0};
    struct error error = {0};
    for (uint32_t i = 0; i < known->count / 2; i++) {
        struct bytes path = json_name_path(&known->names[i]);
        expect(json_names_add(&names, path, false, &error) == STATUS_OK, "a name is added");
    }
    expect(json_names_renew(&names, &error) == STATUS_OK, "keys are renewed");
    expect_numbers(&names);
    read_news(&news, &names.keys, lines);
    expect(json_news_tell(&news, 0, &names, &error) == STATUS_OK, "news are told");
    expect_numbers(&names);
    read_news(&more, &names.keys, lines);
    expect(more.count == 0, "what was told is no news");
    json_news_close(&news);
    json_news_close(&more);
    json_names_close(&names);
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
    check_news(&names, rest);
    while (rest.size > 0) {
        check_line(&keys, take_line(&rest));
    }
    json_keys_close(&keys);
    json_names_close(&names);
    return 0;
}
