/* Expressions over dates and times, so that tests of them are tables of texts:
 *
 *   date({year: 1984, week: 10}) + duration('P1D')    duration('P5M').years    1 + 2
 *
 * with + - * / on both sides of which stand calls of the temporal functions, texts, numbers, maps
 * and null, each with components behind it. A wrong value is a result, "error: ..."; a wrong
 * expression ends the test. */
#ifndef GYRE_TESTS_SUPPORT_TEMPORAL_CALL_H
#define GYRE_TESTS_SUPPORT_TEMPORAL_CALL_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "value/function.h"
#include "value/operator.h"
#include "value/temporal.h"
#include "value/text.h"

enum { CALCULATOR_TEXT_BYTES = 1024, CALCULATOR_ITEMS_MAX = 16 };

/* 2026-11-18T11:06:40.123456789Z is now. */
struct calculator {
    struct pool pool;
    struct error error;
    const char *at;
    char text[CALCULATOR_TEXT_BYTES];
};

static inline struct value calculate_sum(struct calculator *calculator);

static inline bool calculator_takes(struct calculator *calculator, char mark)
{
    calculator->at += strspn(calculator->at, " ");
    bool is_taken = *calculator->at == mark;
    calculator->at += is_taken;
    return is_taken;
}

static inline struct bytes calculator_word(struct calculator *calculator)
{
    calculator->at += strspn(calculator->at, " ");
    const char *from = calculator->at;
    while (isalnum((unsigned char)*calculator->at) || *calculator->at == '.') {
        calculator->at++;
    }
    return bytes_view(from, (size_t)(calculator->at - from));
}

static inline struct value calculate_map(struct calculator *calculator)
{
    struct value_entry *entries = (struct value_entry *)pool_allocate(
        &calculator->pool, CALCULATOR_ITEMS_MAX, sizeof *entries, NULL);
    uint32_t count = 0;
    CHECK(entries != NULL);
    while (!calculator_takes(calculator, '}')) {
        CHECK(count < CALCULATOR_ITEMS_MAX);
        entries[count].key = calculator_word(calculator);
        CHECK(calculator_takes(calculator, ':'));
        entries[count++].value = calculate_sum(calculator);
        (void)calculator_takes(calculator, ',');
    }
    return pool_map_of(entries, count);
}

static inline struct value calculate_call(struct calculator *calculator, struct bytes name)
{
    const struct function *function = function_find(&temporal_functions, name);
    struct value arguments[CALCULATOR_ITEMS_MAX];
    uint32_t count = 0;
    struct value result = value_null();
    CHECK(function != NULL && calculator_takes(calculator, '('));
    while (!calculator_takes(calculator, ')')) {
        arguments[count++] = calculate_sum(calculator);
        (void)calculator_takes(calculator, ',');
    }
    CHECK(count >= function->least && count <= function->most);
    struct call call = {.pool = &calculator->pool, .error = &calculator->error};
    call.now.seconds = 1795000000;
    call.now.nanoseconds = 123456789;
    if (calculator->error.status == STATUS_OK) {
        enum status status = function->call(&call, arguments, count, &result);
        CHECK(status == calculator->error.status);
    }
    return result;
}

static inline struct value calculate_operand(struct calculator *calculator)
{
    if (calculator_takes(calculator, '{')) {
        return calculate_map(calculator);
    }
    if (calculator_takes(calculator, '\'')) {
        const char *from = calculator->at;
        const char *end = strchr(from, '\'');
        CHECK(end != NULL);
        calculator->at = end + 1;
        return value_text_of(bytes_view(from, (size_t)(end - from)));
    }
    bool is_negative = calculator_takes(calculator, '-');
    calculator->at += strspn(calculator->at, " ");
    if (isdigit((unsigned char)*calculator->at)) {
        char *end;
        char *float_end;
        int64_t integer = strtoll(calculator->at, &end, 10);
        double real = strtod(calculator->at, &float_end);
        calculator->at = float_end;
        return float_end == end ? value_integer(is_negative ? -integer : integer)
                                : value_float(is_negative ? -real : real);
    }
    struct bytes word = calculator_word(calculator);
    return bytes_equal(word, bytes_of("null")) ? value_null() : calculate_call(calculator, word);
}

static inline struct value calculate_component(struct calculator *calculator)
{
    struct value value = calculate_operand(calculator);
    while (calculator_takes(calculator, '.')) {
        struct bytes name = calculator_word(calculator);
        if (calculator->error.status == STATUS_OK) {
            (void)temporal_component(value, name, &calculator->pool, &value, &calculator->error);
        }
    }
    return value;
}

static inline struct value calculate_sum(struct calculator *calculator)
{
    typedef enum status operation(struct value left, struct value right, struct pool * pool,
                                  struct value * result, struct error * error);
    static operation *const operations[] = {value_add, value_subtract, value_multiply,
                                            value_divide};
    struct value sum = calculate_component(calculator);
    for (uint32_t index = 0; index < 4;) {
        if (!calculator_takes(calculator, "+-*/"[index])) {
            index++;
            continue;
        }
        struct value right = calculate_component(calculator);
        if (calculator->error.status == STATUS_OK) {
            (void)operations[index](sum, right, &calculator->pool, &sum, &calculator->error);
        }
        index = 0;
    }
    return sum;
}

static inline struct value calculate(struct calculator *calculator, const char *expression)
{
    error_clear(&calculator->error);
    calculator->at = expression;
    struct value value = calculate_sum(calculator);
    calculator->at += strspn(calculator->at, " ");
    CHECK(*calculator->at == '\0');
    return value;
}

/* The result's text, or "error: ..."; until the next call. */
static inline const char *calculate_text(struct calculator *calculator, const char *expression)
{
    struct pool_mark mark = pool_mark(&calculator->pool);
    struct value value = calculate(calculator, expression);
    struct value text = value_null();
    if (calculator->error.status == STATUS_OK) {
        (void)value_to_text(value, NULL, &calculator->pool, &text, &calculator->error);
    }
    if (calculator->error.status != STATUS_OK) {
        (void)snprintf(calculator->text, sizeof calculator->text, "error: %s",
                       calculator->error.text);
    } else {
        (void)snprintf(calculator->text, sizeof calculator->text, "%.*s", (int)text.count,
                       text.text);
    }
    pool_release(&calculator->pool, mark);
    return calculator->text;
}

/* An expression and the text that it has. */
struct calculator_row {
    const char *expression;
    const char *text;
};

/* How many rows are wrong; which they are goes to standard error. */
static inline uint32_t calculator_failures(const struct calculator_row *rows, size_t count)
{
    struct calculator calculator = {0};
    uint32_t failures = 0;
    for (size_t row = 0; row < count; row++) {
        const char *text = calculate_text(&calculator, rows[row].expression);
        if (strcmp(text, rows[row].text) != 0) {
            fprintf(stderr, "%s\n  is   %s\n  not  %s\n", rows[row].expression, text,
                    rows[row].text);
            failures++;
        }
    }
    pool_close(&calculator.pool);
    return failures;
}

#define CALCULATOR_CHECK(rows) \
    CU_ASSERT_EQUAL(calculator_failures(rows, sizeof(rows) / sizeof((rows)[0])), 0)

#endif
