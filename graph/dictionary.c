#include "graph/dictionary.h"

#include "graph/refuse.h"

#include <string.h>

void text_fill(struct text *text, struct bytes from)
{
    text->length = (uint32_t)from.size;
    text->hash = (uint32_t)bytes_hash(from);
    if (from.size > 0) {
        memcpy(text->bytes, from.data, from.size);
    }
    text->bytes[from.size] = '\0';
}

uint32_t dictionary_lower_bound(const struct dictionary *dictionary, struct bytes text)
{
    uint32_t low = 0;
    uint32_t high = dictionary->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (bytes_compare(text_view(dictionary->entries[middle]), text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool dictionary_find(const struct dictionary *dictionary, struct bytes text, uint32_t *code)
{
    uint32_t found = dictionary_lower_bound(dictionary, text);
    if (found == dictionary->count || !bytes_equal(text_view(dictionary->entries[found]), text)) {
        return false;
    }
    *code = found;
    return true;
}

bool dictionary_validate(const struct dictionary *dictionary, const char *name, char *reason)
{
    for (uint32_t code = 0; code < dictionary->count; code++) {
        const struct text *text = dictionary->entries[code];
        if (text->hash != (uint32_t)bytes_hash(text_view(text))) {
            return refuse(reason, "dictionary of %s: text %u has a wrong hash", name, code);
        }
        if (text->bytes[text->length] != '\0') {
            return refuse(reason, "dictionary of %s: text %u has no NUL at its end", name, code);
        }
        if (code > 0 && text_compare(dictionary->entries[code - 1], text) >= 0) {
            return refuse(reason, "dictionary of %s: not ascending at text %u", name, code);
        }
    }
    return true;
}
