/* floor: loader */
/* What each dialect makes of a file, from its bytes to staged rows. */
#include "loader/dialect.h"

#include "loader/parse.h"
#include "loader/vocabulary.h"
#include "tests/support/loading.h"
#include "tests/support/suite.h"

static struct rig rig;
static char path[256];
static uint64_t fault_after; /* of the next parse; 0: none fails */

static int open_rig(void)
{
    rig_open(&rig, 1);
    test_path(path, sizeof path, "dialect");
    return 0;
}

static int close_rig(void)
{
    rig_close(&rig);
    remove(path);
    return 0;
}

/* A file as one dialect has it: good rows, rows that are passed over, and one bad line. */
struct sample_file {
    const char *dialect;
    const char *text;
    const char *bad_line;
    const char *staged; /* of the good rows, without the names of the columns */
    uint64_t passed_over;
    const char *columns[4]; /* wishes */
};

static const struct sample_file files[] = {
    {"argus",
     "StartTime,Proto,SrcAddr,Sport,DstAddr,Dport,SrcPkts,DstPkts\n"
     "1313488906.972101,tcp,1.2.3.4,0x50,5.6.7.8,443,1,2\n"
     "1313488907.000000,man,0,0,0,0,0,0\n"
     "1313488908.000000,arp,1.2.3.4,,5.6.7.8,,3,\n",
     "1313488908.000000,tcp,,1,5.6.7.8,443,1,2\n",
     "2011-08-16T10:01:46.972101Z|tcp|1.2.3.4|80|5.6.7.8|443|1|2|3\n"
     "2011-08-16T10:01:48Z|arp|1.2.3.4|null|5.6.7.8|null|3|null|null\n",
     1,
     {NULL}},
    {"argus",
     "         StartTime  Proto            SrcAddr  Sport   Dir            DstAddr  Dport  "
     "TotPkts\n"
     "   15:16:39.842117    tcp       147.32.80.37.39210     ->     141.193.213.21.443          "
     "25\n"
     "   15:16:40.842117    arp       147.32.80.37          who     141.193.213.21              1\n"
     "   15:16:41.842117   icmp       147.32.80.37.0x0008    ->     141.193.213.21.0x0303       "
     "1\n",
     "   sometimes          tcp       147.32.80.37.39210     ->     141.193.213.21.443          "
     "25\n",
     "1970-01-01T15:16:39.842117Z|tcp|147.32.80.37|39210|->|141.193.213.21|443|25\n"
     "1970-01-01T15:16:40.842117Z|arp|147.32.80.37|null|who|141.193.213.21|null|1\n"
     "1970-01-01T15:16:41.842117Z|icmp|147.32.80.37|8|->|141.193.213.21|771|1\n",
     0,
     {NULL}},
    {"zeek",
     "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
     "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tduration\torig_ip_bytes\tresp_ip_bytes\ttags\n"
     "#types\ttime\taddr\tport\taddr\tinterval\tcount\tcount\tset[string]\n"
     "1313488906.972101\t::1\t80\t5.6.7.8\t-\t40\t-\t(empty)\n"
     "1313488907.5\t::1\t80\t5.6.7.8\t1.5\t40\t60\t\"x\n"
     "#close\t2014-04-03-10-08-28\n",
     "1313488907.5\t-\t80\t5.6.7.8\t1.5\t40\t60\tx\n",
     "2011-08-16T10:01:46.972101Z|::1|80|5.6.7.8|null|40|null|null|null\n"
     "2011-08-16T10:01:47.500Z|::1|80|5.6.7.8|1.5|40|60|\"x|100\n",
     0,
     {NULL}},
    {"zeek",
     "{\"ts\":1313488906.972101,\"id.orig_h\":\"::1\",\"id.resp_h\":\"5.6.7.8\",\"orig_pkts\":1,"
     "\"resp_pkts\":2}\n"
     "{\"id.resp_h\":\"5.6.7.8\",\"ts\":1313488907.5,\"id.orig_h\":\"::1\"}\n",
     "{\"ts\":1313488907.5,\"id.orig_h\":\"::1\",\"id.resp_h\":\"5.6.7.8\"\n",
     "2011-08-16T10:01:46.972101Z|::1|5.6.7.8|1|2|3\n"
     "2011-08-16T10:01:47.500Z|::1|5.6.7.8|null|null|null\n",
     0,
     {NULL}},
    {"nfdump",
     "ts,te,td,sa,da,sp,dp,pr,ipkt,ibyt,opkt,obyt\n"
     "2018-01-12 15:37:30,2018-01-12 15:37:31,1.000,1.2.3.4,5.6.7.8,80,90,TCP,1,60,2,70\n"
     "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n1,241025,4652,58357,140,51\n",
     "2018-01-12 15:37:30,2018-01-12 15:37:31,x,1.2.3.4,5.6.7.8,80,90,TCP,1,60,2,70\n",
     "2018-01-12T15:37:30Z|2018-01-12T15:37:31Z|1.0|1.2.3.4|5.6.7.8|80|90|tcp|TCP|1|60|2|70|3|"
     "130\n",
     3,
     {NULL}},
    {"nfdump",
     "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows\n"
     "2018-01-12 15:37:30.123,0.5,UDP,1.2.3.4,80,5.6.7.8,90,1,60,1\n",
     "yesterday,0.5,UDP,1.2.3.4,80,5.6.7.8,90,1,60,1\n",
     "2018-01-12T15:37:30.123Z|0.5|udp|UDP|1.2.3.4|80|5.6.7.8|90|1|1|60|60|1\n",
     0,
     {NULL}},
    {"suricata",
     "{\"event_type\":\"flow\",\"src_ip\":\"1.2.3.4\",\"dest_ip\":\"5.6.7.8\",\"proto\":\"TCP\","
     "\"flow\":{\"start\":\"2021-06-06T16:00:00.5+0200\",\"bytes_toserver\":40}}\n"
     "{\"event_type\":\"alert\",\"src_ip\":\"1.2.3.4\",\"dest_ip\":\"5.6.7.8\",\"proto\":\"TCP\","
     "\"flow\":{\"start\":\"2021-06-06T16:00:00.5+0200\"},\"alert\":{\"rev\":1}}\n",
     "{\"event_type\":\"flow\",\"src_ip\":\"1.2.3.4\",\"dest_ip\":\"5.6.7.8\"}\n",
     "flow|1.2.3.4|5.6.7.8|tcp|TCP|2021-06-06T14:00:00.500Z|40\n",
     1,
     {NULL}},
    {"aws",
     "version srcaddr dstaddr srcport protocol packets bytes start end log-status\n"
     "2 1.2.3.4 5.6.7.8 80 6 20 4249 1418530010 1418530070 OK\n"
     "2 - - - - - - 1431280876 1431280934 NODATA\n"
     "2 - - - - - - 1431280876 1431280934 SKIPDATA\n",
     "2 - 5.6.7.8 80 6 20 4249 1418530010 1418530070 OK\n",
     "2|1.2.3.4|5.6.7.8|80|tcp|6|20|20|4249|4249|2014-12-14T04:06:50Z|2014-12-14T04:07:50Z|OK|60."
     "0\n",
     2,
     {NULL}},
    {"cicflowmeter",
     "Src IP,Src Port,Dst IP,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,TotLen Fwd Pkts\n"
     "1.2.3.4,80,5.6.7.8,17,08/01/2018 09:34:31,1500000,8,96.0\n",
     "1.2.3.4,80,5.6.7.8,17,08/01/2018 09:34:31,1500000,8,96.5\n",
     "1.2.3.4|80|5.6.7.8|udp|17|2018-01-08T09:34:31Z|1.5|1500000|8|96\n",
     0,
     {NULL}},
    {"edges",
     "# SNAP\n1 2 1082040961\n3\t 4 1082155839\n# more\n",
     "1 2 x\n",
     "1|2|2004-04-15T14:56:01Z\n3|4|2004-04-16T22:50:39Z\n",
     0,
     {NULL}},
    {"edges",
     "6,2,4,1289241911.72836\n",
     "6,,4,1289241911.72836\n",
     "6|2|4|2010-11-08T18:45:11.728360Z\n",
     0,
     {NULL}},
    {"edges",
     "sourceNodeId,targetNodeId,value,time\r\n280,15349,147.8,1\r\n",
     "280,15349\r\n",
     "280|15349|147.8|1970-01-01T00:00:01Z\n",
     0,
     {NULL}},
    {"csv",
     "who;whom;when;took;n\na;b;1313488906972;1500;0x10\n",
     "a;b;1313488906972;1500;q\n",
     "a|b|2011-08-16T10:01:46.972Z|1.5|1500|16\n",
     0,
     {"who=source", "whom=target", "when=time:time:ms", "n=attribute:integer:hex"}},
};

static enum status parse(const struct sample_file *file, const char *text, const char *forced,
                         struct load_report *report, char **staged)
{
    struct error error = {0};
    struct staging staging = {0};
    const char *const paths[] = {path};
    const char *columns[8] = {0};
    uint32_t column_count = 0;
    for (; column_count < 4 && file->columns[column_count] != NULL; column_count++) {
        columns[column_count] = file->columns[column_count];
    }
    if (column_count > 0) {
        columns[column_count++] = "took=Dur::ms";
    }
    const struct load_options options = {
        .paths = paths,
        .path_count = 1,
        .reject_limit_rows = UINT64_MAX,
        .reject_limit_percent = -1,
        .dialect = forced,
        .columns = columns,
        .column_count = column_count,
    };
    *report = (struct load_report){0};
    write_file(path, text, strlen(text));
    memory_fault_set(fault_after);
    enum status status =
        parse_files(&staging, rig.team, &rig.budget, &options, &rig.stop, NULL, report, &error);
    memory_fault_set(0);
    if (status == STATUS_OK && staged != NULL) {
        *staged = staging_text(&staging);
    }
    if (status != STATUS_OK && fault_after == 0) {
        fprintf(stderr, "%s: %s\n", file->dialect, error.text);
    }
    staging_close(&staging);
    return status;
}

static void every_dialect_reads_its_files_by_content_and_by_name(void)
{
    static struct load_report report;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (int is_forced = 0; is_forced < 2; is_forced++) {
            const struct sample_file *file = &files[i];
            char *staged = NULL;
            CU_ASSERT_EQUAL_FATAL(
                parse(file, file->text, is_forced ? file->dialect : NULL, &report, &staged),
                STATUS_OK);
            const char *rows = strchr(staged, '\n') + 1;
            CU_ASSERT_STRING_EQUAL(rows, file->staged);
            if (strcmp(rows, file->staged) != 0) {
                fprintf(stderr, "%s: %s", file->dialect, staged);
            }
            CU_ASSERT_EQUAL(report.rows_passed_over, file->passed_over);
            CU_ASSERT_EQUAL(report.rows_rejected, 0);
            memory_free(staged);
        }
    }
}

/* However many bad lines and repeated heads stand among the rows. */
static void rows_read_are_loaded_passed_over_or_rejected(void)
{
    static struct load_report report;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct sample_file *file = &files[i];
        for (uint32_t copies = 1; copies <= 3; copies++) {
            struct text_buffer buffer = {0};
            text_add(&buffer, file->text);
            for (uint32_t k = 0; k < copies; k++) {
                text_add(&buffer, file->bad_line);
                text_add(&buffer, "\n");
            }
            CU_ASSERT_EQUAL(parse(file, buffer.data, NULL, &report, NULL), STATUS_OK);
            CU_ASSERT_EQUAL(report.rows_rejected, copies);
            CU_ASSERT_EQUAL(report.rows_passed_over, file->passed_over);
            CU_ASSERT_EQUAL(report.rows_read,
                            report.rows_loaded + report.rows_passed_over + report.rows_rejected);
            memory_free(buffer.data);
        }
    }
}

/* No allocation's failure leaks, or loads a part. */
static void each_failed_allocation_fails_the_load(void)
{
    static struct load_report report;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        enum status status = STATUS_FAILED;
        for (uint64_t after = 1; status == STATUS_FAILED; after++) {
            fault_after = after;
            status = parse(&files[i], files[i].text, NULL, &report, NULL);
        }
        fault_after = 0;
        CU_ASSERT_EQUAL(status, STATUS_OK);
    }
}

static void header_that_stands_again_is_passed_over(void)
{
    static struct load_report report;
    static const char text[] = "StartTime,SrcAddr,DstAddr\n2011/08/16 10:01:46,a,b\n"
                               "StartTime,SrcAddr,DstAddr\n2011/08/16 10:01:46,a,b\n";
    CU_ASSERT_EQUAL(parse(&files[0], text, NULL, &report, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(report.rows_loaded, 2);
    CU_ASSERT_EQUAL(report.rows_passed_over, 1);
}

static void tables_name_words_of_the_vocabulary(void)
{
    for (size_t i = 0; dialects[i] != NULL; i++) {
        CU_ASSERT_PTR_EQUAL(dialect_find(bytes_of(dialects[i]->name)), dialects[i]);
        const struct dialect_column *row = dialects[i]->columns;
        for (; row->name != NULL; row++) {
            CU_ASSERT_PTR_NOT_NULL(vocabulary_find(bytes_of(row->canonical)));
        }
        const struct dialect_filter *filter = dialects[i]->filters;
        for (; filter != NULL && filter->name != NULL; filter++) {
            CU_ASSERT_TRUE(strlen(filter->value) <= 8);
        }
    }
    CU_ASSERT_PTR_NULL(dialect_find(bytes_of("pcap")));
    const struct derivation *row = vocabulary_derivations;
    for (; row->name != NULL; row++) {
        CU_ASSERT_PTR_NOT_NULL(vocabulary_find(bytes_of(row->name)));
        CU_ASSERT_PTR_NOT_NULL(vocabulary_find(bytes_of(row->operands[0])));
        CU_ASSERT_PTR_NOT_NULL(vocabulary_find(bytes_of(row->operands[1])));
    }
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(every_dialect_reads_its_files_by_content_and_by_name),
        CASE(rows_read_are_loaded_passed_over_or_rejected),
        CASE(each_failed_allocation_fails_the_load),
        CASE(header_that_stands_again_is_passed_over),
        CASE(tables_name_words_of_the_vocabulary),
        CU_TEST_INFO_NULL,
    };
    return suite_run("dialect", open_rig, close_rig, cases);
}
