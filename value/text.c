/* Values as queries, reports and JSON write them: one walk over a value, three ways of writing what
 * it comes by. */
#include "value/text.h"

#include <stdio.h>

#include <math.h>

#include "base/check.h"
#include "base/number.h"
#include "base/time_text.h"
#include "value/code_point.h"
#include "value/float_text.h"
#include "value/temporal.h"
#include "value/text_buffer.h"

enum form { FORM_LITERAL, FORM_JSON };

struct writer {
    struct text_buffer buffer;
    enum form form;
    const struct value_naming *naming;
};

static enum status write_whole(struct value value, enum form form,
                               const struct value_naming *naming, struct pool *pool,
                               struct value *text, struct error *error);
static enum status write_value(struct writer *writer, struct value value, uint32_t room);
static enum status write_list(struct writer *writer, struct value list, uint32_t room);
static enum status write_map(struct writer *writer, struct value map, uint32_t room);
static enum status write_entity(struct writer *writer, struct value entity);
static void write_float(struct writer *writer, double real);
static void write_temporal(struct writer *writer, struct value value);
static void write_key(struct writer *writer, struct bytes key);
static void write_quoted(struct writer *writer, struct bytes text);
static void write_escape(struct writer *writer, uint32_t code_point);
static bool is_plain_name(struct bytes key);
static enum status entity_name(const struct value_naming *naming, struct value entity,
                               struct pool *pool, struct value *text, struct error *error);

enum status value_to_literal(struct value value, const struct value_naming *naming,
                             struct pool *pool, struct value *text, struct error *error)
{
    return write_whole(value, FORM_LITERAL, naming, pool, text, error);
}

enum status value_to_text(struct value value, const struct value_naming *naming, struct pool *pool,
                          struct value *text, struct error *error)
{
    if (value.kind == VALUE_TEXT) {
        *text = value;
        return STATUS_OK;
    }
    if (temporal_is(value.kind)) {
        char bytes[TEMPORAL_TEXT_BYTES];
        uint32_t length = temporal_text(value, bytes);
        return pool_copy_text(pool, bytes_view(bytes, length), text, error);
    }
    return write_whole(value, FORM_LITERAL, naming, pool, text, error);
}

enum status value_to_json(struct value value, const struct value_naming *naming, struct pool *pool,
                          struct value *text, struct error *error)
{
    return write_whole(value, FORM_JSON, naming, pool, text, error);
}

static enum status write_whole(struct value value, enum form form,
                               const struct value_naming *naming, struct pool *pool,
                               struct value *text, struct error *error)
{
    struct writer writer = {
        .buffer = {.pool = pool, .error = error}, .form = form, .naming = naming};
    TRY(write_value(&writer, value, VALUE_DEPTH_MAX));
    return text_buffer_finish(&writer.buffer, text);
}

static enum status write_value(struct writer *writer, struct value value, uint32_t room)
{
    char number[NUMBER_TEXT_BYTES];
    switch (value.kind) {
    case VALUE_NULL:
        text_buffer_add_text(&writer->buffer, "null");
        return STATUS_OK;
    case VALUE_BOOL:
        text_buffer_add_text(&writer->buffer, value.integer != 0 ? "true" : "false");
        return STATUS_OK;
    case VALUE_INTEGER:
        text_buffer_add(&writer->buffer, number, integer_format(value.integer, number));
        return STATUS_OK;
    case VALUE_FLOAT:
        write_float(writer, value.real);
        return STATUS_OK;
    case VALUE_TEXT:
        write_quoted(writer, value_text_view(value));
        return STATUS_OK;
    case VALUE_LIST:
        return write_list(writer, value, room);
    case VALUE_MAP:
        return write_map(writer, value, room);
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_PATH:
        return write_entity(writer, value);
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        write_temporal(writer, value);
        return STATUS_OK;
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return STATUS_FAILED;
}

static enum status depth_error(struct writer *writer)
{
    return error_set(writer->buffer.error, STATUS_LIMIT,
                     "lists and maps lie more than %d deep in one another", VALUE_DEPTH_MAX);
}

static enum status write_list(struct writer *writer, struct value list, uint32_t room)
{
    if (room == 0) {
        return depth_error(writer);
    }
    text_buffer_add_byte(&writer->buffer, '[');
    for (uint32_t index = 0; index < list.count; index++) {
        TRY(pool_poll_at(writer->buffer.pool, index, writer->buffer.error));
        text_buffer_add_text(&writer->buffer, index == 0 ? "" : ", ");
        TRY(write_value(writer, list.items[index], room - 1));
    }
    text_buffer_add_byte(&writer->buffer, ']');
    return STATUS_OK;
}

static enum status write_map(struct writer *writer, struct value map, uint32_t room)
{
    if (room == 0) {
        return depth_error(writer);
    }
    text_buffer_add_byte(&writer->buffer, '{');
    for (uint32_t index = 0; index < map.count; index++) {
        text_buffer_add_text(&writer->buffer, index == 0 ? "" : ", ");
        write_key(writer, map.entries[index].key);
        text_buffer_add_text(&writer->buffer, ": ");
        TRY(write_value(writer, map.entries[index].value, room - 1));
    }
    text_buffer_add_byte(&writer->buffer, '}');
    return STATUS_OK;
}

static enum status write_entity(struct writer *writer, struct value entity)
{
    struct value name;
    TRY(entity_name(writer->naming, entity, writer->buffer.pool, &name, writer->buffer.error));
    bool is_number =
        entity.kind == VALUE_EDGE && writer->naming != NULL && writer->naming->edges_are_numbers;
    if (writer->form == FORM_JSON && !is_number) {
        write_quoted(writer, value_text_view(name));
    } else {
        text_buffer_add_bytes(&writer->buffer, value_text_view(name));
    }
    return STATUS_OK;
}

static void write_float(struct writer *writer, double real)
{
    char text[FLOAT_TEXT_BYTES];
    if (writer->form == FORM_JSON && !isfinite(real)) {
        text_buffer_add_text(&writer->buffer, "null");
        return;
    }
    text_buffer_add(&writer->buffer, text, float_text(real, text));
}

static void write_temporal(struct writer *writer, struct value value)
{
    char text[TEMPORAL_TEXT_BYTES];
    int64_t ns = 0;
    bool is_utc =
        value.kind == VALUE_DATETIME && value.instant->offset == 0 && value.instant->zone.size == 0;
    bool has_seconds = is_utc && writer->naming != NULL && writer->naming->times_have_seconds &&
                       temporal_to_ns(value, &ns);
    uint32_t length = has_seconds ? time_format(ns, text) : temporal_text(value, text);
    write_quoted(writer, bytes_view(text, length));
}

/* Bare when the language reads it so, else between backticks. */
static void write_key(struct writer *writer, struct bytes key)
{
    if (writer->form == FORM_JSON) {
        write_quoted(writer, key);
        return;
    }
    if (is_plain_name(key)) {
        text_buffer_add_bytes(&writer->buffer, key);
        return;
    }
    text_buffer_add_byte(&writer->buffer, '`');
    for (size_t index = 0; index < key.size; index++) {
        text_buffer_add(&writer->buffer, "``", key.data[index] == '`' ? 2 : 0);
        text_buffer_add(&writer->buffer, &key.data[index], key.data[index] != '`');
    }
    text_buffer_add_byte(&writer->buffer, '`');
}

/* Runs of what needs no escape go over as they are. */
static void write_quoted(struct writer *writer, struct bytes text)
{
    char quote = writer->form == FORM_JSON ? '"' : '\'';
    text_buffer_add_byte(&writer->buffer, quote);
    size_t begin = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t bytes;
        uint32_t code_point = code_point_read(bytes_view(text.data + at, text.size - at), &bytes);
        bool is_plain = code_point >= 0x20 && code_point != (unsigned char)quote &&
                        code_point != '\\' && code_point != 0x7f && code_point < CODE_POINT_STRAY;
        if (!is_plain) {
            text_buffer_add(&writer->buffer, text.data + begin, at - begin);
            write_escape(writer, code_point);
            begin = at + bytes;
        }
        at += bytes;
    }
    text_buffer_add(&writer->buffer, text.data + begin, text.size - begin);
    text_buffer_add_byte(&writer->buffer, quote);
}

/* The escapes that both the language and JSON have. A byte that is no character is written as
 * U+FFFD, since both are valid UTF-8. */
static void write_escape(struct writer *writer, uint32_t code_point)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (code_point >= CODE_POINT_STRAY) {
        text_buffer_add_text(&writer->buffer, "\xef\xbf\xbd");
        return;
    }
    char escape[16] = {'\\', (char)code_point};
    if (code_point < sizeof(letters) && letters[code_point] != '\0') {
        escape[1] = letters[code_point];
    } else if (code_point < 0x20 || code_point == 0x7f) {
        snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)code_point);
    }
    text_buffer_add_text(&writer->buffer, escape);
}

static bool is_plain_name(struct bytes key)
{
    for (size_t index = 0; index < key.size; index++) {
        char byte = key.data[index];
        bool is_letter =
            (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        if (!is_letter && (index == 0 || byte < '0' || byte > '9')) {
            return false;
        }
    }
    return key.size > 0;
}

/* Without anyone who knows the graph, ids are all there is. */
static enum status entity_name(const struct value_naming *naming, struct value entity,
                               struct pool *pool, struct value *text, struct error *error)
{
    if (naming != NULL) {
        return naming->name(naming->context, entity, pool, text, error);
    }
    char name[64];
    int length;
    if (entity.kind == VALUE_VERTEX) {
        length = snprintf(name, sizeof(name), "(#%u)", (unsigned)entity.vertex);
    } else if (entity.kind == VALUE_EDGE) {
        length = snprintf(name, sizeof(name), "[#%llu]", (unsigned long long)entity.edge);
    } else {
        length = snprintf(name, sizeof(name), "<path of %u edges>", (unsigned)entity.path->length);
    }
    return pool_copy_text(pool, bytes_view(name, (size_t)length), text, error);
}
