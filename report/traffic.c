/* Made-up flows of a campus network; see traffic.h. */
#include "report/traffic.h"

#include "base/bytes.h"

enum { STREAM_ROW = 1, STREAM_PAIR = 2 };

/* Hosts of the campus with a part to play; the others are clients. */
enum { HOST_NAMES, HOST_PEER, HOST_PROXY, HOST_MAIL, HOST_GATEWAY, HOST_CLIENTS };

enum { PORT_PEER = 13363, RECENT_PAIRS = 2000 };

#define US_PER_SECOND UINT64_C(1000000)

/* The exporter tells of a flow that goes on at least once an hour. */
#define DURATION_US_MAX (3600 * US_PER_SECOND - 1)

/* First bytes of networks that hold the campus, a name server, and what is private or local;
 * ascending. The other 216 below 224 are outside. */
static const uint8_t inside_networks[] = {8, 10, 127, 147, 169, 172, 192};

#define OUTSIDE_COUNT (UINT64_C(216) << 24)
#define OUTSIDE_STRIDE UINT64_C(2239653857) /* no multiple of 2 or 3, as 216 << 24 has both */

/* A campus host and a host outside that meet for the first time. One is made for each outside host,
 * numbered in the order of the rows that have them, so that later rows can come back to them. */
struct pair {
    uint64_t campus;
    uint64_t outside;
    bool is_outgoing;
    bool is_tcp;
    int64_t port; /* of the side that is asked */
    uint64_t duration_us;
};

static struct pair pair_at(const struct traffic *traffic, uint64_t number);
static uint64_t pairs_before(const struct traffic *traffic, uint64_t row);
static uint64_t recent_pair(struct draw *draw, uint64_t pair_count);
static void flow_of_pair(const struct traffic *traffic, struct traffic_flow *flow,
                         struct draw *draw, const struct pair *pair, bool is_reply);
static void flow_of_rest(const struct traffic *traffic, struct traffic_flow *flow,
                         struct draw *draw, uint64_t pair_count);
static void flow_to_names(const struct traffic *traffic, struct traffic_flow *flow,
                          struct draw *draw);
static void flow_to_web(const struct traffic *traffic, struct traffic_flow *flow, struct draw *draw,
                        uint64_t pair_count);
static void flow_to_proxy(const struct traffic *traffic, struct traffic_flow *flow,
                          struct draw *draw);
static void flow_of_mail(const struct traffic *traffic, struct traffic_flow *flow,
                         struct draw *draw, uint64_t pair_count);
static void flow_of_refusal(const struct traffic *traffic, struct traffic_flow *flow,
                            struct draw *draw, uint64_t pair_count);
static void flow_of_noise(const struct traffic *traffic, struct traffic_flow *flow,
                          struct draw *draw);
static void fill_tcp(struct traffic_flow *flow, struct draw *draw);
static void fill_udp(struct traffic_flow *flow, struct draw *draw);
static uint64_t client(const struct traffic *traffic, struct draw *draw);
static uint64_t draw_rank(struct draw *draw, uint64_t count);
static uint64_t draw_magnitude(struct draw *draw, uint32_t least, uint32_t most);
static struct address address_of_ipv4(uint32_t ipv4);
static struct address outside_address(uint32_t number);

void traffic_init(struct traffic *traffic, uint64_t seed, uint64_t flow_count, uint64_t host_count,
                  uint64_t span_us)
{
    uint64_t campus_count = host_count / 64;
    if (campus_count < HOST_CLIENTS + 3) {
        campus_count = HOST_CLIENTS + 3;
    }
    *traffic = (struct traffic){
        .seed = seed,
        .flow_count = flow_count,
        .host_count = host_count,
        .campus_count = campus_count < 4000 ? campus_count : 4000,
        .span_us = span_us,
    };
}

struct traffic_flow traffic_flow(const struct traffic *traffic, uint64_t row)
{
    struct draw draw = draw_open(traffic->seed, STREAM_ROW, row);
    struct traffic_flow flow = {
        .start_us = traffic_row_start(traffic, row),
        .direction = "  <->",
        .label = "Background",
    };
    flow.start_us += draw_below(&draw, traffic_row_start(traffic, row + 1) - flow.start_us + 1);
    /* One row in a hundred comes up to three seconds late. */
    if (draw_below(&draw, 100) == 0) {
        uint64_t late_us = draw_below(&draw, 3 * US_PER_SECOND);
        flow.start_us -= late_us < flow.start_us ? late_us : flow.start_us;
    }
    uint64_t pair_count = pairs_before(traffic, row);
    if (pairs_before(traffic, row + 1) > pair_count) {
        struct pair pair = pair_at(traffic, pair_count);
        flow_of_pair(traffic, &flow, &draw, &pair, false);
        flow.duration_us = pair.duration_us;
    } else {
        flow_of_rest(traffic, &flow, &draw, pair_count);
    }
    if (flow.duration_us > DURATION_US_MAX) {
        flow.duration_us = DURATION_US_MAX;
    }
    return flow;
}

struct address traffic_host(const struct traffic *traffic, uint64_t host)
{
    if (host < traffic->campus_count) {
        return address_of_ipv4(UINT32_C(0x93200000) | (uint32_t)(80 + host / 250) << 8 |
                               (uint32_t)(host % 250 + 2));
    }
    /* Multiplying by what shares no factor with their number permutes the outside addresses. */
    uint64_t number = (host * OUTSIDE_STRIDE + hash_mix(traffic->seed) % OUTSIDE_COUNT);
    return outside_address((uint32_t)(number % OUTSIDE_COUNT));
}

uint64_t traffic_row_start(const struct traffic *traffic, uint64_t row)
{
    return (uint64_t)((unsigned __int128)row * traffic->span_us / traffic->flow_count);
}

struct draw draw_open(uint64_t seed, uint64_t stream, uint64_t index)
{
    return (struct draw){hash_mix(hash_mix(seed ^ stream << 56) ^ hash_mix(index + 1))};
}

uint64_t draw_next(struct draw *draw)
{
    draw->state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(draw->state);
}

uint64_t draw_below(struct draw *draw, uint64_t bound)
{
    return (uint64_t)((unsigned __int128)draw_next(draw) * bound >> 64);
}

static struct pair pair_at(const struct traffic *traffic, uint64_t number)
{
    struct draw draw = draw_open(traffic->seed, STREAM_PAIR, number);
    struct pair pair = {.outside = traffic->campus_count + number};
    uint64_t kind = draw_below(&draw, 100);
    if (kind < 70) {
        pair.campus = HOST_PEER;
        pair.is_outgoing = kind < 20;
        pair.is_tcp = kind % 5 == 0;
        pair.port = pair.is_outgoing ? (int64_t)(1024 + draw_below(&draw, 60000)) : PORT_PEER;
    } else {
        pair.campus = client(traffic, &draw);
        pair.is_outgoing = true;
        pair.is_tcp = kind < 95;
        pair.port = kind < 85 ? 80 : kind < 90 ? 443 : 123;
    }
    pair.duration_us = pair.is_tcp ? draw_magnitude(&draw, 2, 7) : draw_magnitude(&draw, 2, 6);
    return pair;
}

/* How many outside hosts the rows before `row` have shown. */
static uint64_t pairs_before(const struct traffic *traffic, uint64_t row)
{
    uint64_t outside = traffic->host_count - traffic->campus_count;
    return (uint64_t)((unsigned __int128)row * outside / traffic->flow_count);
}

static uint64_t recent_pair(struct draw *draw, uint64_t pair_count)
{
    return pair_count - 1 - draw_below(draw, pair_count < RECENT_PAIRS ? pair_count : RECENT_PAIRS);
}

static void flow_of_pair(const struct traffic *traffic, struct traffic_flow *flow,
                         struct draw *draw, const struct pair *pair, bool is_reply)
{
    bool from_campus = pair->is_outgoing != is_reply;
    struct address campus = traffic_host(traffic, pair->campus);
    struct address outside = traffic_host(traffic, pair->outside);
    int64_t port = (int64_t)(1024 + draw_below(draw, 64000));
    flow->source = from_campus ? campus : outside;
    flow->target = from_campus ? outside : campus;
    flow->source_port = is_reply ? pair->port : port;
    flow->target_port = is_reply ? port : pair->port;
    if (pair->is_tcp) {
        fill_tcp(flow, draw);
    } else {
        fill_udp(flow, draw);
    }
}

/* What the rows do that show no new host. */
static void flow_of_rest(const struct traffic *traffic, struct traffic_flow *flow,
                         struct draw *draw, uint64_t pair_count)
{
    uint64_t kind = pair_count == 0 ? 0 : draw_below(draw, 1000);
    if (kind < 600) {
        flow_to_names(traffic, flow, draw);
    } else if (kind < 770) {
        flow_to_web(traffic, flow, draw, pair_count);
    } else if (kind < 880) {
        struct pair pair = pair_at(traffic, draw_below(draw, pair_count));
        flow_of_pair(traffic, flow, draw, &pair, false);
    } else if (kind < 963) {
        struct pair pair = pair_at(traffic, recent_pair(draw, pair_count));
        flow_of_pair(traffic, flow, draw, &pair, true);
    } else if (kind < 983) {
        flow_to_proxy(traffic, flow, draw);
    } else if (kind < 992) {
        flow_of_mail(traffic, flow, draw, pair_count);
    } else if (kind < 995) {
        flow_of_refusal(traffic, flow, draw, pair_count);
    } else {
        flow_of_noise(traffic, flow, draw);
    }
}

static void flow_to_names(const struct traffic *traffic, struct traffic_flow *flow,
                          struct draw *draw)
{
    uint64_t kind = draw_below(draw, 100);
    uint64_t asking = kind < 41 ? HOST_GATEWAY : kind < 62 ? HOST_CLIENTS : client(traffic, draw);
    flow->source = traffic_host(traffic, asking);
    flow->target =
        kind < 98 ? traffic_host(traffic, HOST_NAMES) : address_of_ipv4(UINT32_C(0x08080808));
    flow->source_port = (int64_t)(1024 + draw_below(draw, 64000));
    flow->target_port = 53;
    fill_udp(flow, draw);
    flow->label = "To-Background-UDP-CVUT-DNS-Server";
}

static void flow_to_web(const struct traffic *traffic, struct traffic_flow *flow, struct draw *draw,
                        uint64_t pair_count)
{
    uint64_t server = draw_rank(draw, pair_count);
    flow->source = traffic_host(traffic, client(traffic, draw));
    flow->target = traffic_host(traffic, traffic->campus_count + server);
    flow->source_port = (int64_t)(1024 + draw_below(draw, 64000));
    flow->target_port = server % 5 == 0 ? 443 : 80;
    fill_tcp(flow, draw);
    flow->label = server == 0 ? "Background-google-webmail" : "Background-TCP-Established";
}

static void flow_to_proxy(const struct traffic *traffic, struct traffic_flow *flow,
                          struct draw *draw)
{
    flow->source = traffic_host(traffic, client(traffic, draw));
    flow->target = traffic_host(traffic, HOST_PROXY);
    flow->source_port = (int64_t)(1024 + draw_below(draw, 64000));
    flow->target_port = 3128;
    fill_tcp(flow, draw);
    flow->label = "To-Background-CVUT-Proxy";
}

/* A host that was taken over sends mail. */
static void flow_of_mail(const struct traffic *traffic, struct traffic_flow *flow,
                         struct draw *draw, uint64_t pair_count)
{
    flow->source = traffic_host(traffic, HOST_MAIL);
    flow->target = traffic_host(traffic, traffic->campus_count + draw_below(draw, pair_count));
    flow->source_port = (int64_t)(1024 + draw_below(draw, 64000));
    flow->target_port = 25;
    fill_tcp(flow, draw);
    flow->state = "S_";
    flow->label = "From-Botnet-V47-TCP-Attempt-SPAM";
}

/* A host that was tried by TCP answers by ICMP, mostly for much longer than the try took. */
static void flow_of_refusal(const struct traffic *traffic, struct traffic_flow *flow,
                            struct draw *draw, uint64_t pair_count)
{
    static const char *const states[] = {"URP", "URH", "URFIL", "ECR"};
    struct pair pair = pair_at(traffic, recent_pair(draw, pair_count));
    for (uint32_t tries = 0; tries < 16 && !pair.is_tcp; tries++) {
        pair = pair_at(traffic, recent_pair(draw, pair_count));
    }
    flow_of_pair(traffic, flow, draw, &pair, true);
    bool is_long = draw_below(draw, 100) < 85;
    flow->protocol = "icmp";
    flow->direction = "   ->";
    flow->duration_us = is_long ? pair.duration_us * (11 + draw_below(draw, 50)) + 100 : 0;
    flow->source_port = 0x0303;
    flow->target_port = (int64_t)draw_below(draw, 65536);
    flow->has_hex_ports = true;
    flow->state = states[draw_below(draw, 4)];
    flow->source_tos = draw_below(draw, 20) == 0 ? 192 : 0;
    flow->target_tos = TRAFFIC_NONE;
    flow->packets = 1 + draw_below(draw, 6);
    flow->bytes = flow->packets * (60 + draw_below(draw, 120));
    flow->source_bytes = flow->bytes;
    flow->label = "Background";
}

/* What else is on the wire: pings, groups, neighbours, old protocols. */
static void flow_of_noise(const struct traffic *traffic, struct traffic_flow *flow,
                          struct draw *draw)
{
    static const uint64_t site_v6 = UINT64_C(0x2001071800021612);
    uint64_t kind = draw_below(draw, 100);
    uint64_t asking = client(traffic, draw);
    flow->source = traffic_host(traffic, asking);
    flow->target = traffic_host(traffic, client(traffic, draw));
    flow->source_port = TRAFFIC_NONE;
    flow->target_port = TRAFFIC_NONE;
    flow->source_tos = kind < 70 ? 0 : TRAFFIC_NONE;
    flow->target_tos = TRAFFIC_NONE;
    flow->direction = "   ->";
    flow->state = "INT";
    flow->packets = 1 + draw_below(draw, 9);
    flow->bytes = flow->packets * 60;
    flow->source_bytes = flow->bytes;
    if (kind < 40) {
        flow->protocol = "icmp";
        flow->direction = "  <->";
        flow->source_port = 8;
        flow->target_port = (int64_t)draw_below(draw, 65536);
        flow->has_hex_ports = true;
        flow->state = "ECO";
        flow->target_tos = 0;
    } else if (kind < 70) {
        flow->protocol = "igmp";
        flow->target = address_of_ipv4(UINT32_C(0xeffffffa));
    } else if (kind < 90) {
        flow->protocol = "arp";
        flow->direction = "  who";
        flow->state = "RSP";
        flow->duration_us = draw_below(draw, 3600 * US_PER_SECOND);
    } else if (kind < 96) {
        flow->protocol = "ipv6-icmp";
        flow->source = (struct address){site_v6, asking + 1};
        flow->target = (struct address){UINT64_C(0xff02) << 48, UINT64_C(0x1ff1bd243)};
        flow->state = "NNS";
    } else {
        flow->protocol = "ipx/spx";
        flow->source = (struct address){ADDRESS_HIGH_MAC, UINT64_C(0x0015172c0000) + asking};
        flow->target = (struct address){ADDRESS_HIGH_MAC, UINT64_C(0xffffffffffff)};
    }
}

static void fill_tcp(struct traffic_flow *flow, struct draw *draw)
{
    static const char *const states[] = {"FSPA_FSPA", "FSPA_FSPA", "FSPA_FSPA",  "FSPA_FSPA",
                                         "SRPA_FSPA", "FSA_FSA",   "FSRPA_FSPA", "S_"};
    uint64_t state = draw_below(draw, sizeof(states) / sizeof(states[0]));
    flow->protocol = "tcp";
    flow->direction = "   ->";
    flow->duration_us = draw_magnitude(draw, 3, 8);
    flow->state = states[state];
    flow->packets = 2 + draw_magnitude(draw, 0, 2);
    flow->bytes = flow->packets * (60 + draw_below(draw, 900));
    flow->source_bytes = flow->bytes / (1 + draw_below(draw, 12));
    flow->label = state == 7 ? "Background-TCP-Attempt" : "Background-TCP-Established";
}

static void fill_udp(struct traffic_flow *flow, struct draw *draw)
{
    bool is_quick = draw_below(draw, 100) < 75;
    bool is_answered = draw_below(draw, 100) < 96;
    flow->protocol = "udp";
    flow->direction = is_answered ? "  <->" : "   ->";
    flow->duration_us = is_quick ? 150 + draw_below(draw, 500) : draw_magnitude(draw, 3, 9);
    flow->state = is_answered ? "CON" : "INT";
    flow->target_tos = is_answered ? 0 : TRAFFIC_NONE;
    flow->packets = is_quick ? 2 : 2 + draw_magnitude(draw, 0, 1);
    flow->source_bytes = flow->packets * 30 + draw_below(draw, 60);
    flow->bytes = flow->source_bytes + (is_answered ? 60 + draw_below(draw, 400) : 0);
    flow->label = is_answered ? "Background-UDP-Established" : "Background-UDP-Attempt";
}

/* A few clients have most of the flows. */
static uint64_t client(const struct traffic *traffic, struct draw *draw)
{
    return HOST_CLIENTS + draw_rank(draw, traffic->campus_count - HOST_CLIENTS);
}

/* 0 .. count - 1, the rank r about as often as 1 / (r + 1), as Zipf has it: first a power of two,
 * each as often as the other, then a number of that length. */
static uint64_t draw_rank(struct draw *draw, uint64_t count)
{
    uint32_t bits = 64 - (uint32_t)__builtin_clzll(count);
    uint64_t power = UINT64_C(1) << draw_below(draw, bits);
    return (power + draw_below(draw, power) - 1) % count;
}

/* A number of `least` + 1 to `most` + 1 decimal digits, each as often as the other. */
static uint64_t draw_magnitude(struct draw *draw, uint32_t least, uint32_t most)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,      10000,
                                      100000, 1000000, 10000000, 100000000, 1000000000};
    uint64_t power = powers[least + draw_below(draw, most - least + 1)];
    return power + draw_below(draw, 9 * power);
}

static struct address address_of_ipv4(uint32_t ipv4)
{
    return (struct address){0, ADDRESS_LOW_IPV4 | ipv4};
}

/* One of OUTSIDE_COUNT addresses. */
static struct address outside_address(uint32_t number)
{
    uint32_t first = 1 + (number >> 24);
    for (uint32_t i = 0; i < sizeof(inside_networks); i++) {
        first += first >= inside_networks[i];
    }
    return address_of_ipv4(first << 24 | (number & 0xffffff));
}
