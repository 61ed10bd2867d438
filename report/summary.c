/* What there is to know of one column; see summary.h. */
#include "report/summary.h"

#include "base/memory.h"
#include "report/buffer.h"
#include "report/sheet.h"

enum { SET_SLOTS_MIN = 1024, POLL_MASK = 0xffff };

/* A set of 64-bit values; open addressing, at most half full. 0 marks an empty slot, so that 0
 * itself is kept beside. Zeroed: empty. */
struct value_set {
    uint64_t *slots;
    uint64_t slot_count; /* a power of two */
    uint64_t count;      /* of values in slots */
    bool has_zero;
    struct stop *stop; /* growing looks at it too: of millions it takes a tenth of a second */
};

/* The least and greatest of what was seen. */
struct extremes {
    bool is_set;
    union lane least;
    union lane greatest;
};

/* The same, of texts that do not last. */
struct text_extremes {
    struct buffer least;
    struct buffer greatest;
};

static enum status summarize_stored(struct summary *summary, const struct graph *graph,
                                    uint32_t property, struct stop *stop, struct error *error);
static enum status summarize_column(struct summary *summary, const struct column *column,
                                    uint64_t count, struct value_set *set,
                                    struct extremes *extremes);
static enum status summarize_ends(struct summary *summary, const struct graph *graph,
                                  bool is_source, struct stop *stop, struct error *error);
static void text_extremes_add(struct text_extremes *extremes, struct bytes text, bool is_first);
static bool is_interrupted(struct stop *stop, uint64_t step);
static enum status interrupted(struct error *error);
static bool has_flows(const struct partition *partition, uint32_t vertex, bool is_source);
static enum status set_add(struct value_set *set, uint64_t value);
static enum status set_grow(struct value_set *set);
static void extremes_add(struct extremes *extremes, enum type type, union lane value);
static void copy_cut(char *to, struct bytes text);

enum status summary_build(struct summary *summary, const struct graph *graph, uint32_t property,
                          struct stop *stop, struct error *error)
{
    *summary = (struct summary){0};
    switch (graph->edges.schema.properties[property].role) {
    case ROLE_SOURCE:
        return summarize_ends(summary, graph, true, stop, error);
    case ROLE_TARGET:
        return summarize_ends(summary, graph, false, stop, error);
    case ROLE_ATTRIBUTE:
    case ROLE_START_TIME:
        break;
    }
    return summarize_stored(summary, graph, property, stop, error);
}

static enum status summarize_stored(struct summary *summary, const struct graph *graph,
                                    uint32_t property, struct stop *stop, struct error *error)
{
    enum type type = graph->edges.schema.properties[property].type;
    struct value_set set = {.stop = stop};
    struct extremes extremes = {0};
    struct sheet sheet = {0};
    enum status status = STATUS_OK;
    TRY_DONE(sheet_open(&sheet, graph, 0, error));
    for (uint32_t i = 0; i < graph->edges.partition_count; i++) {
        const struct partition *partition = &graph->edges.partitions[i];
        status = summarize_column(summary, &partition->columns[property], partition->flow_count,
                                  &set, &extremes);
        if (status == STATUS_INTERRUPTED) {
            status = interrupted(error);
        } else if (status != STATUS_OK) {
            error_set_memory(error, "counting distinct values");
        }
        TRY_DONE(status);
    }
    summary->distinct_count = set.count + set.has_zero;
    if (extremes.is_set && type == TYPE_TEXT) {
        const struct dictionary *dictionary = &graph->edges.dictionaries[property];
        extremes.least.text = dictionary->entries[extremes.least.integer];
        extremes.greatest.text = dictionary->entries[extremes.greatest.integer];
    }
    if (extremes.is_set) {
        copy_cut(summary->least, sheet_text(&sheet, type, extremes.least));
        copy_cut(summary->greatest, sheet_text(&sheet, type, extremes.greatest));
    }
done:
    sheet_close(&sheet);
    memory_free(set.slots);
    return status;
}

/* Looks at every 65,536th step. */
static bool is_interrupted(struct stop *stop, uint64_t step)
{
    return (step & POLL_MASK) == 0 && stop_reason(stop) == STOP_INTERRUPTED;
}

static enum status interrupted(struct error *error)
{
    return error_set(error, STATUS_INTERRUPTED, "interrupted while reading columns");
}

/* Texts are taken by their codes, which are ordered as they are. */
static enum status summarize_column(struct summary *summary, const struct column *column,
                                    uint64_t count, struct value_set *set,
                                    struct extremes *extremes)
{
    summary->null_count += column->null_count;
    if (column->width > summary->width_bytes) {
        summary->width_bytes = column->width;
    }
    bool has_last = false;
    union lane last = {0};
    for (uint64_t i = 0; i < count; i++) {
        if (is_interrupted(set->stop, i)) {
            return STATUS_INTERRUPTED;
        }
        if (column_is_null(column, i)) {
            continue;
        }
        union lane value;
        if (column->type == TYPE_FLOAT) {
            /* Adding zero makes the negative zero, which is equal to it, the same bits. */
            value.real = column_float(column, i) + 0.0;
        } else {
            value.integer = column_integer(column, i);
        }
        if (has_last && value.integer == last.integer) {
            continue;
        }
        has_last = true;
        last = value;
        extremes_add(extremes, column->type, value);
        TRY(set_add(set, (uint64_t)value.integer));
    }
    return STATUS_OK;
}

/* Source and target are not stored: the vertices tell. Addresses are ordered as their text is. */
static enum status summarize_ends(struct summary *summary, const struct graph *graph,
                                  bool is_source, struct stop *stop, struct error *error)
{
    struct sheet sheet = {0};
    struct text_extremes extremes = {0};
    enum status status = STATUS_OK;
    TRY_DONE(sheet_open(&sheet, graph, 0, error));
    for (uint32_t i = 0; i < graph->edges.partition_count; i++) {
        const struct partition *partition = &graph->edges.partitions[i];
        for (uint32_t v = 0; v < partition->vertex_count; v++) {
            if (is_interrupted(stop, v)) {
                TRY_DONE(interrupted(error));
            }
            if (has_flows(partition, v, is_source)) {
                union lane value = {.vertex = partition->vertex_base + v};
                struct bytes text = sheet_text(&sheet, TYPE_VERTEX, value);
                text_extremes_add(&extremes, text, summary->distinct_count == 0);
                summary->distinct_count++;
            }
        }
    }
    copy_cut(summary->least, bytes_view(extremes.least.data, extremes.least.size));
    copy_cut(summary->greatest, bytes_view(extremes.greatest.data, extremes.greatest.size));
    if (extremes.least.is_failed || extremes.greatest.is_failed) {
        status = error_set_memory(error, "summing up addresses");
    }
done:
    buffer_close(&extremes.least);
    buffer_close(&extremes.greatest);
    sheet_close(&sheet);
    return status;
}

static void text_extremes_add(struct text_extremes *extremes, struct bytes text, bool is_first)
{
    struct buffer *least = &extremes->least;
    struct buffer *greatest = &extremes->greatest;
    if (is_first || bytes_compare(text, bytes_view(least->data, least->size)) < 0) {
        least->size = 0;
        buffer_put_bytes(least, text);
    }
    if (is_first || bytes_compare(text, bytes_view(greatest->data, greatest->size)) > 0) {
        greatest->size = 0;
        buffer_put_bytes(greatest, text);
    }
}

static bool has_flows(const struct partition *partition, uint32_t vertex, bool is_source)
{
    const uint32_t *offset = is_source ? partition->link_offset : partition->reverse_offset;
    return offset[vertex + 1] > offset[vertex];
}

static enum status set_add(struct value_set *set, uint64_t value)
{
    if (value == 0) {
        set->has_zero = true;
        return STATUS_OK;
    }
    if (set->count * 2 >= set->slot_count) {
        TRY(set_grow(set));
    }
    uint64_t slot = hash_mix(value) & (set->slot_count - 1);
    while (set->slots[slot] != 0 && set->slots[slot] != value) {
        slot = (slot + 1) & (set->slot_count - 1);
    }
    set->count += set->slots[slot] == 0;
    set->slots[slot] = value;
    return STATUS_OK;
}

static enum status set_grow(struct value_set *set)
{
    struct value_set grown = {.has_zero = set->has_zero, .stop = set->stop};
    grown.slot_count = set->slot_count == 0 ? SET_SLOTS_MIN : set->slot_count * 2;
    grown.slots = memory_allocate(grown.slot_count, sizeof(*grown.slots));
    if (grown.slots == NULL) {
        return STATUS_FAILED;
    }
    for (uint64_t slot = 0; slot < set->slot_count; slot++) {
        if (is_interrupted(set->stop, slot)) {
            memory_free(grown.slots);
            return STATUS_INTERRUPTED;
        }
        if (set->slots[slot] != 0) {
            enum status status = set_add(&grown, set->slots[slot]);
            (void)status; /* half empty: it does not grow */
        }
    }
    memory_free(set->slots);
    *set = grown;
    return STATUS_OK;
}

static void extremes_add(struct extremes *extremes, enum type type, union lane value)
{
    bool is_less = type == TYPE_FLOAT ? value.real < extremes->least.real
                                      : value.integer < extremes->least.integer;
    bool is_greater = type == TYPE_FLOAT ? value.real > extremes->greatest.real
                                         : value.integer > extremes->greatest.integer;
    if (is_less || !extremes->is_set) {
        extremes->least = value;
    }
    if (is_greater || !extremes->is_set) {
        extremes->greatest = value;
    }
    extremes->is_set = true;
}

/* Cut between characters, as far as it is UTF-8. */
static void copy_cut(char *to, struct bytes text)
{
    size_t size = text.size;
    if (size >= SUMMARY_TEXT_BYTES) {
        size = SUMMARY_TEXT_BYTES - 1;
        while (size > 0 && ((uint8_t)text.data[size] & 0xc0) == 0x80) {
            size--;
        }
    }
    if (size > 0) {
        memcpy(to, text.data, size);
    }
    to[size] = '\0';
}
