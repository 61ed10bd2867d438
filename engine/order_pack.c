/* Several keys as one digit; see engine/order_pack.h. */
#include "engine/order_pack.h"

#include <stdlib.h>

#include "engine/operations.h"

enum {
    DIGIT_BITS = 64,
    SAMPLES = 64,
    BLOCK_ROWS = 256, /* whose digits stay in the nearest cache while keys are added */
    PATIENT_BLOCKS = 64,
};

/* A key of some rows; more of them may be fetched ahead. */
struct block {
    const struct order_key *key;
    const struct radix_pair *pairs;
    uint64_t count;
    uint64_t rest;
};

static bool is_address(enum type type)
{
    return type == TYPE_ADDRESS || type == TYPE_VERTEX;
}

/* Keys with the same code may differ. */
static bool is_exact(enum type type, uint64_t code)
{
    return !is_address(type) || code % 2 == 0;
}

static uint64_t address_code(const struct order_pack *pack, enum type type, union lane lane)
{
    const struct vertex_frame *frame = &pack->graph->vertices;
    return type == TYPE_VERTEX ? order_vertex_code(frame->addresses[lane.vertex])
                               : order_address_code(frame, &pack->octets, lane.address);
}

/* Where the text is, or is to be. */
static uint32_t find_text(const struct order_texts *texts, const struct text *text)
{
    uint64_t hash = ((uintptr_t)text >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    uint32_t slot = (uint32_t)hash % ORDER_TEXT_SLOTS;
    while (texts->texts[slot] != NULL && texts->texts[slot] != text) {
        slot = (slot + 1) % ORDER_TEXT_SLOTS;
    }
    return slot;
}

static void add_text(struct order_texts *texts, const struct text *text)
{
    uint32_t slot = find_text(texts, text);
    if (texts->texts[slot] == NULL && texts->count == ORDER_TEXTS_MAX) {
        texts->has_more = true;
    } else if (texts->texts[slot] == NULL) {
        texts->texts[slot] = text;
        texts->count++;
    }
}

static int compare_texts(const void *left, const void *right)
{
    return bytes_compare(text_view(*(const struct text *const *)left),
                         text_view(*(const struct text *const *)right));
}

/* Gives texts their places, equal ones the same; returns how many there are. */
static uint32_t place_texts(struct order_texts *texts)
{
    const struct text *sorted[ORDER_TEXTS_MAX];
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < ORDER_TEXT_SLOTS; slot++) {
        if (texts->texts[slot] != NULL) {
            sorted[count++] = texts->texts[slot];
        }
    }
    qsort(sorted, count, sizeof *sorted, compare_texts);
    uint32_t place = 0;
    for (uint32_t i = 0; i < count; i++) {
        place += i > 0 && compare_texts(&sorted[i - 1], &sorted[i]) != 0;
        texts->places[find_text(texts, sorted[i])] = (uint16_t)place;
    }
    return count == 0 ? 0 : place + 1;
}

/* Rows that were found one after the other often have the same address or text. */
static void read_apart(const struct order_pack *pack, const struct order_texts *texts,
                       const struct block *block, uint64_t *codes)
{
    const struct order_key *key = block->key;
    union lane last = {.integer = 0};
    uint64_t code = 0;
    for (uint64_t i = 0; i < block->count; i++) {
        if (texts == NULL) {
            order_fetch_ahead(key, block->pairs, block->rest, i);
        }
        if (order_key_is_null(key, block->pairs[i].value)) {
            continue;
        }
        union lane lane = order_key_value(key, block->pairs[i].value);
        if (last.integer != lane.integer) {
            code = texts == NULL ? address_code(pack, key->type, lane)
                                 : texts->places[find_text(texts, lane.text)];
            last = lane;
        }
        codes[i] = code;
    }
}

/* The codes of a key in some rows, in the order of its values; where it is null, anything. */
static void read_codes(const struct order_pack *pack, const struct order_texts *texts,
                       const struct block *block, uint64_t *codes)
{
    const struct order_key *key = block->key;
    switch (key->type) {
    case TYPE_NULL:
        memset(codes, 0, block->count * sizeof *codes);
        return;
    case TYPE_TEXT:
    case TYPE_ADDRESS:
        read_apart(pack, texts, block, codes);
        return;
    case TYPE_EDGE:
        for (uint64_t i = 0; i < block->count; i++) {
            edge_id edge = order_key_value(key, block->pairs[i].value).edge;
            codes[i] = order_integer_digit(edge_row(pack->graph, edge));
        }
        return;
    case TYPE_VERTEX:
        for (uint64_t i = 0; i < block->count; i++) {
            codes[i] = address_code(pack, TYPE_VERTEX, order_key_value(key, block->pairs[i].value));
        }
        return;
    case TYPE_FLOAT:
        for (uint64_t i = 0; i < block->count; i++) {
            codes[i] = order_real_digit(key->values[block->pairs[i].value].real);
        }
        return;
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
        break;
    }
    for (uint64_t i = 0; i < block->count; i++) {
        codes[i] = order_integer_digit(key->values[block->pairs[i].value].integer);
    }
}

/* Whether codes tell most of the values. */
static bool is_worth_it(const struct order_pack *pack, const struct order_key *key,
                        const struct radix_pair *pairs, uint64_t count)
{
    if (!is_address(key->type)) {
        return true;
    }
    uint32_t exact = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        uint64_t row = pairs[i * (count / SAMPLES)].value;
        exact += order_key_is_null(key, row) ||
                 is_exact(key->type, address_code(pack, key->type, order_key_value(key, row)));
    }
    return exact > SAMPLES / 2;
}

static bool open_surveys(struct order_pack *pack, uint32_t worker_count, struct arena *arena)
{
    uint32_t count = worker_count * pack->candidate_count;
    pack->surveys = arena_allocate_zeroed(arena, count, sizeof *pack->surveys);
    for (uint32_t i = 0; i < count && pack->surveys != NULL; i++) {
        struct order_survey *survey = &pack->surveys[i];
        if (pack->keys[i % pack->candidate_count].type == TYPE_TEXT) {
            survey->texts = arena_allocate_zeroed(arena, 1, sizeof *survey->texts);
            if (survey->texts == NULL) {
                return false;
            }
        }
    }
    return pack->surveys != NULL;
}

struct order_pack *order_pack_open(const struct graph *graph, const struct order_key *keys,
                                   uint32_t key_count, const struct radix_pair *pairs,
                                   uint64_t count, uint32_t worker_count, struct arena *arena)
{
    struct order_pack *pack = key_count < 2 ? NULL : arena_allocate_zeroed(arena, 1, sizeof *pack);
    if (pack == NULL) {
        return NULL;
    }
    pack->graph = graph;
    pack->keys = keys;
    order_octets_fill(&pack->octets);
    while (pack->candidate_count < key_count && pack->candidate_count < ORDER_PARTS_MAX &&
           is_worth_it(pack, &keys[pack->candidate_count], pairs, count)) {
        pack->candidate_count++;
    }
    return pack->candidate_count > 1 && open_surveys(pack, worker_count, arena) ? pack : NULL;
}

static void survey_block(const struct order_pack *pack, const struct block *block,
                         struct order_survey *survey)
{
    uint64_t codes[BLOCK_ROWS];
    struct order_survey found = *survey;
    read_codes(pack, NULL, block, codes);
    for (uint64_t i = 0; i < block->count; i++) {
        if (order_key_is_null(block->key, block->pairs[i].value)) {
            found.has_nulls = true;
            continue;
        }
        if (!found.has_values) {
            found.first = codes[i];
            found.least = codes[i];
            found.has_values = true;
        }
        found.least = codes[i] < found.least ? codes[i] : found.least;
        found.greatest = codes[i] > found.greatest ? codes[i] : found.greatest;
        found.differing |= codes[i] ^ found.first;
    }
    *survey = found;
}

static void survey_texts(const struct block *block, struct order_survey *survey)
{
    const struct text *last = NULL;
    for (uint64_t i = 0; i < block->count && !survey->texts->has_more; i++) {
        if (order_key_is_null(block->key, block->pairs[i].value)) {
            survey->has_nulls = true;
            continue;
        }
        const struct text *text = order_key_value(block->key, block->pairs[i].value).text;
        if (text != last) {
            add_text(survey->texts, text);
        }
        last = text;
    }
}

/* Whether a loop over blocks, of which this one begins at `begin`, is to end. */
static bool is_over(uint64_t begin, const struct stop_patience *patience)
{
    return begin / BLOCK_ROWS % PATIENT_BLOCKS == PATIENT_BLOCKS - 1 &&
           stop_patience_is_over(patience);
}

void order_pack_survey(struct order_pack *pack, uint32_t worker, const struct radix_pair *pairs,
                       uint64_t count, const struct stop_patience *patience)
{
    struct order_survey *surveys = pack->surveys + (uint64_t)worker * pack->candidate_count;
    for (uint64_t begin = 0; begin < count && !is_over(begin, patience); begin += BLOCK_ROWS) {
        struct block block = {.pairs = pairs + begin, .rest = count - begin};
        block.count = block.rest < BLOCK_ROWS ? block.rest : BLOCK_ROWS;
        for (uint32_t at = 0; at < pack->candidate_count; at++) {
            block.key = &pack->keys[at];
            if (block.key->type == TYPE_TEXT) {
                survey_texts(&block, &surveys[at]);
            } else if (!is_address(block.key->type)) {
                survey_block(pack, &block, &surveys[at]);
            }
        }
    }
}

static void merge_texts(struct order_texts *texts, const struct order_texts *other)
{
    texts->has_more = texts->has_more || other->has_more;
    for (uint32_t slot = 0; slot < ORDER_TEXT_SLOTS && !texts->has_more; slot++) {
        if (other->texts[slot] != NULL) {
            add_text(texts, other->texts[slot]);
        }
    }
}

static void merge_survey(struct order_survey *survey, const struct order_survey *other)
{
    bool has_nulls = survey->has_nulls || other->has_nulls;
    if (survey->texts != NULL) {
        merge_texts(survey->texts, other->texts);
    } else if (!survey->has_values) {
        *survey = *other;
    } else if (other->has_values) {
        survey->least = other->least < survey->least ? other->least : survey->least;
        survey->greatest = other->greatest > survey->greatest ? other->greatest : survey->greatest;
        survey->differing |= other->differing | (survey->first ^ other->first);
    }
    survey->has_nulls = has_nulls;
}

/* What a key needs; false when that is more than a digit, or was not found out. */
static bool measure(const struct order_key *key, struct order_survey *survey,
                    struct order_part *part)
{
    *part = (struct order_part){0};
    if (is_address(key->type)) {
        part->greatest = (UINT64_C(1) << ORDER_ADDRESS_BITS) - 1;
    } else if (survey->texts != NULL) {
        uint32_t count = survey->texts->has_more ? 0 : place_texts(survey->texts);
        part->greatest = count == 0 ? 0 : count - 1;
    } else {
        part->least = survey->least;
        part->low = survey->differing == 0 ? 0 : (uint32_t)__builtin_ctzll(survey->differing);
        part->greatest = (survey->greatest - survey->least) >> part->low;
    }
    /* An address has room for null. */
    if (survey->has_nulls && __builtin_add_overflow(part->greatest, 1, &part->greatest)) {
        return false;
    }
    part->bits = part->greatest == 0 ? 0 : DIGIT_BITS - (uint32_t)__builtin_clzll(part->greatest);
    return survey->texts == NULL || !survey->texts->has_more;
}

bool order_pack_divide(struct order_pack *pack, uint32_t worker_count)
{
    uint32_t rest = DIGIT_BITS;
    for (uint32_t i = pack->candidate_count; i < worker_count * pack->candidate_count; i++) {
        merge_survey(&pack->surveys[i % pack->candidate_count], &pack->surveys[i]);
    }
    for (uint32_t at = 0; at < pack->candidate_count && rest > 0; at++) {
        struct order_part *part = &pack->parts[at];
        if (!measure(&pack->keys[at], &pack->surveys[at], part)) {
            break;
        }
        part->cut = part->bits > rest ? part->bits - rest : 0;
        part->bits -= part->cut;
        rest -= part->bits;
        pack->part_count++;
    }
    return pack->part_count > 1;
}

/* Adds a key to the digits of a block. Below what is not exact, all is 0. */
static void fill_part(const struct order_pack *pack, uint32_t at, const struct block *block,
                      struct radix_pair *pairs, bool *is_closed)
{
    const struct order_key *key = block->key;
    const struct order_part *part = &pack->parts[at];
    uint64_t codes[BLOCK_ROWS];
    read_codes(pack, pack->surveys[at].texts, block, codes);
    for (uint64_t i = 0; i < block->count; i++) {
        bool is_null = order_key_is_null(key, pairs[i].value);
        uint64_t value = is_null ? part->greatest : (codes[i] - part->least) >> part->low;
        value = (key->is_descending ? part->greatest - value : value) >> part->cut;
        uint64_t above = part->bits == DIGIT_BITS ? 0 : pairs[i].key << part->bits;
        pairs[i].key = above | (is_closed[i] ? 0 : value);
        is_closed[i] = is_closed[i] || (!is_null && !is_exact(key->type, codes[i]));
    }
}

void order_pack_fill(const struct order_pack *pack, struct radix_pair *pairs, uint64_t count,
                     const struct stop_patience *patience)
{
    for (uint64_t begin = 0; begin < count && !is_over(begin, patience); begin += BLOCK_ROWS) {
        struct block block = {.pairs = pairs + begin, .rest = count - begin};
        block.count = block.rest < BLOCK_ROWS ? block.rest : BLOCK_ROWS;
        bool is_closed[BLOCK_ROWS] = {false};
        for (uint64_t i = 0; i < block.count; i++) {
            pairs[begin + i].key = 0;
        }
        for (uint32_t at = 0; at < pack->part_count; at++) {
            block.key = &pack->keys[at];
            fill_part(pack, at, &block, pairs + begin, is_closed);
        }
    }
}

uint32_t order_pack_next(const struct order_pack *pack, uint64_t row)
{
    for (uint32_t at = 0; at < pack->part_count; at++) {
        const struct order_key *key = &pack->keys[at];
        if (pack->parts[at].cut > 0 ||
            (is_address(key->type) && !order_key_is_null(key, row) &&
             !is_exact(key->type, address_code(pack, key->type, order_key_value(key, row))))) {
            return at;
        }
    }
    return pack->part_count;
}
