/* One line on stderr that says how far the work has come. */
#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"

#define QUIET_NS INT64_C(500000000)
#define TERMINAL_STEP_NS INT64_C(100000000)
#define LINE_STEP_NS INT64_C(1000000000)

enum { LINE_BYTES = 128 };

/* Less tells nothing about the rest. */
static const double SHARE_MIN = 0.02;

static void line_format(struct progress *progress, int64_t now_ns, char *line);

void progress_init(struct progress *progress, enum progress_when when)
{
    *progress = (struct progress){.is_shown = false};
    atomic_init(&progress->phase, "");
    const char *terminal = getenv("TERM");
    bool is_dumb = terminal != NULL && strcmp(terminal, "dumb") == 0;
    progress->is_terminal = isatty(STDERR_FILENO) == 1 && !is_dumb;
    switch (when) {
    case PROGRESS_AUTO:
        progress->is_shown = progress->is_terminal;
        break;
    case PROGRESS_ALWAYS:
        progress->is_shown = true;
        break;
    case PROGRESS_NEVER:
        break;
    }
    progress_begin(progress);
}

void progress_begin(struct progress *progress)
{
    progress->start_ns = clock_ns();
    progress->drawn_ns = progress->start_ns;
}

/* Workers add to `done` while it is set to zero only if a phase begins within a team; a line drawn
 * then may be off by what they added. */
void progress_phase(struct progress *progress, const char *phase, uint64_t total)
{
    if (progress == NULL) {
        return;
    }
    atomic_store_explicit(&progress->done, 0, memory_order_relaxed);
    atomic_store_explicit(&progress->total, total, memory_order_relaxed);
    atomic_store_explicit(&progress->phase_ns, clock_ns(), memory_order_relaxed);
    atomic_store_explicit(&progress->phase, phase, memory_order_relaxed);
}

void progress_draw(struct progress *progress)
{
    if (progress == NULL || !progress->is_shown) {
        return;
    }
    int64_t now_ns = clock_ns();
    int64_t step_ns = progress->is_terminal ? TERMINAL_STEP_NS : LINE_STEP_NS;
    bool is_first = progress->drawn_ns == progress->start_ns;
    if (now_ns - progress->start_ns < QUIET_NS ||
        (!is_first && now_ns - progress->drawn_ns < step_ns)) {
        return;
    }
    char line[LINE_BYTES];
    line_format(progress, now_ns, line);
    if (progress->is_terminal) {
        fprintf(stderr, "\r%s\033[K", line);
        progress->is_drawn = true;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    fflush(stderr);
    progress->drawn_ns = now_ns;
}

void progress_end(struct progress *progress)
{
    if (progress != NULL && progress->is_drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->is_drawn = false;
    }
}

static void line_format(struct progress *progress, int64_t now_ns, char *line)
{
    const char *phase = atomic_load_explicit(&progress->phase, memory_order_relaxed);
    uint64_t done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    uint64_t total = atomic_load_explicit(&progress->total, memory_order_relaxed);
    double seconds = (double)(now_ns - progress->start_ns) / 1e9;
    if (total == 0) {
        snprintf(line, LINE_BYTES, "%s  %.1f s", phase, seconds);
        return;
    }
    /* What is done is guessed by those who add, and may pass the total. */
    double share = done < total ? (double)done / (double)total : 1;
    int length =
        snprintf(line, LINE_BYTES, "%s %3u%%  %.1f s", phase, (unsigned)(share * 100), seconds);
    int64_t phase_ns = now_ns - atomic_load_explicit(&progress->phase_ns, memory_order_relaxed);
    if (share >= SHARE_MIN && share < 1 && phase_ns >= QUIET_NS && length < LINE_BYTES) {
        double left = (double)phase_ns / 1e9 * (1 - share) / share;
        snprintf(line + length, LINE_BYTES - (size_t)length, ", about %.*f s left",
                 left < 10 ? 1 : 0, left);
    }
}
