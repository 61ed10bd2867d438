/* The deque as its owner uses it: push one task, pop it. Bound: copying a task twice (memcpy in the
 * same run). */
#include "perf/bench.h"

#include <string.h>

#include "engine/search.h"

static struct deque deque;

static void push_and_pop(struct bench *bench, int64_t words)
{
    struct deque_item item = {{1, 2, 3}};
    deque_init(&deque);
    while (bench_next(bench)) {
        deque_push(&deque, &item, (uint32_t)words);
        deque_pop(&deque, &item, (uint32_t)words);
        bench_keep(&item);
    }
    bench_set_items(bench, bench_iterations(bench));
}

static void copy_twice(struct bench *bench, int64_t words)
{
    struct deque_item item = {{1, 2, 3}};
    static struct deque_item slot;
    while (bench_next(bench)) {
        memcpy(&slot, &item, (size_t)words * sizeof(uint64_t));
        bench_keep(&slot);
        memcpy(&item, &slot, (size_t)words * sizeof(uint64_t));
        bench_keep(&item);
    }
    bench_set_items(bench, bench_iterations(bench));
}

void bench_main(void)
{
    int64_t words = sizeof(struct task) / sizeof(uint64_t);
    bench_add("deque/push_and_pop", push_and_pop, words);
    bench_add("deque/bound/copy_twice", copy_twice, words);
}
