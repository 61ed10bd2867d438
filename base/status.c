/* Filling of struct error. Every text is formatted straight into its field, so that reporting an
 * error, running out of memory among them, allocates nothing. */
#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

static void text_copy(char *field, size_t field_bytes, const char *text);
static enum status error_fill(struct error *error, enum status status, const char *format,
                              va_list arguments) __attribute__((format(printf, 3, 0)));
static bool byte_continues_character(char byte);

enum status error_set(struct error *error, enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum status result = error_fill(error, status, format, arguments);
    va_end(arguments);
    return result;
}

enum status error_set_at(struct error *error, enum status status, const char *file, uint64_t line,
                         uint64_t column, const char *format, ...)
{
    bool is_first = error != NULL && error->status == STATUS_OK;
    va_list arguments;
    va_start(arguments, format);
    enum status result = error_fill(error, status, format, arguments);
    va_end(arguments);
    if (is_first) {
        text_copy(error->file, sizeof error->file, file != NULL ? file : "");
        error->line = line;
        error->column = column;
    }
    return result;
}

enum status error_set_errno(struct error *error, enum status status, const char *format, ...)
{
    int number = errno;
    bool is_first = error != NULL && error->status == STATUS_OK;
    va_list arguments;
    va_start(arguments, format);
    enum status result = error_fill(error, status, format, arguments);
    va_end(arguments);
    if (is_first) {
        char reason[128];
        const char *text = strerror_r(number, reason, sizeof reason);
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used, ": %s", text);
    }
    return result;
}

enum status error_set_memory(struct error *error, const char *what)
{
    return error_set(error, STATUS_FAILED, "out of memory while %s", what);
}

void error_set_excerpt(struct error *error, const char *line_text, uint64_t line_bytes,
                       uint64_t offset)
{
    if (error == NULL || error->status == STATUS_OK || error->excerpt[0] != '\0') {
        return;
    }
    const uint64_t room = sizeof error->excerpt - 1;
    offset = offset < line_bytes ? offset : line_bytes;
    uint64_t begin = 0;
    uint64_t end = line_bytes;
    if (line_bytes > room) {
        /* A line too long shows what lies around the caret, cut between characters of UTF-8. */
        begin = offset > room / 2 ? offset - room / 2 : 0;
        begin = begin > line_bytes - room ? line_bytes - room : begin;
        end = begin + room;
        while (begin < offset && byte_continues_character(line_text[begin])) {
            begin++;
        }
        while (end < line_bytes && end > offset && byte_continues_character(line_text[end])) {
            end--;
        }
    }
    for (uint64_t index = begin; index < end; index++) {
        unsigned char byte = (unsigned char)line_text[index];
        error->excerpt[index - begin] = byte < 0x20 || byte == 0x7f ? ' ' : line_text[index];
    }
    error->excerpt[end - begin] = '\0';
    error->caret = (uint32_t)(offset - begin);
}

void error_add_context(struct error *error, const char *format, ...)
{
    if (error == NULL || error->status == STATUS_OK) {
        return;
    }
    char context[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    text_copy(context + strlen(context), sizeof context - strlen(context), ": ");
    text_copy(context + strlen(context), sizeof context - strlen(context), error->text);
    text_copy(error->text, sizeof error->text, context);
}

static enum status error_fill(struct error *error, enum status status, const char *format,
                              va_list arguments)
{
    DCHECK(status != STATUS_OK);
    if (error == NULL) {
        return status;
    }
    if (error->status == STATUS_OK) {
        error_clear(error);
        error->status = status;
        vsnprintf(error->text, sizeof error->text, format, arguments);
    }
    return error->status;
}

static void text_copy(char *field, size_t field_bytes, const char *text)
{
    size_t size = strlen(text);
    size = size < field_bytes ? size : field_bytes - 1;
    memcpy(field, text, size);
    field[size] = '\0';
}

static bool byte_continues_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}
