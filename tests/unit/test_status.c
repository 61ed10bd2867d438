/* floor: base */
#include "base/status.h"

#include <errno.h>
#include <string.h>

#include "tests/support/suite.h"

static struct error error;

static void first_error_stands(void)
{
    error_clear(&error);
    CU_ASSERT_EQUAL(error_set(&error, STATUS_INPUT, "row %d", 7), STATUS_INPUT);
    CU_ASSERT_EQUAL(error_set(&error, STATUS_USAGE, "other"), STATUS_INPUT);
    CU_ASSERT_EQUAL(error_set_at(&error, STATUS_USAGE, "file", 1, 2, "other"), STATUS_INPUT);
    CU_ASSERT_EQUAL(error_set_errno(&error, STATUS_FAILED, "other"), STATUS_INPUT);
    CU_ASSERT_EQUAL(error_set_memory(&error, "resting"), STATUS_INPUT);
    CU_ASSERT_STRING_EQUAL(error.text, "row 7");
    CU_ASSERT_STRING_EQUAL(error.file, "");
    CU_ASSERT_EQUAL(error.line, 0);
}

static void no_error_object_is_needed(void)
{
    CU_ASSERT_EQUAL(error_set(NULL, STATUS_USAGE, "text"), STATUS_USAGE);
    CU_ASSERT_EQUAL(error_set_at(NULL, STATUS_INPUT, "file", 1, 1, "text"), STATUS_INPUT);
    CU_ASSERT_EQUAL(error_set_errno(NULL, STATUS_FAILED, "text"), STATUS_FAILED);
    CU_ASSERT_EQUAL(error_set_memory(NULL, "resting"), STATUS_FAILED);
    error_set_excerpt(NULL, "text", 4, 0);
    error_add_context(NULL, "text");
}

static void place_is_kept(void)
{
    error_clear(&error);
    error_set_at(&error, STATUS_INPUT, "flows.csv", 12, 34, "no such month");
    CU_ASSERT_STRING_EQUAL(error.file, "flows.csv");
    CU_ASSERT_EQUAL(error.line, 12);
    CU_ASSERT_EQUAL(error.column, 34);
}

static void errno_is_told_in_words(void)
{
    error_clear(&error);
    errno = ENOENT;
    error_set_errno(&error, STATUS_INPUT, "cannot open %s", "x");
    CU_ASSERT_STRING_EQUAL(error.text, "cannot open x: No such file or directory");
}

static void memory_error_tells_what_was_done(void)
{
    error_clear(&error);
    CU_ASSERT_EQUAL(error_set_memory(&error, "reading flows"), STATUS_FAILED);
    CU_ASSERT_STRING_EQUAL(error.text, "out of memory while reading flows");
}

static void long_text_is_cut(void)
{
    char text[2 * ERROR_TEXT_BYTES];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_clear(&error);
    error_set_at(&error, STATUS_INPUT, text, 1, 1, "%s", text);
    CU_ASSERT_EQUAL(strlen(error.text), ERROR_TEXT_BYTES - 1);
    CU_ASSERT_EQUAL(strlen(error.file), ERROR_FILE_BYTES - 1);
    error_add_context(&error, "%s", "here");
    CU_ASSERT_EQUAL(strlen(error.text), ERROR_TEXT_BYTES - 1);
    CU_ASSERT_EQUAL(strncmp(error.text, "here: xxx", 9), 0);
    error_add_context(&error, "%s", text);
    CU_ASSERT_EQUAL(strlen(error.text), ERROR_TEXT_BYTES - 1);
}

static void context_goes_before(void)
{
    error_clear(&error);
    error_add_context(&error, "nothing");
    CU_ASSERT_STRING_EQUAL(error.text, "");
    error_set(&error, STATUS_INPUT, "bad");
    error_add_context(&error, "row %d", 3);
    error_add_context(&error, "file");
    CU_ASSERT_STRING_EQUAL(error.text, "file: row 3: bad");
}

static void excerpt_shows_line_and_caret(void)
{
    error_clear(&error);
    error_set(&error, STATUS_USAGE, "bad");
    error_set_excerpt(&error, "MATCH\t(a\x01)-", 11, 6);
    CU_ASSERT_STRING_EQUAL(error.excerpt, "MATCH (a )-");
    CU_ASSERT_EQUAL(error.caret, 6);
    error_set_excerpt(&error, "other", 5, 0);
    CU_ASSERT_STRING_EQUAL(error.excerpt, "MATCH (a )-");
}

static void caret_points_at_its_byte_in_long_lines(void)
{
    char line[1000];
    for (size_t index = 0; index < sizeof line; index++) {
        line[index] = (char)('a' + index % 26);
    }
    for (size_t offset = 0; offset <= sizeof line; offset++) {
        error_clear(&error);
        error_set(&error, STATUS_USAGE, "bad");
        error_set_excerpt(&error, line, sizeof line, offset);
        CU_ASSERT_EQUAL(strlen(error.excerpt), ERROR_EXCERPT_BYTES - 1);
        char pointed = offset < sizeof line ? line[offset] : '\0';
        CU_ASSERT_EQUAL(error.excerpt[error.caret], pointed);
    }
}

static void excerpt_cuts_between_characters(void)
{
    char line[1200];
    for (size_t index = 0; index < sizeof line; index += 3) {
        memcpy(line + index, "\xe2\x82\xac", 3);
    }
    error_clear(&error);
    error_set(&error, STATUS_USAGE, "bad");
    error_set_excerpt(&error, line, sizeof line, 600);
    CU_ASSERT_EQUAL(strlen(error.excerpt) % 3, 0);
    CU_ASSERT_EQUAL((unsigned char)error.excerpt[0], 0xe2);
    CU_ASSERT_EQUAL((unsigned char)error.excerpt[error.caret], 0xe2);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(first_error_stands),
        CASE(no_error_object_is_needed),
        CASE(place_is_kept),
        CASE(errno_is_told_in_words),
        CASE(memory_error_tells_what_was_done),
        CASE(long_text_is_cut),
        CASE(context_goes_before),
        CASE(excerpt_shows_line_and_caret),
        CASE(caret_points_at_its_byte_in_long_lines),
        CASE(excerpt_cuts_between_characters),
        CU_TEST_INFO_NULL,
    };
    return suite_run("status", NULL, NULL, cases);
}
