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

    @property
    def is_integer(self) -> bool:
        """True for the integers proper; bool is not among them."""
        return self in (Type.INT, Type.INT64, Type.UINT64)

    @property
    def is_signed(self) -> bool:
        return self in (Type.INT, Type.INT64)

    @property
    def bits(self) -> int:
        return {Type.BOOL: 1, Type.INT: 32}.get(self, 64)

    @property
    def low(self) -> int:
        """Smallest value of an integer type or of bool."""
        return -(1 << (self.bits - 1)) if self.is_signed else 0

    @property
    def high(self) -> int:
        """Largest value of an integer type or of bool."""
        return (1 << (self.bits - self.is_signed)) - 1

    def wrap(self, value: int) -> int:
        """`value` modulo 2^bits, in two's complement for the signed types ([int.wrap])."""
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.is_signed and value > self.high else value
