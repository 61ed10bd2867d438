"""Whether two answers are the same: as multisets, and in order where ORDER BY settles it."""
import math
from collections import Counter

import graph
from values import Bag, Duration, Edge, Time, Vertex, Walk


def outer(value, flows):
    """A value of the oracle as the interface gives it."""
    if isinstance(value, Edge):
        return ("edge", value.row)
    if isinstance(value, Time):
        return ("time", value.ns)
    if isinstance(value, Duration):
        return ("duration", value.ns)
    return inner(value, flows)


def inner(value, flows):
    """The same within a list, where flows are numbers, and all but numbers and booleans texts."""
    if isinstance(value, Vertex):
        return value.key
    if isinstance(value, Edge):
        return value.row
    if isinstance(value, Time):
        return graph.iso_text(value.ns)
    if isinstance(value, Walk):
        text = f"({value.vertices[0]})"
        for before, row, after in zip(value.vertices, value.edges, value.vertices[1:]):
            flow = flows[row]
            forward = flow["SrcAddr"] == before and flow["DstAddr"] == after
            text += (f"-[{row}]->" if forward else f"<-[{row}]-") + f"({after})"
        return text
    if isinstance(value, tuple):
        return [inner(item, flows) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no other word for it
    return value


def token(value, is_bag):
    """Hashable; floats to nine digits, and 0.0 as 0, since a sum of nothing may be either."""
    if isinstance(value, float):
        return 0 if value == 0 else ("float", f"{value:.9g}")
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (list, tuple)):
        items = [token(item, is_bag) for item in value]
        return ("list", tuple(sorted(items, key=repr) if is_bag else items))
    return value


def has_bag(value):
    return isinstance(value, Bag) or isinstance(value, tuple) and any(map(has_bag, value))


class Expected:
    """What an oracle's answer allows."""

    def __init__(self, answer, flows):
        rows = [row for run in answer.runs for row in run]
        self.bags = [any(has_bag(row[i]) for row in rows) for i in range(len(answer.columns))]
        self.runs = [Counter(self.row([outer(value, flows) for value in row]) for row in run)
                     for run in answer.runs]
        count = len(rows)
        self.begin = min(answer.skip, count)
        self.end = count if answer.limit is None else min(count, self.begin + answer.limit)

    def row(self, row):
        return tuple(token(value, is_bag) for value, is_bag in zip(row, self.bags))

    def allows(self, rows):
        if len(rows) != self.end - self.begin or any(len(row) != len(self.bags) for row in rows):
            return False
        tokens = [self.row(row) for row in rows]
        place = 0
        for run in self.runs:
            size = sum(run.values())
            low, high = max(place, self.begin), min(place + size, self.end)
            place += size
            if low < high:
                found = Counter(tokens[low - self.begin:high - self.begin])
                if found - run:
                    return False
        return True

    def show(self):
        text = [f"rows {self.begin} to {self.end} of these, in this order:"]
        for run in self.runs:
            text.append("  in any order:" if len(run) > 1 else "  then:")
            text += [f"    {row}" + (f" x {count}" if count > 1 else "")
                     for row, count in list(run.items())[:20]]
        return "\n".join(text)
