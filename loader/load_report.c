/* The words of the report. */
#include "loader/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

static void mark_cut(char *note);

const char *reject_reason_text(enum reject_reason reason)
{
    switch (reason) {
    case REJECT_TOO_FEW_FIELDS:
        return "too few fields";
    case REJECT_TOO_MANY_FIELDS:
        return "too many fields";
    case REJECT_BAD_TIME:
        return "the start time is no time";
    case REJECT_NO_TIME:
        return "the start time is empty";
    case REJECT_NO_ADDRESS:
        return "an address is empty";
    case REJECT_BAD_NUMBER:
        return "a number is none";
    case REJECT_BAD_QUOTE:
        return "a quote is not closed, or text follows it";
    case REJECT_LINE_TOO_LONG:
        return "the line is longer than 1 MiB";
    case REJECT_NUL_BYTE:
        return "a NUL byte";
    case REJECT_BAD_JSON:
        return "the line is no object of JSON";
    case REJECT_REASONS:
        break;
    }
    CHECK(!"a reason");
    return "";
}

bool reject_is_of_field(enum reject_reason reason)
{
    return reason == REJECT_BAD_TIME || reason == REJECT_NO_TIME || reason == REJECT_BAD_NUMBER ||
           reason == REJECT_NO_ADDRESS;
}

void load_report_note(struct load_report *report, const char *format, ...)
{
    if (report->note_count == LOAD_NOTES_MAX) {
        return;
    }
    char *note = report->notes[report->note_count++];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(note, LOAD_NOTE_BYTES, format, arguments);
    va_end(arguments);
    if (size >= LOAD_NOTE_BYTES) {
        mark_cut(note);
    }
}

/* The note fills its room; what was cut off is not to look like its end. A character that would
 * lose a part goes too. */
static void mark_cut(char *note)
{
    static const char more[] = "...";
    size_t size = LOAD_NOTE_BYTES - sizeof more;
    while (size > 0 && ((unsigned char)note[size] & 0xc0) == 0x80) {
        size--;
    }
    memcpy(note + size, more, sizeof more);
}
