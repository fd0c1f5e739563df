"""Typed AST to Anvil source.

The text parses back to the same module, provided that implicit conversions stand only where C++ inserts them; a tool
that builds modules marks its own conversions as explicit.
"""

from __future__ import annotations

import math

from anvil.frontend import typed
from anvil.frontend.conversions import common, promoted
from anvil.frontend.precedence import PRECEDENCE
from anvil.frontend.queries import describe
from anvil.interface import Interface
from anvil.types import Type

_UNARY, _PRIMARY = 11, 12
_INDENT = "    "


def print_module(module: typed.Module) -> str:
    """The source of a module, with the listeners that it attaches."""
    parts = ["#include <vulcan/anvil.hpp>"]
    parts += [_type(kind, module) for kind in module.types]
    constants = [f"constexpr {c.type.value} {c.name} = {literal(c.type, c.value)};" for c in module.constants]
    parts += ["\n".join(constants)] if constants else []
    parts += [_extern(extern) for extern in module.externs]
    if module.listeners and module.interface is not None:
        parts.append(_configure(module.listeners, module.interface))
    parts += [print_function(function) for function in module.functions if function.owner is None]
    return "\n\n".join(parts) + "\n"


def _configure(listeners: tuple[typed.Attachment, ...], interface: Interface) -> str:
    lines = ["void configure(vulcan::config& config) {"]
    for signal in dict.fromkeys(attachment.signal for attachment in listeners):
        items = ", ".join(describe(a, interface) for a in listeners if a.signal == signal)
        lines.append(f"{_INDENT}config.add_listeners({signal}, {{{items}}});")
    return "\n".join([*lines, "}"])


def _type(kind: typed.EnumType | typed.ClassType, module: typed.Module) -> str:
    """The declaration of an enumeration or of a class, its methods inside."""
    if isinstance(kind, typed.EnumType):
        labels = ", ".join(f"{label} = {literal(Type.INT, value)}" for label, value in kind.enumerators)
        return f"enum {'class ' if kind.scoped else ''}{kind.name} {{ {labels} }};"
    lines = [f"struct {kind.name} {{"]
    for f in kind.fields:
        default = "" if f.default is None else f" = {print_expr(f.default)}"
        lines.append(f"{_INDENT}{f.type.value} {f.name}{default};")
    for function in module.functions:
        if function.owner == kind:
            lines += ["", *(f"{_INDENT}{line}" for line in print_function(function).splitlines())]
    return "\n".join([*lines, "};"])


def _extern(extern: typed.Extern) -> str:
    attributes = [*(["anvil::pure"] if extern.pure else []), *([f"anvil::cost({extern.cost})"] if extern.cost else [])]
    head = f"[[{', '.join(attributes)}]] " if attributes else ""
    params = ", ".join(f"{param.type.value} {param.name}".rstrip() for param in extern.params)
    return f"{head}extern {extern.result.value} {extern.name}({params});"


def print_function(function: typed.Function) -> str:
    """The source of one function, method or constructor."""
    params = [f"{param.type.value} {param.name}".rstrip() for param in function.params]
    if function.store is not None:
        params.insert(0, f"const vulcan::store& {function.store}".rstrip())
    result = "" if function.is_constructor else f"{function.result.value} "
    suffix = " const" if function.constant else ""
    members = [f"{_member(assign)}({print_expr(assign.value)})" for assign in function.initialisers]
    suffix += f" : {', '.join(members)}" if members else ""
    head = f"{result}{function.name}({', '.join(params)}){suffix} {{"
    return "\n".join([head, *_block(function.store or "", function.body, 1), "}"])


# ----------------------------------------------------------------------------------------------- statements


def _member(assign: typed.Assign) -> str:
    assert isinstance(assign.target, typed.Member)
    return assign.target.name


def _block(store: str, block: typed.Block, depth: int) -> list[str]:
    return [line for stmt in block for line in _statement(store, stmt, depth)]


def _statement(store: str, stmt: typed.Stmt, depth: int) -> list[str]:
    indent = _INDENT * depth
    match stmt:
        case typed.Declare() | typed.Assign():
            return [f"{indent}{_simple(store, stmt)};"]
        case typed.If():
            return _if(store, stmt, depth)
        case typed.For():
            head = (
                f"for ({_simple(store, stmt.init)}; {print_expr(stmt.condition, store)}; {_simple(store, stmt.step)})"
            )
            return _braced(store, head, stmt.body, depth)
        case typed.While():
            return _braced(store, f"while ({print_expr(stmt.condition, store)})", stmt.body, depth)
        case typed.Break():
            return [f"{indent}break;"]
        case typed.Continue():
            return [f"{indent}continue;"]
        case typed.Switch():
            return _switch(store, stmt, depth)
        case typed.CallStatement():
            return [f"{indent}{print_expr(stmt.call, store)};"]
        case typed.Return():
            return [f"{indent}return;" if stmt.value is None else f"{indent}return {print_expr(stmt.value, store)};"]
        case typed.Scope():
            return [f"{indent}{{", *_block(store, stmt.body, depth + 1), f"{indent}}}"]


def _braced(store: str, head: str, body: typed.Block, depth: int) -> list[str]:
    indent = _INDENT * depth
    return [f"{indent}{head} {{", *_block(store, body, depth + 1), f"{indent}}}"]


def _if(store: str, stmt: typed.If, depth: int) -> list[str]:
    lines = _braced(store, f"if ({print_expr(stmt.condition, store)})", stmt.then, depth)
    if not stmt.otherwise:
        return lines
    if len(stmt.otherwise) == 1 and isinstance(stmt.otherwise[0], typed.If):
        rest = _if(store, stmt.otherwise[0], depth)
        return [*lines[:-1], f"{lines[-1]} else {rest[0].lstrip()}", *rest[1:]]
    rest = _braced(store, "else", stmt.otherwise, depth)
    return [*lines[:-1], f"{lines[-1]} {rest[0].lstrip()}", *rest[1:]]


def _switch(store: str, stmt: typed.Switch, depth: int) -> list[str]:
    indent = _INDENT * depth
    lines = [f"{indent}switch ({print_expr(stmt.value, store)}) {{"]
    for case in stmt.cases:
        labels = [f"case {_label(stmt.value.type, label)}:" for label in case.labels]
        lines += [f"{indent}{_INDENT}{label}" for label in (*labels, *(["default:"] if case.default else []))]
        lines[-1] += " {"
        lines += [*_block(store, case.body, depth + 2), f"{indent}{_INDENT * 2}break;", f"{indent}{_INDENT}}}"]
    return [*lines, f"{indent}}}"]


def _label(kind: typed.AnyType, value: int) -> str:
    return literal(kind, value)


def _simple(store: str, stmt: typed.Declare | typed.Assign) -> str:
    if isinstance(stmt, typed.Assign):
        return f"{print_expr(stmt.target, store)} {stmt.op} {print_expr(stmt.value, store)}"
    head = f"{'const ' if stmt.constant else ''}{stmt.type.value} {stmt.name}"
    return head if stmt.value is None else f"{head} = {print_expr(stmt.value, store)}"


# ---------------------------------------------------------------------------------------------- expressions


def print_expr(expr: typed.Expr, store: str = "fs") -> str:
    """The source of an expression."""
    return _expr(store, expr)[0]


def _expr(store: str, expr: typed.Expr) -> tuple[str, int]:
    """Text and precedence."""
    match expr:
        case typed.Literal():
            text = literal(expr.type, expr.value)
            return text, _UNARY if text.startswith("-") else _PRIMARY
        case typed.Name():
            return expr.name, _PRIMARY
        case typed.Unary():
            operand, level = _expr(store, expr.operand)
            return f"{expr.op}{operand if level == _PRIMARY else f'({operand})'}", _UNARY
        case typed.Binary():
            level = PRECEDENCE[expr.op]
            return (
                f"{_at(store, expr.left, level, expr.op)} {expr.op} {_at(store, expr.right, level + 1, expr.op)}",
                level,
            )
        case typed.Conditional():
            return f"{_at(store, expr.condition, 1)} ? {_at(store, expr.then, 1)} : {_at(store, expr.otherwise, 1)}", 0
        case typed.Convert():
            if expr.explicit:
                return f"static_cast<{expr.type.value}>({print_expr(expr.operand, store)})", _PRIMARY
            return _expr(store, expr.operand)
        case typed.MathCall():
            return _math(store, expr), _PRIMARY
        case typed.FunctionCall():
            args = [*([store] if expr.passes_store else []), *(print_expr(arg, store) for arg in expr.args)]
            return f"{expr.name}({', '.join(args)})", _PRIMARY
        case typed.This():
            return "(*this)", _PRIMARY
        case typed.Member():
            if isinstance(expr.receiver, typed.This):
                return f"this->{expr.name}", _PRIMARY
            return f"{_at(store, expr.receiver, _PRIMARY)}.{expr.name}", _PRIMARY
        case typed.Aggregate():
            values = [print_expr(value, store) for value in expr.values if value is not None]
            return f"{expr.type.name}{{{', '.join(values)}}}", _PRIMARY
        case typed.MethodCall():
            args = [*([store] if expr.passes_store else []), *(print_expr(arg, store) for arg in expr.args)]
            if isinstance(expr.receiver, typed.This):
                return f"this->{expr.name}({', '.join(args)})", _PRIMARY
            return f"{_at(store, expr.receiver, _PRIMARY)}.{expr.name}({', '.join(args)})", _PRIMARY
        case typed.QueryCall():
            target = [] if expr.object is None else [print_expr(expr.object, store)]
            args = [expr.signal.name, *target, *(_argument(store, arg) for arg in expr.args)]
            return f"{store}.{expr.query.method}({', '.join(args)})", _PRIMARY


def _argument(store: str, arg: typed.Expr) -> str:
    """An argument of a query: an index needs no suffix, it converts to the type of its parameter."""
    if isinstance(arg, typed.Literal) and arg.type is Type.INT64 and abs(int(arg.value)) <= Type.INT.high:
        return str(arg.value)
    return print_expr(arg, store)


def _at(store: str, expr: typed.Expr, level: int, parent: str = "") -> str:
    """The operand of an operator, in parentheses where precedence asks for them, or a reader would."""
    text, own = _expr(store, expr)
    mixed = parent in ("||", "|", "^", "&", "<<", ">>") and own < _UNARY and _operator(expr) != parent
    return f"({text})" if own < level or mixed else text


def _operator(expr: typed.Expr) -> str:
    while isinstance(expr, typed.Convert) and not expr.explicit:
        expr = expr.operand
    return expr.op if isinstance(expr, typed.Binary) else ""


def _math(store: str, expr: typed.MathCall) -> str:
    args = [a.operand if isinstance(a, typed.Convert) and not a.explicit else a for a in expr.args]
    kinds = [arg.type for arg in args if isinstance(arg.type, Type)]
    kind = promoted(kinds[0])
    for other in kinds[1:]:
        kind = common(kind, other)
    texts = [print_expr(arg, store) for arg in args]
    if expr.name in ("min", "max", "clamp") and kind is not expr.type:
        return f"std::{expr.name}<{expr.type.value}>({', '.join(texts)})"
    if expr.name in ("abs", "sign") and kind is not expr.type:
        texts = [f"static_cast<{expr.type.value}>({text})" for text in texts]
    return f"anvil::{expr.name}({', '.join(texts)})"


def literal(kind: typed.AnyType, value: bool | int | float) -> str:
    """The spelling of a constant, with exactly this type and value."""
    if isinstance(kind, typed.ClassType):
        raise ValueError(f"an object of {kind.name} is no literal")
    if isinstance(kind, typed.EnumType):
        return next(
            (f"{kind.name}::{label}" for label, v in kind.enumerators if v == value),
            f"static_cast<{kind.name}>({int(value)})",
        )
    if kind is Type.BOOL:
        return "true" if value else "false"
    if kind is Type.DOUBLE:
        return _double(float(value))
    value = int(value)
    if kind is Type.UINT64:
        return f"{value}ULL"
    if kind is Type.INT64:
        return "static_cast<int64_t>(0x8000000000000000)" if value == kind.low else f"{value}LL"
    return "static_cast<int>(-2147483648)" if value == kind.low else str(value)


def _double(value: float) -> str:
    if not math.isfinite(value):
        return "(0.0 / 0.0)" if math.isnan(value) else f"({'-' if value < 0 else ''}1.0 / 0.0)"
    text = repr(value)
    return text if any(mark in text for mark in ".e") else f"{text}.0"
