/* floor: numa */
/* Pages that are kept: for whom, how many, and that arenas on them are as good as on fresh ones. */
#include "numa/kept_pages.h"

#include <string.h>

#include "base/check.h"
#include "numa/arena.h"
#include "numa/poison.h"
#include "numa/team.h"
#include "tests/support/suite.h"

static const size_t mebibyte = 1 << 20;
static const struct kept_kind huge = {.node = 0, .is_huge = true};
static const struct kept_kind small = {.node = 0, .is_huge = false};

static struct topology *topology;

/* A budget of a limit, and what is kept with it. */
static void open_kept(struct kept_pages *kept, struct budget *budget, uint64_t limit_bytes)
{
    kept_pages_init(kept, 64 * mebibyte);
    budget_init(budget, limit_bytes);
    budget->kept = kept;
}

static void close_kept(struct kept_pages *kept, struct budget *budget)
{
    CU_ASSERT_EQUAL(budget_used(budget), 0);
    CU_ASSERT_TRUE(kept->bytes <= budget_peak(budget));
    kept_pages_close(kept);
    CU_ASSERT_EQUAL(kept->bytes, 0);
}

static struct arena *open_brief(struct budget *budget, uint32_t node, struct topology *on)
{
    struct arena *arena = NULL;
    CU_ASSERT_EQUAL_FATAL(arena_open_brief(&arena, on, node, budget, NULL), STATUS_OK);
    return arena;
}

static char *map_chunks(size_t count)
{
    char *start = pages_map_large(count * KEPT_CHUNK_BYTES, HUGE_PAGES_AUTO);
    CU_ASSERT_PTR_NOT_NULL_FATAL(start);
    return start;
}

static bool is_filled(const uint8_t *bytes, size_t size, uint8_t with)
{
    return size == 0 || (bytes[0] == with && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static void whole_chunks_are_kept_up_to_the_bound(void)
{
    struct kept_pages kept;
    kept_pages_init(&kept, 3 * KEPT_CHUNK_BYTES);
    char *starts[KEPT_CHUNKS_MAX];
    char *start = map_chunks(5);
    kept_pages_put(&kept, huge, start, KEPT_CHUNK_BYTES + 4096, KEPT_CHUNK_BYTES + 4096);
    CU_ASSERT_EQUAL(kept.bytes, KEPT_CHUNK_BYTES);
    start += 2 * (size_t)KEPT_CHUNK_BYTES;
    kept_pages_put(&kept, huge, start, 3 * (size_t)KEPT_CHUNK_BYTES, 3 * (size_t)KEPT_CHUNK_BYTES);
    CU_ASSERT_EQUAL(kept.bytes, 3 * KEPT_CHUNK_BYTES);
    CU_ASSERT_EQUAL(kept_pages_take(&kept, huge, KEPT_CHUNKS_MAX, starts), 3);
    CU_ASSERT_EQUAL(kept_pages_take(&kept, huge, KEPT_CHUNKS_MAX, starts + 3), 0);
    CU_ASSERT_EQUAL(kept.bytes, 0);
    for (size_t index = 0; index < 3; index++) {
        starts[index][0] = 1;
        pages_unmap(starts[index], KEPT_CHUNK_BYTES);
    }
    pages_unmap(start - 2 * (size_t)KEPT_CHUNK_BYTES + KEPT_CHUNK_BYTES + 4096,
                KEPT_CHUNK_BYTES - 4096);
    kept_pages_close(&kept);
}

static void pages_of_one_kind_do_not_stand_for_another(void)
{
    struct kept_pages kept;
    kept_pages_init(&kept, 64 * mebibyte);
    static const struct kept_kind kinds[] = {
        {0, false}, {0, true}, {3, true}, {NODE_INTERLEAVED, true}};
    enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
    char *start = map_chunks(KINDS);
    for (size_t kind = 0; kind < KINDS; kind++) {
        kept_pages_put(&kept, kinds[kind], start + kind * KEPT_CHUNK_BYTES, KEPT_CHUNK_BYTES,
                       KEPT_CHUNK_BYTES);
    }
    for (size_t kind = KINDS; kind-- > 0;) {
        size_t touched_bytes = 0;
        char *taken = kept_pages_take_one(&kept, kinds[kind], NULL, &touched_bytes);
        CU_ASSERT_PTR_EQUAL(taken, start + kind * KEPT_CHUNK_BYTES);
        CU_ASSERT_EQUAL(touched_bytes, KEPT_CHUNK_BYTES);
        CU_ASSERT_PTR_NULL(kept_pages_take_one(&kept, kinds[kind], NULL, &touched_bytes));
        pages_unmap(taken, KEPT_CHUNK_BYTES);
    }
    kept_pages_close(&kept);
}

static void of_small_pages_those_count_that_were_touched(void)
{
    struct kept_pages kept;
    kept_pages_init(&kept, 64 * mebibyte);
    char *start = pages_map_small(3 * (size_t)KEPT_CHUNK_BYTES, 1);
    size_t touched_bytes = 0;
    kept_pages_put(&kept, small, start, 3 * (size_t)KEPT_CHUNK_BYTES, KEPT_CHUNK_BYTES + 4096);
    CU_ASSERT_EQUAL(kept.bytes, KEPT_CHUNK_BYTES + 4096);
    CU_ASSERT_PTR_EQUAL(kept_pages_take_one(&kept, small, start + KEPT_CHUNK_BYTES, &touched_bytes),
                        start + KEPT_CHUNK_BYTES);
    CU_ASSERT_EQUAL(touched_bytes, 4096);
    CU_ASSERT_EQUAL(kept.bytes, KEPT_CHUNK_BYTES);
    pages_unmap(start + KEPT_CHUNK_BYTES, KEPT_CHUNK_BYTES);
    kept_pages_close(&kept);
}

static void one_chunk_is_taken_where_it_is_wanted_or_where_others_follow(void)
{
    struct kept_pages kept;
    kept_pages_init(&kept, 64 * mebibyte);
    char *start = map_chunks(6);
    size_t unused = 0;
    static const size_t places[] = {4, 0, 3, 2};
    for (size_t index = 0; index < 4; index++) {
        kept_pages_put(&kept, huge, start + places[index] * KEPT_CHUNK_BYTES, KEPT_CHUNK_BYTES,
                       KEPT_CHUNK_BYTES);
    }
    CU_ASSERT_PTR_EQUAL(kept_pages_take_one(&kept, huge, NULL, &unused),
                        start + 2 * (size_t)KEPT_CHUNK_BYTES);
    CU_ASSERT_PTR_EQUAL(kept_pages_take_one(&kept, huge, start, &unused), start);
    CU_ASSERT_PTR_EQUAL(kept_pages_take_one(&kept, huge, start, &unused),
                        start + 3 * (size_t)KEPT_CHUNK_BYTES);
    pages_unmap(start, 4 * (size_t)KEPT_CHUNK_BYTES);
    pages_unmap(start + 5 * (size_t)KEPT_CHUNK_BYTES, KEPT_CHUNK_BYTES);
    kept_pages_close(&kept);
}

/* Takes what a query might, of blocks of all sizes, some of which grow, and says whether what it
 * wrote stays and what it takes as zero is. */
static bool work(struct budget *budget, uint32_t node, uint8_t seed)
{
    struct arena *arena = open_brief(budget, node, topology);
    bool is_right = true;
    uint8_t *grown = NULL;
    size_t grown_bytes = 0;
    for (size_t round = 0; round < 12; round++) {
        size_t bytes = (round + 1) * 700000;
        grown = arena_resize(arena, grown, bytes, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(grown);
        is_right = is_right && is_filled(grown, grown_bytes, seed);
        memset(grown, seed, bytes);
        grown_bytes = bytes;
        for (size_t size = 1000; size < 6 * mebibyte; size *= 5) {
            uint8_t *zeroed = arena_allocate_zeroed(arena, size, 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(zeroed);
            is_right = is_right && is_filled(zeroed, size, 0);
            memset(zeroed, seed + 1, size);
            if (round % 2 == 0) {
                arena_return(arena, zeroed);
            }
        }
    }
    is_right = is_right && is_filled(grown, grown_bytes, seed);
    arena_close(arena);
    return is_right;
}

static void an_arena_on_pages_of_another_is_as_good_as_on_fresh_ones(void)
{
    struct kept_pages kept;
    struct budget budget;
    open_kept(&kept, &budget, 0);
    for (uint8_t seed = 1; seed < 20; seed++) {
        CU_ASSERT_TRUE(work(&budget, 0, seed));
        CU_ASSERT_TRUE(kept.bytes >= 20 * mebibyte);
    }
    close_kept(&kept, &budget);
}

static void workers_give_and_take_at_once(const struct worker *worker, void *context)
{
    struct budget *budget = context;
    for (uint8_t round = 0; round < 4; round++) {
        CHECK(work(budget, 0, (uint8_t)(worker->index * 40 + round + 1)));
    }
}

static void workers_may_give_and_take_at_once(void)
{
    struct kept_pages kept;
    struct budget budget;
    struct team *team = NULL;
    open_kept(&kept, &budget, 0);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 4, NULL), STATUS_OK);
    team_run(team, workers_give_and_take_at_once, &budget);
    team_close(team);
    close_kept(&kept, &budget);
}

/* Grows over pages of many mappings, which the system does not move at once. */
static void a_block_put_together_grows_and_shrinks(void)
{
    struct kept_pages kept;
    struct budget budget;
    open_kept(&kept, &budget, 0);
    struct arena *arena = open_brief(&budget, 0, topology);
    void *blocks[12];
    for (size_t index = 0; index < 12; index++) {
        blocks[index] = arena_allocate(arena, 2, mebibyte);
        memset(blocks[index], 1, 2 * mebibyte);
    }
    for (size_t index = 0; index < 12; index += 2) {
        arena_return(arena, blocks[index]);
    }
    CU_ASSERT_EQUAL(kept.bytes, 12 * mebibyte);
    uint8_t *block = arena_allocate(arena, 4, mebibyte);
    memset(block, 2, 4 * mebibyte);
    uint8_t *behind = arena_allocate(arena, 4, mebibyte);
    memset(behind, 3, 4 * mebibyte);
    CU_ASSERT_EQUAL(kept.bytes, 4 * mebibyte);
    block = arena_resize(arena, block, 10, mebibyte);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    CU_ASSERT_EQUAL(kept.bytes, 0);
    CU_ASSERT_TRUE(is_filled(block, 4 * mebibyte, 2));
    memset(block, 2, 10 * mebibyte);
    block = arena_resize(arena, block, 41 * mebibyte / 2, 1);
    CU_ASSERT_TRUE(is_filled(block, 10 * mebibyte, 2));
    CU_ASSERT_PTR_EQUAL(arena_resize(arena, block, 3, mebibyte), block);
    CU_ASSERT_TRUE(is_filled(block, 3 * mebibyte, 2));
    CU_ASSERT_TRUE(is_filled(behind, 4 * mebibyte, 3));
    arena_close(arena);
    close_kept(&kept, &budget);
}

static void what_is_kept_lies_below_the_peak(void)
{
    struct kept_pages kept;
    struct budget budget;
    open_kept(&kept, &budget, 0);
    struct arena *arena = open_brief(&budget, 0, topology);
    arena_return(arena, arena_allocate(arena, 20, mebibyte));
    CU_ASSERT_EQUAL(kept.bytes, 20 * mebibyte);
    CU_ASSERT_TRUE(budget_take(&budget, 15 * mebibyte));
    CU_ASSERT_TRUE(kept.bytes <= 5 * mebibyte);
    CU_ASSERT_EQUAL(budget_peak(&budget), 20 * mebibyte);
    budget_give(&budget, 15 * mebibyte);
    arena_close(arena);
    close_kept(&kept, &budget);
}

static void what_is_kept_does_not_shorten_the_limit(void)
{
    struct kept_pages kept;
    struct budget budget;
    open_kept(&kept, &budget, 16 * mebibyte);
    for (int round = 0; round < 3; round++) {
        struct arena *arena = open_brief(&budget, 0, topology);
        arena_return(arena, arena_allocate(arena, 10, mebibyte));
        void *block = arena_allocate(arena, 16, mebibyte);
        CU_ASSERT_PTR_NOT_NULL(block);
        CU_ASSERT_PTR_NULL(arena_allocate(arena, 2, mebibyte));
        CU_ASSERT_EQUAL(arena_error(arena, "filling", NULL), STATUS_LIMIT);
        arena_close(arena);
    }
    close_kept(&kept, &budget);
}

static void what_one_node_gave_back_no_other_gets(void)
{
    struct topology *four = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&four, "synthetic:numa:4 core:1 pu:1", NULL), STATUS_OK);
    struct kept_pages kept;
    struct budget budget;
    open_kept(&kept, &budget, 0);
    CU_ASSERT_TRUE(budget_take(&budget, 64 * mebibyte)); /* a high peak */
    budget_give(&budget, 64 * mebibyte);
    static const uint32_t nodes[] = {2, NODE_INTERLEAVED, 0, 2};
    static const uint64_t left[] = {0, 4, 8, 8};
    for (size_t index = 0; index < 4; index++) {
        struct arena *arena = open_brief(&budget, nodes[index], four);
        CU_ASSERT_PTR_NOT_NULL(arena_allocate(arena, 4, mebibyte));
        CU_ASSERT_EQUAL(kept.bytes, left[index] * mebibyte);
        arena_close(arena);
    }
    close_kept(&kept, &budget);
    topology_close(four);
}

static void kept_pages_are_out_of_bounds(void)
{
#ifdef ADDRESS_SANITIZER
    struct kept_pages kept;
    struct budget budget;
    open_kept(&kept, &budget, 0);
    struct arena *arena = open_brief(&budget, 0, topology);
    char *block = arena_allocate(arena, 4, mebibyte);
    block[5] = 1;
    arena_close(arena);
    CU_ASSERT_TRUE(__asan_address_is_poisoned(block + 5));
    close_kept(&kept, &budget);
#endif
}

int main(void)
{
    if (topology_open(&topology, "", NULL) != STATUS_OK) {
        return 1;
    }
    CU_TestInfo cases[] = {
        CASE(whole_chunks_are_kept_up_to_the_bound),
        CASE(pages_of_one_kind_do_not_stand_for_another),
        CASE(of_small_pages_those_count_that_were_touched),
        CASE(one_chunk_is_taken_where_it_is_wanted_or_where_others_follow),
        CASE(an_arena_on_pages_of_another_is_as_good_as_on_fresh_ones),
        CASE(workers_may_give_and_take_at_once),
        CASE(a_block_put_together_grows_and_shrinks),
        CASE(what_is_kept_lies_below_the_peak),
        CASE(what_is_kept_does_not_shorten_the_limit),
        CASE(what_one_node_gave_back_no_other_gets),
        CASE(kept_pages_are_out_of_bounds),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("kept_pages", NULL, NULL, cases);
    topology_close(topology);
    return failed;
}
