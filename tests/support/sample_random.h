/* Random rows with everything that a build meets: hubs and heavy pairs, self-loops, all kinds of
 * addresses, equal times, nulls, texts in plenty, decimals of several scales, doubles. */
#ifndef GYRE_TESTS_SUPPORT_SAMPLE_RANDOM_H
#define GYRE_TESTS_SUPPORT_SAMPLE_RANDOM_H

#include "base/number.h"
#include "tests/support/staging.h"

struct sample_options {
    uint64_t seed;
    uint64_t row_count;
    uint32_t address_count;
    uint32_t text_count; /* of `State` */
    bool is_in_time_order;
    bool has_doubles; /* in `Ratio` */
    bool is_flat;     /* addresses are met alike often: nearly as many as can be */
};

enum sample_property {
    SAMPLE_TIME,
    SAMPLE_DURATION, /* decimals */
    SAMPLE_PROTOCOL,
    SAMPLE_SOURCE,
    SAMPLE_PORT,
    SAMPLE_TARGET,
    SAMPLE_STATE,
    SAMPLE_RATIO,
    SAMPLE_FLAG,
    SAMPLE_WAIT,
    SAMPLE_SEEN,
    SAMPLE_VOID,      /* integers, all null */
    SAMPLE_VOID_TEXT, /* texts, all null */
    SAMPLE_VOID_REAL, /* floats, all null */
    SAMPLE_SAME,      /* integers, all one */
    SAMPLE_WIDE,      /* integers from the least to the greatest */
    SAMPLE_PROPERTIES,
};

static inline void sample_address_text(char *text, uint64_t address)
{
    uint32_t value = (uint32_t)hash_mix(address + 1);
    switch (address % 5) {
    case 0:
        snprintf(text, CELL_TEXT_BYTES, "2001:db8::%x", value >> 16 | 1);
        break;
    case 1:
        snprintf(text, CELL_TEXT_BYTES, "02:00:00:%02x:%02x:%02x", value & 255, value >> 8 & 255,
                 value >> 16 & 255);
        break;
    case 2:
        snprintf(text, CELL_TEXT_BYTES, "host-%08x.example", value);
        break;
    default:
        snprintf(text, CELL_TEXT_BYTES, "10.%u.%u.%u", value & 255, value >> 8 & 255,
                 value >> 16 & 255);
        break;
    }
}

/* Small numbers far more often than large ones. */
static inline uint64_t sample_skewed(uint64_t *state, uint64_t count)
{
    uint64_t bits = stage_random(state) % 24;
    return stage_random(state) % ((count >> (bits % 12)) + 1) % count;
}

static inline void sample_decimal(struct cell *cell, uint64_t *state)
{
    cell->scale = (uint32_t)(stage_random(state) % 7);
    cell->integer = (int64_t)(stage_random(state) % 2000000) - 1000;
    cell->real = (double)cell->integer / power_of_ten(cell->scale);
}

static inline void sample_fill_row(struct cell *cells, const struct sample_options *options,
                                   uint64_t row, uint64_t *state)
{
    time_ns time = (time_ns)(row * 1000000);
    if (!options->is_in_time_order) {
        time += (time_ns)(stage_random(state) % 20) * 1000000;
    }
    cells[SAMPLE_TIME].integer = time - time % 3000000; /* many are equal */
    sample_decimal(&cells[SAMPLE_DURATION], state);
    cells[SAMPLE_DURATION].is_null = stage_random(state) % 50 == 0;
    snprintf(cells[SAMPLE_PROTOCOL].text, CELL_TEXT_BYTES, "p%u",
             (unsigned)(stage_random(state) % 3));
    uint32_t addresses = options->address_count;
    bool is_flat = options->is_flat;
    sample_address_text(cells[SAMPLE_SOURCE].text, is_flat ? stage_random(state) % addresses
                                                           : sample_skewed(state, addresses));
    sample_address_text(cells[SAMPLE_TARGET].text, is_flat ? stage_random(state) % addresses
                                                           : sample_skewed(state, addresses));
    cells[SAMPLE_PORT].integer = (int64_t)(stage_random(state) % 65536);
    cells[SAMPLE_PORT].is_null = stage_random(state) % 4 == 0;
    uint64_t text = sample_skewed(state, options->text_count);
    snprintf(cells[SAMPLE_STATE].text, CELL_TEXT_BYTES, "%.*s%x", (int)(text % 9), "prefix-of-it",
             (unsigned)hash_mix(text));
    cells[SAMPLE_STATE].is_null = stage_random(state) % 9 == 0;
    sample_decimal(&cells[SAMPLE_RATIO], state);
    if (options->has_doubles && stage_random(state) % 100 == 0) {
        cells[SAMPLE_RATIO].is_double = true;
        cells[SAMPLE_RATIO].real = (double)stage_random(state) * 1e-30;
    }
    cells[SAMPLE_FLAG].integer = stage_random(state) % 2 == 0;
    cells[SAMPLE_FLAG].is_null = stage_random(state) % 3 == 0;
    cells[SAMPLE_WAIT].integer = (int64_t)(stage_random(state) % 256) - 128;
    cells[SAMPLE_SEEN].integer = INT64_C(1300000000000000000) + (int64_t)row;
    cells[SAMPLE_VOID].is_null = true;
    cells[SAMPLE_VOID_TEXT].is_null = true;
    cells[SAMPLE_VOID_REAL].is_null = true;
    cells[SAMPLE_SAME].integer = -42;
    cells[SAMPLE_WIDE].integer = (int64_t)(row % 7 == 0   ? (uint64_t)INT64_MAX
                                           : row % 7 == 1 ? (uint64_t)INT64_MIN
                                                          : stage_random(state));
}

static inline void sample_random(struct sample *sample, const struct sample_options *options)
{
    static const struct {
        const char *name;
        enum type type;
        enum role role;
    } properties[SAMPLE_PROPERTIES] = {
        [SAMPLE_TIME] = {"StartTime", TYPE_TIME, ROLE_START_TIME},
        [SAMPLE_DURATION] = {"Dur", TYPE_FLOAT, ROLE_ATTRIBUTE},
        [SAMPLE_PROTOCOL] = {"Proto", TYPE_TEXT, ROLE_ATTRIBUTE},
        [SAMPLE_SOURCE] = {"SrcAddr", TYPE_ADDRESS, ROLE_SOURCE},
        [SAMPLE_PORT] = {"Sport", TYPE_INTEGER, ROLE_ATTRIBUTE},
        [SAMPLE_TARGET] = {"DstAddr", TYPE_ADDRESS, ROLE_TARGET},
        [SAMPLE_STATE] = {"State", TYPE_TEXT, ROLE_ATTRIBUTE},
        [SAMPLE_RATIO] = {"Ratio", TYPE_FLOAT, ROLE_ATTRIBUTE},
        [SAMPLE_FLAG] = {"Flag", TYPE_BOOL, ROLE_ATTRIBUTE},
        [SAMPLE_WAIT] = {"Wait", TYPE_DURATION, ROLE_ATTRIBUTE},
        [SAMPLE_SEEN] = {"Seen", TYPE_TIME, ROLE_ATTRIBUTE},
        [SAMPLE_VOID] = {"Void", TYPE_INTEGER, ROLE_ATTRIBUTE},
        [SAMPLE_VOID_TEXT] = {"VoidText", TYPE_TEXT, ROLE_ATTRIBUTE},
        [SAMPLE_VOID_REAL] = {"VoidReal", TYPE_FLOAT, ROLE_ATTRIBUTE},
        [SAMPLE_SAME] = {"Same", TYPE_INTEGER, ROLE_ATTRIBUTE},
        [SAMPLE_WIDE] = {"Wide", TYPE_INTEGER, ROLE_ATTRIBUTE},
    };
    *sample = (struct sample){.row_count = options->row_count};
    for (uint32_t index = 0; index < SAMPLE_PROPERTIES; index++) {
        CHECK(schema_add(&sample->schema, bytes_of(properties[index].name), properties[index].type,
                         properties[index].role, NULL) == STATUS_OK);
    }
    sample->cells = memory_allocate(options->row_count * SAMPLE_PROPERTIES, sizeof(struct cell));
    CHECK(sample->cells != NULL);
    uint64_t state = options->seed;
    for (uint64_t row = 0; row < options->row_count; row++) {
        sample_fill_row(sample_cell(sample, row, 0), options, row, &state);
    }
}

#endif
