"""Core as readable text, for `anvilc emit --target core`."""

from __future__ import annotations

from anvil import core
from anvil.types import Type

_SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "rem": "%",
    "and": "&",
    "or": "|",
    "xor": "^",
    "shl": "<<",
    "shr": ">>",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
    "neg": "-",
    "not": "!",
    "bitnot": "~",
}


def print_core(program: core.Program) -> str:
    """The whole program: slots with their place in the row, functions of the host, entry points, functions."""
    lines = [_slot(slot) for slot in program.slots]
    lines += [_extern(extern) for extern in program.externs]
    lines += [f"entry {entry.kind} {entry.function}" for entry in program.entries]
    for function in program.functions:
        params = ["store"] * function.takes_store + _params(function.params)
        lines += ["", f"function {function.name}({', '.join(params)}) -> {_result(function)} {{"]
        lines += [f"  var {variable.name}: {variable.type.value}" for variable in function.variables]
        lines += [*_block(function.body, 1), "}"]
    return "\n".join(lines).strip() + "\n"


def _slot(slot: core.Slot) -> str:
    params = f"({', '.join(f'{p:g}' for p in slot.params)})" if slot.params else ""
    place = f"{slot.scope} row +{slot.offset}, {slot.size} bytes"
    return f"slot {slot.index}: {slot.listener}{params} of {slot.signal}: {slot.value_type.value}   # {place}"


def _extern(extern: core.ExternFunction) -> str:
    promises = f"{'pure, ' if extern.pure else ''}cost {extern.cost}"
    return f"extern {extern.name}({', '.join(_params(extern.params))}) -> {extern.result.value}   # {promises}"


def _params(params: tuple[core.Variable, ...]) -> list[str]:
    return [f"{param.name}: {param.type.value}" for param in params]


def _result(function: core.Function) -> str:
    if function.result is Type.VOID:
        return f"({', '.join(type.value for type in function.results)})"
    return str(function.result.value)


def _block(block: core.Block, depth: int) -> list[str]:
    return [line for stmt in block for line in _statement(stmt, depth)]


def _statement(stmt: core.Stmt, depth: int) -> list[str]:
    indent = "  " * depth
    match stmt:
        case core.Assign():
            return [f"{indent}{stmt.name} = {_expr(stmt.value)}"]
        case core.CallMany():
            targets = ", ".join(name or "_" for name in stmt.targets)
            return [f"{indent}{targets}{' = ' if targets else ''}{stmt.function}({', '.join(map(_expr, stmt.args))})"]
        case core.If():
            lines = [f"{indent}if {_expr(stmt.condition)} {{", *_block(stmt.then, depth + 1)]
            if stmt.otherwise:
                lines += [f"{indent}}} else {{", *_block(stmt.otherwise, depth + 1)]
            return [*lines, f"{indent}}}"]
        case core.Loop():
            lines = [f"{indent}loop {stmt.id} while {_expr(stmt.condition)} {{", *_block(stmt.body, depth + 1)]
            if stmt.step:
                lines += [f"{indent}}} step {{", *_block(stmt.step, depth + 1)]
            return [*lines, f"{indent}}}"]
        case core.Break():
            return [f"{indent}break"]
        case core.Continue():
            return [f"{indent}continue"]
        case core.Return():
            return [f"{indent}return {_expr(stmt.value)}"]
        case core.ReturnMany():
            return [f"{indent}return {', '.join(map(_expr, stmt.values))}".rstrip()]


def _expr(expr: core.Expr) -> str:
    match expr:
        case core.Const():
            return _const(expr)
        case core.Local():
            return expr.name
        case core.Unary():
            return f"{_SYMBOLS[expr.op]}({_expr(expr.operand)})"
        case core.Binary() | core.Compare():
            kind = expr.type if isinstance(expr, core.Binary) else expr.left.type
            return f"({_expr(expr.left)} {_SYMBOLS[expr.op]}.{_short(kind)} {_expr(expr.right)})"
        case core.Logical():
            return f"({_expr(expr.left)} {'&&' if expr.op == 'and' else '||'} {_expr(expr.right)})"
        case core.Select():
            return f"({_expr(expr.condition)} ? {_expr(expr.then)} : {_expr(expr.otherwise)})"
        case core.Cast():
            return f"{_short(expr.type)}({_expr(expr.operand)})"
        case core.Math():
            return f"{expr.name}.{_short(expr.args[0].type)}({', '.join(map(_expr, expr.args))})"
        case core.Call():
            return f"{expr.function}({', '.join(map(_expr, expr.args))})"
        case core.ExternCall():
            return f"extern {expr.name}({', '.join(map(_expr, expr.args))})"
        case core.Query():
            target = [] if expr.object is None else [f"object {_expr(expr.object)}"]
            args = [f"slot {expr.slot}", *target, *map(_expr, expr.args), *map(str, expr.constants)]
            return f"{expr.symbol}({', '.join(args)})"


def _const(expr: core.Const) -> str:
    if expr.type is Type.BOOL:
        return "true" if expr.value else "false"
    return repr(expr.value) if expr.type is Type.DOUBLE else f"{expr.value}:{_short(expr.type)}"


def _short(kind: Type) -> str:
    return {Type.BOOL: "bool", Type.INT: "i32", Type.INT64: "i64", Type.UINT64: "u64", Type.DOUBLE: "f64"}[kind]
