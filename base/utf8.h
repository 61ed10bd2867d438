/* UTF-8, as far as writing it needs: what is valid, and how wide it looks. */
#ifndef GYRE_BASE_UTF8_H
#define GYRE_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Length in bytes of the valid character (RFC 3629: no overlong forms, no surrogates) at the start
 * of `text`, which is not empty; 0 when there is none. */
uint32_t utf8_length(struct bytes text);

/* Columns on a terminal: one per character. `text` is valid. */
uint64_t utf8_width(struct bytes text);

/* The longest beginning of `text`, which is valid, that is at most `width` columns wide. */
struct bytes utf8_beginning(struct bytes text, uint64_t width);

#endif
