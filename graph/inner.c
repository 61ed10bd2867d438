#include "graph/inner.h"

#include "graph/graph.h"
#include "graph/refuse.h"

static bool validate_vertices(const struct edge_frame *frame, const struct inner *inner,
                              char *reason);
static bool validate_lists(const struct edge_frame *frame, const struct inner *inner, bool is_out,
                           char *reason);

bool inner_validate(const struct edge_frame *frame, char *reason)
{
    for (uint32_t copy = 0; copy < frame->inner_count; copy++) {
        const struct inner *inner = &frame->inner[copy];
        if (!validate_vertices(frame, inner, reason) ||
            !validate_lists(frame, inner, true, reason) ||
            !validate_lists(frame, inner, false, reason)) {
            return false;
        }
    }
    return true;
}

static bool validate_vertices(const struct edge_frame *frame, const struct inner *inner,
                              char *reason)
{
    uint32_t count = 0;
    uint64_t words = ((uint64_t)frame->source->vertex_count + 63) / 64;
    for (uint64_t word = 0; word < words; word++) {
        if (frame->through == NULL || inner->bits[word] != frame->through[word]) {
            return refuse(reason, "inner: a vertex of word %llu is wrongly in or out",
                          (unsigned long long)word);
        }
        if (inner->ranks[word] != count) {
            return refuse(reason, "inner: rank of word %llu is %u, not %u",
                          (unsigned long long)word, inner->ranks[word], count);
        }
        count += (uint32_t)__builtin_popcountll(inner->bits[word]);
    }
    return inner->vertex_count == count ||
           refuse(reason, "inner: vertex_count is %u, not %u", inner->vertex_count, count);
}

static bool is_inner(const struct inner *inner, vertex_id vertex)
{
    return (inner->bits[vertex >> 6] >> (vertex & 63) & 1) != 0;
}

/* The list of one vertex, of which `*at` has been reached; moves it up. */
static bool validate_list(const struct inner *inner, const struct partition *partition,
                          uint32_t local, bool is_out, uint32_t *at, char *reason)
{
    const struct inner_lists *lists = is_out ? &inner->leaving : &inner->arriving;
    const uint32_t *offset = is_out ? partition->link_offset : partition->reverse_offset;
    vertex_id vertex = partition->vertex_base + local;
    if (lists->offset[inner_rank(inner, vertex)] != *at) {
        return refuse(reason, "inner: offset of vertex %u is not %u", vertex, *at);
    }
    for (uint32_t index = offset[local]; index < offset[local + 1]; index++) {
        struct inner_link link;
        if (is_out) {
            link = (struct inner_link){partition->link_target[index], index};
        } else {
            const struct reverse_link *reverse = &partition->reverse[index];
            link = (struct inner_link){reverse->source, reverse->link};
        }
        if (!is_inner(inner, link.vertex)) {
            continue;
        }
        if (*at >= inner->link_count || lists->links[*at].vertex != link.vertex ||
            lists->links[*at].link != link.link) {
            return refuse(reason, "inner: link %u of vertex %u is wrong or missing", *at, vertex);
        }
        ++*at;
    }
    return true;
}

static bool validate_lists(const struct edge_frame *frame, const struct inner *inner, bool is_out,
                           char *reason)
{
    uint32_t at = 0;
    for (uint32_t index = 0; index < frame->partition_count; index++) {
        const struct partition *partition = &frame->partitions[index];
        for (uint32_t local = 0; local < partition->vertex_count; local++) {
            if (is_inner(inner, partition->vertex_base + local) &&
                !validate_list(inner, partition, local, is_out, &at, reason)) {
                return false;
            }
        }
    }
    const struct inner_lists *lists = is_out ? &inner->leaving : &inner->arriving;
    return (at == inner->link_count && lists->offset[inner->vertex_count] == at) ||
           refuse(reason, "inner: link_count is %u, not %u", inner->link_count, at);
}
