/* floor: loader */
/* Files of every format, made here: what is read, loaded, passed over and rejected adds up,
 * rejected lines are kept as they came, and the graph is the same, byte for byte, however the file
 * is packed and by however many workers it is loaded. */
#include "base/bytes.h"
#include "graph/array.h"
#include "loader/load.h"
#include "tests/support/loading.h"
#include "tests/support/packing.h"
#include "tests/support/suite.h"

/* Over two chunks, so that workers share a file. */
enum { ROWS = 12000, WORKERS_MAX = 3, LINES_MAX = 4, WISHES_MAX = 3, LINE_BYTES = 1024 };

/* Where the odd lines stand among the rows. */
enum { ODD_BEGIN = 500, ODD_STEP = 3000 };

struct format {
    const char *name;
    const char *header; /* kept above rejected lines too */
    void (*write)(char *line, size_t line_bytes, unsigned row);
    const char *passed[LINES_MAX]; /* ended by NULL, as the others */
    const char *bad[LINES_MAX];
    const char *trailers[LINES_MAX]; /* passed over too */
    const char *wishes[WISHES_MAX + 1];
};

static void write_argus(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes,
             "2011/08/16 10:%02u:%02u.%06u,%u.%03u,%s,10.0.%u.%u,0x%04x,  ->,fe80::%x,"
             "%s,CON,0,%s,%u,%u,%u,flow=%u\n",
             row / 600, row / 10 % 60, row * 7 % 1000000, row % 50, row % 1000,
             row % 3 == 0 ? "udp" : "tcp", row % 3, row % 251, row % 5000, row % 97 + 1,
             row % 11 == 0 ? "" : "80", row % 5 == 0 ? "" : "0", row % 9 + 1, row % 90000,
             row % 4000, row % 7);
}

static void write_tabs(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "%u.%06u\te \t02:00:00:00:00:%02x\t10.0.0.%u\t%s\t10.0.1.%u\ttcp\t%u\n",
             1300000000 + row / 3, row % 999983, row % 200, row % 251,
             row == ROWS - 1 ? "http" : "1024", row % 99, row);
}

static void write_padded(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "%02u:%02u:%02u.%06u %6s %18s.%-6u %5s %18s.%-6u %8u %10u\n", row / 3600,
             row / 60 % 60, row % 60, row, "tcp", row % 2 == 0 ? "10.1.2.3" : "192.168.200.1",
             row % 60000, "->", "172.16.0.9", 443, row % 31, row * 3);
}

static void write_zeek(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "%u.%06u\tC%u\t10.0.0.%u\t%u\t10.0.1.%u\t80\ttcp\t%s\t%s\t%u\t%u\tF\n",
             1600000000 + row, row, row, row % 250, row % 60000, row % 90,
             row % 4 == 0 ? "-" : "0.25", row % 6 == 0 ? "(empty)" : "SF", row % 20, row % 30);
}

static void write_zeek_json(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes,
             "{\"ts\":%u.%06u,\"id.orig_h\":\"10.0.0.%u\",\"id.orig_p\":%u,"
             "\"id.resp_h\":\"10.0.1.%u\",\"id.resp_p\":80,\"proto\":\"tcp\"%s}\n",
             1600000000 + row, row, row % 250, row % 60000, row % 90,
             row % 100 == 7 ? ",\"tags\":[1,2]" : "");
}

static void write_eve(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes,
             "{\"event_type\":\"flow\",\"src_ip\":\"10.0.0.%u\",\"src_port\":%u,"
             "\"dest_ip\":\"2001:db8::%x\",\"dest_port\":53,\"proto\":\"UDP\",\"flow\":"
             "{\"start\":\"2021-06-06T15:%02u:%02u.000000+0200\",\"end\":\"2021-06-06T"
             "16:00:00.000000+0200\",\"pkts_toserver\":%u,\"bytes_toserver\":%u}}\n",
             row % 250, row % 60000, row % 400, row / 200, row / 4 % 60, row % 12, row);
}

static void write_nfdump(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes,
             "2018-01-12 15:%02u:%02u,2018-01-12 16:00:00,1.500,10.0.0.%u,10.0.1.%u,%u,"
             "%s,......S.,%u,%u,0,0\n",
             row / 300, row / 5 % 60, row % 250, row % 90, row % 60000,
             row % 5 == 0 ? "8.0,ICMP" : "443,TCP", row % 40, row);
}

static void write_nfdump_later(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "2018-01-12 15:%02u:%02u.%03u,1.500,17,10.0.0.%u,%u,10.0.1.%u,53,%u,%u\n",
             row / 300, row / 5 % 60, row % 1000, row % 250, row % 60000, row % 90, row % 40, row);
}

static void write_aws(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "2 1234 eni-%u 10.0.0.%u 10.0.1.%u %u 443 6 %u %u %u %u ACCEPT OK\n",
             row % 9, row % 250, row % 90, row % 60000, row % 40, row, 1600000000 + row,
             1600000060 + row);
}

static void write_cic(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes,
             "id-%u,10.0.0.%u,%u,10.0.1.%u,443,6,08/01/2018 09:%02u:%02u,%u,%u,%u.0,"
             "NaN,BENIGN\n",
             row, row % 250, row % 60000, row % 90, row / 300, row / 5 % 60, row * 11, row % 40,
             row % 1500);
}

static void write_edge(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "%s%u %u 10820%05u\n", row % 1000 == 0 ? "# a comment\n" : "", row % 700,
             row % 300, row);
}

static void write_other(char *line, size_t bytes, unsigned row)
{
    snprintf(line, bytes, "\"a;%u\";%u;b%u;%u.5\n", row % 90, 1600000000 + row, row % 50, row);
}

static const struct format formats[] = {
    {.name = "argus",
     .header = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,"
               "TotBytes,SrcBytes,Label\n",
     .write = write_argus,
     .passed = {"2011/08/16 10:00:00.0,0.0,man,0,,,0,,STA,,,1,1,1,\n"},
     .bad = {"2011/08/16 10:00:00.0,0.0\n",
             "yesterday,0.1,tcp,1.2.3.4,1,->,1.2.3.5,2,CON,0,0,1,1,1,x\r\n",
             "2011/08/16 10:00:00.0,0.1,tcp,,1,->,1.2.3.5,2,CON,0,0,1,1,1,x\n"}},
    {.name = "argus with tabs",
     .header = "StartTime\tFlgs\tSrcMac\tSrcAddr\tSport\tDstAddr\tProto\tTotBytes\n",
     .write = write_tabs,
     .passed = {"1300000000.0\te\t0\t0\t\t0\tman\t1\n"},
     .bad = {"1300000000.0\n", "2011/08/16\te\t0\ta\t1\tb\ttcp\t1\n"}},
    {.name = "argus in columns",
     .header = "      StartTime  Proto            SrcAddr  Sport   Dir            DstAddr  Dport  "
               "TotPkts   TotBytes\n",
     .write = write_padded,
     .bad = {"1\n", "yesterday       tcp           10.1.2.3.80       ->         172.16.0.9.443  "
                    "         1          1\n"}},
    {.name = "zeek",
     .header = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
               "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\t"
               "conn_state\torig_pkts\tresp_pkts\tlocal\n",
     .write = write_zeek,
     .bad = {"1600000000.0\tC\n", "-\tC1\t10.0.0.1\t1\t10.0.1.1\t80\ttcp\t-\tSF\t1\t1\tF\n"}},
    {.name = "zeek as json",
     .header = "",
     .write = write_zeek_json,
     .bad = {"{\"ts\":1600000000.0,\"id.orig_h\":\n", "{\"ts\":1,\"id.orig_h\":\"a\"}\n", "[]\n"}},
    {.name = "suricata",
     .header = "",
     .write = write_eve,
     .passed = {"{\"event_type\":\"dns\",\"src_ip\":\"10.0.0.1\",\"dns\":{\"id\":7}}\n",
                "{\"event_type\":\"alert\"}\n"},
     .bad = {"{\"event_type\":\"flow\",}\n",
             "{\"event_type\":\"flow\",\"src_ip\":\"10.0.0.1\"}\n"}},
    {.name = "nfdump",
     .header = "ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt,opkt,obyt\n",
     .write = write_nfdump,
     .bad = {"2018-01-12 15:00:00,x\n",
             "2018-01-12 15:00:00,2018-01-12 16:00:00,1,a,b,1,2,TCP,S,many,1,0,0\n"},
     .trailers = {"Summary\n", "flows,bytes,packets,avg_bps,avg_pps,avg_bpp\n", "1,2,3,4,5,6\n"}},
    {.name = "nfdump of later versions",
     .header = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes\n",
     .write = write_nfdump_later,
     .bad = {"2018-01-12 15:00:00\n", "2018-13-12 15:00:00,1,6,a,1,b,2,3,4\n"}},
    {.name = "aws",
     .header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
               "bytes start end action log-status\n",
     .write = write_aws,
     .passed = {"2 1234 eni-1 - - - - - - - 1600000000 1600000060 - NODATA\n",
                "2 1234 eni-1 - - - - - - - 1600000000 1600000060 - SKIPDATA\n"},
     .bad = {"2 1234 eni-1\n", "2 1 e 10.0.0.1 10.0.1.1 1 2 6 1 1 1600000000 0 ACCEPT OK more\n"}},
    {.name = "cicflowmeter",
     .header = "Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd "
               "Pkts,TotLen Fwd Pkts,Flow Byts/s,Label\n",
     .write = write_cic,
     .bad = {"id,1\n", "id,a,1,b,2,6,31/31/2018 09:00:00,1,1,1.0,NaN,x\n",
             "id,a,1,b,2,6,08/01/2018 09:00:00,1,1,1.5,NaN,x\n"}},
    {.name = "edges", .header = "", .write = write_edge, .bad = {"1 2\n", "1 2 x\n", "1 2 3 4\n"}},
    {.name = "others",
     .header = "from;seen;to;weight\n",
     .write = write_other,
     .bad = {"\"a;1;2\n", "a;now;b;1\n", ";1600000000;b;1\n"},
     .wishes = {"from=source", "seen=time:time:s", "to=target"}},
};
enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

static struct rig rigs[WORKERS_MAX];
static char path[256];
static char rejects_path[256];
static char schema_path[256];
static struct load_report report;

static int open_rigs(void)
{
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        rig_open(&rigs[i], i + 1);
    }
    test_path(path, sizeof path, "formats");
    test_path(rejects_path, sizeof rejects_path, "formats-rejects");
    test_path(schema_path, sizeof schema_path, "formats-schema");
    return 0;
}

static int close_rigs(void)
{
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        rig_close(&rigs[i]);
    }
    remove(path);
    remove(rejects_path);
    remove(schema_path);
    return 0;
}

static uint32_t count_lines(const char *const *lines)
{
    uint32_t count = 0;
    while (lines[count] != NULL) {
        count++;
    }
    return count;
}

/* Rows, and odd lines between them from the ODD_BEGIN-th on. */
static struct text_buffer make_file(const struct format *format, struct text_buffer *rejects)
{
    struct text_buffer text = {0};
    char line[LINE_BYTES];
    uint32_t passed = 0;
    uint32_t bad = 0;
    text_add(&text, format->header);
    text_add(rejects, format->header);
    for (unsigned row = 0; row < ROWS; row++) {
        if (row % ODD_STEP == ODD_BEGIN && format->passed[passed] != NULL) {
            text_add(&text, format->passed[passed++]);
        }
        if (row % ODD_STEP == ODD_BEGIN && format->bad[bad] != NULL) {
            text_add(&text, format->bad[bad]);
            text_add(rejects, format->bad[bad++]);
        }
        format->write(line, sizeof line, row);
        text_add(&text, line);
    }
    for (uint32_t i = 0; format->trailers[i] != NULL; i++) {
        text_add(&text, format->trailers[i]);
    }
    return text;
}

enum extra { NOTHING, REJECTS, SCHEMA };

static struct graph *load(const struct format *format, struct rig *rig, enum extra extra)
{
    const char *const paths[] = {path};
    struct graph *graph = NULL;
    struct error error = {0};
    struct load_options options = {
        .paths = paths,
        .path_count = 1,
        .partition_count = 3,
        .reject_limit_rows = UINT64_MAX,
        .reject_limit_percent = 1,
        .columns = format->wishes,
        .column_count = extra == SCHEMA ? 0 : count_lines(format->wishes),
        .rejects_path = extra == REJECTS ? rejects_path : NULL,
        .schema_path = extra == SCHEMA ? schema_path : NULL,
    };
    enum status status =
        graph_load(&graph, rig->team, &rig->budget, &options, &rig->stop, NULL, &report, &error);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", format->name, error.text);
    }
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    return graph;
}

/* What a graph is: the contents of all its arrays, each with its name, but for those that hold
 * where others lie. */
static const char *const places[] = {"inner", "partitions", "columns", "entries"};
struct digest {
    uint64_t hash;
    uint32_t array_count;
};

static void add_array(const struct graph_array *array, void *context)
{
    struct digest *digest = context;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(array->name, places[i]) == 0) {
            return;
        }
    }
    uint64_t words[] = {digest->hash, bytes_hash(bytes_of(array->name)), array->partition,
                        array->bytes, bytes_hash(bytes_view(array->start, array->bytes))};
    digest->hash = bytes_hash(bytes_view((const char *)words, sizeof words));
    digest->array_count++;
}

static uint64_t digest_of(struct graph *graph)
{
    struct digest digest = {0};
    graph_visit_arrays(graph, add_array, &digest);
    CU_ASSERT_TRUE(digest.array_count > 20);
    graph_close(graph);
    return digest.hash;
}

static void rows_read_are_loaded_passed_over_or_rejected(void)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        const struct format *format = &formats[i];
        struct text_buffer rejects = {0};
        struct text_buffer text = make_file(format, &rejects);
        struct file_view view;
        struct error error = {0};
        write_file(path, text.data, text.size);
        graph_close(load(format, &rigs[1], REJECTS));
        CU_ASSERT_EQUAL(report.rows_loaded, ROWS);
        CU_ASSERT_EQUAL(report.rows_rejected, count_lines(format->bad));
        CU_ASSERT_EQUAL(report.rows_passed_over,
                        count_lines(format->passed) + count_lines(format->trailers));
        CU_ASSERT_EQUAL(report.rows_read,
                        report.rows_loaded + report.rows_passed_over + report.rows_rejected);
        CU_ASSERT_EQUAL_FATAL(file_open(&view, rejects_path, 0, NULL, &error), STATUS_OK);
        bool is_verbatim =
            bytes_equal(bytes_view(view.data, view.size), bytes_view(rejects.data, rejects.size));
        if (!is_verbatim || report.rows_loaded != ROWS) {
            fprintf(stderr, "%s:\n%.*s", format->name, (int)view.size, view.data);
        }
        CU_ASSERT_TRUE(is_verbatim);
        file_close(&view);
        memory_free(text.data);
        memory_free(rejects.data);
    }
}

static void graph_is_the_same_for_any_number_of_workers(void)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        struct text_buffer rejects = {0};
        struct text_buffer text = make_file(&formats[i], &rejects);
        write_file(path, text.data, text.size);
        uint64_t hash = digest_of(load(&formats[i], &rigs[0], NOTHING));
        CU_ASSERT_EQUAL(digest_of(load(&formats[i], &rigs[1], NOTHING)), hash);
        CU_ASSERT_EQUAL(digest_of(load(&formats[i], &rigs[2], NOTHING)), hash);
        memory_free(text.data);
        memory_free(rejects.data);
    }
}

static void graph_is_the_same_however_the_file_is_packed(void)
{
    struct text_buffer rejects = {0};
    struct text_buffer text = make_file(&formats[0], &rejects);
    size_t room = text.size * 2;
    char *packed = memory_allocate(room, 1);
    write_file(path, text.data, text.size);
    uint64_t hash = digest_of(load(&formats[0], &rigs[1], NOTHING));
    for (size_t i = 0; i < PACKER_COUNT; i++) {
        write_file(path, packed, packers[i].pack(text.data, text.size, packed, room));
        CU_ASSERT_EQUAL(digest_of(load(&formats[0], &rigs[1], NOTHING)), hash);
    }
    memory_free(packed);
    memory_free(text.data);
    memory_free(rejects.data);
}

static void description_as_schema_gives_the_same_graph(void)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        struct text_buffer rejects = {0};
        struct text_buffer text = make_file(&formats[i], &rejects);
        write_file(path, text.data, text.size);
        struct graph *graph = load(&formats[i], &rigs[1], NOTHING);
        write_file(schema_path, graph->description, strlen(graph->description));
        struct graph *again = load(&formats[i], &rigs[1], SCHEMA);
        CU_ASSERT_STRING_EQUAL(again->description, graph->description);
        CU_ASSERT_EQUAL(report.note_count, 0);
        CU_ASSERT_EQUAL(digest_of(again), digest_of(graph));
        memory_free(text.data);
        memory_free(rejects.data);
    }
}

/* So that the digest bites. */
static void other_flows_are_another_graph(void)
{
    struct text_buffer rejects = {0};
    struct text_buffer text = make_file(&formats[0], &rejects);
    write_file(path, text.data, text.size);
    uint64_t hash = digest_of(load(&formats[0], &rigs[1], NOTHING));
    char *label = strstr(text.data, "flow=");
    CU_ASSERT_PTR_NOT_NULL_FATAL(label);
    memcpy(label, "glow", 4);
    write_file(path, text.data, text.size);
    CU_ASSERT_NOT_EQUAL(digest_of(load(&formats[0], &rigs[1], NOTHING)), hash);
    memory_free(text.data);
    memory_free(rejects.data);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(rows_read_are_loaded_passed_over_or_rejected),
        CASE(graph_is_the_same_for_any_number_of_workers),
        CASE(graph_is_the_same_however_the_file_is_packed),
        CASE(description_as_schema_gives_the_same_graph),
        CASE(other_flows_are_another_graph),
        CU_TEST_INFO_NULL,
    };
    return suite_run("formats", open_rigs, close_rigs, cases);
}
