/* Cutting, joining and changing texts. What is cut borrows from its argument. */
#include "value/text_function.h"

#include "value/argument.h"
#include "value/code_point.h"
#include "value/text_buffer.h"

static enum status take_length(struct call *call, const char *function, struct value argument,
                               uint64_t *length);
static struct bytes from_byte(struct bytes text, size_t at);
static enum status trim(struct call *call, const char *function, struct value argument,
                        bool from_left, bool from_right, struct value *result);
static size_t blank_begin(struct bytes text);
static enum status change_case(struct call *call, const char *function, struct value argument,
                               uint32_t (*change)(uint32_t), struct value *result);
static enum status check_separators(struct call *call, struct value separators);
static bool find_separator(struct bytes text, struct value separators, size_t *at, size_t *size);
static bool find_text(struct bytes text, struct bytes sought, size_t *at);

enum status call_left(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    struct bytes text;
    uint64_t length = 0;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, "left", arguments[0], &text));
    TRY(take_length(call, "left", arguments[1], &length));
    *result = value_text_of(bytes_view(text.data, code_point_offset(text, length)));
    return STATUS_OK;
}

enum status call_right(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    struct bytes text;
    uint64_t length = 0;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, "right", arguments[0], &text));
    TRY(take_length(call, "right", arguments[1], &length));
    uint64_t characters = code_point_count(text);
    uint64_t skipped = characters > length ? characters - length : 0;
    *result = value_text_of(from_byte(text, code_point_offset(text, skipped)));
    return STATUS_OK;
}

enum status call_substring(struct call *call, const struct value *arguments, uint32_t count,
                           struct value *result)
{
    struct bytes text;
    uint64_t begin = 0;
    uint64_t length = UINT64_MAX;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, "substring", arguments[0], &text));
    TRY(take_length(call, "substring", arguments[1], &begin));
    if (count == 3) {
        TRY(take_length(call, "substring", arguments[2], &length));
    }
    struct bytes rest = from_byte(text, code_point_offset(text, begin));
    *result = value_text_of(bytes_view(rest.data, code_point_offset(rest, length)));
    return STATUS_OK;
}

enum status call_replace(struct call *call, const struct value *arguments, uint32_t count,
                         struct value *result)
{
    struct bytes text;
    struct bytes sought;
    struct bytes by;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, "replace", arguments[0], &text));
    TRY(argument_text(call, "replace", arguments[1], &sought));
    TRY(argument_text(call, "replace", arguments[2], &by));
    size_t at;
    if (sought.size == 0 || !find_text(text, sought, &at)) {
        *result = arguments[0];
        return STATUS_OK;
    }
    struct text_buffer buffer = {.pool = call->pool, .error = call->error};
    uint32_t index = 0;
    do {
        TRY(pool_poll_at(call->pool, index++, call->error));
        text_buffer_add(&buffer, text.data, at);
        text_buffer_add_bytes(&buffer, by);
        text = from_byte(text, at + sought.size);
    } while (buffer.status == STATUS_OK && find_text(text, sought, &at));
    text_buffer_add_bytes(&buffer, text);
    return text_buffer_finish(&buffer, result);
}

enum status call_split(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    struct bytes text;
    *result = value_null();
    if (arguments_have_null(arguments, count)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, "split", arguments[0], &text));
    TRY(check_separators(call, arguments[1]));
    struct list_builder parts = {.pool = call->pool};
    size_t at;
    size_t size;
    while (find_separator(text, arguments[1], &at, &size)) {
        TRY(list_add(&parts, value_text_of(bytes_view(text.data, at)), call->error));
        text = from_byte(text, at + size);
    }
    TRY(list_add(&parts, value_text_of(text), call->error));
    *result = list_finish(&parts);
    return STATUS_OK;
}

enum status call_trim(struct call *call, const struct value *arguments, uint32_t count,
                      struct value *result)
{
    (void)count;
    return trim(call, "trim", arguments[0], true, true, result);
}

enum status call_ltrim(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    (void)count;
    return trim(call, "lTrim", arguments[0], true, false, result);
}

enum status call_rtrim(struct call *call, const struct value *arguments, uint32_t count,
                       struct value *result)
{
    (void)count;
    return trim(call, "rTrim", arguments[0], false, true, result);
}

enum status call_to_upper(struct call *call, const struct value *arguments, uint32_t count,
                          struct value *result)
{
    (void)count;
    return change_case(call, "toUpper", arguments[0], code_point_upper, result);
}

enum status call_to_lower(struct call *call, const struct value *arguments, uint32_t count,
                          struct value *result)
{
    (void)count;
    return change_case(call, "toLower", arguments[0], code_point_lower, result);
}

enum status text_reverse(struct call *call, struct value text, struct value *result)
{
    char *reversed = pool_allocate(call->pool, text.count, 1, call->error);
    if (reversed == NULL) {
        return pool_status(call->error);
    }
    uint32_t index = 0;
    for (uint32_t at = 0; at < text.count; index++) {
        uint32_t bytes;
        TRY(pool_poll_at(call->pool, index, call->error));
        code_point_read(bytes_view(text.text + at, text.count - at), &bytes);
        memcpy(reversed + (text.count - at - bytes), text.text + at, bytes);
        at += bytes;
    }
    *result = value_text_of(bytes_view(reversed, text.count));
    return STATUS_OK;
}

static enum status take_length(struct call *call, const char *function, struct value argument,
                               uint64_t *length)
{
    int64_t given = 0;
    TRY(argument_integer(call, function, "a text and integers", argument, &given));
    if (given < 0) {
        return error_set(call->error, STATUS_USAGE, "%s takes no negative number, as %lld is",
                         function, (long long)given);
    }
    *length = (uint64_t)given;
    return STATUS_OK;
}

static struct bytes from_byte(struct bytes text, size_t at)
{
    return at == 0 ? text : bytes_view(text.data + at, text.size - at);
}

static enum status trim(struct call *call, const char *function, struct value argument,
                        bool from_left, bool from_right, struct value *result)
{
    struct bytes text;
    *result = value_null();
    if (value_is_null(argument)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, function, argument, &text));
    uint32_t bytes;
    while (from_left && text.size > 0 && code_point_is_blank(code_point_read(text, &bytes))) {
        text = from_byte(text, bytes);
    }
    if (from_right) {
        text.size = blank_begin(text);
    }
    *result = value_text_of(text);
    return STATUS_OK;
}

/* Where the blanks at the end begin. Goes back over the bytes that continue a character, three at
 * most, to where it begins. */
static size_t blank_begin(struct bytes text)
{
    size_t end = text.size;
    while (end > 0) {
        size_t begin = end - 1;
        while (begin > 0 && end - begin < CODE_POINT_BYTES_MAX &&
               ((unsigned char)text.data[begin] & 0xc0) == 0x80) {
            begin--;
        }
        uint32_t bytes;
        uint32_t character = code_point_read(bytes_view(text.data + begin, end - begin), &bytes);
        if (bytes != end - begin || !code_point_is_blank(character)) {
            break;
        }
        end = begin;
    }
    return end;
}

static enum status change_case(struct call *call, const char *function, struct value argument,
                               uint32_t (*change)(uint32_t), struct value *result)
{
    struct bytes text;
    *result = value_null();
    if (value_is_null(argument)) {
        return STATUS_OK;
    }
    TRY(argument_text(call, function, argument, &text));
    struct text_buffer buffer = {.pool = call->pool, .error = call->error};
    text_buffer_reserve(&buffer, text.size);
    uint32_t index = 0;
    for (size_t at = 0; at < text.size && buffer.status == STATUS_OK; index++) {
        uint32_t bytes;
        TRY(pool_poll_at(call->pool, index, call->error));
        uint32_t character = code_point_read(from_byte(text, at), &bytes);
        text_buffer_add_code_point(&buffer, change(character));
        at += bytes;
    }
    return text_buffer_finish(&buffer, result);
}

static enum status check_separators(struct call *call, struct value separators)
{
    static const char *const expected = "a text, and a text or a list of texts as its separators";
    if (separators.kind != VALUE_TEXT && separators.kind != VALUE_LIST) {
        return argument_error(call, "split", expected, separators);
    }
    for (uint32_t index = 0; separators.kind == VALUE_LIST && index < separators.count; index++) {
        if (separators.items[index].kind != VALUE_TEXT) {
            return argument_error(call, "split", expected, separators.items[index]);
        }
    }
    return STATUS_OK;
}

/* The first separator in the text; of those at the same place the one that is listed first. */
static bool find_separator(struct bytes text, struct value separators, size_t *at, size_t *size)
{
    if (separators.kind == VALUE_TEXT && separators.count > 0) {
        *size = separators.count;
        return find_text(text, value_text_view(separators), at);
    }
    uint32_t count = separators.kind == VALUE_LIST ? separators.count : 1;
    const struct value *items = separators.kind == VALUE_LIST ? separators.items : &separators;
    size_t second = code_point_offset(text, 1);
    for (*at = 0; *at < text.size; ++*at) {
        for (uint32_t index = 0; index < count; index++) {
            /* An empty separator is between the first character and the second. */
            *size = items[index].count;
            bool is_here = *size == 0 ? *at == second
                                      : *size <= text.size - *at &&
                                            memcmp(text.data + *at, items[index].text, *size) == 0;
            if (is_here) {
                return true;
            }
        }
    }
    return false;
}

static bool find_text(struct bytes text, struct bytes sought, size_t *at)
{
    if (text.size < sought.size || text.size == 0) {
        return false;
    }
    const char *found = memmem(text.data, text.size, sought.data, sought.size);
    *at = found == NULL ? 0 : (size_t)(found - text.data);
    return found != NULL;
}
