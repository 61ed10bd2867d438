/* floor: loader */
#include "loader/coder.h"

#include <stdio.h>

#include "base/check.h"
#include "tests/support/loading.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct arena *arena;

static int open_arena(void)
{
    struct error error = {0};
    rig_open(&rig, 1);
    return arena_open(&arena, rig.topology, 0, &rig.budget, &error) != STATUS_OK;
}

static int close_arena(void)
{
    arena_close(arena);
    rig_close(&rig);
    return 0;
}

/* A field with readable bytes around it that change from call to call. */
static struct bytes field_of(const char *text)
{
    static char padded[FIELD_PADDING + 1024 + FIELD_PADDING];
    static char filler = 'a';
    memset(padded, filler++, sizeof padded);
    memcpy(padded + FIELD_PADDING, text, strlen(text));
    return bytes_view(padded + FIELD_PADDING, strlen(text));
}

static void equal_texts_have_equal_codes_and_others_not(void)
{
    static struct text_coder coder;
    struct text_table table = {0};
    struct text_pool pool = {.arena = arena};
    text_coder_init(&coder, &table, &pool);
    char text[200] = "";
    /* Lengths around every way of comparing, each with one byte changed at each place. */
    for (uint32_t size = 1; size < 80; size++) {
        memset(text, 'x', size);
        text[size] = '\0';
        uint32_t code = text_coder_code(&coder, field_of(text));
        for (uint32_t at = 0; at < size; at++) {
            text[at] = 'y';
            uint32_t changed = text_coder_code(&coder, field_of(text));
            CU_ASSERT_NOT_EQUAL(changed, code);
            CU_ASSERT_EQUAL(text_coder_code(&coder, field_of(text)), changed);
            CU_ASSERT_STRING_EQUAL(table.entries[changed]->bytes, text);
            text[at] = 'x';
            CU_ASSERT_EQUAL(text_coder_code(&coder, field_of(text)), code);
        }
    }
    CU_ASSERT_EQUAL(table.count, 79 + 79 * 80 / 2);
}

static void blanks_around_a_text_do_not_count(void)
{
    static struct text_coder coder;
    static const char *const same[] = {"<->", "  <->", "<->  ", "\t<-> ",
                                       "                        <->"};
    struct text_table table = {0};
    struct text_pool pool = {.arena = arena};
    text_coder_init(&coder, &table, &pool);
    for (uint32_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
            CU_ASSERT_EQUAL(text_coder_code(&coder, field_of(same[i])), 0);
        }
        CU_ASSERT_EQUAL(text_coder_code(&coder, field_of("")), CODE_NONE);
        CU_ASSERT_EQUAL(text_coder_code(&coder, field_of("   ")), CODE_NONE);
        CU_ASSERT_EQUAL(text_coder_code(&coder, field_of("                     ")), CODE_NONE);
    }
    CU_ASSERT_EQUAL(table.count, 1);
}

static void many_texts_keep_their_codes_as_the_table_grows(void)
{
    enum { TEXTS = 20000 };
    struct text_table table = {0};
    struct text_pool pool = {.arena = arena};
    char text[32];
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < TEXTS; i++) {
            snprintf(text, sizeof text, "text-%u", i);
            CU_ASSERT_EQUAL_FATAL(text_table_code(&table, &pool, bytes_of(text)), i);
        }
    }
    CU_ASSERT_EQUAL(table.count, TEXTS);
    for (uint32_t i = 0; i < TEXTS; i++) {
        const struct text *entry = table.entries[i];
        CU_ASSERT_EQUAL(entry->hash, (uint32_t)bytes_hash(text_view(entry)));
    }
}

static void addresses_are_one_whatever_their_spelling(void)
{
    static struct address_coder coder;
    static const struct {
        const char *text;
        uint32_t code;
    } rows[] = {
        {"147.32.84.229", 0},
        {"147.32.84.22", 1},
        {"::ffff:147.32.84.229", 0},
        {"2001:db8:0:0:0:0:0:1", 2},
        {"2001:DB8::1", 2},
        {"00:15:17:2c:e5:2d", 3},
        {"00:15:17:2C:E5:2D", 3},
        {"0", 4},
        {"host.example.org.which.is.long", 5},
        {" 147.32.84.229 ", 0},
        {"0", 4},
        {"host.example.org.which.is.long", 5},
    };
    struct address_table table = {0};
    struct text_table texts = {0};
    struct text_pool pool = {.arena = arena};
    address_coder_init(&coder, &table, &texts, &pool);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            uint32_t code = address_coder_code(&coder, field_of(rows[i].text), round * 100 + i);
            CU_ASSERT_EQUAL(code, rows[i].code);
        }
    }
    CU_ASSERT_EQUAL(table.count, 6);
    CU_ASSERT_EQUAL(texts.count, 2);
    CU_ASSERT_EQUAL(table.first_seen[0], 0);
    CU_ASSERT_EQUAL(table.first_seen[2], 3);
    CU_ASSERT_EQUAL(table.first_seen[5], 8);
}

static void many_addresses_keep_their_codes_as_the_table_grows(void)
{
    enum { ADDRESSES = 50000 };
    struct address_table table = {0};
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < ADDRESSES; i++) {
            struct address address = {0, ADDRESS_LOW_IPV4 | (i * 7919)};
            CU_ASSERT_EQUAL_FATAL(address_table_code(&table, arena, address, round), i);
        }
    }
    CU_ASSERT_EQUAL(table.count, ADDRESSES);
    CU_ASSERT_EQUAL(table.first_seen[ADDRESSES - 1], 0);
}

static void lack_of_memory_is_told_and_leaves_the_table(void)
{
    for (uint64_t after = 1; after < 6; after++) {
        struct address_table table = {0};
        struct text_table texts = {0};
        struct text_pool pool = {.arena = arena};
        memory_fault_set(after);
        uint32_t text_code = text_table_code(&texts, &pool, bytes_of("text"));
        memory_fault_set(0);
        CU_ASSERT_EQUAL(text_code, after <= 3 ? CODE_NO_MEMORY : 0);
        CU_ASSERT_EQUAL(text_table_code(&texts, &pool, bytes_of("text")), 0);
        memory_fault_set(after);
        uint32_t code = address_table_code(&table, arena, (struct address){1, 2}, 0);
        memory_fault_set(0);
        CU_ASSERT_EQUAL(code, after <= 3 ? CODE_NO_MEMORY : 0);
        CU_ASSERT_EQUAL(address_table_code(&table, arena, (struct address){1, 2}, 0), 0);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(equal_texts_have_equal_codes_and_others_not),
        CASE(blanks_around_a_text_do_not_count),
        CASE(many_texts_keep_their_codes_as_the_table_grows),
        CASE(addresses_are_one_whatever_their_spelling),
        CASE(many_addresses_keep_their_codes_as_the_table_grows),
        CASE(lack_of_memory_is_told_and_leaves_the_table),
        CU_TEST_INFO_NULL,
    };
    return suite_run("coder", open_arena, close_arena, cases);
}
