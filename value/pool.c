/* A stack of blocks: small ones from the heap, those from 2 MiB on from pages of their own, which
 * are huge as the budget says, since what a stopped query keeps is given back ten times faster from
 * there (docs/PERFORMANCE.md), or on disk. Released blocks stay chained above the top, poisoned for
 * the address sanitizer, until they are needed again. */
#include "value/pool.h"

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "numa/pages.h"
#include "numa/poison.h"

enum {
    POOL_ALIGNMENT = 16,
    BLOCK_BYTES_MIN = 4 << 10,
    BLOCK_BYTES_DOUBLED = 1 << 20, /* until then each is twice the one below */
    BLOCK_BYTES_MAX = 32 << 20,
    BLOCK_SHARE = 8, /* of the pool, above that */
    LIST_CAPACITY_MIN = 8,
    LEFT_SHARE = 8, /* of the budget: what kept values leave to others */
};

/* The bytes that are given out follow the head. */
struct pool_block {
    struct pool_block *below;
    struct pool_block *above;
    size_t bytes;      /* with the head */
    size_t is_spilled; /* lies in the pool's area; as wide as keeps what follows aligned */
};
_Static_assert(sizeof(struct pool_block) % POOL_ALIGNMENT == 0, "what follows is aligned");

static enum status pool_grow(struct pool *pool, size_t bytes, struct error *error);
static size_t next_block_bytes(const struct pool *pool, size_t bytes);
static struct pool_block *block_open(struct pool *pool, size_t bytes, struct error *error);
static void pool_enter(struct pool *pool, struct pool_block *block);
static void block_free(struct pool *pool, struct pool_block *block);
static enum status copy_within(struct pool *pool, struct value value, uint32_t room,
                               struct value *copy, struct error *error);
static enum status copy_list(struct pool *pool, struct value list, uint32_t room,
                             struct value *copy, struct error *error);
static enum status copy_map(struct pool *pool, struct value map, uint32_t room, struct value *copy,
                            struct error *error);
static enum status copy_path(struct pool *pool, struct value path, struct value *copy,
                             struct error *error);
static enum status copy_instant(struct pool *pool, struct value value, struct value *copy,
                                struct error *error);
static enum status copy_duration(struct pool *pool, struct value value, struct value *copy,
                                 struct error *error);
static enum status depth_error(struct error *error);

static inline char *block_begin(struct pool_block *block)
{
    return (char *)(block + 1);
}

static inline size_t block_room(const struct pool_block *block)
{
    return block->bytes - sizeof *block;
}

void *pool_allocate(struct pool *pool, size_t count, size_t size, struct error *error)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, POOL_ALIGNMENT - 1, &bytes)) {
        error_set_memory(error, "making a value");
        return NULL;
    }
    bytes &= ~(size_t)(POOL_ALIGNMENT - 1);
    /* Nothing has an address too, and one of its own. */
    bytes = bytes == 0 ? POOL_ALIGNMENT : bytes;
    if (UNLIKELY(bytes > pool->left) && pool_grow(pool, bytes, error) != STATUS_OK) {
        return NULL;
    }
    char *given = pool->next;
    pool->next += bytes;
    pool->left -= bytes;
    ASAN_UNPOISON_MEMORY_REGION(given, bytes);
    return given;
}

enum status pool_poll(const struct pool *pool, struct error *error)
{
    return stop_is_interrupted(pool->stop)
               ? error_set(error, STATUS_INTERRUPTED, "interrupted while making values")
               : STATUS_OK;
}

enum status pool_copy_long(const struct pool *pool, void *to, const void *from, size_t bytes,
                           struct error *error)
{
    for (size_t at = 0; at < bytes; at += POOL_COPY_BYTES) {
        size_t piece = bytes - at < POOL_COPY_BYTES ? bytes - at : POOL_COPY_BYTES;
        TRY(pool_poll(pool, error));
        memcpy((char *)to + at, (const char *)from + at, piece);
    }
    return STATUS_OK;
}

struct pool_mark pool_mark(const struct pool *pool)
{
    return (struct pool_mark){.top = pool->top, .next = pool->next, .left = pool->left};
}

void pool_release(struct pool *pool, struct pool_mark mark)
{
    if (pool->top == NULL) {
        return;
    }
    while (pool->top != mark.top && pool->top->below != NULL) {
        ASAN_POISON_MEMORY_REGION(block_begin(pool->top), block_room(pool->top));
        pool->top = pool->top->below;
    }
    if (mark.top == NULL) {
        pool_enter(pool, pool->top);
        return;
    }
    DCHECK(pool->top == mark.top);
    pool->next = mark.next;
    pool->left = mark.left;
    ASAN_POISON_MEMORY_REGION(pool->next, pool->left);
}

void pool_close(struct pool *pool)
{
    struct pool_block *block = pool->top;
    while (block != NULL && block->above != NULL) {
        block = block->above;
    }
    while (block != NULL) {
        struct pool_block *below = block->below;
        block_free(pool, block);
        block = below;
    }
    spill_close(&pool->area);
    *pool = (struct pool){
        .budget = pool->budget, .stop = pool->stop, .area = {.spill = pool->area.spill}};
}

enum status pool_copy_text(struct pool *pool, struct bytes text, struct value *copy,
                           struct error *error)
{
    if (text.size > UINT32_MAX) {
        return error_set(error, STATUS_LIMIT, "a text of more than 4 GiB is no value");
    }
    char *bytes = pool_allocate(pool, text.size, 1, error);
    if (bytes == NULL) {
        return pool_status(error);
    }
    TRY(pool_copy_bytes(pool, bytes, text.data, text.size, error));
    *copy = value_text_of(bytes_view(bytes, text.size));
    return STATUS_OK;
}

enum status pool_copy(struct pool *pool, struct value value, struct value *copy,
                      struct error *error)
{
    return copy_within(pool, value, VALUE_DEPTH_MAX, copy, error);
}

enum status pool_keep_other(struct pool *pool, struct value *kept, struct value other,
                            struct error *error)
{
    bool is_text = kept->kind == VALUE_TEXT; /* whose copy would take room for nothing */
    return is_text ? STATUS_OK : pool_copy(pool, other, kept, error);
}

enum status list_add(struct list_builder *builder, struct value item, struct error *error)
{
    if (builder->count == builder->capacity) {
        uint64_t capacity =
            builder->capacity == 0 ? LIST_CAPACITY_MIN : (uint64_t)builder->capacity * 2;
        capacity = capacity > UINT32_MAX ? UINT32_MAX : capacity;
        if (builder->count == capacity) {
            return error_set(error, STATUS_LIMIT, "a list holds at most %u items", UINT32_MAX);
        }
        struct value *items = pool_allocate(builder->pool, capacity, sizeof(*items), error);
        if (items == NULL) {
            return pool_status(error);
        }
        TRY(pool_copy_bytes(builder->pool, items, builder->items, builder->count * sizeof(*items),
                            error));
        builder->items = items;
        builder->capacity = (uint32_t)capacity;
    }
    TRY(pool_poll_at(builder->pool, builder->count, error));
    builder->items[builder->count++] = item;
    return STATUS_OK;
}

/* Makes the next kept block the top when it is large enough; those that are too small go back to
 * the heap, so that a pool does not fill with them. */
static enum status pool_grow(struct pool *pool, size_t bytes, struct error *error)
{
    struct pool_block *below = pool->top;
    struct pool_block *spare;
    while (below != NULL && (spare = below->above) != NULL) {
        if (block_room(spare) >= bytes) {
            pool_enter(pool, spare);
            return STATUS_OK;
        }
        below->above = spare->above;
        if (spare->above != NULL) {
            spare->above->below = below;
        }
        block_free(pool, spare);
    }
    if (bytes > PTRDIFF_MAX - BLOCK_BYTES_MAX) {
        return error_set_memory(error, "making a value");
    }
    struct pool_block *block = block_open(pool, next_block_bytes(pool, bytes), error);
    if (block == NULL) {
        return pool_status(error);
    }
    pool->bytes += block->bytes;
    block->below = below;
    block->above = NULL;
    if (below != NULL) {
        below->above = block;
    }
    pool_enter(pool, block);
    return STATUS_OK;
}

/* A pool that can do without leaves some of the budget to others. */
static bool take_memory(const struct pool *pool, size_t bytes)
{
    struct budget *budget = pool->budget;
    if (budget == NULL) {
        return true;
    }
    uint64_t left = pool->area.spill == NULL ? 0 : budget->limit_bytes / LEFT_SHARE;
    return (left == 0 || budget_used(budget) <= budget->limit_bytes - left) &&
           budget_take(budget, bytes);
}

static struct pool_block *block_spill(struct pool *pool, size_t bytes, struct error *error)
{
    struct pool_block *block = spill_allocate(&pool->area, 1, bytes);
    if (block != NULL) {
        *block = (struct pool_block){.bytes = bytes, .is_spilled = true};
        return block;
    }
    char limit[NUMBER_TEXT_BYTES];
    size_format(pool->budget->limit_bytes, limit);
    error_set(error, STATUS_LIMIT,
              "the memory limit of %s was reached while making the values of the query%s; raise "
              "--memory-limit or ask for less",
              limit,
              pool->area.spill == NULL ? "" : ", and then --spill-limit or the end of the disk");
    return NULL;
}

static enum huge_pages block_pages(const struct pool *pool)
{
    return pool->budget == NULL ? HUGE_PAGES_AUTO : pool->budget->huge_pages;
}

/* What the next block takes, with room for `bytes`: of a large pool little is counted and not
 * used. */
static size_t next_block_bytes(const struct pool *pool, size_t bytes)
{
    size_t wanted = pool->top == NULL ? BLOCK_BYTES_MIN : pool->top->bytes * 2;
    if (wanted > BLOCK_BYTES_DOUBLED) {
        wanted = pool->bytes / BLOCK_SHARE / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        wanted = wanted < HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : wanted;
        wanted = wanted > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : wanted;
    }
    bytes += sizeof(struct pool_block);
    wanted = wanted < bytes ? bytes : wanted;
    return wanted < HUGE_PAGE_BYTES ? wanted : pages_round_large(wanted, 0, block_pages(pool));
}

static void *allocate_block(const struct pool *pool, size_t bytes)
{
    if (bytes < HUGE_PAGE_BYTES) {
        return memory_resize(NULL, 1, bytes);
    }
    return memory_fault_due() ? NULL : pages_map_large(bytes, block_pages(pool));
}

static struct pool_block *block_open(struct pool *pool, size_t bytes, struct error *error)
{
    if (!take_memory(pool, bytes)) {
        return block_spill(pool, bytes, error);
    }
    struct pool_block *block = allocate_block(pool, bytes);
    if (block == NULL) {
        if (pool->budget != NULL) {
            budget_give(pool->budget, bytes);
        }
        error_set_memory(error, "making the values of the query");
        return NULL;
    }
    *block = (struct pool_block){.bytes = bytes};
    return block;
}

static void pool_enter(struct pool *pool, struct pool_block *block)
{
    pool->top = block;
    pool->next = block_begin(block);
    pool->left = block_room(block);
    ASAN_POISON_MEMORY_REGION(pool->next, pool->left);
}

static void block_free(struct pool *pool, struct pool_block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block_begin(block), block_room(block));
    pool->bytes -= block->bytes;
    if (block->is_spilled) {
        return; /* until its area is closed */
    }
    if (pool->budget != NULL) {
        budget_give(pool->budget, block->bytes);
    }
    if (block->bytes < HUGE_PAGE_BYTES) {
        memory_free(block);
    } else {
        pages_unmap(block, block->bytes);
    }
}

static enum status copy_within(struct pool *pool, struct value value, uint32_t room,
                               struct value *copy, struct error *error)
{
    switch (value.kind) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
    case VALUE_VERTEX:
    case VALUE_EDGE:
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
        *copy = value;
        return STATUS_OK;
    case VALUE_TEXT:
        return pool_copy_text(pool, value_text_view(value), copy, error);
    case VALUE_LIST:
        return copy_list(pool, value, room, copy, error);
    case VALUE_MAP:
        return copy_map(pool, value, room, copy, error);
    case VALUE_PATH:
        return copy_path(pool, value, copy, error);
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
        return copy_instant(pool, value, copy, error);
    case VALUE_DURATION:
        return copy_duration(pool, value, copy, error);
    case VALUE_KINDS:
        break;
    }
    CHECK(false);
    return STATUS_FAILED;
}

static enum status copy_list(struct pool *pool, struct value list, uint32_t room,
                             struct value *copy, struct error *error)
{
    if (room == 0) {
        return depth_error(error);
    }
    struct value *items = pool_allocate(pool, list.count, sizeof(*items), error);
    if (items == NULL) {
        return pool_status(error);
    }
    for (uint32_t index = 0; index < list.count; index++) {
        TRY(pool_poll_at(pool, index, error));
        TRY(copy_within(pool, list.items[index], room - 1, &items[index], error));
    }
    *copy = value_list_of(items, list.count);
    return STATUS_OK;
}

static enum status copy_map(struct pool *pool, struct value map, uint32_t room, struct value *copy,
                            struct error *error)
{
    if (room == 0) {
        return depth_error(error);
    }
    struct value_entry *entries = pool_allocate(pool, map.count, sizeof(*entries), error);
    if (entries == NULL) {
        return pool_status(error);
    }
    for (uint32_t index = 0; index < map.count; index++) {
        struct value key = value_text_of(map.entries[index].key);
        TRY(pool_copy_text(pool, map.entries[index].key, &key, error));
        entries[index].key = value_text_view(key);
        TRY(copy_within(pool, map.entries[index].value, room - 1, &entries[index].value, error));
    }
    *copy = (struct value){.kind = VALUE_MAP, .count = map.count, .entries = entries};
    return STATUS_OK;
}

static enum status copy_path(struct pool *pool, struct value path, struct value *copy,
                             struct error *error)
{
    uint32_t length = path.path->length;
    struct value_path *made = pool_allocate(pool, 1, sizeof(*made), error);
    uint32_t *vertices = pool_allocate(pool, (size_t)length + 1, sizeof(*vertices), error);
    uint64_t *edges = pool_allocate(pool, length, sizeof(*edges), error);
    if (made == NULL || vertices == NULL || edges == NULL) {
        return pool_status(error);
    }
    memcpy(vertices, path.path->vertices, ((size_t)length + 1) * sizeof(*vertices));
    if (length > 0) {
        memcpy(edges, path.path->edges, length * sizeof(*edges));
    }
    *made = (struct value_path){.length = length, .vertices = vertices, .edges = edges};
    *copy = (struct value){.kind = VALUE_PATH, .path = made};
    return STATUS_OK;
}

static enum status copy_instant(struct pool *pool, struct value value, struct value *copy,
                                struct error *error)
{
    struct value_instant *instant = pool_allocate(pool, 1, sizeof(*instant), error);
    if (instant == NULL) {
        return pool_status(error);
    }
    struct value zone = value_text_of(value.instant->zone);
    *instant = *value.instant;
    TRY(pool_copy_text(pool, value.instant->zone, &zone, error));
    instant->zone = value_text_view(zone);
    *copy = value;
    copy->instant = instant;
    return STATUS_OK;
}

static enum status copy_duration(struct pool *pool, struct value value, struct value *copy,
                                 struct error *error)
{
    struct value_duration *duration = pool_allocate(pool, 1, sizeof(*duration), error);
    if (duration == NULL) {
        return pool_status(error);
    }
    *duration = *value.duration;
    *copy = value;
    copy->duration = duration;
    return STATUS_OK;
}

static enum status depth_error(struct error *error)
{
    return error_set(error, STATUS_LIMIT, "lists and maps lie more than %d deep in one another",
                     VALUE_DEPTH_MAX);
}
