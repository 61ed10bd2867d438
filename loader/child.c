#include "loader/child.h"

#include "base/process.h"

enum { CHILD_MAGIC_BYTES = 4 };

struct child_format {
    const char *name;
    const char *package; /* of Debian; the program is arguments[0] */
    uint32_t magic_offset;
    const char *magic; /* CHILD_MAGIC_BYTES */
    const char *const *arguments;
    const char *header; /* what the program does not write itself; may be empty */

    /* Finds what the program does not mind: NULL when all is well, otherwise what is wrong at the
     * byte `*at`. NULL: the program minds, and says so on standard error, whatever its exit code.
     */
    const char *(*find_damage)(struct bytes content, uint64_t *at);
};

static const char *find_damage_in_argus(struct bytes content, uint64_t *at);

/* -X: whatever an rc file says is forgotten. Times since 1970 to the microsecond, numbers instead
 * of names, TCP flags of both sides as in CTU-13; its columns first, and then what else there is.
 */
static const char *const ra_arguments[] = {
    "ra",    "-X",    "-r",    "-",      "-n",    "-u",   "-p",    "6",     "-c",
    ",",     "-Z",    "b",     "-s",     "stime", "dur",  "proto", "saddr", "sport",
    "dir",   "daddr", "dport", "state",  "stos",  "dtos", "pkts",  "bytes", "sbytes",
    "ltime", "spkts", "dpkts", "dbytes", "flgs",  "smac", "dmac",  NULL,
};

/* nfdump opens what it reads by name. Its own CSV has times of whole seconds, so it is told to
 * write the same fields with milliseconds: plain numbers (-N), whole addresses (-6), no header and
 * no summary (-q), since its header has blanks in its names. The duration is that between the
 * times. */
static const char *const nfdump_arguments[] = {
    "nfdump",
    "-r",
    "/dev/stdin",
    "-q",
    "-N",
    "-6",
    "-o",
    "fmt:%ts,%te,%sa,%da,%sp,%dp,%pr,%flg,%fwd,%stos,%ipkt,%ibyt,%opkt,%obyt,%in,%out,%sas,%das,"
    "%smk,%dmk,%dtos,%dir,%nh,%nhb,%svln,%dvln,%ismc,%odmc,%idmc,%osmc,%mpls1,%mpls2,%mpls3,"
    "%mpls4,%mpls5,%mpls6,%mpls7,%mpls8,%mpls9,%mpls10,%cl,%sl,%al,%ra,%eng,%exp,%tr",
    NULL,
};
static const char nfdump_header[] =
    "ts,te,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,"
    "svln,dvln,ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,"
    "cl,sl,al,ra,eng,exid,tr\n";

/* Argus: the cookie in the management record that opens every file, 8 bytes behind its start.
 * nfdump: 0xA50C and the version of the layout, of which 1.6 writes the first and 1.7 the second;
 * in the byte order of whoever wrote it. */
static const struct child_format formats[] = {
    {"Argus", "argus-client", 8, "\xe5\x71\x2d\xcb", ra_arguments, "", find_damage_in_argus},
    {"nfdump", "nfdump", 0, "\x0c\xa5\x01\x00", nfdump_arguments, nfdump_header, NULL},
    {"nfdump", "nfdump", 0, "\x0c\xa5\x02\x00", nfdump_arguments, nfdump_header, NULL},
    {"nfdump", "nfdump", 0, "\xa5\x0c\x00\x01", nfdump_arguments, nfdump_header, NULL},
    {"nfdump", "nfdump", 0, "\xa5\x0c\x00\x02", nfdump_arguments, nfdump_header, NULL},
};

const struct child_format *child_format_of(struct bytes content)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        uint32_t offset = formats[i].magic_offset;
        if (content.size >= offset + CHILD_MAGIC_BYTES &&
            memcmp(content.data + offset, formats[i].magic, CHILD_MAGIC_BYTES) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

const char *child_format_name(const struct child_format *format)
{
    return format->name;
}

static enum status collect(struct intake *out, const char *header, struct process *process,
                           const char *name, struct stop *stop, struct error *error)
{
    uint64_t got = strlen(header);
    TRY(intake_reserve(out, "reading", name, error));
    memcpy(out->data + out->size, header, got);
    out->size += got;
    got = 1;
    while (got > 0) {
        TRY(intake_reserve(out, "reading", name, error));
        TRY(process_read(process, out->data + out->size, out->capacity - out->size, &got, stop,
                         error));
        out->size += got;
    }
    intake_fit(out);
    return STATUS_OK;
}

/* Whether the program is content: by its exit code, and where it exits with 0 in spite of anything,
 * by its silence. */
static enum status check_end(const struct process *process, const struct child_format *format,
                             int exit_code, const char *name, struct error *error)
{
    const char *program = format->arguments[0];
    bool has_message = process->message_bytes > 0;
    if (exit_code != 0) {
        return error_set_at(error, STATUS_FAILED, name, 0, 0, "%s ended with exit code %d%s%s",
                            program, exit_code, has_message ? ": " : ", and said nothing",
                            process->message);
    }
    if (has_message && format->find_damage == NULL) {
        return error_set_at(error, STATUS_INPUT, name, 0, 0,
                            "is damaged or incomplete; %s says: %s", program, process->message);
    }
    return STATUS_OK;
}

static enum status explain_missing(const struct child_format *format, const char *name,
                                   struct error *error)
{
    return error_set_at(error, STATUS_FAILED, name, 0, 0,
                        "is a binary file of %s, which is read with the program %s, and that is "
                        "not installed; Debian's package %s has it",
                        format->name, format->arguments[0], format->package);
}

enum status child_render(struct intake *out, const struct child_format *format,
                         const struct file_input *input, struct bytes content, struct stop *stop,
                         struct error *error)
{
    struct process process = {0};
    struct error start_error = {0};
    enum status status = STATUS_OK;
    bool is_missing;
    int exit_code;
    uint64_t at = 0;
    const char *damage = format->find_damage == NULL ? NULL : format->find_damage(content, &at);
    if (damage != NULL) {
        return error_set_at(error, STATUS_INPUT, input->name, 0, 0,
                            "is damaged or incomplete: %s at byte %llu", damage,
                            (unsigned long long)at);
    }
    status = process_open(&process, format->arguments, input, &is_missing, &start_error);
    if (status != STATUS_OK) {
        status = is_missing
                     ? explain_missing(format, input->name, error)
                     : error_set_at(error, status, input->name, 0, 0, "%s", start_error.text);
        goto done;
    }
    TRY_DONE(collect(out, format->header, &process, input->name, stop, error));
    TRY_DONE(process_wait(&process, &exit_code, stop, error));
    TRY_DONE(check_end(&process, format, exit_code, input->name, error));
done:
    process_close(&process);
    return status;
}

/* A record begins with its type and version (a half byte each), its cause, and its length in words
 * of 4 bytes, in network order. ra takes a file that is cut off within a record for its end, and
 * passes over what it does not understand. */
static const char *find_damage_in_argus(struct bytes content, uint64_t *at)
{
    const unsigned char *data = (const unsigned char *)content.data;
    uint64_t size = content.size;
    while (*at < size) {
        const unsigned char *record = data + *at;
        if (size - *at < 4) {
            return "the file ends within a record";
        }
        uint64_t record_bytes = ((uint64_t)record[2] << 8 | record[3]) * 4;
        if (record_bytes == 0 || (record[0] & 0xf) != (data[0] & 0xf)) {
            return "there is no record";
        }
        if (record_bytes > size - *at) {
            return "the file ends within the record";
        }
        *at += record_bytes;
    }
    return NULL;
}
