/* Addresses to codes, as a worker of the loader makes them. Bound: one random read of a table of as
 * many slots of 8 bytes for each field; with few addresses those lie in cache. */
#include "perf/bench.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/memory.h"
#include "loader/coder.h"
#include "numa/team.h"

enum { FIELDS = 1 << 16, FIELD_ROOM = 64 };

struct rig {
    struct topology *topology;
    struct budget budget;
    struct arena *arena;
    char *room;           /* [FIELDS][FIELD_ROOM] */
    struct bytes *fields; /* [FIELDS] */
    uint32_t *slots;      /* [FIELDS]: what the bound reads */
    uint64_t *table;
};

static void open_rig(struct rig *rig, uint32_t addresses)
{
    *rig = (struct rig){0};
    budget_init(&rig->budget, 0);
    CHECK(topology_open(&rig->topology, NULL, NULL) == STATUS_OK);
    CHECK(arena_open(&rig->arena, rig->topology, NODE_INTERLEAVED, &rig->budget, NULL) ==
          STATUS_OK);
    rig->room = memory_allocate(FIELDS, FIELD_ROOM);
    rig->fields = memory_allocate(FIELDS, sizeof *rig->fields);
    rig->slots = memory_allocate(FIELDS, sizeof *rig->slots);
    rig->table = memory_allocate(addresses, sizeof *rig->table);
    CHECK(rig->room != NULL && rig->fields != NULL && rig->slots != NULL && rig->table != NULL);
    for (uint32_t i = 0; i < FIELDS; i++) {
        uint32_t which = (uint32_t)(hash_mix(i) % addresses);
        char *text = rig->room + (size_t)i * FIELD_ROOM + FIELD_PADDING;
        int length = snprintf(text, FIELD_ROOM - 2 * FIELD_PADDING, "%u.%u.%u.%u", 1 + which % 223,
                              which / 223 % 256, which / 57088 % 256, which % 251);
        rig->fields[i] = bytes_view(text, (size_t)length);
        rig->slots[i] = (uint32_t)(hash_mix((uint64_t)which << 32) % addresses);
    }
}

static void close_rig(struct rig *rig)
{
    memory_free(rig->room);
    memory_free(rig->fields);
    memory_free(rig->slots);
    memory_free(rig->table);
    arena_close(rig->arena);
    topology_close(rig->topology);
}

static void read_slots(void *context)
{
    const struct rig *rig = context;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < FIELDS; i++) {
        sum += rig->table[rig->slots[i]];
    }
    bench_keep(&sum);
}

/* All addresses are known after the first iteration. */
static void code_addresses(struct bench *bench, int64_t addresses)
{
    struct rig rig;
    open_rig(&rig, (uint32_t)addresses);
    struct address_table table = {0};
    struct text_table texts = {0};
    struct text_pool pool = {.arena = rig.arena};
    struct address_coder *coder = memory_allocate(1, sizeof *coder);
    CHECK(coder != NULL);
    address_coder_init(coder, &table, &texts, &pool);
    bench_set_bound(bench, read_slots, &rig);
    while (bench_next(bench)) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < FIELDS; i++) {
            sum += address_coder_code(coder, rig.fields[i], i);
        }
        bench_keep(&sum);
    }
    bench_set_items(bench, bench_iterations(bench) * FIELDS);
    memory_free(coder);
    close_rig(&rig);
}

void bench_main(void)
{
    bench_add("dictionary/addresses/100", code_addresses, 100);
    bench_add("dictionary/addresses/4096", code_addresses, 4096);
    bench_add("dictionary/addresses/65536", code_addresses, 65536);
}
