#!/usr/bin/env python3
"""Runs the openCypher TCK and reports, per folder, what passed, failed and is not applicable.

Usage: run_tck.py DRIVER FEATURES [--only=TEXT] [--verbose]

DRIVER is tests/tck/driver, FEATURES the folder tck/features of a copy of opencypher/openCypher.
Applicable are the scenarios that only read, once their CREATE has made the graph. Scenarios that
are known to fail stand in known_failures.txt with their cause; exits with 1 when another one fails,
or one of these passes, or less than 95 percent pass; with 77 when FEATURES is not there.
"""
import collections
import os
import re
import subprocess
import sys

import answers
import features

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
LEAST_PERCENT = 95.0
WRITING = re.compile(r"\b(CREATE|MERGE|DELETE|SET|REMOVE|FOREACH)\b", re.I)
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*")
ERROR = re.compile(r"an? (\w+) should be raised at (compile time|runtime|any time): (\S+)")


class Driver:
    """The program that answers: one session over a pipe, restarted if it dies."""

    def __init__(self, path):
        self.path = path
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def send(self, kind, name, text):
        data = text.encode()
        head = f"{kind} {name or '-'} {len(data)}\n".encode()
        self.process.stdin.write(head + data + b"\n")

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.start()
            raise RuntimeError(f"the driver died with {code}")
        return line.decode().rstrip("\n")

    def text(self):
        size = int(self.line())
        data = self.process.stdout.read(size + 1)
        return data[:-1].decode()

    def ask(self, setup, parameters, query):
        """("rows", names, rows) or ("error", phase, text)."""
        self.send("reset", None, "")
        for text in setup:
            self.send("create", None, text)
        for name, text in parameters:
            self.send("param", name, text)
        self.send("query", None, query)
        self.process.stdin.flush()
        kind, *rest = self.line().split(" ")
        if kind == "error":
            return "error", " ".join(rest), self.text()
        columns, count = int(rest[0]), int(rest[1])
        names = [self.text() for _ in range(columns)]
        return "rows", names, [[self.text() for _ in range(columns)] for _ in range(count)]


def is_writing(query):
    return WRITING.search(QUOTED.sub("''", query)) is not None


class Verdict(Exception):
    """How a scenario ended, when not by passing: "failed" or "not applicable", and why."""

    def __init__(self, kind, cause):
        super().__init__(cause)
        self.kind, self.cause = kind, cause


def gather(scenario, root):
    """What is to be done for a scenario: its set-up, parameters, query and expectations."""
    setup, parameters, query, expected = [], [], None, []
    for text, argument in scenario.steps:
        if text.startswith("the ") and text.endswith(" graph"):
            name = text.split(" ")[1]
            path = os.path.join(root, "..", "graphs", name, name + ".cypher")
            with open(path, encoding="utf-8") as file:
                setup.append(file.read())
        elif text.startswith("having executed"):
            setup.append(argument)
        elif text.startswith("parameters are"):
            parameters += [(row[0], row[1]) for row in argument]
        elif text.startswith("executing query"):
            query = argument
        elif text.startswith("executing control query"):
            raise Verdict("not applicable", "it looks at what a writing query did")
        elif text.startswith("there exists a procedure"):
            raise Verdict("not applicable", "procedures")
        elif not text.startswith(("an empty graph", "any graph")):
            expected.append((text, argument))
    if is_writing(query):
        raise Verdict("not applicable", "a writing clause")
    if re.search(r"\bCALL\b", QUOTED.sub("''", query)):
        raise Verdict("not applicable", "procedures")
    for text in setup:
        if re.search(r"\b(MERGE|DELETE|SET|REMOVE)\b", QUOTED.sub("''", text)):
            raise Verdict("not applicable", "a set-up that does more than CREATE")
    return setup, parameters, query, expected


def check_rows(text, table, got):
    if got[0] == "error":
        raise Verdict("failed", f"error at {got[1]}: {got[2].splitlines()[0]}")
    names, rows = got[1], got[2]
    if text.startswith("the result should be empty"):
        if rows:
            raise Verdict("failed", f"{len(rows)} rows instead of none")
        return
    if sorted(names) != sorted(table[0]):
        raise Verdict("failed", f"columns {names} instead of {table[0]}")
    places = [names.index(name) for name in table[0]]  # rows are maps: columns have no order
    rows = [[row[place] for place in places] for row in rows]
    expected = [[answers.parse(cell) for cell in row] for row in table[1:]]
    found = [[answers.parse(cell) for cell in row] for row in rows]
    if "ignoring element order" in text:
        expected = [[answers.unordered(cell) for cell in row] for row in expected]
        found = [[answers.unordered(cell) for cell in row] for row in found]
    expected = [tuple(answers.key(cell) for cell in row) for row in expected]
    found = [tuple(answers.key(cell) for cell in row) for row in found]
    if "in any order" in text or "in order" not in text:
        expected.sort()
        found.sort()
    if expected != found:
        raise Verdict("failed", f"rows {rows[:4]} instead of {table[1:5]}")


def check(expected, got):
    for text, argument in expected:
        error = ERROR.match(text)
        if error:
            if got[0] != "error":
                raise Verdict("failed", f"rows instead of {error.group(1)} {error.group(3)}")
            if error.group(2) not in ("any time", got[1]):
                raise Verdict("failed",
                              f"{error.group(1)} {error.group(3)} at {got[1]} instead of "
                              f"{error.group(2)}: {got[2].splitlines()[0]}")
        elif text.startswith("the result should be"):
            check_rows(text, argument, got)
        elif not text.startswith(("no side effects", "the side effects")):
            raise Verdict("not applicable", f"the step `{text}`")


def run(driver, scenario, root):
    """("passed" | "failed" | "not applicable", cause)."""
    try:
        setup, parameters, query, expected = gather(scenario, root)
        got = driver.ask(setup, parameters, query)
        if got[0] == "error" and got[1] == "set-up":
            raise Verdict("failed", "set-up: " + got[2].splitlines()[0])
        check(expected, got)
    except Verdict as verdict:
        return verdict.kind, verdict.cause
    except (RuntimeError, ValueError) as error:
        return "failed", str(error)
    return "passed", ""


def read_known():
    """{scenario: cause} of known_failures.txt: `scenario <TAB> cause` a line."""
    with open(os.path.join(HERE, "known_failures.txt"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and line[0] != "#"]
    return dict(line.split("\t", 1) for line in lines)


def report(tally, reasons):
    print(f"{'folder':44}{'passed':>8}{'failed':>8}{'not applicable':>16}")
    for folder in sorted(tally):
        counts = tally[folder]
        print(f"{folder:44}{counts['passed']:8}{counts['failed']:8}{counts['not applicable']:16}")
    total = sum(tally.values(), collections.Counter())
    print(f"{'all':44}{total['passed']:8}{total['failed']:8}{total['not applicable']:16}")
    for reason, count in reasons.most_common():
        print(f"not applicable for {reason}: {count}")
    applicable = total["passed"] + total["failed"]
    return 100.0 * total["passed"] / applicable if applicable else 100.0


def main():
    options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    driver_path, root = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    only = "".join(option[len("--only="):] for option in options if option.startswith("--only="))
    if not os.path.isdir(root):
        print(f"SKIPPED: there is no {root}: give a copy of openCypher's scenarios")
        return SKIPPED
    driver, known = Driver(driver_path), read_known()
    tally, reasons = collections.defaultdict(collections.Counter), collections.Counter()
    surprises = []
    for scenario in features.read_features(root):
        if only not in f"{scenario.folder}/{scenario}":
            continue
        kind, cause = run(driver, scenario, root)
        tally[scenario.folder][kind] += 1
        if kind == "not applicable":
            reasons[cause] += 1
        elif kind == "failed" and str(scenario) not in known:
            surprises.append(f"{scenario}\t{cause}")
        elif kind == "passed" and str(scenario) in known:
            surprises.append(f"{scenario}\tpasses, but is among the known failures")
        if "--verbose" in options and kind == "failed":
            print(f"{scenario}\t{cause}", flush=True)
    percent = report(tally, reasons)
    print(f"{percent:.2f} % of the applicable scenarios pass")
    for surprise in surprises:
        print(f"unexpected: {surprise}")
    return 1 if surprises or percent < LEAST_PERCENT else 0


if __name__ == "__main__":
    sys.exit(main())
