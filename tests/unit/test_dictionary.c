/* floor: graph */
#include "graph/dictionary.h"

#include "tests/support/suite.h"

enum { TEXTS = 7, ROOM_BYTES = 32 };

/* In byte order: a prefix before what it begins, bytes from 128 after ASCII, NUL as any byte. */
static const struct bytes ordered[TEXTS] = {
    {"", 0}, {"a", 1}, {"a\0", 2}, {"a\0b", 3}, {"ab", 2}, {"b", 1}, {"\xc3\xa9", 2},
};

static _Alignas(8) char room[TEXTS][ROOM_BYTES];
static const struct text *entries[TEXTS];
static struct dictionary dictionary = {TEXTS, entries};

static void fill(void)
{
    for (int index = 0; index < TEXTS; index++) {
        struct text *text = (struct text *)(void *)room[index];
        text_fill(text, ordered[index]);
        entries[index] = text;
    }
}

static void filled_text_reads_back(void)
{
    fill();
    for (int index = 0; index < TEXTS; index++) {
        CU_ASSERT_TRUE(bytes_equal(text_view(entries[index]), ordered[index]));
        CU_ASSERT_EQUAL(entries[index]->bytes[ordered[index].size], '\0');
        CU_ASSERT_EQUAL(entries[index]->hash, (uint32_t)bytes_hash(ordered[index]));
        CU_ASSERT_TRUE(text_bytes(entries[index]->length) >= 9 + ordered[index].size);
        CU_ASSERT_EQUAL(text_bytes(entries[index]->length) % 8, 0);
    }
}

static void order_of_codes_is_order_of_texts(void)
{
    fill();
    for (int left = 0; left < TEXTS; left++) {
        for (int right = 0; right < TEXTS; right++) {
            int order = text_compare(entries[left], entries[right]);
            CU_ASSERT_EQUAL((order > 0) - (order < 0), (left > right) - (left < right));
            CU_ASSERT_EQUAL(text_equal(entries[left], entries[right]), left == right);
        }
    }
}

static void every_text_is_found_and_no_other(void)
{
    fill();
    for (int index = 0; index < TEXTS; index++) {
        uint32_t code = TEXTS;
        CU_ASSERT_TRUE(dictionary_find(&dictionary, ordered[index], &code));
        CU_ASSERT_EQUAL(code, (uint32_t)index);
    }
    uint32_t code = 99;
    CU_ASSERT_FALSE(dictionary_find(&dictionary, bytes_of("aa"), &code));
    CU_ASSERT_FALSE(dictionary_find(&dictionary, bytes_of("\xff"), &code));
    CU_ASSERT_EQUAL(code, 99);
    struct dictionary empty = {0};
    CU_ASSERT_FALSE(dictionary_find(&empty, bytes_of("a"), &code));
}

static void lower_bound_is_the_first_not_less(void)
{
    static const struct {
        const char *text;
        uint32_t code;
    } rows[] = {{"", 0},    {"A", 1}, {"a", 1},    {"aa", 4},       {"ab", 4},
                {"abc", 5}, {"c", 6}, {"\xc3", 6}, {"\xc3\xa9", 6}, {"\xff", 7}};
    fill();
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        CU_ASSERT_EQUAL(dictionary_lower_bound(&dictionary, bytes_of(rows[index].text)),
                        rows[index].code);
    }
}

static void disorder_is_refused(void)
{
    char reason[256];
    fill();
    CU_ASSERT_TRUE(dictionary_validate(&dictionary, "Proto", reason));
    entries[2] = entries[1];
    CU_ASSERT_FALSE(dictionary_validate(&dictionary, "Proto", reason));
    CU_ASSERT_STRING_EQUAL(reason, "dictionary of Proto: not ascending at text 2");
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(filled_text_reads_back),
        CASE(order_of_codes_is_order_of_texts),
        CASE(every_text_is_found_and_no_other),
        CASE(lower_bound_is_the_first_not_less),
        CASE(disorder_is_refused),
        CU_TEST_INFO_NULL,
    };
    return suite_run("dictionary", NULL, NULL, cases);
}
