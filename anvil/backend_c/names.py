"""How types, names and literals are spelled in C. The symbols are also those of the JIT's modules."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence

from anvil.core import Const, Entry, Function, Program
from anvil.types import Type

C_TYPE = {
    Type.BOOL: "bool",
    Type.INT: "int32_t",
    Type.INT64: "int64_t",
    Type.UINT64: "uint64_t",
    Type.DOUBLE: "double",
    Type.VOID: "void",
}

# Of the run-time library's functions: anvil_add_i32.
SUFFIX = {Type.INT: "i32", Type.INT64: "i64", Type.UINT64: "u64", Type.DOUBLE: "f64"}

# An entry point keeps its name, so the name must be one that C leaves free.
_RESERVED = re.compile(
    r"auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long|register"
    r"|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while|bool|true"
    r"|false|main|(anvil|vk)_.*"
)


# A function of the host keeps its name in C where no header, compiler or emitted text can mean something else by it:
# several words joined by underscores, but for the few such names that C, gcc and the emitted file use.
_FREE = re.compile(
    r"(?!(v|row|obj|math|aligned|posix)_|thread_local|static_assert|typeof_unqual)(?!.*_(t|unlocked)$)"
    r"[a-z][a-z0-9]*(_[a-z0-9]+)+"
)


def mangle(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """A distinct C name for every name; identifiers come out as `prefix` + name."""
    plain: list[str] = []
    others: list[str] = []
    for name in names:
        (plain if re.fullmatch(r"\w+", name, re.ASCII) else others).append(name)
    result = {name: prefix + name for name in plain}
    taken = set(result.values())
    for name in others:
        text = prefix + re.sub(r"\W", "_", name, flags=re.ASCII)
        while text in taken:
            text += "_"
        taken.add(text)
        result[name] = text
    return result


def function_names(program: Program) -> dict[str, str]:
    """Core function -> C function."""
    return mangle("anvil_f_", (function.name for function in program.functions))


def local_names(function: Function) -> dict[str, str]:
    """Core parameter or variable -> C name."""
    return mangle("v_", (variable.name for variable in function.params + function.variables))


def entry_symbol(entry: Entry) -> str:
    """The exported name of an entry point. ValueError if C has no room for it."""
    name = entry.function
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or _RESERVED.fullmatch(name):
        raise ValueError(f"`{name}` cannot be the name of an entry point: it is not a free C identifier")
    return name


def extern_names(program: Program) -> dict[str, str]:
    """Function of the host -> C name. ValueError where the program itself exports or imports the symbol."""
    taken = {entry_symbol(entry) for entry in program.entries}
    taken |= {f"{symbol}_batch" for symbol in taken}
    names: dict[str, str] = {}
    for extern in program.externs:
        name = extern.name
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or re.match(r"(anvil|vk)_", name) or name in taken:
            raise ValueError(f"`{name}` cannot be the name of a function of the host: the program has it already")
        names[name] = name if _FREE.fullmatch(name) else f"anvil_x_{name}"
    return names


def literal(const: Const) -> str:
    """A constant as a C expression without operators that could bind wrongly (a leading minus is kept)."""
    if isinstance(const.value, bool):
        return "true" if const.value else "false"
    if isinstance(const.value, float):
        return _double(const.value)
    return f"UINT64_C({const.value})" if const.type is Type.UINT64 else signed(const.value)


def signed(value: int) -> str:
    """An int32 or int64. Without suffix where it is an int in C: all that C does to it keeps the value."""
    if value in (Type.INT.low, Type.INT64.low):
        return "INT32_MIN" if value == Type.INT.low else "INT64_MIN"
    if Type.INT.low < value <= Type.INT.high:
        return str(value)
    return f"-INT64_C({-value})" if value < 0 else f"INT64_C({value})"


def _double(value: float) -> str:
    """Hexadecimal where a decimal spelling would need rounding."""
    if math.isnan(value):
        return "(double)NAN"
    if math.isinf(value):
        return "HUGE_VAL" if value > 0 else "-HUGE_VAL"
    if value.is_integer() and abs(value) < 1e15:
        return repr(value)
    digits = re.sub(r"\.?0*p", "p", value.hex())
    return f"{digits} /* {value!r} */"


def prototype(result: str, name: str, params: Sequence[str]) -> str:
    """On one line if it fits, else with the parameters on the next."""
    line = f"{result} {name}({', '.join(params) or 'void'})"
    if len(line) <= 110:
        return line
    listed = textwrap.fill(", ".join(params), 110, initial_indent="    ", subsequent_indent="    ")
    return f"{result} {name}(\n{listed})"
