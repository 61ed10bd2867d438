/* Lines of a terminal or of anything else; see lines.h. */
#include "cli/lines.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/interrupt.h"

#ifdef GYRE_LINE_EDITOR
#include <histedit.h>
#endif

static bool wait_for_input(const struct lines *lines);
static bool read_plain(struct lines *lines, char *text, size_t bytes, bool *is_failed);
static enum line ended(struct lines *lines, bool is_failed);
static void open_editor(struct lines *lines);
static void close_editor(struct lines *lines);
static bool edit(struct lines *lines, char *text, size_t bytes, bool *is_failed);

static void wake(int number)
{
    (void)number;
}

void lines_open(struct lines *lines, FILE *file)
{
    *lines = (struct lines){.file = file};
    lines->is_terminal = isatty(fileno(file)) == 1 && isatty(STDERR_FILENO) == 1;
    if (!lines->is_terminal) {
        return;
    }
    /* Who was stopped and goes on finds a terminal that others have set up: the line begins anew.
     */
    struct sigaction action = {.sa_handler = wake};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCONT, &action, NULL);
    const char *kind = getenv("TERM");
    if (kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0) {
        open_editor(lines);
    }
}

void lines_close(struct lines *lines)
{
    close_editor(lines);
    *lines = (struct lines){0};
}

enum line lines_next(struct lines *lines, const char *prompt, char *text, size_t bytes)
{
    for (;;) {
        bool is_failed = false;
        bool is_read = false;
        lines->prompt = prompt;
        text[0] = '\0';
        errno = 0;
        if (lines->editor != NULL) {
            is_read = edit(lines, text, bytes, &is_failed);
        } else {
            fputs(lines->is_terminal ? prompt : "", stderr);
            is_read = read_plain(lines, text, bytes, &is_failed);
        }
        if (is_read && !is_failed) {
            return LINE_READ;
        }
        enum line line = ended(lines, is_failed);
        if (line != LINE_READ) {
            return line;
        }
    }
}

/* False, with EINTR in errno, when a signal comes first. A terminal gives a line, or a letter where
 * lines are edited, so that nothing is in a buffer when this waits. */
static bool wait_for_input(const struct lines *lines)
{
    struct pollfd sources[] = {{.fd = fileno(lines->file), .events = POLLIN},
                               {.fd = interrupt_descriptor(), .events = POLLIN}};
    if (poll(sources, 2, -1) < 0) {
        return false;
    }
    errno = EINTR;
    return sources[1].revents == 0;
}

/* A NUL is no text, and would hide what is behind it. */
static bool read_plain(struct lines *lines, char *text, size_t bytes, bool *is_failed)
{
    size_t size = 0;
    int byte = 0;
    if (lines->is_terminal && !wait_for_input(lines)) {
        *is_failed = true;
        return false;
    }
    while (size + 1 < bytes && byte != '\n' && (byte = getc(lines->file)) > 0) {
        text[size++] = (char)byte;
    }
    text[size] = '\0';
    *is_failed = byte == 0 || ferror(lines->file) != 0;
    if (byte == 0) {
        errno = EILSEQ;
    }
    clearerr(lines->file);
    return size > 0;
}

/* Why there is no line; LINE_READ: for nothing that matters. */
static enum line ended(struct lines *lines, bool is_failed)
{
    int reason = errno;
    if (lines->is_terminal) {
        fputc('\n', stderr);
    }
    if (!is_failed) {
        return LINE_END;
    }
    errno = reason;
    if (reason != EINTR) {
        return LINE_FAILED;
    }
    /* On a terminal it may have been SIGCONT. */
    return interrupt_is_set() || !lines->is_terminal ? LINE_INTERRUPTED : LINE_READ;
}

#ifdef GYRE_LINE_EDITOR

enum { HISTORY_ENTRIES = 1000, ENTRY_BYTES = 1 << 16, COMPLETION_BYTES = 256 };

static char *show_prompt(EditLine *editor)
{
    const struct lines *lines = NULL;
    el_get(editor, EL_CLIENTDATA, &lines);
    return (char *)(uintptr_t)lines->prompt;
}

/* What libedit has for this waits in a read, where a signal that comes before is not seen. A Ctrl-D
 * that was typed before single letters were handed on comes as a NUL, which the editor would take
 * for the wish to have the next letter as it is: a second Ctrl-D would become text. */
static int read_letter(EditLine *editor, wchar_t *letter)
{
    const struct lines *lines = NULL;
    mbstate_t state = {0};
    size_t used = (size_t)-2;
    el_get(editor, EL_CLIENTDATA, &lines);
    while (used == (size_t)-2) {
        char byte = 0;
        if (!wait_for_input(lines)) {
            return -1;
        }
        ssize_t size = read(fileno(lines->file), &byte, 1);
        if (size <= 0) {
            return (int)size;
        }
        used = byte == '\0' ? used : mbrtowc(letter, &byte, 1, &state);
    }
    if (used == (size_t)-1) {
        *letter = L'?';
    }
    return 1;
}

/* GYRE_HISTORY, which is empty where nothing is to be kept, or a file in the user's folder. */
static void find_history(struct lines *lines)
{
    const char *told = getenv("GYRE_HISTORY");
    const char *home = getenv("HOME");
    int length = 0;
    if (told != NULL) {
        length = snprintf(lines->history_path, LINES_PATH_BYTES, "%s", told);
    } else if (home != NULL && home[0] != '\0') {
        length = snprintf(lines->history_path, LINES_PATH_BYTES, "%s/.gyre_history", home);
    }
    if (length >= LINES_PATH_BYTES) {
        lines->history_path[0] = '\0';
    }
}

/* What is no history is another's file, and stays as it is; as does a device, whose mode would be
 * changed when it is written. */
static void load_history(struct lines *lines)
{
    HistEvent event;
    struct stat file;
    find_history(lines);
    if (stat(lines->history_path, &file) == 0 &&
        (!S_ISREG(file.st_mode) ||
         (history(lines->history, &event, H_LOAD, lines->history_path) < 0 && file.st_size > 0))) {
        lines->history_path[0] = '\0';
    }
}

/* The bytes before the cursor that begin a word, with the point of a property before them, or the
 * colon of an order. */
static size_t begun(const LineInfo *line)
{
    const char *start = line->cursor;
    while (start > line->buffer && (isalnum((unsigned char)start[-1]) || start[-1] == '_')) {
        start--;
    }
    bool is_property = start > line->buffer && start[-1] == '.';
    bool is_order = start == line->buffer + 1 && start[-1] == ':';
    return (size_t)(line->cursor - start) + (is_property || is_order);
}

/* The words that begin in a certain way. */
struct completion {
    const char *first;
    size_t common; /* bytes that they have in common */
    uint32_t count;
};

typedef int compare_bytes(const char *left, const char *right, size_t size);

static struct completion find_words(const char *const *words, const char *start, size_t size,
                                    compare_bytes *compare)
{
    struct completion found = {0};
    for (; words != NULL && *words != NULL; words++) {
        if (compare(*words, start, size) != 0) {
            continue;
        }
        size_t common = found.count == 0 ? strlen(*words) : 0;
        while (common < found.common && (*words)[common] == found.first[common]) {
            common++;
        }
        found =
            (struct completion){found.count == 0 ? *words : found.first, common, found.count + 1};
    }
    return found;
}

static void list_words(const char *const *words, const char *start, size_t size)
{
    fputc('\n', stderr);
    for (; *words != NULL; words++) {
        if (strncasecmp(*words, start, size) == 0) {
            fprintf(stderr, "%s  ", *words);
        }
    }
    fputc('\n', stderr);
}

/* Tab: the bytes that all words have in common which begin like the one at hand; all of them where
 * these are there already. What is pasted comes faster than it is typed, and has blanks for Tab. */
static unsigned char complete(EditLine *editor, int key)
{
    const struct lines *lines = NULL;
    char text[COMPLETION_BYTES];
    int waiting = 0;
    (void)key;
    el_get(editor, EL_CLIENTDATA, &lines);
    const LineInfo *line = el_line(editor);
    size_t size = begun(line);
    const char *start = line->cursor - size;
    ioctl(fileno(lines->file), FIONREAD, &waiting);
    if (size == 0 || waiting > 0) {
        return el_insertstr(editor, " ") < 0 ? CC_ERROR : CC_REFRESH;
    }
    struct completion found = find_words(lines->words, start, size, strncmp);
    if (found.count == 0) {
        found = find_words(lines->words, start, size, strncasecmp);
    }
    if (found.count == 0 || found.common >= sizeof text) {
        return CC_ERROR;
    }
    if (found.count > 1 && found.common <= size) {
        list_words(lines->words, start, size);
        return CC_REDISPLAY;
    }
    snprintf(text, sizeof text, "%.*s", (int)found.common, found.first);
    el_deletestr(editor, (int)size);
    return el_insertstr(editor, text) < 0 ? CC_ERROR : CC_REFRESH;
}

/* The editor takes bytes for letters as the locale says, and queries are UTF-8 in any. Only this
 * thread is told so, and only while it edits: what the program writes depends on no locale.
 * Signals are left to cli/interrupt.c: the editor would send them on to the whole group. */
static void open_editor(struct lines *lines)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (locale == (locale_t)0) {
        return;
    }
    lines->locale = locale;
    locale_t before = uselocale(locale);
    HistEvent event;
    lines->editor = el_init("gyre", lines->file, stderr, stderr);
    lines->history = history_init();
    if (lines->editor != NULL && lines->history != NULL) {
        find_history(lines);
        history(lines->history, &event, H_SETSIZE, HISTORY_ENTRIES);
        history(lines->history, &event, H_SETUNIQUE, 1);
        load_history(lines);
        el_set(lines->editor, EL_CLIENTDATA, lines);
        el_set(lines->editor, EL_PROMPT, show_prompt);
        el_set(lines->editor, EL_GETCFN, read_letter);
        el_set(lines->editor, EL_EDITOR, "emacs");
        el_set(lines->editor, EL_HIST, history, lines->history);
        el_set(lines->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
        el_set(lines->editor, EL_ADDFN, "gyre-complete", "complete a word", complete);
        el_set(lines->editor, EL_BIND, "^I", "gyre-complete", NULL);
        el_source(lines->editor, NULL);
    }
    uselocale(before);
    if (lines->editor == NULL || lines->history == NULL) {
        close_editor(lines);
    }
}

static void close_editor(struct lines *lines)
{
    if (lines->history != NULL) {
        history_end(lines->history);
    }
    if (lines->editor != NULL) {
        el_end(lines->editor);
    }
    if (lines->locale != NULL) {
        freelocale(lines->locale);
    }
    lines->history = NULL;
    lines->editor = NULL;
    lines->locale = NULL;
}

static bool edit(struct lines *lines, char *text, size_t bytes, bool *is_failed)
{
    locale_t before = uselocale(lines->locale);
    int length = 0;
    el_resize(lines->editor);
    const char *line = el_gets(lines->editor, &length);
    *is_failed = line == NULL && length < 0;
    if (line != NULL) {
        snprintf(text, bytes, "%s", line);
    }
    uselocale(before);
    return line != NULL && length > 0;
}

void lines_remember(struct lines *lines, const char *text, const char *ending)
{
    static char entry[ENTRY_BYTES];
    HistEvent event;
    int length = snprintf(entry, sizeof entry, "%s%s", text, ending);
    if (lines->history == NULL || length <= 0 || length >= ENTRY_BYTES) {
        return;
    }
    /* At once: who closes the window wants to find it all the same. */
    history(lines->history, &event, H_ENTER, entry);
    if (lines->history_path[0] != '\0') {
        history(lines->history, &event, H_SAVE, lines->history_path);
    }
}

#else

void lines_remember(struct lines *lines, const char *text, const char *ending)
{
    (void)lines;
    (void)text;
    (void)ending;
}

static void open_editor(struct lines *lines)
{
    (void)lines;
}

static void close_editor(struct lines *lines)
{
    (void)lines;
}

static bool edit(struct lines *lines, char *text, size_t bytes, bool *is_failed)
{
    (void)lines;
    (void)text;
    (void)bytes;
    (void)is_failed;
    return false;
}

#endif
