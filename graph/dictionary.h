/* The distinct texts of one column, sorted by bytes: code 0 is the least, so that comparing codes
 * compares texts, a prefix is a range of codes, and the codes do not depend on threads. */
#ifndef GYRE_GRAPH_DICTIONARY_H
#define GYRE_GRAPH_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* A text value. Two are equal when the pointers are, or hash, length and bytes. */
struct text {
    uint32_t length;
    uint32_t hash; /* the low half of bytes_hash */
    char bytes[];  /* NUL after the last, for printing */
};

static inline struct bytes text_view(const struct text *text)
{
    return bytes_view(text->bytes, text->length);
}

static inline bool text_equal(const struct text *left, const struct text *right)
{
    return left == right || (left->hash == right->hash && left->length == right->length &&
                             memcmp(left->bytes, right->bytes, left->length) == 0);
}

static inline int text_compare(const struct text *left, const struct text *right)
{
    return left == right ? 0 : bytes_compare(text_view(left), text_view(right));
}

/* Bytes that a text of `length` takes, rounded up to 8. */
static inline uint64_t text_bytes(uint32_t length)
{
    return (sizeof(struct text) + length + 1 + 7) & ~UINT64_C(7);
}

/* Fills `text`, which has text_bytes(size) of room. */
void text_fill(struct text *text, struct bytes from);

/* Lives in the graph's shared (interleaved) arena. Immutable. */
struct dictionary {
    uint32_t count;
    const struct text **entries; /* [count], ascending */
};

/* First code whose text is not less than `text`; count when all are. */
uint32_t dictionary_lower_bound(const struct dictionary *dictionary, struct bytes text);

/* The code of exactly `text`; false when there is none. */
bool dictionary_find(const struct dictionary *dictionary, struct bytes text, uint32_t *code);

/* Whether texts ascend strictly, with right hashes and a NUL behind each. False, and the first
 * violation in `reason` (256 bytes), which begins with `name`. */
bool dictionary_validate(const struct dictionary *dictionary, const char *name, char *reason);

#endif
