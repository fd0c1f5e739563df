"""The spelling of LLVM IR: types, constants, and a list of instructions under construction."""

from __future__ import annotations

import struct

from anvil.core import Const
from anvil.types import Type

LLVM_TYPE = {Type.BOOL: "i1", Type.INT: "i32", Type.INT64: "i64", Type.UINT64: "i64", Type.DOUBLE: "double"}

# What stands before the type of a parameter or result in the C calling convention.
EXTENSION = {Type.BOOL: "zeroext "}


def constant(const: Const) -> str:
    if isinstance(const.value, bool):
        return "true" if const.value else "false"
    return double(const.value) if isinstance(const.value, float) else str(const.value)


def double(value: float) -> str:
    """The bits: a decimal spelling would have to be exact."""
    return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"


class Instructions:
    """The body of one LLVM function. What follows a terminator is dropped until the next label: it is unreachable."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.declarations: dict[str, str] = {}  # by name, of all functions called that the module does not define
        self.block = "entry"
        self.open = True
        self._values = 0
        self._labels = 0

    def value(self, instruction: str) -> str:
        """Adds an instruction with a result and gives its name."""
        self._values += 1
        name = f"%t{self._values}"
        self.effect(f"{name} = {instruction}")
        return name

    def effect(self, instruction: str) -> None:
        if self.open:
            self.lines.append(f"  {instruction}")

    def call(self, result: str, name: str, params: list[str], args: list[str], attributes: str) -> str:
        """Calls a function of another module; the types tell its declaration."""
        self.declarations[name] = f"declare {result} @{name}({', '.join(params)}) {attributes}".rstrip()
        listed = ", ".join(f"{param.split()[0]} {arg}" for param, arg in zip(params, args, strict=True))
        return self.value(f"call {result.split()[-1]} @{name}({listed})")

    def new_label(self, hint: str) -> str:
        self._labels += 1
        return f"{hint}.{self._labels}"

    def label(self, name: str) -> None:
        """Starts a block; the one before runs into it if it is still open."""
        self.jump(name)
        self.lines.append(f"{name}:")
        self.block = name
        self.open = True

    def jump(self, label: str) -> None:
        self.effect(f"br label %{label}")
        self.open = False

    def branch(self, condition: str, then: str, otherwise: str) -> None:
        self.effect(f"br i1 {condition}, label %{then}, label %{otherwise}")
        self.open = False

    def result(self, type: str, value: str) -> None:
        self.effect(f"ret {type} {value}")
        self.open = False
