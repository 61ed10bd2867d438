// The C shim over Google Benchmark; see bench.h.
#include "perf/bench.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include <benchmark/benchmark.h>

struct bench {
    benchmark::State &state;
    double bound_seconds; // of an iteration; 0: none is known
    double start_seconds;
};

static double cpu_seconds();

void bench_add(const char *name, void (*function)(struct bench *, int64_t), int64_t argument)
{
    benchmark::RegisterBenchmark(name, [function, argument](benchmark::State &state) {
        struct bench bench = {state, 0, 0};
        function(&bench, argument);
    })->UseRealTime();
}

bool bench_next(struct bench *bench)
{
    if (bench->state.KeepRunning()) {
        return true;
    }
    if (bench->bound_seconds > 0) {
        double took = cpu_seconds() - bench->start_seconds;
        bench->state.counters["of_bound"] =
            bench->bound_seconds * static_cast<double>(bench->state.iterations()) / took;
    }
    return false;
}

void bench_set_bytes(struct bench *bench, int64_t bytes)
{
    bench->state.SetBytesProcessed(bytes);
}

void bench_set_items(struct bench *bench, int64_t items)
{
    bench->state.SetItemsProcessed(items);
}

void bench_set_figure(struct bench *bench, const char *name, double value)
{
    bench->state.counters[name] = value;
}

static double cpu_seconds()
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void bench_set_bound(struct bench *bench, void (*work)(void *), void *context)
{
    constexpr int runs = 20;
    bench->bound_seconds = std::numeric_limits<double>::infinity();
    for (int run = 0; run < runs; run++) {
        double start = cpu_seconds();
        work(context);
        bench->bound_seconds = std::min(bench->bound_seconds, cpu_seconds() - start);
    }
    bench->start_seconds = cpu_seconds();
}

int64_t bench_iterations(const struct bench *bench)
{
    return static_cast<int64_t>(bench->state.iterations());
}

void bench_keep(const void *value)
{
    benchmark::DoNotOptimize(value);
}

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    bench_main();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
