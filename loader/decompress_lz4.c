/* LZ4 in its frame format, by liblz4. */
#include <lz4frame.h>

#include "base/memory.h"
#include "loader/decompress_codec.h"

static void *lz4_open(void)
{
    LZ4F_dctx *context = NULL;
    if (memory_fault_due() ||
        LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) {
        return NULL;
    }
    return context;
}

static enum codec_result lz4_step(void *state, struct codec_step *step)
{
    size_t in_bytes = step->in_bytes;
    size_t out_bytes = step->out_bytes;
    size_t result = LZ4F_decompress(state, step->out, &out_bytes, step->in, &in_bytes, NULL);
    if (LZ4F_isError(result)) {
        step->reason = LZ4F_getErrorName(result);
        return CODEC_DAMAGED;
    }
    step->in += in_bytes;
    step->in_bytes -= in_bytes;
    step->out += out_bytes;
    step->out_bytes -= out_bytes;
    return result == 0 ? CODEC_END : CODEC_GOING;
}

static bool lz4_restart(void *state)
{
    (void)state; /* it goes on by itself */
    return true;
}

static void lz4_close(void *state)
{
    LZ4F_freeDecompressionContext(state);
}

const struct codec codec_lz4 = {
    .name = "lz4",
    .magic = {0x04, 0x22, 0x4d, 0x18},
    .magic_bytes = 4,
    .open = lz4_open,
    .step = lz4_step,
    .restart = lz4_restart,
    .close = lz4_close,
};
