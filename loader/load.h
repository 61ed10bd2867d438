/* Loading: from paths to a graph. */
#ifndef GYRE_LOADER_LOAD_H
#define GYRE_LOADER_LOAD_H

#include <stdint.h>

#include "base/progress.h"
#include "base/status.h"
#include "base/stop.h"
#include "graph/graph.h"
#include "numa/budget.h"
#include "numa/team.h"

/* A longer line (1 MiB) is no row; a longer header is an error. */
#define LINE_BYTES_MAX (UINT64_C(1) << 20)

/* Why a row was not loaded. */
enum reject_reason {
    REJECT_TOO_FEW_FIELDS,
    REJECT_TOO_MANY_FIELDS,
    REJECT_BAD_TIME,      /* the start time is no time: wrong form, or no such date */
    REJECT_NO_TIME,       /* the start time is empty */
    REJECT_NO_ADDRESS,    /* source or target is empty */
    REJECT_BAD_NUMBER,    /* a well-known number column (Dur, TotPkts, ...) holds something else */
    REJECT_BAD_QUOTE,     /* a quote opens and does not close on its line, or text follows it */
    REJECT_LINE_TOO_LONG, /* over LINE_BYTES_MAX */
    REJECT_NUL_BYTE,
    REJECT_BAD_JSON, /* the line is no object of JSON */
    REJECT_REASONS,
};
const char *reject_reason_text(enum reject_reason reason);
bool reject_is_of_field(enum reject_reason reason); /* else of the line */

/* The first rejected row of a reason; text cut to its field, control characters as blanks. */
struct reject_sample {
    uint64_t count;
    char file[256];
    uint64_t line;   /* from 1 */
    uint32_t column; /* the byte where the field at fault begins, from 1; 0: the row as a whole */
    char field[64];  /* the name of the column at fault, or empty */
    char text[160];  /* the offending field, or the start of the line */
};

enum { LOAD_NOTES_MAX = 32, LOAD_NOTE_BYTES = 256 };

/* Rejects allowed where nothing else is said, in percent of the rows. */
#define REJECT_LIMIT_PERCENT_DEFAULT 1.0

struct load_report {
    uint64_t input_bytes;
    uint64_t rows_read; /* loaded + passed over + rejected; blank lines and comments are no rows */
    uint64_t rows_loaded;
    uint64_t rows_passed_over; /* no flows by their dialect: summaries, other events */
    uint64_t rows_rejected;
    struct reject_sample rejects[REJECT_REASONS];
    /* What a user should know: a column that became text, a file whose header differs. */
    char notes[LOAD_NOTES_MAX][LOAD_NOTE_BYTES];
    uint32_t note_count;
    double parse_seconds;
    double build_seconds;
};

/* Adds a note, cut to its size with ... at its end, and dropped when there are too many. */
void load_report_note(struct load_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct load_options {
    const char *const *paths; /* "-" is standard input */
    uint32_t path_count;
    uint32_t partition_count;    /* 0: as graph_build says */
    uint64_t reject_limit_rows;  /* more rejects than this are STATUS_INPUT; UINT64_MAX: no limit */
    double reject_limit_percent; /* of rows read; used when reject_limit_rows is UINT64_MAX; <0: no
                                    limit */
    const char *rejects_path;    /* rejected lines, verbatim, appear there; NULL: nowhere */
    const char *dialect;         /* its name; NULL: by content */
    const char *const *columns;  /* as loader/column_wish.h has them */
    uint32_t column_count;
    const char *schema_path; /* a file of such columns; NULL: none */
};

/* Loads all files into one graph, in the order given. `report` is filled also on failure. Errors
 * carry file, line and column; STATUS_INPUT for what is wrong with a file, STATUS_LIMIT for the
 * budget. */
enum status graph_load(struct graph **graph, struct team *team, struct budget *budget,
                       const struct load_options *options, struct stop *stop,
                       struct progress *progress, struct load_report *report, struct error *error);

#endif
