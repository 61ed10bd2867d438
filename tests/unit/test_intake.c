/* floor: loader */
#include "loader/intake.h"

#include "tests/support/loading.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct error error;

static struct arena *open_arena(uint64_t limit_bytes)
{
    struct arena *arena;
    budget_init(&rig.budget, limit_bytes);
    error_clear(&error);
    CU_ASSERT_EQUAL_FATAL(arena_open(&arena, rig.topology, NODE_INTERLEAVED, &rig.budget, &error),
                          STATUS_OK);
    return arena;
}

/* Takes all the room there is, piece by piece, until there is no more or `size_max` is reached. */
static enum status fill(struct intake *intake, uint64_t size_max)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && intake->size < size_max) {
        status = intake_reserve(intake, "reading", "flows", &error);
        if (status == STATUS_OK) {
            CU_ASSERT_TRUE(intake->capacity - intake->size >= INTAKE_ROOM_BYTES);
            memset(intake->data + intake->size, (int)(intake->size >> 20), INTAKE_ROOM_BYTES);
            intake->size += INTAKE_ROOM_BYTES;
        }
    }
    return status;
}

static void what_was_taken_in_stays_while_it_grows_and_when_it_fits(void)
{
    struct arena *arena = open_arena(0);
    struct intake intake;
    intake_init(&intake, arena);
    CU_ASSERT_EQUAL(fill(&intake, 40 << 20), STATUS_OK);
    intake_fit(&intake);
    CU_ASSERT_EQUAL(intake.capacity, intake.size);
    CU_ASSERT_TRUE(arena_bytes(arena) < (UINT64_C(40) << 20) + 100000);
    for (uint64_t at = 0; at < intake.size; at += 4097) {
        CU_ASSERT_EQUAL(intake.data[at], (char)(at >> 20));
    }
    intake_close(&intake);
    CU_ASSERT_TRUE(arena_bytes(arena) < 100000);
    intake_close(&intake);
    arena_close(arena);
    CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
}

static void all_of_the_budget_can_be_used(void)
{
    for (uint64_t limit = 2; limit < 40; limit += 3) {
        struct arena *arena = open_arena(limit << 20);
        struct intake intake;
        intake_init(&intake, arena);
        CU_ASSERT_EQUAL(fill(&intake, UINT64_MAX), STATUS_LIMIT);
        CU_ASSERT_TRUE(intake.size + 2 * INTAKE_ROOM_BYTES >= limit << 20);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "was reached while reading flows"));
        intake_close(&intake);
        arena_close(arena);
        CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
    }
}

static void file_is_read_to_its_end(void)
{
    static const uint64_t sizes[] = {0, 1, INTAKE_ROOM_BYTES, 5000000};
    static char data[5000000];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (char)hash_mix(i);
    }
    struct arena *arena = open_arena(0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct file_input input;
        struct intake intake;
        intake_init(&intake, arena);
        CU_ASSERT_EQUAL(file_input_fill(&input, bytes_view(data, sizes[i]), "flows", &error),
                        STATUS_OK);
        CU_ASSERT_EQUAL(intake_read(&intake, &input, &rig.stop, &error), STATUS_OK);
        CU_ASSERT_TRUE(bytes_equal(intake_bytes(&intake), bytes_view(data, sizes[i])));
        file_input_close(&input);
        intake_close(&intake);
    }
    arena_close(arena);
}

int main(void)
{
    rig_open(&rig, 1);
    CU_TestInfo cases[] = {
        CASE(what_was_taken_in_stays_while_it_grows_and_when_it_fits),
        CASE(all_of_the_budget_can_be_used),
        CASE(file_is_read_to_its_end),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("intake", NULL, NULL, cases);
    rig_close(&rig);
    return failed;
}
