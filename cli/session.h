/* An engine and a loaded graph, with the options that all commands share. */
#ifndef GYRE_CLI_SESSION_H
#define GYRE_CLI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"
#include "gyre.h"

/* Zeroed: the defaults. */
struct session_settings {
    uint64_t threads;
    uint64_t partitions;
    uint64_t memory_limit_bytes;
    uint64_t spill_limit_bytes; /* 0: nothing goes to disk */
    const char *spill_directory;
    int64_t timeout_ns;
    const char *topology;
    int progress;   /* auto, always, never */
    int huge_pages; /* auto, thp, explicit, never */
    bool is_quiet;
    const char *reject_limit;
    const char *rejects_path;
    const char *format_in;
    struct option_texts columns;
    const char *schema_path;
};

/* What a SOURCE may be, for the help of the commands that load. */
#define SESSION_SOURCE_HELP                                                               \
    "A SOURCE is a file of flows, or - for standard input: text of Argus (CTU-13's CSV\n" \
    "too), Zeek, nfdump, Suricata, AWS VPC, CICFlowMeter, an edge list or another CSV;\n" \
    "binary files of Argus and nfdump, where ra and nfdump are installed; each may be\n"  \
    "packed with gzip, zstd, xz, bzip2 or lz4. Its content says which. Several SOURCEs\n" \
    "make one graph."

/* Appends option tables; return how many they added. `options` has room for SESSION_OPTIONS_MAX. */
enum { SESSION_OPTIONS_MAX = 12 };
uint32_t session_engine_options(struct session_settings *settings, struct option *options);
uint32_t session_load_options(struct session_settings *settings, struct option *options);

/* Zeroed: nothing is open. */
struct session {
    struct gyre_engine *engine;
    struct gyre_graph *graph;
    struct gyre_load_report report;
};

/* Each says on stderr what went wrong, and returns an exit code. `command` is its name. */
int session_open(struct session *session, const struct session_settings *settings,
                 const char *command);
int session_load(struct session *session, const struct session_settings *settings,
                 const char *command, const char *const *paths, uint32_t path_count);
void session_close(struct session *session);

/* The most memory that the process has had. */
uint64_t session_peak_rss_bytes(void);

#endif
