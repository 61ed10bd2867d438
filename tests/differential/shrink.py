"""Makes a case that differs smaller, as long as it differs in the same way.

Every smaller tree is tried, also wrong ones: the caller finds those out.
"""
from dataclasses import fields, is_dataclass, replace

from tree import Expr, Projection, Query, literal

SIMPLE = (literal(None), literal(True), literal(1))
NEVER_EMPTY = ("items", "paths", "branches")


def smaller(tree):
    """Trees that are one step smaller, the boldest first."""
    if isinstance(tree, tuple):
        yield from smaller_tuple(tree)
    elif isinstance(tree, Expr):
        yield from smaller_expression(tree)
    elif is_dataclass(tree):
        yield from smaller_fields(tree)


def smaller_tuple(items):
    for i in range(len(items)):
        yield items[:i] + items[i + 1:]
    for i, item in enumerate(items):
        for made in smaller(item):
            yield items[:i] + (made,) + items[i + 1:]


def smaller_expression(expr):
    if expr.op in ("literal", "var"):
        return
    for arg in expr.args:
        yield arg
    if expr.op != "list" or expr.args:
        yield from (simple for simple in SIMPLE if simple != expr)
    for made in smaller_tuple(expr.args):
        if len(made) == len(expr.args) or expr.op in ("list", "call"):
            yield replace(expr, args=made)
    if is_dataclass(expr.value):
        for made in smaller(expr.value):
            yield replace(expr, value=made)


def smaller_fields(node):
    if isinstance(node, Query) and len(node.branches) > 1:
        yield from (replace(node, branches=(branch,)) for branch in node.branches)
    for field in fields(node):
        value = getattr(node, field.name)
        for made in smaller(value):
            if made != () or field.name not in NEVER_EMPTY:
                yield replace(node, **{field.name: made})
        if value is None or field.name in ("direction", "expr", "list", "start"):
            continue
        if value is True and not (isinstance(node, Projection) and field.name == "final"):
            yield replace(node, **{field.name: False})
        elif not isinstance(value, (bool, tuple)) and field.default is None:
            yield replace(node, **{field.name: None})
    if getattr(node, "direction", "right") != "right":
        yield replace(node, direction="right")
    if getattr(node, "range", None) is not None:
        least, most = node.range
        yield from (replace(node, range=range_) for range_ in (None, (least, least), (most, most))
                    if range_ != node.range)


def simpler_flows(flows):
    for i in range(len(flows)):
        yield flows[:i] + flows[i + 1:]
    for i, flow in enumerate(flows):
        for name, value in flow.items():
            if value is not None and name not in ("StartTime", "SrcAddr", "DstAddr"):
                yield flows[:i] + [{**flow, name: None}] + flows[i + 1:]


def shrink(flows, query, differs, tries=1500):
    """The smallest case found for which `differs(flows, query)` holds; it may raise."""
    def still(*case):
        nonlocal tries
        tries -= 1
        try:
            return differs(*case)
        except Exception:  # a tree that means nothing
            return False
    is_done = False
    while not is_done and tries > 0:
        is_done = True
        for candidate in ([(flows, made) for made in smaller(query)] +
                          [(made, query) for made in simpler_flows(flows) if made]):
            if tries <= 0:
                break
            if still(*candidate):
                flows, query = candidate
                is_done = False
                break
    return flows, query
