/* A graph without flows: frames, a schema like that of flow exports, and a few addresses that are
 * neither IP nor MAC. Enough to bind queries against. */
#ifndef GYRE_TESTS_SUPPORT_FLOW_SCHEMA_H
#define GYRE_TESTS_SUPPORT_FLOW_SCHEMA_H

#include "base/check.h"
#include "base/memory.h"
#include "graph/graph.h"

struct flow_schema {
    struct graph graph;
    const struct text *texts[2];
};

static const struct {
    const char *name;
    enum type type;
    enum role role;
} flow_properties[] = {
    {"StartTime", TYPE_TIME, ROLE_START_TIME},  {"Dur", TYPE_FLOAT, ROLE_ATTRIBUTE},
    {"Proto", TYPE_TEXT, ROLE_ATTRIBUTE},       {"SrcAddr", TYPE_ADDRESS, ROLE_SOURCE},
    {"Sport", TYPE_INTEGER, ROLE_ATTRIBUTE},    {"Dir", TYPE_TEXT, ROLE_ATTRIBUTE},
    {"DstAddr", TYPE_ADDRESS, ROLE_TARGET},     {"Dport", TYPE_INTEGER, ROLE_ATTRIBUTE},
    {"State", TYPE_TEXT, ROLE_ATTRIBUTE},       {"TotPkts", TYPE_INTEGER, ROLE_ATTRIBUTE},
    {"TotBytes", TYPE_INTEGER, ROLE_ATTRIBUTE}, {"LastTime", TYPE_TIME, ROLE_ATTRIBUTE},
    {"Idle", TYPE_DURATION, ROLE_ATTRIBUTE},    {"IsBot", TYPE_BOOL, ROLE_ATTRIBUTE},
    {"Match", TYPE_TEXT, ROLE_ATTRIBUTE},       {"Tot Len", TYPE_INTEGER, ROLE_ATTRIBUTE},
};

enum { FLOW_PROPERTY_COUNT = sizeof flow_properties / sizeof flow_properties[0] };

static inline const struct text *flow_schema_text(const char *from)
{
    struct text *text = memory_allocate(1, text_bytes((uint32_t)strlen(from)));
    CHECK(text != NULL);
    text_fill(text, bytes_of(from));
    return text;
}

static inline void flow_schema_open(struct flow_schema *flows)
{
    memset(flows, 0, sizeof *flows);
    flows->texts[0] = flow_schema_text("printer");
    flows->texts[1] = flow_schema_text("router-1");
    struct vertex_frame *vertices = &flows->graph.vertices;
    vertices->name = "IP";
    vertices->key = "IPAddr";
    vertices->address_texts = (struct dictionary){2, flows->texts};
    struct edge_frame *edges = &flows->graph.edges;
    edges->name = "Netflow";
    edges->source = vertices;
    edges->target = vertices;
    for (uint32_t i = 0; i < FLOW_PROPERTY_COUNT; i++) {

        CHECK(schema_add(&edges->schema, bytes_of(flow_properties[i].name), flow_properties[i].type,
                         flow_properties[i].role, NULL) == STATUS_OK);
    }
    edges->start_time = schema_find_role(&edges->schema, ROLE_START_TIME);
}

static inline void flow_schema_close(struct flow_schema *flows)
{
    schema_close(&flows->graph.edges.schema);
    for (uint32_t i = 0; i < 2; i++) {
        memory_free((void *)(uintptr_t)flows->texts[i]);
    }
}

#endif
