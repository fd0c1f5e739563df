"""A text of Core that is equal for programs that differ only in names and places."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass

from anvil import core
from anvil.types import Type


def canonical(program: core.Program) -> str:
    """Canonical text: locals and helper functions numbered by first use, spans left out; those of the host by name.

    Only what the entry points reach counts, where there are any.
    """
    entries = {entry.function for entry in program.entries}
    functions = _reached(program, sorted(entries) or sorted(f.name for f in program.functions))
    names = {f.name: f.name if f.name in entries or not entries else f"f{i}" for i, f in enumerate(functions)}
    lines = [f"slot {s.signal} {s.listener} {list(s.params)}" for s in program.slots]
    for function in functions:
        local: dict[str, str] = {}
        for param in function.params:
            local[param.name] = f"v{len(local)}"
        params = ", ".join(f"{p.type.value} {local[p.name]}" for p in function.params)
        body = _text(function.body, local, names)
        result = "(" + ", ".join(type.value for type in function.results) + ")"
        if function.result is not Type.VOID:
            result = function.result.value
        lines.append(f"{result} {names[function.name]}({params}) {body}")
    return "\n".join(lines)


def _reached(program: core.Program, roots: list[str]) -> list[core.Function]:
    """The functions that the roots call, callees first, in the order of the calls."""
    found: dict[str, core.Function] = {}

    def visit(name: str) -> None:
        if name not in found:
            function = program.function(name)
            for callee in _callees(function.body):
                visit(callee)
            found.setdefault(name, function)

    for root in roots:
        visit(root)
    return list(found.values())


def _callees(body: core.Block) -> list[str]:
    called: list[str] = []
    for stmt in core.walk_block(body):
        for expr in core.expressions(stmt):
            called += [node.function for node in core.walk_expr(expr) if isinstance(node, core.Call)]
        called += [stmt.function] if isinstance(stmt, core.CallMany) else []
    return called


def digest(program: core.Program) -> str:
    """A short hash of the canonical text."""
    return hashlib.sha256(canonical(program).encode()).hexdigest()[:32]


def _text(node: object, local: dict[str, str], functions: dict[str, str]) -> str:
    if isinstance(node, tuple):
        return "(" + " ".join(_text(item, local, functions) for item in node) + ")"
    match node:
        case core.Local():
            return local.setdefault(node.name, f"v{len(local)}")
        case core.Assign():
            value = _text(node.value, local, functions)
            return f"{local.setdefault(node.name, f'v{len(local)}')} = {value};"
        case core.CallMany():
            call = f"{functions[node.function]}{_text(node.args, local, functions)}"
            targets = [local.setdefault(name, f"v{len(local)}") if name else "_" for name in node.targets]
            return f"({', '.join(targets)}) = {call};"
        case core.Call():
            return f"{functions[node.function]}{_text(node.args, local, functions)}"
        case core.Const():
            return f"{node.type.value}:{node.value.hex() if isinstance(node.value, float) else node.value}"
    if is_dataclass(node):
        parts = [_text(getattr(node, f.name), local, functions) for f in fields(node) if f.name not in ("span", "id")]
        return f"{type(node).__name__}({', '.join(parts)})"
    return getattr(node, "value", None) or str(node)
