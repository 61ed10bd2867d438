/* Writes made-up flows; see generate.h. */
#include "report/generate.h"

#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"
#include "report/buffer.h"
#include "report/planted.h"
#include "report/traffic.h"

/* 2011-08-16T10:01:46.972101Z, when CTU-13's capture of that day begins. */
#define CAPTURE_START_US UINT64_C(1313488906972101)
#define US_PER_SECOND UINT64_C(1000000)
#define SPAN_US_MAX (UINT64_C(100) * 365 * 86400 * US_PER_SECOND)

enum {
    FLOWS_PER_SECOND = 70,
    CYCLE_LENGTH_DEFAULT = 3,
    FLUSH_BYTES = 1 << 18,
    SECOND_TEXT_BYTES = 20, /* "2011/08/16 10:01:46." */
};

static const char header[] = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,"
                             "TotPkts,TotBytes,SrcBytes,Label\n";
static const char cycles_header[] = "cycle,step,row,time,source,target\n";

struct output {
    struct file_writer *file;
    struct buffer buffer;
};

struct generator {
    struct traffic traffic;
    uint64_t cycle_count;
    uint32_t cycle_length;
    const volatile int *stop;
    struct planted_cycle cycle; /* the one whose stretch the rows have reached */
    uint64_t stretch_end;
    uint32_t step;
    struct output flows;
    struct output cycles; /* no file: not wanted */
    uint64_t second;      /* of the text below, since 1970 */
    char second_text[SECOND_TEXT_BYTES + 1];
};

static enum status check_options(const struct generate_options *options, struct error *error);
static bool is_standard_output(const char *path);
static void generator_init(struct generator *generator, const struct generate_options *options);
static enum status write_flows(struct generator *generator, struct error *error);
static enum status write_row(struct generator *generator, uint64_t row, struct error *error);
static void put_flow(struct generator *generator, const struct traffic_flow *flow,
                     uint64_t cycle_number);
static void put_start(struct generator *generator, uint64_t start_us);
static void put_decimal(struct buffer *buffer, uint64_t number);
static void put_optional(struct buffer *buffer, int64_t number, bool is_hex);
static void put_address(struct buffer *buffer, struct address address);
static void put_step(struct generator *generator, const struct traffic_flow *flow);
static enum status output_flush(struct output *output, uint64_t over_bytes, struct error *error);

enum status generate_flows(const char *path, const char *cycles_path,
                           const struct generate_options *options, struct error *error)
{
    TRY(check_options(options, error));
    if (cycles_path != NULL && is_standard_output(path) && is_standard_output(cycles_path)) {
        return error_set(error, STATUS_USAGE, "flows and cycles cannot both go to standard output");
    }
    enum status status = STATUS_OK;
    struct generator *generator = memory_allocate(1, sizeof(*generator));
    if (generator == NULL) {
        return error_set_memory(error, "making flows");
    }
    generator_init(generator, options);
    TRY_DONE(file_writer_open(&generator->flows.file, path, error));
    if (cycles_path != NULL) {
        TRY_DONE(file_writer_open(&generator->cycles.file, cycles_path, error));
    }
    TRY_DONE(write_flows(generator, error));
    TRY_DONE(file_writer_finish(generator->flows.file, error));
    if (cycles_path != NULL) {
        TRY_DONE(file_writer_finish(generator->cycles.file, error));
    }
done:
    file_writer_close(generator->flows.file);
    file_writer_close(generator->cycles.file);
    buffer_close(&generator->flows.buffer);
    buffer_close(&generator->cycles.buffer);
    memory_free(generator);
    return status;
}

static bool is_standard_output(const char *path)
{
    return path == NULL || bytes_equal(bytes_of(path), bytes_of("-"));
}

static uint64_t host_count_of(const struct generate_options *options)
{
    uint64_t count = options->host_count != 0 ? options->host_count : options->flow_count / 5;
    return options->host_count == 0 && count < TRAFFIC_HOSTS_MIN ? TRAFFIC_HOSTS_MIN : count;
}

static uint64_t span_us_of(const struct generate_options *options)
{
    uint64_t span_us = options->flow_count / FLOWS_PER_SECOND * US_PER_SECOND +
                       options->flow_count % FLOWS_PER_SECOND * US_PER_SECOND / FLOWS_PER_SECOND;
    return options->span_us != 0 ? options->span_us : span_us;
}

static enum status check_options(const struct generate_options *options, struct error *error)
{
    uint64_t flows = options->flow_count;
    uint64_t hosts = host_count_of(options);
    uint64_t span_us = span_us_of(options);
    uint64_t length = options->cycle_length != 0 ? options->cycle_length : CYCLE_LENGTH_DEFAULT;
    if (flows == 0 || flows > UINT64_C(1) << 40) {
        return error_set(error, STATUS_USAGE, "between 1 and 2^40 flows can be made, not %llu",
                         (unsigned long long)flows);
    }
    if (hosts < TRAFFIC_HOSTS_MIN || hosts > TRAFFIC_HOSTS_MAX ||
        (hosts > flows && options->host_count != 0)) {
        return error_set(error, STATUS_USAGE,
                         "%llu flows can have between %d addresses and one each (%d at most), "
                         "not %llu",
                         (unsigned long long)flows, (int)TRAFFIC_HOSTS_MIN, (int)TRAFFIC_HOSTS_MAX,
                         (unsigned long long)hosts);
    }
    if (span_us > SPAN_US_MAX) {
        return error_set(error, STATUS_USAGE, "the flows would take more than 100 years");
    }
    if (length < CYCLE_LENGTH_MIN || length > CYCLE_LENGTH_MAX) {
        return error_set(error, STATUS_USAGE, "a planted cycle has %d to %d flows, not %llu",
                         (int)CYCLE_LENGTH_MIN, (int)CYCLE_LENGTH_MAX, (unsigned long long)length);
    }
    uint64_t cycles = options->cycle_count;
    if (cycles > 0 &&
        (length > hosts || cycles > flows / length || cycles > span_us / length / 2)) {
        return error_set(error, STATUS_USAGE,
                         "%llu cycles of %llu flows do not fit into %llu flows of %llu addresses "
                         "in %llu s",
                         (unsigned long long)cycles, (unsigned long long)length,
                         (unsigned long long)flows, (unsigned long long)hosts,
                         (unsigned long long)(span_us / US_PER_SECOND));
    }
    return STATUS_OK;
}

static void generator_init(struct generator *generator, const struct generate_options *options)
{
    traffic_init(&generator->traffic, options->seed, options->flow_count, host_count_of(options),
                 span_us_of(options));
    generator->cycle_count = options->cycle_count;
    generator->cycle_length =
        options->cycle_length != 0 ? options->cycle_length : CYCLE_LENGTH_DEFAULT;
    generator->stop = options->stop;
    generator->second = UINT64_MAX;
    if (generator->cycle_count > 0) {
        planted_cycle_place(&generator->cycle, &generator->traffic, generator->cycle_count,
                            generator->cycle_length, 0);
        generator->stretch_end =
            planted_stretch_start(&generator->traffic, generator->cycle_count, 1);
    }
}

static enum status write_flows(struct generator *generator, struct error *error)
{
    buffer_put_text(&generator->flows.buffer, header);
    buffer_put_text(&generator->cycles.buffer, cycles_header);
    for (uint64_t row = 0; row < generator->traffic.flow_count; row++) {
        TRY(write_row(generator, row, error));
        TRY(output_flush(&generator->flows, FLUSH_BYTES, error));
        if (file_writer_is_closed(generator->flows.file)) {
            break;
        }
        if ((row & 4095) == 0 && generator->stop != NULL && *generator->stop != 0) {
            return error_set(error, STATUS_INTERRUPTED, "interrupted after %llu of %llu flows",
                             (unsigned long long)row,
                             (unsigned long long)generator->traffic.flow_count);
        }
    }
    TRY(output_flush(&generator->flows, 0, error));
    return output_flush(&generator->cycles, 0, error);
}

static enum status write_row(struct generator *generator, uint64_t row, struct error *error)
{
    struct planted_cycle *cycle = &generator->cycle;
    const struct traffic *traffic = &generator->traffic;
    if (generator->cycle_count > 0 && row == generator->stretch_end) {
        uint64_t number = cycle->number + 1;
        planted_cycle_place(cycle, traffic, generator->cycle_count, generator->cycle_length,
                            number);
        generator->stretch_end = planted_stretch_start(traffic, generator->cycle_count, number + 1);
        generator->step = 0;
    }
    if (generator->step < cycle->length && cycle->rows[generator->step] == row) {
        struct traffic_flow flow = planted_cycle_flow(cycle, traffic, generator->step);
        put_flow(generator, &flow, cycle->number + 1);
        put_step(generator, &flow);
        generator->step++;
        return output_flush(&generator->cycles, FLUSH_BYTES, error);
    }
    struct traffic_flow flow = traffic_flow(traffic, row);
    put_flow(generator, &flow, 0);
    return STATUS_OK;
}

/* `cycle_number` 0: of no cycle. */
static void put_flow(struct generator *generator, const struct traffic_flow *flow,
                     uint64_t cycle_number)
{
    struct buffer *buffer = &generator->flows.buffer;
    put_start(generator, flow->start_us);
    char fraction[8] = {'.', '0', '0', '0', '0', '0', '0', ','};
    uint64_t rest = flow->duration_us % US_PER_SECOND;
    for (int digit = 6; digit > 0; digit--, rest /= 10) {
        fraction[digit] = (char)('0' + rest % 10);
    }
    put_decimal(buffer, flow->duration_us / US_PER_SECOND);
    buffer_put(buffer, fraction, sizeof(fraction));
    buffer_put_text(buffer, flow->protocol);
    buffer_put_byte(buffer, ',');
    put_address(buffer, flow->source);
    put_optional(buffer, flow->source_port, flow->has_hex_ports);
    buffer_put_text(buffer, flow->direction);
    buffer_put_byte(buffer, ',');
    put_address(buffer, flow->target);
    put_optional(buffer, flow->target_port, flow->has_hex_ports);
    buffer_put_text(buffer, flow->state);
    buffer_put_byte(buffer, ',');
    put_optional(buffer, flow->source_tos, false);
    put_optional(buffer, flow->target_tos, false);
    put_optional(buffer, (int64_t)flow->packets, false);
    put_optional(buffer, (int64_t)flow->bytes, false);
    put_optional(buffer, (int64_t)flow->source_bytes, false);
    buffer_put_text(buffer, "flow=");
    buffer_put_text(buffer, flow->label);
    if (cycle_number > 0) {
        buffer_put_byte(buffer, '-');
        put_decimal(buffer, cycle_number);
    }
    buffer_put_byte(buffer, '\n');
}

/* As Argus writes it, `2011/08/16 10:01:46.972101`, and a comma. */
static void put_start(struct generator *generator, uint64_t start_us)
{
    struct buffer *buffer = &generator->flows.buffer;
    uint64_t time_us = CAPTURE_START_US + start_us;
    if (time_us / US_PER_SECOND != generator->second) {
        generator->second = time_us / US_PER_SECOND;
        time_t second = (time_t)generator->second;
        struct tm calendar = {0};
        gmtime_r(&second, &calendar);
        strftime(generator->second_text, sizeof(generator->second_text), "%Y/%m/%d %H:%M:%S.",
                 &calendar);
    }
    buffer_put(buffer, generator->second_text, SECOND_TEXT_BYTES);
    char fraction[7] = {0, 0, 0, 0, 0, 0, ','};
    uint64_t rest = time_us % US_PER_SECOND;
    for (int digit = 5; digit >= 0; digit--, rest /= 10) {
        fraction[digit] = (char)('0' + rest % 10);
    }
    buffer_put(buffer, fraction, sizeof(fraction));
}

static void put_decimal(struct buffer *buffer, uint64_t number)
{
    char text[NUMBER_TEXT_BYTES];
    buffer_put(buffer, text, integer_format((int64_t)number, text));
}

/* A number or nothing, and a comma. Hexadecimal as in the ports of ICMP. */
static void put_optional(struct buffer *buffer, int64_t number, bool is_hex)
{
    static const char digits[] = "0123456789abcdef";
    if (number != TRAFFIC_NONE && is_hex) {
        const char text[] = {'0',
                             'x',
                             digits[number >> 12 & 15],
                             digits[number >> 8 & 15],
                             digits[number >> 4 & 15],
                             digits[number & 15]};
        buffer_put(buffer, text, sizeof(text));
    } else if (number != TRAFFIC_NONE) {
        put_decimal(buffer, (uint64_t)number);
    }
    buffer_put_byte(buffer, ',');
}

/* And a comma. */
static void put_address(struct buffer *buffer, struct address address)
{
    char text[ADDRESS_TEXT_BYTES];
    buffer_put(buffer, text, address_format(address, text));
    buffer_put_byte(buffer, ',');
}

/* A line of the list of cycles. */
static void put_step(struct generator *generator, const struct traffic_flow *flow)
{
    if (generator->cycles.file == NULL) {
        return;
    }
    struct buffer *buffer = &generator->cycles.buffer;
    char time[TIME_TEXT_BYTES];
    char target[ADDRESS_TEXT_BYTES];
    uint32_t time_bytes = time_format((int64_t)((CAPTURE_START_US + flow->start_us) * 1000), time);
    put_optional(buffer, (int64_t)generator->cycle.number + 1, false);
    put_optional(buffer, (int64_t)generator->step + 1, false);
    put_optional(buffer, (int64_t)generator->cycle.rows[generator->step], false);
    buffer_put(buffer, time, time_bytes);
    buffer_put_byte(buffer, ',');
    put_address(buffer, flow->source);
    buffer_put(buffer, target, address_format(flow->target, target));
    buffer_put_byte(buffer, '\n');
}

static enum status output_flush(struct output *output, uint64_t over_bytes, struct error *error)
{
    if (output->buffer.is_failed) {
        return error_set_memory(error, "making flows");
    }
    uint64_t size = output->buffer.size;
    if (output->file == NULL || size <= over_bytes) {
        return STATUS_OK;
    }
    output->buffer.size = 0;
    return file_writer_put(output->file, output->buffer.data, size, error);
}
