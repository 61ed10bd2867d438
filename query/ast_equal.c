/* Comparing syntax trees: two spellings of one expression. */
#include "query/ast.h"

#include <string.h>

static bool names_equal(const struct ast_names *left, const struct ast_names *right)
{
    uint32_t count = left == NULL ? 0 : left->count;
    if (count != (right == NULL ? 0 : right->count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!bytes_equal(left->names[i].text, right->names[i].text)) {
            return false;
        }
    }
    return true;
}

static bool values_equal(const struct ast_expression *left, const struct ast_expression *right)
{
    switch (left->kind) {
    case AST_INTEGER:
    case AST_BOOL:
        return left->integer == right->integer;
    case AST_FLOAT:
        return left->real == right->real;
    case AST_TEXT:
        return bytes_equal(left->text, right->text);
    case AST_PATTERN:
    case AST_PATTERN_COMPREHENSION:
    case AST_EXISTS:
    case AST_COUNT:
        return left == right;
    default:
        return bytes_equal(left->name.text, right->name.text) &&
               bytes_equal(left->accumulator.text, right->accumulator.text) &&
               names_equal(left->labels, right->labels) &&
               left->is_distinct == right->is_distinct && left->is_star == right->is_star;
    }
}

bool ast_equal(const struct ast_expression *left, const struct ast_expression *right)
{
    if (left == NULL || right == NULL) {
        return left == right;
    }
    if (left->kind != right->kind || left->child_count != right->child_count ||
        !values_equal(left, right)) {
        return false;
    }
    for (uint32_t i = 0; i < left->child_count; i++) {
        if ((left->kind == AST_MAP && !bytes_equal(left->keys[i].text, right->keys[i].text)) ||
            !ast_equal(left->children[i], right->children[i])) {
            return false;
        }
    }
    return true;
}

/* Bytes being put; those that find no room are counted only. */
struct keying {
    struct bytes subject;
    uint8_t *key;
    uint64_t room;
    uint64_t length;
};

static void put(struct keying *keying, const void *bytes, uint64_t size)
{
    if (size > 0 && keying->length + size <= keying->room) {
        memcpy(keying->key + keying->length, bytes, size);
    }
    keying->length += size;
}

static void put_number(struct keying *keying, uint64_t number)
{
    put(keying, &number, sizeof number);
}

static void put_text(struct keying *keying, struct bytes text)
{
    put_number(keying, text.size);
    put(keying, text.data, text.size);
}

/* A name that stands for a value: the subject's own is no part of the key. */
static void put_variable(struct keying *keying, struct bytes name)
{
    if (bytes_equal(name, keying->subject)) {
        put_number(keying, UINT64_MAX);
    } else {
        put_text(keying, name);
    }
}

static void put_leaf(struct keying *keying, const struct ast_expression *expression)
{
    bool is_named = expression->kind == AST_PROPERTY || expression->kind == AST_CALL;
    if (is_named) {
        put_text(keying, expression->name.text);
    } else {
        put_variable(keying, expression->name.text);
    }
    put_variable(keying, expression->accumulator.text);
    put_text(keying, expression->text);
    put_number(keying, (uint64_t)expression->integer);
    put(keying, &expression->real, sizeof expression->real);
    put_number(keying, (uint64_t)expression->is_distinct << 1 | expression->is_star);
    for (uint32_t i = 0; expression->labels != NULL && i < expression->labels->count; i++) {
        put_text(keying, expression->labels->names[i].text);
    }
}

static void put_expression(struct keying *keying, const struct ast_expression *expression)
{
    if (expression == NULL) {
        put_number(keying, UINT64_MAX);
        return;
    }
    put_number(keying, (uint64_t)expression->kind);
    put_leaf(keying, expression);
    put_number(keying, expression->child_count);
    for (uint32_t i = 0; i < expression->child_count; i++) {
        if (expression->kind == AST_MAP) {
            put_text(keying, expression->keys[i].text);
        }
        put_expression(keying, expression->children[i]);
    }
}

uint64_t ast_key(const struct ast_expression *expression, struct bytes subject, uint8_t *key,
                 uint64_t key_bytes)
{
    struct keying keying = {subject, key, key_bytes, 0};
    put_expression(&keying, expression);
    return keying.length;
}
