/* Comparing, trimming and hashing runs of bytes. */
#include "base/bytes.h"

#include <xxhash.h>

/* Names longer than this, beyond what two of them share at both ends, are never close. */
enum { EDIT_BYTES_MAX = 64 };

static unsigned char byte_fold(char byte);
static uint32_t smallest_of(uint32_t first, uint32_t second, uint32_t third);

bool bytes_equal_ignoring_case(struct bytes left, struct bytes right)
{
    if (left.size != right.size) {
        return false;
    }
    for (size_t index = 0; index < left.size; index++) {
        if (byte_fold(left.data[index]) != byte_fold(right.data[index])) {
            return false;
        }
    }
    return true;
}

int bytes_compare(struct bytes left, struct bytes right)
{
    size_t shared = left.size < right.size ? left.size : right.size;
    int order = shared == 0 ? 0 : memcmp(left.data, right.data, shared);
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

struct bytes bytes_trim(struct bytes text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t')) {
        text.size--;
    }
    return text;
}

uint64_t bytes_hash(struct bytes text)
{
    return XXH3_64bits(text.data, text.size);
}

/* The row-by-row recurrence of R. A. Wagner and M. J. Fischer, "The string-to-string correction
 * problem" (1974), with the transposition of R. Lowrance and R. A. Wagner, "An extension of the
 * string-to-string correction problem" (1975), restricted to neighbours; three rows are kept. */
uint32_t bytes_edit_distance(struct bytes left, struct bytes right, uint32_t limit)
{
    while (left.size > 0 && right.size > 0 && left.data[0] == right.data[0]) {
        left = bytes_view(left.data + 1, left.size - 1);
        right = bytes_view(right.data + 1, right.size - 1);
    }
    while (left.size > 0 && right.size > 0 &&
           left.data[left.size - 1] == right.data[right.size - 1]) {
        left.size--;
        right.size--;
    }
    if (left.size > EDIT_BYTES_MAX || right.size > EDIT_BYTES_MAX) {
        return limit + 1;
    }
    uint32_t rows[3][EDIT_BYTES_MAX + 1];
    for (uint32_t column = 0; column <= right.size; column++) {
        rows[0][column] = column;
    }
    for (uint32_t line = 1; line <= left.size; line++) {
        uint32_t *row = rows[line % 3];
        const uint32_t *above = rows[(line - 1) % 3];
        row[0] = line;
        for (uint32_t column = 1; column <= right.size; column++) {
            bool is_same = left.data[line - 1] == right.data[column - 1];
            bool is_swapped = line > 1 && column > 1 &&
                              left.data[line - 1] == right.data[column - 2] &&
                              left.data[line - 2] == right.data[column - 1];
            uint32_t edited =
                smallest_of(above[column - 1] + !is_same, above[column] + 1, row[column - 1] + 1);
            uint32_t swapped = is_swapped ? rows[(line - 2) % 3][column - 2] + 1 : edited;
            row[column] = swapped < edited ? swapped : edited;
        }
    }
    uint32_t edits = rows[left.size % 3][right.size];
    return edits <= limit ? edits : limit + 1;
}

static unsigned char byte_fold(char byte)
{
    return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

static uint32_t smallest_of(uint32_t first, uint32_t second, uint32_t third)
{
    uint32_t least = first < second ? first : second;
    return least < third ? least : third;
}
