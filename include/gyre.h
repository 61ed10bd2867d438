/* gyre: finds temporal, attribute-constrained cycles and paths in network flows.
 *
 * The public interface of libgyre. The program `gyre` uses nothing else.
 *
 *     struct gyre_error error = {0};
 *     struct gyre_engine *engine = NULL;
 *     struct gyre_graph *graph = NULL;
 *     struct gyre_result *result = NULL;
 *     const char *paths[] = {"capture20110816.binetflow"};
 *     if (gyre_engine_open(&engine, NULL, &error) == GYRE_OK &&
 *         gyre_load(&graph, engine, paths, 1, NULL, NULL, &error) == GYRE_OK &&
 *         gyre_query(&result, graph, "MATCH ()-[e]->() RETURN count(*)", NULL, &error) == GYRE_OK)
 *         gyre_result_write(result, GYRE_FORMAT_CSV, "-", &error);
 *     gyre_result_close(result);
 *     gyre_graph_close(graph);
 *     gyre_engine_close(engine);
 *
 * Threads: an engine runs one load or one query at a time; gyre_engine_stop may be called from
 * anywhere, signal handlers included. Structures of options are zeroed for the defaults, and NULL
 * stands for all defaults. Handles are closed once; closing NULL does nothing.
 *
 * The library wants to be there when the process starts, linked or preloaded: jemalloc, as Debian
 * builds it, has thread-local data for which a late dlopen may find no room ("cannot allocate
 * memory in static TLS block"). LD_PRELOAD=libjemalloc.so.2 makes it, or
 * GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384. */
#ifndef GYRE_H
#define GYRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GYRE_API __attribute__((visibility("default")))
#else
#define GYRE_API
#endif

/* Also the program's exit codes. */
enum gyre_status {
    GYRE_OK = 0,
    GYRE_FAILED = 1,
    GYRE_USAGE = 2,
    GYRE_INPUT = 3,
    GYRE_LIMIT = 4,
    GYRE_INTERRUPTED = 130,
};

/* Zeroed before its first use, and again before it is used after a failure: the first error stands,
 * and what succeeds leaves it alone. NULL may stand for it where nobody wants to know.
 *
 * The same layout as the error that the library uses inside. `line` and `column` count from 1, 0
 * for none; with an excerpt, `caret` is the byte of it to point at. */
struct gyre_error {
    int status;
    char text[768];
    char file[256];
    uint64_t line;
    uint64_t column;
    char excerpt[256];
    uint32_t caret;
};

GYRE_API const char *gyre_version(void);

/* `512`, `64K`, `1.5G`, `2GiB` in powers of 1024; `90`, `90s`, `1500ms`, `10m`, `2h`, `1d`. False
 * when the text is none. */
GYRE_API bool gyre_parse_size(const char *text, uint64_t *bytes);
GYRE_API bool gyre_parse_duration(const char *text, int64_t *duration_ns);

/* Engine: the machine's topology, a pinned team of workers, and a memory budget. */

enum gyre_progress { GYRE_PROGRESS_NEVER, GYRE_PROGRESS_AUTO, GYRE_PROGRESS_ALWAYS };

/* What large arrays lie on: transparent huge pages where the system gives them to who asks (auto,
 * the default); the same, where not to have them is an error (thp); the system's reserve
 * (vm.nr_hugepages), where to have none is an error, and when it is used up as auto (explicit);
 * small pages (never). */
enum gyre_huge_pages {
    GYRE_HUGE_PAGES_AUTO,
    GYRE_HUGE_PAGES_THP,
    GYRE_HUGE_PAGES_EXPLICIT,
    GYRE_HUGE_PAGES_NEVER,
};

struct gyre_engine_options {
    uint32_t threads; /* 0: one per core that the process may use */
    /* 0: four fifths of the machine's memory, or of what control groups leave the process. */
    uint64_t memory_limit_bytes;
    /* Rows and groups beyond the memory limit go to unnamed files in `spill_directory` (NULL:
     * $TMPDIR, or /var/tmp; to take no files is an error), at most `spill_limit_bytes` of them (0:
     * no limit); unless `has_no_spill`. */
    const char *spill_directory;
    uint64_t spill_limit_bytes;
    bool has_no_spill;
    const char *topology;        /* NULL: this machine; or synthetic:..., or an XML file */
    enum gyre_progress progress; /* on stderr */
    enum gyre_huge_pages huge_pages;
};

struct gyre_engine;
GYRE_API int gyre_engine_open(struct gyre_engine **engine,
                              const struct gyre_engine_options *options, struct gyre_error *error);
GYRE_API void gyre_engine_close(struct gyre_engine *engine);

/* Ends what runs, soon and cleanly, with GYRE_INTERRUPTED; or, when nothing runs, what is run next.
 * What runs after that is not touched. A search shows what it has found until then where that is
 * little; ordering and grouping much is ended too, and shows nothing. Async-signal-safe. */
GYRE_API void gyre_engine_stop(struct gyre_engine *engine);

/* Forgets a stop that has ended nothing: what was to be ended had just come to its end. When
 * nothing runs. */
GYRE_API void gyre_engine_resume(struct gyre_engine *engine);

/* Starts the clock of --timeout for everything from now on; 0 ends it. */
GYRE_API void gyre_engine_set_timeout(struct gyre_engine *engine, int64_t timeout_ns);

struct gyre_node_info {
    uint32_t os_index;
    uint64_t memory_bytes;
    uint32_t core_count;
    uint32_t unit_count;
    uint32_t worker_count; /* of this engine's team */
};
GYRE_API uint32_t gyre_engine_threads(const struct gyre_engine *engine);
GYRE_API uint32_t gyre_engine_node_count(const struct gyre_engine *engine);
GYRE_API struct gyre_node_info gyre_engine_node(const struct gyre_engine *engine, uint32_t node);
GYRE_API uint32_t gyre_engine_distance(const struct gyre_engine *engine, uint32_t from,
                                       uint32_t to);
/* The processing unit (the system's number), core and node of a worker. */
GYRE_API void gyre_engine_worker(const struct gyre_engine *engine, uint32_t worker,
                                 uint32_t *os_unit, uint32_t *core, uint32_t *node);
/* The node that a partition would lie on. Partitions are dealt out in turn to the nodes that have
 * both memory and workers; by default each of these gets one. */
GYRE_API uint32_t gyre_engine_partition_node(const struct gyre_engine *engine, uint32_t partition);
GYRE_API uint32_t gyre_engine_home_count(const struct gyre_engine *engine);

/* False for synthetic topologies: nothing is bound. */
GYRE_API bool gyre_engine_is_bound(const struct gyre_engine *engine);

/* Graphs. */

#define GYRE_NO_LIMIT UINT64_MAX

struct gyre_load_options {
    uint32_t partitions;         /* 0: one per NUMA node with processing units and memory */
    bool has_reject_limit;       /* else 1 percent */
    uint64_t reject_limit_rows;  /* GYRE_NO_LIMIT: by percent */
    double reject_limit_percent; /* below 0: no limit */
    const char *rejects_path;    /* where rejected lines go, verbatim; NULL: nowhere */
    const char *format_in;       /* argus, zeek, ... (docs/FORMATS.md); NULL: by content */
    /* NAME=ROLE[:TYPE[:FORMAT]] each, as --column takes them: what columns mean. */
    const char *const *columns;
    uint32_t column_count;
    const char *schema_path; /* a file with a line like these per column; NULL: none */
};

enum { GYRE_REJECT_REASONS = 10, GYRE_NOTES_MAX = 32 };

struct gyre_reject {
    const char *reason; /* static text */
    uint64_t count;     /* 0: none of this kind */
    char file[256];     /* the first of them */
    uint64_t line;
    uint32_t column;
    char field[64];
    char text[160];
};

struct gyre_load_report {
    uint64_t input_bytes;
    uint64_t rows_read; /* loaded + passed over + rejected */
    uint64_t rows_loaded;
    uint64_t rows_passed_over; /* no flows by their format: summaries, other events */
    uint64_t rows_rejected;
    struct gyre_reject rejects[GYRE_REJECT_REASONS];
    char notes[GYRE_NOTES_MAX][256];
    uint32_t note_count;
    double load_seconds;
    double parse_seconds;
    double build_seconds;
};

struct gyre_graph;

/* Loads flow files, "-" for standard input, into one graph. A path with * ? or [ in it that names
 * no file is a pattern, and stands for the files that it matches. Files may be packed (gzip, zstd,
 * xz, bzip2, lz4); binary files of Argus and nfdump need the programs ra and nfdump. `report` may
 * be NULL; it is filled also when the load fails. */
GYRE_API int gyre_load(struct gyre_graph **graph, struct gyre_engine *engine,
                       const char *const *paths, uint32_t path_count,
                       const struct gyre_load_options *options, struct gyre_load_report *report,
                       struct gyre_error *error);
GYRE_API void gyre_graph_close(struct gyre_graph *graph);

/* Gives back what queries have left for those after them: the flows that passed their conditions on
 * one flow, which need not be evaluated again (the last 16 such conditions, at most a sixteenth of
 * the memory that is left). For measuring, and for those who need the memory. */
GYRE_API void gyre_graph_forget(struct gyre_graph *graph);

struct gyre_graph_info {
    uint64_t flows;
    uint64_t vertices;
    uint64_t links;
    uint64_t bytes; /* everything that the graph takes */
    uint32_t partitions;
    uint32_t properties;
};
GYRE_API struct gyre_graph_info gyre_graph_info(const struct gyre_graph *graph);

struct gyre_partition_info {
    uint32_t node;
    uint64_t vertices;
    uint64_t links;
    uint64_t flows;
    uint64_t bytes;
};
GYRE_API struct gyre_partition_info gyre_partition_info(const struct gyre_graph *graph,
                                                        uint32_t partition);

/* What there is to know of one column: `least` and `greatest` are texts as a writer would print
 * them, empty when all is null. Reads the whole column. */
struct gyre_property_info {
    const char *name;
    char aliases[128]; /* its other names, with commas between; cut to what fits */
    const char *type;
    uint32_t width_bytes; /* the widest of its partitions; 0 for source and target */
    uint64_t nulls;
    uint64_t distinct;
    char least[128];
    char greatest[128];
};
GYRE_API int gyre_property_info(struct gyre_property_info *info, const struct gyre_graph *graph,
                                uint32_t property, struct gyre_error *error);

/* How the columns were read: a line NAME=ROLE:TYPE[:FORMAT] each, as a file for
 * gyre_load_options.schema_path has them. Valid as long as the graph. */
GYRE_API const char *gyre_graph_schema(const struct gyre_graph *graph);

/* Checks every invariant of the graph; for tests. */
GYRE_API int gyre_graph_validate(const struct gyre_graph *graph, struct gyre_error *error);

/* Where the pages of a graph really are, as the system tells it, array by array. */

#define GYRE_SHARED UINT32_MAX
#define GYRE_INTERLEAVED UINT32_MAX

struct gyre_array_placement {
    const char *name;     /* what the array holds: "link_target", "values", "texts" */
    const char *property; /* whose column it belongs to, or NULL */
    uint32_t partition;   /* GYRE_SHARED: of none, or a node's copy of what all partitions have */
    uint32_t node;        /* where it is meant to be; GYRE_INTERLEAVED: spread over all nodes */
    uint64_t bytes;
    uint64_t pages;             /* that it spans */
    uint64_t pages_seen;        /* that were looked at */
    uint64_t pages_absent;      /* of these: not in memory */
    uint64_t pages_elsewhere;   /* of these: not on the node; or more than a node's even share */
    const uint64_t *node_pages; /* of these: by the node that they are on */
};

struct gyre_placement;

/* Looks at `page_limit` pages of each array at most, evenly spread; 0: at all. GYRE_USAGE when the
 * engine's topology is not this machine's, GYRE_FAILED when the system does not tell. */
GYRE_API int gyre_placement_open(struct gyre_placement **placement, const struct gyre_graph *graph,
                                 uint64_t page_limit, struct gyre_error *error);
GYRE_API uint32_t gyre_placement_arrays(const struct gyre_placement *placement);
/* `node_pages` lasts as long as the placement. */
GYRE_API struct gyre_array_placement gyre_placement_array(const struct gyre_placement *placement,
                                                          uint32_t array);
GYRE_API void gyre_placement_close(struct gyre_placement *placement);

/* Queries. */

/* $name in a query. The value is written as in the language: 60, 'tcp', ['a', 'b'], {port: 80}.
 * What is no such value and does not begin like a string, a list or a map is taken as a text. */
struct gyre_parameter {
    const char *name;
    const char *value;
};

struct gyre_query_options {
    const char *name; /* what errors call the query's place; NULL: "query" */
    const struct gyre_parameter *parameters;
    uint32_t parameter_count;
    uint64_t row_limit; /* rows kept at most; 0: no limit */
    /* For gyre_result_node: counts all bytes that are read, which takes up to a few percent longer.
     * PROFILE before a query does it too. */
    bool counts_reads;
};

struct gyre_result;

/* Runs a query, or several with semicolons between them, of which all but the last keep their rows
 * INTO a name; the result is that of the last. Names live as long as the graph. With GYRE_LIMIT and
 * GYRE_INTERRUPTED a result may be there all the same: what was found until then,
 * gyre_result_is_partial. The graph must outlive the result. */
GYRE_API int gyre_query(struct gyre_result **result, struct gyre_graph *graph, const char *text,
                        const struct gyre_query_options *options, struct gyre_error *error);

/* Parses a query without a graph. */
GYRE_API int gyre_query_check(const char *text, const char *name, struct gyre_error *error);

/* The plan of a query, as text or JSON, to a string that gyre_text_free gives back. */
GYRE_API int gyre_explain(char **plan, struct gyre_graph *graph, const char *text,
                          const struct gyre_query_options *options, bool as_json,
                          struct gyre_error *error);
GYRE_API void gyre_text_free(char *text);

GYRE_API void gyre_result_close(struct gyre_result *result);

/* EXPLAIN before a query: it was planned but not run, there are no columns and no rows, and
 * gyre_result_profile gives the plan. PROFILE: it was run, and its user wants to see the same. */
enum gyre_query_mode { GYRE_MODE_RUN, GYRE_MODE_EXPLAIN, GYRE_MODE_PROFILE };
GYRE_API enum gyre_query_mode gyre_result_mode(const struct gyre_result *result);

GYRE_API uint32_t gyre_result_columns(const struct gyre_result *result);
GYRE_API const char *gyre_result_column_name(const struct gyre_result *result, uint32_t column);
GYRE_API const char *gyre_result_column_type(const struct gyre_result *result, uint32_t column);
GYRE_API uint64_t gyre_result_rows(const struct gyre_result *result);
GYRE_API bool gyre_result_is_partial(const struct gyre_result *result);
/* Of a query that found nothing: which text that it compares with a column is none of the column's
 * values, and which value is the same but for case and blanks around it ("no Proto is 'TCP', but
 * there is 'tcp'"), or that it is a part of one where =~ wants the whole, or that something is
 * compared with null. NULL when there is no such text, or something was found. Lasts as long as the
 * result. */
GYRE_API const char *gyre_result_advice(struct gyre_result *result);

/* Whether the query ended with INTO, so that those behind it know its rows. */
GYRE_API bool gyre_result_is_kept(const struct gyre_result *result);

enum gyre_value_type {
    GYRE_NULL,
    GYRE_BOOL,
    GYRE_INTEGER,
    GYRE_FLOAT,
    GYRE_TEXT, /* text and addresses; vertices as their key */
    GYRE_TIME,
    GYRE_DURATION,
    GYRE_EDGE,   /* a flow: its row in the input, from 0 */
    GYRE_NESTED, /* a list, a map or a path: JSON */
};
struct gyre_value {
    enum gyre_value_type type;
    int64_t integer; /* BOOL, INTEGER, TIME (ns UTC), DURATION (ns), EDGE */
    double real;
    const char *text; /* NUL-terminated, valid until the next call on this result */
    size_t text_bytes;
};

/* One value. Rows are fastest read in order. A row or column that is not there ends the process, as
 * do other numbers in this file that are beyond what they count. */
GYRE_API int gyre_result_value(struct gyre_result *result, uint64_t row, uint32_t column,
                               struct gyre_value *value, struct gyre_error *error);

enum gyre_format { GYRE_FORMAT_TABLE, GYRE_FORMAT_CSV, GYRE_FORMAT_JSON, GYRE_FORMAT_JSONL };

/* Writes all rows to a file that appears whole or not at all, or to standard output ("-"). A reader
 * that closes the pipe is no error. A table on a terminal shows the first 40 rows,
 * cut to the terminal's width. */
GYRE_API int gyre_result_write(struct gyre_result *result, enum gyre_format format,
                               const char *path, struct gyre_error *error);

struct gyre_query_statistics {
    uint64_t rows;
    uint64_t matches;       /* that were found: where only different rows are asked for, fewer than
                               there are, and not always as many */
    uint64_t flows_visited; /* by the search */
    uint64_t flows_scanned; /* by unary filters over columns */
    uint64_t links_visited;
    uint64_t tasks;
    uint64_t splits;
    uint64_t steals_local;
    uint64_t steals_remote;
    double query_seconds;
    double plan_seconds;
    double filter_seconds;
    double search_seconds;
    double finish_seconds;
    uint64_t peak_budget_bytes;
    uint64_t peak_spill_bytes; /* on disk, for results */
};
GYRE_API struct gyre_query_statistics gyre_result_statistics(const struct gyre_result *result);

/* What the workers of one node did in the filters and the search of a query. Flows and bytes that
 * they looked at of partitions, and of the slabs in which cycles of any length are looked for, on
 * their own node (local) and on others (remote): counted beside the reading, not measured; what is
 * interleaved over all nodes is in neither. Without counts_reads bytes are those of columns, links
 * and flows, without lists of neighbours. */
struct gyre_query_node {
    uint32_t worker_count;
    uint64_t tasks;
    uint64_t splits;
    uint64_t steals_local;
    uint64_t steals_remote;
    uint64_t flows_local;
    uint64_t flows_remote;
    uint64_t bytes_local;
    uint64_t bytes_remote;
    double idle_seconds; /* of all its workers together, in the search */
};
GYRE_API struct gyre_query_node gyre_result_node(const struct gyre_result *result, uint32_t node);

/* The plan that was run, with counts per step; text or JSON; freed by gyre_text_free. NULL when
 * there is no memory. */
GYRE_API char *gyre_result_profile(const struct gyre_result *result, bool as_json);

/* Generated flows. */

struct gyre_generate_options {
    uint64_t flows;
    uint64_t seed;
    uint32_t addresses; /* 0: about a fifth of the flows */
    uint32_t cycles;    /* planted: flows ascend in time within 60 s, through different addresses,
                           with the label "flow=Planted-Cycle-<k>", k from 1 */
    uint32_t cycle_length;    /* 0: 3 */
    double span_seconds;      /* 0: by the flows, 70 a second */
    const volatile int *stop; /* NULL, or what a signal handler sets to end with GYRE_INTERRUPTED */
};

/* Writes flows as CTU-13's CSV, and, when `cycles_path` is given, the planted cycles as CSV (cycle,
 * step, row, time, source, target; a row as in GYRE_EDGE). The same options give the same bytes on
 * every machine. */
GYRE_API int gyre_generate(const char *path, const char *cycles_path,
                           const struct gyre_generate_options *options, struct gyre_error *error);

#ifdef __cplusplus
}
#endif

#endif
