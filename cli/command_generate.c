/* gyre generate: makes flows, with cycles planted in them. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/target.h"
#include "cli/text.h"
#include "gyre.h"

struct generate_settings {
    uint64_t flows;
    uint64_t seed;
    uint64_t addresses;
    uint64_t cycles;
    uint64_t cycle_length;
    int64_t span_ns;
    const char *output;
    const char *cycles_output;
    bool is_quiet;
};

static int run(const struct command *command, int count, char **arguments);
static enum parse parse(const struct command *command, struct generate_settings *settings,
                        int *count, char **arguments);
static double seconds_now(void);

const struct command command_generate = {
    .name = "generate",
    .summary = "make flows to try things on, with cycles planted in them",
    .usage = "generate --flows=N [options]",
    .description =
        "Writes N made-up flows as CTU-13's CSV. They look like a campus network: hubs,\n"
        "heavy pairs, a few rows out of order. The same options give the same bytes on\n"
        "every machine.",
    .example =
        "  gyre generate --flows=1M --seed=7 --cycles=10 --output=flows.csv\n"
        "                --cycles-output=cycles.csv\n"
        "  gyre query \"MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime\n"
        "              AND f.StartTime < g.StartTime AND e.Label STARTS WITH 'flow=Planted'\n"
        "              RETURN e.Label, a, b, c\" flows.csv",
    .run = run,
};

static int run(const struct command *command, int count, char **arguments)
{
    struct generate_settings settings = {.seed = 1, .output = "-"};
    enum parse parsed = parse(command, &settings, &count, arguments);
    if (parsed != PARSE_DONE) {
        return parsed == PARSE_HELPED ? GYRE_OK : GYRE_USAGE;
    }
    if (count > 0) {
        return message_usage(command->name, "'%s' is not an option: nothing is read", arguments[0]);
    }
    if (settings.flows == 0) {
        return message_usage(command->name, "--flows=N is missing or 0: how many flows to make");
    }
    const struct target targets[] = {{"--output", settings.output},
                                     {"--cycles-output", settings.cycles_output}};
    int status = target_check(command->name, targets, 2, NULL, 0);
    if (status != GYRE_OK) {
        return status;
    }
    interrupt_install(NULL);
    struct gyre_generate_options options = {
        .flows = settings.flows,
        .seed = settings.seed,
        .addresses = (uint32_t)settings.addresses,
        .cycles = (uint32_t)settings.cycles,
        .cycle_length = (uint32_t)settings.cycle_length,
        .span_seconds = (double)settings.span_ns / 1e9,
        .stop = interrupt_flag(),
    };
    double start = seconds_now();
    struct gyre_error error = {0};
    if (gyre_generate(settings.output, settings.cycles_output, &options, &error) != GYRE_OK) {
        return message_error(&error);
    }
    if (!settings.is_quiet) {
        struct text_room flows;
        struct text_room cycles;
        struct text_room taken;
        message_line("%s flow%s with %s planted cycle%s in %s",
                     text_grouped(&flows, settings.flows), text_plural(settings.flows),
                     text_grouped(&cycles, settings.cycles), text_plural(settings.cycles),
                     text_seconds(&taken, seconds_now() - start));
    }
    return GYRE_OK;
}

static enum parse parse(const struct command *command, struct generate_settings *settings,
                        int *count, char **arguments)
{
    const struct option options[] = {
        {.help = "Flows"},
        {"flows", 'n', OPTION_NUMBER, &settings->flows, "N", "how many, as 1000 or 2M", NULL, 0},
        {"seed", 's', OPTION_NUMBER, &settings->seed, "S",
         "which ones: another seed makes others; default: 1", NULL, 0},
        {"addresses", 0, OPTION_NUMBER, &settings->addresses, "N",
         "about how many there are; default: a fifth of the flows", NULL, UINT32_MAX},
        {"span", 0, OPTION_DURATION, &settings->span_ns, "DURATION",
         "the time that they take; default: 70 flows a second", NULL, 0},
        {.help = "Planted cycles"},
        {"cycles", 'k', OPTION_NUMBER, &settings->cycles, "K",
         "how many; each within a minute, in order of time,\nlabelled flow=Planted-Cycle-<k>", NULL,
         UINT32_MAX},
        {"cycle-length", 0, OPTION_NUMBER, &settings->cycle_length, "L",
         "flows in each; default: 3", NULL, 64},
        {"cycles-output", 0, OPTION_TEXT, &settings->cycles_output, "FILE",
         "list them: cycle, step, row, time, source, target", NULL, 0},
        {.help = "Output"},
        {"output", 'o', OPTION_TEXT, &settings->output, "FILE",
         "where flows go; default: standard output", NULL, 0},
        {"quiet", 'q', OPTION_FLAG, &settings->is_quiet, NULL, "no summary", NULL, 0},
    };
    return options_parse(command, options, sizeof(options) / sizeof(options[0]), arguments, count);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
