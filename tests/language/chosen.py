"""How many graphs a test draws: GYRE_PROPERTY_CASES, where it is set. The builds with sanitizers
set fewer than a test's own number (tests/CMakeLists.txt)."""
import os


def chosen_cases(otherwise):
    return int(os.environ.get("GYRE_PROPERTY_CASES", otherwise))
