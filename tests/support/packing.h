/* For tests: each library packs by itself what the loader is to unpack. */
#ifndef GYRE_TESTS_SUPPORT_PACKING_H
#define GYRE_TESTS_SUPPORT_PACKING_H

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "loader/decompress_codec.h"

/* Each packs `size` bytes into `out`, which has room for them however they pack, and returns how
 * many it took. */

static inline size_t pack_gzip(const char *data, size_t size, char *out, size_t out_bytes)
{
    z_stream stream = {0};
    CHECK(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)data;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)out_bytes;
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    size_t packed_bytes = stream.total_out;
    deflateEnd(&stream);
    return packed_bytes;
}

static inline size_t pack_zstd(const char *data, size_t size, char *out, size_t out_bytes)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t packed_bytes = ZSTD_compress2(context, out, out_bytes, data, size);
    ZSTD_freeCCtx(context);
    CHECK(!ZSTD_isError(packed_bytes));
    return packed_bytes;
}

static inline size_t pack_xz(const char *data, size_t size, char *out, size_t out_bytes)
{
    size_t packed_bytes = 0;
    CHECK(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, (const uint8_t *)data, size,
                                  (uint8_t *)out, &packed_bytes, out_bytes) == LZMA_OK);
    return packed_bytes;
}

static inline size_t pack_bzip2(const char *data, size_t size, char *out, size_t out_bytes)
{
    unsigned packed_bytes = (unsigned)out_bytes;
    CHECK(BZ2_bzBuffToBuffCompress(out, &packed_bytes, (char *)(uintptr_t)data, (unsigned)size, 1,
                                   0, 0) == BZ_OK);
    return packed_bytes;
}

static inline size_t pack_lz4(const char *data, size_t size, char *out, size_t out_bytes)
{
    LZ4F_preferences_t preferences = {
        .frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    size_t packed_bytes = LZ4F_compressFrame(out, out_bytes, data, size, &preferences);
    CHECK(!LZ4F_isError(packed_bytes));
    return packed_bytes;
}

static const struct {
    const struct codec *codec;
    size_t (*pack)(const char *data, size_t size, char *out, size_t out_bytes);
} packers[] = {
    {&codec_gzip, pack_gzip},   {&codec_zstd, pack_zstd}, {&codec_xz, pack_xz},
    {&codec_bzip2, pack_bzip2}, {&codec_lz4, pack_lz4},
};
enum { PACKER_COUNT = sizeof packers / sizeof *packers };

#endif
