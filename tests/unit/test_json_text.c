/* floor: loader */
#include "loader/json_text.h"

#include <string.h>

#include "tests/support/suite.h"

static void four_hexadecimal_digits_are_a_code(void)
{
    static const struct {
        const char *text;
        bool is_good;
        uint32_t code;
    } rows[] = {
        {"0000", true, 0},  {"00e9", true, 0xe9}, {"aBcD", true, 0xabcd}, {"FFFF", true, 0xffff},
        {"00g0", false, 0}, {"", false, 0},       {"123", false, 0},      {"12 4", false, 0},
        {"+123", false, 0}, {"0x12", false, 0},   {"@AAA", false, 0},     {"/000", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t code;
        CU_ASSERT_EQUAL(json_hex_parse(rows[i].text, &code), rows[i].is_good);
        CU_ASSERT(!rows[i].is_good || code == rows[i].code);
    }
}

/* A decoder of UTF-8 that shares nothing with the writer. */
static uint32_t decode(const unsigned char *at, size_t *size)
{
    static const uint32_t first_masks[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    *size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t code = at[0] & first_masks[*size];
    for (size_t i = 1; i < *size; i++) {
        CU_ASSERT_EQUAL(at[i] & 0xc0, 0x80);
        code = code << 6 | (at[i] & 0x3f);
    }
    return code;
}

static void write_escape(char *text, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(text, "\\u", 2);
    for (uint32_t i = 0; i < 4; i++) {
        text[2 + i] = digits[unit >> (12 - 4 * i) & 0xf];
    }
}

static void every_character_comes_through(void)
{
    for (uint32_t code = 0; code < 0x110000; code += code < 0x3000 || code > 0x10fff0 ? 1 : 97) {
        char text[12];
        char out[12];
        size_t size;
        bool is_pair = code >= 0x10000;
        write_escape(text, is_pair ? 0xd800 + ((code - 0x10000) >> 10) : code);
        write_escape(text + 6, 0xdc00 + (code & 0x3ff));
        char *end = json_unescape(text, text + (is_pair ? 12 : 6), out);
        bool is_none = code == 0 || (code >= 0xd800 && code < 0xe000);
        CU_ASSERT_EQUAL(decode((unsigned char *)out, &size), is_none ? 0xfffd : code);
        CU_ASSERT_EQUAL((size_t)(end - out), size);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(four_hexadecimal_digits_are_a_code),
        CASE(every_character_comes_through),
        CU_TEST_INFO_NULL,
    };
    return suite_run("json_text", NULL, NULL, cases);
}
