"""The surface AST as an indented tree, for `anvilc emit --target ast`."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from anvil.span import Span


def dump(node: object, depth: int = 0) -> str:
    """One line a node: its kind, its scalar fields, its place."""
    return "\n".join(_lines(node, "", depth)) + "\n"


def _lines(node: object, label: str, depth: int) -> list[str]:
    indent = "  " * depth + (f"{label}: " if label else "")
    if isinstance(node, tuple):
        return [line for item in node for line in _lines(item, label, depth)]
    if not is_dataclass(node):
        return [f"{indent}{node!r}"]
    parts = {f.name: getattr(node, f.name) for f in fields(node)}
    nested = {name: value for name, value in parts.items() if _is_nested(value) and not isinstance(value, Span)}
    plain = [
        f"{k}={v!r}"
        for k, v in parts.items()
        if k not in nested and not isinstance(v, Span) and v not in (None, (), "")
    ]
    span = parts.get("span")
    place = f" @{span.line}:{span.column}" if isinstance(span, Span) and span.line else ""
    lines = [f"{indent}{type(node).__name__}{place} {' '.join(plain)}".rstrip()]
    for name, value in nested.items():
        lines += _lines(value, name, depth + 1)
    return lines


def _is_nested(value: object) -> bool:
    return is_dataclass(value) or (isinstance(value, tuple) and any(is_dataclass(item) for item in value))
