/* xz, by liblzma. */
#include <lzma.h>
#include <stdint.h>

#include "base/memory.h"
#include "loader/decompress_codec.h"

/* xz -9 wants 65 MiB; only an archive that asks for a window of its own size wants more. */
#define XZ_MEMORY_BYTES (UINT64_C(1) << 30)

static bool xz_restart(void *state)
{
    return lzma_stream_decoder(state, XZ_MEMORY_BYTES, 0) == LZMA_OK;
}

static void xz_close(void *state)
{
    lzma_end(state);
    memory_free(state);
}

static void *xz_open(void)
{
    lzma_stream *stream = memory_allocate(1, sizeof *stream);
    if (stream == NULL) {
        return NULL;
    }
    *stream = (lzma_stream)LZMA_STREAM_INIT;
    if (!xz_restart(stream)) {
        xz_close(stream);
        return NULL;
    }
    return stream;
}

static enum codec_result xz_step(void *state, struct codec_step *step)
{
    lzma_stream *stream = state;
    stream->next_in = (const uint8_t *)step->in;
    stream->avail_in = step->in_bytes;
    stream->next_out = (uint8_t *)step->out;
    stream->avail_out = step->out_bytes;
    lzma_ret result = lzma_code(stream, LZMA_RUN);
    step->in += step->in_bytes - stream->avail_in;
    step->in_bytes = stream->avail_in;
    step->out += step->out_bytes - stream->avail_out;
    step->out_bytes = stream->avail_out;
    switch ((int)result) {
    case LZMA_OK:
    case LZMA_BUF_ERROR:
        return CODEC_GOING;
    case LZMA_STREAM_END:
        return CODEC_END;
    case LZMA_MEM_ERROR:
        return CODEC_NO_MEMORY;
    case LZMA_MEMLIMIT_ERROR:
        step->reason = "it needs a window of more than 1 GiB";
        return CODEC_DAMAGED;
    case LZMA_FORMAT_ERROR:
        step->reason = "no xz header";
        return CODEC_DAMAGED;
    case LZMA_OPTIONS_ERROR:
        step->reason = "made with options that this liblzma does not know";
        return CODEC_DAMAGED;
    default:
        step->reason = "invalid data, or a checksum that is wrong";
        return CODEC_DAMAGED;
    }
}

const struct codec codec_xz = {
    .name = "xz",
    .magic = {0xfd, '7', 'z', 'X', 'Z', 0},
    .magic_bytes = 6,
    .open = xz_open,
    .step = xz_step,
    .restart = xz_restart,
    .close = xz_close,
};
