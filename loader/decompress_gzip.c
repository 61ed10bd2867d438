/* gzip (RFC 1952), by zlib. */
#include <stdint.h>
#include <zlib.h>

#include "base/memory.h"
#include "loader/decompress_codec.h"

/* Says to zlib: the largest window, and gzip's header and nothing else. */
enum { GZIP_WINDOW_BITS = 15 + 16 };

static void *gzip_open(void)
{
    z_stream *stream = memory_allocate(1, sizeof *stream);
    if (stream != NULL && inflateInit2(stream, GZIP_WINDOW_BITS) != Z_OK) {
        memory_free(stream);
        stream = NULL;
    }
    return stream;
}

static enum codec_result gzip_step(void *state, struct codec_step *step)
{
    z_stream *stream = state;
    /* zlib does not write to its input; its type does not say so unless asked to. */
    stream->next_in = (Bytef *)(uintptr_t)step->in;
    stream->avail_in = (uInt)step->in_bytes;
    stream->next_out = (Bytef *)step->out;
    stream->avail_out = (uInt)step->out_bytes;
    int result = inflate(stream, Z_NO_FLUSH);
    step->in += step->in_bytes - stream->avail_in;
    step->in_bytes = stream->avail_in;
    step->out += step->out_bytes - stream->avail_out;
    step->out_bytes = stream->avail_out;
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR:
        return CODEC_GOING;
    case Z_STREAM_END:
        return CODEC_END;
    case Z_MEM_ERROR:
        return CODEC_NO_MEMORY;
    default:
        step->reason = stream->msg != NULL ? stream->msg : "invalid data";
        return CODEC_DAMAGED;
    }
}

static bool gzip_restart(void *state)
{
    return inflateReset(state) == Z_OK;
}

static void gzip_close(void *state)
{
    inflateEnd(state);
    memory_free(state);
}

const struct codec codec_gzip = {
    .name = "gzip",
    .magic = {0x1f, 0x8b, 8},
    .magic_bytes = 3,
    .open = gzip_open,
    .step = gzip_step,
    .restart = gzip_restart,
    .close = gzip_close,
};
