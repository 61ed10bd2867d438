/* How long work goes on after it was stopped: loads, queries and writes are begun again and again,
 * and stopped by a signal at random moments. The time from gyre_engine_stop to the return is to be
 * below 50 ms. What the worst one spent it on: where all workers together computed for much less,
 * it waited for a processor; and where new pages take long, as in a machine whose memory is another
 * one's to give, it may have waited for those. Uses the public interface only.
 *
 *     cancel THREADS TRIALS FILE [--memory-limit=SIZE] [WHAT...]
 *
 * WHAT: of the names below; default: all. Under a limit near what the load takes, results go to the
 * disk. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include "gyre.h"

enum { TRIALS_MAX = 1000 };

static const struct {
    const char *name;
    const char *query;       /* NULL: a load */
    enum gyre_format format; /* of a write */
    bool is_write;
} works[] = {
    {"load", NULL, 0, false},
    {"filter",
     "MATCH ()-[e]->() WHERE e.TotBytes * 3 > e.SrcBytes + 17 AND e.State CONTAINS 'A' "
     "RETURN count(*)",
     0, false},
    {"search_links", "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(d) WHERE a <> d RETURN count(*)", 0,
     false},
    {"search_time",
     "MATCH (a)-[e1]->(b)-[e2]->(c)-[e3]->(d) WHERE e1.StartTime < e2.StartTime AND "
     "e2.StartTime < e3.StartTime AND e3.StartTime <= e1.StartTime + "
     "duration({seconds: 60}) RETURN count(*)",
     0, false},
    {"search_ordered",
     "MATCH (a)-[e]->(b)-[f]->(c) WHERE e.StartTime < f.StartTime AND f.StartTime < e.StartTime + "
     "duration({seconds: 1}) AND a <> c RETURN count(*), sum(f.TotBytes)",
     0, false},
    {"rehearsal",
     "MATCH (a)-[e]-(b)-[f]-(c)-[g]-(d)-[h]-(a) WHERE e.Dur < f.Dur AND e.TotBytes > 5 "
     "RETURN count(*), max(h.Dur)",
     0, false},
    {"search_hubs", "MATCH (a)-[e1]->(b)<-[e2]-(c) WHERE e1.Dur < e2.Dur RETURN count(*)", 0,
     false},
    {"cycles",
     "MATCH p = (a)-[es*2..6]->(a) WHERE all(i IN range(0, size(es) - 2) WHERE es[i].StartTime < "
     "es[i + 1].StartTime) AND es[-1].StartTime <= es[0].StartTime + duration({days: 30}) "
     "RETURN count(*)",
     0, false},
    {"paths",
     "MATCH (a)-[es*1..6]->(b) WHERE strictlyAscending(es) "
     "RETURN b.IPAddr, size(es), count(*), min(last(es).StartTime)",
     0, false},
    {"paths_apart", "MATCH (a)-[es*1..4]->(b) WHERE ascending(es) RETURN DISTINCT a, b", 0, false},
    {"paths_window",
     "MATCH (a)-[es*2..4]->(b) WHERE ascending(es) AND span(es) <= duration('PT60S') "
     "RETURN a.IPAddr, b.IPAddr, count(*)",
     0, false},
    {"cycle_rows",
     "MATCH p = (a)-[es*2..6]->(a) WHERE all(i IN range(0, size(es) - 2) WHERE es[i].StartTime < "
     "es[i + 1].StartTime) AND es[-1].StartTime <= es[0].StartTime + duration({seconds: 600}) "
     "RETURN p",
     0, false},
    {"walks", "MATCH p = (a)-[*2..4]->(b) RETURN count(p)", 0, false},
    {"shortest",
     "MATCH (a), (b) WHERE a <> b WITH a, b LIMIT 300000 MATCH p = shortestPath((a)-[*..6]->(b)) "
     "RETURN count(p)",
     0, false},
    {"section",
     "MATCH (a)-[e]->(b) WITH a, b, count(*) AS n WHERE n > 1 MATCH (b)-[f]->(c) "
     "RETURN count(*), sum(f.TotBytes)",
     0, false},
    {"exists",
     "MATCH (a)-[e]->(b) WHERE EXISTS { MATCH (b)-[f]->(c) WHERE f.Dur > e.Dur AND "
     "f.Proto <> e.Proto } RETURN count(e)",
     0, false},
    {"rows", "MATCH (a)-[e]->(b) RETURN a, b, e", 0, false},
    {"sort", "MATCH (a)-[e]->(b) RETURN a, b, e.Dur ORDER BY e.Dur DESC, a.IPAddr", 0, false},
    {"group",
     "MATCH (a)-[e]->(b) RETURN a, b, count(*), sum(e.TotBytes), max(e.TotPkts) "
     "ORDER BY a.IPAddr",
     0, false},
    {"groups",
     "MATCH (a)-[e]->(b) RETURN a, b, e.TotBytes, count(*), avg(e.Dur) "
     "ORDER BY avg(e.Dur)",
     0, false},
    {"distinct", "MATCH (a)-[e]->(b) RETURN DISTINCT a, e.TotBytes, e.Dur", 0, false},
    {"sets", "MATCH (a)-[e]->(b) RETURN e.Proto, count(DISTINCT b), count(DISTINCT e.Dur)", 0,
     false},
    {"gathered_group",
     "MATCH (a)-[e]->(b) WITH a, e.TotBytes AS t, collect(e.Dur) AS d RETURN count(*), "
     "sum(size(d))",
     0, false},
    {"gathered_sort",
     "MATCH (a)-[e]->(b) WITH a, e ORDER BY e.Dur DESC RETURN collect(e)[0], count(a)", 0, false},
    {"kept_distinct", "MATCH (a)-[e]->(b) WITH DISTINCT a, [e.Dur] AS d RETURN count(*)", 0, false},
    {"kept_group",
     "MATCH (a)-[e]->(b) WITH [a, e.TotBytes] AS key, count(DISTINCT e.Dur) AS n, collect(b) AS "
     "ends RETURN count(*), max(n)",
     0, false},
    {"kept_collect", "MATCH (a)-[e]->(b) WITH collect([e.Dur]) AS d RETURN size(d)", 0, false},
    {"kept_set", "MATCH (a)-[e]->(b) WITH count(DISTINCT [e.Dur, e.TotBytes]) AS n RETURN n", 0,
     false},
    {"kept_percentile",
     "MATCH (a)-[e]->(b) WITH [1] AS one, percentileCont(e.Dur, 0.5) AS d RETURN d", 0, false},
    {"kept_sort",
     "MATCH (a)-[e]->(b) UNWIND [1, 2] AS i WITH a, e.Dur + i AS d ORDER BY d RETURN count(*), "
     "max(d)",
     0, false},
    {"kept_answer", "MATCH (a)-[e]->(b) UNWIND [1, 2] AS i RETURN a, e, i", 0, false},
    {"long_lists",
     "MATCH (a)-[e]->(b) WITH collect(e.Dur) AS c UNWIND range(1, 6) AS i WITH c, i ORDER BY c, i "
     "RETURN sum(i)",
     0, false},
    {"long_texts",
     "WITH reduce(s = 'abcdefghij', x IN range(1, 20) | s + s) AS t UNWIND range(1, 100) AS i "
     "RETURN sum(CASE WHEN toUpper(t + toString(i)) =~ '([A-J]|[0-9])*[XYZ]?' THEN 1 END)",
     0, false},
    {"equal_lists",
     "WITH range(1, 30000000) AS l UNWIND range(1, 20) AS i RETURN count(l = l), count(-i IN l)", 0,
     false},
    {"write_csv", "MATCH (a)-[e]->(b) RETURN a.IPAddr, b.IPAddr, e.Dur, e.StartTime",
     GYRE_FORMAT_CSV, true},
    {"write_json", "MATCH (a)-[e]->(b) RETURN a.IPAddr, b.IPAddr, e.Dur, e.StartTime",
     GYRE_FORMAT_JSON, true},
    {"write_table", "MATCH (a)-[e]->(b) RETURN a.IPAddr, b.IPAddr, e.Dur, e.StartTime",
     GYRE_FORMAT_TABLE, true},
    {"write_lists", "MATCH (a)-[e]->(b) RETURN a, collect(e.Dur) AS d", GYRE_FORMAT_JSON, true},
};
enum { WORKS = sizeof(works) / sizeof(works[0]) };

static struct gyre_engine *engine;
static struct gyre_graph *graph;
static const char *flows_path;
static volatile int64_t stopped_ns;
static volatile int64_t stopped_work_ns; /* of the processors */
static volatile long stopped_pages;

/* What went on after a stop. */
struct trial {
    double seconds; /* negative: it was over before, after so long */
    double work_seconds;
    long pages; /* that were new */
};

static double random_share(void)
{
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(state >> 33) / (double)(UINT64_C(1) << 31);
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static long new_pages(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static void stop(int signal)
{
    (void)signal;
    stopped_ns = read_clock(CLOCK_MONOTONIC);
    stopped_work_ns = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    stopped_pages = new_pages();
    gyre_engine_stop(engine);
}

static void stop_after(double seconds)
{
    struct itimerval timer = {
        .it_value = {(time_t)seconds, (suseconds_t)((seconds - (time_t)seconds) * 1e6) + 1}};
    stopped_ns = 0;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void stop_never(void)
{
    struct itimerval none = {0};
    setitimer(ITIMER_REAL, &none, NULL);
}

/* Runs the work, stopped after `seconds`. Setting up is not timed. */
static struct trial run(uint32_t work, double seconds, bool *is_stopped)
{
    struct trial trial;
    struct gyre_error error = {0};
    struct gyre_result *result = NULL;
    struct gyre_graph *loaded = NULL;
    if (works[work].is_write) {
        gyre_query(&result, graph, works[work].query, NULL, &error);
    }
    gyre_graph_forget(graph);
    int64_t start_ns = read_clock(CLOCK_MONOTONIC);
    stop_after(seconds);
    int status;
    if (works[work].query == NULL) {
        status = gyre_load(&loaded, engine, &flows_path, 1, NULL, NULL, &error);
    } else if (works[work].is_write) {
        status = gyre_result_write(result, works[work].format, "/dev/null", &error);
    } else {
        status = gyre_query(&result, graph, works[work].query, NULL, &error);
    }
    int64_t end_ns = read_clock(CLOCK_MONOTONIC);
    trial.work_seconds = (double)(read_clock(CLOCK_PROCESS_CPUTIME_ID) - stopped_work_ns) / 1e9;
    trial.pages = new_pages() - stopped_pages;
    stop_never();
    gyre_result_close(result);
    gyre_graph_close(loaded);
    if (status != GYRE_OK && status != GYRE_INTERRUPTED) {
        fprintf(stderr, "cancel: %s: %s\n", works[work].name, error.text);
        exit(1);
    }
    *is_stopped = status == GYRE_INTERRUPTED;
    bool is_signalled = stopped_ns != 0 && stopped_ns < end_ns;
    trial.seconds = (double)(is_signalled ? end_ns - stopped_ns : start_ns - end_ns) / 1e9;
    return trial;
}

static int compare(const void *left, const void *right)
{
    double difference =
        ((const struct trial *)left)->seconds - ((const struct trial *)right)->seconds;
    return difference < 0 ? -1 : difference > 0;
}

static void measure(uint32_t work, long trials)
{
    struct trial stopped[TRIALS_MAX];
    long count = 0;
    long unheard = 0;
    bool is_stopped = false;
    /* What takes longer than this is stopped within it. */
    enum { WHOLE_SECONDS_MAX = 5 };
    double whole = run(work, WHOLE_SECONDS_MAX, &is_stopped).seconds;
    whole = is_stopped || whole > 0 ? WHOLE_SECONDS_MAX : -whole;
    for (long i = 0; i < trials; i++) {
        struct trial trial = run(work, whole * random_share() + 1e-6, &is_stopped);
        if (trial.seconds >= 0) {
            stopped[count++] = trial;
            unheard += !is_stopped;
        }
    }
    if (count == 0) {
        printf("%-14s %8.3f s: never stopped in time\n", works[work].name, whole);
        return;
    }
    qsort(stopped, (size_t)count, sizeof(*stopped), compare);
    const struct trial *worst = &stopped[count - 1];
    printf("%-14s %8.3f s  stopped %4ld times  median %7.2f ms  worst %7.2f ms  (%7.2f ms of work, "
           "%4ld new pages)  came to its end %ld times\n",
           works[work].name, whole, count, stopped[count / 2].seconds * 1e3, worst->seconds * 1e3,
           worst->work_seconds * 1e3, worst->pages, unheard);
    fflush(stdout);
}

/* How long new pages of 2 MiB take, if the system has such. */
static void tell_pages(void)
{
    enum { PAGES = 64, PAGE_BYTES = 2 << 20 };
    struct trial touches[PAGES] = {0};
    size_t bytes = (size_t)(PAGES + 1) * PAGE_BYTES;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return;
    }
    char *page = memory + (PAGE_BYTES - (uintptr_t)memory % PAGE_BYTES) % PAGE_BYTES;
    madvise(page, (size_t)PAGES * PAGE_BYTES, MADV_HUGEPAGE);
    for (uint32_t i = 0; i < PAGES; i++) {
        int64_t start_ns = read_clock(CLOCK_MONOTONIC);
        page[(size_t)i * PAGE_BYTES] = 1;
        touches[i].seconds = (double)(read_clock(CLOCK_MONOTONIC) - start_ns) / 1e9;
    }
    munmap(memory, bytes);
    qsort(touches, PAGES, sizeof *touches, compare);
    printf("a new page takes %.2f ms (median), %.2f ms (worst)\n", touches[PAGES / 2].seconds * 1e3,
           touches[PAGES - 1].seconds * 1e3);
}

int main(int argc, char **argv)
{
    static const char limit[] = "--memory-limit=";
    struct gyre_engine_options options = {0};
    int first_name = 4;
    if (argc > first_name && strncmp(argv[first_name], limit, strlen(limit)) == 0) {
        const char *size = argv[first_name++] + strlen(limit);
        argc = gyre_parse_size(size, &options.memory_limit_bytes) ? argc : 0;
    }
    if (argc < 4) {
        fprintf(stderr, "usage: cancel THREADS TRIALS FILE [--memory-limit=SIZE] [WHAT...]\n");
        return 2;
    }
    options.threads = (uint32_t)strtoul(argv[1], NULL, 10);
    long trials = strtol(argv[2], NULL, 10);
    trials = trials < 1 ? 1 : trials > TRIALS_MAX ? TRIALS_MAX : trials;
    flows_path = argv[3];
    struct gyre_error error = {0};
    int status = gyre_engine_open(&engine, &options, &error);
    if (status == GYRE_OK) {
        status = gyre_load(&graph, engine, &flows_path, 1, NULL, NULL, &error);
    }
    if (status != GYRE_OK) {
        fprintf(stderr, "cancel: %s\n", error.text);
        return 1;
    }
    tell_pages();
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGALRM, &action, NULL);
    for (uint32_t work = 0; work < WORKS; work++) {
        bool is_wanted = argc == first_name;
        for (int i = first_name; i < argc; i++) {
            is_wanted = is_wanted || strcmp(argv[i], works[work].name) == 0;
        }
        if (is_wanted) {
            measure(work, trials);
        }
    }
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    return 0;
}
