"""Where in a function its variables occur, and so where C can declare them."""

from __future__ import annotations

from anvil import fold
from anvil.core import (
    Assign,
    Block,
    CallMany,
    Expr,
    Function,
    If,
    Local,
    Loop,
    Stmt,
    expressions,
    walk_block,
    walk_expr,
)


def names_read(function: Function) -> frozenset[str]:
    """Parameters and variables whose value is used somewhere."""
    return frozenset(
        name for stmt in walk_block(function.body) for expr in expressions(stmt) for name in _locals_of(expr)
    )


class Mentions:
    """For every statement of a function, the names that it and the statements inside it read or assign."""

    def __init__(self, function: Function) -> None:
        self._body = function.body
        self._names: dict[int, frozenset[str]] = {}  # by id of the statement
        self._all = self._of_block(function.body)

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def declaring(self, name: str) -> Assign | CallMany | None:
        """The assignment that can be the declaration: it comes first in a block that holds all mentions."""
        block: Block | None = self._body
        while block is not None:
            holding = [stmt for stmt in block if name in self._names[id(stmt)]]
            if not holding:
                return None
            first = holding[0]
            if isinstance(first, Assign | CallMany):
                return None if any(name in _locals_of(expr) for expr in expressions(first)) else first
            block = self._only_block(first, name) if len(holding) == 1 else None
        return None

    def _only_block(self, stmt: Stmt, name: str) -> Block | None:
        """The one block inside the statement that holds all its mentions of the name."""
        if not isinstance(stmt, If | Loop) or name in _locals_of(stmt.condition):
            return None
        blocks = (stmt.then, stmt.otherwise) if isinstance(stmt, If) else (stmt.body, stmt.step)
        holding = [block for block in blocks if any(name in self._names[id(inner)] for inner in block)]
        return holding[0] if len(holding) == 1 else None

    def _of_block(self, block: Block) -> frozenset[str]:
        return frozenset().union(*map(self._of_statement, block))

    def _of_statement(self, stmt: Stmt) -> frozenset[str]:
        names = frozenset().union(fold.targets(stmt), *map(_locals_of, expressions(stmt)))
        match stmt:
            case If():
                names |= self._of_block(stmt.then) | self._of_block(stmt.otherwise)
            case Loop():
                names |= self._of_block(stmt.body) | self._of_block(stmt.step)
        self._names[id(stmt)] = names
        return names


def _locals_of(expr: Expr) -> frozenset[str]:
    return frozenset(node.name for node in walk_expr(expr) if isinstance(node, Local))
