/* The values of numbers, strings and names, from their spelling. Errors point at the very
 * character that is wrong. */
#include "query/parse.h"

#include "base/number.h"
#include "query/bound.h"

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* 0x and 0o have 16 and 8, the rest 10; the digits themselves were checked by the lexer. */
static uint32_t base_of(struct bytes text, size_t *begin)
{
    if (text.size > 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'x') {
        *begin = 2;
        return 16;
    }
    if (text.size > 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'o') {
        *begin = 2;
        return 8;
    }
    *begin = 0;
    return 10;
}

struct ast_expression *literal_integer(const struct ast_builder *builder, struct source_span span)
{
    struct bytes text = source_text(builder->source, span);
    size_t begin = 0;
    uint32_t base = base_of(text, &begin);
    if (base == 10 && text.size > 1 && text.data[0] == '0') {
        size_t zeros = 1;
        while (zeros + 1 < text.size && text.data[zeros] == '0') {
            zeros++;
        }
        struct bytes rest = bytes_view(text.data + zeros, text.size - zeros);
        (void)source_error(builder->source, span.begin,
                           "a number does not begin with 0: write %.*s, or 0o%.*s in base 8",
                           source_shown(rest), rest.data, source_shown(rest), rest.data);
        return NULL;
    }
    uint64_t value = 0;
    bool fits = true;
    for (size_t i = begin; i < text.size; i++) {
        fits = fits && !__builtin_mul_overflow(value, base, &value) &&
               !__builtin_add_overflow(value, (uint64_t)digit_value(text.data[i]), &value);
    }
    uint64_t least = (uint64_t)INT64_MAX + 1;
    if (!fits || value > least) {
        (void)source_error(builder->source, span.begin,
                           "the integer %.*s does not fit into 64 bits", source_shown(text),
                           text.data);
        return NULL;
    }
    struct ast_expression *node = ast_leaf(builder, AST_INTEGER, span);
    if (node != NULL) {
        node->is_least = value == least;
        node->integer = node->is_least ? INT64_MIN : (int64_t)value;
    }
    return node;
}

struct ast_expression *literal_float(const struct ast_builder *builder, struct source_span span)
{
    struct bytes text = source_text(builder->source, span);
    double value = 0;
    if (!float_parse(text, &value)) {
        (void)source_error(builder->source, span.begin, "the number %.*s does not fit a float",
                           source_shown(text), text.data);
        return NULL;
    }
    struct ast_expression *node = ast_leaf(builder, AST_FLOAT, span);
    if (node != NULL) {
        node->real = value;
    }
    return node;
}

/* Writes a code point as UTF-8; returns its bytes. */
static size_t put_code_point(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* `count` hexadecimal digits at `from`, inside the quotes; false when there are not so many. */
static bool read_hexadecimal(struct bytes text, size_t from, size_t count, uint32_t *code)
{
    *code = 0;
    if (from + count > text.size) {
        return false;
    }
    for (size_t i = from; i < from + count; i++) {
        int digit = digit_value(text.data[i]);
        if (digit < 0) {
            return false;
        }
        *code = *code << 4 | (uint32_t)digit;
    }
    return true;
}

/* \uXXXX or \UXXXXXXXX at `at`; two \u may be a surrogate pair. Returns the bytes read, 0 when it
 * is no code point. */
static size_t read_code_point(struct bytes text, size_t at, uint32_t *code)
{
    size_t digits = text.data[at + 1] == 'u' ? 4 : 8;
    if (!read_hexadecimal(text, at + 2, digits, code)) {
        return 0;
    }
    size_t length = 2 + digits;
    bool is_high = *code >= 0xd800 && *code < 0xdc00;
    uint32_t low = 0;
    if (is_high && digits == 4 && at + 12 <= text.size && text.data[at + 6] == '\\' &&
        text.data[at + 7] == 'u' && read_hexadecimal(text, at + 8, 4, &low) && low >= 0xdc00 &&
        low < 0xe000) {
        *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
        return 12;
    }
    bool is_surrogate = *code >= 0xd800 && *code < 0xe000;
    return is_surrogate || *code > 0x10ffff ? 0 : length;
}

/* The byte that a one-letter escape stands for; 0 when it is none. */
static char simple_escape(char letter)
{
    static const char letters[] = "\\'\"ntrbf";
    static const char values[] = "\\'\"\n\t\r\b\f";
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    return found == NULL ? '\0' : values[found - letters];
}

/* Undoes the escapes of `text` (what stands between the quotes). False, with the error set, at the
 * first that is none; `begin` is where `text` stands. An escape is never shorter than what it
 * stands for, so `out` needs text.size bytes. */
static bool undo_escapes(const struct ast_builder *builder, struct bytes text, uint32_t begin,
                         char *out, size_t *out_size)
{
    size_t size = 0;
    size_t at = 0;
    while (at < text.size) {
        if (text.data[at] != '\\') {
            out[size++] = text.data[at++];
            continue;
        }
        char letter = text.data[at + 1];
        uint32_t code = 0;
        size_t length = letter == 'u' || letter == 'U' ? read_code_point(text, at, &code) : 2;
        char value = length == 2 ? simple_escape(letter) : '\0';
        if (length == 0 || (length == 2 && value == '\0')) {
            (void)source_error(builder->source, begin + (uint32_t)at,
                               length == 0 ? "\\%c wants the %s hexadecimal digits of a character"
                                           : "\\%c is no escape; a backslash itself is written "
                                             "as \\\\%s",
                               letter >= ' ' && letter < 0x7f ? letter : '?',
                               length != 0     ? ""
                               : letter == 'u' ? "four"
                                               : "eight");
            return false;
        }
        if (length == 2) {
            out[size++] = value;
        } else {
            size += put_code_point(out + size, code);
        }
        at += length;
    }
    *out_size = size;
    return true;
}

struct ast_expression *literal_text(const struct ast_builder *builder, struct source_span span)
{
    struct source_span inner_span = {span.begin + 1, span.end - 1};
    struct bytes inner = source_text(builder->source, inner_span);
    struct ast_expression *node = ast_leaf(builder, AST_TEXT, span);
    char *copy = node == NULL ? NULL : ast_new(builder, inner.size + 1);
    size_t size = 0;
    if (copy == NULL || !undo_escapes(builder, inner, inner_span.begin, copy, &size)) {
        return NULL;
    }
    node->text = bytes_view(copy, size);
    return node;
}

struct ast_expression *literal_parameter(const struct ast_builder *builder, struct source_span span)
{
    struct source_span name_span = {span.begin + 1, span.end};
    struct ast_expression *node = ast_leaf(builder, AST_PARAMETER, span);
    return node != NULL && literal_name(builder, name_span, &node->name) ? node : NULL;
}

bool literal_name(const struct ast_builder *builder, struct source_span span, struct ast_name *name)
{
    struct bytes text = source_text(builder->source, span);
    bool is_quoted = text.size > 0 && text.data[0] == '`';
    if (is_quoted) {
        text = bytes_view(text.data + 1, text.size - 2);
    }
    if (text.size == 0 || text.size >= QUERY_NAME_BYTES) {
        (void)source_error(builder->source, span.begin,
                           text.size == 0 ? "a name may not be empty (limit: %d bytes)"
                                          : "this name is longer than %d bytes",
                           QUERY_NAME_BYTES - 1);
        return false;
    }
    char *copy = ast_new(builder, text.size + 1);
    if (copy == NULL) {
        return false;
    }
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        copy[size++] = text.data[i];
        bool is_doubled = is_quoted && text.data[i] == '`';
        i += is_doubled ? 1 : 0;
    }
    *name = (struct ast_name){bytes_view(copy, size), span};
    return true;
}
