/* Where the planted cycles lie; see planted.h. */
#include "report/planted.h"

#include "base/check.h"

enum { STREAM_CYCLE = 3, STREAM_STEP = 4 };

/* A hunt for cycles within a minute finds them. */
#define CYCLE_SPAN_US UINT64_C(50000000)

static void place_times(struct planted_cycle *cycle, struct draw *draw, uint64_t span_us);
static void place_hosts(struct planted_cycle *cycle, struct draw *draw, uint64_t host_count);

void planted_cycle_place(struct planted_cycle *cycle, const struct traffic *traffic,
                         uint64_t cycle_count, uint32_t length, uint64_t number)
{
    struct draw draw = draw_open(traffic->seed, STREAM_CYCLE, number);
    uint64_t first = planted_stretch_start(traffic, cycle_count, number);
    uint64_t row_count = planted_stretch_start(traffic, cycle_count, number + 1) - first;
    uint64_t span_us =
        (uint64_t)((unsigned __int128)row_count * traffic->span_us / traffic->flow_count);
    DCHECK(row_count >= length && span_us >= length && length <= CYCLE_LENGTH_MAX);
    *cycle = (struct planted_cycle){.number = number, .length = length};
    place_times(cycle, &draw, span_us);

    /* Each step takes the row whose turn it is at its time; where rows are farther apart than
     * steps, the steps take consecutive rows, earlier than those would have started. */
    for (uint32_t step = 1; step < length; step++) {
        uint64_t row = (uint64_t)((unsigned __int128)cycle->start_us[step] * traffic->flow_count /
                                  traffic->span_us);
        uint64_t latest = row_count - length + step;
        row = row > cycle->rows[step - 1] ? row : cycle->rows[step - 1] + 1;
        cycle->rows[step] = row < latest ? row : latest;
    }
    uint64_t shift = first + draw_below(&draw, row_count - cycle->rows[length - 1]);
    uint64_t start_us = traffic_row_start(traffic, shift);
    for (uint32_t step = 0; step < length; step++) {
        cycle->rows[step] += shift;
        cycle->start_us[step] += start_us;
    }
    place_hosts(cycle, &draw, traffic->host_count);
}

uint64_t planted_stretch_start(const struct traffic *traffic, uint64_t cycle_count, uint64_t number)
{
    return (uint64_t)((unsigned __int128)number * traffic->flow_count / cycle_count);
}

struct traffic_flow planted_cycle_flow(const struct planted_cycle *cycle,
                                       const struct traffic *traffic, uint32_t step)
{
    uint64_t index = cycle->number * CYCLE_LENGTH_MAX + step;
    struct draw draw = draw_open(traffic->seed, STREAM_STEP, index);
    struct traffic_flow flow = {
        .start_us = cycle->start_us[step],
        .duration_us = 1000 + draw_below(&draw, 900000),
        .protocol = "tcp",
        .source = traffic_host(traffic, cycle->hosts[step]),
        .target = traffic_host(traffic, cycle->hosts[(step + 1) % cycle->length]),
        .direction = "   ->",
        .source_port = (int64_t)(1024 + draw_below(&draw, 64000)),
        .target_port = 443,
        .state = "FSPA_FSPA",
        .packets = 6 + draw_below(&draw, 20),
        .label = "Planted-Cycle",
    };
    flow.bytes = flow.packets * (200 + draw_below(&draw, 800));
    flow.source_bytes = flow.bytes / 3;
    return flow;
}

/* Steps at about equal distances, from 0 on, strictly ascending. */
static void place_times(struct planted_cycle *cycle, struct draw *draw, uint64_t span_us)
{
    uint64_t step_us = (span_us < CYCLE_SPAN_US ? span_us : CYCLE_SPAN_US) / cycle->length;
    for (uint32_t step = 1; step < cycle->length; step++) {
        cycle->start_us[step] = step * step_us + draw_below(draw, (step_us + 1) / 2);
    }
}

/* Hosts at equal distances, from anywhere, and so all different. */
static void place_hosts(struct planted_cycle *cycle, struct draw *draw, uint64_t host_count)
{
    uint64_t stride = 1 + draw_below(draw, host_count / cycle->length);
    uint64_t host = draw_below(draw, host_count);
    for (uint32_t step = 0; step < cycle->length; step++) {
        cycle->hosts[step] = host;
        host = (host + stride) % host_count;
    }
}
