#!/usr/bin/env python3
"""Checks what the compiler cannot: floors, sizes, forbidden calls, names of guards.

Usage: scripts/tidy.py [ROOT]

Prints `file:line: message` for each violation and exits with 1 when there is one. The rules are
those of docs/ARCHITECTURE.md (floors) and of the house style; each check below says why.
"""
import os
import re
import sys

FLOORS = {"base": 0, "numa": 1, "value": 2, "graph": 2, "loader": 3, "query": 3, "engine": 4,
          "pipeline": 5, "report": 6, "cli": 7}
FOLDERS = list(FLOORS) + ["include", "tests", "perf", "scripts"]
C_FILES = (".c", ".h", ".cc", ".l", ".y")
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100
UNFINISHED = re.compile(r"\b(%s)\b" % "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")))

# A header with side effects or a system behind it is included by as few files as possible.
CONFINED_HEADERS = {
    "hwloc.h": ("numa/topology.c",),
    "jemalloc/": ("numa/arena.c",),
    "omp.h": ("numa/team.c",),
    "xxhash.h": ("base/bytes.c", "base/bytes.h"),
    "sys/mman.h": ("base/file.c", "numa/"),
    "spawn.h": ("base/process.c",),
    "zlib.h": ("loader/decompress_gzip.c",),
    "zstd": ("loader/decompress_zstd.c",),
    "lzma.h": ("loader/decompress_xz.c",),
    "bzlib.h": ("loader/decompress_bzip2.c",),
    "lz4": ("loader/decompress_lz4.c",),
    "histedit.h": ("cli/lines.c",),
}

# Calls that only one place may make, so that tests can make the k-th of them fail. They bind the
# floors; the program stands outside the library and opens its own query files.
LIBRARY = tuple(name for name in FLOORS if name != "cli")
CONFINED_CALLS = [
    ("malloc calloc realloc reallocarray free strdup strndup aligned_alloc posix_memalign "
     "asprintf vasprintf getline getdelim",
     LIBRARY, ("base/memory.c",), "use base/memory.h or an arena"),
    ("open openat creat read pread readv write pwrite writev mmap munmap rename fopen freopen "
     "fdopen mkstemp unlink remove fsync",
     LIBRARY, ("base/file.c", "base/descriptor.c", "numa/"), "use base/file.h"),
    ("pthread_create thrd_create fork clone", tuple(FLOORS), (), "threads live in team_run"),
    ("posix_spawn posix_spawnp vfork execve execvp", tuple(FLOORS), ("base/process.c",),
     "use base/process.h"),
]

# Calls that are wrong everywhere, and what to use.
FORBIDDEN_CALLS = {
    "strtok": "it keeps hidden state: slice with base/bytes.h",
    "sprintf": "it cannot know the buffer's size: use snprintf",
    "vsprintf": "it cannot know the buffer's size: use vsnprintf",
    "gets": "it cannot know the buffer's size",
    "strcpy": "it cannot know the buffer's size: use memcpy or snprintf",
    "strcat": "it cannot know the buffer's size: use snprintf",
    "atoi": "it cannot fail: use base/number.h or strtol",
    "atol": "it cannot fail: use base/number.h or strtol",
    "atof": "it cannot fail: use base/number.h or strtod",
    "system": "no shell in here",
    "popen": "no shell in here",
    "alloca": "the stack has no limit that can be told: use an arena",
    "rand": "it differs between machines: use a generator of our own",
    "localtime": "it keeps hidden state, and times are UTC",
    "gmtime": "it keeps hidden state: use base/time_text.h",
    "setlocale": "output must not depend on the locale",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def floor_of(path):
    """The floor that a path belongs to, or None."""
    first = path.split("/")[0]
    return first if first in FLOORS and "/" in path else None


def code_of(text):
    """The text with comments and literals blanked, line by line as it was."""
    def blank(match):
        found = match.group(0)
        keep = '"' if found[0] == '"' else ""
        return keep + re.sub(r"[^\n]", " ", found[len(keep):len(found) - len(keep)]) + keep
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''
    return re.sub(pattern, blank, text, flags=re.S)


def call_pattern(names):
    """Matches a call of one of the names, but no member and no longer name."""
    return re.compile(r"(?<![\w.])(?<!->)(%s)\s*\(" % "|".join(names))


def check_lines(path, lines):
    """Tabs and trailing blanks make noise in changes; long lines break side-by-side reading (but a
    pattern of flex cannot be broken)."""
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX and not path.endswith(".l"):
            yield number, f"line of {len(line)} columns, {LINE_COLUMNS_MAX} at most"
        if "\t" in line:
            yield number, "tab: indent with blanks"
        if line != line.rstrip():
            yield number, "blank at the end of the line"
        if UNFINISHED.search(line):
            yield number, "unfinished work belongs into an issue, not into the code"
    if len(lines) > FILE_LINES_MAX and not path.startswith("scripts/"):
        yield FILE_LINES_MAX + 1, f"file of {len(lines)} lines, {FILE_LINES_MAX} at most"


def check_functions(path, lines):
    """A body opens with a brace in the first column, and closes with one: clang-format sees to
    that."""
    if not path.endswith((".c", ".h", ".cc")):
        return
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            if number - start - 1 > FUNCTION_LINES_MAX:
                yield start, (f"function of {number - start - 1} lines, "
                              f"{FUNCTION_LINES_MAX} at most")
            start = None


def check_include(path, header, is_quoted):
    """Why this file may not include that header, or None."""
    floor = floor_of(path)
    for confined, allowed in CONFINED_HEADERS.items():
        if header.startswith(confined) and not path.startswith(allowed) and floor is not None:
            return f"<{header}> belongs to {', '.join(allowed)}"
    if not is_quoted:
        return None
    if path.startswith("tests/support/oracle.") and not header.startswith("tests/"):
        return f"the oracle shares no code with what it checks, not even {header}"
    if path.startswith("include/"):
        return f"the public header stands alone, without {header}"
    if floor == "cli":
        if header != "gyre.h" and not header.startswith("cli/"):
            return f"the program uses gyre.h only, not {header}"
        return None
    other = floor_of(header)
    if floor is None or other is None:
        return None
    if FLOORS[other] > FLOORS[floor]:
        return f"{floor} lies below {other} and must not know {header}"
    if FLOORS[other] == FLOORS[floor] and other != floor:
        return f"{floor} and {other} stand side by side and must not know one another"
    return None


def check_includes(path, lines, root):
    """Floors, and the own header first, so that each header is known to stand alone."""
    own = os.path.splitext(path)[0] + ".h"
    is_first = path.endswith(".c") and os.path.exists(os.path.join(root, own))
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header, is_quoted = match.group(2), match.group(1) == '"'
        if is_first and header != own:
            yield number, f'the own header, "{own}", comes first'
        is_first = False
        reason = check_include(path, header, is_quoted)
        if reason:
            yield number, reason


def check_calls(path, lines):
    """Forbidden and confined calls, and the one parallel region."""
    confined = [(call_pattern(names.split()), allowed, advice)
                for names, floors, allowed, advice in CONFINED_CALLS if floor_of(path) in floors]
    forbidden = call_pattern(FORBIDDEN_CALLS)
    for number, line in enumerate(lines, 1):
        match = forbidden.search(line)
        if match:
            yield number, f"{match.group(1)}: {FORBIDDEN_CALLS[match.group(1)]}"
        for pattern, allowed, advice in confined:
            match = pattern.search(line)
            if match and not (allowed and path.startswith(allowed)):
                yield number, f"{match.group(1)}: {advice}"
        if re.match(r"\s*#\s*pragma\s+omp\b", line) and path != "numa/team.c":
            yield number, "omp: threads live in team_run (numa/team.h)"


def check_header(path, lines, root):
    """The guard is the path; a header of a floor that declares functions has its source."""
    if not path.endswith(".h"):
        return
    name = path[len("include/"):] if path.startswith("include/") else path
    guard = "GYRE_" + re.sub(r"\W", "_", name).upper() if name != "gyre.h" else "GYRE_H"
    directives = [(number, line.split()) for number, line in enumerate(lines, 1)
                  if line.startswith("#")]
    if (len(directives) < 2 or directives[0][1] != ["#ifndef", guard]
            or directives[1][1] != ["#define", guard]):
        yield directives[0][0] if directives else 1, f"the guard is {guard}"
    floor = floor_of(path)
    if floor is None or os.path.exists(os.path.join(root, os.path.splitext(path)[0] + ".c")):
        return
    for number, line in enumerate(lines, 1):
        if re.match(r"(?!static|typedef|#|struct \w+ \{|enum)\w[\w *]*\b\w+\(.*\)?;?$", line):
            yield number, f"declares functions, and there is no {os.path.splitext(path)[0]}.c"
            return


def check_file(path, root):
    """All violations in one file, as (line, message)."""
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    lines = text.split("\n")
    if lines[-1] != "":
        yield len(lines), "no newline at the end of the file"
    else:
        lines.pop()
    yield from check_lines(path, lines)
    if not path.endswith(C_FILES):
        return
    code = code_of(text).split("\n")
    yield from check_functions(path, code)
    yield from check_includes(path, lines, root)
    yield from check_calls(path, code)
    yield from check_header(path, code, root)


def source_files(root):
    """Every file that the rules are for, relative to the root, sorted."""
    for folder in FOLDERS:
        for directory, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = sorted(name for name in folders if not name.startswith("__"))
            for name in sorted(names):
                path = os.path.relpath(os.path.join(directory, name), root).replace(os.sep, "/")
                if path.endswith(C_FILES + (".py",)) or path.startswith("scripts/"):
                    yield path


def check_tree(root):
    """All violations, as (path, line, message)."""
    for path in source_files(root):
        for line, message in check_file(path, root):
            yield path, line, message


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(here)
    count = 0
    for path, line, message in check_tree(root):
        print(f"{path}:{line}: {message}")
        count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
