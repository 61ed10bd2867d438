/* Keys of filters: an expression's tree in prefix order; see engine/filter_key.h. */
#include "engine/filter_key.h"

#include <string.h>

enum { KEY_BYTES_MIN = 256 };

struct filter_key filter_key_begin(struct arena *arena)
{
    return (struct filter_key){.arena = arena, .is_whole = true};
}

void filter_key_put(struct filter_key *key, const void *bytes, uint32_t length)
{
    if (key->is_whole && length > key->capacity - key->length) {
        uint32_t capacity = 2 * (key->length + length);
        capacity = capacity < KEY_BYTES_MIN ? KEY_BYTES_MIN : capacity;
        uint8_t *grown = arena_resize(key->arena, key->bytes, capacity, 1);
        key->is_whole = grown != NULL;
        key->bytes = grown != NULL ? grown : key->bytes;
        key->capacity = grown != NULL ? capacity : key->capacity;
    }
    if (key->is_whole && length > 0) {
        memcpy(key->bytes + key->length, bytes, length);
        key->length += length;
    }
}

static void put_number(struct filter_key *key, uint64_t number)
{
    filter_key_put(key, &number, sizeof(number));
}

static void put_literal(struct filter_key *key, const struct expression *expression)
{
    union lane literal = expression->literal;
    switch (expression->type) {
    case TYPE_NULL:
        break;
    case TYPE_TEXT:
        put_number(key, literal.text->length);
        filter_key_put(key, literal.text->bytes, literal.text->length);
        break;
    case TYPE_ADDRESS:
        put_number(key, literal.address->high);
        put_number(key, literal.address->low);
        break;
    default:
        put_number(key, (uint64_t)literal.integer);
        break;
    }
}

void filter_key_put_expression(struct filter_key *key, const struct expression *expression)
{
    put_number(key, (uint64_t)expression->kind << 32 | (uint64_t)expression->type);
    put_number(key, expression->child_count);
    if (expression->kind == EXPRESSION_LITERAL) {
        put_literal(key, expression);
    } else if (expression->kind == EXPRESSION_PROPERTY || expression->kind == EXPRESSION_END) {
        put_number(key, expression->property);
    }
    for (uint32_t i = 0; i < expression->child_count; i++) {
        filter_key_put_expression(key, expression->children[i]);
    }
}

bool filter_key_equal(const struct filter_key *left, const struct filter_key *right)
{
    return left->length == right->length &&
           (left->length == 0 || memcmp(left->bytes, right->bytes, left->length) == 0);
}
