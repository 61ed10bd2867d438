/* floor: engine */
/* Equal items of random sources, against a table of who came first. */
#include "engine/meet.h"

#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "tests/support/suite.h"

enum { SOURCES_MAX = 12 };

/* Sources of different values below `value_count`. */
struct sources {
    uint32_t count;
    uint32_t value_count;
    uint32_t hash_count; /* how many hashes there are; 0: as many as values */
    bool takes_odd_only;
    struct meet_source sources[SOURCES_MAX];
    uint64_t *hashes[SOURCES_MAX];
    uint32_t *values[SOURCES_MAX];
    struct meet_item *joined_to[SOURCES_MAX]; /* [index]; source UINT32_MAX: to none */
};

static uint32_t value_of(const struct sources *all, struct meet_item item)
{
    return all->values[item.source][item.index];
}

static bool takes_odd(const void *context, struct meet_item item)
{
    return value_of(context, item) % 2 == 1;
}

static bool is_same(const void *context, struct meet_item left, struct meet_item right)
{
    CU_ASSERT_NOT_EQUAL(left.source, right.source);
    return value_of(context, left) == value_of(context, right);
}

static void join(void *context, struct meet_item kept, struct meet_item item)
{
    const struct sources *all = context;
    struct meet_item *joined = &all->joined_to[item.source][item.index];
    CU_ASSERT_EQUAL(joined->source, UINT32_MAX);
    *joined = kept;
}

/* Each value is in a source with a chance of `share` in 8, the last source being empty at times. */
static void draw_sources(struct sources *all, uint64_t seed, uint32_t share)
{
    for (uint32_t s = 0; s < all->count; s++) {
        all->values[s] = memory_allocate(all->value_count + 1, sizeof(uint32_t));
        all->hashes[s] = memory_allocate(all->value_count + 1, sizeof(uint64_t));
        all->joined_to[s] = memory_allocate(all->value_count + 1, sizeof(struct meet_item));
        uint32_t count = 0;
        bool is_empty = s + 1 == all->count && seed % 2 == 1;
        for (uint32_t value = 0; value < all->value_count && !is_empty; value++) {
            if (hash_mix(seed * 64 + s + (uint64_t)value * SOURCES_MAX) % 8 >= share) {
                continue;
            }
            all->values[s][count] = value;
            all->hashes[s][count] =
                hash_mix(all->hash_count == 0 ? value : value % all->hash_count);
            all->joined_to[s][count++] = (struct meet_item){UINT32_MAX, 0};
        }
        all->sources[s] = (struct meet_source){.hashes = all->hashes[s], .count = count};
    }
}

static void check_joins(const struct sources *all)
{
    struct meet_item *first = memory_allocate(all->value_count + 1, sizeof *first);
    memset(first, 0xff, (all->value_count + 1) * sizeof *first);
    uint32_t wrong_count = 0;
    for (uint32_t s = 0; s < all->count; s++) {
        for (uint32_t i = 0; i < all->sources[s].count; i++) {
            uint32_t value = all->values[s][i];
            bool is_taken = !all->takes_odd_only || value % 2 == 1;
            struct meet_item wanted = is_taken ? first[value] : (struct meet_item){UINT32_MAX, 0};
            struct meet_item found = all->joined_to[s][i];
            wrong_count += found.source != wanted.source ||
                           (found.source != UINT32_MAX && found.index != wanted.index);
            if (first[value].source == UINT32_MAX) {
                first[value] = (struct meet_item){s, i};
            }
        }
    }
    CU_ASSERT_EQUAL(wrong_count, 0);
    memory_free(first);
}

static void close_sources(const struct sources *all)
{
    for (uint32_t s = 0; s < all->count; s++) {
        memory_free(all->values[s]);
        memory_free(all->hashes[s]);
        memory_free(all->joined_to[s]);
    }
}

static void later_equal_items_are_joined_to_the_first(void)
{
    static const struct sources rows[] = {
        {.count = 1, .value_count = 100},
        {.count = 2, .value_count = 0},
        {.count = 2, .value_count = 1},
        {.count = 3, .value_count = 700},
        {.count = 5, .value_count = 3000, .takes_odd_only = true},
        {.count = SOURCES_MAX, .value_count = 2000},
        {.count = SOURCES_MAX, .value_count = 700, .takes_odd_only = true},
        {.count = 3, .value_count = 900, .hash_count = 7},
        {.count = 3, .value_count = 400, .hash_count = 1},
        {.count = 4, .value_count = 60000},
    };
    struct topology *topology = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, "", NULL), STATUS_OK);
    for (uint32_t worker_count = 1; worker_count <= 3; worker_count++) {
        struct team *team = NULL;
        struct arena *arena = NULL;
        struct budget budget;
        budget_init(&budget, 0);
        CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, worker_count, NULL), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(arena_open(&arena, topology, 0, &budget, NULL), STATUS_OK);
        for (size_t row = 0; row < 2 * sizeof(rows) / sizeof(*rows); row++) {
            struct sources all = rows[row / 2];
            struct meet_calls calls = {
                .takes = all.takes_odd_only ? takes_odd : NULL, .is_same = is_same, .join = join};
            struct meet meet = {.calls = &calls,
                                .context = &all,
                                .arena = arena,
                                .source_count = all.count,
                                .sources = all.sources};
            draw_sources(&all, row, 1 + (uint32_t)row % 8);
            CU_ASSERT(meet_run(&meet, team));
            check_joins(&all);
            close_sources(&all);
        }
        arena_close(arena);
        team_close(team);
    }
    topology_close(topology);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(later_equal_items_are_joined_to_the_first),
        CU_TEST_INFO_NULL,
    };
    return suite_run("meet", NULL, NULL, cases);
}
