/* UTF-8, as far as writing it needs; see utf8.h. */
#include "base/utf8.h"

#include <stdbool.h>

static bool is_continuation(struct bytes text, uint32_t index)
{
    return index < text.size && ((uint8_t)text.data[index] & 0xc0) == 0x80;
}

uint32_t utf8_length(struct bytes text)
{
    uint8_t first = (uint8_t)text.data[0];
    uint8_t second = text.size > 1 ? (uint8_t)text.data[1] : 0;
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4 || !is_continuation(text, 1)) {
        return 0;
    }
    if (first < 0xe0) {
        return 2;
    }
    /* The second byte of these leads is narrower: overlong forms, surrogates, past U+10FFFF. */
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ||
        !is_continuation(text, 2)) {
        return 0;
    }
    if (first < 0xf0) {
        return 3;
    }
    return is_continuation(text, 3) ? 4 : 0;
}

uint64_t utf8_width(struct bytes text)
{
    uint64_t width = 0;
    for (size_t i = 0; i < text.size; i++) {
        width += ((uint8_t)text.data[i] & 0xc0) != 0x80;
    }
    return width;
}

struct bytes utf8_beginning(struct bytes text, uint64_t width)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < text.size; i++) {
        seen += ((uint8_t)text.data[i] & 0xc0) != 0x80;
        if (seen > width) {
            return bytes_view(text.data, i);
        }
    }
    return text;
}
