/* Zstandard (RFC 8878), by libzstd. A window of more than 128 MiB (--ultra --long=28 and above) is
 * refused, as the library does unless told otherwise. */
#include <zstd.h>
#include <zstd_errors.h>

#include "base/memory.h"
#include "loader/decompress_codec.h"

static void *zstd_open(void)
{
    return memory_fault_due() ? NULL : ZSTD_createDStream();
}

static enum codec_result zstd_step(void *state, struct codec_step *step)
{
    ZSTD_inBuffer in = {step->in, step->in_bytes, 0};
    ZSTD_outBuffer out = {step->out, step->out_bytes, 0};
    size_t result = ZSTD_decompressStream(state, &out, &in);
    step->in += in.pos;
    step->in_bytes -= in.pos;
    step->out += out.pos;
    step->out_bytes -= out.pos;
    if (!ZSTD_isError(result)) {
        return result == 0 ? CODEC_END : CODEC_GOING;
    }
    step->reason = ZSTD_getErrorName(result);
    return ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation ? CODEC_NO_MEMORY
                                                                     : CODEC_DAMAGED;
}

static bool zstd_restart(void *state)
{
    (void)state; /* it goes on by itself */
    return true;
}

static void zstd_close(void *state)
{
    ZSTD_freeDStream(state);
}

const struct codec codec_zstd = {
    .name = "zstd",
    .magic = {0x28, 0xb5, 0x2f, 0xfd},
    .magic_bytes = 4,
    .open = zstd_open,
    .step = zstd_step,
    .restart = zstd_restart,
    .close = zstd_close,
};
