"""Walking and editing typed programs by path.

A path is a sequence of (field, index) steps, index -1 for a field that holds one node. Editing gives a new tree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from anvil.frontend import typed as t

Step = tuple[str, int]
Path = tuple[Step, ...]

_FIELDS: dict[type, tuple[str, ...]] = {
    t.Unary: ("operand",),
    t.Binary: ("left", "right"),
    t.Conditional: ("condition", "then", "otherwise"),
    t.Convert: ("operand",),
    t.MathCall: ("args",),
    t.FunctionCall: ("args",),
    t.QueryCall: ("object", "args"),
    t.Declare: ("value",),
    t.Assign: ("value",),
    t.If: ("condition", "then", "otherwise"),
    t.For: ("init", "condition", "step", "body"),
    t.While: ("condition", "body"),
    t.Return: ("value",),
    t.Scope: ("body",),
    t.Member: ("receiver",),
    t.Aggregate: ("values",),
    t.MethodCall: ("receiver", "args"),
    t.CallStatement: ("call",),
    t.Switch: ("value", "cases"),
    t.Case: ("body",),
    t.Function: ("initialisers", "body"),
}


def children(node: Any) -> Iterator[tuple[Step, Any]]:
    """The nodes directly below `node`, each with the step that leads to it."""
    for field in _FIELDS.get(type(node), ()):
        value = getattr(node, field)
        if isinstance(value, tuple):
            for index, child in enumerate(value):
                if child is not None:
                    yield (field, index), child
        elif value is not None:
            yield (field, -1), value


def walk(node: Any) -> Iterator[Any]:
    """The node and all below it, parents first."""
    yield node
    for _, child in children(node):
        yield from walk(child)


def size(node: Any) -> int:
    """Number of nodes."""
    return sum(1 for _ in walk(node))


def target(assign: t.Assign) -> str:
    """The symbol of the variable that an assignment changes, wholly or in a member; "" for a member of `this`."""
    place: t.Expr = assign.target
    while isinstance(place, t.Member):
        place = place.receiver
    return place.symbol if isinstance(place, t.Name) else ""


def put(root: Any, path: Path, new: Any) -> Any:
    """`root` with the node at `path` replaced."""
    if not path:
        return new
    (field, index), rest = path[0], path[1:]
    value = getattr(root, field)
    if index < 0:
        return dataclasses.replace(root, **{field: put(value, rest, new)})
    return dataclasses.replace(root, **{field: (*value[:index], put(value[index], rest, new), *value[index + 1 :])})


def splice(root: Any, owner: Path, field: str, start: int, end: int, new: t.Block) -> Any:
    """`root` with the statements `start:end` of a block, the tuple `field` of the node at `owner`, replaced."""
    node = root
    for name, index in owner:
        node = getattr(node, name) if index < 0 else getattr(node, name)[index]
    block = getattr(node, field)
    return put(root, owner, dataclasses.replace(node, **{field: (*block[:start], *new, *block[end:])}))


def rewrite(node: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with `change` applied to every node, bottom up."""
    updates: dict[str, Any] = {}
    for field in _FIELDS.get(type(node), ()):
        value = getattr(node, field)
        if isinstance(value, tuple):
            new: Any = tuple(rewrite(child, change) for child in value)
            if any(a is not b for a, b in zip(new, value, strict=True)):
                updates[field] = new
        elif value is not None and (new := rewrite(value, change)) is not value:
            updates[field] = new
    return change(dataclasses.replace(node, **updates) if updates else node)


@dataclass(frozen=True, slots=True)
class Site:
    """A place of an expression that may be replaced by another of its type.

    `scope` are the initialised locals that can be named there. `statement` is the path of the statement that it
    stands in.
    """

    path: Path
    expr: t.Expr
    scope: tuple[t.Name, ...]
    statement: Path


def sites(function: t.Function) -> list[Site]:
    """All expressions that may be replaced: everything but loop headers and the arguments of queries."""
    return list(_block_sites(function, (), "body", ()))


def _block_sites(owner: Any, path: Path, field: str, scope: tuple[t.Name, ...]) -> Iterator[Site]:
    for index, stmt in enumerate(getattr(owner, field)):
        here = (*path, (field, index))
        yield from _statement_sites(stmt, here, scope)
        if isinstance(stmt, t.Declare) and stmt.value is not None:
            scope = (*scope, t.Name(stmt.type, stmt.name, stmt.symbol))


def _statement_sites(stmt: t.Stmt, here: Path, scope: tuple[t.Name, ...]) -> Iterator[Site]:
    match stmt:
        case t.Declare(value=value) | t.Assign(value=value) | t.Return(value=value) if value is not None:
            yield from _expression_sites(value, (*here, ("value", -1)), scope, here)
        case t.If():
            yield from _expression_sites(stmt.condition, (*here, ("condition", -1)), scope, here)
            yield from _block_sites(stmt, here, "then", scope)
            yield from _block_sites(stmt, here, "otherwise", scope)
        case t.For() | t.Scope():
            yield from _block_sites(stmt, here, "body", scope)


def _expression_sites(expr: t.Expr, path: Path, scope: tuple[t.Name, ...], statement: Path) -> Iterator[Site]:
    yield Site(path, expr, scope, statement)
    if isinstance(expr, t.QueryCall):
        return
    for step, child in children(expr):
        yield from _expression_sites(child, (*path, step), scope, statement)
