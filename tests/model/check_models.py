#!/usr/bin/env python3
"""Checks the models with spin, exhaustively: each must hold, and each mutant of it must fail.

A model is searched for violated assertions and for states in which nothing goes on; one with an LTL
property also for endless runs that violate it, in which every process goes on (weak fairness).

Exits with 77 where spin is not installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODELS = sorted(pathlib.Path(__file__).resolve().parent.glob("*.pml"))
SKIPPED = 77


def search(folder, compile_flags, run_flags):
    """How many errors a full search finds, and how many states it has seen."""
    subprocess.run(["gcc", "-O1", "-w", *compile_flags, "-o", "pan", "pan.c"], cwd=folder,
                   check=True)
    out = subprocess.run(["./pan", "-m1000000", *run_flags], cwd=folder, check=True,
                         capture_output=True, text=True).stdout
    errors = re.search(r"errors: (\d+)", out)
    states = re.search(r"([\d.e+]+) states, stored", out)
    if errors is None or states is None or "max search depth too small" in out:
        sys.exit(f"check_models: spin did not finish its search\n{out}")
    return int(errors[1]), int(float(states[1]))


def verify(model, macro):
    with tempfile.TemporaryDirectory() as folder:
        define = [f"-D{macro}"] if macro else []
        subprocess.run(["spin", *define, "-a", model], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        errors, states = search(folder, ["-DSAFETY", "-DNOCLAIM"], [])
        if errors == 0 and re.search(r"^ltl ", model.read_text(), re.MULTILINE):
            endless, more = search(folder, ["-DNFAIR=4"], ["-a", "-f"])
            errors, states = errors + endless, states + more
    return errors, states


def main():
    if shutil.which("spin") is None or shutil.which("gcc") is None:
        print("spin is not installed: skipped")
        return SKIPPED
    failures = 0
    for model in MODELS:
        mutants = sorted(set(re.findall(r"MUTANT_[A-Z]+_[A-Z]+", model.read_text())))
        for macro in ["", *mutants]:
            errors, states = verify(model, macro)
            is_right = (errors > 0) == bool(macro)
            failures += not is_right
            print(f"{model.stem} {macro or 'as it is'}: {states:,} states, "
                  f"{'an error' if errors else 'no error'}: "
                  f"{'as it must be' if is_right else 'WRONG'}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
