/* floor: loader */
#include "loader/decompress.h"

#include "tests/support/loading.h"
#include "tests/support/packing.h"
#include "tests/support/suite.h"

enum { TEXT_BYTES = 3 << 20, PACKED_BYTES = 8 << 20 };

/* Long repetitions, and bytes that nothing predicts. */
static char text[TEXT_BYTES];
static char packed[PACKED_BYTES];
static struct rig rig;
static struct arena *arena;
static struct error error;

static size_t pack(size_t packer, const char *data, size_t size, size_t at)
{
    return packers[packer].pack(data, size, packed + at, sizeof packed - at);
}

static int open_rig(void)
{
    rig_open(&rig, 1);
    uint64_t state = 7;
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        state = hash_mix(state + 1);
        text[i] = i % 100 < 90 ? (char)('a' + i % 90 % 26) : (char)state;
    }
    return arena_open(&arena, rig.topology, 0, &rig.budget, NULL) != STATUS_OK;
}

static int close_rig(void)
{
    arena_close(arena);
    rig_close(&rig);
    return 0;
}

/* What comes out of the first `size` bytes of `packed`. */
static enum status unpack(struct intake *out, size_t size)
{
    struct bytes content = bytes_view(packed, size);
    error_clear(&error);
    intake_init(out, arena);
    CU_ASSERT_PTR_NOT_NULL_FATAL(codec_of(content));
    return decompress(out, codec_of(content), content, "file", &rig.stop, &error);
}

static bool gives(size_t size, const char *wanted, size_t wanted_bytes)
{
    struct intake out;
    enum status status = unpack(&out, size);
    bool is_same =
        status == STATUS_OK && bytes_equal(intake_bytes(&out), bytes_view(wanted, wanted_bytes));
    if (!is_same) {
        printf("\nstatus %d: %s\n", status, error.text);
    }
    intake_close(&out);
    return is_same;
}

static bool is_refused(size_t size, const char *word)
{
    struct intake out;
    enum status status = unpack(&out, size);
    intake_close(&out);
    bool is_right = status == STATUS_INPUT && strstr(error.text, word) != NULL &&
                    strstr(error.text, "byte") != NULL && strcmp(error.file, "file") == 0;
    if (!is_right) {
        printf("\nstatus %d: %s\n", status, error.text);
    }
    return is_right;
}

static void every_format_is_known_and_gives_what_was_packed(void)
{
    static const size_t sizes[] = {0, 1, 1000, 1 << 20, TEXT_BYTES};
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t size = pack(p, text, sizes[i], 0);
            CU_ASSERT_PTR_EQUAL(codec_of(bytes_view(packed, size)), packers[p].codec);
            CU_ASSERT_TRUE(gives(size, text, sizes[i]));
        }
    }
}

static void text_is_not_compressed(void)
{
    static const char *const rows[] = {"", "S", "StartTime,Dur", "BZ", "\x1f\x8b", "7zXZ"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_PTR_NULL(codec_of(bytes_of(rows[i])));
    }
}

static void members_follow_one_another_with_padding_between_and_behind(void)
{
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = pack(p, text, 700000, 0);
        size += pack(p, text, 0, size);
        memset(packed + size, 0, 512);
        size += 512;
        size += pack(p, text + 700000, 300000, size);
        CU_ASSERT_TRUE(gives(size, text, 1000000));
        memset(packed + size, 0, 1024);
        CU_ASSERT_TRUE(gives(size + 1024, text, 1000000));
    }
}

static void zstd_frames_to_skip_are_skipped(void)
{
    static const char frame[] = "\x50\x2a\x4d\x18\3\0\0\0abc";
    memcpy(packed, frame, 11);
    size_t size = 11 + pack_zstd(text, 1000, packed + 11, sizeof packed - 11);
    CU_ASSERT_TRUE(gives(size, text, 1000));
}

static void archive_that_is_cut_off_anywhere_is_refused(void)
{
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = pack(p, text, 300000, 0);
        size_t step = size / 97;
        for (size_t cut = packers[p].codec->magic_bytes; cut < size; cut += step) {
            CU_ASSERT_TRUE(is_refused(cut, "is incomplete"));
        }
        CU_ASSERT_TRUE(is_refused(size - 1, "is incomplete"));
        /* The second member is cut off, the first is whole. */
        size_t both = size + pack(p, text, 1000, size);
        CU_ASSERT_TRUE(is_refused(both - 1, "is incomplete"));
    }
}

static void damage_is_refused_or_does_no_harm(void)
{
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = pack(p, text, 300000, 0);
        uint32_t refused = 0;
        for (uint32_t i = 0; i < 100; i++) {
            size_t at = packers[p].codec->magic_bytes +
                        hash_mix(i) % (size - packers[p].codec->magic_bytes);
            char good = packed[at];
            packed[at] = (char)(good ^ (1 << i % 8));
            struct intake out;
            enum status status = unpack(&out, size);
            bool is_same =
                status == STATUS_OK && bytes_equal(intake_bytes(&out), bytes_view(text, 300000));
            CU_ASSERT_TRUE(is_same || status == STATUS_INPUT);
            refused += status == STATUS_INPUT;
            intake_close(&out);
            packed[at] = good;
        }
        CU_ASSERT_TRUE(refused > 90);
    }
}

static void what_follows_an_archive_is_refused(void)
{
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = pack(p, text, 1000, 0);
        memcpy(packed + size, "something else behind it", 24);
        CU_ASSERT_TRUE(is_refused(size + 24, "is damaged"));
    }
}

static void bomb_meets_the_memory_limit(void)
{
    static char zeros[TEXT_BYTES];
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        struct budget budget;
        struct intake out;
        struct arena *small;
        size_t size = 0;
        for (uint32_t member = 0; member < 8; member++) {
            size += pack(p, zeros, sizeof zeros, size);
        }
        budget_init(&budget, UINT64_C(20) << 20);
        error_clear(&error);
        CU_ASSERT_EQUAL(arena_open(&small, rig.topology, 0, &budget, &error), STATUS_OK);
        intake_init(&out, small);
        struct bytes content = bytes_view(packed, size);
        CU_ASSERT_EQUAL(decompress(&out, packers[p].codec, content, "bomb", NULL, &error),
                        STATUS_LIMIT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "memory limit of 20"));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "decompressing bomb"));
        CU_ASSERT_TRUE(budget_peak(&budget) > (UINT64_C(18) << 20));
        intake_close(&out);
        arena_close(small);
        CU_ASSERT_EQUAL(budget_used(&budget), 0);
    }
}

static void stop_ends_it(void)
{
    struct intake out;
    struct stop stop;
    stop_init(&stop, 0);
    stop_request(&stop, STOP_INTERRUPTED);
    size_t size = pack_gzip(text, TEXT_BYTES, packed, sizeof packed);
    intake_init(&out, arena);
    error_clear(&error);
    CU_ASSERT_EQUAL(decompress(&out, &codec_gzip, bytes_view(packed, size), "file", &stop, &error),
                    STATUS_INTERRUPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "interrupted while decompressing"));
    intake_close(&out);
}

static void every_failing_allocation_is_an_error(void)
{
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = pack(p, text, 10000, 0);
        enum status status = STATUS_FAILED;
        for (uint64_t after = 1; status != STATUS_OK && after < 100; after++) {
            struct intake out;
            memory_fault_set(after);
            status = unpack(&out, size);
            memory_fault_set(0);
            CU_ASSERT_TRUE(status == STATUS_OK || status == STATUS_FAILED);
            CU_ASSERT_TRUE(status == STATUS_OK || strstr(error.text, "out of memory") != NULL);
            intake_close(&out);
        }
        CU_ASSERT_EQUAL(status, STATUS_OK);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_format_is_known_and_gives_what_was_packed),
        CASE(text_is_not_compressed),
        CASE(members_follow_one_another_with_padding_between_and_behind),
        CASE(zstd_frames_to_skip_are_skipped),
        CASE(archive_that_is_cut_off_anywhere_is_refused),
        CASE(damage_is_refused_or_does_no_harm),
        CASE(what_follows_an_archive_is_refused),
        CASE(bomb_meets_the_memory_limit),
        CASE(stop_ends_it),
        CASE(every_failing_allocation_is_an_error),
        CU_TEST_INFO_NULL,
    };
    return suite_run("decompress", open_rig, close_rig, cases);
}
