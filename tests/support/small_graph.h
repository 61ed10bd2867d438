/* A small graph made by hand, in arrays of its own, so that tests of the graph floor need no
 * loader and can spoil any one value.
 *
 *   vertices   0 10.0.0.1   1 "router"   2 fe80::1 | 3 02:00:00:00:00:07   4 "host-b"
 *   partition 0:  0 -> 1 (rows 0, 3, at the same time), 0 -> 3 (row 1), 2 -> 2 (row 6)
 *   partition 1:  3 -> 0 (rows 2, 4), 4 -> 1 (row 5) */
#ifndef GYRE_TESTS_SUPPORT_SMALL_GRAPH_H
#define GYRE_TESTS_SUPPORT_SMALL_GRAPH_H

#include <string.h>

#include "base/check.h"
#include "graph/graph.h"

enum { SMALL_PROPERTIES = 8, SMALL_VERTICES = 5, SMALL_LOOKUP = 16, SMALL_TEXT_BYTES = 32 };

enum small_property {
    SMALL_TIME,
    SMALL_SOURCE,
    SMALL_TARGET,
    SMALL_DURATION, /* decimals */
    SMALL_PROTOCOL, /* texts */
    SMALL_PORT,     /* integers, one null */
    SMALL_RATIO,    /* doubles */
    SMALL_FLAG,
};

struct small_graph {
    struct graph graph;
    struct property properties[SMALL_PROPERTIES];
    struct dictionary dictionaries[SMALL_PROPERTIES];
    struct partition partitions[2];
    struct column columns[2][SMALL_PROPERTIES];

    _Alignas(8) char text_room[5][SMALL_TEXT_BYTES];
    const struct text *address_texts[2];
    const struct text *protocols[3];
    struct address addresses[SMALL_VERTICES];
    uint32_t lookup[SMALL_LOOKUP];
    uint16_t owner_hint[3];
    vertex_id partition_base[3];

    uint32_t link_offset[2][4];
    vertex_id link_target[2][3];
    uint32_t flow_offset[2][4];
    uint32_t reverse_offset[2][4];
    struct reverse_link reverse[2][4];
    time_ns times[2][4];
    uint8_t rows[2][4];
    uint8_t durations[4];
    uint8_t protocol_codes[2][4];
    uint16_t ports[4];
    uint8_t small_ports[3];
    uint64_t port_nulls[1];
    double ratios[2][4];
    uint8_t flags[3];
};

static inline const struct text *small_text(struct small_graph *small, uint32_t index,
                                            const char *text)
{
    CHECK(text_bytes((uint32_t)strlen(text)) <= SMALL_TEXT_BYTES);
    struct text *filled = (struct text *)(void *)small->text_room[index];
    text_fill(filled, bytes_of(text));
    return filled;
}

static inline void small_graph_vertices(struct small_graph *small)
{
    struct vertex_frame *frame = &small->graph.vertices;
    static const struct address addresses[SMALL_VERTICES] = {
        {0, ADDRESS_LOW_IPV4 | 0x0a000001},
        {ADDRESS_HIGH_TEXT, 1},
        {UINT64_C(0xfe80000000000000), 1},
        {ADDRESS_HIGH_MAC, UINT64_C(0x020000000007)},
        {ADDRESS_HIGH_TEXT, 0},
    };
    memcpy(small->addresses, addresses, sizeof(addresses));
    memcpy(small->partition_base, (vertex_id[]){0, 3, 5}, sizeof(small->partition_base));
    memcpy(small->owner_hint, (uint16_t[]){0, 0, 1}, sizeof(small->owner_hint));
    small->address_texts[0] = small_text(small, 0, "host-b");
    small->address_texts[1] = small_text(small, 1, "router");
    for (uint32_t vertex = 0; vertex < SMALL_VERTICES; vertex++) {
        uint64_t slot = vertex_frame_slot(SMALL_LOOKUP, addresses[vertex]);
        while (small->lookup[slot] != 0) {
            slot = (slot + 1) % SMALL_LOOKUP;
        }
        small->lookup[slot] = vertex + 1;
    }
    *frame = (struct vertex_frame){.name = "IP",
                                   .key = "IPAddr",
                                   .vertex_count = SMALL_VERTICES,
                                   .partition_count = 2,
                                   .partition_base = small->partition_base,
                                   .owner_hint = small->owner_hint,
                                   .owner_shift = 1,
                                   .addresses = small->addresses,
                                   .address_texts = {2, small->address_texts},
                                   .lookup = small->lookup,
                                   .lookup_size = SMALL_LOOKUP};
}

static inline void small_graph_schema(struct small_graph *small)
{
    static char names[SMALL_PROPERTIES][12] = {"StartTime", "SrcAddr", "DstAddr", "Dur",
                                               "Proto",     "Sport",   "Ratio",   "Flag"};
    static const enum type types[SMALL_PROPERTIES] = {TYPE_TIME,  TYPE_ADDRESS, TYPE_ADDRESS,
                                                      TYPE_FLOAT, TYPE_TEXT,    TYPE_INTEGER,
                                                      TYPE_FLOAT, TYPE_BOOL};
    for (uint32_t index = 0; index < SMALL_PROPERTIES; index++) {
        small->properties[index] = (struct property){names[index], types[index], ROLE_ATTRIBUTE};
    }
    small->properties[SMALL_TIME].role = ROLE_START_TIME;
    small->properties[SMALL_SOURCE].role = ROLE_SOURCE;
    small->properties[SMALL_TARGET].role = ROLE_TARGET;
    small->protocols[0] = small_text(small, 2, "icmp");
    small->protocols[1] = small_text(small, 3, "tcp");
    small->protocols[2] = small_text(small, 4, "udp");
    small->dictionaries[SMALL_PROTOCOL] = (struct dictionary){3, small->protocols};
}

static inline void small_graph_links(struct small_graph *small)
{
    memcpy(small->link_offset, (uint32_t[2][4]){{0, 2, 2, 3}, {0, 1, 2}}, sizeof(uint32_t[2][4]));
    memcpy(small->link_target, (vertex_id[2][3]){{1, 3, 2}, {0, 1}}, sizeof(vertex_id[2][3]));
    memcpy(small->flow_offset, (uint32_t[2][4]){{0, 2, 3, 4}, {0, 2, 3}}, sizeof(uint32_t[2][4]));
    memcpy(small->times, (time_ns[2][4]){{100, 100, 150, 400}, {120, 300, 350}},
           sizeof(time_ns[2][4]));
    memcpy(small->rows, (uint8_t[2][4]){{0, 3, 1, 6}, {0, 2, 3}}, sizeof(uint8_t[2][4]));
    memcpy(small->reverse_offset, (uint32_t[2][4]){{0, 1, 3, 4}, {0, 1, 1}},
           sizeof(uint32_t[2][4]));
    memcpy(small->reverse, (struct reverse_link[2][4]){{{3, 0}, {0, 0}, {4, 1}, {2, 2}}, {{0, 1}}},
           sizeof(struct reverse_link[2][4]));
    for (uint32_t index = 0; index < 2; index++) {
        small->partitions[index] = (struct partition){
            .index = index,
            .vertex_base = small->partition_base[index],
            .vertex_count = small->partition_base[index + 1] - small->partition_base[index],
            .link_count = index == 0 ? 3 : 2,
            .flow_count = index == 0 ? 4 : 3,
            .reverse_count = index == 0 ? 4 : 1,
            .link_offset = small->link_offset[index],
            .link_target = small->link_target[index],
            .flow_offset = small->flow_offset[index],
            .flow_time = small->times[index],
            .reverse_offset = small->reverse_offset[index],
            .reverse = small->reverse[index],
            .columns = small->columns[index],
            .row = {.type = TYPE_INTEGER,
                    .width = 1,
                    .base = index == 0 ? 0 : 2,
                    .values = small->rows[index]},
        };
    }
}

static inline void small_graph_columns(struct small_graph *small)
{
    memcpy(small->durations, (uint8_t[4]){0, 10, 7, 3}, 4);
    memcpy(small->protocol_codes, (uint8_t[2][4]){{1, 1, 2, 0}, {0, 2, 1}}, 8);
    memcpy(small->ports, (uint16_t[4]){0, 1000, 0, 5}, sizeof(small->ports));
    memcpy(small->small_ports, (uint8_t[3]){0, 1, 255}, 3);
    small->port_nulls[0] = 1u << 2;
    memcpy(small->ratios, (double[2][4]){{0.5, -1.0, 1e300, 0.0}, {2.0, 3.0, 1e-9}},
           sizeof(small->ratios));
    memcpy(small->flags, (uint8_t[3]){0, 1, 1}, 3);
    for (uint32_t index = 0; index < 2; index++) {
        struct column *columns = small->columns[index];
        for (uint32_t property = 0; property < SMALL_PROPERTIES; property++) {
            columns[property] = (struct column){.type = small->properties[property].type};
        }
        columns[SMALL_TIME].width = 8;
        columns[SMALL_TIME].values = small->times[index];
        columns[SMALL_PROTOCOL].width = 1;
        columns[SMALL_PROTOCOL].values = small->protocol_codes[index];
        columns[SMALL_RATIO].encoding = ENCODING_DOUBLE;
        columns[SMALL_RATIO].width = 8;
        columns[SMALL_RATIO].values = small->ratios[index];
        columns[SMALL_DURATION].encoding = ENCODING_DECIMAL;
    }
    struct column *first = small->columns[0];
    first[SMALL_DURATION].width = 1;
    first[SMALL_DURATION].base = 5;
    first[SMALL_DURATION].divisor = 100.0;
    first[SMALL_DURATION].values = small->durations;
    first[SMALL_PORT] = (struct column){.type = TYPE_INTEGER,
                                        .width = 2,
                                        .base = 22,
                                        .values = small->ports,
                                        .null_bits = small->port_nulls,
                                        .null_count = 1};
    first[SMALL_FLAG].base = 1;
    struct column *second = small->columns[1];
    second[SMALL_DURATION].base = 7;
    second[SMALL_DURATION].divisor = 1.0;
    second[SMALL_PORT] =
        (struct column){.type = TYPE_INTEGER, .width = 1, .base = 1, .values = small->small_ports};
    second[SMALL_FLAG].width = 1;
    second[SMALL_FLAG].values = small->flags;
}

/* Owns nothing but itself: not for graph_close. */
static inline void small_graph_init(struct small_graph *small)
{
    memset(small, 0, sizeof(*small));
    small_graph_vertices(small);
    small_graph_schema(small);
    small_graph_links(small);
    small_graph_columns(small);
    small->graph.edges = (struct edge_frame){
        .name = "Netflow",
        .source = &small->graph.vertices,
        .target = &small->graph.vertices,
        .schema = {.properties = small->properties, .property_count = SMALL_PROPERTIES},
        .dictionaries = small->dictionaries,
        .start_time = SMALL_TIME,
        .flow_count = 7,
        .link_count = 5,
        .partition_count = 2,
        .partitions = small->partitions};
}

#endif
