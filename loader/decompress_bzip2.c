/* bzip2, by libbz2. */
#include <bzlib.h>
#include <stdint.h>

#include "base/memory.h"
#include "loader/decompress_codec.h"

static void *bzip2_open(void)
{
    bz_stream *stream = memory_allocate(1, sizeof *stream);
    if (stream != NULL && BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK) {
        memory_free(stream);
        stream = NULL;
    }
    return stream;
}

static enum codec_result bzip2_step(void *state, struct codec_step *step)
{
    bz_stream *stream = state;
    /* The library does not write to its input; its type does not say so. */
    stream->next_in = (char *)(uintptr_t)step->in;
    stream->avail_in = (unsigned)step->in_bytes;
    stream->next_out = step->out;
    stream->avail_out = (unsigned)step->out_bytes;
    int result = BZ2_bzDecompress(stream);
    step->in += step->in_bytes - stream->avail_in;
    step->in_bytes = stream->avail_in;
    step->out += step->out_bytes - stream->avail_out;
    step->out_bytes = stream->avail_out;
    switch (result) {
    case BZ_OK:
        return CODEC_GOING;
    case BZ_STREAM_END:
        return CODEC_END;
    case BZ_MEM_ERROR:
        return CODEC_NO_MEMORY;
    case BZ_DATA_ERROR_MAGIC:
        step->reason = "no bzip2 header";
        return CODEC_DAMAGED;
    default:
        step->reason = "invalid data, or a checksum that is wrong";
        return CODEC_DAMAGED;
    }
}

static bool bzip2_restart(void *state)
{
    BZ2_bzDecompressEnd(state);
    return BZ2_bzDecompressInit(state, 0, 0) == BZ_OK;
}

static void bzip2_close(void *state)
{
    BZ2_bzDecompressEnd(state); /* refuses, and that is all, what a failed restart left */
    memory_free(state);
}

const struct codec codec_bzip2 = {
    .name = "bzip2",
    .magic = {'B', 'Z', 'h'},
    .magic_bytes = 3,
    .open = bzip2_open,
    .step = bzip2_step,
    .restart = bzip2_restart,
    .close = bzip2_close,
};
