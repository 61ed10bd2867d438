/* Lines end at a newline; columns count bytes. */
#include "query/source.h"

#include <stdarg.h>
#include <stdio.h>

enum status source_error(const struct source *source, uint32_t offset, const char *format, ...)
{
    char message[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    size_t place = offset < source->text.size ? offset : source->text.size;
    size_t line_begin = 0;
    uint64_t line = 1;
    for (size_t i = 0; i < place; i++) {
        if (source->text.data[i] == '\n') {
            line_begin = i + 1;
            line++;
        }
    }
    size_t line_end = place;
    while (line_end < source->text.size && source->text.data[line_end] != '\n') {
        line_end++;
    }
    enum status status = error_set_at(source->error, STATUS_USAGE, source->name, line,
                                      place - line_begin + 1, "%s", message);
    const char *start = source->text.size > 0 ? source->text.data + line_begin : "";
    error_set_excerpt(source->error, start, line_end - line_begin, place - line_begin);
    return status;
}

enum status source_error_memory(const struct source *source)
{
    return error_set_memory(source->error, "reading the query");
}

struct bytes source_text(const struct source *source, struct source_span span)
{
    return bytes_view(source->text.data + span.begin, span.end - span.begin);
}
