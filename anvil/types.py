"""The scalar types of Anvil, their widths and their value ranges."""

from __future__ import annotations

import enum


class Type(enum.Enum):
    """A scalar type; the value is its spelling in Anvil and C++."""

    BOOL = "bool"
    INT = "int"
    INT64 = "int64_t"
    UINT64 = "uint64_t"
    DOUBLE = "double"
    VOID = "void"

    def __repr__(self) -> str:
        return self.name

    is_integer: bool
    """True for the integers proper; bool is not among them."""
    is_signed: bool
    bits: int
    low: int
    """Smallest value of an integer type or of bool."""
    high: int
    """Largest value of an integer type or of bool."""

    def __init__(self, spelling: str) -> None:
        self.is_integer = spelling in ("int", "int64_t", "uint64_t")
        self.is_signed = spelling in ("int", "int64_t")
        self.bits = {"bool": 1, "int": 32}.get(spelling, 64)
        self.low = -(1 << (self.bits - 1)) if self.is_signed else 0
        self.high = (1 << (self.bits - self.is_signed)) - 1

    def wrap(self, value: int) -> int:
        """`value` modulo 2^bits, in two's complement for the signed types ([int.wrap])."""
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.is_signed and value > self.high else value
