/* floor: numa */
/* The deque, by one thread as a queue with two ends, and under thieves. */
#include "numa/deque.h"

#include <sched.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "numa/team.h"
#include "tests/support/suite.h"

static struct deque_item item_of(uint64_t value, uint32_t word_count)
{
    struct deque_item item = {{0}};
    for (uint32_t word = 0; word < word_count; word++) {
        item.words[word] = hash_mix(value + word);
    }
    item.words[0] = value;
    return item;
}

static bool is_item(const struct deque_item *item, uint64_t value, uint32_t word_count)
{
    struct deque_item wanted = item_of(value, word_count);
    return memcmp(item, &wanted, word_count * sizeof(uint64_t)) == 0;
}

static struct deque deque;

static void owner_takes_the_newest_and_thieves_the_oldest(void)
{
    struct deque_item item;
    deque_init(&deque);
    for (uint64_t value = 0; value < 4; value++) {
        item = item_of(value, DEQUE_ITEM_WORDS);
        CU_ASSERT(deque_push(&deque, &item, DEQUE_ITEM_WORDS));
    }
    CU_ASSERT(deque_pop(&deque, &item, DEQUE_ITEM_WORDS));
    CU_ASSERT(is_item(&item, 3, DEQUE_ITEM_WORDS));
    CU_ASSERT(deque_steal(&deque, &item, DEQUE_ITEM_WORDS));
    CU_ASSERT(is_item(&item, 0, DEQUE_ITEM_WORDS));
    CU_ASSERT(deque_steal(&deque, &item, DEQUE_ITEM_WORDS));
    CU_ASSERT(is_item(&item, 1, DEQUE_ITEM_WORDS));
    CU_ASSERT_FALSE(deque_is_empty(&deque));
    CU_ASSERT(deque_pop(&deque, &item, DEQUE_ITEM_WORDS));
    CU_ASSERT(is_item(&item, 2, DEQUE_ITEM_WORDS));
    CU_ASSERT(deque_is_empty(&deque));
}

static void an_empty_deque_gives_nothing(void)
{
    struct deque_item item;
    deque_init(&deque);
    for (int round = 0; round < 3; round++) {
        CU_ASSERT(deque_is_empty(&deque));
        CU_ASSERT_FALSE(deque_pop(&deque, &item, 1));
        CU_ASSERT_FALSE(deque_steal(&deque, &item, 1));
        item = item_of(5, 1);
        CU_ASSERT(deque_push(&deque, &item, 1));
        CU_ASSERT(round == 1 ? deque_steal(&deque, &item, 1) : deque_pop(&deque, &item, 1));
        CU_ASSERT(is_item(&item, 5, 1));
    }
}

static void a_full_deque_refuses_and_the_ring_goes_round(void)
{
    struct deque_item item;
    deque_init(&deque);
    uint64_t pushed = 0;
    uint64_t stolen = 0;
    for (int round = 0; round < 5; round++) {
        do {
            item = item_of(pushed, 2);
        } while (deque_push(&deque, &item, 2) && ++pushed);
        CU_ASSERT_EQUAL(pushed - stolen, DEQUE_ITEMS);
        for (int count = 0; count < DEQUE_ITEMS / 3; count++, stolen++) {
            CU_ASSERT(deque_steal(&deque, &item, 2));
            CU_ASSERT(is_item(&item, stolen, 2));
        }
    }
    while (deque_pop(&deque, &item, 2)) {
        CU_ASSERT(is_item(&item, --pushed, 2));
    }
    CU_ASSERT_EQUAL(pushed, stolen);
}

static void only_the_words_asked_for_are_copied(void)
{
    struct deque_item item;
    deque_init(&deque);
    for (uint32_t word_count = 0; word_count <= DEQUE_ITEM_WORDS; word_count++) {
        item = item_of(7, DEQUE_ITEM_WORDS);
        CU_ASSERT(deque_push(&deque, &item, word_count));
        memset(&item, 0xff, sizeof(item));
        CU_ASSERT(deque_pop(&deque, &item, word_count));
        CU_ASSERT(word_count == 0 || is_item(&item, 7, word_count));
        CU_ASSERT(word_count == DEQUE_ITEM_WORDS || item.words[word_count] == UINT64_MAX);
    }
}

struct stress {
    struct deque deque;
    uint64_t item_count;
    uint32_t word_count;
    _Atomic uint64_t taken_count;
    _Atomic uint64_t damaged_count;
    _Atomic uint64_t stolen_count;
    _Atomic uint8_t *taken; /* how often, per item */
    uint64_t *notes;        /* the owner's, per item, not atomic: taking an item shows its note */
};

static void note(struct stress *stress, const struct deque_item *item)
{
    uint64_t value = item->words[0];
    if (value >= stress->item_count || !is_item(item, value, stress->word_count) ||
        stress->notes[value] != ~value) {
        atomic_fetch_add(&stress->damaged_count, 1);
    } else {
        atomic_fetch_add_explicit(&stress->taken[value], 1, memory_order_relaxed);
    }
    atomic_fetch_add(&stress->taken_count, 1);
}

/* Pushes a burst, pops a burst; where the deque is full it takes the item for itself. */
static void own(struct stress *stress)
{
    uint64_t random = 1;
    struct deque_item item;
    for (uint64_t value = 0; value < stress->item_count; value++) {
        random = hash_mix(random + 0x9e3779b97f4a7c15u);
        item = item_of(value, stress->word_count);
        stress->notes[value] = ~value;
        if (!deque_push(&stress->deque, &item, stress->word_count)) {
            note(stress, &item);
        }
        for (uint64_t pops = random % 4; pops > 1; pops--) {
            if (deque_pop(&stress->deque, &item, stress->word_count)) {
                note(stress, &item);
            }
        }
        if (random >> 58 == 0) {
            sched_yield();
        }
    }
    while (deque_pop(&stress->deque, &item, stress->word_count)) {
        note(stress, &item);
    }
}

static void thieve(struct stress *stress)
{
    struct deque_item item;
    while (atomic_load_explicit(&stress->taken_count, memory_order_relaxed) < stress->item_count) {
        if (deque_steal(&stress->deque, &item, stress->word_count)) {
            note(stress, &item);
            atomic_fetch_add_explicit(&stress->stolen_count, 1, memory_order_relaxed);
        } else if (deque_is_empty(&stress->deque)) {
            sched_yield();
        }
    }
}

static void own_or_thieve(const struct worker *worker, void *context)
{
    if (worker->index == 0) {
        own(context);
    } else {
        thieve(context);
    }
}

static void stress_deque(struct team *team, struct stress *stress)
{
    void *taken = memory_allocate(stress->item_count, sizeof(*stress->taken));
    void *notes = memory_allocate(stress->item_count, sizeof(*stress->notes));
    CU_ASSERT_FATAL(taken != NULL && notes != NULL);
    stress->taken = taken;
    stress->notes = notes;
    deque_init(&stress->deque);
    team_run(team, own_or_thieve, stress);
    CU_ASSERT_EQUAL(atomic_load(&stress->damaged_count), 0);
    CU_ASSERT_EQUAL(atomic_load(&stress->taken_count), stress->item_count);
    bool is_each_once = true;
    for (uint64_t value = 0; value < stress->item_count; value++) {
        is_each_once = is_each_once && stress->taken[value] == 1;
    }
    CU_ASSERT(is_each_once);
    memory_free(taken);
    memory_free(notes);
}

static void every_item_is_taken_once_and_whole(void)
{
    static const struct {
        uint64_t item_count;
        uint32_t word_count;
    } rows[] = {{200000, 1}, {100000, 5}, {20000, DEQUE_ITEM_WORDS}};
    struct topology *topology = NULL;
    struct team *team = NULL;
    CU_ASSERT_EQUAL_FATAL(topology_open(&topology, "", NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(team_open(&team, topology, 4, NULL), STATUS_OK);
    uint64_t stolen_count = 0;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        static struct stress stress;
        stress =
            (struct stress){.item_count = rows[row].item_count, .word_count = rows[row].word_count};
        stress_deque(team, &stress);
        stolen_count += atomic_load(&stress.stolen_count);
    }
    CU_ASSERT(stolen_count > 0);
    team_close(team);
    topology_close(topology);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(owner_takes_the_newest_and_thieves_the_oldest),
        CASE(an_empty_deque_gives_nothing),
        CASE(a_full_deque_refuses_and_the_ring_goes_round),
        CASE(only_the_words_asked_for_are_copied),
        CASE(every_item_is_taken_once_and_whole),
        CU_TEST_INFO_NULL,
    };
    return suite_run("deque", NULL, NULL, cases);
}
