/* gyre: the program. It knows nothing but include/gyre.h; see docs/gyre.1 for its user's view. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/message.h"
#include "gyre.h"

/* What the program itself prints fits, so that one write at the end tells how it went. */
enum { OUTPUT_BYTES = 1 << 18 };

static void fill_descriptors(void);
static int run(int count, char **arguments);
static int run_help(int count, char **arguments);
static void print_help(void);
static int finish_output(int status);

int main(int count, char **arguments)
{
    fill_descriptors();
    /* A reader that goes away, and a limit on the size of files, are seen by the write that fails.
     */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    static char output_room[OUTPUT_BYTES];
    setvbuf(stdout, output_room, _IOFBF, sizeof(output_room));
    return finish_output(run(count - 1, arguments + 1));
}

/* The first file that is opened would get the number of a standard one that is closed, and be taken
 * for it. So reading and writing there fail. */
static void fill_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) == -1) {
            (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}

static int run(int count, char **arguments)
{
    if (count == 0) {
        return message_usage(NULL,
                             "a command is missing: query, shell, info, topology or generate");
    }
    const char *name = arguments[0];
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("gyre %s\n", gyre_version());
        return GYRE_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help();
        return GYRE_OK;
    }
    if (strcmp(name, "help") == 0) {
        return run_help(count - 1, arguments + 1);
    }
    const struct command *command = command_find(name);
    if (command != NULL) {
        return command->run(command, count - 1, arguments + 1);
    }
    const char *kind = name[0] == '-' ? "option" : "command";
    const struct command *nearest = command_nearest(name);
    if (nearest == NULL) {
        return message_usage(NULL, "unknown %s '%s'", kind, name);
    }
    return message_usage(NULL, "unknown %s '%s'; did you mean '%s'?", kind, name, nearest->name);
}

/* `gyre help COMMAND` is `gyre COMMAND --help`. */
static int run_help(int count, char **arguments)
{
    if (count == 0) {
        print_help();
        return GYRE_OK;
    }
    char help[] = "--help";
    char *asked[] = {arguments[0], help};
    return strcmp(arguments[0], "help") == 0 ? run_help(0, NULL) : run(2, asked);
}

static void print_help(void)
{
    puts("Usage: gyre COMMAND [options] ...\n\n"
         "Finds temporal, attribute-constrained cycles and paths in network flows.\n\n"
         "Loads flows as Argus, Zeek, nfdump, Suricata, AWS VPC and CICFlowMeter write them,\n"
         "edge lists and other CSV, packed or not, and knows them by their content.\n\n"
         "Commands:");
    for (uint32_t i = 0; i < command_count(); i++) {
        printf("  %-10s %s\n", command_at(i)->name, command_at(i)->summary);
    }
    puts("\nOptions:\n"
         "  -h, --help     print this and exit; gyre COMMAND --help says more\n"
         "  -V, --version  print the version and exit\n\n"
         "Example:\n"
         "  gyre generate --flows=1M --cycles=10 --output=flows.csv\n"
         "  gyre query \"MATCH (a)-[e]->(b)-[f]->(a) WHERE e.StartTime < f.StartTime\n"
         "              AND f.Proto = 'icmp' RETURN a, b LIMIT 10\" flows.csv");
}

/* What was printed must have arrived, unless its reader has gone. */
static int finish_output(int status)
{
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && errno != EPIPE && errno != 0) {
        message_failure("cannot write to standard output: %s", strerror(errno));
        return status == GYRE_OK ? GYRE_FAILED : status;
    }
    return status;
}
