/* Text for people and for JSON; see text.h. */
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

enum { WORD_BYTES_MAX = 63 };

const char *text_grouped(struct text_room *room, uint64_t number)
{
    char digits[TEXT_BYTES];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    char *to = room->data;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return room->data;
}

const char *text_size(struct text_room *room, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    uint32_t unit = 0;
    while (value >= 1024 && unit < 6) {
        value /= 1024;
        unit++;
    }
    int decimals = unit > 0 && value < 100 ? 1 : 0;
    snprintf(room->data, sizeof(room->data), "%.*f %s", decimals, value, units[unit]);
    return room->data;
}

const char *text_seconds(struct text_room *room, double seconds)
{
    if (seconds < 0.1) {
        snprintf(room->data, sizeof(room->data), "%.1f ms", seconds * 1e3);
    } else if (seconds < 10) {
        snprintf(room->data, sizeof(room->data), "%.3f s", seconds);
    } else {
        snprintf(room->data, sizeof(room->data), "%.1f s", seconds);
    }
    return room->data;
}

const char *text_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* One row of Wagner and Fischer's table at a time. */
uint32_t text_distance(const char *left, const char *right)
{
    size_t left_size = strlen(left);
    size_t right_size = strlen(right);
    if (left_size > WORD_BYTES_MAX || right_size > WORD_BYTES_MAX) {
        return WORD_BYTES_MAX;
    }
    uint32_t row[WORD_BYTES_MAX + 1];
    for (uint32_t j = 0; j <= right_size; j++) {
        row[j] = j;
    }
    for (uint32_t i = 0; i < left_size; i++) {
        uint32_t diagonal = row[0];
        row[0] = i + 1;
        for (uint32_t j = 0; j < right_size; j++) {
            uint32_t changed = diagonal + (left[i] != right[j]);
            uint32_t shifted = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = changed < shifted ? changed : shifted;
        }
    }
    return row[right_size];
}

void text_put_json(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            fprintf(file, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            fprintf(file, "\\u%04x", byte);
        } else {
            fputc(byte, file);
        }
    }
    fputc('"', file);
}
