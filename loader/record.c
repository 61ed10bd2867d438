#include "loader/record.h"

#include <stdbool.h>

/* Whether byte `at` is a quote that no second one follows. */
static bool is_closing(struct bytes line, uint64_t at)
{
    return line.data[at] == '"' && (at + 1 == line.size || line.data[at + 1] != '"');
}

/* Copies the quoted field that begins at line.data[*at] and passes over it. False: bad. */
static bool copy_quoted(struct bytes line, uint64_t *at, char separator, char *text,
                        uint32_t *written)
{
    uint64_t i = *at + 1;
    uint32_t out = *written;
    while (i < line.size && !is_closing(line, i)) {
        text[out++] = line.data[i];
        i += line.data[i] == '"' ? 2 : 1;
    }
    if (i == line.size) {
        return false;
    }
    *at = i + 1;
    *written = out;
    return *at == line.size || line.data[*at] == separator;
}

static void copy_plain(struct bytes line, uint64_t *at, char separator, char *text,
                       uint32_t *written)
{
    const char *begin = line.data + *at;
    const char *end = memchr(begin, separator, line.size - *at);
    uint64_t size = end == NULL ? line.size - *at : (uint64_t)(end - begin);
    memcpy(text + *written, begin, size);
    *written += (uint32_t)size;
    *at += size;
}

uint32_t record_split(struct bytes line, char separator, char *text, uint32_t *ends, uint32_t limit)
{
    uint32_t field = 0;
    uint32_t written = 0;
    uint64_t at = 0;
    ends[0] = UINT32_MAX;
    for (;; field++) {
        if (at < line.size && line.data[at] == '"') {
            if (!copy_quoted(line, &at, separator, text, &written)) {
                return RECORD_BAD_QUOTE;
            }
        } else if (at < line.size) {
            copy_plain(line, &at, separator, text, &written);
        }
        if (field < limit) {
            ends[field + 1] = written;
        }
        if (at == line.size) {
            return field + 1;
        }
        text[written++] = separator;
        at++;
    }
}

uint64_t record_field_offset(struct bytes line, char separator, uint32_t field)
{
    uint64_t at = 0;
    for (; field > 0; field--) {
        if (at < line.size && line.data[at] == '"') {
            at++;
            while (at < line.size && !is_closing(line, at)) {
                at += line.data[at] == '"' ? 2 : 1;
            }
        }
        const char *end = memchr(line.data + at, separator, line.size - at);
        if (end == NULL) {
            return line.size;
        }
        at = (uint64_t)(end - line.data) + 1;
    }
    return at;
}
