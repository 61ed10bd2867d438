/* A graph: frames of vertices and frames of edges between them, partitioned by source.
 *
 * The loader makes one vertex frame (`IP`, key `IPAddr`) and one edge frame (`Netflow`); a frame is
 * a value with a name and a schema, and the matcher reads frames through the plan, so that further
 * ones can stand beside them. Immutable after build; any thread may read it. */
#ifndef GYRE_GRAPH_GRAPH_H
#define GYRE_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "graph/degrees.h"
#include "graph/dictionary.h"
#include "graph/inner.h"
#include "graph/partition.h"
#include "graph/schema.h"

/* As many as there may be partitions. */
enum { VERTEX_BUCKET_BITS = 12, VERTEX_BUCKETS = 1 << VERTEX_BUCKET_BITS };
_Static_assert(VERTEX_BUCKETS >= GRAPH_PARTITIONS_MAX, "a bucket for every partition");

struct vertex_frame {
    const char *name; /* the label, "IP" */
    const char *key;  /* the key property, "IPAddr", TYPE_ADDRESS */
    uint32_t vertex_count;
    uint32_t partition_count;
    const vertex_id *partition_base; /* [partition_count + 1]: who owns which vertices */

    /* [VERTEX_BUCKETS]: the partition of the addresses that vertex_frame_bucket puts into each. It
     * says how vertices were divided; who owns a vertex is what partition_base says. */
    const uint16_t *bucket_partition;

    /* owner = owner_hint[vertex >> owner_shift], then up while vertex >= partition_base[owner + 1];
     * graph_owner does it. */
    const uint16_t *owner_hint;
    uint32_t owner_shift;

    /* [vertex_count], interleaved over the nodes. */
    const struct address *addresses;

    /* Texts of the addresses that are neither IP nor MAC, by `low`. */
    struct dictionary address_texts;

    /* Open addressing from vertex_frame_slot on; an entry is vertex + 1, 0 is empty. The size is a
     * power of two, at least twice the vertices. */
    const uint32_t *lookup;
    uint64_t lookup_size;
};

/* Where the search for an address begins: the high bits of its hash, so that workers who each hold
 * a range of hashes fill ranges of the table. `lookup_size` is at least 2. */
static inline uint64_t vertex_frame_slot(uint64_t lookup_size, struct address address)
{
    return address_hash(address) >> (64 - __builtin_ctzll(lookup_size));
}

/* By the high bits too, since nothing asks that the two be independent. */
static inline uint32_t vertex_frame_bucket(struct address address)
{
    return (uint32_t)(address_hash(address) >> (64 - VERTEX_BUCKET_BITS));
}

struct edge_frame {
    const char *name; /* the type, "Netflow" */
    const struct vertex_frame *source;
    const struct vertex_frame *target;
    struct schema schema;
    struct dictionary *dictionaries; /* [property_count]; empty but for text */
    int start_time;                  /* property index */
    uint64_t flow_count;
    uint64_t link_count;
    struct degrees degrees; /* of all vertices */
    /* A bit per vertex: links leave it and links arrive, so that a path can go through it. NULL:
     * not known. In the graph's shared arena. */
    const uint64_t *through;
    /* By node of the topology, nodes that are no homes sharing the nearest one's; none where the
     * copies would take too much. */
    const struct inner *inner;
    uint32_t inner_count;
    uint32_t partition_count;
    struct partition *partitions; /* [partition_count] */
};

struct graph {
    struct vertex_frame vertices;
    struct edge_frame edges;
    char *description;    /* how its columns were read, for people and for --schema; or NULL */
    struct arena *shared; /* dictionaries, addresses, lookup: interleaved */
    uint64_t bytes;       /* of everything, as counted by arenas: what it really takes */
};

/* Gives back all arenas and the schema; NULL is accepted. */
void graph_close(struct graph *graph);

static inline uint32_t graph_owner(const struct vertex_frame *frame, vertex_id vertex)
{
    uint32_t owner = frame->owner_hint[vertex >> frame->owner_shift];
    while (vertex >= frame->partition_base[owner + 1]) {
        owner++;
    }
    return owner;
}

static inline const struct partition *graph_partition_of(const struct edge_frame *frame,
                                                         vertex_id source)
{
    return &frame->partitions[graph_owner(frame->source, source)];
}

#define VERTEX_NONE UINT32_MAX

/* The vertex of an address text (any spelling of the same address), or VERTEX_NONE. */
vertex_id graph_find_vertex(const struct vertex_frame *frame, struct bytes text);

/* Writes the text of an address of the frame; returns its length. `text` has room for
 * graph_address_text_bytes(frame). */
uint32_t graph_format_address(const struct vertex_frame *frame, struct address address, char *text);
uint32_t graph_address_text_bytes(const struct vertex_frame *frame);

/* Source and target of a flow. */
vertex_id graph_edge_source(const struct edge_frame *frame, edge_id edge);
vertex_id graph_edge_target(const struct edge_frame *frame, edge_id edge);

/* Checks every invariant of every partition and frame; false, and the first violation in `reason`
 * (256 bytes). Slow; for tests, and after a build in debug. */
bool graph_validate(const struct graph *graph, char *reason);

#endif
