#include "loader/content.h"

#include "loader/child.h"
#include "loader/decompress.h"

/* An archive within an archive within an archive is somebody's joke. */
enum { LAYERS_MAX = 4 };

/* What people have beside flows. Text has none of these there. */
static const struct {
    uint32_t at; /* in bytes from the start */
    const char *magic;
    uint32_t magic_bytes;
    const char *what;
    const char *advice;
} refused[] = {
    {0, "PK\3\4", 4, "a ZIP archive", "unpack it first"},
    {0, "7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive", "unpack it first"},
    {0, "Rar!\x1a\7", 6, "a RAR archive", "unpack it first"},
    {0, "\x1f\x9d", 2, "an archive of compress", "unpack it first"},
    {0, "\x02\x21\x4c\x18", 4, "an lz4 archive in the old form", "unpack it first"},
    {0, "\xd4\xc3\xb2\xa1", 4, "a capture of packets",
     "make flows of it first, with argus or zeek"},
    {0, "\xa1\xb2\xc3\xd4", 4, "a capture of packets",
     "make flows of it first, with argus or zeek"},
    {0, "\x4d\x3c\xb2\xa1", 4, "a capture of packets",
     "make flows of it first, with argus or zeek"},
    {0, "\x0a\x0d\x0d\x0a", 4, "a capture of packets",
     "make flows of it first, with argus or zeek"},
    {0, "\xff\xfe", 2, "text in UTF-16",
     "write it in UTF-8 first, as iconv -f UTF-16 -t UTF-8 does"},
    {0, "\xfe\xff", 2, "text in UTF-16",
     "write it in UTF-8 first, as iconv -f UTF-16 -t UTF-8 does"},
    {0, "PAR1", 4, "a Parquet file", "write it as CSV first"},
    {256, "\0ustar", 6, "a tar archive", "unpack it first"},
};

static enum status peel(struct content *content, struct file_input *input,
                        const struct content_means *means, struct error *error);

enum status content_open(struct content *content, const char *path,
                         const struct content_means *means, struct error *error)
{
    enum status status = STATUS_OK;
    struct file_input input;
    TRY(file_input_open(&input, path, error));
    if (!file_input_map(&input, &content->view)) {
        intake_init(&content->intake, means->arena);
        TRY_DONE(intake_read(&content->intake, &input, means->stop, error));
        content->view =
            (struct file_view){.data = content->intake.data, .size = content->intake.size};
    }
    TRY_DONE(peel(content, &input, means, error));
done:
    file_input_close(&input);
    if (status != STATUS_OK) {
        content_close(content);
    }
    return status;
}

void content_close(struct content *content)
{
    file_close(&content->view);
    intake_close(&content->intake);
}

static struct bytes bytes_of_view(const struct content *content)
{
    return bytes_view(content->view.data, content->view.size);
}

static enum status check_refused(struct bytes bytes, const char *name, struct error *error)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (bytes.size >= refused[i].at + refused[i].magic_bytes &&
            memcmp(bytes.data + refused[i].at, refused[i].magic, refused[i].magic_bytes) == 0) {
            return error_set_at(error, STATUS_INPUT, name, 0, 0, "is %s: %s", refused[i].what,
                                refused[i].advice);
        }
    }
    return STATUS_OK;
}

/* The other program gets the file itself where the content is just that, and a copy of what came
 * out of a pipe or an archive. */
static enum status render(struct intake *out, const struct content *content,
                          const struct child_format *format, const struct file_input *input,
                          const struct content_means *means, struct error *error)
{
    struct bytes bytes = bytes_of_view(content);
    if (content->view.mapped_bytes > 0) {
        return child_render(out, format, input, bytes, means->stop, error);
    }
    struct file_input copy;
    if (!budget_take(means->budget, bytes.size)) {
        return error_set_at(error, STATUS_LIMIT, input->name, 0, 0,
                            "the memory limit was reached while reading it; raise --memory-limit");
    }
    enum status status = file_input_fill(&copy, bytes, input->name, error);
    if (status == STATUS_OK) {
        status = child_render(out, format, &copy, bytes, means->stop, error);
        file_input_close(&copy);
    }
    budget_give(means->budget, bytes.size);
    return status;
}

/* Replaces the content by what is in it, until it is text. */
static enum status peel(struct content *content, struct file_input *input,
                        const struct content_means *means, struct error *error)
{
    enum status status = STATUS_OK;
    struct intake inner = {0};
    for (uint32_t layer = 0;; layer++) {
        struct bytes bytes = bytes_of_view(content);
        const struct codec *codec = codec_of(bytes);
        const struct child_format *format = child_format_of(bytes);
        if (codec == NULL && format == NULL) {
            return check_refused(bytes, input->name, error);
        }
        if (layer == LAYERS_MAX) {
            return error_set_at(error, STATUS_INPUT, input->name, 0, 0,
                                "has archives within archives, more than %d deep", LAYERS_MAX);
        }
        intake_init(&inner, means->arena);
        if (codec != NULL) {
            TRY_DONE(decompress(&inner, codec, bytes, input->name, means->stop, error));
        } else {
            TRY_DONE(render(&inner, content, format, input, means, error));
        }
        content_close(content);
        content->intake = inner;
        content->view = (struct file_view){.data = inner.data, .size = inner.size};
        inner = (struct intake){0};
    }
done:
    intake_close(&inner);
    return status;
}
