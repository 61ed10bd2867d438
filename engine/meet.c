/* Parting items by their hashes, and finding equal ones in each part; see engine/meet.h. */
#include "engine/meet.h"

#include <string.h>

enum {
    PARTS_MAX = 4096,
    PART_ITEMS = 8192,    /* at most about so many, of all sources */
    PART_ITEMS_MIN = 256, /* fewer are not worth a part */
    WORKER_PARTS = 4,     /* at least so many for each worker, if they are worth it */
    PATIENT_ITEMS = 1 << 14,
    MARKED_SOURCES_MAX = 8,
    ITEM_MARKS = 4, /* at least so many bits for each item of any source */
    MARK_BITS_MIN = 6,
    MARK_BITS_MAX = 32,
};

struct meet_entry {
    uint32_t tag; /* low half of the hash */
    uint32_t index;
};

/* The items of a part that were kept; one worker's. */
struct meet_table {
    uint32_t capacity;
    uint32_t count;
    struct meet_item *items; /* [capacity] */
    uint32_t *tags;          /* [capacity] */
    uint32_t *slots;         /* number of an item + 1; 0 is empty */
    uint32_t slot_capacity;
    uint32_t mask;
};

static void mark_sources(const struct worker *worker, void *context);
static void part_sources(const struct worker *worker, void *context);
static void meet_parts(const struct worker *worker, void *context);
static uint64_t item_count(const struct meet *meet);
static void choose_mark_bits(struct meet *meet);
static void choose_part_count(struct meet *meet, uint32_t worker_count);
static bool is_out_of_memory(const struct meet *meet);

bool meet_run(struct meet *meet, struct team *team)
{
    choose_mark_bits(meet);
    choose_part_count(meet, team_worker_count(team));
    if (meet->mark_bits > 0) {
        team_run(team, mark_sources, meet);
    }
    if (!is_out_of_memory(meet)) {
        meet->shared = meet->mark_bits > 0 ? meet->sources[0].marks : NULL;
        team_run(team, part_sources, meet);
    }
    if (!is_out_of_memory(meet) && !stop_patience_is_over(meet->patience)) {
        team_run(team, meet_parts, meet);
    }
    for (uint32_t i = 0; i < meet->source_count; i++) {
        arena_return(meet->arena, meet->sources[i].entries);
        arena_return(meet->arena, meet->sources[i].begins);
        arena_return(meet->arena, meet->sources[i].marks);
    }
    return !is_out_of_memory(meet);
}

static bool is_out_of_memory(const struct meet *meet)
{
    return atomic_load_explicit(&meet->is_out_of_memory, memory_order_relaxed);
}

static void fail_memory(struct meet *meet)
{
    atomic_store_explicit(&meet->is_out_of_memory, true, memory_order_relaxed);
}

static uint64_t item_count(const struct meet *meet)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < meet->source_count; i++) {
        total += meet->sources[i].count;
    }
    return total;
}

static void choose_mark_bits(struct meet *meet)
{
    uint64_t wanted = ITEM_MARKS * item_count(meet);
    uint32_t bits = MARK_BITS_MIN;
    while (bits < MARK_BITS_MAX && UINT64_C(1) << bits < wanted) {
        bits++;
    }
    meet->mark_bits = meet->source_count > MARKED_SOURCES_MAX || meet->repeats ? 0 : bits;
}

static void choose_part_count(struct meet *meet, uint32_t worker_count)
{
    uint64_t total = item_count(meet);
    uint32_t count = 1;
    while (count < PARTS_MAX &&
           (total / count > PART_ITEMS ||
            (count < WORKER_PARTS * worker_count && total / count >= 2 * PART_ITEMS_MIN))) {
        count *= 2;
    }
    meet->part_count = count;
}

static inline uint32_t part_of(const struct meet *meet, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * meet->part_count >> 32);
}

static inline uint64_t mark_of(const struct meet *meet, uint64_t hash)
{
    return hash >> (64 - meet->mark_bits);
}

static inline bool is_shared(const struct meet *meet, uint64_t hash)
{
    if (meet->shared == NULL) {
        return true;
    }
    uint64_t mark = mark_of(meet, hash);
    return (meet->shared[mark / 64] >> mark % 64 & 1) != 0;
}

static inline bool is_over(const struct meet *meet, uint32_t i)
{
    return i % PATIENT_ITEMS == PATIENT_ITEMS - 1 && stop_patience_is_over(meet->patience);
}

static void mark_source(const struct meet *meet, struct meet_source *source)
{
    for (uint32_t i = 0; i < source->count && !is_over(meet, i); i++) {
        uint64_t mark = mark_of(meet, source->hashes[i]);
        source->marks[mark / 64] |= UINT64_C(1) << mark % 64;
    }
}

/* Those of the first source become those that any two have. */
static void share_marks(const struct worker *worker, struct meet *meet)
{
    uint64_t word = 0;
    uint64_t end = 0;
    team_share(worker, (UINT64_C(1) << meet->mark_bits) / 64, &word, &end);
    for (; word < end; word++) {
        uint64_t any = 0;
        uint64_t shared = 0;
        for (uint32_t i = 0; i < meet->source_count; i++) {
            uint64_t marks = meet->sources[i].marks[word];
            shared |= any & marks;
            any |= marks;
        }
        meet->sources[0].marks[word] = shared;
    }
}

static void mark_sources(const struct worker *worker, void *context)
{
    struct meet *meet = context;
    uint64_t word_count = (UINT64_C(1) << meet->mark_bits) / 64;
    for (uint32_t i = worker->index; i < meet->source_count; i += worker->worker_count) {
        struct meet_source *source = &meet->sources[i];
        source->marks = arena_allocate_zeroed(meet->arena, word_count, sizeof *source->marks);
        if (source->marks == NULL) {
            fail_memory(meet);
            break;
        }
        mark_source(meet, source);
    }
    team_barrier(worker);
    if (!is_out_of_memory(meet)) {
        share_marks(worker, meet);
    }
}

/* Those that are looked for; how many. Few are, and nobody can guess which: without a branch. */
static uint32_t list_items(const struct meet *meet, uint32_t at, uint32_t *items)
{
    const struct meet_source *source = &meet->sources[at];
    uint32_t count = 0;
    for (uint32_t i = 0; i < source->count && !is_over(meet, i); i++) {
        bool is_taken = is_shared(meet, source->hashes[i]);
        if (meet->calls->takes != NULL && is_taken) {
            is_taken = meet->calls->takes(meet->context, (struct meet_item){at, i});
        }
        items[count] = i;
        count += is_taken;
    }
    return count;
}

/* Counts become places, and places the ends of parts. */
static void scatter(const struct meet *meet, struct meet_source *source, const uint32_t *items,
                    uint32_t count)
{
    for (uint32_t i = 0; i < count && !is_over(meet, i); i++) {
        source->begins[part_of(meet, source->hashes[items[i]]) + 1]++;
    }
    uint32_t begin = 0;
    for (uint32_t part = 1; part <= meet->part_count; part++) {
        uint32_t part_items = source->begins[part];
        source->begins[part] = begin;
        begin += part_items;
    }
    for (uint32_t i = 0; i < count && !is_over(meet, i); i++) {
        uint64_t hash = source->hashes[items[i]];
        uint32_t *place = &source->begins[part_of(meet, hash) + 1];
        source->entries[(*place)++] = (struct meet_entry){(uint32_t)hash, items[i]};
    }
}

static bool part_source(const struct meet *meet, uint32_t at)
{
    struct meet_source *source = &meet->sources[at];
    uint32_t *items = arena_allocate(meet->arena, source->count, sizeof *items);
    if (items == NULL) {
        return false;
    }
    uint32_t count = list_items(meet, at, items);
    source->entries = arena_allocate(meet->arena, count, sizeof *source->entries);
    source->begins =
        arena_allocate_zeroed(meet->arena, (uint64_t)meet->part_count + 1, sizeof *source->begins);
    bool has_room = source->entries != NULL && source->begins != NULL;
    if (has_room) {
        scatter(meet, source, items, count);
    }
    arena_return(meet->arena, items);
    return has_room;
}

/* A source that a worker of the team made is most often that worker's to part. */
static void part_sources(const struct worker *worker, void *context)
{
    struct meet *meet = context;
    for (uint32_t i = worker->index; i < meet->source_count; i += worker->worker_count) {
        if (!part_source(meet, i)) {
            fail_memory(meet);
            return;
        }
    }
}

static uint32_t part_total(const struct meet *meet, uint32_t part)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < meet->source_count; i++) {
        total += meet->sources[i].begins[part + 1] - meet->sources[i].begins[part];
    }
    return total;
}

static void close_table(struct meet_table *table, struct arena *arena)
{
    arena_return(arena, table->items);
    arena_return(arena, table->tags);
    arena_return(arena, table->slots);
    *table = (struct meet_table){0};
}

/* An empty table for `count` items, at least one. */
static bool reset_table(struct meet_table *table, struct arena *arena, uint32_t count)
{
    if (count > table->capacity) {
        uint32_t slot_capacity = 2;
        while (slot_capacity < 2 * (uint64_t)count && slot_capacity < UINT32_C(1) << 31) {
            slot_capacity *= 2;
        }
        close_table(table, arena);
        table->items = arena_allocate(arena, count, sizeof *table->items);
        table->tags = arena_allocate(arena, count, sizeof *table->tags);
        table->slots = arena_allocate(arena, slot_capacity, sizeof *table->slots);
        if (table->items == NULL || table->tags == NULL || table->slots == NULL) {
            return false;
        }
        table->capacity = count;
        table->slot_capacity = slot_capacity;
    }
    table->count = 0;
    table->mask = table->slot_capacity - 1;
    while (table->mask / 4 >= count) {
        table->mask /= 2;
    }
    memset(table->slots, 0, ((uint64_t)table->mask + 1) * sizeof *table->slots);
    return true;
}

static void meet_item(const struct meet *meet, struct meet_table *table, uint32_t tag,
                      struct meet_item item)
{
    uint32_t slot = tag & table->mask;
    for (uint32_t found; (found = table->slots[slot]) != 0; slot = (slot + 1) & table->mask) {
        struct meet_item kept = table->items[found - 1];
        if (table->tags[found - 1] == tag && (meet->repeats || kept.source != item.source) &&
            meet->calls->is_same(meet->context, kept, item)) {
            meet->calls->join(meet->context, kept, item);
            return;
        }
    }
    table->items[table->count] = item;
    table->tags[table->count] = tag;
    table->slots[slot] = ++table->count;
}

static void meet_parts(const struct worker *worker, void *context)
{
    (void)worker;
    struct meet *meet = context;
    struct meet_table table = {0};
    uint64_t part = 0;
    uint64_t end = 0;
    while (!stop_patience_is_over(meet->patience) &&
           team_next(&meet->next_part, meet->part_count, 1, &part, &end)) {
        uint32_t total = part_total(meet, (uint32_t)part);
        if (total > 0 && !reset_table(&table, meet->arena, total)) {
            fail_memory(meet);
            break;
        }
        for (uint32_t source = 0; source < meet->source_count; source++) {
            const struct meet_source *from = &meet->sources[source];
            uint32_t last = from->begins[part + 1];
            for (uint32_t i = from->begins[part]; i < last && !is_over(meet, i); i++) {
                const struct meet_entry *entry = &from->entries[i];
                meet_item(meet, &table, entry->tag, (struct meet_item){source, entry->index});
            }
        }
    }
    close_table(&table, meet->arena);
}
