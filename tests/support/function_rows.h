/* Calls of functions as tables: a name, its arguments, and what comes or the words of the error.
 * Header only, for tests of the value floor. */
#ifndef GYRE_TESTS_SUPPORT_FUNCTION_ROWS_H
#define GYRE_TESTS_SUPPORT_FUNCTION_ROWS_H

#include <CUnit/Basic.h>
#include <stdio.h>

#include "tests/support/value_literals.h"
#include "value/function.h"

/* Of all values of a test; to be closed by it. */
static struct pool pool;

struct row {
    const char *name;
    const char *arguments;
    const char *expected; /* a literal, or "! " and the beginning of an error */
};

static inline enum status call_by_name(struct pool *made, const char *name, struct value arguments,
                                       struct value *result, struct error *error)
{
    uint64_t random = 1;
    const struct function *function = function_find(&value_functions, bytes_of(name));
    CHECK(function != NULL);
    CHECK(arguments.count >= function->least && arguments.count <= function->most);
    struct call call = {.pool = made, .error = error, .random = &random};
    return function->call(&call, arguments.items, arguments.count, result);
}

static inline void check_rows(const struct row *rows, size_t count)
{
    for (size_t row = 0; row < count; row++) {
        struct pool_mark mark = pool_mark(&pool);
        struct error error = {0};
        struct value result;
        enum status status = call_by_name(
            &pool, rows[row].name, literal_read_all(&pool, rows[row].arguments), &result, &error);
        const char *expected = rows[row].expected;
        const char *got = status == STATUS_OK ? literal_write(&pool, result) : error.text;
        bool is_error = strncmp(expected, "! ", 2) == 0;
        bool is_same = is_error ? status != STATUS_OK && error.status == status &&
                                      strncmp(got, expected + 2, strlen(expected) - 2) == 0
                                : status == STATUS_OK && strcmp(got, expected) == 0;
        if (!is_same) {
            printf("\n%s(%s): %s, not %s\n", rows[row].name, rows[row].arguments, got, expected);
        }
        CU_ASSERT_TRUE(is_same);
        pool_release(&pool, mark);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
