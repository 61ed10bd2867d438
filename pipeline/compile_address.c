/* Literals that addresses are compared with. */
#include "base/address.h"
#include "pipeline/compile.h"
#include "query/suggest.h"

static bool reads_address(const struct compiler *compiler, const struct term *term)
{
    const struct entities *entities = compiler->entities;
    if (term->kind != AST_PROPERTY || entities->methods->is_address == NULL) {
        return false;
    }
    uint32_t vertex = term->vertex_handle;
    uint32_t edge = term->edge_handle;
    return (vertex != HANDLE_NONE &&
            entities->methods->is_address(entities, VALUE_VERTEX, vertex)) ||
           (edge != HANDLE_NONE && entities->methods->is_address(entities, VALUE_EDGE, edge));
}

/* A literal address in the spelling that the graph has. */
static bool spell_address(struct compiler *compiler, struct value *value, uint32_t place)
{
    struct address address;
    if (value->kind != VALUE_TEXT) {
        return true;
    }
    const struct dictionary *texts = &compiler->entities->graph->vertices.address_texts;
    char advice[SUGGEST_TEXT_BYTES];
    if (suggest_address(value_text_view(*value), texts, advice)) {
        return COMPILE_FAIL(compiler, place, "%s", advice) != NULL;
    }
    if (!address_parse(value_text_view(*value), &address)) {
        return true;
    }
    char *text = compiler_allocate(compiler, ADDRESS_TEXT_BYTES, 1);
    if (text != NULL) {
        *value = value_text_of(bytes_view(text, address_format(address, text)));
    }
    return text != NULL;
}

/* The list itself may be a parameter's, which other queries see too. */
static bool spell_addresses(struct compiler *compiler, struct value *list, uint32_t place)
{
    struct value *items = compiler_allocate(compiler, list->count, sizeof *items);
    bool is_spelt = items != NULL;
    for (uint32_t i = 0; i < list->count && is_spelt; i++) {
        items[i] = list->items[i];
        is_spelt = spell_address(compiler, &items[i], place);
    }
    list->items = items;
    return is_spelt;
}

/* a.IPAddr = '::0001', a.IPAddr IN ['::0001'] */
bool compile_addresses(struct compiler *compiler, const struct term *term)
{
    bool is_spelt = true;
    for (uint32_t i = 0; i < 2 && is_spelt; i++) {
        struct term *literal = term->children[1 - i];
        if (literal->kind != AST_NULL || !reads_address(compiler, term->children[i])) {
            continue;
        }
        if (literal->literal.kind != VALUE_LIST) {
            is_spelt = spell_address(compiler, &literal->literal, literal->place);
            continue;
        }
        is_spelt = spell_addresses(compiler, &literal->literal, literal->place);
    }
    return is_spelt;
}
