/* floor: base */
#include "base/bytes.h"

#include "tests/support/suite.h"

static void equality_is_of_size_and_bytes(void)
{
    CU_ASSERT_TRUE(bytes_equal(bytes_of("tcp"), bytes_view("tcpx", 3)));
    CU_ASSERT_FALSE(bytes_equal(bytes_of("tcp"), bytes_of("tcpx")));
    CU_ASSERT_FALSE(bytes_equal(bytes_of("tcp"), bytes_of("udp")));
    CU_ASSERT_TRUE(bytes_equal(bytes_view(NULL, 0), bytes_of("")));
}

static void case_is_ignored_in_ascii_only(void)
{
    CU_ASSERT_TRUE(bytes_equal_ignoring_case(bytes_of("StartTime"), bytes_of("STARTtime")));
    CU_ASSERT_FALSE(bytes_equal_ignoring_case(bytes_of("a["), bytes_of("A{")));
    CU_ASSERT_FALSE(bytes_equal_ignoring_case(bytes_of("@"), bytes_of("`")));
    CU_ASSERT_FALSE(bytes_equal_ignoring_case(bytes_of("\xc4"), bytes_of("\xe4")));
    CU_ASSERT_FALSE(bytes_equal_ignoring_case(bytes_of("a"), bytes_of("ab")));
}

static void order_is_of_unsigned_bytes(void)
{
    static const char *const ascending[] = {"", "a", "ab", "abc", "b", "\x7f", "\x80", "\xff"};
    const size_t count = sizeof ascending / sizeof ascending[0];
    for (size_t left = 0; left < count; left++) {
        for (size_t right = 0; right < count; right++) {
            int order = bytes_compare(bytes_of(ascending[left]), bytes_of(ascending[right]));
            CU_ASSERT_EQUAL((order > 0) - (order < 0), (left > right) - (left < right));
        }
    }
}

static void trim_takes_blanks_and_tabs_from_both_ends(void)
{
    static const char *const rows[][2] = {
        {"  <?>", "<?>"}, {"   ->  ", "->"}, {"\t a b \t", "a b"}, {"   ", ""},
        {"", ""},         {"x", "x"},        {" \n ", "\n"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        CU_ASSERT_TRUE(bytes_equal(bytes_trim(bytes_of(rows[row][0])), bytes_of(rows[row][1])));
    }
}

static void hash_is_the_published_one(void)
{
    /* XXH3's value for no input and seed 0, as its specification gives it. */
    CU_ASSERT_EQUAL(bytes_hash(bytes_of("")), UINT64_C(0x2d06800538d394c2));
    CU_ASSERT_EQUAL(bytes_hash(bytes_of("tcp")), bytes_hash(bytes_view("tcp!", 3)));
    CU_ASSERT_NOT_EQUAL(bytes_hash(bytes_of("tcp")), bytes_hash(bytes_of("udp")));
}

static void mixer_is_the_published_one(void)
{
    /* The first outputs of SplitMix64 with seed 0. */
    CU_ASSERT_EQUAL(hash_mix(UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0xe220a8397b1dcdaf));
    CU_ASSERT_EQUAL(hash_mix(2 * UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0x6e789e6aa1b965f4));
}

static void edit_distance_counts_letters_and_neighbours_that_changed_places(void)
{
    static const struct {
        const char *left;
        const char *right;
        uint32_t limit;
        uint32_t distance;
    } rows[] = {
        {"", "", 3, 0},
        {"kitten", "sitting", 5, 3},
        {"kitten", "sitting", 2, 3},
        {"kitten", "sitting", 0, 1},
        {"StartTime", "StarTime", 3, 1},
        {"SrcAddr", "DstAddr", 3, 3},
        {"abc", "", 3, 3},
        {"", "abcd", 3, 4},
        {"flaw", "lawn", 4, 2},
        {"ab", "ba", 4, 1},
        {"coutn", "count", 4, 1},
        {"abcd", "badc", 4, 2},
        {"ca", "abc", 4, 3},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct bytes left = bytes_of(rows[row].left);
        struct bytes right = bytes_of(rows[row].right);
        CU_ASSERT_EQUAL(bytes_edit_distance(left, right, rows[row].limit), rows[row].distance);
        CU_ASSERT_EQUAL(bytes_edit_distance(right, left, rows[row].limit), rows[row].distance);
    }
}

static void long_names_are_close_only_when_they_share_their_ends(void)
{
    char left[300];
    char right[300];
    memset(left, 'a', sizeof left);
    memset(right, 'a', sizeof right);
    right[150] = 'b';
    struct bytes long_left = bytes_view(left, sizeof left);
    CU_ASSERT_EQUAL(bytes_edit_distance(long_left, bytes_view(right, sizeof right), 3), 1);
    memset(right, 'c', sizeof right);
    CU_ASSERT_EQUAL(bytes_edit_distance(long_left, bytes_view(right, sizeof right), 3), 4);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(equality_is_of_size_and_bytes),
        CASE(case_is_ignored_in_ascii_only),
        CASE(order_is_of_unsigned_bytes),
        CASE(trim_takes_blanks_and_tabs_from_both_ends),
        CASE(hash_is_the_published_one),
        CASE(mixer_is_the_published_one),
        CASE(edit_distance_counts_letters_and_neighbours_that_changed_places),
        CASE(long_names_are_close_only_when_they_share_their_ends),
        CU_TEST_INFO_NULL,
    };
    return suite_run("bytes", NULL, NULL, cases);
}
