#include "loader/field.h"

#include "base/check.h"
#include "base/number.h"

/* Floats are kept as decimals while (double)mantissa / 10^scale is exactly what was written. */
#define MANTISSA_MAX (INT64_C(1) << 53)

enum { SCALE_FAST_MAX = 7 };

static bool read_integer_slowly(const struct field_run *run, struct bytes field, int64_t *value,
                                bool *is_null);
static bool read_float_slowly(const struct field_run *run, struct wide *wide, uint32_t row,
                              struct bytes field);
static uint32_t read_odd_times(const struct field_run *run, struct wide *wide, uint32_t *failed);

/* Decimal digits, eight at a time in a register (SWAR). The last `size` <= 8 bytes before `end`,
 * as digits with zeros in front; bytes that are no digits give bytes over 9. */
static inline uint64_t digits_before(const char *end, uint64_t size)
{
    static const uint64_t masks[9] = {0,
                                      0xff00000000000000,
                                      0xffff000000000000,
                                      0xffffff0000000000,
                                      0xffffffff00000000,
                                      0xffffffffff000000,
                                      0xffffffffffff0000,
                                      0xffffffffffffff00,
                                      UINT64_MAX};
    return (load_8(end - 8) ^ UINT64_C(0x3030303030303030)) & masks[size];
}

static inline bool are_digits(uint64_t digits)
{
    return (((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080)) == 0;
}

/* Pairs, then fours, then eight: three multiplications. */
static inline int64_t digits_value(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    uint64_t high = (digits & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064);
    uint64_t low = ((digits >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001);
    return (int64_t)((high + low) >> 32);
}

/* Inlined for either case, so that columns whose type is known do not pay for the others. */
static inline uint32_t read_integers(const struct field_run *run, struct wide *wide,
                                     uint32_t *failed, const bool is_guessed)
{
    const struct field_run local = *run;
    int64_t *values = (int64_t *)wide->values + local.first_row;
    uint32_t *nulls = wide->nulls;
    uint32_t null_count = wide->null_count;
    uint32_t failed_count = 0;
    for (uint32_t i = 0; i < local.count; i++) {
        struct bytes field = field_at(&local.rows[i], local.column, local.is_last);
        bool is_null = field.size == 0;
        if (LIKELY(field.size <= 8)) {
            uint64_t digits = digits_before(field.data + field.size, field.size);
            values[i] = digits_value(digits);
            bool is_plain = !is_guessed || field.size < 2 || field.data[0] != '0';
            if (LIKELY(are_digits(digits) && is_plain)) {
                nulls[null_count] = local.first_row + i;
                null_count += is_null;
                continue;
            }
        }
        failed[failed_count] = i;
        failed_count += !read_integer_slowly(run, field, &values[i], &is_null);
        nulls[null_count] = local.first_row + i;
        null_count += is_null;
    }
    wide->null_count = null_count;
    return failed_count;
}

uint32_t field_read_integers(const struct field_run *run, struct wide *wide, uint32_t *failed)
{
    return run->is_guessed ? read_integers(run, wide, failed, true)
                           : read_integers(run, wide, failed, false);
}

/* A decimal with exactly `scale` <= SCALE_FAST_MAX digits after its point and at most 8 before, no
 * sign; so it is within MANTISSA_MAX. */
static inline bool read_decimal(struct bytes field, uint32_t scale, int64_t unit, int64_t *value)
{
    uint64_t whole_size = field.size - scale - 1; /* wraps for shorter fields */
    if (UNLIKELY(whole_size - 1 > 7)) {
        return false;
    }
    const char *end = field.data + field.size;
    const char *point = field.data + whole_size;
    uint64_t whole = digits_before(point, whole_size);
    uint64_t fraction = digits_before(end, scale);
    *value = digits_value(whole) * unit + digits_value(fraction);
    return *point == '.' && are_digits(whole) && are_digits(fraction);
}

static bool is_scale_fast(const struct wide *wide)
{
    return !wide->is_double && wide->scale >= 1 && wide->scale <= SCALE_FAST_MAX;
}

uint32_t field_read_floats(const struct field_run *run, struct wide *wide, uint32_t *failed)
{
    uint32_t failed_count = 0;
    int64_t *values = (int64_t *)wide->values + run->first_row;
    uint32_t scale = wide->scale;
    bool is_fast = is_scale_fast(wide);
    int64_t unit = is_fast ? (int64_t)power_of_ten(scale) : 1;
    for (uint32_t i = 0; i < run->count; i++) {
        struct bytes field = field_at(&run->rows[i], run->column, run->is_last);
        int64_t value;
        if (LIKELY(is_fast && read_decimal(field, scale, unit, &value)) &&
            LIKELY(!run->is_guessed || field.data[0] != '0' || field.data[1] == '.')) {
            values[i] = value;
            continue;
        }
        failed[failed_count] = i;
        failed_count += !read_float_slowly(run, wide, run->first_row + i, field);
        if (UNLIKELY(wide->scale != scale || wide->is_double)) {
            scale = wide->scale;
            is_fast = is_scale_fast(wide);
            unit = is_fast ? (int64_t)power_of_ten(scale) : 1;
        }
    }
    return failed_count;
}

uint32_t field_read_times(const struct field_run *run, struct wide *wide, struct time_cache *cache,
                          uint32_t *failed)
{
    uint32_t failed_count = 0;
    int64_t *values = (int64_t *)wide->values + run->first_row;
    if (run->reading != READ_PLAIN) {
        return read_odd_times(run, wide, failed);
    }
    for (uint32_t i = 0; i < run->count; i++) {
        struct bytes field = field_at(&run->rows[i], run->column, run->is_last);
        if (LIKELY(time_parse_cached(cache, field, &values[i]))) {
            continue;
        }
        struct bytes trimmed = bytes_trim(field);
        if (is_null_text(&run->nulls, trimmed)) {
            wide->nulls[wide->null_count++] = run->first_row + i;
            values[i] = 0;
        } else if (trimmed.size == field.size || !time_parse(trimmed, &values[i])) {
            failed[failed_count++] = i;
            values[i] = 0;
        }
    }
    return failed_count;
}

/* Texts that are null as addresses are of one byte. */
uint32_t field_find_nulls(const struct field_run *run, uint32_t *failed)
{
    uint32_t failed_count = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        struct bytes field = field_at(&run->rows[i], run->column, run->is_last);
        if (UNLIKELY(field.size <= 1 || field.data[0] == ' ' || field.data[0] == '\t') &&
            is_null_text(&run->nulls, bytes_trim(field))) {
            failed[failed_count++] = i;
        }
    }
    return failed_count;
}

bool field_read_texts(const struct field_run *run, struct wide *wide, struct text_coder *coder)
{
    const struct field_run local = *run;
    uint32_t *codes = (uint32_t *)wide->values + local.first_row;
    uint32_t *nulls = wide->nulls;
    uint32_t null_count = wide->null_count;
    for (uint32_t i = 0; i < local.count; i++) {
        struct bytes field = field_at(&local.rows[i], local.column, local.is_last);
        uint32_t code = text_coder_code(coder, field);
        if (UNLIKELY(code == CODE_NO_MEMORY)) {
            return false;
        }
        codes[i] = code;
        nulls[null_count] = local.first_row + i;
        null_count += code == CODE_NONE;
    }
    wide->null_count = null_count;
    return true;
}

/* Codes that were new to this block may have been met earlier in it than their stamp says. */
static inline void keep_code(const struct address_coder *coder, uint32_t code, uint64_t stamp,
                             uint32_t known_count, uint32_t *to)
{
    if (UNLIKELY(code >= known_count)) {
        DCHECK(code != CODE_NONE);
        uint64_t *first_seen = &coder->table->first_seen[code];
        *first_seen = *first_seen < stamp ? *first_seen : stamp;
    }
    *to = code;
}

/* The codes of those that the memory does not know. */
static bool read_pending(const struct pending_address *pending, uint32_t count, uint32_t *codes,
                         struct address_coder *coder, uint64_t stamp, uint32_t known_count)
{
    for (uint32_t i = 0; i < count && i < PENDING_AHEAD; i++) {
        address_coder_fetch(coder, &pending[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i + PENDING_AHEAD < count) {
            address_coder_fetch(coder, &pending[i + PENDING_AHEAD]);
        }
        uint64_t own = stamp + 2 * (uint64_t)pending[i].row;
        uint32_t code = address_coder_end(coder, &pending[i], own);
        if (UNLIKELY(code == CODE_NO_MEMORY)) {
            return false;
        }
        keep_code(coder, code, own, known_count, &codes[pending[i].row]);
    }
    return true;
}

bool field_read_addresses(const struct field_run *run, uint32_t *codes, struct address_coder *coder,
                          uint64_t stamp, uint32_t known_count)
{
    const struct field_run local = *run;
    struct pending_address pending[PENDING_ADDRESSES];
    stamp += 2 * (uint64_t)local.first_row;
    codes += local.first_row;
    for (uint32_t begin = 0; begin < local.count; begin += PENDING_ADDRESSES) {
        uint32_t end =
            local.count - begin < PENDING_ADDRESSES ? local.count : begin + PENDING_ADDRESSES;
        uint32_t pending_count = 0;
        for (uint32_t i = begin; i < end; i++) {
            struct bytes field = field_at(&local.rows[i], local.column, local.is_last);
            bool is_known;
            struct recent_address *recent = address_coder_recall(coder, field, &is_known);
            if (is_known) {
                keep_code(coder, recent->code, stamp + 2 * (uint64_t)i, known_count, &codes[i]);
            } else if (address_coder_begin(coder, field, recent, &pending[pending_count])) {
                pending[pending_count++].row = i;
            } else {
                return false;
            }
        }
        if (!read_pending(pending, pending_count, codes, coder, stamp, known_count)) {
            return false;
        }
    }
    return true;
}

static bool read_integer_slowly(const struct field_run *run, struct bytes field, int64_t *value,
                                bool *is_null)
{
    struct bytes trimmed = bytes_trim(field);
    *is_null = is_null_text(&run->nulls, trimmed);
    if (*is_null) {
        *value = 0;
        return true;
    }
    if (reading_integer(run->reading, trimmed, value) &&
        (!run->is_guessed || number_is_plain(trimmed))) {
        return true;
    }
    *value = 0;
    return false;
}

/* |mantissa| * factor within MANTISSA_MAX. */
static bool can_scale(int64_t mantissa, int64_t factor)
{
    uint64_t size = mantissa < 0 ? -(uint64_t)mantissa : (uint64_t)mantissa;
    return size <= (uint64_t)(MANTISSA_MAX / factor);
}

static void turn_into_doubles(struct wide *wide, uint32_t row_count)
{
    char *values = wide->values;
    double divisor = power_of_ten(wide->scale);
    for (uint32_t i = 0; i < row_count; i++) {
        int64_t mantissa;
        memcpy(&mantissa, values + i * sizeof mantissa, sizeof mantissa);
        double value = (double)mantissa / divisor;
        memcpy(values + i * sizeof value, &value, sizeof value);
    }
    wide->is_double = true;
}

/* Brings the rows so far to a larger scale, or to doubles where one of them would lose exactness.
 */
static void raise_scale(struct wide *wide, uint32_t row_count, uint32_t scale)
{
    int64_t *values = wide->values;
    int64_t factor = (int64_t)power_of_ten(scale - wide->scale);
    for (uint32_t i = 0; i < row_count; i++) {
        if (!can_scale(values[i], factor)) {
            turn_into_doubles(wide, row_count);
            return;
        }
    }
    for (uint32_t i = 0; i < row_count; i++) {
        values[i] *= factor;
    }
    wide->scale = scale;
}

/* Stores a number at the batch's row `row`; all rows before have a value, be it of null. */
static bool read_float_slowly(const struct field_run *run, struct wide *wide, uint32_t row,
                              struct bytes field)
{
    struct bytes trimmed = bytes_trim(field);
    int64_t *mantissas = wide->values;
    struct decimal decimal;
    double value = 0;
    bool is_null = is_null_text(&run->nulls, trimmed);
    mantissas[row] = 0;
    if (is_null) {
        wide->nulls[wide->null_count++] = row;
        return true;
    }
    if (run->is_guessed && !number_is_plain(trimmed)) {
        return false;
    }
    bool is_decimal = decimal_parse(trimmed, &decimal) && can_scale(decimal.mantissa, 1);
    if (is_decimal && !wide->is_double && decimal.scale > wide->scale) {
        raise_scale(wide, row, decimal.scale);
    }
    if (is_decimal && !wide->is_double) {
        int64_t factor = (int64_t)power_of_ten(wide->scale - decimal.scale);
        if (can_scale(decimal.mantissa, factor)) {
            mantissas[row] = decimal.mantissa * factor;
            return true;
        }
    }
    if (!float_parse(trimmed, &value)) {
        return false;
    }
    if (!wide->is_double) {
        turn_into_doubles(wide, row);
    }
    memcpy((char *)wide->values + row * sizeof value, &value, sizeof value);
    return true;
}

/* Seconds since 1970 with microseconds, as `1655071198.444458`, in three words. */
static inline bool read_epoch(struct bytes field, int64_t *value)
{
    if (UNLIKELY(field.size != 17)) {
        return false;
    }
    const char *point = field.data + 10;
    uint64_t high = digits_before(point - 8, 2);
    uint64_t low = digits_before(point, 8);
    uint64_t fraction = digits_before(point + 7, 6);
    if (UNLIKELY(*point != '.' || !are_digits(high) || !are_digits(low) || !are_digits(fraction))) {
        return false;
    }
    int64_t seconds = digits_value(high) * 100000000 + digits_value(low);
    int64_t ns = digits_value(fraction) * 1000;
    return !__builtin_mul_overflow(seconds, NS_PER_SECOND, value) &&
           !__builtin_add_overflow(*value, ns, value);
}

/* Times that are no text of a date: seconds first, the rest at its leisure. */
static uint32_t read_odd_times(const struct field_run *run, struct wide *wide, uint32_t *failed)
{
    uint32_t failed_count = 0;
    int64_t *values = (int64_t *)wide->values + run->first_row;
    bool is_epoch = run->reading == READ_SECONDS;
    for (uint32_t i = 0; i < run->count; i++) {
        struct bytes field = field_at(&run->rows[i], run->column, run->is_last);
        if (LIKELY(is_epoch && read_epoch(field, &values[i]))) {
            continue;
        }
        struct bytes trimmed = bytes_trim(field);
        if (is_null_text(&run->nulls, trimmed)) {
            wide->nulls[wide->null_count++] = run->first_row + i;
            values[i] = 0;
        } else if (!reading_time(run->reading, trimmed, &values[i])) {
            failed[failed_count++] = i;
            values[i] = 0;
        }
    }
    return failed_count;
}
