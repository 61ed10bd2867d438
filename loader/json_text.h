/* The escapes within JSON's strings, and the characters that they stand for, in UTF-8. */
#ifndef GYRE_LOADER_JSON_TEXT_H
#define GYRE_LOADER_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Four hexadecimal digits; reads none behind the first byte that is no such digit. */
bool json_hex_parse(const char *at, uint32_t *code);

/* Writes the characters of [at, end), a string that was read, and returns where they end: not more
 * bytes than they were written with. A NUL, and a surrogate without its partner, become U+FFFD. */
char *json_unescape(const char *at, const char *end, char *out);

#endif
