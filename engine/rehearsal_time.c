#include "engine/rehearsal_time.h"

/* Flows of one link, evenly. */
static void add_link(struct time_sample *sample, const struct partition *partition, uint32_t link,
                     uint32_t index)
{
    uint32_t begin = partition->flow_offset[link];
    uint32_t end = partition->flow_offset[link + 1];
    uint32_t stride = (end - begin - 1) / LINK_FLOWS + 1;
    const uint64_t *bits = sample->bits == NULL ? NULL : sample->bits[partition->index];
    sample->is_partial = sample->is_partial || stride > 1;
    for (uint32_t position = begin + stride / 2; position < end; position += stride) {
        if (bits == NULL || bit_is_set(bits, position)) {
            sample->pairs[sample->count++] = (struct radix_pair){
                rehearsal_time_key(partition->flow_time[position]), (uint64_t)stride << 32 | index};
        }
    }
}

static const struct time_sample *find(const struct rehearsal *rehearsal,
                                      const struct neighbours *list, uint64_t *const *bits)
{
    for (uint32_t i = 0; i < rehearsal->time_sample_count; i++) {
        const struct time_sample *sample = &rehearsal->time_samples[i];
        if (sample->vertex == list->vertex && sample->is_out == list->is_out &&
            sample->is_inner == (list->partition == NULL) && sample->bits == bits) {
            return sample;
        }
    }
    return NULL;
}

const struct time_sample *rehearsal_time_sample(struct rehearsal *rehearsal, uint32_t edge)
{
    const struct neighbours *list = &rehearsal->searcher.structure[0].neighbours[edge];
    uint64_t *const *bits = rehearsal->search.filters->edges[edge].bits;
    const struct time_sample *found = find(rehearsal, list, bits);
    if (found != NULL || rehearsal->time_sample_count == TIME_SAMPLES_MAX ||
        rehearsal->pair_count + TIME_LINKS * LINK_FLOWS > PAIRS_MAX) {
        return found;
    }
    struct time_sample *sample = &rehearsal->time_samples[rehearsal->time_sample_count++];
    *sample = (struct time_sample){.vertex = list->vertex,
                                   .is_out = list->is_out,
                                   .is_inner = list->partition == NULL,
                                   .bits = bits,
                                   .pairs = rehearsal->pairs + rehearsal->pair_count};
    sample->link_stride = (list->end - list->begin - 1) / TIME_LINKS + 1;
    sample->is_partial = sample->link_stride > 1;
    for (uint64_t index = list->begin + sample->link_stride / 2; index < list->end;
         index += sample->link_stride) {
        const struct partition *partition;
        uint32_t link = neighbours_link(list, rehearsal->search.edges, (uint32_t)index, &partition);
        add_link(sample, partition, link, (uint32_t)index);
    }
    radix_sort(sample->pairs, rehearsal->scratch, sample->count);
    rehearsal->pair_count += sample->count;
    return sample;
}
