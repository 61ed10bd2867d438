/* floor: value */
#include "value/zone.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/suite.h"
#include "tests/support/temporal_call.h"
#include "value/zone_rule.h"

enum { FILE_BYTES_MAX = 512 };

/* A database of the test's own. */
static char directory[] = "/tmp/gyre-zones-XXXXXX";

struct zone_text {
    unsigned char bytes[FILE_BYTES_MAX];
    size_t size;
};

static void put(struct zone_text *file, uint64_t value, uint32_t size)
{
    for (uint32_t index = 0; index < size; index++) {
        file->bytes[file->size++] = (unsigned char)(value >> (8 * (size - 1 - index)));
    }
}

static void put_header(struct zone_text *file, uint32_t changes, uint32_t types, uint32_t leaps)
{
    memcpy(file->bytes + file->size, "TZif2", 5);
    memset(file->bytes + file->size + 5, 0, 15);
    file->size += 20;
    const uint32_t counts[6] = {0, 0, leaps, changes, types, 4};
    for (uint32_t count = 0; count < 6; count++) {
        put(file, counts[count], 4);
    }
}

/* Local mean time of +00:19:32 until 1937-07-01, then +01:00, from 1970 on two hours until 1980,
 * then by the rule. */
static struct zone_text example(const char *rule, uint32_t leaps)
{
    static const struct {
        int64_t at;
        uint32_t type;
    } changes[] = {{-1025741972, 1}, {0, 2}, {315532800, 1}};
    static const int32_t offsets[] = {1172, 3600, 7200};
    struct zone_text file = {.size = 0};
    put_header(&file, 0, 0, 0);
    put(&file, 0, 4);
    put_header(&file, 3, 3, leaps);
    for (uint32_t change = 0; change < 3; change++) {
        put(&file, (uint64_t)changes[change].at, 8);
    }
    for (uint32_t change = 0; change < 3; change++) {
        put(&file, changes[change].type, 1);
    }
    for (uint32_t type = 0; type < 3; type++) {
        put(&file, (uint64_t)(uint32_t)offsets[type], 4);
        put(&file, 0, 2);
    }
    put(&file, 0, 4); /* names */
    for (uint32_t leap = 0; leap < leaps; leap++) {
        put(&file, 0, 8);
        put(&file, 0, 4);
    }
    file.bytes[file.size++] = '\n';
    memcpy(file.bytes + file.size, rule, strlen(rule));
    file.size += strlen(rule);
    file.bytes[file.size++] = '\n';
    return file;
}

static void write_zone(const char *name, const void *bytes, size_t size)
{
    char path[256];
    zone_forget();
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, size, file), size);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static const char *const example_rule = "XST-1XDT,M3.5.0,M10.5.0/3";

static void offsets_follow_the_file_and_then_its_rule(void)
{
    static const struct {
        int64_t utc;
        int32_t offset;
    } rows[] = {
        {INT64_C(-10000000000000), 1172}, /* long ago */
        {-1025741973, 1172},
        {-1025741972, 3600},
        {-1, 3600},
        {0, 7200},
        {315532799, 7200},
        {315532800, 3600},  /* 1980-01-01 */
        {1301187599, 3600}, /* 2011-03-27T00:59:59Z */
        {1301187600, 7200},
        {1319936399, 7200}, /* 2011-10-30T00:59:59Z */
        {1319936400, 3600},
        {INT64_C(221861030400), 7200}, /* 9000-07-01 */
    };
    struct zone_text file = example(example_rule, 0);
    write_zone("Example", file.bytes, file.size);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        int32_t offset;
        CU_ASSERT_EQUAL(zone_offset_at(bytes_of("Example"), rows[row].utc, &offset, NULL),
                        STATUS_OK);
        CU_ASSERT_EQUAL(offset, rows[row].offset);
    }
}

static void clocks_that_are_set_skip_and_repeat(void)
{
    static const struct calculator_row rows[] = {
        {"datetime('1900-01-01T00:00[Example]')", "1900-01-01T00:00+00:19:32[Example]"},
        {"datetime('2011-03-27T01:59:59[Example]')", "2011-03-27T01:59:59+01:00[Example]"},
        {"datetime('2011-03-27T02:30[Example]')", "2011-03-27T03:30+02:00[Example]"},
        {"datetime('2011-03-27T03:00[Example]')", "2011-03-27T03:00+02:00[Example]"},
        {"datetime('2011-10-30T02:30[Example]')", "2011-10-30T02:30+02:00[Example]"},
        {"datetime('2011-10-30T02:30+01:00[Example]')", "2011-10-30T02:30+01:00[Example]"},
        {"datetime('2011-10-30T03:00[Example]')", "2011-10-30T03:00+01:00[Example]"},
        {"datetime('2011-03-26T02:30[Example]') + duration('P1D')",
         "2011-03-27T03:30+02:00[Example]"},
        {"datetime('2011-03-26T02:30[Example]') + duration('PT24H')",
         "2011-03-27T03:30+02:00[Example]"},
        {"datetime('2011-10-29T02:30[Example]') + duration('PT25H')",
         "2011-10-30T02:30+01:00[Example]"},
        {"duration.inSeconds(datetime('2011-10-30T00:00[Example]'), date('2011-10-31'))", "PT25H"},
        {"duration.between(datetime('2011-10-30T00:00[Example]'), date('2011-10-31'))", "P1D"},
        {"datetime({datetime: datetime('2011-08-16T10:00Z'), timezone: 'Example'})",
         "2011-08-16T12:00+02:00[Example]"},
        {"datetime({date: date('2011-01-16'), timezone: 'Example'})",
         "2011-01-16T00:00+01:00[Example]"},
        {"datetime.truncate('month', datetime('2011-04-16T10:00[Example]'))",
         "2011-04-01T00:00+02:00[Example]"},
        {"datetime.truncate('year', datetime('2011-04-16T10:00[Example]'))",
         "2011-01-01T00:00+01:00[Example]"},
        {"datetime.truncate('hour', datetime('2011-03-27T02:30+05:00'), {timezone: 'Example'})",
         "2011-03-27T03:00+02:00[Example]"},
        {"time({hour: 10, timezone: 'Example'})", "10:00+01:00"},
        {"datetime.transaction('Example')", "2026-11-18T12:06:40.123456789+01:00[Example]"},
        {"datetime('2011-08-16T12:00+01:00[Example]')",
         "error: '2011-08-16T12:00+01:00[Example]' is no datetime: the offset of Example is "
         "+02:00 then, not +01:00"},
    };
    CALCULATOR_CHECK(rows);
}

static void rules_are_those_of_posix(void)
{
    static const struct {
        const char *rule;
        int64_t utc;
        int32_t offset;
    } rows[] = {
        {"UTC0", 0, 0},
        {"<+0330>-3:30", 0, 12600},
        {"<-03>3", 0, -10800},
        {"EST5EDT,M3.2.0,M11.1.0", 1299999599, -18000}, /* 2011-03-13T06:59:59Z */
        {"EST5EDT,M3.2.0,M11.1.0", 1299999600, -14400},
        {"EST5EDT,M3.2.0,M11.1.0", 1320559199, -14400}, /* 2011-11-06T05:59:59Z */
        {"EST5EDT,M3.2.0,M11.1.0", 1320559200, -18000},
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", 1293840000, 46800}, /* 2011-01-01, summer */
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", 1309478400, 43200}, /* 2011-07-01 */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1293840000, 0},      /* winter is the exception */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1309478400, 3600},
        {"AAA0BBB,J60/0,J61/0", 1330560000, 3600}, /* 2012-03-01, past February 29th */
        {"AAA0BBB,59/0,60/0", 1330473600, 3600},   /* 2012-02-29 */
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1301187600, -3600},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct zone_span span = {0};
        CU_ASSERT_TRUE(zone_rule_span(bytes_of(rows[row].rule), rows[row].utc, &span));
        CU_ASSERT_EQUAL(span.offset, rows[row].offset);
        CU_ASSERT_TRUE(span.from <= rows[row].utc && rows[row].utc < span.to);
    }
    static const char *const wrong[] = {
        "",
        "UTC",
        "U0",
        "UTC25",
        "UTC0:60",
        "<UTC0",
        "UTC0X",
        "UTC0XDT",
        "UTC0XDT,",
        "UTC0XDT,M3.5.0",
        "UTC0XDT,M13.5.0,M10.5.0",
        "UTC0XDT,M3.6.0,M10.5.0",
        "UTC0XDT,J0,J1",
        "UTC0XDT,1,366",
        "UTC0XDT,1/168,2",
    };
    for (size_t row = 0; row < sizeof wrong / sizeof wrong[0]; row++) {
        struct zone_span span;
        CU_ASSERT_FALSE(zone_rule_span(bytes_of(wrong[row]), 0, &span));
    }
}

static void names_do_not_lead_out_of_the_directory(void)
{
    static const char *const rows[] = {
        "",           ".",
        "..",         "/etc/passwd",
        "../Example", "a/../Example",
        "a//b",       "Example/",
        "/",          "Example ",
        "Exa.mple",   "1Example",
        "Example\n",  "a/-b",
        "\xc3\xa5",   "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg",
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct error error = {0};
        int32_t offset;
        CU_ASSERT_EQUAL(zone_offset_at(bytes_of(rows[row]), 0, &offset, &error), STATUS_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "is no time zone: write an offset"));
    }
}

/* A file cut off anywhere, or with any byte changed, is taken or refused, never followed out of its
 * bounds. */
static void damaged_files_are_refused(void)
{
    struct zone_text file = example(example_rule, 0);
    int32_t offset;
    int64_t utc;
    for (size_t size = 0; size < file.size; size++) {
        struct error error = {0};
        write_zone("Cut", file.bytes, size);
        CU_ASSERT_EQUAL(zone_offset_at(bytes_of("Cut"), 0, &offset, &error), STATUS_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "does not hold one"));
    }
    for (size_t at = 0; at < file.size; at++) {
        struct zone_text changed = file;
        changed.bytes[at] ^= 0x80;
        write_zone("Changed", changed.bytes, changed.size);
        (void)zone_offset_at(bytes_of("Changed"), 1301187600, &offset, NULL);
        (void)zone_resolve(bytes_of("Changed"), 1301187600, NULL, &utc, &offset, NULL);
    }
    struct zone_text leaps = example(example_rule, 2);
    write_zone("Leaps", leaps.bytes, leaps.size);
    CU_ASSERT_EQUAL(zone_offset_at(bytes_of("Leaps"), 0, &offset, NULL), STATUS_USAGE);
}

static void a_zone_that_is_not_there_is_told_from_no_database(void)
{
    struct error error = {0};
    int32_t offset = -1;
    struct zone_text file = example("UTC0", 0);
    write_zone("UTC", file.bytes, file.size);
    CU_ASSERT_EQUAL(zone_offset_at(bytes_of("Nowhere"), 0, &offset, &error), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "there is no time zone 'Nowhere' in"));
    error_clear(&error);
    zone_forget();
    setenv("TZDIR", "/nonexistent", 1);
    CU_ASSERT_EQUAL(zone_offset_at(bytes_of("Example"), 0, &offset, &error), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "install the package tzdata"));
    CU_ASSERT_EQUAL(zone_offset_at(bytes_of("UTC"), 0, &offset, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(offset, 0);
    setenv("TZDIR", directory, 1);
}

/* The system's own zones, where there are any, as the C library reads them. */
static void offsets_are_those_of_the_c_library(void)
{
    static const char *const zones[] = {
        "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Pacific/Apia",     "Europe/Dublin",    "Africa/Casablanca",   "America/St_Johns",
    };
    unsetenv("TZDIR");
    uint64_t state = 6;
    for (size_t zone = 0; zone < sizeof zones / sizeof zones[0]; zone++) {
        char path[128];
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zones[zone]);
        if (access(path, R_OK) != 0) {
            continue;
        }
        setenv("TZ", zones[zone], 1);
        tzset();
        for (uint32_t round = 0; round < 500; round++) {
            state = hash_mix(state + round + 1);
            int64_t utc = (int64_t)(state % 12000000000) - 4000000000; /* 1843 to 2223 */
            time_t instant = (time_t)utc;
            struct tm parts;
            int32_t offset = -1;
            int32_t resolved = -1;
            int64_t again = 0;
            CU_ASSERT_PTR_NOT_NULL(localtime_r(&instant, &parts));
            CU_ASSERT_EQUAL(zone_offset_at(bytes_of(zones[zone]), utc, &offset, NULL), STATUS_OK);
            CU_ASSERT_EQUAL(offset, parts.tm_gmtoff);
            CU_ASSERT_EQUAL(
                zone_resolve(bytes_of(zones[zone]), utc + offset, &offset, &again, &resolved, NULL),
                STATUS_OK);
            CU_ASSERT_TRUE(again == utc && resolved == offset);
        }
    }
    setenv("TZDIR", directory, 1);
}

int main(void)
{
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    setenv("TZDIR", directory, 1);
    CU_TestInfo cases[] = {
        CASE(offsets_follow_the_file_and_then_its_rule),
        CASE(clocks_that_are_set_skip_and_repeat),
        CASE(rules_are_those_of_posix),
        CASE(names_do_not_lead_out_of_the_directory),
        CASE(damaged_files_are_refused),
        CASE(a_zone_that_is_not_there_is_told_from_no_database),
        CASE(offsets_are_those_of_the_c_library),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("temporal_zone", NULL, NULL, cases);
    static const char *const names[] = {"Example", "Cut", "Changed", "Leaps", "UTC"};
    for (size_t name = 0; name < sizeof names / sizeof names[0]; name++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[name]);
        (void)unlink(path);
    }
    (void)rmdir(directory);
    return failed;
}
