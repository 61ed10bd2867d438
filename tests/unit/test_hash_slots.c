/* floor: base */
/* Numbers in slots against a plain list of their hashes: each is found by its hash, once, whatever
 * the hashes are and whichever allocation fails. */
#include "base/hash_slots.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"

enum {
    FIRST = 16,
    MANY = 400000,  /* several splits of all segments */
    ALIKE = 150000, /* for one segment: it is split as often as may be, and doubled */
    FEW = 3000,     /* for hashes that are searched one after the other */
};

/* Memory that tells what was asked of it. */
struct counted {
    uint64_t calls;
    uint64_t bytes;
    uint64_t bytes_max; /* of one call */
    int64_t held;       /* blocks */
};

static void *allocate(void *context, size_t count, size_t size)
{
    struct counted *counted = context;
    void *block = memory_allocate(count, size);
    counted->calls++;
    counted->bytes += count * size;
    counted->bytes_max = count * size > counted->bytes_max ? count * size : counted->bytes_max;
    counted->held += block != NULL;
    return block;
}

static void release(void *context, void *block)
{
    struct counted *counted = context;
    counted->held--;
    memory_free(block);
}

/* Slots and the hashes of the numbers in them. */
struct table {
    struct hash_slots slots;
    uint64_t *hashes;
    uint32_t count;
    struct counted counted;
    struct hash_memory memory;
};

static void open_table(struct table *table)
{
    *table = (struct table){.hashes = memory_allocate(MANY, sizeof *table->hashes)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(table->hashes);
    table->memory = (struct hash_memory){allocate, release, &table->counted};
}

static void close_table(struct table *table)
{
    hash_slots_drop(&table->slots, &table->memory);
    CU_ASSERT_EQUAL(table->counted.held, 0);
    CU_ASSERT_PTR_NULL(table->slots.directory);
    memory_free(table->hashes);
}

/* How often a number is met on the way of a hash. */
static uint32_t times_met(const struct table *table, uint64_t hash, uint32_t number)
{
    uint32_t times = 0;
    struct hash_probe probe = hash_slots_probe(&table->slots, hash);
    for (uint64_t slot = hash_probe_slot(&probe); slot != 0; slot = hash_probe_next(&probe)) {
        times += hash_probe_fits(&probe, slot) && hash_slot_number(slot) == number;
    }
    return times;
}

/* Puts the next number at `hash`; false when there was no room to be had. */
static bool add(struct table *table, uint64_t hash)
{
    if (!hash_slots_reserve(&table->slots, FIRST, &table->memory)) {
        return false;
    }
    struct hash_probe probe = hash_slots_probe(&table->slots, hash);
    while (hash_probe_slot(&probe) != 0) {
        (void)hash_probe_next(&probe);
    }
    hash_slots_put(&table->slots, &probe, table->count);
    table->hashes[table->count++] = hash;
    return true;
}

static bool all_are_there(const struct table *table)
{
    for (uint32_t number = 0; number < table->count; number++) {
        if (times_met(table, table->hashes[number], number) != 1) {
            return false;
        }
    }
    return true;
}

static uint64_t any_hash(uint32_t number)
{
    return hash_mix(number);
}
static uint64_t one_hash(uint32_t number)
{
    (void)number;
    return UINT64_C(0x123456789abcdef0);
}
/* The same place in all segments. */
static uint64_t one_place(uint32_t number)
{
    return (uint64_t)number << HASH_SEGMENT_BITS | 77;
}
/* The same segment, however often it is split. */
static uint64_t one_segment(uint32_t number)
{
    return UINT64_C(0xdeadbeef) << 32 | UINT32_C(0x2a) << HASH_SEGMENT_BITS |
           (number * UINT32_C(0x9e3779b1) & (HASH_SEGMENT_SLOTS - 1));
}

static void every_number_is_found_by_its_hash(void)
{
    static const struct {
        uint64_t (*hash_of)(uint32_t number);
        uint32_t count;
    } rows[] = {{any_hash, MANY}, {one_hash, FEW}, {one_place, FEW}, {one_segment, ALIKE}};
    for (uint32_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct table table;
        open_table(&table);
        uint32_t checked = 0;
        for (uint32_t number = 0; number < rows[row].count; number++) {
            CU_ASSERT_TRUE_FATAL(add(&table, rows[row].hash_of(number)));
            if (number >= checked * 2) {
                CU_ASSERT_TRUE(all_are_there(&table));
                checked = number + 1;
            }
        }
        CU_ASSERT_TRUE(all_are_there(&table));
        CU_ASSERT_EQUAL(times_met(&table, any_hash(MANY), MANY), 0);
        close_table(&table);
    }
}

static void growing_moves_a_segment_at_a_time(void)
{
    struct table table;
    open_table(&table);
    for (uint32_t number = 0; number < MANY; number++) {
        uint64_t needs = hash_slots_needs(&table.slots, FIRST);
        uint64_t held = hash_slots_bytes(&table.slots);
        struct counted before = table.counted;
        CU_ASSERT_TRUE_FATAL(add(&table, any_hash(number)));
        uint64_t bytes = hash_slots_bytes(&table.slots);
        CU_ASSERT_TRUE_FATAL(bytes - held <= needs);
        CU_ASSERT_EQUAL_FATAL(table.counted.calls == before.calls, needs == 0);
        CU_ASSERT_TRUE_FATAL(table.counted.calls - before.calls <= 2);
    }
    CU_ASSERT_EQUAL(table.counted.bytes_max, HASH_SEGMENT_SLOTS * sizeof(uint64_t));
    CU_ASSERT_TRUE(table.slots.directory_mask > 1);
    close_table(&table);
}

/* Whichever allocation fails, what was there is there, and the next try goes on. */
static void a_failed_allocation_loses_nothing(void)
{
    static uint64_t (*const hashes_of[])(uint32_t number) = {any_hash, one_segment};
    for (uint32_t row = 0; row < sizeof hashes_of / sizeof *hashes_of; row++) {
        struct table table;
        open_table(&table);
        for (uint32_t number = 0; number < ALIKE; number++) {
            uint64_t needs = hash_slots_needs(&table.slots, FIRST);
            bool is_added = needs == 0 && add(&table, hashes_of[row](number));
            for (uint64_t after = 1; !is_added; after++) {
                memory_fault_set(after);
                is_added = add(&table, hashes_of[row](number));
                memory_fault_set(0);
                CU_ASSERT_TRUE(all_are_there(&table));
            }
        }
        CU_ASSERT_EQUAL(table.count, ALIKE);
        struct hash_probe probe = hash_slots_probe(&table.slots, one_segment(0));
        CU_ASSERT_EQUAL(probe.segment->mask >= HASH_SEGMENT_SLOTS, row == 1);
        CU_ASSERT_EQUAL(probe.segment->depth == HASH_DEPTH_MAX, row == 1);
        CU_ASSERT_TRUE(all_are_there(&table));
        close_table(&table);
    }
}

/* Runs of all lengths, each forgotten: of a number only its own run knows, and what the longest one
 * took is given back soon. */
static void forgotten_numbers_are_not_found(void)
{
    static const uint32_t lengths[] = {1, 3, 700, 2, ALIKE, 1, 5000, 40, 9, 9, 9, 9, 9, 9, 9};
    uint64_t (*const hashes_of[])(uint32_t number) = {any_hash, one_segment};
    for (uint32_t row = 0; row < sizeof hashes_of / sizeof *hashes_of; row++) {
        struct table table;
        open_table(&table);
        CU_ASSERT_TRUE_FATAL(add(&table, 0));
        uint32_t first = 0;
        for (uint32_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
            uint32_t length = lengths[i % (sizeof lengths / sizeof *lengths)];
            hash_slots_forget(&table.slots, table.count, FIRST, &table.memory);
            for (uint32_t number = 0; number < length; number++) {
                uint64_t hash = hashes_of[row](number);
                CU_ASSERT_EQUAL_FATAL(times_met(&table, hash, first + number), 0);
                CU_ASSERT_TRUE_FATAL(add(&table, hash));
            }
            uint32_t step = length / 100 + 1;
            for (uint32_t number = 0; number < length; number += step) {
                uint64_t hash = hashes_of[row](number);
                CU_ASSERT_EQUAL_FATAL(times_met(&table, hash, table.count - length + number), 1);
                CU_ASSERT_EQUAL_FATAL(times_met(&table, hash, first + number), 0);
            }
            first = table.count - length;
        }
        CU_ASSERT_TRUE(hash_slots_bytes(&table.slots) < 5000 * sizeof(uint64_t));
        close_table(&table);
    }
}

/* Memory that is given back as a whole only. */
static void memory_need_not_be_given_back(void)
{
    struct table table;
    open_table(&table);
    table.memory.release = NULL;
    CU_ASSERT_TRUE(add(&table, 1));
    struct hash_slots slots = table.slots;
    hash_slots_drop(&table.slots, &table.memory);
    CU_ASSERT_EQUAL(table.counted.held, 2);
    memory_free(slots.directory->slots);
    memory_free(slots.directory);
    memory_free(table.hashes);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_number_is_found_by_its_hash), CASE(growing_moves_a_segment_at_a_time),
        CASE(a_failed_allocation_loses_nothing), CASE(forgotten_numbers_are_not_found),
        CASE(memory_need_not_be_given_back),     CU_TEST_INFO_NULL,
    };
    return suite_run("hash_slots", NULL, NULL, cases);
}
