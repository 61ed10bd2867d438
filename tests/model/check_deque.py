#!/usr/bin/env python3
"""Checks deque.pml with spin, exhaustively: the model must hold, and each mutant of it must fail.

Exits with 77 where spin is not installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODEL = pathlib.Path(__file__).resolve().parent / "deque.pml"
SKIPPED = 77


def verify(macro):
    """How many errors a full search finds, and how many states it has seen."""
    with tempfile.TemporaryDirectory() as folder:
        define = [f"-D{macro}"] if macro else []
        subprocess.run(["spin", *define, "-a", MODEL], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["gcc", "-O1", "-w", "-DSAFETY", "-o", "pan", "pan.c"], cwd=folder,
                       check=True)
        out = subprocess.run(["./pan", "-m1000000"], cwd=folder, check=True, capture_output=True,
                             text=True).stdout
    errors = re.search(r"errors: (\d+)", out)
    states = re.search(r"([\d.e+]+) states, stored", out)
    if errors is None or states is None or "max search depth too small" in out:
        sys.exit(f"check_deque: spin did not finish its search\n{out}")
    return int(errors[1]), int(float(states[1]))


def main():
    if shutil.which("spin") is None or shutil.which("gcc") is None:
        print("spin is not installed: skipped")
        return SKIPPED
    mutants = sorted(set(re.findall(r"MUTANT_[A-Z]+_[A-Z]+", MODEL.read_text())))
    failures = 0
    for macro in ["", *mutants]:
        errors, states = verify(macro)
        is_right = (errors > 0) == bool(macro)
        failures += not is_right
        print(f"{macro or 'the deque'}: {states:,} states, "
              f"{'an error' if errors else 'no error'}: {'as it must be' if is_right else 'WRONG'}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
