#include "loader/reading.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"

/* Seconds since 1970 have up to 10 digits until 2286; what is longer counts smaller units. */
#define SECONDS_LIMIT 1e11
#define MILLISECONDS_LIMIT 1e14
#define MICROSECONDS_LIMIT 1e17

static bool time_of_number(struct bytes text, uint32_t scale, time_ns *time);
static bool time_of_day(struct bytes text, time_ns *time);
static bool time_by_calendar(struct bytes text, bool is_day_first, time_ns *time);

/* Other names of a protocol, lower case. */
static const struct {
    const char *name;
    const char *meant;
} synonyms[] = {{"icmp6", "ipv6-icmp"}, {"icmpv6", "ipv6-icmp"}};

/* Assigned protocol numbers (IANA), as Argus calls them. */
static const struct {
    uint8_t number;
    const char *name;
} protocols[] = {
    {1, "icmp"},  {2, "igmp"},  {4, "ipip"},   {6, "tcp"},    {8, "egp"},        {17, "udp"},
    {41, "ipv6"}, {47, "gre"},  {50, "esp"},   {51, "ah"},    {58, "ipv6-icmp"}, {88, "eigrp"},
    {89, "ospf"}, {103, "pim"}, {112, "vrrp"}, {132, "sctp"}, {136, "udplite"},
};

/* As flow records keep an ICMP type and code where others have a port. */
static bool icmp_port(struct bytes text, int64_t *value)
{
    int64_t type;
    int64_t code;
    const char *point = text.size == 0 ? NULL : memchr(text.data, '.', text.size);
    size_t size = point == NULL ? 0 : (size_t)(point - text.data);
    bool is_port = point != NULL && integer_parse(bytes_view(text.data, size), &type) &&
                   integer_parse(bytes_view(point + 1, text.size - size - 1), &code) && type >= 0 &&
                   type <= UINT8_MAX && code >= 0 && code <= UINT8_MAX;
    *value = is_port ? type * (UINT8_MAX + 1) + code : 0;
    return is_port;
}

bool reading_integer(enum reading reading, struct bytes text, int64_t *value)
{
    double real;
    if (reading == READ_ANY_BASE) {
        return integer_parse_any_base(text, value);
    }
    if (integer_parse(text, value)) {
        return true;
    }
    if (reading == READ_PORT) {
        return icmp_port(text, value);
    }
    if (reading != READ_WHOLE || !float_parse(text, &real) || real != floor(real) ||
        fabs(real) > 0x1p53) {
        return false;
    }
    *value = (int64_t)real;
    return true;
}

bool reading_time(enum reading reading, struct bytes text, time_ns *time)
{
    switch (reading) {
    case READ_PLAIN:
    case READ_TIME_ANY:
    case READ_ANY_BASE:
    case READ_WHOLE:
    case READ_PORT:
    case READ_PROTOCOL:
        return time_parse(text, time);
    case READ_TIME_OF_DAY:
        return time_of_day(text, time);
    case READ_DAY_FIRST:
        return time_by_calendar(text, true, time) || time_parse(text, time);
    case READ_MONTH_FIRST:
        return time_by_calendar(text, false, time) || time_parse(text, time);
    case READ_SECONDS:
    case READ_MILLISECONDS:
    case READ_MICROSECONDS:
    case READ_NANOSECONDS:
        return time_of_number(text, reading_scale(reading), time);
    }
    return false;
}

enum reading reading_of_time(struct bytes text)
{
    time_ns time;
    double number;
    if (time_parse(text, &time)) {
        return READ_PLAIN;
    }
    if (float_parse(text, &number)) {
        double size = fabs(number);
        return size < SECONDS_LIMIT        ? READ_SECONDS
               : size < MILLISECONDS_LIMIT ? READ_MILLISECONDS
               : size < MICROSECONDS_LIMIT ? READ_MICROSECONDS
                                           : READ_NANOSECONDS;
    }
    return time_of_day(text, &time) ? READ_TIME_OF_DAY : READ_TIME_ANY;
}

struct bytes reading_text(enum reading reading, struct bytes text, char *room)
{
    int64_t number;
    if (reading != READ_PROTOCOL || text.size > READING_TEXT_BYTES_MAX) {
        return text;
    }
    if (integer_parse(text, &number)) {
        for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
            if (protocols[i].number == number) {
                return bytes_of(protocols[i].name);
            }
        }
        return text;
    }
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        room[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
    }
    struct bytes lower = bytes_view(room, text.size);
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++) {
        if (bytes_equal(lower, bytes_of(synonyms[i].name))) {
            return bytes_of(synonyms[i].meant);
        }
    }
    return lower;
}

uint32_t reading_scale(enum reading reading)
{
    switch (reading) {
    case READ_MILLISECONDS:
        return 3;
    case READ_MICROSECONDS:
        return 6;
    case READ_NANOSECONDS:
        return 9;
    case READ_PLAIN:
    case READ_ANY_BASE:
    case READ_WHOLE:
    case READ_PORT:
    case READ_PROTOCOL:
    case READ_TIME_ANY:
    case READ_TIME_OF_DAY:
    case READ_DAY_FIRST:
    case READ_MONTH_FIRST:
    case READ_SECONDS:
        return 0;
    }
    return 0;
}

bool reading_changes(enum reading reading, enum type type)
{
    return reading == READ_PROTOCOL || (type == TYPE_FLOAT && reading_scale(reading) > 0);
}

/* Exact where the number is a decimal, as exporters write it; else as near as a double is. */
static bool time_of_number(struct bytes text, uint32_t scale, time_ns *time)
{
    struct decimal decimal;
    double number;
    int64_t whole;
    if (integer_parse(text, &whole)) {
        return !__builtin_mul_overflow(whole, (int64_t)power_of_ten(9 - scale), time);
    }
    if (decimal_parse(text, &decimal) && decimal.scale + scale <= 9) {
        int64_t unit = (int64_t)power_of_ten(9 - scale - decimal.scale);
        return !__builtin_mul_overflow(decimal.mantissa, unit, time);
    }
    if (!float_parse(text, &number)) {
        return false;
    }
    double ns = nearbyint(number * power_of_ten(9 - scale));
    if (!(fabs(ns) < 0x1p63)) {
        return false;
    }
    *time = (time_ns)ns;
    return true;
}

/* A day of 1970 is put before it, so that base/time_text.h checks it. */
static bool time_of_day(struct bytes text, time_ns *time)
{
    char whole[TIME_TEXT_BYTES];
    if (text.size < 8 || text.size > 18) {
        return false;
    }
    int size = snprintf(whole, sizeof whole, "1970/01/01 %.*s", (int)text.size, text.data);
    return time_parse(bytes_view(whole, (size_t)size), time);
}

/* Digits before `end` of them, and the byte behind them. */
static bool take_number(struct bytes *text, char end, uint32_t *number)
{
    size_t size = 0;
    *number = 0;
    while (size < text->size && size < 4 && text->data[size] >= '0' && text->data[size] <= '9') {
        *number = *number * 10 + (uint32_t)(text->data[size++] - '0');
    }
    if (size == 0 || (end != '\0' && (size == text->size || text->data[size] != end))) {
        return false;
    }
    size += end != '\0';
    *text = bytes_view(text->data + size, text->size - size);
    return true;
}

/* Takes AM or PM from the end of the text; `*hours` is what it adds to hours below 12. */
static bool take_half(struct bytes *text, uint32_t *hours)
{
    struct bytes end = text->size > 2 ? bytes_view(text->data + text->size - 2, 2) : *text;
    bool is_before = bytes_equal_ignoring_case(end, bytes_of("AM"));
    bool is_after = bytes_equal_ignoring_case(end, bytes_of("PM"));
    *hours = is_after ? 12 : 0;
    if (is_before || is_after) {
        *text = bytes_trim(bytes_view(text->data, text->size - 2));
    }
    return is_before || is_after;
}

/* `d/m/yyyy h:m[:s[.f]][ AM|PM]`, checked by base/time_text.h in the form that it knows. */
static bool time_by_calendar(struct bytes text, bool is_day_first, time_ns *time)
{
    char whole[64];
    uint32_t first;
    uint32_t second;
    uint32_t year;
    uint32_t hour;
    uint32_t minute;
    uint32_t added;
    bool has_half = take_half(&text, &added);
    if (text.size > TIME_TEXT_BYTES || !take_number(&text, '/', &first) ||
        !take_number(&text, '/', &second) || !take_number(&text, ' ', &year) ||
        !take_number(&text, ':', &hour) || !take_number(&text, '\0', &minute)) {
        return false;
    }
    if (has_half) {
        if (hour < 1 || hour > 12) {
            return false;
        }
        hour = hour % 12 + added;
    }
    struct bytes rest = text.size == 0 ? bytes_of(":00") : text;
    int size = snprintf(whole, sizeof whole, "%04u/%02u/%02u %02u:%02u%.*s", year,
                        is_day_first ? second : first, is_day_first ? first : second, hour, minute,
                        (int)rest.size, rest.data);
    return time_parse(bytes_view(whole, (size_t)size), time);
}
