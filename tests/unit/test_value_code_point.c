/* floor: value */
/* Characters in UTF-8: every one of them, and what is none. */
#include "value/code_point.h"

#include "tests/support/suite.h"

static void every_character_reads_back(void)
{
    uint32_t wrong = 0;
    for (uint32_t code_point = 0; code_point <= CODE_POINT_MAX; code_point++) {
        char text[CODE_POINT_BYTES_MAX + 1] = {0};
        uint32_t bytes;
        uint32_t written = code_point_write(code_point, text);
        bool is_surrogate = code_point >= 0xd800 && code_point < 0xe000;
        uint32_t read = code_point_read(bytes_view(text, sizeof(text)), &bytes);
        wrong += is_surrogate ? read != CODE_POINT_STRAY + 0xed : read != code_point;
        wrong += bytes != (is_surrogate ? 1 : written);
        /* A text that ends within a character has no character there. */
        for (uint32_t size = 1; size < written; size++) {
            read = code_point_read(bytes_view(text, size), &bytes);
            wrong += read < CODE_POINT_STRAY || bytes != 1;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void stray_bytes_are_characters_of_their_own(void)
{
    static const char *const texts[] = {
        "\x80",         "\xff",  "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xe0\x80\xaf", "\xc3(", "\xf8\x88"};
    for (size_t row = 0; row < sizeof(texts) / sizeof(texts[0]); row++) {
        struct bytes text = bytes_of(texts[row]);
        CU_ASSERT_EQUAL(code_point_count(text), text.size);
        for (size_t at = 0; at < text.size; at++) {
            uint32_t bytes;
            char written[CODE_POINT_BYTES_MAX];
            uint32_t read = code_point_read(bytes_view(text.data + at, text.size - at), &bytes);
            CU_ASSERT_EQUAL(bytes, 1);
            CU_ASSERT_EQUAL(code_point_write(read, written), 1);
            CU_ASSERT_EQUAL(written[0], text.data[at]);
        }
    }
}

static void offsets_count_characters(void)
{
    struct bytes text = bytes_of("a\xc3\xa4\xe2\x82\xac\xf0\x9f\xa7\x90z");
    static const size_t offsets[] = {0, 1, 3, 6, 10, 11, 11, 11};
    CU_ASSERT_EQUAL(code_point_count(text), 5);
    for (uint64_t index = 0; index < 8; index++) {
        CU_ASSERT_EQUAL(code_point_offset(text, index), offsets[index]);
    }
    CU_ASSERT_EQUAL(code_point_offset(bytes_view(NULL, 0), 3), 0);
}

static void letters_have_two_cases(void)
{
    static const uint32_t pairs[][2] = {
        {'a', 'A'},       {'z', 'Z'},         {0xe4, 0xc4},       {0xff, 0x178},
        {0x101, 0x100},   {0x3b1, 0x391},     {0x436, 0x416},     {0x561, 0x531},
        {0x1e01, 0x1e00}, {0x10d0, 0x1c90},   {0x2d00, 0x10a0},   {0xa641, 0xa640},
        {0xff41, 0xff21}, {0x10428, 0x10400}, {0x1e922, 0x1e900},
    };
    for (size_t row = 0; row < sizeof(pairs) / sizeof(pairs[0]); row++) {
        CU_ASSERT_EQUAL(code_point_upper(pairs[row][0]), pairs[row][1]);
        CU_ASSERT_EQUAL(code_point_lower(pairs[row][1]), pairs[row][0]);
        CU_ASSERT_EQUAL(code_point_upper(pairs[row][1]), pairs[row][1]);
        CU_ASSERT_EQUAL(code_point_lower(pairs[row][0]), pairs[row][0]);
    }
    static const uint32_t neither[] = {'1',  '@',  '[',    '`',     '{',
                                       0xd7, 0xf7, 0x4e2d, 0x1f9d0, CODE_POINT_STRAY + 0xe4};
    for (size_t row = 0; row < sizeof(neither) / sizeof(neither[0]); row++) {
        CU_ASSERT_EQUAL(code_point_upper(neither[row]), neither[row]);
        CU_ASSERT_EQUAL(code_point_lower(neither[row]), neither[row]);
    }
}

static void changing_case_twice_changes_no_more(void)
{
    uint32_t wrong = 0;
    for (uint32_t code_point = 0; code_point <= CODE_POINT_MAX; code_point++) {
        uint32_t upper = code_point_upper(code_point);
        uint32_t lower = code_point_lower(code_point);
        wrong += code_point_upper(upper) != upper || code_point_lower(lower) != lower;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void blanks(void)
{
    static const uint32_t are[] = {' ', '\t', '\n', '\r', 0x85, 0xa0, 0x2003, 0x3000};
    static const uint32_t are_not[] = {0, 'a', 0x1f, 0x200b, 0xfeff, CODE_POINT_STRAY + 0x85};
    for (size_t row = 0; row < sizeof(are) / sizeof(are[0]); row++) {
        CU_ASSERT_TRUE(code_point_is_blank(are[row]));
    }
    for (size_t row = 0; row < sizeof(are_not) / sizeof(are_not[0]); row++) {
        CU_ASSERT_FALSE(code_point_is_blank(are_not[row]));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_character_reads_back),
        CASE(stray_bytes_are_characters_of_their_own),
        CASE(offsets_count_characters),
        CASE(letters_have_two_cases),
        CASE(changing_case_twice_changes_no_more),
        CASE(blanks),
        CU_TEST_INFO_NULL,
    };
    return suite_run("value_code_point", NULL, NULL, cases);
}
