#!/usr/bin/env python3
"""README.md and docs/HUNTING.md are true: their commands write what stands below them.

Usage: test_readme.py PROGRAM ROOT DOCUMENT

In an indented block, a line `$ COMMAND` (and the lines that its quotes or a backslash continue) is
followed by what it writes to a terminal, with what it says about the run or without it. `$ cat
FILE` shows a file, which is made so where it is not there yet. Seconds, bytes and what a plan
expects differ from machine to machine and are not compared. What is asked of files that the project
has not is left out, by name. Exits with 77 where no terminal can be had.
"""
import difflib
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:^    .*\n|^\n(?=    ))+", re.MULTILINE)
OTHERS_FILES = ("conn.log.gz", "capture20110816.binetflow")
FIGURE = re.compile(r"[\d.,]+ (?:ms|s|MiB|KiB|bytes a flow)\b|(?<=about )\d+")
COMMANDS_LEAST = 6
SKIPPED = 77


def is_whole(command):
    """Whether no quote and no backslash of the command goes on in the next line."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\")


def read_examples(document):
    """The commands, each with what stands below it and the line where it does."""
    examples = []
    for block in BLOCK.finditer(document):
        lines = [line[4:] for line in block[0].split("\n")]
        first = document.count("\n", 0, block.start()) + 1
        at = 0
        while at < len(lines):
            begin = at
            at += 1
            if not lines[begin].startswith("$ "):
                continue
            command = lines[begin][2:]
            while not is_whole(command):
                command += "\n" + lines[at]
                at += 1
            output = []
            while at < len(lines) and not lines[at].startswith("$ "):
                output.append(lines[at])
                at += 1
            examples.append((command, "\n".join(output).strip(), first + begin))
    return examples


def run(command, folder, environment):
    """What the command writes to a terminal, and what it says about the run."""
    here, terminal = pty.openpty()
    with subprocess.Popen(["bash", "-c", command], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, stdout=terminal,
                          stderr=subprocess.PIPE) as process:
        os.close(terminal)
        written = b""
        try:
            while block := os.read(here, 65536):
                written += block
        except OSError:  # what a terminal gives when nobody writes to it any more
            pass
        os.close(here)
        said = process.stderr.read()
    return written.decode().replace("\r\n", "\n"), said.decode()


def changes_of(expected, written, said):
    """How the output differs from the document; nothing when it does not."""
    expected = FIGURE.sub("#", expected).split("\n") if expected else []
    written = FIGURE.sub("#", written).split("\n")[:-1]
    said = FIGURE.sub("#", said).split("\n")[:-1]
    if expected in (written, written + said):
        return ""
    return "\n".join(difflib.unified_diff(expected, written + said, "the document", "the program",
                                          lineterm=""))


def differences(program, name, document, folder):
    """What is not as the document of that name says; and how many commands were run."""
    environment = dict(os.environ, PATH=os.path.dirname(program) + ":" + os.environ["PATH"])
    found = []
    count = 0
    for command, expected, line in read_examples(document):
        shown = re.fullmatch(r"cat (\S+)", command)
        if shown and not os.path.exists(os.path.join(folder, shown[1])):
            with open(os.path.join(folder, shown[1]), "w", encoding="utf-8") as file:
                file.write(expected + "\n")
            continue
        if any(name in command for name in OTHERS_FILES):
            print(f"{name}:{line}: not run: the project does not have its files")
            continue
        count += 1
        changes = changes_of(expected, *run(command, folder, environment))
        if changes:
            found.append(f"{name}:{line}: `{command}` writes something else\n{changes}")
    return found, count


def main():
    program, root = (os.path.abspath(path) for path in sys.argv[1:3])
    name = sys.argv[3]
    with open(os.path.join(root, name), encoding="utf-8") as file:
        document = file.read()
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        print(f"no terminal to be had here: {error}")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        found, count = differences(program, name, document, folder)
    for difference in found:
        print(difference)
    if count < COMMANDS_LEAST:
        print(f"{name}: {count} commands found, where there should be {COMMANDS_LEAST}")
    return 1 if found or count < COMMANDS_LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
