#include "engine/vertex_flows.h"

#include "base/check.h"
#include "engine/feasible.h"
#include "engine/window.h"

enum {
    POLL_LINKS = 1024,    /* of a vertex, between two looks at the stop */
    POLL_FLOWS = 1 << 15, /* likewise */
};

static const uint32_t *entry_offset(const struct vertex_flows *of,
                                    const struct partition *partition)
{
    return of->is_out ? partition->link_offset : partition->reverse_offset;
}

uint32_t vertex_flows_links(const struct vertex_flows *of, const struct partition *partition,
                            uint32_t local)
{
    const uint32_t *offset = entry_offset(of, partition);
    return offset[local + 1] - offset[local];
}

/* Flows begin..end-1 of a link, which its source's partition holds. */
struct link_flows {
    const struct partition *holder;
    const uint64_t *bits; /* that pass; NULL: all */
    uint32_t begin;
    uint32_t end;
};

/* Of the link that entry `index` of the vertex's partition names. */
static struct link_flows flows_at(const struct vertex_flows *of, const struct partition *partition,
                                  uint32_t index)
{
    const struct partition *holder = partition;
    uint32_t link = index;
    if (!of->is_out) {
        struct reverse_link reverse = partition->reverse[index];
        holder = graph_partition_of(of->frame, reverse.source);
        link = reverse.link;
    }
    uint64_t *const *bits = of->filter->bits;
    return (struct link_flows){holder, bits == NULL ? NULL : bits[holder->index],
                               holder->flow_offset[link], holder->flow_offset[link + 1]};
}

static bool is_stopped(const struct vertex_flows *of, uint32_t index)
{
    return index % POLL_LINKS == 0 && stop_is_requested(of->stop);
}

static uint64_t count_passing(const struct link_flows *flows, uint32_t begin, uint32_t end)
{
    return flows->bits == NULL ? end - begin : feasible_count_bits(flows->bits, begin, end);
}

uint64_t vertex_flows_count(const struct vertex_flows *of, const struct partition *partition,
                            uint32_t local)
{
    const uint32_t *offset = entry_offset(of, partition);
    uint64_t count = 0;
    if (of->is_out && of->filter->bits == NULL) {
        return partition->flow_offset[offset[local + 1]] - partition->flow_offset[offset[local]];
    }
    for (uint32_t index = offset[local]; index < offset[local + 1] && !is_stopped(of, index);
         index++) {
        struct link_flows flows = flows_at(of, partition, index);
        count += count_passing(&flows, flows.begin, flows.end);
    }
    return count;
}

static uint32_t next_passing(const struct link_flows *flows, uint32_t position)
{
    return flows->bits == NULL || position == flows->end
               ? position
               : feasible_next_bit(flows->bits, position, flows->end);
}

void vertex_flows_order(const struct vertex_flows *of, const struct partition *partition,
                        uint32_t local, uint64_t count, struct radix_pair *pairs,
                        struct timed_link *flows)
{
    const uint32_t *offset = entry_offset(of, partition);
    uint64_t taken = 0;
    for (uint32_t index = offset[local]; index < offset[local + 1]; index++) {
        if (is_stopped(of, index)) {
            return;
        }
        struct link_flows link = flows_at(of, partition, index);
        for (uint32_t position = next_passing(&link, link.begin); position < link.end;
             position = next_passing(&link, position + 1)) {
            if (taken % POLL_FLOWS == 0 && stop_is_requested(of->stop)) {
                return;
            }
            /* Flips the sign, so that times before 1970 sort first. */
            pairs[taken].key = (uint64_t)link.holder->flow_time[position] ^ UINT64_C(1) << 63;
            pairs[taken++].value = (uint64_t)position << 32 | index;
        }
    }
    DCHECK(taken == count);
    radix_sort_patiently(pairs, pairs + count, count, &(struct stop_patience){of->stop, 0});
    for (uint64_t i = 0; i < count && !(i % POLL_FLOWS == 0 && stop_is_requested(of->stop)); i++) {
        flows[i].time = (time_ns)(pairs[i].key ^ UINT64_C(1) << 63);
        flows[i].link = (uint32_t)pairs[i].value;
        flows[i].position = (uint32_t)(pairs[i].value >> 32);
    }
}

uint64_t vertex_flows_within(const struct vertex_flows *of, const struct partition *partition,
                             uint32_t local, time_ns earliest, time_ns latest)
{
    const uint32_t *offset = entry_offset(of, partition);
    uint64_t count = 0;
    for (uint32_t index = offset[local]; index < offset[local + 1] && !is_stopped(of, index);
         index++) {
        struct link_flows flows = flows_at(of, partition, index);
        const time_ns *times = flows.holder->flow_time;
        uint32_t begin = window_begin(times, flows.begin, flows.end, earliest);
        count += count_passing(&flows, begin, window_end(times, begin, flows.end, latest));
    }
    return count;
}
