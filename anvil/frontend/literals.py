"""Literals of C++: which texts are numbers of Anvil, and of which type ([lex.number])."""

from __future__ import annotations

import math
import re

from anvil.diagnostics import fail
from anvil.span import Span
from anvil.types import Type

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)")
_FLOAT = re.compile(r"(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?")
_HEX_FLOAT = re.compile(r"0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")


def number(text: str, span: Span) -> tuple[Type, int | float]:
    """Type and value of a numeric literal; raises Stop where C++ would read it as something else."""
    if re.search(r"^0[xXbB]'|''|'$|'\.|\.'", text):
        raise fail(
            "E0102", span, text=text, why="a separator stands between two digits", fix="write it as in 1'000'000"
        )
    digits = text.replace("'", "")
    text = text if len(text) <= 40 else f"{text[:37]}..."
    if match := _INTEGER.fullmatch(digits):
        return _integer(text, match[1], match[2].lower(), span)
    if _FLOAT.fullmatch(digits):
        return Type.DOUBLE, _finite(float(digits), text, span)
    if _HEX_FLOAT.fullmatch(digits):
        return Type.DOUBLE, _finite(_hexadecimal(digits), text, span)
    if digits[-1] in "fFlL" and (_FLOAT.fullmatch(digits[:-1]) or _HEX_FLOAT.fullmatch(digits[:-1])):
        raise fail("E0102", span, text=text, why="it is not a double", fix=f"write `{digits[:-1]}`")
    raise fail(
        "E0102", span, text=text, why="it is malformed", fix="write it as in C++, for example 10, 0x1F, 2.5, 1e-3"
    )


def _hexadecimal(digits: str) -> float:
    try:
        return float.fromhex(digits)
    except OverflowError:
        return math.inf


def _integer(text: str, digits: str, suffix: str, span: Span) -> tuple[Type, int]:
    decimal = digits[:2].lower() not in ("0x", "0b")
    if decimal and len(digits) > 1 and digits[0] == "0":
        raise fail("E0102", span, text=text, why="a leading 0 makes it octal in C++", fix="remove the leading zeros")
    value = int(digits[:30], 10) if decimal else int(digits, 0)  # 30 digits are too many for any type
    if suffix in ("ul", "lu", "ull", "llu"):
        candidates = [Type.UINT64]
    elif suffix in ("l", "ll"):
        candidates = [Type.INT64]
    elif suffix == "":
        candidates = [Type.INT, Type.INT64] if decimal else [Type.INT, Type.INT64, Type.UINT64]
        if not decimal and Type.INT.high < value < 1 << 32:
            raise fail("E0102", span, text=text, why="its type in C++ is unsigned int", fix=f"write `{text}LL`")
    else:
        raise fail(
            "E0102",
            span,
            text=text,
            why=f"the suffix `{suffix}` gives a type that Anvil does not have",
            fix="use the suffix LL (int64_t) or ULL (uint64_t), or none",
        )
    for candidate in candidates:
        if value <= candidate.high:
            return candidate, value
    raise fail("E0102", span, text=text, why=f"it does not fit into {candidates[-1].value}", fix="use a smaller number")


def _finite(value: float, text: str, span: Span) -> float:
    if math.isinf(value):
        raise fail("E0102", span, text=text, why="it is too large for a double", fix="use a value below 1.8e308")
    return value
