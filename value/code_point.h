/* Characters of a text: Unicode's code points in UTF-8 (RFC 3629), their case and which of them are
 * blank. Independent of the locale.
 *
 * Texts come from captures and need not be valid. A byte that begins no valid character counts as
 * one character, CODE_POINT_STRAY + the byte, so that nothing is lost when a text is cut or
 * reversed, and writes as that byte again. */
#ifndef GYRE_VALUE_CODE_POINT_H
#define GYRE_VALUE_CODE_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    CODE_POINT_MAX = 0x10ffff,
    CODE_POINT_STRAY = 0x110000, /* + 0x80..0xff */
    CODE_POINT_BYTES_MAX = 4,
};

/* The first character of `text`, which is not empty, and the bytes that it takes. */
uint32_t code_point_read(struct bytes text, uint32_t *bytes);

/* Returns the bytes; `text` has room for CODE_POINT_BYTES_MAX. */
uint32_t code_point_write(uint32_t code_point, char *text);

/* Characters of a text. */
uint64_t code_point_count(struct bytes text);

/* The byte at which character `index` begins; the text's size when it has not so many. */
size_t code_point_offset(struct bytes text, uint64_t index);

/* The upper and lower case of a character, when that is a single one; else the character. Of the
 * Unicode Character Database, 14.0 (simple case mapping). */
uint32_t code_point_upper(uint32_t code_point);
uint32_t code_point_lower(uint32_t code_point);

/* White_Space of the same database. */
bool code_point_is_blank(uint32_t code_point);

#endif
