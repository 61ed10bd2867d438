/* A worker's own tables: distinct texts and distinct addresses to codes, by open addressing, with a
 * small direct-mapped memory of recent ones before each.
 *
 * The structures themselves are the builder's to read (loader/batch.h). Here they are filled, by
 * one worker, without locks; what they hold lies in the worker's arena.
 *
 * A memory is keyed by the first and the last eight bytes and the length of the field as it stands
 * in the input. Up to 16 bytes those determine the field, so that a hit costs no comparison of
 * texts, no trimming and no hash. Callers must have FIELD_PADDING readable bytes around a field. */
#ifndef GYRE_LOADER_CODER_H
#define GYRE_LOADER_CODER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "loader/batch.h"
#include "loader/reading.h"
#include "numa/arena.h"

/* Of an empty field: no text, no address. */
#define CODE_NONE UINT32_MAX

/* The table could not grow; the arena knows why. */
#define CODE_NO_MEMORY (UINT32_MAX - 1)

enum { FIELD_PADDING = 16 };

/* Where the bytes of texts go, one after the other. Zeroed: empty. */
struct text_pool {
    struct arena *arena;
    char *free;
    uint64_t free_bytes;
    uint64_t block_bytes; /* of the last block; they grow, so that small inputs stay small */
};

/* The code of `text` (not trimmed here), which is added when it is new; or CODE_NO_MEMORY. */
uint32_t text_table_code(struct text_table *table, struct text_pool *pool, struct bytes text);

/* The code of `address`. A new one was first seen at `stamp`; else see address_coder_code. */
uint32_t address_table_code(struct address_table *table, struct arena *arena,
                            struct address address, uint64_t stamp);

struct recent_text {
    uint64_t first;
    uint64_t last;
    uint32_t size;
    uint32_t code;
    const struct text *text; /* the field's bytes, for those over 16 */
};

enum { RECENT_TEXTS = 512, RECENT_ADDRESSES = 4096 };

/* Texts of one column to codes. */
struct text_coder {
    struct text_table *table;
    struct text_pool *pool;
    enum reading reading;    /* of the file that is read; see text_coder_set */
    struct null_texts nulls; /* as well */
    struct recent_text recent[RECENT_TEXTS];
};

struct recent_address {
    uint64_t first;
    uint64_t last;
    uint32_t size;
    uint32_t code;
};

/* Addresses of all columns to codes. */
struct address_coder {
    struct address_table *table;
    struct text_table *texts;
    struct text_pool *pool;
    struct recent_address recent[RECENT_ADDRESSES];
};

void text_coder_init(struct text_coder *coder, struct text_table *table, struct text_pool *pool);
void address_coder_init(struct address_coder *coder, struct address_table *table,
                        struct text_table *texts, struct text_pool *pool);

/* Fields mean something else from now on: the memory is forgotten. */
void text_coder_set(struct text_coder *coder, enum reading reading, const struct null_texts *nulls);

/* The ways behind the memories; the results are remembered. */
uint32_t text_coder_miss(struct text_coder *coder, struct bytes field, struct recent_text *recent);
uint32_t address_coder_miss(struct address_coder *coder, struct bytes field, uint64_t stamp,
                            struct recent_address *recent);

/* The same in three steps, so that many look-ups are under way at once where the table is larger
 * than the caches: first each address is parsed, later its slot is read, and then its entry. */
struct pending_address {
    struct bytes field;
    struct recent_address *recent;
    struct address address;
    uint64_t hash;
    uint32_t row; /* the caller's */
};
enum { PENDING_ADDRESSES = 64, PENDING_AHEAD = 8 };

/* Of a field that is not empty; false without memory. */
bool address_coder_begin(struct address_coder *coder, struct bytes field,
                         struct recent_address *recent, struct pending_address *pending);
uint32_t address_coder_end(struct address_coder *coder, const struct pending_address *pending,
                           uint64_t stamp);
static inline void address_coder_fetch(const struct address_coder *coder,
                                       const struct pending_address *pending)
{
    const struct address_table *table = coder->table;
    if (table->slot_count > 0) {
        uint32_t slot = table->slots[pending->hash & (table->slot_count - 1)];
        __builtin_prefetch(&table->addresses[slot == 0 ? 0 : slot - 1]);
    }
}

static inline uint64_t load_8(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

/* The first and last eight bytes of a field; of a shorter one the bytes and zeros, twice. */
static inline void field_key(struct bytes field, uint64_t *first, uint64_t *last)
{
    static const uint64_t masks[9] = {0,          0xff,         0xffff,         0xffffff,
                                      0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff,
                                      UINT64_MAX};
    uint64_t head = load_8(field.data);
    uint64_t tail = load_8(field.data + field.size - 8);
    bool is_short = field.size < 8;
    *first = head & masks[is_short ? field.size : 8];
    *last = is_short ? *first : tail;
}

/* Multiplication by a large odd number mixes upwards; the best bits are the topmost. */
static inline uint32_t field_key_slot(uint64_t first, uint64_t last, uint64_t size, uint32_t bits)
{
    uint64_t mixed = (first ^ (last << 29 | last >> 35)) + size;
    return (uint32_t)(mixed * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

/* Whether `field`, whose first and last eight bytes are known to agree, is the text. Up to 48 bytes
 * without a loop whose count depends on the length, which would be guessed wrong often. */
static inline bool text_middle_equal(struct bytes field, const struct text *text)
{
    uint64_t differences = 0;
    uint64_t last = field.size - 8;
    for (uint64_t at = 8; at < 40; at += 8) {
        uint64_t clipped = at < last ? at : last;
        differences |= load_8(field.data + clipped) ^ load_8(text->bytes + clipped);
    }
    return differences == 0 &&
           (field.size <= 48 || memcmp(field.data + 40, text->bytes + 40, field.size - 40) == 0);
}

/* The code of a field, trimmed and as its reading has it; CODE_NONE when it is null. */
static inline uint32_t text_coder_code(struct text_coder *coder, struct bytes field)
{
    uint64_t first;
    uint64_t last;
    field_key(field, &first, &last);
    struct recent_text *recent = &coder->recent[field_key_slot(first, last, field.size, 9)];
    bool is_same = recent->first == first && recent->last == last && recent->size == field.size;
    if (is_same && (field.size <= 16 || text_middle_equal(field, recent->text))) {
        return recent->code;
    }
    return text_coder_miss(coder, field, recent);
}

/* Where the memory has the field, or is to have it. */
static inline struct recent_address *address_coder_recall(struct address_coder *coder,
                                                          struct bytes field, bool *is_known)
{
    uint64_t first;
    uint64_t last;
    field_key(field, &first, &last);
    struct recent_address *recent = &coder->recent[field_key_slot(first, last, field.size, 12)];
    *is_known = recent->first == first && recent->last == last && recent->size == field.size;
    return recent;
}

/* As text_coder_code. `stamp` is kept when the address is new; the caller looks after stamps that
 * come out of order. */
static inline uint32_t address_coder_code(struct address_coder *coder, struct bytes field,
                                          uint64_t stamp)
{
    bool is_known;
    struct recent_address *recent = address_coder_recall(coder, field, &is_known);
    return is_known ? recent->code : address_coder_miss(coder, field, stamp, recent);
}

#endif
