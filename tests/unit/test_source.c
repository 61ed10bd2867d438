/* floor: loader */
#include "loader/source.h"

#include "loader/load.h"
#include "tests/support/loading.h"
#include "tests/support/suite.h"

static const char header[] = "StartTime,SrcAddr,DstAddr\n";

static struct rig rig;

static enum status open_source(struct source *source, const char *const *paths, uint32_t count,
                               struct error *error)
{
    return source_open(source, paths, count, rig.team, &rig.budget, &rig.stop, error);
}

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

/* As the layout does. */
static void cut_headers(struct source *source)
{
    for (uint32_t i = 0; i < source->file_count; i++) {
        source->files[i].data_begin = sizeof header - 1;
    }
}

static void chunks_are_whole_lines_and_cover_the_file(void)
{
    static const uint32_t cases[][3] = {
        {10, 0, 200}, {(1 << 20) - 1, 5, 1}, {1 << 20, 1 << 20, 3}, {3 << 20, 1, 1}, {0, 0, 0}};
    char path[256];
    char second_path[256];
    test_path(path, sizeof path, "source");
    test_path(second_path, sizeof second_path, "source-2");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint32_t newline = 0; newline < 2; newline++) {
            const char *paths[] = {path, second_path};
            struct source source = {0};
            struct error error = {0};
            write_lines(path, cases[i], 3, UINT64_C(5) << 20, newline != 0);
            write_lines(second_path, cases[i], 3, UINT64_C(5) << 20, newline != 0);
            CU_ASSERT_EQUAL_FATAL(open_source(&source, paths, 2, &error), STATUS_OK);
            cut_headers(&source);
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
    remove(second_path);
}

static void header_is_without_mark_and_line_end(void)
{
    static const struct {
        const char *text;
        uint64_t data_begin;
        const char *header;
        uint64_t first_line;
    } rows[] = {
        {"a,b\nx", 4, "a,b", 2},
        {"a,b\r\nx", 5, "a,b", 2},
        {"\xef\xbb\xbf"
         "a,b\nx",
         7, "a,b", 2},
        {"a,b", 3, "a,b", 1},
        {"\n", 1, "", 2},
        {"#one\n#two\nx", 10, "#one\n#two", 3},
        {"x,y\n", 0, "", 1},
    };
    char path[256];
    test_path(path, sizeof path, "source");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *paths[] = {path};
        struct source source = {0};
        struct error error = {0};
        write_file(path, rows[i].text, strlen(rows[i].text));
        CU_ASSERT_EQUAL_FATAL(open_source(&source, paths, 1, &error), STATUS_OK);
        source.files[0].data_begin = rows[i].data_begin;
        CU_ASSERT_TRUE(bytes_equal(source_header(&source.files[0]), bytes_of(rows[i].header)));
        CU_ASSERT_EQUAL(source_first_line(&source.files[0]), rows[i].first_line);
        source_close(&source);
    }
    remove(path);
}

static void pattern_stands_for_its_files_in_order(void)
{
    char folder[] = "/tmp/gyre-source-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    static const char *const names[] = {"b.csv", "a.csv", "c.txt", "x[1].csv"};
    char paths[4][64];
    for (size_t i = 0; i < 4; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
        write_file(paths[i], header, strlen(header));
    }
    char any[64];
    char one[64];
    snprintf(any, sizeof any, "%s/[ab].*", folder);
    snprintf(one, sizeof one, "%s/x[1].csv", folder);
    const char *const given[] = {paths[2], any, one};
    struct source source = {0};
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(open_source(&source, given, 3, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(source.file_count, 4);
    static const uint32_t order[] = {2, 1, 0, 3};
    for (uint32_t i = 0; i < 4; i++) {
        CU_ASSERT_STRING_EQUAL(source.files[i].name, paths[order[i]]);
        CU_ASSERT_EQUAL(source.files[i].chunk_base, i);
    }
    source_close(&source);
    for (size_t i = 0; i < 4; i++) {
        remove(paths[i]);
    }
    rmdir(folder);
    CU_ASSERT_EQUAL(open_source(&source, given + 1, 1, &error), STATUS_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "no file matches"));
    source_close(&source);
}

static void file_that_is_given_twice_is_opened_once(void)
{
    char path[256];
    char other[300];
    test_path(path, sizeof path, "source");
    snprintf(other, sizeof other, "%.*s/./%s", (int)(strrchr(path, '/') - path), path,
             strrchr(path, '/') + 1);
    write_file(path, header, strlen(header));
    const char *const given[] = {path, other, path};
    struct source source = {0};
    struct error error = {0};
    CU_ASSERT_EQUAL_FATAL(open_source(&source, given, 3, &error), STATUS_OK);
    CU_ASSERT_EQUAL(source.file_count, 1);
    CU_ASSERT_EQUAL_FATAL(source.repeated.count, 2);
    CU_ASSERT_STRING_EQUAL(source.repeated.paths[0], other);
    source_close(&source);
    remove(path);
}

static void first_file_that_fails_is_told(void)
{
    char path[256];
    test_path(path, sizeof path, "source");
    write_file(path, header, strlen(header));
    for (uint32_t first = 0; first < 8; first++) {
        const char *paths[8];
        for (uint32_t i = 0; i < 8; i++) {
            paths[i] = i < first ? path : i == first ? "/no/such/file" : "/";
        }
        struct source source = {0};
        struct error error = {0};
        CU_ASSERT_EQUAL(open_source(&source, paths, 8, &error), STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "No such file"));
        source_close(&source);
    }
    remove(path);
}

static void what_cannot_be_a_source_is_refused(void)
{
    char path[256];
    test_path(path, sizeof path, "source");
    const struct {
        const char *path;
        const char *text; /* NULL: no file is made */
        size_t size;
        const char *reason;
    } rows[] = {
        {path, "", 0, "is empty"},
        {path, "\xef\xbb\xbf", 3, "is empty"},
        {path, "PK\3\4 and more", 12, "ZIP archive: unpack it first"},
        {path, "\xd4\xc3\xb2\xa1\2\0\4\0", 8, "capture of packets"},
        {"/no/such/file", NULL, 0, "No such file"},
        {"/", NULL, 0, "directory"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct source source = {0};
        struct error error = {0};
        if (rows[i].text != NULL) {
            write_file(rows[i].path, rows[i].text, rows[i].size);
        }
        CU_ASSERT_EQUAL(open_source(&source, &rows[i].path, 1, &error), STATUS_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].reason));
        CU_ASSERT_TRUE(strcmp(error.file, rows[i].path) == 0 ||
                       strstr(error.text, rows[i].path) != NULL);
        source_close(&source);
    }
    remove(path);
}

int main(void)
{
    rig_open(&rig, 2);
    CU_TestInfo cases[] = {
        CASE(chunks_are_whole_lines_and_cover_the_file),
        CASE(header_is_without_mark_and_line_end),
        CASE(pattern_stands_for_its_files_in_order),
        CASE(file_that_is_given_twice_is_opened_once),
        CASE(first_file_that_fails_is_told),
        CASE(what_cannot_be_a_source_is_refused),
        CU_TEST_INFO_NULL,
    };
    int failed = suite_run("source", NULL, NULL, cases);
    rig_close(&rig);
    return failed;
}
