/* A borrowed run of bytes, and hashing. */
#ifndef GYRE_BASE_BYTES_H
#define GYRE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrows; owns nothing. Not NUL-terminated. */
struct bytes {
    const char *data;
    size_t size;
};

static inline struct bytes bytes_view(const char *data, size_t size)
{
    return (struct bytes){data, size};
}

static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

static inline bool bytes_equal(struct bytes left, struct bytes right)
{
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

/* ASCII case folded. */
bool bytes_equal_ignoring_case(struct bytes left, struct bytes right);

/* <0, 0, >0 in byte order, a prefix before what it begins. */
int bytes_compare(struct bytes left, struct bytes right);

/* Without leading and trailing blanks and tabs. */
struct bytes bytes_trim(struct bytes text);

/* XXH3, 64 bits; the same on every machine and in every run. */
uint64_t bytes_hash(struct bytes text);

/* A 64-bit finalizer (Stafford's variant 13 of MurmurHash3's mixer, as in SplitMix64). */
static inline uint64_t hash_mix(uint64_t value)
{
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9u;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebu;
    value ^= value >> 31;
    return value;
}

/* Number of single-character edits between two names, for "did you mean", where two neighbours that
 * have changed places are one; at most `limit` + 1. */
uint32_t bytes_edit_distance(struct bytes left, struct bytes right, uint32_t limit);

#endif
