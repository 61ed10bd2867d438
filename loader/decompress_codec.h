/* What the decompressor (loader/decompress.h) asks of a compression library; one file per library.
 * Internal to the loader. */
#ifndef GYRE_LOADER_DECOMPRESS_CODEC_H
#define GYRE_LOADER_DECOMPRESS_CODEC_H

#include <stdbool.h>
#include <stddef.h>

/* What is left of the input and of the room for output; a step moves both. */
struct codec_step {
    const char *in;
    size_t in_bytes; /* at most 1 MiB */
    char *out;
    size_t out_bytes;   /* at most 1 MiB */
    const char *reason; /* of CODEC_DAMAGED, in the library's words; never NULL then */
};

enum codec_result {
    CODEC_GOING, /* it wants more input or more room */
    CODEC_END,   /* the member (gzip's word; a frame, a stream) is whole, its checksum right */
    CODEC_DAMAGED,
    CODEC_NO_MEMORY,
};

struct codec {
    const char *name;
    unsigned char magic[6]; /* how each archive begins */
    unsigned char magic_bytes;
    void *(*open)(void); /* NULL: no memory */
    enum codec_result (*step)(void *state, struct codec_step *step);
    bool (*restart)(void *state); /* for the next member, after CODEC_END; false: no memory */
    void (*close)(void *state);
};

extern const struct codec codec_gzip;
extern const struct codec codec_zstd;
extern const struct codec codec_xz;
extern const struct codec codec_bzip2;
extern const struct codec codec_lz4;

#endif
