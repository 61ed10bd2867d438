#include "loader/decompress.h"

#include "loader/decompress_codec.h"

/* So that a stop is seen every few milliseconds, whatever the library does with its input. */
enum { STEP_BYTES = 1 << 20 };

static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd, &codec_xz, &codec_bzip2,
                                             &codec_lz4};

const struct codec *codec_of(struct bytes content)
{
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        const struct codec *codec = codecs[i];
        if (content.size >= codec->magic_bytes &&
            memcmp(content.data, codec->magic, codec->magic_bytes) == 0) {
            return codec;
        }
    }
    /* A frame to be skipped, as pzstd writes first; lz4 has the same, and nobody writes it first.
     */
    static const char skippable[] = {0x2a, 0x4d, 0x18};
    bool is_skippable = content.size >= 4 && (content.data[0] & 0xf0) == 0x50 &&
                        memcmp(content.data + 1, skippable, sizeof skippable) == 0;
    return is_skippable ? &codec_zstd : NULL;
}

static size_t at_most_step(uint64_t bytes)
{
    return bytes < STEP_BYTES ? bytes : STEP_BYTES;
}

/* Where the next member begins: behind padding. */
static uint64_t skip_zeros(struct bytes content, uint64_t at)
{
    while (at < content.size && content.data[at] == '\0') {
        at++;
    }
    return at;
}

static enum status refuse(const struct codec *codec, const char *reason, uint64_t at,
                          const char *name, struct error *error)
{
    if (reason == NULL) {
        return error_set_at(error, STATUS_INPUT, name, 0, 0,
                            "is incomplete: the %s archive ends too early, at byte %llu",
                            codec->name, (unsigned long long)at);
    }
    return error_set_at(error, STATUS_INPUT, name, 0, 0,
                        "is damaged: near byte %llu of the %s archive: %s", (unsigned long long)at,
                        codec->name, reason);
}

/* One step at `*at`, which it moves. `*is_done` tells that the archive is whole. */
static enum status decompress_step(struct intake *out, const struct codec *codec, void *state,
                                   struct bytes content, uint64_t *at, bool *is_done,
                                   const char *name, struct error *error)
{
    TRY(intake_reserve(out, "decompressing", name, error));
    struct codec_step step = {
        .in = content.data + *at,
        .in_bytes = at_most_step(content.size - *at),
        .out = out->data + out->size,
        .out_bytes = at_most_step(out->capacity - out->size),
    };
    enum codec_result result = codec->step(state, &step);
    uint64_t before = *at + out->size;
    *at = (uint64_t)(step.in - content.data);
    out->size = (uint64_t)(step.out - out->data);
    switch (result) {
    case CODEC_GOING:
        if (*at + out->size == before) {
            return refuse(codec, *at == content.size ? NULL : "no end in sight", *at, name, error);
        }
        return STATUS_OK;
    case CODEC_END:
        *at = skip_zeros(content, *at);
        *is_done = *at == content.size;
        return *is_done || codec->restart(state) ? STATUS_OK
                                                 : error_set_memory(error, "decompressing");
    case CODEC_DAMAGED:
        return refuse(codec, step.reason, *at, name, error);
    case CODEC_NO_MEMORY:
        break;
    }
    return error_set_memory(error, "decompressing");
}

enum status decompress(struct intake *out, const struct codec *codec, struct bytes content,
                       const char *name, struct stop *stop, struct error *error)
{
    enum status status = STATUS_OK;
    bool is_done = false;
    uint64_t at = 0;
    void *state = codec->open();
    if (state == NULL) {
        return error_set_memory(error, "decompressing");
    }
    while (!is_done) {
        if (stop != NULL && stop_poll(stop)) {
            status = stop_error(stop, "decompressing", error);
            goto done;
        }
        TRY_DONE(decompress_step(out, codec, state, content, &at, &is_done, name, error));
    }
    intake_fit(out);
done:
    codec->close(state);
    return status;
}
