#include "loader/coder.h"

#include "base/check.h"
#include "base/memory.h"

/* Tables are at most half full. */
enum {
    TABLE_ENTRIES_MIN = 64,
    TABLE_APART_BYTES = 16 << 10,
    POOL_BLOCK_BYTES_MIN = 4 << 10,
    POOL_BLOCK_BYTES_MAX = 1 << 20
};

/* Codes above are marks, and slots hold a code + 1. */
#define TABLE_ENTRIES_MAX (UINT32_C(1) << 31)

static uint32_t code_of(struct address_table *table, struct arena *arena, struct address address,
                        uint64_t hash, uint64_t stamp);
static bool text_table_grow(struct text_table *table, struct arena *arena);
static bool address_table_grow(struct address_table *table, struct arena *arena);
static struct text *pool_take(struct text_pool *pool, uint64_t bytes);

uint32_t text_table_code(struct text_table *table, struct text_pool *pool, struct bytes text)
{
    DCHECK(text.size < UINT32_MAX);
    if (table->count == table->capacity && !text_table_grow(table, pool->arena)) {
        return CODE_NO_MEMORY;
    }
    uint32_t hash = (uint32_t)bytes_hash(text);
    uint64_t mask = table->slot_count - 1;
    uint64_t slot = hash & mask;
    for (; table->slots[slot] != 0; slot = (slot + 1) & mask) {
        const struct text *entry = table->entries[table->slots[slot] - 1];
        if (entry->hash == hash && entry->length == text.size &&
            memcmp(entry->bytes, text.data, text.size) == 0) {
            return table->slots[slot] - 1;
        }
    }
    struct text *entry = pool_take(pool, text_bytes((uint32_t)text.size));
    if (entry == NULL) {
        return CODE_NO_MEMORY;
    }
    text_fill(entry, text);
    table->entries[table->count] = entry;
    table->slots[slot] = ++table->count;
    return table->count - 1;
}

uint32_t address_table_code(struct address_table *table, struct arena *arena,
                            struct address address, uint64_t stamp)
{
    return code_of(table, arena, address, address_hash(address), stamp);
}

static uint32_t code_of(struct address_table *table, struct arena *arena, struct address address,
                        uint64_t hash, uint64_t stamp)
{
    if (table->count == table->capacity && !address_table_grow(table, arena)) {
        return CODE_NO_MEMORY;
    }
    uint64_t mask = table->slot_count - 1;
    uint64_t slot = hash & mask;
    for (; table->slots[slot] != 0; slot = (slot + 1) & mask) {
        if (address_equal(table->addresses[table->slots[slot] - 1], address)) {
            return table->slots[slot] - 1;
        }
    }
    table->addresses[table->count] = address;
    table->first_seen[table->count] = stamp;
    table->slots[slot] = ++table->count;
    return table->count - 1;
}

void text_coder_init(struct text_coder *coder, struct text_table *table, struct text_pool *pool)
{
    *coder = (struct text_coder){.table = table, .pool = pool};
    text_coder_set(coder, READ_PLAIN, &(struct null_texts){0});
}

void text_coder_set(struct text_coder *coder, enum reading reading, const struct null_texts *nulls)
{
    coder->reading = reading;
    coder->nulls = *nulls;
    for (uint32_t i = 0; i < RECENT_TEXTS; i++) {
        coder->recent[i].size = UINT32_MAX;
    }
}

void address_coder_init(struct address_coder *coder, struct address_table *table,
                        struct text_table *texts, struct text_pool *pool)
{
    *coder = (struct address_coder){.table = table, .texts = texts, .pool = pool};
    for (uint32_t i = 0; i < RECENT_ADDRESSES; i++) {
        coder->recent[i].size = UINT32_MAX;
    }
}

uint32_t text_coder_miss(struct text_coder *coder, struct bytes field, struct recent_text *recent)
{
    char room[READING_TEXT_BYTES_MAX];
    struct bytes text = bytes_trim(field);
    uint32_t code = CODE_NONE;
    if (!is_null_text(&coder->nulls, text)) {
        text = reading_text(coder->reading, text, room);
        code = text_table_code(coder->table, coder->pool, text);
        if (code == CODE_NO_MEMORY) {
            return code;
        }
    }
    /* A long field is compared with its text, which has to be there, and as it stands. */
    if (field.size <= 16 || text.size == field.size) {
        recent->size = (uint32_t)field.size;
        recent->code = code;
        recent->text = code == CODE_NONE ? NULL : coder->table->entries[code];
        field_key(field, &recent->first, &recent->last);
    }
    return code;
}

uint32_t address_coder_miss(struct address_coder *coder, struct bytes field, uint64_t stamp,
                            struct recent_address *recent)
{
    struct pending_address pending;
    if (bytes_trim(field).size == 0) {
        return CODE_NONE;
    }
    return address_coder_begin(coder, field, recent, &pending)
               ? address_coder_end(coder, &pending, stamp)
               : CODE_NO_MEMORY;
}

bool address_coder_begin(struct address_coder *coder, struct bytes field,
                         struct recent_address *recent, struct pending_address *pending)
{
    struct bytes text = bytes_trim(field);
    struct address address;
    if (!address_parse(text, &address)) {
        uint32_t text_code = text_table_code(coder->texts, coder->pool, text);
        if (text_code == CODE_NO_MEMORY) {
            return false;
        }
        address = (struct address){ADDRESS_HIGH_TEXT, text_code};
    }
    *pending = (struct pending_address){field, recent, address, address_hash(address), 0};
    if (coder->table->slot_count > 0) {
        uint64_t mask = coder->table->slot_count - 1;
        __builtin_prefetch(&coder->table->slots[pending->hash & mask]);
    }
    return true;
}

uint32_t address_coder_end(struct address_coder *coder, const struct pending_address *pending,
                           uint64_t stamp)
{
    struct bytes field = pending->field;
    uint32_t code =
        code_of(coder->table, coder->pool->arena, pending->address, pending->hash, stamp);
    if (code != CODE_NO_MEMORY && field.size <= 16) {
        struct recent_address *recent = pending->recent;
        recent->size = (uint32_t)field.size;
        recent->code = code;
        field_key(field, &recent->first, &recent->last);
    }
    return code;
}

/* Tables go before their arena does: those of more than a few pages lie apart, so that the room of
 * what they outgrow, too, goes at once. */
static void *grow_array(struct arena *arena, void *array, uint64_t count, size_t size)
{
    return count * size < TABLE_APART_BYTES ? arena_resize(arena, array, count, size)
                                            : arena_resize_apart(arena, array, count, size);
}

/* Slots are made anew at twice the entries' capacity; false leaves the table as it was. */
static uint32_t *grow_slots(struct arena *arena, uint32_t *slots, uint64_t slot_count)
{
    uint32_t *grown = grow_array(arena, slots, slot_count, sizeof *grown);
    if (grown != NULL) {
        memset(grown, 0, slot_count * sizeof *grown);
    }
    return grown;
}

static void place(uint32_t *slots, uint64_t slot_count, uint64_t hash, uint32_t code)
{
    uint64_t slot = hash & (slot_count - 1);
    while (slots[slot] != 0) {
        slot = (slot + 1) & (slot_count - 1);
    }
    slots[slot] = code + 1;
}

static uint32_t grown_capacity(uint32_t capacity)
{
    return capacity == 0 ? TABLE_ENTRIES_MIN : capacity * 2;
}

static bool text_table_grow(struct text_table *table, struct arena *arena)
{
    uint32_t capacity = grown_capacity(table->capacity);
    if (capacity > TABLE_ENTRIES_MAX) {
        return false;
    }
    const struct text **entries =
        grow_array(arena, table->entries, capacity, sizeof *table->entries);
    if (entries == NULL) {
        return false;
    }
    table->entries = entries;
    uint64_t slot_count = (uint64_t)capacity * 2;
    uint32_t *slots = grow_slots(arena, table->slots, slot_count);
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        place(slots, slot_count, entries[i]->hash, i);
    }
    table->slots = slots;
    table->slot_count = slot_count;
    table->capacity = capacity;
    return true;
}

static bool address_table_grow(struct address_table *table, struct arena *arena)
{
    uint32_t capacity = grown_capacity(table->capacity);
    if (capacity > TABLE_ENTRIES_MAX) {
        return false;
    }
    struct address *addresses = grow_array(arena, table->addresses, capacity, sizeof *addresses);
    if (addresses == NULL) {
        return false;
    }
    table->addresses = addresses;
    uint64_t *first_seen = grow_array(arena, table->first_seen, capacity, sizeof *first_seen);
    if (first_seen == NULL) {
        return false;
    }
    table->first_seen = first_seen;
    uint64_t slot_count = (uint64_t)capacity * 2;
    uint32_t *slots = grow_slots(arena, table->slots, slot_count);
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        place(slots, slot_count, address_hash(addresses[i]), i);
    }
    table->slots = slots;
    table->slot_count = slot_count;
    table->capacity = capacity;
    return true;
}

/* Room for one text. Large ones get blocks of their own, so that little is left unused. */
static struct text *pool_take(struct text_pool *pool, uint64_t bytes)
{
    if (bytes <= pool->free_bytes) {
        struct text *taken = (struct text *)(void *)pool->free;
        pool->free += bytes;
        pool->free_bytes -= bytes;
        return taken;
    }
    uint64_t block_bytes = pool->block_bytes * 2;
    block_bytes = block_bytes < POOL_BLOCK_BYTES_MIN ? POOL_BLOCK_BYTES_MIN : block_bytes;
    block_bytes = block_bytes > POOL_BLOCK_BYTES_MAX ? POOL_BLOCK_BYTES_MAX : block_bytes;
    if (bytes > block_bytes / 4) {
        return arena_allocate(pool->arena, bytes, 1);
    }
    char *block = arena_allocate(pool->arena, block_bytes, 1);
    if (block == NULL) {
        return NULL;
    }
    pool->block_bytes = block_bytes;
    pool->free = block + bytes;
    pool->free_bytes = block_bytes - bytes;
    return (struct text *)(void *)block;
}
