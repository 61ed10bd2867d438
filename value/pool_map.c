/* Maps: entries sorted by key, in place. */
#include "value/pool.h"

static void entries_sort(struct value_entry *entries, uint32_t count);
static void entries_merge(struct value_entry *entries, uint32_t middle, uint32_t count);
static uint32_t entries_before(const struct value_entry *entries, uint32_t count, struct bytes key,
                               bool or_equal);
static void entries_rotate(struct value_entry *entries, uint32_t middle, uint32_t count);
static void entries_reverse(struct value_entry *entries, uint32_t count);

struct value pool_map_of(struct value_entry *entries, uint32_t count)
{
    entries_sort(entries, count);
    uint32_t kept = 0;
    for (uint32_t index = 0; index < count; index++) {
        bool is_last =
            index + 1 == count || !bytes_equal(entries[index].key, entries[index + 1].key);
        if (is_last) {
            entries[kept++] = entries[index];
        }
    }
    return (struct value){.kind = VALUE_MAP, .count = kept, .entries = entries};
}

/* A stable merge sort in place, since making a map cannot fail: the halves are merged by rotations
 * (K. Dudzinski, A. Dydek, "On a stable minimum storage merging algorithm", 1981). */
static void entries_sort(struct value_entry *entries, uint32_t count)
{
    if (count > 1) {
        uint32_t middle = count / 2;
        entries_sort(entries, middle);
        entries_sort(entries + middle, count - middle);
        entries_merge(entries, middle, count);
    }
}

static void entries_merge(struct value_entry *entries, uint32_t middle, uint32_t count)
{
    if (middle == 0 || middle == count ||
        bytes_compare(entries[middle - 1].key, entries[middle].key) <= 0) {
        return;
    }
    if (count == 2) {
        entries_rotate(entries, 1, 2);
        return;
    }
    uint32_t left;  /* of the left half, those that stay left */
    uint32_t right; /* of the right half, those that go left */
    if (middle >= count - middle) {
        left = middle / 2;
        right = entries_before(entries + middle, count - middle, entries[left].key, false);
    } else {
        right = (count - middle) / 2;
        left = entries_before(entries, middle, entries[middle + right].key, true);
    }
    entries_rotate(entries + left, middle - left, middle - left + right);
    entries_merge(entries, left, left + right);
    entries_merge(entries + left + right, middle - left, count - left - right);
}

/* How many of the sorted entries have a key below `key`, or one equal to it. */
static uint32_t entries_before(const struct value_entry *entries, uint32_t count, struct bytes key,
                               bool or_equal)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = bytes_compare(entries[middle].key, key);
        if (order < 0 || (or_equal && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The entries from `middle` on come first. */
static void entries_rotate(struct value_entry *entries, uint32_t middle, uint32_t count)
{
    entries_reverse(entries, middle);
    entries_reverse(entries + middle, count - middle);
    entries_reverse(entries, count);
}

static void entries_reverse(struct value_entry *entries, uint32_t count)
{
    for (uint32_t left = 0, right = count; left + 1 < right; left++, right--) {
        struct value_entry held = entries[left];
        entries[left] = entries[right - 1];
        entries[right - 1] = held;
    }
}
