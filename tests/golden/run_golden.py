#!/usr/bin/env python3
"""Runs queries with known answers through the program.

Usage: run_golden.py PROGRAM small          the files beside this one
       run_golden.py PROGRAM shared FOLDER  FOLDER/golden/*.json, on files under FOLDER/data

Each JSON file is a list of {"name", "data", "query", "rows"}; rows are compared in order. Where
FOLDER (or $GYRE_SHARED_DIR, which goes before it) is not there, that is said, and the exit status
is 77.
"""
import glob
import json
import math
import os
import re
import subprocess
import sys

SKIPPED = 77
# What is known of a file besides its queries: flows, and addresses.
FACTS = {"ctu13/capture20110816.binetflow": (558919, 107341)}


def same_value(expected, actual):
    """Equal, floats within a rounding."""
    if isinstance(expected, float) and isinstance(actual, (int, float)):
        return math.isclose(expected, actual, rel_tol=1e-9)
    return type(expected) is type(actual) and expected == actual


def same_rows(expected, actual):
    return len(expected) == len(actual) and all(
        len(left) == len(right) and all(map(same_value, left, right))
        for left, right in zip(expected, actual))


def run(program, *arguments):
    """Standard output of the program, or an exception with what it said."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def check_query(program, case, data):
    """None, or what is wrong."""
    try:
        lines = run(program, "query", "--format=jsonl", case["query"], data).splitlines()
        rows = [list(json.loads(line).values()) for line in lines]
    except (RuntimeError, ValueError) as error:
        return str(error)
    if same_rows(case["rows"], rows):
        return None
    return f"{len(rows)} rows {rows[:5]}\n    and should be {len(case['rows'])} {case['rows'][:5]}"


def check_facts(program, data, flows, addresses):
    """None, or what `gyre info` says instead."""
    try:
        text = run(program, "info", data)
    except RuntimeError as error:
        return str(error)
    numbers = set(re.sub(r"(?<=\d),(?=\d{3})", "", text).split())
    missing = [number for number in (flows, addresses) if str(number) not in numbers]
    return f"info does not say {missing}:\n{text}" if missing else None


def check_file(program, path, data_folder):
    """Runs all cases of a file; the number of failures."""
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    failures = 0
    for case in cases:
        wrong = check_query(program, case, os.path.join(data_folder, case["data"]))
        print(f"{'ok    ' if wrong is None else 'FAILED'} {case['name']}")
        if wrong is not None:
            failures += 1
            print(f"  {case['query']}\n    {wrong}")
    return failures


def check_shared(program, folder):
    """All golden files of a folder outside the repository."""
    folder = os.environ.get("GYRE_SHARED_DIR") or folder
    paths = sorted(glob.glob(os.path.join(folder, "golden", "*.json")))
    if not paths:
        print(f"SKIPPED: no shared data at {folder}")
        sys.exit(SKIPPED)
    failures = 0
    for path in paths:
        failures += check_file(program, path, os.path.join(folder, "data"))
    for name, (flows, addresses) in FACTS.items():
        data = os.path.join(folder, "data", name)
        wrong = check_facts(program, data, flows, addresses) if os.path.exists(data) else None
        print(f"{'ok    ' if wrong is None else 'FAILED'} info of {name}")
        if wrong is not None:
            failures += 1
            print(f"    {wrong}")
    return failures


def main():
    program = os.path.abspath(sys.argv[1])
    if sys.argv[2] == "small":
        here = os.path.dirname(os.path.abspath(__file__))
        failures = check_file(program, os.path.join(here, "small.json"), here)
    else:
        failures = check_shared(program, sys.argv[3])
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
