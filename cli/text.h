/* Text for people and for JSON, as far as the program needs it. */
#ifndef GYRE_CLI_TEXT_H
#define GYRE_CLI_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_BYTES = 40 };

/* What a formatter fills and gives back, for use within one printf. */
struct text_room {
    char data[TEXT_BYTES];
};

/* 1234567 as `1,234,567`. */
const char *text_grouped(struct text_room *room, uint64_t number);

/* `23.4 MiB`. */
const char *text_size(struct text_room *room, uint64_t bytes);

/* `0.6 ms`, `0.141 s`, `12.3 s`. */
const char *text_seconds(struct text_room *room, double seconds);

/* `s` where a count asks for it. */
const char *text_plural(uint64_t count);

/* The number of single-character edits between two words (both up to 63 bytes; longer ones count as
 * far apart). */
uint32_t text_distance(const char *left, const char *right);

/* A JSON string, with its quotes; bytes that are no ASCII are taken for UTF-8. */
void text_put_json(FILE *file, const char *text);

#endif
