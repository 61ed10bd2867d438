"""Reads Gherkin as far as the openCypher TCK uses it: features of scenarios, outlines expanded."""
import os
import re


class Scenario:
    """What one scenario does. `steps` are (text, argument): a query's text, a table, or None."""

    def __init__(self, folder, feature, name, steps):
        self.folder, self.feature, self.name, self.steps = folder, feature, name, steps

    def __str__(self):
        return f"{self.feature}: {self.name}"


def cells_of(line):
    """The cells of a table row; \\| and \\\\ are escapes of Gherkin."""
    cells, cell, i = [], "", 1
    while i < len(line):
        if line[i] == "\\" and i + 1 < len(line) and line[i + 1] in "|\\n":
            cell += {"|": "|", "\\": "\\", "n": "\n"}[line[i + 1]]
            i += 1
        elif line[i] == "|":
            cells.append(cell.strip())
            cell = ""
        else:
            cell += line[i]
        i += 1
    return cells


def read_block(lines, position):
    """The text between two lines of three quotes, without its indent."""
    indent = len(lines[position]) - len(lines[position].lstrip())
    text = []
    position += 1
    while lines[position].strip() != '"""':
        text.append(lines[position][indent:])
        position += 1
    return "\n".join(text), position + 1


def read_table(lines, position):
    rows = []
    while position < len(lines) and lines[position].strip().startswith("|"):
        rows.append(cells_of(lines[position].strip()))
        position += 1
    return rows, position


def read_steps(lines, position):
    """Steps up to the next scenario, with the tables of its examples."""
    steps, examples = [], []
    while position < len(lines):
        line = lines[position].strip()
        if re.match(r"(Scenario|Background|Feature|Rule|@)", line):
            break
        position += 1
        if line.startswith("Examples:"):
            while position < len(lines) and not lines[position].strip().startswith("|"):
                position += 1
            table, position = read_table(lines, position)
            examples.append(table)
        elif re.match(r"(Given|When|Then|And|But|\*) ", line):
            argument = None
            if position < len(lines) and lines[position].strip() == '"""':
                argument, position = read_block(lines, position)
            elif position < len(lines) and lines[position].strip().startswith("|"):
                argument, position = read_table(lines, position)
            steps.append((line.split(" ", 1)[1].strip(), argument))
    return steps, examples, position


def fill(value, names, row):
    """A step's text or table with the placeholders of an outline filled in."""
    if isinstance(value, list):
        return [[fill(cell, names, row) for cell in cells] for cells in value]
    for name, cell in zip(names, row):
        value = value.replace(f"<{name}>", cell) if value is not None else None
    return value


def expand(steps, examples):
    """(number, steps) for each row of the examples, or the steps as they are."""
    if not examples:
        yield "", steps
    number = 0
    for table in examples:
        for row in table[1:]:
            number += 1
            yield f" ({number})", [(fill(text, table[0], row), fill(argument, table[0], row))
                                   for text, argument in steps]


def read_feature(path, folder):
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file
                 if not line.strip().startswith("#") or line.strip().startswith('#"')]
    feature = os.path.basename(path)[:-len(".feature")]
    background, position = [], 0
    while position < len(lines):
        line = lines[position].strip()
        position += 1
        if line.startswith("Background"):
            background, _, position = read_steps(lines, position)
        elif line.startswith("Scenario"):
            name = line.split(":", 1)[1].strip()
            steps, examples, position = read_steps(lines, position)
            for suffix, filled in expand(steps, examples):
                yield Scenario(folder, feature, name + suffix, background + filled)


def read_features(root):
    """All scenarios below a folder, in order."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".feature"):
                yield from read_feature(os.path.join(folder, name), os.path.relpath(folder, root))
