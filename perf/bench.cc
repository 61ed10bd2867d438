// The C shim over Google Benchmark; see bench.h.
#include "perf/bench.h"

#include <benchmark/benchmark.h>

struct bench {
    benchmark::State &state;
};

void bench_add(const char *name, void (*function)(struct bench *, int64_t), int64_t argument)
{
    benchmark::RegisterBenchmark(name, [function, argument](benchmark::State &state) {
        struct bench bench = {state};
        function(&bench, argument);
    })->UseRealTime();
}

bool bench_next(struct bench *bench)
{
    return bench->state.KeepRunning();
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
