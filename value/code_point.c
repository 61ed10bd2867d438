/* UTF-8, read and written a character at a time. */
#include "value/code_point.h"

#include "base/check.h"
#include "value/letter_case.h"

static bool is_continuation(char byte);

uint32_t code_point_read(struct bytes text, uint32_t *bytes)
{
    const unsigned char *at = (const unsigned char *)text.data;
    DCHECK(text.size > 0);
    *bytes = 1;
    if (LIKELY(at[0] < 0x80)) {
        return at[0];
    }
    uint32_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || length > text.size) {
        return CODE_POINT_STRAY + at[0];
    }
    uint32_t code_point = at[0] & (0x7fu >> length);
    for (uint32_t index = 1; index < length; index++) {
        if (!is_continuation(text.data[index])) {
            return CODE_POINT_STRAY + at[0];
        }
        code_point = code_point << 6 | (at[index] & 0x3f);
    }
    /* Overlong forms and surrogates are no characters. */
    static const uint32_t least[CODE_POINT_BYTES_MAX + 1] = {0, 0, 0x80, 0x800, 0x10000};
    if (code_point < least[length] || code_point > CODE_POINT_MAX ||
        (code_point >= 0xd800 && code_point < 0xe000)) {
        return CODE_POINT_STRAY + at[0];
    }
    *bytes = length;
    return code_point;
}

uint32_t code_point_write(uint32_t code_point, char *text)
{
    if (code_point < 0x80) {
        text[0] = (char)code_point;
        return 1;
    }
    if (code_point >= CODE_POINT_STRAY) {
        text[0] = (char)(code_point - CODE_POINT_STRAY);
        return 1;
    }
    if (code_point < 0x800) {
        text[0] = (char)(0xc0 | code_point >> 6);
        text[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        text[0] = (char)(0xe0 | code_point >> 12);
        text[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        text[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    text[0] = (char)(0xf0 | code_point >> 18);
    text[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    text[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    text[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

uint64_t code_point_count(struct bytes text)
{
    uint64_t count = 0;
    for (size_t at = 0; at < text.size; count++) {
        uint32_t bytes;
        code_point_read(bytes_view(text.data + at, text.size - at), &bytes);
        at += bytes;
    }
    return count;
}

size_t code_point_offset(struct bytes text, uint64_t index)
{
    size_t at = 0;
    for (; at < text.size && index > 0; index--) {
        uint32_t bytes;
        code_point_read(bytes_view(text.data + at, text.size - at), &bytes);
        at += bytes;
    }
    return at;
}

uint32_t code_point_upper(uint32_t code_point)
{
    if (LIKELY(code_point < 0x80)) {
        return code_point >= 'a' && code_point <= 'z' ? code_point - 'a' + 'A' : code_point;
    }
    return letter_case_map(&letter_case_upper, code_point);
}

uint32_t code_point_lower(uint32_t code_point)
{
    if (LIKELY(code_point < 0x80)) {
        return code_point >= 'A' && code_point <= 'Z' ? code_point - 'A' + 'a' : code_point;
    }
    return letter_case_map(&letter_case_lower, code_point);
}

bool code_point_is_blank(uint32_t code_point)
{
    return code_point == ' ' || (code_point >= '\t' && code_point <= '\r') || code_point == 0x85 ||
           code_point == 0xa0 || code_point == 0x1680 ||
           (code_point >= 0x2000 && code_point <= 0x200a) || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0x202f || code_point == 0x205f ||
           code_point == 0x3000;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}
