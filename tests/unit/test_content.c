/* floor: loader */
#include "loader/content.h"

#include <fcntl.h>

#include "loader/load.h"
#include "tests/support/loading.h"
#include "tests/support/packing.h"
#include "tests/support/same_graph.h"
#include "tests/support/suite.h"

enum { FLOW_COUNT = 20000, PACKED_BYTES = 4 << 20 };

static struct rig rig;
static struct error error;
static struct text_buffer flows;
static char packed[PACKED_BYTES];
static char path[256];
static char plain_path[256];

/* Flows that make several chunks; some addresses are texts, some fields are empty. */
static int open_rig(void)
{
    rig_open(&rig, 2);
    test_path(path, sizeof path, "content");
    test_path(plain_path, sizeof plain_path, "content.csv");
    text_add(&flows, "StartTime,Dur,Proto,SrcAddr,Sport,DstAddr,TotBytes,Label\n");
    for (uint64_t i = 0; i < FLOW_COUNT; i++) {
        char line[200];
        uint64_t random = hash_mix(i);
        snprintf(line, sizeof line,
                 "2011/08/16 10:%02u:%02u.%06u,%u.%u,%s,10.0.%u.%u,%u,%s%u,%.*s,flow=%u\n",
                 (unsigned)(i / 400 % 60), (unsigned)(i / 7 % 60), (unsigned)(random % 1000000),
                 (unsigned)(random >> 20) % 9, (unsigned)(random >> 8) % 1000,
                 random % 3 ? "tcp" : "udp", (unsigned)(random >> 40) % 4,
                 (unsigned)(random >> 50) % 250, (unsigned)(random >> 30) % 65536,
                 random % 50 ? "10.1.0." : "host-", (unsigned)(random >> 12) % 200,
                 random % 10 ? 5 : 0, "12345", (unsigned)(random >> 33) % 77);
        text_add(&flows, line);
    }
    write_file(plain_path, flows.data, flows.size);
    return 0;
}

static int close_rig(void)
{
    memory_free(flows.data);
    remove(path);
    remove(plain_path);
    rig_close(&rig);
    return 0;
}

static struct graph *load(const char *file)
{
    struct load_options options = {
        .paths = &file, .path_count = 1, .partition_count = 3, .reject_limit_rows = 0};
    struct load_report report;
    struct graph *graph = NULL;
    error_clear(&error);
    enum status status =
        graph_load(&graph, rig.team, &rig.budget, &options, &rig.stop, NULL, &report, &error);
    if (status != STATUS_OK) {
        printf("\n%s: %s\n", error.file, error.text);
    }
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    return graph;
}

static int take_standard_input(const char *file)
{
    int kept = dup(STDIN_FILENO);
    FILE *stream = fopen(file, "rb");
    dup2(fileno(stream), STDIN_FILENO);
    fclose(stream);
    return kept;
}

static void give_standard_input(int kept)
{
    dup2(kept, STDIN_FILENO);
    close(kept);
}

static void packed_files_give_the_same_graph_byte_for_byte(void)
{
    struct graph *plain = load(plain_path);
    CU_ASSERT_EQUAL(plain->edges.flow_count, FLOW_COUNT);
    for (size_t p = 0; p < PACKER_COUNT; p++) {
        size_t size = packers[p].pack(flows.data, flows.size, packed, sizeof packed);
        write_file(path, packed, size);
        struct graph *unpacked = load(path);
        CU_ASSERT_TRUE(same_graph(plain, unpacked));
        graph_close(unpacked);
        int kept = take_standard_input(path);
        unpacked = load("-");
        give_standard_input(kept);
        CU_ASSERT_TRUE(same_graph(plain, unpacked));
        graph_close(unpacked);
    }
    graph_close(plain);
    CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
}

/* Opens one content in an arena of its own, and gives back all of it. */
static enum status open_text(const char *file, struct text_buffer *text)
{
    struct arena *arena;
    struct content content = {0};
    error_clear(&error);
    text->size = 0;
    CU_ASSERT_EQUAL_FATAL(arena_open(&arena, rig.topology, 0, &rig.budget, &error), STATUS_OK);
    struct content_means means = {arena, &rig.budget, &rig.stop};
    enum status status = content_open(&content, file, &means, &error);
    if (status == STATUS_OK) {
        text->data = memory_resize(text->data, content.view.size + 1, 1);
        memcpy(text->data, content.view.data, content.view.size);
        text->size = content.view.size;
        text->data[text->size] = '\0';
    }
    content_close(&content);
    arena_close(arena);
    CU_ASSERT_EQUAL(budget_used(&rig.budget), 0);
    return status;
}

static void archive_within_an_archive_is_unpacked_but_not_for_ever(void)
{
    static char outer[PACKED_BYTES];
    struct text_buffer text = {0};
    size_t size = pack_gzip("text", 4, packed, sizeof packed);
    for (uint32_t depth = 1; depth <= 5; depth++) {
        write_file(path, packed, size);
        enum status status = open_text(path, &text);
        CU_ASSERT_EQUAL(status, depth <= 4 ? STATUS_OK : STATUS_INPUT);
        CU_ASSERT_TRUE(depth > 4 || strcmp(text.data, "text") == 0);
        CU_ASSERT_TRUE(depth <= 4 || strstr(error.text, "archives within archives") != NULL);
        size = packers[depth % PACKER_COUNT].pack(packed, size, outer, sizeof outer);
        memcpy(packed, outer, size);
    }
    memory_free(text.data);
}

static void what_is_known_and_not_read_is_named(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *what;
    } rows[] = {
        {"PK\3\4....", 8, "ZIP archive: unpack it first"},
        {"\xd4\xc3\xb2\xa1....", 8, "capture of packets: make flows of it"},
        {"\x0a\x0d\x0d\x0a....", 8, "capture of packets: make flows of it"},
        {"PAR1....", 8, "Parquet"},
        {"\xff\xfeS\0t\0", 6, "text in UTF-16: write it in UTF-8 first"},
        {"\xfe\xff\0S\0t", 6, "text in UTF-16: write it in UTF-8 first"},
        {"\x1f\x9d....", 6, "compress"},
    };
    char archive[512] = "flows.csv";
    memcpy(archive + 257, "ustar", 5);
    struct text_buffer text = {0};
    write_file(path, archive, sizeof archive);
    CU_ASSERT_EQUAL(open_text(path, &text), STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "is a tar archive: unpack it first"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_file(path, rows[i].bytes, rows[i].size);
        CU_ASSERT_EQUAL(open_text(path, &text), STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].what));
        CU_ASSERT_STRING_EQUAL(error.file, path);
    }
    memory_free(text.data);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(packed_files_give_the_same_graph_byte_for_byte),
        CASE(archive_within_an_archive_is_unpacked_but_not_for_ever),
        CASE(what_is_known_and_not_read_is_named),
        CU_TEST_INFO_NULL,
    };
    return suite_run("content", open_rig, close_rig, cases);
}
