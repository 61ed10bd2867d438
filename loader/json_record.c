#include "loader/json_record.h"

#include <endian.h>

#include "base/check.h"
#include "base/memory.h"
#include "graph/schema.h"
#include "loader/json_text.h"
#include "loader/record.h"

/* A key with escapes is unescaped where it is longer written than any path is. */
enum { KEY_BYTES_MAX = 6 * JSON_PATH_BYTES_MAX };

/* Nodes up to this are remembered as seen in this line; the others are cleared each time. */
enum { SEEN_NODES = 64 };

/* Every reader below returns where what it read ends; or NULL after a fault, and then nothing is
 * read any more. */
struct reading {
    const struct json_keys *keys;
    struct json_value *values;
    const char *end; /* of the line */
    const char *fault;
    uint64_t seen_nodes;
    bool has_unknown;
    json_unknown_function unknown; /* or NULL */
    void *context;
    uint32_t path_size;             /* over JSON_PATH_BYTES_MAX: does not fit */
    char path[JSON_PATH_BYTES_MAX]; /* of what is being read; kept while there is `unknown` */
    char key[KEY_BYTES_MAX + JSON_PADDING];
};

static const char *read_object(struct reading *reading, const char *at, uint32_t node,
                               uint32_t depth);
static const char *read_member(struct reading *reading, const char *at, struct json_value written,
                               uint32_t node, uint32_t depth);
static const char *read_value(struct reading *reading, const char *at, struct json_value *value,
                              uint32_t child, uint32_t depth);
static const char *read_array(struct reading *reading, const char *at, uint32_t depth);
static const char *read_string(struct reading *reading, const char *at, struct json_value *value);
static const char *read_number(struct reading *reading, const char *at);

static const char *fail(struct reading *reading, const char *at)
{
    reading->fault = at;
    return NULL;
}

static inline const char *skip_blanks(const char *at, const char *end)
{
    while (UNLIKELY(*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') && at < end) {
        at++;
    }
    return at;
}

static uint64_t read_line(struct reading *reading, struct bytes line)
{
    reading->end = line.data + line.size;
    reading->seen_nodes = 0;
    reading->has_unknown = false;
    reading->path_size = 0;
    memset(reading->values, 0, reading->keys->column_count * sizeof *reading->values);
    const char *at = skip_blanks(line.data, reading->end);
    if (*at != '{') {
        return (uint64_t)(at - line.data);
    }
    at = read_object(reading, at, 0, 1);
    if (LIKELY(at != NULL)) {
        at = skip_blanks(at, reading->end);
        if (LIKELY(at == reading->end)) {
            return JSON_GOOD;
        }
        fail(reading, at);
    }
    return (uint64_t)(reading->fault - line.data);
}

uint64_t json_record_read(const struct json_keys *keys, struct bytes line,
                          struct json_value *values, bool *has_unknown)
{
    struct reading reading; /* its texts are left as they are */
    reading.keys = keys;
    reading.values = values;
    reading.unknown = NULL;
    uint64_t fault = read_line(&reading, line);
    *has_unknown = reading.has_unknown;
    return fault;
}

uint64_t json_record_tell(const struct json_keys *keys, struct bytes line,
                          struct json_value *values, json_unknown_function unknown, void *context)
{
    struct reading reading;
    reading.keys = keys;
    reading.values = values;
    reading.unknown = unknown;
    reading.context = context;
    return read_line(&reading, line);
}

char *json_value_write(const struct json_value *value, char *text)
{
    if (value->type <= JSON_NULL || value->type == JSON_OBJECT) {
        return text;
    }
    if (value->has_escape) {
        return json_unescape(value->data, value->data + value->size, text);
    }
    memcpy(text, value->data, value->size);
    return text + value->size;
}

uint32_t json_record_cut(const struct json_keys *keys, struct bytes line, char *text,
                         uint32_t *ends, bool *has_news)
{
    struct json_value values[SCHEMA_PROPERTIES_MAX];
    char *at = text;
    DCHECK(keys->column_count <= SCHEMA_PROPERTIES_MAX);
    if (json_record_read(keys, line, values, has_news) != JSON_GOOD) {
        return RECORD_BAD_JSON;
    }
    *has_news &= !keys->is_full || !keys->has_unfit;
    ends[0] = UINT32_MAX;
    for (uint32_t i = 0; i < keys->column_count; i++) {
        *has_news |= keys->are_numbers[i] & json_is_text(values[i].type);
        at = json_value_write(&values[i], at);
        ends[i + 1] = (uint32_t)(at - text);
        *at++ = '\n';
    }
    return keys->column_count;
}

struct bytes json_record_find(const struct json_keys *keys, struct bytes line, uint32_t column)
{
    struct json_value values[SCHEMA_PROPERTIES_MAX];
    struct bytes found = bytes_view(line.data + line.size, 0);
    bool has_unknown;
    char *copy = memory_allocate(line.size + JSON_PADDING, 1);
    if (copy == NULL) {
        return found;
    }
    memcpy(copy, line.data, line.size);
    uint64_t fault = json_record_read(keys, bytes_view(copy, line.size), values, &has_unknown);
    if (fault != JSON_GOOD) {
        found = bytes_view(line.data + fault, line.size - fault);
    } else if (values[column].type != JSON_MISSING) {
        found = bytes_view(line.data + (values[column].data - copy), values[column].size);
    }
    memory_free(copy);
    return found;
}

static const char *read_object(struct reading *reading, const char *at, uint32_t node,
                               uint32_t depth)
{
    const char *end = reading->end;
    at = skip_blanks(at + 1, end);
    if (*at == '}') {
        return at + 1;
    }
    for (;;) {
        struct json_value key;
        if (UNLIKELY(*at != '"')) {
            return fail(reading, at);
        }
        at = read_string(reading, at, &key);
        if (UNLIKELY(at == NULL)) {
            return NULL;
        }
        at = skip_blanks(at, end);
        if (UNLIKELY(*at != ':')) {
            return fail(reading, at);
        }
        at = read_member(reading, skip_blanks(at + 1, end), key, node, depth);
        if (UNLIKELY(at == NULL)) {
            return NULL;
        }
        at = skip_blanks(at, end);
        if (*at != ',') {
            return *at == '}' ? at + 1 : fail(reading, at);
        }
        at = skip_blanks(at + 1, end);
    }
}

/* The key as it is meant; empty data when it is longer than any that is wanted. */
static struct bytes key_meant(struct reading *reading, const struct json_value *written)
{
    if (LIKELY(!written->has_escape)) {
        return bytes_view(written->data, written->size);
    }
    if (written->size > KEY_BYTES_MAX) {
        return bytes_view(NULL, 0);
    }
    char *end = json_unescape(written->data, written->data + written->size, reading->key);
    return bytes_view(reading->key, (size_t)(end - reading->key));
}

/* An object that stands twice counts as it stands last: what the first one had is forgotten. */
static void forget_twice(struct reading *reading, uint32_t node)
{
    uint64_t bit = node < SEEN_NODES ? UINT64_C(1) << node : 0;
    if (LIKELY((reading->seen_nodes & bit) == 0 && bit != 0)) {
        reading->seen_nodes |= bit;
        return;
    }
    for (uint32_t i = 0; i < reading->keys->column_count; i++) {
        if (json_keys_is_below(reading->keys, node, i)) {
            reading->values[i] = (struct json_value){0};
        }
    }
}

static void path_push(struct reading *reading, struct bytes key)
{
    uint64_t size = reading->path_size + key.size;
    if (key.data == NULL || size > JSON_PATH_BYTES_MAX) {
        reading->path_size = JSON_PATH_BYTES_MAX + 1;
        return;
    }
    memcpy(reading->path + reading->path_size, key.data, key.size);
    reading->path_size = (uint32_t)size;
}

static void tell_unknown(struct reading *reading, const struct json_value *value)
{
    uint32_t points = 0;
    if (reading->path_size > JSON_PATH_BYTES_MAX) {
        reading->unknown(reading->context, bytes_view(reading->path, 0), value);
        return;
    }
    for (uint32_t i = 0; i < reading->path_size; i++) {
        points += reading->path[i] == '.';
    }
    uint32_t size = points <= JSON_POINTS_MAX ? reading->path_size : 0;
    reading->unknown(reading->context, bytes_view(reading->path, size), value);
}

/* A member as discovery reads it: with the paths of all that is not known. */
static const char *read_member_telling(struct reading *reading, const char *at, struct bytes key,
                                       const struct json_edge *edge, struct json_value *value,
                                       uint32_t depth)
{
    uint32_t path_size = reading->path_size;
    path_push(reading, key);
    uint32_t key_end = reading->path_size;
    path_push(reading, bytes_view(".", *at == '{'));
    at = read_value(reading, at, value, edge == NULL ? JSON_NONE : edge->child, depth);
    reading->path_size = key_end;
    if (at != NULL && value->type != JSON_OBJECT && (edge == NULL || edge->column == JSON_NONE)) {
        tell_unknown(reading, value);
    }
    reading->path_size = path_size;
    return at;
}

static bool is_empty(const struct json_value *object, const char *end)
{
    return *skip_blanks(object->data + 1, end) == '}';
}

static const char *read_member(struct reading *reading, const char *at, struct json_value written,
                               uint32_t node, uint32_t depth)
{
    struct json_value value;
    const struct json_edge *edge = NULL;
    struct bytes key = {0};
    if (node != JSON_NONE || reading->unknown != NULL) {
        key = key_meant(reading, &written);
    }
    if (node != JSON_NONE && key.data != NULL) {
        edge = json_keys_find(reading->keys, node, key);
    }
    if (edge != NULL && edge->child != JSON_NONE) {
        forget_twice(reading, edge->child);
    }
    if (UNLIKELY(reading->unknown != NULL)) {
        at = read_member_telling(reading, at, key, edge, &value, depth);
    } else {
        at = read_value(reading, at, &value, edge == NULL ? JSON_NONE : edge->child, depth);
    }
    if (UNLIKELY(at == NULL)) {
        return NULL;
    }
    if (edge != NULL && edge->column != JSON_NONE) {
        reading->values[edge->column] = value;
    }
    if (node != JSON_NONE) {
        bool is_object = value.type == JSON_OBJECT;
        bool is_unknown = edge == NULL || (is_object ? edge->child : edge->column) == JSON_NONE;
        reading->has_unknown |= is_unknown && !(is_object && is_empty(&value, reading->end));
    }
    return at;
}

/* `child` is the node of the value's members. */
static const char *read_value(struct reading *reading, const char *at, struct json_value *value,
                              uint32_t child, uint32_t depth)
{
    static const char *const words[] = {
        [JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
    const char *begin = at;
    enum json_type type;
    switch (*at) {
    case '"':
        return read_string(reading, at, value);
    case '{':
        type = JSON_OBJECT;
        at =
            depth < JSON_DEPTH_MAX ? read_object(reading, at, child, depth + 1) : fail(reading, at);
        break;
    case '[':
        type = JSON_ARRAY;
        at = depth < JSON_DEPTH_MAX ? read_array(reading, at, depth + 1) : fail(reading, at);
        break;
    case 'n':
    case 'f':
    case 't':
        type = *at == 'n' ? JSON_NULL : *at == 'f' ? JSON_FALSE : JSON_TRUE;
        at += type == JSON_FALSE ? 5 : 4;
        at = memcmp(begin, words[type], (size_t)(at - begin)) == 0 ? at : fail(reading, begin);
        break;
    default:
        type = JSON_NUMBER;
        at = read_number(reading, at);
    }
    *value = (struct json_value){begin, at == NULL ? 0 : (uint32_t)(at - begin), type, false};
    return at;
}

/* Of what is in an array nothing is wanted, and nothing told. */
static const char *read_array(struct reading *reading, const char *at, uint32_t depth)
{
    const char *end = reading->end;
    json_unknown_function unknown = reading->unknown;
    struct json_value value;
    at = skip_blanks(at + 1, end);
    if (*at == ']') {
        return at + 1;
    }
    reading->unknown = NULL;
    for (;;) {
        at = read_value(reading, at, &value, JSON_NONE, depth);
        if (UNLIKELY(at == NULL)) {
            return NULL;
        }
        at = skip_blanks(at, end);
        if (*at != ',') {
            break;
        }
        at = skip_blanks(at + 1, end);
    }
    reading->unknown = unknown;
    return *at == ']' ? at + 1 : fail(reading, at);
}

/* The first quote, backslash or control character. Eight bytes at a time: each of the three terms
 * has the top bit of a byte set where it is one of these; bytes behind the first may be marked
 * wrongly, by a borrow, but not before it. */
static inline const char *find_special(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    for (;; at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        word = le64toh(word);
        uint64_t quotes = word ^ ones * '"';
        uint64_t slashes = word ^ ones * '\\';
        uint64_t marks = ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) |
                         ((word - ones * 0x20) & ~word);
        marks &= ones * 0x80;
        if (marks != 0) {
            return at + (__builtin_ctzll(marks) >> 3);
        }
    }
}

static const char *read_escape(struct reading *reading, const char *at)
{
    uint32_t code;
    if (at[1] == 'u' && json_hex_parse(at + 2, &code)) {
        return at + 6;
    }
    bool is_known = at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) != NULL;
    return is_known ? at + 2 : fail(reading, at);
}

static const char *read_string(struct reading *reading, const char *at, struct json_value *value)
{
    const char *begin = ++at;
    bool has_escape = false;
    for (;;) {
        at = find_special(at);
        if (LIKELY(*at == '"')) {
            break;
        }
        if (*at != '\\') {
            return fail(reading, at);
        }
        at = read_escape(reading, at);
        if (at == NULL) {
            return NULL;
        }
        has_escape = true;
    }
    *value = (struct json_value){begin, (uint32_t)(at - begin), JSON_STRING, has_escape};
    return at + 1;
}

static inline bool is_digit(char byte)
{
    return (unsigned char)(byte - '0') <= 9;
}

static const char *read_digits(struct reading *reading, const char *at)
{
    if (!is_digit(*at)) {
        return fail(reading, at);
    }
    while (is_digit(*at)) {
        at++;
    }
    return at;
}

static const char *read_number(struct reading *reading, const char *at)
{
    at += *at == '-';
    at = *at == '0' ? at + 1 : read_digits(reading, at);
    if (at != NULL && *at == '.') {
        at = read_digits(reading, at + 1);
    }
    if (at != NULL && (*at | 0x20) == 'e') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        at = read_digits(reading, at);
    }
    return at;
}
