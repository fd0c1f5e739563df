"""Drops what does nothing, so that size is spent on what does."""

from __future__ import annotations

import dataclasses
from typing import Any

from anvil.frontend import typed as t
from anvil.types import Type
from synth.gp.tree import rewrite, target, walk
from synth.gp.vocabulary import number

_D = Type.DOUBLE


def simplify(function: t.Function) -> t.Function:
    """The function without no-op arithmetic, decided conditions, unreachable statements and unused locals."""
    for _ in range(4):
        smaller = _drop_unused(rewrite(function, _simplify_node))
        if smaller == function:
            break
        function = smaller
    return function


def spelled_out(function: t.Function) -> t.Function:
    """The function with every conversion explicit, so that its parts can be moved, and none left on literals."""
    changed: t.Function = rewrite(function, _spell_out)
    return changed


def _spell_out(node: Any) -> Any:
    match node:
        case t.Convert(type=Type.DOUBLE, operand=t.Literal(value=value)):
            return t.Literal(_D, float(value))
        case t.Convert(type=Type.DOUBLE, operand=t.Unary(op="-", operand=t.Literal(value=value))):
            return t.Unary(_D, "-", t.Literal(_D, float(value)))
        case t.Convert(type=Type() as type, operand=t.Literal(type=Type() as old, value=value)) if (
            type.is_integer and old.is_integer
        ):
            return t.Literal(type, value) if type.low <= value <= type.high else node
        case t.Convert(explicit=False):
            return dataclasses.replace(node, explicit=True)
    return node


def constant(expr: t.Expr) -> float | None:
    """The value of a double literal or of its negation."""
    if isinstance(expr, t.Literal) and expr.type is _D:
        return float(expr.value)
    if isinstance(expr, t.Unary) and expr.op == "-" and isinstance(expr.operand, t.Literal) and expr.type is _D:
        return -float(expr.operand.value)
    return None


def _simplify_node(node: Any) -> Any:
    """The node, whose operands are simple already, made simpler."""
    if isinstance(node, t.Binary):
        return _binary(node)
    match node:
        case t.Unary(type=Type.DOUBLE, op="-", operand=t.Unary(op="-", operand=inner)):
            return inner
        case t.Conditional(then=then, otherwise=otherwise) if then == otherwise:
            return then
        case t.Conditional(condition=t.Literal(value=decided)):
            return node.then if decided else node.otherwise
        case t.If(condition=t.Literal(value=decided)):
            return _merge(node.then if decided else node.otherwise)
        case t.MathCall(name="min" | "max", args=(left, right)) if left == right:
            return left
        case t.MathCall(type=Type.DOUBLE, name="pow", args=(base, exponent)) if constant(exponent) == 1.0:
            return base
        case t.If(then=(), otherwise=()):
            return t.Scope(())
    return _block_fields(node)


def _binary(node: t.Binary) -> t.Expr:
    if node.op in ("&&", "||"):
        return _logical(node)
    if node.left.type is not _D:
        return node
    return _arithmetic(node) if node.type is _D else _comparison(node)


def _arithmetic(node: t.Binary) -> t.Expr:
    left, right = constant(node.left), constant(node.right)
    match node.op:
        case "+" if right == 0.0:
            return node.left
        case "+" if left == 0.0:
            return node.right
        case "-" if right == 0.0:
            return node.left
        case "-" if node.left == node.right:
            return number(0.0)
        case "*" if left == 1.0:
            return node.right
        case "*" | "/" if right == 1.0:
            return node.left
        case "*" if left == 0.0 or right == 0.0:
            return number(0.0)
        case "/" if node.left == node.right:
            return number(1.0)
    if left is None or right is None:
        return node
    return _fold(node, left, right)


def _comparison(node: t.Binary) -> t.Expr:
    left, right = constant(node.left), constant(node.right)
    if left is None or right is None:
        return node
    compare = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    decided = compare.get(node.op, (left == right) == (node.op == "=="))
    return t.Literal(Type.BOOL, decided)


def _logical(node: t.Binary) -> t.Expr:
    """A literal operand decides, or does nothing."""
    for literal, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(literal, t.Literal):
            return other if bool(literal.value) == (node.op == "&&") else literal
    return node.left if node.left == node.right else node


def _merge(block: t.Block) -> t.Stmt:
    return block[0] if len(block) == 1 else t.Scope(block)


def _fold(node: t.Binary, left: float, right: float) -> t.Expr:
    match node.op:
        case "+":
            return number(left + right)
        case "-":
            return number(left - right)
        case "*":
            return number(left * right)
        case "/" if right != 0.0:
            return number(left / right)
    return node


def _block_fields(node: Any) -> Any:
    """A node that holds blocks, without empty scopes and without what follows a return."""
    match node:
        case t.Function(body=body) | t.For(body=body) | t.Scope(body=body):
            return dataclasses.replace(node, body=_block(body))
        case t.If(then=then, otherwise=otherwise):
            return dataclasses.replace(node, then=_block(then), otherwise=_block(otherwise))
    return node


def _block(block: t.Block) -> t.Block:
    kept: list[t.Stmt] = []
    for stmt in block:
        if stmt == t.Scope(()):
            continue
        kept.append(stmt)
        if isinstance(stmt, t.Return):
            break
    return tuple(kept)


def _drop_unused(function: t.Function) -> t.Function:
    """Without locals that are never read; their assignments go with them."""
    read = {node.symbol for node in walk(function) if isinstance(node, t.Name)}
    loops = {node.init.symbol for node in walk(function) if isinstance(node, t.For)}

    def change(node: Any) -> Any:
        if isinstance(node, t.Declare) and node.symbol not in read | loops:
            return t.Scope(())
        if isinstance(node, t.Assign) and target(node) not in read | loops | {""}:
            return t.Scope(())
        return _block_fields(node)

    changed: t.Function = rewrite(function, change)
    return changed
