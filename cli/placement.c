/* Where the pages of a graph are; see placement.h. */
#include "cli/placement.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/grid.h"
#include "cli/message.h"
#include "cli/text.h"

/* Enough to see a wrong node, and some 2 ms even for the largest graph's largest array. */
enum { SAMPLE_PAGES = 1024, ARRAYS_TOLD_MAX = 20 };

/* Of one node, or of what is interleaved. */
struct sum {
    uint32_t partitions;
    uint64_t flows;
    uint64_t bytes;
    uint64_t pages; /* of arrays meant to be here */
    uint64_t seen;
    uint64_t absent;
    uint64_t elsewhere;
    uint64_t found; /* pages of whatever array that are here */
};

struct sums {
    uint32_t node_count;
    struct sum *nodes; /* [node_count + 1]: last, what is interleaved */
    struct gyre_placement *placement;
    struct gyre_error error; /* why there is no placement */
};

static bool sums_open(struct sums *sums, const struct session *session, uint64_t page_limit);
static void sums_close(struct sums *sums);
static void add_array(struct sums *sums, const struct gyre_array_placement *array);
static uint64_t total_elsewhere(const struct sums *sums);
static void describe_pages(char *text, size_t text_bytes, const struct sum *sum);
static void print_table(const struct sums *sums);
static void print_elsewhere(const struct sums *sums);
static void put_sums(FILE *file, const struct sums *sums, const char *indent);

int placement_verify(const struct session *session, bool as_json)
{
    struct sums sums;
    if (!sums_open(&sums, session, 0)) {
        sums_close(&sums);
        return message_error(&sums.error);
    }
    uint64_t elsewhere = total_elsewhere(&sums);
    if (as_json) {
        printf("{\n");
        put_sums(stdout, &sums, "  ");
        printf("\n}\n");
    } else {
        print_table(&sums);
        putchar('\n');
        print_elsewhere(&sums);
    }
    sums_close(&sums);
    return elsewhere == 0 ? GYRE_OK : GYRE_FAILED;
}

void placement_print(const struct session *session)
{
    struct sums sums;
    bool is_known = sums_open(&sums, session, SAMPLE_PAGES);
    char pages[128] = "";
    char found[64] = "";
    for (uint32_t node = 0; node < sums.node_count; node++) {
        const struct sum *sum = &sums.nodes[node];
        struct text_room flows;
        struct text_room bytes;
        if (is_known) {
            describe_pages(pages, sizeof(pages), sum);
            snprintf(found, sizeof(found), "; %s found here", text_grouped(&flows, sum->found));
        }
        message_line("node %" PRIu32 ": %" PRIu32 " partition%s, %s flows, %s%s%s", node,
                     sum->partitions, text_plural(sum->partitions),
                     text_grouped(&flows, sum->flows), text_size(&bytes, sum->bytes), pages, found);
    }
    if (is_known) {
        const struct sum *interleaved = &sums.nodes[sums.node_count];
        struct text_room bytes;
        describe_pages(pages, sizeof(pages), interleaved);
        message_line("all nodes: %s%s", text_size(&bytes, interleaved->bytes), pages);
    }
    if (!is_known && sums.node_count > 1) {
        message_line("pages: %s", sums.error.text);
    }
    sums_close(&sums);
}

void placement_put_json(FILE *file, const struct session *session)
{
    struct sums sums;
    (void)sums_open(&sums, session, SAMPLE_PAGES);
    if (sums.nodes == NULL) {
        return;
    }
    fprintf(file, "  \"placement\": {\n");
    put_sums(file, &sums, "    ");
    fprintf(file, "\n  },\n");
    sums_close(&sums);
}

/* False when nothing is known of pages; then partitions are counted all the same. */
static bool sums_open(struct sums *sums, const struct session *session, uint64_t page_limit)
{
    *sums = (struct sums){.node_count = gyre_engine_node_count(session->engine)};
    sums->nodes = calloc((size_t)sums->node_count + 1, sizeof(*sums->nodes));
    if (sums->nodes == NULL) {
        sums->node_count = 0;
        sums->error.status = GYRE_FAILED;
        snprintf(sums->error.text, sizeof(sums->error.text), "out of memory");
        return false;
    }
    for (uint32_t p = 0; p < gyre_graph_info(session->graph).partitions; p++) {
        struct gyre_partition_info info = gyre_partition_info(session->graph, p);
        struct sum *sum = &sums->nodes[info.node];
        sum->partitions++;
        sum->flows += info.flows;
        sum->bytes += info.bytes;
    }
    if (gyre_placement_open(&sums->placement, session->graph, page_limit, &sums->error) !=
        GYRE_OK) {
        return false;
    }
    for (uint32_t i = 0; i < gyre_placement_arrays(sums->placement); i++) {
        struct gyre_array_placement array = gyre_placement_array(sums->placement, i);
        add_array(sums, &array);
    }
    return true;
}

static void sums_close(struct sums *sums)
{
    gyre_placement_close(sums->placement);
    free(sums->nodes);
    sums->placement = NULL;
    sums->nodes = NULL;
}

static void add_array(struct sums *sums, const struct gyre_array_placement *array)
{
    bool is_interleaved = array->node == GYRE_INTERLEAVED;
    struct sum *sum = &sums->nodes[is_interleaved ? sums->node_count : array->node];
    sum->bytes += is_interleaved ? array->bytes : 0;
    sum->pages += array->pages;
    sum->seen += array->pages_seen;
    sum->absent += array->pages_absent;
    sum->elsewhere += array->pages_elsewhere;
    for (uint32_t node = 0; node < sums->node_count; node++) {
        sums->nodes[node].found += array->node_pages[node];
    }
}

static uint64_t total_elsewhere(const struct sums *sums)
{
    uint64_t total = 0;
    for (uint32_t node = 0; node <= sums->node_count; node++) {
        total += sums->nodes[node].elsewhere;
    }
    return total;
}

static void describe_pages(char *text, size_t text_bytes, const struct sum *sum)
{
    struct text_room pages;
    struct text_room seen;
    struct text_room elsewhere;
    snprintf(text, text_bytes, "; %s pages, %s looked at, %s elsewhere",
             text_grouped(&pages, sum->pages), text_grouped(&seen, sum->seen),
             text_grouped(&elsewhere, sum->elsewhere));
}

static void print_table(const struct sums *sums)
{
    static const char *const titles[] = {"meant for", ">partitions", ">flows",
                                         ">memory",   ">pages",      ">elsewhere",
                                         ">absent",   ">found here", NULL};
    grid_begin(titles);
    for (uint32_t node = 0; node <= sums->node_count; node++) {
        const struct sum *sum = &sums->nodes[node];
        bool is_interleaved = node == sums->node_count;
        struct text_room room;
        if (is_interleaved) {
            grid_cell("all nodes");
        } else {
            grid_cell("node %" PRIu32, node);
        }
        grid_cell("%" PRIu32, sum->partitions);
        grid_cell("%s", text_grouped(&room, sum->flows));
        grid_cell("%s", text_size(&room, sum->bytes));
        grid_cell("%s", text_grouped(&room, sum->pages));
        grid_cell("%s", text_grouped(&room, sum->elsewhere));
        grid_cell("%s", text_grouped(&room, sum->absent));
        grid_cell("%s", is_interleaved ? "" : text_grouped(&room, sum->found));
    }
    grid_end();
}

static void print_array(const struct gyre_array_placement *array)
{
    struct text_room elsewhere;
    struct text_room pages;
    if (array->partition == GYRE_SHARED && array->node == GYRE_INTERLEAVED) {
        printf("shared: ");
    } else if (array->partition == GYRE_SHARED) {
        printf("node %" PRIu32 ": ", array->node);
    } else {
        printf("partition %" PRIu32 ": ", array->partition);
    }
    printf("%s%s%s: %s of %s pages are elsewhere\n", array->property == NULL ? "" : array->property,
           array->property == NULL ? "" : " ", array->name,
           text_grouped(&elsewhere, array->pages_elsewhere), text_grouped(&pages, array->pages));
}

static void print_elsewhere(const struct sums *sums)
{
    uint32_t wrong_count = 0;
    uint32_t array_count = gyre_placement_arrays(sums->placement);
    for (uint32_t i = 0; i < array_count; i++) {
        struct gyre_array_placement array = gyre_placement_array(sums->placement, i);
        if (array.pages_elsewhere > 0 && wrong_count++ < ARRAYS_TOLD_MAX) {
            print_array(&array);
        }
    }
    if (wrong_count == 0) {
        printf("%" PRIu32 " arrays: every page is where it is meant to be\n", array_count);
    } else {
        printf("%" PRIu32 " of %" PRIu32 " arrays have pages elsewhere\n", wrong_count,
               array_count);
    }
}

static void put_pages(FILE *file, const struct sum *sum)
{
    fprintf(file,
            "\"bytes\": %" PRIu64 ", \"pages\": %" PRIu64 ", \"seen\": %" PRIu64
            ", \"absent\": %" PRIu64 ", \"elsewhere\": %" PRIu64,
            sum->bytes, sum->pages, sum->seen, sum->absent, sum->elsewhere);
}

static void put_sums(FILE *file, const struct sums *sums, const char *indent)
{
    fprintf(file, "%s\"verified\": %s,\n", indent, sums->placement != NULL ? "true" : "false");
    fprintf(file, "%s\"elsewhere\": %" PRIu64 ",\n%s\"interleaved\": {", indent,
            total_elsewhere(sums), indent);
    put_pages(file, &sums->nodes[sums->node_count]);
    fprintf(file, "},\n%s\"nodes\": [", indent);
    for (uint32_t node = 0; node < sums->node_count; node++) {
        const struct sum *sum = &sums->nodes[node];
        fprintf(file, "%s\n%s  {\"partitions\": %" PRIu32 ", \"flows\": %" PRIu64 ", ",
                node > 0 ? "," : "", indent, sum->partitions, sum->flows);
        put_pages(file, sum);
        fprintf(file, ", \"found\": %" PRIu64 "}", sum->found);
    }
    fprintf(file, "\n%s]", indent);
}
