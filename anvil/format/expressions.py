"""Runs of tokens and brackets to nodes: assignment, `?:`, operators by precedence, and what is left side by side."""

from __future__ import annotations

from anvil.format.nodes import Assignment, Chain, Enumerators, Items, Join, Leaf, Node, Ternary
from anvil.format.spacing import ASSIGNMENTS, gap, roles
from anvil.format.tokens import Token
from anvil.format.tree import Block, Element
from anvil.frontend.precedence import PRECEDENCE

Bodies = dict[int, Node]
"""The nodes of the lambda bodies of a statement, by the identity of their blocks."""


def expression(parts: list[Element], bodies: Bodies, declares: bool = False) -> Node:
    """The node of a run without commas at its own level; `declares` where a declaration may stand."""
    if parts and isinstance(parts[0], Token) and parts[0].text == "return" and len(parts) > 1:
        return Join([Leaf(parts[0]), expression(parts[1:], bodies)], [" "])
    place = _assignment(parts)
    if place is not None:
        operator = parts[place]
        assert isinstance(operator, Token)
        target = expression(parts[:place], bodies, declares)
        return Assignment(target, Leaf(operator), expression(parts[place + 1 :], bodies))
    ternary = _ternary(parts, bodies)
    return ternary or _operators(parts, bodies, declares)


def _assignment(parts: list[Element]) -> int | None:
    for place, part in enumerate(parts):
        if isinstance(part, Token) and part.text in ASSIGNMENTS and 0 < place < len(parts) - 1:
            return place
    return None


def _ternary(parts: list[Element], bodies: Bodies) -> Node | None:
    marks = [(k, part) for k, part in enumerate(parts) if isinstance(part, Token) and part.text in ("?", ":")]
    if not marks or marks[0][1].text != "?":
        return None
    first, question = marks[0]
    depth = 0
    for place, mark in marks:
        depth += 1 if mark.text == "?" else -1
        if depth == 0:
            return Ternary(
                expression(parts[:first], bodies),
                Leaf(question),
                expression(parts[first + 1 : place], bodies),
                Leaf(mark),
                expression(parts[place + 1 :], bodies),
            )
    return None


def _operators(parts: list[Element], bodies: Bodies, declares: bool) -> Node:
    kinds = roles(parts, declares)
    binary = [(k, part) for k, part in enumerate(parts) if isinstance(part, Token) and kinds[k] == "binary"]
    if not binary or binary[-1][0] == len(parts) - 1:
        return _side_by_side(parts, kinds, bodies)
    lowest = min(PRECEDENCE[part.text] for _, part in binary)
    operands: list[Node] = []
    operators: list[Leaf] = []
    start = 0
    for place, part in binary:
        if PRECEDENCE[part.text] == lowest:
            operands.append(_operators(parts[start:place], bodies, False))
            operators.append(Leaf(part))
            start = place + 1
    operands.append(_operators(parts[start:], bodies, False))
    return Chain(operands, operators)


def _side_by_side(parts: list[Element], kinds: list[str], bodies: Bodies) -> Node:
    enum = any(isinstance(part, Token) and part.text == "enum" for part in parts[:2])
    nodes = [_node(part, bodies, enum, _is_for(parts, k)) for k, part in enumerate(parts)]
    if len(nodes) == 1:
        return nodes[0]
    gaps = [gap(parts[k - 1], parts[k], kinds[k - 1], kinds[k]) for k in range(1, len(parts))]
    if enum and isinstance(nodes[-1], Enumerators):
        gaps[-1] = " "
    return Join(nodes, gaps)


def _is_for(parts: list[Element], place: int) -> bool:
    before = parts[place - 1] if place else None
    return isinstance(before, Token) and before.text == "for"


def _node(part: Element, bodies: Bodies, enum: bool, declares: bool) -> Node:
    if isinstance(part, Token):
        return Leaf(part)
    if isinstance(part, Block):
        return bodies[id(part)]
    kind = Enumerators if enum and part.bracket == "{" else Items
    return kind(Leaf(part.open), items(part.items, bodies, declares or part.parameters), Leaf(part.close))


def items(parts: list[Element], bodies: Bodies, declares: bool) -> list[tuple[Node, Leaf | None]]:
    """The items of a list and the commas (or semicolons) behind them."""
    found: list[tuple[Node, Leaf | None]] = []
    run: list[Element] = []
    for part in parts:
        if isinstance(part, Token) and part.text in (",", ";"):
            found.append((_item(run, bodies, declares), Leaf(part)))
            run = []
        else:
            run.append(part)
    if run:
        found.append((_item(run, bodies, declares), None))
    return found


def _item(run: list[Element], bodies: Bodies, declares: bool) -> Node:
    if len(run) == 1 and isinstance(run[0], Token) and run[0].text in ("=", "&"):
        return Leaf(run[0])  # the capture of a lambda
    return expression(run, bodies, declares) if run else Join([], [])
