/* One line cut into fields, quotes resolved (RFC 4180, but that a newline always ends the record):
 * the slow and general way, for headers, samples and lines with quotes. */
#ifndef GYRE_LOADER_RECORD_H
#define GYRE_LOADER_RECORD_H

#include <stdint.h>

#include "base/bytes.h"

#define RECORD_BAD_QUOTE UINT32_MAX

/* Cuts `line` (no line end) at `separator`. A field that begins with a quote ends at the closing
 * one, a doubled quote standing for one; any other quote is an ordinary byte. The fields are
 * written one after the other to `text` (room: line.size + 1), and field k lies at
 * text[ends[k] + 1 .. ends[k + 1]), in 32 bits that wrap; ends[0] is UINT32_MAX. `ends` has room
 * for `limit` + 1; beyond `limit` fields are only counted.
 *
 * Returns how many fields there are (an empty line has one), or RECORD_BAD_QUOTE when a quote does
 * not close or text follows it. */
uint32_t record_split(struct bytes line, char separator, char *text, uint32_t *ends,
                      uint32_t limit);

/* Where in `line` field `field` begins; the line's size when there is no such field. */
uint64_t record_field_offset(struct bytes line, char separator, uint32_t field);

static inline struct bytes record_field(const char *text, const uint32_t *ends, uint32_t field)
{
    uint32_t begin = ends[field] + 1;
    return bytes_view(text + begin, ends[field + 1] - begin);
}

#endif
