/* What the workers of each node did; see work.h. */
#include "cli/work.h"

#include <inttypes.h>

#include "cli/message.h"
#include "cli/text.h"

/* 100 when nothing was read. */
static double percent_local(uint64_t local, uint64_t remote)
{
    uint64_t all = local + remote;
    return all == 0 ? 100 : 100.0 * (double)local / (double)all;
}

void work_print(const struct session *session, const struct gyre_result *result)
{
    for (uint32_t i = 0; i < gyre_engine_node_count(session->engine); i++) {
        struct gyre_query_node node = gyre_result_node(result, i);
        struct text_room room[9];
        message_line(
            "node %" PRIu32 ": %" PRIu32 " worker%s, %s tasks, %s splits, %s steals "
            "(%s from other nodes), idle %s; read here %s flows, %s, on other nodes "
            "%s flows, %s (%.1f%% local)",
            i, node.worker_count, text_plural(node.worker_count),
            text_grouped(&room[0], node.tasks), text_grouped(&room[1], node.splits),
            text_grouped(&room[2], node.steals_local + node.steals_remote),
            text_grouped(&room[3], node.steals_remote), text_seconds(&room[4], node.idle_seconds),
            text_grouped(&room[5], node.flows_local), text_size(&room[6], node.bytes_local),
            text_grouped(&room[7], node.flows_remote), text_size(&room[8], node.bytes_remote),
            percent_local(node.bytes_local, node.bytes_remote));
    }
}

void work_put_json(FILE *file, const struct session *session, const struct gyre_result *result)
{
    uint64_t local = 0;
    uint64_t remote = 0;
    fprintf(file, "  \"work\": [");
    for (uint32_t i = 0; i < gyre_engine_node_count(session->engine); i++) {
        struct gyre_query_node node = gyre_result_node(result, i);
        local += node.bytes_local;
        remote += node.bytes_remote;
        fprintf(file,
                "%s\n    {\"workers\": %" PRIu32 ", \"tasks\": %" PRIu64 ", \"splits\": %" PRIu64
                ", \"steals_local\": %" PRIu64 ", \"steals_remote\": %" PRIu64
                ", \"flows_local\": %" PRIu64 ", \"flows_remote\": %" PRIu64
                ", \"bytes_local\": %" PRIu64 ", \"bytes_remote\": %" PRIu64
                ", \"idle_seconds\": %.9f}",
                i > 0 ? "," : "", node.worker_count, node.tasks, node.splits, node.steals_local,
                node.steals_remote, node.flows_local, node.flows_remote, node.bytes_local,
                node.bytes_remote, node.idle_seconds);
    }
    fprintf(file, "\n  ],\n  \"bytes_local_percent\": %.2f,\n", percent_local(local, remote));
}
