/* The graph that queries are tried on: a handful of flows with every kind of value, a self-loop,
 * parallel flows, and equal times. */
#ifndef GYRE_TESTS_SUPPORT_SMALL_FLOWS_H
#define GYRE_TESTS_SUPPORT_SMALL_FLOWS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gyre.h"

static const char small_flows[] =
    "StartTime,Dur,Proto,SrcAddr,Sport,DstAddr,Dport,TotBytes,Label\n"
    "2011/08/16 10:00:01.000000,0.1,tcp,10.0.0.1,1025,10.0.0.2,80,100,Background\n"
    "2011/08/16 10:00:02.000000,5.0,icmp,10.0.0.2,0x0303,10.0.0.1,,,Background\n"
    "2011/08/16 10:00:02.000000,,udp,10.0.0.2,53,host-a,53,70,Botnet\n"
    "2011/08/16 10:00:03.000000,1.5,tcp,host-a,22,host-a,22,80,\n"
    "2011/08/16 10:00:04.000000,1.5,tcp,host-a,22,10.0.0.1,22,80,\n";

static inline void small_flows_open_with(struct gyre_engine **engine, struct gyre_graph **graph,
                                         const struct gyre_engine_options *options)
{
    char path[64];
    struct gyre_error error = {0};
    int file = memfd_create("flows", 0);
    if (file < 0 ||
        write(file, small_flows, sizeof small_flows - 1) != (ssize_t)sizeof small_flows - 1) {
        abort();
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const char *const paths[] = {path};
    if (gyre_engine_open(engine, options, &error) != GYRE_OK ||
        gyre_load(graph, *engine, paths, 1, NULL, NULL, &error) != GYRE_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    close(file);
}

static inline void small_flows_open(struct gyre_engine **engine, struct gyre_graph **graph,
                                    uint64_t memory_bytes)
{
    struct gyre_engine_options options = {.threads = 1, .memory_limit_bytes = memory_bytes};
    small_flows_open_with(engine, graph, &options);
}

#endif
