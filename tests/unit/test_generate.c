/* floor: report */
#include "report/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/time_text.h"
#include "report/planted.h"
#include "report/traffic.h"
#include "tests/support/suite.h"

static char folder[] = "/tmp/gyre_test_generate_XXXXXX";
static char flows_path[sizeof(folder) + 16];
static char cycles_path[sizeof(folder) + 16];

static enum status generate(const struct generate_options *options, struct error *error)
{
    return generate_flows(flows_path, options->cycle_count > 0 ? cycles_path : NULL, options,
                          error);
}

static uint64_t hash_of(const char *path)
{
    struct file_view file;
    CU_ASSERT_EQUAL_FATAL(file_open(&file, path, 0, NULL, NULL), STATUS_OK);
    uint64_t hash = bytes_hash(bytes_view(file.data, file.size));
    file_close(&file);
    return hash;
}

/* The next line without its newline; false at the end. */
static bool next_line(struct bytes *rest, struct bytes *line)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->data, '\n', rest->size);
    if (end == NULL) {
        return false;
    }
    *line = bytes_view(rest->data, (size_t)(end - rest->data));
    *rest = bytes_view(end + 1, rest->size - line->size - 1);
    return true;
}

static struct bytes field_of(struct bytes line, uint32_t index)
{
    for (; index > 0; index--) {
        const char *comma = memchr(line.data, ',', line.size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(comma);
        line = bytes_view(comma + 1, line.size - (size_t)(comma + 1 - line.data));
    }
    const char *comma = memchr(line.data, ',', line.size);
    return comma == NULL ? line : bytes_view(line.data, (size_t)(comma - line.data));
}

static void bytes_depend_on_the_options_only(void)
{
    struct generate_options options = {.flow_count = 5000, .seed = 7, .cycle_count = 5};
    CU_ASSERT_EQUAL_FATAL(generate(&options, NULL), STATUS_OK);
    uint64_t flows = hash_of(flows_path);
    uint64_t cycles = hash_of(cycles_path);
    CU_ASSERT_EQUAL_FATAL(generate(&options, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(hash_of(flows_path), flows);
    CU_ASSERT_EQUAL(hash_of(cycles_path), cycles);
    options.seed = 8;
    CU_ASSERT_EQUAL_FATAL(generate(&options, NULL), STATUS_OK);
    CU_ASSERT_NOT_EQUAL(hash_of(flows_path), flows);
}

static void rows_look_like_the_capture(void)
{
    struct generate_options options = {.flow_count = 20000, .seed = 1};
    CU_ASSERT_EQUAL_FATAL(generate(&options, NULL), STATUS_OK);
    struct file_view file;
    CU_ASSERT_EQUAL_FATAL(file_open(&file, flows_path, 0, NULL, NULL), STATUS_OK);
    struct bytes rest = bytes_view(file.data, file.size);
    struct bytes line = {0};
    CU_ASSERT_TRUE(next_line(&rest, &line));
    CU_ASSERT_TRUE(bytes_equal(field_of(line, 14), bytes_of("Label")));

    uint64_t count = 0;
    uint64_t late_count = 0;
    uint64_t hub_count = 0;
    time_ns latest = INT64_MIN;
    while (next_line(&rest, &line)) {
        time_ns start;
        struct address source;
        struct address target;
        CU_ASSERT_TRUE_FATAL(time_parse(field_of(line, 0), &start));
        CU_ASSERT_TRUE_FATAL(address_parse(field_of(line, 3), &source));
        CU_ASSERT_TRUE_FATAL(address_parse(field_of(line, 6), &target));
        CU_ASSERT_TRUE(field_of(line, 14).size > 5);
        late_count += start < latest;
        latest = start > latest ? start : latest;
        hub_count += bytes_equal(field_of(line, 6), bytes_of("147.32.80.2"));
        count++;
    }
    CU_ASSERT_EQUAL(count, 20000);
    CU_ASSERT_TRUE(late_count > count / 200 && late_count < count / 50);
    CU_ASSERT_TRUE(hub_count > count * 4 / 10 && hub_count < count * 6 / 10);
    file_close(&file);
}

static void hosts_have_addresses_of_their_own(void)
{
    enum { HOSTS = 100000, SLOTS = 1 << 18 };
    struct traffic traffic;
    traffic_init(&traffic, 3, HOSTS, HOSTS, 1000000);
    uint64_t *slots = calloc(SLOTS, sizeof(*slots));
    CU_ASSERT_PTR_NOT_NULL_FATAL(slots);
    uint64_t repeated = 0;
    for (uint64_t host = 0; host < HOSTS; host++) {
        struct address address = traffic_host(&traffic, host);
        uint64_t slot = address_hash(address) % SLOTS;
        while (slots[slot] != 0 && slots[slot] != address.low) {
            slot = (slot + 1) % SLOTS;
        }
        repeated += slots[slot] == address.low;
        slots[slot] = address.low;
    }
    CU_ASSERT_EQUAL(repeated, 0);
    free(slots);
}

static void check_cycle(const struct planted_cycle *cycle, uint64_t *last_row)
{
    for (uint32_t step = 0; step < cycle->length; step++) {
        bool is_first = step == 0 && cycle->number == 0;
        CU_ASSERT_TRUE(is_first || cycle->rows[step] > *last_row);
        *last_row = cycle->rows[step];
        CU_ASSERT_TRUE(step == 0 || cycle->start_us[step] > cycle->start_us[step - 1]);
        for (uint32_t other = 0; other < step; other++) {
            CU_ASSERT_NOT_EQUAL(cycle->hosts[step], cycle->hosts[other]);
        }
    }
    CU_ASSERT_TRUE(cycle->start_us[cycle->length - 1] - cycle->start_us[0] < 60000000);
}

static void cycles_ascend_within_a_minute_in_rows_of_their_own(void)
{
    static const struct {
        uint64_t flows, hosts, cycles, span_us;
        uint32_t length;
    } cases[] = {
        {1000000, 200000, 10, 14285714285, 3},
        {9, 16, 3, 128571, 3},
        {9, 16, 3, 86400000000, 3},
        {100000, 20000, 1000, 1428571428, 8},
        {1000, 16, 62, 14285714, 16},
        {100, 20, 1, 200, 2},
        {1000000, 64, 1000, 3600000000, 64},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct traffic traffic;
        struct planted_cycle cycle;
        uint64_t last_row = 0;
        traffic_init(&traffic, i, cases[i].flows, cases[i].hosts, cases[i].span_us);
        for (uint64_t number = 0; number < cases[i].cycles; number++) {
            planted_cycle_place(&cycle, &traffic, cases[i].cycles, cases[i].length, number);
            check_cycle(&cycle, &last_row);
        }
        CU_ASSERT_TRUE(last_row < cases[i].flows);
    }
}

/* The line of a row, which is numbered from 0 without the header. */
static struct bytes line_at(struct bytes file, uint64_t row)
{
    struct bytes line = {0};
    for (uint64_t i = 0; i < row + 2; i++) {
        CU_ASSERT_TRUE_FATAL(next_line(&file, &line));
    }
    return line;
}

static void list_of_cycles_agrees_with_the_flows(void)
{
    struct generate_options options = {
        .flow_count = 3000, .seed = 5, .cycle_count = 4, .cycle_length = 5};
    CU_ASSERT_EQUAL_FATAL(generate(&options, NULL), STATUS_OK);
    struct file_view flows;
    struct file_view cycles;
    CU_ASSERT_EQUAL_FATAL(file_open(&flows, flows_path, 0, NULL, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(file_open(&cycles, cycles_path, 0, NULL, NULL), STATUS_OK);
    struct bytes rest = bytes_view(cycles.data, cycles.size);
    struct bytes step = {0};
    CU_ASSERT_TRUE(next_line(&rest, &step));
    uint32_t count = 0;
    for (; next_line(&rest, &step); count++) {
        uint64_t row = strtoull(field_of(step, 2).data, NULL, 10);
        struct bytes flow = line_at(bytes_view(flows.data, flows.size), row);
        time_ns listed;
        time_ns written;
        CU_ASSERT_TRUE(time_parse(field_of(step, 3), &listed));
        CU_ASSERT_TRUE(time_parse(field_of(flow, 0), &written));
        CU_ASSERT_EQUAL(listed, written);
        CU_ASSERT_TRUE(bytes_equal(field_of(step, 4), field_of(flow, 3)));
        CU_ASSERT_TRUE(bytes_equal(field_of(step, 5), field_of(flow, 6)));
        char label[64];
        snprintf(label, sizeof(label), "flow=Planted-Cycle-%u", count / 5 + 1);
        CU_ASSERT_TRUE(bytes_equal(field_of(flow, 14), bytes_of(label)));
    }
    CU_ASSERT_EQUAL(count, 20);
    file_close(&flows);
    file_close(&cycles);
}

static void options_that_cannot_be_met_are_refused(void)
{
    static const struct generate_options cases[] = {
        {.flow_count = 0},
        {.flow_count = 100, .host_count = 3},
        {.flow_count = 100, .host_count = 101},
        {.flow_count = 100, .cycle_count = 34},
        {.flow_count = 100, .cycle_count = 1, .cycle_length = 1},
        {.flow_count = 100, .cycle_count = 1, .cycle_length = 65},
        {.flow_count = 100, .cycle_count = 1, .cycle_length = 21},
        {.flow_count = 100, .cycle_count = 1, .span_us = 5},
        {.flow_count = 100, .span_us = UINT64_C(1) << 62},
        {.flow_count = UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error = {0};
        CU_ASSERT_EQUAL(generate(&cases[i], &error), STATUS_USAGE);
        CU_ASSERT_NOT_EQUAL(error.text[0], '\0');
    }
    struct generate_options options = {.flow_count = 100, .cycle_count = 1};
    CU_ASSERT_EQUAL(generate_flows("-", "-", &options, NULL), STATUS_USAGE);
}

static void nothing_appears_when_it_ends_early(void)
{
    static const volatile int stop = 1;
    struct generate_options options = {.flow_count = 100000, .cycle_count = 2};
    unlink(flows_path);
    unlink(cycles_path);
    options.stop = &stop;
    CU_ASSERT_EQUAL(generate(&options, NULL), STATUS_INTERRUPTED);
    CU_ASSERT_NOT_EQUAL(access(flows_path, F_OK), 0);
    options.stop = NULL;
    for (uint64_t after = 1; after <= 20; after++) {
        memory_fault_set(after);
        enum status status = generate(&options, NULL);
        bool is_due = memory_fault_count() >= after;
        memory_fault_set(0);
        CU_ASSERT_EQUAL(status, is_due ? STATUS_FAILED : STATUS_OK);
        CU_ASSERT_EQUAL(access(flows_path, F_OK) == 0, !is_due);
        if (!is_due) {
            break;
        }
    }
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(flows_path, sizeof(flows_path), "%s/flows.csv", folder);
    snprintf(cycles_path, sizeof(cycles_path), "%s/cycles.csv", folder);
    CU_TestInfo cases[] = {
        CASE(bytes_depend_on_the_options_only),
        CASE(rows_look_like_the_capture),
        CASE(hosts_have_addresses_of_their_own),
        CASE(cycles_ascend_within_a_minute_in_rows_of_their_own),
        CASE(list_of_cycles_agrees_with_the_flows),
        CASE(options_that_cannot_be_met_are_refused),
        CASE(nothing_appears_when_it_ends_early),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("generate", NULL, NULL, cases);
    unlink(flows_path);
    unlink(cycles_path);
    rmdir(folder);
    return failed;
}
