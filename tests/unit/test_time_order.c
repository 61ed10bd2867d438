/* floor: engine */
/* The flows of vertices in the order of time, against the rows that they were made from. */
#include "engine/time_order.h"

#include <stdlib.h>

#include "base/memory.h"
#include "engine/filter.h"
#include "tests/support/suite.h"
#include "tests/support/tiny_filter.h"

enum { ROWS = 1500, PARTITIONS = 3, WORKERS = 3 };

/* A graph of random rows, and which of its flows pass. */
struct rig {
    struct tiny tiny;
    struct flow_filter filter;
    uint64_t *bits[PARTITIONS];
};

static void open_rig(struct rig *rig, uint64_t seed, bool has_filter)
{
    tiny_filter_fill(ROWS, 0, 100, false, seed);
    tiny_open(&rig->tiny, tiny_filter_rows, ROWS, PARTITIONS, WORKERS);
    rig->filter = (struct flow_filter){.bits = has_filter ? rig->bits : NULL};
    for (uint32_t p = 0; p < PARTITIONS; p++) {
        uint64_t words = filter_word_count(rig->tiny.graph->edges.partitions[p].flow_count);
        rig->bits[p] = arena_allocate_zeroed(rig->tiny.arena, words, sizeof(uint64_t));
        for (uint64_t word = 0; word < words; word++) {
            rig->bits[p][word] = tiny_random(&seed);
        }
    }
}

/* Whether the flow of a row passes, and has the vertex at the end that is asked for. */
static bool is_at(const struct rig *rig, uint32_t row, vertex_id vertex, bool is_out)
{
    edge_id edge = tiny_edge(&rig->tiny, row);
    const struct tiny_row *from = &rig->tiny.rows[row];
    return tiny_vertex(&rig->tiny, is_out ? from->source : from->target) == vertex &&
           (rig->filter.bits == NULL ||
            bit_is_set(rig->bits[edge_partition(edge)], edge_position(edge)));
}

static int compare_times(const void *left, const void *right)
{
    int64_t one = *(const int64_t *)left;
    int64_t other = *(const int64_t *)right;
    return (one > other) - (one < other);
}

/* The far end of a flow in the list of a vertex. */
static vertex_id far_end(const struct partition *partition, const struct timed_link *flow,
                         bool is_out)
{
    return is_out ? partition->link_target[flow->link] : partition->reverse[flow->link].source;
}

/* As many flows to each far end as there are rows. */
static void check_ends(const struct rig *rig, const struct partition *partition, vertex_id vertex,
                       const struct timed_flows *found, bool is_out)
{
    uint32_t vertex_count = rig->tiny.graph->vertices.vertex_count;
    int64_t *counts = memory_allocate(vertex_count, sizeof *counts);
    for (uint32_t row = 0; row < ROWS; row++) {
        const struct tiny_row *from = &rig->tiny.rows[row];
        vertex_id far = tiny_vertex(&rig->tiny, is_out ? from->target : from->source);
        counts[far] += is_at(rig, row, vertex, is_out);
    }
    for (uint64_t i = 0; i < found->count; i++) {
        counts[far_end(partition, &found->flows[i], is_out)]--;
    }
    for (uint32_t far = 0; far < vertex_count; far++) {
        CU_ASSERT_EQUAL(counts[far], 0);
    }
    memory_free(counts);
}

static void check_vertex(const struct rig *rig, const struct partition *partition, vertex_id vertex,
                         const struct timed_flows *found, bool is_out)
{
    int64_t times[ROWS];
    uint64_t count = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        times[count] = rig->tiny.rows[row].time;
        count += is_at(rig, row, vertex, is_out);
    }
    qsort(times, count, sizeof *times, compare_times);
    CU_ASSERT_EQUAL_FATAL(found->count, count);
    for (uint64_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(found->flows[i].time, times[i]);
    }
    check_ends(rig, partition, vertex, found, is_out);
}

struct asking {
    const struct time_order *order;
    struct arena *arenas[WORKERS];
};

/* Every worker asks for every vertex, and all for the same ones first. */
static void ask_for_all(const struct worker *worker, void *context)
{
    const struct asking *asking = context;
    struct arena *arena = asking->arenas[worker->index];
    struct order_room room = {.arena = arena, .kept = arena};
    for (uint32_t p = 0; p < PARTITIONS; p++) {
        const struct partition *partition = &asking->order->of.frame->partitions[p];
        for (uint32_t local = 0; local < partition->vertex_count; local++) {
            struct timed_flows found;
            CU_ASSERT_NOT_EQUAL(time_order_find(asking->order, partition, local, &room, &found),
                                TIME_ORDER_IMPOSSIBLE);
        }
    }
}

static void check_order(struct rig *rig, bool is_out, bool is_filled)
{
    struct tiny *tiny = &rig->tiny;
    struct time_order order = {0};
    struct asking asking = {.order = &order};
    CU_ASSERT_EQUAL_FATAL(time_order_open(&order, &tiny->graph->edges, &rig->filter, is_out,
                                          tiny->team, &tiny->budget, &tiny->stop, NULL),
                          STATUS_OK);
    for (uint32_t i = 0; i < WORKERS; i++) {
        CU_ASSERT_EQUAL_FATAL(
            arena_open_brief(&asking.arenas[i], tiny->topology, 0, &tiny->budget, NULL), STATUS_OK);
    }
    if (is_filled) {
        time_order_fill(&order, tiny->team, &tiny->budget);
    }
    team_run(tiny->team, ask_for_all, &asking);
    for (uint32_t p = 0; p < PARTITIONS; p++) {
        const struct partition *partition = &tiny->graph->edges.partitions[p];
        for (uint32_t local = 0; local < partition->vertex_count; local++) {
            struct order_room room = {.arena = asking.arenas[0], .kept = asking.arenas[0]};
            struct timed_flows found;
            CU_ASSERT_EQUAL_FATAL(time_order_find(&order, partition, local, &room, &found),
                                  TIME_ORDER_FOUND);
            check_vertex(rig, partition, partition->vertex_base + local, &found, is_out);
        }
    }
    time_order_close(&order);
    for (uint32_t i = 0; i < WORKERS; i++) {
        arena_close(asking.arenas[i]);
    }
}

static void flows_of_each_vertex_ascend_whoever_asks(void)
{
    for (uint32_t way = 0; way < 8; way++) {
        struct rig rig;
        open_rig(&rig, 17 + way, (way & 1) != 0);
        check_order(&rig, (way & 2) != 0, (way & 4) != 0);
        tiny_close(&rig.tiny);
    }
}

/* What is left when the budget has nothing to give: counting, link by link. */
static void without_memory_flows_are_still_counted(void)
{
    struct rig rig;
    struct time_order order = {0};
    open_rig(&rig, 4, true);
    struct tiny *tiny = &rig.tiny;
    struct order_room room = {.arena = tiny->arena, .kept = tiny->arena};
    CU_ASSERT_EQUAL_FATAL(time_order_open(&order, &tiny->graph->edges, &rig.filter, true,
                                          tiny->team, &tiny->budget, &tiny->stop, NULL),
                          STATUS_OK);
    tiny->budget.limit_bytes = 1;
    for (uint32_t row = 0; row < 40; row++) {
        vertex_id vertex = tiny_vertex(tiny, tiny->rows[row].source);
        const struct partition *partition = graph_partition_of(&tiny->graph->edges, vertex);
        uint32_t local = vertex - partition->vertex_base;
        time_ns earliest = tiny->rows[row].time;
        time_ns latest = earliest + 40;
        uint64_t count = 0;
        for (uint32_t other = 0; other < ROWS; other++) {
            int64_t time = tiny->rows[other].time;
            count += is_at(&rig, other, vertex, true) && time >= earliest && time <= latest;
        }
        struct timed_flows found;
        (void)time_order_find(&order, partition, local, &room, &found);
        CU_ASSERT_EQUAL(vertex_flows_within(&order.of, partition, local, earliest, latest), count);
    }
    time_order_close(&order);
    tiny_close(tiny);
}

/* Not even those of one link, which may be all of the graph. */
static void an_interrupt_ends_the_ordering(void)
{
    struct rig rig;
    open_rig(&rig, 9, false);
    struct tiny *tiny = &rig.tiny;
    const struct vertex_flows of = {&tiny->graph->edges, &rig.filter, &tiny->stop, true};
    static struct radix_pair pairs[2 * ROWS];
    static struct timed_link flows[ROWS];
    const struct partition *partition = &tiny->graph->edges.partitions[0];
    stop_request(&tiny->stop, STOP_INTERRUPTED);
    for (uint32_t local = 0; local < partition->vertex_count; local++) {
        uint64_t count = vertex_flows_count(&of, partition, local);
        pairs[0] = (struct radix_pair){1, 2};
        flows[0] = (struct timed_link){.time = 3};
        vertex_flows_order(&of, partition, local, count, pairs, flows);
        CU_ASSERT_TRUE(pairs[0].key == 1 && pairs[0].value == 2 && flows[0].time == 3);
    }
    tiny_close(tiny);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(flows_of_each_vertex_ascend_whoever_asks),
        CASE(without_memory_flows_are_still_counted),
        CASE(an_interrupt_ends_the_ordering),
        CU_TEST_INFO_NULL,
    };
    return suite_run("time_order", NULL, NULL, cases);
}
