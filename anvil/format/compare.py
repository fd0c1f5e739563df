"""Whether two syntax trees are the same, places aside."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from anvil.span import Span


def same_tree(left: object, right: object) -> bool:
    """Equality of dataclasses and tuples in which all spans count as equal."""
    if isinstance(left, Span) or left is right:
        return isinstance(right, Span) or left is right
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same_tree, left, right))
    if is_dataclass(left):
        return all(same_tree(getattr(left, f.name), getattr(right, f.name)) for f in fields(left) if f.compare)
    return left == right
