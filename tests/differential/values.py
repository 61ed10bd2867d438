"""Values of the oracle, and openCypher 9's relations and operators over them, from the text of the
specification: null is None, lists are tuples, the rest is below."""
import functools
import math
from collections import namedtuple

Vertex = namedtuple("Vertex", "key")
Edge = namedtuple("Edge", "row")
Walk = namedtuple("Walk", "vertices edges")
Time = namedtuple("Time", "ns")
Duration = namedtuple("Duration", "ns")


class Bag(tuple):
    """A list whose order the language leaves open."""


class Raised(Exception):
    """The query has to end with an error."""


class Unsettled(Exception):
    """The language leaves the answer open, or it takes too long to find."""


INTEGER_MAX = 2 ** 63 - 1
KINDS = {Vertex: "vertex", Edge: "edge", Walk: "path", Time: "time", Duration: "duration",
         Bag: "list", tuple: "list", str: "text", bool: "bool", int: "number", float: "number",
         type(None): "null"}
# ORDER BY over several kinds, ascending.
RANKS = {kind: rank for rank, kind in enumerate(
    ("vertex", "edge", "list", "path", "time", "duration", "text", "bool", "number", "null"))}


def kind_of(value):
    return KINDS[type(value)]


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def equal(left, right):
    """True, False or None."""
    if left is None or right is None:
        return None
    if kind_of(left) != kind_of(right):
        return False
    if kind_of(left) == "list":
        if len(left) != len(right):
            return False
        return conjunction([equal(a, b) for a, b in zip(left, right)])
    return left == right


def less(left, right):
    """`<`: True, False or None."""
    kind = kind_of(left)
    if kind != kind_of(right) or kind in ("null", "vertex", "edge", "path"):
        return None
    if kind == "list":
        for a, b in zip(left, right):
            same = equal(a, b)
            if not same:
                return None if same is None else less(a, b)
        return len(left) < len(right)
    return left < right


def compare(sign, left, right):
    if sign == "=":
        return equal(left, right)
    if sign == "<>":
        return negation(equal(left, right))
    if sign == "<":
        return less(left, right)
    if sign == ">":
        return less(right, left)
    if is_nan(left) or is_nan(right):
        return False if kind_of(left) == kind_of(right) else None
    return negation(less(right, left) if sign == "<=" else less(left, right))


def negation(truth):
    return None if truth is None else not truth


def conjunction(truths):
    if any(truth is False for truth in truths):
        return False
    return None if any(truth is None for truth in truths) else True


def disjunction(truths):
    return negation(conjunction([negation(truth) for truth in truths]))


def order(left, right):
    """Below 0, 0, above 0: total, as ORDER BY wants it."""
    ranks = RANKS[kind_of(left)], RANKS[kind_of(right)]
    if ranks[0] != ranks[1]:
        return ranks[0] - ranks[1]
    if left is None:
        return 0
    if kind_of(left) == "list":
        for a, b in zip(left, right):
            if order(a, b) != 0:
                return order(a, b)
        return len(left) - len(right)
    if is_nan(left) or is_nan(right):
        return is_nan(left) - is_nan(right)
    return (left > right) - (left < right)


order_key = functools.cmp_to_key(order)


def identity(value):
    """Hashable, and the same for what DISTINCT and grouping take for the same."""
    kind = kind_of(value)
    if kind == "list":
        if isinstance(value, Bag) and len(value) > 1:
            raise Unsettled("a list in no order as a key")
        return (kind,) + tuple(map(identity, value))
    return (kind, "nan") if is_nan(value) else (kind, value)


def is_in(item, items):
    if items is None:
        return None
    return disjunction([equal(item, other) for other in items])


def integer(value):
    if not -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
        raise Raised("overflow")
    return value


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def add(left, right):
    if kind_of(left) == "list":
        return left + (right if kind_of(right) == "list" else (right,))
    if isinstance(left, (Time, Duration)):
        return type(left)(left.ns + right.ns)
    if is_integer(left) and is_integer(right):
        return integer(left + right)
    return left + right


def subtract(left, right):
    if isinstance(left, Time):
        return (Duration if isinstance(right, Time) else Time)(left.ns - right.ns)
    if is_integer(left) and is_integer(right):
        return integer(left - right)
    return left - right


def multiply(left, right):
    result = left * right
    return integer(result) if is_integer(result) else result


def divide(left, right):
    if is_integer(left) and is_integer(right):
        if right == 0:
            raise Raised("division by zero")
        quotient = abs(left) // abs(right)
        return integer(quotient if (left < 0) == (right < 0) else -quotient)
    if right == 0:
        if left == 0 or is_nan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def remainder(left, right):
    if is_integer(left) and is_integer(right):
        if right == 0:
            raise Raised("division by zero")
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    if right == 0 or math.isinf(left):
        return math.nan
    return math.fmod(left, right)


def power(left, right):
    try:
        result = math.pow(left, right)
    except (OverflowError, ValueError):
        raise Unsettled("a power beyond floats") from None
    return result


ARITHMETIC = {"+": add, "-": subtract, "*": multiply, "/": divide, "%": remainder, "^": power}


def arithmetic(sign, left, right):
    if left is None or right is None:
        # [1] + null adds an item, by some readings; it is not drawn.
        return None
    return ARITHMETIC[sign](left, right)


def aggregate(name, values, is_ordered):
    """Over the arguments' values, without rows where the first is null."""
    firsts = [value[0] for value in values]
    if name == "count":
        return len(firsts)
    if name == "collect":
        return tuple(firsts) if is_ordered else Bag(firsts)
    if name == "sum":
        return functools.reduce(add, firsts) if firsts else 0
    if name in ("min", "max"):
        pick = min if name == "min" else max
        return pick(firsts, key=order_key) if firsts else None
    if name == "avg":
        return math.fsum(firsts) / len(firsts) if firsts else None
    if name in ("stDev", "stDevP"):
        count = len(firsts)
        divisor = count - 1 if name == "stDev" else count
        if divisor <= 0:
            return 0.0 if firsts else None
        mean = math.fsum(firsts) / count
        return math.sqrt(math.fsum((x - mean) ** 2 for x in firsts) / divisor)
    return percentile(name, sorted(firsts), values[0][1]) if firsts else None


def percentile(name, numbers, share):
    if name == "percentileDisc":
        return numbers[max(0, math.ceil(share * len(numbers)) - 1)]
    place = share * (len(numbers) - 1)
    low = math.floor(place)
    high = min(low + 1, len(numbers) - 1)
    return float(numbers[low] + (numbers[high] - numbers[low]) * (place - low))
