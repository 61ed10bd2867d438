/* Plans as text; see plan_text.h. */
#include "query/plan_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

static void put_byte(struct plan_text *text, char byte)
{
    if (text->length < text->size) {
        text->text[text->length] = byte;
    }
    text->length++;
}

static void end_text(struct plan_text *text)
{
    if (text->size > 0) {
        text->text[text->length < text->size ? text->length : text->size - 1] = '\0';
    }
}

void plan_text_put_bytes(struct plan_text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        bool is_end = bytes.data[i] == '\n';
        for (uint32_t blank = 0; !text->is_in_line && !is_end && blank < text->indent; blank++) {
            put_byte(text, ' ');
        }
        put_byte(text, bytes.data[i]);
        text->is_in_line = !is_end;
    }
    end_text(text);
}

void plan_text_put(struct plan_text *text, const char *format, ...)
{
    char piece[PLAN_TEXT_PUT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    plan_text_put_bytes(text, bytes_of(piece));
}

static void put_json_byte(struct plan_text *text, uint8_t byte)
{
    if (byte < 0x20) {
        plan_text_put(text, "\\u%04x", byte);
        return;
    }
    if (byte == '"' || byte == '\\') {
        put_byte(text, '\\');
    }
    put_byte(text, (char)byte);
}

void plan_text_put_json(struct plan_text *text, struct bytes bytes)
{
    plan_text_put(text, "\"");
    for (size_t i = 0; i < bytes.size;) {
        uint32_t length = utf8_length(bytes_view(bytes.data + i, bytes.size - i));
        if (length == 0) {
            plan_text_put(text, UTF8_REPLACEMENT);
        }
        for (uint32_t j = 0; j < length; j++) {
            put_json_byte(text, (uint8_t)bytes.data[i + j]);
        }
        i += length == 0 ? 1 : length;
    }
    plan_text_put(text, "\"");
}

void plan_text_put_number(struct plan_text *text, double number)
{
    if (isfinite(number)) {
        plan_text_put(text, "%.1f", number);
    } else {
        plan_text_put(text, "null");
    }
}

struct bytes plan_text_cut(struct bytes text, size_t size)
{
    if (size >= text.size) {
        return text;
    }
    while (size > 0 && ((uint8_t)text.data[size] & 0xc0) == 0x80) {
        size--;
    }
    return bytes_view(text.data, size);
}
