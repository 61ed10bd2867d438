/* A stack of blocks from the heap, or on disk. Released blocks stay chained above the top, poisoned
 * for the address sanitizer, until they are needed again. */
#include "value/pool.h"

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "numa/poison.h"

enum {
    POOL_ALIGNMENT = 16,
    POOL_BLOCK_BYTES_MIN = 4 << 10,
    POOL_BLOCK_BYTES_MAX = 1 << 20,
    LIST_CAPACITY_MIN = 8,
    LEFT_SHARE = 8, /* of the budget: what kept values leave to others */
};

/* The bytes that are given out follow the head. */
struct pool_block {
    struct pool_block *below;
    struct pool_block *above;
    size_t bytes;      /* without the head */
    size_t is_spilled; /* lies in the pool's area; as wide as keeps what follows aligned */
};
_Static_assert(sizeof(struct pool_block) % POOL_ALIGNMENT == 0, "what follows is aligned");

static enum status pool_grow(struct pool *pool, size_t bytes, struct error *error);
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
static void entries_sort(struct value_entry *entries, uint32_t count);
static void entries_merge(struct value_entry *entries, uint32_t middle, uint32_t count);
static uint32_t entries_before(const struct value_entry *entries, uint32_t count, struct bytes key,
                               bool or_equal);
static void entries_rotate(struct value_entry *entries, uint32_t middle, uint32_t count);
static void entries_reverse(struct value_entry *entries, uint32_t count);

static inline char *block_begin(struct pool_block *block)
{
    return (char *)(block + 1);
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
        ASAN_POISON_MEMORY_REGION(block_begin(pool->top), pool->top->bytes);
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
    *pool = (struct pool){.budget = pool->budget, .area = {.spill = pool->area.spill}};
}

uint64_t pool_bytes(const struct pool *pool)
{
    uint64_t bytes = 0;
    for (const struct pool_block *block = pool->top; block != NULL; block = block->below) {
        bytes += block->bytes;
    }
    for (const struct pool_block *block = pool->top == NULL ? NULL : pool->top->above;
         block != NULL; block = block->above) {
        bytes += block->bytes;
    }
    return bytes;
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
    if (text.size > 0) {
        memcpy(bytes, text.data, text.size);
    }
    *copy = value_text_of(bytes_view(bytes, text.size));
    return STATUS_OK;
}

enum status pool_copy(struct pool *pool, struct value value, struct value *copy,
                      struct error *error)
{
    return copy_within(pool, value, VALUE_DEPTH_MAX, copy, error);
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
        if (builder->count > 0) {
            memcpy(items, builder->items, builder->count * sizeof(*items));
        }
        builder->items = items;
        builder->capacity = (uint32_t)capacity;
    }
    builder->items[builder->count++] = item;
    return STATUS_OK;
}

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

/* Makes the next kept block the top when it is large enough; those that are too small go back to
 * the heap, so that a pool does not fill with them. */
static enum status pool_grow(struct pool *pool, size_t bytes, struct error *error)
{
    struct pool_block *below = pool->top;
    struct pool_block *spare;
    while (below != NULL && (spare = below->above) != NULL) {
        if (spare->bytes >= bytes) {
            pool_enter(pool, spare);
            return STATUS_OK;
        }
        below->above = spare->above;
        if (spare->above != NULL) {
            spare->above->below = below;
        }
        block_free(pool, spare);
    }
    size_t wanted = below == NULL ? POOL_BLOCK_BYTES_MIN : below->bytes * 2;
    wanted = wanted > POOL_BLOCK_BYTES_MAX ? POOL_BLOCK_BYTES_MAX : wanted;
    wanted = wanted < bytes ? bytes : wanted;
    struct pool_block *block = block_open(pool, wanted, error);
    if (block == NULL) {
        return pool_status(error);
    }
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
    struct pool_block *block =
        bytes > PTRDIFF_MAX ? NULL : spill_allocate(&pool->area, 1, sizeof *block + bytes);
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

static struct pool_block *block_open(struct pool *pool, size_t bytes, struct error *error)
{
    if (!take_memory(pool, bytes)) {
        return block_spill(pool, bytes, error);
    }
    struct pool_block *block = NULL;
    if (bytes <= SIZE_MAX - sizeof *block) {
        block = memory_resize(NULL, 1, sizeof *block + bytes);
    }
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
    pool->left = block->bytes & ~(size_t)(POOL_ALIGNMENT - 1);
    ASAN_POISON_MEMORY_REGION(pool->next, block->bytes);
}

static void block_free(struct pool *pool, struct pool_block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block_begin(block), block->bytes);
    if (block->is_spilled) {
        return; /* until its area is closed */
    }
    if (pool->budget != NULL) {
        budget_give(pool->budget, block->bytes);
    }
    memory_free(block);
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
