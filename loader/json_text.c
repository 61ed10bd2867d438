#include "loader/json_text.h"

#include <string.h>

static uint32_t read_character(const char **at, const char *end);
static char *write_character(uint32_t code, char *out);

bool json_hex_parse(const char *at, uint32_t *code)
{
    *code = 0;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t digit = (unsigned char)at[i];
        if (digit - '0' <= 9) {
            digit -= '0';
        } else if ((digit | 0x20) - 'a' <= 5) {
            digit = (digit | 0x20) - 'a' + 10;
        } else {
            return false;
        }
        *code = *code << 4 | digit;
    }
    return true;
}

char *json_unescape(const char *at, const char *end, char *out)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
        } else if (at[1] == 'u') {
            out = write_character(read_character(&at, end), out);
        } else {
            const char *letter = strchr(letters, at[1]);
            *out++ = letter == NULL ? at[1] : meanings[letter - letters];
            at += 2;
        }
    }
    return out;
}

static char *write_character(uint32_t code, char *out)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xe0 | code >> 12);
        } else {
            *out++ = (char)(0xf0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (code & 0x3f));
    return out;
}

/* Reads \uXXXX at *at, and a second one that makes a pair of surrogates with it. */
static uint32_t read_character(const char **at, const char *end)
{
    uint32_t high = 0;
    uint32_t low = 0;
    json_hex_parse(*at + 2, &high);
    *at += 6;
    if (high - 0xd800 >= 0x800) {
        return high == 0 ? 0xfffd : high;
    }
    bool is_pair = high < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
                   json_hex_parse(*at + 2, &low) && low - 0xdc00 < 0x400;
    if (!is_pair) {
        return 0xfffd;
    }
    *at += 6;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}
