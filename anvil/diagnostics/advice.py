"""What to write instead of names of C++, C and Python that Anvil does not know."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

TYPES = {
    "float": "double",
    "Double": "double",
    "f64": "double",
    "f32": "double",
    "real": "double",
    "number": "double",
    "short": "int",
    "char": "int",
    "signed": "int",
    "integer": "int",
    "i32": "int",
    "int8_t": "int",
    "int16_t": "int",
    "int32_t": "int",
    "int32": "int",
    "long": "int64_t",
    "i64": "int64_t",
    "int64": "int64_t",
    "ssize_t": "int64_t",
    "ptrdiff_t": "int64_t",
    "long long": "int64_t",
    "unsigned": "uint64_t",
    "uint": "uint64_t",
    "u64": "uint64_t",
    "uint32_t": "uint64_t",
    "uint64": "uint64_t",
    "size_t": "uint64_t",
    "boolean": "bool",
    "Bool": "bool",
    "let": "auto",
    "var": "auto",
    "store": "vulcan::store",
    "feature_store": "vulcan::store",
    "config": "vulcan::config",
}
"""Types that one of Anvil's replaces."""

CONTAINERS = frozenset("vector map unordered_map set unordered_set array string deque list pair tuple optional".split())

VALUES = {
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "M_PI": "3.141592653589793",
    "M_E": "2.718281828459045",
    "INT_MAX": "2147483647",
    "INT64_MAX": "9223372036854775807",
    "UINT64_MAX": "18446744073709551615ULL",
    "DBL_MAX": "1.7976931348623157e308",
    "DBL_EPSILON": "2.220446049250313e-16",
}
"""Constants of C and Python, and how Anvil writes them."""

OPERATORS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "bitand": "&",
    "bitor": "|",
    "xor": "^",
    "compl": "~",
    "not_eq": "!=",
}
"""Operators that C++ also spells as words."""

FUNCTIONS = {"fabs": "abs", "fmin": "min", "fmax": "max", "llabs": "abs", "labs": "abs", "lround": "round"}
FUNCTIONS |= {f"{name}f": name for name in ("sqrt", "exp", "log", "pow", "floor", "ceil", "tanh", "sin", "cos", "cbrt")}
FUNCTIONS = {name: f"anvil::{better}" for name, better in FUNCTIONS.items()}
"""Functions of C that a built-in replaces."""

_OUTPUT = "heuristics print nothing; remove it"
_PURE = "heuristics are deterministic; use the signals of the template"
_MEMORY = "heuristics hold no memory; attach a listener to the signal instead"

_LOOP = "count over the values with a bounded `for` loop"

_CALLS = {
    **dict.fromkeys(["printf", "fprintf", "puts", "print"], _OUTPUT),
    **dict.fromkeys(["rand", "srand", "random", "time", "clock"], _PURE),
    **dict.fromkeys(["malloc", "calloc", "realloc", "free", "memcpy", "memset", "make_unique", "make_shared"], _MEMORY),
    **dict.fromkeys(["accumulate", "sort", "max_element", "min_element", "count_if", "transform"], _LOOP),
    "assert": "no operation of Anvil traps; remove it",
    "exit": "return a value instead",
    "abort": "return a value instead",
    "exp2": "write `anvil::pow(2.0, x)`",
    "range": "write `for (int i = 0; i < N; ++i) { ... }`",
    "len": "query the number of values with `fs.get_n(...)`",
    "swap": "exchange them by a third variable",
}

_NAMES = {
    **dict.fromkeys(["std::cout", "cout", "std::cerr", "cerr", "std::endl", "endl"], _OUTPUT),
    "None": "every value is a number; use one that cannot occur, such as -1",
    "INFINITY": "write `1.0 / 0.0`, or a large number such as 1e300",
    "NAN": "write `0.0 / 0.0`",
    "self": "heuristics are functions; use their parameters",
}


def bare(name: object) -> str:
    """A name without the namespace of the standard library."""
    return str(name).removeprefix("std::")


def replacement(code: str, name: object) -> str:
    """What Anvil writes for a name that a finding calls unknown; empty where nothing is certain."""
    table = {"E0201": VALUES, "E0205": FUNCTIONS | TYPES, "E0301": TYPES}.get(code, {})
    return table.get(bare(name), "")


def advise(code: str, values: Mapping[str, object]) -> str:
    """A better help than that of the catalogue, for names that are habits of other languages."""
    name = values.get("name")
    if code not in ("E0201", "E0205", "E0301") or name is None or "it is " in str(values.get("fix")):
        return ""
    if better := replacement(code, name):
        return f"write `{better}`"
    if code == "E0301":
        if bare(name) in CONTAINERS:
            return "attach a listener to the signal; it holds the history that you need"
        return closest(bare(name), ["double", "int64_t", "uint64_t", "bool", "auto"])
    return (_CALLS if code == "E0205" else _NAMES).get(bare(name), _NAMES.get(str(name), ""))


def closest(name: str, known: list[str]) -> str:
    """A suggestion of a known name, where one is close."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean `{close[0]}`?" if close else ""
