#include "loader/record.h"

#include "loader/json_record.h"

static uint32_t split_plain(struct bytes line, char separator, char *text, uint32_t *ends,
                            uint32_t limit);
static uint32_t cut_pieces(const struct record_form *form, struct bytes line, char *text,
                           uint32_t *ends);
static bool next_piece(const struct record_form *form, struct bytes line, uint32_t field,
                       uint64_t *at, uint64_t *shift, struct bytes *piece);

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

uint32_t record_cut(const struct record_form *form, struct bytes line, char *text, uint32_t *ends,
                    bool *has_news)
{
    *has_news = false;
    switch (form->kind) {
    case RECORD_DELIMITED:
        return form->has_quotes ? record_split(line, form->separator, text, ends, form->field_count)
                                : split_plain(line, form->separator, text, ends, form->field_count);
    case RECORD_BLANKS:
    case RECORD_FIXED:
        return cut_pieces(form, line, text, ends);
    case RECORD_JSON:
        return json_record_cut(form->keys, line, text, ends, has_news);
    }
    return 0;
}

struct bytes record_find(const struct record_form *form, struct bytes line, uint32_t field)
{
    struct bytes piece = bytes_view(line.data + line.size, 0);
    uint64_t at = 0;
    uint64_t shift = 0;
    if (form->kind == RECORD_JSON) {
        return json_record_find(form->keys, line, field);
    }
    if (form->kind == RECORD_DELIMITED) {
        uint64_t begin = record_field_offset(line, form->separator, field);
        uint64_t end = record_field_offset(line, form->separator, field + 1);
        end -= end < line.size || (end > begin && line.data[end - 1] == form->separator);
        return bytes_view(line.data + begin, end - begin);
    }
    for (uint32_t i = 0; i <= field; i++) {
        if (!next_piece(form, line, i, &at, &shift, &piece)) {
            return bytes_view(line.data + line.size, 0);
        }
    }
    return piece;
}

/* As record_split, where a quote is an ordinary byte. */
static uint32_t split_plain(struct bytes line, char separator, char *text, uint32_t *ends,
                            uint32_t limit)
{
    uint32_t field = 0;
    ends[0] = UINT32_MAX;
    for (uint64_t at = 0; at <= line.size; at++) {
        bool is_end = at == line.size || line.data[at] == separator;
        if (is_end && field < limit) {
            ends[field + 1] = (uint32_t)at;
        }
        field += is_end;
    }
    memcpy(text, line.data, line.size);
    return field;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The run of bytes that are no blanks at or behind `*at`. */
static bool next_run(struct bytes line, uint64_t *at, struct bytes *piece)
{
    while (*at < line.size && is_blank(line.data[*at])) {
        ++*at;
    }
    uint64_t begin = *at;
    while (*at < line.size && !is_blank(line.data[*at])) {
        ++*at;
    }
    *piece = bytes_view(line.data + begin, *at - begin);
    return piece->size > 0;
}

/* The field that ends where its name does in the header; a value that is too wide pushes its end,
 * and all behind it, to the next blank. Argus joins an address and its port by a point. */
static bool next_column(const struct record_form *form, struct bytes line, uint32_t field,
                        uint64_t *at, uint64_t *shift, struct bytes *piece)
{
    uint64_t begin = *at;
    uint64_t end = (form->cuts[field] & ~RECORD_JOINED) + *shift;
    bool is_joined = (form->cuts[field] & RECORD_JOINED) != 0;
    bool is_last = field + 1 == form->field_count;
    if (begin > line.size) {
        return false;
    }
    while (end < line.size && !is_blank(line.data[end]) && !(is_joined && line.data[end] == '.')) {
        end++;
        ++*shift;
    }
    end = is_last || end > line.size ? line.size : end;
    *piece = bytes_trim(bytes_view(line.data + begin, end - begin));
    *at = end + 1;
    return true;
}

static bool next_piece(const struct record_form *form, struct bytes line, uint32_t field,
                       uint64_t *at, uint64_t *shift, struct bytes *piece)
{
    return form->kind == RECORD_FIXED ? next_column(form, line, field, at, shift, piece)
                                      : next_run(line, at, piece);
}

/* Writes the pieces one after the other, and counts them; beyond the last field they are blanks'.
 */
static uint32_t cut_pieces(const struct record_form *form, struct bytes line, char *text,
                           uint32_t *ends)
{
    struct bytes piece;
    uint64_t at = 0;
    uint64_t shift = 0;
    uint32_t field = 0;
    uint32_t written = 0;
    ends[0] = UINT32_MAX;
    while (field < form->field_count && next_piece(form, line, field, &at, &shift, &piece)) {
        memcpy(text + written, piece.data, piece.size);
        written += (uint32_t)piece.size;
        ends[++field] = written;
        text[written++] = ' ';
    }
    while (form->kind == RECORD_BLANKS && next_run(line, &at, &piece)) {
        field++;
    }
    return field;
}
