/* The layout of a small file, from its text: what a load knows of its columns once it has sampled
 * them. Header only; a test that includes it has one file, named after it. */
#ifndef GYRE_TESTS_SUPPORT_SAMPLED_H
#define GYRE_TESTS_SUPPORT_SAMPLED_H

#include <CUnit/Basic.h>

#include "loader/layout.h"
#include "tests/support/loading.h"

static struct rig rig;
static char path[256];
static struct source source;
static struct layout layout;
static struct load_report report;

static inline int open_rig(void)
{
    rig_open(&rig, 1);
    test_path(path, sizeof path, SAMPLED_FILE);
    return 0;
}

static inline int close_rig(void)
{
    rig_close(&rig);
    remove(path);
    return 0;
}

/* Reads the head of a file with that text, and samples it. */
static inline void open_layout(const struct text_buffer *text)
{
    const char *const paths[] = {path};
    struct header_wishes wishes = {0};
    struct error error = {0};
    source = (struct source){0};
    report = (struct load_report){0};
    write_file(path, text->data, text->size);
    CU_ASSERT_EQUAL_FATAL(source_open(&source, paths, 1, rig.team, &rig.budget, &rig.stop, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(layout_open(&layout, &source, &wishes, &report, &error), STATUS_OK);
}

static inline void close_layout(void)
{
    layout_close(&layout);
    source_close(&source);
}

#endif
