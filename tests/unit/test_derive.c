/* floor: loader */
#include "loader/derive.h"

#include "tests/support/suite.h"

enum { ROWS = 4 };

struct room {
    int64_t values[ROWS];
    uint32_t nulls[ROWS];
    struct wide wide;
};

static struct wide *room_fill(struct room *room, const int64_t *values, uint32_t null_row)
{
    *room = (struct room){0};
    memcpy(room->values, values, sizeof room->values);
    room->nulls[0] = null_row;
    room->wide = (struct wide){.values = room->values, .nulls = room->nulls};
    room->wide.null_count = null_row < ROWS;
    return &room->wide;
}

static void sums_are_null_where_either_is(void)
{
    static const int64_t lefts[ROWS] = {1, 2, 3, 4};
    static const int64_t rights[ROWS] = {10, 20, 30, 40};
    struct room left;
    struct room right;
    struct room out = {.wide = {0}};
    out.wide = (struct wide){.values = out.values, .nulls = out.nulls};
    derive_column(&out.wide, DERIVE_SUM, room_fill(&left, lefts, 1), room_fill(&right, rights, 2),
                  ROWS);
    CU_ASSERT_EQUAL(out.wide.null_count, 2);
    CU_ASSERT_EQUAL(out.nulls[0], 1);
    CU_ASSERT_EQUAL(out.nulls[1], 2);
    CU_ASSERT_EQUAL(out.values[0], 11);
    CU_ASSERT_EQUAL(out.values[3], 44);
}

static void differences_are_seconds_of_as_few_digits_as_they_need(void)
{
    static const int64_t begins[ROWS] = {0, 1000000000, 5, 7};
    static const struct {
        int64_t ends[ROWS];
        uint32_t scale;
        int64_t first;
    } rows[] = {
        {{60000000000, 1000000000, 5, 7}, 0, 60},
        {{60250000000, 1000000000, 5, 7}, 3, 60250},
        {{60000001000, 1000000000, 5, 7}, 6, 60000001},
        {{60000000001, 1000000000, 5, 7}, 9, 60000000001},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct room left;
        struct room right;
        struct room out = {.wide = {0}};
        out.wide = (struct wide){.values = out.values, .nulls = out.nulls};
        derive_column(&out.wide, DERIVE_DIFFERENCE, room_fill(&left, rows[i].ends, ROWS),
                      room_fill(&right, begins, ROWS), ROWS);
        CU_ASSERT_EQUAL(out.wide.scale, rows[i].scale);
        CU_ASSERT_EQUAL(out.values[0], rows[i].first);
        CU_ASSERT_EQUAL(out.values[1], 0);
        CU_ASSERT_FALSE(out.wide.is_double);
    }
}

static void overflows_are_null_and_large_differences_are_doubles(void)
{
    static const int64_t large[ROWS] = {INT64_MAX, 1, 1, 1};
    static const int64_t other[ROWS] = {1, 1, 1, 1};
    static const int64_t zeros[ROWS] = {0};
    struct room left;
    struct room right;
    struct room out = {.wide = {0}};
    out.wide = (struct wide){.values = out.values, .nulls = out.nulls};
    derive_column(&out.wide, DERIVE_SUM, room_fill(&left, large, ROWS),
                  room_fill(&right, other, ROWS), ROWS);
    CU_ASSERT_EQUAL(out.wide.null_count, ROWS);
    out.wide = (struct wide){.values = out.values, .nulls = out.nulls};
    derive_column(&out.wide, DERIVE_DIFFERENCE, room_fill(&left, large, ROWS),
                  room_fill(&right, zeros, ROWS), ROWS);
    double seconds;
    memcpy(&seconds, out.values, sizeof seconds);
    CU_ASSERT_TRUE(out.wide.is_double);
    CU_ASSERT_DOUBLE_EQUAL(seconds, 9223372036.854776, 1e-6);
}

static void units_become_seconds(void)
{
    static const int64_t micros[ROWS] = {15000967, 0, 1, 2};
    struct room room;
    derive_seconds(room_fill(&room, micros, ROWS), 6, ROWS);
    CU_ASSERT_EQUAL(room.wide.scale, 6);
    CU_ASSERT_FALSE(room.wide.is_double);
    room_fill(&room, micros, ROWS);
    room.wide.scale = 15;
    derive_seconds(&room.wide, 9, ROWS);
    double seconds;
    memcpy(&seconds, room.values, sizeof seconds);
    CU_ASSERT_TRUE(room.wide.is_double);
    CU_ASSERT_DOUBLE_EQUAL(seconds * 1e17, 1.5000967, 1e-12);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(sums_are_null_where_either_is),
        CASE(differences_are_seconds_of_as_few_digits_as_they_need),
        CASE(overflows_are_null_and_large_differences_are_doubles),
        CASE(units_become_seconds),
        CU_TEST_INFO_NULL,
    };
    return suite_run("derive", NULL, NULL, cases);
}
