/* Time zones by name.
 *
 * A file holds its data twice: with times of 32 bits for old readers, and then, from version 2 on,
 * with times of 64 bits, followed by a rule for what comes after the last change. Only the second
 * is read. Every count is checked against the file's size before anything is read by it. */
#include "value/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/file.h"
#include "value/calendar.h"
#include "value/zone_rule.h"

static const char default_directory[] = "/usr/share/zoneinfo";

enum {
    HEADER_BYTES = 44,
    COUNT_AT = 20, /* six counts of 4 bytes */
    TYPE_BYTES = 6,
    CHANGES_MAX = 100000,
    PATH_BYTES = 512,
    REMEMBERED_SPANS = 8,
};

/* What this thread looked up last; a span of no length, as all are at first, holds nothing. */
static _Thread_local struct remembered {
    char name[ZONE_NAME_BYTES_MAX];
    size_t name_bytes;
    struct zone_span span;
} remembered[REMEMBERED_SPANS];
static _Thread_local uint32_t oldest;

/* A zone's file, opened and checked. All integers in it are big-endian. */
struct zone_file {
    struct file_view view;
    const unsigned char *changes; /* [change_count] times of 8 bytes, ascending */
    const unsigned char *indices; /* [change_count] the type that begins then */
    const unsigned char *types;   /* [type_count] of TYPE_BYTES, the offset first */
    uint32_t change_count;
    uint32_t type_count;
    struct bytes rule; /* empty: none */
};

/* The sizes of one of the two blocks of data. */
struct block_counts {
    uint64_t utc_marks;
    uint64_t standard_marks;
    uint64_t leap_seconds;
    uint64_t changes;
    uint64_t types;
    uint64_t name_bytes;
};

static bool is_utc(struct bytes zone);
static bool is_zone_name(struct bytes zone);
static enum status zone_open(struct zone_file *file, struct bytes zone, struct error *error);
static enum status zone_missing(const char *directory, struct bytes zone, struct error *error);
static bool zone_read(struct zone_file *file);
static bool block_read(const unsigned char *data, uint64_t size, struct block_counts *counts);
static uint64_t block_bytes(const struct block_counts *counts, uint64_t time_bytes);
static struct zone_span file_span(const struct zone_file *file, int64_t utc);
static int64_t change_at(const struct zone_file *file, uint32_t change);
static int32_t type_offset(const struct zone_file *file, uint32_t type);
static uint64_t big_endian(const unsigned char *data, uint32_t size);

enum status zone_offset_at(struct bytes zone, int64_t utc, int32_t *offset, struct error *error)
{
    *offset = 0;
    if (is_utc(zone)) {
        return STATUS_OK;
    }
    for (uint32_t index = 0; index < REMEMBERED_SPANS; index++) {
        const struct remembered *known = &remembered[index];
        if (utc >= known->span.from && utc < known->span.to &&
            bytes_equal(zone, bytes_view(known->name, known->name_bytes))) {
            *offset = known->span.offset;
            return STATUS_OK;
        }
    }
    struct zone_file file;
    TRY(zone_open(&file, zone, error));
    struct remembered *kept = &remembered[oldest];
    oldest = (oldest + 1) % REMEMBERED_SPANS;
    kept->span = file_span(&file, utc);
    kept->name_bytes = zone.size;
    memcpy(kept->name, zone.data, zone.size);
    *offset = kept->span.offset;
    file_close(&file.view);
    return STATUS_OK;
}

/* No offset is a day or more, so that a day before and a day after are surely before and after a
 * change that concerns `local`. */
enum status zone_resolve(struct bytes zone, int64_t local, const int32_t *preferred, int64_t *utc,
                         int32_t *offset, struct error *error)
{
    int32_t before;
    int32_t after;
    int32_t at_before;
    int32_t at_after;
    TRY(zone_offset_at(zone, local - SECONDS_PER_DAY, &before, error));
    TRY(zone_offset_at(zone, local + SECONDS_PER_DAY, &after, error));
    TRY(zone_offset_at(zone, local - before, &at_before, error));
    TRY(zone_offset_at(zone, local - after, &at_after, error));
    bool is_preferred = preferred != NULL && *preferred == after;
    bool takes_after = at_after == after && (at_before != before || is_preferred);
    *utc = local - (takes_after ? after : before);
    return zone_offset_at(zone, *utc, offset, error);
}

void zone_forget(void)
{
    memset(remembered, 0, sizeof remembered);
}

static bool is_utc(struct bytes zone)
{
    return bytes_equal(zone, bytes_of("UTC"));
}

/* Letters, digits and - + _ in parts with slashes between: nothing that leads out of the
 * directory. */
static bool is_zone_name(struct bytes zone)
{
    if (zone.size == 0 || zone.size > ZONE_NAME_BYTES_MAX) {
        return false;
    }
    char before = '/';
    for (size_t index = 0; index < zone.size; index++) {
        char at = zone.data[index];
        bool is_letter = (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z');
        bool is_other = (at >= '0' && at <= '9') || at == '-' || at == '+' || at == '_';
        if (!is_letter && (before == '/' || (!is_other && at != '/'))) {
            return false;
        }
        before = at;
    }
    return before != '/';
}

static enum status zone_open(struct zone_file *file, struct bytes zone, struct error *error)
{
    *file = (struct zone_file){0};
    int shown = (int)(zone.size < ZONE_NAME_BYTES_MAX ? zone.size : ZONE_NAME_BYTES_MAX);
    if (!is_zone_name(zone)) {
        return error_set(error, STATUS_USAGE,
                         "'%.*s' is no time zone: write an offset as +02:00, or a name as "
                         "Europe/Stockholm",
                         shown, zone.data);
    }
    const char *directory = getenv("TZDIR");
    if (directory == NULL || directory[0] == '\0') {
        directory = default_directory;
    }
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%.*s", directory, shown, zone.data);
    if (length < 0 || (size_t)length >= sizeof path ||
        file_open(&file->view, path, 0, NULL, NULL) != STATUS_OK) {
        return zone_missing(directory, zone, error);
    }
    if (!zone_read(file)) {
        file_close(&file->view);
        return error_set(error, STATUS_USAGE, "'%.*s' is no time zone: %s does not hold one", shown,
                         zone.data, path);
    }
    return STATUS_OK;
}

/* Says whether it is the zone that is not there, or the whole database. */
static enum status zone_missing(const char *directory, struct bytes zone, struct error *error)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/UTC", directory);
    struct file_view view;
    if (file_open(&view, path, 0, NULL, NULL) != STATUS_OK) {
        return error_set(error, STATUS_USAGE,
                         "cannot look up the time zone '%.*s': there is no database of zones in "
                         "%s; install the package tzdata, or write an offset as +02:00",
                         (int)zone.size, zone.data, directory);
    }
    file_close(&view);
    return error_set(error, STATUS_USAGE, "there is no time zone '%.*s' in %s", (int)zone.size,
                     zone.data, directory);
}

static bool zone_read(struct zone_file *file)
{
    const unsigned char *data = (const unsigned char *)file->view.data;
    uint64_t size = file->view.size;
    struct block_counts counts;
    if (!block_read(data, size, &counts) || data[4] < '2') {
        return false;
    }
    uint64_t skipped = HEADER_BYTES + block_bytes(&counts, 4);
    if (skipped > size || !block_read(data + skipped, size - skipped, &counts)) {
        return false;
    }
    data += skipped + HEADER_BYTES;
    size -= skipped + HEADER_BYTES;
    uint64_t bytes = block_bytes(&counts, 8);
    if (bytes > size || counts.types == 0 || counts.leap_seconds != 0) {
        return false;
    }
    file->change_count = (uint32_t)counts.changes;
    file->type_count = (uint32_t)counts.types;
    file->changes = data;
    file->indices = data + counts.changes * 8;
    file->types = file->indices + counts.changes;
    for (uint32_t change = 0; change < file->change_count; change++) {
        if (file->indices[change] >= file->type_count) {
            return false;
        }
    }
    for (uint32_t type = 0; type < file->type_count; type++) {
        int32_t offset = type_offset(file, type);
        if (offset <= -SECONDS_PER_DAY || offset >= SECONDS_PER_DAY) {
            return false;
        }
    }
    file->rule = bytes_view((const char *)data + bytes, size - bytes);
    if (file->rule.size < 2 || file->rule.data[0] != '\n') {
        return false;
    }
    file->rule = bytes_view(file->rule.data + 1, file->rule.size - 1);
    const char *end = memchr(file->rule.data, '\n', file->rule.size);
    file->rule.size = end != NULL ? (size_t)(end - file->rule.data) : 0;
    return end != NULL;
}

static bool block_read(const unsigned char *data, uint64_t size, struct block_counts *counts)
{
    if (size < HEADER_BYTES || memcmp(data, "TZif", 4) != 0) {
        return false;
    }
    uint64_t *const fields[6] = {&counts->utc_marks, &counts->standard_marks, &counts->leap_seconds,
                                 &counts->changes,   &counts->types,          &counts->name_bytes};
    for (uint32_t field = 0; field < 6; field++) {
        *fields[field] = big_endian(data + COUNT_AT + field * 4, 4);
        if (*fields[field] > CHANGES_MAX) {
            return false;
        }
    }
    return true;
}

static uint64_t block_bytes(const struct block_counts *counts, uint64_t time_bytes)
{
    return counts->changes * (time_bytes + 1) + counts->types * TYPE_BYTES + counts->name_bytes +
           counts->leap_seconds * (time_bytes + 4) + counts->standard_marks + counts->utc_marks;
}

/* Before the first change the first type holds, after the last one the rule. */
static struct zone_span file_span(const struct zone_file *file, int64_t utc)
{
    uint32_t from = 0;
    uint32_t to = file->change_count; /* changes before `from` are at or before utc */
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (change_at(file, middle) <= utc) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    struct zone_span span;
    bool is_last = from == file->change_count;
    int64_t since = from == 0 ? INT64_MIN : change_at(file, from - 1);
    if (is_last && zone_rule_span(file->rule, utc, &span)) {
        span.from = span.from > since ? span.from : since;
        return span;
    }
    span.from = since;
    span.to = is_last ? INT64_MAX : change_at(file, from);
    span.offset = type_offset(file, from == 0 ? 0 : file->indices[from - 1]);
    return span;
}

static int64_t change_at(const struct zone_file *file, uint32_t change)
{
    return (int64_t)big_endian(file->changes + (uint64_t)change * 8, 8);
}

static int32_t type_offset(const struct zone_file *file, uint32_t type)
{
    return (int32_t)(uint32_t)big_endian(file->types + (uint64_t)type * TYPE_BYTES, 4);
}

static uint64_t big_endian(const unsigned char *data, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t index = 0; index < size; index++) {
        value = value << 8 | data[index];
    }
    return value;
}
