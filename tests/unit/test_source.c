/* floor: loader */
#include "loader/source.h"

#include <CUnit/Basic.h>

#include "loader/load.h"
#include "tests/support/loading.h"

static const char header[] = "StartTime,SrcAddr,DstAddr\n";

/* A file of lines whose lengths are `lengths` in turn, about `bytes` long. */
static void write_lines(const char *path, const uint32_t *lengths, uint32_t length_count,
                        uint64_t bytes, bool ends_in_newline)
{
    struct text_buffer text = {0};
    text_add(&text, header);
    text.capacity = bytes + (bytes >> 1) + sizeof header;
    text.data = memory_resize(text.data, text.capacity, 1);
    for (uint32_t i = 0; text.size < bytes; i++) {
        uint32_t length = lengths[i % length_count];
        length = text.size + length + 1 < text.capacity ? length : 0;
        memset(text.data + text.size, 'a' + (char)(i % 26), length);
        text.size += length;
        text.data[text.size++] = '\n';
    }
    write_file(path, text.data, text.size - !ends_in_newline);
    memory_free(text.data);
}

static void chunks_are_whole_lines_and_cover_the_file(void)
{
    static const uint32_t cases[][3] = {
        {10, 0, 200}, {(1 << 20) - 1, 5, 1}, {1 << 20, 1 << 20, 3}, {3 << 20, 1, 1}, {0, 0, 0}};
    char path[256];
    test_path(path, sizeof path, "source");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint32_t newline = 0; newline < 2; newline++) {
            const char *paths[] = {path, path};
            struct source source = {0};
            struct error error = {0};
            write_lines(path, cases[i], 3, UINT64_C(5) << 20, newline != 0);
            CU_ASSERT_EQUAL_FATAL(source_open(&source, paths, 2, 0, &error), STATUS_OK);
            uint64_t at = 0;
            for (uint32_t k = 0; k < source.chunk_count; k++) {
                struct chunk chunk = source_chunk(&source, k);
                const struct file_view *view = &chunk.file->view;
                bool is_first = k == chunk.file->chunk_base;
                at = is_first ? chunk.file->data_begin : at;
                CU_ASSERT_EQUAL(chunk.file, &source.files[chunk.file_index]);
                if (chunk.begin == chunk.end) {
                    continue;
                }
                CU_ASSERT_EQUAL(chunk.begin, at);
                CU_ASSERT_TRUE(chunk.end == view->size || view->data[chunk.end - 1] == '\n');
                at = chunk.end;
            }
            CU_ASSERT_EQUAL(at, source.files[1].view.size);
            source_close(&source);
        }
    }
    remove(path);
}

static void first_line_is_found_without_mark_and_line_end(void)
{
    static const struct {
        const char *text;
        const char *header;
        uint64_t data_begin;
    } rows[] = {
        {"a,b\nx", "a,b", 4},
        {"a,b\r\nx", "a,b", 5},
        {"\xef\xbb\xbf"
         "a,b\nx",
         "a,b", 7},
        {"a,b", "a,b", 3},
        {"\n", "", 1},
    };
    char path[256];
    test_path(path, sizeof path, "source");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *paths[] = {path};
        struct source source = {0};
        struct error error = {0};
        write_file(path, rows[i].text, strlen(rows[i].text));
        CU_ASSERT_EQUAL_FATAL(source_open(&source, paths, 1, 0, &error), STATUS_OK);
        CU_ASSERT_TRUE(bytes_equal(source_header(&source.files[0]), bytes_of(rows[i].header)));
        CU_ASSERT_EQUAL(source.files[0].data_begin, rows[i].data_begin);
        source_close(&source);
    }
    remove(path);
}

static void what_cannot_be_a_source_is_refused(void)
{
    char path[256];
    test_path(path, sizeof path, "source");
    char *longline = memory_allocate(LINE_BYTES_MAX + 1, 1);
    memset(longline, 'x', LINE_BYTES_MAX + 1);
    const struct {
        const char *path;
        const char *text; /* NULL: no file is made */
        size_t size;
        const char *reason;
    } rows[] = {
        {path, "", 0, "is empty"},
        {path, "\xef\xbb\xbf", 3, "is empty"},
        {path, longline, LINE_BYTES_MAX + 1, "longer than 1 MiB"},
        {"/no/such/file", NULL, 0, "No such file"},
        {"/", NULL, 0, "directory"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct source source = {0};
        struct error error = {0};
        if (rows[i].text != NULL) {
            write_file(rows[i].path, rows[i].text, rows[i].size);
        }
        CU_ASSERT_EQUAL(source_open(&source, &rows[i].path, 1, 0, &error), STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].reason));
        CU_ASSERT_TRUE(strcmp(error.file, rows[i].path) == 0 ||
                       strstr(error.text, rows[i].path) != NULL);
        source_close(&source);
    }
    memory_free(longline);
    remove(path);
}

int main(void)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("source", NULL, NULL);
    CU_ADD_TEST(suite, chunks_are_whole_lines_and_cover_the_file);
    CU_ADD_TEST(suite, first_line_is_found_without_mark_and_line_end);
    CU_ADD_TEST(suite, what_cannot_be_a_source_is_refused);
    CU_basic_run_tests();
    int failures = (int)CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
